//! Which request and which stages make a job (rule book §5.2).

use super::FirmwareUpdate;
use crate::event::{FirmwareKind, View};
use crate::flag::Flag;
use crate::rebuild::Track;
use crate::rebuild::exchange::Outcome as Exchanged;
use crate::time::HOUR;

/// How much later the same final stage may be told once more; beyond that it is another update.
const TOLD_TWICE: i64 = HOUR;

/// What a stage says about its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// It goes on.
    Intermediate,
    /// It ended badly.
    Failure,
    /// It ended well.
    Success,
    /// There is no job.
    Idle,
}

/// The class of a stage (2.0.1 part 2 §3.33; security extension §6.8). An unknown word is a stage like any other.
pub(super) fn class(status: &str) -> Class {
    match status {
        "Installed" | "Published" => Class::Success,
        "DownloadFailed" | "InstallationFailed" | "InstallVerificationFailed" | "InvalidSignature" | "InvalidChecksum"
        | "PublishFailed" => Class::Failure,
        "Idle" => Class::Idle,
        _ => Class::Intermediate,
    }
}

/// How the request was answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Response {
    /// There was no request, or it may still be answered behind the end of the log.
    #[default]
    Unknown,
    /// It was accepted; in plain 1.6 any answer accepts.
    Accepted,
    /// It was accepted, and the job before it was cancelled.
    AcceptedCanceled,
    /// It was refused, with this word.
    Refused,
    /// It was answered by a CALLERROR.
    CallError,
    /// It was not answered.
    Unanswered,
}

/// A job while it is put together.
#[derive(Debug, Default)]
pub(super) struct Job<'a> {
    pub(super) row: FirmwareUpdate<'a>,
    pub(super) response: Response,
    /// Index of the event that began it.
    pub(super) start: usize,
    /// Index of its last event.
    pub(super) end: usize,
    /// Index of its last stage.
    pub(super) last_stage: Option<usize>,
    /// Index of the request that took its place.
    pub(super) superseded: Option<usize>,
    content: u64,
}

impl Job<'_> {
    /// Whether it may still go on.
    pub(super) fn is_open(&self) -> bool {
        let refused = matches!(self.response, Response::Refused | Response::CallError | Response::Unanswered);
        match self.row.last_status().map(class) {
            Some(class) => class == Class::Intermediate,
            None => !refused,
        }
    }
}

/// The jobs of a charge point in the order in which they began.
pub(super) fn collect<'a>(track: &Track<'a>) -> Vec<Job<'a>> {
    let mut jobs: Vec<Job<'a>> = Vec::new();
    let (mut plain, mut signed) = (false, false);
    for (index, &view) in track.events.iter().enumerate() {
        if view.firmware_request().is_some() {
            request(track, index, &mut jobs);
        } else if let Some(fact) = view.firmware_status() {
            plain |= fact.kind == FirmwareKind::Plain && fact.request_id.is_none();
            signed |= fact.kind == FirmwareKind::Signed;
            stage(track, index, view, &mut jobs);
        }
    }
    if plain && signed {
        jobs.iter_mut().for_each(|job| job.row.flags.add(Flag::MixedProfiles));
    }
    jobs
}

fn request<'a>(track: &Track<'a>, index: usize, jobs: &mut Vec<Job<'a>>) {
    let view = track.events[index];
    let Some(fact) = view.firmware_request() else { return };
    let (response, response_status) = response(track, index, fact.answer_has_status);
    // The same request once more, while nothing came of the first one, is the same job.
    if let Some(job) = jobs.last_mut()
        && job.content == view.content
        && job.row.statuses.is_empty()
        && !matches!(job.response, Response::Accepted | Response::AcceptedCanceled)
    {
        job.response = response;
        job.row.response_status = response_status.or(job.row.response_status);
        job.end = index;
        job.row.last = view.position;
        return;
    }
    let takes_over = !matches!(response, Response::Refused | Response::CallError | Response::Unanswered);
    let before = jobs.iter_mut().rev().find(|job| job.is_open() && job.superseded.is_none());
    if let Some(before) = before.filter(|_| takes_over) {
        before.superseded = Some(index);
        // With AcceptedCanceled the charge point says itself that it gave up the old job.
        before.row.flags.add_if(response != Response::AcceptedCanceled, Flag::Overlap);
    }
    jobs.push(Job {
        row: FirmwareUpdate {
            charge_point: track.charge_point,
            request_id: fact.request_id,
            kind: fact.kind,
            requested: true,
            location: view.text(fact.location),
            requested_at: view.log_time,
            retrieve_at: fact.retrieve.micros,
            install_at: fact.install.micros,
            response_status,
            first: view.position,
            last: view.position,
            ..FirmwareUpdate::default()
        },
        response,
        start: index,
        end: index,
        content: view.content,
        ..Job::default()
    });
}

fn response<'a>(track: &Track<'a>, index: usize, has_status: bool) -> (Response, Option<&'a str>) {
    let Some(view) = track.answer(index) else {
        let ended = track.exchange.pairs[index].outcome == Some(Exchanged::UnknownLogEnd);
        return (if ended { Response::Unknown } else { Response::Unanswered }, None);
    };
    if let Some(refusal) = view.refusal() {
        return (Response::CallError, view.text(refusal.code));
    }
    let status = view.answer().and_then(|answer| view.text(answer.status)).filter(|_| has_status);
    let response = match status {
        None | Some("Accepted") => Response::Accepted,
        Some("AcceptedCanceled") => Response::AcceptedCanceled,
        Some(_) => Response::Refused,
    };
    (response, status)
}

fn stage<'a>(track: &Track<'a>, index: usize, view: View<'a>, jobs: &mut Vec<Job<'a>>) {
    let Some(fact) = view.firmware_status() else { return };
    let Some(status) = view.text(fact.status) else { return };
    let found = match fact.request_id {
        Some(id) => jobs.iter().rposition(|job| job.row.request_id == Some(id)),
        None => unnumbered(jobs, status, view.log_time),
    };
    let Some(at) = found else {
        if class(status) != Class::Idle {
            jobs.push(spontaneous(track, index, view, fact.kind, fact.request_id));
            add(jobs.last_mut(), index, view, status);
        }
        return;
    };
    let numbered = jobs[at].row.request_id.is_some() && fact.request_id.is_none();
    jobs[at].row.flags.add_if(numbered && class(status) != Class::Idle, Flag::RequestIdMissing);
    add(jobs.get_mut(at), index, view, status);
}

/// The job of a stage without a number: the one that is open, else the last one, if the stage can still belong to it.
fn unnumbered(jobs: &[Job<'_>], status: &str, now: Option<i64>) -> Option<usize> {
    let superseded = |job: &Job<'_>| job.superseded.is_some();
    if let Some(open) = jobs.iter().rposition(|job| job.is_open() && !superseded(job)) {
        return Some(open);
    }
    if class(status) == Class::Idle {
        return None;
    }
    // After a failure a charge point may try again by itself; a success may be reported twice. A request that was
    // refused may have been run all the same: a status beats the answer.
    let last = jobs.iter().rposition(|job| !superseded(job))?;
    let job = &jobs[last].row;
    let soon = job.last_status_time.zip(now).is_none_or(|(before, now)| now - before <= TOLD_TWICE);
    let goes_on = match job.last_status() {
        None => true,
        Some(before) if before == status => soon,
        Some(before) => class(before) == Class::Failure,
    };
    goes_on.then_some(last)
}

fn spontaneous<'a>(track: &Track<'a>, index: usize, view: View<'a>, kind: FirmwareKind, request_id: Option<i64>) -> Job<'a> {
    Job {
        row: FirmwareUpdate {
            charge_point: track.charge_point,
            request_id,
            kind,
            first: view.position,
            last: view.position,
            ..FirmwareUpdate::default()
        },
        start: index,
        end: index,
        ..Job::default()
    }
}

fn add<'a>(job: Option<&mut Job<'a>>, index: usize, view: View<'a>, status: &'a str) {
    let Some(job) = job else { return };
    let row = &mut job.row;
    let before = row.statuses.last().map(|stage| stage.0);
    let repeated = before == Some(status);
    if !repeated {
        let paused = before == Some("DownloadPaused");
        row.download_attempts += i32::from(status == "Downloading" && !paused);
        let failed = before.is_some_and(|before| class(before) == Class::Failure);
        let falls = before.is_some_and(|before| rank(status) < rank(before));
        row.flags.add_if(falls && !failed && class(status) != Class::Idle, Flag::OrderUnusual);
        let install_failed = failed && before != Some("DownloadFailed");
        row.flags.add_if(install_failed && class(status) == Class::Success, Flag::Recovered);
        row.statuses.push((status, view.log_time, view.log_time));
    }
    row.last_status_time = view.log_time.or(row.last_status_time);
    row.last = view.position;
    job.end = index;
    job.last_stage = Some(index);
}

/// The usual order of the stages; those that may come in either order share a rank.
fn rank(status: &str) -> u8 {
    match status {
        "DownloadScheduled" => 0,
        "Downloaded" => 2,
        "SignatureVerified" | "InvalidSignature" | "ChecksumVerified" | "InvalidChecksum" => 3,
        "InstallScheduled" => 4,
        "InstallRebooting" | "Installing" => 5,
        "InstallVerificationFailed" | "InstallationFailed" | "PublishFailed" => 6,
        "Installed" | "Published" => 7,
        _ => 1,
    }
}
