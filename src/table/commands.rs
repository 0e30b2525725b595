//! The table `commands`: requests of the CSMS and what came of them.

use super::Columns;
use crate::options::Table;
use crate::rebuild::command::{Command, CommandOutcome};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The table `commands`.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn commands(rows: &[&Command<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::Commands);
    let each = || rows.iter();
    columns.text("charge_point_id", each().map(|row| Some(row.charge_point)));
    columns.int("evse_id", each().map(|row| row.evse_id));
    columns.int("connector_id", each().map(|row| row.connector_id));
    columns.time("requested_at", each().map(|row| row.requested_at));
    columns.word("action", each().map(|row| row.action));
    columns.text("arguments", each().map(|row| row.arguments));
    columns.word("response_status", each().map(|row| row.response_status));
    columns.word("outcome", each().map(|row| row.outcome.map(CommandOutcome::as_str)));
    columns.span("response_time", each().map(|row| row.response_time));
    columns.time("effect_time", each().map(|row| row.effect_time));
    columns.span("effect_latency", each().map(|row| row.effect_latency));
    columns.text("transaction_id", each().map(|row| row.transaction_id));
    columns.flags(each().map(|row| row.flags));
    columns.word("source_file", each().map(|row| super::source(sources, row.position)));
    columns.long("source_line", each().map(|row| super::line(row.position)));
    columns.long("source_offset", each().map(|row| Some(row.position.byte as i64)));
    columns.finish()
}
