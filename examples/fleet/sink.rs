//! The log file: takes lines that lie a little in the future, writes them in the order of time.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::args::LayoutName;
use crate::clock::Ms;
use crate::dice::Dice;
use crate::layout::{Content, Line, push_line, push_noise};

/// A line that waits for its time.
struct Waiting {
    /// The line.
    line: Line,
    /// Order of arrival, for lines of equal time.
    order: u64,
}

impl Waiting {
    /// Time, then arrival.
    fn key(&self) -> (Ms, u64) {
        (self.line.at, self.order)
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        // The heap gives its greatest item first, and the earliest line is wanted.
        other.key().cmp(&self.key())
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// Lines of the log.
    pub(crate) lines: u64,
    /// Complete frames.
    pub(crate) frames: u64,
    /// Frames that were cut.
    pub(crate) cut_frames: u64,
    /// Bytes of the log.
    pub(crate) bytes: u64,
    /// Time of the last line.
    pub(crate) last_at: Ms,
}

/// The log file.
pub(crate) struct Sink {
    file: BufWriter<File>,
    layout: LayoutName,
    waiting: BinaryHeap<Waiting>,
    arrived: u64,
    text: String,
    names: Vec<String>,
    sockets: Vec<String>,
    dice: Dice,
    counts: Counts,
}

impl Sink {
    /// Creates the file; `names` are the charge points' identities.
    pub(crate) fn create(path: &Path, layout: LayoutName, names: Vec<String>, mut dice: Dice) -> io::Result<Self> {
        let sockets = names.iter().map(|_| dice.uuid()).collect();
        Ok(Self {
            file: BufWriter::with_capacity(1 << 20, File::create(path)?),
            layout,
            waiting: BinaryHeap::new(),
            arrived: 0,
            text: String::with_capacity(4096),
            names,
            sockets,
            dice,
            counts: Counts::default(),
        })
    }

    /// Takes a line.
    pub(crate) fn push(&mut self, line: Line) {
        self.arrived += 1;
        self.waiting.push(Waiting { line, order: self.arrived });
    }

    /// Writes all lines up to `now`.
    pub(crate) fn flush_until(&mut self, now: Ms) -> io::Result<()> {
        while self.waiting.peek().is_some_and(|first| first.line.at <= now) {
            if let Some(first) = self.waiting.pop() {
                self.write(&first.line)?;
            }
        }
        Ok(())
    }

    /// Writes whatever is left and closes the file.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.flush_until(Ms::MAX)?;
        self.file.flush()
    }

    /// What was written so far.
    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// Writes one line, and now and then a line of noise after it.
    fn write(&mut self, line: &Line) -> io::Result<()> {
        let number = line.charge_point as usize;
        if matches!(line.content, Content::Open) {
            self.sockets[number] = self.dice.uuid();
        }
        self.text.clear();
        let written = push_line(&mut self.text, self.layout, line, &self.names[number], &self.sockets[number]);
        if !written {
            return Ok(());
        }
        if let Content::In(frame) | Content::Out(frame) = &line.content {
            if line.cut {
                let lost = frame.len() as i64 * self.dice.between(30, 70) / 100;
                self.text.truncate(self.text.len() - lost as usize);
                self.counts.cut_frames += 1;
            } else {
                self.counts.frames += 1;
            }
        }
        self.end_line(line.at)?;
        if !self.layout.is_json() && self.dice.chance(5) {
            self.text.clear();
            let pick = self.dice.between(1, 999);
            if push_noise(&mut self.text, self.layout, line.at, pick) {
                self.end_line(line.at)?;
            }
        }
        Ok(())
    }

    /// Writes the line that stands in the buffer.
    fn end_line(&mut self, at: Ms) -> io::Result<()> {
        self.text.push('\n');
        self.counts.lines += 1;
        self.counts.bytes += self.text.len() as u64;
        self.counts.last_at = at;
        self.file.write_all(self.text.as_bytes())
    }
}
