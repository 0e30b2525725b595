//! The array around every OCPP-J message, the same in all versions (OCPP-J 1.6 §4.2, 2.0.1 and 2.1 part 4 §4.2).

use super::{Kind, Message};
use crate::flag::{Flag, Flags};
use crate::json::{Fault, FaultKind, Scanner, Value};
use crate::reject::Reason;
use std::borrow::Cow;

/// Ids longer than this are not believed to be ids.
const LONGEST_ID: usize = 256;
/// The longest id that OCPP allows.
const OCPP_ID: usize = 36;
/// Actions longer than this are not believed to be actions.
const LONGEST_ACTION: usize = 128;

/// Why a text is not a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// The reason for the `rejects` table.
    pub reason: Reason,
    /// What exactly.
    pub detail: String,
}

/// A frame that was read, and how far it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading<'a> {
    /// How many bytes belong to the frame: all of it where it is JSON, else up to the byte that is not.
    pub consumed: usize,
    /// The message, or why it is none.
    pub message: Result<Message<'a>, Defect>,
}

/// Reads the frame at the start of `text`; what stands behind the frame is left alone.
#[must_use]
pub fn read(text: &str) -> Reading<'_> {
    let mut scanner = Scanner::new(text);
    let mut elements = Elements::default();
    let walked = scanner.array(|scanner| elements.push(scanner));
    let consumed = scanner.offset().max(1);
    let message = match walked {
        Ok(()) => elements.message(),
        Err(fault) => Err(defect(fault)),
    };
    Reading { consumed, message }
}

/// Reads a call or a result that takes all of `text` and is written as nearly all are. Its payload is not checked yet, only
/// that it has the brackets of an object. None for anything else, right or wrong: [`read`] tells what it is.
#[must_use]
#[inline]
pub fn whole(text: &str) -> Option<Message<'_>> {
    let [b'[', kind @ (b'2' | b'3'), b',', ..] = *text.as_bytes() else { return None };
    let (id, at) = simple_text(text, 3)?;
    if id.is_empty() || id.len() > LONGEST_ID {
        return None;
    }
    let (kind, action, at) = if kind == b'2' {
        let (action, at) = simple_text(text, comma(text, at)?)?;
        if action.is_empty() || action.len() > LONGEST_ACTION || action.ends_with("-Signed") {
            return None;
        }
        (Kind::Call, Some(Cow::Borrowed(action)), at)
    } else {
        (Kind::Result, None, at)
    };
    let payload = text.get(comma(text, at)?..text.len() - 1)?;
    let bytes = payload.as_bytes();
    let object = bytes.len() > 1 && bytes[0] == b'{' && bytes[bytes.len() - 1] == b'}' && text.ends_with(']');
    let mut flags = Flags::NONE;
    flags.add_if(id.len() > OCPP_ID && id.chars().count() > OCPP_ID, Flag::IdLength);
    let id = Cow::Borrowed(id);
    object.then_some(Message { kind, id, action, payload, error_code: None, error_description: None, flags })
}

/// The text without escapes that begins at `at`, a blank before it allowed, and where it ends.
#[inline]
fn simple_text(text: &str, at: usize) -> Option<(&str, usize)> {
    let at = at + usize::from(text.as_bytes().get(at) == Some(&b' '));
    let mut scanner = Scanner::new(text.get(at..)?);
    if scanner.rest().as_bytes().first() != Some(&b'"') {
        return None;
    }
    let found = scanner.string().ok().filter(|found| !found.escaped)?;
    Some((found.raw, at + scanner.offset()))
}

/// Where the value behind a comma begins, a blank after it left out.
#[inline]
fn comma(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    (bytes.get(at) == Some(&b',')).then_some(at + 1 + usize::from(bytes.get(at + 1) == Some(&b' ')))
}

/// Kind and id of a frame of which only the beginning can be read.
#[must_use]
pub fn beginning(text: &str) -> Option<(Kind, &str)> {
    let rest = text.strip_prefix('[')?.trim_ascii_start();
    let kind = match rest.as_bytes().first()? {
        b'2' => Kind::Call,
        b'3' => Kind::Result,
        b'4' => Kind::Error,
        b'5' => Kind::ResultError,
        b'6' => Kind::Send,
        _ => return None,
    };
    let rest = rest[1..].trim_ascii_start().strip_prefix(',')?.trim_ascii_start();
    let (id, _) = rest.strip_prefix('"')?.split_once('"')?;
    Some((kind, id))
}

fn defect(fault: Fault) -> Defect {
    let reason = match fault.kind {
        FaultKind::Syntax => Reason::JsonSyntax,
        FaultKind::Truncated => Reason::JsonTruncated,
        FaultKind::Depth => Reason::JsonDepth,
        FaultKind::ControlCharacter => Reason::ControlChar,
    };
    Defect { reason, detail: format!("at byte {} of the frame", fault.at) }
}

fn refuse<T>(reason: Reason, detail: impl Into<String>) -> Result<T, Defect> {
    Err(Defect { reason, detail: detail.into() })
}

/// The elements of the array; no frame has more than five.
#[derive(Default)]
struct Elements<'a> {
    values: [Option<Value<'a>>; 5],
    count: usize,
}

impl<'a> Elements<'a> {
    fn push(&mut self, scanner: &mut Scanner<'a>) -> Result<(), Fault> {
        let value = scanner.value()?;
        if let Some(slot) = self.values.get_mut(self.count) {
            *slot = Some(value);
        }
        self.count += 1;
        Ok(())
    }

    fn message(&self) -> Result<Message<'a>, Defect> {
        let mut flags = Flags::NONE;
        let kind = kind(self.values[0], &mut flags)?;
        let allowed = match kind {
            Kind::Call => 3..=4,
            Kind::Result => 2..=3,
            Kind::Error => 3..=5,
            Kind::ResultError => 5..=5,
            _ => 4..=4,
        };
        if !allowed.contains(&self.count) || (kind == Kind::Result && self.count == 2) {
            return refuse(Reason::Arity, format!("{} elements in a {}", self.count, kind.as_str()));
        }
        let id = id(self.values[1], &mut flags)?;
        let mut message =
            Message { kind, id, action: None, payload: "", error_code: None, error_description: None, flags };
        match kind {
            Kind::Error | Kind::ResultError => {
                message.error_code = text(self.values[2]);
                message.error_description = text(self.values[3]);
                message.payload = raw(self.values[4]);
                message.flags.add_if(self.count < 5, Flag::ErrorFieldsMissing);
            }
            Kind::Result => message.payload = payload(self.values[2], &mut message.flags)?,
            _ => {
                message.action = Some(action(self.values[2])?);
                if self.count == 3 {
                    message.flags.add(Flag::PayloadMissing);
                } else {
                    message.payload = payload(self.values[3], &mut message.flags)?;
                }
            }
        }
        Ok(message)
    }
}

fn kind(value: Option<Value<'_>>, flags: &mut Flags) -> Result<Kind, Defect> {
    let (number, plain) = match value {
        Some(Value::Number(text)) => (text.parse::<f64>().ok(), text.len() == 1),
        Some(Value::Text(text)) => (text.raw.trim().parse::<f64>().ok(), false),
        _ => (None, false),
    };
    flags.add_if(!plain, Flag::TypeCoerced);
    let code = number.filter(|number| number.fract() == 0.0 && (0.0..1e9).contains(number));
    match code.map(|code| code as u32) {
        Some(2) => Ok(Kind::Call),
        Some(3) => Ok(Kind::Result),
        Some(4) => Ok(Kind::Error),
        Some(5) => Ok(Kind::ResultError),
        Some(6) => Ok(Kind::Send),
        Some(other) => refuse(Reason::MessageType, format!("message type {other}")),
        None => refuse(Reason::MessageType, "the message type is no number"),
    }
}

fn id<'a>(value: Option<Value<'a>>, flags: &mut Flags) -> Result<Cow<'a, str>, Defect> {
    let id = match value {
        Some(Value::Text(text)) if text.escaped => {
            let mut id = String::new();
            if text.decode_into(&mut id) {
                return refuse(Reason::IdInvalid, "the message id holds half of a surrogate pair");
            }
            Cow::Owned(id)
        }
        Some(Value::Text(text)) => Cow::Borrowed(text.raw),
        Some(Value::Number(number)) => {
            flags.add(Flag::IdCoerced);
            Cow::Borrowed(number)
        }
        _ => return refuse(Reason::IdInvalid, "the message id is neither text nor number"),
    };
    if id.is_empty() {
        return refuse(Reason::IdInvalid, "the message id is empty");
    }
    if id.len() > LONGEST_ID {
        return refuse(Reason::IdTooLong, format!("{} bytes", id.len()));
    }
    flags.add_if(id.chars().count() > OCPP_ID, Flag::IdLength);
    Ok(id)
}

fn action(value: Option<Value<'_>>) -> Result<Cow<'_, str>, Defect> {
    match value {
        Some(Value::Text(text)) if !text.raw.is_empty() && text.raw.len() <= LONGEST_ACTION => Ok(text.decode()),
        Some(Value::Text(text)) => refuse(Reason::ActionInvalid, format!("an action of {} bytes", text.raw.len())),
        _ => refuse(Reason::ActionInvalid, "the action is no text"),
    }
}

fn payload<'a>(value: Option<Value<'a>>, flags: &mut Flags) -> Result<&'a str, Defect> {
    match value {
        Some(Value::Object(text)) => Ok(text),
        Some(Value::Null) => {
            flags.add(Flag::PayloadNull);
            Ok("null")
        }
        _ => refuse(Reason::PayloadType, "the payload is neither an object nor null"),
    }
}

fn text(value: Option<Value<'_>>) -> Option<Cow<'_, str>> {
    match value? {
        Value::Text(text) => Some(text.decode()),
        Value::Number(text) | Value::Object(text) | Value::Array(text) => Some(Cow::Borrowed(text)),
        Value::Bool(_) | Value::Null => None,
    }
}

fn raw(value: Option<Value<'_>>) -> &str {
    match value {
        Some(Value::Object(text) | Value::Array(text) | Value::Number(text)) => text,
        // The details of a refusal are an object by the standard; a text is seen too and kept as it is.
        Some(Value::Text(text)) => text.raw,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> Message<'_> {
        read(text).message.unwrap()
    }

    fn reason(text: &str) -> Reason {
        read(text).message.unwrap_err().reason
    }

    #[test]
    fn a_call_has_an_action_and_a_payload_as_written() {
        let call = message(r#"[2, "19", "Heartbeat", { "a" : 1 }] and more"#);
        assert_eq!(
            (call.kind, &*call.id, call.action.as_deref(), call.payload),
            (Kind::Call, "19", Some("Heartbeat"), "{ \"a\" : 1 }")
        );
        assert!(call.flags.is_empty());
    }

    #[test]
    fn consumed_is_the_length_of_the_frame() {
        assert_eq!(read(r#"[3,"1",{}][3,"2",{}]"#).consumed, 10);
    }

    #[test]
    fn a_refusal_may_lack_its_last_fields() {
        let error = message(r#"[4,"1","NotImplemented"]"#);
        assert_eq!(error.error_code.as_deref(), Some("NotImplemented"));
        assert!(error.flags.has(Flag::ErrorFieldsMissing));
        let error = message(r#"[4,"1","GenericError","no",null]"#);
        assert_eq!((error.error_description.as_deref(), error.payload), (Some("no"), ""));
    }

    #[test]
    fn what_can_be_forgiven_is_flagged() {
        assert!(message(r"[3,17,{}]").flags.has(Flag::IdCoerced));
        assert!(message(r#"["2","a","Heartbeat",{}]"#).flags.has(Flag::TypeCoerced));
        assert!(message(r#"[2.0,"a","Heartbeat",{}]"#).flags.has(Flag::TypeCoerced));
        assert!(message(r#"[2,"a","Heartbeat"]"#).flags.has(Flag::PayloadMissing));
        assert!(message(r#"[3,"a",null]"#).flags.has(Flag::PayloadNull));
        let long = format!(r#"[3,"{}",{{}}]"#, "x".repeat(37));
        assert!(message(&long).flags.has(Flag::IdLength));
    }

    #[test]
    fn what_cannot_be_forgiven_is_refused() {
        assert_eq!(reason(r#"[7,"a",{}]"#), Reason::MessageType);
        assert_eq!(reason(r#"[0,"a",{}]"#), Reason::MessageType);
        assert_eq!(reason(r#"[2,"a","Heartbeat",{},{}]"#), Reason::Arity);
        assert_eq!(reason(r#"[3,"a"]"#), Reason::Arity);
        assert_eq!(reason(r#"[2,"a","Heartbeat",[]]"#), Reason::PayloadType);
        assert_eq!(reason(r#"[3,"a","Accepted"]"#), Reason::PayloadType);
        assert_eq!(reason(r#"[2,"","Heartbeat",{}]"#), Reason::IdInvalid);
        assert_eq!(reason(r#"[2,null,"Heartbeat",{}]"#), Reason::IdInvalid);
        assert_eq!(reason(r#"[2,"\ud800","Heartbeat",{}]"#), Reason::IdInvalid);
        assert_eq!(reason(r#"[2,"a",7,{}]"#), Reason::ActionInvalid);
        assert_eq!(reason(r#"[2,"a","Heart"#), Reason::JsonTruncated);
        assert_eq!(reason(r#"[2,"a","Heartbeat",{"a":}]"#), Reason::JsonSyntax);
        assert_eq!(reason(&format!(r#"[3,"{}",{{}}]"#, "x".repeat(257))), Reason::IdTooLong);
    }
}
