//! Events of one charge point to rows: pure state machines, one file each.
//!
//! Nothing here knows an OCPP version, reads a file or looks at a clock: the same events give the same rows. What
//! must be known about the whole input comes in as [`Observation`].

pub mod authorization;
pub mod boot;
pub mod charge_point;
pub mod charging_profile;
pub mod clock;
pub mod command;
pub mod configuration;
pub mod connectivity;
pub mod data_transfer;
pub mod exchange;
pub mod fault;
pub mod firmware;
pub mod firmware_version;
mod kinds;
pub mod meter;
pub mod observation;
pub mod security;
pub mod statistics;
pub mod status;
#[cfg(test)]
pub(crate) mod testing;
mod timing;
pub mod track;
pub mod transaction;
pub mod unmatched;
pub mod upload;
mod words;

pub use clock::{TimeSource, Timed, timed};
pub use observation::Observation;
pub use track::Track;
pub use unmatched::{Unmatched, UnmatchedKind};

use crate::options::{Rules, Table, Tables};

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
    pub meter_values: Vec<meter::MeterValues<'a>>,
    /// The status timeline.
    pub status_intervals: Vec<status::StatusInterval<'a>>,
    /// Firmware update jobs.
    pub firmware_updates: Vec<firmware::FirmwareUpdate<'a>>,
    /// Boots.
    pub boots: Vec<boot::BootRow<'a>>,
    /// Stretches of time in which a charge point was in contact or out of it.
    pub connectivity_intervals: Vec<connectivity::Contact<'a>>,
    /// Errors that charge points reported, from report to clearing.
    pub faults: Vec<fault::Fault<'a>>,
    /// Requests to authorise a token.
    pub authorizations: Vec<authorization::Authorization<'a>>,
    /// Requests of the CSMS and what came of them.
    pub commands: Vec<command::Command<'a>>,
    /// The firmware versions of a charge point over time.
    pub firmware_versions: Vec<firmware_version::FirmwareVersion<'a>>,
    /// Security events.
    pub security_events: Vec<security::SecurityEvent<'a>>,
    /// Uploads of diagnostics and logs.
    pub log_uploads: Vec<upload::Upload<'a>>,
    /// Values of settings over time.
    pub configuration: Vec<configuration::Setting<'a>>,
    /// Charging profiles that the CSMS set.
    pub charging_profiles: Vec<charging_profile::ChargingProfile<'a>>,
    /// Messages of vendors' own.
    pub data_transfers: Vec<data_transfer::DataTransfer<'a>>,
    /// How calls fared, by direction and action.
    pub call_statistics: Vec<statistics::CallStatistics<'a>>,
    /// What fits nothing.
    pub unmatched: Vec<Unmatched<'a>>,
    /// The charge point itself.
    pub charge_point: charge_point::ChargePoint<'a>,
}

/// Rebuilds a charge point; only the tables that are `wanted` are worth their time.
#[must_use]
pub fn rebuild_track<'a>(track: &Track<'a>, context: &Context<'_>, wanted: &Tables) -> Rebuilt<'a> {
    // A bit each: this is asked many times for every charge point.
    let bits = wanted.iter().fold(0_u32, |bits, table| bits | 1 << table as u32);
    let is_wanted = |table: Table| bits & (1 << table as u32) != 0;
    macro_rules! wanted {
        ($table:ident, $rows:expr) => {
            if is_wanted(Table::$table) { $rows } else { Vec::new() }
        };
    }
    let mut unmatched = unmatched::unmatched(track);
    let with_meter_values = is_wanted(Table::MeterValues);
    let (transactions, meter_values) = transaction::transactions(track, context, &mut unmatched, with_meter_values);
    // What tells something about another table is rebuilt for that one, too.
    let with_statuses = is_wanted(Table::StatusIntervals) || is_wanted(Table::FirmwareUpdates);
    let with_updates = is_wanted(Table::FirmwareUpdates) || is_wanted(Table::FirmwareVersions);
    let with_boots = is_wanted(Table::Boots) || is_wanted(Table::Commands) || with_statuses || with_updates;
    let with_contacts = is_wanted(Table::ConnectivityIntervals) || with_boots;
    let mut boots = if with_boots { boot::boots(track, context) } else { Vec::new() };
    boot::causes(&mut boots, track, context);
    let contacts = if with_contacts { connectivity::connectivity_intervals(track, context) } else { Vec::new() };
    boot::complete(track, context, &contacts, &mut boots);
    let with_timelines = with_statuses || is_wanted(Table::Faults);
    let timelines = if with_timelines { status::timelines(track, context) } else { status::Timelines::new() };
    let statuses = if with_statuses {
        let seen = status::Seen { contacts: &contacts, boots: &boots, transactions: &transactions };
        status::intervals(track, context, &timelines, &seen)
    } else {
        Vec::new()
    };
    let mut updates = if with_updates { firmware::jobs(track, context, &boots) } else { Vec::new() };
    let with_commands = is_wanted(Table::Commands) || !updates.is_empty();
    let commands = if with_commands { command::commands(track, context, &transactions, &boots) } else { Vec::new() };
    firmware::effects(&mut updates, &commands, &statuses, &transactions);
    unmatched.sort_by_key(|row| (row.time, row.index));
    let mut rebuilt = Rebuilt {
        status_intervals: wanted!(StatusIntervals, statuses),
        firmware_versions: wanted!(FirmwareVersions, firmware_version::firmware_versions(track, &boots, &updates)),
        firmware_updates: wanted!(FirmwareUpdates, updates),
        faults: wanted!(Faults, fault::faults(track, context, &timelines, &transactions)),
        authorizations: wanted!(Authorizations, authorization::authorizations(track, context, &transactions)),
        commands: wanted!(Commands, commands),
        security_events: wanted!(SecurityEvents, security::security_events(track, context)),
        log_uploads: wanted!(LogUploads, upload::log_uploads(track, context)),
        configuration: wanted!(Configuration, configuration::configuration(track, context)),
        charging_profiles: wanted!(ChargingProfiles, charging_profile::charging_profiles(track, context)),
        data_transfers: wanted!(DataTransfers, data_transfer::data_transfers(track, context)),
        call_statistics: wanted!(CallStatistics, statistics::call_statistics(track, context)),
        connectivity_intervals: wanted!(ConnectivityIntervals, contacts),
        transactions,
        meter_values,
        boots,
        unmatched,
        charge_point: charge_point::charge_point(track),
    };
    rebuilt.charge_point.rows = charge_point::counts(&rebuilt);
    rebuilt
}
