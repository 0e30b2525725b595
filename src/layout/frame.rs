//! What a layout hands on: frames, and what the lines around them tell.

use crate::position::Position;
use crate::reject::Reject;
use crate::term::{IdSource, Version, Way};

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
}

/// One OCPP message as it stands in a log, not yet looked into.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The text from the frame's opening bracket on; it may go on behind the frame.
    pub text: &'a str,
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
}

/// Takes what a layout finds, in the order of the source.
pub trait Sink {
    /// Takes a frame: reads it as a message or rejects it.
    fn frame(&mut self, frame: &Frame<'_>) -> Taken;
    /// Takes what a line tells about frames behind it.
    fn context(&mut self, context: &Context<'_>);
    /// Takes an opening or closing connection.
    fn connection(&mut self, connection: &Connection<'_>);
    /// Takes a defect.
    fn reject(&mut self, reject: Reject);
}

/// How the lines of a piece of a source were used. Every line is in exactly one of the last four.
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
}

impl Tally {
    /// Adds another piece's counts.
    pub const fn add(&mut self, other: Self) {
        self.lines += other.lines;
        self.blank += other.blank;
        self.other += other.other;
        self.message += other.message;
        self.rejected += other.rejected;
    }
}
