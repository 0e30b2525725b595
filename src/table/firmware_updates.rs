//! The firmware updates table.

use super::Columns;
use crate::options::Table;
use crate::rebuild::firmware::FirmwareUpdate;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

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
