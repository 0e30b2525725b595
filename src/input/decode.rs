//! Decompression, told by the first bytes and never by the name; and an exact word for what is wrong with it.

use crate::reject::Reason;
use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

const GZIP: &[u8] = b"\x1f\x8b";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";
const BLOCK: usize = 64 << 10;

type Boxed = Box<dyn Read + Send>;

/// What is known about the bytes below a decoder, which owns the reader meanwhile.
#[derive(Debug, Default)]
struct Meter {
    bytes: AtomicU64,
    failed: AtomicBool,
}

/// Counts what is read and remembers whether reading itself failed.
struct Metered {
    inner: Boxed,
    meter: Arc<Meter>,
}

impl Read for Metered {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.inner.read(into) {
                Ok(count) => {
                    self.meter.bytes.fetch_add(count as u64, Ordering::Relaxed);
                    return Ok(count);
                }
                Err(problem) if problem.kind() == io::ErrorKind::Interrupted => {}
                Err(problem) => {
                    self.meter.failed.store(true, Ordering::Relaxed);
                    return Err(problem);
                }
            }
        }
    }
}

type Raw = BufReader<Metered>;

enum State {
    /// Not compressed.
    Plain(Raw),
    Gzip(Box<GzDecoder<Raw>>),
    Zstd(Box<zstd::Decoder<'static, Raw>>),
    /// Between two members of a compressed file.
    Between(Raw),
    End,
}

/// What is wrong with the bytes.
#[derive(Debug)]
pub(super) struct Defect {
    pub(super) reason: Reason,
    pub(super) detail: String,
}

/// Reads a source and decompresses it where its bytes say so, member by member.
///
/// `MultiGzDecoder` would report a damaged header, padding and bytes that are no gzip at all in the same words;
/// they are different findings, so the members are walked here.
pub(super) struct Decoder {
    state: State,
    meter: Arc<Meter>,
    compression: &'static str,
    members: u64,
}

impl Decoder {
    pub(super) fn new(reader: Boxed) -> Result<Self, Defect> {
        let meter = Arc::new(Meter::default());
        let metered = Metered { inner: reader, meter: Arc::clone(&meter) };
        let mut decoder = Self { state: State::End, meter, compression: "none", members: 0 };
        let mut raw = BufReader::with_capacity(BLOCK, metered);
        let head = match first_bytes(&mut raw) {
            Ok(head) => head,
            Err(problem) => return Err(decoder.defect(&problem)),
        };
        // What was looked at is read again from memory.
        let whole: Boxed = Box::new(io::Cursor::new(head.clone()).chain(raw.into_inner_boxed()));
        decoder.meter.bytes.store(0, Ordering::Relaxed);
        let raw = BufReader::with_capacity(BLOCK, Metered { inner: whole, meter: Arc::clone(&decoder.meter) });
        decoder.compression = if head.starts_with(GZIP) {
            "gzip"
        } else if head.starts_with(ZSTD) || (head.len() >= 8 && is_skippable(&head)) {
            "zstd"
        } else {
            "none"
        };
        decoder.state = if decoder.compression == "none" { State::Plain(raw) } else { State::Between(raw) };
        Ok(decoder)
    }

    pub(super) const fn compression(&self) -> &'static str {
        self.compression
    }

    /// How many bytes of the source were taken so far.
    pub(super) fn compressed(&self) -> u64 {
        self.meter.bytes.load(Ordering::Relaxed)
    }

    /// Fills `into` as far as the next block goes; 0 at the end.
    pub(super) fn read(&mut self, into: &mut [u8]) -> Result<usize, Defect> {
        loop {
            let result = match &mut self.state {
                State::End => return Ok(0),
                State::Plain(raw) => return raw.read(into).map_err(|problem| self.defect(&problem)),
                State::Gzip(decoder) => decoder.read(into),
                State::Zstd(decoder) => decoder.read(into),
                State::Between(_) => {
                    self.next_member()?;
                    continue;
                }
            };
            match result {
                Ok(0) => self.leave_member(),
                Ok(count) => return Ok(count),
                Err(problem) => {
                    self.state = State::End;
                    return Err(self.defect(&problem));
                }
            }
        }
    }

    fn leave_member(&mut self) {
        self.members += 1;
        self.state = match std::mem::replace(&mut self.state, State::End) {
            State::Gzip(decoder) => State::Between(decoder.into_inner()),
            State::Zstd(decoder) => State::Between(decoder.finish()),
            other => other,
        };
    }

    fn next_member(&mut self) -> Result<(), Defect> {
        let State::Between(mut raw) = std::mem::replace(&mut self.state, State::End) else {
            return Ok(());
        };
        let head = peek(&mut raw).map_err(|problem| self.defect(&problem))?;
        if head.is_empty() {
            return Ok(());
        }
        if self.compression == "gzip" && head.starts_with(&GZIP[..head.len().min(2)]) {
            self.state = State::Gzip(Box::new(GzDecoder::new(raw)));
        } else if self.compression == "zstd" && is_skippable(&head) {
            skip_frame(&mut raw).map_err(|problem| self.defect(&problem))?;
            self.state = State::Between(raw);
        } else if self.compression == "zstd" && head.starts_with(&ZSTD[..head.len().min(4)]) {
            let decoder = zstd::Decoder::with_buffer(raw).map_err(|problem| self.defect(&problem))?;
            self.state = State::Zstd(Box::new(decoder.single_frame()));
        } else {
            return self.trailing(raw);
        }
        Ok(())
    }

    /// Bytes behind the last member: zeros are the padding of a tape or a block device, anything else is reported.
    fn trailing(&mut self, mut raw: Raw) -> Result<(), Defect> {
        let mut count = 0;
        let mut zeros = true;
        loop {
            let block = raw.fill_buf().map_err(|problem| self.defect(&problem))?;
            if block.is_empty() {
                break;
            }
            zeros &= block.iter().all(|&byte| byte == 0);
            let length = block.len();
            count += length;
            raw.consume(length);
        }
        if zeros {
            return Ok(());
        }
        let detail = format!("{count} bytes behind the last {} member", self.compression);
        Err(Defect { reason: Reason::TrailingGarbage, detail })
    }

    fn defect(&self, problem: &io::Error) -> Defect {
        let words = problem.to_string();
        let reason = if self.meter.failed.load(Ordering::Relaxed) || self.compression == "none" {
            Reason::Io
        } else if problem.kind() == io::ErrorKind::UnexpectedEof {
            Reason::CompressedTruncated
        } else if words.contains("checksum") {
            Reason::Checksum
        } else {
            Reason::CompressedDamaged
        };
        let at = self.compressed();
        let detail = if reason == Reason::Io {
            words
        } else {
            format!("{words}, in the first {at} compressed bytes, after {} whole members", self.members)
        };
        Defect { reason, detail }
    }
}

trait IntoBoxed {
    fn into_inner_boxed(self) -> Boxed;
}

impl IntoBoxed for Raw {
    /// The reader below; the buffer is empty, for [`first_bytes`] took it all.
    fn into_inner_boxed(self) -> Boxed {
        Box::new(self.into_inner())
    }
}

/// Takes the first block off `raw`, at least the few bytes of a magic number if there are so many.
fn first_bytes(raw: &mut Raw) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while head.len() < 8 {
        let block = raw.fill_buf()?;
        if block.is_empty() {
            break;
        }
        let length = block.len();
        head.extend_from_slice(block);
        raw.consume(length);
    }
    Ok(head)
}

/// Up to four of the next bytes, which may straddle two blocks of a slow reader.
fn peek(raw: &mut Raw) -> io::Result<Vec<u8>> {
    let block = raw.fill_buf()?;
    Ok(block[..block.len().min(4)].to_vec())
}

fn is_skippable(head: &[u8]) -> bool {
    // A head that was cut by the end of a block counts as far as it goes; reading the frame tells the rest.
    let tail = [0x2a, 0x4d, 0x18];
    head.split_first().is_some_and(|(first, rest)| {
        let known = rest.len().min(3);
        (0x50..=0x5f).contains(first) && rest[..known] == tail[..known]
    })
}

/// Steps over a skippable zstd frame: its mark, its length, and so many bytes.
fn skip_frame(raw: &mut Raw) -> io::Result<()> {
    let mut head = [0; 8];
    raw.read_exact(&mut head)?;
    let length = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
    let skipped = io::copy(&mut raw.take(length), &mut io::sink())?;
    if skipped == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}
