//! What has to be taken off a text before it can be read: colours, and the quotes of logfmt.

use crate::json::RawStr;
use memchr::memchr;

/// How deep wrappers may be nested: a log line in a container's log in a shipper's record.
pub(super) const MAX_WRAPPERS: u8 = 3;

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

/// What a container runtime, a log daemon or a viewer wrote before a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Prefix {
    pub(super) length: usize,
    /// Whether the line goes on in the next record of the same stream.
    pub(super) partial: bool,
}

impl Prefix {
    const fn whole(length: usize) -> Self {
        Self { length, partial: false }
    }
}

/// The prefix of a wrapper at the start of `text`: compose, syslog (RFC 3164 and 5424), journald, CRI, the radio of
/// Alfen, or a stamp alone before the inside of a value.
pub(super) fn prefix(text: &str) -> Option<Prefix> {
    compose(text).or_else(|| syslog(text)).or_else(|| stamped(text))
}

/// `app-1  | `
fn compose(text: &str) -> Option<Prefix> {
    let name = text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte)).count();
    let blanks = text[name..].bytes().take_while(|&byte| byte == b' ').count();
    let bar = text[name + blanks..].strip_prefix('|')?;
    let sure = blanks > 0 && text[..name].bytes().any(|byte| byte.is_ascii_alphabetic());
    let blank = usize::from(bar.starts_with(' '));
    (sure && (blank == 1 || bar.is_empty())).then(|| Prefix::whole(name + blanks + 1 + blank))
}

/// `<14>1 stamp host app pid msgid sd `
fn syslog(text: &str) -> Option<Prefix> {
    let rest = text.strip_prefix('<')?;
    let priority = rest.bytes().take_while(u8::is_ascii_digit).count();
    let mut rest = rest[priority..].strip_prefix(">1 ")?;
    for _ in 0..5 {
        rest = rest.split_once(' ')?.1;
    }
    let rest = match rest.strip_prefix('-') {
        Some(rest) => rest,
        None => rest.starts_with('[').then(|| rest.split_once("] ")).flatten().map(|(_, rest)| rest)?,
    };
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    Some(Prefix::whole(text.len() - rest.len()))
}

/// A stamp and what stands behind it.
fn stamped(text: &str) -> Option<Prefix> {
    let end = super::stamp::leading(text)?;
    let rest = text.get(end..)?;
    for stream in [" stdout ", " stderr "] {
        if let Some(tagged) = rest.strip_prefix(stream) {
            let partial = tagged.starts_with("P ");
            let tag = if partial || tagged.starts_with("F ") { 2 } else { 0 };
            return Some(Prefix { length: end + stream.len() + tag, partial });
        }
    }
    if let Some(radio) = rest.strip_prefix(":COM:") {
        let (file, line) = radio.split_once(".c:")?;
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        let inner = line[digits..].strip_prefix(':').filter(|_| !file.contains(' '))?;
        return Some(Prefix::whole(text.len() - inner.len()));
    }
    if let Some(inner) = program(rest, !text.as_bytes()[0].is_ascii_digit()) {
        return Some(Prefix::whole(text.len() - inner.len()));
    }
    let inside = match rest.trim_ascii().as_bytes() {
        [b'"' | b'}' | b']', ..] | [b'{' | b'['] => true,
        [b'0'..=b'9', digits @ ..] => digits
            .iter()
            .position(|byte| !byte.is_ascii_digit())
            .is_none_or(|at| digits[at] == b',' && at + 1 == digits.len()),
        _ => false,
    };
    (inside && rest.starts_with([' ', '\t'])).then_some(Prefix::whole(end + 1))
}

/// ` host program[pid]: `; without a process id only behind the stamp of a syslog, which has no year.
fn program(rest: &str, yearless: bool) -> Option<&str> {
    let (host, rest) = rest.strip_prefix(' ')?.split_once(' ')?;
    let (tag, inner) = rest.split_once(':')?;
    let word = |text: &str| !text.is_empty() && !text.contains(['"', '{', '[', '(', ' ', ',']);
    let name = match tag.strip_suffix(']') {
        Some(tag) => tag
            .split_once('[')
            .filter(|(_, pid)| pid.bytes().all(|byte| byte.is_ascii_digit()))
            .map(|(name, _)| name)?,
        None => Some(tag).filter(|_| yearless)?,
    };
    (word(host) && word(name)).then(|| inner.strip_prefix(' ').unwrap_or(inner))
}

/// Takes the name of a log level off the start.
pub(super) fn level(text: &str) -> Option<&str> {
    let length = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (word, rest) = text.split_at(length);
    is_level(word).then_some(())?;
    rest.strip_prefix([' ', '\t', ':', ']', '-'])
}

pub(super) fn is_level(word: &str) -> bool {
    const LEVELS: [&str; 10] =
        ["info", "debug", "trace", "warn", "warning", "notice", "error", "verbose", "debu", "critical"];
    LEVELS.iter().any(|level| word.eq_ignore_ascii_case(level))
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
