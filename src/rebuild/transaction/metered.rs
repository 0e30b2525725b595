//! Transactions told by a start and a stop (OCPP 1.x; rule book §2.2 and §2.3).

use super::clues::Clues;
use super::session::Session;
use super::stops::{self, Stop};
use super::{State, Transaction};
use crate::event::{TxStart, View};
use crate::flag::{Flag, Flags};
use crate::message::Kind;
use crate::rebuild::exchange::Outcome;
use crate::rebuild::kinds::Is;
use crate::rebuild::{Context, Timed, Track, Unmatched, UnmatchedKind, timed};
use rustc_hash::{FxBuildHasher, FxHashMap};

/// What makes two starts the same one (rule book §2.2; `SteVe` swallows duplicates by the same key).
#[derive(PartialEq, Eq, Hash)]
struct Key {
    connector: Option<i32>,
    id_tag: String,
    time: Option<i64>,
    meter: Option<u64>,
}

/// The transactions of a charge point's starts and stops.
pub(super) fn sessions<'a>(
    track: &Track<'a>,
    context: &Context<'_>,
    clues: &Clues<'_, 'a>,
    unmatched: &mut Vec<Unmatched<'a>>,
) -> Vec<Session<'a>> {
    let mut sessions = starts(track, context, unmatched);
    let stops = stops::collect(track, context, unmatched);
    let left = stops::join_by_id(track, context, &mut sessions, stops, clues);
    let left = stops::join_by_evidence(track, context, &mut sessions, left, clues);
    for stop in left {
        stops::stop_only(track, context, &mut sessions, &stop, clues, unmatched);
    }
    for session in &mut sessions {
        choose_id(session, clues);
    }
    reused_ids(&mut sessions);
    sessions
}

/// Of several ids that a start was given, the one that the charge point used is the transaction's: in the stop, which
/// has been settled before, else in meter values, else the one it was told last.
fn choose_id(session: &mut Session<'_>, clues: &Clues<'_, '_>) {
    if !session.row.flags.has(Flag::DuplicateTxId) || session.stop_index.is_some() {
        return;
    }
    let used = session.ids.iter().rev().copied().find(|id| clues.is_metered(id));
    session.row.transaction_id = used.or(session.row.transaction_id);
    let others = session.ids.iter().copied().filter(|&id| Some(id) != session.row.transaction_id);
    session.row.details.extend(others.map(|id| (Flag::DuplicateTxId, id)));
}

fn starts<'a>(track: &Track<'a>, context: &Context<'_>, unmatched: &mut Vec<Unmatched<'a>>) -> Vec<Session<'a>> {
    let count = track.kinds.list(Is::TxStart).len();
    let mut sessions: Vec<Session<'a>> = Vec::with_capacity(count);
    let mut known: FxHashMap<Key, usize> = FxHashMap::with_capacity_and_hasher(count, FxBuildHasher);
    let mut accepted = true;
    for (index, view) in track.of([Is::Boot, Is::TxStart]) {
        if view.boot().is_some() {
            accepted = boot_accepted(track, index);
        }
        let Some(start) = view.tx_start() else {
            continue;
        };
        let key = key(view, start);
        if let Some(&at) = known.get(&key)
            && retry(&sessions[at], track, index, start, context)
        {
            let session = &mut sessions[at];
            session.row.start_attempts += 1;
            session.touch(index, view);
            hear_answer(track, index, session);
            unmatched.push(Unmatched {
                kind: UnmatchedKind::RetryOf,
                time: session.start.time,
                detail: "the same start once more".to_owned(),
                view,
                index,
            });
            continue;
        }
        known.insert(key, sessions.len());
        let mut session = begin(track, context, index, start);
        session.row.flags.add_if(!accepted, Flag::BeforeAccepted);
        nearly_equal(track, &mut sessions, &mut session, context);
        sessions.push(session);
    }
    for session in &mut sessions {
        settle_answers(track, session);
    }
    sessions
}

/// Whether the charge point may charge after this boot: until it is accepted it should not (1.6 §4.2).
fn boot_accepted(track: &Track<'_>, index: usize) -> bool {
    let status = track.answer(index).and_then(|answer| answer.answer().and_then(|fields| answer.text(fields.status)));
    !matches!(status, Some("Pending" | "Rejected"))
}

fn key(view: View<'_>, start: &TxStart) -> Key {
    Key {
        connector: start.connector,
        id_tag: view.text(start.id_tag).unwrap_or("").to_lowercase(),
        time: start.time.micros,
        meter: start.meter_start.map(f64::to_bits),
    }
}

/// The time of a start is part of the key; where it has none, only an unanswered start of the same day is repeated.
fn retry(session: &Session<'_>, track: &Track<'_>, index: usize, start: &TxStart, context: &Context<'_>) -> bool {
    if start.time.micros.is_some() {
        return true;
    }
    let near = match (session.row.start_received_at, track.events[index].log_time) {
        (Some(first), Some(now)) => now - first <= context.rules.retry_window,
        _ => true,
    };
    near && session.start_index.is_some_and(|first| track.answer(first).is_none())
}

fn begin<'a>(track: &Track<'a>, context: &Context<'_>, index: usize, start: &TxStart) -> Session<'a> {
    let view = track.events[index];
    let mut row = Transaction {
        charge_point: track.charge_point,
        evse: start.connector,
        connector: start.connector,
        version: view.version,
        id_tag: view.text(start.id_tag),
        start_received_at: view.log_time,
        meter_start_wh: start.meter_start,
        reservation_id: start.reservation,
        start_attempts: 1,
        first: view.position,
        last: view.position,
        ..Transaction::default()
    };
    row.flags.add_if(start.connector == Some(0), Flag::InvalidConnector);
    row.flags.extend(view.flags.and(carried()));
    let mut session = Session {
        row,
        start_index: Some(index),
        last_index: index,
        start: timed(view, start.time, context.rules),
        ..Session::default()
    };
    hear_answer(track, index, &mut session);
    session
}

/// Flags of a message that also speak of the transaction it tells.
pub(super) fn carried() -> Flags {
    [Flag::LoneSurrogate, Flag::Utf8Replaced].into_iter().collect()
}

/// What the CSMS answered to one sending of a start.
fn hear_answer<'a>(track: &Track<'a>, index: usize, session: &mut Session<'a>) {
    let Some(view) = track.answer(index) else {
        return;
    };
    let Some(answer) = view.answer() else {
        return;
    };
    if let Some(id) = view.text(answer.transaction_id) {
        if session.ids.last().is_some_and(|&last| last != id) {
            session.row.flags.add(Flag::DuplicateTxId);
        }
        session.ids.push(id);
        // The charge point may use the id as soon as the start is logged: the answer's own line may be misplaced.
        session.id_index = session.id_index.or(Some(index));
    }
    if let Some(status) = view.text(answer.auth_status) {
        if let Some(before) = session.row.auth_status.filter(|&before| before != status) {
            session.row.flags.add(Flag::AuthStatusConflict);
            session.row.details.push((Flag::AuthStatusConflict, before));
        }
        session.row.auth_status = Some(status);
    }
}

fn settle_answers(track: &Track<'_>, session: &mut Session<'_>) {
    session.row.transaction_id = session.ids.last().copied();
    let Some(start) = session.start_index else {
        return;
    };
    let heard = !session.ids.is_empty()
        || session.row.auth_status.is_some()
        || track.answer(start).is_some_and(|answer| answer.kind == Kind::Result);
    let log_ended =
        track.exchange.pairs[start].outcome == Some(Outcome::UnknownLogEnd) && session.row.start_attempts == 1;
    session.row.flags.add_if(!heard && !log_ended, Flag::StartUnanswered);
}

/// Two starts that differ by a second or two and nothing else: perhaps one, but both are kept.
fn nearly_equal(track: &Track<'_>, sessions: &mut [Session<'_>], session: &mut Session<'_>, context: &Context<'_>) {
    let near = |first: Timed, second: Timed| match (first.time, second.time) {
        (Some(first), Some(second)) => (second - first).abs() <= context.rules.duplicate_start_window,
        _ => false,
    };
    let same_token = |first: Option<&str>, second: Option<&str>| match (first, second) {
        (Some(first), Some(second)) => first.eq_ignore_ascii_case(second),
        _ => first == second,
    };
    let twin = sessions.iter_mut().rev().take(4).find(|other| {
        other.row.connector == session.row.connector
            && other.row.meter_start_wh == session.row.meter_start_wh
            && same_token(other.row.id_tag, session.row.id_tag)
            && near(other.start, session.start)
            && !stopped_between(track, other, session)
    });
    if let Some(twin) = twin {
        twin.row.flags.add(Flag::PossibleDuplicateStart);
        session.row.flags.add(Flag::PossibleDuplicateStart);
    }
}

/// Whether the first session was stopped before the second one began: then they are two.
fn stopped_between(track: &Track<'_>, first: &Session<'_>, second: &Session<'_>) -> bool {
    let (Some(from), Some(to)) = (first.start_index, second.start_index) else { return false };
    let between = track.tx_stops().skip_while(|&(index, ..)| index < from).take_while(|&(index, ..)| index < to);
    between.filter_map(|(_, view, stop)| view.text(stop.transaction_id)).any(|id| first.ids.contains(&id))
}

/// An id that was handed out twice: one after the other it is a reuse, at the same time a collision.
fn reused_ids(sessions: &mut [Session<'_>]) {
    if sessions.len() < 2 {
        return;
    }
    let mut last: FxHashMap<&str, usize> = FxHashMap::default();
    let mut order: Vec<usize> =
        (0..sessions.len()).filter(|&at| sessions[at].row.state != Some(State::StopOnly)).collect();
    order.sort_by_key(|&at| sessions[at].start_index);
    for at in order {
        let Some(id) = sessions[at].row.transaction_id else {
            continue;
        };
        if let Some(before) = last.insert(id, at) {
            let over =
                sessions[before].stop_index.zip(sessions[at].start_index).is_some_and(|(stop, start)| stop < start);
            if over {
                sessions[at].flag([Flag::TxIdReused]);
            } else {
                sessions[before].flag([Flag::TxIdCollision]);
                sessions[at].flag([Flag::TxIdCollision]);
            }
        }
    }
}

impl<'a> Session<'a> {
    /// Joins a stop to the session.
    pub(super) fn end(&mut self, track: &Track<'a>, stop: &Stop<'a>) {
        let view = track.events[stop.index];
        self.stop_index = Some(stop.index);
        self.stop = stop.time;
        let row = &mut self.row;
        row.state = Some(State::Completed);
        row.end_source = Some(super::EndSource::Stop);
        row.stop_received_at = view.log_time;
        row.meter_stop_wh = stop.meter;
        row.id_tag_stop = stop.id_tag;
        row.stop_reason = stop.reason;
        row.stop_class = Some(super::stop_class(stop.reason));
        row.flags.add_if(stop.reason.is_none(), Flag::ReasonDefaulted);
        row.flags.extend(view.flags.and(carried()));
        row.stop_attempts = stop.attempts;
        row.version = row.version.or(view.version);
        self.touch(stop.index, view);
    }
}
