//! Numbers as bytes: small ones take few (LEB128, signed ones in zigzag). Up to eight bytes are written and read at once.

/// Numbers below this take up to eight bytes.
const SHORT: u64 = 1 << 56;
/// The bit of each byte that says that another one follows.
const MORE: u64 = 0x8080_8080_8080_8080;

/// Groups of seven bits, each in a byte of its own.
#[inline]
const fn spread(number: u64) -> u64 {
    let halves = (number & 0x0fff_ffff) | ((number & 0x00ff_ffff_f000_0000) << 4);
    let quarters = (halves & 0x0000_3fff_0000_3fff) | ((halves & 0x0fff_c000_0fff_c000) << 2);
    (quarters & 0x007f_007f_007f_007f) | ((quarters & 0x3f80_3f80_3f80_3f80) << 1)
}

/// The number again.
#[inline]
const fn gathered(bytes: u64) -> u64 {
    let quarters = (bytes & 0x007f_007f_007f_007f) | ((bytes & 0x7f00_7f00_7f00_7f00) >> 1);
    let halves = (quarters & 0x0000_3fff_0000_3fff) | ((quarters & 0x3fff_0000_3fff_0000) >> 2);
    (halves & 0x0fff_ffff) | ((halves & 0x0fff_ffff_0000_0000) >> 4)
}

/// Bytes being written.
#[derive(Debug, Default)]
pub(super) struct Out {
    pub(super) bytes: Vec<u8>,
    /// Where the texts of the event begin, and where they end.
    pub(super) base: u32,
    pub(super) end: u32,
    /// The time that others lie near.
    pub(super) time: i64,
}

impl Out {
    #[inline]
    pub(super) fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    #[inline]
    pub(super) fn number(&mut self, number: u64) {
        if number < 0x80 {
            self.bytes.push(number as u8);
        } else if number < SHORT {
            let groups = spread(number);
            let length = 8 - groups.leading_zeros() / 8;
            // All bytes but the last say that another one follows.
            let more = MORE >> (8 * (9 - length));
            let start = self.bytes.len();
            self.bytes.extend_from_slice(&(groups | more).to_le_bytes());
            self.bytes.truncate(start + length as usize);
        } else {
            self.long(number);
        }
    }

    #[cold]
    fn long(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    #[inline]
    pub(super) fn signed(&mut self, number: i64) {
        self.number((number.wrapping_shl(1) ^ (number >> 63)) as u64);
    }

    /// Where a text of the event lies.
    #[inline]
    pub(super) fn text(&mut self, start: u32, length: u32) {
        debug_assert!(self.base <= start && start + length <= self.end, "a text lies with its message");
        self.number(u64::from(start.wrapping_sub(self.base)));
        self.number(u64::from(length));
    }

    /// A time, by its distance to [`Self::time`].
    #[inline]
    pub(super) fn near(&mut self, time: i64) {
        self.signed(time.wrapping_sub(self.time));
    }
}

/// Bytes being read: those that [`Out`] wrote, so nothing is ever missing.
#[derive(Debug)]
pub(super) struct In<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    /// Where the texts of the event begin now, as its fact tells it.
    pub(super) base: u32,
    /// The time that others lie near.
    pub(super) time: i64,
}

impl<'a> In<'a> {
    #[inline]
    pub(super) fn byte(&mut self) -> u8 {
        let byte = self.bytes.get(self.at).copied().unwrap_or_default();
        self.at += 1;
        byte
    }

    #[inline]
    pub(super) fn number(&mut self) -> u64 {
        let Some(next) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk) else { return self.long() };
        let word = u64::from_le_bytes(*next);
        if word & 0x80 == 0 {
            self.at += 1;
            return word & 0x7f;
        }
        let ends = !word & MORE;
        if ends == 0 {
            return self.long();
        }
        // The bits up to the end of the number's last byte.
        let length = ends.trailing_zeros() / 8 + 1;
        self.at += length as usize;
        gathered(word & (u64::MAX >> (64 - 8 * length)))
    }

    /// A number of more than eight bytes, or one near the end.
    #[cold]
    fn long(&mut self) -> u64 {
        let mut number = 0;
        let mut shift = 0;
        loop {
            let byte = self.byte();
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 || shift >= 63 {
                return number;
            }
            shift += 7;
        }
    }

    #[inline]
    pub(super) fn signed(&mut self) -> i64 {
        let number = self.number();
        (number >> 1) as i64 ^ -((number & 1) as i64)
    }

    #[inline]
    pub(super) fn near(&mut self) -> i64 {
        self.signed().wrapping_add(self.time)
    }

    #[inline]
    pub(super) fn slice(&mut self, length: usize) -> &'a [u8] {
        let slice = self.bytes.get(self.at..self.at + length).unwrap_or_default();
        self.at += length;
        slice
    }
}

const FACTORS: [f64; 4] = [1.0, 10.0, 100.0, 1000.0];

/// A number with up to three decimals: how many, and the number without its point. None if that would not give the same
/// bits back.
#[inline]
pub(super) fn decimal(value: f64) -> Option<(u8, i64)> {
    (0..FACTORS.len() as u8).find_map(|decimals| Some((decimals, with_decimals(value, decimals)?)))
}

/// A number with so many decimals, without its point.
#[inline]
pub(super) fn with_decimals(value: f64, decimals: u8) -> Option<i64> {
    const MOST: f64 = 9.0e15;
    let scaled = value * FACTORS[usize::from(decimals & 3)];
    // The nearest whole number; a wrong one would not give the same bits back.
    let number = (scaled + 0.5_f64.copysign(scaled)) as i64;
    (scaled.abs() < MOST && from_decimal(decimals, number).to_bits() == value.to_bits()).then_some(number)
}

/// The number again.
#[inline]
pub(super) fn from_decimal(decimals: u8, number: i64) -> f64 {
    number as f64 / FACTORS[usize::from(decimals & 3)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn prop_numbers_come_back(number: u64, bits in 0_u32..64, signed: i64, time: i64) {
            let mut out = Out { time, ..Out::default() };
            out.number(number >> bits);
            out.signed(signed);
            out.near(signed);
            let mut input = In { bytes: &out.bytes, at: 0, base: 0, time };
            prop_assert_eq!((input.number(), input.signed(), input.near()), (number >> bits, signed, signed));
            prop_assert_eq!(input.at, out.bytes.len());
        }

        #[test]
        fn prop_decimals_give_the_same_bits_back(value: f64, cents in -10_000_000_i64..10_000_000) {
            for value in [value, cents as f64 / 100.0, cents as f64] {
                if let Some((decimals, number)) = decimal(value) {
                    prop_assert_eq!(from_decimal(decimals, number).to_bits(), value.to_bits());
                }
            }
            prop_assert!(decimal(cents as f64 / 100.0).is_some());
        }
    }

    #[test]
    fn what_is_no_short_decimal_is_told() {
        for value in [-0.0, f64::NAN, f64::INFINITY, 1e300, 0.0001] {
            assert_eq!(decimal(value), None, "{value}");
        }
    }
}
