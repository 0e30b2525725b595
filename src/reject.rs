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

            /// Whether it only tells how the sources were taken: no data is lost with it.
            #[must_use]
            pub const fn is_note(self) -> bool {
                matches!(self, Self::DuplicateOf)
            }

            /// Whether a frame is lost with it, if it stands on a line: such rejects are counted among the frames.
            #[must_use]
            pub const fn is_frame(self) -> bool {
                matches!(
                    self,
                    Self::ActionInvalid
                        | Self::Arity
                        | Self::ControlChar
                        | Self::FrameEscaped
                        | Self::FrameQuoted
                        | Self::FrameRepr
                        | Self::IdInvalid
                        | Self::IdTooLong
                        | Self::JsonDepth
                        | Self::JsonSyntax
                        | Self::JsonTruncated
                        | Self::MessageType
                        | Self::PayloadType
                        | Self::XmlDepth
                        | Self::XmlDtd
                        | Self::XmlSyntax
                        | Self::XmlTruncated
                )
            }

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
    /// The file was replaced, removed or written to while it was read; what was read is kept.
    Changed = "changed";
    /// The checksum of the compressed data is wrong; the lines before it are kept.
    Checksum = "checksum";
    /// The compressed data is damaged; the lines before the damage are kept.
    CompressedDamaged = "compressed_damaged";
    /// The compressed data ends too early; the lines before the end are kept.
    CompressedTruncated = "compressed_truncated";
    /// A control character stands inside a JSON string.
    ControlChar = "control_char";
    /// The same file was read under another name; nothing is lost.
    DuplicateOf = "duplicate_of";
    /// A quote of a table opens a cell that nothing closes.
    CsvQuote = "csv_quote";
    /// The compressed file holds no byte at all.
    EmptyCompressed = "empty_compressed";
    /// The member of the archive is encrypted: nothing of it was read.
    Encrypted = "encrypted";
    /// The text looks like UTF-16 without a mark; nothing of it was read.
    EncodingSuspected = "encoding_suspected";
    /// The frame is written inside something that this layout does not unwrap.
    FrameEscaped = "frame_escaped";
    /// The frame is quoted by an error or a remark, or was never sent, and stands nowhere else in the source.
    FrameQuoted = "frame_quoted";
    /// The frame is written in the notation of a programming language that cannot be read as JSON.
    FrameRepr = "frame_repr";
    /// The file grew while it was read; what it had before is kept.
    Grew = "grew";
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
    /// An archive inside an archive or inside compressed data is not opened.
    NestedArchive = "nested_archive";
    /// The file has text, but no OCPP message was found in it.
    NoFrames = "no_frames";
    /// The path is no regular file.
    NotRegular = "not_regular";
    /// A run of NUL bytes, as a power loss leaves behind.
    NulBlock = "nul_block";
    /// The payload is neither an object nor null.
    PayloadType = "payload_type";
    /// More than 1,000 bytes came out of each compressed one, and more than 1 GiB in all; what came before is kept.
    Ratio = "ratio";
    /// The file was cut off while it was read; what came before is kept.
    Shrank = "shrank";
    /// Bytes behind the last compressed member were left out.
    TrailingGarbage = "trailing_garbage";
    /// Wrappers are nested more than three deep.
    WrapperDepth = "wrapper_depth";
    /// The compression is one that this version cannot read.
    UnsupportedCompression = "unsupported_compression";
    /// More than 128 elements are open.
    XmlDepth = "xml_depth";
    /// The XML has a document type or an entity of one; neither is read.
    XmlDtd = "xml_dtd";
    /// The text is not the XML of an envelope.
    XmlSyntax = "xml_syntax";
    /// The text ends inside its envelope.
    XmlTruncated = "xml_truncated";
    /// The zstd frame needs more memory than is given to any.
    ZstdWindow = "zstd_window";
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

    /// The same, of a text in which bytes that are not UTF-8 were replaced. A replacement is longer than what it
    /// stands for: it counts as one byte, so that the span never reaches beyond the line.
    #[must_use]
    pub fn in_replaced(mut self, text: &[u8]) -> Self {
        let longer = memchr::memmem::find_iter(text, "\u{fffd}").count() * ('\u{fffd}'.len_utf8() - 1);
        self.length = self.length.saturating_sub(longer as u64);
        self
    }

    /// A finding about a whole source.
    #[must_use]
    pub fn of_source(source: u32, byte: u64, reason: Reason, detail: impl Into<String>) -> Self {
        Self::new(Position { source, byte, line: 0 }, reason, detail, &[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_span_of_a_replaced_text_is_never_longer_than_what_was_there() {
        let text = String::from_utf8_lossy(b"a\xffb\xfe");
        let position = Position { source: 0, byte: 0, line: 1 };
        let reject = Reject::new(position, Reason::JsonSyntax, "", text.as_bytes()).in_replaced(text.as_bytes());
        assert_eq!(reject.length, 4);
    }
}
