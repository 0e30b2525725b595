//! The table `configuration`: values of settings over time.

use super::Columns;
use crate::options::Table;
use crate::rebuild::configuration::Setting;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The table `configuration`.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn configuration(rows: &[&Setting<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::Configuration);
    let each = || rows.iter();
    columns.text("charge_point_id", each().map(|row| Some(row.charge_point)));
    columns.text("component", each().map(|row| row.component));
    columns.text("variable", each().map(|row| row.variable));
    columns.word("attribute", each().map(|row| row.attribute));
    columns.text("value", each().map(|row| row.value));
    columns.truth("readonly", each().map(|row| row.readonly));
    columns.time("time", each().map(|row| row.time));
    columns.time("end_time", each().map(|row| row.end_time));
    columns.word("source", each().map(|row| row.source));
    columns.word("response_status", each().map(|row| row.response_status));
    columns.truth("effective_after_boot", each().map(|row| row.effective_after_boot));
    columns.flags(each().map(|row| row.flags));
    columns.word("source_file", each().map(|row| super::source(sources, row.position)));
    columns.long("source_line", each().map(|row| super::line(row.position)));
    columns.long("source_offset", each().map(|row| Some(row.position.byte as i64)));
    columns.finish()
}
