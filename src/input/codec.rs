//! The compressions, each as a decoder of one member: where it ends, the bytes behind it are untouched.
//!
//! What a decoder gave before it failed is kept: a wrong checksum at the end must not cost the lines before it, so the
//! codecs are driven step by step and an error waits until its step's bytes were handed out.

use super::meter::{Defect, Raw};
use crate::reject::Reason;
use flate2::bufread::GzDecoder;
use liblzma::stream::{Action, Error as XzError, Status as XzStatus, Stream};
use std::io::{self, Read};
use zstd::stream::raw::Operation as _;

/// How many bytes a zstd frame needs at first.
const ZSTD_START: usize = 5;

/// A compression that is recognised by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Gzip,
    Zstd,
    Bzip2,
    Xz,
    Lz4,
}

const GZIP: &[u8] = b"\x1f\x8b";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";
const XZ: &[u8] = b"\xfd7zXZ\0";
const LZ4: &[u8] = b"\x04\x22\x4d\x18";
/// How many bytes tell every kind.
pub(super) const MAGIC_BYTES: usize = 10;

impl Kind {
    /// How much memory an xz file may ask for: its highest preset takes 65 MiB.
    pub(super) const XZ_MEMORY: u64 = 256 << 20;

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Lz4 => "lz4",
        }
    }

    /// The compression that begins with `head`.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        if is_bzip2(head) {
            return Some(Self::Bzip2);
        }
        [(GZIP, Self::Gzip), (ZSTD, Self::Zstd), (XZ, Self::Xz), (LZ4, Self::Lz4)]
            .into_iter()
            .find_map(|(magic, kind)| head.starts_with(magic).then_some(kind))
    }

    /// Whether another member of this kind begins with `head`, which may be cut by the end of the source: reading the
    /// member tells the rest.
    pub(super) fn goes_on(self, head: &[u8]) -> bool {
        let magic = match self {
            Self::Gzip => GZIP,
            Self::Zstd => ZSTD,
            Self::Xz => XZ,
            Self::Lz4 => LZ4,
            Self::Bzip2 => b"BZh",
        };
        let known = head.len().min(magic.len());
        head[..known] == magic[..known]
    }

    /// Whether frames to be skipped may stand among its own.
    pub(super) const fn has_skippable(self) -> bool {
        matches!(self, Self::Zstd | Self::Lz4)
    }

    /// A decoder for the member that begins at `raw`.
    pub(super) fn member<'r>(self, raw: Raw<'r>) -> io::Result<Box<dyn Member<'r> + 'r>> {
        Ok(match self {
            Self::Gzip => Box::new(Gzip(GzDecoder::new(raw))),
            Self::Lz4 => Box::new(Lz4 { inner: lz4_flex::frame::FrameDecoder::new(Eof { raw, seen: false }) }),
            Self::Zstd => Box::new(Stepped::new(raw, Zstd::new()?)),
            Self::Bzip2 => Box::new(Stepped::new(raw, bzip2::Decompress::new(false))),
            Self::Xz => Box::new(Stepped::new(raw, Stream::new_stream_decoder(Self::XZ_MEMORY, 0).map_err(xz_error)?)),
        })
    }
}

/// `BZh` alone may begin a line of text: a digit and the mark of a block, or of the end, follow in a bzip2 file.
fn is_bzip2(head: &[u8]) -> bool {
    head.starts_with(b"BZh")
        && head.get(3).is_some_and(u8::is_ascii_digit)
        && head.get(4..10).is_some_and(|mark| mark == b"1AY&SY" || mark == b"\x17\x72\x45\x38\x50\x90")
}

/// Whether a frame to be skipped begins with `head`, which may be cut.
pub(super) fn is_skippable(head: &[u8]) -> bool {
    let tail = [0x2a, 0x4d, 0x18];
    head.split_first().is_some_and(|(first, rest)| {
        let known = rest.len().min(3);
        (0x50..=0x5f).contains(first) && rest[..known] == tail[..known]
    })
}

/// One member of a compressed file while it is read.
pub(super) trait Member<'r> {
    /// The next bytes; 0 at the end of the member.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize>;
    /// What follows behind the member.
    fn into_raw(self: Box<Self>) -> Raw<'r>;
}

struct Gzip<'r>(GzDecoder<Raw<'r>>);

impl<'r> Member<'r> for Gzip<'r> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into).map_err(|problem| {
            // flate2 tells a wrong checksum from other damage in its words only.
            if problem.to_string().contains("checksum") { checksum(&problem.to_string()) } else { problem }
        })
    }

    fn into_raw(self: Box<Self>) -> Raw<'r> {
        self.0.into_inner()
    }
}

/// Remembers whether the end of the source was met.
struct Eof<'r> {
    raw: Raw<'r>,
    seen: bool,
}

impl Read for Eof<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.raw.read(into)?;
        self.seen |= count == 0 && !into.is_empty();
        Ok(count)
    }
}

struct Lz4<'r> {
    inner: lz4_flex::frame::FrameDecoder<Eof<'r>>,
}

impl<'r> Member<'r> for Lz4<'r> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        use lz4_flex::frame::Error;
        let count = self.inner.read(into).map_err(|problem| {
            let cause = problem.get_ref().and_then(|cause| cause.downcast_ref::<Error>());
            match cause {
                Some(Error::BlockChecksumError | Error::ContentChecksumError | Error::HeaderChecksumError) => {
                    checksum("the lz4 checksum does not match")
                }
                _ => problem,
            }
        })?;
        // The crate takes an end between two blocks for the end of the frame; a whole frame has its end mark.
        if count == 0 && self.inner.get_ref().seen {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(count)
    }

    fn into_raw(self: Box<Self>) -> Raw<'r> {
        self.inner.into_inner().raw
    }
}

fn checksum(words: &str) -> io::Error {
    Defect::new(Reason::Checksum, words).into_io()
}

/// What a step took, what it gave, and whether the member ended with it.
pub(super) type Step = (usize, usize, io::Result<bool>);

/// A decoder that is given input and room.
pub(super) trait Codec {
    fn step(&mut self, input: &[u8], into: &mut [u8]) -> Step;
}

/// Drives a codec over a reader.
pub(super) struct Stepped<R, C> {
    raw: R,
    codec: C,
    ended: bool,
    failed: Option<io::Error>,
}

impl<R: io::BufRead, C: Codec> Stepped<R, C> {
    pub(super) const fn new(raw: R, codec: C) -> Self {
        Self { raw, codec, ended: false, failed: None }
    }
}

impl<R: io::BufRead, C: Codec> Read for Stepped<R, C> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Some(problem) = self.failed.take() {
            return Err(problem);
        }
        while !self.ended && !into.is_empty() {
            let input = self.raw.fill_buf()?;
            let at_end = input.is_empty();
            let (used, made, result) = self.codec.step(input, into);
            self.raw.consume(used);
            match result {
                Ok(ended) => self.ended = ended,
                Err(problem) if made == 0 => return Err(problem),
                Err(problem) => self.failed = Some(problem),
            }
            if made > 0 {
                return Ok(made);
            }
            if !self.ended && at_end {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if !self.ended && used == 0 {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the compressed data leads nowhere"));
            }
        }
        Ok(0)
    }
}

impl<'r, C: Codec> Member<'r> for Stepped<Raw<'r>, C> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        Read::read(self, into)
    }

    fn into_raw(self: Box<Self>) -> Raw<'r> {
        self.raw
    }
}

pub(super) struct Zstd {
    inner: zstd::stream::raw::Decoder<'static>,
    /// How much the decoder wants. Given more, it may do a block and the checksum behind it in one step, and a wrong
    /// checksum would take the block's bytes with it.
    wanted: usize,
    /// Whether the last step filled all the room: there may be more without any input, and it must be out before the
    /// checksum is looked at.
    full: bool,
}

impl Zstd {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { inner: zstd::stream::raw::Decoder::new()?, wanted: ZSTD_START, full: false })
    }
}

impl Codec for Zstd {
    fn step(&mut self, input: &[u8], into: &mut [u8]) -> Step {
        if std::mem::take(&mut self.full) {
            let step = self.step(&[], into);
            if step.1 > 0 || !matches!(step.2, Ok(false)) {
                return step;
            }
        }
        let input = &input[..input.len().min(self.wanted.max(1))];
        match self.inner.run_on_buffers(input, into) {
            Ok(status) => {
                self.wanted = status.remaining;
                self.full = status.bytes_written == into.len();
                (status.bytes_read, status.bytes_written, Ok(status.remaining == 0))
            }
            Err(problem) => {
                let words = problem.to_string();
                let problem = if words.contains("checksum") {
                    checksum(&words)
                } else if words.contains("too much memory") {
                    Defect::new(Reason::ZstdWindow, words).into_io()
                } else {
                    problem
                };
                (0, 0, Err(problem))
            }
        }
    }
}

impl Codec for bzip2::Decompress {
    fn step(&mut self, input: &[u8], into: &mut [u8]) -> Step {
        let (taken, given) = (self.total_in(), self.total_out());
        let result = self.decompress(input, into);
        let step = ((self.total_in() - taken) as usize, (self.total_out() - given) as usize);
        let ended = match result {
            Ok(status) => Ok(status == bzip2::Status::StreamEnd),
            Err(problem) => Err(io::Error::new(io::ErrorKind::InvalidData, problem)),
        };
        (step.0, step.1, ended)
    }
}

fn xz_error(problem: XzError) -> io::Error {
    match problem {
        XzError::MemLimit => {
            Defect::new(Reason::UnsupportedCompression, "xz: it needs more than 256 MiB of memory to unpack").into_io()
        }
        XzError::Options | XzError::UnsupportedCheck => {
            Defect::new(Reason::UnsupportedCompression, format!("xz: {problem}")).into_io()
        }
        _ => io::Error::new(io::ErrorKind::InvalidData, problem),
    }
}

impl Codec for Stream {
    fn step(&mut self, input: &[u8], into: &mut [u8]) -> Step {
        let (taken, given) = (self.total_in(), self.total_out());
        let result = self.process(input, into, Action::Run);
        let step = ((self.total_in() - taken) as usize, (self.total_out() - given) as usize);
        (step.0, step.1, result.map(|status| status == XzStatus::StreamEnd).map_err(xz_error))
    }
}

/// The bare stream of zip members.
impl Codec for flate2::Decompress {
    fn step(&mut self, input: &[u8], into: &mut [u8]) -> Step {
        let (taken, given) = (self.total_in(), self.total_out());
        let result = self.decompress(input, into, flate2::FlushDecompress::None);
        let step = ((self.total_in() - taken) as usize, (self.total_out() - given) as usize);
        let ended = match result {
            Ok(status) => Ok(status == flate2::Status::StreamEnd),
            Err(problem) => Err(io::Error::new(io::ErrorKind::InvalidData, problem)),
        };
        (step.0, step.1, ended)
    }
}
