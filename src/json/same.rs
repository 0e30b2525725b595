//! Comparing with bytes that are known.

/// Whether `bytes` begin with `known`. A few bytes are compared in one or two words, without a call.
#[inline]
pub(crate) fn begins(bytes: &[u8], known: &[u8]) -> bool {
    let Some(bytes) = bytes.get(..known.len()) else { return false };
    match known.len() {
        8..=16 => {
            let tail = known.len() - 8;
            word(bytes) == word(known) && word(&bytes[tail..]) == word(&known[tail..])
        }
        4..=7 => {
            let tail = known.len() - 4;
            half(bytes) == half(known) && half(&bytes[tail..]) == half(&known[tail..])
        }
        0..=3 => bytes.iter().zip(known).all(|(byte, known)| byte == known),
        _ => bytes == known,
    }
}

#[inline]
fn word(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

#[inline]
fn half(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|chunk| u32::from_le_bytes(*chunk))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn prop_it_compares_as_the_standard_library_does(text in "[ab]{0,24}", known in "[ab]{0,20}", same in 0usize..24) {
            prop_assert_eq!(begins(text.as_bytes(), known.as_bytes()), text.starts_with(&known));
            let known = text.get(..same).unwrap_or(&text);
            prop_assert!(begins(text.as_bytes(), known.as_bytes()));
        }
    }
}
