//! Whether a line goes on with the record before it, and what it adds to it.
//!
//! Both the cutting of chunks and the joining of lines ask here, so that no chunk ever ends inside a record.

use super::peel::{self, MAX_WRAPPERS, strip_escapes};
use super::{announce, locate, soap, stamp};
use crate::json::{Scanner, Value};
use std::borrow::Cow;

/// What a line adds to a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Continuation<'a> {
    /// The text without its wrappers.
    pub(super) text: Cow<'a, str>,
    /// Whether the wrapper says that its next record goes on in the middle of this line.
    pub(super) partial: bool,
}

/// What `line` adds to a record that is still open; none if it starts one of its own. After a `partial` line anything
/// goes on.
pub(super) fn continuation(line: &str, partial: bool) -> Option<Continuation<'_>> {
    let peeled = peeled(plain(line));
    (partial || !starts_record(&peeled.text)).then_some(peeled)
}

/// Whether a line goes on, by its wrapper's word, in the next record.
pub(super) fn is_partial(line: &str) -> bool {
    peeled(plain(line)).partial
}

/// A line without its colours.
fn plain(line: &str) -> Cow<'_, str> {
    strip_escapes(line).map_or(Cow::Borrowed(line), Cow::Owned)
}

/// The line that a record of JSON wraps, without its end and its colours.
pub(super) fn wrapped_line(record: &str) -> Option<String> {
    let inner = json_text(record)?.text;
    let line = inner.trim_end_matches(['\n', '\r']);
    Some(strip_escapes(line).unwrap_or_else(|| line.to_owned()))
}

fn peeled(line: Cow<'_, str>) -> Continuation<'_> {
    let mut text = line;
    let mut partial = false;
    for _ in 0..MAX_WRAPPERS {
        if let Some(inner) = json_text(&text) {
            // docker ends whole lines with their newline, and parts of lines with nothing.
            partial |= inner.docker && !inner.text.ends_with('\n');
            let mut owned = inner.text;
            while owned.ends_with(['\n', '\r']) {
                owned.pop();
            }
            text = Cow::Owned(strip_escapes(&owned).unwrap_or(owned));
            continue;
        }
        let Some(prefix) = peel::prefix(&text) else { break };
        partial |= prefix.partial;
        text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(&text[prefix.length..]),
            Cow::Owned(text) => Cow::Owned(text[prefix.length..].to_owned()),
        };
    }
    Continuation { text, partial }
}

struct Inner {
    text: String,
    docker: bool,
}

/// The line that a JSON record wraps.
fn json_text(text: &str) -> Option<Inner> {
    let trimmed = text.trim_ascii();
    if !trimmed.starts_with("{\"") || !trimmed.ends_with('}') {
        return None;
    }
    let mut scanner = Scanner::new(trimmed);
    let mut found = None;
    scanner
        .object(|scanner, key| {
            let value = scanner.value()?;
            if let (Value::Text(text), "log" | "MESSAGE" | "message" | "msg" | "line") = (value, key.raw) {
                let mut inner = String::new();
                text.decode_into(&mut inner);
                found = Some(Inner { text: inner, docker: key.raw == "log" });
            }
            Ok(())
        })
        .ok()?;
    found.filter(|_| scanner.rest().trim_ascii().is_empty())
}

/// Whether a text without its wrappers is the first line of a record.
fn starts_record(text: &str) -> bool {
    let trimmed = text.trim_ascii_start();
    let indented = trimmed.len() < text.len();
    match trimmed.as_bytes() {
        // The inside of a value that is written over several lines.
        [] | [b'"' | b'}' | b']' | b',' | b'\'', ..] => false,
        [b'[', next, ..] if next.is_ascii_uppercase() || trimmed.starts_with("[ocpp") => true,
        [b'[', rest @ ..] if !indented && rest.trim_ascii().is_empty() => true,
        [b'{', b'"', .., b'}'] if !indented => true,
        _ => {
            stamp::leads(trimmed)
                || peel::level(trimmed).is_some_and(|_| trimmed.as_bytes()[0].is_ascii_uppercase())
                || trimmed.starts_with("<tr ")
                || !indented && soap::find(trimmed, 0) == Some(0)
                || locate::any(trimmed, 0).is_some()
                || locate::open_value(trimmed)
                    .is_some_and(|at| at > 0 && !trimmed.starts_with(['[', '{']) && !trimmed[..at].contains('"'))
        }
    }
}

/// Whether `line` starts a record, its wrappers left aside: a chunk may begin with it.
pub(super) fn starts(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line);
    continuation(text.trim_end_matches(['\r', '\n']), false).is_none()
}

/// Whether `line` is the first one of a frame that the line before it announced.
pub(super) fn is_announced(line: &[u8], before: &[u8]) -> bool {
    opens(line) && announce::is_head(&String::from_utf8_lossy(before))
}

/// Whether `line` begins with a bracket, its wrappers left aside.
pub(super) fn opens(line: &[u8]) -> bool {
    let line = String::from_utf8_lossy(line);
    continuation(&line, true).is_some_and(|piece| piece.text.trim_ascii_start().starts_with('['))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_start_a_record() {
        for line in [
            r#"2026-05-01 10:00:00 CP7 << [2,"7","Heartbeat",{}]"#,
            r#"INFO:ocpp:CP7: send [3,"7",{}]"#,
            "ERROR:ocpp:something",
            "[INFO ] 2026-05-01 10:00:00,250 x - [chargeBoxId=a",
            "[MO] Send: x",
            r#"    [2,"7","Heartbeat",{}]"#,
            r#"{"timestamp":"2026-05-01T10:00:00Z","message":[2,"7","Heartbeat",{}]}"#,
            r#"{"level":"info","x":"y"}"#,
            "[",
            "12:00:00.250 [main] TRACE - [0] [",
            r#"{"log":"2026-05-01 10:00:00 x\n","stream":"stdout","time":"2026-05-01T10:00:00Z"}"#,
            "May  1 10:00:00 host csms[811]: CP7: receive message [2,",
            "feb 14, 2022 11:38:37 a. m. x",
        ] {
            assert_eq!(continuation(line, false), None, "{line}");
            assert!(starts(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn lines_that_go_on_are_freed_of_their_wrappers() {
        for (line, text, partial) in [
            ("  2,", "  2,", false),
            (r#"  "timestamp": "2026-05-01T10:00:00Z","#, r#"  "timestamp": "2026-05-01T10:00:00Z","#, false),
            ("stamp\":\"x\",\"a\":[{", "stamp\":\"x\",\"a\":[{", false),
            (r#"{"log":"  2,\n","stream":"stdout","time":"2026-05-01T10:00:00Z"}"#, "  2,", false),
            (r#"{"log":"  2,","stream":"stdout","time":"2026-05-01T10:00:00Z"}"#, "  2,", true),
            ("2026-05-01T10:00:00.250000117Z stdout P   \"a\",", "  \"a\",", true),
            ("2026-05-01T10:00:00.250000117Z stdout F   \"a\",", "  \"a\",", false),
            ("May  1 10:00:00 host everest[811]:   2,", "  2,", false),
            ("app-1  |   2,", "  2,", false),
            ("<14>1 2026-05-01T10:00:00Z host app 811 - - }", "}", false),
            ("2026-05-01T10:00:00.250Z   \"key\": 1,", "  \"key\": 1,", false),
            ("2026-05-01T10:00:00.250Z:COM:ocpp_rpc.c:512:me\":\"x\"}]", "me\":\"x\"}]", false),
            ("", "", false),
        ] {
            let found = continuation(line, false);
            let expected = Continuation { text: Cow::Borrowed(text), partial };
            assert_eq!(found, Some(expected), "{line}");
        }
    }

    #[test]
    fn after_a_part_of_a_line_anything_goes_on() {
        let line = r#"2026-05-01T10:00:00Z stdout F [2,"1"]"#;
        assert_eq!(continuation(line, false), None);
        assert_eq!(continuation(line, true).map(|found| found.text.into_owned()).as_deref(), Some(r#"[2,"1"]"#));
    }
}
