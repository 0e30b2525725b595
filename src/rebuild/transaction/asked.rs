//! What was asked and answered about transactions beside their own messages: remote starts and stops, questions after
//! their state, costs, authorised tokens, battery slots (rule book §2.3, §3.2 and §6).

use super::session::Session;
use crate::event::{Fact, View};
use crate::flag::Flag;
use crate::options::Rules;
use crate::rebuild::kinds::Is;
use crate::rebuild::timing::Patience;
use crate::rebuild::{Context, Track};
use crate::time::SECOND;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// How far a charge point's clock may lie behind the recorder's where a late start is compared with a request.
const CLOCK_SLACK: i64 = 5 * SECOND;

/// An accepted request to start.
#[derive(Debug)]
struct RemoteStart {
    index: usize,
    time: Option<i64>,
    connector: Option<i32>,
    /// How long it may wait for one, in microseconds.
    patience: i64,
    /// Whether a start has answered it.
    used: bool,
}

/// What the charge point answered when it was asked after a transaction (2.0.1 E14).
#[derive(Clone, Copy, Debug)]
pub(super) struct Running {
    /// Index of the answer.
    pub(super) index: usize,
    /// When it was logged.
    pub(super) time: Option<i64>,
    /// Whether it runs.
    pub(super) ongoing: bool,
    /// Whether messages about it wait to be sent.
    pub(super) queued: bool,
}

/// All of it, by token or by transaction, in order of arrival.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    patience: Patience,
    starts: FxHashMap<String, Vec<RemoteStart>>,
    stops: FxHashMap<&'a str, Vec<(usize, Option<i64>)>>,
    running: FxHashMap<&'a str, Vec<Running>>,
    costs: FxHashMap<&'a str, Vec<(usize, f64)>>,
    authorized: FxHashMap<String, Vec<(usize, i64)>>,
    slots: BTreeSet<i32>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(track: &Track<'a>, context: &Context<'_>) -> Self {
        let mut asked = Self {
            patience: Patience::of(track, context.rules),
            starts: FxHashMap::default(),
            stops: FxHashMap::default(),
            running: FxHashMap::default(),
            costs: FxHashMap::default(),
            authorized: FxHashMap::default(),
            slots: BTreeSet::new(),
        };
        for (index, view) in track.commands_and([Is::CostUpdate, Is::Authorize, Is::BatterySwap]) {
            asked.hear(track, index, view);
            match view.fact {
                Fact::CostUpdate(_) => asked.hear_cost(index, view),
                Fact::Authorize(_) => asked.hear_token(track, index, view),
                Fact::BatterySwap(_) => {
                    let slots = view.battery_swap().map(|swap| view.slots(*swap)).unwrap_or_default();
                    asked.slots.extend(slots);
                }
                _ => {}
            }
        }
        asked
    }

    fn hear(&mut self, track: &Track<'a>, index: usize, view: View<'a>) {
        let Some(command) = view.command() else { return };
        let answer = track.exchange.pairs[index].answer.map(|at| at as usize);
        let told = answer.and_then(|at| track.events[at].answer().map(|told| (at, track.events[at], told)));
        let accepted = told.is_some_and(|(_, view, told)| view.text(told.status) == Some("Accepted"));
        let id = view.text(command.transaction_id);
        match (view.action_name(), id, told) {
            (Some("RemoteStartTransaction"), _, _) if accepted => {
                let token = view.text(command.id_tag).unwrap_or("").to_lowercase();
                let patience = self.patience.at(index);
                let (time, connector) = (view.log_time, command.connector);
                let start = RemoteStart { index, time, connector, patience, used: false };
                self.starts.entry(token).or_default().push(start);
            }
            (Some("RemoteStopTransaction" | "RequestStopTransaction"), Some(id), Some((at, view, _))) if accepted => {
                self.stops.entry(id).or_default().push((at, view.log_time));
            }
            (Some("GetTransactionStatus"), Some(id), Some((index, view, told))) => {
                if let Some(ongoing) = told.ongoing {
                    let queued = told.queued == Some(true);
                    self.running.entry(id).or_default().push(Running { index, time: view.log_time, ongoing, queued });
                }
            }
            _ => {}
        }
    }

    fn hear_cost(&mut self, index: usize, view: View<'a>) {
        let Some(update) = view.cost_update() else { return };
        if let (Some(id), Some(cost)) = (view.text(update.transaction_id), update.total_cost) {
            self.costs.entry(id).or_default().push((index, cost));
        }
    }

    fn hear_token(&mut self, track: &Track<'a>, index: usize, view: View<'a>) {
        let answer = track.answer(index);
        let accepted = answer
            .filter(|answer| answer.answer().is_some_and(|told| answer.text(told.auth_status) == Some("Accepted")));
        let token = view.authorize().and_then(|fact| view.text(fact.id_tag));
        if let (Some(token), Some(time)) = (token, accepted.and_then(|answer| answer.log_time)) {
            self.authorized.entry(token.to_lowercase()).or_default().push((index, time));
        }
    }

    /// The last answer about a transaction's state that nothing contradicts, if it says that the transaction is over.
    pub(super) fn over(&self, session: &Session<'_>) -> Option<Running> {
        let answers = self.running.get(session.row.transaction_id?)?;
        let last = answers.iter().rev().find(|answer| session.start_index < Some(answer.index))?;
        // Messages that waited in the queue may come later and tell of the time before.
        let alive = !last.queued && session.last_index > last.index;
        (!last.ongoing && !alive).then_some(*last)
    }

    /// What the CSMS last told to be the cost so far, and in which message.
    pub(super) fn cost(&self, session: &Session<'_>) -> Option<(usize, f64)> {
        let costs = self.costs.get(session.row.transaction_id?)?;
        costs.iter().rev().find(|&&(index, _)| session.start_index < Some(index)).copied()
    }

    /// When the token of a transaction was authorised by the CSMS, if that was asked before the start. The Authorize
    /// and the start may stand in the same second; what comes first in the log came first.
    pub(super) fn authorized(&self, session: &Session<'_>, rules: &Rules) -> Option<i64> {
        if self.authorized.is_empty() {
            return None;
        }
        let (start, time) = (session.start_index?, session.row.start_received_at?);
        let known = self.authorized.get(&session.row.id_tag?.to_lowercase())?;
        let before = known.partition_point(|&(index, _)| index < start);
        known[..before].last().map(|&(_, told)| told).filter(|told| time - told <= rules.authorization_window)
    }

    /// Whether an accepted request of the CSMS began a 1.x transaction: the nearest one before its start with the same
    /// token, on its connector or on any (1.6 §5.11; rule book §6). None where the log begins too late to tell.
    pub(super) fn settle_remote_starts(&mut self, sessions: &mut [Session<'a>], context: &Context<'_>) {
        let mut order: Vec<usize> = (0..sessions.len()).filter(|&at| sessions[at].start_index.is_some()).collect();
        if !order.is_sorted_by_key(|&at| sessions[at].start_index) {
            order.sort_by_key(|&at| sessions[at].start_index);
        }
        for at in order {
            let session = &mut sessions[at];
            let fulfils = |starts: &mut FxHashMap<String, Vec<RemoteStart>>| {
                let token = session.row.id_tag.unwrap_or("").to_lowercase();
                starts.get_mut(&token).is_some_and(|requests| take(requests, session))
            };
            let asked = !self.starts.is_empty() && fulfils(&mut self.starts);
            let censored = match (context.observation.start, session.row.start_received_at) {
                (Some(from), Some(time)) => time - from < self.patience.at(session.start_index.unwrap_or_default()),
                _ => false,
            };
            session.row.remote_start = if asked || !censored { Some(asked) } else { None };
        }
    }

    /// What else was asked for, or told, and stands on the row as a flag.
    pub(super) fn mark(&self, session: &mut Session<'_>, context: &Context<'_>) {
        let slot = session.row.evse.is_some_and(|evse| self.slots.contains(&evse));
        session.row.flags.add_if(slot, Flag::BatterySwapSlot);
        if session.stop_index.is_some() || session.told.stopped_remotely {
            return;
        }
        let requests = session.ids.iter().filter_map(|id| self.stops.get(id)).flatten();
        // A request at the very end of the log may still be fulfilled behind it.
        let time_enough = |time: Option<i64>| match (time, context.observation.end) {
            (Some(time), Some(end)) => end - time >= context.rules.remote_start_window,
            _ => true,
        };
        let ignored = requests
            .filter(|&&(index, _)| session.start_index.is_none_or(|start| start < index))
            .any(|&(_, time)| time_enough(time));
        session.row.flags.add_if(ignored, Flag::RemoteStopUnfulfilled);
    }
}

/// Takes the requests that a start fulfils; a later one supersedes those before it.
fn take(requests: &mut [RemoteStart], session: &Session<'_>) -> bool {
    let Some(start) = session.start_index else { return false };
    let before = requests.partition_point(|request| request.index < start);
    let mut found = false;
    for request in requests[..before].iter_mut().rev() {
        let here = request.connector.is_none() || request.connector == session.row.connector;
        // A start that was delivered late tells by its own time when it happened.
        let began = if session.start.late { session.start.time } else { session.row.start_received_at };
        let in_time = |waited: i64| (-CLOCK_SLACK..=request.patience).contains(&waited);
        let soon = began.zip(request.time).is_none_or(|(start, asked)| in_time(start - asked));
        if here && soon && !request.used {
            request.used = true;
            found = true;
        }
    }
    found
}
