//! The table `faults`: errors that charge points reported, from report to clearing.

use super::Columns;
use crate::options::Table;
use crate::rebuild::fault::Fault;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The table `faults`.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn faults(rows: &[&Fault<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::Faults);
    let each = || rows.iter();
    columns.text("charge_point_id", each().map(|row| Some(row.charge_point)));
    columns.int("evse_id", each().map(|row| row.evse_id));
    columns.int("connector_id", each().map(|row| row.connector_id));
    columns.time("start_time", each().map(|row| row.start_time));
    columns.time("end_time", each().map(|row| row.end_time));
    columns.word("error_code", each().map(|row| row.error_code));
    columns.text("vendor_id", each().map(|row| row.vendor_id));
    columns.text("vendor_error_code", each().map(|row| row.vendor_error_code));
    columns.word("mrec_code", each().map(|row| row.mrec_code));
    columns.text("info", each().map(|row| row.info));
    columns.int("severity", each().map(|row| row.severity));
    columns.word("component", each().map(|row| row.component));
    columns.word("variable", each().map(|row| row.variable));
    columns.text("transaction_id", each().map(|row| row.transaction_id));
    columns.word("source", each().map(|row| Some(row.source.as_str())));
    columns.flags(each().map(|row| row.flags));
    columns.word("source_file", each().map(|row| super::source(sources, row.position)));
    columns.long("source_line", each().map(|row| super::line(row.position)));
    columns.long("source_offset", each().map(|row| Some(row.position.byte as i64)));
    columns.finish()
}
