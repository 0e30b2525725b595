//! Message ids that are UUIDs, as 16 bytes instead of 36 letters.

/// Where the hyphens are.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// Where the pairs of letters are that make a byte each.
const PAIRS: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

const fn digit(letter: u8) -> u8 {
    match letter {
        b'0'..=b'9' => letter - b'0',
        b'a'..=b'f' => letter - b'a' + 10,
        _ => 0xff,
    }
}

const DIGITS: [u8; 256] = {
    let mut digits = [0; 256];
    let mut letter = 0;
    while letter < 256 {
        digits[letter] = digit(letter as u8);
        letter += 1;
    }
    digits
};

/// The bytes of a UUID in its usual form, in small letters; none of anything else.
pub(super) fn uuid(id: &str) -> Option<[u8; 16]> {
    let letters: &[u8; 36] = id.as_bytes().try_into().ok()?;
    if HYPHENS.iter().any(|&at| letters[at] != b'-') {
        return None;
    }
    let mut wrong = 0;
    let bytes = PAIRS.map(|at| {
        let (high, low) = (DIGITS[usize::from(letters[at])], DIGITS[usize::from(letters[at + 1])]);
        wrong |= (high | low) & 0xf0;
        high << 4 | low
    });
    (wrong == 0).then_some(bytes)
}

/// Writes a UUID in its usual form.
pub(super) fn write(uuid: &[u8], out: &mut String) {
    const LETTERS: &[u8; 16] = b"0123456789abcdef";
    let mut letters = [b'-'; 36];
    let mut at = 0;
    for byte in uuid.iter().take(16) {
        if HYPHENS.contains(&at) {
            at += 1;
        }
        letters[at] = LETTERS[usize::from(byte >> 4)];
        letters[at + 1] = LETTERS[usize::from(byte & 15)];
        at += 2;
    }
    out.push_str(std::str::from_utf8(&letters).unwrap_or_default());
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
            let mut again = String::new();
            write(&uuid(&id).unwrap(), &mut again);
            prop_assert_eq!(&again, &id);
            let mut other = id.clone();
            other.replace_range(at..=at, &letter);
            prop_assert!(uuid(&other).is_none() || other == id);
            prop_assert!(uuid(&id[1..]).is_none());
        }
    }
}
