//! A charge point as its log shows it.

use super::{Rebuilt, Track};
use crate::event::{Notify, View};
use crate::options::Table;
use crate::term::Version;

/// Tables and how many rows of a charge point they have, in the order of the columns.
pub type Counts = Vec<(Table, i64)>;

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
    /// Every version it spoke, oldest first.
    pub versions: Vec<Version>,
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
    /// How many rows it has in the other tables.
    pub rows: Counts,
}

/// The row of a charge point, without the counts of its other rows.
#[must_use]
pub fn charge_point<'a>(track: &Track<'a>) -> ChargePoint<'a> {
    let mut row = ChargePoint {
        charge_point: track.charge_point,
        versions: track.kinds.versions().collect(),
        messages: track.kinds.messages,
        duplicates: track.duplicates.len() as i64,
        ..ChargePoint::default()
    };
    for (_, view, boot) in track.boots() {
        row.vendor = view.text(boot.vendor).or(row.vendor);
        row.model = view.text(boot.model).or(row.model);
        row.serial_number = view.text(boot.serial_number).or(row.serial_number);
        row.firmware_version = view.text(boot.firmware_version).or(row.firmware_version);
    }
    row.evse_count = evses(track);
    row.first_seen = track.events.iter().find_map(|view| view.log_time);
    row.last_seen = track.events.iter().rev().find_map(|view| view.log_time);
    row
}

/// How many EVSEs or connectors above 0 its messages name.
fn evses(track: &Track<'_>) -> i32 {
    let statuses = track.statuses().filter_map(|(_, _, status)| status.evse);
    let events = track.tx_events().filter_map(|(_, _, event)| event.evse);
    let starts = track.tx_starts().filter_map(|(_, _, start)| start.connector);
    let meters = track.meters().filter_map(|(_, _, meter)| meter.evse);
    let highest = |(_, view, notify): (usize, View<'_>, &Notify)| {
        view.notices(notify).iter().filter_map(|notice| notice.evse).max()
    };
    let notices = track.notifies().filter_map(highest);
    let mut evses: Vec<i32> = Vec::new();
    for evse in statuses.chain(events).chain(starts).chain(meters).chain(notices).filter(|&evse| evse > 0) {
        // The same one is named again and again.
        if evses.last() != Some(&evse) {
            evses.push(evse);
        }
    }
    evses.sort_unstable();
    evses.dedup();
    evses.len() as i32
}

/// Counts the rows that were rebuilt.
#[must_use]
pub fn counts(rebuilt: &Rebuilt<'_>) -> Counts {
    [
        (Table::Transactions, rebuilt.transactions.len()),
        (Table::MeterValues, rebuilt.meter_values.iter().map(|row| row.samples.len()).sum()),
        (Table::StatusIntervals, rebuilt.status_intervals.len()),
        (Table::FirmwareUpdates, rebuilt.firmware_updates.len()),
        (Table::Boots, rebuilt.boots.len()),
        (Table::ConnectivityIntervals, rebuilt.connectivity_intervals.len()),
        (Table::Faults, rebuilt.faults.len()),
        (Table::Authorizations, rebuilt.authorizations.len()),
        (Table::Commands, rebuilt.commands.len()),
        (Table::FirmwareVersions, rebuilt.firmware_versions.len()),
        (Table::SecurityEvents, rebuilt.security_events.len()),
        (Table::LogUploads, rebuilt.log_uploads.len()),
        (Table::Configuration, rebuilt.configuration.len()),
        (Table::ChargingProfiles, rebuilt.charging_profiles.len()),
        (Table::DataTransfers, rebuilt.data_transfers.len()),
        (Table::CallStatistics, rebuilt.call_statistics.len()),
        (Table::Unmatched, rebuilt.unmatched.len()),
    ]
    .map(|(table, count)| (table, count as i64))
    .to_vec()
}
