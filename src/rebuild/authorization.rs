//! Requests to authorise a token.

use super::{Context, Track};
use crate::flag::Flags;
use crate::position::Position;

/// One row of `authorizations`.
#[derive(Clone, Debug, Default)]
pub struct Authorization<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// The EVSE, where the transaction that followed tells it; in 1.x the connector.
    pub evse_id: Option<i32>,
    /// When it was logged.
    pub time: Option<i64>,
    /// The token.
    pub id_tag: Option<&'a str>,
    /// The answer about the token, as logged.
    pub status: Option<&'a str>,
    /// led_to_transaction, abandoned, denied or unanswered; null where the log ends first.
    pub outcome: Option<&'a str>,
    /// The transaction that it led to.
    pub transaction_id: Option<&'a str>,
    /// From the request to its answer, by the recorder's clock.
    pub response_time: Option<i64>,
    /// What had to be said about it.
    pub flags: Flags,
    /// The message.
    pub position: Position,
}

/// Requests to authorise a token.
#[must_use]
pub fn authorizations<'a>(_track: &Track<'a>, _context: &Context<'_>) -> Vec<Authorization<'a>> {
    Vec::new()
}
