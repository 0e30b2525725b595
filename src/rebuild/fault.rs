//! Errors that charge points reported, from report to clearing.

use super::{Context, Track};
use crate::flag::Flags;
use crate::position::Position;

/// One row of `faults`.
#[derive(Clone, Debug, Default)]
pub struct Fault<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// The EVSE; in 1.x the connector; 0 is the charge point itself.
    pub evse_id: Option<i32>,
    /// The connector.
    pub connector_id: Option<i32>,
    /// When it was reported.
    pub start_time: Option<i64>,
    /// When it was over; null while it lasts.
    pub end_time: Option<i64>,
    /// The error code as logged.
    pub error_code: Option<&'a str>,
    /// The vendor whose code follows.
    pub vendor_id: Option<&'a str>,
    /// The vendor's code.
    pub vendor_error_code: Option<&'a str>,
    /// The minimum required error code (CX001 to CX026) that it stands for.
    pub mrec_code: Option<&'a str>,
    /// Free text.
    pub info: Option<&'a str>,
    /// How severe, from 0 (danger) to 9 (debug); told by `NotifyEvent` of 2.1 and by monitors.
    pub severity: Option<i32>,
    /// The component (2.x).
    pub component: Option<&'a str>,
    /// The variable (2.x).
    pub variable: Option<&'a str>,
    /// The transaction that ran then.
    pub transaction_id: Option<&'a str>,
    /// What told it: status or `notify_event`.
    pub source: Option<&'a str>,
    /// What had to be said about it.
    pub flags: Flags,
    /// The message.
    pub position: Position,
}

/// Errors that charge points reported, from report to clearing.
#[must_use]
pub fn faults<'a>(_track: &Track<'a>, _context: &Context<'_>) -> Vec<Fault<'a>> {
    Vec::new()
}
