//! Payloads of OCPP 2.0, 2.0.1 and 2.1 (part 2, §1 messages), and of the 1.6 security extension that shares them.

use super::cost;
use super::field::{self, Target};
use super::from_v1::location;
use super::sampled::samples;
use super::store::{Text, put};
use super::{Authorize, Boot, Fact, FirmwareKind, FirmwareRequest, Meter, Status, TxEvent, TxPhase};
use crate::json::{Scan, Scanner, Value};
use crate::term::Version;

pub(super) fn boot(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let mut boot = Boot::default();
    let object = field::object(scanner, |scanner, key| match key.raw {
        "reason" => target.text(scanner, &mut boot.reason),
        "chargingStation" => field::object(scanner, |scanner, key| match key.raw {
            "vendorName" => target.text(scanner, &mut boot.vendor),
            "model" => target.text(scanner, &mut boot.model),
            "serialNumber" => target.text(scanner, &mut boot.serial_number),
            "firmwareVersion" => target.text(scanner, &mut boot.firmware_version),
            "modem" => field::object(scanner, |scanner, key| match key.raw {
                "iccid" => target.text(scanner, &mut boot.iccid),
                "imsi" => target.text(scanner, &mut boot.imsi),
                _ => scanner.skip(),
            })
            .map(|_| ()),
            _ => scanner.skip(),
        })
        .map(|_| ()),
        _ => scanner.skip(),
    })?;
    Ok(if object { Fact::Boot(put(&mut target.store.boots, boot)) } else { Fact::Bad })
}

fn token(target: &mut Target<'_>, scanner: &mut Scanner<'_>, id: &mut Text, kind: &mut Text) -> Scan<()> {
    field::object(scanner, |scanner, key| match key.raw {
        "idToken" => target.text(scanner, id),
        "type" => target.text(scanner, kind),
        _ => scanner.skip(),
    })
    .map(|_| ())
}

pub(super) fn authorize(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let mut authorize = Authorize::default();
    field::object(scanner, |scanner, key| match key.raw {
        "idToken" => token(target, scanner, &mut authorize.id_tag, &mut authorize.token_type),
        _ => scanner.skip(),
    })?;
    Ok(Fact::Authorize(put(&mut target.store.authorizes, authorize)))
}

pub(super) fn status(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let mut status = Status::default();
    field::object(scanner, |scanner, key| match key.raw {
        "evseId" => field::int(scanner, &mut status.evse),
        "connectorId" => field::int(scanner, &mut status.connector),
        "connectorStatus" => target.text(scanner, &mut status.status),
        "timestamp" => field::time(scanner, &mut status.time),
        _ => scanner.skip(),
    })?;
    Ok(if status.status.is_some() && status.evse.is_some() {
        Fact::Status(put(&mut target.store.statuses, status))
    } else {
        Fact::Bad
    })
}

pub(super) fn meter(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let mut meter = Meter::default();
    let object = field::object(scanner, |scanner, key| match key.raw {
        "evseId" => field::int(scanner, &mut meter.evse),
        "meterValue" => samples(target, scanner, &mut meter.samples),
        _ => scanner.skip(),
    })?;
    Ok(if object { Fact::Meter(put(&mut target.store.meters, meter)) } else { Fact::Bad })
}

/// Reads an event of a transaction, and which version it shows itself to be of, if it does.
pub(super) fn tx_event(target: &mut Target<'_>, scanner: &mut Scanner<'_>, shown: &mut Option<Version>) -> Scan<Fact> {
    let mut event = TxEvent::default();
    let mut kind = None;
    let (mut info, mut data, mut new) = (false, false, false);
    field::object(scanner, |scanner, key| match key.raw {
        "eventType" => phase(scanner, &mut kind),
        "timestamp" => field::time(scanner, &mut event.time),
        "triggerReason" => target.text(scanner, &mut event.trigger),
        "seqNo" => field::long(scanner, &mut event.seq_no),
        "offline" => field::truth(scanner).map(|value| event.offline |= value),
        "reservationId" => field::int(scanner, &mut event.reservation),
        "meterValue" => samples(target, scanner, &mut event.samples),
        "idToken" => token(target, scanner, &mut event.id_token, &mut event.token_type),
        "evse" => field::object(scanner, |scanner, key| match key.raw {
            "id" => field::int(scanner, &mut event.evse),
            "connectorId" => field::int(scanner, &mut event.connector),
            _ => scanner.skip(),
        })
        .map(|_| ()),
        // 2.0 called it transactionData, and the id just id.
        name @ ("transactionInfo" | "transactionData") => {
            *(if name == "transactionInfo" { &mut info } else { &mut data }) = true;
            field::object(scanner, |scanner, key| match key.raw {
                "transactionId" | "id" => target.id(scanner, &mut event.transaction_id),
                "chargingState" => target.text(scanner, &mut event.charging_state),
                "stoppedReason" => target.text(scanner, &mut event.stopped_reason),
                "remoteStartId" => field::long(scanner, &mut event.remote_start_id),
                "timeSpentCharging" => field::seconds(scanner, &mut event.time_spent_charging),
                "operationMode" | "tariffId" | "transactionLimit" => {
                    new = true;
                    scanner.skip()
                }
                _ => scanner.skip(),
            })
            .map(|_| ())
        }
        "costDetails" => {
            new = true;
            cost::details(target, scanner, &mut event.cost)
        }
        "preconditioningStatus" | "evseSleep" => {
            new = true;
            scanner.skip()
        }
        _ => scanner.skip(),
    })?;
    event.phase = kind.unwrap_or_default();
    if data && !info {
        *shown = Some(Version::V20);
    } else if new {
        *shown = Some(Version::V21);
    }
    Ok(if event.transaction_id.is_some() { Fact::TxEvent(put(&mut target.store.tx_events, event)) } else { Fact::Bad })
}

fn phase(scanner: &mut Scanner<'_>, slot: &mut Option<TxPhase>) -> Scan<()> {
    if let Value::Text(text) = scanner.value()? {
        slot.get_or_insert(match text.raw {
            "Started" => TxPhase::Started,
            "Ended" => TxPhase::Ended,
            _ => TxPhase::Updated,
        });
    }
    Ok(())
}

pub(super) fn firmware_request(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let mut request = FirmwareRequest { answer_has_status: true, ..FirmwareRequest::default() };
    let object = field::object(scanner, |scanner, key| match key.raw {
        "requestId" => field::long(scanner, &mut request.request_id),
        "firmware" => field::object(scanner, |scanner, key| match key.raw {
            "location" => location(target, scanner, &mut request.location),
            "retrieveDateTime" => field::time(scanner, &mut request.retrieve),
            "installDateTime" => field::time(scanner, &mut request.install),
            "signature" | "signingCertificate" => {
                let mut text = Text::NONE;
                target.text(scanner, &mut text)?;
                if text.is_some() {
                    request.kind = FirmwareKind::Signed;
                }
                Ok(())
            }
            _ => scanner.skip(),
        })
        .map(|_| ()),
        _ => scanner.skip(),
    })?;
    Ok(if object { Fact::FirmwareRequest(put(&mut target.store.firmware_requests, request)) } else { Fact::Bad })
}

pub(super) fn publish_request(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let mut request =
        FirmwareRequest { kind: FirmwareKind::Publish, answer_has_status: true, ..FirmwareRequest::default() };
    field::object(scanner, |scanner, key| match key.raw {
        "requestId" => field::long(scanner, &mut request.request_id),
        "location" => location(target, scanner, &mut request.location),
        _ => scanner.skip(),
    })?;
    Ok(Fact::FirmwareRequest(put(&mut target.store.firmware_requests, request)))
}
