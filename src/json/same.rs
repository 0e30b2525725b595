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
        17..=32 => {
            let tail = known.len() - 16;
            block(bytes) == block(known) && block(&bytes[tail..]) == block(&known[tail..])
        }
        33..=64 => {
            let tail = known.len() - 32;
            let behind = (&bytes[tail..], &known[tail..]);
            block(bytes) == block(known)
                && block(&bytes[16..]) == block(&known[16..])
                && block(behind.0) == block(behind.1)
                && block(&behind.0[16..]) == block(&behind.1[16..])
        }
        2..=3 => {
            let tail = known.len() - 2;
            pair(bytes) == pair(known) && pair(&bytes[tail..]) == pair(&known[tail..])
        }
        0..=1 => bytes.first() == known.first(),
        _ => bytes == known,
    }
}

#[inline]
fn word(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

#[inline]
fn block(bytes: &[u8]) -> Option<&[u8; 16]> {
    bytes.first_chunk()
}

#[inline]
fn pair(bytes: &[u8]) -> Option<&[u8; 2]> {
    bytes.first_chunk()
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
        fn prop_it_compares_as_the_standard_library_does(text in "[ab]{0,80}", known in "[ab]{0,20}", same in 0usize..80, other in 0usize..80) {
            prop_assert_eq!(begins(text.as_bytes(), known.as_bytes()), text.starts_with(&known));
            let mut known = text.get(..same).unwrap_or(&text).as_bytes().to_vec();
            prop_assert!(begins(text.as_bytes(), &known));
            if let Some(byte) = known.get_mut(other) {
                *byte ^= 1;
                prop_assert!(!begins(text.as_bytes(), &known));
            }
        }
    }
}
