//! Numbers as OCPP writes nearly all of them: a few digits, perhaps a point. They need no general parser to come out
//! correctly rounded: fifteen digits and a power of ten up to 22 are exact in 64 bits of floating point, so one
//! multiplication or division rounds once (Clinger, "How to read floating point numbers accurately", 1990).

use std::num::NonZeroU64;

/// The most digits that are exact whatever they are.
const MOST_DIGITS: usize = 15;

const ZEROS: u64 = 0x3030_3030_3030_3030;
const HIGH: u64 = 0x8080_8080_8080_8080;

const TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

const POWERS: [u64; MOST_DIGITS + 1] = {
    let mut powers = [1; MOST_DIGITS + 1];
    let mut at = 1;
    while at <= MOST_DIGITS {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// A number without an exponent, of at most fifteen digits. It fits two registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plain {
    digits: u64,
    /// How many bytes it takes, and in the bytes above that how many digits stand behind the point, and the sign.
    form: NonZeroU64,
}

impl Plain {
    #[inline]
    const fn new(digits: u64, fraction: usize, negative: bool, length: usize) -> Option<Self> {
        let form = length as u64 | (fraction as u64) << 8 | (negative as u64) << 16;
        match NonZeroU64::new(form) {
            Some(form) => Some(Self { digits, form }),
            None => None,
        }
    }

    /// How many bytes it takes.
    #[inline]
    pub(crate) const fn length(self) -> usize {
        self.form.get() as u8 as usize
    }

    /// How many digits stand behind the point.
    #[inline]
    const fn fraction(self) -> i32 {
        (self.form.get() >> 8) as u8 as i32
    }

    #[inline]
    const fn is_negative(self) -> bool {
        self.form.get() >> 16 != 0
    }

    /// Reads the number at the start of `bytes`: digits, perhaps a sign before them and a point with digits behind.
    /// What follows it is not looked at. None if it is of another form, or one that JSON does not allow.
    #[inline]
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        if let Some(chunk) = bytes.first_chunk()
            && let Some(short) = Self::short(u64::from_le_bytes(*chunk))
        {
            return Some(short);
        }
        Self::long(bytes)
    }

    /// A number without a sign that ends within eight bytes, what ends it among them: the point is taken out, and all
    /// digits become a number at once.
    #[inline]
    const fn short(word: u64) -> Option<Self> {
        let values = word ^ ZEROS;
        // No carry from one byte into the next: here each that is no digit counts, not only the first.
        let other = (((values & !HIGH) + 0x7676_7676_7676_7676) | values) & HIGH;
        let whole = other.trailing_zeros() / 8;
        if whole == 0 || other == 0 || (whole > 1 && values.trailing_zeros() >= 8) {
            return None;
        }
        if (word >> (8 * whole)) as u8 != b'.' {
            let digits = joined(values << (64 - 8 * whole));
            return Self::new(digits, 0, false, whole as usize);
        }
        let end = (other & (other - 1)).trailing_zeros() / 8;
        if end == 8 || end == whole + 1 {
            return None;
        }
        let before = (1_u64 << (8 * whole)) - 1;
        let values = (values & before) | ((values >> 8) & !before);
        let digits = joined(values << (64 - 8 * (end - 1)));
        Self::new(digits, (end - whole - 1) as usize, false, end as usize)
    }

    #[inline(never)]
    fn long(bytes: &[u8]) -> Option<Self> {
        let negative = bytes.first() == Some(&b'-');
        let start = usize::from(negative);
        let (mut digits, whole) = run(bytes.get(start..)?);
        let mut length = start + whole;
        let mut fraction = 0;
        if bytes.get(length) == Some(&b'.') {
            let (part, count) = run(&bytes[length + 1..]);
            if count == 0 || whole + count > MOST_DIGITS {
                return None;
            }
            digits = digits * POWERS[count] + part;
            fraction = count;
            length += 1 + count;
        }
        let sound = whole > 0 && whole <= MOST_DIGITS && (whole == 1 || bytes[start] != b'0');
        if sound { Self::new(digits, fraction, negative, length) } else { None }
    }

    /// The number, if it has no point.
    #[inline]
    pub(crate) fn whole(self) -> Option<i64> {
        let size = self.digits as i64;
        (self.fraction() == 0).then_some(if self.is_negative() { -size } else { size })
    }

    /// The number times a power of ten, rounded once; none if that needs a general parser.
    #[inline]
    pub(crate) fn scaled(self, exponent: i32) -> Option<f64> {
        let shift = exponent - self.fraction();
        let digits = self.digits as f64;
        let size = match shift {
            0 => digits,
            1..=22 => digits * TENS[shift as usize],
            -22..=-1 => digits / TENS[-shift as usize],
            _ => return None,
        };
        Some(if self.is_negative() { -size } else { size })
    }
}

/// The digits at the start of `bytes` as a number, and how many there are; of more than [`MOST_DIGITS`] only the count is right.
#[inline]
fn run(bytes: &[u8]) -> (u64, usize) {
    let (mut value, mut count) = match bytes.first_chunk() {
        Some(chunk) => eight(u64::from_le_bytes(*chunk)),
        None => (0, 0),
    };
    if count == 8 || bytes.len() < 8 {
        while let Some(digit) = bytes.get(count).map(|byte| byte.wrapping_sub(b'0')).filter(|&digit| digit < 10) {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
            count += 1;
        }
    }
    (value, count)
}

/// The digits at the start of eight bytes, all in a few steps: pairs are joined to pairs of pairs.
#[inline]
const fn eight(word: u64) -> (u64, usize) {
    let values = word ^ ZEROS;
    // What is no digit has a high bit then, or gets one.
    let other = (values | values.wrapping_add(0x7676_7676_7676_7676)) & HIGH;
    let count = (other.trailing_zeros() / 8) as usize;
    if count == 0 {
        return (0, 0);
    }
    // The digits move to the end; what comes in before them are zeros.
    (joined(values << (64 - 8 * count as u32)), count)
}

/// The number of eight digits, the first of which is the lowest byte.
#[inline]
const fn joined(digits: u64) -> u64 {
    let pairs = (digits.wrapping_mul(10).wrapping_add(digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100).wrapping_add(pairs >> 16)) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff
}

/// A text that is such a number as a whole.
#[inline]
pub(crate) fn plain(text: &str) -> Option<Plain> {
    Plain::read(text.as_bytes()).filter(|number| number.length() == text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_plain_numbers_are_read_here() {
        for text in ["", "-", ".5", "5.", "1e3", "+1", "01", "1234567890123456", "1.2.3", "1,5", " 1", "NaN"] {
            assert_eq!(plain(text), None, "{text}");
        }
        assert_eq!(plain("4151.681").and_then(|number| number.scaled(3)), Some(4_151_681.0));
        assert_eq!(plain("-0.5").and_then(|number| number.scaled(0)), Some(-0.5));
        assert_eq!(Plain::read(b"17\",").map(Plain::length), Some(2));
    }

    proptest! {
        #[test]
        fn prop_a_number_that_ends_early_is_read_as_any_other(text in "[0-9.,\"é-]{0,9}(\",\"unit|)") {
            prop_assert_eq!(Plain::read(text.as_bytes()), Plain::long(text.as_bytes()), "{}", text);
        }

        #[test]
        fn prop_the_short_way_rounds_as_the_long_one(text in "-?(0|[1-9][0-9]{0,14})(\\.[0-9]{1,12})?", exponent in -30i32..30) {
            if let Some(value) = plain(&text).and_then(|number| number.scaled(exponent)) {
                let long: f64 = fast_float2::parse(format!("{text}e{exponent}")).unwrap();
                prop_assert_eq!(value.to_bits(), long.to_bits());
            }
        }
    }
}
