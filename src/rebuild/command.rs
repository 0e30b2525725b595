//! Requests of the CSMS and what came of them.

use super::{Context, Track};
use crate::flag::Flags;
use crate::position::Position;

/// One row of `commands`.
#[derive(Clone, Debug, Default)]
pub struct Command<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// The EVSE that it names; in 1.x the connector.
    pub evse_id: Option<i32>,
    /// The connector that it names.
    pub connector_id: Option<i32>,
    /// When it was logged.
    pub requested_at: Option<i64>,
    /// The action.
    pub action: Option<&'a str>,
    /// Its payload as JSON; secrets are masked.
    pub arguments: Option<&'a str>,
    /// The status that was answered, as logged.
    pub response_status: Option<&'a str>,
    /// What came of it.
    pub outcome: Option<&'a str>,
    /// From the request to its answer, by the recorder's clock.
    pub response_time: Option<i64>,
    /// When its effect was logged.
    pub effect_time: Option<i64>,
    /// From the request to its effect, by the recorder's clock.
    pub effect_latency: Option<i64>,
    /// The transaction that it began, ended or names.
    pub transaction_id: Option<&'a str>,
    /// What had to be said about it.
    pub flags: Flags,
    /// The message.
    pub position: Position,
}

/// Requests of the CSMS and what came of them.
#[must_use]
pub fn commands<'a>(_track: &Track<'a>, _context: &Context<'_>) -> Vec<Command<'a>> {
    Vec::new()
}
