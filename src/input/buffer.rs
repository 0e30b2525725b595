//! Memory for the bytes of a source: filled once, handed on as a chunk without a copy, and used again when the chunk has
//! been read.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

/// How many blocks of memory wait for their next use.
const MOST_WAITING: usize = 8;

/// Memory that waits for its next use.
#[derive(Clone, Debug, Default)]
pub(super) struct Pool(Arc<Mutex<Vec<Vec<u8>>>>);

impl Pool {
    fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn give(&self, memory: Vec<u8>) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST_WAITING {
            waiting.push(memory);
        }
    }
}

/// Bytes of a chunk; their memory goes back to its pool.
#[derive(Clone, Debug, Default)]
pub struct Bytes {
    memory: Vec<u8>,
    length: usize,
    pool: Pool,
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.memory[..self.length]
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Bytes {}

impl Drop for Bytes {
    fn drop(&mut self) {
        self.pool.give(std::mem::take(&mut self.memory));
    }
}

/// Bytes that were read and are not handed on yet.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    /// All of it has a value, so that a reader can write into it; what counts ends at `length`.
    memory: Vec<u8>,
    length: usize,
    pool: Pool,
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.memory[..self.length]
    }
}

impl Buffer {
    /// How much memory it holds.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.memory.len()
    }

    /// Forgets the first `count` bytes.
    pub(super) fn forget(&mut self, count: usize) {
        if count > 0 {
            self.memory.copy_within(count..self.length, 0);
            self.length -= count;
        }
    }

    /// Keeps the first `length` bytes.
    pub(super) fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }

    /// Room for `count` more bytes; what was written there counts once it is [`Self::grow`]n by.
    pub(super) fn room(&mut self, count: usize) -> &mut [u8] {
        let end = self.length + count;
        if self.memory.is_empty() {
            // The system's fresh pages are zero already.
            self.memory = vec![0; end];
        } else if self.memory.len() < end {
            self.memory.resize(end, 0);
        }
        &mut self.memory[self.length..end]
    }

    /// Counts bytes that were written into the room.
    pub(super) fn grow(&mut self, count: usize) {
        self.length = (self.length + count).min(self.memory.len());
    }

    /// The bytes of a range: with its memory where little stands behind it, else as a copy. True if the buffer holds
    /// only what stood behind it then.
    pub(super) fn hand_over(&mut self, start: usize, end: usize) -> (Bytes, bool) {
        let behind = self.length - end;
        if start > 0 || behind > end {
            let memory = self.memory[start..end].to_vec();
            return (Bytes { length: memory.len(), memory, pool: Pool::default() }, false);
        }
        let mut next = self.pool.take();
        if next.len() < behind {
            // The system's fresh pages are zero already.
            next = vec![0; self.memory.len()];
        }
        next[..behind].copy_from_slice(&self.memory[end..self.length]);
        let memory = std::mem::replace(&mut self.memory, next);
        self.length = behind;
        (Bytes { memory, length: end, pool: self.pool.clone() }, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Buffer {
        let mut buffer = Buffer::default();
        buffer.room(64)[..text.len()].copy_from_slice(text.as_bytes());
        buffer.grow(text.len());
        buffer
    }

    #[test]
    fn what_is_handed_over_leaves_what_stands_behind_it() {
        let mut buffer = filled("a line\nand");
        let (bytes, moved) = buffer.hand_over(0, 7);
        assert_eq!((&*bytes, moved, &*buffer), (&b"a line\n"[..], true, &b"and"[..]));
        buffer.forget(1);
        assert_eq!(&*buffer, b"nd");
    }

    #[test]
    fn memory_comes_back_and_old_bytes_do_not() {
        let mut buffer = filled("first\n");
        drop(buffer.hand_over(0, 6));
        let (empty, _) = buffer.hand_over(0, 0);
        assert!(empty.is_empty() && buffer.is_empty());
        buffer.room(3).copy_from_slice(b"new");
        buffer.grow(3);
        assert_eq!(&*buffer, b"new");
    }

    #[test]
    fn a_small_piece_of_much_is_copied() {
        let mut buffer = filled("a\nb\nc\nd\ne\n");
        let (bytes, moved) = buffer.hand_over(2, 4);
        assert_eq!((&*bytes, moved, buffer.len()), (&b"b\n"[..], false, 10));
    }
}
