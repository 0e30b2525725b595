//! Records over several lines: a frame or an object that is still open at the end of its line goes on with the lines
//! behind it, until its brackets are closed or a line starts a record of its own (layouts M3).

use super::balance::Balance;
use super::continuation::{self, continuation};
use super::locate;
use super::run::{Depth, Run};
use super::text::Meta;
use super::{Sink, announce, envelope, soap};
use crate::json::Scanner;
use crate::reject::Reason;
use memchr::memchr;

/// A record has no more lines than this.
const MOST_LINES: u64 = 5_000;
/// Nor more bytes; what is larger is a document.
const MOST_BYTES: usize = 1 << 20;
/// How often lines before the same border are tried in vain: what never closes must not cost its square.
const MOST_FAILURES: u32 = 16;

/// Where joining failed last, and how often it did so there.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Failures {
    border: usize,
    times: u32,
    /// Up to where the lines belong to a frame that was rejected for it.
    told: usize,
}

impl Failures {
    /// Whether lines before a border behind `next` were tried often enough.
    pub(super) fn suffice(self, next: usize) -> bool {
        self.border > next && self.times >= MOST_FAILURES
    }

    pub(super) fn add(&mut self, border: usize) {
        if self.border == border {
            self.times += 1;
        } else {
            *self = Self { border, times: 1, ..*self };
        }
    }
}

/// Lines put together.
pub(super) struct Joined {
    pub(super) text: String,
    /// Whether a line ended inside a word.
    pub(super) broken: bool,
    lines: u64,
    next: usize,
    inner: usize,
}

/// What came of putting lines together.
pub(super) enum Join {
    /// The value is closed.
    Whole(Joined),
    /// It is not: a record of its own comes first, or too many lines do.
    Broken(Joined),
    /// It was not tried.
    None,
}

impl<'c, S: Sink + ?Sized> Run<'_, 'c, S> {
    /// The line at byte `at` of the chunk, and where the next one begins.
    pub(super) fn line_at(&self, at: usize) -> Option<(&'c [u8], usize)> {
        let rest = self.chunk.get(at..).filter(|rest| !rest.is_empty())?;
        let length = memchr(b'\n', rest).unwrap_or(rest.len());
        let line = &rest[..length];
        Some((line.strip_suffix(b"\r").unwrap_or(line), at + length + 1))
    }

    /// Puts the lines behind the one at hand to `open` until its value is closed. With `announced`, the first of them
    /// may look like a record of its own.
    pub(super) fn join(&mut self, open: &str, depth: Depth<'_>, announced: bool) -> Join {
        if !depth.joins || self.failures.suffice(self.next) {
            return Join::None;
        }
        let mut balance = Balance::default();
        // The words of an announcing line may have brackets of their own.
        if !announced && balance.feed(open.as_bytes()).is_some() {
            return Join::None;
        }
        let own = self.line_at(self.start).map_or(b"".as_slice(), |(line, _)| line);
        let mut partial = announced || continuation::is_partial(&String::from_utf8_lossy(own));
        let mut joined = Joined { text: open.to_owned(), broken: false, lines: 0, next: self.next, inner: 0 };
        let mut border = joined.next;
        while joined.lines < MOST_LINES {
            let (before, lines) = (joined.next, joined.lines);
            let inner = depth.inner.get(joined.inner..).filter(|rest| !rest.is_empty());
            let (line, lossy);
            if let Some(rest) = inner {
                let length = rest.find('\n').map_or(rest.len(), |at| at + 1);
                joined.inner += length;
                line = rest[..length].trim_end_matches(['\n', '\r']);
            } else {
                let Some((bytes, next)) = self.line_at(joined.next) else { break };
                joined.next = next;
                joined.lines += 1;
                lossy = String::from_utf8_lossy(bytes);
                line = &lossy;
            }
            border = joined.next;
            let Some(piece) = continuation(line, partial) else {
                (joined.next, joined.lines) = (before, lines);
                break;
            };
            let from = joined.text.len();
            if balance.in_string() {
                joined.broken |= !partial;
            } else if !partial && !glued(&joined.text, &piece.text) {
                joined.text.push('\n');
            }
            partial = piece.partial;
            joined.text.push_str(&piece.text);
            if joined.text.len() > MOST_BYTES {
                break;
            }
            if balance.feed(&joined.text.as_bytes()[from..]).is_some() {
                return Join::Whole(joined);
            }
        }
        self.failures.add(border);
        Join::Broken(joined)
    }

    /// Counts the lines of a record as read.
    pub(super) fn take_joined(&mut self, joined: &Joined) {
        self.next = joined.next;
        self.joined += joined.lines;
        self.inner_taken = joined.inner;
    }

    /// The whole frame whose beginning is `open`, put together from the lines behind it.
    pub(super) fn whole_frame(&mut self, open: &str, depth: Depth<'_>) -> Option<Joined> {
        let Join::Whole(joined) = self.join(open, depth, false) else { return None };
        Scanner::new(&joined.text).skip().ok()?;
        self.take_joined(&joined);
        Some(joined)
    }

    /// A line without a frame: one may begin in it, or it tells about the lines behind it.
    pub(super) fn without_frame(&mut self, line: &str, outer: &Meta<'_>, depth: Depth<'_>) {
        if self.envelope(line, outer, depth) {
            return;
        }
        let announced = announce::is_head(line) && self.follows_bracket(depth);
        let open = if announced { Some(0) } else { locate::open_value(line) };
        if let Some(at) = open {
            match self.join(&line[at..], depth, announced) {
                Join::Whole(joined) if holds_message(&joined.text) => {
                    self.take_joined(&joined);
                    let whole = format!("{}{}", &line[..at], joined.text);
                    self.line(&whole, outer, Depth { joins: false, ..depth });
                    return;
                }
                // A value without OCPP in it: its lines are looked at one by one, but not joined again.
                Join::Whole(joined) => {
                    self.failures = Failures { border: joined.next, times: MOST_FAILURES, ..self.failures };
                }
                // What was announced is told by its own first line.
                Join::Broken(joined) if !announced => self.broken_frame(&joined),
                Join::Broken(_) | Join::None => {}
            }
        }
        if !self.other_shape(line, outer, depth) {
            self.announcement(line);
        }
    }

    /// Lines that begin a frame and do not end it: told once, though more than one of them may open a bracket.
    fn broken_frame(&mut self, joined: &Joined) {
        if self.failures.told <= self.start && locate::raw(&joined.text, 0).is_some() {
            self.failures.told = joined.next;
            let detail = format!("a frame over several lines has no end within {} of them", joined.lines + 1);
            self.reject(Reason::JsonTruncated, detail, &joined.text);
        }
    }

    /// A record without a frame may wrap a line behind which one goes on.
    pub(super) fn wrapped_beginning(&mut self, record: &str, outer: &Meta<'_>, depth: Depth<'_>) {
        let Some(inner) = continuation::wrapped_line(record).filter(|_| depth.joins) else { return };
        let envelope = || soap::head(&inner).is_some() || soap::find(&inner, 0).is_some();
        if locate::open_value(&inner).is_none() && !announce::is_head(&inner) && !envelope() {
            return;
        }
        let Ok(wrapper) = envelope::record(&mut Scanner::new(record), None) else { return };
        let meta = wrapper.meta().or(outer);
        self.line(&inner, &meta, Depth { wrappers: depth.wrappers + 1, ..depth });
    }

    /// Whether the line behind the one at hand begins with a bracket.
    fn follows_bracket(&self, depth: Depth<'_>) -> bool {
        if !depth.inner.is_empty() {
            return depth.inner.trim_ascii_start().starts_with('[');
        }
        self.line_at(self.next).is_some_and(|(line, _)| continuation::opens(line))
    }
}

/// Whether two pieces are halves of one number or word: in JSON no two of them stand side by side.
fn glued(before: &str, behind: &str) -> bool {
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+');
    before.as_bytes().last().is_some_and(inside) && behind.as_bytes().first().is_some_and(inside)
}

/// Whether a joined value may hold a message.
fn holds_message(text: &str) -> bool {
    locate::any(text, 0).is_some() || super::repr::is_array(text)
}
