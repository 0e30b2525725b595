//! How the messages of a 1.6 transaction get into the log, with whatever befalls them.

use crate::charge_point::ChargePoint;
use crate::charge_point_v16::ACCEPTED;
use crate::clock::{Ms, SECOND};
use crate::disturbance::Disturbance;
use crate::model::{Kind, TxMessage};
use crate::wire::{Answer, Tamper};
use crate::world::World;

/// The action of a transaction message.
fn action(kind: Kind) -> &'static str {
    match kind {
        Kind::Start => "StartTransaction",
        Kind::Sample | Kind::Update => "MeterValues",
        Kind::Stop => "StopTransaction",
    }
}

impl ChargePoint {
    /// Delivers a message of a transaction.
    pub(crate) fn deliver_v16(&mut self, world: &mut World, at: Ms, message: &TxMessage, late: bool) -> Ms {
        let tamper = self.tamper(message.session, message.kind, late);
        let plan = if late { None } else { self.sessions[&message.session].plan };
        if message.kind == Kind::Start {
            return self.deliver_start(world, at, message, plan, tamper);
        }
        let payload = self.payload(message, plan);
        let intact = !tamper.cut;
        if message.kind != Kind::Stop {
            let done = self.transmit(world, at, message.kind, &payload, Answer::Result("{}"), tamper);
            self.note_logged(message, intact);
            return done;
        }
        let answer = Answer::Result(ACCEPTED);
        if plan == Some(Disturbance::StopLost) {
            self.mark(message.session, Disturbance::StopLost);
            let tamper = Tamper { lose: true, ..Tamper::default() };
            return self.transmit(world, at, message.kind, &payload, answer, tamper);
        }
        let mut done = self.transmit(world, at, message.kind, &payload, answer, tamper);
        self.note_logged(message, intact);
        if plan == Some(Disturbance::StopRepeated) {
            self.mark(message.session, Disturbance::StopRepeated);
            let again = done + self.dice.between(10 * SECOND, 60 * SECOND);
            done = self.transmit(world, again, message.kind, &payload, answer, Tamper::default());
        }
        done
    }

    /// The payload of `MeterValues` or `StopTransaction`, as it can be written now.
    fn payload(&mut self, message: &TxMessage, plan: Option<Disturbance>) -> String {
        let session = &self.sessions[&message.session];
        let (id, body) = (&session.wire_id, &message.body);
        if message.kind == Kind::Stop {
            return format!(r#"{{"transactionId":{id},{body}"#);
        }
        let connector = self.connectors[session.connector].track.connector_id;
        if plan == Some(Disturbance::MeterValuesWithoutId) {
            let payload = format!(r#"{{"connectorId":{connector},{body}"#);
            self.mark(message.session, Disturbance::MeterValuesWithoutId);
            return payload;
        }
        format!(r#"{{"connectorId":{connector},"transactionId":{id},{body}"#)
    }

    /// Sends a transaction message under a new message id.
    fn transmit(
        &mut self,
        world: &mut World,
        at: Ms,
        kind: Kind,
        payload: &str,
        answer: Answer<'_>,
        tamper: Tamper,
    ) -> Ms {
        let slot = self.wire.slot(&mut self.dice, at);
        let id = self.wire.next_id(&mut self.dice);
        self.wire.call(&mut world.sink, slot, (&id, action(kind)), payload, answer, tamper)
    }

    /// The transactionId that the CSMS hands out.
    fn assign_id(&mut self, world: &mut World, key: u64, plan: Option<Disturbance>) -> String {
        if plan == Some(Disturbance::CollidingIds) {
            let open = self
                .sessions
                .iter()
                .find(|(other, session)| **other != key && !session.stop_logged && session.auth_status == "Accepted");
            let open = open.and_then(|(other, session)| Some((*other, session.transaction_id.clone()?)));
            if let Some((other, id)) = open {
                self.mark(other, Disturbance::CollidingIds);
                self.mark(key, Disturbance::CollidingIds);
                return id;
            }
            if let Some(row) = &mut self.last_row
                && row.auth_status == "Accepted"
                && let Some(id) = row.transaction_id.clone()
            {
                row.marks.add(Disturbance::CollidingIds);
                self.mark(key, Disturbance::CollidingIds);
                return id;
            }
        }
        world.last_transaction_id += 1;
        world.last_transaction_id.to_string()
    }

    /// Delivers `StartTransaction`, with whatever befalls it.
    fn deliver_start(
        &mut self,
        world: &mut World,
        mut at: Ms,
        message: &TxMessage,
        plan: Option<Disturbance>,
        tamper: Tamper,
    ) -> Ms {
        let key = message.session;
        let kind = Kind::Start;
        let mut id = self.wire.next_id(&mut self.dice);
        if let Some(plan @ (Disturbance::StartAnswerLost | Disturbance::StartAnswerNever | Disturbance::RetrySameId)) =
            plan
        {
            self.mark(key, plan);
            let slot = self.wire.slot(&mut self.dice, at);
            let call = (id.as_str(), action(kind));
            let (text, untouched) = (&message.body, Tamper::default());
            at = self.wire.call(&mut world.sink, slot, call, text, Answer::Silence, untouched);
            at += self.dice.between(SECOND, 30 * SECOND);
            if plan != Disturbance::RetrySameId {
                id = self.wire.next_id(&mut self.dice);
            }
            if plan == Disturbance::StartAnswerNever {
                let done = self.transmit(world, at, kind, text, Answer::Silence, untouched);
                self.note_logged(message, true);
                if let Some(session) = self.sessions.get_mut(&key) {
                    session.wire_id = "-1".into();
                }
                return done;
            }
        }
        let mut assigned = self.assign_id(world, key, plan);
        let mut status = "Accepted";
        if plan == Some(Disturbance::StartDuplicateId) {
            self.mark(key, Disturbance::StartDuplicateId);
            let answer = start_answer(&assigned, status);
            let slot = self.wire.slot(&mut self.dice, at);
            let call = (id.as_str(), action(kind));
            let answer = Answer::Result(&answer);
            at = self.wire.call(&mut world.sink, slot, call, &message.body, answer, Tamper::default());
            at += self.dice.between(30 * SECOND, 60 * SECOND);
            id = self.wire.next_id(&mut self.dice);
            assigned = self.assign_id(world, key, plan);
        }
        if plan == Some(Disturbance::StartRefused) {
            self.mark(key, Disturbance::StartRefused);
            status = *self.dice.pick::<&'static str>(&["Invalid", "ConcurrentTx", "Blocked"]);
            let real = assigned;
            assigned = (*self.dice.pick(&[real.as_str(), "0", "-1"])).to_string();
        }
        let slot = self.wire.slot(&mut self.dice, at);
        let answer = start_answer(&assigned, status);
        let (call, answer) = ((id.as_str(), action(kind)), Answer::Result(&answer));
        let done = self.wire.call(&mut world.sink, slot, call, &message.body, answer, tamper);
        self.note_logged(message, !tamper.cut);
        if let Some(session) = self.sessions.get_mut(&key) {
            session.wire_id.clone_from(&assigned);
            session.transaction_id = Some(assigned);
            session.auth_status = status;
        }
        done
    }
}

/// The answer to `StartTransaction`.
fn start_answer(id: &str, status: &str) -> String {
    format!(r#"{{"transactionId":{id},"idTagInfo":{{"status":"{status}"}}}}"#)
}
