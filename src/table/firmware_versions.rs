//! The table `firmware_versions`: the firmware versions of a charge point over time.

use super::Columns;
use super::column::{CHARGE_POINT_ID, Column, long, text, time, word};
use crate::options::Table;
use crate::rebuild::firmware_version::{ChangedBy, FirmwareVersion};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The columns of the table `firmware_versions`.
pub(super) const COLUMNS: &[Column] = &[
    CHARGE_POINT_ID,
    text("firmware_version", "The version.")
        .from("1.6 §6.3 BootNotification.firmwareVersion; 2.x BootNotification.chargingStation.firmwareVersion"),
    time("start_time", "When a boot first told it.")
        .null("the log has no times")
        .from("the recorder's stamp on BootNotification"),
    time("end_time", "When a boot told another one.")
        .null("it is the last one, or the log has no times")
        .from("the recorder's stamp on the BootNotification that tells another version"),
    word("changed_by", "What brought it: update (one that ended well and that this boot proves) or unknown.")
        .null("it is the first one in the log")
        .from("own: the update whose proof is the same boot"),
    long("request_id", "The number of the update that brought it.")
        .null("no update brought it, or that has no number (plain 1.6)")
        .from("own: request_id of firmware_updates"),
    word("source_file", "The source of the boot that first told it.")
        .null("the messages came without it")
        .from("own: place of the message"),
    long("source_line", "Its line.").null("the messages came without it").from("own: place of the message"),
];

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
