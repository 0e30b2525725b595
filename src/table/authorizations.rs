//! The table `authorizations`: requests to authorise a token.

use super::Columns;
use super::column::{
    CHARGE_POINT_ID, Column, FLAGS, SOURCE_FILE, SOURCE_LINE, SOURCE_OFFSET, int, span, text, time, word,
};
use crate::options::Table;
use crate::rebuild::authorization::{Authorization, AuthorizationOutcome};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The columns of the table `authorizations`.
pub(super) const COLUMNS: &[Column] = &[
    CHARGE_POINT_ID,
    int("evse_id", "The EVSE of the transaction that it began or stopped; in 1.x the connector.")
        .null("it led to no transaction")
        .from("own: the transaction that followed"),
    time("time", "When it was logged.").null("the log has no times").from("the recorder's stamp on Authorize"),
    text("id_tag", "The token.")
        .null("the message has none")
        .from("1.6 §6.1 Authorize.idTag; 2.x Authorize.idToken.idToken"),
    word("status", "The answer about the token, as logged.")
        .null("no answer tells it")
        .from("1.6 §6.2 Authorize.conf idTagInfo.status; 2.x AuthorizeResponse.idTokenInfo.status"),
    word(
        "outcome",
        "led_to_transaction, stopped_transaction (the token was shown to stop), abandoned, denied or \
        unanswered (also: refused with an error).",
    )
    .null("the log ends first")
    .from("own: the first use of the token within Rules.authorization_window"),
    text("transaction_id", "The transaction that it began or stopped.")
        .null("it led to none, or that has no id")
        .from("own: the transaction that followed"),
    span("response_time", "From the request to its answer, by the recorder's clock.")
        .null("it was not answered, the log has no times, or they are whole seconds")
        .from("own: matching of calls and answers"),
    FLAGS,
    SOURCE_FILE,
    SOURCE_LINE,
    SOURCE_OFFSET,
];

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
