//! Frames that a program wrote as literals of its own language instead of JSON (layouts E8).

use super::peel::split;
use super::text::Meta;
use super::{Stamp, stamp};
use crate::json::write_string;
use crate::term::Direction::{FromChargePoint, FromCsms};
use crate::term::{IdSource, Way};

/// Whether `text` is an array with a message type and a quoted id, written with single quotes.
pub(super) fn is_array(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('[') else { return false };
    let rest = rest.trim_ascii_start();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    digits == 1
        && rest[1..].trim_ascii_start().strip_prefix(',').is_some_and(|rest| rest.trim_ascii_start().starts_with('\''))
}

/// Where an array with single quotes begins in a line.
pub(super) fn find_array(line: &str) -> Option<usize> {
    memchr::memchr_iter(b'[', line.as_bytes()).find(|&at| is_array(&line[at..]))
}

/// What a record in the manner of `toString` holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fields<'a> {
    pub(super) kind: &'static str,
    pub(super) id: &'a str,
    pub(super) action: Option<&'a str>,
    pub(super) payload: &'a str,
    pub(super) error: Option<(&'a str, &'a str)>,
    pub(super) station: Option<&'a str>,
    pub(super) time: Option<&'a str>,
}

/// The record of Java-OCA-OCPP or of a neighbour of it in `line`.
pub(super) fn java(line: &str) -> Option<(usize, Fields<'_>)> {
    let brace = memchr::memchr(b'{', line.as_bytes())?;
    for (name, kind) in
        [("CallMessage", "2"), ("CallResultMessage", "3"), ("CallErrorMessage", "4"), ("OcppMessage", "")]
    {
        let Some((before, rest)) = split(line, name) else { continue };
        let at = before.len();
        let whole = before.bytes().next_back().is_none_or(|byte| !byte.is_ascii_alphanumeric());
        if let (true, Some(inside)) = (whole && at + name.len() >= brace.min(at + name.len()), rest.strip_prefix('{')) {
            return fields(kind, inside).map(|fields| (at, fields));
        }
    }
    None
}

fn fields<'a>(kind: &'static str, inside: &'a str) -> Option<Fields<'a>> {
    let mut found = Fields { kind, payload: "{}", ..Fields::default() };
    let (mut code, mut description) = (None, "");
    let mut rest = inside;
    while let Some((name, behind)) = rest.split_once('=') {
        let name = name.trim_start_matches([',', ' ']);
        let value;
        (value, rest) = value_of(behind);
        let word = Some(value).filter(|value| *value != "null" && !value.is_empty());
        match name {
            "id" | "messageId" => found.id = value,
            "action" | "requestType" => found.action = word,
            "payload" | "messageContent" | "rawPayload" => found.payload = word.unwrap_or("{}"),
            "errorCode" => code = word,
            "errorDescription" => description = word.unwrap_or(""),
            "stationId" => found.station = word,
            "time" => found.time = word,
            "messageType" => {
                found.kind = match value {
                    "2" => "2",
                    "3" => "3",
                    "4" => "4",
                    _ => return None,
                }
            }
            _ => {}
        }
        if rest.starts_with('}') {
            break;
        }
    }
    found.error = code.map(|code| (code, description));
    (!found.id.is_empty() && !found.kind.is_empty()).then_some(found)
}

/// A value up to the comma before the next name, or to the closing brace; JSON is taken whole.
fn value_of(text: &str) -> (&str, &str) {
    if text.starts_with(['{', '[']) {
        let end = super::balance::Balance::default().feed(text.as_bytes()).unwrap_or(text.len());
        return text.split_at(end);
    }
    let mut from = 0;
    loop {
        let Some(found) = text[from..].find([',', '}']) else { return (text, "") };
        let at = from + found;
        let rest = &text[at..];
        // A comma inside a text is not followed by a name and an equals sign.
        let name = rest.strip_prefix(", ").map(|rest| rest.bytes().take_while(u8::is_ascii_alphanumeric).count());
        let named = name.is_some_and(|length| length > 0 && rest.as_bytes().get(2 + length) == Some(&b'='));
        if rest.starts_with('}') || named {
            return text.split_at(at);
        }
        from = at + 1;
    }
}

/// What an answer has for its sender in the records that name both.
const SERVER: &str = "SERVER";

impl<'a> Fields<'a> {
    /// The charge point, if the record names one.
    pub(super) fn named(&self) -> Option<&'a str> {
        self.station.filter(|station| *station != SERVER)
    }

    /// The profile of such records.
    pub(super) const fn profile(&self) -> &'static str {
        if self.station.is_some() { "ocpp_message" } else { "java_oca" }
    }

    /// What is known about the frame. A record that names its sender leaves an answer to the charge point of its call.
    pub(super) fn meta(&self, outer: Meta<'a>) -> Meta<'a> {
        let Some(station) = self.station else { return outer };
        let named = self.named();
        Meta {
            charge_point: named.or(outer.charge_point),
            source: if named.is_some() { IdSource::Record } else { outer.source },
            way: Way::Known(if station == SERVER { FromCsms } else { FromChargePoint }),
            stamp: self.time.map(stamp::whole).filter(|found| *found != Stamp::None).unwrap_or(outer.stamp),
            link: Some(self.id),
            ..outer
        }
    }

    /// The frame as it went over the wire; false if a part is missing.
    pub(super) fn write(&self, out: &mut String) -> bool {
        out.push('[');
        out.push_str(self.kind);
        out.push(',');
        write_string(out, self.id);
        match (self.kind, self.action, self.error) {
            ("2", Some(action), _) => {
                out.push(',');
                write_string(out, action);
            }
            ("3", ..) => {}
            ("4", _, Some((code, description))) => {
                out.push(',');
                write_string(out, code);
                out.push(',');
                write_string(out, description);
            }
            _ => return false,
        }
        out.push(',');
        out.push_str(self.payload);
        out.push(']');
        true
    }
}

/// Turns the literal of a Python list into JSON; none where it is something else, such as the bare keys of JavaScript.
pub(super) fn python(text: &str) -> Option<(String, usize)> {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len() + 8);
    let mut depth = 0_u32;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'\'' | b'"') => {
                let (value, length) = string(&text[at + 1..], quote)?;
                write_string(&mut out, &value);
                at += 1 + length;
                continue;
            }
            byte @ (b'[' | b'{' | b'(') => {
                depth += 1;
                out.push(if byte == b'{' { '{' } else { '[' });
            }
            byte @ (b']' | b'}' | b')') => {
                depth = depth.checked_sub(1)?;
                out.push(if byte == b'}' { '}' } else { ']' });
                if depth == 0 {
                    return Some((out, at + 1));
                }
            }
            b'A'..=b'Z' => {
                let length = bytes[at..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
                out.push_str(match &text[at..at + length] {
                    "True" => "true",
                    "False" => "false",
                    "None" => "null",
                    _ => return None,
                });
                at += length;
                continue;
            }
            byte @ (b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b',' | b':' | b' ') => out.push(byte as char),
            _ => return None,
        }
        at += 1;
    }
    None
}

/// The text of a literal up to its closing quote, and how many bytes it takes.
fn string(text: &str, quote: u8) -> Option<(String, usize)> {
    let mut out = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        if letter == char::from(quote) {
            return Some((out, at + 1));
        }
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        let (at, escaped) = letters.next()?;
        let digits = match escaped {
            'n' => {
                out.push('\n');
                0
            }
            't' => {
                out.push('\t');
                0
            }
            'r' => {
                out.push('\r');
                0
            }
            'x' => 2,
            'u' => 4,
            other => {
                out.push(other);
                0
            }
        };
        if digits > 0 {
            let code = u32::from_str_radix(text.get(at + 1..at + 1 + digits)?, 16).ok()?;
            out.push(char::from_u32(code)?);
            letters.nth(digits - 1)?;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_java_becomes_a_frame() {
        for (line, frame) in [
            (
                r#"x - Receive a message: CallMessage{id=a-1, payload={"a":"b, c=}"}, action=Heartbeat}"#,
                r#"[2,"a-1","Heartbeat",{"a":"b, c=}"}]"#,
            ),
            ("CallResultMessage{id=7, payload={}, action=null}", r#"[3,"7",{}]"#),
            (
                "CallErrorMessage{id=7, errorCode=NotSupported, errorDescription=no, not at all, rawPayload={}}",
                r#"[4,"7","NotSupported","no, not at all",{}]"#,
            ),
            (
                "OcppMessage{time=1483308284000, stationId=A, requestType=Heartbeat, messageType=2, messageId=9, messageContent={}}",
                r#"[2,"9","Heartbeat",{}]"#,
            ),
        ] {
            let (_, fields) = java(line).unwrap();
            let mut out = String::new();
            assert!(fields.write(&mut out), "{line}");
            assert_eq!(out, frame);
        }
        assert_eq!(java("no record {here}"), None);
        assert_eq!(java("CallMessage{id=, payload={}, action=x}"), None);
    }

    #[test]
    fn a_list_of_python_becomes_a_frame() {
        let text = "[2, 'it\\'s', \"Boot\", {'a': True, 'b': None, 'c': [1, -2.5e+3], 'd': 'x\"\\u00e9\\x41'}] rest";
        let (json, length) = python(text).unwrap();
        assert_eq!(json, r#"[2, "it's", "Boot", {"a": true, "b": null, "c": [1, -2.5e+3], "d": "x\"éA"}]"#);
        assert_eq!(&text[length..], " rest");
        for text in ["[2, 'a', {connectorId: 1}]", "[2, 'a'", "[2, 'a', <Call>]", "[2, 'a', {'b': datetime(1)}]"] {
            assert_eq!(python(text), None, "{text}");
        }
    }
}
