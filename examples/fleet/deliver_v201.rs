//! How the events of a 2.0.1 transaction get into the log, with whatever befalls them.

use crate::charge_point::ChargePoint;
use crate::charge_point_v201::ACCEPTED;
use crate::clock::{Ms, SECOND};
use crate::disturbance::Disturbance;
use crate::model::{Kind, TxMessage};
use crate::wire::{Answer, Tamper};
use crate::world::World;

impl ChargePoint {
    /// Delivers an event of a transaction.
    pub(crate) fn deliver_v201(&mut self, world: &mut World, at: Ms, message: TxMessage, late: bool) -> Ms {
        let key = message.session;
        let kind = message.kind;
        let mut tamper = self.tamper(key, kind, late);
        let plan = if late { None } else { self.sessions[&key].plan };
        let loses = match (plan, kind) {
            (Some(Disturbance::StartedMissing), Kind::Start) | (Some(Disturbance::EndedMissing), Kind::Stop) => true,
            (Some(Disturbance::SeqGap), Kind::Sample) => self.takes_gap(key),
            (Some(Disturbance::EndedBeforeStarted), Kind::Start) => {
                self.mark(key, Disturbance::EndedBeforeStarted);
                if let Some(session) = self.sessions.get_mut(&key) {
                    session.held = Some(message);
                }
                return at;
            }
            _ => false,
        };
        if loses && let Some(plan) = plan {
            self.mark(key, plan);
            tamper.lose = true;
        }
        let twice = matches!(
            (plan, kind),
            (Some(Disturbance::StartAnswerLost | Disturbance::RetrySameId), Kind::Start)
                | (Some(Disturbance::StopRepeated), Kind::Stop)
                | (Some(Disturbance::SeqDuplicate), Kind::Sample)
        );
        let mut at = at;
        let mut id = self.wire.next_id(&mut self.dice);
        if twice && let Some(plan) = plan {
            self.mark(key, plan);
            at = self.post(world, at, &id, &message, Answer::Silence, Tamper::default());
            at += self.dice.between(SECOND, 30 * SECOND);
            if plan != Disturbance::RetrySameId {
                id = self.wire.next_id(&mut self.dice);
            }
            if plan == Disturbance::SeqDuplicate
                && let Some(session) = self.sessions.get_mut(&key)
            {
                session.plan = None;
            }
        }
        let known = message.body.contains(r#""idToken":"#);
        let answer = Answer::Result(if known { ACCEPTED } else { "{}" });
        let done = self.post(world, at, &id, &message, answer, tamper);
        if !tamper.lose {
            self.note_logged(&message, !tamper.cut);
        }
        let held = self.sessions.get_mut(&key).and_then(|session| session.held.take_if(|_| kind == Kind::Stop));
        if let Some(held) = held {
            let id = self.wire.next_id(&mut self.dice);
            let done = self.post(world, done + SECOND, &id, &held, Answer::Result("{}"), Tamper::default());
            self.note_logged(&held, true);
            self.close_older(world, key);
            return done;
        }
        done
    }

    /// Whether this sample is lost: the first ones, as many as planned.
    fn takes_gap(&mut self, key: u64) -> bool {
        let Some(session) = self.sessions.get_mut(&key) else {
            return false;
        };
        session.gap -= 1;
        session.gap >= 0
    }

    /// Sends one event under a message id.
    fn post(
        &mut self,
        world: &mut World,
        at: Ms,
        id: &str,
        message: &TxMessage,
        answer: Answer<'_>,
        tamper: Tamper,
    ) -> Ms {
        let slot = self.wire.slot(&mut self.dice, at);
        let call = (id, "TransactionEvent");
        self.wire.call(&mut world.sink, slot, call, &message.body, answer, tamper)
    }
}
