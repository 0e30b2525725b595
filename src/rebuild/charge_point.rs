//! A charge point as its log shows it.

use super::{Rebuilt, Track};
use crate::term::Version;
use std::collections::BTreeSet;

/// A charge point's row; the counts of its rows are filled in when its tables are known.
#[derive(Clone, Debug, Default)]
pub struct ChargePoint<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// Vendor, by its last boot that tells.
    pub vendor: Option<&'a str>,
    /// Model, likewise.
    pub model: Option<&'a str>,
    /// Serial number, likewise.
    pub serial_number: Option<&'a str>,
    /// Firmware version, likewise.
    pub firmware_version: Option<&'a str>,
    /// Every version it spoke.
    pub versions: BTreeSet<Version>,
    /// The first log time.
    pub first_seen: Option<i64>,
    /// The last log time.
    pub last_seen: Option<i64>,
    /// How many EVSEs (2.x) or connectors (1.x) it spoke of.
    pub evse_count: i32,
    /// How many messages it has.
    pub messages: i64,
    /// How many copies of messages were left out.
    pub duplicates: i64,
    /// How many rows it has in the other tables, in their order: transactions, meter values, status intervals,
    /// firmware updates, boots, unmatched.
    pub rows: [i64; 6],
}

/// The row of a charge point, without the counts of its other rows.
#[must_use]
pub fn charge_point<'a>(track: &Track<'a>) -> ChargePoint<'a> {
    let mut row = ChargePoint {
        charge_point: track.charge_point,
        messages: track.events.iter().filter(|view| !view.kind.is_connection()).count() as i64,
        duplicates: track.duplicates.len() as i64,
        ..ChargePoint::default()
    };
    let mut evses = BTreeSet::new();
    for view in &track.events {
        row.versions.extend(view.version);
        let evse = view
            .status()
            .and_then(|status| status.evse)
            .or_else(|| view.tx_event().and_then(|event| event.evse))
            .or_else(|| view.tx_start().and_then(|start| start.connector))
            .or_else(|| view.meter().and_then(|meter| meter.evse));
        evses.extend(evse.filter(|&evse| evse > 0));
        if let Some(boot) = view.boot() {
            row.vendor = view.text(boot.vendor).or(row.vendor);
            row.model = view.text(boot.model).or(row.model);
            row.serial_number = view.text(boot.serial_number).or(row.serial_number);
            row.firmware_version = view.text(boot.firmware_version).or(row.firmware_version);
        }
    }
    row.evse_count = evses.len() as i32;
    row.first_seen = track.events.iter().find_map(|view| view.log_time);
    row.last_seen = track.events.iter().rev().find_map(|view| view.log_time);
    row
}

/// Counts the rows that were rebuilt.
#[must_use]
pub fn counts(rebuilt: &Rebuilt<'_>) -> [i64; 6] {
    [
        rebuilt.transactions.len(),
        rebuilt.meter_values.len(),
        rebuilt.status_intervals.len(),
        rebuilt.firmware_updates.len(),
        rebuilt.boots.len(),
        rebuilt.unmatched.len(),
    ]
    .map(|count| count as i64)
}
