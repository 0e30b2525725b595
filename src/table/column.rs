//! Every column of every table, declared once: name, type, unit and meaning.

use crate::options::Table;
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use std::sync::Arc;

/// A column's type, in the words of the public contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dtype {
    /// Text.
    Text,
    /// A word of a vocabulary, stored as a dictionary.
    Word,
    /// True or false.
    Truth,
    /// A whole number of 32 bits.
    Int,
    /// A whole number of 64 bits.
    Long,
    /// A number.
    Float,
    /// An instant: microseconds, UTC.
    Time,
    /// A span of time: microseconds.
    Span,
    /// A list of texts, never null.
    Texts,
    /// The stages of a firmware job: a list of status, time, `received_at`.
    Stages,
}

/// The name of the zone that all instants are in.
pub(super) const UTC: &str = "UTC";

impl Dtype {
    /// The Arrow type.
    #[must_use]
    pub fn arrow(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8View,
            Self::Word => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
            Self::Truth => DataType::Boolean,
            Self::Int => DataType::Int32,
            Self::Long => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Time => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
            Self::Span => DataType::Duration(TimeUnit::Microsecond),
            Self::Texts => DataType::LargeList(Arc::new(Field::new("item", DataType::Utf8View, true))),
            Self::Stages => DataType::LargeList(Arc::new(Field::new("item", DataType::Struct(stage_fields()), true))),
        }
    }

    /// A short word for documentation and the Python face.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "str",
            Self::Word => "cat",
            Self::Truth => "bool",
            Self::Int => "i32",
            Self::Long => "i64",
            Self::Float => "f64",
            Self::Time => "time",
            Self::Span => "span",
            Self::Texts => "list_str",
            Self::Stages => "list_status",
        }
    }
}

/// The fields of one stage of a firmware job.
#[must_use]
pub(super) fn stage_fields() -> Fields {
    Fields::from(vec![
        Field::new("status", DataType::Utf8View, true),
        Field::new("time", Dtype::Time.arrow(), true),
        Field::new("received_at", Dtype::Time.arrow(), true),
    ])
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub dtype: Dtype,
    /// The unit of its numbers; empty where they have none.
    pub unit: &'static str,
    /// What it says, in one sentence.
    pub meaning: &'static str,
}

macro_rules! columns {
    ($($table:ident { $($name:literal $dtype:ident $unit:literal $meaning:literal)+ })+) => {
        /// The columns of a table, in their order.
        #[must_use]
        pub const fn columns(table: Table) -> &'static [Column] {
            match table {
                $(Table::$table => &[$(Column { name: $name, dtype: Dtype::$dtype, unit: $unit, meaning: $meaning },)+],)+
            }
        }
    };
}

columns! {
Messages {
    "charge_point_id" Text "" "Id of the charge point."
    "charge_point_id_source" Word "" "Where the id was found: record, envelope, wrapper, argument, file_name or none."
    "connection_id" Int "" "Which connection of the log; null if the log does not tell connections apart."
    "log_time" Time "UTC" "When the message was logged, by the recorder's clock."
    "direction" Word "" "Who sent it: from_charge_point or from_csms."
    "direction_source" Word "" "How the direction is known: log, action, pairing or unknown."
    "ocpp_version" Word "" "The OCPP version, as logged or inferred from actions and payloads."
    "transport" Word "" "json or soap."
    "message_type" Word "" "CALL, CALLRESULT, CALLERROR, CALLRESULTERROR, SEND; OPEN and CLOSE for connections."
    "message_id" Text "" "The message id; a number is kept as its text."
    "action" Word "" "The action; on an answer that of its call."
    "payload" Text "" "The payload as JSON text as logged; on a refusal its details."
    "error_code" Word "" "The error code of a refusal, as logged."
    "error_description" Text "" "The description of a refusal."
    "outcome" Word "" "On a CALL: result, error, timeout, connection_lost, unknown_log_end; on a SEND not_applicable."
    "response_time" Span "us" "On an answered CALL: from the call to its answer, by the recorder's clock; null where that clock is too coarse."
    "attempt" Int "" "On a CALL: which sending of the same content it is, from 1."
    "flags" Texts "" "What had to be forgiven or said."
    "source_file" Word "" "The source."
    "source_line" Long "" "Line in the source, from 1."
    "source_offset" Long "byte" "Offset of the record's first byte in the decompressed source; further messages of one line count on by one."
}
Transactions {
    "charge_point_id" Text "" "Id of the charge point."
    "evse_id" Int "" "The EVSE; in 1.x the connector."
    "connector_id" Int "" "The connector; in 2.x null where no message names it."
    "transaction_id" Text "" "The id that the CSMS (1.x) or the charge point (2.x) gave; null where none was given."
    "ocpp_version" Word "" "The OCPP version."
    "id_tag" Text "" "The token that started it."
    "id_token_type" Word "" "The token's type (2.x)."
    "id_tag_stop" Text "" "The token that stopped it."
    "auth_status" Word "" "The CSMS's last answer about the token, as logged."
    "start_time" Time "UTC" "When it started."
    "stop_time" Time "UTC" "When it stopped; where the stop is not in the log, the last sign of life or the closing evidence."
    "start_time_source" Word "" "Which clock tells the start: payload, log or inferred."
    "stop_time_source" Word "" "Which clock tells the stop: payload, log or inferred."
    "start_received_at" Time "UTC" "When the start was logged."
    "stop_received_at" Time "UTC" "When the stop was logged."
    "duration" Span "us" "From start to stop, on one clock; null if the clocks differ or the stop lies first."
    "plug_in_time" Time "UTC" "When the cable was plugged in: an event says so, or the connector was occupied or preparing within an hour before the start."
    "authorized_time" Time "UTC" "When the token was authorised: an event says so, else when the CSMS accepted it, by the recorder's clock, within ten minutes before the start."
    "first_charging_time" Time "UTC" "When energy first flowed, by status or charging state, else by readings of the register."
    "last_charging_time" Time "UTC" "When energy last flowed, by status or charging state, else by readings of the register."
    "unplug_time" Time "UTC" "When the cable was unplugged: as an event or the stop reason says, else when the connector was available again."
    "charging_duration" Span "us" "How long energy flowed: as the charge point counts it, else by status or charging state, else by readings of the register; null where nothing tells."
    "idle_duration" Span "us" "duration less charging_duration."
    "meter_start_wh" Float "Wh" "The meter at the start; in 2.x the reading with context Transaction.Begin."
    "meter_stop_wh" Float "Wh" "The meter at the stop; in 2.x the reading with context Transaction.End."
    "energy_wh" Float "Wh" "The energy by the method of energy_method; null if none was possible."
    "energy_method" Word "" "The first of start_stop, register, interval, net, cost and power that was possible; none if none was."
    "energy_wh_start_stop" Float "Wh" "Stop meter less start meter; null if the stop lies below the start."
    "energy_wh_register" Float "Wh" "Last register reading inside the transaction less the start meter, or less the first reading where no start is known."
    "energy_wh_interval" Float "Wh" "Sum of the readings of intervals; those of the clock count only where there are no others."
    "energy_wh_power" Float "Wh" "Integral of the power; null where its readings come unevenly or leave out a part of the transaction."
    "energy_export_wh" Float "Wh" "Energy from the vehicle to the grid; it is not subtracted from energy_wh."
    "peak_power_w" Float "W" "The highest reported power, phases summed."
    "mean_power_w" Float "W" "energy_wh over duration."
    "soc_start_pct" Float "%" "The first reported state of charge."
    "soc_stop_pct" Float "%" "The last reported state of charge."
    "state" Word "" "completed, closed_implicit, stop_only or open."
    "end_source" Word "" "What shows its end: stop, next_start, status, status_unavailable, tx_status or log_end."
    "stop_reason" Word "" "Why it stopped, as logged; null where no reason was sent."
    "stop_class" Word "" "The class of the reason, the same for all versions."
    "link_method" Word "" "How the stop was joined to the start: transaction_id where the id tells."
    "link_confidence" Word "" "How sure that is: high, medium or low."
    "remote_start" Truth "" "Whether a request of the CSMS started it; in 1.x by token, connector and time, and null where the log begins too late to tell."
    "reservation_id" Int "" "The reservation that it used."
    "meter_value_count" Int "" "How many sampled values belong to it."
    "start_attempts" Int "" "How often its start was sent."
    "stop_attempts" Int "" "How often its stop was sent."
    "seq_missing_count" Int "" "How many sequence numbers are missing (2.x)."
    "interruptions" Int "" "How often the charge point booted, or says that it went on after an interruption, while it ran."
    "delivered_late" Truth "" "Whether its start or stop was sent from memory, after a time offline."
    "cost_total" Float "" "The final cost as the CSMS tells it, else the charge point, else the last one told before the end."
    "cost_currency" Word "" "The cost's currency, where the charge point tells it."
    "quality" Word "" "good, estimated (a number was inferred), partial (a number is missing) or suspect (numbers contradict each other)."
    "flags" Texts "" "What had to be said about it; a clean transaction has none."
    "first_source_file" Word "" "The source of its first message."
    "first_source_line" Long "" "The line of its first message."
    "last_source_file" Word "" "The source of its last message."
    "last_source_line" Long "" "The line of its last message."
}
MeterValues {
    "charge_point_id" Text "" "Id of the charge point."
    "evse_id" Int "" "The EVSE; in 1.x the connector."
    "connector_id" Int "" "The connector; null in 2.x where no message names it."
    "transaction_id" Text "" "The transaction that it belongs to; null if none, or if that has no id."
    "link" Word "" "How that is known: transaction_id, connector_time, evse_time, transaction_data or none."
    "time" Time "UTC" "When it was sampled."
    "time_source" Word "" "Which clock tells: payload or log."
    "received_at" Time "UTC" "When it was logged."
    "measurand" Word "" "What was measured; Energy.Active.Import.Register where the message does not say."
    "phase" Word "" "On which phase; null for all of them."
    "location" Word "" "Where: Outlet, Inlet, Cable, EV, Body; null where not said (then Outlet)."
    "context" Word "" "On what occasion; null where not said (then Sample.Periodic)."
    "value" Float "of the column unit" "The value in its base unit; null if it is no finite number."
    "unit" Word "" "The base unit: Wh, W, A, V, Percent, Celsius …; an unknown unit as logged."
    "unit_raw" Word "" "The unit as logged."
    "raw_value" Text "" "The value as logged where it is no plain number or has more digits than value holds; signed data stands here."
    "is_signed" Truth "" "Whether it is, or has, signed data."
    "flags" Texts "" "What had to be said about it."
    "source_file" Word "" "The source."
    "source_line" Long "" "Line in the source, from 1."
    "source_offset" Long "byte" "Offset of the record's first byte in the decompressed source; further messages of one line count on by one."
}
StatusIntervals {
    "charge_point_id" Text "" "Id of the charge point."
    "evse_id" Int "" "The EVSE; in 1.x the connector; 0 is the charge point itself."
    "connector_id" Int "" "The connector."
    "start_time" Time "UTC" "When the status began."
    "start_time_source" Word "" "Which clock tells: payload or log; where contact was lost or regained it is log."
    "end_time" Time "UTC" "When the next status began, or contact was lost or regained; null while it lasts."
    "observed_until" Time "UTC" "Until when the log shows it."
    "duration" Span "us" "From start_time to end_time, else to observed_until."
    "status" Word "" "The status as logged."
    "status_class" Word "" "The same words for all versions, Occupied as its transaction tells: available, occupied_idle, charging, suspended_ev, suspended_evse, reserved, unavailable, faulted, unknown."
    "error_code" Word "" "The error code as logged."
    "vendor_id" Text "" "The vendor whose code follows."
    "vendor_error_code" Text "" "The vendor's code."
    "info" Text "" "Free text."
    "end_reason" Word "" "next_status, contact_lost, contact_regained or log_end."
    "knowledge" Word "" "certain; stale while the charge point was out of contact; assumed once it was back and had not said otherwise; null without log times."
    "confirmations" Int "" "How often the same status was reported again in this row."
    "received_at" Time "UTC" "When the first report was logged."
    "flags" Texts "" "What had to be said about it."
    "source_file" Word "" "The source of the first report."
    "source_line" Long "" "Its line."
}
FirmwareUpdates {
    "charge_point_id" Text "" "Id of the charge point."
    "request_id" Long "" "The request's number; null in plain 1.6."
    "kind" Word "" "plain, signed or publish."
    "source" Word "" "Who began it: csms, or charge_point if no request is in the log."
    "location" Text "" "Where to fetch it, without credentials."
    "requested_at" Time "UTC" "When it was requested, by the recorder's clock."
    "retrieve_at" Time "UTC" "The earliest time to fetch it."
    "install_at" Time "UTC" "The earliest time to install it."
    "response_status" Word "" "The answer to the request; null in plain 1.6, whose answer is empty."
    "statuses" Stages "" "Its stages in order of arrival."
    "first_status_time" Time "UTC" "When its first stage was logged."
    "last_status_time" Time "UTC" "When its last stage was logged."
    "last_status" Word "" "Its last stage."
    "download_attempts" Int "" "How often the download began."
    "outcome" Word "" "What became of it."
    "outcome_class" Word "" "success, failure, not_started, in_progress or unknown."
    "duration" Span "us" "From the request to the final stage, by the recorder's clock."
    "version_before" Text "" "The firmware version before it."
    "version_after" Text "" "The firmware version that a boot after it tells."
    "verified_at" Time "UTC" "When that boot was logged."
    "boots_during" Int "" "How many boots fall into it."
    "transactions_blocked" Int "" "How many remote starts were refused or came to nothing while it was under way; null if that time is not known."
    "unavailable_duration" Span "us" "How long a connector was Unavailable from reports that began while it was under way; null if no status was reported then or ever."
    "flags" Texts "" "What had to be said about it."
    "first_source_file" Word "" "The source of its first message."
    "first_source_line" Long "" "The line of its first message."
    "last_source_line" Long "" "The line of its last message."
}
Boots {
    "charge_point_id" Text "" "Id of the charge point."
    "time" Time "UTC" "When it booted."
    "time_source" Word "" "Which clock tells: log."
    "received_at" Time "UTC" "When it was logged."
    "cause" Word "" "Why it booted, as sent (2.x). Else inferred: reset_command, firmware, the reason of a stop behind the boot, power_or_network, soft, reconnect (SOAP: no status followed, so it is no reboot), unknown; Triggered if the CSMS asked for the message. Null for a registration sent again."
    "cause_source" Word "" "How the cause is known: reason (it was sent), command, firmware_update, stop_reason, silence, connection or statuses; null where it is unknown."
    "registration_status" Word "" "The CSMS's answer: Accepted, Pending, Rejected."
    "vendor" Text "" "Vendor of the charge point."
    "model" Text "" "Model of the charge point."
    "serial_number" Text "" "Its serial number."
    "firmware_version" Text "" "Its firmware version."
    "iccid" Text "" "ICCID of its SIM card."
    "imsi" Text "" "IMSI of its SIM card."
    "heartbeat_interval" Span "us" "The interval that the CSMS answered."
    "is_reboot" Truth "" "Whether it is a boot, and not a registration sent again, asked for or told for a new address only."
    "offline_before" Span "us" "How long it was offline right before; null if the log shows no time offline there."
    "flags" Texts "" "What had to be said about it."
    "source_file" Word "" "The source."
    "source_line" Long "" "Line in the source, from 1."
    "source_offset" Long "byte" "Offset of the record's first byte in the decompressed source; further messages of one line count on by one."
}
ConnectivityIntervals {
    "charge_point_id" Text "" "Id of the charge point."
    "start_time" Time "UTC" "When it began, by the recorder's clock; offline begins with the last frame."
    "end_time" Time "UTC" "When it ended; null while it lasts."
    "duration" Span "us" "From start_time to end_time; of the last one to the last contact, or to the end of the log while offline."
    "state" Word "" "online, offline, or unknown where the recorder itself was silent."
    "evidence" Word "" "What shows it: socket, frames, replay or recorder_gap."
    "end_reason" Word "" "Why it ended: closed, new_connection, silence, recorder_gap, opened, heard or log_end."
    "close_code" Int "" "The WebSocket close code, where the log has it."
    "close_reason" Text "" "The words that came with the close code."
    "confidence" Word "" "high, medium, or low where the charge point may only have had nothing to say."
    "heartbeat_interval" Span "us" "The heartbeat interval in force, as the last accepted boot was answered; null if the log does not tell."
    "flags" Texts "" "What had to be said about it."
    "source_file" Word "" "The source of the first message of it; of a silence that of the last one before it."
    "source_line" Long "" "Its line."
}
Faults {
    "charge_point_id" Text "" "Id of the charge point."
    "evse_id" Int "" "The EVSE; in 1.x the connector; 0 is the charge point itself."
    "connector_id" Int "" "The connector."
    "start_time" Time "UTC" "When it was reported; null if only its clearing is in the log."
    "end_time" Time "UTC" "When it was over; null while it lasts."
    "error_code" Word "" "The error code as logged; 2.x has none."
    "vendor_id" Text "" "The vendor whose code follows."
    "vendor_error_code" Text "" "The vendor's code; in 2.x the technical code."
    "mrec_code" Word "" "The minimum required error code (CX001 to CX026) that it stands for."
    "info" Text "" "Free text of the report that began it."
    "severity" Int "" "How severe, from 0 (danger) to 9 (debug); told by NotifyEvent of 2.1."
    "component" Word "" "The component (2.x)."
    "variable" Word "" "The variable (2.x)."
    "transaction_id" Text "" "The transaction that ran then."
    "source" Word "" "What told it: status or notify_event."
    "flags" Texts "" "What had to be said about it."
    "source_file" Word "" "The source."
    "source_line" Long "" "Line in the source, from 1."
    "source_offset" Long "byte" "Offset of the record's first byte in the decompressed source; further messages of one line count on by one."
}
Authorizations {
    "charge_point_id" Text "" "Id of the charge point."
    "evse_id" Int "" "The EVSE of the transaction that it began or stopped; in 1.x the connector."
    "time" Time "UTC" "When it was logged."
    "id_tag" Text "" "The token."
    "status" Word "" "The answer about the token, as logged."
    "outcome" Word "" "led_to_transaction, stopped_transaction (the token was shown to stop), abandoned, denied or unanswered (also: refused with an error); null where the log ends first."
    "transaction_id" Text "" "The transaction that it began or stopped."
    "response_time" Span "us" "From the request to its answer, by the recorder's clock."
    "flags" Texts "" "What had to be said about it."
    "source_file" Word "" "The source."
    "source_line" Long "" "Line in the source, from 1."
    "source_offset" Long "byte" "Offset of the record's first byte in the decompressed source; further messages of one line count on by one."
}
Commands {
    "charge_point_id" Text "" "Id of the charge point."
    "evse_id" Int "" "The EVSE that it names; in 1.x the connector."
    "connector_id" Int "" "The connector that it names."
    "requested_at" Time "UTC" "When it was logged."
    "action" Word "" "The action."
    "arguments" Text "" "Its payload as JSON without blanks; passwords, keys, certificates and credentials in URLs are ***."
    "response_status" Word "" "The status that was answered, as logged."
    "outcome" Word "" "What came of it. Remote start: started, not_started, no_plug_in, superseded; remote stop: stopped, stopped_other_reason, energy_stopped, not_stopped, already_ended; reset: done, no_boot; unlock: unlocked, failed, transaction_ongoing; availability: done, no_status; trigger: triggered, no_message; reservation: used, cancelled, expired, ended, superseded, reserved. Any: rejected, error, undelivered, scheduled, not_supported, unknown, version_mismatch, failed, accepted, done, answered (without a known status). Null while the log cannot tell."
    "response_time" Span "us" "From the request to its answer, by the recorder's clock; null where that clock is too coarse."
    "effect_time" Time "UTC" "When its effect was logged; null where the answer is all there is."
    "effect_latency" Span "us" "From the request to its effect, by the recorder's clock; null where the effect was delivered late."
    "transaction_id" Text "" "The transaction that it began, ended or names."
    "flags" Texts "" "What had to be said about it."
    "source_file" Word "" "The source."
    "source_line" Long "" "Line in the source, from 1."
    "source_offset" Long "byte" "Offset of the record's first byte in the decompressed source; further messages of one line count on by one."
}
FirmwareVersions {
    "charge_point_id" Text "" "Id of the charge point."
    "firmware_version" Text "" "The version."
    "start_time" Time "UTC" "When a boot first told it."
    "end_time" Time "UTC" "When a boot told another one; null for the last one."
    "changed_by" Word "" "What brought it: update (one that ended well and that this boot proves) or unknown; null for the first one."
    "request_id" Long "" "The number of the update that brought it; null in plain 1.6."
    "source_file" Word "" "The source of the boot that first told it."
    "source_line" Long "" "Its line."
}
SecurityEvents {
    "charge_point_id" Text "" "Id of the charge point."
    "time" Time "UTC" "When it happened."
    "time_source" Word "" "Which clock tells: payload or log."
    "received_at" Time "UTC" "When it was first logged."
    "type" Word "" "The type as logged."
    "critical" Truth "" "Whether the specification of its version calls it critical; null for a type that it does not list."
    "tech_info" Text "" "What the charge point added; secrets are masked."
    "flags" Texts "" "What had to be said about it."
    "source_file" Word "" "The source."
    "source_line" Long "" "Line in the source, from 1."
    "source_offset" Long "byte" "Offset of the record's first byte in the decompressed source; further messages of one line count on by one."
}
LogUploads {
    "charge_point_id" Text "" "Id of the charge point."
    "request_id" Long "" "The request's number; null for GetDiagnostics."
    "kind" Word "" "diagnostics (1.x) or log."
    "log_type" Word "" "DiagnosticsLog, SecurityLog or DataCollectorLog."
    "source" Word "" "Who began it: csms, or charge_point if no request is in the log."
    "location" Text "" "Where to send it, without credentials."
    "requested_at" Time "UTC" "When it was requested, by the recorder's clock."
    "response_status" Word "" "The answer to the request, as logged; null for GetDiagnostics, whose answer has none."
    "file_name" Text "" "The file that the charge point named in its answer."
    "statuses" Stages "" "Its stages in order of arrival, repetitions left out."
    "last_status" Word "" "Its last stage."
    "last_status_time" Time "UTC" "When its last stage was logged."
    "outcome" Word "" "uploaded; failed, bad_message, not_supported, permission_denied, lost; no_file, rejected, call_error, not_delivered; in_progress; stalled, no_status, superseded."
    "duration" Span "us" "From the request to the last stage, by the recorder's clock."
    "flags" Texts "" "What had to be said about it."
    "source_file" Word "" "The source."
    "source_line" Long "" "Line in the source, from 1."
    "source_offset" Long "byte" "Offset of the record's first byte in the decompressed source; further messages of one line count on by one."
}
Configuration {
    "charge_point_id" Text "" "Id of the charge point."
    "component" Text "" "The component (2.x): its instance in brackets, EVSE and connector behind @."
    "variable" Text "" "The variable, its instance in brackets; in 1.x the key."
    "attribute" Word "" "Which attribute of the variable (2.x): Actual, Target, MinSet, MaxSet; Actual where the message does not say."
    "value" Text "" "The value; secrets are masked: by the name of the setting, in addresses, and whatever can be written only."
    "readonly" Truth "" "Whether it cannot be changed; null where no message says."
    "time" Time "UTC" "When it was logged."
    "end_time" Time "UTC" "When the next value that took hold was logged; null for the last one, and for one that was refused."
    "source" Word "" "What told it: set, get or report; a value that is read or reported again is no row."
    "response_status" Word "" "The answer about this setting, as logged; unknownKey for a key of that list."
    "effective_after_boot" Truth "" "Whether an accepted value holds only after the next boot; null where nothing was set."
    "flags" Texts "" "What had to be said about it."
    "source_file" Word "" "The source."
    "source_line" Long "" "Line in the source, from 1."
    "source_offset" Long "byte" "Offset of the record's first byte in the decompressed source; further messages of one line count on by one."
}
ChargingProfiles {
    "charge_point_id" Text "" "Id of the charge point."
    "evse_id" Int "" "The EVSE; in 1.x the connector; 0 is all of them."
    "requested_at" Time "UTC" "When it was sent; for one that only a report tells, when that was logged."
    "end_time" Time "UTC" "When it was in force no more; null if that is not in the log, and for one that was not accepted."
    "end_reason" Word "" "replaced, cleared, expired or transaction_ended."
    "action" Word "" "The message that carried it; ReportChargingProfiles where no request in the log did."
    "profile_id" Long "" "Its number."
    "stack_level" Int "" "Its rank among those of its purpose."
    "purpose" Word "" "Its purpose as logged."
    "kind" Word "" "Absolute, Recurring, Relative or Dynamic."
    "recurrency" Word "" "Daily or Weekly."
    "valid_from" Time "UTC" "From when it is valid."
    "valid_to" Time "UTC" "Until when it is valid."
    "transaction_id" Text "" "The transaction that it is for, by the profile, the answer or the start that the request brought (2.x)."
    "rate_unit" Word "" "A or W."
    "lowest_limit" Float "of the column rate_unit" "The lowest limit of its schedule."
    "highest_limit" Float "of the column rate_unit" "The highest limit of its schedule."
    "schedule" Text "" "Its schedule (2.x: a list of them) as JSON, as logged."
    "response_status" Word "" "The answer, as logged; null for a report."
    "flags" Texts "" "What had to be said about it."
    "source_file" Word "" "The source."
    "source_line" Long "" "Line in the source, from 1."
    "source_offset" Long "byte" "Offset of the record's first byte in the decompressed source; further messages of one line count on by one."
}
DataTransfers {
    "charge_point_id" Text "" "Id of the charge point."
    "time" Time "UTC" "When it was logged."
    "direction" Word "" "Who sent it: from_charge_point or from_csms."
    "vendor_id" Text "" "The vendor."
    "message_id" Text "" "The vendor's name for the message."
    "data" Text "" "What it carries: a text, or JSON as logged; secrets are masked by pattern."
    "response_status" Word "" "The answer, as logged."
    "response_data" Text "" "What the answer carries, likewise."
    "response_time" Span "us" "From the request to its answer, by the recorder's clock."
    "flags" Texts "" "What had to be said about it."
    "source_file" Word "" "The source."
    "source_line" Long "" "Line in the source, from 1."
    "source_offset" Long "byte" "Offset of the record's first byte in the decompressed source; further messages of one line count on by one."
}
CallStatistics {
    "charge_point_id" Text "" "Id of the charge point."
    "direction" Word "" "Who calls: from_charge_point or from_csms; null where it is not known."
    "action" Word "" "The action."
    "calls" Long "" "All calls, resends included; the five counts that follow add up to it."
    "results" Long "" "Those that were answered."
    "errors" Long "" "Those that were refused."
    "timeouts" Long "" "Those that were not answered before the next call."
    "lost" Long "" "Those whose connection ended first."
    "censored" Long "" "Those that were open when the log ended."
    "retries" Long "" "Those that repeat an earlier one."
    "error_codes" Texts "" "The error codes that came, each once, sorted; the misspelt ones of 1.6 in the words of 2.x."
    "response_time_p50" Span "us" "The median response time; null where the recorder's clock is too coarse."
    "response_time_p95" Span "us" "The 95th percentile of it, likewise (nearest rank)."
}
ChargePoints {
    "charge_point_id" Text "" "Id of the charge point."
    "vendor" Text "" "Vendor, by its last boot that tells."
    "model" Text "" "Model, likewise."
    "serial_number" Text "" "Serial number, likewise."
    "firmware_version" Text "" "Firmware version, likewise."
    "ocpp_versions" Texts "" "The OCPP versions it spoke."
    "first_seen" Time "UTC" "Its first log time."
    "last_seen" Time "UTC" "Its last log time."
    "evse_count" Int "" "How many EVSEs (2.x) or connectors (1.x) it spoke of."
    "messages" Long "" "How many messages it has."
    "transactions" Long "" "How many rows of that table."
    "meter_values" Long "" "How many rows of that table; null if it was not built."
    "status_intervals" Long "" "How many rows of that table; null if it was not built."
    "firmware_updates" Long "" "How many rows of that table; null if it was not built."
    "boots" Long "" "How many rows of that table; null if it was not built."
    "connectivity_intervals" Long "" "How many rows of that table; null if it was not built."
    "faults" Long "" "How many rows of that table; null if it was not built."
    "authorizations" Long "" "How many rows of that table; null if it was not built."
    "commands" Long "" "How many rows of that table; null if it was not built."
    "firmware_versions" Long "" "How many rows of that table; null if it was not built."
    "security_events" Long "" "How many rows of that table; null if it was not built."
    "log_uploads" Long "" "How many rows of that table; null if it was not built."
    "configuration" Long "" "How many rows of that table; null if it was not built."
    "charging_profiles" Long "" "How many rows of that table; null if it was not built."
    "data_transfers" Long "" "How many rows of that table; null if it was not built."
    "call_statistics" Long "" "How many rows of that table; null if it was not built."
    "unmatched" Long "" "How many rows of that table."
}
Rejects {
    "source_file" Word "" "The source."
    "source_line" Long "" "Line in the source, from 1; null for a finding about the whole file."
    "source_offset" Long "byte" "Offset in the decompressed source."
    "length" Long "byte" "How many bytes were not understood."
    "reason" Word "" "Why: one of a closed list."
    "detail" Text "" "What exactly."
    "charge_point_id" Text "" "The charge point, if the line names one."
    "log_time" Time "UTC" "The line's time, if it has one."
    "text" Text "" "The first 512 bytes; what is not UTF-8 is replaced, secrets are masked."
}
Unmatched {
    "charge_point_id" Text "" "Id of the charge point."
    "kind" Word "" "Why it fits nothing."
    "time" Time "UTC" "When it happened."
    "detail" Text "" "What exactly."
    "source_file" Word "" "The source."
    "source_line" Long "" "Line in the source, from 1."
    "source_offset" Long "byte" "Offset of the record's first byte in the decompressed source; further messages of one line count on by one."
}
Accounting {
    "source_file" Word "" "The source."
    "status" Word "" "whole, partial, failed or skipped."
    "layout" Word "" "The layout; null where no frame was found."
    "encoding" Word "" "The text encoding."
    "timezone" Word "" "The zone of the log's own stamps."
    "timezone_source" Word "" "How the zone is known: log, argument, estimated or assumed; null where no stamp needs one."
    "utc_offset" Span "us" "The offset from UTC where it is one for all stamps."
    "side" Word "" "Which side wrote the log: csms or charge_point."
    "size_bytes" Long "byte" "Bytes after decompression."
    "compressed_size_bytes" Long "byte" "Bytes before decompression; null if it is not compressed."
    "lines" Long "" "All lines."
    "blank_lines" Long "" "Lines of white space."
    "other_lines" Long "" "Readable lines without OCPP in them."
    "message_lines" Long "" "Lines with at least one message."
    "rejected_lines" Long "" "Lines of which nothing was understood."
    "blank_bytes" Long "byte" "Bytes of the blank lines, newlines included."
    "other_bytes" Long "byte" "Bytes of the other lines, newlines included."
    "message_bytes" Long "byte" "Bytes of the lines with a message, newlines included."
    "rejected_bytes" Long "byte" "Bytes of the rejected lines, newlines included."
    "passed_bytes" Long "byte" "Bytes that no line was read from: a byte order mark, lines over the limit, what a cut left of a line. The five add up to size_bytes."
    "frames" Long "" "Frames: messages, duplicates and rejected frames."
    "messages" Long "" "Messages."
    "duplicates" Long "" "Messages that another source holds too."
    "filtered" Long "" "Messages that were filtered out."
    "rejects" Long "" "Rejects, findings about the whole file included."
    "first_log_time" Time "UTC" "The first log time."
    "last_log_time" Time "UTC" "The last log time."
}
}

/// The Arrow schema of a table; it exists without a file.
#[must_use]
pub fn schema(table: Table) -> SchemaRef {
    let field = |column: &Column| Field::new(column.name, column.dtype.arrow(), column.dtype != Dtype::Texts);
    Arc::new(Schema::new(columns(table).iter().map(field).collect::<Fields>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_says_what_it_means_and_names_are_unique() {
        for &table in Table::ALL {
            let columns = columns(table);
            for (index, column) in columns.iter().enumerate() {
                assert!(column.meaning.ends_with('.'), "{}.{}", table.as_str(), column.name);
                assert!(columns[..index].iter().all(|other| other.name != column.name), "{}", column.name);
            }
            assert_eq!(schema(table).fields().len(), columns.len());
        }
    }

    #[test]
    fn a_quantity_carries_its_unit_in_its_name() {
        for &table in Table::ALL {
            for column in columns(table) {
                for (ending, unit) in [("_wh", "Wh"), ("_w", "W"), ("_pct", "%")] {
                    assert!(!column.name.ends_with(ending) || column.unit == unit, "{}", column.name);
                }
            }
        }
    }
}
