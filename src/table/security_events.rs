//! The table `security_events`: security events.

use super::Columns;
use super::column::{CHARGE_POINT_ID, Column, FLAGS, SOURCE_FILE, SOURCE_LINE, SOURCE_OFFSET, text, time, truth, word};
use crate::options::Table;
use crate::rebuild::security::SecurityEvent;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The columns of the table `security_events`.
pub(super) const COLUMNS: &[Column] = &[
    CHARGE_POINT_ID,
    time("time", "When it happened.")
        .null("neither the event nor the line has a time")
        .from("1.6 security and 2.x SecurityEventNotification.timestamp; else the log"),
    word("time_source", "Which clock tells: payload or log.").null("time is").from("own: choice of the clock"),
    time("received_at", "When it was first logged.")
        .null("the log has no times")
        .from("the recorder's stamp on the message"),
    word("type", "The type as logged.").from("1.6 security and 2.x SecurityEventNotification.type"),
    truth("critical", "Whether the specification of its version calls it critical.")
        .null("no list has the type, or the lists disagree and the version is not known")
        .from("1.6 security, list of security events; 2.x appendices, list of security events"),
    text("tech_info", "What the charge point added; secrets are masked.")
        .null("none was sent")
        .from("1.6 security and 2.x SecurityEventNotification.techInfo"),
    FLAGS,
    SOURCE_FILE,
    SOURCE_LINE,
    SOURCE_OFFSET,
];

/// The table `security_events`.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn security_events(rows: &[&SecurityEvent<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::SecurityEvents);
    let each = || rows.iter();
    columns.text("charge_point_id", each().map(|row| Some(row.charge_point)));
    columns.time("time", each().map(|row| row.time));
    columns.word("time_source", each().map(|row| row.time_source));
    columns.time("received_at", each().map(|row| row.received_at));
    columns.word("type", each().map(|row| row.kind));
    columns.truth("critical", each().map(|row| row.critical));
    columns.text("tech_info", each().map(|row| row.tech_info));
    columns.flags(each().map(|row| row.flags));
    columns.word("source_file", each().map(|row| super::source(sources, row.position)));
    columns.long("source_line", each().map(|row| super::line(row.position)));
    columns.long("source_offset", each().map(|row| Some(row.position.byte as i64)));
    columns.finish()
}
