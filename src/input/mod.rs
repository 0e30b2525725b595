//! Bytes: which sources there are, how they are decompressed, and how they are cut at line borders.
//!
//! Nothing is mapped into memory: a file that shrinks while it is read must cost a row of `rejects`, not the process.

mod archive;
mod buffer;
mod codec;
mod decode;
mod discover;
mod meter;
mod natural;
mod reading;
mod script;
mod sniff;
mod tape;
mod watch;
mod zipped;

pub use archive::{Item, Take};
pub use buffer::Bytes;
pub use discover::discover;
pub use natural::natural_order;
pub use reading::{Chunk, DEFAULT_CHUNK_BYTES, Finished, LINE_LIMIT, Opening, Piece, Reading, Status, behind_lines};
pub use script::{LineMap, Script};

use crate::reject::Reason;
use std::fmt;
use std::io::{self, Read};
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
    /// Anything that can be read again from its beginning.
    Replay {
        /// The name shown in tables.
        name: String,
        /// Gives the bytes, from the first one on.
        open: Open,
    },
}

/// Opens what can be read again.
pub type Open = Arc<dyn Fn() -> io::Result<Box<dyn Read + Send>> + Send + Sync>;

impl fmt::Debug for Input {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => out.debug_tuple("Path").field(path).finish(),
            Self::Bytes { name, data } => out.debug_tuple("Bytes").field(name).field(&data.len()).finish(),
            Self::Reader { name, .. } => out.debug_tuple("Reader").field(name).finish(),
            Self::Replay { name, .. } => out.debug_tuple("Replay").field(name).finish(),
        }
    }
}

enum Kind {
    Path { path: PathBuf, named: bool },
    Bytes(Arc<[u8]>),
    Reader(Box<dyn Read + Send>),
    Replay(Open),
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

    /// The same source once more, unless it can be read only once.
    #[must_use]
    pub fn again(&self) -> Option<Self> {
        let kind = match &self.kind {
            Kind::Path { path, named } => Kind::Path { path: path.clone(), named: *named },
            Kind::Bytes(data) => Kind::Bytes(Arc::clone(data)),
            Kind::Replay(open) => Kind::Replay(Arc::clone(open)),
            Kind::Refused(reason, detail) => Kind::Refused(*reason, detail.clone()),
            Kind::Reader(_) => return None,
        };
        Some(Self { name: self.name.clone(), stem: self.stem.clone(), kind })
    }

    fn is_refused(&self) -> bool {
        matches!(self.kind, Kind::Refused(..))
    }
}

const COMPRESSION_SUFFIXES: [&str; 13] =
    ["gz", "gzip", "zst", "zstd", "bz2", "xz", "lz4", "zip", "tgz", "tbz2", "txz", "tzst", "tlz4"];
const LOG_SUFFIXES: [&str; 11] = ["log", "txt", "json", "jsonl", "ndjson", "csv", "tsv", "trace", "out", "html", "har"];

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
