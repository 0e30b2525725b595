//! Lists from which the Python face and the documentation are made.

use crate::flag::{FLAGS, FlagInfo};
use crate::layout::PROFILES;
use crate::options::{Rules, Table};
use crate::reject::Reason;
use crate::table::{Column, columns, order};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Name, type, unit, when it is null, meaning, source.
type Described = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

/// Every table: name, what a row is, order of the rows.
#[pyfunction]
pub(super) fn tables() -> Vec<(&'static str, &'static str, Vec<&'static str>)> {
    Table::ALL.iter().map(|&table| (table.as_str(), table.meaning().trim(), order(table).to_vec())).collect()
}

/// The columns of every table.
#[pyfunction]
pub(super) fn schema(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let tables = PyDict::new(py);
    for &table in Table::ALL {
        let described = |column: &Column| -> Described {
            (column.name, column.dtype.word(), column.unit, column.null, column.meaning, column.source)
        };
        tables.set_item(table.as_str(), columns(table).iter().map(described).collect::<Vec<_>>())?;
    }
    Ok(tables)
}

/// Name, effect on the quality, tables, meaning, advice.
type Explained = (&'static str, &'static str, Vec<&'static str>, &'static str, &'static str);

/// Every flag.
#[pyfunction]
pub(super) fn flags() -> Vec<Explained> {
    let tables = |flag: &FlagInfo| flag.tables.iter().map(|table| table.as_str()).collect();
    FLAGS
        .iter()
        .map(|flag| (flag.name, flag.effect.quality(), tables(flag), flag.meaning.trim(), flag.advice))
        .collect()
}

/// Name, default, unit, meaning, source.
type Ruled = (&'static str, f64, &'static str, &'static str, &'static str);

/// Every threshold.
#[pyfunction]
pub(super) fn rules() -> Vec<Ruled> {
    Rules::list().iter().map(|rule| (rule.name, rule.default, rule.unit, rule.meaning.trim(), rule.source)).collect()
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
