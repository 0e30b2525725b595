//! One log, settled while it is read: a piece waits until nothing behind it can change what it says.

use super::query::Needs;
use crate::layout::Layout;
use crate::options::ReadOptions;
use crate::pipeline::parse::Parsed;
use crate::pipeline::read::chunk_bytes;
use crate::pipeline::settle::{Contexts, Lines, Naming, observe, set_times};
use crate::pipeline::stamps::{Clock, Stamps};
use crate::pipeline::twins::Said;
use crate::pipeline::ways::Votes;
use std::sync::Arc;

/// How many pieces of a log may wait, about.
const PATIENCE: usize = 16;

/// What a log tells as a whole.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    votes: Votes,
    stamps: Stamps,
    /// What it says, if it tells no time of its own.
    said: Option<Said>,
}

impl Facts {
    /// Nothing yet. `twins` asks for what the log says.
    fn new(name: &str, twins: bool, options: &ReadOptions) -> Self {
        Self { votes: Votes::default(), stamps: Stamps::new(options.timezone, name), said: twins.then(Said::default) }
    }

    fn learn(&mut self, chunk: &Parsed) {
        self.votes.count(chunk);
        observe(&mut self.stamps, chunk);
        // A log with times is no copy of another one.
        self.said = self.said.take().filter(|_| !self.stamps.any_instant());
        if let Some(said) = &mut self.said {
            said.add(chunk);
        }
    }

    /// Whether what is known suffices for the records so far, whatever comes behind them.
    fn suffice(&self, needs: Needs) -> bool {
        self.said.is_none() && (!needs.ways || self.votes.is_settled()) && (!needs.times || self.stamps.is_settled())
    }

    /// What must not be said twice, once all is known.
    pub(super) fn twin(&self) -> Option<u128> {
        self.said.as_ref().and_then(Said::key)
    }
}

/// Settles the pieces of one log, in their order.
pub(super) struct Settler<'o> {
    options: &'o ReadOptions,
    layout: Arc<Layout>,
    needs: Needs,
    lines: Lines,
    contexts: Contexts,
    naming: Naming,
    facts: Facts,
    /// Whether the facts are those of the whole log.
    complete: bool,
    clock: Option<Clock>,
    waiting: Vec<Parsed>,
    bytes: usize,
}

impl<'o> Settler<'o> {
    pub(super) fn new(
        layout: &Arc<Layout>,
        (name, stem): (&str, &str),
        twins: bool,
        needs: Needs,
        options: &'o ReadOptions,
    ) -> Self {
        Self {
            options,
            layout: Arc::clone(layout),
            needs,
            lines: Lines::default(),
            contexts: Contexts::default(),
            naming: Naming::new(layout, name, stem, options),
            facts: Facts::new(name, twins, options),
            complete: false,
            clock: None,
            waiting: Vec::new(),
            bytes: 0,
        }
    }

    /// Knows what a first reading found.
    pub(super) fn knowing(mut self, facts: Facts) -> Self {
        self.facts = facts;
        self.complete = true;
        self
    }

    /// Takes the next piece and gives those that are settled.
    pub(super) fn take(&mut self, mut chunk: Parsed, bytes: usize) -> Vec<Parsed> {
        self.prepare(&mut chunk);
        self.waiting.push(chunk);
        self.bytes += bytes;
        if self.complete || self.facts.suffice(self.needs) { self.release() } else { Vec::new() }
    }

    /// Whether more waits than may.
    pub(super) fn is_over(&self) -> bool {
        self.bytes > PATIENCE * chunk_bytes(self.options)
    }

    /// Looks at the next piece and forgets it, and those that wait.
    pub(super) fn look(&mut self, mut chunk: Parsed) {
        self.waiting.clear();
        self.prepare(&mut chunk);
    }

    /// What the log tells as a whole, when its end was seen.
    pub(super) fn facts(self) -> Facts {
        self.facts
    }

    /// What must not be said twice, if there are no more pieces and nobody knows yet.
    pub(super) fn twin(&self) -> Option<u128> {
        if self.complete { None } else { self.facts.twin() }
    }

    /// There are no more pieces: gives those that wait, and what must not be said twice.
    pub(super) fn end(&mut self) -> (Vec<Parsed>, Option<u128>) {
        let twin = self.twin();
        self.complete = true;
        (self.release(), twin)
    }

    fn prepare(&mut self, chunk: &mut Parsed) {
        self.lines.number(0, chunk);
        self.contexts.apply(chunk);
        self.naming.apply(chunk);
        if !self.complete {
            self.facts.learn(chunk);
        }
    }

    fn release(&mut self) -> Vec<Parsed> {
        let ways = self.facts.votes.decide(&self.layout, self.options);
        if self.clock.is_none() && (self.complete || self.facts.stamps.any_open()) && self.needs.times {
            self.clock = Some(self.facts.stamps.clock());
        }
        if let Some(clock) = &mut self.clock {
            clock.learn(&self.facts.stamps);
        }
        self.bytes = 0;
        let mut chunks = std::mem::take(&mut self.waiting);
        for chunk in &mut chunks {
            if self.needs.ways {
                ways.apply(chunk);
            }
            if let Some(clock) = &mut self.clock {
                set_times(clock, chunk);
            }
        }
        chunks
    }
}
