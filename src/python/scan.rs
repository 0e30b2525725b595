//! Rows of a table, batch by batch.
#![expect(clippy::needless_pass_by_value, reason = "arguments come from Python by value")]

use super::options::{Arguments, Wording};
use super::source::replays;
use super::stream::Table as Batch;
use super::wait::{PATIENCE, Watch};
use crate::error::Error;
use crate::options::{ReadOptions, Table};
use crate::pipeline::{self, Findings, Keep, Next, Query, Scan, Span};
use pyo3::prelude::*;
use std::sync::{Mutex, PoisonError};

/// Instants from one to another, both inside, in microseconds.
type Times = (Option<i64>, Option<i64>);

/// What need not be built: charge points, actions, kinds, the recorder's times, the times of samples.
type Kept = (Option<Vec<String>>, Option<Vec<String>>, Option<Vec<String>>, Times, Times);

/// A scan that was not begun yet; it can be begun any number of times.
#[pyclass(frozen, module = "ocpplog._native")]
#[derive(Debug)]
pub(super) struct Scanner {
    sources: Vec<Py<PyAny>>,
    options: ReadOptions,
    table: Table,
}

#[pymethods]
impl Scanner {
    /// Checks the options and whether the sources are there.
    #[new]
    #[pyo3(signature = (sources, *, table, layout, charge_point_id, r#override, timezone, encoding, side, ocpp_version,
        start, end, charge_points, threads, chunk_bytes))]
    #[expect(clippy::too_many_arguments, reason = "they are the keyword arguments of a Python function")]
    fn new(
        py: Python<'_>,
        sources: Vec<Py<PyAny>>,
        table: String,
        layout: Option<Wording>,
        charge_point_id: Option<String>,
        r#override: bool,
        timezone: String,
        encoding: String,
        side: Option<String>,
        ocpp_version: Option<String>,
        start: Option<i64>,
        end: Option<i64>,
        charge_points: Option<Vec<String>>,
        threads: Option<usize>,
        chunk_bytes: Option<usize>,
    ) -> PyResult<Self> {
        let options = Arguments {
            layout,
            charge_point_id,
            override_id: r#override,
            timezone,
            encoding: Some(encoding),
            side,
            ocpp_version,
            start,
            end,
            charge_points,
            threads,
            chunk_bytes,
            on_error: "collect".to_owned(),
            ..Arguments::default()
        }
        .resolve()?;
        let table = match table.as_str() {
            "messages" => Table::Messages,
            "meter_values" => Table::MeterValues,
            _ => return Err(Error::option("table", "only messages and meter_values can be scanned").into()),
        };
        let inputs = replays(py, &sources, &Watch::default())?;
        let checked = options.clone();
        py.detach(move || pipeline::check(inputs, &checked))?;
        Ok(Self { sources, options, table })
    }

    /// Begins to scan: these columns, at most so many rows, and none that `keep` leaves out.
    fn scan(
        &self,
        py: Python<'_>,
        columns: Option<Vec<String>>,
        limit: Option<u64>,
        keep: Option<Kept>,
    ) -> PyResult<Batches> {
        let keep = keep.map_or_else(Keep::default, |(charge_points, actions, kinds, logged, sampled)| Keep {
            charge_points: charge_points.map(|ids| ids.into_iter().collect()),
            actions: actions.map(|words| words.into_iter().collect()),
            kinds: kinds.map(|words| words.into_iter().collect()),
            logged: Span { from: logged.0, to: logged.1 },
            sampled: Span { from: sampled.0, to: sampled.1 },
        });
        let watch = Watch::default();
        let inputs = replays(py, &self.sources, &watch)?;
        let options = self.options.clone();
        let query = Query::new(self.table, columns.as_deref(), keep, limit, &options);
        let progress = std::sync::Arc::clone(&watch.progress);
        let scan = py.detach(move || pipeline::scan(inputs, options, query, progress))?;
        Ok(Batches { scan: Mutex::new(Some(scan)), watch })
    }
}

/// The rows of a scan that is running. Who drops it stops it.
#[pyclass(frozen, module = "ocpplog._native")]
#[derive(Debug)]
pub(super) struct Batches {
    scan: Mutex<Option<Scan>>,
    watch: Watch,
}

#[pymethods]
impl Batches {
    const fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    /// The next rows.
    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Batch>> {
        loop {
            let next = py.detach(|| {
                let scan = self.scan.lock().unwrap_or_else(PoisonError::into_inner);
                scan.as_ref().map_or(Ok(Next::End), |scan| scan.next(PATIENCE))
            });
            if let Some(error) = self.watch.take_raised() {
                return Err(error);
            }
            match next? {
                Next::Batch(batch) => return Ok(Some(Batch::new(vec![batch], Findings::new()))),
                Next::End => return Ok(None),
                Next::Waiting => py.check_signals().inspect_err(|_| self.watch.progress.stop())?,
            }
        }
    }

    /// How many rejects there are of each reason, in the sources that were read to their end.
    fn findings(&self) -> Vec<(&'static str, u64)> {
        let scan = self.scan.lock().unwrap_or_else(PoisonError::into_inner);
        scan.as_ref().map(|scan| scan.findings().into_iter().collect()).unwrap_or_default()
    }
}

impl Drop for Batches {
    fn drop(&mut self) {
        let scan = self.scan.lock().unwrap_or_else(PoisonError::into_inner).take();
        // The scan may be reading a Python file object, so that its end must not be waited for with the interpreter held.
        Python::attach(|py| py.detach(move || drop(scan)));
    }
}
