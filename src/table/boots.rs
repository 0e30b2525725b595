//! The boots table.

use super::Columns;
use crate::options::Table;
use crate::rebuild::TimeSource;
use crate::rebuild::boot::{BootRow, CauseSource};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The boots table.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn boots(rows: &[&BootRow<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::Boots);
    let each = || rows.iter();
    columns.text("charge_point_id", each().map(|row| Some(row.charge_point)));
    columns.time("time", each().map(|row| row.time));
    columns.word("time_source", each().map(|row| row.time_source.map(TimeSource::as_str)));
    columns.time("received_at", each().map(|row| row.received_at));
    columns.word("cause", each().map(|row| row.cause));
    columns.word("cause_source", each().map(|row| row.cause_source.map(CauseSource::as_str)));
    columns.word("registration_status", each().map(|row| row.registration_status));
    columns.text("vendor", each().map(|row| row.vendor));
    columns.text("model", each().map(|row| row.model));
    columns.text("serial_number", each().map(|row| row.serial_number));
    columns.text("firmware_version", each().map(|row| row.firmware_version));
    columns.text("iccid", each().map(|row| row.iccid));
    columns.text("imsi", each().map(|row| row.imsi));
    columns.span("heartbeat_interval", each().map(|row| row.heartbeat_interval));
    columns.truth("is_reboot", each().map(|row| Some(row.is_reboot)));
    columns.span("offline_before", each().map(|row| row.offline_before));
    columns.flags(each().map(|row| row.flags));
    columns.word("source_file", each().map(|row| super::source(sources, row.position)));
    columns.long("source_line", each().map(|row| super::line(row.position)));
    columns.long("source_offset", each().map(|row| Some(row.position.byte as i64)));
    columns.finish()
}
