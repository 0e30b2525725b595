//! What a firmware status means (rule book §5.1; 2.0.1 part 2 §3.33, security whitepaper §6.8).

use super::JobOutcome;
use crate::flag::Flag;

/// What a status means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    DownloadScheduled,
    Downloading,
    DownloadPaused,
    Downloaded,
    /// The signature or the checksum is right.
    Checked,
    InstallScheduled,
    InstallRebooting,
    Installing,
    Installed,
    Published,
    Failed(JobOutcome),
    Idle,
    /// A word that no version knows: something goes on.
    Unknown,
}

impl Meaning {
    /// The meaning of a status as sent.
    pub(super) fn of(status: &str) -> Self {
        const WORDS: [(&str, Meaning); 18] = [
            ("DownloadScheduled", Meaning::DownloadScheduled),
            ("Downloading", Meaning::Downloading),
            ("DownloadPaused", Meaning::DownloadPaused),
            ("Downloaded", Meaning::Downloaded),
            ("SignatureVerified", Meaning::Checked),
            ("ChecksumVerified", Meaning::Checked),
            ("InstallScheduled", Meaning::InstallScheduled),
            ("InstallRebooting", Meaning::InstallRebooting),
            ("Installing", Meaning::Installing),
            ("Installed", Meaning::Installed),
            ("Published", Meaning::Published),
            ("DownloadFailed", Meaning::Failed(JobOutcome::DownloadFailed)),
            ("InstallationFailed", Meaning::Failed(JobOutcome::InstallationFailed)),
            ("InstallVerificationFailed", Meaning::Failed(JobOutcome::VerificationFailed)),
            ("InvalidSignature", Meaning::Failed(JobOutcome::InvalidSignature)),
            ("InvalidChecksum", Meaning::Failed(JobOutcome::InvalidChecksum)),
            ("PublishFailed", Meaning::Failed(JobOutcome::PublishFailed)),
            ("Idle", Meaning::Idle),
        ];
        WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(status)).map_or(Self::Unknown, |&(_, meaning)| meaning)
    }

    pub(super) const fn is_success(self) -> bool {
        matches!(self, Self::Installed | Self::Published)
    }

    pub(super) const fn is_failure(self) -> bool {
        matches!(self, Self::Failed(_))
    }

    /// Whether a job in this stage goes on.
    pub(super) const fn is_intermediate(self) -> bool {
        !self.is_success() && !self.is_failure() && !matches!(self, Self::Idle)
    }

    /// Whether the charge point had begun to do something that can end in a new version.
    pub(super) const fn is_progress(self) -> bool {
        self.is_intermediate() && !matches!(self, Self::DownloadScheduled | Self::DownloadPaused | Self::Unknown)
    }

    /// Whether the installation itself had begun.
    pub(super) const fn is_installation(self) -> bool {
        matches!(self, Self::InstallRebooting | Self::Installing)
    }

    /// The place in the usual order; `InstallRebooting` may come before and after `Installing`.
    const fn rank(self) -> Option<u8> {
        match self {
            Self::DownloadScheduled => Some(0),
            Self::Downloading | Self::DownloadPaused => Some(1),
            Self::Downloaded => Some(2),
            Self::Checked => Some(3),
            Self::InstallScheduled => Some(4),
            Self::Installing => Some(5),
            Self::Installed | Self::Published => Some(6),
            Self::InstallRebooting | Self::Failed(_) | Self::Idle | Self::Unknown => None,
        }
    }
}

/// How many downloads were begun. A resumed one is the same, a finished one counts even if its beginning was not told.
pub(super) fn download_attempts(stages: impl Iterator<Item = Meaning>) -> i32 {
    let (mut attempts, mut running, mut previous) = (0, false, Meaning::Unknown);
    for stage in stages {
        match stage {
            Meaning::Downloading => {
                attempts += i32::from(!running || previous != Meaning::DownloadPaused);
                running = true;
            }
            Meaning::Downloaded | Meaning::Failed(JobOutcome::DownloadFailed) => {
                attempts += i32::from(!running);
                running = false;
            }
            _ => {}
        }
        previous = stage;
    }
    attempts
}

/// `recovered` and `order_unusual`.
///
/// What may be left out by the specification (`Installing`, `InstallRebooting`, everything before `Installed`:
/// L01.FR.23) is not unusual. A step back is, unless a failure or Idle came in between, and so is the installation
/// of a requested firmware (`requested`) that was never said to be downloaded.
pub(super) fn remarks(stages: impl Iterator<Item = Meaning>, requested: bool) -> impl Iterator<Item = Flag> {
    let (mut rank, mut downloaded, mut failed) = (None, !requested, false);
    let (mut unusual, mut recovered) = (false, false);
    for stage in stages {
        if stage.is_failure() || stage == Meaning::Idle {
            (rank, downloaded) = (None, true);
            // A download that is tried again is part of the job, not a recovery: the request itself allows retries.
            failed |= stage.is_failure() && stage != Meaning::Failed(JobOutcome::DownloadFailed);
            continue;
        }
        unusual |= stage.rank().is_some() && stage.rank() < rank;
        rank = rank.max(stage.rank());
        downloaded |= stage == Meaning::Downloaded;
        unusual |=
            !downloaded && (stage.is_installation() || matches!(stage, Meaning::Checked | Meaning::InstallScheduled));
        recovered |= failed && stage.is_success();
    }
    [(unusual, Flag::OrderUnusual), (recovered, Flag::Recovered)]
        .into_iter()
        .filter_map(|(set, flag)| set.then_some(flag))
}
