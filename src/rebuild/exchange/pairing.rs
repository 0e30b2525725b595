//! One pass over the events of a charge point that pairs its calls with their answers.

use super::asked::{Asked, side};
use super::{Exchange, Outcome, Pair};
use crate::event::{Fact, MessageId, View};
use crate::flag::Flag;
use crate::message::{Action, Kind};
use crate::rebuild::Context;
use crate::term::Direction;
use crate::time::SECOND;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

/// How far behind its answer a call may be logged: two threads of one program write their lines in any order.
const EARLY_ANSWER: i64 = 5 * SECOND;
/// The same where the log has no times: how many messages may stand between.
const EARLY_ANSWER_EVENTS: usize = 8;

/// Pairs the calls of a charge point with their answers.
#[must_use]
pub fn exchange(events: &[View<'_>], context: &Context<'_>) -> Exchange {
    let calls = events.len() / 2;
    let mut pairing = Pairing {
        events,
        pairs: vec![Pair::default(); events.len()],
        asked: Asked::with_room(calls),
        unanswerable: FxHashSet::default(),
        early: FxHashMap::default(),
        sent: FxHashMap::with_capacity_and_hasher(calls, FxBuildHasher),
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
    pairing.settle_what_is_open();
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

struct Pairing<'e, 'a> {
    events: &'e [View<'a>],
    pairs: Vec<Pair>,
    asked: Asked<'a>,
    /// Messages that nobody answers: who sent them, and their id.
    unanswerable: FxHashSet<(Option<Direction>, MessageId<'a>)>,
    /// Answers whose call has not come yet, by id.
    early: FxHashMap<MessageId<'a>, u32>,
    /// The last sending of a content.
    sent: FxHashMap<(Option<Direction>, u64), u32>,
    coarse: bool,
    /// Where the last connection was opened.
    opened: Option<usize>,
    retry_window: i64,
}

impl Pairing<'_, '_> {
    fn call(&mut self, index: usize) {
        let view = self.events[index];
        let id = view.id();
        self.count_attempt(index);
        let nameless = id.is_empty();
        let (place, side) = (self.asked.place(id), side(view.direction));
        if !nameless && let Some(answer) = self.early_answer(index) {
            self.pairs[index].flags.add(Flag::AnswerBeforeCall);
            self.join(place, index, answer as usize);
            return;
        }
        let same = |other: u32| self.events[other as usize].content == view.content;
        // One look back is enough: those before were compared with each other when they came.
        let reused = self.asked.newest(place, side).is_some_and(|other| !same(other))
            || self.asked.answered(place, side).is_some_and(|other| !same(other));
        self.asked.wait(place, side, index as u32);
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
        let answer = *self.early.get(&view.id())?;
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
            self.early.remove(&view.id());
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
        let found = if view.id() == MessageId::Text("-1") && view.kind == Kind::Error {
            self.only_open_call(index)
        } else {
            self.open_call(index)
        };
        match found {
            Some((place, call)) => self.join(place, call as usize, index),
            None if view.id().is_empty() => {}
            None if self.asked.find(view.id()).is_some_and(|place| self.asked.was_answered(place)) => {
                self.pairs[index].flags.add(Flag::DuplicateResponse);
            }
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

    /// The call that an answer belongs to, and the place of its id.
    fn open_call(&mut self, index: usize) -> Option<(usize, u32)> {
        let view = self.events[index];
        let place = self.asked.find(view.id())?;
        let askers = Self::askers(view.direction);
        let nameless = view.id().is_empty();
        // Without an id (SOAP only) the operation has to do; a fault does not even tell that.
        let may_be = |call: &u32| view.action == Action::UNKNOWN || self.events[*call as usize].action == view.action;
        let newest = |asker| {
            if nameless {
                self.asked.waiting(place, side(asker)).find(may_be)
            } else {
                self.asked.newest(place, side(asker))
            }
        };
        let (asker, call) = if view.direction.is_some() {
            askers.iter().enumerate().find_map(|(at, &asker)| Some((at, newest(asker)?)))?
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
        let wrong = view.direction.is_some() && asker == 2;
        self.pairs[index].flags.add_if(wrong, Flag::ProtocolViolation);
        self.asked.take(place, side(askers[asker]), call);
        Some((place, call))
    }

    /// The only open call of the other side: a receiver that could not read an id answers with -1.
    fn only_open_call(&mut self, index: usize) -> Option<(usize, u32)> {
        let direction = self.events[index].direction;
        let asker = side(Self::askers(direction)[0]);
        let (place, side) = {
            let mut open = self.asked.open().filter(|&(_, side)| side == asker || direction.is_none());
            open.next().filter(|_| open.next().is_none())?
        };
        self.pairs[index].flags.add(Flag::IdUnreadable);
        let call = self.asked.newest(place, side)?;
        self.asked.take(place, side, call);
        Some((place, call))
    }

    /// Joins a call, whose id has this place, and its answer.
    fn join(&mut self, place: usize, call: usize, answer: usize) {
        let (asked, answered) = (self.events[call], self.events[answer]);
        self.asked.set_answered(place, side(asked.direction), call as u32);
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
        let place = self.asked.find(view.id());
        let sides = [side(view.direction), side(None)];
        let call = place.and_then(|place| sides.into_iter().find_map(|side| self.asked.answered(place, side)));
        match call {
            Some(call) => {
                self.pairs[call as usize].flags.add(Flag::ResultRejected);
                self.pairs[index].call = Some(call);
            }
            None => self.pairs[index].flags.add(Flag::OrphanResponse),
        }
    }

    /// What became of calls without an answer, from the end of the log backwards, and which answers have no call.
    fn settle_what_is_open(&mut self) {
        let mut calls_later = [false; 3];
        let mut connection_ends = false;
        for (view, pair) in self.events.iter().zip(&mut self.pairs).rev() {
            match view.kind {
                Kind::Call => {
                    let later = std::mem::replace(&mut calls_later[side(view.direction)], true);
                    if pair.outcome.is_none() {
                        pair.outcome = Some(match (later, connection_ends) {
                            (true, _) => Outcome::Timeout,
                            (false, true) => Outcome::ConnectionLost,
                            (false, false) => Outcome::UnknownLogEnd,
                        });
                    }
                }
                Kind::Result | Kind::Error => {
                    let lost = pair.call.is_none() && !pair.flags.has(Flag::DuplicateResponse);
                    pair.flags.add_if(lost, Flag::OrphanResponse);
                }
                Kind::Open | Kind::Close => {
                    connection_ends = true;
                    calls_later = [false; 3];
                }
                Kind::Send | Kind::ResultError => {}
            }
        }
    }
}
