//! One chunk: its lines to frames, its frames to events.

use super::exchanges::Soap;
use super::ways::{HEAD, Votes};
use crate::event::{Fleet, Header, Packed, Packer, Store, canonical_content, content};
use crate::flag::{Flag, Flags};
use crate::input::{Chunk, LineMap};
use crate::layout::{Class, Connection, Context, Frame, Layout, Named, Sink, Stamp, Taken, Tally};
use crate::message::{self, Kind, Message};
use crate::position::Position;
use crate::reject::{Reason, Reject};
use crate::term::{Direction, DirectionSource, IdSource, Transport, Version, Way};
use crate::time::storable;
use std::borrow::Cow;

/// What a record says of itself and only its whole source can settle. One for each event, in the same order.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Loose {
    /// The stamp, as the log wrote it.
    pub(super) stamp: Stamp,
    /// The key it shares with contexts, as an index into [`Parsed::links`].
    pub(super) link: Option<u32>,
    /// Whether another logger of the same source may have written it too.
    pub(super) copy: bool,
}

/// A context that outlives its chunk.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) link: Option<String>,
    pub(super) charge_point: Option<String>,
    pub(super) way: Way,
    pub(super) byte: u64,
}

/// What was found in a chunk. Lines count from its start.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub(super) store: Store,
    pub(super) loose: Vec<Loose>,
    /// The events, if nothing but their way had to be settled: `store` and `loose` are empty then.
    pub(super) packed: Option<Packed>,
    /// What those speak for, if they may stand at the head of their source.
    pub(super) votes: Option<Votes>,
    pub(super) links: Vec<String>,
    pub(super) contexts: Vec<Told>,
    pub(super) rejects: Vec<Reject>,
    pub(super) tally: Tally,
    /// What ties messages of SOAP together, in the order of the events.
    pub(super) soap: Vec<Soap>,
    /// Frames that texts quote, and parts of frames that a second logger wrote.
    pub(super) quotes: Vec<Quote>,
    /// Frames that stand in the same source a second time.
    pub(super) duplicates: u64,
    /// Whether its last line goes on in the next chunk, as that of a document may.
    pub(super) open_end: bool,
    /// Whether a record leaves anything but the way of its message to be settled.
    unsettled: bool,
}

/// A frame that is perhaps a copy of another one in its source.
#[derive(Debug)]
pub(super) struct Quote {
    pub(super) kind: Kind,
    pub(super) id: String,
    /// The digest of its content; none if only a part of it can be read.
    pub(super) content: Option<u64>,
    /// What is told if it is no copy.
    pub(super) reject: Reject,
}

impl Parsed {
    /// Whether the rest of the source can change nothing about the events but what "sent" and "received" mean.
    fn is_settled(&self, wish: Wish) -> bool {
        !wish.override_id
            && !self.unsettled
            && self.contexts.is_empty()
            && self.soap.is_empty()
            && self.quotes.is_empty()
    }

    /// Gives offsets in the source's own bytes to what was found in bytes that were brought to UTF-8.
    pub(super) fn move_back(&mut self, map: &LineMap) {
        for event in &mut self.store.events {
            event.position.byte = map.source(event.position.byte);
        }
        for reject in self.rejects.iter_mut().chain(self.quotes.iter_mut().map(|quote| &mut quote.reject)) {
            reject.position.byte = map.source(reject.position.byte);
        }
        for told in &mut self.contexts {
            told.byte = map.source(told.byte);
        }
    }
}

/// What a parser must know about the caller's wishes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub(super) keep_payload: bool,
    pub(super) version: Option<Version>,
    /// Whether the caller's charge point id wins over the log's.
    pub(super) override_id: bool,
    /// Whether there are other sources, which may hold the same messages.
    pub(super) canonical: bool,
    /// What the file's name tells.
    pub(super) named: Option<Named>,
}

/// Memory and knowledge that one chunk leaves to the next.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    store: Store,
    loose: Vec<Loose>,
    packer: Packer,
}

/// With more charge points than this, a chunk forgets those of the chunks before.
const MOST_CHARGE_POINTS: usize = 1 << 16;

/// Reads a chunk and packs its events, if no other chunk has a say in them.
pub(super) fn parse_packed(layout: &Layout, chunk: &Chunk, wish: Wish, fleet: &Fleet, scratch: &mut Scratch) -> Parsed {
    let (store, loose) = (std::mem::take(&mut scratch.store), std::mem::take(&mut scratch.loose));
    let mut parsed = parse_into(store, loose, layout, 0, chunk, wish);
    if parsed.is_settled(wish) {
        parsed.votes = (chunk.byte < HEAD).then(|| Votes::of(&parsed.store.events));
        let Parsed { store, loose, packed, .. } = &mut parsed;
        *packed = Some(scratch.packer.pack(store, fleet));
        loose.clear();
        if store.charge_points().len() <= MOST_CHARGE_POINTS {
            (scratch.store, scratch.loose) = (std::mem::take(store), std::mem::take(loose));
            return parsed;
        }
    }
    scratch.packer.forget();
    parsed
}

/// Reads a chunk of the source with number `source`, and packs nothing.
pub(super) fn parse(layout: &Layout, source: u32, chunk: &Chunk, wish: Wish) -> Parsed {
    parse_into(Store::default(), Vec::new(), layout, source, chunk, wish)
}

/// Reads a chunk of the source with number `source` into lists that are empty.
fn parse_into(
    mut store: Store,
    mut loose: Vec<Loose>,
    layout: &Layout,
    source: u32,
    chunk: &Chunk,
    wish: Wish,
) -> Parsed {
    let (bytes, map) = chunk.text();
    let ends = (chunk.byte + bytes.len() as u64, chunk.byte + chunk.bytes.len() as u64);
    let moved = map.map(|map| Moved { map, ends, tally: Tally::default() });
    store.expect(bytes.len());
    loose.reserve(store.events.capacity());
    let mut parser = Parser { parsed: Parsed { store, loose, ..Parsed::default() }, wish, moved };
    let tally = layout.read(&bytes, Position { source, byte: chunk.byte, line: 1 }, &mut parser);
    let Parser { mut parsed, moved, .. } = parser;
    parsed.tally = tally;
    parsed.open_end = !bytes.ends_with(b"\n");
    if let Some(moved) = moved {
        let Tally { blank_bytes, other_bytes, message_bytes, rejected_bytes, .. } = moved.tally;
        parsed.tally = Tally { blank_bytes, other_bytes, message_bytes, rejected_bytes, ..tally };
        parsed.move_back(&moved.map);
    }
    parsed
}

/// The bytes of a chunk that was brought to UTF-8, counted where they stand in the source.
struct Moved {
    map: LineMap,
    /// The end of the chunk: in the text, and in the source.
    ends: (u64, u64),
    tally: Tally,
}

impl Moved {
    /// Where a border between lines stands in the source.
    fn border(&self, byte: u64) -> u64 {
        if byte == self.ends.0 { self.ends.1 } else { self.map.border(byte) }
    }
}

/// What these frames give, for tests of what comes after.
#[cfg(test)]
pub(super) fn of_frames<'a>(frames: impl IntoIterator<Item = Frame<'a>>) -> Parsed {
    let wish = Wish { keep_payload: true, version: None, override_id: false, canonical: false, named: None };
    let mut parser = Parser { parsed: Parsed::default(), wish, moved: None };
    for frame in frames {
        parser.frame(&frame);
    }
    parser.parsed
}

/// A line that was too long to read.
pub(super) fn oversized(source: u32, byte: u64, length: u64, sample: &[u8]) -> Parsed {
    let position = Position { source, byte, line: 1 };
    let detail = format!("a line of {length} bytes");
    let mut reject = Reject::new(position, Reason::LineTooLong, detail, sample);
    reject.length = length;
    Parsed { rejects: vec![reject], tally: Tally { lines: 1, rejected: 1, ..Tally::default() }, ..Parsed::default() }
}

struct Parser {
    parsed: Parsed,
    wish: Wish,
    moved: Option<Moved>,
}

impl Parser {
    fn link(&mut self, link: Option<&str>) -> Option<u32> {
        let link = link?;
        let links = &mut self.parsed.links;
        // A chunk sees few connections; the last one is the likeliest.
        let known = links.iter().rposition(|known| known == link);
        let index = known.unwrap_or_else(|| {
            links.push(link.to_owned());
            links.len() - 1
        });
        Some(index as u32)
    }

    fn direction(way: Way) -> (Option<Direction>, DirectionSource) {
        match way {
            Way::Known(direction) => (Some(direction), DirectionSource::Log),
            _ => (None, DirectionSource::Unknown),
        }
    }

    fn push(&mut self, header: &Header<'_>, message: &Message<'_>, loose: Loose) {
        self.parsed.store.push(header, message);
        self.loose(header, loose);
    }

    /// Keeps what the record of the last event leaves open.
    #[inline]
    fn loose(&mut self, header: &Header<'_>, loose: Loose) {
        // A time that is told here is one that can be stored, in UTC.
        let settled = header.log_time.is_some()
            && header.charge_point_source != IdSource::None
            && header.way != Way::Unknown
            && !loose.copy;
        self.parsed.unsettled |= !settled;
        self.parsed.loose.push(loose);
    }
}

fn instant(stamp: Stamp) -> Option<i64> {
    match stamp {
        Stamp::Utc(micros) => storable(micros),
        _ => None,
    }
}

impl Sink for Parser {
    fn frame(&mut self, frame: &Frame<'_>) -> Taken {
        if frame.transport == Transport::Soap {
            return self.soap(frame);
        }
        let reading = message::read(frame.text);
        match reading.message {
            Ok(message) => self.take(*frame, &message),
            Err(defect) if frame.may_go_on && defect.reason == Reason::JsonTruncated => {
                return Taken { consumed: reading.consumed, message: false, cut: true };
            }
            Err(defect) => {
                self.refuse(frame, reading.consumed, defect);
                return Taken { consumed: reading.consumed, message: false, cut: false };
            }
        }
        Taken { consumed: reading.consumed, message: true, cut: false }
    }

    fn whole(&mut self, frame: &Frame<'_>) -> bool {
        let renamed;
        let frame = if self.wish.named.is_some() {
            renamed = self.named(frame);
            &renamed
        } else {
            frame
        };
        let header = self.header(frame);
        if !self.parsed.store.push_whole(&header, frame.text) {
            return false;
        }
        let link = self.link(frame.link);
        self.loose(&header, Loose { stamp: frame.stamp, link, copy: frame.copy });
        true
    }

    #[expect(
        clippy::inline_always,
        reason = "one with the walk over the lines, nothing of the frame goes by way of memory"
    )]
    #[inline(always)]
    fn line(&mut self, frame: &Frame<'_>, tail: &[u8]) -> Option<usize> {
        if self.wish.named.is_some() {
            return None;
        }
        let header = self.header(frame);
        let length = self.parsed.store.push_line(&header, frame.text, tail)?;
        let link = self.link(frame.link);
        self.loose(&header, Loose { stamp: frame.stamp, link, copy: frame.copy });
        Some(length)
    }

    fn quoted(&mut self, frame: &Frame<'_>) {
        let reading = message::read(frame.text);
        let Ok(message) = reading.message else {
            // A text that quotes a part of a frame.
            if let Some((kind, id)) = message::beginning(frame.text) {
                let mut reject = Reject::new(frame.position, Reason::FrameQuoted, "", frame.text.as_bytes());
                reject.charge_point = frame.charge_point.map(str::to_owned);
                reject.log_time = instant(frame.stamp);
                self.parsed.quotes.push(Quote { kind, id: id.to_owned(), content: None, reject });
            }
            return;
        };
        let bytes = &frame.text.as_bytes()[..reading.consumed.min(frame.text.len())];
        let mut reject = Reject::new(frame.position, Reason::FrameQuoted, "", bytes);
        reject.charge_point = frame.charge_point.map(str::to_owned);
        reject.log_time = instant(frame.stamp);
        self.parsed.quotes.push(Quote {
            kind: message.kind,
            id: message.id.as_ref().to_owned(),
            content: Some(if self.wish.canonical { canonical_content(&message) } else { content(&message) }),
            reject,
        });
    }

    fn context(&mut self, context: &Context<'_>) {
        self.parsed.contexts.push(Told {
            link: context.link.map(str::to_owned),
            charge_point: context.charge_point.map(str::to_owned),
            way: context.way,
            byte: context.position.byte,
        });
    }

    fn connection(&mut self, connection: &Connection<'_>) {
        let message = Message {
            kind: if connection.open { Kind::Open } else { Kind::Close },
            id: Cow::Borrowed(""),
            action: None,
            payload: connection.payload,
            error_code: None,
            error_description: None,
            flags: Flags::NONE,
        };
        let header = Header {
            charge_point: connection.charge_point.unwrap_or(""),
            charge_point_source: if connection.charge_point.is_some() {
                connection.charge_point_source
            } else {
                IdSource::None
            },
            log_time: instant(connection.stamp),
            position: connection.position,
            keep_payload: true,
            ..Header::default()
        };
        let link = self.link(connection.link);
        self.push(&header, &message, Loose { stamp: connection.stamp, link, copy: false });
    }

    fn reject(&mut self, reject: Reject) {
        self.parsed.rejects.push(reject);
    }

    fn span(&mut self, class: Class, start: u64, end: u64) {
        if let Some(moved) = &mut self.moved {
            let bytes = moved.border(end) - moved.border(start);
            moved.tally.count(class, 0, bytes);
        }
    }
}

impl Parser {
    /// A frame; what its record does not tell, the file's name may.
    fn named<'f>(&self, frame: &Frame<'f>) -> Frame<'f> {
        let mut frame = *frame;
        if let Some(named) = self.wish.named {
            if frame.way == Way::Unknown {
                frame.way = named.way;
            }
            if frame.stamp == Stamp::None {
                frame.stamp = named.stamp;
            }
            frame.version = frame.version.or(named.version);
        }
        frame
    }

    #[inline]
    fn header<'f>(&self, frame: &Frame<'f>) -> Header<'f> {
        let (direction, direction_source) = Self::direction(frame.way);
        let mut flags = Flags::NONE;
        flags.add_if(frame.utf8_replaced, Flag::Utf8Replaced);
        flags.add_if(frame.rejoined, Flag::FrameRejoined);
        Header {
            charge_point: frame.charge_point.unwrap_or(""),
            charge_point_source: if frame.charge_point.is_some() { frame.charge_point_source } else { IdSource::None },
            log_time: instant(frame.stamp),
            position: frame.position,
            way: frame.way,
            direction,
            direction_source,
            version: frame.version.or(self.wish.version),
            soap: frame.transport == Transport::Soap,
            connection: None,
            flags,
            keep_payload: self.wish.keep_payload,
            canonical: self.wish.canonical,
        }
    }

    /// Takes a message.
    fn take(&mut self, frame: Frame<'_>, message: &Message<'_>) {
        let frame = self.named(&frame);
        let header = self.header(&frame);
        let link = self.link(frame.link);
        self.push(&header, message, Loose { stamp: frame.stamp, link, copy: frame.copy });
    }

    /// Takes an envelope. What it tells of itself is surer than the words around it.
    fn soap(&mut self, frame: &Frame<'_>) -> Taken {
        let reading = message::read_soap(frame.text);
        let consumed = reading.consumed;
        let soap = match reading.message {
            Ok(soap) => soap,
            Err(defect) => {
                self.refuse(frame, consumed, defect);
                return Taken { consumed, message: false, cut: false };
            }
        };
        let mut told = *frame;
        if let Some(id) = soap.charge_point.as_deref() {
            told.charge_point = Some(id);
            told.charge_point_source = IdSource::Record;
        }
        told.way = soap.direction.map_or(frame.way, Way::Known);
        told.version = soap.version.or(frame.version);
        self.parsed.soap.push(Soap {
            event: self.parsed.store.events.len(),
            exchange: frame.message_id.map(str::to_owned),
            own_id: soap.id.is_some(),
        });
        self.take(told, &soap.message(frame.message_id));
        Taken { consumed, message: true, cut: false }
    }

    fn refuse(&mut self, frame: &Frame<'_>, consumed: usize, defect: message::Defect) {
        // A frame that is cut has no end of its own: all of the rest of the line is lost with it.
        let lost = match defect.reason {
            Reason::JsonTruncated
            | Reason::JsonSyntax
            | Reason::JsonDepth
            | Reason::ControlChar
            | Reason::XmlTruncated
            | Reason::XmlSyntax
            | Reason::XmlDepth
            | Reason::XmlDtd => frame.text.len(),
            _ => consumed,
        };
        let bytes = frame.text.as_bytes();
        let bytes = &bytes[..lost.min(bytes.len())];
        let mut reject = Reject::new(frame.position, defect.reason, defect.detail, bytes);
        if frame.utf8_replaced {
            reject = reject.in_replaced(bytes);
        }
        reject.charge_point = frame.charge_point.map(str::to_owned);
        reject.log_time = instant(frame.stamp);
        if frame.copy
            && let Some((kind, id)) = message::beginning(frame.text)
        {
            self.parsed.quotes.push(Quote { kind, id: id.to_owned(), content: None, reject });
            return;
        }
        self.parsed.rejects.push(reject);
    }
}
