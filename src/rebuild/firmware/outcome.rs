//! What became of a job (rule book §5.2; decision 8).

use super::job::{Class, Job, Response, class};
use crate::rebuild::boot::BootRow;
use crate::rebuild::status::last_contact;
use crate::rebuild::{Context, Track};
use crate::time::MINUTE;

macro_rules! outcomes {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $name:literal, $class:literal;)+) => {
        /// What became of a job.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Outcome { $($(#[doc = $meaning])+ $variant,)+
            /// It goes on when the log ends, as far as the log tells.
            #[default]
            InProgress,
        }

        impl Outcome {
            /// The word of the `outcome` column.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ Self::InProgress => "in_progress" }
            }

            /// The word of the `outcome_class` column.
            #[must_use]
            pub const fn class(self) -> &'static str {
                match self { $(Self::$variant => $class,)+ Self::InProgress => "in_progress" }
            }
        }
    };
}

outcomes! {
    /// Installed, and a boot tells another version.
    InstalledVerified = "installed_verified", "success";
    /// Never reported as installed, but a boot tells another version.
    InstalledInferred = "installed_inferred", "success";
    /// Installed, and no boot tells a version.
    InstalledUnverified = "installed_unverified", "success";
    /// Installed, and a boot tells the same version as before.
    InstalledVersionUnchanged = "installed_version_unchanged", "success";
    /// The download failed.
    DownloadFailed = "download_failed", "failure";
    /// The installation failed.
    InstallationFailed = "installation_failed", "failure";
    /// The signature was wrong.
    InvalidSignature = "invalid_signature", "failure";
    /// What was installed did not pass its verification.
    VerificationFailed = "verification_failed", "failure";
    /// It stopped without a report.
    Lost = "lost", "failure";
    /// The charge point refused.
    Rejected = "rejected", "not_started";
    /// The charge point refused the certificate.
    InvalidCertificate = "invalid_certificate", "not_started";
    /// The certificate was revoked.
    RevokedCertificate = "revoked_certificate", "not_started";
    /// The request was answered by an error.
    CallError = "call_error", "not_started";
    /// The request was not answered.
    NotDelivered = "not_delivered", "not_started";
    /// No progress for a day, while the charge point talked on.
    Stalled = "stalled", "unknown";
    /// Accepted, and nothing was reported for a day.
    NoStatus = "no_status", "unknown";
    /// Another request took its place.
    Superseded = "superseded", "unknown";
}

/// No charge point takes longer for an answer; 2.0.1 part 2 §3.2 suggests 30 s.
const ANSWER_PATIENCE: i64 = 5 * MINUTE;

/// A boot that tells a firmware version.
struct Told<'a> {
    index: usize,
    time: Option<i64>,
    version: &'a str,
}

/// Settles versions and outcomes.
pub(super) fn settle<'a>(track: &Track<'a>, context: &Context<'_>, boots: &[BootRow<'a>], jobs: &mut [Job<'a>]) {
    let real: Vec<_> = boots.iter().filter(|boot| boot.is_reboot).map(|boot| boot.position).collect();
    let reboots: Vec<usize> = (0..track.events.len())
        .filter(|&index| track.events[index].boot().is_some() && real.contains(&track.events[index].position))
        .collect();
    let told: Vec<Told<'a>> = reboots
        .iter()
        .filter_map(|&index| {
            let view = track.events[index];
            let version = view.boot().and_then(|boot| view.text(boot.firmware_version))?;
            Some(Told { index, time: view.log_time, version })
        })
        .collect();
    let contact = last_contact(track);
    let starts: Vec<usize> = jobs.iter().map(|job| job.start).collect();
    for (at, job) in jobs.iter_mut().enumerate() {
        let next = starts[at + 1..].iter().copied().find(|&start| start > job.start).unwrap_or(usize::MAX);
        let first_boot = begin_of_proof(job, &told);
        job.row.version_before = told.iter().rev().find(|boot| boot.index < first_boot).map(|boot| boot.version);
        let proof: Vec<&Told<'a>> = told
            .iter()
            .filter(|boot| boot.index >= first_boot && boot.index < next && in_time(job, boot, context))
            .collect();
        let before = job.row.version_before;
        let other = proof.iter().find(|boot| before.is_some_and(|before| before != boot.version));
        let shown = other.or(proof.last());
        job.row.outcome = outcome(job, other.is_some(), !proof.is_empty(), contact, context);
        let succeeded = job.row.outcome.class() == "success";
        if let Some(boot) = shown.filter(|_| succeeded) {
            job.row.version_after = Some(boot.version);
            let verified = matches!(job.row.outcome, Outcome::InstalledVerified | Outcome::InstalledInferred);
            job.row.verified_at = boot.time.filter(|_| verified);
        }
        let end = shown.map_or(job.end, |boot| boot.index.max(job.end));
        job.row.boots_during = reboots.iter().filter(|&&index| index >= first_boot && index <= end).count() as i32;
        job.row.duration = duration(job);
    }
}

/// From which boot on a version can come from this job: from its request on; without one also the boot just before its
/// first stage, since some charge points report `Installed` when they have booted with it.
fn begin_of_proof(job: &Job<'_>, told: &[Told<'_>]) -> usize {
    let boot = told.iter().rev().find(|boot| boot.index < job.start);
    match boot {
        Some(boot) if !job.row.requested => boot.index,
        _ => job.start,
    }
}

/// Whether a boot comes soon enough behind the last stage to prove anything.
fn in_time(job: &Job<'_>, boot: &Told<'_>, context: &Context<'_>) -> bool {
    match (job.row.last_status_time, boot.time) {
        (Some(last), Some(time)) => time - last <= context.rules.firmware_verify,
        _ => true,
    }
}

fn outcome(job: &Job<'_>, other_version: bool, version: bool, contact: Option<i64>, context: &Context<'_>) -> Outcome {
    let Some(last) = job.row.last_status() else {
        return without_stage(job, contact, context);
    };
    match class(last) {
        Class::Success if other_version => Outcome::InstalledVerified,
        Class::Success if version && job.row.version_before.is_some() => Outcome::InstalledVersionUnchanged,
        Class::Success => Outcome::InstalledUnverified,
        Class::Idle => Outcome::Lost,
        _ if job.superseded.is_some() => Outcome::Superseded,
        Class::Failure => match last {
            "DownloadFailed" => Outcome::DownloadFailed,
            "InvalidSignature" => Outcome::InvalidSignature,
            "InstallVerificationFailed" | "InvalidChecksum" => Outcome::VerificationFailed,
            _ => Outcome::InstallationFailed,
        },
        Class::Intermediate if other_version => Outcome::InstalledInferred,
        Class::Intermediate if has_stalled(job, contact, context) => Outcome::Stalled,
        Class::Intermediate => Outcome::InProgress,
    }
}

fn without_stage(job: &Job<'_>, contact: Option<i64>, context: &Context<'_>) -> Outcome {
    match job.response {
        Response::Refused => match job.row.response_status {
            Some("InvalidCertificate") => Outcome::InvalidCertificate,
            Some("RevokedCertificate") => Outcome::RevokedCertificate,
            _ => Outcome::Rejected,
        },
        Response::CallError => Outcome::CallError,
        Response::Unanswered => Outcome::NotDelivered,
        Response::Unknown if talked_on(job, contact) => Outcome::NotDelivered,
        _ if job.superseded.is_some() => Outcome::Superseded,
        _ if has_stalled(job, contact, context) => Outcome::NoStatus,
        _ => Outcome::InProgress,
    }
}

/// Whether the charge point talked on for longer than any answer takes.
fn talked_on(job: &Job<'_>, contact: Option<i64>) -> bool {
    job.row.requested && contact.zip(job.row.requested_at).is_some_and(|(contact, asked)| contact - asked > ANSWER_PATIENCE)
}

/// Whether the charge point talked on for a day after the job should have made progress.
fn has_stalled(job: &Job<'_>, contact: Option<i64>, context: &Context<'_>) -> bool {
    let row = &job.row;
    let due = [row.requested_at, row.retrieve_at, row.install_at, row.last_status_time].into_iter().flatten().max();
    contact.zip(due).is_some_and(|(contact, due)| contact - due > context.rules.firmware_stall)
}

/// From the request to the final stage; a job that has none has no duration.
fn duration(job: &Job<'_>) -> Option<i64> {
    let last = job.row.statuses.last()?;
    let over = matches!(class(last.0), Class::Success | Class::Failure);
    let (start, end) = (job.row.requested_at?, last.2?);
    (over && end >= start).then_some(end - start)
}
