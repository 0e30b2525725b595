//! An opened source, cut into pieces that end at line borders.

use super::decode::{Decoder, Defect};
use super::sniff::{SNIFF_BYTES, refuse};
use crate::reject::{Reason, Reject, SAMPLE_BYTES};
use memchr::{memchr, memrchr};
use std::io::Read;

/// A longer line is not read: no log writes one, and memory stays flat.
pub const LINE_LIMIT: usize = 16 << 20;
/// How large a chunk is, about, unless asked otherwise.
pub const DEFAULT_CHUNK_BYTES: usize = 1 << 20;
const BLOCK: usize = 256 << 10;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Whole lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Offset of the first byte in the decompressed source.
    pub byte: u64,
    /// The lines; the last one of a source may lack its newline.
    pub bytes: Vec<u8>,
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
    /// How many bytes of the source itself were read.
    pub compressed: u64,
    /// `none`, `gzip` or `zstd`.
    pub compression: &'static str,
    /// What was found wrong with the source as a whole.
    pub rejects: Vec<Reject>,
}

/// An opened source.
pub struct Reading {
    index: u32,
    decoder: Option<Decoder>,
    /// Decompressed bytes; those before `start` were handed out.
    buffer: Vec<u8>,
    start: usize,
    /// Offset of `buffer[start]` in the decompressed source.
    byte: u64,
    decompressed: u64,
    chunk_bytes: usize,
    ended: bool,
    status: Status,
    rejects: Vec<Reject>,
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Reading").field("index", &self.index).field("byte", &self.byte).finish_non_exhaustive()
    }
}

impl Reading {
    pub(super) fn refused(index: u32, reason: Reason, detail: String) -> Self {
        let status = if reason == Reason::Io { Status::Failed } else { Status::Skipped };
        let mut reading = Self::empty(index, 1);
        reading.end(status, reason, detail);
        reading
    }

    fn empty(index: u32, chunk_bytes: usize) -> Self {
        Self {
            index,
            decoder: None,
            buffer: Vec::new(),
            start: 0,
            byte: 0,
            decompressed: 0,
            // A chunk below the limit cannot hide a line above it.
            chunk_bytes: chunk_bytes.clamp(1, LINE_LIMIT),
            ended: false,
            status: Status::Whole,
            rejects: Vec::new(),
        }
    }

    pub(super) fn new(index: u32, name: &str, reader: Box<dyn Read + Send>, chunk_bytes: usize) -> Self {
        let mut reading = Self::empty(index, chunk_bytes);
        match Decoder::new(reader) {
            Ok(decoder) => reading.decoder = Some(decoder),
            Err(defect) => reading.end(Status::Failed, defect.reason, defect.detail),
        }
        while !reading.ended && reading.buffer.len() < SNIFF_BYTES && reading.fill() {}
        if reading.buffer.is_empty() && reading.compressed() == 0 && super::has_compression_suffix(name) {
            reading.end(Status::Failed, Reason::EmptyCompressed, "the file is empty".to_owned());
        }
        let sample = reading.buffer.len().min(SNIFF_BYTES);
        if let Some((reason, detail)) = refuse(&reading.buffer[..sample]) {
            reading.buffer.clear();
            reading.rejects.clear();
            reading.end(Status::Skipped, reason, detail);
        } else if reading.buffer.starts_with(BOM) {
            reading.start = BOM.len();
            reading.byte = BOM.len() as u64;
        }
        reading
    }

    /// The first whole lines, to see what they look like; the same ones whatever the chunks are.
    #[must_use]
    pub fn sample(&self) -> &[u8] {
        let end = self.buffer.len().min(self.start + SNIFF_BYTES);
        let bytes = &self.buffer[self.start.min(end)..end];
        let whole = end == self.buffer.len() && self.ended;
        match memrchr(b'\n', bytes) {
            Some(last) if !whole => &bytes[..=last],
            _ => bytes,
        }
    }

    /// The name of the compression, known before the first piece.
    #[must_use]
    pub fn compression(&self) -> &'static str {
        self.decoder.as_ref().map_or("none", Decoder::compression)
    }

    /// How many bytes of the source itself were read so far, for a progress bar.
    #[must_use]
    pub fn compressed(&self) -> u64 {
        self.decoder.as_ref().map_or(0, Decoder::compressed)
    }

    /// The next lines; none at the end.
    pub fn next_piece(&mut self) -> Option<Piece> {
        loop {
            let available = &self.buffer[self.start..];
            let searched = if available.len() < self.chunk_bytes {
                None
            } else {
                let (head, tail) = available.split_at(self.chunk_bytes);
                memrchr(b'\n', head).or_else(|| memchr(b'\n', tail).map(|at| at + head.len()))
            };
            match searched {
                Some(newline) if newline <= LINE_LIMIT => return Some(self.chunk(newline + 1)),
                // Only the first line can be so long: no other newline stands before this one.
                Some(_) => return Some(self.oversized()),
                None if available.len() > LINE_LIMIT && memchr(b'\n', &available[..=LINE_LIMIT]).is_none() => {
                    return Some(self.oversized());
                }
                None if self.ended && available.is_empty() => return None,
                None if self.ended => {
                    let length = available.len();
                    return Some(self.chunk(length));
                }
                None => {
                    self.fill();
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
            compressed: self.compressed(),
            compression: self.compression(),
            rejects: self.rejects,
        }
    }

    fn chunk(&mut self, length: usize) -> Piece {
        let bytes = self.buffer[self.start..self.start + length].to_vec();
        let byte = self.byte;
        self.start += length;
        self.byte += length as u64;
        Piece::Chunk(Chunk { byte, bytes })
    }

    /// Passes over the line at hand, forgetting it block by block.
    fn oversized(&mut self) -> Piece {
        let byte = self.byte;
        let available = &self.buffer[self.start..];
        let sample = available[..available.len().min(SAMPLE_BYTES)].to_vec();
        loop {
            let available = &self.buffer[self.start..];
            let newline = memchr(b'\n', available);
            let passed = newline.unwrap_or(available.len());
            self.start += passed;
            self.byte += passed as u64;
            if newline.is_some() || self.ended {
                let length = self.byte - byte;
                let border = usize::from(newline.is_some());
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
        self.buffer.drain(..self.start);
        self.start = 0;
        let old = self.buffer.len();
        self.buffer.resize(old + BLOCK, 0);
        match decoder.read(&mut self.buffer[old..]) {
            Ok(count) => {
                self.buffer.truncate(old + count);
                self.decompressed += count as u64;
                self.ended = count == 0;
            }
            Err(Defect { reason, detail }) => {
                self.buffer.truncate(old);
                self.cut(reason, detail);
            }
        }
        !self.ended
    }

    /// Ends the source at a defect. Whole lines are kept; a line that was cut with it is not, for what is left of it
    /// may look whole.
    fn cut(&mut self, reason: Reason, detail: String) {
        let whole = reason == Reason::TrailingGarbage || reason == Reason::Checksum;
        let kept = if whole { self.buffer.len() } else { memrchr(b'\n', &self.buffer).map_or(0, |at| at + 1) };
        let lost = self.buffer.len() - kept;
        self.buffer.truncate(kept);
        let detail = if lost == 0 { detail } else { format!("{detail}; {lost} bytes of a cut line left out") };
        let status =
            if self.decompressed == 0 && reason != Reason::TrailingGarbage { Status::Failed } else { Status::Partial };
        self.end(status, reason, detail);
    }

    fn end(&mut self, status: Status, reason: Reason, detail: String) {
        self.ended = true;
        self.status = status;
        self.rejects.push(Reject::of_source(self.index, self.decompressed, reason, detail));
    }
}

#[cfg(test)]
mod tests;
