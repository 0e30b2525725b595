//! Decompression, told by the first bytes and never by the name; and an exact word for what is wrong with it.

use super::codec::{Kind, MAGIC_BYTES, Member, is_skippable};
use super::meter::{Boxed, Count, Defect, Meter, Metered, Raw};
use crate::reject::Reason;
use std::io::{self, BufRead as _, BufReader, Cursor, Read};
use std::sync::Arc;

const BLOCK: usize = 64 << 10;
/// So much may come out of anything, however little went in.
#[cfg(not(test))]
pub(super) const RATIO_FLOOR: u64 = 1 << 30;
#[cfg(test)]
pub(super) const RATIO_FLOOR: u64 = 8 << 20;
/// More than so many bytes for one is no log but a bomb. The best that gzip can do is 1,032, of zeros.
pub(super) const RATIO: u64 = 1000;

enum State<'r> {
    /// Not compressed.
    Plain(Raw<'r>),
    Member(Box<dyn Member<'r> + 'r>),
    /// Between two members of a compressed file.
    Between(Raw<'r>),
    End,
}

/// Reads a source and decompresses it where its bytes say so, member by member.
///
/// The decoders for several members at once would report a damaged header, padding and bytes that are no gzip at all
/// in the same words; they are different findings, so the members are walked here.
pub(super) struct Decoder<'r> {
    state: State<'r>,
    meter: Arc<Meter>,
    kind: Option<Kind>,
    members: u64,
    produced: u64,
    /// Decompressed bytes that were looked at before anybody read them, and what was found wrong behind them.
    ahead: Vec<u8>,
    ahead_at: usize,
    pending: Option<Defect>,
}

impl<'r> Decoder<'r> {
    /// # Errors
    /// If not even the first bytes can be read.
    pub(super) fn new(reader: Boxed<'r>) -> Result<Self, Defect> {
        let meter = Arc::new(Meter::default());
        let mut raw = BufReader::with_capacity(BLOCK, Metered::new(reader, Arc::clone(&meter)));
        let mut decoder = Self {
            state: State::End,
            meter,
            kind: None,
            members: 0,
            produced: 0,
            ahead: Vec::new(),
            ahead_at: 0,
            pending: None,
        };
        let head = peek(&mut raw).map_err(|problem| decoder.defect(&problem))?;
        let (raw, head) = decoder.gather(raw, head)?;
        decoder.kind = Kind::of(&head).or_else(|| (head.len() >= 8 && is_skippable(&head)).then_some(Kind::Zstd));
        decoder.state = if decoder.kind.is_none() { State::Plain(raw) } else { State::Between(raw) };
        Ok(decoder)
    }

    /// Where a slow reader gave too few bytes to tell, collects some more and reads them again from memory.
    fn gather(&mut self, mut raw: Raw<'r>, mut head: Vec<u8>) -> Result<(Raw<'r>, Vec<u8>), Defect> {
        if head.is_empty() || head.len() >= MAGIC_BYTES {
            return Ok((raw, head));
        }
        let buffered = raw.buffer().len();
        raw.consume(buffered);
        let mut problem = None;
        while head.len() < MAGIC_BYTES {
            let block = match raw.fill_buf() {
                Ok(block) => block,
                Err(cause) => {
                    problem = Some(cause);
                    break;
                }
            };
            if block.is_empty() {
                break;
            }
            head.extend_from_slice(block);
            let length = block.len();
            raw.consume(length);
        }
        let told = problem.map(|cause| Defect::inside(&cause));
        if told.is_some() && head.is_empty() {
            return Err(self.defect(&io::ErrorKind::Other.into()));
        }
        let rest: Boxed<'r> = match told {
            Some(defect) => Box::new(Broken(defect)),
            None => Box::new(raw.into_inner()),
        };
        let meter = Arc::new(Meter::default());
        self.meter = Arc::clone(&meter);
        let whole: Boxed<'r> = Box::new(Cursor::new(head.clone()).chain(rest));
        Ok((BufReader::with_capacity(BLOCK, Metered::new(whole, meter)), head))
    }

    pub(super) fn compression(&self) -> &'static str {
        self.kind.map_or("none", Kind::as_str)
    }

    /// How many bytes of the source were taken so far.
    pub(super) fn compressed(&self) -> u64 {
        self.meter.bytes()
    }

    /// The running count of the same.
    pub(super) fn count(&self) -> Count {
        Arc::clone(&self.meter.bytes)
    }

    /// The first decompressed bytes, `length` of them if there are so many. They are read again.
    pub(super) fn peek(&mut self, length: usize) -> &[u8] {
        while self.ahead.len() < length && self.pending.is_none() {
            let mut block = vec![0; length - self.ahead.len()];
            match self.decode(&mut block) {
                Ok(0) => break,
                Ok(count) => self.ahead.extend_from_slice(&block[..count]),
                Err(defect) => self.pending = Some(defect),
            }
        }
        &self.ahead
    }

    /// Fills `into` as far as the next block goes; 0 at the end.
    pub(super) fn next(&mut self, into: &mut [u8]) -> Result<usize, Defect> {
        if self.ahead_at < self.ahead.len() {
            let rest = &self.ahead[self.ahead_at..];
            let count = rest.len().min(into.len());
            into[..count].copy_from_slice(&rest[..count]);
            self.ahead_at += count;
            return Ok(count);
        }
        match self.pending.take() {
            Some(defect) => Err(defect),
            None => self.decode(into),
        }
    }

    fn decode(&mut self, into: &mut [u8]) -> Result<usize, Defect> {
        loop {
            let result = match &mut self.state {
                State::End => return Ok(0),
                State::Plain(raw) => return raw.read(into).map_err(|problem| self.defect(&problem)),
                State::Member(member) => member.read(into),
                State::Between(_) => {
                    self.next_member()?;
                    continue;
                }
            };
            match result {
                Ok(0) => self.leave_member(),
                Ok(count) => {
                    self.produced += count as u64;
                    self.weigh()?;
                    return Ok(count);
                }
                Err(problem) => {
                    self.state = State::End;
                    return Err(self.defect(&problem));
                }
            }
        }
    }

    /// Whether far more came out than any log gives.
    fn weigh(&mut self) -> Result<(), Defect> {
        if self.produced > RATIO_FLOOR && self.produced / RATIO > self.compressed() {
            self.state = State::End;
            let detail = format!("{} bytes came out of {}: not read further", self.produced, self.compressed());
            return Err(Defect::new(Reason::Ratio, detail));
        }
        Ok(())
    }

    fn leave_member(&mut self) {
        self.members += 1;
        self.state = match std::mem::replace(&mut self.state, State::End) {
            State::Member(member) => State::Between(member.into_raw()),
            other => other,
        };
    }

    fn next_member(&mut self) -> Result<(), Defect> {
        let State::Between(mut raw) = std::mem::replace(&mut self.state, State::End) else {
            return Ok(());
        };
        let head = peek(&mut raw).map_err(|problem| self.defect(&problem))?;
        let Some(mut kind) = self.kind.filter(|_| !head.is_empty()) else { return Ok(()) };
        if kind.has_skippable() && is_skippable(&head) {
            skip_frame(&mut raw).map_err(|problem| self.defect(&problem))?;
            self.state = State::Between(raw);
            return Ok(());
        }
        // zstd and lz4 have the same frames to skip: the first other one tells which it is.
        if kind.has_skippable() && self.members == 0 && Kind::Lz4.goes_on(&head) {
            kind = Kind::Lz4;
            self.kind = Some(kind);
        }
        if !kind.goes_on(&head) {
            return self.padding(raw);
        }
        self.state = State::Member(kind.member(raw).map_err(|problem| self.defect(&problem))?);
        Ok(())
    }

    /// Bytes behind a member that begin no other one: zeros are the padding of a tape, a block device or an xz file;
    /// anything else is reported.
    fn padding(&mut self, mut raw: Raw<'r>) -> Result<(), Defect> {
        let mut count = 0;
        loop {
            let block = raw.fill_buf().map_err(|problem| self.defect(&problem))?;
            if block.is_empty() {
                return Ok(());
            }
            let zeros = block.iter().take_while(|&&byte| byte == 0).count();
            let stops = zeros < block.len();
            raw.consume(zeros);
            count += zeros;
            if stops {
                break;
            }
        }
        let head = peek(&mut raw).map_err(|problem| self.defect(&problem))?;
        if count > 0 && self.kind.is_some_and(|kind| kind.goes_on(&head)) {
            self.state = State::Between(raw);
            return Ok(());
        }
        let count = count as u64 + io::copy(&mut raw, &mut io::sink()).map_err(|problem| self.defect(&problem))?;
        let detail = format!("{count} bytes behind the last {} member", self.compression());
        Err(Defect::new(Reason::TrailingGarbage, detail))
    }

    fn defect(&self, problem: &io::Error) -> Defect {
        if let Some(below) = self.meter.failed() {
            return below;
        }
        let told = Defect::inside(problem);
        if self.kind.is_none() {
            return told;
        }
        let reason = match told.reason {
            Reason::Io if problem.kind() == io::ErrorKind::UnexpectedEof => Reason::CompressedTruncated,
            Reason::Io => Reason::CompressedDamaged,
            other => other,
        };
        let (at, members) = (self.compressed(), self.members);
        let detail = format!("{}, in the first {at} compressed bytes, after {members} whole members", told.detail);
        Defect { reason, detail }
    }
}

/// The decompressed bytes as a reader; a defect is the cause of its error.
impl Read for Decoder<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.next(into).map_err(Defect::into_io)
    }
}

/// A reader that was found broken.
struct Broken(Defect);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(self.0.clone().into_io())
    }
}

/// Some of the next bytes, fewer than tell a kind only where a block or the source ends.
fn peek(raw: &mut Raw<'_>) -> io::Result<Vec<u8>> {
    let block = raw.fill_buf()?;
    Ok(block[..block.len().min(MAGIC_BYTES)].to_vec())
}

/// Steps over a frame to be skipped: its mark, its length, and so many bytes.
fn skip_frame(raw: &mut Raw<'_>) -> io::Result<()> {
    let mut head = [0; 8];
    raw.read_exact(&mut head)?;
    let length = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
    let skipped = io::copy(&mut raw.take(length), &mut io::sink())?;
    if skipped == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}
