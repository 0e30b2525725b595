//! The firmware updates table.

use super::Columns;
use super::column::{CHARGE_POINT_ID, Column, FLAGS, int, long, span, stages, text, time, word};
use crate::options::Table;
use crate::rebuild::firmware::FirmwareUpdate;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The columns of the table `firmware_updates`.
pub(super) const COLUMNS: &[Column] = &[
    CHARGE_POINT_ID,
    long("request_id", "The request's number.").null("in plain 1.6, and where the message has none").from(
        "1.6 security SignedUpdateFirmware.requestId; 2.x UpdateFirmware.requestId, PublishFirmware.requestId; \
            else the status message's",
    ),
    word(
        "kind",
        "plain, signed (with a signature or a signing certificate) or publish (to the charge points behind a \
        Local Controller).",
    )
    .from("own: by the message, and by signature or signing certificate"),
    word("source", "Who began it: csms, or charge_point if no request is in the log.")
        .from("own: whether a request is in the log"),
    text("location", "Where to fetch it, without credentials.").null("no request is in the log").from(
        "1.6 §6.55 UpdateFirmware.location; 1.6 security and 2.x firmware.location; 2.x PublishFirmware.location",
    ),
    time("requested_at", "When it was requested, by the recorder's clock.")
        .null("no request is in the log, or the log has no times")
        .from("the recorder's stamp on the request"),
    time("retrieve_at", "The earliest time to fetch it.")
        .null("the request does not say")
        .from("1.6 §6.55 UpdateFirmware.retrieveDate; 1.6 security and 2.x firmware.retrieveDateTime"),
    time("install_at", "The earliest time to install it.")
        .null("the request does not say")
        .from("1.6 security and 2.x firmware.installDateTime"),
    word("response_status", "The answer to the request, as logged.")
        .null("there is none, and in plain 1.6, whose answer is empty")
        .from(
            "1.6 security SignedUpdateFirmware.conf status; 2.x UpdateFirmwareResponse.status, \
            PublishFirmwareResponse.status",
        ),
    stages(
        "statuses",
        "Its stages in order of arrival, repetitions left out; both times are the recorder's, since the \
        messages carry none.",
    )
    .from(
        "1.6 §6.19 FirmwareStatusNotification.status; 1.6 security SignedFirmwareStatusNotification.status; 2.x \
            FirmwareStatusNotification.status, PublishFirmwareStatusNotification.status",
    ),
    time("first_status_time", "When its first stage was logged.")
        .null("it has no stage, or the log has no times")
        .from("the recorder's stamp on the message"),
    time("last_status_time", "When its last stage was logged.")
        .null("it has no stage, or the log has no times")
        .from("the recorder's stamp on the message"),
    word("last_status", "Its last stage.").null("it has no stage").from("as statuses"),
    int("download_attempts", "How often the download began.").from("own: Downloading among its stages"),
    word(
        "outcome",
        "What became of it: installed_verified (a boot shows another version), installed_inferred (so, but \
        never said to be installed), installed_unverified (no boot can prove it), installed_version_unchanged, \
        published; download_failed, installation_failed, invalid_signature, verification_failed, invalid_checksum, \
        publish_failed, lost (Idle without a result); rejected, invalid_certificate, revoked_certificate, call_error, \
        not_delivered; in_progress; stalled, no_status, superseded.",
    )
    .from("own: outcomes of an update"),
    word("outcome_class", "success, failure, not_started, in_progress or unknown.")
        .from("own: classes of the outcomes"),
    span("duration", "From the request to the final stage, by the recorder's clock.")
        .null("it has no request, no final stage, or the log has no times")
        .from("own: from the request to the stage that ended it"),
    text("version_before", "The firmware version by the last boot before it that tells one.")
        .null("no boot before it tells one")
        .from("1.6 §6.3 BootNotification.firmwareVersion; 2.x BootNotification.chargingStation.firmwareVersion"),
    text("version_after", "The firmware version that a boot after it tells.")
        .null("no boot after it tells one")
        .from("1.6 §6.3 BootNotification.firmwareVersion; 2.x BootNotification.chargingStation.firmwareVersion"),
    time("verified_at", "When the boot that shows another version was logged.")
        .null("no boot showed another version")
        .from("the recorder's stamp on BootNotification"),
    int("boots_during", "How many boots fall into it.").from("BootNotification, registrations sent again left out"),
    int("transactions_blocked", "How many remote starts were refused or came to nothing while it was under way.")
        .null("the time of its stages is not known, and for publish")
        .from("own: outcomes of commands"),
    span(
        "unavailable_duration",
        "How long at least one connector was Unavailable by reports that came while it was \
        under way.",
    )
    .null("no status of a connector is in the log, its stages have no time, and for publish")
    .from("own: rows Unavailable of status_intervals"),
    FLAGS,
    word("first_source_file", "The source of its first message.")
        .null("the messages came without it")
        .from("own: place of the message"),
    long("first_source_line", "The line of its first message.")
        .null("the messages came without it")
        .from("own: place of the message"),
    long("last_source_line", "The line of its last message.")
        .null("the messages came without it")
        .from("own: place of the message"),
];

/// The firmware updates table.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn firmware_updates(rows: &[&FirmwareUpdate<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::FirmwareUpdates);
    let each = || rows.iter().copied();
    columns.text("charge_point_id", each().map(|row| Some(row.charge_point)));
    columns.long("request_id", each().map(|row| row.request_id));
    columns.word("kind", each().map(|row| Some(row.kind.as_str())));
    columns.word("source", each().map(|row| Some(row.source.as_str())));
    columns.text("location", each().map(|row| row.location));
    columns.time("requested_at", each().map(|row| row.requested_at));
    columns.time("retrieve_at", each().map(|row| row.retrieve_at));
    columns.time("install_at", each().map(|row| row.install_at));
    columns.word("response_status", each().map(|row| row.response_status));
    columns.stages(
        "statuses",
        each().map(|row| row.statuses.iter().map(|stage| (stage.status, stage.time, stage.received_at)).collect()),
    );
    columns.time("first_status_time", each().map(|row| row.first_status_time));
    columns.time("last_status_time", each().map(|row| row.last_status_time));
    columns.word("last_status", each().map(|row| row.last_status));
    columns.int("download_attempts", each().map(|row| Some(row.download_attempts)));
    columns.word("outcome", each().map(|row| Some(row.outcome.as_str())));
    columns.word("outcome_class", each().map(|row| Some(row.outcome_class.as_str())));
    columns.span("duration", each().map(|row| row.duration));
    columns.text("version_before", each().map(|row| row.version_before));
    columns.text("version_after", each().map(|row| row.version_after));
    columns.time("verified_at", each().map(|row| row.verified_at));
    columns.int("boots_during", each().map(|row| Some(row.boots_during)));
    columns.int("transactions_blocked", each().map(|row| row.transactions_blocked));
    columns.span("unavailable_duration", each().map(|row| row.unavailable_duration));
    columns.flags(each().map(|row| row.flags));
    columns.word("first_source_file", each().map(|row| super::source(sources, row.first_position)));
    columns.long("first_source_line", each().map(|row| super::line(row.first_position)));
    columns.long("last_source_line", each().map(|row| super::line(row.last_position)));
    columns.finish()
}
