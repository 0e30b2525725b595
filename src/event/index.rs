//! Charge points by their ids. The ids themselves stand in one list, so that each is kept once.

use rustc_hash::FxHasher;
use std::hash::Hasher;

/// How many places there are at first; a power of two, as ever after.
const FIRST: usize = 64;

/// Places in a list of ids, found by the id: a table with open addressing, at most a quarter full, so that
/// the first look mostly finds the id.
#[derive(Debug, Default)]
pub(super) struct Index(Vec<u32>);

impl Index {
    /// The place of an id in `ids`.
    #[inline]
    pub(super) fn find(&self, id: &str, ids: &[String]) -> Option<u32> {
        let mask = self.0.len().checked_sub(1)?;
        let mut at = hash(id) & mask;
        loop {
            let place = self.0[at].checked_sub(1)?;
            if ids[place as usize] == id {
                return Some(place);
            }
            at = (at + 1) & mask;
        }
    }

    /// Notes the last one of `ids`, which is new.
    pub(super) fn add(&mut self, ids: &[String]) {
        if ids.len() * 4 > self.0.len() {
            self.0 = vec![0; (self.0.len() * 2).max(FIRST)];
            for place in 0..ids.len() {
                self.put(place, ids);
            }
        } else if let Some(last) = ids.len().checked_sub(1) {
            self.put(last, ids);
        }
    }

    fn put(&mut self, place: usize, ids: &[String]) {
        let mask = self.0.len() - 1;
        let mut at = hash(&ids[place]) & mask;
        while self.0[at] != 0 {
            at = (at + 1) & mask;
        }
        self.0[at] = place as u32 + 1;
    }
}

#[inline]
fn hash(id: &str) -> usize {
    let mut hasher = FxHasher::default();
    hasher.write(id.as_bytes());
    hasher.finish() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_is_found_and_no_other() {
        let mut ids = Vec::new();
        let mut index = Index::default();
        assert_eq!(index.find("", &ids), None);
        for number in 0..1_000 {
            let width = number % 40;
            let id = format!("{number:>width$}");
            assert_eq!(index.find(&id, &ids), None, "{id}");
            ids.push(id);
            index.add(&ids);
        }
        for (place, id) in ids.iter().enumerate() {
            assert_eq!(index.find(id, &ids), Some(place as u32), "{id}");
        }
        assert_eq!(index.find("CP", &ids), None);
    }
}
