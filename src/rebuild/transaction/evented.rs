//! Transactions told by numbered events (OCPP 2.x, `TransactionEvent`; rule book §3; 2.0.1 part 2, E).

use super::events;
use super::metered::carried;
use super::session::Session;
use super::{EndSource, State, Transaction};
use crate::event::{TxEvent, TxPhase, View};
use crate::flag::Flag;
use crate::rebuild::{Context, TimeSource, Timed, Track, timed};
use crate::time::DAY;
use rustc_hash::{FxHashMap, FxHashSet};

/// One event of a transaction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step<'a> {
    pub(super) index: usize,
    pub(super) view: View<'a>,
    pub(super) event: &'a TxEvent,
    pub(super) time: Timed,
}

/// The transactions of a charge point's events.
pub(super) fn sessions<'a>(track: &Track<'a>, context: &Context<'_>) -> Vec<Session<'a>> {
    let mut groups: Vec<(&'a str, bool, Vec<Step<'a>>)> = Vec::new();
    let mut current: FxHashMap<&str, usize> = FxHashMap::default();
    for (index, view, event) in track.tx_events() {
        let Some(id) = view.text(event.transaction_id) else { continue };
        let step = Step { index, view, event, time: timed(view, event.time, context.rules) };
        let at = current.get(id).copied();
        if let Some(at) = at.filter(|&at| !begins_again(&groups[at].2, &step)) {
            groups[at].2.push(step);
        } else {
            current.insert(id, groups.len());
            groups.push((id, at.is_some(), vec![step]));
        }
    }
    let mut sessions: Vec<_> =
        groups.into_iter().map(|(id, reused, steps)| session(track, id, reused, steps)).collect();
    sessions.sort_by_key(|session| session.start_index);
    sessions
}

/// Whether an event begins another transaction with an id that was used before: the other one ended more than a day
/// earlier, and the numbers start again.
fn begins_again(steps: &[Step<'_>], next: &Step<'_>) -> bool {
    let ended = steps.iter().filter(|step| step.event.phase == TxPhase::Ended).filter_map(|step| step.time.time).max();
    let highest = steps.iter().filter_map(|step| step.event.seq_no).max();
    next.event.phase == TxPhase::Started
        && next.event.seq_no <= highest
        && ended.zip(next.time.time).is_some_and(|(ended, started)| started - ended > DAY)
}

fn session<'a>(track: &Track<'a>, id: &'a str, reused: bool, steps: Vec<Step<'a>>) -> Session<'a> {
    let mut row = Transaction { charge_point: track.charge_point, transaction_id: Some(id), ..Transaction::default() };
    row.flags.add_if(reused, Flag::TxIdReused);
    let (steps, start_attempts, stop_attempts) = once_each(&mut row, steps);
    let steps = in_order(&mut row, steps);
    numbers(&mut row, &steps);
    places(&mut row, &steps);
    tokens(track, &mut row, &steps);
    let first = steps.iter().min_by_key(|step| step.index);
    let last = steps.iter().max_by_key(|step| step.index);
    row.first = first.map(|step| step.view.position).unwrap_or_default();
    row.last = last.map(|step| step.view.position).unwrap_or_default();
    let last_index = last.map(|step| step.index).unwrap_or_default();
    row.version = steps.iter().filter_map(|step| step.view.version).max();
    row.reservation_id = steps.iter().find_map(|step| step.event.reservation);
    row.delivered_late = steps.iter().any(|step| step.event.offline);
    for step in &steps {
        row.flags.extend(step.view.flags.and(carried()));
    }
    let started = steps.iter().find(|step| step.event.phase == TxPhase::Started).copied();
    let asked = steps.iter().any(|step| step.event.remote_start_id.is_some());
    // The event that would tell the request may be the one that is missing.
    row.remote_start = if asked || started.is_some() { Some(asked) } else { None };
    let ended = steps.iter().rev().find(|step| step.event.phase == TxPhase::Ended).copied();
    let mut session = Session {
        row,
        ids: vec![id],
        id_index: Some(0),
        start_index: steps.iter().map(|step| step.index).min(),
        last_index,
        ..Session::default()
    };
    begin(&mut session, started, &steps);
    session.told = events::told(track, &mut session.row, &steps);
    session.row.start_attempts = start_attempts;
    session.row.stop_attempts = stop_attempts;
    if let Some(step) = ended {
        end(&mut session, step);
    }
    session.row.state = match (started.is_some(), ended.is_some()) {
        (true, true) => Some(State::Completed),
        (false, true) => Some(State::StopOnly),
        (_, false) => None,
    };
    session
}

fn begin<'a>(session: &mut Session<'a>, started: Option<Step<'a>>, steps: &[Step<'a>]) {
    if let Some(step) = started {
        session.start = step.time;
        session.row.start_received_at = step.view.log_time;
    } else if let Some(first) = steps.first() {
        // The first event that was seen bounds the start; the time of the start itself was not logged.
        session.start = Timed { source: Some(TimeSource::Inferred), ..first.time };
        session.row.flags.add(Flag::StartedMissing);
    }
}

fn end<'a>(session: &mut Session<'a>, step: Step<'a>) {
    let reason = step.view.text(step.event.stopped_reason);
    session.stop = step.time;
    session.stop_index = Some(step.index);
    let row = &mut session.row;
    row.stop_received_at = step.view.log_time;
    row.end_source = Some(EndSource::Stop);
    row.stop_reason = reason;
    row.stop_class = Some(super::stop_class(reason));
    row.flags.add_if(reason.is_none(), Flag::ReasonDefaulted);
    let trigger = step.view.text(step.event.trigger);
    if trigger == Some("UnlockCommand") && matches!(reason, None | Some("Local" | "Other")) {
        // 2.x has no such reason: the trigger tells it (rule book §2.6).
        row.stop_class = Some(super::stop_class(trigger));
    }
    row.flags.add_if(trigger == Some("EVConnectTimeout") && reason == Some("Timeout"), Flag::NeverPluggedIn);
}

/// Events sent more than once are one event; of two that share a number the later one counts.
fn once_each<'a>(row: &mut Transaction<'a>, steps: Vec<Step<'a>>) -> (Vec<Step<'a>>, i32, i32) {
    let mut once: Vec<Step<'a>> = Vec::with_capacity(steps.len());
    let mut seen: FxHashSet<u64> = FxHashSet::default();
    let mut by_number: FxHashMap<i64, usize> = FxHashMap::default();
    let (mut started, mut ended) = (0, 0);
    for step in steps {
        match step.event.phase {
            TxPhase::Started => started += 1,
            TxPhase::Ended => ended += 1,
            TxPhase::Updated => {}
        }
        if !seen.insert(step.view.content) {
            continue;
        }
        match step.event.seq_no.and_then(|number| by_number.insert(number, once.len())) {
            Some(at) => {
                row.flags.add(Flag::SeqConflict);
                once[at] = step;
                by_number.insert(step.event.seq_no.unwrap_or_default(), at);
            }
            None => once.push(step),
        }
    }
    (once, started, ended)
}

/// By number, then time, then arrival; by time where the numbers contradict it.
fn in_order<'a>(row: &mut Transaction<'a>, mut steps: Vec<Step<'a>>) -> Vec<Step<'a>> {
    let numbered = steps.iter().all(|step| step.event.seq_no.is_some());
    if numbered {
        steps.sort_by_key(|step| (step.event.seq_no, step.time.time, step.index));
        let falls = steps
            .windows(2)
            .any(|pair| pair[0].time.source == pair[1].time.source && pair[0].time.time > pair[1].time.time);
        if !falls {
            return steps;
        }
        row.flags.add(Flag::SeqDisorder);
    }
    steps.sort_by_key(|step| (step.time.time, step.event.seq_no, step.index));
    steps
}

/// Missing numbers, and what their neighbours tell about them.
fn numbers(row: &mut Transaction<'_>, steps: &[Step<'_>]) {
    let mut numbered: Vec<(i64, bool)> =
        steps.iter().filter_map(|step| Some((step.event.seq_no?, step.event.offline))).collect();
    if numbered.len() < steps.len() {
        return;
    }
    numbered.sort_unstable();
    let mut missing = 0;
    for pair in numbered.windows(2) {
        let ((before, offline_before), (after, offline_after)) = (pair[0], pair[1]);
        let gap = after.saturating_sub(before).saturating_sub(1).max(0);
        if gap > 0 {
            missing = gap.saturating_add(missing);
            row.flags.add(if offline_before || offline_after { Flag::GapOffline } else { Flag::GapLog });
        }
    }
    row.seq_missing_count = Some(missing.min(i64::from(i32::MAX)) as i32);
    let last = steps.iter().max_by_key(|step| step.event.seq_no);
    let after = steps.iter().any(|step| step.event.phase == TxPhase::Ended)
        && last.is_some_and(|step| step.event.phase != TxPhase::Ended);
    row.flags.add_if(after, Flag::AfterEnded);
}

/// EVSE and connector hold for the whole transaction, wherever it names them (2.0.1 E01.FR.16); none is guessed.
fn places(row: &mut Transaction<'_>, steps: &[Step<'_>]) {
    row.evse = steps.iter().find_map(|step| step.event.evse);
    row.connector = steps.iter().filter(|step| step.event.evse == row.evse).find_map(|step| step.event.connector);
    let changed = steps.iter().filter_map(|step| step.event.evse).any(|evse| Some(evse) != row.evse);
    row.flags.add_if(changed, Flag::EvseChanged);
}

fn tokens<'a>(track: &Track<'a>, row: &mut Transaction<'a>, steps: &[Step<'a>]) {
    for step in steps {
        let token = step.view.text(step.event.id_token);
        let ends = step.event.phase == TxPhase::Ended || step.view.text(step.event.trigger) == Some("StopAuthorized");
        if ends {
            row.id_tag_stop = token.or(row.id_tag_stop);
        } else if row.id_tag.is_none() && token.is_some() {
            row.id_tag = token;
            row.id_token_type = step.view.text(step.event.token_type);
        }
        let status =
            track.answer(step.index).and_then(|view| view.answer().and_then(|answer| view.text(answer.auth_status)));
        row.auth_status = status.or(row.auth_status);
    }
}
