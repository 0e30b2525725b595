//! Events to bytes.

use super::bytes::Out;
use super::fact::Packable;
use super::heading::Headings;
use super::{Fleet, Packed, Place, Run, Start, mark, sample};
use crate::event::fact::Fact;
use crate::event::id::Id;
use crate::event::store::{Event, Store};
use crate::time::MINUTE;
use std::hint::black_box;
use std::ops::Range;

/// Packs chunk after chunk. What it learns about one serves the next, and its memory is used again.
#[derive(Debug, Default)]
pub struct Packer {
    /// The fleet's numbers of the store's charge points.
    numbers: Vec<u32>,
    headings: Headings,
    samples: sample::Headings,
    out: Out,
    /// The texts of the events but for their ids, in the order in which they are packed.
    texts: String,
    /// For each charge point of the store: the end of its events in `order`.
    ends: Vec<u32>,
    order: Vec<u32>,
}

impl Packer {
    /// Forgets the charge points: the next store numbers them anew.
    pub fn forget(&mut self) {
        self.numbers.clear();
    }

    /// Packs the events of a store, which is empty then but for its charge points and what it learned.
    pub fn pack(&mut self, store: &mut Store, fleet: &Fleet) -> Packed {
        let known = self.numbers.len();
        if known < store.charge_points.len() {
            fleet.number(store.charge_points[known..].iter().map(String::as_str), &mut self.numbers);
        }
        let (span, minutes) = self.sort(store);
        self.out.clear();
        self.texts.clear();
        let mut messages = 0;
        let mut runs = Vec::new();
        let mut start = 0;
        for charge_point in 0..self.ends.len() {
            let end = self.ends[charge_point] as usize;
            if end > start {
                runs.push(Run {
                    charge_point: self.numbers[charge_point],
                    events: (end - start) as u32,
                    place: Place(self.out.length() as u32),
                });
                messages += self.run(store, start..end);
                start = end;
            }
        }
        let source = store.events.first().map_or(0, |event| event.position.source);
        let mut home = store.take_home();
        home.text.push_str(&self.texts);
        runs.shrink_to_fit();
        Packed {
            span,
            minutes,
            source,
            headings: self.headings.take(),
            samples: self.samples.take(),
            bytes: self.out.padded(),
            runs,
            messages,
            lines_before: 0,
            home,
        }
    }

    /// Brings the events of each charge point together, in their order; tells their first and last time and the minutes in which
    /// there was any.
    fn sort(&mut self, store: &Store) -> (Option<(i64, i64)>, Box<[i64]>) {
        self.ends.clear();
        self.ends.resize(store.charge_points.len(), 0);
        let mut span: Option<(i64, i64)> = None;
        let mut minutes: Vec<i64> = Vec::new();
        let mut minute = 0..0;
        for event in &store.events {
            self.ends[event.charge_point as usize] += 1;
            if let Some(time) = event.log_time {
                span = Some(span.map_or((time, time), |(first, last)| (first.min(time), last.max(time))));
                // Most are of the same minute as the one before.
                if !minute.contains(&time) {
                    let number = time.div_euclid(MINUTE);
                    minutes.push(number);
                    minute = number.saturating_mul(MINUTE)..(number + 1).saturating_mul(MINUTE);
                }
            }
        }
        minutes.sort_unstable();
        minutes.dedup();
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
        (span, minutes.into())
    }
}

/// What the event before it told, for the next one to build on.
#[derive(Debug, Default)]
struct Before {
    time: i64,
    byte: u64,
    line: u64,
    id: Id,
}

impl Packer {
    /// Packs the events of a charge point, and tells how many of them are messages.
    fn run(&mut self, store: &Store, range: Range<usize>) -> u64 {
        let events = self.order[range.clone()].iter().map(|&index| &store.events[index as usize]);
        let messages = events.filter(|event| !event.kind.is_connection()).count();
        let start = Start { events: range.len() as u32, messages: messages as u32, texts: self.texts.len() as u32 };
        start.write(&mut self.out);
        let mut before = Before::default();
        for place in range {
            // The events of a charge point lie far from each other: the one after the next is fetched meanwhile.
            if let Some(&ahead) = self.order.get(place + AHEAD) {
                black_box(touch(store, ahead as usize));
            }
            self.event(store, &store.events[self.order[place] as usize], &mut before);
        }
        messages as u64
    }

    fn event(&mut self, store: &Store, event: &Event, before: &mut Before) {
        let place = self.headings.place(event);
        let out = &mut self.out;
        let same = match (event.id, before.id) {
            (Id::Text(one), Id::Text(other)) => store.text(one) == store.text(other),
            (one, other) => one == other && one != Id::None,
        };
        let usual = self.headings.content(place) == event.content;
        // An id that is a text comes first among the texts; where it was told later, it lies elsewhere.
        let mut rest = event.texts.range();
        if let Id::Text(id) = event.id
            && id.start == event.texts.start
        {
            rest.start += id.length as usize;
        }
        let mut marks = 0;
        for (told, mark) in [
            (same, mark::SAME_ID),
            (!same && matches!(event.id, Id::Uuid(_)), mark::UUID),
            (event.id == Id::None, mark::NO_ID),
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
        match event.id {
            Id::Uuid(uuid) if !same => uuid.words().into_iter().for_each(|word| out.word(word)),
            Id::Text(id) if !same => {
                out.number(u64::from(id.length));
                out.slice(store.text(id).unwrap_or_default().as_bytes());
            }
            _ => {}
        }
        before.id = event.id;
        if !usual {
            out.word(event.content);
        }
        if marks & mark::HOME != 0 {
            out.number(rest.start as u64);
        }
        // Texts move together: what tells where one lies tells it from where the rest begins.
        (out.base, out.end) = (rest.start as u32, rest.end as u32);
        if !rest.is_empty() {
            out.number(rest.len() as u64);
            self.texts.push_str(store.text.get(rest.clone()).unwrap_or_default());
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

/// How far ahead events are fetched.
const AHEAD: usize = 3;

/// Touches an event at its beginning and its end.
#[inline]
fn touch(store: &Store, index: usize) -> u64 {
    store.events.get(index).map_or(0, |event| event.content ^ event.position.byte ^ u64::from(event.texts.length))
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
