//! Where a source may be cut into chunks: at lines that start a record, so that no record has its parts in two of them.

use super::balance::Balance;
use super::continuation;
use super::csv::Table;
use memchr::{memchr, memchr_iter, memchr2, memrchr};
use std::sync::Arc;

/// Without a line that starts a record for so many bytes, any line will do.
const MOST_BYTES: usize = 4 << 20;
/// A container's log in which so many lines go on in the next one, by the word of its wrapper, is of another make.
const MOST_PARTS: u32 = 64;
/// A document with a value larger than this is cut all the same.
const MOST_VALUE_BYTES: usize = 256 << 20;

/// A document is cut only behind so much of it: one that is damaged has values in odd places, and what they are must
/// not depend on the size of the chunks.
const DOCUMENT_BYTES: usize = 64 << 20;

/// How a source is cut.
#[derive(Clone, Debug, Default)]
pub(super) enum How {
    /// Before a line that starts a record.
    #[default]
    Records,
    /// Behind a row of a table whose cells may hold newlines inside of quotes.
    Rows(Arc<Table>),
    /// Behind a whole JSON value of a document.
    Values,
}

/// Finds the ends of chunks. It remembers how far it has looked, so that growing bytes are looked at once.
#[derive(Clone, Debug, Default)]
pub struct Cutter {
    how: How,
    looked: usize,
    row: RowEnd,
    balance: Balance,
    /// Whether the document is one array, whose elements are the values.
    array: bool,
    begun: bool,
    last: usize,
    /// Whether the bytes looked at end behind a value, so that its line may be over.
    behind_value: bool,
}

impl Cutter {
    pub(super) fn new(how: How) -> Self {
        Self { how, ..Self::default() }
    }

    /// The length of the next chunk of `bytes`, about `wanted` long; none if more bytes are needed to tell. `ended`
    /// says that there are no more.
    pub fn cut(&mut self, bytes: &[u8], wanted: usize, ended: bool) -> Option<usize> {
        let found = match &self.how {
            How::Records => records(bytes, wanted, ended),
            How::Rows(table) => self.row.end(table, bytes, wanted, ended),
            How::Values => self.values(bytes, wanted.max(DOCUMENT_BYTES)),
        };
        let found = found.or_else(|| (ended && !bytes.is_empty()).then_some(bytes.len()));
        if found.is_some() {
            (self.looked, self.last, self.behind_value) = (0, 0, false);
            self.row = RowEnd::default();
        }
        found
    }

    /// Behind whole values of a document: those at its top, or the elements of the array that it is. Behind their
    /// line, that is, so that no line is counted twice; only a line of megabytes is cut inside.
    fn values(&mut self, bytes: &[u8], wanted: usize) -> Option<usize> {
        if !self.begun {
            let first = bytes.iter().position(|byte| !byte.is_ascii_whitespace())?;
            self.begun = true;
            self.array = bytes[first] == b'[';
            self.looked = if self.array { first + 1 } else { first };
        }
        loop {
            let rest = &bytes[self.looked..];
            if self.behind_value {
                let blanks = rest.iter().take_while(|byte| matches!(byte, b',' | b' ' | b'\t' | b'\r')).count();
                let next = rest.get(blanks)?;
                if *next != b'\n' && self.looked > wanted + MOST_BYTES {
                    return Some(self.looked);
                }
                self.behind_value = false;
                self.looked += blanks + usize::from(*next == b'\n');
                if *next == b'\n' && self.looked >= wanted {
                    return Some(self.looked);
                }
            } else if let Some(end) = self.balance.feed(rest) {
                self.looked += end;
                self.behind_value = true;
            } else {
                break;
            }
        }
        self.looked = bytes.len();
        if bytes.len() > MOST_VALUE_BYTES {
            self.balance = Balance::default();
            return Some(memrchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1));
        }
        None
    }
}

/// How far a table was looked at for the ends of its rows.
#[derive(Clone, Copy, Debug, Default)]
struct RowEnd {
    looked: usize,
    quoted: bool,
    last: usize,
}

impl RowEnd {
    /// The last end of a row before `wanted`, else the first one behind it. A quote that nothing closes ends where a
    /// line is a whole row by itself.
    fn end(&mut self, table: &Table, bytes: &[u8], wanted: usize, ended: bool) -> Option<usize> {
        while let Some(found) = memchr2(b'"', b'\n', &bytes[self.looked..]) {
            let at = self.looked + found;
            if bytes[at] == b'"' {
                self.quoted = !self.quoted;
                self.looked = at + 1;
                continue;
            }
            if self.quoted {
                let rest = &bytes[at + 1..];
                let length = match memchr(b'\n', rest) {
                    Some(length) => length,
                    None if ended || rest.len() > MOST_BYTES => rest.len(),
                    // The line behind it must be there to tell.
                    None => return None,
                };
                self.quoted = !table.is_row(&rest[..length]);
            }
            self.looked = at + 1;
            if !self.quoted {
                if at >= wanted && self.last > 0 {
                    return Some(self.last);
                }
                self.last = at + 1;
                if at >= wanted {
                    return Some(at + 1);
                }
            } else if at > wanted + MOST_BYTES {
                // A quote that never closes must not keep everything in memory.
                return Some(at + 1);
            }
        }
        self.looked = bytes.len();
        (self.last > 0 && bytes.len() > wanted).then_some(self.last)
    }
}

/// How long the row is with which `bytes` begin, by the same word as chunks are cut.
pub(super) fn first_row(table: &Table, bytes: &[u8]) -> usize {
    RowEnd::default().end(table, bytes, 0, true).unwrap_or(bytes.len())
}

/// The line that ends with the newline before `at`.
fn line_before(bytes: &[u8], at: usize) -> &[u8] {
    let end = at.saturating_sub(1);
    let start = memrchr(b'\n', &bytes[..end]).map_or(0, |newline| newline + 1);
    &bytes[start..end]
}

/// Before the last line that starts a record and begins before `wanted`, else before the first one behind it.
fn records(bytes: &[u8], wanted: usize, ended: bool) -> Option<usize> {
    if bytes.len() < wanted {
        return None;
    }
    // Whether a record starts at `at`; none if not all of that line is there to tell. A line that is too long to be
    // read starts one, so that it never hides behind others.
    let mut parts = 0;
    let mut starts = |at: usize| {
        let rest = &bytes[at..];
        let mut starts = |line: &[u8]| {
            let before = line_before(bytes, at);
            if !continuation::starts(line) || continuation::is_announced(line, before) {
                return false;
            }
            if parts >= MOST_PARTS || !continuation::is_partial(&String::from_utf8_lossy(before)) {
                return true;
            }
            parts += 1;
            false
        };
        match memchr(b'\n', rest) {
            Some(length) => Some(length > MOST_BYTES || starts(&rest[..length])),
            None if rest.len() > MOST_BYTES => Some(true),
            None => ended.then(|| rest.is_empty() || starts(rest)),
        }
    };
    let (head, tail) = bytes.split_at(wanted);
    let mut end = head.len();
    while let Some(newline) = memrchr(b'\n', &head[..end]) {
        if starts(newline + 1)? {
            return Some(newline + 1);
        }
        end = newline;
    }
    for newline in memchr_iter(b'\n', tail) {
        let at = wanted + newline + 1;
        if starts(at)? || newline > MOST_BYTES {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> How {
        How::Rows(Arc::new(Table::detect("time;message\n", |_| None).unwrap()))
    }

    fn pieces(how: How, text: &str, wanted: usize) -> Vec<String> {
        let mut cutter = Cutter::new(how);
        let mut rest = text.as_bytes();
        let mut out = Vec::new();
        while !rest.is_empty() {
            // The bytes come one by one, as from a slow pipe.
            let length = (1..=rest.len())
                .find_map(|length| cutter.cut(&rest[..length], wanted, length == rest.len()))
                .unwrap_or(rest.len());
            out.push(String::from_utf8_lossy(&rest[..length]).into_owned());
            rest = &rest[length..];
        }
        out
    }

    #[test]
    fn a_record_over_several_lines_is_never_cut() {
        let text = "2026-05-01 10:00:00 a [2,\n  \"1\",\n  {}]\n2026-05-01 10:00:01 b\n2026-05-01 10:00:02 c\n";
        for wanted in 1..text.len() {
            let pieces = pieces(How::Records, text, wanted);
            assert_eq!(pieces.concat(), text);
            assert!(pieces.iter().all(|piece| piece.starts_with("2026")), "{wanted}: {pieces:?}");
        }
        assert_eq!(pieces(How::Records, text, 1).len(), 3);
    }

    #[test]
    fn a_frame_is_never_cut_from_the_line_that_announces_it() {
        let text = "2026-05-01T10:00:00Z: ChargePoint>CentralSystem Heartbeat \n[\n  2,\n  \"1\"\n]\n\n";
        let text = text.repeat(2);
        for wanted in 1..text.len() {
            let pieces = pieces(How::Records, &text, wanted);
            assert!(pieces.iter().all(|piece| piece.starts_with("2026")), "{wanted}: {pieces:?}");
        }
    }

    #[test]
    fn a_cell_with_newlines_is_never_cut() {
        let text = "time;message\n1;\"x\n\"\"y\"\"\"\n2;z\n";
        for wanted in 1..text.len() {
            let pieces = pieces(table(), text, wanted);
            assert_eq!(pieces.concat(), text);
            assert!(pieces.iter().all(|piece| piece.matches('"').count() % 2 == 0), "{wanted}: {pieces:?}");
        }
    }

    #[test]
    fn a_quote_that_nothing_closes_ends_before_the_next_whole_row() {
        let good = "2026-05-01T10:00:00Z;\"[3,\"\"1\"\",{}]\"\n";
        let text = format!("time;message\n2026-05-01T10:00:00Z;\"[3,\n{good}{good}");
        assert_eq!(pieces(table(), &text, 1).last().map(String::as_str), Some(good));
    }

    #[test]
    fn a_value_of_a_document_is_never_cut() {
        for text in ["[\n {\"a\": [1]},\n {\"b\": \"]\"}\n]\n", "{\"a\":\n 1}\n{\"b\":\n 2}\n"] {
            for wanted in 1..text.len() {
                let mut cutter = Cutter::new(How::Values);
                let (mut rest, mut pieces) = (text, Vec::new());
                while !rest.is_empty() {
                    let length = cutter.values(rest.as_bytes(), wanted).unwrap_or(rest.len());
                    (cutter.looked, cutter.last) = (0, 0);
                    pieces.push(&rest[..length]);
                    rest = &rest[length..];
                }
                assert_eq!(pieces.concat(), text);
                for piece in &pieces {
                    assert_eq!(piece.matches('{').count(), piece.matches('}').count(), "{wanted}: {pieces:?}");
                }
            }
        }
    }
}
