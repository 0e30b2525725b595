//! The boots table.

use super::Columns;
use super::column::{
    CHARGE_POINT_ID, Column, FLAGS, SOURCE_FILE, SOURCE_LINE, SOURCE_OFFSET, span, text, time, truth, word,
};
use crate::options::Table;
use crate::rebuild::TimeSource;
use crate::rebuild::boot::{BootRow, CauseSource};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The columns of the table `boots`.
pub(super) const COLUMNS: &[Column] = &[
    CHARGE_POINT_ID,
    time("time", "When it booted.")
        .null("the log has no times")
        .from("the recorder's stamp on BootNotification, which carries no time"),
    word("time_source", "Which clock tells: log.").null("time is").from("own: choice of the clock"),
    time("received_at", "When it was logged.")
        .null("the log has no times")
        .from("the recorder's stamp on BootNotification"),
    word(
        "cause",
        "Why it booted, as sent (2.x). Else inferred: reset_command, firmware, the reason of a stop behind \
        the boot, power_or_network, soft, reconnect (SOAP: no status followed, so it is no reboot), \
        unknown; Triggered if the CSMS asked for the message.",
    )
    .null("it is a registration sent again and no reason was sent")
    .from("2.x BootNotification.reason; else own: causes of boots"),
    word(
        "cause_source",
        "How the cause is known: reason (it was sent), command, firmware_update, stop_reason, silence, \
        connection or statuses.",
    )
    .null("the cause is unknown, or there is none")
    .from("own: causes of boots"),
    word("registration_status", "The CSMS's answer: Accepted, Pending, Rejected.")
        .null("no answer is in the log")
        .from("1.6 §6.4 BootNotification.conf status; 2.x BootNotificationResponse.status"),
    text("vendor", "Vendor of the charge point.")
        .null("none was sent")
        .from("1.6 §6.3 BootNotification.chargePointVendor; 2.x BootNotification.chargingStation.vendorName"),
    text("model", "Model of the charge point.")
        .null("none was sent")
        .from("1.6 §6.3 BootNotification.chargePointModel; 2.x BootNotification.chargingStation.model"),
    text("serial_number", "Its serial number.").null("none was sent").from(
        "1.6 §6.3 BootNotification.chargePointSerialNumber, else chargeBoxSerialNumber; 2.x \
            BootNotification.chargingStation.serialNumber",
    ),
    text("firmware_version", "Its firmware version.")
        .null("none was sent")
        .from("1.6 §6.3 BootNotification.firmwareVersion; 2.x BootNotification.chargingStation.firmwareVersion"),
    text("iccid", "ICCID of its SIM card.")
        .null("none was sent")
        .from("1.6 §6.3 BootNotification.iccid; 2.x BootNotification.chargingStation.modem.iccid"),
    text("imsi", "IMSI of its SIM card.")
        .null("none was sent")
        .from("1.6 §6.3 BootNotification.imsi; 2.x BootNotification.chargingStation.modem.imsi"),
    span("heartbeat_interval", "The heartbeat interval that the CSMS ordered.")
        .null("the answer is not in the log or tells none, and where it is Pending or Rejected")
        .from("1.6 §6.4 BootNotification.conf interval (1.5 heartbeatInterval); 2.x BootNotificationResponse.interval"),
    truth(
        "is_reboot",
        "Whether it is a boot, and not a registration sent again, asked for or told for a new address only.",
    )
    .from("own: repeated and triggered registrations (1.6 §4.2)"),
    span("offline_before", "How long it was offline right before.")
        .null("the log shows no time offline there")
        .from("own: connectivity_intervals"),
    FLAGS,
    SOURCE_FILE,
    SOURCE_LINE,
    SOURCE_OFFSET,
];

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
