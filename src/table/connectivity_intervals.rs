//! The table `connectivity_intervals`: stretches of time in which a charge point was in contact or out of it.

use super::Columns;
use crate::options::Table;
use crate::rebuild::connectivity::Contact;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

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
