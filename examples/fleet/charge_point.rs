//! A charge point: its parts, its agenda, and how its life begins and ends.

use std::collections::{BTreeMap, VecDeque};

use crate::clock::{DAY, HOUR, LOG_START, MINUTE, Ms, SECOND};
use crate::dice::Dice;
use crate::disturbance::{Disturbance, Marks, Scope};
use crate::firmware::{Job, Release};
use crate::model::{Act, Session};
use crate::model::{Ambient, Connector, Phase, Step, Track, TxMessage};
use crate::power::Outage;
use crate::traits::{PayloadClock, Traits, Version};
use crate::truth::TransactionRow;
use crate::wire::{IdStyle, Wire};
use crate::world::{Agenda, World};

/// Seconds between heartbeats.
pub(crate) const INTERVAL_SECONDS: i64 = 900;

/// One simulated charge point.
pub(crate) struct ChargePoint {
    pub(crate) name: String,
    pub(crate) version: Version,
    pub(crate) traits: Traits,
    pub(crate) dice: Dice,
    pub(crate) wire: Wire,
    pub(crate) agenda: Agenda,
    pub(crate) connectors: Vec<Connector>,
    /// Connector 0, which only 1.6 has.
    pub(crate) main: Option<Track>,
    pub(crate) sessions: BTreeMap<u64, Session>,
    pub(crate) next_session: u64,
    /// Messages of transactions that wait for the connection.
    pub(crate) queue: VecDeque<TxMessage>,
    pub(crate) online: bool,
    /// Without power until then.
    pub(crate) dark_until: Ms,
    pub(crate) outage: Option<Outage>,
    pub(crate) clock: PayloadClock,
    pub(crate) ambient: Vec<Ambient>,
    pub(crate) release: Release,
    /// The release that the last boot told.
    pub(crate) told_release: Option<Release>,
    pub(crate) job: Option<Job>,
    /// A finished update whose outcome a later boot, or silence, still decides.
    pub(crate) pending_job: Option<Job>,
    /// No more updates: the last one never came to an end.
    pub(crate) firmware_stuck: bool,
    pub(crate) next_request_id: i64,
    /// What befell the reset that is under way.
    pub(crate) reset_marks: Marks,
    /// The last transaction row, held back since its id may be handed out again.
    pub(crate) last_row: Option<TransactionRow>,
}

impl ChargePoint {
    /// Draws the charge point `number`, and plans the begin of its life.
    pub(crate) fn new(world: &World, seed: u64, number: u32, version: Version) -> Self {
        let mut dice = Dice::new(seed, u64::from(number) + 1);
        let traits = Traits::draw(&mut dice, number);
        let count = dice.between(1, 2);
        let connectors: Vec<Connector> = (1..=count)
            .map(|place| {
                let connector = if version == Version::V16 { place } else { 1 };
                Connector::new(place, connector, dice.between(10_000, 5_000_000), LOG_START)
            })
            .collect();
        let ids =
            if dice.chance(500) { IdStyle::Uuid } else { IdStyle::Counter(dice.between(1_000, 2_000_000) as u64) };
        let release = Release::draw(&mut dice);
        let main = (version == Version::V16).then(|| Connector::new(0, 0, 0, LOG_START).track);
        let mut charge_point = Self {
            name: name(number),
            version,
            traits,
            wire: Wire::new(number, ids),
            agenda: Agenda::default(),
            connectors,
            main,
            sessions: BTreeMap::new(),
            next_session: 0,
            queue: VecDeque::new(),
            online: true,
            dark_until: 0,
            outage: None,
            clock: PayloadClock::Right,
            ambient: Vec::new(),
            release,
            told_release: None,
            job: None,
            pending_job: None,
            firmware_stuck: false,
            next_request_id: dice.between(1, 500),
            reset_marks: Marks::default(),
            last_row: None,
            dice,
        };
        charge_point.plan_life(world);
        charge_point
    }

    /// Plans the first steps.
    fn plan_life(&mut self, world: &World) {
        let begin = LOG_START + self.dice.between(SECOND, 10 * MINUTE);
        let busy = world.weather.draw(&mut self.dice, Scope::LogStart).is_some();
        if busy {
            self.begin_in_session();
            self.agenda.add(begin, Step::Heartbeat);
        } else {
            self.agenda.add(begin, Step::FirstBoot);
            self.agenda.add(begin + INTERVAL_SECONDS * SECOND, Step::Heartbeat);
        }
        for place in 0..self.connectors.len() {
            if self.connectors[place].session.is_none() {
                let at = begin + self.dice.between(2 * MINUTE, 5 * HOUR);
                self.agenda.add(at, Step::PlugIn(place));
            }
            let at = begin + self.dice.between(4 * HOUR, 6 * DAY);
            self.agenda.add(at, Step::Fault(place));
        }
        if world.commands {
            self.agenda.add(begin + self.dice.between(20 * MINUTE, 3 * HOUR), Step::Command);
        }
        let due = LOG_START + self.dice.between(3 * HOUR, 4 * DAY);
        self.agenda.add(due, Step::FirmwareDue);
        if let Some(end) = world.end
            && self.dice.chance(100)
        {
            let at = end - self.dice.between(2 * MINUTE, 12 * MINUTE);
            self.agenda.add(at, Step::FirmwareDue);
        }
    }

    /// The log begins in the middle of a session on the first connector.
    fn begin_in_session(&mut self) {
        let start = LOG_START - self.dice.between(10 * MINUTE, 3 * HOUR);
        let key = self.new_session(0, None);
        let power_w = self.sessions[&key].power_w;
        let connector = &mut self.connectors[0];
        connector.track.now = match self.version {
            Version::V16 => ("Charging", "NoError"),
            Version::V201 => ("Occupied", "NoError"),
        };
        connector.set_power(start, 0);
        let register = connector.register_wh(start);
        let lifetime = connector.lifetime_wh(start);
        connector.set_power(start, power_w);
        for connector in &mut self.connectors {
            connector.track.since = start;
            connector.track.marks.add(Disturbance::StopOnly);
        }
        if let Some(main) = &mut self.main {
            main.since = start;
            main.marks.add(Disturbance::StopOnly);
        }
        let transaction_id = match self.version {
            Version::V16 => self.dice.between(100, 9_999).to_string(),
            Version::V201 => self.dice.uuid(),
        };
        let interval = self.traits.sample_interval;
        let passed = (LOG_START - start) / interval;
        let Some(session) = self.sessions.get_mut(&key) else {
            return;
        };
        session.marks.add(Disturbance::StopOnly);
        session.phase = Phase::Running;
        session.start_at = start;
        session.meter_start_wh = register;
        session.lifetime_start_wh = lifetime;
        session.wire_id.clone_from(&transaction_id);
        session.transaction_id = Some(transaction_id);
        session.seq_no = passed + 3;
        let stop = LOG_START + session.duration;
        self.agenda.add(start + (passed + 1) * interval, Step::Session(key, Act::Sample));
        self.agenda.add(stop, Step::Session(key, Act::Stop));
    }

    /// The time of the next step.
    pub(crate) fn next_at(&self) -> Option<Ms> {
        self.agenda.next_at()
    }

    /// Does the next step.
    pub(crate) fn step(&mut self, world: &mut World) {
        let Some((at, step)) = self.agenda.take() else {
            return;
        };
        if at < self.dark_until && !matches!(step, Step::PowerOn | Step::ResetUp) {
            let later = self.dark_until + self.dice.between(15 * SECOND, MINUTE);
            self.agenda.add(later, step);
            return;
        }
        self.ambient.retain(|ambient| ambient.until > at);
        match step {
            Step::FirstBoot => self.first_boot(world, at),
            Step::Heartbeat => self.heartbeat(world, at),
            Step::PlugIn(place) => self.plug_in(world, place, at),
            Step::Session(key, act) => self.act(world, key, act, at),
            Step::RepeatStatus(place, status) => self.repeat_status(world, place, status, at),
            Step::Fault(place) => self.fault(world, place, at),
            Step::Repair(place) => self.set_status(world, place, at, ("Available", "NoError")),
            Step::PowerOn => self.power_on(world, at),
            Step::Reconnect(boots) => self.reconnect(world, at, boots),
            Step::FirmwareDue => self.firmware_due(world, at),
            Step::Firmware => self.firmware_step(world, at),
            Step::Command => self.command_due(world, at),
            Step::ResetUp => self.reset_up(world, at),
            Step::Operative(place) => self.operative(world, place, at),
        }
    }

    /// A disturbance of the whole charge point begins: everything that is alive is touched.
    pub(crate) fn begin_ambient(&mut self, kind: Disturbance, until: Ms) {
        self.ambient.push(Ambient { kind, until });
        for session in self.sessions.values_mut() {
            if matches!(session.phase, Phase::Plugged | Phase::Running | Phase::Stopped) {
                session.marks.add(kind);
            }
        }
        for connector in &mut self.connectors {
            connector.track.marks.add(kind);
        }
        if let Some(main) = &mut self.main {
            main.marks.add(kind);
        }
        for job in self.job.iter_mut().chain(&mut self.pending_job) {
            job.row.marks.add(kind);
        }
    }

    /// The marks of a fact that begins now.
    pub(crate) fn ambient_marks(&self) -> Marks {
        let mut marks = Marks::default();
        for ambient in &self.ambient {
            marks.add(ambient.kind);
        }
        marks
    }

    /// Whether nothing unusual is going on.
    pub(crate) fn is_calm(&self) -> bool {
        self.online && self.ambient.is_empty() && self.job.is_none() && self.outage.is_none()
    }

    /// The simulation ends: writes the truth of all that is still going on.
    pub(crate) fn finish(&mut self, world: &mut World, end: Ms) {
        let keys: Vec<u64> = self.sessions.keys().copied().collect();
        for key in keys {
            self.write_transaction(world, key, false);
        }
        if let Some(row) = self.last_row.take() {
            world.truth.transaction(&row);
        }
        for place in 0..self.connectors.len() {
            self.write_status(world, Some(place), None);
        }
        if self.main.is_some() {
            self.write_status(world, None, None);
        }
        self.finish_firmware(world, end);
        for absence in self.wire.absences() {
            world.truth.absence(&self.name, absence);
        }
    }
}

/// The identity of charge point `number`, counted from 0.
pub(crate) fn name(number: u32) -> String {
    format!("CP{:04}", number + 1)
}
