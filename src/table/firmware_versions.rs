//! The table `firmware_versions`: the firmware versions of a charge point over time.

use super::Columns;
use crate::options::Table;
use crate::rebuild::firmware_version::{ChangedBy, FirmwareVersion};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The table `firmware_versions`.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn firmware_versions(rows: &[&FirmwareVersion<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::FirmwareVersions);
    let each = || rows.iter();
    columns.text("charge_point_id", each().map(|row| Some(row.charge_point)));
    columns.text("firmware_version", each().map(|row| row.firmware_version));
    columns.time("start_time", each().map(|row| row.start_time));
    columns.time("end_time", each().map(|row| row.end_time));
    columns.word("changed_by", each().map(|row| row.changed_by.map(ChangedBy::as_str)));
    columns.long("request_id", each().map(|row| row.request_id));
    columns.word("source_file", each().map(|row| super::source(sources, row.position)));
    columns.long("source_line", each().map(|row| super::line(row.position)));
    columns.finish()
}
