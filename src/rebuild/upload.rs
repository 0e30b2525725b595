//! Uploads of diagnostics and logs (rule book §6, with the job logic of §5.2; 1.6 §5.9, §4.4; 1.6 security extension
//! §5; 2.0.1 part 2 N01).

use super::exchange::Outcome;
use super::firmware::StatusAt;
use super::kinds::Is;
use super::status::last_contact;
use super::words::words;
use super::{Context, Track};
use crate::event::{LogRequest, LogStatus};
use crate::flag::{Flag, Flags};
use crate::position::Position;
use std::collections::BTreeMap;

#[cfg(test)]
mod tests;

words! {
    /// What became of an upload (rule book §6: `failed(status)` is one word for each status).
    UploadOutcome:
    /// The file was sent.
    Uploaded = "uploaded";
    /// It could not be sent.
    Failed = "failed";
    /// A badly formatted packet, or another incompatibility of protocols.
    BadMessage = "bad_message";
    /// The server does not support it.
    NotSupported = "not_supported";
    /// The server does not permit it.
    PermissionDenied = "permission_denied";
    /// It stopped without a word: the charge point is idle.
    Lost = "lost";
    /// There is nothing to send: the answer names no file.
    NoFile = "no_file";
    /// The charge point refused the request.
    Rejected = "rejected";
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
    /// Another upload took its place.
    Superseded = "superseded";
}

/// One row of `log_uploads`.
#[derive(Clone, Debug, Default)]
pub struct Upload<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// The request's number; null for `GetDiagnostics`.
    pub request_id: Option<i64>,
    /// diagnostics (`GetDiagnostics`) or log (`GetLog`).
    pub kind: Option<&'a str>,
    /// `DiagnosticsLog`, `SecurityLog` or `DataCollectorLog`.
    pub log_type: Option<&'a str>,
    /// Who began it: csms, or `charge_point` if no request is in the log.
    pub source: Option<&'a str>,
    /// Where to send it, without credentials.
    pub location: Option<&'a str>,
    /// When it was requested, by the recorder's clock.
    pub requested_at: Option<i64>,
    /// The answer to the request, as logged.
    pub response_status: Option<&'a str>,
    /// The file that the charge point named.
    pub file_name: Option<&'a str>,
    /// Its stages in order of arrival.
    pub statuses: Vec<StatusAt<'a>>,
    /// Its last stage.
    pub last_status: Option<&'a str>,
    /// When its last stage was logged.
    pub last_status_time: Option<i64>,
    /// What became of it.
    pub outcome: Option<&'a str>,
    /// From the request to the last stage, by the recorder's clock.
    pub duration: Option<i64>,
    /// What had to be said about it.
    pub flags: Flags,
    /// The message.
    pub position: Position,
}

/// Uploads of diagnostics and logs, by the time of their request (none first), then source order.
#[must_use]
pub fn log_uploads<'a>(track: &Track<'a>, context: &Context<'_>) -> Vec<Upload<'a>> {
    let mut desk = Desk { track, context, jobs: Vec::new(), by_id: BTreeMap::new() };
    for (index, view) in track.of([Is::LogRequest, Is::LogStatus]) {
        if let Some(fact) = view.log_request() {
            desk.request(index, fact);
        } else if let Some(fact) = view.log_status() {
            desk.status(index, fact);
        }
    }
    if desk.jobs.is_empty() {
        return Vec::new();
    }
    let heard_until = context.observation.end.zip(last_contact(track)).map(|(end, contact)| end.min(contact));
    let mut rows: Vec<_> = desk.jobs.iter().map(|job| desk.row(job, heard_until)).collect();
    rows.sort_by_key(|row| (row.requested_at, row.position));
    rows
}

/// What a status means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// It goes on; also a word that no version knows.
    UnderWay,
    Uploaded,
    Failed(UploadOutcome),
    /// Another request cancelled it.
    Canceled,
    Idle,
}

impl Meaning {
    fn of(status: &str) -> Self {
        const WORDS: [(&str, Meaning); 8] = [
            ("Uploading", Meaning::UnderWay),
            ("Uploaded", Meaning::Uploaded),
            // 1.x and 2.x differ in the word.
            ("UploadFailed", Meaning::Failed(UploadOutcome::Failed)),
            ("UploadFailure", Meaning::Failed(UploadOutcome::Failed)),
            ("BadMessage", Meaning::Failed(UploadOutcome::BadMessage)),
            ("NotSupportedOperation", Meaning::Failed(UploadOutcome::NotSupported)),
            ("PermissionDenied", Meaning::Failed(UploadOutcome::PermissionDenied)),
            ("AcceptedCanceled", Meaning::Canceled),
        ];
        if status.eq_ignore_ascii_case("Idle") {
            return Self::Idle;
        }
        WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(status)).map_or(Self::UnderWay, |&(_, meaning)| meaning)
    }
}

#[derive(Clone, Copy, Debug)]
struct Stage<'a> {
    index: usize,
    status: &'a str,
    meaning: Meaning,
    time: Option<i64>,
}

/// How the charge point took the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reply {
    /// There was no request.
    None,
    /// No answer; `lost` if there can be none any more.
    Unanswered { lost: bool },
    /// It was accepted; `canceled` if an upload before it was cancelled for it.
    Accepted { canceled: bool },
    /// It was not.
    Refused(UploadOutcome),
}

#[derive(Clone, Debug)]
struct Job<'a> {
    diagnostics: bool,
    request_id: Option<i64>,
    /// The event of the request's first sending, and what it says.
    request: Option<(usize, &'a LogRequest)>,
    /// The event of its last sending.
    sent: Option<usize>,
    reply: Reply,
    response_status: Option<&'a str>,
    file_name: Option<&'a str>,
    stages: Vec<Stage<'a>>,
    first: usize,
    /// The request that took its place, and whether the charge point said so.
    successor: Option<(usize, bool)>,
    flags: Flags,
}

impl Job<'_> {
    fn is_over(&self) -> bool {
        self.stages.last().is_some_and(|stage| matches!(stage.meaning, Meaning::Uploaded | Meaning::Canceled))
    }

    fn is_open(&self) -> bool {
        match self.stages.last() {
            Some(stage) => stage.meaning == Meaning::UnderWay,
            None => matches!(self.reply, Reply::Accepted { .. }),
        }
    }
}

struct Desk<'a, 't, 'c> {
    track: &'t Track<'a>,
    context: &'t Context<'c>,
    jobs: Vec<Job<'a>>,
    /// The latest job with a number.
    by_id: BTreeMap<i64, usize>,
}

impl<'a> Desk<'a, '_, '_> {
    fn request(&mut self, index: usize, fact: &'a LogRequest) {
        let (reply, response_status, file_name) = self.reply(index, fact.diagnostics);
        let at = self.repeated(index, fact.diagnostics).unwrap_or_else(|| {
            self.jobs.push(Job {
                diagnostics: fact.diagnostics,
                request_id: fact.request_id,
                request: Some((index, fact)),
                sent: None,
                reply: Reply::None,
                response_status: None,
                file_name: None,
                stages: Vec::new(),
                first: index,
                successor: None,
                flags: Flags::NONE,
            });
            self.jobs.len() - 1
        });
        let job = &mut self.jobs[at];
        job.sent = Some(index);
        // An answer to an earlier sending that came late is still an answer.
        if self.track.exchange.pairs[index].answer.is_some()
            || matches!(job.reply, Reply::None | Reply::Unanswered { .. })
        {
            (job.reply, job.response_status, job.file_name) = (reply, response_status, file_name);
        }
        if let Some(id) = fact.request_id {
            self.by_id.insert(id, at);
        }
        if let Reply::Accepted { canceled } = reply
            && let Some(before) = self.jobs[..at]
                .iter_mut()
                .rev()
                .find(|job| job.diagnostics == fact.diagnostics && job.successor.is_none())
            && before.is_open()
        {
            before.successor = Some((index, canceled));
        }
    }

    fn reply(&self, index: usize, diagnostics: bool) -> (Reply, Option<&'a str>, Option<&'a str>) {
        let Some(answer) = self.track.answer(index) else {
            let outcome = self.track.exchange.pairs[index].outcome;
            return (
                Reply::Unanswered { lost: matches!(outcome, Some(Outcome::Timeout | Outcome::ConnectionLost)) },
                None,
                None,
            );
        };
        if answer.refusal().is_some() {
            return (Reply::Refused(UploadOutcome::CallError), None, None);
        }
        let fact = answer.answer();
        let status = fact.and_then(|fact| answer.text(fact.status));
        let file_name = fact.and_then(|fact| answer.text(fact.carried)).filter(|name| !name.is_empty());
        let is = |word: &str| status.is_some_and(|status| status.eq_ignore_ascii_case(word));
        let reply = if is("Rejected") {
            Reply::Refused(UploadOutcome::Rejected)
        } else if diagnostics && file_name.is_none() {
            // 1.6 §5.9: without a file name there is no diagnostics information to send.
            Reply::Refused(UploadOutcome::NoFile)
        } else {
            Reply::Accepted { canceled: is("AcceptedCanceled") }
        };
        (reply, status, file_name)
    }

    /// The job whose request is sent once more: equal content while no answer had come (§1.3, retries).
    fn repeated(&self, index: usize, diagnostics: bool) -> Option<usize> {
        let at = self.jobs.iter().rposition(|job| job.request.is_some() && job.diagnostics == diagnostics)?;
        let sent = self.jobs[at].sent?;
        let (first, second) = (self.track.events[sent], self.track.events[index]);
        let answered = self.track.exchange.pairs[sent].answer.is_some_and(|answer| (answer as usize) < index);
        let soon = within(first.log_time, second.log_time, self.context.rules.retry_window);
        (first.content == second.content && !answered && soon && !self.jobs[at].is_over()).then_some(at)
    }

    fn status(&mut self, index: usize, fact: &'a LogStatus) {
        let view = self.track.events[index];
        let status = view.text(fact.status).unwrap_or_default();
        let meaning = Meaning::of(status);
        let found = self.find(index, fact, status, meaning);
        if meaning == Meaning::Idle && found.is_none_or(|at| !self.jobs[at].stages.last().is_some_and(is_under_way)) {
            // Idle answers a trigger; it only says something if the upload seemed to be under way.
            return;
        }
        let at = found.unwrap_or_else(|| self.begin(index, fact));
        let job = &mut self.jobs[at];
        job.flags.add_if(fact.request_id.is_none() && job.request_id.is_some(), Flag::RequestIdMissing);
        // A trigger makes the charge point repeat its status: only another one is news.
        if job.stages.last().is_none_or(|last| !last.status.eq_ignore_ascii_case(status)) {
            job.stages.push(Stage { index, status, meaning, time: view.log_time });
        }
    }

    /// The job that a status belongs to: by its number, else the latest that is not over.
    fn find(&self, index: usize, fact: &LogStatus, status: &str, meaning: Meaning) -> Option<usize> {
        if let (Some(id), false) = (fact.request_id, fact.diagnostics) {
            return self.by_id.get(&id).copied();
        }
        let time = self.track.events[index].log_time;
        let latest = |fits: &dyn Fn(&Job<'_>) -> bool| {
            self.jobs.iter().rposition(|job| job.diagnostics == fact.diagnostics && fits(job))
        };
        if meaning == Meaning::Canceled {
            // It is about the upload that had to give way, not about the one that took its place.
            return latest(&|job| job.successor.is_some() && !job.is_over()).or_else(|| latest(&|job| job.is_open()));
        }
        let at = latest(&|_| true)?;
        let job = &self.jobs[at];
        let stall = self.context.rules.upload_stall;
        let due = match job.stages.last() {
            Some(stage) => stage.time,
            None => self.track.events[job.first].log_time,
        };
        let repeats = job.stages.last().is_some_and(|last| last.status.eq_ignore_ascii_case(status));
        let certain = !job.is_over() && matches!(job.reply, Reply::Accepted { .. } | Reply::None);
        // A status beats the answer (decision 8), but not for ever: later on it is more likely an upload of its own.
        (certain || ((!job.is_over() || repeats) && within(due, time, stall))).then_some(at)
    }

    /// An upload without a request in the log.
    fn begin(&mut self, index: usize, fact: &LogStatus) -> usize {
        let near = match (self.track.events[index].log_time, self.context.observation.start) {
            (Some(time), Some(start)) => time.saturating_sub(start) <= self.context.rules.left_censor_window,
            _ => false,
        };
        let mut flags = Flags::NONE;
        flags.add_if(near && self.jobs.is_empty(), Flag::LeftCensored);
        let at = self.jobs.len();
        if let Some(id) = fact.request_id {
            self.by_id.insert(id, at);
        }
        self.jobs.push(Job {
            diagnostics: fact.diagnostics,
            request_id: fact.request_id,
            request: None,
            sent: None,
            reply: Reply::None,
            response_status: None,
            file_name: None,
            stages: Vec::new(),
            first: index,
            successor: None,
            flags,
        });
        at
    }

    fn row(&self, job: &Job<'a>, heard_until: Option<i64>) -> Upload<'a> {
        let request = job.request.map(|(index, fact)| (self.track.events[index], fact));
        let requested_at = request.and_then(|(view, _)| view.log_time);
        let last = job.stages.last();
        let outcome = self.outcome(job, heard_until);
        let mut flags = job.flags;
        // An upload that had ended unnoticed when the next one was requested did not overlap with it.
        let overtaken = job.successor.is_some_and(|(_, canceled)| !canceled);
        let ended = matches!(outcome, UploadOutcome::Stalled | UploadOutcome::NoStatus);
        flags.add_if(overtaken && !ended, Flag::Overlap);
        Upload {
            charge_point: self.track.charge_point,
            request_id: job.request_id,
            kind: Some(if job.diagnostics { "diagnostics" } else { "log" }),
            log_type: request.and_then(|(view, fact)| view.text(fact.log_type)),
            source: Some(if request.is_some() { "csms" } else { "charge_point" }),
            location: request.and_then(|(view, fact)| view.text(fact.location)),
            requested_at,
            response_status: job.response_status,
            file_name: job.file_name,
            statuses: job
                .stages
                .iter()
                .map(|stage| StatusAt { status: stage.status, time: stage.time, received_at: stage.time })
                .collect(),
            last_status: last.map(|stage| stage.status),
            last_status_time: last.and_then(|stage| stage.time),
            outcome: Some(outcome.as_str()),
            duration: last.and_then(|stage| stage.time).zip(requested_at).map(|(last, requested)| last - requested),
            flags,
            position: self.track.events[job.first].position,
        }
    }

    /// What became of a job: a status beats the answer, the answer beats silence (decision 8).
    fn outcome(&self, job: &Job<'_>, heard_until: Option<i64>) -> UploadOutcome {
        let quiet = self.is_quiet(job, heard_until);
        if let Some(last) = job.stages.last() {
            return match last.meaning {
                Meaning::Uploaded => UploadOutcome::Uploaded,
                Meaning::Failed(outcome) => outcome,
                Meaning::Canceled => UploadOutcome::Superseded,
                Meaning::Idle => UploadOutcome::Lost,
                Meaning::UnderWay => match job.successor {
                    Some((index, canceled)) if canceled || (last.index < index && !quiet) => UploadOutcome::Superseded,
                    _ if quiet => UploadOutcome::Stalled,
                    _ => UploadOutcome::InProgress,
                },
            };
        }
        match job.reply {
            Reply::Refused(outcome) => outcome,
            Reply::Unanswered { lost } => {
                let asked = job.request.and_then(|(index, _)| self.track.events[index].log_time);
                let talked_on = heard_until
                    .zip(asked)
                    .is_some_and(|(heard, asked)| heard.saturating_sub(asked) > self.context.rules.command_patience);
                if lost || talked_on { UploadOutcome::NotDelivered } else { UploadOutcome::InProgress }
            }
            Reply::Accepted { .. } | Reply::None => match job.successor {
                Some((_, canceled)) if canceled || !quiet => UploadOutcome::Superseded,
                _ if quiet => UploadOutcome::NoStatus,
                _ => UploadOutcome::InProgress,
            },
        }
    }

    /// Whether nothing happened for [`crate::options::Rules::upload_stall`] although the charge point went on, or until
    /// the next request.
    fn is_quiet(&self, job: &Job<'_>, heard_until: Option<i64>) -> bool {
        let time = |index: usize| self.track.events[index].log_time;
        let horizon = match job.successor {
            Some((index, _)) if job.stages.last().is_none_or(|last| last.index < index) => time(index),
            _ => heard_until,
        };
        let due = job.stages.last().map_or(time(job.first), |stage| stage.time);
        horizon.zip(due).is_some_and(|(until, due)| until.saturating_sub(due) > self.context.rules.upload_stall)
    }
}

fn is_under_way(stage: &Stage<'_>) -> bool {
    stage.meaning == Meaning::UnderWay
}

/// Whether the second time lies no more than `window` after the first; unknown times do not tell otherwise.
fn within(first: Option<i64>, second: Option<i64>, window: i64) -> bool {
    match (first, second) {
        (Some(first), Some(second)) => second.saturating_sub(first) <= window,
        _ => true,
    }
}
