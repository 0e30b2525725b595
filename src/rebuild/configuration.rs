//! Values of settings over time.

use super::{Context, Track};
use crate::flag::Flags;
use crate::position::Position;

/// One row of `configuration`.
#[derive(Clone, Debug, Default)]
pub struct Setting<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// The component with its instance and EVSE (2.x).
    pub component: Option<&'a str>,
    /// The variable; in 1.x the key.
    pub variable: Option<&'a str>,
    /// Which attribute of the variable (2.x): Actual, Target, MinSet, MaxSet.
    pub attribute: Option<&'a str>,
    /// The value; secrets are masked.
    pub value: Option<&'a str>,
    /// Whether it cannot be changed.
    pub readonly: Option<bool>,
    /// When it was logged.
    pub time: Option<i64>,
    /// When another value was logged; null for the last one.
    pub end_time: Option<i64>,
    /// set, get or report.
    pub source: Option<&'a str>,
    /// The answer about this setting, as logged.
    pub response_status: Option<&'a str>,
    /// Whether it holds only after the next boot.
    pub effective_after_boot: Option<bool>,
    /// What had to be said about it.
    pub flags: Flags,
    /// The message.
    pub position: Position,
}

/// Values of settings over time.
#[must_use]
pub fn configuration<'a>(_track: &Track<'a>, _context: &Context<'_>) -> Vec<Setting<'a>> {
    Vec::new()
}
