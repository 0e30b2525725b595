//! Settled stores to tables: group by charge point, rebuild each, put the rows together in contract order.

use super::read::pool;
use super::{Built, Progress};
use crate::account::Account;
use crate::error::{Error, Result};
use crate::event::{Store, View};
use crate::options::{ReadOptions, Rules, Table, Tables};
use crate::rebuild::{self, Context, Observation, Rebuilt, Track, rebuild_track};
use crate::reject::Reject;
use crate::table::{self, MessageRow};
use crate::term::Version;
use crate::time::MINUTE;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Everything that was read.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) stores: Vec<Store>,
    pub(super) names: Vec<String>,
    pub(super) rejects: Vec<Reject>,
    pub(super) accounts: Vec<Account>,
}

/// The events of every charge point, by its id.
type Groups<'a> = BTreeMap<&'a str, Vec<View<'a>>>;

fn group(stores: &[Store]) -> Groups<'_> {
    // Dense lists by number first: hashing an id for every event would cost more than the rest of the grouping.
    let mut numbers: FxHashMap<&str, usize> = FxHashMap::default();
    let mut lists: Vec<(&str, Vec<View<'_>>)> = Vec::new();
    for store in stores {
        let place: Vec<usize> = store
            .charge_points()
            .iter()
            .map(|id| {
                *numbers.entry(id).or_insert_with(|| {
                    lists.push((id, Vec::new()));
                    lists.len() - 1
                })
            })
            .collect();
        let mut counts = vec![0; place.len()];
        for event in &store.events {
            counts[event.charge_point as usize] += 1;
        }
        for (&place, count) in place.iter().zip(counts) {
            lists[place].1.reserve(count);
        }
        for index in 0..store.events.len() {
            let view = store.view(index);
            lists[place[view.charge_point as usize]].1.push(view);
        }
    }
    lists.into_iter().filter(|(_, views)| !views.is_empty()).collect()
}

/// What the whole input tells about its recording.
fn observe(groups: &Groups<'_>) -> Observation {
    let mut minutes: Vec<i64> = Vec::new();
    let (mut start, mut end) = (None, None);
    for time in groups.values().flatten().filter_map(|view| view.log_time) {
        start = Some(start.map_or(time, |start: i64| start.min(time)));
        end = Some(end.map_or(time, |end: i64| end.max(time)));
        let minute = time.div_euclid(MINUTE);
        if minutes.last() != Some(&minute) {
            minutes.push(minute);
        }
    }
    minutes.sort_unstable();
    minutes.dedup();
    Observation::new(start, end, groups.len(), &minutes)
}

/// A charge point's events and what was rebuilt from them.
struct Done<'a> {
    track: Track<'a>,
    rebuilt: Rebuilt<'a>,
}

fn rebuild_all<'a>(
    groups: Groups<'a>,
    context: &Context<'_>,
    wanted: &Tables,
    progress: &Progress,
    keep: impl Fn(&str) -> bool,
) -> Vec<Done<'a>> {
    let groups: Vec<_> = groups.into_iter().filter(|(id, _)| keep(id)).collect();
    groups
        .into_par_iter()
        .with_max_len(1)
        .map(|(id, mut events)| {
            if progress.stopped() {
                // The result is thrown away: nothing of it is worth its time.
                events.clear();
            }
            let track = Track::new(id, events, context);
            let rebuilt = rebuild_track(&track, context, wanted);
            Done { track, rebuilt }
        })
        .collect()
}

/// The tables of what was read.
pub(super) fn tables(gathered: &Gathered, options: &ReadOptions, progress: &Progress) -> Result<Built> {
    let groups = group(&gathered.stores);
    progress.check()?;
    let observation = observe(&groups);
    let context = Context { rules: &options.rules, observation: &observation };
    let chosen = |id: &str| options.charge_points.as_ref().is_none_or(|chosen| chosen.contains(id));
    let mut accounts = gathered.accounts.clone();
    for (_, events) in groups.iter().filter(|(id, _)| !chosen(id)) {
        for view in events.iter().filter(|view| !view.kind.is_connection()) {
            accounts[view.position.source as usize].filtered += 1;
        }
    }
    let mut done = rebuild_all(groups, &context, &options.tables, progress, chosen);
    progress.check()?;
    for view in done.iter().flat_map(|done| &done.track.duplicates) {
        let account = &mut accounts[view.position.source as usize];
        account.duplicates += 1;
        account.messages -= 1;
    }
    let window = Window { start: options.start, end: options.end };
    window.count(&done, &mut accounts);
    window.narrow(&mut done);
    let built = options
        .tables
        .iter()
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|table| {
            let batch = match table {
                Table::Messages => messages(&done, &gathered.names, window),
                Table::Rejects => table::rejects(&gathered.rejects, &gathered.names),
                Table::Accounting => table::accounting(&accounts),
                other => rows(other, &done, &options.tables, &gathered.names),
            };
            Ok((table, batch.map_err(internal)?))
        })
        .collect::<Result<Built>>()?;
    progress.check()?;
    Ok(built)
}

/// A column that does not fit its declaration is a defect of ours.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err asks for")]
fn internal(cause: ArrowError) -> Error {
    Error::Internal(cause.to_string())
}

fn rows(
    table: Table,
    done: &[Done<'_>],
    tables: &Tables,
    sources: &[String],
) -> std::result::Result<RecordBatch, ArrowError> {
    macro_rules! flat {
        ($field:ident) => {
            done.iter().flat_map(|done| &done.rebuilt.$field).collect::<Vec<_>>()
        };
    }
    match table {
        Table::Transactions => table::transactions(&flat!(transactions), sources),
        Table::MeterValues => table::meter_values(&flat!(meter_values), sources),
        Table::StatusIntervals => table::status_intervals(&flat!(status_intervals), sources),
        Table::FirmwareUpdates => table::firmware_updates(&flat!(firmware_updates), sources),
        Table::Boots => table::boots(&flat!(boots), sources),
        Table::ConnectivityIntervals => table::connectivity_intervals(&flat!(connectivity_intervals), sources),
        Table::Faults => table::faults(&flat!(faults), sources),
        Table::Authorizations => table::authorizations(&flat!(authorizations), sources),
        Table::Commands => table::commands(&flat!(commands), sources),
        Table::FirmwareVersions => table::firmware_versions(&flat!(firmware_versions), sources),
        Table::SecurityEvents => table::security_events(&flat!(security_events), sources),
        Table::LogUploads => table::log_uploads(&flat!(log_uploads), sources),
        Table::Configuration => table::configuration(&flat!(configuration), sources),
        Table::ChargingProfiles => table::charging_profiles(&flat!(charging_profiles), sources),
        Table::DataTransfers => table::data_transfers(&flat!(data_transfers), sources),
        Table::CallStatistics => table::call_statistics(&flat!(call_statistics), sources),
        Table::Unmatched => table::unmatched(&flat!(unmatched), sources),
        _ => {
            let rows: Vec<_> = done.iter().map(|done| &done.rebuilt.charge_point).collect();
            table::charge_points(&rows, tables)
        }
    }
}

/// The version that a charge point speaks where a message does not tell: the one of most of its messages.
fn usual_version(track: &Track<'_>) -> Option<Version> {
    let mut counts: BTreeMap<Version, usize> = BTreeMap::new();
    for version in track.events.iter().filter_map(|view| view.version) {
        *counts.entry(version).or_default() += 1;
    }
    counts.into_iter().max_by_key(|&(version, count)| (count, version)).map(|(version, _)| version)
}

fn messages(done: &[Done<'_>], sources: &[String], window: Window) -> std::result::Result<RecordBatch, ArrowError> {
    let mut rows: Vec<MessageRow<'_>> = Vec::new();
    for Done { track, .. } in done {
        let usual = usual_version(track);
        for (index, &view) in track.events.iter().enumerate() {
            if !window.holds(view.log_time) {
                continue;
            }
            let pair = track.exchange.pairs[index];
            let call = pair.call.map(|call| track.events[call as usize]);
            rows.push(MessageRow {
                view,
                pair: Some(pair),
                direction: track.exchange.direction(index, view),
                version: view
                    .version
                    .or(call.and_then(|call| call.version))
                    .or(usual.filter(|_| !view.kind.is_connection())),
                action: view.action_name().or(call.and_then(|call| call.action_name())),
            });
        }
    }
    table::messages(&rows, sources)
}

/// The messages table of the map side: nothing is paired, nothing left out.
pub(super) fn unpaired(gathered: &Gathered, options: &ReadOptions) -> Result<RecordBatch> {
    let window = Window { start: options.start, end: options.end };
    let chosen = |id: &str| options.charge_points.as_ref().is_none_or(|chosen| chosen.contains(id));
    let mut rows = Vec::new();
    for (id, mut events) in group(&gathered.stores) {
        if chosen(id) {
            events.sort_by_key(|view| (view.log_time, view.position));
            rows.extend(events.into_iter().filter(|view| window.holds(view.log_time)).map(MessageRow::unpaired));
        }
    }
    table::messages(&rows, &gathered.names).map_err(internal)
}

/// Rebuilds the tables from messages that were read before: the reduce side.
///
/// Each batch holds columns of the messages table; see [`table::Messages`] for what may be left out.
///
/// # Errors
/// If a column is missing or of an impossible type.
pub fn rebuild(
    batches: &[RecordBatch],
    asked: &Tables,
    observation: Option<Observation>,
    rules: &Rules,
    threads: usize,
    progress: &Progress,
) -> Result<Built> {
    let pool = pool(threads)?;
    pool.install(|| {
        let decoded = table::Messages::decode(batches, asked.has(Table::Messages))?;
        let groups = group(&decoded.stores);
        let observation = observation.unwrap_or_else(|| observe(&groups));
        let context = Context { rules, observation: &observation };
        let done = rebuild_all(groups, &context, asked, progress, |_| true);
        progress.check()?;
        let everything = Window { start: None, end: None };
        let build = |table: Table| {
            let batch = match table {
                Table::Messages => messages(&done, &decoded.sources, everything),
                Table::Rejects => table::rejects(&[], &[]),
                Table::Accounting => table::accounting(&[]),
                other => rows(other, &done, asked, &decoded.sources),
            };
            Ok((table, batch.map_err(internal)?))
        };
        asked.iter().collect::<Vec<_>>().into_par_iter().map(build).collect()
    })
}

/// The span of time that was asked for: `[start, end)`, open where none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) start: Option<i64>,
    pub(super) end: Option<i64>,
}

impl Window {
    /// Whether an instant lies inside; one that is not known does.
    pub(super) fn holds(self, time: Option<i64>) -> bool {
        self.overlaps(time, time)
    }

    /// Whether a span overlaps; an end that is not known is open. Spans are half-open, too: what ends as the window
    /// begins lies outside, unless it has no length.
    fn overlaps(self, from: Option<i64>, to: Option<i64>) -> bool {
        let begins = from.is_none_or(|from| self.end.is_none_or(|end| from < end));
        let ends =
            self.start.is_none_or(|start| to.is_none_or(|to| to > start) || from.is_some_and(|from| from >= start));
        begins && ends
    }

    fn count(self, done: &[Done<'_>], accounts: &mut [Account]) {
        for view in done.iter().flat_map(|done| &done.track.events) {
            if !view.kind.is_connection() && !self.holds(view.log_time) {
                accounts[view.position.source as usize].filtered += 1;
            }
        }
    }

    /// Keeps the rows that overlap (decision 16).
    fn narrow(self, done: &mut [Done<'_>]) {
        if self.start.is_none() && self.end.is_none() {
            return;
        }
        for Done { rebuilt, .. } in done {
            rebuilt.transactions.retain(|row| self.overlaps(row.start_time, row.stop_time));
            rebuilt.meter_values.retain(|row| self.holds(row.time));
            rebuilt.status_intervals.retain(|row| self.overlaps(row.start_time, row.end_time));
            rebuilt
                .firmware_updates
                .retain(|row| self.overlaps(row.requested_at.or(row.first_status_time), row.last_status_time));
            rebuilt.boots.retain(|row| self.holds(row.time));
            rebuilt.connectivity_intervals.retain(|row| self.overlaps(Some(row.start_time), row.end_time));
            rebuilt.faults.retain(|row| self.overlaps(row.start_time, row.end_time));
            rebuilt.authorizations.retain(|row| self.holds(row.time));
            rebuilt.commands.retain(|row| self.overlaps(row.requested_at, row.effect_time.or(row.requested_at)));
            rebuilt.firmware_versions.retain(|row| self.overlaps(row.start_time, row.end_time));
            rebuilt.security_events.retain(|row| self.holds(row.time));
            rebuilt.log_uploads.retain(|row| self.overlaps(row.requested_at, row.last_status_time));
            rebuilt.configuration.retain(|row| self.overlaps(row.time, row.end_time));
            rebuilt.charging_profiles.retain(|row| self.overlaps(row.requested_at, row.end_time));
            rebuilt.data_transfers.retain(|row| self.holds(row.time));
            rebuilt.unmatched.retain(|row| self.holds(row.time));
            rebuilt.charge_point.rows = rebuild::charge_point::counts(rebuilt);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Window;

    #[test]
    fn a_window_and_the_spans_in_it_are_half_open() {
        let window = Window { start: Some(10), end: Some(20) };
        for (from, to) in [(5, 11), (10, 10), (10, 12), (19, 30), (5, 30)] {
            assert!(window.overlaps(Some(from), Some(to)), "{from} {to}");
        }
        for (from, to) in [(5, 9), (5, 10), (9, 9), (20, 20), (20, 30)] {
            assert!(!window.overlaps(Some(from), Some(to)), "{from} {to}");
        }
        assert!(window.overlaps(Some(5), None) && window.overlaps(None, Some(11)) && window.overlaps(None, None));
        assert!(!window.overlaps(Some(20), None) && !window.overlaps(None, Some(10)));
    }

    #[test]
    fn windows_that_follow_each_other_share_no_instant() {
        let (first, second) = (Window { start: None, end: Some(10) }, Window { start: Some(10), end: None });
        for time in [9, 10, 11] {
            assert!(first.holds(Some(time)) != second.holds(Some(time)), "{time}");
        }
    }
}
