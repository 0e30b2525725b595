//! The table `data_transfers`: messages of vendors' own.

use super::Columns;
use super::column::{CHARGE_POINT_ID, Column, FLAGS, SOURCE_FILE, SOURCE_LINE, SOURCE_OFFSET, span, text, time, word};
use crate::options::Table;
use crate::rebuild::data_transfer::DataTransfer;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The columns of the table `data_transfers`.
pub(super) const COLUMNS: &[Column] = &[
    CHARGE_POINT_ID,
    time("time", "When it was logged.").null("the log has no times").from("the recorder's stamp on DataTransfer"),
    word("direction", "Who sent it: from_charge_point or from_csms.").null("nothing tells it").from("as in messages"),
    text("vendor_id", "The vendor.")
        .null("none was sent")
        .from("1.6 §6.15 DataTransfer.vendorId; 2.x DataTransfer.vendorId"),
    text("message_id", "The vendor's name for the message.")
        .null("none was sent")
        .from("1.6 §6.15 DataTransfer.messageId; 2.x DataTransfer.messageId"),
    text("data", "What it carries: a text, or JSON as logged; secrets are masked by pattern.")
        .null("none was sent")
        .from("1.6 §6.15 DataTransfer.data; 2.x DataTransfer.data"),
    word("response_status", "The answer, as logged.")
        .null("no answer is in the log")
        .from("1.6 §6.16 DataTransfer.conf status; 2.x DataTransferResponse.status"),
    text("response_data", "What the answer carries, likewise.")
        .null("the answer carries none")
        .from("1.6 §6.16 DataTransfer.conf data; 2.x DataTransferResponse.data"),
    span("response_time", "From the request to its answer, by the recorder's clock.")
        .null("it was not answered, the log has no times, or they are whole seconds")
        .from("own: matching of calls and answers"),
    FLAGS,
    SOURCE_FILE,
    SOURCE_LINE,
    SOURCE_OFFSET,
];

/// The table `data_transfers`.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn data_transfers(rows: &[&DataTransfer<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::DataTransfers);
    let each = || rows.iter();
    columns.text("charge_point_id", each().map(|row| Some(row.charge_point)));
    columns.time("time", each().map(|row| row.time));
    columns.word("direction", each().map(|row| row.direction));
    columns.text("vendor_id", each().map(|row| row.vendor_id));
    columns.text("message_id", each().map(|row| row.message_id));
    columns.text("data", each().map(|row| row.data));
    columns.word("response_status", each().map(|row| row.response_status));
    columns.text("response_data", each().map(|row| row.response_data));
    columns.span("response_time", each().map(|row| row.response_time));
    columns.flags(each().map(|row| row.flags));
    columns.word("source_file", each().map(|row| super::source(sources, row.position)));
    columns.long("source_line", each().map(|row| super::line(row.position)));
    columns.long("source_offset", each().map(|row| Some(row.position.byte as i64)));
    columns.finish()
}
