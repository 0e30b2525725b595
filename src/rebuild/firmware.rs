//! Firmware (being written).

use super::{Context, Track, boot::BootRow};

/// A row.
#[derive(Clone, Debug, Default)]
pub struct FirmwareUpdate<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// Last.
    pub last_status_time: Option<i64>,
}
impl FirmwareUpdate<'_> {
    /// First.
    #[must_use]
    pub fn first_time(&self) -> Option<i64> { None }
}
/// Jobs.
#[must_use]
pub fn jobs<'a>(_: &Track<'a>, _: &Context<'_>, _: &[BootRow<'a>]) -> Vec<FirmwareUpdate<'a>> { Vec::new() }
