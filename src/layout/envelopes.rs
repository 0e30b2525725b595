//! Records with a SOAP envelope: its lines put together, what stands around it bound, and the whole handed on.

use super::continuation::{self, continuation};
use super::profile::index_of;
use super::run::{Depth, Run};
use super::text::{Head, Meta, head};
use super::{Sink, soap};
use memchr::memmem;

/// A record has no more lines than this.
const MOST_LINES: u64 = 5_000;
/// Nor more bytes; CXF cuts at 48 KiB of its own accord.
const MOST_BYTES: usize = 1 << 20;

/// The lines of a record.
struct Record {
    text: String,
    /// Where the envelope begins and, if it does, ends.
    start: usize,
    end: Option<usize>,
    lines: u64,
    next: usize,
    inner: usize,
}

impl<S: Sink + ?Sized> Run<'_, '_, S> {
    /// Takes a record that begins with this line if it holds an envelope; returns whether it does.
    pub(super) fn envelope(&mut self, line: &str, outer: &Meta<'_>, depth: Depth<'_>) -> bool {
        let told = soap::head(line);
        // What is not announced and did not end a few times is read line by line.
        let joins = depth.joins && (told.is_some() || !self.failures.suffice(self.next));
        let Some(mut record) = self.soap_record(line, told.is_some(), Depth { joins, ..depth }) else { return false };
        if record.end.is_none() && told.is_none() && record.lines > 0 {
            // Nothing says where a cut envelope ends: it takes no line with it but its own.
            self.failures.add(record.next);
            record = Record { text: line.to_owned(), lines: 0, next: self.next, inner: 0, ..record };
        }
        let words = &record.text[..record.start];
        let (meta, profile) = match &told {
            Some(told) => (Meta { way: told.way, stamp: told.stamp, ..Meta::default() }, index_of("steve_soap")),
            None => match head(self.layout, words) {
                Head::Echo => return true,
                Head::Known(index, meta) => (meta, Some(index)),
                Head::Plain(meta) => (meta, None),
            },
        };
        let meta = meta.or(outer);
        let exchange = words.lines().find_map(soap::exchange_id);
        (self.next, self.inner_taken) = (record.next, record.inner);
        self.joined += record.lines;
        let mut at = record.start;
        let mut end = record.end;
        loop {
            let whole = end.unwrap_or(record.text.len());
            self.soap_frame(&record.text[at..whole], &meta, exchange, profile, depth, words);
            // Several envelopes may stand on one line.
            let Some(next) = soap::find(&record.text, whole) else { return true };
            at = next;
            end = soap::end(&record.text[at..]).map(|length| at + length);
        }
    }

    /// The lines up to the end of the envelope, or of the record if the envelope is cut. None if there is no envelope.
    fn soap_record(&self, line: &str, announced: bool, depth: Depth<'_>) -> Option<Record> {
        let mut record = Record { text: line.to_owned(), start: 0, end: None, lines: 0, next: self.next, inner: 0 };
        let mut start = soap::find(line, 0);
        if start.is_none() && !announced {
            return None;
        }
        let own = self.line_at(self.start).map_or(b"".as_slice(), |(line, _)| line);
        let mut partial = depth.joins && continuation::is_partial(&String::from_utf8_lossy(own));
        let mut fresh = 0;
        loop {
            let added = &record.text[fresh..];
            start = start.or_else(|| soap::find(added, 0).map(|at| fresh + at));
            if let Some(start) = start
                && memmem::find(added.as_bytes(), b"Envelope").is_some()
                && let Some(length) = soap::end(&record.text[start..])
            {
                return Some(Record { start, end: Some(start + length), ..record });
            }
            if !depth.joins || record.lines >= MOST_LINES || record.text.len() > MOST_BYTES {
                break;
            }
            let (line, lossy);
            if let Some(rest) = depth.inner.get(record.inner..).filter(|rest| !rest.is_empty()) {
                let length = rest.find('\n').map_or(rest.len(), |at| at + 1);
                record.inner += length;
                line = rest[..length].trim_end_matches(['\n', '\r']);
            } else {
                let Some((bytes, next)) = self.line_at(record.next) else { break };
                lossy = String::from_utf8_lossy(bytes);
                line = &lossy;
                if continuation(line, partial).is_some() {
                    record.next = next;
                    record.lines += 1;
                }
            }
            let Some(piece) = continuation(line, partial) else { break };
            if !partial {
                record.text.push('\n');
            }
            fresh = record.text.len();
            partial = piece.partial;
            record.text.push_str(&piece.text);
        }
        start.map(|start| Record { start, ..record })
    }
}
