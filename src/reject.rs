//! What was not understood: kept as a row, never printed.

use crate::position::Position;

macro_rules! reasons {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $name:literal;)+) => {
        /// Why something was not understood: a closed list.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason { $($(#[doc = $meaning])+ $variant,)+ }

        impl Reason {
            /// Every reason with its meaning.
            pub const ALL: &'static [(Self, &'static str, &'static str)] = &[
                $((Self::$variant, $name, concat!($($meaning),+)),)+
            ];

            /// The word of the `reason` column.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

reasons! {
    /// The action is not a word.
    ActionInvalid = "action_invalid";
    /// The frame has too few or too many elements for its type.
    Arity = "arity";
    /// The file is not text: nothing of it was read.
    Binary = "binary";
    /// The checksum of the compressed data is wrong; the lines before it are kept.
    Checksum = "checksum";
    /// The compressed data is damaged; the lines before the damage are kept.
    CompressedDamaged = "compressed_damaged";
    /// The compressed data ends too early; the lines before the end are kept.
    CompressedTruncated = "compressed_truncated";
    /// A control character stands inside a JSON string.
    ControlChar = "control_char";
    /// The compressed file holds no byte at all.
    EmptyCompressed = "empty_compressed";
    /// The text looks like UTF-16 without a mark; nothing of it was read.
    EncodingSuspected = "encoding_suspected";
    /// The frame is written inside something that this layout does not unwrap.
    FrameEscaped = "frame_escaped";
    /// The message id is empty, or neither text nor number.
    IdInvalid = "id_invalid";
    /// The message id is longer than 256 bytes.
    IdTooLong = "id_too_long";
    /// Reading failed; what came before is kept.
    Io = "io";
    /// More than 128 brackets are open.
    JsonDepth = "json_depth";
    /// The text is not JSON.
    JsonSyntax = "json_syntax";
    /// The text ends inside its JSON.
    JsonTruncated = "json_truncated";
    /// The line is longer than the limit.
    LineTooLong = "line_too_long";
    /// The number of the message type is none that OCPP knows.
    MessageType = "message_type";
    /// The file has text, but no OCPP message was found in it.
    NoFrames = "no_frames";
    /// The path is no regular file.
    NotRegular = "not_regular";
    /// A run of NUL bytes, as a power loss leaves behind.
    NulBlock = "nul_block";
    /// The payload is neither an object nor null.
    PayloadType = "payload_type";
    /// Bytes behind the last compressed member were left out.
    TrailingGarbage = "trailing_garbage";
    /// Wrappers are nested more than three deep.
    WrapperDepth = "wrapper_depth";
    /// The compression is one that this version cannot read.
    UnsupportedCompression = "unsupported_compression";
}

/// How many bytes of a defect are kept as a sample.
pub const SAMPLE_BYTES: usize = 512;

/// A defect of the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Where it stands; `line` is 0 for a finding about the whole file.
    pub position: Position,
    /// How many bytes it spans.
    pub length: u64,
    /// Why it was not understood.
    pub reason: Reason,
    /// What exactly, in a few words.
    pub detail: String,
    /// The charge point, if the line names one.
    pub charge_point: Option<String>,
    /// The line's time in UTC microseconds, if it has one.
    pub log_time: Option<i64>,
    /// The first [`SAMPLE_BYTES`] bytes, not valid UTF-8 replaced.
    pub text: String,
}

impl Reject {
    /// A defect at `position` with a sample of `bytes`.
    #[must_use]
    pub fn new(position: Position, reason: Reason, detail: impl Into<String>, bytes: &[u8]) -> Self {
        let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
        Self {
            position,
            length: bytes.len() as u64,
            reason,
            detail: detail.into(),
            charge_point: None,
            log_time: None,
            text: String::from_utf8_lossy(sample).into_owned(),
        }
    }

    /// A finding about a whole source.
    #[must_use]
    pub fn of_source(source: u32, byte: u64, reason: Reason, detail: impl Into<String>) -> Self {
        Self::new(Position { source, byte, line: 0 }, reason, detail, &[])
    }
}
