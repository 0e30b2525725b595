//! What a layout hands on: frames, and what the lines around them tell.

use crate::position::Position;
use crate::reject::Reject;
use crate::term::{IdSource, Transport, Version, Way};

/// A stamp as the log wrote it. What is missing is settled per source, when all of it has been seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stamp {
    /// No stamp.
    #[default]
    None,
    /// An instant: UTC microseconds.
    Utc(i64),
    /// Date and time without an offset: microseconds as if it were UTC.
    Local(i64),
    /// Month, day and time without a year: microseconds as if it were UTC in the year 2000 (a leap year).
    LocalNoYear(i64),
    /// A time of day without a date: microseconds since midnight.
    Clock(i64),
}

/// One OCPP message as it stands in a log, not yet looked into.
#[expect(clippy::struct_excessive_bools, reason = "each tells something of its own about the text")]
#[derive(Clone, Copy, Debug, Default)]
pub struct Frame<'a> {
    /// The text from the frame's opening bracket on; it may go on behind the frame.
    pub text: &'a str,
    /// Whether `text` is an array or an envelope.
    pub transport: Transport,
    /// A number that the log gave to a request and its answer, for messages without an id of their own.
    pub message_id: Option<&'a str>,
    /// The charge point, if the log names it here.
    pub charge_point: Option<&'a str>,
    /// Where the charge point was found.
    pub charge_point_source: IdSource,
    /// The way of the message, as far as the log tells.
    pub way: Way,
    /// When the log was written.
    pub stamp: Stamp,
    /// The OCPP version, if the log names it here.
    pub version: Option<Version>,
    /// A key that this frame shares with a [`Context`] (a TCP stream, a session), if its layout has such keys.
    pub link: Option<&'a str>,
    /// Where the frame's line begins; of several frames on a line each stands one byte behind the one before it.
    pub position: Position,
    /// Whether bytes that are not UTF-8 were replaced in `text`.
    pub utf8_replaced: bool,
    /// Whether it was cut inside a word by the end of a line, and put together again.
    pub rejoined: bool,
    /// Whether its logger writes what another one may have written into the same source.
    pub copy: bool,
    /// Whether the lines behind may complete it: if it is cut, it is not rejected yet.
    pub may_go_on: bool,
}

/// What a line without a frame tells about frames behind it.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Only frames with the same key are meant; without one, all frames of the source up to the next context.
    pub link: Option<&'a str>,
    /// The charge point, if told.
    pub charge_point: Option<&'a str>,
    /// The way, if told. It holds for the next frame only.
    pub way: Way,
    /// Where it stands.
    pub position: Position,
}

/// A connection that opened or closed, as a line of the log tells.
#[derive(Clone, Copy, Debug)]
pub struct Connection<'a> {
    /// Whether it opened.
    pub open: bool,
    /// The charge point, if told.
    pub charge_point: Option<&'a str>,
    /// Where the charge point was found.
    pub charge_point_source: IdSource,
    /// Close code and reason or whatever the line tells, as a JSON object text.
    pub payload: &'a str,
    /// When it was logged.
    pub stamp: Stamp,
    /// The key that frames of this connection share, if any.
    pub link: Option<&'a str>,
    /// Where it stands.
    pub position: Position,
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// How many bytes of `Frame::text` belong to the frame; at least 1.
    pub consumed: usize,
    /// Whether it is a message; otherwise it was rejected.
    pub message: bool,
    /// Whether it ends too early and was not rejected, since it may go on ([`Frame::may_go_on`]).
    pub cut: bool,
}

/// Takes what a layout finds, in the order of the source.
pub trait Sink {
    /// Takes a frame: reads it as a message or rejects it.
    fn frame(&mut self, frame: &Frame<'_>) -> Taken;
    /// Takes a frame if all of its text is one message. If it is not, nothing has happened, and [`Self::frame`] has to tell
    /// what it is.
    fn whole(&mut self, _frame: &Frame<'_>) -> bool {
        false
    }
    /// Takes the frame at the start of a text that goes on behind it, if its form is known and it ends its line but for
    /// `tail`. Tells its length; if none, nothing has happened.
    fn line(&mut self, _frame: &Frame<'_>, _tail: &[u8]) -> Option<usize> {
        None
    }
    /// Takes a frame that a text quotes: an error, a remark, a failed attempt to send.
    fn quoted(&mut self, _frame: &Frame<'_>) {}
    /// Takes what a line tells about frames behind it.
    fn context(&mut self, context: &Context<'_>);
    /// Takes an opening or closing connection.
    fn connection(&mut self, connection: &Connection<'_>);
    /// Takes a defect.
    fn reject(&mut self, reject: Reject);
    /// Takes what became of the lines from one byte of the source to another. Together the spans of a piece are its
    /// bytes, each once.
    fn span(&mut self, _class: Class, _start: u64, _end: u64) {}
}

/// How the lines of a piece of a source were used. Every line is in exactly one of four classes, and its bytes, the
/// newline included, are in the same one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All lines.
    pub lines: u64,
    /// Lines of white space.
    pub blank: u64,
    /// Readable lines without OCPP in them.
    pub other: u64,
    /// Lines with at least one message (or a part of one).
    pub message: u64,
    /// Lines of which nothing was understood.
    pub rejected: u64,
    /// Bytes of the blank lines.
    pub blank_bytes: u64,
    /// Bytes of the other lines.
    pub other_bytes: u64,
    /// Bytes of the lines with a message.
    pub message_bytes: u64,
    /// Bytes of the rejected lines.
    pub rejected_bytes: u64,
    /// Whether the array that a document is ends in the piece.
    pub closed: bool,
}

impl Tally {
    /// Adds another piece's counts.
    pub const fn add(&mut self, other: Self) {
        self.closed |= other.closed;
        self.lines += other.lines;
        self.blank += other.blank;
        self.other += other.other;
        self.message += other.message;
        self.rejected += other.rejected;
        self.blank_bytes += other.blank_bytes;
        self.other_bytes += other.other_bytes;
        self.message_bytes += other.message_bytes;
        self.rejected_bytes += other.rejected_bytes;
    }

    /// Leaves the last line to the piece that follows, in which it goes on; its bytes stay here.
    pub fn leave_open(&mut self) {
        let classes = [&mut self.message, &mut self.other, &mut self.rejected, &mut self.blank];
        if let Some(class) = classes.into_iter().find(|class| **class > 0) {
            *class -= 1;
            self.lines -= 1;
        }
    }

    /// All bytes that the lines have.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.blank_bytes + self.other_bytes + self.message_bytes + self.rejected_bytes
    }

    /// Counts lines of one class.
    pub const fn count(&mut self, class: Class, lines: u64, bytes: u64) {
        self.lines += lines;
        let (column, all) = match class {
            Class::Blank => (&mut self.blank, &mut self.blank_bytes),
            Class::Other => (&mut self.other, &mut self.other_bytes),
            Class::Message => (&mut self.message, &mut self.message_bytes),
            Class::Rejected => (&mut self.rejected, &mut self.rejected_bytes),
        };
        *column += lines;
        *all += bytes;
    }
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// White space.
    Blank,
    /// Readable, without OCPP in it.
    Other,
    /// At least one message, or a part of one.
    Message,
    /// Nothing of it was understood.
    Rejected,
}

impl Class {
    pub(super) const fn of(messages: u32, rejects: u32, blank: bool) -> Self {
        match (messages, rejects) {
            (1.., _) => Self::Message,
            (0, 1..) => Self::Rejected,
            _ if blank => Self::Blank,
            _ => Self::Other,
        }
    }
}
