//! The walk over a piece of a source: line by line, and inside a line from frame to frame.

use super::columns::Row;
use super::detect::Seen;
use super::envelope::{self, Candidate};
use super::locate::{self, Shape};
use super::peel::{logfmt_value, split, strip_escapes, unquote};
use super::profile::{Family, PROFILES};
use super::text::{Head, Meta, head};
use super::{Connection, Context, Frame, Layout, Sink, Stamp, Tally, announce, stamp};
use crate::json::{FaultKind, Scanner};
use crate::position::Position;
use crate::reject::{Reason, Reject};
use crate::term::Way;
use memchr::{memchr, memmem};
use std::borrow::Cow;

/// How often a line is searched again behind a broken frame; a line of broken frames must not cost its square.
const MOST_RESTARTS: u32 = 32;
/// How many broken frames of one line are told one by one; a line with more is no log but an attack or a dump, and the
/// last one stands for the rest.
const MOST_REJECTS: u32 = 1_000;

/// How deep wrappers may be nested: a log line in a container's log in a shipper's record.
const MAX_WRAPPERS: u8 = 3;
/// How deep objects around a message may be nested.
const MAX_NESTING: u8 = 8;

pub(super) struct Run<'r, S: Sink + ?Sized> {
    layout: &'r Layout,
    sink: &'r mut S,
    seen: Option<&'r mut Seen>,
    position: Position,
    utf8_replaced: bool,
    /// What the line at hand gave so far.
    messages: u32,
    rejects: u32,
    spare: Vec<String>,
}

/// Where in the wrappers we are.
#[derive(Clone, Copy, Default)]
struct Depth {
    wrappers: u8,
    nesting: u8,
    /// The profile of the record around the text, once there is one.
    record: Option<usize>,
}

impl<'r, S: Sink + ?Sized> Run<'r, S> {
    pub(super) const fn new(layout: &'r Layout, sink: &'r mut S, seen: Option<&'r mut Seen>) -> Self {
        let position = Position { source: 0, byte: 0, line: 0 };
        Self { layout, sink, seen, position, utf8_replaced: false, messages: 0, rejects: 0, spare: Vec::new() }
    }

    /// Reads the lines of `chunk`, whose first byte stands at `base`.
    pub(super) fn chunk(&mut self, chunk: &[u8], base: Position) -> Tally {
        let mut tally = Tally::default();
        let text = std::str::from_utf8(chunk).ok();
        // Escapes of a terminal and NUL bytes are rare: one look at the chunk spares a look at every line.
        let special = memchr(0x1b, chunk).is_some() || memchr(0, chunk).is_some();
        let mut start = 0;
        while start < chunk.len() {
            let length = memchr(b'\n', &chunk[start..]).unwrap_or(chunk.len() - start);
            let mut end = start + length;
            let next = end + 1;
            if end > start && chunk[end - 1] == b'\r' {
                end -= 1;
            }
            self.position =
                Position { source: base.source, byte: base.byte + start as u64, line: base.line + tally.lines };
            self.messages = 0;
            self.rejects = 0;
            let bytes = &chunk[start..end];
            let blank = match text.and_then(|text| text.get(start..end)) {
                Some(line) => self.checked_line(line, special),
                None => match String::from_utf8_lossy(bytes) {
                    Cow::Borrowed(line) => self.checked_line(line, special),
                    Cow::Owned(line) => {
                        self.utf8_replaced = true;
                        let blank = self.checked_line(&line, special);
                        self.utf8_replaced = false;
                        blank
                    }
                },
            };
            tally.lines += 1;
            let column = match (self.messages, self.rejects) {
                (1.., _) => &mut tally.message,
                (0, 1..) => &mut tally.rejected,
                _ if blank => &mut tally.blank,
                _ => &mut tally.other,
            };
            *column += 1;
            start = next;
            if self.seen.as_ref().is_some_and(|seen| seen.enough()) {
                break;
            }
        }
        tally
    }

    /// Takes off what is no text; returns whether the line is blank.
    fn checked_line(&mut self, line: &str, special: bool) -> bool {
        if !special {
            return self.line_or_blank(line);
        }
        let content = line.trim_matches('\0');
        if content.len() < line.len() {
            let detail = format!("{} NUL bytes", line.len() - content.len());
            self.reject(Reason::NulBlock, detail, line);
        }
        match strip_escapes(content) {
            Some(plain) => self.line_or_blank(&plain),
            None => self.line_or_blank(content),
        }
    }

    fn line_or_blank(&mut self, line: &str) -> bool {
        if line.trim_ascii().is_empty() {
            return true;
        }
        self.top(line);
        false
    }

    fn top(&mut self, line: &str) {
        let family = self.layout.primary.map(|index| PROFILES[index].family);
        if family == Some(Family::Columns) {
            match self.layout.columns.row(line) {
                Row::Frame(at, meta) => self.text(&line[at..], &meta, Depth::default()),
                Row::Opening(stream, charge_point) => {
                    let position = self.position;
                    self.sink.context(&Context { link: Some(stream), charge_point, way: Way::Unknown, position });
                }
                Row::Other => {}
            }
            return;
        }
        self.line(line, &Meta::default(), Depth::default());
    }

    /// Reads a line, or what a wrapper has for one.
    fn line(&mut self, line: &str, outer: &Meta<'_>, depth: Depth) {
        let trimmed = line.trim_ascii_start();
        let second = || trimmed[1..].trim_ascii_start().bytes().next();
        match trimmed.bytes().next() {
            Some(b'{') if second() == Some(b'"') => self.objects(trimmed, outer, depth),
            Some(b'[') if second() == Some(b'{') => self.objects(trimmed, outer, depth),
            Some(b'[') if locate::is_frame_array(trimmed) && locate::any(trimmed, 0).is_none_or(|(at, _)| at > 0) => {
                self.odd_frame(trimmed, outer, depth);
            }
            _ => self.text(line, outer, depth),
        }
    }

    /// A frame whose type is written as `"2"` or `2.0`: one only where it is all that stands there.
    fn odd_frame(&mut self, text: &str, outer: &Meta<'_>, depth: Depth) {
        let mut scanner = Scanner::new(text);
        match scanner.raw() {
            Ok(array) if scanner.rest().trim_ascii().is_empty() => {
                self.frame(array, outer, None, depth, "");
            }
            _ => self.text(text, outer, depth),
        }
    }

    /// Reads a line of text.
    fn text(&mut self, line: &str, outer: &Meta<'_>, depth: Depth) {
        let Some((first, shape)) = locate::any(line, 0) else {
            self.without_frame(line);
            return;
        };
        let at = if shape == Shape::Raw { Some(first) } else { locate::raw(line, first + 1) };
        let Some(at) = at else {
            self.escaped(line, first, outer, depth);
            return;
        };
        let words = &line[..at];
        let (meta, profile) = match head(self.layout, words) {
            Head::Echo => return,
            Head::Known(index, meta) => (meta.or(outer), Some(index)),
            Head::Plain(meta) => {
                if let Some((before, _)) = split(words, "{\"") {
                    let brace = before.len();
                    let stamp = stamp::find(&words[..brace]).map_or(Stamp::None, |found| found.stamp);
                    let meta = Meta { stamp, ..Meta::default() }.or(outer);
                    return self.objects(&line[brace..], &meta, depth);
                }
                (meta.or(outer), None)
            }
        };
        let used = self.frame(&line[at..], &meta, profile, depth, words);
        self.following(line, at + used, &meta, outer, depth);
    }

    /// Reads the frames behind the first one on a line.
    fn following(&mut self, line: &str, from: usize, meta: &Meta<'_>, outer: &Meta<'_>, depth: Depth) {
        let mut from = from;
        while let Some(at) = locate::raw(line, from) {
            if self.rejects > MOST_REJECTS {
                return;
            }
            let words = &line[from..at];
            // Glued frames share the line's id and time; its word of direction was for the first one only.
            let shared = Meta { way: outer.way, ..*meta };
            let (own, profile) = match head(self.layout, words) {
                Head::Echo => return,
                Head::Known(index, own) => (own.or(&shared), Some(index)),
                Head::Plain(_) => (shared, None),
            };
            from = at + self.frame(&line[at..], &own, profile, depth, words);
        }
    }

    /// Hands a frame on; returns how many bytes of `text` are done with.
    fn frame(&mut self, text: &str, meta: &Meta<'_>, profile: Option<usize>, depth: Depth, words: &str) -> usize {
        // Frames on one line must keep their order wherever they go: each one stands a byte further on.
        let before = u64::from(self.messages) + u64::from(self.rejects);
        let position = Position { byte: self.position.byte + before, ..self.position };
        let taken = self.sink.frame(&Frame {
            text,
            charge_point: meta.charge_point,
            charge_point_source: meta.source,
            way: meta.way,
            stamp: meta.stamp,
            version: meta.version,
            link: meta.link,
            position,
            utf8_replaced: self.utf8_replaced,
        });
        if taken.message {
            self.messages += 1;
        } else {
            self.rejects += 1;
        }
        if let Some(seen) = &mut self.seen
            && taken.message
        {
            seen.add(profile, depth.record, meta, words, self.position);
        }
        // Never stand still, and never inside a character.
        let mut used = taken.consumed.max(1);
        let whole = text.as_bytes().get(used - 1) == Some(&b']');
        if !taken.message && !whole && self.rejects <= MOST_RESTARTS {
            // What looked like the inside of a broken frame may be a whole one: look again right behind its bracket.
            used = 1;
        }
        while !text.is_char_boundary(used) && used < text.len() {
            used += 1;
        }
        used.min(text.len())
    }

    /// A line on which every frame is inside a string.
    fn escaped(&mut self, line: &str, first: usize, outer: &Meta<'_>, depth: Depth) {
        if let Some(quote) = logfmt_value(line, first) {
            let stamp = stamp::find(&line[..quote]).map_or(Stamp::None, |found| found.stamp);
            let meta = Meta { stamp, ..Meta::default() }.or(outer);
            let mut inner = self.spare.pop().unwrap_or_default();
            inner.clear();
            unquote(&line[quote + 1..], &mut inner);
            self.wrapped(&inner, &meta, depth);
            self.spare.push(inner);
        } else if let Some(brace) = memmem::find(&line.as_bytes()[..first], b"{\"")
            && brace > 0
        {
            let stamp = stamp::find(&line[..brace]).map_or(Stamp::None, |found| found.stamp);
            let meta = Meta { stamp, ..Meta::default() }.or(outer);
            self.objects(&line[brace..], &meta, depth);
        } else {
            self.reject(Reason::FrameEscaped, "a frame inside a string", line);
        }
    }

    /// Reads the text that a wrapper holds.
    fn wrapped(&mut self, text: &str, outer: &Meta<'_>, depth: Depth) {
        if depth.wrappers >= MAX_WRAPPERS {
            self.reject(Reason::WrapperDepth, "", text);
            return;
        }
        let depth = Depth { wrappers: depth.wrappers + 1, ..depth };
        for line in text.split('\n') {
            match strip_escapes(line) {
                Some(plain) => self.line(&plain, outer, depth),
                None => self.line(line, outer, depth),
            }
        }
    }

    /// Reads JSON objects, one after the other or as elements of an array.
    fn objects(&mut self, text: &str, outer: &Meta<'_>, depth: Depth) {
        let parts = || {
            memmem::find(text.as_bytes(), b"essageType\"").is_some()
                || memmem::find(text.as_bytes(), b"\"event\"").is_some()
        };
        if locate::any(text, 0).is_none() && !parts() && !locate::odd_anywhere(text) {
            return;
        }
        let mut scanner = Scanner::new(text);
        loop {
            let result = match scanner.peek() {
                Some(b'{') => envelope::record(&mut scanner).map(|record| self.record(&record, text, outer, depth)),
                Some(b'[') => scanner.raw().map(|array| self.array(array, outer, depth)),
                _ => break,
            };
            if let Err(fault) = result {
                if locate::any(text, 0).is_some() {
                    let (reason, detail) = match fault.kind {
                        FaultKind::Truncated => (Reason::JsonTruncated, "the record around the frame is cut"),
                        FaultKind::Depth => (Reason::JsonDepth, "the record around the frame is nested too deep"),
                        FaultKind::ControlCharacter => (Reason::ControlChar, "in the record around the frame"),
                        FaultKind::Syntax => (Reason::JsonSyntax, "the record around the frame is no JSON"),
                    };
                    self.reject(reason, format!("{detail}, at byte {}", fault.at), text);
                }
                return;
            }
            scanner.take(b',');
        }
        let rest = scanner.rest();
        if !rest.is_empty() {
            self.text(rest, outer, depth);
        }
    }

    fn record(&mut self, record: &envelope::Record<'_>, text: &str, outer: &Meta<'_>, depth: Depth) {
        let meta = record.meta().or(outer);
        let mut depth = depth;
        if self.seen.is_some() && depth.record.is_none() {
            depth.record = super::detect::record_profile(text);
        }
        if let Some(candidate) = record.candidate() {
            self.candidate(candidate, &meta, depth);
            return;
        }
        let mut frame = self.spare.pop().unwrap_or_default();
        frame.clear();
        if record.assemble(&mut frame) {
            self.frame(&frame, &meta, None, depth, "");
        } else if let Some(event @ ("connected" | "closed")) = record.event
            && meta.charge_point.is_some()
        {
            self.sink.connection(&Connection {
                open: event == "connected",
                charge_point: meta.charge_point,
                charge_point_source: meta.source,
                payload: "{}",
                stamp: meta.stamp,
                link: None,
                position: self.position,
            });
        }
        self.spare.push(frame);
    }

    fn candidate(&mut self, candidate: Candidate<'_>, meta: &Meta<'_>, depth: Depth) {
        match candidate {
            Candidate::Array(text) if locate::is_frame_array(text) => {
                self.frame(text, meta, None, depth, "");
            }
            Candidate::Array(text) => self.array(text, meta, depth),
            Candidate::Object(text) => {
                let deeper = Depth { nesting: depth.nesting + 1, ..depth };
                if depth.nesting >= MAX_NESTING {
                    self.reject(Reason::WrapperDepth, "", text);
                } else if let Ok(record) = envelope::record(&mut Scanner::new(text)) {
                    self.record(&record, text, meta, deeper);
                }
            }
            Candidate::Text(text) if text.escaped => {
                let mut inner = self.spare.pop().unwrap_or_default();
                inner.clear();
                text.decode_into(&mut inner);
                self.wrapped(&inner, meta, depth);
                self.spare.push(inner);
            }
            Candidate::Text(text) => self.wrapped(text.raw, meta, depth),
        }
    }

    /// Reads an array that is no frame itself: of frames, records or texts.
    fn array(&mut self, text: &str, outer: &Meta<'_>, depth: Depth) {
        if depth.nesting >= MAX_NESTING {
            self.reject(Reason::WrapperDepth, "", text);
            return;
        }
        let depth = Depth { nesting: depth.nesting + 1, ..depth };
        // The text was checked when it was found; a fault cannot come up here.
        let _ = Scanner::new(text).array(|scanner| {
            let candidate = match scanner.value()? {
                crate::json::Value::Array(text) => Candidate::Array(text),
                crate::json::Value::Object(text) => Candidate::Object(text),
                crate::json::Value::Text(text) => Candidate::Text(text),
                _ => return Ok(()),
            };
            self.candidate(candidate, outer, depth);
            Ok(())
        });
    }

    /// A line without a frame may tell about others.
    fn without_frame(&mut self, line: &str) {
        let position = self.position;
        match self.layout.primary.map(|index| PROFILES[index].name) {
            Some("vcp") => announce::vcp(line, position, self.sink),
            Some("mitmproxy") => announce::mitmproxy(line, position, self.sink),
            _ => announce::steve(line, position, self.sink),
        }
    }

    fn reject(&mut self, reason: Reason, detail: impl Into<String>, text: &str) {
        self.rejects += 1;
        self.sink.reject(Reject::new(self.position, reason, detail, text.as_bytes()));
    }
}
