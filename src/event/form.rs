//! Payloads whose text is known but for their values.
//!
//! A program writes a message of one kind the same way each time: the keys, their order and the marks between them are the
//! same bytes, only the values change. What the long way read once is kept as a [`Form`]: the bytes between the values,
//! what becomes of each value, and the fact itself. Of the next payload those bytes are compared and only the values are
//! read. Equal bytes are equally sound and mean the same, so nothing is left unchecked: a value must be of the kind that
//! it was (a text without escapes, a number of up to fifteen digits, a time), and whatever is not, goes the long way.

use super::meter::{Sample, Span};
use super::store::Text;
use crate::json::{begins, plain_run};
use crate::number::Plain;
use crate::term::Version;
use crate::time::{Instant, Minute, payload_time};

/// How many forms of one kind of message are kept.
const MOST: usize = 16;
/// How many payloads in a row may have no form until none is looked for any more: that log is of another make.
const MOST_MISSES: u32 = 128;
/// Numbers up to this length come out the same the short way.
const LONGEST_NUMBER: usize = 15;

/// What becomes of a value: how it is read, and where in the fact it goes.
pub(super) enum Put<F> {
    Text(fn(&mut F, Text)),
    /// An id: a text, or a whole number as it is written.
    Id(fn(&mut F, Text)),
    Int(fn(&mut F, i32)),
    Long(fn(&mut F, i64)),
    Float(fn(&mut F, f64)),
    Time(fn(&mut F, Instant)),
    /// The list of meter values.
    Samples(fn(&mut F, Span)),
    /// A text that nobody reads.
    Nothing,
    /// A payload that has it has no form.
    Never,
}

impl<F> Clone for Put<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Put<F> {}

/// A value of a payload.
pub(super) enum Hole<F> {
    Text(fn(&mut F, Text)),
    /// A whole number that is kept as text.
    Digits(fn(&mut F, Text)),
    Int(fn(&mut F, i32)),
    Long(fn(&mut F, i64)),
    Float(fn(&mut F, f64)),
    Time(fn(&mut F, Instant)),
    Ignored,
    /// The time of a meter value, and of the samples that follow it.
    MeterTime,
    /// The number of a sample: the sample without it, and the power of ten between the unit as written and the base unit.
    Sample(Sample, i32),
}

/// A value and how many bytes stand between it and the one before it.
pub(super) struct Step<F> {
    pub(super) before: usize,
    pub(super) hole: Hole<F>,
}

/// A payload whose text is known but for its values.
pub(super) struct Form<F> {
    /// The bytes between the values, one after the other.
    pub(super) known: Box<[u8]>,
    pub(super) steps: Vec<Step<F>>,
    /// What the payload says, but for its values.
    pub(super) fact: F,
    pub(super) samples: Option<fn(&mut F, Span)>,
    /// The version that the record told, and the one that the payload made of it.
    pub(super) version: (Option<Version>, Option<Version>),
    /// No text may be this word, for the long way would take it for a key.
    pub(super) reserved: &'static str,
}

/// What a form writes to.
pub(super) struct Tools<'t> {
    pub(super) text: &'t mut String,
    pub(super) samples: &'t mut Vec<Sample>,
    pub(super) minute: &'t mut Minute,
}

impl Tools<'_> {
    #[inline]
    fn keep(&mut self, text: &str) -> Text {
        let start = self.text.len();
        self.text.push_str(text);
        Text::at(start, text.len())
    }
}

/// A payload that was read by its form.
pub(super) struct Read<F> {
    pub(super) fact: F,
    pub(super) version: Option<Version>,
    /// How many bytes it has.
    pub(super) length: usize,
}

impl<F: Copy> Form<F> {
    /// Reads the payload at the start of `text`. If it is of another form, what was kept of it must be forgotten.
    #[inline]
    fn read(&self, text: &str, tools: &mut Tools<'_>) -> Option<Read<F>> {
        let bytes = text.as_bytes();
        let mut fact = self.fact;
        let mut known = &*self.known;
        let mut time = Instant::default();
        let mut doubtful = false;
        let first = tools.samples.len();
        let mut at = 0;
        for step in &self.steps {
            let (before, behind) = known.split_at_checked(step.before)?;
            known = behind;
            if !begins(bytes.get(at..)?, before) {
                return None;
            }
            at += before.len();
            let rest = &bytes[at..];
            at += match &step.hole {
                Hole::Text(put) => {
                    let value = self.plain_text(text, at)?;
                    put(&mut fact, tools.keep(value));
                    value.len()
                }
                Hole::Ignored => self.plain_text(text, at)?.len(),
                Hole::Digits(put) => {
                    let number = whole(rest)?;
                    put(&mut fact, tools.keep(text.get(at..at + number.length())?));
                    number.length()
                }
                Hole::Int(put) => {
                    let number = whole(rest)?;
                    put(&mut fact, i32::try_from(number.whole()?).ok()?);
                    number.length()
                }
                Hole::Long(put) => {
                    let number = whole(rest)?;
                    put(&mut fact, number.whole()?);
                    number.length()
                }
                Hole::Float(put) => {
                    let number = plain(rest)?;
                    put(&mut fact, number.scaled(0)?);
                    number.length()
                }
                Hole::Time(put) => {
                    let (time, length) = self.time(text, at, tools.minute)?;
                    put(&mut fact, time);
                    length
                }
                Hole::MeterTime => {
                    let (found, length) = self.time(text, at, tools.minute)?;
                    time = found;
                    doubtful = !time.flags.is_empty();
                    length
                }
                Hole::Sample(sample, exponent) => {
                    let number = plain(rest)?;
                    let value = Some(number.scaled(*exponent)?);
                    tools.samples.push(Sample { value, time: time.micros, ..*sample });
                    if doubtful && let Some(sample) = tools.samples.last_mut() {
                        sample.marks.extend(time.flags);
                    }
                    number.length()
                }
            };
        }
        if !begins(bytes.get(at..)?, known) {
            return None;
        }
        if let Some(put) = self.samples {
            let length = (tools.samples.len() - first) as u32;
            put(&mut fact, Span { start: first as u32, length });
        }
        Some(Read { fact, version: self.version.1, length: at + known.len() })
    }

    /// The text at `at` up to its quote.
    #[inline]
    fn plain_text<'t>(&self, text: &'t str, at: usize) -> Option<&'t str> {
        let length = plain_run(&text.as_bytes()[at..]);
        // What ends it is the quote that the next bytes begin with, or it is of another form.
        let value = text.get(at..at + length)?;
        (value.len() != self.reserved.len() || value != self.reserved).then_some(value)
    }

    #[inline]
    fn time(&self, text: &str, at: usize, minute: &mut Minute) -> Option<(Instant, usize)> {
        if let Some((micros, length)) = minute.quoted(&text.as_bytes()[at..]) {
            return Some((Instant { micros: Some(micros), flags: crate::flag::Flags::NONE }, length));
        }
        let value = self.plain_text(text, at)?;
        Some((payload_time(value), value.len()))
    }
}

#[inline]
fn plain(bytes: &[u8]) -> Option<Plain> {
    Plain::read(bytes).filter(|number| number.length() <= LONGEST_NUMBER)
}

#[inline]
fn whole(bytes: &[u8]) -> Option<Plain> {
    plain(bytes).filter(|number| number.whole().is_some())
}

/// The forms of one kind of message.
pub(super) struct Forms<F> {
    list: Vec<Form<F>>,
    /// The one that was met last.
    last: usize,
    /// The place of the next one that is learned, once the list is full.
    oldest: usize,
    misses: u32,
}

impl<F> Default for Forms<F> {
    fn default() -> Self {
        Self { list: Vec::new(), last: 0, oldest: 0, misses: 0 }
    }
}

impl<F: Copy> Forms<F> {
    /// Reads the payload at the start of `text`, if its form is known.
    #[inline]
    pub(super) fn read(&mut self, text: &str, version: Option<Version>, tools: &mut Tools<'_>) -> Option<Read<F>> {
        if self.misses >= MOST_MISSES {
            return None;
        }
        let marks = (tools.text.len(), tools.samples.len());
        let count = self.list.len();
        for step in 0..count {
            let place = if self.last + step < count { self.last + step } else { self.last + step - count };
            let form = &self.list[place];
            if form.version.0 != version {
                continue;
            }
            if let Some(read) = form.read(text, tools) {
                self.last = place;
                self.misses = 0;
                return Some(read);
            }
            tools.text.truncate(marks.0);
            tools.samples.truncate(marks.1);
        }
        self.misses += 1;
        None
    }

    /// Whether another one would be looked at.
    pub(super) fn wanted(&self) -> bool {
        self.misses < MOST_MISSES
    }

    pub(super) fn add(&mut self, form: Form<F>) {
        if self.list.len() < MOST {
            self.last = self.list.len();
            self.list.push(form);
        } else {
            self.oldest = (self.oldest + 1) % MOST;
            self.last = self.oldest;
            self.list[self.oldest] = form;
        }
    }
}
