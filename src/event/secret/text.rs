//! Secrets in texts of any kind, also vendors' own (`DataTransfer`): known by what is in them.

use super::MASK;
use super::names::{any_word, field_is_secret, names_secret, plain_name};
use crate::json::{RawStr, Scan, Scanner};
use regex::{Captures, Regex};
use std::borrow::Cow;
use std::sync::LazyLock;

/// A text without its secrets: as it is, byte by byte, but for what is replaced by [`MASK`].
#[must_use]
pub fn masked(text: &str) -> Cow<'_, str> {
    if !SUSPECT.is_match(text) {
        return Cow::Borrowed(text);
    }
    match structured(text) {
        Some(masked) => masked,
        None => plain(text),
    }
}

macro_rules! patterns {
    ($($name:ident = $pattern:expr;)+) => {
        // A pattern that cannot be read would let secrets through, so a test reads them all.
        mod pattern {
            use super::{LazyLock, Regex, any_word};
            $(pub(super) static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new(&$pattern).expect("a pattern"));)+
        }
        use pattern::{$($name),+};
    };
}

patterns! {
    // Only texts that show one of these are looked into.
    SUSPECT = r"(?i)pass|secret|token|psk|key|pin|cred|cookie|user|://|basic\s|bearer\s";
    PRIVATE_KEY = r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z)";
    ADDRESS = r#"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?:[^/?#\s"\\]*@)?(?P<rest>[^?#\s"\\]*)(?P<query>[?#][^\s"\\]*)?"#;
    BEARER = r"(?i)\b(?P<kind>basic|bearer)\s+[A-Za-z0-9+/=._~-]{8,}";
    // `"password":"…"`, also in JSON that is cut or escaped.
    MEMBER = format!(r#"(?i)(?P<keep>"[^"\\]*(?:{}|[a-z]+[_-]?pin|"pin)\\*"\s*:\s*\\*")[^"\\]+"#, any_word(&["token"]));
    // `"key":"AuthorizationKey","value":"…"`.
    ENTRY = format!(r#"(?i)(?P<keep>"[^"\\]*(?:{}|pin[_-]?code)[^"\\]*\\*"[\s{{}},]*(?:"readonly\\*"\s*:\s*\w+\s*,\s*)?\\*"(?:value|attributeValue)\\*"\s*:\s*\\*")[^"\\]+"#, any_word(&[]));
    ASSIGNMENT = format!(r#"(?i)\b(?P<keep>[\w.-]*(?:{}|\bpin)\s*[=:]\s*)[^\s,;&"\\{{}}]+"#, any_word(&["cookie", "credential"]));
}

fn plain(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    replace(&mut text, &PRIVATE_KEY, |_| MASK.to_owned());
    replace(&mut text, &ADDRESS, |found| {
        let query = if found.name("query").is_some() { "?***" } else { "" };
        format!("{}{}{query}", &found["scheme"], &found["rest"])
    });
    replace(&mut text, &BEARER, |found| format!("{} {MASK}", &found["kind"]));
    for pattern in [&*MEMBER, &*ENTRY, &*ASSIGNMENT] {
        replace(&mut text, pattern, |found| format!("{}{MASK}", &found["keep"]));
    }
    text
}

fn replace(text: &mut Cow<'_, str>, pattern: &Regex, with: impl FnMut(&Captures<'_>) -> String) {
    // A match is not yet a change: most addresses have no user name.
    if let Cow::Owned(with) = pattern.replace_all(text, with)
        && with != *text
    {
        *text = Cow::Owned(with);
    }
}

/// The masked text of a JSON object or array; none if the text is neither.
fn structured(text: &str) -> Option<Cow<'_, str>> {
    let mut scanner = Scanner::new(text);
    if !matches!(scanner.peek(), Some(b'{' | b'[')) {
        return None;
    }
    let mut masker = Masker::default();
    masker.value(&mut scanner, false).ok()?;
    scanner.end().ok()?;
    Some(masker.apply(text))
}

/// A piece of the text and what takes its place.
struct Patch {
    start: usize,
    end: usize,
    with: String,
}

#[derive(Default)]
struct Masker {
    patches: Vec<Patch>,
}

/// What is known of an object while it is read: whether it is a setting's, and where the setting's values stand.
#[derive(Default)]
struct Entry {
    secret: bool,
    values: Vec<(usize, usize)>,
}

impl Masker {
    /// Looks through one value; the scanner's own limit bounds the depth.
    fn value(&mut self, scanner: &mut Scanner<'_>, vpn: bool) -> Scan<()> {
        match scanner.peek() {
            Some(b'{') => self.object(scanner, vpn),
            Some(b'[') => scanner.array(|scanner| self.value(scanner, vpn)),
            Some(b'"') => {
                let start = scanner.offset();
                let text = scanner.string()?;
                self.text(start, scanner.offset(), text);
                Ok(())
            }
            _ => scanner.skip(),
        }
    }

    fn text(&mut self, start: usize, end: usize, text: RawStr<'_>) {
        let decoded = text.decode();
        if let Cow::Owned(with) = masked(&decoded) {
            self.patches.push(Patch { start, end, with: quoted(&with) });
        }
    }

    fn object(&mut self, scanner: &mut Scanner<'_>, vpn: bool) -> Scan<()> {
        let mut entry = Entry::default();
        scanner.object(|scanner, key| {
            let name = key.decode();
            let plain = plain_name(&name);
            let inside_vpn = plain == "vpn";
            let secret = field_is_secret(&name) || (vpn && matches!(plain.as_str(), "user" | "key"));
            scanner.peek();
            let start = scanner.offset();
            match plain.as_str() {
                _ if secret => {
                    let raw = scanner.raw()?;
                    if !matches!(raw, "null" | "\"\"") {
                        self.patches.push(Patch { start, end: scanner.offset(), with: quoted(MASK) });
                    }
                }
                // A setting: its name may come before or after its values.
                "key" | "variable" => {
                    entry.secret |= names_setting(scanner.clone(), &plain)?;
                    self.value(scanner, false)?;
                }
                "value" | "attributevalue" => {
                    self.value(scanner, false)?;
                    entry.values.push((start, scanner.offset()));
                }
                "variableattribute" => {
                    attribute_values(&mut scanner.clone(), &mut entry.values)?;
                    self.value(scanner, false)?;
                }
                _ => self.value(scanner, inside_vpn)?,
            }
            Ok(())
        })?;
        if entry.secret {
            let patches = entry.values.into_iter().map(|(start, end)| Patch { start, end, with: quoted(MASK) });
            self.patches.extend(patches);
        }
        Ok(())
    }

    fn apply(mut self, text: &str) -> Cow<'_, str> {
        if self.patches.is_empty() {
            return Cow::Borrowed(text);
        }
        // Of pieces inside each other the outer one counts, which begins first or ends last.
        self.patches.sort_by_key(|patch| (patch.start, std::cmp::Reverse(patch.end)));
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for patch in &self.patches {
            if patch.start >= done {
                out.push_str(&text[done..patch.start]);
                out.push_str(&patch.with);
                done = patch.end;
            }
        }
        out.push_str(&text[done..]);
        Cow::Owned(out)
    }
}

/// Whether the value that comes next is the name of a secret setting: a key, or a variable with its name.
fn names_setting(mut scanner: Scanner<'_>, field: &str) -> Scan<bool> {
    let mut secret = false;
    match scanner.peek() {
        Some(b'"') => secret = field == "key" && names_secret(&scanner.string()?.decode()),
        Some(b'{') => scanner.object(|scanner, key| {
            if key.raw == "name" && scanner.peek() == Some(b'"') {
                secret |= names_secret(&scanner.string()?.decode());
                return Ok(());
            }
            scanner.skip()
        })?,
        _ => {}
    }
    Ok(secret)
}

/// Where the values of a variable's attributes stand.
fn attribute_values(scanner: &mut Scanner<'_>, values: &mut Vec<(usize, usize)>) -> Scan<()> {
    if scanner.peek() != Some(b'[') {
        return scanner.skip();
    }
    scanner.array(|scanner| {
        if scanner.peek() != Some(b'{') {
            return scanner.skip();
        }
        scanner.object(|scanner, key| {
            scanner.peek();
            let start = scanner.offset();
            scanner.skip()?;
            if key.raw == "value" {
                values.push((start, scanner.offset()));
            }
            Ok(())
        })
    })
}

/// A text as JSON writes it.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_else(|_| format!("\"{MASK}\""))
}

#[cfg(test)]
mod tests {
    use super::super::names::SECRET_WORDS;
    use super::*;

    #[test]
    fn every_name_of_a_secret_makes_a_text_suspect() {
        for word in SECRET_WORDS {
            assert!(SUSPECT.is_match(word), "{word}");
        }
    }

    #[test]
    fn a_secret_does_not_survive_in_any_dress() {
        for text in [
            r#"{"password":"CANARY","a":1}"#,
            r#"{"token":{"value":"CANARY"}}"#,
            r#"{"value":"CANARY","key":"AuthorizationKey"}"#,
            r#"{"component":{"name":"S"},"variable":{"name":"BasicAuthPassword"},"attributeValue":"CANARY"}"#,
            r#"[{"variableAttribute":[{"type":"Actual","value":"CANARY"}],"variable":{"name":"ApiToken"}}]"#,
            r#"{"vpn":{"user":"CANARY","key":"CANARY","server":"v"}}"#,
            r#"{"data":"{\"wifi\":{\"psk\":\"CANARY\"}}"}"#,
            r#"{"url":"ftp://u:CANARY@h/x","u2":"https://h/x?sig=CANARY"}"#,
            r#"{"cut":true,"password":"CANARY"#,
            r#"{\"basicAuthPassword\":\"CANARY\"}"#,
            r#"{"key":"AuthorizationKey","value":"CANARY"#,
            "user=a;password=CANARY;x=1",
            "pin: CANARY",
            "Authorization: Bearer CANARYCANARY",
            "-----BEGIN EC PRIVATE KEY-----\nCANARY\n-----END EC PRIVATE KEY-----",
        ] {
            assert!(!masked(text).contains("CANARY"), "{}", masked(text));
        }
    }

    #[test]
    fn what_is_no_secret_stays_byte_by_byte() {
        for text in [
            r#"{ "key" : "HeartbeatInterval", "value": "300" }"#,
            r#"{"idToken":{"idToken":"ABC","type":"ISO14443"}}"#,
            "a plain text about a user",
            "[1, 2.50]",
            "https://files.example.org/a.bin",
        ] {
            assert_eq!(masked(text), text);
        }
        let text = r#"{ "a" : 1.50, "password": "x", "b":[ "https://u:p@h/y" ] }"#;
        assert_eq!(masked(text), r#"{ "a" : 1.50, "password": "***", "b":[ "https://h/y" ] }"#);
    }

    #[test]
    fn an_empty_secret_is_shown_as_empty() {
        assert_eq!(masked(r#"{"password":"","secret":null}"#), r#"{"password":"","secret":null}"#);
    }
}
