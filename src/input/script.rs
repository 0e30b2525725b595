//! The text encoding of a source: told by its mark, else by the caller; lines are found in it and brought to UTF-8.
//!
//! Offsets keep counting in the source's own bytes: what is brought over carries a map of where its lines begin.

use crate::options::Encoding;
use memchr::{memchr, memchr_iter, memrchr};
use std::borrow::Cow;

const MARK: &[u8] = b"\xef\xbb\xbf";

/// How the bytes of a source are letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Script(Encoding);

/// What the first bytes of a source tell.
pub(super) enum Mark {
    /// The encoding, and how long its mark is.
    Known(Script, usize),
    /// UTF-32, which nobody writes logs in.
    Utf32,
}

impl Script {
    /// The encoding of a source that begins with `head`: its mark wins over what the caller told.
    pub(super) fn of(head: &[u8], told: Encoding) -> Mark {
        let known = |label: &str, length| Mark::Known(Self(Encoding::parse(label).unwrap_or_default()), length);
        if head.starts_with(b"\xff\xfe\0\0") || head.starts_with(b"\0\0\xfe\xff") {
            Mark::Utf32
        } else if head.starts_with(MARK) {
            known("utf-8", MARK.len())
        } else if head.starts_with(b"\xff\xfe") {
            known("utf-16le", 2)
        } else if head.starts_with(b"\xfe\xff") {
            known("utf-16be", 2)
        } else {
            Mark::Known(Self(told), 0)
        }
    }

    /// The encoding's name.
    #[must_use]
    pub fn name(self) -> String {
        self.0.name()
    }

    /// Whether the bytes are UTF-8 as they are.
    pub(super) fn is_utf8(self) -> bool {
        self.0.is_utf8()
    }

    /// Whether a letter has two bytes, and which comes first.
    pub(super) fn wide(self) -> Option<Wide> {
        if self.0.is(encoding_rs::UTF_16LE) {
            Some(Wide::LittleEnd)
        } else if self.0.is(encoding_rs::UTF_16BE) {
            Some(Wide::BigEnd)
        } else {
            None
        }
    }

    /// How many bytes a newline has.
    pub(super) fn unit(self) -> usize {
        if self.wide().is_some() { 2 } else { 1 }
    }

    /// The end of the first line in `bytes`, which begin at a letter: the offset behind its newline.
    pub(super) fn first_end(self, bytes: &[u8]) -> Option<usize> {
        match self.wide() {
            None => memchr(b'\n', bytes).map(|at| at + 1),
            Some(wide) => memchr_iter(b'\n', bytes).find_map(|at| wide.end(bytes, at)),
        }
    }

    /// The end of the last whole line in `bytes`.
    pub(super) fn last_end(self, bytes: &[u8]) -> Option<usize> {
        let Some(wide) = self.wide() else { return memrchr(b'\n', bytes).map(|at| at + 1) };
        memchr::memrchr_iter(b'\n', bytes).find_map(|at| wide.end(bytes, at))
    }

    /// `bytes`, whole lines that begin at `byte` of their source, in UTF-8.
    pub(super) fn text(self, bytes: &[u8], byte: u64) -> (Cow<'_, [u8]>, Option<LineMap>) {
        if self.is_utf8() && !has_inner_mark(bytes) {
            return (Cow::Borrowed(bytes), None);
        }
        let mut map = LineMap::default();
        let mut out = Vec::with_capacity(bytes.len());
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let line = &rest[..self.first_end(rest).unwrap_or(rest.len())];
            // A mark at the start of a line is what `cat` of several files leaves. One that nothing follows is a line.
            let mark = if self.is_utf8() && line.starts_with(MARK) { MARK.len() } else { self.wide_mark(line) };
            let mark = if mark < line.len() { mark } else { 0 };
            map.lines.push(Line {
                start: byte + out.len() as u64,
                source: byte + (at + mark) as u64,
                mark: mark as u64,
            });
            if self.is_utf8() {
                out.extend_from_slice(&line[mark..]);
            } else {
                self.decode(&line[mark..], &mut out);
            }
            at += line.len();
        }
        (Cow::Owned(out), Some(map))
    }

    fn wide_mark(self, line: &[u8]) -> usize {
        match self.wide() {
            Some(Wide::LittleEnd) if line.starts_with(b"\xff\xfe") => 2,
            Some(Wide::BigEnd) if line.starts_with(b"\xfe\xff") => 2,
            _ => 0,
        }
    }

    /// Appends `line` in UTF-8. What is no letter becomes a byte that is no UTF-8 either, so that the layouts treat it as
    /// they treat any other broken text.
    fn decode(self, line: &[u8], out: &mut Vec<u8>) {
        use encoding_rs::DecoderResult;
        let mut decoder = self.0.decoder();
        let mut at = 0;
        loop {
            let room =
                decoder.max_utf8_buffer_length_without_replacement(line.len() - at).unwrap_or(line.len() * 3) + 4;
            let old = out.len();
            out.resize(old + room, 0);
            let (result, read, written) =
                decoder.decode_to_utf8_without_replacement(&line[at..], &mut out[old..], true);
            out.truncate(old + written);
            at += read;
            match result {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => out.push(0xff),
            }
        }
    }
}

/// Which byte of a letter of two comes first.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wide {
    LittleEnd,
    BigEnd,
}

impl Wide {
    /// The offset behind the newline, if the byte 0x0a at `at` is part of one.
    fn end(self, bytes: &[u8], at: usize) -> Option<usize> {
        match self {
            Self::LittleEnd if at.is_multiple_of(2) && bytes.get(at + 1) == Some(&0) => Some(at + 2),
            Self::BigEnd if !at.is_multiple_of(2) && bytes[at - 1] == 0 => Some(at + 1),
            _ => None,
        }
    }
}

/// Whether the mark of UTF-8 stands at the start of a line.
fn has_inner_mark(bytes: &[u8]) -> bool {
    memchr_iter(MARK[0], bytes).any(|at| bytes[at..].starts_with(MARK) && (at == 0 || bytes[at - 1] == b'\n'))
}

/// Where the lines of a piece that was brought to UTF-8 stood in the source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineMap {
    lines: Vec<Line>,
}

/// Where a line begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Line {
    /// In the piece.
    start: u64,
    /// In the source, behind its mark.
    source: u64,
    /// How many bytes its mark has.
    mark: u64,
}

impl LineMap {
    /// The place in the source of a place in the piece: exact for the start of a line, and as far behind it as before.
    #[must_use]
    pub fn source(&self, byte: u64) -> u64 {
        self.line(byte).map_or(byte, |line| line.source + byte.saturating_sub(line.start))
    }

    /// The same for a border between lines: a mark belongs to the line that it begins.
    #[must_use]
    pub fn border(&self, byte: u64) -> u64 {
        let mark = self.line(byte).filter(|line| line.start == byte).map_or(0, |line| line.mark);
        self.source(byte) - mark
    }

    /// The line that holds a place in the piece.
    fn line(&self, byte: u64) -> Option<&Line> {
        self.lines.get(self.lines.partition_point(|line| line.start <= byte).saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(label: &str) -> Script {
        Script(Encoding::parse(label).unwrap())
    }

    #[test]
    fn lines_of_two_byte_letters_end_at_whole_letters_only() {
        // U+0A0A and U+0A00 hold the byte of a newline and are none.
        let text = "a\u{a0a}\u{a00}b\nc\n";
        for (label, bytes) in [
            ("utf-16-le", text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()),
            ("utf-16-be", text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ] {
            let script = script(label);
            assert_eq!((script.first_end(&bytes), script.last_end(&bytes)), (Some(10), Some(14)), "{label}");
            let (utf8, map) = script.text(&bytes, 100);
            assert_eq!(&*utf8, text.as_bytes());
            let map = map.unwrap();
            assert_eq!((map.source(100), map.source(109), map.source(110)), (100, 110, 111), "{label}");
        }
    }

    #[test]
    fn what_is_no_letter_stays_no_letter() {
        let (text, _) = script("utf-16-le").text(&[b'a', 0, 0x00, 0xd8, b'\n', 0, b'x'], 0);
        assert_eq!(&*text, b"a\xff\n\xff");
        let (text, _) = script("latin-1").text(b"S\xe4ule\n", 0);
        assert_eq!(&*text, "S\u{e4}ule\n".as_bytes());
    }

    #[test]
    fn a_mark_inside_a_file_is_left_out_where_a_line_begins() {
        let text = b"a\n\xef\xbb\xbfb\xef\xbb\xbf\nc\n";
        let (utf8, map) = Script::default().text(text, 10);
        assert_eq!(&*utf8, b"a\nb\xef\xbb\xbf\nc\n");
        let map = map.unwrap();
        assert_eq!((map.source(10), map.source(12), map.source(17)), (10, 15, 20));
        assert_eq!((map.border(10), map.border(12), map.border(17)), (10, 12, 20));
        assert!(Script::default().text(b"a\nb\xef\xbb\xbf\n", 0).1.is_none());
        assert_eq!(&*Script::default().text(MARK, 0).0, MARK);
    }
}
