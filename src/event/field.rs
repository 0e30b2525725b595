//! Reading one field of a payload, however the field is written.
//!
//! Numbers come as text and texts as numbers; of a key written twice the first one counts; `null` is like absent.

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

    /// An id that 1.x writes as a number and 2.x as text. `7.0` and `7e0` are the number 7.
    pub(super) fn id(&mut self, scanner: &mut Scanner<'_>, slot: &mut Text) -> Scan<()> {
        let before = scanner.clone();
        if let Value::Number(text) = scanner.value()?
            && text.contains(['.', 'e', 'E'])
            && let Some(whole) = text.parse::<f64>().ok().filter(|value| value.fract() == 0.0 && value.abs() < 9e15)
            && !slot.is_some()
        {
            *slot = self.store.keep(&format!("{whole:.0}"));
            return Ok(());
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
    let value = match scanner.value()? {
        Value::Number(text) => fast_float2::parse(text).ok(),
        Value::Text(text) => fast_float2::parse(text.raw.trim()).ok(),
        _ => None,
    };
    *slot = slot.or(value.filter(|value: &f64| value.is_finite()));
    Ok(())
}

/// A whole number, also one written as text or with a fraction of zero.
pub(super) fn whole(scanner: &mut Scanner<'_>) -> Scan<Option<i64>> {
    let text = match scanner.value()? {
        Value::Number(text) => text,
        Value::Text(text) => text.raw.trim(),
        _ => return Ok(None),
    };
    Ok(text.parse().ok().or_else(|| {
        let value: f64 = fast_float2::parse(text).ok()?;
        (value.fract() == 0.0 && value.abs() < 9e15).then_some(value as i64)
    }))
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
    *slot = slot.or(value.and_then(|value| i32::try_from(value).ok()));
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
    each: impl FnMut(&mut Scanner<'a>, RawStr<'a>) -> Scan<()>,
) -> Scan<bool> {
    if scanner.peek() == Some(b'{') {
        scanner.object(each)?;
        Ok(true)
    } else {
        scanner.skip()?;
        Ok(false)
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
}
