//! Rows of one table, piece by piece: what `parse` gives, in the order of the sources and in flat memory.
//!
//! ```text
//! read a piece ─▶ parse it (pool) ─▶ settle it, in order ─▶ drop events, build columns (pool) ─▶ hand over, in order
//! ```
//!
//! A thread of its own reads and settles; the pool does what is dear. Everything in between has a bounded length, so
//! whoever takes no rows stops the reading.

mod part;
mod query;
mod settler;
mod unit;

pub use query::{Keep, Query, Span};

use super::Progress;
use super::read::{Findings, message_folder, named_layout, pool};
use crate::error::{Error, Result};
use crate::input::{Input, Source, discover};
use crate::layout::Layout;
use crate::options::ReadOptions;
use arrow_array::RecordBatch;
use rayon::ThreadPool;
use std::collections::{BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use unit::Unit;

/// How many batches wait for whoever takes them.
const READY: usize = 2;

/// What a scan is to do.
#[derive(Debug)]
struct Job {
    options: ReadOptions,
    query: Query,
    layout: Option<Layout>,
    progress: Arc<Progress>,
    pool: ThreadPool,
    /// Whether there are other sources, which may hold the same messages.
    many: bool,
}

/// What comes next of a scan.
#[derive(Debug)]
pub enum Next {
    /// Some rows.
    Batch(RecordBatch),
    /// Nothing yet.
    Waiting,
    /// No more rows.
    End,
}

/// A scan that is running. Who drops it stops it.
#[derive(Debug)]
pub struct Scan {
    batches: Option<Receiver<Result<RecordBatch>>>,
    worker: Option<JoinHandle<()>>,
    progress: Arc<Progress>,
    findings: Arc<Mutex<Findings>>,
}

/// Begins to scan sources; each of them must be one that can be read again.
///
/// # Errors
/// If an option cannot be used, or a named file does not exist.
pub fn scan(inputs: Vec<Input>, options: ReadOptions, query: Query, progress: Arc<Progress>) -> Result<Scan> {
    let layout = named_layout(&options)?;
    let sources = discover(inputs)?;
    let pool = pool(options.thread_count())?;
    let job = Arc::new(Job { options, query, layout, progress: Arc::clone(&progress), pool, many: sources.len() > 1 });
    let (sender, batches) = sync_channel(READY);
    let findings = Arc::new(Mutex::new(Findings::new()));
    let told = Arc::clone(&findings);
    let worker = std::thread::Builder::new()
        .name("ocpplog-scan".to_owned())
        .spawn(move || {
            let mut out = Out::new(sender, &job);
            let done = catch_unwind(AssertUnwindSafe(|| run(&job, sources, &mut out, &told)))
                .unwrap_or_else(|_| Err(broken()));
            if let Err(error) = done {
                // Nobody listens any more only if nobody wants to know.
                let _ = out.sender.send(Err(error));
            }
        })
        .map_err(|cause| Error::Internal(cause.to_string()))?;
    Ok(Scan { batches: Some(batches), worker: Some(worker), progress, findings })
}

/// Looks whether sources can be scanned.
///
/// # Errors
/// As [`scan`].
pub fn check(inputs: Vec<Input>, options: &ReadOptions) -> Result<()> {
    named_layout(options)?;
    discover(inputs).map(drop)
}

impl Scan {
    /// The next rows, if there are any within `patience`.
    ///
    /// # Errors
    /// If a named file cannot be read, or the scan was stopped.
    pub fn next(&self, patience: Duration) -> Result<Next> {
        let Some(batches) = &self.batches else { return Ok(Next::End) };
        match batches.recv_timeout(patience) {
            Ok(batch) => batch.map(Next::Batch),
            Err(RecvTimeoutError::Timeout) => Ok(Next::Waiting),
            Err(RecvTimeoutError::Disconnected) => Ok(Next::End),
        }
    }

    /// What was found wrong with the sources that were read to their end.
    #[must_use]
    pub fn findings(&self) -> Findings {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Scan {
    fn drop(&mut self) {
        self.progress.stop();
        // Whoever waits to hand over rows goes on only when nobody can take them.
        self.batches = None;
        if let Some(worker) = self.worker.take() {
            // What went wrong with it nobody wants to know any more.
            let _ = worker.join();
        }
    }
}

fn broken() -> Error {
    Error::Internal("a worker of the scan is gone".to_owned())
}

fn run(job: &Arc<Job>, sources: Vec<Source>, out: &mut Out, findings: &Mutex<Findings>) -> Result<()> {
    let mut twins: BTreeSet<u128> = BTreeSet::new();
    for sources in units(sources) {
        if out.is_full() {
            return Ok(());
        }
        let found = Unit::new(job, out, &mut twins).read(&sources)?;
        let mut all = findings.lock().unwrap_or_else(PoisonError::into_inner);
        for (reason, count) in found {
            *all.entry(reason).or_default() += count;
        }
    }
    while out.hand()? {}
    Ok(())
}

/// Sources that are settled together: each by itself, but the message files of one folder as one.
fn units(sources: Vec<Source>) -> Vec<Vec<Source>> {
    let mut units: Vec<Vec<Source>> = Vec::new();
    for source in sources {
        let folder = message_folder(&source.name);
        match units.last_mut() {
            Some(unit) if folder.is_some() && unit.iter().all(|first| message_folder(&first.name) == folder) => {
                unit.push(source);
            }
            _ => units.push(vec![source]),
        }
    }
    units
}

/// The way out: batches in the order of their pieces, and no more of them than are wanted.
#[derive(Debug)]
struct Out {
    sender: SyncSender<Result<RecordBatch>>,
    /// What is being built.
    building: VecDeque<Receiver<Result<RecordBatch>>>,
    most_building: usize,
    left: Option<u64>,
    gone: bool,
}

impl Out {
    fn new(sender: SyncSender<Result<RecordBatch>>, job: &Job) -> Self {
        let left = job.query.limit;
        // Whoever wants a few rows does not wait for more.
        let most_building = if left.is_some() { 0 } else { job.pool.current_num_threads() + 1 };
        Self { sender, building: VecDeque::new(), most_building, left, gone: false }
    }

    /// Whether nobody wants more rows.
    fn is_full(&self) -> bool {
        self.gone || self.left == Some(0)
    }

    /// Has `build` work in the pool and its rows handed over when it is their turn.
    fn push(&mut self, pool: &ThreadPool, build: impl FnOnce() -> Result<RecordBatch> + Send + 'static) -> Result<()> {
        self.building.push_back(task(pool, build));
        while self.building.len() > self.most_building {
            self.hand()?;
        }
        Ok(())
    }

    /// Hands over the next batch; false if there is none.
    fn hand(&mut self) -> Result<bool> {
        let Some(next) = self.building.pop_front() else { return Ok(false) };
        let mut batch = next.recv().map_err(|_| broken())??;
        if let Some(left) = &mut self.left {
            batch = batch.slice(0, batch.num_rows().min(usize::try_from(*left).unwrap_or(usize::MAX)));
            *left -= batch.num_rows() as u64;
        }
        if batch.num_rows() > 0 && !self.gone {
            self.gone = self.sender.send(Ok(batch)).is_err();
        }
        Ok(true)
    }
}

/// Has `work` done in the pool. Nothing comes back if it panics.
fn task<T: Send + 'static>(pool: &ThreadPool, work: impl FnOnce() -> T + Send + 'static) -> Receiver<T> {
    let (sender, receiver) = channel();
    pool.spawn(move || {
        if let Ok(done) = catch_unwind(AssertUnwindSafe(work)) {
            // Nobody waits for it if the scan was stopped.
            let _ = sender.send(done);
        }
    });
    receiver
}
