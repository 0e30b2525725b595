//! Firmware (being written).
use super::column::schema;
use crate::options::Table;
use crate::rebuild::firmware::FirmwareUpdate;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The firmware updates table.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn firmware_updates(_: &[&FirmwareUpdate<'_>], _: &[String]) -> Result<RecordBatch, ArrowError> {
    Ok(RecordBatch::new_empty(schema(Table::FirmwareUpdates)))
}
