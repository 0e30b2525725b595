//! Sampled values in the shapes of all versions (1.6 edition 2 §7.30 to §7.46; 2.0.1 part 2, `MeterValueType`).

use super::field::{self, Target};
use super::meter::{Base, Name, Sample, Span};
use super::store::Text;
use crate::flag::Flag;
use crate::json::{Scan, Scanner, Value};
use crate::number::plain;
use crate::time::Instant;
use memchr::memmem;

/// A list of meter values, each a time and its samples, in any version's shape.
pub(super) fn samples(target: &mut Target<'_>, scanner: &mut Scanner<'_>, span: &mut Span) -> Scan<()> {
    let start = target.store.samples.len();
    field::array(scanner, |scanner| meter_value(target, scanner, values))?;
    if span.length == 0 {
        *span = Span { start: start as u32, length: (target.store.samples.len() - start) as u32 };
    }
    Ok(())
}

type Reader = fn(&mut Target<'_>, &mut Scanner<'_>) -> Scan<()>;

/// One meter value: a time and its samples; `values` reads what stands under that name.
fn meter_value(target: &mut Target<'_>, scanner: &mut Scanner<'_>, values: Reader) -> Scan<()> {
    let first = target.store.samples.len();
    let mut time = Instant::default();
    field::object(scanner, |scanner, key| match key.raw {
        "timestamp" => field::time(scanner, &mut time),
        "sampledValue" | "value" => list(target, scanner),
        "values" => values(target, scanner),
        _ => scanner.skip(),
    })?;
    for sample in &mut target.store.samples[first..] {
        sample.time = sample.time.or(time.micros);
        sample.marks.extend(time.flags);
    }
    Ok(())
}

/// `values` inside a meter value: in `transactionData` of 1.5 meter values with times of their own, elsewhere samples.
fn values(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<()> {
    let mut each = |scanner: &mut Scanner<'_>| {
        let timed = memmem::find(scanner.clone().raw()?.as_bytes(), b"\"timestamp\"").is_some();
        if timed { meter_value(target, scanner, list) } else { sample(target, scanner) }
    };
    match scanner.peek() {
        Some(b'[') => scanner.array(each),
        _ => each(scanner),
    }
}

fn list(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<()> {
    match scanner.peek() {
        Some(b'[') => scanner.array(|scanner| sample(target, scanner)),
        _ => sample(target, scanner),
    }
}

/// One sampled value: an object, or in 1.2 just the number.
fn sample(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<()> {
    let mut parts = Parts::default();
    if scanner.peek() != Some(b'{') {
        parts.value = Some(scanner.value()?);
        parts.keep(target);
        return Ok(());
    }
    let text = scanner.rest();
    let super::Store { shapes, samples, .. } = &mut *target.store;
    if let Some(length) = shapes.take(text.as_bytes(), samples) {
        scanner.pass(length);
        return Ok(());
    }
    let before = scanner.noted();
    scanner.object(|scanner, key| parts.read(target, scanner, key.raw))?;
    let text = &text[..text.len() - scanner.rest().len()];
    let number = match parts.value {
        Some(Value::Number(number)) => Some(number),
        Some(Value::Text(number)) if !number.escaped => Some(number.raw),
        _ => None,
    };
    let exponent = parts.keep(target);
    // What was noted now would have to be noted again each time.
    if let (Some(number), Some(exponent), Some(&sample)) = (number, exponent, target.store.samples.last())
        && plain(number).is_some()
        && scanner.noted() == before
        && !sample.raw.is_some()
    {
        target.store.shapes.learn(text, number, sample, exponent);
    }
    Ok(())
}

/// The fields of a sample before they are put together: the unit may come after the value.
#[derive(Default)]
struct Parts<'a> {
    value: Option<Value<'a>>,
    signed_data: Option<&'a str>,
    unit: Option<std::borrow::Cow<'a, str>>,
    multiplier: i32,
    measurand: Word,
    phase: Word,
    location: Word,
    context: Word,
    signed_format: bool,
}

/// A vocabulary word, and whether it is one that OCPP knows.
#[derive(Clone, Copy)]
struct Word {
    name: Name,
    known: bool,
}

impl Default for Word {
    fn default() -> Self {
        Self { name: Name::NONE, known: true }
    }
}

impl Word {
    fn read(&mut self, target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<()> {
        if let Value::Text(text) = scanner.value()?
            && !self.name.is_some()
            && !text.raw.is_empty()
        {
            self.name = target.store.names.of(&text.decode());
            self.known = self.name.is_known();
        }
        Ok(())
    }
}

impl<'a> Parts<'a> {
    fn read(&mut self, target: &mut Target<'_>, scanner: &mut Scanner<'a>, key: &str) -> Scan<()> {
        match key {
            "value" => {
                let value = scanner.value()?;
                if self.value.is_some() {
                    scanner.note(Flag::DuplicateKey);
                }
                self.value = self.value.or(Some(value));
            }
            "measurand" => self.measurand.read(target, scanner)?,
            "phase" => self.phase.read(target, scanner)?,
            "location" => self.location.read(target, scanner)?,
            "context" => self.context.read(target, scanner)?,
            "unit" => self.unit(scanner)?,
            "format" => {
                if let Value::Text(text) = scanner.value()? {
                    self.signed_format = text.raw.eq_ignore_ascii_case("SignedData");
                }
            }
            // 2.x: the unit has an object of its own, and signed data stands beside the value.
            "unitOfMeasure" => {
                field::object(scanner, |scanner, key| match key.raw {
                    "unit" => self.unit(scanner),
                    "multiplier" => {
                        let exponent = field::whole(scanner)?.unwrap_or(0);
                        self.multiplier = exponent.clamp(-30, 30) as i32;
                        Ok(())
                    }
                    _ => scanner.skip(),
                })?;
            }
            "signedMeterValue" => self.signed_data = Some(scanner.raw()?),
            _ => scanner.skip()?,
        }
        Ok(())
    }

    fn unit(&mut self, scanner: &mut Scanner<'a>) -> Scan<()> {
        if let Value::Text(text) = scanner.value()? {
            self.unit = self.unit.take().or_else(|| Some(text.decode()));
        }
        Ok(())
    }

    /// Keeps the sample; tells the power of ten that its value was multiplied by, if that was all.
    fn keep(self, target: &mut Target<'_>) -> Option<i32> {
        let store = &mut *target.store;
        let mut sample = Sample {
            time: None,
            value: None,
            raw: Text::NONE,
            measurand: if self.measurand.name.is_some() {
                self.measurand.name
            } else {
                Name::known("Energy.Active.Import.Register")
            },
            phase: self.phase.name,
            location: self.location.name,
            context: self.context.name,
            unit: Name::NONE,
            unit_raw: Name::NONE,
            is_signed: self.signed_format,
            marks: super::Marks::default(),
        };
        let mut number = None;
        match self.value {
            _ if self.signed_format => sample.raw = keep_value(store, self.value),
            Some(Value::Number(text)) => number = finite(std::borrow::Cow::Borrowed(text), store, &mut sample),
            Some(Value::Text(text)) => number = finite(text.decode(), store, &mut sample),
            other => {
                sample.marks.add(Flag::BadValue);
                sample.raw = keep_value(store, other);
            }
        }
        if let Some(signed) = self.signed_data {
            sample.is_signed = true;
            sample.raw = store.keep(signed);
        }
        if !self.measurand.known {
            sample.marks.add(Flag::MeasurandUnknown);
        }
        let measurand = store.names.word(sample.measurand);
        let base = Base::of(self.unit.as_deref(), measurand);
        let value = number.as_deref().and_then(|text| base.value(text.trim(), self.multiplier));
        sample.value = value.filter(|value| value.is_finite());
        if let (None, Some(text)) = (sample.value, number.as_deref()) {
            // A number that is finite as written may be too large in its base unit.
            sample.marks.add(Flag::ValueNotFinite);
            sample.raw = store.keep(text);
        } else if let Some(text) = number.as_deref().map(str::trim)
            && text.len() > 15
            && fast_float2::parse(text).is_ok_and(|value| field::loses_digits(text, value))
        {
            sample.raw = store.keep(text);
        }
        if base.unknown {
            sample.marks.add(Flag::UnitUnknown);
        }
        if let Some(unit) = self.unit.as_deref().map(str::trim).filter(|unit| !unit.is_empty()) {
            sample.unit_raw = store.names.spelled(unit);
        }
        sample.unit = match base.unit {
            Some(unit) => Name::known(unit),
            None => sample.unit_raw,
        };
        store.samples.push(sample);
        base.exponent(self.multiplier)
    }
}

fn keep_value(store: &mut super::Store, value: Option<Value<'_>>) -> Text {
    match value {
        Some(Value::Text(text)) => store.keep(&text.decode()),
        Some(Value::Number(text) | Value::Object(text) | Value::Array(text)) => store.keep(text),
        Some(Value::Bool(value)) => store.keep(if value { "true" } else { "false" }),
        Some(Value::Null) | None => Text::NONE,
    }
}

/// The text of a finite number; any other text is kept and marked.
fn finite<'a>(
    text: std::borrow::Cow<'a, str>,
    store: &mut super::Store,
    sample: &mut Sample,
) -> Option<std::borrow::Cow<'a, str>> {
    let flag = match fast_float2::parse::<f64, _>(text.trim_ascii()) {
        Ok(value) if value.is_finite() => return Some(text),
        Ok(_) => Flag::ValueNotFinite,
        Err(_) => {
            let comma =
                text.contains(',') && fast_float2::parse::<f64, _>(text.trim_ascii().replacen(',', ".", 1)).is_ok();
            if comma { Flag::DecimalComma } else { Flag::BadValue }
        }
    };
    sample.marks.add(flag);
    sample.raw = store.keep(&text);
    None
}
