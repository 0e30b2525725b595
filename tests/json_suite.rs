//! `JSONTestSuite` (MIT, see `tests/data/json_test_suite`) against our own reader of JSON: what must be accepted is, what
//! must be rejected is, and what is left to the reader is pinned.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use ocpplog::json::Scanner;
use ocpplog::message;

const CASES: &str = include_str!("data/json_test_suite/cases.tsv");

/// The cases left to the reader that ours rejects. It accepts all others: numbers are text and never overflow, half of
/// a surrogate pair is replaced where it is read, and bytes that are no UTF-8 are replaced before the reader sees them.
const REJECTED: &[&str] = &[
    "i_string_UTF-16LE_with_BOM",
    "i_string_utf16BE_no_BOM",
    "i_string_utf16LE_no_BOM",
    "i_structure_500_nested_arrays",
    "i_structure_UTF-8_BOM_empty_object",
];

struct Case {
    name: &'static str,
    bytes: Vec<u8>,
}

impl Case {
    /// The text as the reader gets it out of a line: what is not UTF-8 is replaced.
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

fn cases(kind: &str) -> Vec<Case> {
    let parse = |line: &'static str| {
        let mut cells = line.splitn(3, '\t');
        let name = cells.next().expect("a name");
        let times = cells.next().and_then(|times| times.parse().ok()).expect("a count");
        Case { name, bytes: unescape(cells.next().expect("a text")).repeat(times) }
    };
    CASES.lines().filter(|line| line.starts_with(kind)).map(parse).collect()
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((plain, escaped)) = rest.split_once("\\x") {
        bytes.extend_from_slice(plain.as_bytes());
        bytes.push(u8::from_str_radix(&escaped[..2], 16).expect("two digits"));
        rest = &escaped[2..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

/// Whether the text is one JSON value.
fn is_value(text: &str) -> bool {
    let mut scanner = Scanner::new(text);
    scanner.skip().is_ok() && scanner.end().is_ok()
}

/// Whether a frame with the text as a value in its payload is a message, and all of it.
fn is_message(text: &str) -> bool {
    let frame = format!(r#"[3,"1",{{"v":{text}}}]"#);
    let reading = message::read(&frame);
    reading.message.is_ok() && reading.consumed == frame.len()
}

#[test]
fn the_suite_is_complete() {
    assert_eq!(["y_", "n_", "i_"].map(|kind| cases(kind).len()), [95, 188, 35]);
}

#[test]
fn what_must_be_accepted_is() {
    for case in cases("y_") {
        let text = case.text();
        assert!(is_value(&text), "{}: {text}", case.name);
        assert!(is_message(&text), "{}: {text}", case.name);
    }
}

#[test]
fn what_must_be_rejected_is() {
    for case in cases("n_") {
        let text = case.text();
        assert!(!is_value(&text), "{}: {text:.100}", case.name);
        assert!(!is_message(&text), "{}: {text:.100}", case.name);
    }
}

#[test]
fn what_is_left_to_the_reader_is_pinned() {
    let rejected = |test: fn(&str) -> bool| -> Vec<&str> {
        cases("i_").iter().filter(|case| !test(&case.text())).map(|case| case.name).collect()
    };
    assert_eq!(rejected(is_value), REJECTED);
    assert_eq!(rejected(is_message), REJECTED);
}
