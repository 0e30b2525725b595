//! Sampled values as bytes. Charge points send the same few again and again, so all but value and time is kept once a
//! chunk, and the next one is mostly the one that followed last time.

use super::bytes::{In, Out, decimal, from_decimal, with_decimals};
use crate::event::meter::Sample;
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

/// A sample without its value and time, and how those are kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heading {
    sample: Sample,
    value: Value,
    when: When,
}

/// All of a heading in a number: two are alike if their keys are.
fn key(sample: &Sample, value: Value, when: When) -> u128 {
    let names = [sample.measurand, sample.phase, sample.location, sample.context, sample.unit, sample.unit_raw];
    let names = names.into_iter().fold(0, |all, name| all << 16 | name.number() as u128);
    let value = match value {
        Value::None => 0,
        Value::Whole => 1,
        Value::Decimal(decimals) => 2 + u32::from(decimals),
    };
    let told = u32::from(sample.is_signed) | u32::from(sample.raw.is_some()) << 1 | (when as u32) << 2 | value << 4;
    names << 32 | u128::from(told << 16 | u32::from(sample.marks.bits()))
}

impl Heading {
    /// The number that stands for a sample's value, if this is its heading, its time that of the sample before, and its value
    /// a short decimal: what most samples are.
    #[inline]
    fn short(&self, sample: &Sample, time: i64) -> Option<i64> {
        let own = &self.sample;
        let same = self.when == When::Same
            && sample.time == Some(time)
            && own.is_like(sample)
            && own.marks == sample.marks
            && !own.raw.is_some()
            && !sample.raw.is_some();
        match (same, self.value, sample.value) {
            (true, Value::Decimal(decimals), Some(value)) => with_decimals(value, decimals),
            _ => None,
        }
    }
}

/// The headings of a chunk while it is packed.
#[derive(Debug, Default)]
pub(super) struct Headings {
    list: Vec<Heading>,
    /// What followed each of them last.
    next: Vec<u32>,
    places: FxHashMap<u128, u32>,
    last: u32,
}

impl Headings {
    /// Writes samples that follow each other.
    pub(super) fn put(&mut self, samples: &[Sample], out: &mut Out) {
        for sample in samples {
            let expected = self.expected();
            let short = self.list.get(expected as usize).and_then(|heading| heading.short(sample, out.time));
            if let Some(number) = short {
                self.last = expected;
                out.number(u64::from(expected));
                out.signed(number);
            } else {
                self.long(sample, out);
            }
        }
    }

    /// The heading that followed the last one the last time.
    #[inline]
    fn expected(&self) -> u32 {
        self.next.get(self.last as usize).copied().unwrap_or_default()
    }

    #[inline(never)]
    fn long(&mut self, sample: &Sample, out: &mut Out) {
        let (value, number) = self.value(sample.value);
        let when = match sample.time {
            None => When::None,
            Some(time) if time == out.time => When::Same,
            Some(_) => When::Near,
        };
        out.number(u64::from(self.place(sample, value, when)));
        match value {
            Value::None => {}
            Value::Decimal(_) => out.signed(number),
            Value::Whole => out.word(number as u64),
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

    /// How a value is kept, and as what: with as many decimals as its like the last time, if that will do.
    fn value(&self, value: Option<f64>) -> (Value, i64) {
        let Some(value) = value else { return (Value::None, 0) };
        if let Some(Heading { value: Value::Decimal(decimals), .. }) = self.list.get(self.expected() as usize)
            && let Some(number) = with_decimals(value, *decimals)
        {
            return (Value::Decimal(*decimals), number);
        }
        decimal(value)
            .map_or((Value::Whole, value.to_bits() as i64), |(decimals, number)| (Value::Decimal(decimals), number))
    }

    fn place(&mut self, sample: &Sample, value: Value, when: When) -> u32 {
        let Self { list, next, places, last } = self;
        let place = *places.entry(key(sample, value, when)).or_insert_with(|| {
            list.push(Heading { sample: *sample, value, when });
            next.push(0);
            (list.len() - 1) as u32
        });
        if let Some(next) = next.get_mut(*last as usize) {
            *next = place;
        }
        *last = place;
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
}

/// Reads so many samples.
pub(super) fn get(headings: &[Heading], count: u32, input: &mut In<'_>, samples: &mut Vec<Sample>) {
    let Some(first) = headings.first() else { return };
    // There is a heading for each, as they were written together; so many samples at once need no look at the list's room.
    samples.extend((0..count).map(|_| headings.get(input.number() as usize).unwrap_or(first).read(input)));
}

impl Heading {
    #[inline]
    fn read(&self, input: &mut In<'_>) -> Sample {
        let value = match self.value {
            Value::None => None,
            Value::Decimal(decimals) => Some(from_decimal(decimals, input.signed())),
            Value::Whole => Some(f64::from_bits(input.word())),
        };
        let time = match self.when {
            When::None => None,
            When::Same => Some(input.time),
            When::Near => {
                input.time = input.near();
                Some(input.time)
            }
        };
        let raw = if self.sample.raw.is_some() {
            let start = (input.number() as u32).wrapping_add(input.base);
            Text { start, length: input.number() as u32 }
        } else {
            Text::NONE
        };
        Sample { time, value, raw, ..self.sample }
    }
}
