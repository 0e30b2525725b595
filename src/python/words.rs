//! Lists from which the Python face and the documentation are made.

use crate::flag::FLAGS;
use crate::layout::PROFILES;
use crate::options::Table;
use crate::reject::Reason;
use crate::table::columns;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The columns of every table: name, type, unit, meaning.
#[pyfunction]
pub(super) fn schema(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let tables = PyDict::new(py);
    for &table in Table::ALL {
        let columns: Vec<_> = columns(table)
            .iter()
            .map(|column| (column.name, column.dtype.word(), column.unit, column.meaning))
            .collect();
        tables.set_item(table.as_str(), columns)?;
    }
    Ok(tables)
}

/// Every flag: name, effect on the quality, meaning.
#[pyfunction]
pub(super) fn flags() -> Vec<(&'static str, &'static str, &'static str)> {
    FLAGS.iter().map(|flag| (flag.name, flag.effect.quality(), flag.meaning.trim())).collect()
}

/// Every reject reason: name, meaning.
#[pyfunction]
pub(super) fn reasons() -> Vec<(&'static str, &'static str)> {
    Reason::ALL.iter().map(|&(_, name, meaning)| (name, meaning.trim())).collect()
}

/// Every layout: name, what writes it, an example.
#[pyfunction]
pub(super) fn layouts() -> Vec<(&'static str, &'static str, &'static str)> {
    PROFILES.iter().map(|profile| (profile.name, profile.writer, profile.example)).collect()
}
