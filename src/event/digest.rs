//! Digests of what a message says: as written, or whatever its spelling.

use crate::json::{Scan, Scanner, Value};
use crate::message::{Kind, Message};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// Equal action and payload as written, equal digest.
#[must_use]
pub fn content(message: &Message<'_>) -> u64 {
    xxh3_64_with_seed(message.payload.as_bytes(), words(message))
}

/// As [`content`], of a payload and the digest of what stands beside it.
#[inline]
pub(super) fn seeded(payload: &str, seed: u64) -> u64 {
    xxh3_64_with_seed(payload.as_bytes(), seed)
}

/// The digest of what stands beside the payload of a message with an action.
pub(super) fn seed(kind: Kind, action: &str) -> u64 {
    xxh3_64_with_seed(action.as_bytes(), (kind as u64).rotate_left(1)).rotate_left(2)
}

/// The same of an answer, beside which nothing stands.
pub(super) const ANSWER: u64 = (Kind::Result as u64).rotate_left(3);

/// Equal action and payload, equal digest, also where two recorders wrote blanks, the order of keys or numbers
/// differently.
#[must_use]
pub fn canonical_content(message: &Message<'_>) -> u64 {
    let payload = value(&mut Scanner::new(message.payload)).unwrap_or_else(|_| xxh3_64(message.payload.as_bytes()));
    pair(words(message), payload)
}

/// What stands beside the payload. Most messages have an action or nothing.
fn words(message: &Message<'_>) -> u64 {
    // Only SOAP names the action of an answer; a table of messages gives it to every answer.
    let action = message.action.as_ref().filter(|_| message.kind.has_action());
    let parts = [action, message.error_code.as_ref(), message.error_description.as_ref()];
    parts.into_iter().fold(message.kind as u64, |before, part| {
        part.map_or(before.rotate_left(1), |text| xxh3_64_with_seed(text.as_bytes(), before.rotate_left(1)))
    })
}

/// The digest of the value that comes next. The scanner's own limit bounds the depth.
fn value(scanner: &mut Scanner<'_>) -> Scan<u64> {
    match scanner.peek() {
        Some(b'{') => {
            // A sum does not know the order of its parts.
            let mut sum = 1_u64;
            scanner.object(|scanner, key| {
                let name = xxh3_64(key.decode().as_bytes());
                let inside = value(scanner)?;
                sum = sum.wrapping_add(pair(name, inside));
                Ok(())
            })?;
            Ok(pair(2, sum))
        }
        Some(b'[') => {
            let mut all = 3_u64;
            scanner.array(|scanner| {
                all = pair(all, value(scanner)?);
                Ok(())
            })?;
            Ok(all)
        }
        _ => Ok(match scanner.value()? {
            Value::Text(text) => pair(4, xxh3_64(text.decode().as_bytes())),
            Value::Number(text) => pair(5, number(text)),
            Value::Bool(yes) => pair(6, u64::from(yes)),
            _ => 7,
        }),
    }
}

/// `1`, `1.0` and `1e0` are one number; integers are compared digit by digit.
fn number(text: &str) -> u64 {
    if let Ok(whole) = text.parse::<i64>() {
        return whole as u64;
    }
    match text.parse::<f64>() {
        Ok(float) if float.fract() == 0.0 && float.abs() < 9e15 => float as i64 as u64,
        Ok(float) => float.to_bits(),
        Err(_) => xxh3_64(text.as_bytes()),
    }
}

fn pair(first: u64, second: u64) -> u64 {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&first.to_le_bytes());
    bytes[8..].copy_from_slice(&second.to_le_bytes());
    xxh3_64(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::read;

    fn digest(text: &str) -> u64 {
        canonical_content(&read(text).message.unwrap())
    }

    #[test]
    fn the_digest_of_a_known_message_is_that_of_any_other() {
        for (text, seed) in [(r#"[2,"1","Heartbeat",{}]"#, seed(Kind::Call, "Heartbeat")), (r#"[3,"1",{}]"#, ANSWER)] {
            let message = read(text).message.unwrap();
            assert_eq!(content(&message), seeded(message.payload, seed), "{text}");
        }
    }

    #[test]
    fn spelling_does_not_count_and_content_does() {
        let first = digest(r#"[2,"1","A",{"a":1,"b":[1.0,"é"],"c":{}}]"#);
        assert_eq!(first, digest("[2, \"1\", \"A\", {\n \"c\": { }, \"b\": [1, \"\\u00e9\"], \"a\": 1.0}]"));
        for other in [
            r#"[2,"1","B",{"a":1,"b":[1.0,"é"],"c":{}}]"#,
            r#"[2,"1","A",{"a":2,"b":[1.0,"é"],"c":{}}]"#,
            r#"[2,"1","A",{"b":1,"a":[1.0,"é"],"c":{}}]"#,
            r#"[2,"1","A",{"a":1,"b":["é",1.0],"c":{}}]"#,
            r#"[2,"1","A",{"a":"1","b":[1.0,"é"],"c":{}}]"#,
            r#"[2,"1","A",{"a":1,"b":[1.0,"é"],"c":[]}]"#,
        ] {
            assert_ne!(first, digest(other), "{other}");
        }
    }
}
