//! Bytes: which sources there are, how they are decompressed, and how they are cut at line borders.
//!
//! Nothing is mapped into memory: a file that shrinks while it is read must cost a row of `rejects`, not the process.

mod decode;
mod discover;
mod natural;
mod reading;
mod sniff;

pub use discover::discover;
pub use natural::natural_order;
pub use reading::{Chunk, DEFAULT_CHUNK_BYTES, Finished, LINE_LIMIT, Piece, Reading, Status};

use crate::error::{Error, Result};
use crate::reject::Reason;
use std::fmt;
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::PathBuf;
use std::sync::Arc;

/// What a caller asks to be read.
pub enum Input {
    /// A file, a directory, or a pattern such as `logs/**/*.gz`.
    Path(PathBuf),
    /// Bytes at hand.
    Bytes {
        /// The name shown in tables.
        name: String,
        /// The bytes, compressed or not.
        data: Arc<[u8]>,
    },
    /// Anything that can be read once.
    Reader {
        /// The name shown in tables.
        name: String,
        /// Where the bytes come from.
        reader: Box<dyn Read + Send>,
    },
}

impl fmt::Debug for Input {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => out.debug_tuple("Path").field(path).finish(),
            Self::Bytes { name, data } => out.debug_tuple("Bytes").field(name).field(&data.len()).finish(),
            Self::Reader { name, .. } => out.debug_tuple("Reader").field(name).finish(),
        }
    }
}

enum Kind {
    Path { path: PathBuf, named: bool },
    Bytes(Arc<[u8]>),
    Reader(Box<dyn Read + Send>),
    Refused(Reason, String),
}

/// One source: a file, or what stands for one.
pub struct Source {
    /// The name shown in tables: the path as given or found, with `/` between its parts.
    pub name: String,
    /// The file name without the suffixes of compression, rotation and logs.
    pub stem: String,
    kind: Kind,
}

impl fmt::Debug for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Source").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Source {
    fn new(name: String, kind: Kind) -> Self {
        let stem = stem(&name).to_owned();
        Self { name, stem, kind }
    }

    /// The path, if the source is a file: for reading a place again.
    #[must_use]
    pub fn path(&self) -> Option<&std::path::Path> {
        match &self.kind {
            Kind::Path { path, .. } => Some(path),
            _ => None,
        }
    }

    /// Opens the source as number `index`, to be read in pieces of about `chunk_bytes`.
    ///
    /// # Errors
    /// If a file that the caller named cannot be opened. A file found in a directory becomes a reject instead.
    pub fn open(self, index: u32, chunk_bytes: usize) -> Result<Reading> {
        let reader: Box<dyn Read + Send> = match self.kind {
            Kind::Bytes(data) => Box::new(Cursor::new(data)),
            Kind::Reader(reader) => reader,
            Kind::Refused(reason, detail) => return Ok(Reading::refused(index, reason, detail)),
            Kind::Path { path, named } => match File::open(&path) {
                Ok(file) => Box::new(file),
                Err(cause) if named => return Err(Error::Input { path, cause }),
                Err(cause) => return Ok(Reading::refused(index, Reason::Io, cause.to_string())),
            },
        };
        Ok(Reading::new(index, &self.name, reader, chunk_bytes))
    }
}

const COMPRESSION_SUFFIXES: [&str; 4] = ["gz", "gzip", "zst", "zstd"];
const LOG_SUFFIXES: [&str; 9] = ["log", "txt", "json", "jsonl", "ndjson", "csv", "tsv", "trace", "out"];

/// Whether a name ends like that of a compressed file.
fn has_compression_suffix(name: &str) -> bool {
    suffix(name).is_some_and(|(_, suffix)| is_one_of(suffix, &COMPRESSION_SUFFIXES))
}

fn is_one_of(suffix: &str, list: &[&str]) -> bool {
    list.iter().any(|known| suffix.eq_ignore_ascii_case(known))
}

fn suffix(name: &str) -> Option<(&str, &str)> {
    name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty())
}

/// `logs/CP001.log.2.gz` is `CP001`: the files of one rotation belong together.
fn stem(name: &str) -> &str {
    let file = name.rsplit('/').next().unwrap_or(name);
    let mut stem = file;
    if let Some((head, tail)) = suffix(stem)
        && is_one_of(tail, &COMPRESSION_SUFFIXES)
    {
        stem = head;
    }
    if let Some((head, tail)) = suffix(stem)
        && (1..=4).contains(&tail.len())
        && tail.bytes().all(|byte| byte.is_ascii_digit())
        && suffix(head).is_some_and(|(_, log)| is_one_of(log, &LOG_SUFFIXES))
    {
        stem = head;
    }
    if let Some((head, tail)) = suffix(stem)
        && is_one_of(tail, &LOG_SUFFIXES)
    {
        stem = head;
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stem_has_no_suffix_of_compression_rotation_or_log() {
        for (name, expected) in [
            ("logs/CP001.log", "CP001"),
            ("CP001.log.2.gz", "CP001"),
            ("a.b/CP 7.jsonl.zst", "CP 7"),
            ("libocpp_2.0.1.log", "libocpp_2.0.1"),
            (".log", ".log"),
            ("CP001", "CP001"),
            ("CP.001", "CP.001"),
        ] {
            assert_eq!(stem(name), expected, "{name}");
        }
    }
}
