//! What is doubtful about a row: the [list] of flags, and sets of them.

mod list;

use list::ALL;
pub use list::{FLAGS, Flag, FlagInfo};

/// What a flag says about the numbers of its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// The numbers stand.
    None,
    /// A time or an energy was inferred.
    Estimated,
    /// A number is missing because the log lacks something.
    Partial,
    /// A number contradicts another one.
    Suspect,
}

impl Effect {
    /// The word of the `quality` column.
    #[must_use]
    pub const fn quality(self) -> &'static str {
        match self {
            Self::None => "good",
            Self::Estimated => "estimated",
            Self::Partial => "partial",
            Self::Suspect => "suspect",
        }
    }
}

/// A set of flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(u128);

impl Flags {
    /// No flag.
    pub const NONE: Self = Self(0);

    /// The set as bits, and back by [`Self::from_bits`].
    #[must_use]
    pub const fn bits(self) -> u128 {
        self.0
    }

    /// The set of these bits.
    #[must_use]
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    /// Adds a flag.
    pub const fn add(&mut self, flag: Flag) {
        self.0 |= 1 << flag as u8;
    }

    /// Adds a flag if `condition` holds.
    pub const fn add_if(&mut self, condition: bool, flag: Flag) {
        if condition {
            self.add(flag);
        }
    }

    /// Adds all of `other`.
    pub const fn extend(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Takes a flag out.
    pub const fn remove(&mut self, flag: Flag) {
        self.0 &= !(1 << flag as u8);
    }

    /// Whether a flag is set.
    #[must_use]
    pub const fn has(self, flag: Flag) -> bool {
        self.0 & (1 << flag as u8) != 0
    }

    /// Whether none is set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those also in `other`.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The flags, sorted by name.
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let place = left.trailing_zeros();
            left &= left.wrapping_sub(1);
            ALL.get(place as usize).copied()
        })
    }

    /// The strongest effect of the set.
    #[must_use]
    pub fn effect(self) -> Effect {
        self.iter().map(|flag| flag.info().effect).max().unwrap_or(Effect::None)
    }
}

impl FromIterator<Flag> for Flags {
    fn from_iter<T: IntoIterator<Item = Flag>>(flags: T) -> Self {
        let mut set = Self::NONE;
        for flag in flags {
            set.add(flag);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_so_that_a_set_comes_out_sorted() {
        assert!(FLAGS.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert!(FLAGS.len() <= 128);
    }

    #[test]
    fn every_flag_says_where_it_stands_and_what_to_do() {
        for info in FLAGS {
            assert!(info.meaning.ends_with('.') && info.advice.ends_with('.'), "{}", info.name);
            assert!(info.tables.is_sorted() && !info.tables.is_empty(), "{}", info.name);
        }
    }

    #[test]
    fn every_flag_is_found_by_its_name() {
        for (index, info) in FLAGS.iter().enumerate() {
            assert_eq!(Flag::from_name(info.name).map(|flag| flag as usize), Some(index));
        }
    }

    #[test]
    fn the_strongest_effect_wins() {
        let flags: Flags = [Flag::Warning, Flag::StartUnanswered, Flag::EndEstimated].into_iter().collect();
        assert_eq!(flags.effect(), Effect::Partial);
    }
}
