//! Events at rest. A log has millions of messages, and before its charge points can be rebuilt all of them must have been
//! read; so each chunk's events are packed into a few bytes each, charge point by charge point, and unpacked when the
//! turn of their charge point comes.
//!
//! What most messages say ([`fact`]) is packed with them, texts and samples too. What few messages say (settings,
//! profiles, notices, …) stays in a store without events: the home of the chunk's events.

mod bytes;
mod fact;
mod heading;
mod id;
mod sample;
#[cfg(test)]
mod tests;
mod unpack;

pub use heading::Heading;
pub use unpack::Batch;

use super::fact::Fact;
use super::store::{Event, Store};
use crate::term::Way;
use crate::time::MINUTE;
use bytes::Out;
use fact::Packable;
use heading::{Headed, Headings};
use std::ops::Range;
use std::sync::Arc;

/// A charge point's events in a chunk.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// The charge point, by the caller's number.
    pub charge_point: u32,
    /// How many events.
    pub events: u32,
    /// How many of them are messages, and not connections that open or close.
    pub messages: u32,
    /// Where they begin.
    start: u32,
}

/// The events of a chunk, at rest.
#[derive(Debug, Default)]
pub struct Packed {
    /// What few messages say.
    home: Store,
    headings: Vec<Headed>,
    samples: Vec<sample::Heading>,
    bytes: Box<[u8]>,
    runs: Box<[Run]>,
    /// Which source it is of.
    source: u32,
    /// Lines of the source before the chunk, where its events do not count them.
    lines_before: u64,
    span: Option<(i64, i64)>,
    minutes: Box<[i64]>,
}

impl Packed {
    /// The charge points' events.
    #[must_use]
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// How many events are messages.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.runs.iter().map(|run| u64::from(run.messages)).sum()
    }

    /// First and last log time.
    #[must_use]
    pub const fn span(&self) -> Option<(i64, i64)> {
        self.span
    }

    /// The minutes in which anything was logged, in order.
    #[must_use]
    pub fn minutes(&self) -> &[i64] {
        &self.minutes
    }

    /// Which source it is of.
    #[must_use]
    pub const fn source(&self) -> u32 {
        self.source
    }

    /// Places the chunk in its source.
    pub fn place(&mut self, source: u32, lines_before: u64) {
        self.source = source;
        self.lines_before = lines_before;
        for headed in &mut self.headings {
            headed.heading.source = source;
        }
    }

    /// What messages have in common, and how many of them.
    pub fn headings(&self) -> impl Iterator<Item = (&Heading, u64)> {
        self.headings.iter().map(|headed| (&headed.heading, headed.count))
    }

    /// The same, to be settled.
    pub fn headings_mut(&mut self) -> impl Iterator<Item = &mut Heading> {
        self.headings.iter_mut().map(|headed| &mut headed.heading)
    }
}

/// Numbers the charge points of a whole fleet, whichever thread meets them first.
#[derive(Debug, Default)]
pub struct Fleet {
    numbers: std::sync::Mutex<rustc_hash::FxHashMap<Arc<str>, u32>>,
}

impl Fleet {
    /// The numbers of these ids.
    fn number<'i>(&self, ids: impl Iterator<Item = &'i str>, numbers: &mut Vec<u32>) {
        let mut known = self.numbers.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for id in ids {
            let next = known.len() as u32;
            let number = match known.get(id) {
                Some(&number) => number,
                None => *known.entry(id.into()).or_insert(next),
            };
            numbers.push(number);
        }
    }

    /// The ids, by number.
    #[must_use]
    pub fn ids(self) -> Vec<Arc<str>> {
        let known = self.numbers.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut ids: Vec<(u32, Arc<str>)> = known.into_iter().map(|(id, number)| (number, id)).collect();
        ids.sort_unstable();
        ids.into_iter().map(|(_, id)| id).collect()
    }
}

/// Packs chunk after chunk. What it learns about one serves the next, and its memory is used again.
#[derive(Debug, Default)]
pub struct Packer {
    /// The fleet's numbers of the store's charge points.
    numbers: Vec<u32>,
    headings: Headings,
    samples: sample::Headings,
    out: Out,
    /// For each charge point of the store: the end of its events in `order`.
    ends: Vec<u32>,
    order: Vec<u32>,
}

impl Packer {
    /// Forgets the charge points: the next store numbers them anew.
    pub fn forget(&mut self) {
        self.numbers.clear();
    }

    /// Packs the events of a store, which is empty then but for its charge points and what it learned. `way` tells what the log says
    /// about the way of the event at an index.
    pub fn pack(&mut self, store: &mut Store, fleet: &Fleet, way: impl Fn(usize) -> Way) -> Packed {
        let known = self.numbers.len();
        if known < store.charge_points.len() {
            fleet.number(store.charge_points[known..].iter().map(String::as_str), &mut self.numbers);
        }
        self.sort(store);
        self.out.bytes.clear();
        let mut runs = Vec::new();
        let mut start = 0;
        for charge_point in 0..self.ends.len() {
            let end = self.ends[charge_point] as usize;
            if end > start {
                runs.push(self.run(store, self.numbers[charge_point], start..end, &way));
                start = end;
            }
        }
        let times = || store.events.iter().filter_map(|event| event.log_time);
        let mut minutes: Vec<i64> = times().map(|time| time.div_euclid(MINUTE)).collect();
        minutes.dedup();
        minutes.sort_unstable();
        minutes.dedup();
        Packed {
            span: times().min().zip(times().max()),
            minutes: minutes.as_slice().into(),
            source: store.events.first().map_or(0, |event| event.position.source),
            headings: self.headings.take(),
            samples: self.samples.take(),
            bytes: self.out.bytes.as_slice().into(),
            runs: runs.into(),
            lines_before: 0,
            home: store.take_home(),
        }
    }

    /// Brings the events of each charge point together, in their order.
    fn sort(&mut self, store: &Store) {
        self.ends.clear();
        self.ends.resize(store.charge_points.len(), 0);
        for event in &store.events {
            self.ends[event.charge_point as usize] += 1;
        }
        let mut sum = 0;
        for end in &mut self.ends {
            let count = *end;
            *end = sum;
            sum += count;
        }
        self.order.clear();
        self.order.resize(store.events.len(), 0);
        for (index, event) in store.events.iter().enumerate() {
            let end = &mut self.ends[event.charge_point as usize];
            self.order[*end as usize] = index as u32;
            *end += 1;
        }
    }
}

/// What stands in the first byte of an event.
mod mark {
    pub(super) const SAME_ID: u8 = 1;
    pub(super) const UUID: u8 = 1 << 1;
    pub(super) const NO_ID: u8 = 1 << 2;
    pub(super) const NO_TIME: u8 = 1 << 3;
    pub(super) const USUAL_CONTENT: u8 = 1 << 4;
    pub(super) const TEXTS: u8 = 1 << 5;
    pub(super) const COMMAND: u8 = 1 << 6;
    /// Something at home belongs to it, whose texts move with its own.
    pub(super) const HOME: u8 = 1 << 7;
}

/// What the event before it told, for the next one to build on.
#[derive(Debug, Default)]
struct Before {
    time: i64,
    byte: u64,
    line: u64,
    id: super::store::Text,
}

impl Packer {
    /// Packs the events of a charge point.
    fn run(&mut self, store: &Store, charge_point: u32, range: Range<usize>, way: &impl Fn(usize) -> Way) -> Run {
        let start = self.out.bytes.len() as u32;
        let events = range.len() as u32;
        let mut before = Before::default();
        let mut messages = 0;
        for place in range {
            let index = self.order[place] as usize;
            let event = &store.events[index];
            messages += u32::from(!event.kind.is_connection());
            self.event(store, event, way(index), &mut before);
        }
        Run { charge_point, events, messages, start }
    }

    fn event(&mut self, store: &Store, event: &Event, way: Way, before: &mut Before) {
        let place = self.headings.place(event, way);
        let out = &mut self.out;
        let id = store.text(event.id);
        let uuid = id.and_then(id::uuid);
        let same = id.is_some() && id == store.text(before.id);
        let usual = self.headings.content(place) == event.content;
        // The id comes first among the texts; where it was told later, it lies elsewhere.
        let own = event.id.is_some() && event.id.start == event.texts.start;
        let rest = event.texts.range().start + if own { event.id.length as usize } else { 0 }..event.texts.range().end;
        let mut marks = 0;
        for (told, mark) in [
            (same, mark::SAME_ID),
            (uuid.is_some() && !same, mark::UUID),
            (id.is_none(), mark::NO_ID),
            (event.log_time.is_none(), mark::NO_TIME),
            (usual, mark::USUAL_CONTENT),
            (!rest.is_empty(), mark::TEXTS),
            (event.command.is_some(), mark::COMMAND),
            (has_home(store, event), mark::HOME),
        ] {
            if told {
                marks |= mark;
            }
        }
        out.byte(marks);
        out.number(place as u64);
        out.time = before.time;
        if let Some(time) = event.log_time {
            out.near(time);
            before.time = time;
            out.time = time;
        }
        out.signed(event.position.byte.wrapping_sub(before.byte) as i64);
        out.signed(event.position.line.wrapping_sub(before.line) as i64);
        (before.byte, before.line) = (event.position.byte, event.position.line);
        match (same, uuid, id) {
            (true, ..) | (_, _, None) => {}
            (_, Some(uuid), _) => out.bytes.extend_from_slice(&uuid),
            (.., Some(id)) => {
                out.number(id.len() as u64);
                out.bytes.extend_from_slice(id.as_bytes());
            }
        }
        before.id = event.id;
        if !usual {
            out.bytes.extend_from_slice(&event.content.to_le_bytes());
        }
        if marks & mark::HOME != 0 {
            out.number(rest.start as u64);
        }
        // Texts move together: what tells where one lies tells it from where the rest begins.
        (out.base, out.end) = (rest.start as u32, rest.end as u32);
        if !rest.is_empty() {
            out.number(rest.len() as u64);
            out.bytes.extend_from_slice(&store.text.as_bytes()[rest.clone()]);
        }
        for text in [event.payload, event.action_text].into_iter().filter(|text| text.is_some()) {
            out.text(text.start, text.length);
        }
        if let Some(command) = event.command {
            out.number(u64::from(command.get()));
        }
        self.fact(store, event.fact);
    }

    fn fact(&mut self, store: &Store, fact: Fact) {
        let Self { out, samples, .. } = self;
        match fact {
            Fact::Boot(at) => store.boots[at as usize].put(out),
            Fact::Authorize(at) => store.authorizes[at as usize].put(out),
            Fact::TxStart(at) => store.starts[at as usize].put(out),
            Fact::Status(at) => store.statuses[at as usize].put(out),
            Fact::FirmwareRequest(at) => store.firmware_requests[at as usize].put(out),
            Fact::FirmwareStatus(at) => store.firmware_statuses[at as usize].put(out),
            Fact::ReservationUpdate(at) => store.reservation_updates[at as usize].put(out),
            Fact::Transfer(at) => store.transfers[at as usize].put(out),
            Fact::LogRequest(at) => store.log_requests[at as usize].put(out),
            Fact::LogStatus(at) => store.log_statuses[at as usize].put(out),
            Fact::Closing(at) => store.closings[at as usize].put(out),
            Fact::Answer(at) => store.answers[at as usize].put(out),
            Fact::Refusal(at) => store.refusals[at as usize].put(out),
            Fact::TxStop(at) => {
                let mut stop = store.stops[at as usize];
                let span = std::mem::take(&mut stop.samples);
                stop.put(out);
                out.number(u64::from(span.length));
                samples.put(store.samples(span), out);
            }
            Fact::TxEvent(at) => {
                let mut event = store.tx_events[at as usize];
                let span = std::mem::take(&mut event.samples);
                event.put(out);
                out.number(u64::from(span.length));
                samples.put(store.samples(span), out);
            }
            Fact::Meter(at) => {
                let mut meter = store.meters[at as usize];
                let span = std::mem::take(&mut meter.samples);
                meter.put(out);
                out.number(u64::from(span.length));
                samples.put(store.samples(span), out);
            }
            Fact::None | Fact::Bad => {}
            Fact::CostUpdate(at)
            | Fact::BatterySwap(at)
            | Fact::Settings(at)
            | Fact::Profiles(at)
            | Fact::ProfileClear(at)
            | Fact::Security(at)
            | Fact::Notify(at) => out.number(u64::from(at)),
        }
    }
}

/// Whether anything at home belongs to an event.
fn has_home(store: &Store, event: &Event) -> bool {
    event.command.is_some()
        || match event.fact {
            Fact::CostUpdate(_)
            | Fact::BatterySwap(_)
            | Fact::Settings(_)
            | Fact::Profiles(_)
            | Fact::ProfileClear(_)
            | Fact::Security(_)
            | Fact::Notify(_) => true,
            Fact::Answer(at) => store.answers[at as usize].settings.length > 0,
            Fact::TxEvent(at) => store.tx_events[at as usize].cost.is_some(),
            _ => false,
        }
}
