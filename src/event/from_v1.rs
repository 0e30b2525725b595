//! Payloads of OCPP 1.2, 1.5 and 1.6 (1.6 edition 2 §6), and the fields that answers of any version have.

use super::field::{self, Target};
use super::sampled::samples;
use super::setting;
use super::store::{Text, put};
use super::{
    Answer, Authorize, Boot, Fact, FirmwareKind, FirmwareRequest, FirmwareStatus, Meter, Status, TxStart, TxStop,
};
use crate::flag::Flag;
use crate::json::{Scan, Scanner, Value};

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
