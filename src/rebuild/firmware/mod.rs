//! Firmware update jobs (rule book §5; OCPP 1.6 §4.5, §5.19; security extension §5; 2.0.1 part 2, L01 to L03).

mod job;
mod outcome;

pub use outcome::Outcome;

use super::boot::BootRow;
use super::{Context, Track};
use crate::event::FirmwareKind;
use crate::flag::Flags;
use crate::position::Position;

/// A stage of a job: status, time, time of arrival. The messages carry no time of their own, so both are the
/// recorder's.
pub type Stage<'a> = (&'a str, Option<i64>, Option<i64>);

/// A firmware update job.
#[derive(Clone, Debug, Default)]
pub struct FirmwareUpdate<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// The request's number; none in plain 1.6.
    pub request_id: Option<i64>,
    /// Which kind.
    pub kind: FirmwareKind,
    /// Whether a request of the CSMS is in the log.
    pub requested: bool,
    /// Where to fetch it.
    pub location: Option<&'a str>,
    /// When it was requested, by the recorder's clock.
    pub requested_at: Option<i64>,
    /// The earliest time to fetch it.
    pub retrieve_at: Option<i64>,
    /// The earliest time to install it.
    pub install_at: Option<i64>,
    /// The answer; none in plain 1.6, whose answer is empty.
    pub response_status: Option<&'a str>,
    /// Its stages in order of arrival, repetitions left out.
    pub statuses: Vec<Stage<'a>>,
    /// When its last stage was last reported.
    pub last_status_time: Option<i64>,
    /// How often the download began.
    pub download_attempts: i32,
    /// What became of it.
    pub outcome: Outcome,
    /// From the request to the final stage.
    pub duration: Option<i64>,
    /// The firmware version before it.
    pub version_before: Option<&'a str>,
    /// The firmware version that a boot after it tells.
    pub version_after: Option<&'a str>,
    /// When that boot was logged.
    pub verified_at: Option<i64>,
    /// How many boots fall into it.
    pub boots_during: i32,
    /// What had to be said about it.
    pub flags: Flags,
    /// Its first message.
    pub first: Position,
    /// Its last message.
    pub last: Position,
}

impl FirmwareUpdate<'_> {
    /// When its first stage was logged.
    #[must_use]
    pub fn first_status_time(&self) -> Option<i64> {
        self.statuses.first().and_then(|stage| stage.2)
    }

    /// When it began: its request, else its first stage.
    #[must_use]
    pub fn first_time(&self) -> Option<i64> {
        self.requested_at.or_else(|| self.first_status_time())
    }

    /// Its last stage.
    #[must_use]
    pub fn last_status(&self) -> Option<&str> {
        self.statuses.last().map(|stage| stage.0)
    }
}

/// The firmware update jobs of a charge point, in the order in which they began.
#[must_use]
pub fn jobs<'a>(track: &Track<'a>, context: &Context<'_>, boots: &[BootRow<'a>]) -> Vec<FirmwareUpdate<'a>> {
    let mut jobs = job::collect(track);
    outcome::settle(track, context, boots, &mut jobs);
    let mut rows: Vec<_> = jobs.into_iter().map(|job| job.row).collect();
    rows.sort_by_key(|row| row.requested_at.or(row.first_status_time()));
    rows
}

#[cfg(test)]
mod tests;
