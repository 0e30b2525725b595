//! Sampled values whose text is known but for the number.
//!
//! A charge point writes the same few samples again and again: measurand, phase, unit and the rest are the same bytes each
//! time, only the value changes. What such bytes mean is worked out once, by the reader in [`super::sampled`]; after that
//! comparing them is enough, and nothing is left unchecked, since equal bytes are equally sound. A reader that meets anything else goes the long way.

use super::meter::Sample;
use crate::json::begins;
use crate::number::Plain;

/// How many shapes are kept; a fleet of many makes has some dozens.
const MOST: usize = 64;
/// Longer texts are no samples as charge points send them over and over.
const LONGEST: usize = 1024;
/// Numbers up to this length come out the same the short way.
const LONGEST_NUMBER: usize = 15;

/// The text of a sample around its number, and what it means.
#[derive(Debug)]
struct Shape {
    before: Box<str>,
    behind: Box<str>,
    /// The sample without its value.
    sample: Sample,
    /// The power of ten between the unit as written and the base unit.
    exponent: i32,
    /// The shape that followed it last.
    next: usize,
}

/// The shapes that were met.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    list: Vec<Shape>,
    /// The one that was met last.
    last: usize,
    /// The place of the next one that is learned, once the list is full.
    oldest: usize,
}

impl Shapes {
    /// Adds the sample at the start of `text` and tells its length, if its shape is known.
    #[inline]
    pub(super) fn take(&mut self, text: &[u8], samples: &mut Vec<Sample>) -> Option<usize> {
        let expected = self.list.get(self.last)?.next;
        if let Some((value, length)) = self.list.get(expected)?.read(text) {
            samples.push(Sample { value: Some(value), ..self.list[expected].sample });
            self.last = expected;
            return Some(length);
        }
        self.search(text, samples)
    }

    #[inline(never)]
    fn search(&mut self, text: &[u8], samples: &mut Vec<Sample>) -> Option<usize> {
        let (place, (value, length)) =
            self.list.iter().enumerate().find_map(|(place, shape)| Some((place, shape.read(text)?)))?;
        samples.push(Sample { value: Some(value), ..self.list[place].sample });
        self.follow(place);
        Some(length)
    }

    /// Learns what `text` means, a whole sample in which `number` stands.
    pub(super) fn learn(&mut self, text: &str, number: &str, sample: Sample, exponent: i32) {
        let Some(at) = (number.as_ptr() as usize).checked_sub(text.as_ptr() as usize) else { return };
        let (Some(before), Some(behind)) = (text.get(..at), text.get(at + number.len()..)) else { return };
        if text.len() > LONGEST {
            return;
        }
        let shape = Shape {
            before: before.into(),
            behind: behind.into(),
            sample: Sample { value: None, ..sample },
            exponent,
            next: 0,
        };
        let place = if self.list.len() < MOST {
            self.list.push(shape);
            self.list.len() - 1
        } else {
            self.oldest = (self.oldest + 1) % MOST;
            self.list[self.oldest] = shape;
            self.oldest
        };
        self.follow(place);
    }

    /// The number in a sample of a known shape, the sample without it, and the power of ten of its unit.
    pub(super) fn find<'t>(&self, text: &'t str) -> Option<(&'t str, Sample, i32)> {
        self.list.iter().find_map(|shape| {
            let (_, length) = shape.read(text.as_bytes()).filter(|(_, length)| *length == text.len())?;
            let number = text.get(shape.before.len()..length - shape.behind.len())?;
            Some((number, shape.sample, shape.exponent))
        })
    }

    fn follow(&mut self, place: usize) {
        if let Some(last) = self.list.get_mut(self.last) {
            last.next = place;
        }
        self.last = place;
    }
}

impl Shape {
    /// The value, and the length of the whole sample.
    #[inline]
    fn read(&self, bytes: &[u8]) -> Option<(f64, usize)> {
        let rest = bytes.get(self.before.len()..).filter(|_| begins(bytes, self.before.as_bytes()))?;
        let number = Plain::read(rest).filter(|number| number.length() <= LONGEST_NUMBER)?;
        let behind = self.behind.as_bytes();
        if !begins(&rest[number.length()..], behind) {
            return None;
        }
        Some((number.scaled(self.exponent)?, self.before.len() + number.length() + behind.len()))
    }
}
