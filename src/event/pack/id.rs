//! Message ids that are UUIDs, as 16 bytes instead of 36 letters.

/// Where the hyphens are.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

const ONES: u64 = 0x0101_0101_0101_0101;

/// Four bytes from eight letters, all at once; none if one is no digit.
#[inline]
fn bytes(letters: [u8; 8]) -> Option<[u8; 4]> {
    let letters = u64::from_le_bytes(letters);
    // `a` is 0x61, `0` is 0x30: the sixth bit tells letters, whose low half counts from 1.
    let values = (letters & (0x0f * ONES)) + ((letters >> 6) & ONES) * 9;
    let large = ((values + 6 * ONES) >> 4) & ONES;
    if values & (0xf0 * ONES) != 0 || values + 0x30 * ONES + large * 0x27 != letters {
        return None;
    }
    let pairs = ((values << 4) | (values >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs | (pairs >> 8)) & 0x0000_ffff_0000_ffff;
    Some(((fours | (fours >> 16)) as u32).to_le_bytes())
}

/// The bytes of a UUID in its usual form, in small letters; none of anything else.
pub(super) fn uuid(id: &str) -> Option<[u8; 16]> {
    let letters: &[u8; 36] = id.as_bytes().try_into().ok()?;
    if HYPHENS.iter().any(|&at| letters[at] != b'-') {
        return None;
    }
    let eight = |first: usize, second: usize| {
        let mut eight = [0; 8];
        eight[..4].copy_from_slice(&letters[first..first + 4]);
        eight[4..].copy_from_slice(&letters[second..second + 4]);
        bytes(eight)
    };
    let mut uuid = [0; 16];
    for (place, (first, second)) in [(0, 4), (9, 14), (19, 24), (28, 32)].into_iter().enumerate() {
        uuid[place * 4..place * 4 + 4].copy_from_slice(&eight(first, second)?);
    }
    Some(uuid)
}

/// Eight letters from four bytes, all at once.
#[inline]
fn letters(bytes: [u8; 4]) -> [u8; 8] {
    let fours = u64::from(u32::from_le_bytes(bytes));
    let pairs = (fours | (fours << 16)) & 0x0000_ffff_0000_ffff;
    let bytes = (pairs | (pairs << 8)) & 0x00ff_00ff_00ff_00ff;
    let values = ((bytes >> 4) & (0x0f * 0x0001_0001_0001_0001)) | ((bytes & (0x0f * 0x0001_0001_0001_0001)) << 8);
    let large = ((values + 6 * ONES) >> 4) & ONES;
    (values + 0x30 * ONES + large * 0x27).to_le_bytes()
}

/// Writes a UUID in its usual form.
#[inline]
pub(super) fn write(uuid: [u8; 16], out: &mut String) {
    let mut all = [b'-'; 36];
    let mut four = |place: usize, first: usize, second: usize| {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&uuid[place..place + 4]);
        let eight = letters(bytes);
        all[first..first + 4].copy_from_slice(&eight[..4]);
        all[second..second + 4].copy_from_slice(&eight[4..]);
    };
    four(0, 0, 4);
    four(4, 9, 14);
    four(8, 19, 24);
    four(12, 28, 32);
    out.push_str(std::str::from_utf8(&all).unwrap_or_default());
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
            write(uuid(&id).unwrap(), &mut again);
            prop_assert_eq!(&again, &id);
            let mut other = id.clone();
            other.replace_range(at..=at, &letter);
            prop_assert!(uuid(&other).is_none() || other == id);
            prop_assert!(uuid(&id[1..]).is_none());
        }
    }
}
