//! The table `authorizations`: requests to authorise a token.

use super::Columns;
use crate::options::Table;
use crate::rebuild::authorization::{Authorization, AuthorizationOutcome};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The table `authorizations`.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn authorizations(rows: &[&Authorization<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::Authorizations);
    let each = || rows.iter();
    columns.text("charge_point_id", each().map(|row| Some(row.charge_point)));
    columns.int("evse_id", each().map(|row| row.evse_id));
    columns.time("time", each().map(|row| row.time));
    columns.text("id_tag", each().map(|row| row.id_tag));
    columns.word("status", each().map(|row| row.status));
    columns.word("outcome", each().map(|row| row.outcome.map(AuthorizationOutcome::as_str)));
    columns.text("transaction_id", each().map(|row| row.transaction_id));
    columns.span("response_time", each().map(|row| row.response_time));
    columns.flags(each().map(|row| row.flags));
    columns.word("source_file", each().map(|row| super::source(sources, row.position)));
    columns.long("source_line", each().map(|row| super::line(row.position)));
    columns.long("source_offset", each().map(|row| Some(row.position.byte as i64)));
    columns.finish()
}
