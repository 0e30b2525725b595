//! The firmware versions of a charge point over time.

use super::{Context, Track};
use crate::position::Position;

/// One row of `firmware_versions`.
#[derive(Clone, Debug, Default)]
pub struct FirmwareVersion<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// The version.
    pub firmware_version: Option<&'a str>,
    /// When a boot first told it.
    pub start_time: Option<i64>,
    /// When a boot told another one; null for the last one.
    pub end_time: Option<i64>,
    /// What brought it: update or unknown; null for the first one.
    pub changed_by: Option<&'a str>,
    /// The number of the update that brought it.
    pub request_id: Option<i64>,
    /// The message.
    pub position: Position,
}

/// The firmware versions of a charge point over time.
#[must_use]
pub fn firmware_versions<'a>(_track: &Track<'a>, _context: &Context<'_>) -> Vec<FirmwareVersion<'a>> {
    Vec::new()
}
