//! Which values of a payload go where in its fact, for the messages that make up a log. The readers in [`super::from_v1`]
//! and [`super::from_v2`] say the same for whatever is written; a property test holds both against each other.

use super::form::Put;
use super::learn::Fields;
use super::{Answer, Authorize, Meter, Status, TxEvent, TxStart, TxStop};
use crate::time::SECOND;

pub(super) const STATUS_V1: Fields<Status> = &[
    (
        "connectorId",
        Put::Int(|status, value| {
            status.connector = Some(value);
            status.evse = Some(value);
        }),
    ),
    ("status", Put::Text(|status, text| status.status = text)),
    ("errorCode", Put::Text(|status, text| status.error_code = text)),
    ("info", Put::Text(|status, text| status.info = text)),
    ("vendorId", Put::Text(|status, text| status.vendor_id = text)),
    ("vendorErrorCode", Put::Text(|status, text| status.vendor_error_code = text)),
    ("timestamp", Put::Time(|status, time| status.time = time)),
];

pub(super) const STATUS_V2: Fields<Status> = &[
    ("evseId", Put::Int(|status, value| status.evse = Some(value))),
    ("connectorId", Put::Int(|status, value| status.connector = Some(value))),
    ("connectorStatus", Put::Text(|status, text| status.status = text)),
    ("timestamp", Put::Time(|status, time| status.time = time)),
];

pub(super) const AUTHORIZE_V1: Fields<Authorize> = &[("idTag", Put::Text(|authorize, text| authorize.id_tag = text))];

pub(super) const AUTHORIZE_V2: Fields<Authorize> = &[
    ("idToken.idToken", Put::Text(|authorize, text| authorize.id_tag = text)),
    ("idToken.type", Put::Text(|authorize, text| authorize.token_type = text)),
];

pub(super) const TX_START: Fields<TxStart> = &[
    ("connectorId", Put::Int(|start, value| start.connector = Some(value))),
    ("idTag", Put::Text(|start, text| start.id_tag = text)),
    ("meterStart", Put::Float(|start, value| start.meter_start = Some(value))),
    ("timestamp", Put::Time(|start, time| start.time = time)),
    ("reservationId", Put::Int(|start, value| start.reservation = Some(value))),
];

pub(super) const TX_STOP: Fields<TxStop> = &[
    ("transactionId", Put::Id(|stop, text| stop.transaction_id = text)),
    ("idTag", Put::Text(|stop, text| stop.id_tag = text)),
    ("meterStop", Put::Float(|stop, value| stop.meter_stop = Some(value))),
    ("timestamp", Put::Time(|stop, time| stop.time = time)),
    ("reason", Put::Text(|stop, text| stop.reason = text)),
    ("transactionData", Put::Samples(|stop, span| stop.samples = span)),
];

pub(super) const METER_V1: Fields<Meter> = &[
    (
        "connectorId",
        Put::Int(|meter, value| {
            meter.connector = Some(value);
            meter.evse = Some(value);
        }),
    ),
    ("transactionId", Put::Id(|meter, text| meter.transaction_id = text)),
    ("meterValue", Put::Samples(|meter, span| meter.samples = span)),
];

pub(super) const METER_V2: Fields<Meter> = &[
    ("evseId", Put::Int(|meter, value| meter.evse = Some(value))),
    ("meterValue", Put::Samples(|meter, span| meter.samples = span)),
];

pub(super) const TX_EVENT: Fields<TxEvent> = &[
    ("timestamp", Put::Time(|event, time| event.time = time)),
    ("triggerReason", Put::Text(|event, text| event.trigger = text)),
    ("seqNo", Put::Long(|event, value| event.seq_no = Some(value))),
    ("reservationId", Put::Int(|event, value| event.reservation = Some(value))),
    ("meterValue", Put::Samples(|event, span| event.samples = span)),
    ("idToken.idToken", Put::Text(|event, text| event.id_token = text)),
    ("idToken.type", Put::Text(|event, text| event.token_type = text)),
    ("evse.id", Put::Int(|event, value| event.evse = Some(value))),
    ("evse.connectorId", Put::Int(|event, value| event.connector = Some(value))),
    // The name that 2.0 has for it, and a cost, which has a list of its own.
    ("transactionData", Put::Never),
    ("transactionInfo.id", Put::Never),
    ("costDetails", Put::Never),
    ("transactionInfo.transactionId", Put::Id(|event, text| event.transaction_id = text)),
    ("transactionInfo.chargingState", Put::Text(|event, text| event.charging_state = text)),
    ("transactionInfo.stoppedReason", Put::Text(|event, text| event.stopped_reason = text)),
    ("transactionInfo.remoteStartId", Put::Long(|event, value| event.remote_start_id = Some(value))),
    (
        "transactionInfo.timeSpentCharging",
        // Fifteen digits times a million would leave 64 bits; then nothing is told, as the long way has it.
        Put::Long(|event, value| event.time_spent_charging = value.checked_mul(SECOND)),
    ),
];

/// Fields that are rarely sent and have lists of their own, or rival with one that is read here.
macro_rules! answer {
    ($($own:tt)+) => {
        &[
            ("status", Put::Text(|answer, text| answer.status = text)),
            ("transactionId", Put::Id(|answer, text| answer.transaction_id = text)),
            ("interval", Put::Long(|answer, value| answer.interval = value.checked_mul(SECOND))),
            ("currentTime", Put::Time(|answer, time| answer.current_time = time)),
            ("heartbeatInterval", Put::Never),
            ("data", Put::Never),
            ("fileName", Put::Never),
            ("filename", Put::Never),
            ("configurationKey", Put::Never),
            ("unknownKey", Put::Never),
            ("getVariableResult", Put::Never),
            ("setVariableResult", Put::Never),
            ("protected", Put::Never),
            $($own)+
        ]
    };
}

pub(super) const ANSWER_V1: Fields<Answer> = answer![
    ("idTagInfo.status", Put::Text(|answer, text| answer.auth_status = text)),
    ("idTagInfo.parentIdTag", Put::Nothing),
    ("idTagInfo.expiryDate", Put::Nothing),
    ("idTokenInfo", Put::Never),
];

pub(super) const ANSWER_V2: Fields<Answer> = answer![
    ("idTokenInfo.status", Put::Text(|answer, text| answer.auth_status = text)),
    ("idTokenInfo.cacheExpiryDateTime", Put::Nothing),
    ("idTagInfo", Put::Never),
];
