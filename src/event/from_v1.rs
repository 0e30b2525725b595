//! Payloads of OCPP 1.2, 1.5 and 1.6 (1.6 edition 2 §6), and the fields that answers of any version have.

use super::field::{self, Target};
use super::meter::{Name, Sample, Span, to_base};
use super::setting;
use super::store::{Text, put};
use super::{
    Answer, Authorize, Boot, Fact, FirmwareKind, FirmwareRequest, FirmwareStatus, Meter, Status, TxStart, TxStop,
};
use crate::flag::Flag;
use crate::json::{Scan, Scanner, Value};
use crate::time::Instant;
use memchr::memmem;

pub(super) fn boot(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let mut boot = Boot::default();
    let mut box_serial = Text::NONE;
    let object = field::object(scanner, |scanner, key| match key.raw {
        "chargePointVendor" => target.text(scanner, &mut boot.vendor),
        "chargePointModel" => target.text(scanner, &mut boot.model),
        "chargePointSerialNumber" => target.text(scanner, &mut boot.serial_number),
        "chargeBoxSerialNumber" => target.text(scanner, &mut box_serial),
        "firmwareVersion" => target.text(scanner, &mut boot.firmware_version),
        "iccid" => target.text(scanner, &mut boot.iccid),
        "imsi" => target.text(scanner, &mut boot.imsi),
        _ => scanner.skip(),
    })?;
    if !boot.serial_number.is_some() {
        boot.serial_number = box_serial;
    }
    Ok(if object { Fact::Boot(put(&mut target.store.boots, boot)) } else { Fact::Bad })
}

pub(super) fn authorize(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let mut authorize = Authorize::default();
    field::object(scanner, |scanner, key| match key.raw {
        "idTag" => target.text(scanner, &mut authorize.id_tag),
        _ => scanner.skip(),
    })?;
    Ok(Fact::Authorize(put(&mut target.store.authorizes, authorize)))
}

pub(super) fn tx_start(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let mut start = TxStart::default();
    field::object(scanner, |scanner, key| match key.raw {
        "connectorId" => field::int(scanner, &mut start.connector),
        "idTag" => target.text(scanner, &mut start.id_tag),
        "meterStart" => field::float(scanner, &mut start.meter_start),
        "timestamp" => field::time(scanner, &mut start.time),
        "reservationId" => field::int(scanner, &mut start.reservation),
        _ => scanner.skip(),
    })?;
    Ok(match start.connector {
        Some(_) => Fact::TxStart(put(&mut target.store.starts, start)),
        None => Fact::Bad,
    })
}

pub(super) fn tx_stop(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let mut stop = TxStop::default();
    let object = field::object(scanner, |scanner, key| match key.raw {
        "transactionId" => target.id(scanner, &mut stop.transaction_id),
        "idTag" => target.text(scanner, &mut stop.id_tag),
        "meterStop" => field::float(scanner, &mut stop.meter_stop),
        "timestamp" => field::time(scanner, &mut stop.time),
        "reason" => target.text(scanner, &mut stop.reason),
        "transactionData" => samples(target, scanner, &mut stop.samples),
        _ => scanner.skip(),
    })?;
    Ok(if object { Fact::TxStop(put(&mut target.store.stops, stop)) } else { Fact::Bad })
}

pub(super) fn meter(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let mut meter = Meter::default();
    let mut listed = false;
    let object = field::object(scanner, |scanner, key| match key.raw {
        "connectorId" => field::int(scanner, &mut meter.connector),
        "transactionId" => target.id(scanner, &mut meter.transaction_id),
        // 1.5 calls the list "values", and some 1.6 charge points still do.
        "meterValue" | "values" => {
            listed |= matches!(scanner.peek(), Some(b'[' | b'{'));
            samples(target, scanner, &mut meter.samples)
        }
        _ => scanner.skip(),
    })?;
    meter.evse = meter.connector;
    let object = object && listed;
    Ok(if object { Fact::Meter(put(&mut target.store.meters, meter)) } else { Fact::Bad })
}

pub(super) fn status(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let mut status = Status::default();
    field::object(scanner, |scanner, key| match key.raw {
        "connectorId" => field::int(scanner, &mut status.connector),
        "status" => target.text(scanner, &mut status.status),
        "errorCode" => target.text(scanner, &mut status.error_code),
        "info" => target.text(scanner, &mut status.info),
        "vendorId" => target.text(scanner, &mut status.vendor_id),
        "vendorErrorCode" => target.text(scanner, &mut status.vendor_error_code),
        "timestamp" => field::time(scanner, &mut status.time),
        _ => scanner.skip(),
    })?;
    status.evse = status.connector;
    Ok(if status.status.is_some() && status.connector.is_some() {
        Fact::Status(put(&mut target.store.statuses, status))
    } else {
        Fact::Bad
    })
}

pub(super) fn firmware_request(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let mut request = FirmwareRequest::default();
    let object = field::object(scanner, |scanner, key| match key.raw {
        "location" => location(target, scanner, &mut request.location),
        "retrieveDate" => field::time(scanner, &mut request.retrieve),
        _ => scanner.skip(),
    })?;
    Ok(if object { Fact::FirmwareRequest(put(&mut target.store.firmware_requests, request)) } else { Fact::Bad })
}

pub(super) fn location(target: &mut Target<'_>, scanner: &mut Scanner<'_>, slot: &mut Text) -> Scan<()> {
    if let Value::Text(text) = scanner.value()?
        && !slot.is_some()
    {
        *slot = target.store.keep(&field::without_credentials(&text.decode()));
    }
    Ok(())
}

pub(super) fn firmware_status(target: &mut Target<'_>, scanner: &mut Scanner<'_>, kind: FirmwareKind) -> Scan<Fact> {
    let mut status = FirmwareStatus { kind, ..FirmwareStatus::default() };
    field::object(scanner, |scanner, key| match key.raw {
        "status" => target.text(scanner, &mut status.status),
        "requestId" => field::long(scanner, &mut status.request_id),
        _ => scanner.skip(),
    })?;
    // libocpp sends -1 for "no request".
    status.request_id = status.request_id.filter(|&id| id != -1);
    Ok(if status.status.is_some() {
        Fact::FirmwareStatus(put(&mut target.store.firmware_statuses, status))
    } else {
        Fact::Bad
    })
}

/// The fields of any answer; an answer does not tell which request it belongs to.
pub(super) fn answer(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let mut answer = Answer::default();
    let mut any = false;
    field::object(scanner, |scanner, key| {
        any = true;
        match key.raw {
            "status" => target.text(scanner, &mut answer.status),
            "transactionId" => target.id(scanner, &mut answer.transaction_id),
            "interval" | "heartbeatInterval" => field::seconds(scanner, &mut answer.interval),
            "currentTime" => field::time(scanner, &mut answer.current_time),
            "totalCost" => field::float(scanner, &mut answer.total_cost),
            "ongoingIndicator" => field::truth(scanner).map(|value| answer.ongoing = Some(value)),
            "messagesInQueue" => field::truth(scanner).map(|value| answer.queued = Some(value)),
            "data" | "fileName" | "filename" => target.masked(scanner, &mut answer.carried),
            "configurationKey" | "unknownKey" | "getVariableResult" | "setVariableResult" => {
                setting::answered(target, scanner, key.raw, &mut answer.settings)
            }
            "protected" => {
                target.flags.add(Flag::SignedPayload);
                scanner.skip()
            }
            "idTagInfo" | "idTokenInfo" => field::object(scanner, |scanner, key| match key.raw {
                "status" => target.text(scanner, &mut answer.auth_status),
                _ => scanner.skip(),
            })
            .map(|_| ()),
            _ => scanner.skip(),
        }
    })?;
    // Most answers are `{}`: they cost no entry.
    Ok(if any { Fact::Answer(put(&mut target.store.answers, answer)) } else { Fact::None })
}

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
    if scanner.peek() == Some(b'{') {
        scanner.object(|scanner, key| parts.read(target, scanner, key.raw))?;
    } else {
        parts.value = Some(scanner.value()?);
    }
    parts.keep(target);
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

    fn keep(self, target: &mut Target<'_>) {
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
        let based = to_base(number.as_deref().map(str::trim), self.unit.as_deref(), measurand, self.multiplier);
        sample.value = based.value.filter(|value| value.is_finite());
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
        if based.unknown {
            sample.marks.add(Flag::UnitUnknown);
        }
        if let Some(unit) = self.unit.as_deref().map(str::trim).filter(|unit| !unit.is_empty()) {
            sample.unit_raw = store.names.spelled(unit);
        }
        sample.unit = match based.unit {
            Some(unit) => Name::known(unit),
            None => sample.unit_raw,
        };
        store.samples.push(sample);
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
