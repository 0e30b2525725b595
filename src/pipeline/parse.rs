//! One chunk: its lines to frames, its frames to events.

use crate::event::{Header, Store};
use crate::flag::{Flag, Flags};
use crate::layout::{Connection, Context, Frame, Layout, Named, Sink, Stamp, Taken, Tally};
use crate::message::{self, Kind, Message};
use crate::position::Position;
use crate::reject::{Reason, Reject};
use crate::term::{Direction, DirectionSource, IdSource, Version, Way};
use crate::time::storable;
use std::borrow::Cow;

/// What a record says of itself and only its whole source can settle. One for each event, in the same order.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Loose {
    /// The way, in the words of the log.
    pub(super) way: Way,
    /// The stamp, as the log wrote it.
    pub(super) stamp: Stamp,
    /// The key it shares with contexts, as an index into [`Parsed::links`].
    pub(super) link: Option<u32>,
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
    pub(super) links: Vec<String>,
    pub(super) contexts: Vec<Told>,
    pub(super) rejects: Vec<Reject>,
    pub(super) tally: Tally,
    /// Frames that were rejected.
    pub(super) refused: u64,
}

/// What a parser must know about the caller's wishes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub(super) keep_payload: bool,
    pub(super) version: Option<Version>,
    /// What the file's name tells.
    pub(super) named: Option<Named>,
}

/// Reads a chunk that begins at `byte` of the source with number `source`.
pub(super) fn parse(layout: &Layout, source: u32, byte: u64, bytes: &[u8], wish: Wish) -> Parsed {
    let mut parser = Parser { parsed: Parsed::default(), wish };
    let tally = layout.read(bytes, Position { source, byte, line: 1 }, &mut parser);
    parser.parsed.tally = tally;
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
        let reading = message::read(frame.text);
        let message = match reading.message {
            Ok(message) => message,
            Err(defect) => {
                self.refuse(frame, reading.consumed, defect);
                return Taken { consumed: reading.consumed, message: false };
            }
        };
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
        let (direction, direction_source) = Self::direction(frame.way);
        let mut flags = Flags::NONE;
        flags.add_if(frame.utf8_replaced, Flag::Utf8Replaced);
        let header = Header {
            charge_point: frame.charge_point.unwrap_or(""),
            charge_point_source: if frame.charge_point.is_some() { frame.charge_point_source } else { IdSource::None },
            log_time: instant(frame.stamp),
            position: frame.position,
            direction,
            direction_source,
            version: frame.version.or(self.wish.version),
            soap: false,
            connection: None,
            flags,
            keep_payload: self.wish.keep_payload,
        };
        let link = self.link(frame.link);
        self.push(&header, &message, Loose { way: frame.way, stamp: frame.stamp, link });
        Taken { consumed: reading.consumed, message: true }
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
        self.push(&header, &message, Loose { way: Way::Unknown, stamp: connection.stamp, link });
    }

    fn reject(&mut self, reject: Reject) {
        self.parsed.rejects.push(reject);
    }
}

impl Parser {
    fn refuse(&mut self, frame: &Frame<'_>, consumed: usize, defect: message::Defect) {
        // A frame that is cut has no end of its own: all of the rest of the line is lost with it.
        let lost = match defect.reason {
            Reason::JsonTruncated | Reason::JsonSyntax | Reason::JsonDepth | Reason::ControlChar => frame.text.len(),
            _ => consumed,
        };
        let bytes = frame.text.as_bytes();
        let mut reject = Reject::new(frame.position, defect.reason, defect.detail, &bytes[..lost.min(bytes.len())]);
        reject.charge_point = frame.charge_point.map(str::to_owned);
        reject.log_time = instant(frame.stamp);
        self.parsed.rejects.push(reject);
        self.parsed.refused += 1;
    }
}
