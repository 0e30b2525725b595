//! The table `call_statistics`: how calls fared, by direction and action.

use super::Columns;
use crate::options::Table;
use crate::rebuild::statistics::CallStatistics;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The table `call_statistics`.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn call_statistics(rows: &[&CallStatistics<'_>], _sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::CallStatistics);
    let each = || rows.iter();
    columns.text("charge_point_id", each().map(|row| Some(row.charge_point)));
    columns.word("direction", each().map(|row| row.direction));
    columns.word("action", each().map(|row| row.action));
    columns.long("calls", each().map(|row| row.calls));
    columns.long("results", each().map(|row| row.results));
    columns.long("errors", each().map(|row| row.errors));
    columns.long("timeouts", each().map(|row| row.timeouts));
    columns.long("lost", each().map(|row| row.lost));
    columns.long("censored", each().map(|row| row.censored));
    columns.long("retries", each().map(|row| row.retries));
    columns.lists("error_codes", each().map(|row| row.error_codes.iter().map(|&code| code.to_owned()).collect()));
    columns.span("response_time_p50", each().map(|row| row.response_time_p50));
    columns.span("response_time_p95", each().map(|row| row.response_time_p95));
    columns.finish()
}
