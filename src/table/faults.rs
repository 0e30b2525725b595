//! The table `faults`: errors that charge points reported, from report to clearing.

use super::Columns;
use super::column::{CHARGE_POINT_ID, Column, FLAGS, SOURCE_FILE, SOURCE_LINE, SOURCE_OFFSET, int, text, time, word};
use crate::options::Table;
use crate::rebuild::fault::Fault;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The columns of the table `faults`.
pub(super) const COLUMNS: &[Column] = &[
    CHARGE_POINT_ID,
    int("evse_id", "The EVSE; in 1.x the connector; 0 is the charge point itself.").from(
        "1.6 §6.47 StatusNotification.connectorId; 2.x StatusNotification.evseId, NotifyEvent \
            eventData.component.evse.id",
    ),
    int("connector_id", "The connector.").null("an event names none").from(
        "1.6 §6.47 StatusNotification.connectorId; 2.x StatusNotification.connectorId, NotifyEvent \
            eventData.component.evse.connectorId",
    ),
    time("start_time", "When it was reported.")
        .null("only its clearing is in the log, or neither report nor line has a time")
        .from(
            "1.6 §6.47 StatusNotification.timestamp; 2.x StatusNotification.timestamp, NotifyEvent \
            eventData.timestamp; else the log",
        ),
    time("end_time", "When it was over.")
        .null("it lasts when the log ends, or the report that ends it has no time")
        .from(
            "1.6 and 2.x: the next StatusNotification that does not tell it; 2.x NotifyEvent eventData.cleared, or \
            Problem false",
        ),
    word("error_code", "The error code as logged.")
        .null("none was sent; 2.x has none")
        .from("1.6 §7.6 StatusNotification.errorCode"),
    text("vendor_id", "The vendor whose code follows.")
        .null("none was sent")
        .from("1.6 §6.47 StatusNotification.vendorId"),
    text("vendor_error_code", "The vendor's code; in 2.x the technical code.")
        .null("none was sent")
        .from("1.6 §6.47 StatusNotification.vendorErrorCode; 2.x NotifyEvent eventData.techCode"),
    word("mrec_code", "The minimum required error code (CX001 to CX026) that it stands for.")
        .null("it stands for none")
        .from("ChargeX minimum required error codes, in vendor_error_code or info, or by error_code"),
    text("info", "Free text of the report that began it.")
        .null("none was sent")
        .from("1.6 §6.47 StatusNotification.info; 2.x NotifyEvent eventData.techInfo"),
    int("severity", "How severe, from 0 (danger) to 9 (debug); told by NotifyEvent of 2.1.")
        .null("none was sent")
        .from("2.1 NotifyEvent eventData.severity"),
    word("component", "The component (2.x).")
        .null("in 1.x, and where a StatusNotification tells it")
        .from("2.x NotifyEvent eventData.component.name"),
    word("variable", "The variable (2.x).")
        .null("in 1.x, and where a StatusNotification tells it")
        .from("2.x NotifyEvent eventData.variable.name"),
    text("transaction_id", "The transaction that ran then.")
        .null("none ran then, or that has no id")
        .from("2.x NotifyEvent eventData.transactionId; else own: the transaction on that EVSE at start_time"),
    word("source", "What told it: status or notify_event.").from("own: the message that told it"),
    FLAGS,
    SOURCE_FILE,
    SOURCE_LINE,
    SOURCE_OFFSET,
];

/// The table `faults`.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn faults(rows: &[&Fault<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::Faults);
    let each = || rows.iter();
    columns.text("charge_point_id", each().map(|row| Some(row.charge_point)));
    columns.int("evse_id", each().map(|row| row.evse_id));
    columns.int("connector_id", each().map(|row| row.connector_id));
    columns.time("start_time", each().map(|row| row.start_time));
    columns.time("end_time", each().map(|row| row.end_time));
    columns.word("error_code", each().map(|row| row.error_code));
    columns.text("vendor_id", each().map(|row| row.vendor_id));
    columns.text("vendor_error_code", each().map(|row| row.vendor_error_code));
    columns.word("mrec_code", each().map(|row| row.mrec_code));
    columns.text("info", each().map(|row| row.info));
    columns.int("severity", each().map(|row| row.severity));
    columns.word("component", each().map(|row| row.component));
    columns.word("variable", each().map(|row| row.variable));
    columns.text("transaction_id", each().map(|row| row.transaction_id));
    columns.word("source", each().map(|row| Some(row.source.as_str())));
    columns.flags(each().map(|row| row.flags));
    columns.word("source_file", each().map(|row| super::source(sources, row.position)));
    columns.long("source_line", each().map(|row| super::line(row.position)));
    columns.long("source_offset", each().map(|row| Some(row.position.byte as i64)));
    columns.finish()
}
