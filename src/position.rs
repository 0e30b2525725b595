//! Where a record stands in its source, so that every row can say where it came from.

/// A place in a source: which source, which line, which byte.
///
/// Lines count from 1, bytes from 0; both count in the decompressed bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Index of the source in the canonical order of the sources.
    pub source: u32,
    /// Byte offset of the record's first byte in the decompressed source.
    pub byte: u64,
    /// Line of the record's first byte, from 1; 0 where the source has no lines.
    pub line: u64,
}
