//! One log of a source while it is scanned: its pieces, parsed in the pool and taken in their order.

use super::{Job, broken, task};
use crate::error::{Error, Result};
use crate::input::{Finished, Piece, Reading};
use crate::layout::{Layout, Tally};
use crate::pipeline::parse::{Parsed, Wish, oversized, parse};
use crate::pipeline::read::{Findings, count_rejects};
use crate::reject::{Reason, Reject};
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Reads the pieces of a log and gives each, parsed and in order, to `take`, with its length in bytes.
pub(super) fn pieces(
    job: &Job,
    reading: &mut Reading<'_>,
    layout: &Arc<Layout>,
    wish: Wish,
    mut take: impl FnMut(Parsed, usize) -> Result<ControlFlow<()>>,
) -> Result<ControlFlow<()>> {
    let most = job.pool.current_num_threads() * 2 + 2;
    let mut cutter = layout.cutter();
    let mut ahead = VecDeque::with_capacity(most);
    let mut ended = false;
    loop {
        while !ended && ahead.len() < most {
            let Some(piece) = reading.next_piece(|bytes, wanted, ended| cutter.cut(bytes, wanted, ended)) else {
                ended = true;
                break;
            };
            let layout = Arc::clone(layout);
            let length = if let Piece::Chunk(chunk) = &piece { chunk.bytes.len() } else { 0 };
            let parsed = task(&job.pool, move || match piece {
                Piece::Chunk(chunk) => parse(&layout, 0, &chunk, wish),
                Piece::Oversized { byte, length, sample } => oversized(0, byte, length, &sample),
            });
            ahead.push_back((parsed, length));
        }
        let Some((parsed, length)) = ahead.pop_front() else { return Ok(ControlFlow::Continue(())) };
        if job.progress.stopped() {
            return Err(Error::Cancelled);
        }
        if take(parsed.recv().map_err(|_| broken())?, length)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
}

/// What is wrong with a log, counted while it is read.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    found: Findings,
    tally: Tally,
    frames: usize,
}

impl Ledger {
    pub(super) fn add(&mut self, rejects: &[Reject]) {
        count_rejects(rejects, &mut self.found);
    }

    /// Counts a piece.
    pub(super) fn count(&mut self, chunk: &Parsed) {
        self.add(&chunk.rejects);
        self.tally.add(chunk.tally);
        self.frames += chunk.store.events.iter().filter(|event| !event.kind.is_connection()).count();
    }

    pub(super) fn into_findings(self) -> Findings {
        self.found
    }

    /// Counts what only the end tells.
    pub(super) fn close(mut self, layout: &Layout, finished: &Finished) -> Findings {
        let text = self.tally.lines > self.tally.blank;
        let silent = self.frames == 0 && text && self.found.is_empty();
        let mut more = |reason: Reason| *self.found.entry(reason.as_str()).or_default() += 1;
        if silent {
            more(Reason::NoFrames);
        }
        if self.frames > 0 && layout.is_array() && !self.tally.closed {
            more(Reason::JsonTruncated);
        }
        self.add(&finished.rejects);
        self.found
    }
}
