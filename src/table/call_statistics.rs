//! The table `call_statistics`: how calls fared, by direction and action.

use super::Columns;
use super::column::{CHARGE_POINT_ID, Column, long, span, texts, word};
use crate::options::Table;
use crate::rebuild::statistics::CallStatistics;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The columns of the table `call_statistics`.
pub(super) const COLUMNS: &[Column] = &[
    CHARGE_POINT_ID,
    word("direction", "Who calls: from_charge_point or from_csms.").null("it is not known").from("as in messages"),
    word("action", "The action.").null("the call has none").from("1.6-J §4.2.1 Action"),
    long("calls", "All calls, resends included; the five counts that follow add up to it.")
        .from("own: matching of calls and answers"),
    long("results", "Those that were answered by a result.").from("own: matching of calls and answers"),
    long("errors", "Those that were refused.").from("own: matching of calls and answers"),
    long("timeouts", "Those that were not answered before the next call.").from("own: matching of calls and answers"),
    long("lost", "Those whose connection ended first.").from("own: matching of calls and answers"),
    long("censored", "Those that were open when the log ended.").from("own: matching of calls and answers"),
    long("retries", "Those that repeat an earlier one.").from("own: matching of calls and answers, by content"),
    texts("error_codes", "The error codes that came, each once, sorted; the misspelt ones of 1.6 in the words of 2.x.")
        .from("1.6-J §4.2.3 errorCode"),
    span("response_time_p50", "The median response time (nearest rank).")
        .null("nothing was answered, the log has no times, or they are whole seconds")
        .from("own: nearest rank of the response times"),
    span("response_time_p95", "The 95th percentile of the response times (nearest rank).")
        .null("nothing was answered, the log has no times, or they are whole seconds")
        .from("own: nearest rank of the response times"),
];

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
    columns.lists("error_codes", each().map(|row| &row.error_codes));
    columns.span("response_time_p50", each().map(|row| row.response_time_p50));
    columns.span("response_time_p95", each().map(|row| row.response_time_p95));
    columns.finish()
}
