//! An opened source, cut into pieces that end at line borders.

use super::buffer::{Buffer, Bytes};
use super::decode::Decoder;
use super::meter::{Count, Defect};
use super::script::{LineMap, Mark, Script};
use super::sniff::{SNIFF_BYTES, refuse};
use super::watch::Watch;
use crate::options::Encoding;
use crate::reject::{Reason, Reject, SAMPLE_BYTES};
use std::borrow::Cow;
use std::sync::atomic::Ordering;

/// A longer line is not read: no log writes one, and memory stays flat.
pub const LINE_LIMIT: usize = 16 << 20;
/// How large a chunk is, about, unless asked otherwise.
pub const DEFAULT_CHUNK_BYTES: usize = 2 << 20;
/// How much is read at least in one step.
const BLOCK: usize = 64 << 10;

/// Whole lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Offset of the first byte in the decompressed source.
    pub byte: u64,
    /// The lines; the last one of a source may lack its newline.
    pub bytes: Bytes,
    /// How they are written.
    pub script: Script,
}

impl Chunk {
    /// The lines in UTF-8, and where they stood in the source if that is not told by [`Self::byte`] alone.
    #[must_use]
    pub fn text(&self) -> (Cow<'_, [u8]>, Option<LineMap>) {
        self.script.text(&self.bytes, self.byte)
    }
}

/// What comes next in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Lines to read.
    Chunk(Chunk),
    /// One line over [`LINE_LIMIT`], which was passed over.
    Oversized {
        /// Offset of its first byte in the decompressed source.
        byte: u64,
        /// Its length without the newline.
        length: u64,
        /// Its first bytes.
        sample: Vec<u8>,
    },
}

/// How much of a source was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// All of it.
    Whole,
    /// Its beginning, or all but a part.
    Partial,
    /// Nothing: it could not be read.
    Failed,
    /// Nothing: it is no text.
    Skipped,
}

impl Status {
    /// The word of the public tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// What is known about a source when it has been read.
#[derive(Clone, Debug)]
pub struct Finished {
    /// How much was read.
    pub status: Status,
    /// How many bytes there were after decompression.
    pub decompressed: u64,
    /// How many of those bytes were handed out in chunks.
    pub handed: u64,
    /// How many bytes of the source itself were read.
    pub compressed: u64,
    /// How many bytes the source had when it was opened, where that is known.
    pub size: Option<u64>,
    /// `none`, or the name of the compression or the archive.
    pub compression: &'static str,
    /// The name of the text encoding.
    pub encoding: String,
    /// What was found wrong with the source as a whole.
    pub rejects: Vec<Reject>,
}

/// How sources are to be read.
#[derive(Clone, Copy, Debug)]
pub struct Opening {
    /// How large a piece is, about.
    pub chunk_bytes: usize,
    /// The text encoding where no mark tells it.
    pub encoding: Encoding,
}

impl Default for Opening {
    fn default() -> Self {
        Self { chunk_bytes: DEFAULT_CHUNK_BYTES, encoding: Encoding::default() }
    }
}

/// An opened source.
pub struct Reading<'r> {
    decoder: Option<Decoder<'r>>,
    /// Decompressed bytes; those before `start` were handed out.
    buffer: Buffer,
    start: usize,
    /// Offset of `buffer[start]` in the decompressed source.
    byte: u64,
    decompressed: u64,
    handed: u64,
    chunk_bytes: usize,
    script: Script,
    /// The first lines in UTF-8, where the source has other letters.
    shown: Option<Vec<u8>>,
    size: Option<u64>,
    watch: Option<Watch>,
    /// What was taken of the container so far.
    container: Option<Count>,
    /// The row of an archive itself: the archive's name and its bytes.
    archive: Option<(&'static str, u64)>,
    ended: bool,
    status: Status,
    rejects: Vec<Reject>,
}

impl std::fmt::Debug for Reading<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Reading").field("byte", &self.byte).finish_non_exhaustive()
    }
}

impl<'r> Reading<'r> {
    /// A source of which nothing is read.
    pub(super) fn refused(defect: Defect) -> Self {
        let failed = matches!(defect.reason, Reason::Io | Reason::CompressedDamaged | Reason::CompressedTruncated);
        let mut reading = Self::empty(Opening::default());
        reading.end(if failed { Status::Failed } else { Status::Skipped }, defect);
        reading
    }

    /// The row of an archive, whose members are sources of their own: its bytes, and what is wrong with it as a whole.
    pub(super) fn archive(kind: &'static str, bytes: u64, size: Option<u64>, defects: Vec<Defect>, any: bool) -> Self {
        let mut reading = Self::empty(Opening::default());
        (reading.archive, reading.size, reading.ended) = (Some((kind, bytes)), size, true);
        for defect in defects {
            reading.end(if any { Status::Partial } else { Status::Failed }, defect);
        }
        reading
    }

    fn empty(opening: Opening) -> Self {
        Self {
            decoder: None,
            buffer: Buffer::default(),
            start: 0,
            byte: 0,
            decompressed: 0,
            handed: 0,
            // A chunk below the limit cannot hide a line above it. Two bytes are a letter of UTF-16.
            chunk_bytes: opening.chunk_bytes.clamp(1, LINE_LIMIT),
            script: Script::default(),
            shown: None,
            size: None,
            watch: None,
            container: None,
            archive: None,
            ended: false,
            status: Status::Whole,
            rejects: Vec::new(),
        }
    }

    /// A source of `size` bytes, if that is known.
    pub(super) fn new(name: &str, decoder: Decoder<'r>, size: Option<u64>, opening: Opening) -> Self {
        let mut reading = Self::empty(opening);
        (reading.decoder, reading.size) = (Some(decoder), size);
        while !reading.ended && reading.buffer.len() < SNIFF_BYTES && reading.fill() {}
        if reading.buffer.is_empty() && reading.compressed() == 0 && super::has_compression_suffix(name) {
            reading.end(Status::Failed, Defect::new(Reason::EmptyCompressed, "the file is empty"));
        }
        if let Err(defect) = reading.judge(opening) {
            reading.buffer.truncate(0);
            reading.rejects.clear();
            reading.end(Status::Skipped, defect);
        }
        reading
    }

    /// Has a file looked at when its end is reached.
    pub(super) fn watched(mut self, watch: Option<Watch>) -> Self {
        self.watch = watch;
        if self.ended && self.status != Status::Skipped {
            self.look();
        }
        self
    }

    /// Counts the progress in what was taken of the container.
    pub(super) fn inside(mut self, container: &Count) -> Self {
        self.container = Some(Count::clone(container));
        self
    }

    /// Finds the encoding, and whether it is text at all.
    fn judge(&mut self, opening: Opening) -> Result<(), Defect> {
        let head = &self.buffer[..self.buffer.len().min(SNIFF_BYTES)];
        let Mark::Known(script, mark) = Script::of(head, opening.encoding) else {
            return Err(Defect::new(Reason::EncodingSuspected, "UTF-32: convert it to UTF-8"));
        };
        let outer = self.compression();
        if script.wide().is_some() {
            // Only as text can it be told whether it is text.
            let even = head.len() - (head.len() - mark) % 2;
            let (text, _) = script.text(&head[mark..even], 0);
            refuse(&text, outer)?;
            self.shown = Some(text.into_owned());
        } else {
            refuse(head, outer)?;
            if !script.is_utf8() {
                self.shown = Some(script.text(&head[mark..], 0).0.into_owned());
            }
        }
        (self.script, self.start, self.byte) = (script, mark, mark as u64);
        Ok(())
    }

    /// The first whole lines, to see what they look like; the same ones whatever the chunks are.
    #[must_use]
    pub fn sample(&self) -> &[u8] {
        let end = self.buffer.len().min(self.start + SNIFF_BYTES);
        let bytes = self.shown.as_deref().unwrap_or(&self.buffer[self.start.min(end)..end]);
        let whole = end == self.buffer.len() && self.ended;
        match memchr::memrchr(b'\n', bytes) {
            Some(last) if !whole => &bytes[..=last],
            _ => bytes,
        }
    }

    /// Whether it stands for an archive, whose members are sources of their own.
    #[must_use]
    pub const fn is_archive(&self) -> bool {
        self.archive.is_some()
    }

    /// The name of the compression, known before the first piece.
    #[must_use]
    pub fn compression(&self) -> &'static str {
        match (self.archive, &self.decoder) {
            (Some((kind, _)), _) => kind,
            (None, Some(decoder)) => decoder.compression(),
            (None, None) => "none",
        }
    }

    fn compressed(&self) -> u64 {
        match (self.archive, &self.decoder) {
            (Some((_, bytes)), _) => bytes,
            (None, decoder) => decoder.as_ref().map_or(0, Decoder::compressed),
        }
    }

    /// How many bytes of the file were read so far, for a progress bar; the members of an archive count on.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.container.as_ref().map_or_else(|| self.compressed(), |count| count.load(Ordering::Relaxed))
    }

    /// The next lines; none at the end. Of the bytes at hand, `cut` tells the length of a chunk of about so many
    /// bytes, or that it needs more to tell; the last argument says that there are no more.
    ///
    /// It is not asked where a letter has two bytes: such a source is cut behind any line.
    pub fn next_piece(&mut self, mut cut: impl FnMut(&[u8], usize, bool) -> Option<usize>) -> Option<Piece> {
        let script = self.script;
        let wanted = self.chunk_bytes.next_multiple_of(script.unit());
        loop {
            let available = &self.buffer[self.start..];
            if available.is_empty() && self.ended {
                return None;
            }
            if available.len() > LINE_LIMIT && script.first_end(&available[..=LINE_LIMIT]).is_none() {
                return Some(self.oversized());
            }
            let found = match script.wide() {
                None => cut(available, wanted, self.ended),
                Some(_) => line_end(script, available, wanted),
            };
            match found {
                Some(length) => {
                    let length = length.clamp(1, available.len());
                    return Some(self.chunk(length));
                }
                None if self.ended => {
                    let length = available.len();
                    return Some(self.chunk(length));
                }
                None => {
                    // The more was looked at in vain, the more is read before it is looked at again.
                    let missing = wanted.saturating_sub(available.len());
                    let beyond = available.len().saturating_sub(wanted);
                    let enough = available.len() + missing.max(beyond).max(1);
                    while self.fill() && self.buffer.len() < enough {}
                }
            }
        }
    }

    /// What is known when the last piece was taken.
    #[must_use]
    pub fn finish(self) -> Finished {
        Finished {
            status: self.status,
            decompressed: self.decompressed,
            handed: self.handed,
            compressed: self.compressed(),
            size: self.size,
            compression: self.compression(),
            encoding: self.script.name(),
            rejects: self.rejects,
        }
    }

    fn chunk(&mut self, length: usize) -> Piece {
        let byte = self.byte;
        let (bytes, moved) = self.buffer.hand_over(self.start, self.start + length);
        self.start = if moved { 0 } else { self.start + length };
        self.byte += length as u64;
        self.handed += length as u64;
        Piece::Chunk(Chunk { byte, bytes, script: self.script })
    }

    /// Passes over the line at hand, forgetting it block by block.
    fn oversized(&mut self) -> Piece {
        let (byte, unit) = (self.byte, self.script.unit());
        let available = &self.buffer[self.start..];
        let (text, _) = self.script.text(&available[..available.len().min(SAMPLE_BYTES)], 0);
        let sample = text.into_owned();
        loop {
            let available = &self.buffer[self.start..];
            let end = self.script.first_end(available);
            // Half a letter stays for the next block.
            let whole = if self.ended { available.len() } else { available.len() / unit * unit };
            let passed = end.map_or(whole, |end| end - unit);
            self.start += passed;
            self.byte += passed as u64;
            if end.is_some() || self.ended {
                let length = self.byte - byte;
                let border = if end.is_some() { unit } else { 0 };
                self.start += border;
                self.byte += border as u64;
                return Piece::Oversized { byte, length, sample };
            }
            self.fill();
        }
    }

    /// Reads the next block; false at the end.
    fn fill(&mut self) -> bool {
        let Some(decoder) = &mut self.decoder else {
            self.ended = true;
            return false;
        };
        if self.ended {
            return false;
        }
        self.buffer.forget(self.start);
        self.start = 0;
        // A little more than a chunk: what stands behind its last line is copied.
        let wanted = (self.chunk_bytes + BLOCK / 4).saturating_sub(self.buffer.len()).max(BLOCK);
        match decoder.next(self.buffer.room(wanted)) {
            Ok(count) => {
                self.buffer.grow(count);
                self.decompressed += count as u64;
                self.ended = count == 0;
            }
            Err(defect) => self.cut(defect),
        }
        if self.ended {
            self.look();
        }
        !self.ended
    }

    /// Asks, at the end of a file, whether the file is still what it was.
    fn look(&mut self) {
        if let Some(defect) = self.watch.take().and_then(|watch| watch.verdict()) {
            self.cut(defect);
        }
    }

    /// Ends the source at a defect. Whole lines are kept; a line that was cut with it is not, for what is left of it
    /// may look whole.
    fn cut(&mut self, defect: Defect) {
        let Defect { reason, detail } = defect;
        let whole = matches!(reason, Reason::TrailingGarbage | Reason::Checksum);
        let rest = &self.buffer[self.start..];
        let kept = if whole { rest.len() } else { self.script.last_end(rest).unwrap_or(0) };
        let lost = rest.len() - kept;
        self.buffer.truncate(self.start + kept);
        let detail = if lost == 0 { detail } else { format!("{detail}; {lost} bytes of a cut line left out") };
        let nothing = self.decompressed == 0;
        let status = match reason {
            Reason::NotRegular => Status::Skipped,
            Reason::TrailingGarbage | Reason::Grew | Reason::Changed => Status::Partial,
            _ if nothing => Status::Failed,
            _ => Status::Partial,
        };
        self.end(status, Defect { reason, detail });
    }

    fn end(&mut self, status: Status, Defect { reason, detail }: Defect) {
        self.ended = true;
        self.status = status;
        self.rejects.push(Reject::of_source(0, self.decompressed, reason, detail));
    }
}

/// The last end of a line among `wanted` bytes, else the first one behind them.
fn line_end(script: Script, bytes: &[u8], wanted: usize) -> Option<usize> {
    let (head, tail) = bytes.split_at_checked(wanted)?;
    script.last_end(head).or_else(|| script.first_end(tail).map(|at| at + head.len()))
}

/// Cuts behind any line: for sources whose lines stand for themselves.
#[must_use]
pub fn behind_lines(bytes: &[u8], wanted: usize, _ended: bool) -> Option<usize> {
    line_end(Script::default(), bytes, wanted)
}

#[cfg(test)]
pub(super) mod tests;
