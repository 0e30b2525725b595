//! Sampled values as bytes. Charge points send the same few again and again, so all but value and time is kept once a
//! chunk, and the next one is mostly the one that followed last time.

use super::bytes::{In, Out, decimal, from_decimal};
use crate::event::meter::{Marks, Name, Sample};
use crate::event::store::Text;
use rustc_hash::FxHashMap;

/// How a value is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Value {
    None,
    /// With so many decimals.
    Decimal(u8),
    Whole,
}

/// How a time is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum When {
    None,
    /// That of the sample before; of the first one, that of the message.
    Same,
    Near,
}

/// A sample without its value and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Heading {
    measurand: Name,
    phase: Name,
    location: Name,
    context: Name,
    unit: Name,
    unit_raw: Name,
    is_signed: bool,
    marks: Marks,
    has_raw: bool,
    value: Value,
    when: When,
}

/// The headings of a chunk while it is packed.
#[derive(Debug, Default)]
pub(super) struct Headings {
    list: Vec<Heading>,
    /// What followed each of them last.
    next: Vec<u32>,
    places: FxHashMap<Heading, u32>,
    last: u32,
}

impl Headings {
    fn place(&mut self, heading: Heading) -> u32 {
        let expected = self.next.get(self.last as usize).copied().unwrap_or_default();
        let place = if self.list.get(expected as usize) == Some(&heading) {
            expected
        } else {
            let list = &mut self.list;
            let next = &mut self.next;
            let place = *self.places.entry(heading).or_insert_with(|| {
                list.push(heading);
                next.push(0);
                (list.len() - 1) as u32
            });
            if let Some(next) = self.next.get_mut(self.last as usize) {
                *next = place;
            }
            place
        };
        self.last = place;
        place
    }

    /// The list, and an empty one for the next chunk.
    pub(super) fn take(&mut self) -> Vec<Heading> {
        self.next.clear();
        self.places.clear();
        self.last = 0;
        let list = self.list.as_slice().into();
        self.list.clear();
        list
    }

    /// Writes samples that follow each other.
    pub(super) fn put(&mut self, samples: &[Sample], out: &mut Out) {
        for sample in samples {
            let (value, number) = match sample.value.map(|value| (value, decimal(value))) {
                None => (Value::None, 0),
                Some((_, Some((decimals, number)))) => (Value::Decimal(decimals), number),
                Some((value, None)) => (Value::Whole, value.to_bits() as i64),
            };
            let when = match sample.time {
                None => When::None,
                Some(time) if time == out.time => When::Same,
                Some(_) => When::Near,
            };
            let heading = Heading {
                measurand: sample.measurand,
                phase: sample.phase,
                location: sample.location,
                context: sample.context,
                unit: sample.unit,
                unit_raw: sample.unit_raw,
                is_signed: sample.is_signed,
                marks: sample.marks,
                has_raw: sample.raw.is_some(),
                value,
                when,
            };
            out.number(u64::from(self.place(heading)));
            match value {
                Value::None => {}
                Value::Decimal(_) => out.signed(number),
                Value::Whole => out.bytes.extend_from_slice(&number.to_le_bytes()),
            }
            if when == When::Near {
                let time = sample.time.unwrap_or_default();
                out.near(time);
                out.time = time;
            }
            if sample.raw.is_some() {
                out.text(sample.raw.start, sample.raw.length);
            }
        }
    }
}

/// Reads so many samples.
pub(super) fn get(headings: &[Heading], count: u32, input: &mut In<'_>, samples: &mut Vec<Sample>) {
    for _ in 0..count {
        let Some(heading) = headings.get(input.number() as usize) else { return };
        let value = match heading.value {
            Value::None => None,
            Value::Decimal(decimals) => Some(from_decimal(decimals, input.signed())),
            Value::Whole => Some(f64::from_le_bytes(input.slice(8).try_into().unwrap_or_default())),
        };
        let time = match heading.when {
            When::None => None,
            When::Same => Some(input.time),
            When::Near => {
                input.time = input.near();
                Some(input.time)
            }
        };
        let raw = if heading.has_raw {
            let start = (input.number() as u32).wrapping_add(input.base);
            Text { start, length: input.number() as u32 }
        } else {
            Text::NONE
        };
        samples.push(Sample {
            time,
            value,
            raw,
            measurand: heading.measurand,
            phase: heading.phase,
            location: heading.location,
            context: heading.context,
            unit: heading.unit,
            unit_raw: heading.unit_raw,
            is_signed: heading.is_signed,
            marks: heading.marks,
        });
    }
}
