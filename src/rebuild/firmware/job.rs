//! Requests and statuses, sorted into jobs (rule book §5.2, the rows about keys, retries and spontaneous jobs).

use super::JobOutcome;
use super::stage::Meaning;
use crate::event::{FirmwareKind, FirmwareRequest, FirmwareStatus};
use crate::flag::{Flag, Flags};
use crate::rebuild::exchange::Outcome;
use crate::rebuild::kinds::Is;
use crate::rebuild::{Context, Track};
use std::collections::BTreeMap;

/// How the charge point took the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// There was no request.
    None,
    /// No answer; `lost` if there can be none any more.
    Unanswered { lost: bool },
    /// It was accepted; `canceled` if a job before it was cancelled for it.
    Accepted { canceled: bool },
    /// It was refused.
    Refused(JobOutcome),
}

/// A status that was news.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stage<'a> {
    /// The event.
    pub(super) index: usize,
    pub(super) status: &'a str,
    pub(super) meaning: Meaning,
    /// The recorder's time.
    pub(super) time: Option<i64>,
}

/// The job that took the place of another one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Successor {
    /// The job.
    pub(super) job: usize,
    /// The event of its request.
    pub(super) index: usize,
    /// The charge point said that it cancelled the job before.
    pub(super) canceled: bool,
}

/// A job as the messages tell it.
#[derive(Clone, Debug)]
pub(super) struct Job<'a> {
    pub(super) kind: FirmwareKind,
    pub(super) request_id: Option<i64>,
    /// The event of the request's first sending, and what it says.
    pub(super) request: Option<(usize, &'a FirmwareRequest)>,
    /// The event of the request's last sending.
    sent: Option<usize>,
    pub(super) reply: Reply,
    /// The answer's status as sent.
    pub(super) response_status: Option<&'a str>,
    pub(super) stages: Vec<Stage<'a>>,
    /// The first and the last event of it.
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) successor: Option<Successor>,
    pub(super) flags: Flags,
}

impl<'a> Job<'a> {
    fn new(kind: FirmwareKind, request_id: Option<i64>, first: usize) -> Self {
        Self {
            kind,
            request_id,
            request: None,
            sent: None,
            reply: Reply::None,
            response_status: None,
            stages: Vec::new(),
            first,
            last: first,
            successor: None,
            flags: Flags::NONE,
        }
    }

    /// The status that decides: the last success or failure.
    pub(super) fn decisive(&self) -> Option<&Stage<'a>> {
        let decides = |stage: &&Stage<'_>| stage.meaning.is_success() || stage.meaning.is_failure();
        self.stages.iter().rev().find(decides)
    }

    /// Whether it succeeded; a failed job may be tried again, a finished one is over.
    pub(super) fn is_finished(&self) -> bool {
        self.decisive().is_some_and(|stage| stage.meaning.is_success())
    }

    /// Whether it is under way: accepted or told about, and not ended.
    fn is_open(&self) -> bool {
        match self.stages.last() {
            Some(stage) => stage.meaning.is_intermediate() && !self.is_finished(),
            None => matches!(self.reply, Reply::Accepted { .. }),
        }
    }

    fn is_publish(&self) -> bool {
        self.kind == FirmwareKind::Publish
    }
}

/// The jobs of a charge point in order of their first message.
pub(super) fn collect<'a>(track: &Track<'a>, context: &Context<'_>) -> Vec<Job<'a>> {
    let mut desk = Desk {
        track,
        context,
        jobs: Vec::new(),
        by_id: BTreeMap::new(),
        trays: [Tray::default(); 2],
        mixed: is_mixed(track),
    };
    for (index, view) in track.of([Is::FirmwareRequest, Is::FirmwareStatus]) {
        if let Some(fact) = view.firmware_request() {
            desk.request(index, fact);
        } else if let Some(fact) = view.firmware_status() {
            desk.status(index, fact);
        }
    }
    if desk.mixed {
        for job in desk.jobs.iter_mut().filter(|job| !job.is_publish()) {
            job.flags.add(Flag::MixedProfiles);
        }
    }
    desk.jobs
}

/// Whether the charge point sends both plain and signed statuses. Idle is no sign: any trigger can ask for it.
fn is_mixed(track: &Track<'_>) -> bool {
    let sends = |kind: FirmwareKind| {
        track.firmware_statuses().any(|(_, view, fact)| {
            fact.kind == kind && Meaning::of(view.text(fact.status).unwrap_or_default()) != Meaning::Idle
        })
    };
    sends(FirmwareKind::Signed) && sends(FirmwareKind::Plain)
}

/// The jobs that a status without a number can belong to: the latest of each sort. One job at a time (§5.2).
#[derive(Clone, Copy, Debug, Default)]
struct Tray {
    accepted: Option<usize>,
    unanswered: Option<usize>,
    refused: Option<usize>,
    /// Begun by a plain status.
    plain: Option<usize>,
    /// Begun by a signed status.
    signed: Option<usize>,
}

struct Desk<'a, 't, 'c> {
    track: &'t Track<'a>,
    context: &'t Context<'c>,
    jobs: Vec<Job<'a>>,
    /// The latest job with a number; publishing counts for itself.
    by_id: BTreeMap<(bool, i64), usize>,
    /// Firmware, publishing.
    trays: [Tray; 2],
    mixed: bool,
}

impl<'a> Desk<'a, '_, '_> {
    fn request(&mut self, index: usize, fact: &'a FirmwareRequest) {
        let (reply, response_status) = reply(self.track, index, fact);
        let publish = fact.kind == FirmwareKind::Publish;
        let at = self.repeated(index).unwrap_or_else(|| {
            let mut job = Job::new(fact.kind, fact.request_id, index);
            job.request = Some((index, fact));
            job.flags.extend(fact.retrieve.flags);
            job.flags.extend(fact.install.flags);
            self.jobs.push(job);
            self.jobs.len() - 1
        });
        let job = &mut self.jobs[at];
        job.sent = Some(index);
        let answer = self.track.exchange.pairs[index].answer;
        job.last = job.last.max(index).max(answer.map_or(0, |answer| answer as usize));
        // An answer to an earlier sending that came late is still an answer.
        if answer.is_some() || matches!(job.reply, Reply::None | Reply::Unanswered { .. }) {
            (job.reply, job.response_status) = (reply, response_status);
        }
        if let Some(id) = fact.request_id {
            self.by_id.insert((publish, id), at);
        }
        let tray = &mut self.trays[usize::from(publish)];
        match self.jobs[at].reply {
            Reply::Accepted { canceled } => {
                let before = std::mem::take(tray);
                tray.accepted = Some(at);
                self.succeed(before, Successor { job: at, index, canceled });
            }
            Reply::Refused(_) => tray.refused = Some(at),
            Reply::Unanswered { .. } | Reply::None => tray.unanswered = Some(at),
        }
    }

    /// The job whose request is sent once more: equal content while no answer had come (§1.3, retries).
    fn repeated(&self, index: usize) -> Option<usize> {
        let at = self.jobs.iter().rposition(|job| job.request.is_some())?;
        let job = &self.jobs[at];
        let sent = job.sent?;
        let (first, second) = (self.track.events[sent], self.track.events[index]);
        let answered = self.track.exchange.pairs[sent].answer.is_some_and(|answer| (answer as usize) < index);
        let soon = within(first.log_time, second.log_time, self.context.rules.retry_window);
        (first.content == second.content && !answered && soon && !job.is_finished()).then_some(at)
    }

    /// Puts a new job in the place of the open ones.
    fn succeed(&mut self, before: Tray, successor: Successor) {
        for at in
            [before.accepted, before.unanswered, before.refused, before.plain, before.signed].into_iter().flatten()
        {
            let job = &mut self.jobs[at];
            if at != successor.job && job.is_open() {
                job.successor = Some(successor);
            }
        }
    }

    fn status(&mut self, index: usize, fact: &'a FirmwareStatus) {
        let view = self.track.events[index];
        let status = view.text(fact.status).unwrap_or_default();
        let meaning = Meaning::of(status);
        let found = self.find(index, fact);
        if meaning == Meaning::Idle {
            // Idle answers a trigger; it only says something if the job seemed to be under way.
            let open = |at: &usize| {
                self.jobs[*at].stages.last().is_some_and(|stage| stage.meaning.is_intermediate())
                    && !self.jobs[*at].is_finished()
            };
            let Some(at) = found.filter(open) else {
                return;
            };
            self.jobs[at].stages.push(Stage { index, status, meaning, time: view.log_time });
            self.jobs[at].last = index;
            return;
        }
        let at = found.or_else(|| self.finished(index, fact, status)).unwrap_or_else(|| self.begin(index, fact));
        let job = &mut self.jobs[at];
        job.flags.add_if(fact.request_id.is_none() && job.request_id.is_some(), Flag::RequestIdMissing);
        job.last = job.last.max(index);
        // The charge point must repeat its status when asked (L01.FR.25): only another one is news.
        let news = job.stages.last().is_none_or(|last| !last.status.eq_ignore_ascii_case(status));
        if news {
            job.stages.push(Stage { index, status, meaning, time: view.log_time });
        }
    }

    /// The job that a status belongs to: by its number, else the one that is under way.
    fn find(&self, index: usize, fact: &FirmwareStatus) -> Option<usize> {
        let publish = fact.kind == FirmwareKind::Publish;
        if let Some(id) = fact.request_id {
            return self.by_id.get(&(publish, id)).copied();
        }
        let tray = self.trays[usize::from(publish)];
        let now = self.track.events[index].log_time;
        let fits = |at: &usize| {
            let job = &self.jobs[*at];
            // The charge point had nothing to do, and then said nothing for long: what it does now is another job.
            if let Some(last) = job.stages.last()
                && last.meaning == Meaning::Idle
                && !within(last.time, now, self.context.rules.firmware_stall)
            {
                return false;
            }
            let numbered = job.request_id.is_some() && !(self.mixed && job.kind != fact.kind);
            let goes_on = if numbered { job.is_open() } else { !job.is_finished() };
            (job.kind == fact.kind || numbered) && goes_on
        };
        // A status beats the answer (decision 8), but not for ever: later on it is more likely a job of its own.
        let recent = |at: &usize| {
            let job = &self.jobs[*at];
            let due = job.request.and_then(|(index, fact)| fact.retrieve.micros.max(self.track.events[index].log_time));
            !job.stages.is_empty() || within(due, self.track.events[index].log_time, self.context.rules.firmware_stall)
        };
        let spontaneous = if fact.kind == FirmwareKind::Signed { tray.signed } else { tray.plain };
        let certain = [tray.accepted, spontaneous].into_iter().flatten().find(fits);
        certain.or_else(|| [tray.unanswered, tray.refused].into_iter().flatten().find(|at| fits(at) && recent(at)))
    }

    /// The finished job that a status without a number only repeats (a second Installed is common).
    fn finished(&self, index: usize, fact: &FirmwareStatus, status: &str) -> Option<usize> {
        let repeats = |job: &Job<'_>| {
            let last = job.stages.last();
            let time = self.track.events[index].log_time;
            job.is_publish() == (fact.kind == FirmwareKind::Publish)
                && last.is_some_and(|last| {
                    last.status.eq_ignore_ascii_case(status)
                        && within(last.time, time, self.context.rules.firmware_verify)
                })
        };
        let latest = self.jobs.len().checked_sub(1)?;
        (fact.request_id.is_none() && self.jobs[latest].is_finished() && repeats(&self.jobs[latest])).then_some(latest)
    }

    /// A job without a request in the log.
    fn begin(&mut self, index: usize, fact: &FirmwareStatus) -> usize {
        let at = self.jobs.len();
        let mut job = Job::new(fact.kind, fact.request_id, index);
        let near = match (self.track.events[index].log_time, self.context.observation.start) {
            (Some(time), Some(start)) => time.saturating_sub(start) <= self.context.rules.left_censor_window,
            _ => false,
        };
        job.flags.add_if(near && self.jobs.is_empty(), Flag::LeftCensored);
        self.jobs.push(job);
        let publish = fact.kind == FirmwareKind::Publish;
        let tray = &mut self.trays[usize::from(publish)];
        if fact.kind == FirmwareKind::Signed {
            tray.signed = Some(at);
        } else {
            tray.plain = Some(at);
        }
        if let Some(id) = fact.request_id {
            self.by_id.insert((publish, id), at);
        }
        at
    }
}

/// Whether the second time lies no more than `window` after the first; unknown times do not tell otherwise.
fn within(first: Option<i64>, second: Option<i64>, window: i64) -> bool {
    match (first, second) {
        (Some(first), Some(second)) => second.saturating_sub(first) <= window,
        _ => true,
    }
}

/// How a request was taken, and the status of the answer where the version's answer has one.
fn reply<'a>(track: &Track<'a>, index: usize, fact: &FirmwareRequest) -> (Reply, Option<&'a str>) {
    let Some(answer) = track.answer(index) else {
        let lost = matches!(track.exchange.pairs[index].outcome, Some(Outcome::Timeout | Outcome::ConnectionLost));
        return (Reply::Unanswered { lost }, None);
    };
    if answer.refusal().is_some() {
        return (Reply::Refused(JobOutcome::CallError), None);
    }
    let status = answer.answer().and_then(|fact| answer.text(fact.status)).filter(|_| fact.answer_has_status);
    let is = |word: &str| status.is_some_and(|status| status.eq_ignore_ascii_case(word));
    let reply = if status.is_none() || is("Accepted") {
        Reply::Accepted { canceled: false }
    } else if is("AcceptedCanceled") {
        Reply::Accepted { canceled: true }
    } else if is("InvalidCertificate") {
        Reply::Refused(JobOutcome::InvalidCertificate)
    } else if is("RevokedCertificate") {
        Reply::Refused(JobOutcome::RevokedCertificate)
    } else {
        Reply::Refused(JobOutcome::Rejected)
    };
    (reply, status)
}
