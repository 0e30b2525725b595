//! Tables across the border, by the Arrow `PyCapsule` interface.
//!
//! Reading a stream that another library hands over means to trust a pointer in a capsule: one of the two places in
//! ocpplog where unsafe code is allowed.

use crate::error::Error;
use crate::options::ReadOptions;
use crate::pipeline::{self, Findings};
use crate::table::words;
use arrow_array::ffi::FFI_ArrowSchema;
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_schema::{Schema, SchemaRef};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use std::ffi::CStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const STREAM: &CStr = c"arrow_array_stream";
const SCHEMA: &CStr = c"arrow_schema";

/// A table as an Arrow stream of record batches: one or more, until they are taken.
#[pyclass(frozen, module = "ocpplog._native")]
#[derive(Debug)]
pub(super) struct Table {
    /// None once they were taken.
    batches: Mutex<Option<Vec<RecordBatch>>>,
    findings: Findings,
}

#[pymethods]
impl Table {
    /// How many rows the table has.
    #[getter]
    fn num_rows(&self) -> PyResult<usize> {
        self.look(|batches| batches.iter().map(RecordBatch::num_rows).sum())
    }

    /// How many rejects of each reason were left out of it, where nothing else tells.
    #[getter]
    fn findings(&self) -> Vec<(&'static str, u64)> {
        self.findings.iter().map(|(&reason, &count)| (reason, count)).collect()
    }

    /// The words of all columns of words, each once, in the order in which they are met batch by batch.
    fn words(&self) -> PyResult<Vec<String>> {
        self.look(|batches| words(batches).into_iter().map(str::to_owned).collect())
    }

    /// The same rows with numbers in place of the words, in the order of `words`; their memory is taken from this
    /// table, which cannot be used again.
    #[pyo3(signature = (numbers, *, threads))]
    fn numbered(&self, py: Python<'_>, numbers: Vec<u32>, threads: Option<usize>) -> PyResult<Self> {
        let batches = self.held().take().ok_or_else(taken)?;
        let threads = ReadOptions { threads, ..ReadOptions::default() }.thread_count();
        let batches = py.detach(move || pipeline::numbered(batches, &numbers, threads))?;
        Ok(Self::new(batches, self.findings.clone()))
    }

    /// The rows as an Arrow stream.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The interface allows a producer to keep its own schema.
        drop(requested_schema);
        let batches = self.look(<[RecordBatch]>::to_vec)?.into_iter().map(Ok);
        let reader: Box<dyn RecordBatchReader + Send> = Box::new(RecordBatchIterator::new(batches, self.schema()?));
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(reader), STREAM)
    }

    /// The schema.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema =
            FFI_ArrowSchema::try_from(self.schema()?.as_ref()).map_err(|cause| Error::Internal(cause.to_string()))?;
        PyCapsule::new_with_value(py, schema, SCHEMA)
    }
}

impl Table {
    pub(super) const fn new(batches: Vec<RecordBatch>, findings: Findings) -> Self {
        Self { batches: Mutex::new(Some(batches)), findings }
    }

    fn held(&self) -> MutexGuard<'_, Option<Vec<RecordBatch>>> {
        self.batches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look<T>(&self, at: impl FnOnce(&[RecordBatch]) -> T) -> PyResult<T> {
        Ok(at(self.held().as_deref().ok_or_else(taken)?))
    }

    fn schema(&self) -> PyResult<SchemaRef> {
        self.look(|batches| batches.first().map_or_else(|| Arc::new(Schema::empty()), RecordBatch::schema))
    }
}

fn taken() -> PyErr {
    Error::Internal("the rows of this table were taken".to_owned()).into()
}

/// The record batches of anything that exports an Arrow stream.
pub(super) fn batches(object: &Bound<'_, PyAny>) -> PyResult<Vec<RecordBatch>> {
    let capsule = object.call_method0("__arrow_c_stream__").map_err(|_| {
        PyTypeError::new_err("messages must have the method __arrow_c_stream__ (a Polars, pyarrow or pandas table)")
    })?;
    let capsule = capsule.cast_into::<PyCapsule>()?;
    let pointer = capsule.pointer_checked(Some(STREAM))?;
    let failed = |cause: arrow_schema::ArrowError| PyErr::from(Error::Messages(cause.to_string()));
    // SAFETY: `pointer_checked` returns the pointer only if the capsule bears the name "arrow_array_stream", which by
    // the PyCapsule interface means that it points to a valid ArrowArrayStream. `from_raw` moves the stream out and
    // marks the original as released, so that the capsule's destructor leaves it alone.
    #[expect(unsafe_code, reason = "the Arrow C stream interface is a pointer in a capsule")]
    let reader = unsafe { RecordBatchStreamReader::from_raw(pointer.as_ptr().cast::<FFI_ArrowArrayStream>()) }
        .map_err(failed)?;
    reader.collect::<Result<Vec<_>, _>>().map_err(failed)
}
