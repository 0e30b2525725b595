//! Paths, bytes and file objects as inputs.

use crate::input::Input;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

/// A Python file object, read from another thread.
struct FileObject(Py<PyAny>);

impl Read for FileObject {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Python::attach(|py| {
            let bytes: PyBackedBytes = self.0.call_method1(py, "read", (buffer.len(),))?.extract(py)?;
            let length = bytes.len();
            let room =
                buffer.get_mut(..length).ok_or_else(|| PyTypeError::new_err("read(n) returned more than n bytes"))?;
            room.copy_from_slice(&bytes);
            Ok(length)
        })
        .map_err(|error: PyErr| io::Error::other(error.to_string()))
    }
}

/// What the caller wants to have read.
pub(super) fn inputs(sources: &[Bound<'_, PyAny>]) -> PyResult<Vec<Input>> {
    sources.iter().map(input).collect()
}

fn input(source: &Bound<'_, PyAny>) -> PyResult<Input> {
    if let Ok(path) = source.extract::<PathBuf>() {
        return Ok(Input::Path(path));
    }
    let (name, content): (String, Bound<'_, PyAny>) = source.extract()?;
    if let Ok(bytes) = content.extract::<PyBackedBytes>() {
        return Ok(Input::Bytes { name, data: Arc::from(&*bytes) });
    }
    Ok(Input::Reader { name, reader: Box::new(FileObject(content.unbind())) })
}
