//! The status timeline.

use super::Columns;
use super::column::{CHARGE_POINT_ID, Column, FLAGS, int, long, span, text, time, word};
use crate::options::Table;
use crate::rebuild::TimeSource;
use crate::rebuild::status::{Knowledge, StatusInterval};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The columns of the table `status_intervals`.
pub(super) const COLUMNS: &[Column] = &[
    CHARGE_POINT_ID,
    int("evse_id", "The EVSE; in 1.x the connector; 0 is the charge point itself.").from(
        "1.6 §6.47 StatusNotification.connectorId; 2.x StatusNotification.evseId, NotifyEvent \
            eventData.component.evse.id",
    ),
    int("connector_id", "The connector.").null("an event speaks of the EVSE, or names none").from(
        "1.6 §6.47 StatusNotification.connectorId; 2.x StatusNotification.connectorId, NotifyEvent \
            eventData.component.evse.connectorId",
    ),
    time("start_time", "When the status began, or contact was lost or regained.")
        .null("neither the report nor the line has a time")
        .from(
            "1.6 §6.47 StatusNotification.timestamp; 2.x StatusNotification.timestamp, NotifyEvent \
            eventData.timestamp; else the log",
        ),
    word("start_time_source", "Which clock tells: payload or log; where contact was lost or regained it is log.")
        .null("start_time is")
        .from("own: choice of the clock"),
    time("end_time", "When the next status began, or contact was lost or regained.")
        .null("it lasts when the log ends, or the next report has no time")
        .from("own: start of the next row"),
    time("observed_until", "Until when the log shows it.")
        .null("the log has no times, or the next report has none")
        .from("own: end_time, else the last contact or the end of the log"),
    span("duration", "From start_time to end_time, else to observed_until.")
        .null("two clocks that do not agree tell both ends, the end lies first, or a time is missing")
        .from("own: from start_time to end_time or observed_until"),
    word("status", "The status as logged.").from(
        "1.6 §6.47 StatusNotification.status; 2.x StatusNotification.connectorStatus, NotifyEvent \
            eventData.actualValue of AvailabilityState",
    ),
    word(
        "status_class",
        "The same words for all versions, Occupied as its transaction tells: available, \
        occupied_idle, charging, suspended_ev, suspended_evse, reserved, unavailable, faulted, unknown.",
    )
    .from("own: classes of 1.6 §7.7 and 2.x ConnectorStatusEnumType; Occupied by its transaction"),
    word("error_code", "The error code as logged.")
        .null("none was sent; 2.x has none")
        .from("1.6 §6.47 StatusNotification.errorCode"),
    text("vendor_id", "The vendor whose code follows.")
        .null("none was sent")
        .from("1.6 §6.47 StatusNotification.vendorId"),
    text("vendor_error_code", "The vendor's code.")
        .null("none was sent")
        .from("1.6 §6.47 StatusNotification.vendorErrorCode"),
    text("info", "Free text.").null("none was sent").from("1.6 §6.47 StatusNotification.info"),
    word("end_reason", "next_status, contact_lost, contact_regained or log_end.").from("own: timeline of a connector"),
    word(
        "knowledge",
        "certain; stale while the charge point was out of contact; assumed once it was back and had not \
        said otherwise.",
    )
    .null("the log has no times")
    .from("own: what silence makes of a status"),
    int("confirmations", "How often the same status was reported again in this row.")
        .from("own: equal reports that follow each other"),
    time("received_at", "When the first report was logged.")
        .null("the log has no times")
        .from("the recorder's stamp on the first report"),
    FLAGS,
    word("source_file", "The source of the first report.")
        .null("the messages came without it")
        .from("own: place of the message"),
    long("source_line", "Its line.").null("the messages came without it").from("own: place of the message"),
];

/// The status timeline.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn status_intervals(rows: &[&StatusInterval<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::StatusIntervals);
    let each = || rows.iter();
    columns.text("charge_point_id", each().map(|row| Some(row.charge_point)));
    columns.int("evse_id", each().map(|row| row.evse));
    columns.int("connector_id", each().map(|row| row.connector));
    columns.time("start_time", each().map(|row| row.start_time));
    columns.word("start_time_source", each().map(|row| row.start_time_source.map(TimeSource::as_str)));
    columns.time("end_time", each().map(|row| row.end_time));
    columns.time("observed_until", each().map(|row| row.observed_until));
    columns.span("duration", each().map(|row| row.duration));
    columns.word("status", each().map(|row| Some(row.status)));
    columns.word("status_class", each().map(|row| Some(row.status_class.as_str())));
    columns.word("error_code", each().map(|row| row.error_code));
    columns.text("vendor_id", each().map(|row| row.vendor_id));
    columns.text("vendor_error_code", each().map(|row| row.vendor_error_code));
    columns.text("info", each().map(|row| row.info));
    columns.word("end_reason", each().map(|row| Some(row.end_reason.as_str())));
    columns.word("knowledge", each().map(|row| row.knowledge.map(Knowledge::as_str)));
    columns.int("confirmations", each().map(|row| Some(row.confirmations)));
    columns.time("received_at", each().map(|row| row.received_at));
    columns.flags(each().map(|row| row.flags));
    columns.word("source_file", each().map(|row| super::source(sources, row.position)));
    columns.long("source_line", each().map(|row| super::line(row.position)));
    columns.finish()
}
