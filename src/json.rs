//! A pull reader over JSON text that borrows, checks every byte and never recurses.
//!
//! OCPP payloads need more forgiveness than a serde data model gives: a lone surrogate, `1e999` or an integer
//! beyond 64 bits in a field nobody reads must not cost the message, and of a key written twice the first one counts.
//! So values are handed out as written (numbers as text, strings with their escapes) and decoded only where they
//! are used. Accepted is exactly the grammar of RFC 8259, with at most [`MAX_DEPTH`] open brackets; a test compares
//! this with `serde_json` on generated documents.

mod same;
mod text;

pub(crate) use same::begins;
pub(crate) use text::unescape;
pub use text::{RawStr, write_string};

use crate::flag::{Flag, Flags};

/// How many objects and arrays may be open at once.
pub const MAX_DEPTH: usize = 128;

/// Why a text is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// A byte that the grammar does not allow here.
    Syntax,
    /// The text ends inside a value.
    Truncated,
    /// More than [`MAX_DEPTH`] brackets are open.
    Depth,
    /// A control character stands inside a string.
    ControlCharacter,
}

/// A defect and the byte at which it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// Byte offset inside the scanned text.
    pub at: usize,
}

/// The result of a scanning step.
pub type Scan<T> = Result<T, Fault>;

/// A value as met by [`Scanner::value`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as written.
    Number(&'a str),
    /// A string as written.
    Text(RawStr<'a>),
    /// An object, with its braces.
    Object(&'a str),
    /// An array, with its brackets.
    Array(&'a str),
}

/// A cursor over JSON text.
#[derive(Clone, Debug)]
pub struct Scanner<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    noted: Flags,
}

impl<'a> Scanner<'a> {
    /// A cursor at the start of `text`.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0, noted: Flags::NONE }
    }

    /// A cursor at the start of `text`, which stands inside of `depth` brackets.
    #[must_use]
    pub const fn within(text: &'a str, depth: usize) -> Self {
        Self { text, at: 0, depth, noted: Flags::NONE }
    }

    /// Notes what a reader of values had to forgive.
    pub const fn note(&mut self, flag: Flag) {
        self.noted.add(flag);
    }

    /// What readers of values noted.
    #[must_use]
    pub const fn noted(&self) -> Flags {
        self.noted
    }

    /// Byte offset of the cursor.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.at
    }

    /// The text behind the cursor.
    #[must_use]
    pub fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The next byte that is no white space, without consuming it.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    fn fault<T>(&self, kind: FaultKind) -> Scan<T> {
        Err(Fault { kind, at: self.at })
    }

    fn unexpected<T>(&self) -> Scan<T> {
        self.fault(if self.at >= self.text.len() { FaultKind::Truncated } else { FaultKind::Syntax })
    }

    /// Consumes `byte`, white space before it included.
    ///
    /// # Errors
    /// If another byte stands there.
    #[inline]
    pub fn expect(&mut self, byte: u8) -> Scan<()> {
        if self.text.as_bytes().get(self.at) == Some(&byte) {
            self.at += 1;
            return Ok(());
        }
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            self.unexpected()
        }
    }

    /// Consumes `byte` if it comes next.
    #[inline]
    pub fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Where a key or value begins that was handed out as written.
    #[inline]
    pub(crate) fn place(&self, part: &str) -> u32 {
        (part.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize) as u32
    }

    /// Whether a key of this spelling begins at a place.
    pub(crate) fn has_key(&self, place: u32, key: &str) -> bool {
        let rest = self.text.as_bytes().get(place as usize..).unwrap_or_default();
        rest.strip_prefix(key.as_bytes()).is_some_and(|rest| rest.first() == Some(&b'"'))
    }

    /// Moves over `length` bytes that are known to be whole values.
    pub(crate) fn pass(&mut self, length: usize) {
        self.at += length;
    }

    /// Checks that only white space is left.
    ///
    /// # Errors
    /// If anything else is left.
    pub fn end(&mut self) -> Scan<()> {
        match self.peek() {
            None => Ok(()),
            Some(_) => self.fault(FaultKind::Syntax),
        }
    }

    /// Reads a string.
    ///
    /// # Errors
    /// If no well-formed string comes next.
    #[inline]
    pub fn string(&mut self) -> Scan<RawStr<'a>> {
        let bytes = self.text.as_bytes();
        if bytes.get(self.at) != Some(&b'"') {
            self.peek();
        }
        if bytes.get(self.at) != Some(&b'"') {
            return self.unexpected();
        }
        let start = self.at + 1;
        let end = start + plain_run(&bytes[start..]);
        if bytes.get(end) == Some(&b'"') {
            self.at = end + 1;
            return Ok(RawStr { raw: &self.text[start..end], escaped: false });
        }
        self.at = end;
        self.long_string(start)
    }

    /// Reads on in a string that begins at `start` and is not over at its first byte of a special meaning.
    #[cold]
    #[inline(never)]
    fn long_string(&mut self, start: usize) -> Scan<RawStr<'a>> {
        let bytes = self.text.as_bytes();
        let mut escaped = false;
        loop {
            self.at += plain_run(&bytes[self.at..]);
            match bytes.get(self.at) {
                Some(b'"') => {
                    let raw = &self.text[start..self.at];
                    self.at += 1;
                    return Ok(RawStr { raw, escaped });
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape(bytes)?;
                }
                Some(_) => return self.fault(FaultKind::ControlCharacter),
                None => return self.fault(FaultKind::Truncated),
            }
        }
    }

    fn escape(&mut self, bytes: &[u8]) -> Scan<()> {
        match bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 2;
                Ok(())
            }
            Some(b'u') => {
                for ahead in 2..6 {
                    match bytes.get(self.at + ahead) {
                        Some(digit) if digit.is_ascii_hexdigit() => {}
                        Some(_) => return self.fault(FaultKind::Syntax),
                        None => return self.fault(FaultKind::Truncated),
                    }
                }
                self.at += 6;
                Ok(())
            }
            Some(_) => self.fault(FaultKind::Syntax),
            None => self.fault(FaultKind::Truncated),
        }
    }

    fn number(&mut self) -> Scan<&'a str> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let mut at = start + usize::from(bytes.get(start) == Some(&b'-'));
        let whole = digits(at);
        if whole == 0 || (whole > 1 && bytes[at] == b'0') {
            self.at = at + usize::from(whole > 1);
            return self.unexpected();
        }
        at += whole;
        if bytes.get(at) == Some(&b'.') {
            let fraction = digits(at + 1);
            at += 1 + fraction;
            if fraction == 0 {
                self.at = at;
                return self.unexpected();
            }
        }
        if let Some(b'e' | b'E') = bytes.get(at) {
            at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
            let exponent = digits(at);
            at += exponent;
            if exponent == 0 {
                self.at = at;
                return self.unexpected();
            }
        }
        self.at = at;
        Ok(&self.text[start..at])
    }

    fn literal(&mut self, word: &str) -> Scan<()> {
        let rest = &self.text.as_bytes()[self.at..];
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(())
        } else if word.as_bytes().starts_with(rest) {
            self.at = self.text.len();
            self.fault(FaultKind::Truncated)
        } else {
            self.fault(FaultKind::Syntax)
        }
    }

    /// Reads any value; what is inside an object or array is checked, not decoded.
    ///
    /// # Errors
    /// If no well-formed value comes next.
    pub fn value(&mut self) -> Scan<Value<'a>> {
        match self.peek() {
            Some(b'"') => self.string().map(Value::Text),
            Some(b'{') => self.raw().map(Value::Object),
            Some(b'[') => self.raw().map(Value::Array),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            Some(b't') => self.literal("true").map(|()| Value::Bool(true)),
            Some(b'f') => self.literal("false").map(|()| Value::Bool(false)),
            Some(b'n') => self.literal("null").map(|()| Value::Null),
            _ => self.unexpected(),
        }
    }

    /// Reads any value and returns its text, white space before it left out.
    ///
    /// # Errors
    /// If no well-formed value comes next.
    pub fn raw(&mut self) -> Scan<&'a str> {
        self.peek();
        let start = self.at;
        self.skip()?;
        Ok(&self.text[start..self.at])
    }

    /// Checks one value and moves behind it. Works with a bit a level instead of the call stack.
    ///
    /// # Errors
    /// If no well-formed value comes next.
    pub fn skip(&mut self) -> Scan<()> {
        let mut objects: u128 = 0;
        let mut open = 0;
        loop {
            // One value begins here.
            match self.peek() {
                Some(bracket @ (b'{' | b'[')) => {
                    if self.depth + open >= MAX_DEPTH {
                        return self.fault(FaultKind::Depth);
                    }
                    self.at += 1;
                    open += 1;
                    let object = bracket == b'{';
                    objects = (objects << 1) | u128::from(object);
                    if !self.take(if object { b'}' } else { b']' }) {
                        if object {
                            self.key()?;
                        }
                        continue;
                    }
                    open -= 1;
                    objects >>= 1;
                }
                Some(b'"') => {
                    self.string()?;
                }
                _ => {
                    self.value()?;
                }
            }
            // One value ended here: close brackets until a comma asks for the next one.
            loop {
                if open == 0 {
                    return Ok(());
                }
                let object = objects & 1 == 1;
                if self.take(b',') {
                    if object {
                        self.key()?;
                    }
                    break;
                }
                self.expect(if object { b'}' } else { b']' })?;
                open -= 1;
                objects >>= 1;
            }
        }
    }

    fn key(&mut self) -> Scan<RawStr<'a>> {
        let key = self.string()?;
        self.expect(b':')?;
        Ok(key)
    }

    /// Consumes a bracket that opens.
    ///
    /// # Errors
    /// If another byte stands there, or too many brackets are open.
    pub fn enter(&mut self, bracket: u8) -> Scan<()> {
        self.expect(bracket)?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.at -= 1;
            return self.fault(FaultKind::Depth);
        }
        Ok(())
    }

    /// Walks an object: `each` gets every key and must consume its value.
    ///
    /// # Errors
    /// If no well-formed object comes next, or `each` fails.
    pub fn object(&mut self, mut each: impl FnMut(&mut Self, RawStr<'a>) -> Scan<()>) -> Scan<()> {
        self.enter(b'{')?;
        if !self.take(b'}') {
            loop {
                let key = self.key()?;
                each(self, key)?;
                if !self.take(b',') {
                    break;
                }
            }
            self.expect(b'}')?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Walks an array: `each` must consume one element at every call.
    ///
    /// # Errors
    /// If no well-formed array comes next, or `each` fails.
    pub fn array(&mut self, mut each: impl FnMut(&mut Self) -> Scan<()>) -> Scan<()> {
        self.enter(b'[')?;
        if !self.take(b']') {
            loop {
                each(self)?;
                if !self.take(b',') {
                    break;
                }
            }
            self.expect(b']')?;
        }
        self.depth -= 1;
        Ok(())
    }
}

/// How many bytes at the start of `bytes` are plain string content: no quote, no backslash, no control character.
/// Most texts are short; of long ones sixteen bytes are looked at in one step.
#[inline]
pub(crate) fn plain_run(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    if let Some((chunk, behind)) = rest.split_first_chunk() {
        let run = plain_word(*chunk);
        if run < 8 {
            return run;
        }
        rest = behind;
    }
    while let Some((chunk, behind)) = rest.split_first_chunk::<16>() {
        // All sixteen are compared, whatever the first one is: so the compiler makes a few vector instructions of it.
        let special = |byte: u8| u8::from(byte == b'"') | u8::from(byte == b'\\') | u8::from(byte < 0x20);
        if chunk.iter().fold(0, |any, &byte| any | special(byte)) != 0 {
            break;
        }
        rest = behind;
    }
    while let Some((chunk, behind)) = rest.split_first_chunk() {
        let run = plain_word(*chunk);
        if run < 8 {
            return bytes.len() - rest.len() + run;
        }
        rest = behind;
    }
    let tail = rest.iter().take_while(|&&byte| byte != b'"' && byte != b'\\' && byte >= 0x20).count();
    bytes.len() - rest.len() + tail
}

/// How many of eight bytes are plain string content.
#[inline]
const fn plain_word(bytes: [u8; 8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let word = u64::from_le_bytes(bytes);
    // A byte that is zero borrows from its high bit. Bytes beyond ASCII never stop: their high bit is masked.
    let quote = (word ^ (ONES * 0x22)).wrapping_sub(ONES);
    let slash = (word ^ (ONES * 0x5c)).wrapping_sub(ONES);
    let control = word.wrapping_sub(ONES * 0x20);
    // Sixty-four where there is none.
    ((quote | slash | control) & !word & HIGH).trailing_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn valid(text: &str) -> bool {
        let mut scanner = Scanner::new(text);
        scanner.skip().and_then(|()| scanner.end()).is_ok()
    }

    #[test]
    fn a_number_keeps_its_text() {
        let mut scanner = Scanner::new(" 12345678901234567890123.50e-3 ");
        assert_eq!(scanner.value(), Ok(Value::Number("12345678901234567890123.50e-3")));
    }

    #[test]
    fn a_lone_surrogate_is_replaced_only_where_it_is_decoded() {
        let mut scanner = Scanner::new(r#""a\ud800b\ud83d\ude00\n""#);
        let text = scanner.string().unwrap();
        assert_eq!(text.decode(), "a\u{fffd}b\u{1f600}\n");
    }

    #[test]
    fn depth_128_is_read_and_129_is_not() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(valid(&nested(MAX_DEPTH)));
        let mut scanner = Scanner::new("");
        assert!(scanner.skip().is_err());
        let deep = nested(MAX_DEPTH + 1);
        let mut scanner = Scanner::new(&deep);
        assert_eq!(scanner.skip().unwrap_err().kind, FaultKind::Depth);
        let endless = "[".repeat(5_000_000);
        assert!(!valid(&endless));
    }

    #[test]
    fn a_cut_text_is_truncated_at_every_byte() {
        let text = r#"[2,"a\u00e9b","Heartbeat",{"k":[true,null,-1.5e+3],"x":{}}]"#;
        for cut in 1..text.len() {
            let mut scanner = Scanner::new(&text[..cut]);
            let fault = scanner.skip().unwrap_err();
            assert_eq!(fault.kind, FaultKind::Truncated, "cut at {cut}");
        }
        assert!(valid(text));
    }

    fn json_like() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("true".to_owned()),
            "-?[0-9]{1,4}(\\.[0-9]{0,3})?([eE][+-]?[0-9]{0,2})?",
            "\"[ -~é\\t]{0,12}\"",
            "\"(\\\\[nt\"u\\\\/x]|[a-f0-9]){0,8}\"",
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
                prop::collection::vec(inner, 0..4).prop_map(|items| {
                    let pairs: Vec<_> = items.iter().map(|item| format!("\"k\" :{item}")).collect();
                    format!("{{{}}}", pairs.join(","))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn prop_accepts_what_serde_json_accepts(text in json_like(), cut in 0usize..200, junk in "[\\]\\[{}\",:0-9a-z ]{0,2}") {
            let cut = cut.min(text.len());
            let mut text = text;
            if text.is_char_boundary(cut) {
                text.insert_str(cut, &junk);
            }
            let theirs = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
            prop_assert_eq!(valid(&text), theirs, "{}", text);
        }

        #[test]
        fn prop_a_written_string_reads_back(text in "\\PC*|[\\x00-\\x7f]*") {
            let mut out = String::new();
            write_string(&mut out, &text);
            let mut scanner = Scanner::new(&out);
            prop_assert_eq!(scanner.string().unwrap().decode(), text.as_str());
        }
    }
}
