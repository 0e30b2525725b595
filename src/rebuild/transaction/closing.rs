//! How a transaction without a stop ended (rule book §2.3 and §3.2; 1.6 §4.9 status transitions, §7.7).

use super::asked::Asked;
use super::clues::Clues;
use super::session::Session;
use super::{EndSource, State};
use crate::flag::Flag;
use crate::rebuild::{TimeSource, Timed, Track};

/// Something that shows that a transaction is over.
#[derive(Clone, Copy)]
struct Evidence {
    index: usize,
    time: Timed,
    source: EndSource,
    /// The charge point says that the end waits to be sent.
    queued: bool,
}

/// The starts by EVSE, in order of arrival.
type Starts = Vec<(i32, usize, Timed)>;

/// Closes what is still open, by the first evidence that its connector gives; the rest stays open at the log's end.
pub(super) fn close<'a>(track: &Track<'a>, sessions: &mut [Session<'a>], clues: &Clues<'_, '_>, asked: &Asked<'a>) {
    let start = |session: &Session<'_>| Some((session.row.evse?, session.start_index?, session.start));
    let mut starts: Starts = sessions.iter().filter_map(start).collect();
    starts.sort_by_key(|&(evse, index, _)| (evse, index));
    for session in sessions.iter_mut().filter(|session| session.row.state.is_none()) {
        let next = next_start(session, &starts);
        let status = closing_status(session, clues, next);
        let over = asked.over(session).map(|told| Evidence {
            index: told.index,
            time: Timed { time: told.time, source: told.time.map(|_| TimeSource::Log), ..Timed::default() },
            source: EndSource::TxStatus,
            queued: told.queued,
        });
        if let Some(evidence) = first(first(next, status), over) {
            close_by(track, session, evidence);
        } else {
            session.row.state = Some(State::Open);
            session.row.end_source = Some(EndSource::LogEnd);
        }
    }
}

/// From where on evidence is looked at: what arrived before a start tells nothing about it, unless the start itself
/// came late.
fn from(session: &Session<'_>) -> Option<usize> {
    let late = session.start.late || session.row.delivered_late;
    session.start_index.filter(|_| !late)
}

fn first(next: Option<Evidence>, status: Option<Evidence>) -> Option<Evidence> {
    match (next, status) {
        (Some(next), Some(status)) => Some(if status.index < next.index { status } else { next }),
        (next, status) => next.or(status),
    }
}

/// The next start on the same connector: it runs one transaction at a time.
fn next_start(session: &Session<'_>, starts: &Starts) -> Option<Evidence> {
    let evse = session.row.evse?;
    // Those of this EVSE, and of those what arrived later.
    let first = starts.partition_point(|&(other, index, _)| (other, Some(index)) <= (evse, from(session)));
    let mut later = starts[first..]
        .iter()
        .take_while(|start| start.0 == evse)
        .filter(|&&(_, index, time)| Some(index) != session.start_index && session.begins_before(time, index));
    let found =
        if from(session).is_some() { later.next() } else { later.min_by_key(|&&(_, index, time)| (time.time, index)) };
    found.map(|&(_, index, time)| Evidence { index, time, source: EndSource::NextStart, queued: false })
}

/// The first status after the last sign of life that says that no transaction runs.
fn closing_status(session: &Session<'_>, clues: &Clues<'_, '_>, next: Option<Evidence>) -> Option<Evidence> {
    let life = last_life(session);
    let mut charged = false;
    for report in clues.reports(session.row.evse, from(session)) {
        if next.is_some_and(|next| report.index > next.index) {
            break;
        }
        let elsewhere = session.row.connector.is_some() && session.row.connector != report.connector;
        if elsewhere || !session.begins_before(report.time, report.index) {
            continue;
        }
        let alive = life.is_some() && report.time.source == Some(TimeSource::Payload) && report.time.time <= life;
        let source = match report.status {
            "Charging" | "SuspendedEV" | "SuspendedEVSE" => {
                charged = true;
                continue;
            }
            "Available" | "Preparing" | "Finishing" => EndSource::Status,
            // 1.6 C8, D8, E8: a connector that was charging and is unavailable has ended its session.
            "Unavailable" if charged => EndSource::StatusUnavailable,
            _ => continue,
        };
        if !alive {
            return Some(Evidence { index: report.index, time: report.time, source, queued: false });
        }
    }
    None
}

fn last_life(session: &Session<'_>) -> Option<i64> {
    session
        .readings
        .iter()
        .filter(|reading| reading.source == Some(TimeSource::Payload))
        .filter_map(|reading| reading.time)
        .chain(session.told.last_time.filter(|_| session.start.source != Some(TimeSource::Log)))
        .max()
}

/// Until [`settle_ends`] has seen all samples, the evidence is the end.
fn close_by<'a>(track: &Track<'a>, session: &mut Session<'a>, evidence: Evidence) {
    let comparable = evidence.time.source == session.start.source;
    session.stop = Timed { time: evidence.time.time.filter(|_| comparable), source: None, ..Timed::default() };
    session.stop.source = session.stop.time.map(|_| TimeSource::Inferred);
    session.row.state = Some(State::ClosedImplicit);
    session.row.end_source = Some(evidence.source);
    session.row.flags.add(Flag::EndEstimated);
    // Numbered events promise an end: one that says so is missing.
    session.row.flags.add_if(session.told.evented && !evidence.queued, Flag::EndedMissing);
    session.row.flags.add_if(evidence.queued, Flag::EndQueued);
    session.touch(evidence.index, track.events[evidence.index]);
}

/// The end lies between the last sign of life and the evidence; the earlier one is given where there is one.
pub(super) fn settle_ends(sessions: &mut [Session<'_>]) {
    for session in sessions.iter_mut().filter(|session| session.row.state == Some(State::ClosedImplicit)) {
        let life = last_life(session).filter(|life| session.start.time.is_none_or(|start| *life >= start));
        if life.is_some() {
            session.stop.time = life;
            session.stop.source = Some(TimeSource::Inferred);
        }
    }
}
