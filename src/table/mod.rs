//! Rows to Arrow: the public tables, a file each; `column` declares every column once.

mod boots;
mod build;
mod charge_points;
mod column;
mod decode;
mod firmware_updates;
mod ledger;
mod messages;
mod meter_values;
mod status_intervals;
mod transactions;

pub use boots::boots;
pub use build::Columns;
pub use charge_points::charge_points;
pub use column::{Column, Dtype, columns, schema};
pub use decode::Messages;
pub use firmware_updates::firmware_updates;
pub use ledger::{accounting, rejects, unmatched};
pub use messages::{MessageRow, messages};
pub use meter_values::meter_values;
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
