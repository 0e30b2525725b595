//! The table `charging_profiles`: charging profiles that the CSMS set.

use super::Columns;
use crate::options::Table;
use crate::rebuild::charging_profile::ChargingProfile;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The table `charging_profiles`.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn charging_profiles(rows: &[&ChargingProfile<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::ChargingProfiles);
    let each = || rows.iter();
    columns.text("charge_point_id", each().map(|row| Some(row.charge_point)));
    columns.int("evse_id", each().map(|row| row.evse_id));
    columns.time("requested_at", each().map(|row| row.requested_at));
    columns.time("end_time", each().map(|row| row.end_time));
    columns.word("end_reason", each().map(|row| row.end_reason));
    columns.word("action", each().map(|row| row.action));
    columns.long("profile_id", each().map(|row| row.profile_id));
    columns.int("stack_level", each().map(|row| row.stack_level));
    columns.word("purpose", each().map(|row| row.purpose));
    columns.word("kind", each().map(|row| row.kind));
    columns.word("recurrency", each().map(|row| row.recurrency));
    columns.time("valid_from", each().map(|row| row.valid_from));
    columns.time("valid_to", each().map(|row| row.valid_to));
    columns.text("transaction_id", each().map(|row| row.transaction_id));
    columns.word("rate_unit", each().map(|row| row.rate_unit));
    columns.float("lowest_limit", each().map(|row| row.lowest_limit));
    columns.float("highest_limit", each().map(|row| row.highest_limit));
    columns.text("schedule", each().map(|row| row.schedule));
    columns.word("response_status", each().map(|row| row.response_status));
    columns.flags(each().map(|row| row.flags));
    columns.word("source_file", each().map(|row| super::source(sources, row.position)));
    columns.long("source_line", each().map(|row| super::line(row.position)));
    columns.long("source_offset", each().map(|row| Some(row.position.byte as i64)));
    columns.finish()
}
