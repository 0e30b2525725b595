//! Transactions: from their first moment to their row in the truth.

use crate::charge_point::ChargePoint;
use crate::clock::Ms;
use crate::disturbance::Disturbance;
use crate::model::{Kind, Phase, Session, TxMessage};
use crate::traits::Version;
use crate::truth::TransactionRow;
use crate::wire::Tamper;
use crate::world::World;

impl ChargePoint {
    /// The transaction of a session begins: reads the meter.
    pub(crate) fn begin_transaction(&mut self, key: u64, at: Ms) {
        let Some(session) = self.sessions.get_mut(&key) else {
            return;
        };
        let connector = &mut self.connectors[session.connector];
        session.phase = Phase::Running;
        session.start_at = at;
        session.meter_start_wh = connector.register_wh(at);
        session.lifetime_start_wh = connector.lifetime_wh(at);
    }

    /// The transaction of a session ends: reads the meter.
    pub(crate) fn end_transaction(&mut self, key: u64, at: Ms, reason: Option<&'static str>) {
        let Some(session) = self.sessions.get_mut(&key) else {
            return;
        };
        let connector = &mut self.connectors[session.connector];
        connector.set_power(at, 0);
        session.phase = Phase::Stopped;
        session.stop_at = Some(at);
        session.reason = reason;
        session.meter_stop_wh = Some(connector.register_wh(at));
        session.energy_wh = Some(connector.lifetime_wh(at) - session.lifetime_start_wh);
    }

    /// What happens to the line of a message, and the mark for it.
    pub(crate) fn tamper(&mut self, key: u64, kind: Kind, late: bool) -> Tamper {
        let Some(session) = self.sessions.get_mut(&key) else {
            return Tamper::default();
        };
        if late || session.target != kind {
            return Tamper::default();
        }
        let mut tamper = Tamper::default();
        match session.plan {
            Some(Disturbance::MessageDuplicated) => tamper.double = true,
            Some(Disturbance::AnswerBeforeCall) => tamper.flip = true,
            Some(Disturbance::LineCut) => tamper.cut = true,
            _ => return tamper,
        }
        if let Some(kind) = session.plan {
            session.marks.add(kind);
        }
        // One line is enough.
        session.plan = None;
        tamper
    }

    /// Notes that a message of a transaction is in the log.
    pub(crate) fn note_logged(&mut self, message: &TxMessage, intact: bool) {
        let Some(session) = self.sessions.get_mut(&message.session) else {
            return;
        };
        if !intact {
            return;
        }
        session.any_logged = true;
        let names_card = message.body.contains(r#""idTag":"#) || message.body.contains(r#""idToken":"#);
        session.card_logged |= names_card && message.kind != Kind::Stop;
        match message.kind {
            Kind::Start => session.start_logged = true,
            Kind::Stop => session.stop_logged = true,
            Kind::Sample | Kind::Update => {}
        }
        if message.sample_wh.is_some() {
            session.last_sample_wh = message.sample_wh;
        }
    }

    /// A start is in the log: what ran before on this connector has ended.
    pub(crate) fn close_older(&mut self, world: &mut World, key: u64) {
        let Some(started) = self.sessions.get(&key) else {
            return;
        };
        if !started.start_logged {
            return;
        }
        let place = started.connector;
        let older: Vec<u64> = self
            .sessions
            .iter()
            .filter(|(other, _)| **other < key)
            .filter(|(_, session)| session.connector == place && session.phase == Phase::Over)
            .filter(|(_, session)| session.queued == 0)
            .map(|(other, _)| *other)
            .collect();
        for other in older {
            self.write_transaction(world, other, true);
        }
    }

    /// Writes the row of a session that is over, unless the next start still tells more about it.
    pub(crate) fn settle(&mut self, world: &mut World, key: u64) {
        let Some(session) = self.sessions.get(&key) else {
            return;
        };
        if session.phase != Phase::Over || session.queued > 0 {
            return;
        }
        let old = self.version == Version::V16;
        if session.stop_logged || (old && (session.closed_by_status || !session.start_logged)) {
            self.write_transaction(world, key, false);
        }
    }

    /// What a reader of the log can say about the end of a session.
    fn expected_state(&self, session: &Session, next_start: bool) -> Option<&'static str> {
        let old = self.version == Version::V16;
        match (session.start_logged, session.stop_logged) {
            (true, true) => Some("completed"),
            (false, true) => Some("stop_only"),
            (true, false) if next_start || (old && session.closed_by_status) => Some("closed_implicit"),
            (false, false) if old || !session.any_logged => None,
            (false, false) if next_start => Some("closed_implicit"),
            (_, false) => Some("open"),
        }
    }

    /// Removes a session and writes its row.
    pub(crate) fn write_transaction(&mut self, world: &mut World, key: u64, next_start: bool) {
        let Some(mut session) = self.sessions.remove(&key) else {
            return;
        };
        Self::write_asked(world, &mut session);
        if session.phase == Phase::Plugged || session.start_at == 0 {
            return;
        }
        let track = &self.connectors[session.connector].track;
        let row = TransactionRow {
            charge_point_id: self.name.clone(),
            evse_id: track.evse_id,
            connector_id: track.connector_id,
            ocpp_version: self.version.name(),
            transaction_id: session.transaction_id.clone(),
            id_tag: session.id_tag.clone(),
            auth_status: session.auth_status,
            start_time: session.start_at,
            stop_time: session.stop_at,
            meter_start_wh: session.meter_start_wh,
            meter_stop_wh: session.meter_stop_wh,
            energy_wh: session.energy_wh.or(session.last_sample_wh),
            last_sample_wh: session.last_sample_wh,
            stop_reason: session.reason,
            state: if session.stop_at.is_some() { "completed" } else { "open" },
            expected_state: self.expected_state(&session, next_start),
            remote_start: session.remote,
            leaves_trace: session.marks.is_empty() || session.any_logged,
            marks: session.marks,
        };
        if let Some(before) = self.last_row.replace(row) {
            world.truth.transaction(&before);
        }
    }
}
