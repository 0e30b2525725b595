//! The sources that are settled together, read as often as it takes: once where what a piece says is told by what stands
//! before it, twice where only the end tells it.

use super::part::{Ledger, pieces};
use super::settler::{Facts, Settler};
use super::{Job, Out};
use crate::error::{Error, Result};
use crate::input::{Item, Source, natural_order};
use crate::layout::{Layout, file_name};
use crate::pipeline::parse::{Parsed, Wish};
use crate::pipeline::read::{Findings, Open, layout_of, message_folder, opening, series, settle_series};
use crate::pipeline::twins::Said;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

/// What is known of a log from an earlier reading.
#[derive(Debug, Default)]
struct Known {
    done: bool,
    /// Whether it is known to be no copy.
    judged: bool,
    /// How many of its events were handed over.
    told: usize,
    how: How,
}

/// How a log is read.
#[derive(Debug, Default)]
enum How {
    /// Piece by piece, as far as that goes.
    #[default]
    Once,
    /// Piece by piece, knowing what a first reading found.
    Knowing(Box<Facts>),
    /// All of it is kept until its end: envelopes whose answers name nobody, and the copies of a second logger.
    Whole,
}

/// A log that is at hand: its place among those of the unit, and how it is written.
struct Log {
    place: usize,
    name: String,
    stem: String,
    layout: Arc<Layout>,
    wish: Wish,
    is_member: bool,
}

/// Reads the sources of a unit.
pub(super) struct Unit<'j> {
    job: &'j Arc<Job>,
    out: &'j mut Out,
    /// What sources without times said.
    twins: &'j mut BTreeSet<u128>,
    known: Vec<Known>,
    /// The logs of this reading: those that are one message of a series keep their pieces.
    opened: Vec<Open>,
    /// Whether this reading only looks, since an earlier log of the unit must be read again first.
    looking: bool,
    findings: Findings,
}

impl<'j> Unit<'j> {
    pub(super) fn new(job: &'j Arc<Job>, out: &'j mut Out, twins: &'j mut BTreeSet<u128>) -> Self {
        let (known, opened, findings) = (Vec::new(), Vec::new(), Findings::new());
        Self { job, out, twins, known, opened, looking: false, findings }
    }

    /// Hands over the rows of the sources and gives what is wrong with them.
    pub(super) fn read(mut self, sources: &[Source]) -> Result<Findings> {
        let opening = opening(&self.job.options);
        loop {
            self.tell_twins();
            self.opened.clear();
            self.looking = false;
            let mut place = 0;
            for source in sources {
                let again =
                    source.again().ok_or_else(|| Error::Internal("a source cannot be read again".to_owned()))?;
                let mut failed = Ok(());
                let mut take = |item: Item<'_>| {
                    failed = self.item(item, place, &source.name);
                    place += 1;
                    failed.is_ok() && !self.out.is_full() && !self.job.progress.stopped()
                };
                again.visit(opening, &mut take)?;
                failed?;
                self.job.progress.check()?;
            }
            if self.out.is_full() {
                return Ok(self.findings);
            }
            if !self.looking {
                self.series()?;
                return Ok(self.findings);
            }
        }
    }

    /// Tells the copies among the logs that were looked at, in the natural order of their names.
    fn tell_twins(&mut self) {
        let mut places: Vec<usize> = (0..self.opened.len()).collect();
        places.sort_by(|&left, &right| natural_order(&self.opened[left].name, &self.opened[right].name));
        for place in places {
            if let Known { how: How::Knowing(facts), done, judged, .. } = &mut self.known[place]
                && !std::mem::replace(judged, true)
            {
                *done = facts.twin().is_some_and(|key| !self.twins.insert(key));
            }
        }
    }

    fn item(&mut self, item: Item<'_>, place: usize, source: &str) -> Result<()> {
        let Item { name, stem, mut reading } = item;
        if self.known.len() <= place {
            self.known.push(Known::default());
        }
        let layout = Arc::new(layout_of(self.job.layout.as_ref(), &self.job.options, reading.sample(), &name));
        let is_member = name != source;
        let wish = Wish {
            keep_payload: self.job.query.needs.payloads,
            version: self.job.options.version,
            override_id: self.job.options.override_id,
            canonical: self.job.many || is_member,
            named: file_name(&name),
        };
        let of_series = message_folder(&name).is_some();
        self.opened.push(Open {
            name: name.clone(),
            stem: stem.clone(),
            layout: Arc::clone(&layout),
            chunks: Vec::new(),
            finished: None,
        });
        if self.known[place].done || (self.looking && of_series) {
            return Ok(());
        }
        let job = self.job;
        let log = Log { place, name, stem, layout: Arc::clone(&layout), wish, is_member };
        let whole = of_series || (matches!(self.known[place].how, How::Whole) && !self.looking);
        if whole {
            let mut chunks = Vec::new();
            let _ = pieces(job, &mut reading, &layout, wish, |chunk, _| {
                chunks.push((chunks.len(), chunk));
                Ok(ControlFlow::Continue(()))
            })?;
            let open = &mut self.opened[place];
            (open.chunks, open.finished) = (chunks, Some(reading.finish()));
            return if of_series { Ok(()) } else { self.whole(place) };
        }
        if matches!(self.known[place].how, How::Whole) {
            return Ok(());
        }
        self.stream(&log, reading)
    }

    /// Reads a log piece by piece.
    fn stream(&mut self, log: &Log, mut reading: crate::input::Reading<'_>) -> Result<()> {
        let job = self.job;
        let known = std::mem::take(&mut self.known[log.place].how);
        let twins = log.wish.canonical;
        let mut settler = Settler::new(&log.layout, (&log.name, &log.stem), twins, job.query.needs, &job.options);
        let mut looking = self.looking;
        if let How::Knowing(facts) = &known {
            if looking {
                self.known[log.place].how = known;
                return Ok(());
            }
            settler = settler.knowing(facts.as_ref().clone());
        }
        let names: Arc<[String]> = Arc::from([log.name.clone()]);
        let mut ledger = Ledger::default();
        let mut skip = self.known[log.place].told;
        let mut kept: Option<Vec<(usize, Parsed)>> = None;
        let mut first = true;
        let mut late = false;
        let flow = pieces(job, &mut reading, &log.layout, log.wish, |chunk, bytes| {
            if let Some(kept) = &mut kept {
                kept.push((kept.len(), chunk));
                return Ok(ControlFlow::Continue(()));
            }
            if !chunk.soap.is_empty() || chunk.loose.iter().any(|loose| loose.copy) {
                if first && !looking {
                    kept = Some(vec![(0, chunk)]);
                    return Ok(ControlFlow::Continue(()));
                }
                late = true;
                return Ok(ControlFlow::Break(()));
            }
            first = false;
            if looking {
                settler.look(chunk);
                return Ok(ControlFlow::Continue(()));
            }
            for chunk in settler.take(chunk, bytes) {
                ledger.count(&chunk);
                self.hand(log.place, chunk, &names, &mut skip)?;
            }
            looking = settler.is_over();
            Ok(if self.out.is_full() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        if late {
            self.known[log.place].how = How::Whole;
            self.looking = true;
            return Ok(());
        }
        if flow.is_break() {
            return Ok(());
        }
        if let Some(chunks) = kept {
            let open = &mut self.opened[log.place];
            (open.chunks, open.finished) = (chunks, Some(reading.finish()));
            return self.whole(log.place);
        }
        if looking {
            self.known[log.place].how = How::Knowing(Box::new(settler.facts()));
            self.looking = true;
            return Ok(());
        }
        if log.is_member && settler.twin().is_some() {
            // Which one of two is the copy is told by their names, and members come in any order.
            self.known[log.place].how = How::Knowing(Box::new(settler.facts()));
            self.looking = true;
            return Ok(());
        }
        let (rest, twin) = settler.end();
        let twin = twin.is_some_and(|key| !self.twins.insert(key));
        for chunk in rest {
            ledger.count(&chunk);
            if !twin {
                self.hand(log.place, chunk, &names, &mut skip)?;
            }
        }
        self.known[log.place].done = true;
        self.note(ledger.close(&log.layout, &reading.finish()));
        Ok(())
    }

    /// Settles a log of which all is at hand.
    fn whole(&mut self, place: usize) -> Result<()> {
        let open = &mut self.opened[place];
        let (layout, chunks) = (Arc::clone(&open.layout), std::mem::take(&mut open.chunks));
        let (name, stem, finished) = (open.name.clone(), open.stem.clone(), open.finished.take());
        let skip = self.known[place].told;
        self.together(vec![Open { name, stem, layout, chunks, finished }], skip)?;
        self.known[place].done = true;
        Ok(())
    }

    /// Settles the messages that lie in files of their own.
    fn series(&mut self) -> Result<()> {
        let mut opened = std::mem::take(&mut self.opened);
        opened.sort_by(|left, right| natural_order(&left.name, &right.name));
        for (_, opened) in series(opened) {
            if opened.iter().any(|open| message_folder(&open.name).is_some()) {
                self.together(opened, 0)?;
            }
        }
        Ok(())
    }

    /// Settles logs that are one and hands over their rows, but for the first `skip` events.
    fn together(&mut self, opened: Vec<Open>, mut skip: usize) -> Result<()> {
        let job = self.job;
        let names: Arc<[String]> = opened.iter().map(|open| open.name.clone()).collect();
        for (chunks, account, rejects) in job.pool.install(|| settle_series(0, opened, &job.options)) {
            let mut ledger = Ledger::default();
            ledger.add(&rejects);
            let mut said = Said::default();
            if account.first_log_time.is_none() {
                for chunk in &chunks {
                    said.add(chunk);
                }
            }
            let twin = said.key().is_some_and(|key| !self.twins.insert(key));
            for chunk in chunks {
                ledger.add(&chunk.rejects);
                if !twin {
                    self.hand(usize::MAX, chunk, &names, &mut skip)?;
                }
            }
            self.note(ledger.into_findings());
        }
        Ok(())
    }

    /// Hands over the rows of a piece, but for those of the `skip` first events.
    fn hand(&mut self, place: usize, chunk: Parsed, names: &Arc<[String]>, skip: &mut usize) -> Result<()> {
        let events = chunk.store.events.len();
        let passed = (*skip).min(events);
        *skip -= passed;
        if let Some(known) = self.known.get_mut(place) {
            known.told += events - passed;
        }
        if passed == events || self.out.is_full() {
            return Ok(());
        }
        let (job, names) = (Arc::clone(self.job), Arc::clone(names));
        self.out.push(&self.job.pool, move || {
            job.query.rows(&chunk, passed, &job.options, &names).map_err(|cause| Error::Internal(cause.to_string()))
        })
    }

    fn note(&mut self, found: Findings) {
        for (reason, count) in found {
            *self.findings.entry(reason).or_default() += count;
        }
    }
}
