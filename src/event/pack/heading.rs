//! What many messages of a chunk have in common, kept once: who sent what, how that is known, and what had to be said.

use crate::event::fact::Fact;
use crate::event::store::Event;
use crate::flag::Flags;
use crate::message::{Action, Kind};
use crate::term::{Direction, DirectionSource, IdSource, Version, Way};
use rustc_hash::FxHashMap;

/// The common part of messages.
#[derive(Clone, Copy, Debug)]
pub struct Heading {
    /// Which source.
    pub source: u32,
    /// Where the charge point's id was found.
    pub charge_point_source: IdSource,
    /// What kind of message.
    pub kind: Kind,
    /// The way, in the words of the log.
    pub way: Way,
    /// Who sent it, if known.
    pub direction: Option<Direction>,
    /// How the direction is known.
    pub direction_source: DirectionSource,
    /// What had to be forgiven.
    pub flags: Flags,
    /// The action of a request.
    pub action: Action,
    /// The OCPP version, if the log or the message tells.
    pub version: Option<Version>,
    pub(super) soap: bool,
    pub(super) connection: Option<i32>,
    /// The fact's kind, by any fact of that kind.
    pub(super) fact: Fact,
    pub(super) has_payload: bool,
    pub(super) has_action_text: bool,
}

impl Heading {
    fn of(event: &Event) -> Self {
        Self {
            source: event.position.source,
            charge_point_source: event.charge_point_source,
            kind: event.kind,
            way: event.way,
            direction: event.direction,
            direction_source: event.direction_source,
            flags: event.flags,
            action: event.action,
            version: event.version,
            soap: event.soap,
            connection: event.connection,
            fact: event.fact.at(|_| 0),
            has_payload: event.payload.is_some(),
            has_action_text: event.action_text.is_some(),
        }
    }
}

/// A heading, how many messages have it, and the content of the first of them: answers that say nothing all say the
/// same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Headed {
    pub(super) heading: Heading,
    pub(super) content: u64,
    pub(super) count: u64,
}

/// All of a heading in numbers: two are alike if their keys are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Key(u128, Flags);

impl Key {
    #[inline]
    fn of(event: &Event) -> Self {
        let direction = |direction: Option<Direction>| direction.map_or(0, |direction| 1 + direction as u64);
        let way = match event.way {
            Way::Known(known) => direction(Some(known)),
            Way::Sent => 3,
            Way::Received => 4,
            Way::Unknown => 5,
        };
        let small = [
            (event.kind as u64, 4),
            (u64::from(event.fact.number()), 8),
            (way, 4),
            (direction(event.direction), 4),
            (event.direction_source as u64, 4),
            (event.charge_point_source as u64, 4),
            (event.version.map_or(0, |version| 1 + version as u64), 4),
            (u64::from(event.soap), 1),
            (u64::from(event.payload.is_some()), 1),
            (u64::from(event.action_text.is_some()), 1),
            (u64::from(event.connection.is_some()), 1),
            (event.action.number() as u64, 16),
        ];
        let words = small.into_iter().fold(0, |all, (word, bits)| all << bits | word);
        let connection = event.connection.unwrap_or_default() as u32;
        let places = u64::from(event.position.source) << 32 | u64::from(connection);
        Self(u128::from(words) << 64 | u128::from(places), event.flags)
    }
}

/// How many headings are found without hashing them.
const NEAR: usize = 64;

/// The headings of a chunk while it is packed.
#[derive(Debug)]
pub(super) struct Headings {
    list: Vec<Headed>,
    places: FxHashMap<Key, u32>,
    near: [(Key, u32); NEAR],
}

impl Default for Headings {
    fn default() -> Self {
        Self { list: Vec::new(), places: FxHashMap::default(), near: [(Key::default(), 0); NEAR] }
    }
}

impl Headings {
    /// The place of an event's heading.
    #[inline]
    pub(super) fn place(&mut self, event: &Event) -> usize {
        let key = Key::of(event);
        let slot = (event.action.number() * 8 + event.kind as usize) % NEAR;
        let (near, place) = self.near[slot];
        // No event has the key of an empty slot: each has a way.
        let place = if near == key { place } else { self.far(key, slot, event) };
        let headed = &mut self.list[place as usize];
        headed.count += 1;
        place as usize
    }

    #[cold]
    fn far(&mut self, key: Key, slot: usize, event: &Event) -> u32 {
        let list = &mut self.list;
        let place = *self.places.entry(key).or_insert_with(|| {
            list.push(Headed { heading: Heading::of(event), content: event.content, count: 0 });
            (list.len() - 1) as u32
        });
        self.near[slot] = (key, place);
        place
    }

    pub(super) fn content(&self, place: usize) -> u64 {
        self.list[place].content
    }

    /// The list, and an empty one for the next chunk.
    pub(super) fn take(&mut self) -> Vec<Headed> {
        self.places.clear();
        self.near = [(Key::default(), 0); NEAR];
        let list = self.list.as_slice().into();
        self.list.clear();
        list
    }
}
