//! How a job ended (rule book §5.2, decision 8: a status beats the answer, the answer beats silence).

use super::job::{Job, Reply, Stage, Successor};
use super::security::{Said, said};
use super::stage::{Meaning, download_attempts, remarks};
use super::{FirmwareUpdate, JobOutcome, JobSource, StatusAt};
use crate::event::{FirmwareKind, View};
use crate::flag::Flag;
use crate::position::Position;
use crate::rebuild::boot::BootRow;
use crate::rebuild::status::last_contact;
use crate::rebuild::{Context, Track};

/// A place in the order of arrival.
pub(super) type Key = (Option<i64>, Position);

pub(super) fn key(view: View<'_>) -> Key {
    (view.log_time, view.position)
}

/// Where the boots that say something about a job lie.
#[derive(Clone, Copy)]
struct Window {
    after: Key,
    /// The last time that counts.
    until: Option<i64>,
    /// What comes then belongs to another job.
    before: Option<Key>,
}

impl Window {
    /// The reboots in the window.
    fn boots<'b, 'a>(self, boots: &'b [BootRow<'a>]) -> impl Iterator<Item = &'b BootRow<'a>> {
        let place = |boot: &BootRow<'_>| (boot.received_at, boot.position);
        let first = boots.partition_point(|boot| place(boot) <= self.after);
        boots[first..]
            .iter()
            .take_while(move |boot| self.before.is_none_or(|before| place(boot) < before))
            .take_while(move |boot| self.until.is_none_or(|until| boot.received_at.is_none_or(|time| time <= until)))
            .filter(|boot| boot.is_reboot)
    }
}

/// What a job came to.
#[derive(Clone, Copy)]
struct Verdict<'a> {
    outcome: JobOutcome,
    /// When the status that ended it came.
    ended: Option<i64>,
    version_after: Option<&'a str>,
    verified_at: Option<i64>,
    /// The boots that count as during the job.
    window: Option<Window>,
}

impl Verdict<'_> {
    fn plain(outcome: JobOutcome, window: Option<Window>) -> Self {
        Self { outcome, ended: None, version_after: None, verified_at: None, window }
    }
}

struct Judge<'a, 't, 'c> {
    track: &'t Track<'a>,
    context: &'t Context<'c>,
    boots: &'t [BootRow<'a>],
    /// Until when both the log and the charge point went on.
    heard_until: Option<i64>,
    /// The security events about firmware.
    said: Vec<(Key, Said)>,
}

/// Where the jobs behind one begin to speak for themselves.
#[derive(Clone, Copy, Default)]
struct Next {
    /// The first installation: boots behind it are no longer about this job.
    install: Option<Key>,
    /// The first status: security events behind it are not either.
    status: Option<Key>,
}

/// The rows of the jobs, in the order of the jobs.
pub(super) fn judge<'a>(
    track: &Track<'a>,
    context: &Context<'_>,
    boots: &[BootRow<'a>],
    jobs: &[Job<'a>],
) -> Vec<FirmwareUpdate<'a>> {
    let heard_until = context.observation.end.zip(last_contact(track)).map(|(end, contact)| end.min(contact));
    let judge = Judge { track, context, boots, heard_until, said: said(track) };
    let mut next = Next::default();
    let mut rows = Vec::with_capacity(jobs.len());
    for job in jobs.iter().rev() {
        rows.push(judge.row(job, next));
        if job.kind != FirmwareKind::Publish {
            next.install = judge.first_install(job).or(next.install);
            next.status = job.stages.first().map(|stage| judge.key(stage.index)).or(next.status);
        }
    }
    rows.reverse();
    for (at, job) in jobs.iter().enumerate() {
        // A job that had ended unnoticed when the next was requested did not overlap with it.
        let ended =
            matches!(rows[at].outcome, JobOutcome::InstalledInferred | JobOutcome::Stalled | JobOutcome::NoStatus);
        if job.successor.is_some_and(|successor| !successor.canceled && !ended) {
            rows[at].flags.add(Flag::Overlap);
        }
    }
    rows
}

impl<'a> Judge<'a, '_, '_> {
    fn key(&self, index: usize) -> Key {
        key(self.track.events[index])
    }

    fn first_install(&self, job: &Job<'_>) -> Option<Key> {
        let installs = |stage: &&Stage<'_>| stage.meaning.is_installation() || stage.meaning.is_success();
        job.stages.iter().find(installs).map(|stage| self.key(stage.index))
    }

    fn row(&self, job: &Job<'a>, next: Next) -> FirmwareUpdate<'a> {
        let request = job.request.map(|(index, fact)| (self.track.events[index], fact));
        let requested_at = request.and_then(|(view, _)| view.log_time);
        let version_before = self.version_before(job);
        let verdict = self.verdict(job, version_before, next);
        let meanings = || job.stages.iter().map(|stage| stage.meaning);
        let mut flags = job.flags;
        flags.extend(remarks(meanings(), job.request.is_some()).collect());
        flags.add_if(self.is_confirmed(job, &verdict, next), Flag::SecurityConfirmed);
        FirmwareUpdate {
            charge_point: self.track.charge_point,
            request_id: job.request_id,
            kind: job.kind,
            source: if request.is_some() { JobSource::Csms } else { JobSource::ChargePoint },
            location: request.and_then(|(view, fact)| view.text(fact.location)),
            requested_at,
            retrieve_at: request.and_then(|(_, fact)| fact.retrieve.micros),
            install_at: request.and_then(|(_, fact)| fact.install.micros),
            response_status: job.response_status,
            statuses: job
                .stages
                .iter()
                .map(|stage| StatusAt { status: stage.status, time: stage.time, received_at: stage.time })
                .collect(),
            first_status_time: job.stages.first().and_then(|stage| stage.time),
            last_status_time: job.stages.last().and_then(|stage| stage.time),
            last_status: job.stages.last().map(|stage| stage.status),
            download_attempts: download_attempts(meanings()),
            outcome: verdict.outcome,
            outcome_class: verdict.outcome.class(),
            duration: verdict.ended.zip(requested_at).map(|(ended, requested)| ended - requested),
            version_before,
            version_after: verdict.version_after,
            verified_at: verdict.verified_at,
            boots_during: verdict.window.map_or(0, |window| window.boots(self.boots).count() as i32),
            transactions_blocked: None,
            unavailable_duration: None,
            flags,
            first_position: self.track.events[job.first].position,
            last_position: self.track.events[job.last].position,
        }
    }

    /// Where the job begins. An Installed out of the blue is sent right after the boot into the new version
    /// (`MicroOcpp` does so), so that boot belongs to the job.
    fn start(&self, job: &Job<'_>) -> Key {
        let (time, position) = self.key(job.first);
        let blue = job.request.is_none() && job.stages.first().is_some_and(|stage| stage.meaning == Meaning::Installed);
        if blue {
            (time.map(|time| time - self.context.rules.status_after_boot), Position::default())
        } else {
            (time, position)
        }
    }

    fn version_before(&self, job: &Job<'_>) -> Option<&'a str> {
        let start = self.start(job);
        let before = self.boots.partition_point(|boot| (boot.received_at, boot.position) <= start);
        self.boots[..before].iter().rev().find_map(|boot| boot.firmware_version)
    }

    fn verdict(&self, job: &Job<'a>, version_before: Option<&'a str>, next: Next) -> Verdict<'a> {
        let Some(last) = job.stages.last() else {
            return self.untold(job);
        };
        let start = self.start(job);
        let through =
            |index: usize| Some(Window { after: start, until: None, before: Some(next_place(self.key(index))) });
        if let Some(stage) = job.decisive() {
            match stage.meaning {
                Meaning::Installed => return self.installed(job, stage, version_before, next.install),
                Meaning::Failed(outcome)
                    if last.index == stage.index && !job.successor.is_some_and(|next| next.canceled) =>
                {
                    return Verdict { ended: stage.time, ..Verdict::plain(outcome, through(stage.index)) };
                }
                Meaning::Published => {
                    return Verdict {
                        ended: stage.time,
                        ..Verdict::plain(JobOutcome::Published, through(stage.index))
                    };
                }
                _ => {}
            }
        }
        if let Some(verdict) = self.inferred(job, version_before, next.install).or_else(|| self.told_so(job, next)) {
            return verdict;
        }
        if last.meaning == Meaning::Idle {
            return Verdict { ended: last.time, ..Verdict::plain(JobOutcome::Lost, through(last.index)) };
        }
        if let Some(next) = replaced(job).filter(|next| next.canceled || !self.is_quiet(job)) {
            return Verdict::plain(JobOutcome::Superseded, through(next.index));
        }
        let outcome = if self.is_quiet(job) { JobOutcome::Stalled } else { JobOutcome::InProgress };
        Verdict::plain(outcome, Some(self.open_window(job)))
    }

    /// No status at all: the answer decides.
    fn untold(&self, job: &Job<'_>) -> Verdict<'a> {
        let open = Some(self.open_window(job));
        match job.reply {
            Reply::Refused(outcome) => Verdict::plain(outcome, None),
            Reply::Unanswered { lost } if lost || self.talked_on(job) || self.is_quiet(job) => {
                Verdict::plain(JobOutcome::NotDelivered, None)
            }
            Reply::Unanswered { .. } | Reply::None => Verdict::plain(JobOutcome::InProgress, open),
            Reply::Accepted { .. } => {
                let quiet = self.is_quiet(job);
                let outcome = match job.successor {
                    Some(next) if next.canceled || !quiet => JobOutcome::Superseded,
                    _ if quiet => JobOutcome::NoStatus,
                    _ => JobOutcome::InProgress,
                };
                Verdict::plain(outcome, open)
            }
        }
    }

    /// Whether the charge point talked on for longer than any answer takes.
    fn talked_on(&self, job: &Job<'_>) -> bool {
        let asked = job.request.and_then(|(index, _)| self.track.events[index].log_time);
        self.heard_until.zip(asked).is_some_and(|(heard, asked)| heard - asked > self.context.rules.command_patience)
    }

    /// From when on the job should have gone on: the latest of request, retrieve and install time, last status.
    fn due(&self, job: &Job<'_>) -> Option<i64> {
        let request = job
            .request
            .map(|(index, fact)| (self.track.events[index].log_time, fact.retrieve.micros, fact.install.micros));
        let (requested, retrieve, install) = request.unwrap_or_default();
        let last = job.stages.last().and_then(|stage| stage.time);
        requested.max(retrieve).max(install).max(last)
    }

    /// Whether nothing happened for [`crate::options::Rules::firmware_stall`] although the log and the charge point
    /// went on, or until the next request.
    fn is_quiet(&self, job: &Job<'_>) -> bool {
        let horizon = match replaced(job) {
            Some(next) => self.track.events[next.index].log_time,
            None => self.heard_until,
        };
        let due = self.due(job);
        horizon.zip(due).is_some_and(|(horizon, due)| horizon.saturating_sub(due) > self.context.rules.firmware_stall)
    }

    /// The time in which a job without an end may have been under way.
    fn open_window(&self, job: &Job<'_>) -> Window {
        Window {
            after: self.start(job),
            until: self.due(job).map(|due| due.saturating_add(self.context.rules.firmware_stall)),
            before: replaced(job).map(|next| self.key(next.index)),
        }
    }

    /// Installed: what do the boots say? The window goes from the first Installing or `InstallRebooting` to
    /// [`crate::options::Rules::firmware_verify`] after Installed; where the installation was not told (L01.FR.23),
    /// from the status before it.
    fn installed(
        &self,
        job: &Job<'a>,
        stage: &Stage<'a>,
        version_before: Option<&'a str>,
        next_install: Option<Key>,
    ) -> Verdict<'a> {
        let earlier = || job.stages.iter().take_while(|earlier| earlier.index < stage.index);
        let after = earlier()
            .find(|earlier| earlier.meaning.is_installation())
            .or_else(|| earlier().last())
            .map_or_else(|| self.start(job), |earlier| self.key(earlier.index));
        let until = stage.time.map(|time| time.saturating_add(self.context.rules.firmware_verify));
        let window = Window { after, until, before: next_install };
        let versions = || window.boots(self.boots).filter_map(|boot| Some((boot, boot.firmware_version?)));
        let changed = versions().find(|(_, version)| version_before.is_some_and(|before| before != *version));
        let evidence = changed.or_else(|| versions().next());
        let outcome = match (changed, evidence, version_before) {
            (Some(_), ..) => JobOutcome::InstalledVerified,
            (None, Some(_), Some(_)) => JobOutcome::InstalledVersionUnchanged,
            _ => JobOutcome::InstalledUnverified,
        };
        let last = job.stages.last().map_or(self.key(stage.index), |last| self.key(last.index));
        let end = evidence.map_or(last, |(boot, _)| last.max((boot.received_at, boot.position)));
        Verdict {
            outcome,
            ended: stage.time,
            version_after: evidence.map(|(_, version)| version),
            verified_at: changed.and_then(|(boot, _)| boot.time),
            window: Some(Window { after: self.start(job), until: None, before: Some(next_place(end)) }),
        }
    }

    /// Never said to be installed, but a boot shows another version after the download had begun: some charge points
    /// never send Installed.
    fn inferred(
        &self,
        job: &Job<'a>,
        version_before: Option<&'a str>,
        next_install: Option<Key>,
    ) -> Option<Verdict<'a>> {
        let before = version_before.filter(|_| job.kind != FirmwareKind::Publish)?;
        let failure = job.stages.iter().rposition(|stage| stage.meaning.is_failure());
        let tries = &job.stages[failure.map_or(0, |at| at + 1)..];
        let begun = tries.iter().find(|stage| stage.meaning.is_progress())?;
        let replaced = replaced(job).map(|next| self.key(next.index));
        let window = Window {
            after: self.key(begun.index),
            before: [replaced, next_install].into_iter().flatten().min(),
            ..self.open_window(job)
        };
        let boot =
            window.boots(self.boots).find(|boot| boot.firmware_version.is_some_and(|version| version != before))?;
        let end = next_place((boot.received_at, boot.position));
        Some(Verdict {
            outcome: JobOutcome::InstalledInferred,
            ended: None,
            version_after: boot.firmware_version,
            verified_at: boot.time,
            window: Some(Window { after: self.start(job), until: None, before: Some(end) }),
        })
    }

    /// Never said to have ended by a status, but by a security event after the download had begun.
    fn told_so(&self, job: &Job<'a>, next: Next) -> Option<Verdict<'a>> {
        let failure = job.stages.iter().rposition(|stage| stage.meaning.is_failure());
        let tries = &job.stages[failure.map_or(0, |at| at + 1)..];
        let begun = tries.iter().find(|stage| stage.meaning.is_progress())?;
        let replaced = replaced(job).map(|next| self.key(next.index));
        let window = Window {
            after: self.key(begun.index),
            before: [replaced, next.status].into_iter().flatten().min(),
            ..self.open_window(job)
        };
        let decides = |said: &Said| matches!(said, Said::Updated | Said::BadSignature);
        let (place, said) = self.said_in(job, window).rfind(|(_, said)| decides(said))?;
        let through = Some(Window { after: self.start(job), until: None, before: Some(next_place(place)) });
        Some(match said {
            Said::Updated => Verdict::plain(JobOutcome::InstalledInferred, through),
            _ => Verdict { ended: place.0, ..Verdict::plain(JobOutcome::InvalidSignature, through) },
        })
    }

    /// Whether a security event says the same as the outcome.
    fn is_confirmed(&self, job: &Job<'a>, verdict: &Verdict<'a>, next: Next) -> bool {
        let last = job.stages.last().and_then(|stage| stage.time).max(verdict.verified_at);
        let ended = last.or_else(|| self.due(job));
        let until = ended.map(|ended| ended.saturating_add(self.context.rules.firmware_verify));
        let window = Window { after: self.start(job), until, before: next.status };
        self.said_in(job, window).any(|(_, said)| said.supports(verdict.outcome))
    }

    /// The security events in a window; none is about what is only published.
    fn said_in(&self, job: &Job<'a>, window: Window) -> impl DoubleEndedIterator<Item = (Key, Said)> {
        let concerned = job.kind != FirmwareKind::Publish;
        let inside = move |place: Key| {
            place > window.after
                && window.before.is_none_or(|before| place < before)
                && window.until.is_none_or(|until| place.0.is_none_or(|time| time <= until))
        };
        self.said.iter().copied().filter(move |&(place, _)| concerned && inside(place))
    }
}

/// The job that took this one's place: the charge point said so, or this one's statuses stopped.
fn replaced(job: &Job<'_>) -> Option<Successor> {
    let stopped = |next: &Successor| job.stages.last().is_none_or(|last| last.index < next.index);
    job.successor.filter(|next| next.canceled || stopped(next))
}

/// The first place behind another one.
fn next_place((time, position): Key) -> Key {
    (time, Position { line: position.line.saturating_add(1), ..position })
}
