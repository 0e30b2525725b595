//! Message ids. Most are UUIDs, which are kept as 16 bytes instead of 36 letters.

use super::store::Text;
use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};

/// A UUID: its bytes as two numbers, the first bytes highest, so that numbers are in the order of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(u64, u64);

/// The id of a message as its event holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Id {
    /// It has none.
    #[default]
    None,
    /// A UUID in its usual form, in small letters. Such an id is never kept as a text.
    Uuid(Uuid),
    /// Any other text.
    Text(Text),
}

/// The id of a message, to be compared with others; empty if there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageId<'a> {
    /// A UUID in its usual form, in small letters.
    Uuid(Uuid),
    /// Any other text.
    Text(&'a str),
}

impl<'a> MessageId<'a> {
    /// The id that a text is.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        uuid(text.as_bytes()).map_or(Self::Text(text), Self::Uuid)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }

    /// The id as it was written.
    #[must_use]
    pub fn text(self) -> Cow<'a, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Uuid(_) => Cow::Owned(self.with_text(str::to_owned)),
        }
    }

    /// The same for a moment.
    pub fn with_text<T>(self, work: impl FnOnce(&str) -> T) -> T {
        match self {
            Self::Text(text) => work(text),
            // Letters and hyphens are a text.
            Self::Uuid(uuid) => work(std::str::from_utf8(&uuid.written()).unwrap_or_default()),
        }
    }
}

impl Hash for MessageId<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Text(text) => text.hash(state),
            Self::Uuid(uuid) => uuid.hash(state),
        }
    }
}

impl PartialOrd for MessageId<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// As texts.
impl Ord for MessageId<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        match (self, other) {
            (Self::Uuid(one), Self::Uuid(other)) => one.cmp(other),
            _ => self.text().cmp(&other.text()),
        }
    }
}

impl fmt::Display for MessageId<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text().fmt(out)
    }
}

/// How many letters a UUID has.
pub(super) const LETTERS: usize = 36;

/// Where the hyphens are.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

const ONES: u64 = 0x0101_0101_0101_0101;

/// The number of eight letters, all at once; none if one is no digit.
#[inline]
fn number(letters: [u8; 8]) -> Option<u64> {
    let letters = u64::from_be_bytes(letters);
    // `a` is 0x61, `0` is 0x30: the sixth bit tells letters, whose low half counts from 1.
    let values = (letters & (0x0f * ONES)) + ((letters >> 6) & ONES) * 9;
    let large = ((values + 6 * ONES) >> 4) & ONES;
    if values & (0xf0 * ONES) != 0 || values + 0x30 * ONES + large * 0x27 != letters {
        return None;
    }
    let pairs = (values | (values >> 4)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs | (pairs >> 8)) & 0x0000_ffff_0000_ffff;
    Some((fours | (fours >> 16)) & 0xffff_ffff)
}

/// Eight letters of a number of 32 bits, all at once.
#[inline]
fn letters(number: u64) -> [u8; 8] {
    let fours = (number | (number << 16)) & 0x0000_ffff_0000_ffff;
    let pairs = (fours | (fours << 8)) & 0x00ff_00ff_00ff_00ff;
    let values = (pairs | (pairs << 4)) & (0x0f * ONES);
    let large = ((values + 6 * ONES) >> 4) & ONES;
    (values + 0x30 * ONES + large * 0x27).to_be_bytes()
}

/// A UUID in its usual form, in small letters; none of anything else.
#[inline]
pub(super) fn uuid(id: &[u8]) -> Option<Uuid> {
    let letters: &[u8; LETTERS] = id.try_into().ok()?;
    if HYPHENS.iter().any(|&at| letters[at] != b'-') {
        return None;
    }
    let eight = |first: usize, second: usize| {
        let mut eight = [0; 8];
        eight[..4].copy_from_slice(&letters[first..first + 4]);
        eight[4..].copy_from_slice(&letters[second..second + 4]);
        number(eight)
    };
    Some(Uuid(eight(0, 4)? << 32 | eight(9, 14)?, eight(19, 24)? << 32 | eight(28, 32)?))
}

impl Uuid {
    /// It as two numbers, and back by [`Self::from_words`].
    pub(super) const fn words(self) -> [u64; 2] {
        [self.0, self.1]
    }

    /// The UUID of two numbers.
    pub(super) const fn from_words([first, second]: [u64; 2]) -> Self {
        Self(first, second)
    }

    /// It in its usual form.
    fn written(self) -> [u8; LETTERS] {
        let mut all = [b'-'; LETTERS];
        let mut eight = |number: u64, first: usize, second: usize| {
            let eight = letters(number & 0xffff_ffff);
            all[first..first + 4].copy_from_slice(&eight[..4]);
            all[second..second + 4].copy_from_slice(&eight[4..]);
        };
        eight(self.0 >> 32, 0, 4);
        eight(self.0, 9, 14);
        eight(self.1 >> 32, 19, 24);
        eight(self.1, 28, 32);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn prop_a_uuid_comes_back_and_nothing_else_is_one(
            id in "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", at in 0_usize..36, letter in "[g-zA-F-]"
        ) {
            prop_assert!(matches!(MessageId::of(&id), MessageId::Uuid(_)));
            prop_assert_eq!(MessageId::of(&id).text(), id.as_str());
            let mut other = id.clone();
            other.replace_range(at..=at, &letter);
            prop_assert!(matches!(MessageId::of(&other), MessageId::Text(_)) || other == id);
            prop_assert!(matches!(MessageId::of(&id[1..]), MessageId::Text(_)));
        }

        #[test]
        fn prop_ids_are_in_the_order_of_their_texts(one in "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-f-]{0,3}", other in "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-f-]{0,3}") {
            prop_assert_eq!(MessageId::of(&one).cmp(&MessageId::of(&other)), one.cmp(&other));
            prop_assert_eq!(MessageId::of(&one) == MessageId::of(&other), one == other);
        }
    }
}
