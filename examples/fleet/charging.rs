//! Charging sessions, from the first energy to the unplugged cable.

use crate::charge_point::ChargePoint;
use crate::clock::{HOUR, MINUTE, Ms, SECOND};
use crate::disturbance::Disturbance;
use crate::model::{Act, Phase, Step};
use crate::traits::{PayloadClock, Version};
use crate::world::World;

impl ChargePoint {
    /// Energy flows.
    pub(crate) fn charge(&mut self, world: &mut World, key: u64, at: Ms) {
        let Some(session) = self.sessions.get(&key) else {
            return;
        };
        let (place, rest) = (session.connector, session.start_at + session.duration - at);
        self.connectors[place].set_power(at, session.power_w);
        self.tell_energy(world, key, at, "Charging");
        self.agenda.add(at + self.traits.sample_interval, Step::Session(key, Act::Sample));
        if self.dice.chance(250) {
            let later = at + rest.max(0) * self.dice.between(60, 90) / 100;
            self.agenda.add(later, Step::Session(key, Act::Suspend));
        }
    }

    /// Tells whether energy flows: 1.6 by a status, 2.0.1 by an event.
    fn tell_energy(&mut self, world: &mut World, key: u64, at: Ms, state: &'static str) {
        match self.version {
            Version::V16 => {
                let place = self.sessions[&key].connector;
                self.set_status(world, place, at, (state, "NoError"));
            }
            Version::V201 => self.update_v201(world, key, at, "ChargingStateChanged"),
        }
    }

    /// The meter is read.
    pub(crate) fn sample(&mut self, world: &mut World, key: u64, at: Ms) {
        let message = match self.version {
            Version::V16 => self.sample_v16(key, at),
            Version::V201 => self.sample_v201(key, at),
        };
        self.send(world, at, message);
        self.agenda.add(at + self.traits.sample_interval, Step::Session(key, Act::Sample));
    }

    /// The vehicle pauses.
    pub(crate) fn suspend(&mut self, world: &mut World, key: u64, at: Ms) {
        let place = self.sessions[&key].connector;
        if self.connectors[place].power_w() == 0 {
            return;
        }
        self.connectors[place].set_power(at, 0);
        self.tell_energy(world, key, at, "SuspendedEV");
        if self.dice.chance(400) {
            let later = at + self.dice.between(4 * MINUTE, 20 * MINUTE);
            self.agenda.add(later, Step::Session(key, Act::Resume));
        }
    }

    /// The vehicle goes on.
    pub(crate) fn resume(&mut self, world: &mut World, key: u64, at: Ms) {
        let session = &self.sessions[&key];
        let (place, power_w) = (session.connector, session.power_w);
        self.connectors[place].set_power(at, power_w);
        self.tell_energy(world, key, at, "Charging");
    }

    /// The planned disturbance strikes in the middle of the transaction.
    pub(crate) fn strike(&mut self, world: &mut World, key: u64, at: Ms) {
        let session = &self.sessions[&key];
        match session.plan {
            Some(Disturbance::MeterReset) => {
                let place = session.connector;
                self.connectors[place].reset(at);
                if let Some(session) = self.sessions.get_mut(&key) {
                    session.marks.add(Disturbance::MeterReset);
                }
            }
            Some(Disturbance::RebootDuring) if self.is_calm() => self.cut_power(world, at),
            Some(Disturbance::OfflineDelivery) if self.is_calm() => {
                let length = self.offline_length();
                self.go_offline(world, at, length);
            }
            _ => {}
        }
    }

    /// The transaction ends.
    pub(crate) fn stop(&mut self, world: &mut World, key: u64, at: Ms) {
        let refused = self.sessions[&key].auth_status != "Accepted";
        let id_known = self.sessions[&key].transaction_id.is_some();
        let reason = match self.dice.between(0, 9) {
            _ if refused => "DeAuthorized",
            0..=1 if self.online && id_known => "Remote",
            2..=5 => "Local",
            _ => "EVDisconnected",
        };
        let at = if reason == "Remote" { self.command_stop(world, key, at) + 300 } else { at };
        self.end_transaction(key, at, Some(reason));
        if let Some(message) = self.stop_message(key) {
            self.send(world, at, message);
        }
        let place = self.sessions[&key].connector;
        if self.version == Version::V16 {
            self.set_status(world, place, at + 200, ("Finishing", "NoError"));
        }
        let pause = if reason == "EVDisconnected" {
            self.dice.between(2 * SECOND, 8 * SECOND)
        } else {
            self.dice.between(20 * SECOND, 15 * MINUTE)
        };
        self.agenda.add(at + pause, Step::Session(key, Act::Unplug));
    }

    /// The connector is free; the next vehicle comes some time later.
    pub(crate) fn unplug(&mut self, world: &mut World, key: u64, at: Ms) {
        if self.sessions[&key].phase == Phase::Running {
            // Refused, and nothing was told about the end.
            self.end_transaction(key, at, None);
        }
        let place = self.sessions[&key].connector;
        self.set_status(world, place, at, ("Available", "NoError"));
        self.connectors[place].session = None;
        let ahead = self.sessions[&key].plan == Some(Disturbance::LocalTimeAsZ);
        if ahead && self.clock == PayloadClock::Ahead {
            self.clock = PayloadClock::Right;
            for ambient in &mut self.ambient {
                if ambient.kind == Disturbance::LocalTimeAsZ {
                    ambient.until = at + 125 * MINUTE;
                }
            }
        }
        if let Some(session) = self.sessions.get_mut(&key) {
            session.phase = Phase::Over;
        }
        self.settle(world, key);
        let pause = *self.dice.pick(&[20 * MINUTE, HOUR, 2 * HOUR, 5 * HOUR]);
        let next = at + self.dice.between(pause / 4, pause);
        self.agenda.add(next, Step::PlugIn(place));
    }
}
