//! The table `commands`: requests of the CSMS and what came of them.

use super::Columns;
use super::column::{
    CHARGE_POINT_ID, Column, FLAGS, SOURCE_FILE, SOURCE_LINE, SOURCE_OFFSET, int, span, text, time, word,
};
use crate::options::Table;
use crate::rebuild::command::{Command, CommandOutcome};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The columns of the table `commands`.
pub(super) const COLUMNS: &[Column] = &[
    CHARGE_POINT_ID,
    int("evse_id", "The EVSE that it names; in 1.x the connector.")
        .null("it names none")
        .from("1.6 §6 connectorId of the request; 2.x evseId or evse.id of the request"),
    int("connector_id", "The connector that it names.")
        .null("it names none")
        .from("1.6 §6 connectorId of the request; 2.x connectorId or evse.connectorId of the request"),
    time("requested_at", "When it was logged.")
        .null("the log has no times")
        .from("the recorder's stamp on the request"),
    word("action", "The action.").from("1.6-J §4.2.1 Action of a request of the CSMS (1.6 §5; 2.x part 2)"),
    text(
        "arguments",
        "Its payload as JSON without blanks; passwords, keys, certificates and credentials in URLs are \
        ***.",
    )
    .null("it cannot be read as JSON, or sets a variable that can only be written")
    .from("1.6-J §4.2.1 Payload, masked"),
    word("response_status", "The status that was answered, as logged.")
        .null("no answer is in the log, or it has none")
        .from("1.6 §6 and 2.x: status of the answer"),
    word(
        "outcome",
        "What came of it. Remote start: started, not_started, no_plug_in, superseded; remote stop: \
        stopped, stopped_other_reason, energy_stopped, not_stopped, already_ended; reset: done, no_boot; unlock: \
        unlocked, failed, transaction_ongoing; availability: done, no_status; trigger: triggered, no_message; \
        reservation: used, cancelled, expired, ended, superseded, reserved. Any: rejected, error, undelivered, \
        scheduled, not_supported, unknown, version_mismatch, failed, accepted, done, answered (without a known \
        status).",
    )
    .null("the log cannot tell yet")
    .from("own: what came of commands (1.6 §5; 2.x part 2)"),
    span("response_time", "From the request to its answer, by the recorder's clock.")
        .null("it was not answered, the log has no times, or they are whole seconds")
        .from("own: matching of calls and answers"),
    time("effect_time", "When its effect was logged.")
        .null("the answer is all there is")
        .from("the recorder's stamp on the message that shows the effect"),
    span("effect_latency", "From the request to its effect, by the recorder's clock.")
        .null("effect_time is, or the effect was delivered late")
        .from("own: effect_time less requested_at"),
    text("transaction_id", "The transaction that it began, ended or names.")
        .null("there is none, or that has no id")
        .from(
            "own: what came of commands; 1.6 §6.35 RemoteStopTransaction.transactionId; 2.x transactionId of the \
            request",
        ),
    FLAGS,
    SOURCE_FILE,
    SOURCE_LINE,
    SOURCE_OFFSET,
];

/// The table `commands`.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn commands(rows: &[&Command<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::Commands);
    let each = || rows.iter();
    columns.text("charge_point_id", each().map(|row| Some(row.charge_point)));
    columns.int("evse_id", each().map(|row| row.evse_id));
    columns.int("connector_id", each().map(|row| row.connector_id));
    columns.time("requested_at", each().map(|row| row.requested_at));
    columns.word("action", each().map(|row| row.action));
    columns.text("arguments", each().map(|row| row.arguments));
    columns.word("response_status", each().map(|row| row.response_status));
    columns.word("outcome", each().map(|row| row.outcome.map(CommandOutcome::as_str)));
    columns.span("response_time", each().map(|row| row.response_time));
    columns.time("effect_time", each().map(|row| row.effect_time));
    columns.span("effect_latency", each().map(|row| row.effect_latency));
    columns.text("transaction_id", each().map(|row| row.transaction_id));
    columns.flags(each().map(|row| row.flags));
    columns.word("source_file", each().map(|row| super::source(sources, row.position)));
    columns.long("source_line", each().map(|row| super::line(row.position)));
    columns.long("source_offset", each().map(|row| Some(row.position.byte as i64)));
    columns.finish()
}
