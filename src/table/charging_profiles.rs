//! The table `charging_profiles`: charging profiles that the CSMS set.

use super::Columns;
use super::column::{
    CHARGE_POINT_ID, Column, FLAGS, SOURCE_FILE, SOURCE_LINE, SOURCE_OFFSET, float, int, long, text, time, word,
};
use crate::options::Table;
use crate::rebuild::charging_profile::ChargingProfile;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The columns of the table `charging_profiles`.
pub(super) const COLUMNS: &[Column] = &[
    CHARGE_POINT_ID,
    int("evse_id", "The EVSE; in 1.x the connector; 0 is all of them.").null("the message names none").from(
        "1.6 §6.43 SetChargingProfile.connectorId, §6.33 RemoteStartTransaction.connectorId; 2.x \
            SetChargingProfile.evseId, RequestStartTransaction.evseId, ReportChargingProfiles.evseId",
    ),
    time("requested_at", "When it was sent; for one that only a report tells, when that was logged.")
        .null("the log has no times")
        .from("the recorder's stamp on the message"),
    time("end_time", "When it was in force no more.")
        .null("that is not in the log, and for one that was not accepted")
        .from("own: profiles in force (1.6 §3.13; 2.x part 2, K)"),
    word("end_reason", "replaced, cleared, expired or transaction_ended.")
        .null("it is in force when the log ends, or was not accepted")
        .from("own: profiles in force"),
    word("action", "The message that carried it; ReportChargingProfiles where no request in the log did.")
        .from("1.6-J §4.2.1 Action"),
    long("profile_id", "Its number.")
        .null("the profile has none")
        .from("1.6 §7.8 ChargingProfile.chargingProfileId; 2.x ChargingProfileType.id"),
    int("stack_level", "Its rank among those of its purpose.")
        .null("the profile has none")
        .from("1.6 §7.8 ChargingProfile.stackLevel; 2.x ChargingProfileType.stackLevel"),
    word("purpose", "Its purpose as logged.")
        .null("the profile has none")
        .from("1.6 §7.10 chargingProfilePurpose; 2.x ChargingProfileType.chargingProfilePurpose"),
    word("kind", "Absolute, Recurring, Relative or Dynamic.")
        .null("the profile has none")
        .from("1.6 §7.9 chargingProfileKind; 2.x ChargingProfileType.chargingProfileKind"),
    word("recurrency", "Daily or Weekly.")
        .null("it does not recur")
        .from("1.6 §7.37 recurrencyKind; 2.x ChargingProfileType.recurrencyKind"),
    time("valid_from", "From when it is valid.")
        .null("the profile does not say")
        .from("1.6 §7.8 ChargingProfile.validFrom; 2.x ChargingProfileType.validFrom"),
    time("valid_to", "Until when it is valid.")
        .null("the profile does not say")
        .from("1.6 §7.8 ChargingProfile.validTo; 2.x ChargingProfileType.validTo"),
    text(
        "transaction_id",
        "The transaction that it is for, by the profile, the answer or the start that the request \
        brought (2.x).",
    )
    .null("it is for none, or nothing tells it")
    .from(
        "1.6 §7.8 ChargingProfile.transactionId; 2.x ChargingProfileType.transactionId, \
            RequestStartTransactionResponse.transactionId, TransactionEvent.transactionInfo.remoteStartId",
    ),
    word("rate_unit", "A or W.")
        .null("its schedule has none")
        .from("1.6 §7.13 ChargingSchedule.chargingRateUnit; 2.x ChargingScheduleType.chargingRateUnit"),
    float("lowest_limit", "The lowest limit of its schedule.")
        .unit("of the column rate_unit")
        .null("its schedule has none")
        .from(
            "1.6 §7.14 ChargingSchedulePeriod.limit; 2.x ChargingSchedulePeriodType.limit, 2.1 limit_L2 and limit_L3",
        ),
    float("highest_limit", "The highest limit of its schedule.")
        .unit("of the column rate_unit")
        .null("its schedule has none")
        .from(
            "1.6 §7.14 ChargingSchedulePeriod.limit; 2.x ChargingSchedulePeriodType.limit, 2.1 limit_L2 and limit_L3",
        ),
    text("schedule", "Its schedule (2.x: a list of them) as JSON, as logged.")
        .null("it has none")
        .from("1.6 §7.13 ChargingSchedule; 2.x ChargingScheduleType"),
    word("response_status", "The answer, as logged.").null("no answer is in the log, and for a report").from(
        "1.6 §6.44 SetChargingProfile.conf status, §6.34 RemoteStartTransaction.conf status; 2.x \
            SetChargingProfileResponse.status, RequestStartTransactionResponse.status",
    ),
    FLAGS,
    SOURCE_FILE,
    SOURCE_LINE,
    SOURCE_OFFSET,
];

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
