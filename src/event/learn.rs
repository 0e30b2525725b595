//! How a payload becomes a form: the long way has read it, now its values are found by their keys.

use super::form::{Form, Hole, Put, Step};
use super::meter::Sample;
use super::shape::Shapes;
use crate::json::{Scan, Scanner, Value};
use crate::number::plain;
use crate::term::Version;

/// Longer payloads are hardly written twice the same way.
const LONGEST: usize = 16 << 10;

/// A value of a message: its keys from outside in, joined by points, and what becomes of it.
pub(super) type Fields<F> = &'static [(&'static str, Put<F>)];

/// The form of a payload from which `fact` was read, and `samples` with it. None if it has none.
pub(super) fn learn<F: Copy + 'static>(
    fields: Fields<F>,
    text: &str,
    fact: F,
    samples: &[Sample],
    shapes: &Shapes,
    version: (Option<Version>, Option<Version>),
    reserved: &'static str,
) -> Option<Form<F>> {
    if text.len() > LONGEST {
        return None;
    }
    let mut learner =
        Learner { fields, text, known: Vec::new(), steps: Vec::new(), done: 0, samples: None, shapes, never: false };
    let mut scanner = Scanner::new(text);
    learner.value(&mut scanner, "").ok()?;
    if learner.never || !scanner.rest().is_empty() {
        return None;
    }
    let found = learner.steps.iter().filter(|step| matches!(step.hole, Hole::Sample(..))).count();
    let expected = learner.samples.map_or(0, |_| samples.len());
    if found != samples.len() || found != expected {
        return None;
    }
    learner.known.extend_from_slice(&text.as_bytes()[learner.done..]);
    let Learner { known, steps, samples, .. } = learner;
    Some(Form { known: known.into(), steps, fact, samples, version, reserved })
}

struct Learner<'a, F: 'static> {
    fields: Fields<F>,
    text: &'a str,
    known: Vec<u8>,
    steps: Vec<Step<F>>,
    /// How far the text is in the form.
    done: usize,
    samples: Option<fn(&mut F, super::meter::Span)>,
    shapes: &'a Shapes,
    never: bool,
}

impl<'a, F> Learner<'a, F> {
    fn field(&self, path: &str) -> Option<Put<F>> {
        self.fields.iter().find(|field| field.0 == path).map(|field| field.1)
    }

    /// Whether fields lie inside of an object.
    fn has_inside(&self, path: &str) -> bool {
        path.is_empty()
            || self.fields.iter().any(|field| field.0.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
    }

    /// A part of the text is a value.
    fn hole(&mut self, value: &str, hole: Hole<F>) {
        let start = value.as_ptr() as usize - self.text.as_ptr() as usize;
        self.known.extend_from_slice(&self.text.as_bytes()[self.done..start]);
        self.steps.push(Step { before: start - self.done, hole });
        self.done = start + value.len();
    }

    fn value(&mut self, scanner: &mut Scanner<'a>, path: &str) -> Scan<()> {
        let field = self.field(path);
        if matches!(field, Some(Put::Never)) {
            self.never = true;
        }
        if scanner.peek() == Some(b'{') && self.has_inside(path) {
            return scanner.object(|scanner, key| {
                let inner = if path.is_empty() { key.raw.to_owned() } else { format!("{path}.{}", key.raw) };
                self.value(scanner, &inner)
            });
        }
        if let Some(Put::Samples(put)) = field
            && scanner.peek() == Some(b'[')
            && self.samples.is_none()
        {
            self.samples = Some(put);
            return scanner.array(|scanner| self.meter_value(scanner));
        }
        let value = scanner.value()?;
        let hole = match (field, value) {
            (Some(Put::Text(put) | Put::Id(put)), Value::Text(text)) if !text.escaped => (text.raw, Hole::Text(put)),
            (Some(Put::Nothing), Value::Text(text)) if !text.escaped => (text.raw, Hole::Ignored),
            (Some(Put::Time(put)), Value::Text(text)) if !text.escaped => (text.raw, Hole::Time(put)),
            (Some(Put::Id(put)), Value::Number(text)) if is_whole(text) => (text, Hole::Digits(put)),
            (Some(Put::Int(put)), Value::Number(text)) if is_whole(text) => (text, Hole::Int(put)),
            (Some(Put::Long(put)), Value::Number(text)) if is_whole(text) => (text, Hole::Long(put)),
            (Some(Put::Float(put)), Value::Number(text)) if plain(text).is_some() => (text, Hole::Float(put)),
            // What is kept as a text must be kept anew for each message: texts lie with their own message.
            (Some(Put::Text(_) | Put::Id(_)), value) if !matches!(value, Value::Null) => {
                self.never = true;
                return Ok(());
            }
            // What stays the same is known with the bytes around it.
            _ => return Ok(()),
        };
        self.hole(hole.0, hole.1);
        Ok(())
    }

    /// A time and its samples, in this order; of any other order or shape the samples are not found, so it has no form.
    fn meter_value(&mut self, scanner: &mut Scanner<'a>) -> Scan<()> {
        if scanner.peek() != Some(b'{') {
            return scanner.skip();
        }
        let mut timed = false;
        scanner.object(|scanner, key| match key.raw {
            "timestamp" => {
                if let Value::Text(text) = scanner.value()?
                    && !text.escaped
                    && !timed
                {
                    timed = true;
                    self.hole(text.raw, Hole::MeterTime);
                }
                Ok(())
            }
            "sampledValue" if timed && scanner.peek() == Some(b'[') => scanner.array(|scanner| self.sample(scanner)),
            _ => scanner.skip(),
        })
    }

    fn sample(&mut self, scanner: &mut Scanner<'a>) -> Scan<()> {
        let text = scanner.raw()?;
        if let Some((number, sample, exponent)) = self.shapes.find(text) {
            self.hole(number, Hole::Sample(sample, exponent));
        }
        Ok(())
    }
}

fn is_whole(text: &str) -> bool {
    plain(text).is_some_and(|number| number.whole().is_some())
}
