//! Frames whose payload has a known form: from the text to the event without a look at a key.

mod teach;

use super::digest::{self, canonical_content};
use super::form::{Forms, Read, Tools};
use super::id::{Id, LETTERS, Uuid, uuid};
use super::meter::Span;
use super::read::Header;
use super::store::{Event, Store, Text, put};
use super::{Answer, Authorize, Fact, Meter, Status, TxEvent, TxStart, TxStop};
use crate::json::{begins, plain_run};
use crate::message::{Action, Kind, Message};
use crate::term::Version;
use crate::time::Minute;

/// The forms of the payloads that one action has.
enum Payload {
    /// `Heartbeat`: nothing is in it.
    Empty,
    Status(Forms<Status>),
    Authorize(Forms<Authorize>),
    TxStart(Forms<TxStart>),
    TxStop(Forms<TxStop>),
    Meter(Forms<Meter>),
    TxEvent(Forms<TxEvent>),
}

/// The requests of an action, as this log writes them.
struct Call {
    /// What stands between the id and the payload, and its first bytes.
    between: Box<[u8]>,
    word: u64,
    action: Action,
    implied: Option<Version>,
    /// The seed of the digest of their contents.
    seed: u64,
    payload: Payload,
}

/// What was learned about the frames of a log.
#[derive(Default)]
pub(super) struct Known {
    calls: Vec<Call>,
    answers: Forms<Answer>,
    minute: Minute,
    /// The id of the last request of a known form, and its text with the quote that ends it: the answer has the same one.
    last: Id,
    last_text: Vec<u8>,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Known").field("calls", &self.calls.len()).finish_non_exhaustive()
    }
}

impl Known {
    /// Forgets what lies in an arena that is used again.
    pub(super) fn leave_arena(&mut self) {
        self.last = Id::None;
        self.last_text.clear();
    }
}

/// How many ways to write the beginning of a request are kept.
const MOST_CALLS: usize = 32;
/// The longest id that carries no flag.
const OCPP_ID: usize = 36;

/// A frame up to its payload.
struct Beginning<'t> {
    kind: Kind,
    id: Told<'t>,
    /// Where its id begins, and where what follows it does.
    start: usize,
    behind: usize,
}

/// The id of a frame.
enum Told<'t> {
    /// That of the last request.
    Last,
    Uuid(Uuid),
    Text(&'t str),
}

/// The beginning of a frame as nearly all are written, its id without escapes; `last` is the id of the last request with its
/// quote.
#[inline]
fn beginning<'t>(text: &'t str, last: &[u8]) -> Option<Beginning<'t>> {
    let bytes = text.as_bytes();
    let (kind, start) = match bytes {
        [b'[', kind @ (b'2' | b'3'), b',', b'"', ..] => (*kind, 4),
        [b'[', kind @ (b'2' | b'3'), b',', b' ', b'"', ..] => (*kind, 5),
        _ => return None,
    };
    let kind = if kind == b'2' { Kind::Call } else { Kind::Result };
    let rest = &bytes[start..];
    // An answer has the id of its call, which mostly stands right before it.
    if kind == Kind::Result && !last.is_empty() && begins(rest, last) {
        return Some(Beginning { kind, id: Told::Last, start, behind: start + last.len() - 1 });
    }
    if let Some((letters, [b'"', ..])) = rest.split_at_checked(LETTERS)
        && let Some(uuid) = uuid(letters)
    {
        return Some(Beginning { kind, id: Told::Uuid(uuid), start, behind: start + LETTERS });
    }
    let length = plain_run(rest);
    let behind = start + length;
    if !(1..=OCPP_ID).contains(&length) || bytes.get(behind) != Some(&b'"') {
        return None;
    }
    Some(Beginning { kind, id: Told::Text(text.get(start..behind)?), start, behind })
}

/// What an answer has between its id and its payload.
#[inline]
fn comma(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'"', b',', b'{', ..] => Some(2),
        [b'"', b',', b' ', b'{', ..] => Some(3),
        _ => None,
    }
}

/// What must stand behind a frame.
#[derive(Clone, Copy)]
enum Behind<'t> {
    /// Nothing: it takes all of its text.
    Nothing,
    /// These bytes and the end of the line.
    Line(&'t [u8]),
}

impl Behind<'_> {
    #[inline]
    fn follows(self, bytes: &[u8]) -> bool {
        match self {
            Self::Nothing => bytes.is_empty(),
            Self::Line(tail) => {
                begins(bytes, tail) && matches!(bytes[tail.len()..], [] | [b'\n', ..] | [b'\r', b'\n', ..])
            }
        }
    }
}

impl Store {
    /// Reads the frame at the start of `text`, if its form is known and it ends its line but for `tail`, and tells its
    /// length. If not, nothing has happened.
    #[inline]
    pub fn push_line(&mut self, header: &Header<'_>, text: &str, tail: &[u8]) -> Option<usize> {
        self.push_known(header, text, Behind::Line(tail))
    }

    /// Reads a frame that takes all of `text`, if its form is known. If not, nothing has happened.
    #[inline]
    pub(super) fn push_all(&mut self, header: &Header<'_>, text: &str) -> bool {
        self.push_known(header, text, Behind::Nothing).is_some()
    }

    #[inline]
    fn push_known(&mut self, header: &Header<'_>, text: &str, end: Behind<'_>) -> Option<usize> {
        let mut known = self.known.take()?;
        let mark = self.mark();
        let found = self.frame(&mut known, header, text, end);
        if found.is_none() {
            self.reset(mark);
        }
        self.known = Some(known);
        found
    }

    #[inline]
    fn frame(&mut self, known: &mut Known, header: &Header<'_>, text: &str, end: Behind<'_>) -> Option<usize> {
        let Beginning { kind, id, start, behind } = beginning(text, &known.last_text)?;
        let texts = self.text.len();
        let id = match id {
            Told::Last => known.last,
            Told::Uuid(uuid) => Id::Uuid(uuid),
            Told::Text(text) => Id::Text(self.keep(text)),
        };
        let length = self.payload(known, header, kind, id, &text[behind..], end)?;
        if kind == Kind::Call {
            known.last = id;
            known.last_text.clear();
            known.last_text.extend_from_slice(&text.as_bytes()[start..=behind]);
        }
        let end = self.text.len();
        if let Some(event) = self.events.last_mut() {
            event.texts = Span { start: texts as u32, length: (end - texts) as u32 };
        }
        Some(behind + length)
    }

    #[inline]
    fn payload(
        &mut self,
        known: &mut Known,
        header: &Header<'_>,
        kind: Kind,
        id: Id,
        rest: &str,
        behind: Behind<'_>,
    ) -> Option<usize> {
        let bytes = rest.as_bytes();
        let ends = |end: usize| bytes.get(end) == Some(&b']') && behind.follows(&bytes[end + 1..]);
        let Known { calls, answers, minute, .. } = known;
        let (action, seed, at, length, fact, version) = if kind == Kind::Call {
            let word = u64::from_le_bytes(*bytes.first_chunk()?);
            let call = calls.iter_mut().find(|call| call.word == word && begins(bytes, &call.between))?;
            let version = header.version.or(call.implied);
            let at = call.between.len();
            let (fact, version, length) = self.request(&mut call.payload, minute, version, rest.get(at..)?)?;
            (call.action, call.seed, at, length, fact, version)
        } else {
            let at = comma(bytes)?;
            if bytes[at..].starts_with(b"{}]") {
                (Action::UNKNOWN, digest::ANSWER, at, 2, Fact::None, header.version)
            } else {
                let mut tools = Tools { text: &mut self.text, samples: &mut self.samples, minute };
                let Read { fact, length, .. } = answers.read(&rest[at..], None, &mut tools)?;
                let fact = Fact::Answer(put(&mut self.answers, fact));
                (Action::UNKNOWN, digest::ANSWER, at, length, fact, header.version)
            }
        };
        if !ends(at + length) {
            return None;
        }
        let payload = &rest[at..at + length];
        let content = if header.canonical {
            let action = action.name().map(std::borrow::Cow::Borrowed);
            canonical_content(&Message {
                kind,
                id: "".into(),
                action,
                payload,
                error_code: None,
                error_description: None,
                flags: crate::flag::Flags::NONE,
            })
        } else {
            digest::seeded(payload, seed)
        };
        let mut event = Event {
            charge_point: self.charge_point(header.charge_point),
            charge_point_source: header.charge_point_source,
            log_time: header.log_time,
            position: header.position,
            kind,
            way: header.way,
            direction: header.direction,
            direction_source: header.direction_source,
            version,
            soap: header.soap,
            connection: header.connection,
            action,
            action_text: Text::NONE,
            id,
            payload: if header.keep_payload { self.keep(payload) } else { Text::NONE },
            content,
            flags: header.flags,
            fact,
            command: None,
            texts: Span::default(),
            moved: 0,
        };
        Self::settle_direction(&mut event);
        self.events.push(event);
        Some(at + length + 1)
    }

    /// Reads the payload of a request.
    #[inline]
    fn request(
        &mut self,
        payload: &mut Payload,
        minute: &mut Minute,
        version: Option<Version>,
        text: &str,
    ) -> Option<(Fact, Option<Version>, usize)> {
        let Self { text: arena, samples, .. } = self;
        let tools = &mut Tools { text: arena, samples, minute };
        macro_rules! take {
            ($forms:ident, $list:ident, $fact:ident) => {{
                let Read { fact, version, length } = $forms.read(text, version, tools)?;
                (Fact::$fact(put(&mut self.$list, fact)), version, length)
            }};
        }
        Some(match payload {
            Payload::Empty => text.starts_with("{}").then_some((Fact::None, version, 2))?,
            Payload::Status(forms) => take!(forms, statuses, Status),
            Payload::Authorize(forms) => take!(forms, authorizes, Authorize),
            Payload::TxStart(forms) => take!(forms, starts, TxStart),
            Payload::TxStop(forms) => take!(forms, stops, TxStop),
            Payload::Meter(forms) => take!(forms, meters, Meter),
            Payload::TxEvent(forms) => take!(forms, tx_events, TxEvent),
        })
    }
}

#[cfg(test)]
mod tests;
