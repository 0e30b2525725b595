//! Reading one field of a payload, however the field is written.
//!
//! Numbers come as text and texts as numbers; of a key written twice the first one counts; `null` is like absent.

use super::secret::masked;
use super::store::{Store, Text};
use crate::flag::{Flag, Flags};
use crate::json::{RawStr, Scan, Scanner, Value};
use crate::time::{Instant, SECOND, payload_time};

/// What a reader writes to: the store, and what it had to forgive.
#[derive(Debug)]
pub(super) struct Target<'s> {
    pub(super) store: &'s mut Store,
    pub(super) flags: Flags,
}

impl Target<'_> {
    fn keep_raw(&mut self, text: RawStr<'_>) -> Text {
        if !text.escaped {
            return self.store.keep(text.raw);
        }
        let mut replaced = false;
        let kept = self.store.keep_with(|out| replaced = text.decode_into(out));
        self.flags.add_if(replaced, Flag::LoneSurrogate);
        kept
    }

    /// A text, or a scalar as it is written. Objects and arrays are no text.
    pub(super) fn text(&mut self, scanner: &mut Scanner<'_>, slot: &mut Text) -> Scan<()> {
        let value = scanner.value()?;
        if slot.is_some() {
            return Ok(());
        }
        *slot = match value {
            Value::Text(text) => self.keep_raw(text),
            Value::Number(text) => self.store.keep(text),
            Value::Bool(value) => self.store.keep(if value { "true" } else { "false" }),
            Value::Null | Value::Object(_) | Value::Array(_) => Text::NONE,
        };
        Ok(())
    }

    /// A text without its secrets; a number, an object or an array as it is written, likewise.
    pub(super) fn masked(&mut self, scanner: &mut Scanner<'_>, slot: &mut Text) -> Scan<()> {
        let before = scanner.clone();
        match scanner.value()? {
            _ if slot.is_some() => {}
            Value::Text(text) => *slot = self.store.keep(&masked(&text.decode())),
            Value::Object(text) | Value::Array(text) => *slot = self.store.keep(&masked(text)),
            _ => {
                *scanner = before;
                self.text(scanner, slot)?;
            }
        }
        Ok(())
    }

    /// An id that 1.x writes as a number and 2.x as text. `7.0` and `7e0` are the number 7.
    pub(super) fn id(&mut self, scanner: &mut Scanner<'_>, slot: &mut Text) -> Scan<()> {
        let before = scanner.clone();
        match scanner.value()? {
            Value::Number(text) if text.contains(['.', 'e', 'E']) && !slot.is_some() => {
                let value = text.parse::<f64>().ok();
                if let Some(whole) = value.filter(|value| value.fract() == 0.0 && value.abs() < 9e15) {
                    *slot = self.store.keep(&format!("{whole:.0}"));
                    return Ok(());
                }
            }
            Value::Bool(_) | Value::Object(_) | Value::Array(_) => {
                self.flags.add(Flag::BadPayload);
                return Ok(());
            }
            _ => {}
        }
        *scanner = before;
        self.text(scanner, slot)
    }
}

/// A time, as text or as Unix time; absent if null.
pub(super) fn time(scanner: &mut Scanner<'_>, slot: &mut Instant) -> Scan<()> {
    let time = match scanner.value()? {
        Value::Text(text) if !text.escaped => payload_time(text.raw),
        Value::Text(text) => payload_time(&text.decode()),
        Value::Number(text) => payload_time(text),
        Value::Null => Instant::default(),
        _ => payload_time(""),
    };
    if *slot == Instant::default() {
        *slot = time;
    }
    Ok(())
}

/// A number, also one written as text.
pub(super) fn float(scanner: &mut Scanner<'_>, slot: &mut Option<f64>) -> Scan<()> {
    let text = match scanner.value()? {
        Value::Number(text) => text,
        Value::Text(text) => text.raw.trim_ascii(),
        _ => return Ok(()),
    };
    let value: Option<f64> = fast_float2::parse(text).ok();
    if value.is_some_and(|value| !value.is_finite() || loses_digits(text, value)) {
        scanner.note(Flag::NumberRange);
    }
    *slot = slot.or(value.filter(|value| value.is_finite()));
    Ok(())
}

/// Whether a number has more digits than 64 bits of floating point hold. Fifteen always fit.
pub(super) fn loses_digits(text: &str, value: f64) -> bool {
    text.len() > 15 && !text.contains(['e', 'E']) && value.to_string() != text.trim_start_matches('+')
}

/// A whole number, also one written as text or with a fraction of zero.
pub(super) fn whole(scanner: &mut Scanner<'_>) -> Scan<Option<i64>> {
    let text = match scanner.value()? {
        Value::Number(text) => text,
        Value::Text(text) => text.raw.trim_ascii(),
        _ => return Ok(None),
    };
    if let Ok(value) = text.parse() {
        return Ok(Some(value));
    }
    let value = fast_float2::parse(text).ok().filter(|value: &f64| value.fract() == 0.0 || !value.is_finite());
    if value.is_some_and(|value| value.is_nan() || value.abs() >= 9e15) {
        scanner.note(Flag::NumberRange);
        return Ok(None);
    }
    Ok(value.map(|value| value as i64))
}

/// A whole number of 64 bits.
pub(super) fn long(scanner: &mut Scanner<'_>, slot: &mut Option<i64>) -> Scan<()> {
    let value = whole(scanner)?;
    *slot = slot.or(value);
    Ok(())
}

/// A whole number of 32 bits.
pub(super) fn int(scanner: &mut Scanner<'_>, slot: &mut Option<i32>) -> Scan<()> {
    let value = whole(scanner)?;
    let small = value.and_then(|value| i32::try_from(value).ok());
    if value.is_some() && small.is_none() {
        scanner.note(Flag::NumberRange);
    }
    *slot = slot.or(small);
    Ok(())
}

/// A span given in seconds, as microseconds.
pub(super) fn seconds(scanner: &mut Scanner<'_>, slot: &mut Option<i64>) -> Scan<()> {
    let value = whole(scanner)?;
    *slot = slot.or(value.and_then(|value| value.checked_mul(SECOND)));
    Ok(())
}

/// Whether a truth value is true.
pub(super) fn truth(scanner: &mut Scanner<'_>) -> Scan<bool> {
    Ok(match scanner.value()? {
        Value::Bool(value) => value,
        Value::Text(text) => text.raw.eq_ignore_ascii_case("true"),
        _ => false,
    })
}

/// Walks an object if one comes next; any other value is passed over. Returns whether it was an object.
pub(super) fn object<'a>(
    scanner: &mut Scanner<'a>,
    mut each: impl FnMut(&mut Scanner<'a>, RawStr<'a>) -> Scan<()>,
) -> Scan<bool> {
    if scanner.peek() == Some(b'{') {
        let mut keys = Keys::default();
        scanner.object(|scanner, key| {
            if keys.again(scanner, key.raw) {
                scanner.note(Flag::DuplicateKey);
            }
            each(scanner, key)
        })?;
        Ok(true)
    } else {
        scanner.skip()?;
        Ok(false)
    }
}

/// How many keys of an object are compared; no object of OCPP that is read has more.
const MOST_KEYS: usize = 16;

/// The keys of an object, to tell one that comes again. A bit for each spares nearly all comparisons: the keys that OCPP
/// has for an object have bits of their own.
#[derive(Default)]
struct Keys {
    bits: u64,
    count: usize,
    /// Where each begins.
    places: [u32; MOST_KEYS],
}

impl Keys {
    #[inline]
    fn again(&mut self, scanner: &Scanner<'_>, key: &str) -> bool {
        let first = usize::from(key.as_bytes().first().copied().unwrap_or(0));
        let bit = 1_u64 << ((key.len() + first * 5) % 64);
        if self.bits & bit != 0 && self.places[..self.count].iter().any(|&place| scanner.has_key(place, key)) {
            return true;
        }
        self.bits |= bit;
        if let Some(slot) = self.places.get_mut(self.count) {
            *slot = scanner.place(key);
            self.count += 1;
        }
        false
    }
}

/// Walks an array if one comes next; a lone object counts as an array of one, any other value is passed over.
pub(super) fn array<'a>(scanner: &mut Scanner<'a>, mut each: impl FnMut(&mut Scanner<'a>) -> Scan<()>) -> Scan<()> {
    match scanner.peek() {
        Some(b'[') => scanner.array(each),
        Some(b'{') => each(scanner),
        _ => scanner.skip(),
    }
}

/// A URL without user name, password, query and fragment: each of them may hold a secret.
pub(super) fn without_credentials(url: &str) -> String {
    let (head, query) = match url.find(['?', '#']) {
        Some(at) => (&url[..at], true),
        None => (url, false),
    };
    let mut clean = String::with_capacity(head.len());
    match head.split_once("://") {
        Some((scheme, rest)) => {
            let host_end = rest.find('/').unwrap_or(rest.len());
            let host = rest[..host_end].rsplit('@').next().unwrap_or_default();
            clean.extend([scheme, "://", host, &rest[host_end..]]);
        }
        None => clean.push_str(head),
    }
    if query {
        clean.push_str("?***");
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_keeps_nothing_secret() {
        assert_eq!(without_credentials("ftp://user:p@ss@host:21/fw/a.bin"), "ftp://host:21/fw/a.bin");
        assert_eq!(without_credentials("https://h/fw?X-Amz-Signature=abc"), "https://h/fw?***");
        assert_eq!(without_credentials("/local/fw.bin"), "/local/fw.bin");
    }

    #[test]
    fn numbers_are_read_in_every_dress() {
        let long = |text| {
            let mut slot = None;
            long(&mut Scanner::new(text), &mut slot).unwrap();
            slot
        };
        assert_eq!(long("17"), Some(17));
        assert_eq!(long("\" 17 \""), Some(17));
        assert_eq!(long("1e3"), Some(1000));
        assert_eq!(long("9223372036854775807"), Some(i64::MAX));
        assert_eq!(long("17.5"), None);
        assert_eq!(long("null"), None);
        assert_eq!(long("{\"a\":1}"), None);
    }

    #[test]
    fn a_key_that_comes_again_is_noted_and_others_are_not() {
        for (text, again) in [
            (r#"{"status":1,"info":2,"status":3}"#, true),
            (r#"{"a":1,"b":2,"c":3,"aa":4,"ab":5,"ba":6,"":7}"#, false),
            (r#"{"a":{"a":1}}"#, false),
            (r#"{"":1,"":2}"#, true),
        ] {
            let mut scanner = Scanner::new(text);
            object(&mut scanner, |scanner, _| scanner.skip()).unwrap();
            assert_eq!(scanner.noted().has(Flag::DuplicateKey), again, "{text}");
        }
        let keys: Vec<_> = (0..100).map(|number| format!("\"key{number}\":0")).collect();
        let many = format!("{{{}}}", keys.join(","));
        let mut scanner = Scanner::new(&many);
        object(&mut scanner, |scanner, _| scanner.skip()).unwrap();
        assert!(scanner.noted().is_empty());
    }

    #[test]
    fn a_number_beyond_its_column_is_noted() {
        for (text, value, noted) in [
            ("1e999", None, true),
            ("9007199254740993", Some(9_007_199_254_740_992.0), true),
            ("9007199254740992", Some(9_007_199_254_740_992.0), false),
            ("0.1234567890123456", Some(0.123_456_789_012_345_6), false),
            ("17", Some(17.0), false),
        ] {
            let mut scanner = Scanner::new(text);
            let mut slot = None;
            float(&mut scanner, &mut slot).unwrap();
            assert_eq!((slot, scanner.noted().has(Flag::NumberRange)), (value, noted), "{text}");
        }
        let mut scanner = Scanner::new("2147483648");
        let mut slot = None;
        int(&mut scanner, &mut slot).unwrap();
        assert_eq!((slot, scanner.noted().has(Flag::NumberRange)), (None, true));
    }
}
