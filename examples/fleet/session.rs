//! Charging sessions: a vehicle comes, charges and leaves.

use crate::charge_point::ChargePoint;
use crate::clock::{HOUR, MINUTE, Ms, SECOND};
use crate::disturbance::{Disturbance, Scope};
use crate::model::{Act, Kind, Phase, Session, Step};
use crate::traits::{PayloadClock, Version};
use crate::wire::{Answer, Tamper};
use crate::world::World;
use crate::{charge_point_v16 as v16, charge_point_v201 as v201};

impl ChargePoint {
    /// A new session on a connector.
    pub(crate) fn new_session(&mut self, place: usize, plan: Option<Disturbance>) -> u64 {
        let key = self.next_session;
        self.next_session += 1;
        let dice = &mut self.dice;
        let target = match self.version {
            Version::V16 => *dice.pick(&[Kind::Start, Kind::Sample, Kind::Stop]),
            Version::V201 => *dice.pick(&[Kind::Start, Kind::Sample, Kind::Update, Kind::Stop]),
        };
        let session = Session {
            connector: place,
            id_tag: format!("{:08X}", dice.between(0x1000_0000, 0xffff_ffff)),
            plan,
            target,
            marks: self.ambient_marks(),
            phase: Phase::Plugged,
            start_at: 0,
            duration: self.dice.between(15 * MINUTE, 4 * HOUR),
            stop_at: None,
            reason: None,
            remote: self.dice.chance(150),
            flowed: false,
            power_w: self.traits.max_power_w * self.dice.between(55, 100) / 100,
            meter_start_wh: 0,
            meter_stop_wh: None,
            lifetime_start_wh: 0,
            energy_wh: None,
            last_sample_wh: None,
            transaction_id: None,
            wire_id: String::new(),
            auth_status: "Accepted",
            seq_no: 0,
            state_of_charge: self.dice.between(8, 60),
            gap: self.dice.between(1, 3),
            held: None,
            queued: 0,
            start_logged: false,
            stop_logged: false,
            any_logged: false,
            card_logged: false,
            shown: None,
            asked: Vec::new(),
            closed_by_status: false,
        };
        self.sessions.insert(key, session);
        self.connectors[place].session = Some(key);
        key
    }

    /// A vehicle comes, or has to wait.
    pub(crate) fn plug_in(&mut self, world: &mut World, place: usize, at: Ms) {
        let connector = &self.connectors[place];
        let blocked = connector.session.is_some() || connector.track.now.0 != "Available";
        if blocked || self.job.is_some() {
            let later = at + self.dice.between(5 * MINUTE, 30 * MINUTE);
            self.agenda.add(later, Step::PlugIn(place));
            return;
        }
        let scope = match self.version {
            Version::V16 => Scope::Session16,
            Version::V201 => Scope::Session201,
        };
        let plan = world.weather.draw(&mut self.dice, scope);
        let key = self.new_session(place, plan);
        let early = self.sessions[&key].target == Kind::Start;
        self.strike_at_plug(world, key, at, early);
        let at_plug = self.version == Version::V201 && self.traits.starts_at_plug;
        let remote = self.sessions[&key].remote && self.online && !at_plug;
        if let Some(session) = self.sessions.get_mut(&key) {
            session.remote = remote;
        }
        let mut at = at;
        if remote {
            at = self.command_start(world, key, at) + SECOND;
        }
        let status = if self.version == Version::V16 { "Preparing" } else { "Occupied" };
        self.set_status(world, place, at, (status, "NoError"));
        let soon = at + self.dice.between(3 * SECOND, 25 * SECOND);
        if at_plug {
            self.agenda.add(at + SECOND, Step::Session(key, Act::Start));
            self.agenda.add(soon + 4 * SECOND, Step::Session(key, Act::Authorize));
        } else {
            let act = if remote { Act::Start } else { Act::Authorize };
            self.agenda.add(soon, Step::Session(key, act));
        }
    }

    /// Disturbances that begin with the session.
    fn strike_at_plug(&mut self, world: &mut World, key: u64, at: Ms, early: bool) {
        if !self.is_calm() {
            return;
        }
        match self.sessions[&key].plan {
            Some(Disturbance::OfflineDelivery) if early => {
                let length = self.offline_length();
                self.go_offline(world, at, length);
            }
            Some(Disturbance::Clock1970) if self.running().is_empty() => {
                self.boot_without_network(world, at);
            }
            Some(Disturbance::LocalTimeAsZ) => {
                self.clock = PayloadClock::Ahead;
                // Ends with the session; its stamps reach two hours further.
                self.begin_ambient(Disturbance::LocalTimeAsZ, Ms::MAX);
            }
            _ => {}
        }
    }

    /// The CSMS asks for a session.
    fn command_start(&mut self, world: &mut World, key: u64, at: Ms) -> Ms {
        let session = &self.sessions[&key];
        let track = &self.connectors[session.connector].track;
        let (action, payload) = match self.version {
            Version::V16 => ("RemoteStartTransaction", v16::remote_start(track, &session.id_tag)),
            Version::V201 => ("RequestStartTransaction", v201::request_start(track, session, key)),
        };
        let answer = Answer::Result(r#"{"status":"Accepted"}"#);
        let tamper = Tamper::default();
        let sink = &mut world.sink;
        let slot = self.wire.command(sink, &mut self.dice, at, (action, &payload), answer, tamper);
        self.note_asked(key, action, slot);
        slot.done
    }

    /// The CSMS asks for the end of a session.
    pub(crate) fn command_stop(&mut self, world: &mut World, key: u64, at: Ms) -> Ms {
        let session = &self.sessions[&key];
        let (action, payload) = match self.version {
            Version::V16 => ("RemoteStopTransaction", format!(r#"{{"transactionId":{}}}"#, session.wire_id)),
            Version::V201 => ("RequestStopTransaction", format!(r#"{{"transactionId":"{}"}}"#, session.wire_id)),
        };
        let answer = Answer::Result(r#"{"status":"Accepted"}"#);
        let tamper = Tamper::default();
        let sink = &mut world.sink;
        let slot = self.wire.command(sink, &mut self.dice, at, (action, &payload), answer, tamper);
        self.note_asked(key, action, slot);
        slot.done
    }

    /// A session goes on.
    pub(crate) fn act(&mut self, world: &mut World, key: u64, act: Act, at: Ms) {
        let Some(session) = self.sessions.get(&key) else {
            return;
        };
        let phase = session.phase;
        match act {
            Act::Authorize if phase != Phase::Stopped => self.authorize(world, key, at),
            Act::Start if phase == Phase::Plugged => self.start(world, key, at),
            Act::Unplug if phase != Phase::Over => self.unplug(world, key, at),
            _ if phase != Phase::Running => {}
            Act::Charge => self.charge(world, key, at),
            Act::Sample => self.sample(world, key, at),
            Act::Suspend => self.suspend(world, key, at),
            Act::Resume => self.resume(world, key, at),
            Act::Strike => self.strike(world, key, at),
            Act::Stop => self.stop(world, key, at),
            Act::Authorize | Act::Start | Act::Unplug => {}
        }
    }

    /// The driver shows the card; offline the charge point decides by itself.
    fn authorize(&mut self, world: &mut World, key: u64, at: Ms) {
        let mut done = at;
        if self.online {
            let id_tag = &self.sessions[&key].id_tag;
            let (payload, answer) = match self.version {
                Version::V16 => (format!(r#"{{"idTag":"{id_tag}"}}"#), v16::ACCEPTED),
                Version::V201 => (v201::authorize(id_tag), v201::ACCEPTED),
            };
            let slot = self.wire.slot(&mut self.dice, at);
            let id = self.wire.next_id(&mut self.dice);
            let call = (id.as_str(), "Authorize");
            let answer = Answer::Result(answer);
            let row = self.card(slot.logged, &self.sessions[&key].id_tag, "Accepted", None);
            if let Some(session) = self.sessions.get_mut(&key) {
                session.shown = Some(row);
            }
            done = self.wire.call(&mut world.sink, slot, call, &payload, answer, Tamper::default());
        }
        if self.sessions[&key].phase == Phase::Running {
            // 2.0.1, started at the plug.
            self.update_v201(world, key, done, "Authorized");
            let soon = done + self.dice.between(2 * SECOND, 6 * SECOND);
            self.agenda.add(soon, Step::Session(key, Act::Charge));
        } else {
            let soon = done + self.dice.between(300, 2_000);
            self.agenda.add(soon, Step::Session(key, Act::Start));
        }
    }

    /// The transaction starts.
    fn start(&mut self, world: &mut World, key: u64, at: Ms) {
        self.begin_transaction(key, at);
        let message = match self.version {
            Version::V16 => self.start_v16(key),
            Version::V201 => self.start_v201(key),
        };
        let done = self.send(world, at, message);
        let session = &self.sessions[&key];
        if session.auth_status != "Accepted" {
            let gives_up = session.target == Kind::Start;
            let act = if gives_up { Act::Unplug } else { Act::Stop };
            let soon = done + self.dice.between(5 * SECOND, 40 * SECOND);
            self.agenda.add(soon, Step::Session(key, act));
            return;
        }
        let (duration, plan) = (session.duration, session.plan);
        if !(self.version == Version::V201 && self.traits.starts_at_plug) {
            let soon = done + self.dice.between(SECOND, 4 * SECOND);
            self.agenda.add(soon, Step::Session(key, Act::Charge));
        }
        self.agenda.add(at + duration, Step::Session(key, Act::Stop));
        if plan.is_some() {
            let middle = at + duration * self.dice.between(40, 75) / 100;
            self.agenda.add(middle, Step::Session(key, Act::Strike));
        }
    }
}
