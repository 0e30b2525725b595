//! Events at rest. A log has millions of messages, and before its charge points can be rebuilt all of them must have been
//! read; so each chunk's events are packed into a few bytes each, charge point by charge point, and unpacked when the
//! turn of their charge point comes.
//!
//! What most messages say ([`fact`]) is packed with them, samples too. Their texts and what few messages say (settings,
//! profiles, notices, …) stay in a store without events: the home of the chunk's events.

mod bytes;
mod fact;
mod heading;
mod packer;
mod sample;
#[cfg(test)]
mod tests;
mod unpack;

pub use heading::Heading;
pub use packer::Packer;
pub use unpack::Batch;

use super::store::Store;
use heading::Headed;
use std::sync::Arc;

/// A charge point's events in a chunk.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// The charge point, by the caller's number.
    pub charge_point: u32,
    /// How many events.
    pub events: u32,
    /// Where they are.
    pub place: Place,
}

/// Where a run begins in its chunk. How many events it has stands there, too.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place(u32);

/// The events of a chunk, at rest.
#[derive(Debug, Default)]
pub struct Packed {
    /// The texts, and what few messages say.
    home: Store,
    headings: Vec<Headed>,
    samples: Vec<sample::Heading>,
    bytes: Box<[u8]>,
    runs: Vec<Run>,
    messages: u64,
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

    /// The same, for the caller to keep.
    pub fn take_runs(&mut self) -> Vec<Run> {
        std::mem::take(&mut self.runs)
    }

    /// How many events of a run are messages, not connections that open or close.
    #[must_use]
    pub fn messages_of(&self, place: Place) -> u32 {
        Start::read(self, place).0.messages
    }

    /// Touches the bytes of a run, if it is no long one, so that the processor has them when its turn comes.
    #[inline]
    #[must_use]
    pub fn touch(&self, place: Place) -> u8 {
        // The processor fetches 64 bytes at a time; a run of a few messages has some hundred.
        let touched = [0, 64, 128].map(|more| self.bytes.get(place.0 as usize + more).copied().unwrap_or_default());
        touched[0] ^ touched[1] ^ touched[2]
    }

    /// How many events are messages.
    #[must_use]
    pub const fn messages(&self) -> u64 {
        self.messages
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

/// What stands before the events of a run.
struct Start {
    events: u32,
    messages: u32,
    /// Where their texts begin.
    texts: u32,
}

impl Start {
    fn write(&self, out: &mut bytes::Out) {
        out.number(u64::from(self.events));
        out.number(u64::from(self.events - self.messages));
        out.number(u64::from(self.texts));
    }

    /// Reads it, and stands before the first event then.
    #[inline]
    fn read(packed: &Packed, place: Place) -> (Self, bytes::In<'_>) {
        let mut input = bytes::In { bytes: &packed.bytes, at: place.0 as usize, base: 0, time: 0 };
        let events = input.number() as u32;
        let messages = events - input.number() as u32;
        (Self { events, messages, texts: input.number() as u32 }, input)
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

/// What stands in the first byte of an event.
mod mark {
    pub(super) const SAME_ID: u8 = 1;
    pub(super) const UUID: u8 = 1 << 1;
    pub(super) const NO_ID: u8 = 1 << 2;
    pub(super) const NO_TIME: u8 = 1 << 3;
    pub(super) const USUAL_CONTENT: u8 = 1 << 4;
    pub(super) const TEXTS: u8 = 1 << 5;
    pub(super) const COMMAND: u8 = 1 << 6;
    /// What few messages say belongs to it, which tells where its texts lay before.
    pub(super) const HOME: u8 = 1 << 7;
}
