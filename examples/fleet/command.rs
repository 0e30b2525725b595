//! What the CSMS asks for beside charging, and cards that lead to nothing.

use crate::charge_point::ChargePoint;
use crate::clock::{HOUR, MINUTE, Ms, SECOND};
use crate::disturbance::{Disturbance, Marks, Scope};
use crate::layout::Content;
use crate::model::{Session, Step};
use crate::power::Outage;
use crate::traits::Version;
use crate::truth::{AuthorizationRow, CommandRow};
use crate::wire::{Answer, Slot, Tamper};
use crate::world::World;

/// A command, what the charge point answers, and what comes of it.
struct Command<'a> {
    action: &'static str,
    payload: &'a str,
    place: Option<usize>,
    status: &'static str,
    outcome: &'static str,
}

impl ChargePoint {
    /// A command as the truth tells it.
    pub(crate) fn asked(
        &self,
        requested_at: Ms,
        action: &'static str,
        evse_id: Option<i64>,
        response_status: Option<&'static str>,
        outcome: &'static str,
    ) -> CommandRow {
        CommandRow {
            charge_point_id: self.name.clone(),
            evse_id,
            requested_at,
            action,
            response_status,
            outcome,
            transaction_id: None,
            marks: self.ambient_marks(),
        }
    }

    /// A card that is shown, as the truth tells it.
    pub(crate) fn card(
        &self,
        time: Ms,
        id_tag: &str,
        status: &'static str,
        outcome: Option<&'static str>,
    ) -> AuthorizationRow {
        AuthorizationRow {
            charge_point_id: self.name.clone(),
            time,
            id_tag: id_tag.to_owned(),
            status,
            outcome,
            transaction_id: None,
            marks: self.ambient_marks(),
            leaves_trace: true,
        }
    }

    /// Notes that the CSMS asked for a session, or for its end.
    pub(crate) fn note_asked(&mut self, key: u64, action: &'static str, slot: Slot) {
        let starts = matches!(action, "RemoteStartTransaction" | "RequestStartTransaction");
        let place = self.sessions.get(&key).map(|session| session.connector);
        let evse = place.filter(|_| starts).map(|place| self.connectors[place].track.evse_id);
        let row = self.asked(slot.logged, action, evse, Some("Accepted"), if starts { "started" } else { "stopped" });
        if let Some(session) = self.sessions.get_mut(&key) {
            session.asked.push(row);
        }
    }

    /// Writes what was asked for a session, and the card that was shown, now that its story is told.
    pub(crate) fn write_asked(world: &mut World, session: &mut Session) {
        let id = session.transaction_id.clone();
        for mut row in session.asked.drain(..) {
            for kind in session.marks.kinds() {
                row.marks.add(*kind);
            }
            row.outcome = match row.outcome {
                "started" if session.start_logged => "started",
                "started" => "not_started",
                _ if session.stop_logged => "stopped",
                _ => "not_stopped",
            };
            row.transaction_id = id.clone().filter(|_| row.outcome != "not_started");
            world.truth.command(&row);
        }
        if let Some(mut row) = session.shown.take() {
            for kind in session.marks.kinds() {
                row.marks.add(*kind);
            }
            row.outcome = Some("led_to_transaction");
            row.transaction_id = id;
            row.leaves_trace = session.card_logged;
            world.truth.authorization(&row);
        }
    }

    /// The CSMS asks for something, or a card is shown.
    pub(crate) fn command_due(&mut self, world: &mut World, at: Ms) {
        self.agenda.add(at + self.dice.between(25 * MINUTE, 3 * HOUR), Step::Command);
        if !self.is_calm() || self.told_release.is_none() {
            return;
        }
        let free = |place: &usize| {
            let connector = &self.connectors[*place];
            connector.session.is_none() && connector.track.now.0 == "Available"
        };
        let places: Vec<usize> = (0..self.connectors.len()).filter(free).collect();
        let idle = places.len() == self.connectors.len();
        match (self.dice.between(0, 9), places.first().copied()) {
            (0 | 1, _) if idle => self.reset(world, at),
            (2, Some(place)) => self.unlock(world, place, at),
            (3 | 4, Some(place)) => self.inoperative(world, place, at),
            (5, place) => self.trigger(world, place, at),
            (6, Some(place)) => self.start_in_vain(world, place, at),
            (7, _) => self.show_card(world, at, "Invalid", "denied"),
            (8, _) => self.show_card(world, at, "Accepted", "abandoned"),
            _ => {
                let accepted = self.dice.chance(800);
                let (status, outcome) = if accepted { ("Accepted", "done") } else { ("Rejected", "rejected") };
                let command = Command { action: "ClearCache", payload: "{}", place: None, status, outcome };
                if let Some((row, _)) = self.ask(world, at, &command) {
                    world.truth.command(&row);
                }
            }
        }
    }

    /// Sends a command; gives its row and when the charge point goes on, unless it does nothing, which is written.
    fn ask(&mut self, world: &mut World, at: Ms, command: &Command<'_>) -> Option<(CommandRow, Ms)> {
        let weather = world.weather.draw(&mut self.dice, Scope::Command);
        let silent = weather == Some(Disturbance::CommandUnanswered);
        let tamper = Tamper {
            cut: weather == Some(Disturbance::LineCut),
            flip: weather == Some(Disturbance::AnswerBeforeCall),
            ..Tamper::default()
        };
        let text = format!(r#"{{"status":"{}"}}"#, command.status);
        let answer = if silent { Answer::Silence } else { Answer::Result(&text) };
        let call = (command.action, command.payload);
        let slot = self.wire.command(&mut world.sink, &mut self.dice, at, call, answer, tamper);
        let evse = command.place.map(|place| self.connectors[place].track.evse_id);
        let mut row = self.asked(slot.logged, command.action, evse, Some(command.status), command.outcome);
        if let Some(kind) = weather {
            row.marks.add(kind);
        }
        if silent {
            (row.response_status, row.outcome) = (None, "undelivered");
            world.truth.command(&row);
            return None;
        }
        Some((row, slot.done))
    }

    /// The charge point starts again, unless it refuses.
    fn reset(&mut self, world: &mut World, at: Ms) {
        let accepted = self.dice.chance(850);
        let (status, outcome) = if accepted { ("Accepted", "done") } else { ("Rejected", "rejected") };
        let payload = match self.version {
            Version::V16 => *self.dice.pick(&[r#"{"type":"Soft"}"#, r#"{"type":"Hard"}"#]),
            Version::V201 => *self.dice.pick(&[r#"{"type":"Immediate"}"#, r#"{"type":"OnIdle"}"#]),
        };
        let command = Command { action: "Reset", payload, place: None, status, outcome };
        let Some((row, done)) = self.ask(world, at, &command) else {
            return;
        };
        world.truth.command(&row);
        if accepted {
            self.reset_marks = row.marks;
            let down = done + self.dice.between(SECOND, 10 * SECOND);
            let up = down + self.dice.between(20 * SECOND, 2 * MINUTE);
            self.online = false;
            self.outage = Some(Outage::Resume);
            self.dark_until = up;
            self.wire.event(&mut world.sink, down, Content::Close);
            self.agenda.add(up, Step::ResetUp);
        }
    }

    /// The charge point is back after a reset.
    pub(crate) fn reset_up(&mut self, world: &mut World, at: Ms) {
        self.outage = None;
        self.boot(world, at, "RemoteReset", false, &[]);
        self.reset_marks = Marks::default();
    }

    /// The arguments that name a connector.
    fn named(&self, place: usize) -> String {
        let track = &self.connectors[place].track;
        match self.version {
            Version::V16 => format!(r#""connectorId":{}"#, track.connector_id),
            Version::V201 => format!(r#""evse":{{"id":{},"connectorId":{}}}"#, track.evse_id, track.connector_id),
        }
    }

    fn unlock(&mut self, world: &mut World, place: usize, at: Ms) {
        let third = if self.version == Version::V16 {
            ("NotSupported", "not_supported")
        } else {
            ("UnknownConnector", "unknown")
        };
        let (status, outcome) =
            *self.dice.pick(&[("Unlocked", "unlocked"), ("Unlocked", "unlocked"), ("UnlockFailed", "failed"), third]);
        let track = &self.connectors[place].track;
        let payload = match self.version {
            Version::V16 => format!(r#"{{"connectorId":{}}}"#, track.connector_id),
            Version::V201 => format!(r#"{{"evseId":{},"connectorId":{}}}"#, track.evse_id, track.connector_id),
        };
        let command = Command { action: "UnlockConnector", payload: &payload, place: Some(place), status, outcome };
        if let Some((row, _)) = self.ask(world, at, &command) {
            world.truth.command(&row);
        }
    }

    /// The CSMS takes a connector out of service, for a while.
    fn inoperative(&mut self, world: &mut World, place: usize, at: Ms) {
        if self.change_availability(world, place, at, "Inoperative", "Unavailable") {
            self.agenda.add(at + self.dice.between(10 * MINUTE, HOUR), Step::Operative(place));
        }
    }

    /// The CSMS puts a connector into service again.
    pub(crate) fn operative(&mut self, world: &mut World, place: usize, at: Ms) {
        let done = self.is_calm() && self.change_availability(world, place, at, "Operative", "Available");
        if !done && self.connectors[place].track.now.0 == "Unavailable" {
            self.agenda.add(at + self.dice.between(6 * MINUTE, 20 * MINUTE), Step::Operative(place));
        }
    }

    /// Asks for another availability; true if the connector has it then.
    fn change_availability(
        &mut self,
        world: &mut World,
        place: usize,
        at: Ms,
        asked: &'static str,
        status: &'static str,
    ) -> bool {
        let key = if self.version == Version::V16 { "type" } else { "operationalStatus" };
        let payload = format!(r#"{{{},"{key}":"{asked}"}}"#, self.named(place));
        let command = Command {
            action: "ChangeAvailability",
            payload: &payload,
            place: Some(place),
            status: "Accepted",
            outcome: "done",
        };
        let Some((mut row, done)) = self.ask(world, at, &command) else {
            return false;
        };
        let before = self.connectors[place].track.reported;
        self.set_status(world, place, done + SECOND, (status, "NoError"));
        let track = &self.connectors[place].track;
        for kind in track.marks.kinds() {
            row.marks.add(*kind);
        }
        // A report that is lost leaves what the log was told last.
        let told = track.reported.or(before).map(|(word, _)| word);
        if told != Some(status) {
            row.outcome = "no_status";
        }
        world.truth.command(&row);
        true
    }

    /// The CSMS asks for a message.
    fn trigger(&mut self, world: &mut World, place: Option<usize>, at: Ms) {
        let place = place.filter(|_| self.dice.chance(500));
        let payload = match place {
            Some(place) => format!(r#"{{"requestedMessage":"StatusNotification",{}}}"#, self.named(place)),
            None => r#"{"requestedMessage":"Heartbeat"}"#.to_owned(),
        };
        let command =
            Command { action: "TriggerMessage", payload: &payload, place, status: "Accepted", outcome: "triggered" };
        let Some((row, done)) = self.ask(world, at, &command) else {
            return;
        };
        world.truth.command(&row);
        match place {
            Some(place) => {
                let status = self.connectors[place].track.now;
                self.repeat_status(world, place, status, done + SECOND);
            }
            None => self.live_sign(world, done + SECOND),
        }
    }

    /// The CSMS asks for a session, and nobody comes; or the charge point refuses.
    fn start_in_vain(&mut self, world: &mut World, place: usize, at: Ms) {
        let accepted = self.dice.chance(600);
        let (status, outcome) = if accepted { ("Accepted", "not_started") } else { ("Rejected", "rejected") };
        let number = self.dice.between(0x1000_0000, 0x7fff_ffff);
        let track = &self.connectors[place].track;
        let (action, payload) = match self.version {
            Version::V16 => (
                "RemoteStartTransaction",
                format!(r#"{{"connectorId":{},"idTag":"{number:08X}"}}"#, track.connector_id),
            ),
            Version::V201 => (
                "RequestStartTransaction",
                format!(
                    r#"{{"remoteStartId":{number},"idToken":{{"idToken":"{number:08X}","type":"ISO14443"}},"evseId":{}}}"#,
                    track.evse_id
                ),
            ),
        };
        let command = Command { action, payload: &payload, place: Some(place), status, outcome };
        if let Some((row, _)) = self.ask(world, at, &command) {
            world.truth.command(&row);
        }
    }

    /// A card is shown that is refused, or whose driver walks away.
    fn show_card(&mut self, world: &mut World, at: Ms, status: &'static str, outcome: &'static str) {
        let id_tag = format!("{:08X}", self.dice.between(0x1000_0000, 0xffff_ffff));
        let (payload, answer) = match self.version {
            Version::V16 => {
                (format!(r#"{{"idTag":"{id_tag}"}}"#), format!(r#"{{"idTagInfo":{{"status":"{status}"}}}}"#))
            }
            Version::V201 => {
                (crate::charge_point_v201::authorize(&id_tag), format!(r#"{{"idTokenInfo":{{"status":"{status}"}}}}"#))
            }
        };
        let slot = self.wire.slot(&mut self.dice, at);
        let id = self.wire.next_id(&mut self.dice);
        let call = (id.as_str(), "Authorize");
        self.wire.call(&mut world.sink, slot, call, &payload, Answer::Result(&answer), Tamper::default());
        world.truth.authorization(&self.card(slot.logged, &id_tag, status, Some(outcome)));
    }
}
