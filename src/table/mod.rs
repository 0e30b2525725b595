//! Rows to Arrow: the public tables, a file each, which declares its columns and fills them.

mod authorizations;
mod boots;
mod build;
mod call_statistics;
mod charge_points;
mod charging_profiles;
mod column;
mod commands;
mod configuration;
mod connectivity_intervals;
mod data_transfers;
mod decode;
mod faults;
mod firmware_updates;
mod firmware_versions;
mod joined;
mod ledger;
mod log_uploads;
mod messages;
mod meter_values;
mod numbered;
mod same;
mod security_events;
mod status_intervals;
mod transactions;

pub use authorizations::authorizations;
pub use boots::boots;
pub use build::{Columns, Wanted};
pub use call_statistics::call_statistics;
pub use charge_points::charge_points;
pub use charging_profiles::charging_profiles;
pub use column::{Column, Dtype, columns, order, schema};
pub use commands::commands;
pub use configuration::configuration;
pub use connectivity_intervals::connectivity_intervals;
pub use data_transfers::data_transfers;
pub use decode::Messages;
pub use faults::faults;
pub use firmware_updates::firmware_updates;
pub use firmware_versions::firmware_versions;
pub use joined::joined;
pub use ledger::{accounting, rejects, unmatched};
pub use log_uploads::log_uploads;
pub use messages::{MessageRow, messages, some_messages};
pub use meter_values::{meter_values, some_meter_values};
pub use numbered::{Numbers, numbered, numbered_schema, words};
pub use same::Same;
pub use security_events::security_events;
pub use status_intervals::status_intervals;
pub use transactions::transactions;

use crate::position::Position;

/// The name of the source of a position.
fn source(sources: &[String], position: Position) -> Option<&str> {
    sources.get(position.source as usize).map(String::as_str)
}

/// The line of a position, if its source has lines.
fn line(position: Position) -> Option<i64> {
    (position.line > 0).then_some(position.line as i64)
}
