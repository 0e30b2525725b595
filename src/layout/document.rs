//! A source that is one JSON document, or several: an array of records, a capture, an export of a cloud.

use super::announce::last_segment;
use super::run::{Depth, Run};
use super::text::Meta;
use super::{Class, Context, Sink, Tally, locate};
use crate::json::{FaultKind, Scanner};
use crate::position::Position;
use crate::reject::Reason;
use crate::term::Way;
use memchr::{memchr_iter, memmem};
use std::borrow::Cow;
use std::ops::Range;

/// Whether a sample is the beginning of a document: a value that begins with a bracket and goes on over lines, but is
/// no frame.
pub(super) fn is_document(sample: &str) -> bool {
    let text = sample.trim_ascii_start();
    if !text.starts_with(['{', '[']) || locate::is_frame_array(text) {
        return false;
    }
    let mut scanner = Scanner::new(text);
    let end = match scanner.skip() {
        Ok(()) => scanner.offset(),
        Err(fault) if fault.kind == FaultKind::Truncated => text.len(),
        Err(_) => return false,
    };
    text[..end].contains('\n')
}

/// Counts the lines of a document up to a byte, going forward only.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lines {
    at: usize,
    line: u64,
}

impl Lines {
    fn to(&mut self, chunk: &[u8], at: usize) -> u64 {
        if at < self.at {
            *self = Self::default();
        }
        self.line += memchr_iter(b'\n', &chunk[self.at..at]).count() as u64;
        self.at = at;
        self.line
    }
}

impl<S: Sink + ?Sized> Run<'_, '_, S> {
    /// Reads whole values of a document, the first byte of which stands at `base`.
    pub(super) fn document(&mut self, base: Position) -> Tally {
        let lossy = readable(self.chunk);
        self.utf8_replaced = matches!(lossy, Cow::Owned(_));
        let text: &str = &lossy;
        let mut tally = Tally::default();
        let mut at = 0;
        let mut counted = 0;
        let depth = Depth { joins: false, ..Depth::default() };
        while let Some(length) = text[at..].bytes().position(|byte| !byte.is_ascii_whitespace() && byte != b',') {
            at += length;
            let rest = &text[at..];
            // The brackets of the array that the document is; its elements are the records.
            tally.closed |= rest.starts_with(']');
            if rest.starts_with(']') || (rest.starts_with('[') && !locate::is_frame_array(rest)) {
                at += 1;
                continue;
            }
            (self.messages, self.rejects, self.before) = (0, 0, (0, 0));
            self.place(base, text, at);
            let mut scanner = Scanner::new(rest);
            let end = match scanner.raw() {
                Ok(value) => {
                    self.value(value, text, base, depth);
                    at + value.len()
                }
                Err(fault) => {
                    let cut = fault.kind == FaultKind::Truncated;
                    let reason = if cut { Reason::JsonTruncated } else { Reason::JsonSyntax };
                    self.reject(reason, format!("in a document, at byte {} of its value", fault.at), rest);
                    // Behind the line of the fault there may be whole values again.
                    let fault_at = at + fault.at.min(rest.len());
                    text[floor(text, fault_at)..]
                        .find('\n')
                        .map_or(text.len(), |newline| floor(text, fault_at) + newline + 1)
                }
            };
            self.count_value(&mut tally, text, base, counted, at..end);
            counted = line_end(text, end);
            at = end.max(at + 1);
            if self.seen.as_ref().is_some_and(|seen| seen.enough()) {
                break;
            }
        }
        self.count_rest(&mut tally, text, base, counted.min(text.len())..text.len());
        self.utf8_replaced = false;
        tally
    }

    /// Reads one value at the top of a document.
    fn value(&mut self, value: &str, text: &str, base: Position, depth: Depth<'_>) {
        let depth = Depth { document: Some((text.as_ptr().addr(), base)), ..depth };
        self.opening(value);
        if locate::is_frame_array(value) {
            self.frame(value, &Meta::default(), None, depth, "");
        } else if value.starts_with(['{', '[']) {
            self.objects(value, &Meta::default(), depth);
        } else {
            self.line(value, &Meta::default(), depth);
        }
    }

    /// A captured request that opens a stream: its address names the charge point of all frames of the stream.
    pub(super) fn opening(&mut self, packet: &str) {
        let address = ["http.request.uri\"", "http_request_uri\""]
            .iter()
            .find_map(|name| memmem::find(packet.as_bytes(), name.as_bytes()).map(|at| &packet[at + name.len()..]));
        let Some(address) = address else { return };
        let text = |rest: &'_ str| {
            let rest = rest.trim_ascii_start().strip_prefix(':')?.trim_ascii_start();
            let rest = rest.strip_prefix('[').map_or(rest, str::trim_ascii_start).strip_prefix('"')?;
            rest.find('"').map(|end| rest[..end].to_owned())
        };
        let stream = ["tcp.stream\"", "tcp_stream\""].iter().find_map(|name| text(packet.split_once(name)?.1));
        if let (Some(address), Some(stream)) = (text(address), stream) {
            let position = self.position;
            let charge_point = last_segment(&address);
            self.sink.context(&Context { link: Some(&stream), charge_point, way: Way::Unknown, position });
        }
    }

    /// Moves to the record at byte `at` of the document.
    fn place(&mut self, base: Position, text: &str, at: usize) {
        let line = self.document_lines.to(text.as_bytes(), at);
        self.position = Position { source: base.source, byte: base.byte + at as u64, line: base.line + line };
    }

    /// Moves to a record inside of the value at hand, if it stands in the document as written.
    pub(super) fn place_inside(&mut self, record: &str, depth: Depth<'_>) {
        let Some((start, base)) = depth.document else { return };
        let at = record.as_ptr().addr().wrapping_sub(start);
        if at < self.chunk.len() {
            self.before.0 += self.messages;
            self.before.1 += self.rejects;
            (self.messages, self.rejects) = (0, 0);
            let line = self.document_lines.to(self.chunk, at);
            self.position = Position { source: base.source, byte: base.byte + at as u64, line: base.line + line };
        }
    }

    /// Counts the lines of a value and of what stands before it.
    fn count_value(&mut self, tally: &mut Tally, text: &str, base: Position, counted: usize, value: Range<usize>) {
        let first = text[..value.start].rfind('\n').map_or(0, |at| at + 1).max(counted);
        self.count_rest(tally, text, base, counted.min(first)..first);
        let last = line_end(text, value.end);
        if last > first {
            let class = Class::of(self.before.0 + self.messages, self.before.1 + self.rejects, false);
            self.count(tally, class, lines_in(&text[first..last]), base, first..last);
        }
    }

    /// Counts lines that hold no value.
    fn count_rest(&mut self, tally: &mut Tally, text: &str, base: Position, bytes: Range<usize>) {
        let mut at = bytes.start;
        for line in text[bytes].split_inclusive('\n') {
            let class = Class::of(0, 0, line.trim_ascii().is_empty());
            self.count(tally, class, 1, base, at..at + line.len());
            at += line.len();
        }
    }
}

/// The bytes as text, each one that is not UTF-8 replaced by a question mark, so that places stay what they are.
fn readable(bytes: &[u8]) -> Cow<'_, str> {
    let mut text = match std::str::from_utf8(bytes) {
        Ok(text) => return Cow::Borrowed(text),
        Err(_) => String::with_capacity(bytes.len()),
    };
    for piece in bytes.utf8_chunks() {
        text.push_str(piece.valid());
        text.extend(piece.invalid().iter().map(|_| '?'));
    }
    Cow::Owned(text)
}

/// The last border of a character at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// Where the line that holds the byte before `end` is over.
fn line_end(text: &str, end: usize) -> usize {
    let from = end.saturating_sub(1).min(text.len());
    memchr::memchr(b'\n', &text.as_bytes()[from..]).map_or(text.len(), |at| from + at + 1)
}

fn lines_in(text: &str) -> u64 {
    let newlines = memchr_iter(b'\n', text.as_bytes()).count() as u64;
    newlines + u64::from(!text.is_empty() && !text.ends_with('\n'))
}
