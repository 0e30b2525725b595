//! Tables as text: one message a row, the columns known by their headings (layouts (o)).

use super::cut::first_row;
use super::envelope::{Record, canonical, is_known};
use super::run::{Depth, Run};
use super::text::Meta;
use super::{Class, Sink, Stamp, Tally, stamp};
use crate::json::{RawStr, Scanner, Value};
use crate::position::Position;
use crate::reject::Reason;
use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};
use memchr::{memchr, memchr_iter};
use std::ops::Range;

/// The delimiters that tables are seen with.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// More columns than this no table of messages has.
const MOST_COLUMNS: usize = 256;

/// A table's shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    delimiter: u8,
    /// The headings as written, and the names that they stand for.
    headings: Vec<(String, String)>,
}

impl Table {
    /// Reads the headings at the start of a sample; none if they are not those of a table of messages. `rename` gives
    /// the caller's own name for a heading.
    pub(super) fn detect(sample: &str, rename: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let start = sample.trim_start_matches(['\u{feff}', '\r', '\n']);
        // A spreadsheet may name its delimiter first.
        let named = start.strip_prefix("sep=").and_then(|rest| rest.bytes().next());
        let start = if named.is_some() { start.split_once('\n')?.1 } else { start };
        let first = start.lines().next()?;
        if first.trim_ascii_start().starts_with(['{', '[']) || first.len() > 8_192 {
            return None;
        }
        let count = |delimiter: u8| memchr_iter(delimiter, first.as_bytes()).count();
        let delimiter = named.or_else(|| DELIMITERS.into_iter().max_by_key(|&delimiter| count(delimiter)))?;
        let mut row = ByteRecord::new();
        reader(delimiter, first.as_bytes()).read_byte_record(&mut row).ok()?;
        if row.len() < 2 || row.len() > MOST_COLUMNS {
            return None;
        }
        let headings: Vec<(String, String)> = row
            .iter()
            .map(|cell| {
                let written = String::from_utf8_lossy(cell).into_owned();
                let name = rename(written.trim()).unwrap_or_else(|| canonical(&written));
                (written, name)
            })
            .collect();
        let mut table = Self { delimiter, headings };
        table.name_the_station();
        let known = table.headings.iter().filter(|(_, name)| is_known(name)).count();
        let has = |names: &[&str]| table.headings.iter().any(|(_, name)| names.contains(&name.as_str()));
        let holds = has(&["message", "msg", "payload", "frame", "raw", "request", "text", "data", "body"]);
        (known >= 2 && holds && known * 3 >= table.headings.len()).then_some(table)
    }

    /// The headings at the start of a sample that may be those of a table, but are none that are known.
    pub(super) fn unknown_headings(sample: &str) -> Option<Vec<&str>> {
        let (first, second) = sample.trim_start_matches('\u{feff}').split_once('\n')?;
        let word = |cell: &str| {
            cell.starts_with(|letter: char| letter.is_alphabetic())
                && cell.chars().all(|letter| letter.is_alphanumeric() || "_-. ".contains(letter))
        };
        let cells = |delimiter: u8| -> Vec<&str> {
            first.trim_ascii_end().split(char::from(delimiter)).map(|cell| cell.trim().trim_matches('"')).collect()
        };
        DELIMITERS.into_iter().find_map(|delimiter| {
            let cells = cells(delimiter);
            let row = memchr_iter(delimiter, second.lines().next()?.as_bytes()).count();
            (cells.len() > 2 && cells.iter().all(|cell| word(cell)) && row + 1 >= cells.len()).then_some(cells)
        })
    }

    /// In the tables of kwwhat `id` is the charge point; in any other one it may be the number of the row.
    fn name_the_station(&mut self) {
        let names: Vec<&str> = self.headings.iter().map(|(_, name)| name.as_str()).collect();
        if names == ["timestamp", "id", "action", "msg"]
            && let Some((_, id)) = self.headings.get_mut(1)
        {
            "charge_point_id".clone_into(id);
        }
    }

    /// Whether a row is the headings again.
    fn is_heading(&self, row: &ByteRecord) -> bool {
        let same = |(cell, (written, _)): (&[u8], &(String, String))| {
            cell.strip_prefix(b"\xef\xbb\xbf").unwrap_or(cell) == written.as_bytes()
        };
        row.len() == self.headings.len() && cells(row).zip(&self.headings).all(same)
    }

    /// Whether a line is a whole row by itself, and no part of a cell: as many cells as headings, a time where the
    /// headings have one, and brackets where they have a message.
    pub(super) fn is_row(&self, line: &[u8]) -> bool {
        let quotes = memchr_iter(b'"', line).count();
        let delimiters = memchr_iter(self.delimiter, line).count();
        if quotes % 2 == 1 || delimiters + 1 < self.headings.len() {
            return false;
        }
        let mut row = ByteRecord::new();
        if !matches!(reader(self.delimiter, line).read_byte_record(&mut row), Ok(true))
            || row.len() != self.headings.len()
        {
            return false;
        }
        row.iter().zip(&self.headings).all(|(cell, (_, name))| {
            let cell = String::from_utf8_lossy(cell);
            let text = cell.trim_ascii();
            match name.as_str() {
                "timestamp" => stamp::whole(text) != Stamp::None,
                "message" | "msg" | "payload" | "frame" | "raw" => text.is_empty() || text.starts_with(['[', '{']),
                _ => true,
            }
        })
    }

    /// Whether these are the headings of a table that holds no payloads.
    pub(super) fn has_no_payloads(&self) -> bool {
        let has = |wanted: &str| self.headings.iter().any(|(written, _)| written == wanted);
        has("LogTime") && has("Result") && has("ErrorCode")
    }
}

/// How many bytes the lines without anything on them have that `bytes` begin with, and how many they are.
fn blank_lines(bytes: &[u8]) -> (usize, u64) {
    let (mut length, mut lines) = (0, 0);
    loop {
        let returns = bytes[length..].iter().take_while(|&&byte| byte == b'\r').count();
        if bytes.get(length + returns) != Some(&b'\n') {
            return (length, lines);
        }
        length += returns + 1;
        lines += 1;
    }
}

/// Reads rows; a line feed ends one, and nothing else: a carriage return alone is data.
fn reader(delimiter: u8, bytes: &[u8]) -> Reader<&[u8]> {
    let ends = Terminator::Any(b'\n');
    ReaderBuilder::new().delimiter(delimiter).terminator(ends).has_headers(false).flexible(true).from_reader(bytes)
}

/// The cells of a row; the carriage return before its line feed is none of the last one.
fn cells(row: &ByteRecord) -> impl Iterator<Item = &[u8]> {
    let last = row.len().saturating_sub(1);
    row.iter()
        .enumerate()
        .map(move |(at, cell)| if at == last { cell.strip_suffix(b"\r").unwrap_or(cell) } else { cell })
}

/// A cell as a JSON value: an object or an array if it is one, else text.
fn value(cell: &str) -> Value<'_> {
    let trimmed = cell.trim_ascii();
    if trimmed.starts_with(['{', '[']) {
        let mut scanner = Scanner::new(trimmed);
        if scanner.skip().is_ok() && scanner.rest().trim_ascii().is_empty() {
            return if trimmed.starts_with('{') { Value::Object(trimmed) } else { Value::Array(trimmed) };
        }
    }
    // The text of a frame as JSON, in a column of JSON.
    if let Some(inside) = trimmed.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'))
        && inside.starts_with('[')
        && Scanner::new(trimmed).skip().is_ok()
    {
        return Value::Text(RawStr { raw: inside, escaped: true });
    }
    Value::Text(RawStr { raw: cell, escaped: false })
}

impl<S: Sink + ?Sized> Run<'_, '_, S> {
    /// Reads whole rows, the first byte of which stands at `base`.
    pub(super) fn rows(&mut self, table: &Table, base: Position) -> Tally {
        let chunk = self.chunk;
        let mut tally = Tally::default();
        let mut rows = reader(table.delimiter, chunk);
        let mut row = ByteRecord::new();
        // Where the reader began, and where the row at hand does; behind which byte a chunk may have ended.
        let (mut from, mut start, mut border) = (0, 0, 0);
        while start < chunk.len() {
            // Lines without anything on them are no rows.
            let (blank, newlines) = blank_lines(&chunk[start..]);
            self.count(&mut tally, Class::Blank, newlines, base, start..start + blank);
            start += blank;
            if blank as u64 > newlines {
                // The reader passes over empty lines, but takes a carriage return for a cell.
                (rows, from) = (reader(table.delimiter, &chunk[start..]), start);
            }
            if start >= border && start < chunk.len() {
                border = start + first_row(table, &chunk[start..]);
            }
            if start >= chunk.len() || !matches!(rows.read_byte_record(&mut row), Ok(true)) {
                break;
            }
            let mut end = (from + rows.position().byte() as usize).clamp(start + 1, chunk.len());
            if end > border {
                // A quote in the middle of a cell: what a chunk would not hold is no part of this row.
                rows = reader(table.delimiter, &chunk[start..border]);
                if !matches!(rows.read_byte_record(&mut row), Ok(true)) {
                    break;
                }
                end = border;
                rows = reader(table.delimiter, &chunk[border..]);
                from = border;
            }
            if let Some(whole) = self.row_inside(table, start, end) {
                // A quote that nothing closes: its line is lost, and no other.
                self.place_row(base, start, tally.lines);
                let lost = String::from_utf8_lossy(&chunk[start..whole]).into_owned();
                self.reject(Reason::CsvQuote, "a cell is not closed", lost.trim_ascii_end());
                let lines = memchr_iter(b'\n', &chunk[start..whole]).count() as u64;
                self.count(&mut tally, Class::Rejected, lines, base, start..whole);
                rows = reader(table.delimiter, &chunk[whole..]);
                (start, from) = (whole, whole);
                continue;
            }
            let written = &chunk[start..end];
            let lines = memchr_iter(b'\n', written).count() as u64 + u64::from(!written.ends_with(b"\n"));
            self.place_row(base, start, tally.lines);
            if !table.is_heading(&row) {
                self.row(table, &row);
            }
            let class = Class::of(self.messages, self.rejects, written.trim_ascii().is_empty());
            self.count(&mut tally, class, lines, base, start..end);
            start = end;
            if self.seen.as_ref().is_some_and(|seen| seen.enough()) {
                break;
            }
        }
        if self.seen.is_none() {
            let rest = &chunk[start.min(chunk.len())..];
            let lines = memchr_iter(b'\n', rest).count() as u64 + u64::from(!rest.is_empty() && !rest.ends_with(b"\n"));
            self.count(&mut tally, Class::Other, lines, base, start.min(chunk.len())..chunk.len());
        }
        tally
    }

    fn place_row(&mut self, base: Position, start: usize, lines: u64) {
        self.position = Position { source: base.source, byte: base.byte + start as u64, line: base.line + lines };
        (self.messages, self.rejects) = (0, 0);
    }

    /// The first line behind the first one of a row that is a row of its own.
    fn row_inside(&self, table: &Table, start: usize, end: usize) -> Option<usize> {
        let row = &self.chunk[start..end];
        let mut at = memchr(b'\n', row)? + 1;
        while at < row.len() {
            let length = memchr(b'\n', &row[at..]).unwrap_or(row.len() - at);
            if table.is_row(&row[at..at + length]) {
                return Some(start + at);
            }
            at += length + 1;
        }
        None
    }

    /// Counts lines that stand at these bytes of the chunk.
    pub(super) fn count(&mut self, tally: &mut Tally, class: Class, lines: u64, base: Position, bytes: Range<usize>) {
        tally.count(class, lines, bytes.len() as u64);
        self.sink.span(class, base.byte + bytes.start as u64, base.byte + bytes.end as u64);
    }

    fn row(&mut self, table: &Table, row: &ByteRecord) {
        let cells: Vec<String> = cells(row).map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        self.utf8_replaced = row.iter().any(|cell| std::str::from_utf8(cell).is_err());
        let mut record = Record::default();
        for (cell, (_, name)) in cells.iter().zip(&table.headings).filter(|(cell, _)| !cell.is_empty()) {
            record.cell(name, value(cell), cell);
        }
        let depth = Depth { joins: false, record: super::profile::index_of("csv"), ..Depth::default() };
        self.record(&record, &Meta::default(), depth);
        self.utf8_replaced = false;
    }
}
