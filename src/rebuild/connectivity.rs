//! Stretches of time in which a charge point was in contact or out of it.

use super::{Context, Track};
use crate::flag::Flags;
use crate::position::Position;

/// One row of `connectivity_intervals`.
#[derive(Clone, Debug, Default)]
pub struct Contact<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// When it began.
    pub start_time: Option<i64>,
    /// When it ended; null while it lasts.
    pub end_time: Option<i64>,
    /// From `start_time` to `end_time`, else to the last time observed.
    pub duration: Option<i64>,
    /// online, offline or unknown.
    pub state: Option<&'a str>,
    /// What shows it: socket, frames, replay or `recorder_gap`.
    pub evidence: Option<&'a str>,
    /// Why it ended.
    pub end_reason: Option<&'a str>,
    /// The WebSocket close code, where the log has it.
    pub close_code: Option<i32>,
    /// high, medium or low.
    pub confidence: Option<&'a str>,
    /// The heartbeat interval in force.
    pub heartbeat_interval: Option<i64>,
    /// What had to be said about it.
    pub flags: Flags,
    /// The message.
    pub position: Position,
}

/// Stretches of time in which a charge point was in contact or out of it.
#[must_use]
pub fn connectivity_intervals<'a>(_track: &Track<'a>, _context: &Context<'_>) -> Vec<Contact<'a>> {
    Vec::new()
}
