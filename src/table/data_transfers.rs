//! The table `data_transfers`: messages of vendors' own.

use super::Columns;
use crate::options::Table;
use crate::rebuild::data_transfer::DataTransfer;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

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
