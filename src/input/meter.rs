//! What is known about the bytes below a decoder, and the defects that travel up through readers.

use crate::reject::Reason;
use std::fmt;
use std::io::{self, BufReader, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A reader of bytes; it lives as long as the container that it reads from.
pub(super) type Boxed<'r> = Box<dyn Read + 'r>;
/// The bytes below a decoder.
pub(super) type Raw<'r> = BufReader<Metered<'r>>;
/// A count that is read while others add to it.
pub(super) type Count = Arc<AtomicU64>;

/// What is wrong with the bytes. As the cause of an [`io::Error`] it passes through any reader above.
#[derive(Clone, Debug)]
pub(super) struct Defect {
    pub(super) reason: Reason,
    pub(super) detail: String,
}

impl Defect {
    pub(super) fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }

    pub(super) fn into_io(self) -> io::Error {
        io::Error::other(self)
    }

    /// The defect inside an error; any other error is trouble of the disk or the wire.
    pub(super) fn inside(problem: &io::Error) -> Self {
        let known = problem.get_ref().and_then(|cause| cause.downcast_ref::<Self>());
        known.cloned().unwrap_or_else(|| Self::new(Reason::Io, problem.to_string()))
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.detail)
    }
}

impl std::error::Error for Defect {}

/// What is known about the bytes below a decoder, which owns the reader meanwhile.
#[derive(Debug, Default)]
pub(super) struct Meter {
    pub(super) bytes: Count,
    failed: Mutex<Option<Defect>>,
}

impl Meter {
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// What went wrong below, if reading itself failed.
    pub(super) fn failed(&self) -> Option<Defect> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Counts what is read and remembers whether reading itself failed.
pub(super) struct Metered<'r> {
    inner: Boxed<'r>,
    meter: Arc<Meter>,
}

impl<'r> Metered<'r> {
    pub(super) const fn new(inner: Boxed<'r>, meter: Arc<Meter>) -> Self {
        Self { inner, meter }
    }
}

impl Read for Metered<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.inner.read(into) {
                Ok(count) => {
                    self.meter.bytes.fetch_add(count as u64, Ordering::Relaxed);
                    return Ok(count);
                }
                Err(problem) if problem.kind() == io::ErrorKind::Interrupted => {}
                Err(problem) => {
                    let defect = Defect::inside(&problem);
                    self.meter.failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(defect);
                    return Err(problem);
                }
            }
        }
    }
}

/// Counts what is taken out of a container, for the progress of the whole.
pub(super) struct Counted<R> {
    pub(super) inner: R,
    pub(super) count: Count,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.count.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
