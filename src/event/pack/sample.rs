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
#[inline]
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

/// The headings of a chunk while it is packed.
#[derive(Debug, Default)]
pub(super) struct Headings {
    list: Vec<Heading>,
    /// Their keys, and what followed each of them last.
    keys: Vec<(u128, u32)>,
    places: FxHashMap<u128, u32>,
    last: u32,
}

impl Headings {
    #[inline]
    fn place(&mut self, sample: &Sample, value: Value, when: When) -> u32 {
        let key = key(sample, value, when);
        let expected = self.keys.get(self.last as usize).map_or(0, |&(_, next)| next);
        let place = match self.keys.get(expected as usize) {
            Some(&(known, _)) if known == key => expected,
            _ => self.far(key, Heading { sample: *sample, value, when }),
        };
        self.last = place;
        place
    }

    fn far(&mut self, key: u128, heading: Heading) -> u32 {
        let Self { list, keys, places, last } = self;
        let place = *places.entry(key).or_insert_with(|| {
            list.push(heading);
            keys.push((key, 0));
            (list.len() - 1) as u32
        });
        if let Some((_, next)) = keys.get_mut(*last as usize) {
            *next = place;
        }
        place
    }

    /// The list, and an empty one for the next chunk.
    pub(super) fn take(&mut self) -> Vec<Heading> {
        self.keys.clear();
        self.places.clear();
        self.last = 0;
        let list = self.list.as_slice().into();
        self.list.clear();
        list
    }

    /// How a value is kept, and as what: with as many decimals as its like the last time, if that will do.
    #[inline]
    fn value(&self, value: Option<f64>) -> (Value, i64) {
        let Some(value) = value else { return (Value::None, 0) };
        let expected = self.keys.get(self.last as usize).and_then(|&(_, next)| self.list.get(next as usize));
        if let Some(Heading { value: Value::Decimal(decimals), .. }) = expected
            && let Some(number) = with_decimals(value, *decimals)
        {
            return (Value::Decimal(*decimals), number);
        }
        decimal(value)
            .map_or((Value::Whole, value.to_bits() as i64), |(decimals, number)| (Value::Decimal(decimals), number))
    }

    /// Writes samples that follow each other.
    pub(super) fn put(&mut self, samples: &[Sample], out: &mut Out) {
        for sample in samples {
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
    samples.reserve(count as usize);
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
        let raw = if heading.sample.raw.is_some() {
            let start = (input.number() as u32).wrapping_add(input.base);
            Text { start, length: input.number() as u32 }
        } else {
            Text::NONE
        };
        samples.push(Sample { time, value, raw, ..heading.sample });
    }
}
