//! The stories of firmware updates.

use std::collections::VecDeque;
use std::fmt;

use crate::clock::{MINUTE, Ms, SECOND};
use crate::dice::Dice;
use crate::disturbance::Disturbance;
use crate::truth::FirmwareRow;

/// A firmware version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Release(i64, i64, i64);

impl Release {
    /// Draws a version.
    pub(crate) fn draw(dice: &mut Dice) -> Self {
        Self(dice.between(1, 3), dice.between(0, 9), dice.between(0, 20))
    }

    /// The next version.
    pub(crate) fn next(self, dice: &mut Dice) -> Self {
        if dice.chance(250) { Self(self.0, self.1 + 1, 0) } else { Self(self.0, self.1, self.2 + 1) }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// The charge point's answer to the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// A result with this status (1.6 plain: without).
    Status(&'static str),
    /// An error.
    Error(&'static str),
    /// None.
    Silence,
}

/// One moment of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The CSMS asks.
    Request(Reply),
    /// The charge point reports.
    Report(&'static str),
    /// The charge point goes down for a boot; true: with the new version.
    Down(bool),
    /// It boots.
    Up,
    /// The CSMS triggers a report, and the charge point has nothing to do.
    Idle,
    /// A new request takes the place of this one.
    Supersede,
}

/// How updates go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Story {
    /// Installed, then the boot with the new version.
    Verified,
    /// The boot with the new version, then Installed.
    BootFirst,
    /// Installed, then a boot with the old version.
    Unchanged,
    /// Installed, and no boot.
    Unverified,
    /// A boot with the new version, and Installed is never told.
    Inferred,
    /// The download fails for good.
    DownloadFailed,
    /// The download fails once.
    Retried,
    /// The signature is wrong.
    InvalidSignature,
    /// The installation cannot be verified.
    VerificationFailed,
    /// The installation fails.
    InstallationFailed,
    /// The charge point rejects the request.
    Rejected,
    /// The request is refused for its certificate.
    InvalidCertificate,
    /// The request is refused for a revoked certificate.
    RevokedCertificate,
    /// The answer to the request is an error.
    CallError,
    /// The request is never answered.
    NotDelivered,
    /// A second request takes the place of the first.
    Superseded,
    /// Nothing is told any more after the download.
    Stalled,
    /// Nothing is ever told.
    NoStatus,
    /// The charge point forgets the update: Idle.
    Lost,
    /// No request: a boot with a new version, and Installed.
    Spontaneous,
}

impl Story {
    /// Stories of the plain 1.6 messages; the first ones are more common.
    const PLAIN: [Story; 15] = [
        Story::Verified,
        Story::Verified,
        Story::BootFirst,
        Story::Unchanged,
        Story::Unverified,
        Story::Inferred,
        Story::DownloadFailed,
        Story::Retried,
        Story::InstallationFailed,
        Story::CallError,
        Story::NotDelivered,
        Story::Superseded,
        Story::Stalled,
        Story::NoStatus,
        Story::Lost,
    ];
    /// Stories that need the signed messages.
    const SIGNED: [Story; 5] = [
        Story::InvalidSignature,
        Story::VerificationFailed,
        Story::Rejected,
        Story::InvalidCertificate,
        Story::RevokedCertificate,
    ];

    /// Draws a story.
    pub(crate) fn draw(dice: &mut Dice, signed: bool) -> Self {
        if dice.chance(60) {
            return Story::Spontaneous;
        }
        if signed && dice.chance(250) {
            return *dice.pick(&Self::SIGNED);
        }
        *dice.pick(&Self::PLAIN)
    }

    /// The name in the truth.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Story::Verified => "installed_then_boot",
            Story::BootFirst => "boot_then_installed",
            Story::Unchanged => "version_unchanged",
            Story::Unverified => "no_boot",
            Story::Inferred => "installed_not_reported",
            Story::DownloadFailed => "download_failed",
            Story::Retried => "download_retried",
            Story::InvalidSignature => "invalid_signature",
            Story::VerificationFailed => "verification_failed",
            Story::InstallationFailed => "installation_failed",
            Story::Rejected => "rejected",
            Story::InvalidCertificate => "invalid_certificate",
            Story::RevokedCertificate => "revoked_certificate",
            Story::CallError => "call_error",
            Story::NotDelivered => "not_delivered",
            Story::Superseded => "superseded",
            Story::Stalled => "stalled",
            Story::NoStatus => "no_status",
            Story::Lost => "lost",
            Story::Spontaneous => "spontaneous",
        }
    }

    /// Whether the update never comes to an end.
    pub(crate) fn sticks(self) -> bool {
        matches!(self, Story::Stalled | Story::NoStatus)
    }

    /// The outcome when the story has been told to its end.
    pub(crate) fn outcome(self) -> &'static str {
        match self {
            Story::Verified | Story::BootFirst | Story::Retried | Story::Spontaneous => "installed_verified",
            Story::Unchanged => "installed_version_unchanged",
            Story::Unverified => "installed_unverified",
            Story::Inferred => "installed_inferred",
            other => other.name(),
        }
    }

    /// The moments of the story.
    fn moments(self, signed: bool, scheduled: bool) -> Vec<Moment> {
        use Moment::{Down, Idle, Report, Request, Supersede, Up};
        let accepted = Request(Reply::Status("Accepted"));
        let mut loaded = vec![accepted, Report("Downloading"), Report("Downloaded")];
        if signed {
            loaded.push(Report("SignatureVerified"));
        }
        if scheduled {
            loaded.push(Report("InstallScheduled"));
        }
        let mut installing = loaded.clone();
        installing.push(Report("Installing"));
        let with = |mut begin: Vec<Moment>, end: &[Moment]| {
            begin.extend_from_slice(end);
            begin
        };
        match self {
            Story::Verified => with(installing, &[Report("Installed"), Down(true), Up]),
            Story::BootFirst => with(installing, &[Down(true), Up, Report("Installed")]),
            Story::Unchanged => with(installing, &[Report("Installed"), Down(false), Up]),
            Story::Unverified => with(installing, &[Report("Installed")]),
            Story::Inferred => with(installing, &[Down(true), Up]),
            Story::DownloadFailed => {
                vec![accepted, Report("Downloading"), Report("DownloadFailed")]
            }
            Story::Retried => {
                let failed = [accepted, Report("Downloading"), Report("DownloadFailed")];
                let again = with(installing, &[Down(true), Up, Report("Installed")]);
                with(failed.to_vec(), &again[1..])
            }
            Story::InvalidSignature => {
                vec![accepted, Report("Downloading"), Report("Downloaded"), Report("InvalidSignature")]
            }
            Story::VerificationFailed => with(installing, &[Report("InstallVerificationFailed")]),
            Story::InstallationFailed => with(installing, &[Report("InstallationFailed")]),
            Story::Rejected => vec![Request(Reply::Status("Rejected"))],
            Story::InvalidCertificate => vec![Request(Reply::Status("InvalidCertificate"))],
            Story::RevokedCertificate => vec![Request(Reply::Status("RevokedCertificate"))],
            Story::CallError => vec![Request(Reply::Error("NotSupported"))],
            Story::NotDelivered => vec![Request(Reply::Silence)],
            Story::Superseded => vec![accepted, Report("Downloading"), Supersede],
            Story::Stalled => loaded,
            Story::NoStatus => vec![accepted],
            Story::Lost => vec![accepted, Report("Downloading"), Idle],
            Story::Spontaneous => vec![Down(true), Up, Report("Installed")],
        }
    }

    /// The moments with the time before each.
    pub(crate) fn script(self, dice: &mut Dice, signed: bool, scheduled: bool) -> VecDeque<(Ms, Moment)> {
        self.moments(signed, scheduled)
            .into_iter()
            .map(|moment| {
                let pause = match moment {
                    Moment::Request(_) | Moment::Down(_) => dice.between(SECOND, 20 * SECOND),
                    Moment::Up => dice.between(30 * SECOND, 3 * MINUTE),
                    _ => dice.between(15 * SECOND, 4 * MINUTE),
                };
                (pause, moment)
            })
            .collect()
    }
}

/// An update under way.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) story: Story,
    pub(crate) script: VecDeque<(Ms, Moment)>,
    /// The truth so far.
    pub(crate) row: FirmwareRow,
    /// Time of the last message about it.
    pub(crate) last_at: Ms,
    /// The message that a planned disturbance strikes.
    pub(crate) plan: Option<Disturbance>,
    /// Boots told since the request: with the new version, with the old one.
    pub(crate) booted: (bool, bool),
    /// The version that the update brings.
    pub(crate) target: Release,
}

impl Job {
    /// What the log tells of the outcome so far.
    pub(crate) fn outcome_so_far(&self) -> &'static str {
        match (self.row.statuses.last(), self.booted) {
            (Some(&"Installed"), (true, _)) => "installed_verified",
            (Some(&"Installed"), (false, true)) => "installed_version_unchanged",
            (Some(&"Installed"), (false, false)) => "installed_unverified",
            (Some(&"DownloadFailed"), _) => "download_failed",
            (_, (true, _)) => "installed_inferred",
            _ => "in_progress",
        }
    }
}
