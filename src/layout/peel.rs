//! What has to be taken off a text before it can be read: colours, and the quotes of logfmt.

use crate::json::RawStr;
use memchr::memchr;

/// The text before and behind the first `needle`. For the few dozen bytes before a frame this is quicker than the
/// search of the standard library, which first studies the needle.
#[inline]
pub(super) fn split<'a>(text: &'a str, needle: &str) -> Option<(&'a str, &'a str)> {
    let (bytes, needle) = (text.as_bytes(), needle.as_bytes());
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(found) = memchr(first, bytes.get(from..)?) {
        let at = from + found;
        if bytes[at..].starts_with(needle) {
            return Some((text.get(..at)?, text.get(at + needle.len()..)?));
        }
        from = at + 1;
    }
    None
}

/// The text without the escapes that colour it on a terminal; none if there are none.
pub(super) fn strip_escapes(text: &str) -> Option<String> {
    let mut at = memchr(0x1b, text.as_bytes())?;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(sequence) = rest.strip_prefix('[') {
            let end = sequence.find(|letter: char| !matches!(letter, '0'..='9' | ';' | ':' | '?'));
            let Some(end) = end else { return Some(out) };
            let closing = sequence[end..].chars().next().map_or(0, char::len_utf8);
            rest = &sequence[end + closing..];
        }
        let Some(next) = memchr(0x1b, rest.as_bytes()) else {
            out.push_str(rest);
            return Some(out);
        };
        at = next;
    }
}

/// The opening quote of the logfmt value `key="…` around byte `inside`.
pub(super) fn logfmt_value(line: &str, inside: usize) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut end = inside;
    while let Some(quote) = memchr::memrchr(b'"', &bytes[..end]) {
        let escaped = quote > 0 && bytes[quote - 1] == b'\\';
        if !escaped {
            return (quote > 1 && bytes[quote - 1] == b'=').then_some(quote);
        }
        end = quote;
    }
    None
}

/// Appends a string that Go's `%q` wrote, up to its closing quote.
pub(super) fn unquote(text: &str, out: &mut String) {
    let end = {
        let bytes = text.as_bytes();
        let mut at = 0;
        loop {
            match memchr::memchr2(b'"', b'\\', &bytes[at..]) {
                Some(found) if bytes[at + found] == b'\\' => at = (at + found + 2).min(bytes.len()),
                Some(found) => break at + found,
                None => break bytes.len(),
            }
        }
    };
    let raw = text.get(..end).unwrap_or(text);
    RawStr { raw, escaped: true }.decode_into(out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_taken_off_and_nothing_else() {
        assert_eq!(strip_escapes("plain"), None);
        for (text, expected) in [
            ("\u{1b}[1;35mChargePoint: x\u{1b}[1;0m", "ChargePoint: x"),
            ("a\u{1b}[0mé\u{1b}[38:5:1mb", "aéb"),
            ("cut \u{1b}[3", "cut "),
            ("alone \u{1b}", "alone "),
        ] {
            assert_eq!(strip_escapes(text).as_deref(), Some(expected));
        }
    }

    proptest::proptest! {
        #[test]
        fn prop_it_splits_like_the_standard_library(text in "[abé]{0,12}", needle in "[abé]{1,3}") {
            proptest::prop_assert_eq!(split(&text, &needle), text.split_once(needle.as_str()));
        }
    }

    #[test]
    fn a_value_of_logfmt_is_read_from_quote_to_quote() {
        let line = r#"time="x" msg="a \"b\" [2,\"1\"" logger=y"#;
        let quote = logfmt_value(line, line.find('[').unwrap()).unwrap();
        let mut out = String::new();
        unquote(&line[quote + 1..], &mut out);
        assert_eq!(out, r#"a "b" [2,"1""#);
        assert_eq!(logfmt_value(r#"{"msg":"[2,\"1\""#, 9), None);
    }
}
