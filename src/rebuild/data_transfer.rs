//! Messages of vendors' own.

use super::{Context, Track};
use crate::flag::Flags;
use crate::position::Position;

/// One row of `data_transfers`.
#[derive(Clone, Debug, Default)]
pub struct DataTransfer<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// When it was logged.
    pub time: Option<i64>,
    /// Who sent it: from_charge_point or from_csms.
    pub direction: Option<&'a str>,
    /// The vendor.
    pub vendor_id: Option<&'a str>,
    /// The vendor's name for the message.
    pub message_id: Option<&'a str>,
    /// What it carries, as logged; secrets are masked.
    pub data: Option<&'a str>,
    /// The answer, as logged.
    pub response_status: Option<&'a str>,
    /// What the answer carries, as logged; secrets are masked.
    pub response_data: Option<&'a str>,
    /// From the request to its answer, by the recorder's clock.
    pub response_time: Option<i64>,
    /// What had to be said about it.
    pub flags: Flags,
    /// The message.
    pub position: Position,
}

/// Messages of vendors' own.
#[must_use]
pub fn data_transfers<'a>(_track: &Track<'a>, _context: &Context<'_>) -> Vec<DataTransfer<'a>> {
    Vec::new()
}
