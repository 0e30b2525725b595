//! The walk over a piece of a source: line by line, and inside a line from frame to frame.

use super::assemble::Failures;
use super::columns::Row;
use super::detect::Seen;
use super::document::Lines;
use super::envelope::{self, Candidate};
use super::heads::Heads;
use super::locate::{self, Shape};
use super::peel::{MAX_WRAPPERS, logfmt_value, strip_escapes, unquote};
use super::profile::PROFILES;
use super::text::{Head, Meta, head};
use super::{Class, Connection, Context, Form, Layout, Sink, Stamp, Tally, announce, stamp};
use super::{quick, repr, topic};
use crate::json::{FaultKind, Scanner};
use crate::position::Position;
use crate::reject::Reason;
use crate::term::Way;
use memchr::{memchr, memchr2, memmem};
use std::borrow::Cow;

/// How many broken frames of one line are told one by one; a line with more is no log but an attack or a dump, and the
/// last one stands for the rest.
const MOST_REJECTS: u32 = 1_000;

/// How deep objects around a message may be nested.
const MAX_NESTING: u8 = 8;

pub(super) struct Run<'r, 'c, S: Sink + ?Sized> {
    pub(super) layout: &'r Layout,
    pub(super) sink: &'r mut S,
    pub(super) seen: Option<&'r mut Seen>,
    pub(super) position: Position,
    pub(super) utf8_replaced: bool,
    /// What the line at hand gave so far.
    pub(super) messages: u32,
    pub(super) rejects: u32,
    spare: Vec<String>,
    pub(super) shapes: quick::Shapes,
    heads: Heads,
    /// The text of a record without its escapes.
    pub(super) plain: Vec<u8>,
    /// The piece of the source; where in it the line at hand begins, and the one behind it.
    pub(super) chunk: &'c [u8],
    pub(super) start: usize,
    pub(super) next: usize,
    /// How many lines were put to the one at hand, and how many bytes of the text in its wrapper.
    pub(super) joined: u64,
    pub(super) inner_taken: usize,
    pub(super) failures: Failures,
    /// Of a document: where its lines begin, and what the value at hand gave before its present record.
    pub(super) document_lines: Lines,
    pub(super) before: (u32, u32),
}

/// Where in the wrappers we are.
#[derive(Clone, Copy)]
pub(super) struct Depth<'a> {
    pub(super) wrappers: u8,
    pub(super) nesting: u8,
    /// The profile of the record around the text, once there is one.
    pub(super) record: Option<usize>,
    /// What the wrapper holds behind the line at hand.
    pub(super) inner: &'a str,
    /// Whether lines may be put together.
    pub(super) joins: bool,
    /// Where the document lies in memory, and the place of its first byte.
    pub(super) document: Option<(usize, Position)>,
}

impl Default for Depth<'_> {
    fn default() -> Self {
        Self { wrappers: 0, nesting: 0, record: None, inner: "", joins: true, document: None }
    }
}

impl<'r, 'c, S: Sink + ?Sized> Run<'r, 'c, S> {
    pub(super) fn new(layout: &'r Layout, sink: &'r mut S, seen: Option<&'r mut Seen>, chunk: &'c [u8]) -> Self {
        Self {
            layout,
            sink,
            seen,
            position: Position::default(),
            utf8_replaced: false,
            messages: 0,
            rejects: 0,
            spare: Vec::new(),
            shapes: quick::Shapes::default(),
            heads: Heads::default(),
            plain: Vec::new(),
            chunk,
            start: 0,
            next: 0,
            joined: 0,
            inner_taken: 0,
            failures: Failures::default(),
            document_lines: Lines::default(),
            before: (0, 0),
        }
    }

    /// Reads the chunk, whose first byte stands at `base`.
    pub(super) fn read(&mut self, base: Position) -> Tally {
        match &self.layout.form {
            Form::Lines | Form::Columns(_) => self.lines(base),
            Form::Table(table) => self.rows(table, base),
            Form::Document { .. } => self.document(base),
        }
    }

    fn lines(&mut self, base: Position) -> Tally {
        let chunk = self.chunk;
        let mut tally = Tally::default();
        let text = simdutf8::basic::from_utf8(chunk).ok();
        // The long way also learns what layout a source has, and knows names of the caller's own.
        let quick = self.seen.is_none() && self.layout.custom.is_none() && matches!(self.layout.form, Form::Lines);
        let quick = text.filter(|_| quick);
        let mut special = None;
        let mut start = 0;
        while start < chunk.len() {
            if chunk[start] == b'{'
                && let Some(rest) = quick.and_then(|text| text.get(start..))
            {
                let byte = base.byte + start as u64;
                let position = Position { source: base.source, byte, line: base.line + tally.lines };
                if let Some(used) = self.quick_line(rest, position) {
                    tally.count(Class::Message, 1, used as u64);
                    self.sink.span(Class::Message, byte, byte + used as u64);
                    start += used;
                    continue;
                }
            }
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
            (self.start, self.next, self.joined) = (start, next, 0);
            let bytes = &chunk[start..end];
            // Escapes of a terminal and NUL bytes are rare: one look at the chunk spares a look at every line. Where most
            // lines are records that need none, it is the line that is looked at.
            let special = if chunk[start] == b'{' {
                memchr2(0x1b, 0, bytes).is_some()
            } else {
                *special.get_or_insert_with(|| memchr2(0x1b, 0, chunk).is_some())
            };
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
            let class = Class::of(self.messages, self.rejects, blank);
            let end = self.next.min(chunk.len());
            tally.count(class, 1 + self.joined, (end - start) as u64);
            self.sink.span(class, base.byte + start as u64, base.byte + end as u64);
            start = self.next;
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
        if let Form::Columns(columns) = &self.layout.form {
            match columns.row(line) {
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
    pub(super) fn line(&mut self, line: &str, outer: &Meta<'_>, depth: Depth<'_>) {
        let trimmed = line.trim_ascii_start();
        let second = || trimmed[1..].trim_ascii_start().bytes().next();
        match trimmed.bytes().next() {
            Some(b'{') if self.quick(trimmed, outer, depth) => {}
            Some(b'{') if second() == Some(b'"') => self.objects(trimmed, outer, depth),
            Some(b'[') if second() == Some(b'{') => self.objects(trimmed, outer, depth),
            Some(b'[') if locate::is_frame_array(trimmed) && locate::any(trimmed, 0).is_none_or(|(at, _)| at > 0) => {
                self.odd_frame(trimmed, outer, depth);
            }
            _ => self.text(line, outer, depth),
        }
    }

    /// A frame whose type is written as `"2"` or `2.0`: one only where it is all that stands there.
    fn odd_frame(&mut self, text: &str, outer: &Meta<'_>, depth: Depth<'_>) {
        let mut scanner = Scanner::new(text);
        match scanner.raw() {
            Ok(array) if scanner.rest().trim_ascii().is_empty() => {
                self.frame(array, outer, None, depth, "");
            }
            _ => self.text(text, outer, depth),
        }
    }

    /// Reads a line of text.
    fn text(&mut self, line: &str, outer: &Meta<'_>, depth: Depth<'_>) {
        let at = match locate::any(line, 0) {
            Some((first, Shape::Raw)) => Some(first),
            Some((first, Shape::Escaped)) => {
                let raw = locate::raw(line, first + 1);
                if raw.is_none() {
                    return self.escaped(line, first, outer, depth);
                }
                raw
            }
            None => locate::odd(line),
        };
        let Some(at) = at else { return self.without_frame(line, outer, depth) };
        if let Some(custom) = &self.layout.custom
            && let Some((meta, start)) = custom.matched(line)
        {
            let at = start.and_then(|start| locate::raw(line, start)).unwrap_or(at);
            // What the pattern does not name is found as in any other log.
            let meta = match head(self.layout, &line[..at]) {
                Head::Known(_, words) | Head::Plain(words) => meta.or(&words).or(outer),
                Head::Echo => meta.or(outer),
            };
            let used = self.frame(&line[at..], &meta, None, depth, &line[..at]);
            return self.following(line, at + used, &meta, outer, depth);
        }
        let words = &line[..at];
        if let Some((profile, meta)) = self.heads.get(words) {
            return self.introduced(line, at, &meta.or(outer), profile, outer, depth);
        }
        let head = head(self.layout, words);
        if !matches!(head, Head::Plain(_)) || object_start(words).is_none() {
            self.heads.learn(words, &head);
        }
        let (meta, profile) = match head {
            Head::Echo => return self.quoted(&line[at..], outer),
            Head::Known(index, meta) => (meta.or(outer), Some(index)),
            Head::Plain(meta) => {
                if let Some(brace) = object_start(words) {
                    let stamp = stamp::find(&words[..brace]).map_or(Stamp::None, |found| found.stamp);
                    let meta = Meta { stamp, ..Meta::default() }.or(outer);
                    return self.objects(&line[brace..], &meta, depth);
                }
                (meta.or(outer), None)
            }
        };
        self.introduced(line, at, &meta, profile, outer, depth);
    }

    /// Reads the frame at `at` of a line, whose words told `meta`, and those behind it.
    fn introduced(
        &mut self,
        line: &str,
        at: usize,
        meta: &Meta<'_>,
        profile: Option<usize>,
        outer: &Meta<'_>,
        depth: Depth<'_>,
    ) {
        let words = &line[..at];
        if profile.is_some_and(|index| PROFILES[index].name == "libocpp_html") {
            // libocpp writes `<` and `>` as entities there, and nothing else.
            let frame = line[at..].replace("&lt;", "<").replace("&gt;", ">");
            self.frame(&frame, meta, profile, depth, words);
            return;
        }
        let end = at + self.frame(&line[at..], meta, profile, depth, words);
        if end < line.len() {
            self.following(line, end, meta, outer, depth);
        }
    }

    /// Reads the frames behind the first one on a line.
    pub(super) fn following(&mut self, line: &str, from: usize, meta: &Meta<'_>, outer: &Meta<'_>, depth: Depth<'_>) {
        let mut from = from;
        while let Some(at) = locate::raw(line, from) {
            if self.rejects > MOST_REJECTS {
                return;
            }
            let mut words = &line[from..at];
            if from > 0 && line.as_bytes()[from - 1] == b'[' {
                // What is left of a broken frame tells nothing about the next one, and its `errorCode` is no error.
                words = words.rsplit('"').next().unwrap_or(words);
            }
            // Glued frames share the line's id and time; its word of direction was for the first one only.
            let shared = Meta { way: outer.way, ..*meta };
            let (own, profile) = match head(self.layout, words) {
                Head::Echo => return self.quoted(&line[at..], meta),
                Head::Known(index, own) => (own.or(&shared), Some(index)),
                Head::Plain(_) => (shared, None),
            };
            from = at + self.frame(&line[at..], &own, profile, depth, words);
        }
    }

    /// A line without a frame that may hold one in another shape: the fields of a topic's message, a record of Java, a
    /// list of Python. False if there is none.
    pub(super) fn other_shape(&mut self, line: &str, outer: &Meta<'_>, depth: Depth<'_>) -> bool {
        if let Some((at, meta)) = topic::message(line) {
            let meta = meta.or(outer);
            let depth = Depth { record: super::profile::index_of("mqtt_topics"), ..depth };
            self.objects(&line[at..], &meta, depth);
            return self.messages + self.rejects > 0;
        }
        if let Some((at, fields)) = repr::java(line) {
            let own = match head(self.layout, &line[..at]) {
                Head::Known(_, meta) | Head::Plain(meta) => meta.or(outer),
                Head::Echo => return false,
            };
            let meta = fields.meta(own);
            let profile = super::profile::index_of(fields.profile());
            if let Some(station) = fields.named() {
                let position = self.position;
                let context =
                    Context { link: Some(fields.id), charge_point: Some(station), way: Way::Unknown, position };
                self.sink.context(&context);
            }
            let mut frame = String::new();
            if fields.write(&mut frame) {
                self.frame(&frame, &meta, profile, depth, &line[..at]);
            } else {
                self.reject(Reason::FrameRepr, "a record of Java that lacks a part of its frame", line);
            }
            return true;
        }
        let Some(at) = repr::find_array(line) else { return false };
        let words = &line[..at];
        let (meta, profile) = match head(self.layout, words) {
            Head::Echo if depth.joins => return false,
            Head::Echo => (*outer, None),
            Head::Known(index, meta) => (meta.or(outer), Some(index)),
            Head::Plain(meta) => (meta.or(outer), None),
        };
        match repr::python(&line[at..]) {
            Some((frame, _)) if depth.joins => {
                self.frame(&frame, &meta, profile, Depth { joins: false, ..depth }, words);
            }
            _ => self.reject(Reason::FrameRepr, "a list in the notation of a programming language", &line[at..]),
        }
        true
    }

    /// A line on which every frame is inside a string.
    fn escaped(&mut self, line: &str, first: usize, outer: &Meta<'_>, depth: Depth<'_>) {
        if let Some(quote) = logfmt_value(line, first) {
            let stamp = stamp::find(&line[..quote]).map_or(Stamp::None, |found| found.stamp);
            let meta = Meta { stamp, ..Meta::default() }.or(outer);
            let mut inner = self.spare.pop().unwrap_or_default();
            inner.clear();
            unquote(&line[quote + 1..], &mut inner);
            self.wrapped(&inner, &meta, depth);
            self.spare.push(inner);
        } else if self.other_shape(line, outer, depth) {
            // What looked like a frame is a text inside of one.
        } else if let Some(brace) = object_start(&line[..first]).filter(|&brace| brace > 0) {
            let stamp = stamp::find(&line[..brace]).map_or(Stamp::None, |found| found.stamp);
            let meta = Meta { stamp, ..Meta::default() }.or(outer);
            self.objects(&line[brace..], &meta, depth);
        } else {
            self.reject(Reason::FrameEscaped, "a frame inside a string", line);
        }
    }

    /// Reads the text that a wrapper holds.
    fn wrapped(&mut self, text: &str, outer: &Meta<'_>, depth: Depth<'_>) {
        if depth.wrappers >= MAX_WRAPPERS {
            self.reject(Reason::WrapperDepth, "", text);
            return;
        }
        let mut rest = text;
        loop {
            let (line, inner) = rest.split_once('\n').unwrap_or((rest, ""));
            let depth = Depth { wrappers: depth.wrappers + 1, inner, ..depth };
            self.inner_taken = 0;
            match strip_escapes(line) {
                Some(plain) => self.line(&plain, outer, depth),
                None => self.line(line, outer, depth),
            }
            rest = inner.get(self.inner_taken..).unwrap_or("");
            self.inner_taken = 0;
            if rest.is_empty() {
                return;
            }
        }
    }

    /// Reads JSON objects, one after the other or as elements of an array.
    pub(super) fn objects(&mut self, text: &str, outer: &Meta<'_>, depth: Depth<'_>) {
        let parts = || {
            [
                "essageType\"",
                "\"event\"",
                "\"request\"",
                "\"response\"",
                "\"MESSAGE\"",
                "\"error_code\"",
                "eventGroup\"",
                "\"<",
            ]
            .iter()
            .any(|key| memmem::find(text.as_bytes(), key.as_bytes()).is_some())
        };
        if locate::any(text, 0).is_none() && !parts() && !locate::odd_anywhere(text) && self.layout.custom.is_none() {
            self.opening(text);
            self.wrapped_beginning(text, outer, depth);
            return;
        }
        let mut scanner = Scanner::new(text);
        loop {
            let scanner_text = scanner.rest();
            let result = match scanner.peek() {
                Some(b'{') => envelope::record(&mut scanner, self.layout.custom.as_deref()).map(|record| {
                    let mut depth = depth;
                    if self.seen.is_some() && depth.record.is_none() {
                        depth.record = super::detect::record_profile(text);
                    }
                    self.record(&record, outer, depth);
                }),
                Some(b'[') => scanner.raw().map(|array| self.array(array, outer, depth)),
                _ => break,
            };
            if let Err(fault) = result {
                if locate::any(text, 0).is_some() {
                    if fault.kind == FaultKind::Truncated
                        && let Some(joined) = self.whole_frame(scanner_text, depth)
                    {
                        return self.objects(&joined.text, outer, Depth { joins: false, ..depth });
                    }
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

    pub(super) fn record(&mut self, record: &envelope::Record<'_>, outer: &Meta<'_>, depth: Depth<'_>) {
        let told = record.meta();
        let id = record.unescaped(told.charge_point);
        let meta = Meta { charge_point: id.as_deref().or(told.charge_point), ..told }.or(outer);
        if let Some(candidate) = record.candidate() {
            self.candidate(candidate, &meta, depth);
            return;
        }
        if let Some(bytes) = record.bytes {
            self.wrapped(&envelope::text_of_bytes(bytes), &meta, depth);
            return;
        }
        let mut frame = self.spare.pop().unwrap_or_default();
        frame.clear();
        if let Some(pair) = record.parts.pair() {
            let stamp = |time: Option<Stamp>| time.filter(|stamp| *stamp != Stamp::None).unwrap_or(meta.stamp);
            pair.write_request(&mut frame);
            self.frame(&frame, &Meta { stamp: stamp(record.request_time), ..meta }, None, depth, "");
            frame.clear();
            if pair.write_response(&mut frame) {
                let way = meta.way.opposite();
                self.frame(&frame, &Meta { stamp: stamp(record.response_time), way, ..meta }, None, depth, "");
            }
        } else if record.assemble(&mut frame) {
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

    fn candidate(&mut self, candidate: Candidate<'_>, meta: &Meta<'_>, depth: Depth<'_>) {
        match candidate {
            Candidate::Array(text) if locate::is_frame_array(text) => {
                self.frame(text, meta, None, depth, "");
            }
            Candidate::Array(text) => self.array(text, meta, depth),
            Candidate::Object(text) => {
                let deeper = Depth { nesting: depth.nesting + 1, ..depth };
                if depth.nesting >= MAX_NESTING {
                    self.reject(Reason::WrapperDepth, "", text);
                } else if let Ok(record) = envelope::record(&mut Scanner::new(text), self.layout.custom.as_deref()) {
                    self.record(&record, meta, deeper);
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
    fn array(&mut self, text: &str, outer: &Meta<'_>, depth: Depth<'_>) {
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
            match candidate {
                Candidate::Array(text) | Candidate::Object(text) => self.place_inside(text, depth),
                Candidate::Text(text) => self.place_inside(text.raw, depth),
            }
            self.candidate(candidate, outer, depth);
            Ok(())
        });
    }

    /// A line without a frame may tell about others.
    pub(super) fn announcement(&mut self, line: &str) {
        let position = self.position;
        match self.layout.primary.map(|index| PROFILES[index].name) {
            Some("vcp") => announce::vcp(line, position, self.sink),
            Some("mitmproxy") => announce::mitmproxy(line, position, self.sink),
            _ => announce::steve(line, position, self.sink),
        }
    }
}

/// Where an object with keys begins, its brace and its first quote perhaps on two lines.
fn object_start(text: &str) -> Option<usize> {
    memchr::memchr_iter(b'{', text.as_bytes()).find(|&at| text[at + 1..].trim_ascii_start().starts_with('"'))
}
