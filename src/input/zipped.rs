//! Zip archives. The list of members is the `zip` crate's; their bytes are unpacked by the same codecs as any other
//! source's, so that a cut, damage and a wrong checksum are told apart here too.

use super::archive::{End, Visit, count};
use super::codec::{Kind, Stepped, Zstd};
use super::decode::{RATIO, RATIO_FLOOR};
use super::meter::{Boxed, Count, Counted, Defect};
use super::watch::Watch;
use crate::reject::Reason;
use liblzma::stream::Stream;
use std::cell::Cell;
use std::io::{self, BufReader, Read, Seek};
use zip::CompressionMethod;
use zip::result::ZipError;

/// The same for all members: several of them may share their bytes, and together be the bomb that none is alone.
struct Budget {
    produced: Cell<u64>,
    size: u64,
}

/// Hands over the members of a zip archive of `size` bytes.
pub(super) fn visit(visit: &mut Visit<'_>, reader: impl Read + Seek, size: u64, watch: Option<Watch>) {
    let count = count();
    let defects = walk(visit, reader, size, &count).err().into_iter().collect();
    visit.close(End { kind: "zip", bytes: size, defects, count }, Some(size), watch);
}

fn walk(visit: &mut Visit<'_>, reader: impl Read + Seek, size: u64, taken: &Count) -> Result<(), Defect> {
    let mut archive = zip::ZipArchive::new(reader).map_err(|problem| told(&problem))?;
    let budget = Budget { produced: Cell::new(0), size };
    for index in 0..archive.len() {
        let file = match archive.by_index_raw(index) {
            Ok(file) => file,
            Err(problem) => {
                let name = format!("member {}", index + 1);
                if visit.refuse_member(name.as_bytes(), told(&problem), taken) {
                    continue;
                }
                return Ok(());
            }
        };
        if file.is_dir() {
            continue;
        }
        let path = file.name().map_or_else(|_| file.name_raw().to_vec(), |name| name.as_bytes().to_vec());
        let (length, checksum, method) = (file.size(), file.crc32(), file.compression());
        let refusal = refusal(&file);
        let wanted = if let Some(defect) = refusal {
            visit.refuse_member(&path, defect, taken)
        } else {
            let packed = file.compressed_size();
            let raw =
                BufReader::new(Counted { inner: Exact { inner: file, left: packed }, count: Count::clone(taken) });
            match unpacked(method, raw) {
                Ok(inner) => {
                    let inner = Verified { inner, left: length, checksum, sum: flate2::Crc::new(), budget: &budget };
                    visit.member(&path, Box::new(inner), Some(length), taken)
                }
                Err(defect) => visit.refuse_member(&path, defect, taken),
            }
        };
        if !wanted {
            return Ok(());
        }
    }
    Ok(())
}

fn told(problem: &ZipError) -> Defect {
    match problem {
        ZipError::Io(cause) if cause.kind() != io::ErrorKind::UnexpectedEof => Defect::inside(cause),
        ZipError::Io(_) => Defect::new(Reason::CompressedTruncated, "the zip archive ends too early"),
        other => Defect::new(Reason::CompressedDamaged, format!("zip: {other}")),
    }
}

fn refusal<R: Read>(file: &zip::read::ZipFile<'_, R>) -> Option<Defect> {
    const FORMAT: u32 = 0o170_000;
    const REGULAR: u32 = 0o100_000;
    let kind = file.unix_mode().map_or(0, |mode| mode & FORMAT);
    if file.is_symlink() || (kind != 0 && kind != REGULAR) {
        return Some(Defect::new(Reason::NotRegular, "a link, a device or something else that is no file"));
    }
    file.encrypted().then(|| Defect::new(Reason::Encrypted, "unpack it with its password"))
}

fn unpacked<'r>(method: CompressionMethod, raw: impl io::BufRead + 'r) -> Result<Boxed<'r>, Defect> {
    let broken = |problem: io::Error| Defect::inside(&problem);
    Ok(match method {
        CompressionMethod::STORE => Box::new(raw),
        CompressionMethod::DEFLATE => Box::new(Stepped::new(raw, flate2::Decompress::new(false))),
        CompressionMethod::DEFLATE64 => Box::new(deflate64::Deflate64Decoder::with_buffer(raw)),
        CompressionMethod::BZIP2 => Box::new(Stepped::new(raw, bzip2::Decompress::new(false))),
        CompressionMethod::ZSTD => Box::new(Stepped::new(raw, Zstd::new().map_err(broken)?)),
        CompressionMethod::XZ => {
            let stream = Stream::new_stream_decoder(Kind::XZ_MEMORY, 0).map_err(|problem| broken(problem.into()))?;
            Box::new(Stepped::new(raw, stream))
        }
        other => {
            let detail = format!("zip with the method {other}: pack it with deflate");
            return Err(Defect::new(Reason::UnsupportedCompression, detail));
        }
    })
}

/// Exactly so many bytes, or the word that some are missing.
struct Exact<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Exact<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let room = into.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let count = self.inner.read(&mut into[..room])?;
        if count == 0 && room > 0 {
            return Err(Defect::new(Reason::CompressedTruncated, "the zip archive ends inside a member").into_io());
        }
        self.left -= count as u64;
        Ok(count)
    }
}

/// A member's bytes; at their end they must be as many as the list says, with its checksum.
struct Verified<'a> {
    inner: Boxed<'a>,
    left: u64,
    checksum: u32,
    sum: flate2::Crc,
    budget: &'a Budget,
}

impl Verified<'_> {
    fn weigh(&self, count: u64) -> io::Result<()> {
        let produced = self.budget.produced.get() + count;
        self.budget.produced.set(produced);
        if produced > RATIO_FLOOR && produced / RATIO > self.budget.size {
            let detail = format!("{produced} bytes came out of an archive of {}: not read further", self.budget.size);
            return Err(Defect::new(Reason::Ratio, detail).into_io());
        }
        Ok(())
    }

    fn end(&self) -> io::Result<usize> {
        let defect = if self.left > 0 {
            Defect::new(Reason::CompressedTruncated, format!("{} bytes of the member are missing", self.left))
        } else if self.sum.sum() == self.checksum {
            return Ok(0);
        } else {
            Defect::new(Reason::Checksum, "the member's checksum does not match")
        };
        Err(defect.into_io())
    }
}

impl Read for Verified<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        let count = self.inner.read(into).map_err(|problem| {
            if problem.get_ref().and_then(|cause| cause.downcast_ref::<Defect>()).is_some() {
                return problem;
            }
            let reason = match problem.kind() {
                io::ErrorKind::UnexpectedEof => Reason::CompressedTruncated,
                io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Reason::CompressedDamaged,
                _ => Reason::Io,
            };
            Defect::new(reason, problem.to_string()).into_io()
        })?;
        if count == 0 {
            return self.end();
        }
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            Defect::new(Reason::CompressedDamaged, "the member is longer than the archive's list says").into_io()
        })?;
        self.sum.update(&into[..count]);
        self.weigh(count as u64)?;
        Ok(count)
    }
}
