//! Sources to settled stores, in parallel over sources and inside each one.

use super::assemble::{Gathered, tables, unpaired};
use super::parse::{Parsed, Wish, oversized, parse as parse_chunk};
use super::settle::{Settled, settle};
use super::stamps::ZoneFound;
use super::{Built, Progress, mask};
use crate::account::Account;
use crate::error::{Error, Result};
use crate::input::{DEFAULT_CHUNK_BYTES, Finished, Input, Piece, Reading, Source, discover};
use crate::layout::{Layout, detect, file_name};
use crate::options::{OnError, ReadOptions, Table};
use crate::reject::{Reason, Reject};
use crate::term::Side;
use arrow_array::RecordBatch;
use rayon::{Scope, ThreadPool, ThreadPoolBuilder, prelude::*};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Reads sources and rebuilds the tables that were asked for.
///
/// # Errors
/// If an option cannot be used, a named file cannot be read, the caller stops the work, or the caller asked for an
/// error at bad data.
pub fn read(inputs: Vec<Input>, options: &ReadOptions, progress: &Progress) -> Result<Built> {
    let pool = pool(options.thread_count())?;
    let gathered = gather(inputs, options, progress, &pool, options.tables.has(Table::Messages))?;
    judge(&gathered, options)?;
    pool.install(|| tables(&gathered, options, progress))
}

/// Reads sources into the messages table, without pairing: the map side.
///
/// # Errors
/// As [`read`].
pub fn parse(inputs: Vec<Input>, options: &ReadOptions, progress: &Progress) -> Result<RecordBatch> {
    let pool = pool(options.thread_count())?;
    let gathered = gather(inputs, options, progress, &pool, true)?;
    pool.install(|| unpaired(&gathered, options))
}

/// What is found out about a source without reading all of it.
#[derive(Clone, Debug)]
pub struct Inspected {
    /// The source's name.
    pub name: String,
    /// The layout's name.
    pub layout: &'static str,
    /// Which side writes such logs, if that is always the same one.
    pub side: Option<&'static str>,
    /// The compression's name.
    pub compression: &'static str,
    /// What speaks for the layout.
    pub evidence: Vec<String>,
}

/// Names the layouts of sources, with the evidence.
///
/// # Errors
/// If a named file cannot be read.
pub fn inspect(inputs: Vec<Input>) -> Result<Vec<Inspected>> {
    let look = |(index, source): (usize, Source)| {
        let name = source.name.clone();
        let reading = source.open(index as u32, DEFAULT_CHUNK_BYTES)?;
        let detected = detect(reading.sample(), &name);
        Ok(Inspected {
            name,
            layout: detected.layout.name(),
            side: detected.layout.side().map(crate::term::Side::as_str),
            compression: reading.compression(),
            evidence: detected.evidence,
        })
    };
    discover(inputs)?.into_iter().enumerate().map(look).collect()
}

pub(super) fn pool(threads: usize) -> Result<ThreadPool> {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|index| format!("ocpplog-{index}"))
        .build()
        .map_err(|cause| Error::option("threads", cause.to_string()))
}

/// A source while it is read.
struct Open {
    name: String,
    stem: String,
    layout: Layout,
    chunks: Vec<(usize, Parsed)>,
    finished: Option<Finished>,
}

/// What the reading tasks share.
struct Shared<'r> {
    options: &'r ReadOptions,
    progress: &'r Progress,
    wish: Wish,
    waiting: Mutex<Vec<Option<Source>>>,
    next: AtomicUsize,
    in_flight: AtomicUsize,
    most_in_flight: usize,
    opened: Vec<Mutex<Option<Open>>>,
    failed: Mutex<Option<(usize, Error)>>,
}

fn gather(
    inputs: Vec<Input>,
    options: &ReadOptions,
    progress: &Progress,
    pool: &ThreadPool,
    keep_payload: bool,
) -> Result<Gathered> {
    let layout = options.layout.as_deref().map(Layout::named).transpose()?;
    let sources = discover(inputs)?;
    let size = |source: &Source| source.path().and_then(|path| path.metadata().ok()).map_or(0, |data| data.len());
    progress.expect(sources.iter().map(size).sum());
    let threads = pool.current_num_threads();
    let shared = Shared {
        options,
        progress,
        wish: Wish { keep_payload, version: options.version, named: None },
        opened: sources.iter().map(|_| Mutex::new(None)).collect(),
        waiting: Mutex::new(sources.into_iter().map(Some).collect()),
        next: AtomicUsize::new(0),
        in_flight: AtomicUsize::new(0),
        most_in_flight: threads * 2 + 2,
        failed: Mutex::new(None),
    };
    let count = shared.opened.len();
    // As many readers as threads: each takes the next source, cuts it into chunks and hands those to whoever is idle.
    pool.scope(|scope| {
        for _ in 0..threads.min(count) {
            scope.spawn(|scope| read_sources(&shared, layout, scope));
        }
    });
    progress.check()?;
    if let Some((_, error)) = lock(&shared.failed).take() {
        return Err(error);
    }
    let opened: Vec<Open> = shared.opened.into_iter().filter_map(|slot| slot.into_inner().ok().flatten()).collect();
    Ok(pool.install(|| settle_all(opened, options)))
}

/// A poisoned lock means that another thread panicked; the panic itself is reported where it happened.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn read_sources<'s>(shared: &'s Shared<'s>, layout: Option<Layout>, scope: &Scope<'s>) {
    loop {
        let index = shared.next.fetch_add(1, Ordering::Relaxed);
        let source = lock(&shared.waiting).get_mut(index).and_then(Option::take);
        let Some(source) = source else { return };
        if shared.progress.stopped() {
            return;
        }
        if let Err(error) = read_source(shared, index, source, layout, scope) {
            let mut failed = lock(&shared.failed);
            if failed.as_ref().is_none_or(|(other, _)| index < *other) {
                *failed = Some((index, error));
            }
        }
    }
}

fn read_source<'s>(
    shared: &'s Shared<'s>,
    index: usize,
    source: Source,
    layout: Option<Layout>,
    scope: &Scope<'s>,
) -> Result<()> {
    let (name, stem) = (source.name.clone(), source.stem.clone());
    let chunk_bytes = shared.options.chunk_bytes.unwrap_or(DEFAULT_CHUNK_BYTES);
    let mut reading = source.open(index as u32, chunk_bytes)?;
    let layout = layout.unwrap_or_else(|| detect(reading.sample(), &name).layout);
    let wish = Wish { named: file_name(&name), ..shared.wish };
    *lock(&shared.opened[index]) = Some(Open { name, stem, layout, chunks: Vec::new(), finished: None });
    let mut sequence = 0;
    let mut read_before = 0;
    while let Some(piece) = next_piece(shared, &mut reading, &mut read_before) {
        let place = sequence;
        sequence += 1;
        shared.in_flight.fetch_add(1, Ordering::Relaxed);
        scope.spawn(move |_| {
            let parsed = match piece {
                Piece::Chunk(chunk) => parse_chunk(&layout, index as u32, chunk.byte, &chunk.bytes, wish),
                Piece::Oversized { byte, length, sample } => oversized(index as u32, byte, length, &sample),
            };
            if let Some(open) = lock(&shared.opened[index]).as_mut() {
                open.chunks.push((place, parsed));
            }
            shared.in_flight.fetch_sub(1, Ordering::Relaxed);
        });
    }
    let finished = reading.finish();
    if let Some(open) = lock(&shared.opened[index]).as_mut() {
        open.finished = Some(finished);
    }
    Ok(())
}

/// The next piece, once there is room for it: a reader that runs ahead works off chunks instead.
fn next_piece(shared: &Shared<'_>, reading: &mut Reading, read_before: &mut u64) -> Option<Piece> {
    while shared.in_flight.load(Ordering::Relaxed) >= shared.most_in_flight {
        if rayon::yield_now() != Some(rayon::Yield::Executed) {
            std::thread::yield_now();
        }
    }
    if shared.progress.stopped() {
        return None;
    }
    let piece = reading.next_piece();
    let read = reading.compressed();
    shared.progress.add(read - *read_before);
    *read_before = read;
    piece
}

fn settle_all(opened: Vec<Open>, options: &ReadOptions) -> Gathered {
    let settled: Vec<(Vec<Parsed>, Account, Vec<Reject>)> =
        series(opened).into_par_iter().flat_map_iter(|(first, opened)| settle_series(first, opened, options)).collect();
    let mut gathered = Gathered::default();
    for (chunks, account, mut rejects) in settled {
        gathered.names.push(account.name.clone());
        gathered.accounts.push(account);
        for mut chunk in chunks {
            rejects.append(&mut chunk.rejects);
            gathered.stores.push(chunk.store);
        }
        rejects.sort_by_key(|reject| (reject.position.byte, reject.position.line));
        for reject in &mut rejects {
            reject.text = mask::mask(&reject.text);
            reject.detail = mask::mask(&reject.detail);
        }
        gathered.rejects.append(&mut rejects);
    }
    gathered
}

/// Sources that are one log: each by itself, but the message files of one folder together, since none of them can
/// tell its zone or its charge point alone. With the index of the first one.
fn series(opened: Vec<Open>) -> Vec<(usize, Vec<Open>)> {
    let mut series: Vec<(usize, Vec<Open>)> = Vec::new();
    for (index, mut open) in opened.into_iter().enumerate() {
        open.chunks.sort_by_key(|(place, _)| *place);
        let folder = message_folder(&open.name);
        match series.last_mut() {
            Some((_, list))
                if folder.is_some() && list.first().is_some_and(|first| message_folder(&first.name) == folder) =>
            {
                list.push(open);
            }
            _ => series.push((index, vec![open])),
        }
    }
    series
}

/// The folder of a file that holds one message.
fn message_folder(name: &str) -> Option<&str> {
    file_name(name)?;
    Some(name.rsplit_once('/').map_or("", |(folder, _)| folder))
}

fn settle_series(first: usize, opened: Vec<Open>, options: &ReadOptions) -> Vec<(Vec<Parsed>, Account, Vec<Reject>)> {
    let mut sources: Vec<Vec<Parsed>> = Vec::with_capacity(opened.len());
    let mut opened = opened;
    for open in &mut opened {
        sources.push(std::mem::take(&mut open.chunks).into_iter().map(|(_, chunk)| chunk).collect());
    }
    let Some(one) = opened.first() else { return Vec::new() };
    let stem =
        message_folder(&one.name).map_or(one.stem.as_str(), |folder| folder.rsplit('/').next().unwrap_or(folder));
    let Settled { zone, side } = settle(&mut sources, &one.layout, &one.name, stem, options);
    opened
        .iter()
        .zip(sources)
        .enumerate()
        .map(|(place, (open, chunks))| close(first + place, open, chunks, zone.clone(), side))
        .collect()
}

fn close(
    index: usize,
    open: &Open,
    chunks: Vec<Parsed>,
    zone: ZoneFound,
    side: Option<Side>,
) -> (Vec<Parsed>, Account, Vec<Reject>) {
    let Open { name, layout, finished, .. } = open;
    let name = name.clone();
    let mut account = Account { name, side, ..Account::default() };
    let mut rejects = Vec::new();
    if let Some(finished) = finished {
        account.status = finished.status.as_str();
        account.size_bytes = finished.decompressed as i64;
        account.compressed_size_bytes = (finished.compression != "none").then_some(finished.compressed as i64);
        rejects.clone_from(&finished.rejects);
    }
    count(&mut account, &chunks, zone);
    let text = account.lines > account.blank_lines;
    if account.frames == 0 && text && chunks.iter().all(|chunk| chunk.rejects.is_empty()) {
        rejects.push(Reject::of_source(index as u32, 0, Reason::NoFrames, format!("{} lines of text", account.lines)));
    }
    if account.messages > 0 {
        account.layout = Some(layout.name().to_owned());
    }
    account.rejects = (rejects.len() + chunks.iter().map(|chunk| chunk.rejects.len()).sum::<usize>()) as i64;
    (chunks, account, rejects)
}

fn count(account: &mut Account, chunks: &[Parsed], zone: ZoneFound) {
    let mut tally = crate::layout::Tally::default();
    let mut refused = 0;
    for chunk in chunks {
        tally.add(chunk.tally);
        refused += chunk.refused as i64;
        let messages = chunk.store.events.iter().filter(|event| !event.kind.is_connection());
        account.messages += messages.count() as i64;
        for time in chunk.store.events.iter().filter_map(|event| event.log_time) {
            account.first_log_time = Some(account.first_log_time.map_or(time, |first| first.min(time)));
            account.last_log_time = Some(account.last_log_time.map_or(time, |last| last.max(time)));
        }
    }
    account.lines = tally.lines as i64;
    account.blank_lines = tally.blank as i64;
    account.other_lines = tally.other as i64;
    account.message_lines = tally.message as i64;
    account.rejected_lines = tally.rejected as i64;
    account.frames = account.messages + refused;
    account.encoding = (account.lines > 0).then_some("utf-8");
    account.timezone_source = zone.source;
    account.timezone = zone.name;
    account.utc_offset = zone.offset;
    debug_assert_eq!(
        tally.lines,
        tally.blank + tally.other + tally.message + tally.rejected,
        "every line has one fate"
    );
}

/// Whether the caller wants an error where there are rejects.
fn judge(gathered: &Gathered, options: &ReadOptions) -> Result<()> {
    let name = |reject: &Reject| gathered.names.get(reject.position.source as usize).cloned().unwrap_or_default();
    if options.on_error == OnError::Raise
        && let Some(first) = gathered
            .rejects
            .iter()
            .min_by_key(|reject| (reject.position.source, reject.position.byte, reject.position.line))
    {
        if first.reason == Reason::NoFrames {
            return Err(Error::UnknownLayout { file: name(first) });
        }
        return Err(Error::Format {
            file: name(first),
            line: first.position.line,
            byte: first.position.byte,
            reason: first.reason.as_str(),
            detail: first.detail.clone(),
        });
    }
    let found = gathered.rejects.len() as u64;
    match options.max_rejects {
        Some(allowed) if found > allowed => Err(Error::TooManyRejects {
            found,
            allowed,
            first: gathered.rejects.first().map_or_else(String::new, |first| {
                format!("{}:{}: {}", name(first), first.position.line, first.reason.as_str())
            }),
        }),
        _ => Ok(()),
    }
}
