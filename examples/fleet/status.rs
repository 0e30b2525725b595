//! The status of the connectors: what it is, and what the log is told.

use crate::charge_point::ChargePoint;
use crate::clock::{DAY, HOUR, MINUTE, Ms};
use crate::disturbance::{Disturbance, Scope};
use crate::model::{Phase, Status, Step, Track};
use crate::traits::Version;
use crate::truth::StatusRow;
use crate::wire::{Answer, Slot, Tamper};
use crate::world::World;
use crate::{charge_point_v16 as v16, charge_point_v201 as v201};

/// Error codes of a broken connector.
const ERRORS: [&str; 5] =
    ["GroundFailure", "ConnectorLockFailure", "OverCurrentFailure", "HighTemperature", "OtherError"];

impl ChargePoint {
    /// The track of a connector; `None`: of the charge point itself.
    fn track(&mut self, place: Option<usize>) -> Option<&mut Track> {
        match place {
            Some(place) => self.connectors.get_mut(place).map(|connector| &mut connector.track),
            None => self.main.as_mut(),
        }
    }

    /// Writes the truth about the current status of a track.
    pub(crate) fn write_status(&mut self, world: &mut World, place: Option<usize>, end: Option<Ms>) {
        let charge_point_id = self.name.clone();
        let has_errors = self.version == Version::V16;
        if let Some(track) = self.track(place) {
            world.truth.status(&StatusRow {
                charge_point_id,
                evse_id: track.evse_id,
                connector_id: track.connector_id,
                start_time: track.since,
                end_time: end,
                status: track.now.0,
                error_code: has_errors.then_some(track.now.1),
                marks: track.marks.clone(),
                leaves_trace: track.leaves_trace,
            });
        }
    }

    /// Sends the current status of a track with the payload time `stamp`.
    fn send_status(&mut self, world: &mut World, place: Option<usize>, at: Ms, stamp: Option<Ms>) -> Option<Slot> {
        let stamp = stamp.map(|stamp| self.clock.read(stamp));
        let version = self.version;
        let track = self.track(place)?;
        track.reported = Some(track.now);
        let payload = match version {
            Version::V16 => v16::status(track, stamp),
            Version::V201 => v201::status(track, stamp.unwrap_or(at)),
        };
        let freed = matches!(track.now.0, "Available" | "Preparing" | "Finishing");
        if let Some(place) = place {
            self.note_closing_status(place, at, freed);
        }
        let slot = self.wire.slot(&mut self.dice, at);
        let id = self.wire.next_id(&mut self.dice);
        let call = (id.as_str(), "StatusNotification");
        self.wire.call(&mut world.sink, slot, call, &payload, Answer::Result("{}"), Tamper::default());
        Some(slot)
    }

    /// Notes whether a status shows that no transaction runs on the connector.
    fn note_closing_status(&mut self, place: usize, at: Ms, freed: bool) {
        for session in self.sessions.values_mut() {
            if session.connector == place && session.start_at > 0 && session.start_at < at {
                session.closed_by_status = freed || (session.closed_by_status && session.phase != Phase::Running);
            }
        }
    }

    /// The disturbance of a status change, if there is one.
    fn status_weather(&mut self, world: &World, place: usize) -> Option<Disturbance> {
        let session = self.connectors[place].session.and_then(|key| self.sessions.get(&key));
        let clean = session.is_none_or(|session| session.plan.is_none() && session.marks.is_empty());
        if !clean || !self.is_calm() {
            return None;
        }
        let scope = match self.version {
            Version::V16 => Scope::Status16,
            Version::V201 => Scope::Status201,
        };
        world.weather.draw(&mut self.dice, scope)
    }

    /// The status of a connector changes.
    pub(crate) fn set_status(&mut self, world: &mut World, place: usize, at: Ms, status: Status) {
        if self.connectors[place].track.now == status {
            return;
        }
        let weather = self.status_weather(world, place);
        let lost = weather == Some(Disturbance::StatusLost);
        let mut marks = self.ambient_marks();
        let mut before = self.connectors[place].track.clone();
        // Back to what the log was told last: the log shows one status where there were several.
        let merged = before.reported == Some(status);
        if lost || merged {
            if lost || before.marks.has(Disturbance::StatusLost) {
                before.marks.add(Disturbance::StatusLost);
                marks.add(Disturbance::StatusLost);
            }
            before.leaves_trace = false;
        }
        if let Some(kind) = weather {
            marks.add(kind);
        }
        let sends = self.online && !lost;
        self.connectors[place].track.now = status;
        let mut start = at;
        if sends {
            let silent = weather == Some(Disturbance::StatusWithoutTimestamp);
            let slot = self.send_status(world, Some(place), at, (!silent).then_some(at));
            if let (Some(slot), true) = (slot, silent) {
                start = slot.logged;
            }
        }
        let now = Track {
            now: status,
            since: start,
            marks,
            leaves_trace: sends && !merged,
            reported: if sends { Some(status) } else { before.reported },
            ..before
        };
        self.connectors[place].track = before;
        self.write_status(world, Some(place), Some(start));
        self.connectors[place].track = now;
        if weather == Some(Disturbance::StatusRepeated) {
            let later = at + self.dice.between(2 * MINUTE, 9 * MINUTE);
            self.agenda.add(later, Step::RepeatStatus(place, status));
        }
    }

    /// Tells the status once more, if it is still the same.
    pub(crate) fn repeat_status(&mut self, world: &mut World, place: usize, status: Status, at: Ms) {
        if self.online && self.connectors[place].track.now == status {
            self.send_status(world, Some(place), at, Some(at));
        }
    }

    /// Tells the statuses after a boot, with the present time. Gives the time after it.
    pub(crate) fn tell_all(&mut self, world: &mut World, mut at: Ms, first: bool, changes: &[(usize, Status)]) -> Ms {
        let places = self.main.iter().map(|_| None).collect::<Vec<_>>().into_iter();
        for place in places.chain((0..self.connectors.len()).map(Some)) {
            at += self.dice.between(50, 400);
            let change = changes.iter().find(|(changed, _)| Some(*changed) == place);
            if let (Some(place), Some((_, status))) = (place, change) {
                self.set_status(world, place, at, *status);
                continue;
            }
            if let Some(track) = self.track(place) {
                if first {
                    track.since = at;
                    track.leaves_trace = true;
                } else if track.reported != Some(track.now) {
                    // The log learns the status, but not since when it holds.
                    track.leaves_trace = false;
                }
            }
            self.send_status(world, place, at, Some(at));
        }
        at
    }

    /// Tells after a reconnection the statuses that changed, with the time of the change.
    pub(crate) fn tell_changes(&mut self, world: &mut World, at: Ms) {
        for place in 0..self.connectors.len() {
            let track = &mut self.connectors[place].track;
            if track.reported != Some(track.now) {
                let since = track.since;
                track.leaves_trace = true;
                self.send_status(world, Some(place), at, Some(since));
            }
        }
    }

    /// A connector breaks, if it is idle.
    pub(crate) fn fault(&mut self, world: &mut World, place: usize, at: Ms) {
        let connector = &self.connectors[place];
        let idle = connector.session.is_none() && connector.track.now.0 == "Available";
        if idle && self.is_calm() {
            let error = *self.dice.pick(&ERRORS);
            self.set_status(world, place, at, ("Faulted", error));
            let repaired = at + self.dice.between(5 * MINUTE, 90 * MINUTE);
            self.agenda.add(repaired, Step::Repair(place));
            self.agenda.add(at + self.dice.between(2 * DAY, 6 * DAY), Step::Fault(place));
        } else {
            self.agenda.add(at + self.dice.between(HOUR / 2, 3 * HOUR), Step::Fault(place));
        }
    }
}
