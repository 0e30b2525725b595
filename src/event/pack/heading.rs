//! What many messages of a chunk have in common, kept once: who sent what, how that is known, and what had to be said.

use crate::event::fact::Fact;
use crate::event::store::Event;
use crate::flag::Flags;
use crate::message::{Action, Kind};
use crate::term::{Direction, DirectionSource, IdSource, Version, Way};
use rustc_hash::FxHashMap;
use std::mem::discriminant;

/// The common part of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    /// Whether it is the heading of an event.
    #[inline]
    fn is_of(&self, event: &Event, way: Way) -> bool {
        self.action == event.action
            && self.kind == event.kind
            && self.flags == event.flags
            && discriminant(&self.fact) == discriminant(&event.fact)
            && self.way == way
            && self.direction == event.direction
            && self.direction_source == event.direction_source
            && self.charge_point_source == event.charge_point_source
            && self.version == event.version
            && self.source == event.position.source
            && self.soap == event.soap
            && self.connection == event.connection
            && self.has_payload == event.payload.is_some()
            && self.has_action_text == event.action_text.is_some()
    }

    fn of(event: &Event, way: Way) -> Self {
        Self {
            source: event.position.source,
            charge_point_source: event.charge_point_source,
            kind: event.kind,
            way,
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

/// How many headings are found without hashing them whole.
const NEAR: usize = 64;

/// The headings of a chunk while it is packed.
#[derive(Debug)]
pub(super) struct Headings {
    list: Vec<Headed>,
    places: FxHashMap<Heading, u32>,
    near: [u32; NEAR],
}

impl Default for Headings {
    fn default() -> Self {
        Self { list: Vec::new(), places: FxHashMap::default(), near: [0; NEAR] }
    }
}

impl Headings {
    /// The place of an event's heading.
    pub(super) fn place(&mut self, event: &Event, way: Way) -> usize {
        let slot = (event.action.number() * 8 + event.kind as usize) % NEAR;
        let near = self.near[slot] as usize;
        let place = if self.list.get(near).is_some_and(|headed| headed.heading.is_of(event, way)) {
            near
        } else {
            let heading = Heading::of(event, way);
            let list = &mut self.list;
            let place = *self.places.entry(heading).or_insert_with(|| {
                list.push(Headed { heading, content: event.content, count: 0 });
                (list.len() - 1) as u32
            });
            self.near[slot] = place;
            place as usize
        };
        self.list[place].count += 1;
        place
    }

    pub(super) fn content(&self, place: usize) -> u64 {
        self.list[place].content
    }

    /// The list, and an empty one for the next chunk.
    pub(super) fn take(&mut self) -> Vec<Headed> {
        self.places.clear();
        let list = self.list.as_slice().into();
        self.list.clear();
        list
    }
}
