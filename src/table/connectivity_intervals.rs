//! The table `connectivity_intervals`: stretches of time in which a charge point was in contact or out of it.

use super::Columns;
use super::column::{CHARGE_POINT_ID, Column, FLAGS, int, long, span, text, time, word};
use crate::options::Table;
use crate::rebuild::connectivity::Contact;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The columns of the table `connectivity_intervals`.
pub(super) const COLUMNS: &[Column] = &[
    CHARGE_POINT_ID,
    time("start_time", "When it began, by the recorder's clock; offline begins with the last frame.")
        .from("own: connections, frames and silence, by the recorder's clock"),
    time("end_time", "When it ended.")
        .null("it lasts when the log ends")
        .from("own: connections, frames and silence, by the recorder's clock"),
    span(
        "duration",
        "From start_time to end_time; of the last one to the last contact, or to the end of the log while \
        offline or unknown.",
    )
    .from("own: from start_time to end_time, else to the end of what was observed"),
    word("state", "online, offline, or unknown where the recorder itself was silent.")
        .from("own: connections, frames and silence (1.6 §4.6)"),
    word(
        "evidence",
        "What shows it: socket (the log tells of connections), frames, replay (messages that were kept \
        while offline) or recorder_gap.",
    )
    .from("own: connections, frames and silence"),
    word("end_reason", "Why it ended: closed, new_connection, silence, recorder_gap, opened, heard or log_end.")
        .from("own: connections, frames and silence"),
    int("close_code", "The WebSocket close code.")
        .null("the log does not tell it")
        .from("RFC 6455 §7.4, as the log tells it"),
    text("close_reason", "The words that came with the close code.")
        .null("the log does not tell any")
        .from("RFC 6455 §7.4, as the log tells it"),
    word("confidence", "high, medium, or low where the charge point may only have had nothing to say.")
        .from("own: connections, frames and silence"),
    span(
        "heartbeat_interval",
        "The heartbeat interval in force, as the last accepted boot was answered or as it was set since.",
    )
    .null("the log does not tell it")
    .from("1.6 §6.4 BootNotification.conf interval; 2.x BootNotificationResponse.interval"),
    FLAGS,
    word("source_file", "The source of the first message of it; of a silence that of the last one before it.")
        .null("the messages came without it")
        .from("own: place of the message"),
    long("source_line", "Its line.").null("the messages came without it").from("own: place of the message"),
];

/// The table `connectivity_intervals`.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn connectivity_intervals(rows: &[&Contact<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::ConnectivityIntervals);
    let each = || rows.iter();
    columns.text("charge_point_id", each().map(|row| Some(row.charge_point)));
    columns.time("start_time", each().map(|row| Some(row.start_time)));
    columns.time("end_time", each().map(|row| row.end_time));
    columns.span("duration", each().map(|row| Some(row.duration)));
    columns.word("state", each().map(|row| Some(row.state.as_str())));
    columns.word("evidence", each().map(|row| Some(row.evidence.as_str())));
    columns.word("end_reason", each().map(|row| Some(row.end_reason.as_str())));
    columns.int("close_code", each().map(|row| row.close_code));
    columns.text("close_reason", each().map(|row| row.close_reason));
    columns.word("confidence", each().map(|row| Some(row.confidence.as_str())));
    columns.span("heartbeat_interval", each().map(|row| row.heartbeat_interval));
    columns.flags(each().map(|row| row.flags));
    columns.word("source_file", each().map(|row| super::source(sources, row.position)));
    columns.long("source_line", each().map(|row| super::line(row.position)));
    columns.finish()
}
