//! The charge points table.

use super::Columns;
use crate::options::{Table, Tables};
use crate::rebuild::charge_point::ChargePoint;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The charge points table; counts of tables that were not built are null.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn charge_points(rows: &[&ChargePoint<'_>], built: &Tables) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::ChargePoints);
    let each = || rows.iter();
    columns.text("charge_point_id", each().map(|row| Some(row.charge_point)));
    columns.text("vendor", each().map(|row| row.vendor));
    columns.text("model", each().map(|row| row.model));
    columns.text("serial_number", each().map(|row| row.serial_number));
    columns.text("firmware_version", each().map(|row| row.firmware_version));
    let versions = |row: &&ChargePoint<'_>| row.versions.iter().map(|version| version.as_str().to_owned()).collect();
    columns.lists("ocpp_versions", each().map(versions));
    columns.time("first_seen", each().map(|row| row.first_seen));
    columns.time("last_seen", each().map(|row| row.last_seen));
    columns.int("evse_count", each().map(|row| Some(row.evse_count)));
    columns.long("messages", each().map(|row| Some(row.messages)));
    let counted = Table::ALL.iter().filter(|&&table| is_counted(table));
    for (place, &table) in counted.enumerate() {
        let count = |row: &&ChargePoint<'_>| {
            debug_assert!(row.rows.get(place).is_none_or(|counted| counted.0 == table), "counts stand in one order");
            row.rows.get(place).map(|counted| counted.1).filter(|_| built.has(table))
        };
        columns.long(table.as_str(), each().map(count));
    }
    columns.finish()
}

/// Whether a charge point's row counts the rows of a table: messages are counted apart, and some tables are of sources.
const fn is_counted(table: Table) -> bool {
    !matches!(table, Table::Messages | Table::ChargePoints | Table::Rejects | Table::Accounting)
}
