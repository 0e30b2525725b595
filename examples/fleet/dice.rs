//! The simulator's only source of chance: one `ChaCha` stream per charge point.
//!
//! Only integers of fixed width are drawn, so that a seed gives the same bytes on every machine.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A seeded stream of random choices.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream number `stream` of the fleet with seed `seed`.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    /// A number between `low` and `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high)
    }

    /// True in `per_mille` of a thousand cases.
    pub(crate) fn chance(&mut self, per_mille: i64) -> bool {
        self.between(0, 999) < per_mille
    }

    /// One of `items`, each equally likely. `items` must not be empty.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let last = items.len() as i64 - 1;
        &items[self.between(0, last) as usize]
    }

    /// A random UUID (version 4) in its usual text form.
    pub(crate) fn uuid(&mut self) -> String {
        let high: u64 = self.0.random();
        let low: u64 = self.0.random();
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | (low >> 48) & 0x3fff,
            low & 0xffff_ffff_ffff
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn a_seed_and_a_stream_fix_every_draw() {
        let draw = |stream| {
            let mut dice = Dice::new(7, stream);
            (dice.between(0, 1_000_000), dice.uuid())
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
