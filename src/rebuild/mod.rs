//! Events of one charge point to rows: pure state machines, one file each.
//!
//! Nothing here knows an OCPP version, reads a file or looks at a clock: the same events give the same rows. What
//! must be known about the whole input comes in as [`Observation`].

pub mod boot;
pub mod charge_point;
pub mod clock;
pub mod exchange;
pub mod firmware;
pub mod meter;
pub mod observation;
pub mod status;
#[cfg(test)]
pub(crate) mod testing;
pub mod track;
pub mod transaction;
pub mod unmatched;
mod words;

pub use clock::{TimeSource, Timed, timed};
pub use observation::Observation;
pub use track::Track;
pub use unmatched::{Unmatched, UnmatchedKind};

use crate::options::Rules;

/// What every rule may look at besides the events themselves.
#[derive(Clone, Copy, Debug)]
pub struct Context<'r> {
    /// The thresholds.
    pub rules: &'r Rules,
    /// What is known about the whole input.
    pub observation: &'r Observation,
}

/// The rows of one charge point.
#[derive(Debug, Default)]
pub struct Rebuilt<'a> {
    /// Transactions.
    pub transactions: Vec<transaction::Transaction<'a>>,
    /// Sampled values and the transactions they belong to.
    pub meter_values: Vec<meter::MeterValue<'a>>,
    /// The status timeline.
    pub status_intervals: Vec<status::StatusInterval<'a>>,
    /// Firmware update jobs.
    pub firmware_updates: Vec<firmware::FirmwareUpdate<'a>>,
    /// Boots.
    pub boots: Vec<boot::BootRow<'a>>,
    /// What fits nothing.
    pub unmatched: Vec<Unmatched<'a>>,
    /// The charge point itself.
    pub charge_point: charge_point::ChargePoint<'a>,
}

/// Which rows are worth their time.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// The sampled values.
    pub meter_values: bool,
    /// The status timeline.
    pub status_intervals: bool,
    /// The firmware update jobs.
    pub firmware_updates: bool,
}

/// Rebuilds a charge point.
#[must_use]
pub fn rebuild_track<'a>(track: &Track<'a>, context: &Context<'_>, wanted: Wanted) -> Rebuilt<'a> {
    let mut unmatched = unmatched::unmatched(track);
    let (transactions, meter_values) = transaction::transactions(track, context, &mut unmatched, wanted.meter_values);
    let boots = boot::boots(track, context);
    unmatched.sort_by_key(|row| (row.time, row.index));
    let mut rebuilt = Rebuilt {
        transactions,
        meter_values,
        status_intervals: if wanted.status_intervals { status::intervals(track, context) } else { Vec::new() },
        firmware_updates: if wanted.firmware_updates { firmware::jobs(track, context, &boots) } else { Vec::new() },
        boots,
        unmatched,
        charge_point: charge_point::charge_point(track),
    };
    rebuilt.charge_point.rows = charge_point::counts(&rebuilt);
    rebuilt
}
