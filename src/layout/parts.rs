//! A frame that a record holds in parts: type, id, action and payload under keys of their own (layouts E6).

use crate::json::{RawStr, Scanner, Value, write_string};

/// The parts, as far as a record has them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parts<'a> {
    /// The number of the message type.
    pub(super) kind: Option<&'static str>,
    pub(super) id: Option<RawStr<'a>>,
    /// An id whose name is not that of a message id alone.
    pub(super) weak_id: Option<RawStr<'a>>,
    pub(super) action: Option<RawStr<'a>>,
    pub(super) payload: Option<&'a str>,
    pub(super) request: Option<&'a str>,
    pub(super) response: Option<&'a str>,
    /// An object with code, description and details.
    pub(super) error: Option<&'a str>,
    pub(super) error_code: Option<RawStr<'a>>,
    pub(super) error_description: Option<RawStr<'a>>,
}

/// The number of a message type in any of its spellings.
pub(super) fn kind(word: &str) -> Option<&'static str> {
    let is = |list: &[&str]| list.iter().any(|known| word.trim().eq_ignore_ascii_case(known));
    if is(&["2", "call", "request", "req"]) {
        Some("2")
    } else if is(&["3", "callresult", "call_result", "response", "result", "conf", "confirmation"]) {
        Some("3")
    } else if is(&["4", "callerror", "call_error", "error"]) {
        Some("4")
    } else if is(&["5", "callresulterror"]) {
        Some("5")
    } else if is(&["6", "send"]) {
        Some("6")
    } else {
        None
    }
}

/// A request and its answer that one record holds together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair<'a> {
    id: RawStr<'a>,
    action: RawStr<'a>,
    request: &'a str,
    response: Option<&'a str>,
}

impl<'a> Parts<'a> {
    /// Whether all parts of a frame are there.
    pub(super) fn complete(&self) -> bool {
        let whole = match self.kind {
            Some("2" | "6") => self.action.is_some() && (self.payload.is_some() || self.request.is_some()),
            Some("3") => self.payload.is_some() || self.response.is_some(),
            Some("4" | "5") => self.error.is_some() || self.error_code.is_some(),
            _ => false,
        };
        whole && (self.id.is_some() || self.weak_id.is_some())
    }

    /// Writes the frame as it went over the wire.
    pub(super) fn write(&self, out: &mut String) -> Option<()> {
        let kind = self.kind?;
        out.push('[');
        out.push_str(kind);
        push(out, self.id.or(self.weak_id)?);
        match kind {
            "2" | "6" => {
                push(out, self.action?);
                push_raw(out, self.payload.or(self.request)?);
            }
            "3" => push_raw(out, self.payload.or(self.response)?),
            _ => self.write_error(out)?,
        }
        out.push(']');
        Some(())
    }

    fn write_error(&self, out: &mut String) -> Option<()> {
        let Some(error) = self.error else {
            push(out, self.error_code?);
            push(out, self.error_description.unwrap_or(RawStr { raw: "", escaped: false }));
            push_raw(out, self.payload.unwrap_or("{}"));
            return Some(());
        };
        let (mut code, mut description, mut details) = (None, None, "{}");
        Scanner::new(error)
            .object(|scanner, key| {
                match (key.raw, scanner.value()?) {
                    ("code" | "errorCode", Value::Text(word)) => code = Some(word),
                    ("description" | "errorDescription", Value::Text(word)) => description = Some(word),
                    ("details" | "errorDetails", Value::Object(object)) => details = object,
                    _ => {}
                }
                Ok(())
            })
            .ok()?;
        let none = RawStr { raw: "", escaped: false };
        push(out, code.unwrap_or(none));
        push(out, description.unwrap_or(none));
        push_raw(out, details);
        Some(())
    }

    /// The pair that the record holds, if it is one: `request: {action, payload}` and perhaps `response: {payload}`.
    pub(super) fn pair(&self) -> Option<Pair<'a>> {
        let (mut action, mut request) = (self.action, None);
        Scanner::new(self.request?)
            .object(|scanner, key| {
                match (key.raw, scanner.value()?) {
                    ("action", Value::Text(word)) => action = Some(word),
                    ("payload", Value::Object(text)) => request = Some(text),
                    _ => {}
                }
                Ok(())
            })
            .ok()?;
        let mut response = None;
        if let Some(text) = self.response {
            Scanner::new(text)
                .object(|scanner, key| {
                    if let ("payload", Value::Object(text)) = (key.raw, scanner.value()?) {
                        response = Some(text);
                    }
                    Ok(())
                })
                .ok()?;
        }
        Some(Pair { id: self.id?, action: action?, request: request?, response })
    }
}

impl Pair<'_> {
    /// Writes the request.
    pub(super) fn write_request(&self, out: &mut String) {
        out.push_str("[2");
        push(out, self.id);
        push(out, self.action);
        push_raw(out, self.request);
        out.push(']');
    }

    /// Writes the answer; false if there is none.
    pub(super) fn write_response(&self, out: &mut String) -> bool {
        let Some(response) = self.response else { return false };
        out.push_str("[3");
        push(out, self.id);
        push_raw(out, response);
        out.push(']');
        true
    }
}

/// Appends a comma and a text as a JSON string; one that has no escapes may still hold quotes, as in a cell of a table.
fn push(out: &mut String, text: RawStr<'_>) {
    out.push(',');
    if text.escaped {
        out.push('"');
        out.push_str(text.raw);
        out.push('"');
    } else {
        write_string(out, text.raw);
    }
}

fn push_raw(out: &mut String, json: &str) {
    out.push(',');
    out.push_str(json);
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn text(raw: &str) -> RawStr<'_> {
        RawStr { raw, escaped: false }
    }

    #[test]
    fn a_frame_is_written_from_its_parts() {
        let call = Parts {
            kind: kind("CALL"),
            id: Some(text("1")),
            action: Some(text("Boot")),
            payload: Some("{}"),
            ..Parts::default()
        };
        let error = Parts {
            kind: kind("4"),
            weak_id: Some(text("a\"b")),
            error_code: Some(text("NotSupported")),
            ..Parts::default()
        };
        for (parts, frame) in [(call, r#"[2,"1","Boot",{}]"#), (error, r#"[4,"a\"b","NotSupported","",{}]"#)] {
            let mut out = String::new();
            assert!(parts.complete());
            parts.write(&mut out).unwrap();
            assert_eq!(out, frame);
        }
        assert!(!Parts { kind: Some("3"), id: Some(text("1")), ..Parts::default() }.complete());
    }

    #[test]
    fn a_pair_gives_two_frames() {
        let parts = Parts {
            id: Some(text("1")),
            request: Some(r#"{"action":"Heartbeat","payload":{}}"#),
            response: Some(r#"{"payload":{"currentTime":"x"}}"#),
            ..Parts::default()
        };
        let pair = parts.pair().unwrap();
        let (mut request, mut response) = (String::new(), String::new());
        pair.write_request(&mut request);
        assert!(pair.write_response(&mut response));
        assert_eq!(
            (request.as_str(), response.as_str()),
            (r#"[2,"1","Heartbeat",{}]"#, r#"[3,"1",{"currentTime":"x"}]"#)
        );
    }
}
