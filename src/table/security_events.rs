//! The table `security_events`: security events.

use super::Columns;
use crate::options::Table;
use crate::rebuild::security::SecurityEvent;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

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
