//! Boots, heartbeats, power cuts and lost connections.

use crate::charge_point::{ChargePoint, INTERVAL_SECONDS};
use crate::clock::{HOUR, MINUTE, Ms, SECOND, iso};
use crate::disturbance::Disturbance;
use crate::layout::Content;
use crate::model::{Act, Kind, Phase, Session, Status, Step, TxMessage};
use crate::traits::{PayloadClock, Version};
use crate::truth::BootRow;
use crate::wire::{Answer, Tamper};
use crate::world::World;
use crate::{charge_point_v16 as v16, charge_point_v201 as v201};

/// What becomes of the running sessions after a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outage {
    /// They go on.
    Resume,
    /// They ended with the power; the charge point tells so after its boot.
    Stop(&'static str),
    /// They ended with the power, and nothing is told.
    Forget,
    /// No power cut, only the connection is lost.
    Connection,
}

impl ChargePoint {
    /// The first boot in the log.
    pub(crate) fn first_boot(&mut self, world: &mut World, at: Ms) {
        self.boot(world, at, "PowerUp", true, &[]);
    }

    /// Connects, boots and tells all statuses. Gives the time after it.
    pub(crate) fn boot(
        &mut self,
        world: &mut World,
        at: Ms,
        reason: &'static str,
        first: bool,
        changes: &[(usize, Status)],
    ) -> Ms {
        self.online = true;
        self.wire.event(&mut world.sink, at, Content::Open);
        let payload = match self.version {
            Version::V16 => v16::boot(&self.traits, self.release),
            Version::V201 => v201::boot(&self.traits, self.release, reason),
        };
        let slot = self.wire.slot(&mut self.dice, at + 50);
        let answer =
            format!(r#"{{"status":"Accepted","currentTime":"{}","interval":{INTERVAL_SECONDS}}}"#, iso(slot.answered));
        let id = self.wire.next_id(&mut self.dice);
        let call = (id.as_str(), "BootNotification");
        let done = self.wire.call(&mut world.sink, slot, call, &payload, Answer::Result(&answer), Tamper::default());
        self.note_boot(at);
        let mut marks = self.ambient_marks();
        for kind in self.reset_marks.kinds() {
            marks.add(*kind);
        }
        world.truth.boot(&BootRow {
            charge_point_id: self.name.clone(),
            time: slot.logged,
            reason,
            told: self.version == Version::V201,
            firmware_version: self.release.to_string(),
            marks,
        });
        self.told_release = Some(self.release);
        self.clock = PayloadClock::Right;
        let done = self.tell_all(world, done + SECOND / 2, first, changes);
        self.dark_until = self.dark_until.max(done + SECOND);
        done
    }

    /// A sign of life, and the next one in due time.
    pub(crate) fn heartbeat(&mut self, world: &mut World, at: Ms) {
        self.live_sign(world, at);
        self.agenda.add(at + INTERVAL_SECONDS * SECOND, Step::Heartbeat);
    }

    /// A sign of life.
    pub(crate) fn live_sign(&mut self, world: &mut World, at: Ms) {
        if self.online {
            let slot = self.wire.slot(&mut self.dice, at);
            let answer = format!(r#"{{"currentTime":"{}"}}"#, iso(slot.answered));
            let id = self.wire.next_id(&mut self.dice);
            let call = (id.as_str(), "Heartbeat");
            self.wire.call(&mut world.sink, slot, call, "{}", Answer::Result(&answer), Tamper::default());
        }
    }

    /// The connection is lost for `length`.
    pub(crate) fn go_offline(&mut self, world: &mut World, at: Ms, length: Ms) {
        self.online = false;
        self.outage = Some(Outage::Connection);
        self.begin_ambient(Disturbance::OfflineDelivery, at + length + 5 * MINUTE);
        self.wire.event(&mut world.sink, at + self.dice.between(5, 60) * SECOND, Content::Close);
        self.agenda.add(at + length, Step::Reconnect(false));
    }

    /// How long a connection is lost: mostly some hours, sometimes days.
    pub(crate) fn offline_length(&mut self) -> Ms {
        let (low, high) = *self.dice.pick(&[(1, 3), (2, 6), (6, 14), (14, 48)]);
        self.dice.between(low * HOUR, high * HOUR)
    }

    /// Power is lost in the middle of the sessions.
    pub(crate) fn cut_power(&mut self, world: &mut World, at: Ms) {
        let outage =
            *self.dice.pick(&[Outage::Resume, Outage::Stop("PowerLoss"), Outage::Stop("Reboot"), Outage::Forget]);
        let length = self.dice.between(MINUTE, 5 * MINUTE);
        self.outage = Some(outage);
        self.online = false;
        self.dark_until = at + length;
        self.begin_ambient(Disturbance::RebootDuring, at + length + 3 * MINUTE);
        self.wire.event(&mut world.sink, at + 20 * SECOND, Content::Close);
        for key in self.running() {
            let Some(session) = self.sessions.get_mut(&key) else {
                continue;
            };
            let connector = &mut self.connectors[session.connector];
            session.flowed = connector.power_w() > 0;
            connector.set_power(at, 0);
            if outage != Outage::Resume {
                let reason = match outage {
                    Outage::Stop(reason) => Some(reason),
                    _ => None,
                };
                self.end_transaction(key, at, reason);
            }
        }
        self.agenda.add(at + length, Step::PowerOn);
    }

    /// The sessions whose transaction runs.
    pub(crate) fn running(&self) -> Vec<u64> {
        let runs = |(key, session): (&u64, &Session)| (session.phase == Phase::Running).then_some(*key);
        self.sessions.iter().filter_map(runs).collect()
    }

    /// The sessions that ended when the power was cut and still block their connector.
    fn ended_by(&self, outage: Outage) -> Vec<u64> {
        let reason = match outage {
            Outage::Stop(reason) => Some(reason),
            _ => None,
        };
        self.sessions
            .iter()
            .filter(|(_, session)| session.phase == Phase::Stopped && session.reason == reason)
            .filter(|(_, session)| session.marks.has(Disturbance::RebootDuring) && !session.stop_logged)
            .map(|(key, _)| *key)
            .collect()
    }

    /// Power is back after a cut.
    pub(crate) fn power_on(&mut self, world: &mut World, at: Ms) {
        let outage = self.outage.take().unwrap_or(Outage::Resume);
        let ended = if outage == Outage::Resume { Vec::new() } else { self.ended_by(outage) };
        let after = match (outage, self.version) {
            (Outage::Forget, _) => Some("Available"),
            (Outage::Stop(_), Version::V16) => Some("Finishing"),
            _ => None,
        };
        let mut changes = Vec::new();
        for key in &ended {
            if let (Some(status), Some(session)) = (after, self.sessions.get(key)) {
                changes.push((session.connector, (status, "NoError")));
            }
        }
        let mut done = self.boot(world, at, "PowerUp", false, &changes);
        for key in ended {
            if outage == Outage::Forget {
                self.agenda.add(done, Step::Session(key, Act::Unplug));
                continue;
            }
            if let Some(message) = self.stop_message(key) {
                done = self.send(world, done, message);
            }
            let later = done + self.dice.between(20 * SECOND, 5 * MINUTE);
            self.agenda.add(later, Step::Session(key, Act::Unplug));
        }
        for key in self.running() {
            let Some(session) = self.sessions.get(&key) else {
                continue;
            };
            if session.flowed {
                let power_w = session.power_w;
                self.connectors[session.connector].set_power(done, power_w);
            }
        }
    }

    /// A charge point that boots without a network: its clock is unset until the first boot answer.
    pub(crate) fn boot_without_network(&mut self, world: &mut World, at: Ms) {
        let length = self.dice.between(5 * MINUTE, 20 * MINUTE);
        self.online = false;
        self.outage = Some(Outage::Connection);
        self.clock = PayloadClock::Unset(at - self.dice.between(20 * SECOND, 3 * MINUTE));
        self.begin_ambient(Disturbance::Clock1970, at + length + 5 * MINUTE);
        self.wire.event(&mut world.sink, at, Content::Close);
        self.agenda.add(at + length, Step::Reconnect(true));
    }

    /// The network is back.
    pub(crate) fn reconnect(&mut self, world: &mut World, at: Ms, boots: bool) {
        self.outage = None;
        let at = if boots {
            self.boot(world, at, "PowerUp", false, &[])
        } else {
            self.online = true;
            self.wire.event(&mut world.sink, at, Content::Open);
            let at = at + SECOND;
            self.tell_changes(world, at);
            at
        };
        while let Some(message) = self.queue.pop_front() {
            let key = message.session;
            if let Some(session) = self.sessions.get_mut(&key) {
                session.queued -= 1;
            }
            self.deliver(world, at, message, true);
            self.settle(world, key);
        }
    }

    /// Sends a message of a transaction, or queues it. Gives the time when the charge point goes on.
    pub(crate) fn send(&mut self, world: &mut World, at: Ms, message: TxMessage) -> Ms {
        if self.online {
            return self.deliver(world, at, message, false);
        }
        if let Some(session) = self.sessions.get_mut(&message.session) {
            session.queued += 1;
        }
        self.queue.push_back(message);
        at
    }

    /// Delivers a message of a transaction; `late`: from the queue, where no more disturbances are applied.
    fn deliver(&mut self, world: &mut World, at: Ms, message: TxMessage, late: bool) -> Ms {
        let kind = message.kind;
        let key = message.session;
        let done = match self.version {
            Version::V16 => self.deliver_v16(world, at, &message, late),
            Version::V201 => self.deliver_v201(world, at, message, late),
        };
        if kind == Kind::Start {
            self.close_older(world, key);
        }
        done
    }
}
