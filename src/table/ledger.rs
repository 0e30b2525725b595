//! The tables that make the numbers trustworthy: rejects, unmatched, accounting.

use super::Columns;
use super::column::{CHARGE_POINT_ID, Column, SOURCE_FILE, SOURCE_LINE, SOURCE_OFFSET, long, span, text, time, word};
use crate::account::{Account, ZoneSource};
use crate::options::Table;
use crate::rebuild::Unmatched;
use crate::reject::Reject;
use crate::term::Side;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The columns of the table `accounting`.
pub(super) const ACCOUNTING: &[Column] = &[
    SOURCE_FILE.null(""),
    word("status", "whole, partial, failed or skipped.").from("own: how far the source was read"),
    word("layout", "The layout.").null("no frame was found").from("own: the layout whose words fit"),
    word("encoding", "The text encoding.")
        .null("the source has no line")
        .from("own: the mark of the source, else the option encoding"),
    word("timezone", "The zone of the log's own stamps.")
        .null("it has no name, or no stamp needs one")
        .from("the log; the option timezone; else own: payload times against the log's stamps"),
    word("timezone_source", "How the zone is known: log, argument, estimated or assumed.")
        .null("no stamp needs a zone")
        .from("own: what was found"),
    span("utc_offset", "The offset from UTC where it is one for all stamps.")
        .null("it is not one for all stamps, or no stamp needs a zone")
        .from("own: payload times against the log's stamps"),
    word("side", "Which side wrote the log: csms or charge_point.")
        .null("nothing tells it")
        .from("own: which side sends such actions, else the option side, else the layout"),
    long("size_bytes", "Bytes after decompression.").unit("byte").from("own: counted"),
    long("compressed_size_bytes", "Bytes before decompression.")
        .unit("byte")
        .null("it is not compressed")
        .from("own: counted"),
    long("lines", "All lines.").from("own: counted"),
    long("blank_lines", "Lines of white space.").from("own: counted"),
    long("other_lines", "Readable lines without OCPP in them.").from("own: counted"),
    long("message_lines", "Lines with at least one message.").from("own: counted"),
    long("rejected_lines", "Lines of which nothing was understood.").from("own: counted"),
    long("blank_bytes", "Bytes of the blank lines, newlines included.").unit("byte").from("own: counted"),
    long("other_bytes", "Bytes of the other lines, newlines included.").unit("byte").from("own: counted"),
    long("message_bytes", "Bytes of the lines with a message, newlines included.").unit("byte").from("own: counted"),
    long("rejected_bytes", "Bytes of the rejected lines, newlines included.").unit("byte").from("own: counted"),
    long(
        "passed_bytes",
        "Bytes that no line was read from: a byte order mark, lines over the limit, what a cut left \
        of a line. The five add up to size_bytes.",
    )
    .unit("byte")
    .from("own: counted"),
    long("frames", "Frames: messages, duplicates and rejected frames.").from("own: counted"),
    long("messages", "Messages.").from("own: counted"),
    long("duplicates", "Messages that another source, or another logger of this one, holds too.").from("own: counted"),
    long("filtered", "Messages that were filtered out.").from("own: counted"),
    long("rejects", "Rejects, findings about the whole file included.").from("own: counted"),
    time("first_log_time", "The first log time.").null("the source has no times").from("the recorder's stamps"),
    time("last_log_time", "The last log time.").null("the source has no times").from("the recorder's stamps"),
];

/// The columns of the table `unmatched`.
pub(super) const UNMATCHED: &[Column] = &[
    CHARGE_POINT_ID,
    word(
        "kind",
        "Why it fits nothing: bad_payload, duplicate_response, meter_values_without_transaction, \
        orphan_response, placeholder_stop, retry_of or no_transaction_id.",
    )
    .from("own: what is left over"),
    time("time", "When it happened.")
        .null("neither the message nor the line has a time")
        .from("the message's own timestamp, else the recorder's stamp"),
    text("detail", "What exactly.").from("own: what was found"),
    SOURCE_FILE,
    SOURCE_LINE,
    SOURCE_OFFSET,
];

/// The columns of the table `rejects`.
pub(super) const REJECTS: &[Column] = &[
    SOURCE_FILE.null(""),
    long("source_line", "Line in the source, from 1.").null("it is about the whole file").from("own: what was found"),
    long("source_offset", "Offset in the decompressed source.").unit("byte").from("own: what was found"),
    long("length", "How many bytes were not understood.").unit("byte").from("own: what was found"),
    word("reason", "Why: one of the words that ocpplog.schemas.reasons() lists.")
        .from("own: the closed list of schemas.reasons()"),
    text("detail", "What exactly.").from("own: what was found"),
    text("charge_point_id", "The charge point.")
        .null("the line names none")
        .from("the log's record, envelope or wrapper"),
    time("log_time", "The line's time.").null("the line has none").from("the recorder's stamp on the line"),
    text("text", "The first 512 bytes; what is not UTF-8 is replaced, secrets are masked.").from("the log"),
];

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
