//! Arguments as options.

use crate::error::{Error, Result};
use crate::options::{Encoding, IdRule, OnError, ReadOptions, Rules, Tables, Zone};
use crate::term::{Side, Version};
use pyo3::FromPyObject;
use std::collections::HashMap;

/// How the log is written: a layout's name, or the caller's own pattern and columns.
#[derive(Debug, FromPyObject)]
pub(super) enum Wording {
    Named(String),
    Own(Option<String>, Vec<(String, String)>),
}

/// What `read` and `parse` are told, as Python gives it.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    pub(super) tables: Option<Vec<String>>,
    pub(super) layout: Option<Wording>,
    pub(super) charge_point_id: Option<String>,
    pub(super) override_id: bool,
    pub(super) timezone: String,
    pub(super) encoding: Option<String>,
    pub(super) side: Option<String>,
    pub(super) ocpp_version: Option<String>,
    pub(super) start: Option<i64>,
    pub(super) end: Option<i64>,
    pub(super) charge_points: Option<Vec<String>>,
    pub(super) threads: Option<usize>,
    pub(super) on_error: String,
    pub(super) max_rejects: Option<u64>,
    pub(super) chunk_bytes: Option<usize>,
    pub(super) rules: Option<HashMap<String, f64>>,
}

impl Arguments {
    /// The options, each checked.
    pub(super) fn resolve(self) -> Result<ReadOptions> {
        if self.threads == Some(0) {
            return Err(Error::option("threads", "must be at least 1"));
        }
        if self.override_id && self.charge_point_id.is_none() {
            return Err(Error::option("override", "needs charge_point_id"));
        }
        let (layout, layout_pattern, layout_columns) = match self.layout {
            None => (None, None, Vec::new()),
            Some(Wording::Named(name)) => (Some(name), None, Vec::new()),
            Some(Wording::Own(pattern, columns)) => (None, pattern, columns),
        };
        Ok(ReadOptions {
            tables: tables(self.tables)?,
            layout,
            layout_pattern,
            layout_columns,
            charge_point_id: self.charge_point_id.as_deref().map(IdRule::parse).transpose()?,
            override_id: self.override_id,
            timezone: Zone::parse(&self.timezone)?,
            encoding: self.encoding.as_deref().map_or_else(|| Ok(Encoding::default()), Encoding::parse)?,
            side: self.side.as_deref().map(side).transpose()?,
            version: self.ocpp_version.as_deref().map(version).transpose()?,
            start: self.start,
            end: self.end,
            charge_points: self.charge_points.map(|ids| ids.into_iter().collect()),
            threads: self.threads,
            on_error: on_error(&self.on_error)?,
            max_rejects: self.max_rejects,
            chunk_bytes: self.chunk_bytes,
            rules: rules(self.rules)?,
        })
    }
}

/// The tables of these names; without names all but `messages`.
pub(super) fn tables(names: Option<Vec<String>>) -> Result<Tables> {
    match names {
        None => Ok(Tables::default()),
        Some(names) => Tables::from_names(names.iter().map(String::as_str)),
    }
}

fn side(name: &str) -> Result<Side> {
    match name {
        "csms" => Ok(Side::Csms),
        "charge_point" => Ok(Side::ChargePoint),
        _ => Err(Error::option("side", format!("{name:?} is neither 'auto', 'csms' nor 'charge_point'"))),
    }
}

fn version(name: &str) -> Result<Version> {
    Version::from_name(name).ok_or_else(|| {
        Error::option("ocpp_version", format!("{name:?} is none of '1.2', '1.5', '1.6', '2.0', '2.0.1', '2.1'"))
    })
}

fn on_error(name: &str) -> Result<OnError> {
    match name {
        "collect" => Ok(OnError::Collect),
        "raise" => Ok(OnError::Raise),
        _ => Err(Error::option("on_error", format!("{name:?} is neither 'collect' nor 'raise'"))),
    }
}

/// The thresholds; those that are not given keep their defaults.
pub(super) fn rules(given: Option<HashMap<String, f64>>) -> Result<Rules> {
    let mut rules = Rules::default();
    let mut given: Vec<(String, f64)> = given.unwrap_or_default().into_iter().collect();
    given.sort_by(|left, right| left.0.cmp(&right.0));
    for (name, value) in given {
        if !value.is_finite() || value < 0.0 {
            return Err(Error::option("rules", format!("{name} must be a number from 0 on")));
        }
        if !rules.set(&name, value) {
            return Err(Error::option("rules", format!("there is no rule {name:?}")));
        }
    }
    Ok(rules)
}
