//! Settled stores to tables: group by charge point, rebuild each, put the rows together in contract order.

use super::Progress;
use super::group::{Group, Places, batches};
use super::parts::{Parts, together};
use super::read::pool;
use super::window::Window;
use crate::account::Account;
use crate::error::{Error, Result};
use crate::event::{Batch, Fleet, Packed, Packer, View};
use crate::options::{ReadOptions, Rules, Table, Tables};
use crate::rebuild::{Context, Observation, Rebuilt, Track, rebuild_track};
use crate::reject::Reject;
use crate::table::{self, MessageRow};
use crate::term::Version;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::{Arc, Mutex};

/// Everything that was read.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) chunks: Vec<Packed>,
    /// The ids of the charge points, by the numbers that the chunks have for them.
    pub(super) charge_points: Vec<Arc<str>>,
    pub(super) names: Vec<String>,
    pub(super) rejects: Vec<Reject>,
    pub(super) accounts: Vec<Account>,
}

/// What the whole input tells about its recording.
fn observe(chunks: &[Packed], charge_points: usize) -> Observation {
    let mut minutes: Vec<i64> = chunks.iter().flat_map(Packed::minutes).copied().collect();
    minutes.sort_unstable();
    minutes.dedup();
    let spans = || chunks.iter().filter_map(Packed::span);
    let (start, end) = (spans().map(|span| span.0).min(), spans().map(|span| span.1).max());
    Observation::new(start, end, charge_points, &minutes)
}

/// A charge point's events and what was rebuilt from them.
pub(super) struct Done<'a> {
    pub(super) track: Track<'a>,
    pub(super) rebuilt: Rebuilt<'a>,
}

/// What a batch of charge points gave.
#[derive(Default)]
struct Part {
    /// The tables that come from charge points, in their order; none where they have no row here.
    tables: Vec<Option<RecordBatch>>,
    /// Sources, and how many messages of them were left out or are copies: those outside of the window, and duplicates.
    filtered: BTreeMap<u32, i64>,
    duplicates: BTreeMap<u32, i64>,
}

/// What every batch is worked with.
struct Work<'w> {
    chunks: &'w [Packed],
    context: Context<'w>,
    wanted: &'w Tables,
    sources: &'w [String],
    window: Window,
    progress: &'w Progress,
    /// Memory of batches that are done.
    idle: Mutex<Vec<Batch<'static>>>,
}

impl<'w> Work<'w> {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Batch<'static>>> {
        self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn unpack(&self, groups: &[Group<'_>]) -> Batch<'w> {
        let mut batch = Batch::reuse(self.idle().pop().unwrap_or_default());
        for group in groups {
            batch.begin(group.id);
            // They lie far from each other: asked for all at once, their memory comes in the time of one or two.
            let touched = group.places.iter().map(|&(chunk, place)| self.chunks[chunk as usize].touch(place));
            black_box(touched.fold(0, |all, byte| all ^ byte));
            for &(chunk, place) in group.places {
                batch.add(&self.chunks[chunk as usize], place);
            }
        }
        batch
    }

    /// Unpacks a batch, hands its charge points' events to `work`, and keeps the memory for the next one.
    fn with<T>(&self, groups: &[Group<'_>], work: impl FnOnce(Vec<(&str, Vec<View<'_>>)>) -> T) -> T {
        let batch = self.unpack(groups);
        // Each of them has events, and they were begun in this order.
        let tracks = groups.iter().map(|group| group.id).zip(batch.tracks()).collect();
        let result = work(tracks);
        self.idle().push(Batch::reuse(batch));
        result
    }

    fn part(&self, groups: &[Group<'_>]) -> Result<Part> {
        if self.progress.stopped() {
            // The result is thrown away: nothing of it is worth its time.
            return Ok(Part::default());
        }
        self.with(groups, |tracks| {
            let mut done: Vec<Done<'_>> = Vec::with_capacity(tracks.len());
            for (id, events) in tracks {
                let track = Track::new(id, events, &self.context);
                let rebuilt = rebuild_track(&track, &self.context, self.wanted);
                done.push(Done { track, rebuilt });
            }
            let mut part = Part::default();
            for view in done.iter().flat_map(|done| &done.track.duplicates) {
                *part.duplicates.entry(view.position.source).or_default() += 1;
            }
            self.window.count(&done, &mut part.filtered);
            self.window.narrow(&mut done);
            for table in self.wanted.iter().filter(|&table| is_of_charge_points(table)) {
                let batch = match table {
                    Table::Messages => messages(&done, self.sources, self.window).map(Some),
                    other => rows(other, &done, self.wanted, self.sources),
                };
                part.tables.push(batch.map_err(internal)?);
            }
            Ok(part)
        })
    }

    fn parts(&self, groups: &[Group<'_>]) -> Result<Vec<Part>> {
        let parts = batches(groups).into_par_iter().with_max_len(1).map(|groups| self.part(groups)).collect();
        self.progress.check()?;
        parts
    }
}

/// Whether a table's rows come from charge points, and not from sources.
const fn is_of_charge_points(table: Table) -> bool {
    !matches!(table, Table::Rejects | Table::Accounting)
}

/// The tables that were asked for, from the parts of them; `other` builds those that do not come from charge points.
fn join(
    parts: Vec<Part>,
    wanted: &Tables,
    other: impl Fn(Table) -> std::result::Result<RecordBatch, ArrowError>,
) -> Result<Parts> {
    let mut columns: Vec<std::vec::IntoIter<Option<RecordBatch>>> =
        parts.into_iter().map(|part| part.tables.into_iter()).collect();
    let mut built = Vec::new();
    for table in wanted.iter() {
        let batches = if is_of_charge_points(table) {
            together(table, columns.iter_mut().filter_map(Iterator::next).flatten())
        } else {
            other(table).map(|batch| vec![batch])
        };
        built.push((table, batches.map_err(internal)?));
    }
    Ok(built)
}

/// The tables of what was read.
pub(super) fn tables(gathered: Gathered, options: &ReadOptions, progress: &Progress) -> Result<Parts> {
    let Gathered { mut chunks, charge_points, names, rejects, mut accounts } = gathered;
    let parts = {
        let places = Places::of(&mut chunks, charge_points.len());
        let mut groups = places.groups(&charge_points);
        progress.check()?;
        let observation = observe(&chunks, groups.len());
        if let Some(chosen) = &options.charge_points {
            let (kept, others): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| chosen.contains(group.id));
            for &(chunk, place) in others.iter().flat_map(|group| group.places) {
                let packed = &chunks[chunk as usize];
                accounts[packed.source() as usize].filtered += i64::from(packed.messages_of(place));
            }
            groups = kept;
        }
        let work = Work {
            chunks: &chunks,
            context: Context { rules: &options.rules, observation: &observation },
            wanted: &options.tables,
            sources: &names,
            window: Window { start: options.start, end: options.end },
            progress,
            idle: Mutex::default(),
        };
        work.parts(&groups)?
    };
    // The tables take their place.
    drop(chunks);
    for part in &parts {
        for (&source, &count) in &part.duplicates {
            let account = &mut accounts[source as usize];
            account.duplicates += count;
            account.messages -= count;
        }
        for (&source, &count) in &part.filtered {
            accounts[source as usize].filtered += count;
        }
    }
    let built = join(parts, &options.tables, |table| match table {
        Table::Rejects => table::rejects(&rejects, &names),
        _ => table::accounting(&accounts),
    })?;
    progress.check()?;
    Ok(built)
}

/// A column that does not fit its declaration is a defect of ours.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err asks for")]
pub(super) fn internal(cause: ArrowError) -> Error {
    Error::Internal(cause.to_string())
}

fn rows(
    table: Table,
    done: &[Done<'_>],
    tables: &Tables,
    sources: &[String],
) -> std::result::Result<Option<RecordBatch>, ArrowError> {
    macro_rules! built {
        ($table:ident) => {{
            let rows: Vec<_> = done.iter().flat_map(|done| &done.rebuilt.$table).collect();
            // Most charge points have nothing to say in most tables.
            if rows.is_empty() {
                return Ok(None);
            }
            table::$table(&rows, sources)
        }};
    }
    let batch = match table {
        Table::Transactions => built!(transactions),
        Table::MeterValues => built!(meter_values),
        Table::StatusIntervals => built!(status_intervals),
        Table::FirmwareUpdates => built!(firmware_updates),
        Table::Boots => built!(boots),
        Table::ConnectivityIntervals => built!(connectivity_intervals),
        Table::Faults => built!(faults),
        Table::Authorizations => built!(authorizations),
        Table::Commands => built!(commands),
        Table::FirmwareVersions => built!(firmware_versions),
        Table::SecurityEvents => built!(security_events),
        Table::LogUploads => built!(log_uploads),
        Table::Configuration => built!(configuration),
        Table::ChargingProfiles => built!(charging_profiles),
        Table::DataTransfers => built!(data_transfers),
        Table::CallStatistics => built!(call_statistics),
        Table::Unmatched => built!(unmatched),
        _ => {
            let rows: Vec<_> = done.iter().map(|done| &done.rebuilt.charge_point).collect();
            table::charge_points(&rows, tables)
        }
    };
    batch.map(Some)
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
pub(super) fn unpaired(
    gathered: &mut Gathered,
    options: &ReadOptions,
    progress: &Progress,
) -> Result<Vec<RecordBatch>> {
    let Gathered { chunks, charge_points, names, .. } = gathered;
    let places = Places::of(chunks, charge_points.len());
    let mut groups = places.groups(charge_points);
    groups.retain(|group| options.charge_points.as_ref().is_none_or(|chosen| chosen.contains(group.id)));
    let work = Work {
        chunks,
        context: Context { rules: &options.rules, observation: &Observation::default() },
        wanted: &options.tables,
        sources: names,
        window: Window { start: options.start, end: options.end },
        progress,
        idle: Mutex::default(),
    };
    let part = |groups| {
        work.with(groups, |tracks| {
            let mut rows = Vec::new();
            for (_, mut events) in tracks {
                events.sort_by_key(|view| (view.log_time, view.position));
                let kept = events.into_iter().filter(|view| work.window.holds(view.log_time));
                rows.extend(kept.map(MessageRow::unpaired));
            }
            table::messages(&rows, names)
        })
    };
    let parts = batches(&groups)
        .into_par_iter()
        .with_max_len(1)
        .map(part)
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(internal)?;
    together(Table::Messages, parts.into_iter()).map_err(internal)
}

/// [`super::rebuild`], each table in parts.
///
/// Each batch holds columns of the messages table; see [`table::Messages`] for what may be left out.
///
/// # Errors
/// If a column is missing or of an impossible type.
pub fn rebuild_parts(
    batches: &[RecordBatch],
    asked: &Tables,
    observation: Option<Observation>,
    rules: &Rules,
    threads: usize,
    progress: &Progress,
) -> Result<Parts> {
    let pool = pool(threads)?;
    pool.install(|| {
        let table::Messages { stores, sources, rejects } =
            table::Messages::decode(batches, asked.has(Table::Messages))?;
        let fleet = Fleet::default();
        let mut chunks: Vec<Packed> =
            stores.into_par_iter().map(|mut store| Packer::default().pack(&mut store, &fleet)).collect();
        let ids = fleet.ids();
        let places = Places::of(&mut chunks, ids.len());
        let groups = places.groups(&ids);
        let observation = observation.unwrap_or_else(|| observe(&chunks, groups.len()));
        let work = Work {
            chunks: &chunks,
            context: Context { rules, observation: &observation },
            wanted: asked,
            sources: &sources,
            window: Window { start: None, end: None },
            progress,
            idle: Mutex::default(),
        };
        join(work.parts(&groups)?, asked, |table| match table {
            Table::Rejects => table::rejects(&rejects, &sources),
            _ => table::accounting(&[]),
        })
    })
}
