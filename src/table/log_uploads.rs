//! The table `log_uploads`: uploads of diagnostics and logs.

use super::Columns;
use crate::options::Table;
use crate::rebuild::upload::Upload;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The table `log_uploads`.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn log_uploads(rows: &[&Upload<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::LogUploads);
    let each = || rows.iter();
    columns.text("charge_point_id", each().map(|row| Some(row.charge_point)));
    columns.long("request_id", each().map(|row| row.request_id));
    columns.word("kind", each().map(|row| row.kind));
    columns.word("log_type", each().map(|row| row.log_type));
    columns.word("source", each().map(|row| row.source));
    columns.text("location", each().map(|row| row.location));
    columns.time("requested_at", each().map(|row| row.requested_at));
    columns.word("response_status", each().map(|row| row.response_status));
    columns.text("file_name", each().map(|row| row.file_name));
    columns.stages(
        "statuses",
        each().map(|row| row.statuses.iter().map(|at| (at.status, at.time, at.received_at)).collect()),
    );
    columns.word("last_status", each().map(|row| row.last_status));
    columns.time("last_status_time", each().map(|row| row.last_status_time));
    columns.word("outcome", each().map(|row| row.outcome));
    columns.span("duration", each().map(|row| row.duration));
    columns.flags(each().map(|row| row.flags));
    columns.word("source_file", each().map(|row| super::source(sources, row.position)));
    columns.long("source_line", each().map(|row| super::line(row.position)));
    columns.long("source_offset", each().map(|row| Some(row.position.byte as i64)));
    columns.finish()
}
