//! Paths, bytes and file objects as inputs.

use super::wait::Watch;
use crate::input::Input;
use crate::pipeline::Progress;
use pyo3::exceptions::{PyOSError, PyTypeError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyString;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// What a file object raised that is no trouble of its input: it is raised again when the work is over.
pub(super) type Raised = Arc<Mutex<Option<PyErr>>>;

/// A Python file object, read from another thread.
struct FileObject {
    object: Py<PyAny>,
    progress: Arc<Progress>,
    raised: Raised,
}

impl Read for FileObject {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.progress.stopped() {
            return Err(io::Error::other("stopped by the caller"));
        }
        Python::attach(|py| {
            let bytes: PyBackedBytes = self.object.call_method1(py, "read", (buffer.len(),))?.extract(py)?;
            let length = bytes.len();
            let room =
                buffer.get_mut(..length).ok_or_else(|| PyTypeError::new_err("read(n) returned more than n bytes"))?;
            room.copy_from_slice(&bytes);
            Ok(length)
        })
        .map_err(|error: PyErr| {
            let told = io::Error::other(error.to_string());
            // An OSError is trouble of the input, a row of `rejects`; anything else is not ours to swallow.
            if !Python::attach(|py| error.is_instance_of::<PyOSError>(py)) {
                self.progress.stop();
                self.raised.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            }
            told
        })
    }
}

/// What the caller wants to have read.
pub(super) fn inputs(sources: &[Bound<'_, PyAny>], watch: &Watch) -> PyResult<Vec<Input>> {
    sources.iter().map(|source| input(source, watch)).collect()
}

/// What the caller wants to scan, any number of times.
pub(super) fn replays(py: Python<'_>, sources: &[Py<PyAny>], watch: &Watch) -> PyResult<Vec<Input>> {
    sources.iter().map(|source| replay(source.bind(py), watch)).collect()
}

fn replay(source: &Bound<'_, PyAny>, watch: &Watch) -> PyResult<Input> {
    let input = input(source, watch)?;
    let Input::Reader { name, .. } = input else { return Ok(input) };
    let content: Py<PyAny> = source.get_item(1)?.unbind();
    let (progress, raised) = (Arc::clone(&watch.progress), Arc::clone(&watch.raised));
    let open = move || -> io::Result<Box<dyn Read + Send>> {
        // Scans of the same object may run side by side, so each has its own.
        let object = Python::attach(|py| {
            let object = py.import("copy")?.call_method1("copy", (&content,))?;
            object.call_method0("rewind")?;
            Ok(object.unbind())
        })
        .map_err(|error: PyErr| io::Error::other(error.to_string()))?;
        Ok(Box::new(FileObject { object, progress: Arc::clone(&progress), raised: Arc::clone(&raised) }))
    };
    Ok(Input::Replay { name, open: Arc::new(open) })
}

fn input(source: &Bound<'_, PyAny>, watch: &Watch) -> PyResult<Input> {
    if let Ok(path) = source.extract::<PathBuf>() {
        return Ok(Input::Path(path));
    }
    let (name, content): (Bound<'_, PyString>, Bound<'_, PyAny>) = source.extract()?;
    // A name of a file with bytes that are no UTF-8 has lone surrogates for them.
    let name = name.to_string_lossy().into_owned();
    if let Ok(bytes) = content.extract::<PyBackedBytes>() {
        return Ok(Input::Bytes { name, data: Arc::from(&*bytes) });
    }
    let (progress, raised) = (Arc::clone(&watch.progress), Arc::clone(&watch.raised));
    Ok(Input::Reader { name, reader: Box::new(FileObject { object: content.unbind(), progress, raised }) })
}
