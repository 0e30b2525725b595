//! Where a JSON value ends, seen from its brackets alone: enough to put lines together, long before it is read.

/// Follows the brackets of one value over any number of pieces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Balance {
    depth: u32,
    /// The quote of the string that is open; no JSON has single ones, but the literals of programs do.
    quote: Option<u8>,
    escaped: bool,
    begun: bool,
}

impl Balance {
    /// Whether a string is open.
    pub(super) const fn in_string(self) -> bool {
        self.quote.is_some()
    }

    /// Goes on over `bytes`; the place right behind the bracket that closes the value, if it is among them.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            if let Some(quote) = self.quote {
                if self.escaped {
                    self.escaped = false;
                    at += 1;
                    continue;
                }
                let found = memchr::memchr2(quote, b'\\', &bytes[at..])?;
                at += found + 1;
                if bytes[at - 1] == quote {
                    self.quote = None;
                } else {
                    self.escaped = true;
                }
                continue;
            }
            at += 1;
            match byte {
                b'"' | b'\'' => self.quote = Some(byte),
                b'[' | b'{' => {
                    self.depth += 1;
                    self.begun = true;
                }
                b']' | b'}' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 && self.begun {
                        *self = Self::default();
                        return Some(at);
                    }
                }
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_with_the_bracket_that_closes_it() {
        for (text, end) in [
            (r#"[2,"a]","x",{"b":[1]}] rest"#, Some(22)),
            (r#"{"a":"\"}"}"#, Some(11)),
            ("[2,'it]',{}]", Some(12)),
            (r#"[2,"a"#, None),
            ("no value ] here", None),
        ] {
            assert_eq!(Balance::default().feed(text.as_bytes()), end, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn prop_pieces_and_the_whole_agree(text in r#"[\[\]{}"'\\a,]{0,40}"#, cut in 0_usize..40) {
            let cut = cut.min(text.len());
            let mut whole = Balance::default();
            let expected = whole.feed(text.as_bytes());
            let mut pieces = Balance::default();
            let found = pieces
                .feed(&text.as_bytes()[..cut])
                .or_else(|| pieces.feed(&text.as_bytes()[cut..]).map(|end| end + cut));
            proptest::prop_assert_eq!(found, expected);
        }
    }
}
