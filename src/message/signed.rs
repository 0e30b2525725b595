//! Signed messages: what is inside of the signature (2.1 part 4 §7; JWS, RFC 7515 §7.2.2).

use crate::json::{Scanner, Value};

/// The payload inside a signed one; the signature is not checked. None if it is not signed, or not readable.
#[must_use]
pub fn unsign(payload: &str) -> Option<String> {
    let (mut inner, mut signature) = (None, false);
    let mut scanner = Scanner::new(payload);
    scanner
        .object(|scanner, key| {
            match (key.raw, scanner.value()?) {
                ("payload", Value::Text(text)) => inner = inner.take().or_else(|| Some(text.decode())),
                ("signature", Value::Text(_)) => signature = true,
                _ => {}
            }
            Ok(())
        })
        .ok()?;
    let bytes = base64url(inner.filter(|_| signature)?.trim_end_matches('=').as_bytes())?;
    let text = String::from_utf8(bytes).ok()?;
    // What is inside has to be what a payload is, or it is none.
    let mut scanner = Scanner::new(&text);
    let object = matches!(scanner.value(), Ok(Value::Object(_))) && scanner.end().is_ok();
    object.then_some(text)
}

/// Decodes base64url without padding (RFC 4648 §5); the two letters of plain base64 are taken as well.
fn base64url(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for group in text.chunks(4) {
        let mut bits = 0_u32;
        for &letter in group {
            let value = match letter {
                b'A'..=b'Z' => letter - b'A',
                b'a'..=b'z' => letter - b'a' + 26,
                b'0'..=b'9' => letter - b'0' + 52,
                b'-' | b'+' => 62,
                b'_' | b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(value);
        }
        let whole = group.len() * 6 / 8;
        bits <<= 6 * (4 - group.len());
        if whole == 0 {
            return None;
        }
        bytes.extend_from_slice(&bits.to_be_bytes()[1..=whole]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64url_is_decoded_at_every_length() {
        for (text, plain) in [
            ("", &b""[..]),
            ("YQ", b"a"),
            ("YWI", b"ab"),
            ("YWJj", b"abc"),
            ("YWJjZA", b"abcd"),
            ("_-8", &[0xff, 0xef]),
        ] {
            assert_eq!(base64url(text.as_bytes()).as_deref(), Some(plain), "{text}");
        }
        assert_eq!(base64url(b"YWJjZ"), None);
        assert_eq!(base64url(b"Y W"), None);
    }

    #[test]
    fn only_a_signed_object_is_opened() {
        let signed = r#"{"payload":"eyJhIjoxfQ","protected":"eyJhbGciOiJFUzI1NiJ9","signature":"c2ln"}"#;
        assert_eq!(unsign(signed).as_deref(), Some(r#"{"a":1}"#));
        assert_eq!(unsign(r#"{"payload":"eyJhIjoxfQ"}"#), None);
        assert_eq!(unsign(r#"{"payload":"WzFd","signature":"c2ln"}"#), None, "an array is no payload");
        assert_eq!(unsign(r#"{"payload":"_w","signature":"c2ln"}"#), None);
        assert_eq!(unsign("null"), None);
    }
}
