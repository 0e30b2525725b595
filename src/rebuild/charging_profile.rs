//! Charging profiles that the CSMS set.

use super::{Context, Track};
use crate::flag::Flags;
use crate::position::Position;

/// One row of `charging_profiles`.
#[derive(Clone, Debug, Default)]
pub struct ChargingProfile<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// The EVSE; in 1.x the connector; 0 is all of them.
    pub evse_id: Option<i32>,
    /// When it was set.
    pub requested_at: Option<i64>,
    /// When it was replaced or cleared; null if that is not in the log.
    pub end_time: Option<i64>,
    /// replaced, cleared or expired.
    pub end_reason: Option<&'a str>,
    /// The request that carried it.
    pub action: Option<&'a str>,
    /// Its number.
    pub profile_id: Option<i64>,
    /// Its rank among those of its purpose.
    pub stack_level: Option<i32>,
    /// Its purpose as logged.
    pub purpose: Option<&'a str>,
    /// Absolute, Recurring, Relative or Dynamic.
    pub kind: Option<&'a str>,
    /// Daily or Weekly.
    pub recurrency: Option<&'a str>,
    /// From when it is valid.
    pub valid_from: Option<i64>,
    /// Until when it is valid.
    pub valid_to: Option<i64>,
    /// The transaction that it is for.
    pub transaction_id: Option<&'a str>,
    /// A or W.
    pub rate_unit: Option<&'a str>,
    /// The lowest limit of its schedule.
    pub lowest_limit: Option<f64>,
    /// The highest limit of its schedule.
    pub highest_limit: Option<f64>,
    /// Its schedule as JSON.
    pub schedule: Option<&'a str>,
    /// The answer, as logged.
    pub response_status: Option<&'a str>,
    /// What had to be said about it.
    pub flags: Flags,
    /// The message.
    pub position: Position,
}

/// Charging profiles that the CSMS set.
#[must_use]
pub fn charging_profiles<'a>(_track: &Track<'a>, _context: &Context<'_>) -> Vec<ChargingProfile<'a>> {
    Vec::new()
}
