//! Packed events back to events.

use super::bytes::In;
use super::fact::Packable;
use super::{Packed, Place, Start, mark, sample};
use crate::event::fact::{Fact, Meter, TxEvent, TxStop};
use crate::event::id::{Id, Uuid};
use crate::event::meter::{Sample, Span};
use crate::event::store::{Event, Store, Text, View, put};
use crate::position::Position;
use std::num::NonZeroU32;
use std::ops::Range;

/// Where ids lie is told by 32 bits, so events whose ids take more than this go into a store of their own. Those of a run take
/// far less than what is left above.
const MOST_TEXT: usize = if cfg!(test) { 1 << 10 } else { 1 << 31 };

/// The events of some charge points, unpacked.
#[derive(Debug, Default)]
pub struct Batch<'p> {
    /// The one that is filled.
    store: Store,
    /// Those that are full.
    full: Vec<Store>,
    parts: Vec<Part<'p>>,
    /// How many charge points were begun.
    begun: usize,
}

/// The events of a run.
#[derive(Debug)]
struct Part<'p> {
    /// Which charge point's they are, by the order in which those were begun.
    charge_point: usize,
    /// Where their texts are at home, and what few of them say.
    home: &'p Store,
    /// Which store they are in: of the full ones, or else the last one.
    store: usize,
    events: Range<usize>,
}

/// What the event before told, for the next one to build on.
#[derive(Clone, Copy)]
struct Before {
    time: i64,
    byte: u64,
    line: u64,
    /// Where the texts of the next event begin.
    texts: u32,
    /// The last id.
    id: Id,
}

impl<'p> Batch<'p> {
    /// An empty batch that uses the memory of another one.
    #[must_use]
    pub fn reuse(batch: Batch<'_>) -> Self {
        let mut store = batch.store;
        store.clear();
        store.charge_points.clear();
        Self { store, ..Self::default() }
    }

    /// All events of a chunk, of charge points without a name.
    #[must_use]
    pub fn of(packed: &'p Packed) -> Self {
        let mut batch = Self::default();
        batch.begin("");
        for run in packed.runs() {
            batch.add(packed, run.place);
        }
        batch
    }

    /// Begins the events of a charge point.
    pub fn begin(&mut self, charge_point: &str) {
        self.store.charge_points.push(charge_point.to_owned());
        self.begun += 1;
    }

    /// Adds the events of a run to the charge point that was begun last.
    pub fn add(&mut self, packed: &'p Packed, place: Place) {
        if self.store.text_bytes() > MOST_TEXT {
            let charge_point = self.store.charge_points.last().cloned().unwrap_or_default();
            self.full.push(std::mem::take(&mut self.store));
            self.store.charge_points.push(charge_point);
        }
        let first = self.store.events.len();
        let (start, mut input) = Start::read(packed, place);
        self.store.events.reserve(start.events as usize);
        let mut before = Before { time: 0, byte: 0, line: 0, texts: start.texts, id: Id::None };
        for _ in 0..start.events {
            before = self.event(packed, &mut input, before);
        }
        let events = first..self.store.events.len();
        self.parts.push(Part { charge_point: self.begun, home: &packed.home, store: self.full.len(), events });
    }

    /// The events of each charge point that was begun and has some, in the order in which they were added.
    #[must_use]
    pub fn tracks(&self) -> Vec<Vec<View<'_>>> {
        let mut tracks = Vec::new();
        for parts in self.parts.chunk_by(|one, other| one.charge_point == other.charge_point) {
            let mut track = Vec::with_capacity(parts.iter().map(|part| part.events.len()).sum());
            for part in parts {
                track.extend(self.views_of(part));
            }
            tracks.push(track);
        }
        tracks
    }

    /// The events, in the order in which they were added.
    pub fn views(&self) -> impl Iterator<Item = View<'_>> {
        self.parts.iter().flat_map(|part| self.views_of(part))
    }

    fn views_of(&self, part: &Part<'p>) -> impl Iterator<Item = View<'_>> {
        let store = self.full.get(part.store).unwrap_or(&self.store);
        let home = part.home;
        store.events[part.events.clone()].iter().map(move |event| View { store, home, event })
    }

    #[inline]
    fn event(&mut self, packed: &Packed, input: &mut In<'_>, mut before: Before) -> Before {
        let marks = input.byte();
        let has = |mark: u8| marks & mark != 0;
        let Some(headed) = packed.headings.get(input.number() as usize) else { return before };
        let heading = &headed.heading;
        input.time = before.time;
        let log_time = (!has(mark::NO_TIME)).then(|| input.near());
        if let Some(time) = log_time {
            before.time = time;
            input.time = time;
        }
        before.byte = before.byte.wrapping_add(input.signed() as u64);
        before.line = before.line.wrapping_add(input.signed() as u64);
        let store = &mut self.store;
        if has(mark::UUID) {
            before.id = Id::Uuid(Uuid::from_words([input.word(), input.word()]));
        } else if !has(mark::SAME_ID) && !has(mark::NO_ID) {
            let length = input.number() as usize;
            before.id = Id::Text(store.keep(text(input.slice(length))));
        }
        let content = if has(mark::USUAL_CONTENT) { headed.content } else { input.word() };
        // What few messages say tells where texts lay; all others tell where they lie now.
        let moved = if has(mark::HOME) { before.texts.wrapping_sub(input.number() as u32) } else { 0 };
        input.base = before.texts.wrapping_sub(moved);
        let length = if has(mark::TEXTS) { input.number() as u32 } else { 0 };
        let texts = Span { start: before.texts, length };
        before.texts += length;
        let mut kept = |told: bool| {
            if !told {
                return Text::NONE;
            }
            let start = (input.number() as u32).wrapping_add(input.base);
            Text { start, length: input.number() as u32 }
        };
        let (payload, action_text) = (kept(heading.has_payload), kept(heading.has_action_text));
        let command = if has(mark::COMMAND) { NonZeroU32::new(input.number() as u32) } else { None };
        let id = if has(mark::NO_ID) { Id::None } else { before.id };
        let fact = store.fact(packed, heading.fact, input);
        store.events.push(Event {
            charge_point: (store.charge_points.len() - 1) as u32,
            charge_point_source: heading.charge_point_source,
            log_time,
            position: Position {
                source: heading.source,
                byte: before.byte,
                line: before.line.wrapping_add(packed.lines_before),
            },
            kind: heading.kind,
            way: heading.way,
            direction: heading.direction,
            direction_source: heading.direction_source,
            version: heading.version,
            soap: heading.soap,
            connection: heading.connection,
            action: heading.action,
            action_text,
            id,
            payload,
            content,
            flags: heading.flags,
            fact,
            command,
            texts,
            moved,
        });
        before
    }
}

fn text(bytes: &[u8]) -> &str {
    // They were texts when they were packed.
    std::str::from_utf8(bytes).unwrap_or_default()
}

impl Store {
    fn fact(&mut self, packed: &Packed, kind: Fact, input: &mut In<'_>) -> Fact {
        macro_rules! of {
            ($list:ident) => {{
                let fact = Packable::get(input);
                put(&mut self.$list, fact)
            }};
        }
        let samples = &mut self.samples;
        let mut span = |input: &mut In<'_>| span(packed, input, samples);
        kind.at(|_| match kind {
            Fact::Boot(_) => of!(boots),
            Fact::Authorize(_) => of!(authorizes),
            Fact::TxStart(_) => of!(starts),
            Fact::Status(_) => of!(statuses),
            Fact::FirmwareRequest(_) => of!(firmware_requests),
            Fact::FirmwareStatus(_) => of!(firmware_statuses),
            Fact::ReservationUpdate(_) => of!(reservation_updates),
            Fact::Transfer(_) => of!(transfers),
            Fact::LogRequest(_) => of!(log_requests),
            Fact::LogStatus(_) => of!(log_statuses),
            Fact::Closing(_) => of!(closings),
            Fact::Answer(_) => of!(answers),
            Fact::Refusal(_) => of!(refusals),
            Fact::TxStop(_) => {
                let stop = TxStop::get(input);
                put(&mut self.stops, TxStop { samples: span(input), ..stop })
            }
            Fact::TxEvent(_) => {
                let event = TxEvent::get(input);
                put(&mut self.tx_events, TxEvent { samples: span(input), ..event })
            }
            Fact::Meter(_) => {
                let meter = Meter::get(input);
                put(&mut self.meters, Meter { samples: span(input), ..meter })
            }
            _ => input.number() as u32,
        })
    }
}

fn span(packed: &Packed, input: &mut In<'_>, samples: &mut Vec<Sample>) -> Span {
    let start = samples.len() as u32;
    let length = input.number() as u32;
    sample::get(&packed.samples, length, input, samples);
    Span { start, length }
}
