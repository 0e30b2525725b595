//! The account of a source: what became of each of its lines and frames.

use crate::term::Side;

/// How the zone of a source's own stamps is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ZoneSource {
    /// The stamps tell it.
    #[default]
    Log,
    /// The caller told it.
    Argument,
    /// The payloads' own times tell it.
    Estimated,
    /// Nothing tells it: UTC.
    Assumed,
}

impl ZoneSource {
    /// The word of the `timezone_source` column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Argument => "argument",
            Self::Estimated => "estimated",
            Self::Assumed => "assumed",
        }
    }
}

/// One source's row of `accounting`.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// The source's name.
    pub name: String,
    /// How far it was read: `whole`, `partial`, `failed`, `skipped`.
    pub status: &'static str,
    /// The layout's name; none where no frame was found.
    pub layout: Option<String>,
    /// The text encoding.
    pub encoding: Option<String>,
    /// The zone's name, where it has one.
    pub timezone: Option<String>,
    /// How the zone is known; none where no stamp needs one.
    pub timezone_source: Option<ZoneSource>,
    /// The zone's offset from UTC in microseconds, where it is one and the same for all stamps.
    pub utc_offset: Option<i64>,
    /// Which side wrote it.
    pub side: Option<Side>,
    /// Bytes after decompression.
    pub size_bytes: i64,
    /// Bytes before decompression; none if it is not compressed.
    pub compressed_size_bytes: Option<i64>,
    /// Bytes of the source itself that were taken. A whole source has no more.
    pub bytes_read: i64,
    /// Bytes that the source had when it was opened; none where nobody knows, as of a pipe.
    pub bytes_at_open: Option<i64>,
    /// All lines.
    pub lines: i64,
    /// Lines of white space.
    pub blank_lines: i64,
    /// Readable lines without OCPP in them.
    pub other_lines: i64,
    /// Lines with at least one message.
    pub message_lines: i64,
    /// Lines of which nothing was understood.
    pub rejected_lines: i64,
    /// Bytes of the blank lines, newlines included.
    pub blank_bytes: i64,
    /// Bytes of the other lines, newlines included.
    pub other_bytes: i64,
    /// Bytes of the lines with a message, newlines included.
    pub message_bytes: i64,
    /// Bytes of the rejected lines, newlines included.
    pub rejected_bytes: i64,
    /// Bytes that no line was read from: a byte order mark, lines over the limit, what a cut left of a line.
    pub passed_bytes: i64,
    /// Frames: messages, duplicates and rejected frames.
    pub frames: i64,
    /// Messages.
    pub messages: i64,
    /// Messages that another source or logger holds too.
    pub duplicates: i64,
    /// Messages that were filtered out.
    pub filtered: i64,
    /// Rejects, those about the whole file included.
    pub rejects: i64,
    /// The first log time.
    pub first_log_time: Option<i64>,
    /// The last log time.
    pub last_log_time: Option<i64>,
}
