//! A transaction while it is put together.

use super::bill::Bill;
use super::row::Transaction;
use crate::event::{Sample, View};
use crate::flag::{Flag, Flags};
use crate::rebuild::{TimeSource, Timed};
use std::cell::Cell;

/// Sampled values of one message and time that belong to a session.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// When they were taken.
    pub time: Option<i64>,
    /// By which clock.
    pub source: Option<TimeSource>,
    /// The samples.
    pub samples: &'a [Sample],
}

/// What numbered events (2.x) tell beside the row's own columns.
#[derive(Clone, Debug, Default)]
pub struct Told<'a> {
    /// Whether there were such events.
    pub evented: bool,
    /// The charging states in their order: time, its clock, and the state as sent.
    pub states: Vec<(Timed, &'a str)>,
    /// How long energy flowed, by the last event that tells it: microseconds.
    pub time_spent_charging: Option<i64>,
    /// When the cable was plugged in.
    pub plugged_in: Option<i64>,
    /// When the token was authorised.
    pub authorized: Option<i64>,
    /// When the vehicle left.
    pub unplugged: Option<i64>,
    /// The latest time that an event tells.
    pub last_time: Option<i64>,
    /// Whether an event says that the CSMS stopped the charging.
    pub stopped_remotely: bool,
    /// Where it went on after an interruption: index of the event before, and of the one that says so.
    pub resumed: Vec<(usize, usize)>,
    /// What it cost.
    pub bill: Bill<'a>,
}

/// A transaction while it is put together.
#[derive(Clone, Debug, Default)]
pub struct Session<'a> {
    /// The row, as far as it is known.
    pub row: Transaction<'a>,
    /// Index of the event that began it.
    pub start_index: Option<usize>,
    /// Index of the event from which on the charge point could know the id.
    pub id_index: Option<usize>,
    /// Index of the event that ended it.
    pub stop_index: Option<usize>,
    /// Index of its last message in order of arrival.
    pub last_index: usize,
    /// Every id that was given to it.
    pub ids: Vec<&'a str>,
    /// When it began.
    pub start: Timed,
    /// When it ended.
    pub stop: Timed,
    /// Its sampled values, in order of arrival.
    pub readings: Vec<Reading<'a>>,
    /// The highest power that was offered, in W.
    pub offered: Option<f64>,
    /// What its events tell beside the row.
    pub told: Told<'a>,
}

impl<'a> Session<'a> {
    /// Whether a time that another event tells lies after the session's start: two times of the charge point are
    /// compared with each other, else the order of arrival decides (decision 4).
    #[must_use]
    pub fn begins_before(&self, other: Timed, index: usize) -> bool {
        match (self.start.source, other.source) {
            (Some(TimeSource::Payload), Some(TimeSource::Payload)) => self.start.time < other.time,
            _ => self.start_index.is_some_and(|start| start < index),
        }
    }

    /// Whether a reading was taken inside the session, as far as both clocks can be compared.
    #[must_use]
    pub fn covers(&self, time: Option<i64>, source: Option<TimeSource>) -> bool {
        let Some(time) = time else {
            return false;
        };
        let after_start = self.start.time.is_none_or(|start| self.start.source != source || start <= time);
        // An inferred end is told by the clock that told the start.
        let inferred = self.stop.source == Some(TimeSource::Inferred);
        let clock = if inferred { self.start.source } else { self.stop.source };
        let before_stop = self.stop.time.is_none_or(|stop| clock != source || time <= stop);
        after_start && before_stop
    }

    /// Adds flags that stand on the row.
    pub fn flag(&mut self, flags: impl IntoIterator<Item = Flag>) {
        let flags: Flags = flags.into_iter().collect();
        self.row.flags.extend(flags);
    }

    /// Notes that a message belongs to the session.
    pub fn touch(&mut self, index: usize, view: View<'a>) {
        if index >= self.last_index {
            self.last_index = index;
            self.row.last = view.position;
        }
    }
}

/// The sessions of every id that was given to one.
#[derive(Debug)]
pub struct Ids<'a> {
    /// By id, then in the order of the sessions.
    sorted: Vec<(&'a str, usize)>,
    /// The last one that was asked for: a transaction's samples follow each other.
    last: Cell<(usize, usize)>,
}

impl<'a> Ids<'a> {
    /// Looks at the ids of sessions.
    #[must_use]
    pub fn of(sessions: &[Session<'a>]) -> Self {
        let all = sessions.iter().enumerate();
        let mut sorted: Vec<_> = all.flat_map(|(at, session)| session.ids.iter().map(move |&id| (id, at))).collect();
        sorted.sort_unstable();
        // A session may have been told its id again.
        sorted.dedup();
        Self { sorted, last: Cell::new((0, 0)) }
    }

    /// The sessions of an id, and the id with each.
    pub fn get(&self, id: &str) -> &[(&'a str, usize)] {
        let (mut from, mut to) = self.last.get();
        if self.sorted[from..to].first().is_none_or(|known| known.0 != id) {
            from = self.sorted.partition_point(|known| known.0 < id);
            to = from + self.sorted[from..].partition_point(|known| known.0 == id);
            self.last.set((from, to));
        }
        &self.sorted[from..to]
    }
}
