//! The charge points table.

use super::Columns;
use super::column::{CHARGE_POINT_ID, Column, int, long, text, texts, time};
use crate::options::{Table, Tables};
use crate::rebuild::charge_point::ChargePoint;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The columns of the table `charge_points`.
pub(super) const COLUMNS: &[Column] = &[
    CHARGE_POINT_ID,
    text("vendor", "Vendor, by its last boot that tells.").null("no boot tells it").from("as vendor in boots"),
    text("model", "Model, likewise.").null("no boot tells it").from("as model in boots"),
    text("serial_number", "Serial number, likewise.").null("no boot tells it").from("as serial_number in boots"),
    text("firmware_version", "Firmware version, likewise.")
        .null("no boot tells it")
        .from("as firmware_version in boots"),
    texts("ocpp_versions", "The OCPP versions it spoke.").from("as ocpp_version in messages"),
    time("first_seen", "Its first log time.").null("the log has no times").from("the recorder's stamps"),
    time("last_seen", "Its last log time.").null("the log has no times").from("the recorder's stamps"),
    int("evse_count", "How many EVSEs (2.x) or connectors (1.x) it spoke of.").from(
        "own: EVSEs and connectors above 0 in StatusNotification, TransactionEvent, StartTransaction, \
            MeterValues and NotifyEvent",
    ),
    long("messages", "How many messages it has: copies in other sources left out, those outside of start and end not.")
        .from("own: counted"),
    long("transactions", "How many rows of that table.").null("that table was not asked for").from("own: counted"),
    long("meter_values", "How many rows of that table.").null("that table was not asked for").from("own: counted"),
    long("status_intervals", "How many rows of that table.").null("that table was not asked for").from("own: counted"),
    long("firmware_updates", "How many rows of that table.").null("that table was not asked for").from("own: counted"),
    long("boots", "How many rows of that table.").null("that table was not asked for").from("own: counted"),
    long("connectivity_intervals", "How many rows of that table.")
        .null("that table was not asked for")
        .from("own: counted"),
    long("faults", "How many rows of that table.").null("that table was not asked for").from("own: counted"),
    long("authorizations", "How many rows of that table.").null("that table was not asked for").from("own: counted"),
    long("commands", "How many rows of that table.").null("that table was not asked for").from("own: counted"),
    long("firmware_versions", "How many rows of that table.").null("that table was not asked for").from("own: counted"),
    long("security_events", "How many rows of that table.").null("that table was not asked for").from("own: counted"),
    long("log_uploads", "How many rows of that table.").null("that table was not asked for").from("own: counted"),
    long("configuration", "How many rows of that table.").null("that table was not asked for").from("own: counted"),
    long("charging_profiles", "How many rows of that table.").null("that table was not asked for").from("own: counted"),
    long("data_transfers", "How many rows of that table.").null("that table was not asked for").from("own: counted"),
    long("call_statistics", "How many rows of that table.").null("that table was not asked for").from("own: counted"),
    long("unmatched", "How many rows of that table.").from("own: counted"),
];

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
    columns.lists("ocpp_versions", each().map(|row| row.versions.iter().map(|version| version.as_str())));
    columns.time("first_seen", each().map(|row| row.first_seen));
    columns.time("last_seen", each().map(|row| row.last_seen));
    columns.int("evse_count", each().map(|row| Some(row.evse_count)));
    columns.long("messages", each().map(|row| Some(row.messages)));
    let counted = Table::ALL.iter().filter(|&&table| is_counted(table));
    for (place, &table) in counted.enumerate() {
        let built = built.has(table);
        let count = |row: &&ChargePoint<'_>| {
            debug_assert!(row.rows.get(place).is_none_or(|counted| counted.0 == table), "counts stand in one order");
            row.rows.get(place).map(|counted| counted.1).filter(|_| built)
        };
        columns.long(table.as_str(), each().map(count));
    }
    columns.finish()
}

/// Whether a charge point's row counts the rows of a table: messages are counted apart, and some tables are of sources.
const fn is_counted(table: Table) -> bool {
    !matches!(table, Table::Messages | Table::ChargePoints | Table::Rejects | Table::Accounting)
}
