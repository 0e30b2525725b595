//! The table `log_uploads`: uploads of diagnostics and logs.

use super::Columns;
use super::column::{
    CHARGE_POINT_ID, Column, FLAGS, SOURCE_FILE, SOURCE_LINE, SOURCE_OFFSET, long, span, stages, text, time, word,
};
use crate::options::Table;
use crate::rebuild::upload::Upload;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The columns of the table `log_uploads`.
pub(super) const COLUMNS: &[Column] = &[
    CHARGE_POINT_ID,
    long("request_id", "The request's number.")
        .null("for GetDiagnostics, and where the message has none")
        .from("1.6 security and 2.x GetLog.requestId; else LogStatusNotification.requestId"),
    word("kind", "diagnostics (GetDiagnostics) or log (GetLog).").from("own: by the message"),
    word("log_type", "DiagnosticsLog, SecurityLog or DataCollectorLog.")
        .null("for GetDiagnostics, and where no request is in the log")
        .from("1.6 security and 2.x GetLog.logType"),
    word("source", "Who began it: csms, or charge_point if no request is in the log.")
        .from("own: whether a request is in the log"),
    text("location", "Where to send it, without credentials.")
        .null("no request is in the log")
        .from("1.6 §6.25 GetDiagnostics.location; 1.6 security and 2.x GetLog.log.remoteLocation"),
    time("requested_at", "When it was requested, by the recorder's clock.")
        .null("no request is in the log, or the log has no times")
        .from("the recorder's stamp on the request"),
    word("response_status", "The answer to the request, as logged.")
        .null("there is none; that of GetDiagnostics has none")
        .from("1.6 security GetLog.conf status; 2.x GetLogResponse.status"),
    text("file_name", "The file that the charge point named in its answer.")
        .null("it names none")
        .from("1.6 §6.26 GetDiagnostics.conf fileName; 1.6 security GetLog.conf filename; 2.x GetLogResponse.filename"),
    stages(
        "statuses",
        "Its stages in order of arrival, repetitions left out; both times are the recorder's, since the \
        messages carry none.",
    )
    .from("1.6 §6.17 DiagnosticsStatusNotification.status; 1.6 security and 2.x LogStatusNotification.status"),
    word("last_status", "Its last stage.").null("it has no stage").from("as statuses"),
    time("last_status_time", "When its last stage was logged.")
        .null("it has no stage, or the log has no times")
        .from("the recorder's stamp on the message"),
    word(
        "outcome",
        "uploaded; failed, bad_message, not_supported, permission_denied, lost (Idle without a result); \
        no_file (the answer names none), rejected, call_error, not_delivered; in_progress; stalled, no_status, \
        superseded.",
    )
    .from("own: outcomes of an upload"),
    span("duration", "From the request to the last stage, by the recorder's clock.")
        .null("it has no request, no stage, or the log has no times")
        .from("own: from the request to the last stage"),
    FLAGS,
    SOURCE_FILE,
    SOURCE_LINE,
    SOURCE_OFFSET,
];

/// The table `log_uploads`.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn log_uploads(rows: &[&Upload<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::LogUploads);
    let each = || rows.iter();
    columns.text("charge_point_id", each().map(|row| Some(row.charge_point)));
    columns.long("request_id", each().map(|row| row.request_id));
    columns.word("kind", each().map(|row| row.kind));
    columns.word("log_type", each().map(|row| row.log_type));
    columns.word("source", each().map(|row| row.source));
    columns.text("location", each().map(|row| row.location));
    columns.time("requested_at", each().map(|row| row.requested_at));
    columns.word("response_status", each().map(|row| row.response_status));
    columns.text("file_name", each().map(|row| row.file_name));
    columns.stages(
        "statuses",
        each().map(|row| row.statuses.iter().map(|at| (at.status, at.time, at.received_at)).collect()),
    );
    columns.word("last_status", each().map(|row| row.last_status));
    columns.time("last_status_time", each().map(|row| row.last_status_time));
    columns.word("outcome", each().map(|row| row.outcome));
    columns.span("duration", each().map(|row| row.duration));
    columns.flags(each().map(|row| row.flags));
    columns.word("source_file", each().map(|row| super::source(sources, row.position)));
    columns.long("source_line", each().map(|row| super::line(row.position)));
    columns.long("source_offset", each().map(|row| Some(row.position.byte as i64)));
    columns.finish()
}
