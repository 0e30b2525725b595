//! Work on a thread of its own while the caller's thread listens for Ctrl-C and reports progress.

use super::source::Raised;
use crate::error::{Error, Result};
use crate::pipeline::Progress;
use pyo3::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long the caller's thread waits at a time: Ctrl-C must be heard within 200 ms.
pub(super) const PATIENCE: Duration = Duration::from_millis(50);

/// How far the work is, and what its file objects raised.
#[derive(Debug, Default)]
pub(super) struct Watch {
    pub(super) progress: Arc<Progress>,
    pub(super) raised: Raised,
}

impl Watch {
    /// What a file object raised that is no trouble of its input.
    pub(super) fn take_raised(&self) -> Option<PyErr> {
        self.raised.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Runs `work` detached from the interpreter. What `report` raises stops the work and is raised then.
pub(super) fn run<T: Send + 'static>(
    py: Python<'_>,
    report: Option<&Bound<'_, PyAny>>,
    watch: &Watch,
    work: impl FnOnce(&Progress) -> Result<T> + Send + 'static,
) -> PyResult<T> {
    let progress = Arc::clone(&watch.progress);
    let shared = Arc::clone(&progress);
    let (done, result) = channel();
    // Only the caller's thread receives; the lock is there because waiting detached asks for a shared reference.
    let result = Mutex::new(result);
    let worker = std::thread::spawn(move || {
        let outcome = catch_unwind(AssertUnwindSafe(|| work(&shared)))
            .unwrap_or_else(|panic| Err(Error::Internal(told(&*panic))));
        // Nobody listens any more only if the caller's thread is gone.
        let _ = done.send(outcome);
    });
    let mut stopped = None;
    let outcome = loop {
        match py.detach(|| result.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(PATIENCE)) {
            Ok(outcome) => break outcome,
            Err(RecvTimeoutError::Disconnected) => break Err(Error::Internal("the worker is gone".to_owned())),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if stopped.is_none()
            && let Err(error) = py.check_signals().and_then(|()| tell(report, &progress))
        {
            progress.stop();
            stopped = Some(error);
        }
    };
    py.detach(|| worker.join()).unwrap_or_default();
    if let Some(error) = stopped.or_else(|| watch.take_raised()) {
        Err(error)
    } else {
        tell(report, &progress)?;
        Ok(outcome?)
    }
}

fn tell(report: Option<&Bound<'_, PyAny>>, progress: &Progress) -> PyResult<()> {
    if let Some(report) = report {
        report.call1((progress.done(), progress.total()))?;
    }
    Ok(())
}

fn told(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    text.or(owned).unwrap_or("a panic").to_owned()
}
