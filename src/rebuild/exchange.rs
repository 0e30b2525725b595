//! Calls and their answers (rule book §1.2 and §1.3; OCPP-J 1.6 §4.1, 2.0.1 and 2.1 part 4 §4.1).

use super::Context;
use crate::event::{Fact, View};
use crate::flag::{Flag, Flags};
use crate::message::{Action, Kind};
use crate::term::{Direction, DirectionSource};
use crate::time::SECOND;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It was answered.
    Result,
    /// It was refused.
    Error,
    /// It was not answered before its sender sent the next call.
    Timeout,
    /// The connection ended first.
    ConnectionLost,
    /// The log ends first.
    UnknownLogEnd,
    /// It is never answered.
    NotApplicable,
}

impl Outcome {
    /// The word of the `outcome` column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Result => "result",
            Self::Error => "error",
            Self::Timeout => "timeout",
            Self::ConnectionLost => "connection_lost",
            Self::UnknownLogEnd => "unknown_log_end",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// What is known about an event besides itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pair {
    /// On a call: the index of its answer.
    pub answer: Option<u32>,
    /// On an answer: the index of its call.
    pub call: Option<u32>,
    /// On a call: what became of it.
    pub outcome: Option<Outcome>,
    /// On an answered call: how long it took, in microseconds.
    pub response_time: Option<i64>,
    /// On a call: which sending of the same content it is, from 1.
    pub attempt: i32,
    /// The direction, where pairing had to tell it.
    pub direction: Option<Direction>,
    /// What had to be said about the exchange.
    pub flags: Flags,
}

/// The pairs of all events of a charge point, by index.
#[derive(Debug, Default)]
pub struct Exchange {
    /// One entry per event.
    pub pairs: Vec<Pair>,
}

impl Exchange {
    /// The direction of an event and how it is known.
    #[must_use]
    pub fn direction(&self, index: usize, view: View<'_>) -> (Option<Direction>, DirectionSource) {
        match (view.direction, self.pairs[index].direction) {
            (Some(direction), _) => (Some(direction), view.direction_source),
            (None, Some(direction)) => (Some(direction), DirectionSource::Pairing),
            (None, None) => (None, DirectionSource::Unknown),
        }
    }
}

/// How far behind its answer a call may be logged: two threads of one program write their lines in any order.
const EARLY_ANSWER: i64 = 5 * SECOND;
/// The same where the log has no times: how many messages may stand between.
const EARLY_ANSWER_EVENTS: usize = 8;

/// Who sent a call, as far as known, and its id: ids are unique per sender only.
type Key<'a> = (Option<Direction>, &'a str);

/// Pairs the calls of a charge point with their answers.
#[must_use]
pub fn exchange(events: &[View<'_>], context: &Context<'_>) -> Exchange {
    let mut pairing = Pairing {
        events,
        pairs: vec![Pair::default(); events.len()],
        asked: FxHashMap::with_capacity_and_hasher(events.len() / 2, FxBuildHasher),
        unanswerable: FxHashSet::default(),
        early: FxHashMap::default(),
        sent: FxHashMap::default(),
        coarse: coarse(events),
        opened: None,
        retry_window: context.rules.retry_window,
    };
    for (index, view) in events.iter().enumerate() {
        match view.kind {
            Kind::Call => pairing.call(index),
            Kind::Result | Kind::Error => pairing.answer(index),
            Kind::ResultError => pairing.refused_answer(index),
            Kind::Send => pairing.send(index),
            Kind::Open => pairing.opened = Some(index),
            Kind::Close => {}
        }
    }
    pairing.mark_orphans();
    pairing.settle_open_calls();
    Exchange { pairs: pairing.pairs }
}

/// How well the fields of an answer are those that the answer to a call has: 0 not at all, 1 possibly, 2 well (1.6 §6,
/// 2.0.1 part 2 §1).
fn fit(call: View<'_>, answer: View<'_>) -> u8 {
    if answer.kind == Kind::Error {
        return 1;
    }
    let empty = answer.answer().is_none();
    let fields = answer.answer().copied().unwrap_or_default();
    let (status, time) = (fields.status.is_some(), fields.current_time.micros.is_some());
    let well = match call.action_name() {
        Some("Heartbeat") => time && !status,
        Some("BootNotification") => status && (time || fields.interval.is_some()),
        Some("Authorize") => fields.auth_status.is_some() && !fields.transaction_id.is_some(),
        Some("StartTransaction") => fields.transaction_id.is_some(),
        Some("StatusNotification" | "MeterValues" | "FirmwareStatusNotification") => empty,
        Some("StopTransaction" | "TransactionEvent") => !status && !time && !fields.transaction_id.is_some(),
        // Nearly every request of a CSMS is answered by a status.
        _ if empty => return 1,
        _ => !time && !fields.auth_status.is_some() && !fields.transaction_id.is_some(),
    };
    u8::from(well) * 2
}

/// Whether the recorder's clock counts whole seconds only.
fn coarse(events: &[View<'_>]) -> bool {
    let mut times = events.iter().filter_map(|view| view.log_time).peekable();
    times.peek().is_some() && times.all(|time| time % SECOND == 0)
}

/// The calls of one sender under one id: there is seldom more than one.
#[derive(Debug, Default)]
struct Asked {
    /// The newest call without an answer.
    newest: Option<u32>,
    /// Those before it, oldest first.
    older: Vec<u32>,
    /// The last call that was answered.
    answered: Option<u32>,
}

impl Asked {
    fn wait(&mut self, call: u32) {
        self.older.extend(self.newest.replace(call));
    }

    /// Calls without an answer, newest first.
    fn waiting(&self) -> impl Iterator<Item = u32> {
        self.newest.into_iter().chain(self.older.iter().rev().copied())
    }

    fn take(&mut self, call: u32) {
        if self.newest == Some(call) {
            self.newest = self.older.pop();
        } else {
            self.older.retain(|&other| other != call);
        }
    }
}

struct Pairing<'e, 'a> {
    events: &'e [View<'a>],
    pairs: Vec<Pair>,
    /// The calls of a key.
    asked: FxHashMap<Key<'a>, Asked>,
    /// Messages that nobody answers.
    unanswerable: FxHashSet<Key<'a>>,
    /// Answers whose call has not come yet, by id.
    early: FxHashMap<&'a str, u32>,
    /// The last sending of a content.
    sent: FxHashMap<(Option<Direction>, u64), u32>,
    coarse: bool,
    /// Where the last connection was opened.
    opened: Option<usize>,
    retry_window: i64,
}

impl<'a> Pairing<'_, 'a> {
    fn call(&mut self, index: usize) {
        let view = self.events[index];
        let key = (view.direction, view.id());
        self.count_attempt(index);
        let nameless = view.id().is_empty();
        if !nameless && let Some(answer) = self.early_answer(index) {
            self.pairs[index].flags.add(Flag::AnswerBeforeCall);
            self.join(index, answer as usize);
            return;
        }
        let events = self.events;
        let same = |other: u32| events[other as usize].content == view.content;
        let asked = self.asked.entry(key).or_default();
        // One look back is enough: those before were compared with each other when they came.
        let reused = !asked.newest.is_none_or(same) || asked.answered.is_some_and(|other| !same(other));
        asked.wait(index as u32);
        self.pairs[index].flags.add_if(reused && !nameless, Flag::IdReused);
    }

    /// Which sending of its content a call is. Content that tells its own time is never sent twice by chance; other
    /// content (a heartbeat) repeats itself, and is a resend only while the one before it waits for an answer.
    fn count_attempt(&mut self, index: usize) {
        let view = self.events[index];
        let before = self.sent.insert((view.direction, view.content), index as u32);
        self.pairs[index].attempt = 1;
        let Some(before) = before.map(|before| before as usize) else {
            return;
        };
        let earlier = self.events[before];
        let timed = matches!(view.fact, Fact::TxStart(_) | Fact::TxStop(_) | Fact::TxEvent(_) | Fact::Meter(_));
        let recent = match (earlier.log_time, view.log_time) {
            (Some(earlier), Some(now)) => now - earlier <= self.retry_window,
            _ => true,
        };
        let same_id = earlier.id() == view.id() && !view.id().is_empty();
        let waiting = self.pairs[before].answer.is_none() && same_id;
        if recent && (timed || waiting) {
            self.pairs[index].attempt = self.pairs[before].attempt + 1;
        }
    }

    fn early_answer(&mut self, index: usize) -> Option<u32> {
        if self.early.is_empty() {
            return None;
        }
        let view = self.events[index];
        let answer = *self.early.get(view.id())?;
        let other = self.events[answer as usize];
        let near = match (other.log_time, view.log_time) {
            (Some(answered), Some(called)) => called - answered <= EARLY_ANSWER,
            _ => index - answer as usize <= EARLY_ANSWER_EVENTS,
        };
        let fits = match (other.direction, view.direction) {
            (Some(answered), Some(called)) => answered != called,
            _ => true,
        };
        (near && fits).then(|| {
            self.early.remove(view.id());
            answer
        })
    }

    fn send(&mut self, index: usize) {
        let view = self.events[index];
        self.pairs[index].outcome = Some(Outcome::NotApplicable);
        self.unanswerable.insert((view.direction, view.id()));
    }

    fn answer(&mut self, index: usize) {
        let view = self.events[index];
        let found = if view.id() == "-1" && view.kind == Kind::Error {
            self.only_open_call(index)
        } else {
            self.open_call(index)
        };
        match found {
            Some(call) => self.join(call as usize, index),
            None if view.id().is_empty() => {}
            None if self.was_answered(view) => self.pairs[index].flags.add(Flag::DuplicateResponse),
            None => {
                let to_send = Self::askers(view.direction)[..2]
                    .iter()
                    .any(|&asker| self.unanswerable.contains(&(asker, view.id())));
                self.pairs[index].flags.add_if(to_send, Flag::ProtocolViolation);
                self.early.insert(view.id(), index as u32);
            }
        }
    }

    /// The sides that can have sent the call of an answer, likeliest first.
    fn askers(direction: Option<Direction>) -> [Option<Direction>; 3] {
        match direction {
            Some(direction) => [Some(direction.opposite()), None, Some(direction)],
            None => [Some(Direction::FromChargePoint), Some(Direction::FromCsms), None],
        }
    }

    fn open_call(&mut self, index: usize) -> Option<u32> {
        let view = self.events[index];
        let askers = Self::askers(view.direction);
        // Without an id (SOAP only) the operation has to do; a fault does not even tell that.
        let may_be = |call: &u32| {
            let operation = view.action == Action::UNKNOWN || self.events[*call as usize].action == view.action;
            !view.id().is_empty() || operation
        };
        let newest = |asker| self.asked.get(&(asker, view.id()))?.waiting().find(may_be);
        let (place, call) = if view.direction.is_some() {
            askers.iter().enumerate().find_map(|(place, &asker)| Some((place, newest(asker)?)))?
        } else {
            let calls = askers.map(newest);
            let both = calls[0].is_some() && calls[1].is_some();
            self.pairs[index].flags.add_if(both, Flag::IdAmbiguous);
            // The one whose answer this is by its fields; of two equal ones the newest.
            let likeliest =
                calls.into_iter().flatten().max_by_key(|&call| (fit(self.events[call as usize], view), call))?;
            (calls.iter().position(|call| *call == Some(likeliest))?, likeliest)
        };
        // A call of the answer's own side: one of the two directions is wrong, but the pair is not.
        let wrong = view.direction.is_some() && place == 2;
        self.pairs[index].flags.add_if(wrong, Flag::ProtocolViolation);
        self.asked.get_mut(&(askers[place], view.id()))?.take(call);
        Some(call)
    }

    /// The only open call of the other side: a receiver that could not read an id answers with -1.
    fn only_open_call(&mut self, index: usize) -> Option<u32> {
        let direction = self.events[index].direction;
        let asker = Self::askers(direction)[0];
        let mut open: Vec<_> = self
            .asked
            .iter()
            .filter(|(key, asked)| (key.0 == asker || direction.is_none()) && asked.newest.is_some())
            .map(|(&key, _)| key)
            .take(2)
            .collect();
        let key = if open.len() == 1 { open.pop()? } else { return None };
        self.pairs[index].flags.add(Flag::IdUnreadable);
        let calls = self.asked.get_mut(&key)?;
        let call = calls.newest?;
        calls.take(call);
        Some(call)
    }

    fn was_answered(&self, view: View<'a>) -> bool {
        let asker = Self::askers(view.direction);
        let answered = |asker| self.asked.get(&(asker, view.id())).is_some_and(|asked| asked.answered.is_some());
        asker.into_iter().any(answered)
    }

    fn join(&mut self, call: usize, answer: usize) {
        let (asked, answered) = (self.events[call], self.events[answer]);
        self.asked.entry((asked.direction, asked.id())).or_default().answered = Some(call as u32);
        let time = match (asked.log_time, answered.log_time) {
            (Some(asked), Some(answered)) if answered >= asked => Some(answered - asked),
            _ => None,
        };
        let pair = &mut self.pairs[call];
        pair.answer = Some(answer as u32);
        pair.outcome = Some(if answered.kind == Kind::Result { Outcome::Result } else { Outcome::Error });
        pair.flags.add_if(self.coarse && time.is_some(), Flag::LatencyUnreliable);
        pair.response_time = time.filter(|_| !self.coarse);
        pair.direction = answered.direction.map(Direction::opposite);
        // The log numbers its connections, or tells when one was opened, or neither.
        let other = match (asked.connection, answered.connection) {
            (Some(asked), Some(answered)) => asked != answered,
            _ => self.opened.is_some_and(|opened| call < opened && opened < answer),
        };
        let pair = &mut self.pairs[answer];
        pair.flags.add_if(other, Flag::CrossConnection);
        pair.call = Some(call as u32);
        pair.direction = asked.direction.map(Direction::opposite);
    }

    fn refused_answer(&mut self, index: usize) {
        let view = self.events[index];
        // The requester sends it, so its direction is that of the call.
        let call = [view.direction, None].iter().find_map(|&side| self.asked.get(&(side, view.id()))?.answered);
        match call {
            Some(call) => {
                self.pairs[call as usize].flags.add(Flag::ResultRejected);
                self.pairs[index].call = Some(call);
            }
            None => self.pairs[index].flags.add(Flag::OrphanResponse),
        }
    }

    fn mark_orphans(&mut self) {
        for (index, view) in self.events.iter().enumerate() {
            let pair = &mut self.pairs[index];
            let answer = matches!(view.kind, Kind::Result | Kind::Error);
            let lost = answer && pair.call.is_none() && !pair.flags.has(Flag::DuplicateResponse);
            pair.flags.add_if(lost, Flag::OrphanResponse);
        }
    }

    /// What became of calls without an answer: from the end of the log backwards.
    fn settle_open_calls(&mut self) {
        let mut calls_later = [false; 3];
        let mut connection_ends = false;
        for index in (0..self.events.len()).rev() {
            let view = self.events[index];
            if view.kind.is_connection() {
                connection_ends = true;
                calls_later = [false; 3];
            }
            if view.kind != Kind::Call {
                continue;
            }
            let side = match view.direction {
                Some(Direction::FromChargePoint) => 0,
                Some(Direction::FromCsms) => 1,
                None => 2,
            };
            let later = std::mem::replace(&mut calls_later[side], true);
            if self.pairs[index].outcome.is_none() {
                self.pairs[index].outcome = Some(match (later, connection_ends) {
                    (true, _) => Outcome::Timeout,
                    (false, true) => Outcome::ConnectionLost,
                    (false, false) => Outcome::UnknownLogEnd,
                });
            }
        }
    }
}
