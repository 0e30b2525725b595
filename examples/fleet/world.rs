//! What the charge points share: the log, the truth, the CSMS's counter.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::clock::Ms;
use crate::disturbance::Weather;
use crate::model::Step;
use crate::sink::Sink;
use crate::truth::Truth;

/// Everything outside of the charge points.
pub(crate) struct World {
    /// The log.
    pub(crate) sink: Sink,
    /// The truth about it.
    pub(crate) truth: Truth,
    /// How much is disturbed.
    pub(crate) weather: Weather,
    /// Whether the CSMS asks for more than charging.
    pub(crate) commands: bool,
    /// The last transactionId that the CSMS handed out.
    pub(crate) last_transaction_id: i64,
    /// The end of the simulation, where it is known from the start.
    pub(crate) end: Option<Ms>,
}

/// What one charge point is going to do, earliest first.
#[derive(Default)]
pub(crate) struct Agenda {
    entries: BinaryHeap<Reverse<(Ms, u64, Step)>>,
    added: u64,
}

impl Agenda {
    /// Plans a step.
    pub(crate) fn add(&mut self, at: Ms, step: Step) {
        self.added += 1;
        self.entries.push(Reverse((at, self.added, step)));
    }

    /// The time of the next step.
    pub(crate) fn next_at(&self) -> Option<Ms> {
        self.entries.peek().map(|Reverse((at, ..))| *at)
    }

    /// Takes the next step.
    pub(crate) fn take(&mut self) -> Option<(Ms, Step)> {
        self.entries.pop().map(|Reverse((at, _, step))| (at, step))
    }
}
