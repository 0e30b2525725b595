//! Charge points by their ids, for the few that take turns: a look at a handful of bytes instead of a search.

/// A power of two; a fleet of more charge points is searched now and then.
const PLACES: usize = 1 << 12;

/// What was found for an id, at a place that its first and last bytes give. The id has to be compared.
#[derive(Debug, Default)]
pub(super) struct Recent(Vec<u32>);

impl Recent {
    /// What was noted last for an id with the same place.
    #[inline]
    pub(super) fn get(&self, id: &str) -> Option<u32> {
        self.0.get(place(id)).copied()
    }

    pub(super) fn note(&mut self, id: &str, index: u32) {
        if self.0.is_empty() {
            self.0.resize(PLACES, 0);
        }
        self.0[place(id)] = index;
    }
}

#[inline]
fn place(id: &str) -> usize {
    let bytes = id.as_bytes();
    let word = match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => u64::from_le_bytes(*first).rotate_left(29) ^ u64::from_le_bytes(*last),
        _ => bytes.iter().fold(0, |word, &byte| (word << 8) | u64::from(byte)),
    };
    let mixed = (word ^ bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> (u64::BITS - PLACES.trailing_zeros())) as usize
}
