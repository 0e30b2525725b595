//! Tar archives, compressed or not: read as they come, one member after the other.
//!
//! The headers are the `tar` crate's; the walk is ours, because a long name must not fill the memory, and because a
//! member that is cut, a header that is damaged and bytes behind the end are different findings.

use super::archive::{End, Visit};
use super::decode::Decoder;
use super::meter::Defect;
use super::watch::Watch;
use crate::reject::Reason;
use std::io::{self, Read};
use tar::{EntryType, Header, PaxExtensions};

const BLOCK: usize = 512;
/// More than any path, and any list of a member's attributes.
const NOTE_LIMIT: u64 = 1 << 20;

/// What stands in front of a header and is about it.
#[derive(Default)]
struct Note {
    path: Option<Vec<u8>>,
    size: Option<u64>,
    sparse: bool,
}

struct Tape<'r> {
    decoder: Decoder<'r>,
    /// What broke inside a member breaks the archive too.
    broken: Option<Defect>,
}

/// Hands over the members of the archive behind `decoder`.
pub(super) fn visit(visit: &mut Visit<'_>, decoder: Decoder<'_>, size: Option<u64>, watch: Option<Watch>) {
    let kind = match decoder.compression() {
        "gzip" => "tar+gzip",
        "zstd" => "tar+zstd",
        "bzip2" => "tar+bzip2",
        "xz" => "tar+xz",
        "lz4" => "tar+lz4",
        _ => "tar",
    };
    let mut tape = Tape { decoder, broken: None };
    let defects: Vec<Defect> = tape.walk(visit).err().into_iter().collect();
    let (bytes, count) = (tape.decoder.compressed(), tape.decoder.count());
    visit.close(End { kind, bytes, defects, count }, size, watch);
}

impl Tape<'_> {
    fn walk(&mut self, visit: &mut Visit<'_>) -> Result<(), Defect> {
        let count = self.decoder.count();
        let mut note = Note::default();
        while let Some(header) = self.header()? {
            let size = header.entry_size().map_err(|problem| damaged(&problem))?;
            let kind = header.entry_type();
            if kind.is_gnu_longname() {
                let mut path = self.note(size)?;
                path.truncate(path.iter().position(|&byte| byte == 0).unwrap_or(path.len()));
                note.path = Some(path);
                continue;
            }
            if kind.is_pax_local_extensions() {
                note.take(&self.note(size)?);
                continue;
            }
            if kind.is_gnu_longlink() || kind.is_pax_global_extensions() {
                self.skip(padded(size))?;
                continue;
            }
            let Note { path, size: true_size, sparse } = std::mem::take(&mut note);
            let size = true_size.unwrap_or(size);
            let path = path.unwrap_or_else(|| header.path_bytes().into_owned());
            let refusal = refusal(&header, kind, sparse);
            let wanted = if let Some(detail) = refusal {
                self.skip(extent(&header, kind, size))?;
                visit.refuse_member(&path, Defect::new(Reason::NotRegular, detail), &count)
            } else if kind == EntryType::Directory || path.ends_with(b"/") {
                self.skip(extent(&header, kind, size))?;
                true
            } else {
                let mut left = size;
                let wanted = visit.member(&path, Box::new(Body { tape: self, left: &mut left }), Some(size), &count);
                self.skip(left)?;
                self.skip(padded(size) - size)?;
                wanted
            };
            if !wanted {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The next header; none at the end. Blocks of zeros are the end of an archive, behind which another may follow.
    fn header(&mut self) -> Result<Option<Header>, Defect> {
        let mut block = [0; BLOCK];
        let mut zeros = 0_u64;
        loop {
            let length = self.fill(&mut block)?;
            if length == 0 {
                return Ok(None);
            }
            let blank = block[..length].iter().all(|&byte| byte == 0);
            if length < BLOCK && !blank {
                return Err(Defect::new(Reason::CompressedTruncated, "the tar archive ends inside a header"));
            }
            if blank {
                zeros += 1;
                continue;
            }
            let header = Header::from_byte_slice(&block).clone();
            if header.cksum().ok() == Some(sum(&block)) {
                return Ok(Some(header));
            }
            if zeros > 0 {
                let rest = io::copy(&mut self.decoder, &mut io::sink()).map_err(|problem| Defect::inside(&problem))?;
                let detail = format!("{} bytes behind the end of the tar archive", rest + BLOCK as u64);
                return Err(Defect::new(Reason::TrailingGarbage, detail));
            }
            return Err(Defect::new(Reason::CompressedDamaged, "the checksum of a tar header does not match"));
        }
    }

    fn fill(&mut self, block: &mut [u8]) -> Result<usize, Defect> {
        let mut length = 0;
        while length < block.len() {
            match self.decoder.next(&mut block[length..])? {
                0 => break,
                count => length += count,
            }
        }
        Ok(length)
    }

    /// Reads what is said about the next member.
    fn note(&mut self, size: u64) -> Result<Vec<u8>, Defect> {
        if size > NOTE_LIMIT {
            let detail = format!("a tar member's name or attributes of {size} bytes");
            return Err(Defect::new(Reason::CompressedDamaged, detail));
        }
        let mut text = vec![0; size as usize];
        if self.fill(&mut text)? < text.len() {
            return Err(cut());
        }
        self.skip(padded(size) - size)?;
        Ok(text)
    }

    fn skip(&mut self, count: u64) -> Result<(), Defect> {
        if let Some(defect) = self.broken.take() {
            return Err(defect);
        }
        let skipped = io::copy(&mut (&mut self.decoder).take(count), &mut io::sink())
            .map_err(|problem| Defect::inside(&problem))?;
        if skipped == count { Ok(()) } else { Err(cut()) }
    }
}

impl Note {
    fn take(&mut self, text: &[u8]) {
        for attribute in PaxExtensions::new(text).flatten() {
            match attribute.key_bytes() {
                b"path" => self.path = Some(attribute.value_bytes().to_vec()),
                b"size" => self.size = attribute.value().ok().and_then(|size| size.parse().ok()),
                key => self.sparse |= key.starts_with(b"GNU.sparse."),
            }
        }
    }
}

fn cut() -> Defect {
    Defect::new(Reason::CompressedTruncated, "the tar archive ends inside a member")
}

fn damaged(problem: &io::Error) -> Defect {
    Defect::new(Reason::CompressedDamaged, format!("tar: {problem}"))
}

const fn padded(size: u64) -> u64 {
    size.saturating_add(BLOCK as u64 - 1) / BLOCK as u64 * BLOCK as u64
}

/// The sum of a header's bytes, its own field taken as blanks.
fn sum(block: &[u8; BLOCK]) -> u32 {
    let all: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    let field: u32 = block[148..156].iter().map(|&byte| u32::from(byte)).sum();
    all - field + 8 * u32::from(b' ')
}

/// How many bytes follow a header: a link has none, whatever size it gives.
fn extent(header: &Header, kind: EntryType, size: u64) -> u64 {
    let none = kind.is_symlink() || (kind.is_hard_link() && header.as_gnu().is_some());
    if none { 0 } else { padded(size) }
}

/// Why a member is no file that can be read.
fn refusal(header: &Header, kind: EntryType, sparse: bool) -> Option<String> {
    let target =
        || header.link_name_bytes().map_or_else(String::new, |name| String::from_utf8_lossy(&name).into_owned());
    match kind {
        EntryType::Link | EntryType::Symlink => Some(format!("a link to {}", target().escape_debug())),
        EntryType::GNUSparse => Some("a sparse file".to_owned()),
        EntryType::Regular | EntryType::Continuous if sparse => Some("a sparse file".to_owned()),
        EntryType::Regular | EntryType::Continuous | EntryType::Directory => None,
        _ => Some("a pipe, a device or something else that is no file".to_owned()),
    }
}

/// The bytes of one member.
struct Body<'t, 'r> {
    tape: &'t mut Tape<'r>,
    left: &'t mut u64,
}

impl Read for Body<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let room = into.len().min(usize::try_from(*self.left).unwrap_or(usize::MAX));
        if room == 0 {
            return Ok(0);
        }
        let count = self.tape.decoder.next(&mut into[..room]).map_err(|defect| {
            self.tape.broken = Some(defect.clone());
            defect.into_io()
        })?;
        *self.left -= count as u64;
        if count == 0 {
            *self.left = 0;
            return Err(cut().into_io());
        }
        Ok(count)
    }
}
