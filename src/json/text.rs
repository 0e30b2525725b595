//! Strings of JSON: as written, without their escapes, and with them again.

use memchr::memchr;
use std::borrow::Cow;

/// A string as written, without its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawStr<'a> {
    /// The text between the quotes, escapes still in place.
    pub raw: &'a str,
    /// Whether an escape occurs in it.
    pub escaped: bool,
}

impl<'a> RawStr<'a> {
    /// The string without escapes. A lone surrogate becomes U+FFFD.
    #[must_use]
    #[inline]
    pub fn decode(&self) -> Cow<'a, str> {
        if self.escaped {
            let mut out = String::with_capacity(self.raw.len());
            self.decode_into(&mut out);
            Cow::Owned(out)
        } else {
            Cow::Borrowed(self.raw)
        }
    }

    /// Appends the string without escapes to `out`; returns whether a lone surrogate had to be replaced.
    #[inline]
    pub fn decode_into(&self, out: &mut String) -> bool {
        let mut rest = self.raw;
        let mut replaced = false;
        while let Some(at) = memchr(b'\\', rest.as_bytes()) {
            out.push_str(&rest[..at]);
            let code = rest.as_bytes().get(at + 1).copied().unwrap_or(b'\\');
            let mut used = 2;
            match code {
                b'n' => out.push('\n'),
                b't' => out.push('\t'),
                b'r' => out.push('\r'),
                b'b' => out.push('\u{8}'),
                b'f' => out.push('\u{c}'),
                b'u' => {
                    let (character, length) = unicode_escape(&rest[at..]);
                    used = length;
                    replaced |= character.is_none();
                    out.push(character.unwrap_or('\u{fffd}'));
                }
                other => out.push(other as char),
            }
            rest = rest.get(at + used..).unwrap_or("");
        }
        out.push_str(rest);
        replaced
    }
}

/// Reads `\uXXXX` (and a second one where the first is a high surrogate) at the start of `text`.
#[inline]
fn unicode_escape(text: &str) -> (Option<char>, usize) {
    let unit = |at: usize| {
        let digits = text.get(at + 2..at + 6)?;
        (text.get(at..at + 2)? == "\\u").then_some(())?;
        u32::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(0) else {
        return (None, text.len().min(2));
    };
    if let 0xD800..=0xDBFF = first
        && let Some(second @ 0xDC00..=0xDFFF) = unit(6)
    {
        let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        return (char::from_u32(code), 12);
    }
    (char::from_u32(first), 6)
}

/// Writes to `out` the string that ends at the next quote of `bytes`, its escapes taken off, if only quotes and backslashes
/// are escaped in it. Tells where that quote is, and how many bytes were written. Eight bytes are copied in one step, so
/// `out` may hold more.
pub(crate) fn unescape(bytes: &[u8], out: &mut Vec<u8>) -> Option<(usize, usize)> {
    const ROOM: usize = 16;
    let (mut at, mut written) = (0, 0);
    loop {
        let word = bytes.get(at..)?.first_chunk::<8>()?;
        if out.len() < written + ROOM {
            out.resize((written + ROOM) * 2, 0);
        }
        let room = out.get_mut(written..)?.first_chunk_mut::<ROOM>()?;
        room[..8].copy_from_slice(word);
        let run = super::plain_word(*word);
        let next = match run {
            0..=6 => word[run + 1],
            7 => *bytes.get(at + 8)?,
            _ => {
                at += 8;
                written += 8;
                continue;
            }
        };
        if word[run] != b'\\' {
            return (word[run] == b'"').then_some((at + run, written + run));
        }
        if next != b'"' && next != b'\\' {
            return None;
        }
        room[run] = next;
        at += run + 2;
        written += run + 1;
    }
}

/// Appends `text` to `out` as a JSON string, quotes included.
pub fn write_string(out: &mut String, text: &str) {
    // A string always serialises; the fallback keeps the signature free of an error that cannot happen.
    out.push_str(&serde_json::to_string(text).unwrap_or_else(|_| "\"\"".to_owned()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn prop_simple_escapes_are_taken_off_as_any(text in "([a-z\"\\\\é]|.|\n){0,40}") {
            let mut json = String::new();
            write_string(&mut json, &text);
            let written = format!("{}, \"next\"", &json[1..]);
            let mut out = Vec::new();
            let found = unescape(written.as_bytes(), &mut out);
            // What is neither a quote nor a backslash is left to the long way.
            prop_assert_eq!(found.is_some(), !text.contains(|letter| letter < ' '), "{}", json);
            if let Some((quote, length)) = found {
                prop_assert_eq!((quote, &out[..length]), (json.len() - 2, text.as_bytes()));
            }
        }
    }
}
