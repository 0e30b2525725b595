//! The tables that make the numbers trustworthy: rejects, unmatched, accounting.

use super::Columns;
use crate::account::{Account, ZoneSource};
use crate::options::Table;
use crate::rebuild::Unmatched;
use crate::reject::Reject;
use crate::term::Side;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The rejects table.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn rejects(rows: &[Reject], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::Rejects);
    let each = || rows.iter();
    columns.word("source_file", each().map(|row| super::source(sources, row.position)));
    columns.long("source_line", each().map(|row| super::line(row.position)));
    columns.long("source_offset", each().map(|row| Some(row.position.byte as i64)));
    columns.long("length", each().map(|row| Some(row.length as i64)));
    columns.word("reason", each().map(|row| Some(row.reason.as_str())));
    columns.text("detail", each().map(|row| Some(row.detail.as_str())));
    columns.text("charge_point_id", each().map(|row| row.charge_point.as_deref()));
    columns.time("log_time", each().map(|row| row.log_time));
    columns.text("text", each().map(|row| Some(row.text.as_str())));
    columns.finish()
}

/// The unmatched table.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn unmatched(rows: &[&Unmatched<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::Unmatched);
    let each = || rows.iter();
    columns.text("charge_point_id", each().map(|row| Some(row.view.charge_point_id())));
    columns.word("kind", each().map(|row| Some(row.kind.as_str())));
    columns.time("time", each().map(|row| row.time));
    columns.text("detail", each().map(|row| Some(row.detail.as_str())));
    columns.word("source_file", each().map(|row| super::source(sources, row.view.position)));
    columns.long("source_line", each().map(|row| super::line(row.view.position)));
    columns.long("source_offset", each().map(|row| Some(row.view.position.byte as i64)));
    columns.finish()
}

/// The accounting table.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn accounting(rows: &[Account]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::Accounting);
    let each = || rows.iter();
    columns.word("source_file", each().map(|row| Some(row.name.as_str())));
    columns.word("status", each().map(|row| Some(row.status)));
    columns.word("layout", each().map(|row| row.layout.as_deref()));
    columns.word("encoding", each().map(|row| row.encoding.as_deref()));
    columns.word("timezone", each().map(|row| row.timezone.as_deref()));
    columns.word("timezone_source", each().map(|row| row.timezone_source.map(ZoneSource::as_str)));
    columns.span("utc_offset", each().map(|row| row.utc_offset));
    columns.word("side", each().map(|row| row.side.map(Side::as_str)));
    columns.long("size_bytes", each().map(|row| Some(row.size_bytes)));
    columns.long("compressed_size_bytes", each().map(|row| row.compressed_size_bytes));
    columns.long("lines", each().map(|row| Some(row.lines)));
    columns.long("blank_lines", each().map(|row| Some(row.blank_lines)));
    columns.long("other_lines", each().map(|row| Some(row.other_lines)));
    columns.long("message_lines", each().map(|row| Some(row.message_lines)));
    columns.long("rejected_lines", each().map(|row| Some(row.rejected_lines)));
    columns.long("blank_bytes", each().map(|row| Some(row.blank_bytes)));
    columns.long("other_bytes", each().map(|row| Some(row.other_bytes)));
    columns.long("message_bytes", each().map(|row| Some(row.message_bytes)));
    columns.long("rejected_bytes", each().map(|row| Some(row.rejected_bytes)));
    columns.long("passed_bytes", each().map(|row| Some(row.passed_bytes)));
    columns.long("frames", each().map(|row| Some(row.frames)));
    columns.long("messages", each().map(|row| Some(row.messages)));
    columns.long("duplicates", each().map(|row| Some(row.duplicates)));
    columns.long("filtered", each().map(|row| Some(row.filtered)));
    columns.long("rejects", each().map(|row| Some(row.rejects)));
    columns.time("first_log_time", each().map(|row| row.first_log_time));
    columns.time("last_log_time", each().map(|row| row.last_log_time));
    columns.finish()
}
