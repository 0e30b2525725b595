//! Security events.

use super::{Context, Track};
use crate::flag::Flags;
use crate::position::Position;

/// One row of `security_events`.
#[derive(Clone, Debug, Default)]
pub struct SecurityEvent<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// When it happened.
    pub time: Option<i64>,
    /// Which clock tells: payload or log.
    pub time_source: Option<&'a str>,
    /// When it was logged.
    pub received_at: Option<i64>,
    /// The type as logged.
    pub kind: Option<&'a str>,
    /// Whether the specification calls it critical; null for a type that it does not list.
    pub critical: Option<bool>,
    /// What the charge point added.
    pub tech_info: Option<&'a str>,
    /// What had to be said about it.
    pub flags: Flags,
    /// The message.
    pub position: Position,
}

/// Security events.
#[must_use]
pub fn security_events<'a>(_track: &Track<'a>, _context: &Context<'_>) -> Vec<SecurityEvent<'a>> {
    Vec::new()
}
