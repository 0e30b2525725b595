//! The four verbs: read, parse, rebuild, detect.
#![expect(clippy::needless_pass_by_value, reason = "arguments come from Python by value")]

use super::options::{Arguments, Wording, rules as thresholds, tables as choose};
use super::source::inputs;
use super::stream::{Table, batches};
use super::wait::{Watch, run};
use crate::options::{Encoding, ReadOptions};
use crate::pipeline::{self, Findings, Parts};
use crate::rebuild::Observation;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use std::collections::HashMap;

fn dictionary(py: Python<'_>, built: Parts) -> PyResult<Bound<'_, PyDict>> {
    let tables = PyDict::new(py);
    for (name, parts) in built {
        tables.set_item(name.as_str(), Table::new(parts, Findings::new()))?;
    }
    Ok(tables)
}

/// Reads sources and rebuilds their tables.
#[pyfunction]
#[pyo3(signature = (sources, *, tables, layout, charge_point_id, r#override, timezone, encoding, side, ocpp_version, start, end,
    charge_points, threads, on_error, max_rejects, chunk_bytes, rules, progress))]
#[expect(clippy::too_many_arguments, reason = "they are the keyword arguments of a Python function")]
pub(super) fn read<'py>(
    py: Python<'py>,
    sources: Vec<Bound<'py, PyAny>>,
    tables: Option<Vec<String>>,
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
    on_error: String,
    max_rejects: Option<u64>,
    chunk_bytes: Option<usize>,
    rules: Option<HashMap<String, f64>>,
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let options = Arguments {
        tables,
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
        on_error,
        max_rejects,
        chunk_bytes,
        rules,
    }
    .resolve()?;
    let watch = Watch::default();
    let inputs = inputs(&sources, &watch)?;
    let built = run(py, progress.as_ref(), &watch, move |progress| pipeline::read_parts(inputs, &options, progress))?;
    dictionary(py, built)
}

/// Reads sources into the messages table, without pairing.
#[pyfunction]
#[pyo3(signature = (sources, *, layout, charge_point_id, r#override, timezone, encoding, side, ocpp_version, start, end,
    charge_points, threads, chunk_bytes, progress))]
#[expect(clippy::too_many_arguments, reason = "they are the keyword arguments of a Python function")]
pub(super) fn parse<'py>(
    py: Python<'py>,
    sources: Vec<Bound<'py, PyAny>>,
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
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<Table> {
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
    let watch = Watch::default();
    let inputs = inputs(&sources, &watch)?;
    let (parts, findings) =
        run(py, progress.as_ref(), &watch, move |progress| pipeline::parse_parts(inputs, &options, progress))?;
    Ok(Table::new(parts, findings))
}

/// Start and end of a recording, and its gaps.
type Observed = (Option<i64>, Option<i64>, Vec<(i64, i64)>);

/// Rebuilds the tables from messages.
#[pyfunction]
#[pyo3(signature = (messages, *, tables, observation, threads, rules))]
pub(super) fn rebuild<'py>(
    py: Python<'py>,
    messages: &Bound<'py, PyAny>,
    tables: Option<Vec<String>>,
    observation: Option<Observed>,
    threads: Option<usize>,
    rules: Option<HashMap<String, f64>>,
) -> PyResult<Bound<'py, PyDict>> {
    let tables = choose(tables)?;
    let rules = thresholds(rules)?;
    let observation = observation.map(|(start, end, gaps)| Observation { start, end, gaps });
    let threads = ReadOptions { threads, ..ReadOptions::default() }.thread_count();
    let batches = batches(messages)?;
    let built = run(py, None, &Watch::default(), move |progress| {
        pipeline::rebuild_parts(&batches, &tables, observation, &rules, threads, progress)
    })?;
    dictionary(py, built)
}

/// Names the layouts of sources.
#[pyfunction]
#[pyo3(signature = (sources, *, encoding = None, chunk_bytes = None))]
pub(super) fn detect<'py>(
    py: Python<'py>,
    sources: Vec<Bound<'py, PyAny>>,
    encoding: Option<String>,
    chunk_bytes: Option<usize>,
) -> PyResult<Bound<'py, PyList>> {
    // What is looked at does not depend on the chunks.
    let _ = chunk_bytes;
    let encoding = encoding.as_deref().map_or_else(|| Ok(Encoding::default()), Encoding::parse)?;
    let options = ReadOptions { encoding, ..ReadOptions::default() };
    let watch = Watch::default();
    let inputs = inputs(&sources, &watch)?;
    let found = run(py, None, &watch, move |_| pipeline::inspect(inputs, &options))?;
    let list = PyList::empty(py);
    for source in found {
        let entry = PyDict::new(py);
        entry.set_item("source_file", source.name)?;
        entry.set_item("layout", source.layout)?;
        entry.set_item("side", source.side)?;
        entry.set_item("compression", source.compression)?;
        entry.set_item("ocpp_versions", source.versions)?;
        entry.set_item("timezone", source.timezone)?;
        entry.set_item("timezone_source", source.timezone_source)?;
        entry.set_item("evidence", source.evidence)?;
        list.append(entry)?;
    }
    Ok(list)
}
