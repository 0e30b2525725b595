//! Numbers as bytes: small ones take few. The zeros at the low end of the first byte tell how many bytes follow it, so a
//! number is written and read at once, whatever its length; signed ones stand in zigzag.

/// Numbers below this take up to eight bytes.
const SHORT: u64 = 1 << 56;

/// Bytes being written.
#[derive(Debug, Default)]
pub(super) struct Out {
    /// What counts ends at [`Self::at`]; what lies behind it is room.
    memory: Vec<u8>,
    at: usize,
    /// Where the texts of the event begin, and where they end.
    pub(super) base: u32,
    pub(super) end: u32,
    /// The time that others lie near.
    pub(super) time: i64,
}

impl Out {
    /// Forgets what was written.
    pub(super) fn clear(&mut self) {
        self.at = 0;
    }

    /// How many bytes were written.
    pub(super) const fn length(&self) -> usize {
        self.at
    }

    /// What was written, and behind it some zeros, so that its last number can be read at once, too.
    pub(super) fn padded(&mut self) -> Box<[u8]> {
        let end = self.at;
        self.slice(&[0; 8]);
        self.at = end;
        self.memory[..end + 8].into()
    }

    /// Writes bytes of which the first `length` count.
    #[inline]
    fn put<const N: usize>(&mut self, bytes: [u8; N], length: usize) {
        if let Some(place) = self.memory.get_mut(self.at..self.at + N) {
            place.copy_from_slice(&bytes);
            self.at += length;
        } else {
            self.put_behind(&bytes, length);
        }
    }

    #[cold]
    fn put_behind(&mut self, bytes: &[u8], length: usize) {
        self.grow(bytes.len());
        self.memory[self.at..self.at + bytes.len()].copy_from_slice(bytes);
        self.at += length;
    }

    fn grow(&mut self, more: usize) {
        self.memory.resize((self.at + more).max(self.memory.len() * 2).max(1 << 12), 0);
    }

    #[inline]
    pub(super) fn byte(&mut self, byte: u8) {
        self.put([byte], 1);
    }

    #[inline]
    pub(super) fn number(&mut self, number: u64) {
        if number < 1 << 7 {
            self.byte((number << 1 | 1) as u8);
        } else {
            self.large(number);
        }
    }

    #[inline(never)]
    fn large(&mut self, number: u64) {
        if number < SHORT {
            let more = number.ilog2() / 7;
            self.put(((number << 1 | 1) << more).to_le_bytes(), more as usize + 1);
        } else {
            self.byte(0);
            self.word(number);
        }
    }

    /// Eight bytes.
    #[inline]
    pub(super) fn word(&mut self, word: u64) {
        self.put(word.to_le_bytes(), 8);
    }

    /// So many bytes as they are.
    #[inline]
    pub(super) fn bytes<const N: usize>(&mut self, bytes: [u8; N]) {
        self.put(bytes, N);
    }

    /// Bytes as they are.
    #[inline]
    pub(super) fn slice(&mut self, bytes: &[u8]) {
        if self.memory.len() < self.at + bytes.len() {
            self.grow(bytes.len());
        }
        self.memory[self.at..self.at + bytes.len()].copy_from_slice(bytes);
        self.at += bytes.len();
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

    /// The next eight bytes; zeros stand for those behind the end.
    #[inline]
    fn ahead(&self) -> u64 {
        match self.bytes.get(self.at..).and_then(<[u8]>::first_chunk) {
            Some(next) => u64::from_le_bytes(*next),
            None => self.last(),
        }
    }

    #[cold]
    fn last(&self) -> u64 {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        rest.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
    }

    #[inline]
    pub(super) fn number(&mut self) -> u64 {
        let word = self.ahead();
        // Most numbers take one byte. The processor guesses so and goes on with the next one meanwhile.
        if word & 1 != 0 {
            self.at += 1;
            return word >> 1 & 0x7f;
        }
        let length = word.trailing_zeros() + 1;
        if length > 8 {
            self.at += 1;
            return self.word();
        }
        self.at += length as usize;
        (word << (64 - 8 * length)) >> (64 - 7 * length)
    }

    /// Eight bytes.
    #[inline]
    pub(super) fn word(&mut self) -> u64 {
        let word = self.ahead();
        self.at += 8;
        word
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
    // A division takes long, and meters mostly count whole units.
    if decimals == 0 { number as f64 } else { number as f64 / FACTORS[usize::from(decimals & 3)] }
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
            for bytes in [&out.padded()[..], &out.padded()[..out.length()]] {
                let mut input = In { bytes, at: 0, base: 0, time };
                prop_assert_eq!((input.number(), input.signed(), input.near()), (number >> bits, signed, signed));
                prop_assert_eq!(input.at, out.length());
            }
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
