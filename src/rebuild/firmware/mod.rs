//! Firmware update jobs (rule book §5; OCPP 1.6 §5.19, §4.5; security whitepaper L01; 2.0.1 part 2 L01 to L03).
//!
//! [`job`] sorts requests and statuses into jobs, [`outcome`] judges each job, [`stage`] knows what a status means,
//! [`security`] what a security event means.

mod effect;
mod job;
mod outcome;
mod security;
mod stage;
#[cfg(test)]
mod tests;

pub use effect::effects;

use super::boot::BootRow;
use super::words::words;
use super::{Context, Track};
use crate::event::FirmwareKind;
use crate::flag::Flags;
use crate::position::Position;

words! {
    /// Who began a job.
    JobSource:
    /// The CSMS requested it.
    Csms = "csms";
    /// No request is in the log.
    ChargePoint = "charge_point";
}

words! {
    /// How a job ended (rule book §5.2).
    JobOutcome:
    /// Installed, and a boot shows another version.
    InstalledVerified = "installed_verified";
    /// Never said to be installed, but a boot shows another version, or a security event says so.
    InstalledInferred = "installed_inferred";
    /// Installed; no boot can prove it.
    InstalledUnverified = "installed_unverified";
    /// Installed, but a boot shows the version of before.
    InstalledVersionUnchanged = "installed_version_unchanged";
    /// Published to the charge points behind a Local Controller.
    Published = "published";
    /// The download failed.
    DownloadFailed = "download_failed";
    /// The installation failed.
    InstallationFailed = "installation_failed";
    /// The signature is wrong.
    InvalidSignature = "invalid_signature";
    /// The installed firmware could not be verified.
    VerificationFailed = "verification_failed";
    /// The checksum of firmware to be published is wrong.
    InvalidChecksum = "invalid_checksum";
    /// Publishing failed.
    PublishFailed = "publish_failed";
    /// It stopped without a word: the charge point is idle.
    Lost = "lost";
    /// The charge point refused the request.
    Rejected = "rejected";
    /// The charge point refused the certificate.
    InvalidCertificate = "invalid_certificate";
    /// The certificate was revoked.
    RevokedCertificate = "revoked_certificate";
    /// The request was answered with an error.
    CallError = "call_error";
    /// The request was never answered.
    NotDelivered = "not_delivered";
    /// It may go on.
    InProgress = "in_progress";
    /// It did not go on for too long.
    Stalled = "stalled";
    /// It was accepted, and nothing more was heard of it.
    NoStatus = "no_status";
    /// Another job took its place.
    Superseded = "superseded";
}

words! {
    /// What the outcome amounts to (decision 8).
    JobClass:
    /// The firmware is there.
    Success = "success";
    /// It is not.
    Failure = "failure";
    /// The charge point never began.
    NotStarted = "not_started";
    /// It may still succeed.
    InProgress = "in_progress";
    /// Nobody knows.
    Unknown = "unknown";
}

impl JobOutcome {
    /// What the outcome amounts to (decision 8).
    #[must_use]
    pub const fn class(self) -> JobClass {
        match self {
            Self::InstalledVerified
            | Self::InstalledInferred
            | Self::InstalledUnverified
            | Self::InstalledVersionUnchanged
            | Self::Published => JobClass::Success,
            Self::DownloadFailed
            | Self::InstallationFailed
            | Self::InvalidSignature
            | Self::VerificationFailed
            | Self::InvalidChecksum
            | Self::PublishFailed
            | Self::Lost => JobClass::Failure,
            Self::Rejected
            | Self::InvalidCertificate
            | Self::RevokedCertificate
            | Self::CallError
            | Self::NotDelivered => JobClass::NotStarted,
            Self::InProgress => JobClass::InProgress,
            Self::Stalled | Self::NoStatus | Self::Superseded => JobClass::Unknown,
        }
    }
}

/// One entry of the `statuses` column. Firmware statuses carry no time of their own, so both are the recorder's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusAt<'a> {
    /// The status as sent.
    pub status: &'a str,
    /// When: UTC microseconds.
    pub time: Option<i64>,
    /// When it was recorded: UTC microseconds.
    pub received_at: Option<i64>,
}

/// One row of `firmware_updates`.
#[derive(Clone, Debug)]
pub struct FirmwareUpdate<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// The request's number; plain 1.6 has none.
    pub request_id: Option<i64>,
    /// Which kind of update.
    pub kind: FirmwareKind,
    /// Who began it.
    pub source: JobSource,
    /// Where the firmware lies, without user name and password.
    pub location: Option<&'a str>,
    /// When the request was recorded: UTC microseconds.
    pub requested_at: Option<i64>,
    /// The earliest time to fetch it, as requested: UTC microseconds.
    pub retrieve_at: Option<i64>,
    /// The earliest time to install it, as requested: UTC microseconds.
    pub install_at: Option<i64>,
    /// How the charge point answered, as sent; in plain 1.6 the answer is empty.
    pub response_status: Option<&'a str>,
    /// The statuses in order of arrival, repetitions left out.
    pub statuses: Vec<StatusAt<'a>>,
    /// The time of the first status: UTC microseconds.
    pub first_status_time: Option<i64>,
    /// The time of the last status that was news: UTC microseconds.
    pub last_status_time: Option<i64>,
    /// The last status as sent.
    pub last_status: Option<&'a str>,
    /// How many downloads were begun.
    pub download_attempts: i32,
    /// How it ended.
    pub outcome: JobOutcome,
    /// What that amounts to.
    pub outcome_class: JobClass,
    /// From the request to the status that ended it, in microseconds of the recorder's clock.
    pub duration: Option<i64>,
    /// The version of the last boot before it.
    pub version_before: Option<&'a str>,
    /// The version of the boot after it.
    pub version_after: Option<&'a str>,
    /// When a boot showed the new version: UTC microseconds.
    pub verified_at: Option<i64>,
    /// How often the charge point booted during it.
    pub boots_during: i32,
    /// How many remote starts were refused or came to nothing while it was under way; none if that time is not known.
    pub transactions_blocked: Option<i32>,
    /// How long a connector was Unavailable for it, in microseconds; none if no status was ever reported.
    pub unavailable_duration: Option<i64>,
    /// What had to be said about the row.
    pub flags: Flags,
    /// The first message of it.
    pub first_position: Position,
    /// The last message of it: request, answer or status.
    pub last_position: Position,
}

/// Whether a charge point that last told this status has an update under way: neither ended nor Idle.
pub(super) fn is_under_way(status: &str) -> bool {
    stage::Meaning::of(status).is_intermediate()
}

/// The firmware update jobs of a charge point, by the time of their request (none first), then source order.
///
/// `boots` are the boots of the same charge point in order of arrival: only they can prove a new version.
#[must_use]
pub fn jobs<'a>(track: &Track<'a>, context: &Context<'_>, boots: &[BootRow<'a>]) -> Vec<FirmwareUpdate<'a>> {
    let jobs = job::collect(track, context);
    if jobs.is_empty() {
        return Vec::new();
    }
    let mut rows = outcome::judge(track, context, boots, &jobs);
    rows.sort_by_key(|row| (row.requested_at, row.first_position));
    rows
}
