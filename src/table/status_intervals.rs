//! The status timeline.

use super::Columns;
use crate::options::Table;
use crate::rebuild::TimeSource;
use crate::rebuild::status::{Knowledge, StatusInterval};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The status timeline.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn status_intervals(rows: &[&StatusInterval<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::StatusIntervals);
    let each = || rows.iter();
    columns.text("charge_point_id", each().map(|row| Some(row.charge_point)));
    columns.int("evse_id", each().map(|row| row.evse));
    columns.int("connector_id", each().map(|row| row.connector));
    columns.time("start_time", each().map(|row| row.start_time));
    columns.word("start_time_source", each().map(|row| row.start_time_source.map(TimeSource::as_str)));
    columns.time("end_time", each().map(|row| row.end_time));
    columns.time("observed_until", each().map(|row| row.observed_until));
    columns.span("duration", each().map(|row| row.duration));
    columns.word("status", each().map(|row| Some(row.status)));
    columns.word("status_class", each().map(|row| Some(row.status_class.as_str())));
    columns.word("error_code", each().map(|row| row.error_code));
    columns.text("vendor_id", each().map(|row| row.vendor_id));
    columns.text("vendor_error_code", each().map(|row| row.vendor_error_code));
    columns.text("info", each().map(|row| row.info));
    columns.word("end_reason", each().map(|row| Some(row.end_reason.as_str())));
    columns.word("knowledge", each().map(|row| row.knowledge.map(Knowledge::as_str)));
    columns.int("confirmations", each().map(|row| Some(row.confirmations)));
    columns.time("received_at", each().map(|row| row.received_at));
    columns.flags(each().map(|row| row.flags));
    columns.word("source_file", each().map(|row| super::source(sources, row.position)));
    columns.long("source_line", each().map(|row| super::line(row.position)));
    columns.finish()
}
