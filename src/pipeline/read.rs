//! Sources to settled stores, in parallel over sources and inside each one.

use super::Progress;
use super::assemble::{Gathered, tables, unpaired};
use super::parse::{Parsed, Scratch, Wish, oversized, parse_packed};
use super::parts::Parts;
use super::settle::{Settled, settle};
use super::stamps::ZoneFound;
use super::twins::Said;
use crate::account::Account;
use crate::error::{Error, Result};
use crate::event::{Fleet, Packed, Packer};
use crate::input::{
    DEFAULT_CHUNK_BYTES, Finished, Input, Item, Opening, Piece, Reading, Source, Status, discover, natural_order,
};
use crate::layout::{Cutter, Layout, file_name, refine};
use crate::options::{OnError, ReadOptions, Table};
use crate::reject::{Reason, Reject};
use crate::term::Side;
use arrow_array::RecordBatch;
use rayon::{Scope, ThreadPool, ThreadPoolBuilder, prelude::*};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// [`super::read`], each table in parts.
///
/// # Errors
/// If an option cannot be used, a named file cannot be read, the caller stops the work, or the caller asked for an
/// error at bad data.
pub fn read_parts(inputs: Vec<Input>, options: &ReadOptions, progress: &Progress) -> Result<Parts> {
    let pool = pool(options.thread_count())?;
    let gathered = gather(inputs, options, progress, &pool, options.tables.has(Table::Messages))?;
    judge(&gathered, options)?;
    pool.install(|| tables(gathered, options, progress))
}

/// [`super::parse`], in parts, and how many rejects there are.
///
/// # Errors
/// As [`read_parts`].
pub fn parse_parts(
    inputs: Vec<Input>,
    options: &ReadOptions,
    progress: &Progress,
) -> Result<(Vec<RecordBatch>, Findings)> {
    let pool = pool(options.thread_count())?;
    let mut gathered = gather(inputs, options, progress, &pool, true)?;
    let mut findings = Findings::new();
    count_rejects(&gathered.rejects, &mut findings);
    Ok((pool.install(|| unpaired(&mut gathered, options, progress))?, findings))
}

/// How many rejects there are of each reason.
pub type Findings = BTreeMap<&'static str, u64>;

/// Counts rejects, but for notes about what was passed over.
pub(super) fn count_rejects(rejects: &[Reject], findings: &mut Findings) {
    for reject in rejects.iter().filter(|reject| !reject.reason.is_note()) {
        *findings.entry(reject.reason.as_str()).or_default() += 1;
    }
}

pub(super) fn opening(options: &ReadOptions) -> Opening {
    Opening { chunk_bytes: chunk_bytes(options), encoding: options.encoding }
}

pub(super) fn chunk_bytes(options: &ReadOptions) -> usize {
    options.chunk_bytes.unwrap_or(DEFAULT_CHUNK_BYTES)
}

/// The layout that the caller named or described; none to find out.
pub(super) fn named_layout(options: &ReadOptions) -> Result<Option<Layout>> {
    if options.layout_pattern.is_some() || !options.layout_columns.is_empty() {
        return Layout::custom(options.layout_pattern.as_deref(), &options.layout_columns).map(Some);
    }
    options.layout.as_deref().map(Layout::named).transpose()
}

/// The layout of a source, told from its first bytes. Who names the charge point wants no guess at it.
pub(super) fn layout_of(named: Option<&Layout>, options: &ReadOptions, sample: &[u8], name: &str) -> Layout {
    let found = refine(named.cloned().unwrap_or_default(), sample, name).layout;
    if options.charge_point_id.is_some() { found.without_guesses() } else { found }
}

pub(super) fn pool(threads: usize) -> Result<ThreadPool> {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|index| format!("ocpplog-{index}"))
        .build()
        .map_err(|cause| Error::option("threads", cause.to_string()))
}

/// A log while it is read.
pub(super) struct Open {
    pub(super) name: String,
    pub(super) stem: String,
    pub(super) layout: Arc<Layout>,
    pub(super) chunks: Vec<(usize, Parsed)>,
    pub(super) finished: Option<Finished>,
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
    /// The logs of each source: one, or the members of an archive.
    opened: Vec<Mutex<Vec<Open>>>,
    failed: Mutex<Option<(usize, Error)>>,
    fleet: Fleet,
    /// What chunks leave to the next ones, one for each thread that reads.
    scratch: Mutex<Vec<Scratch>>,
}

/// Reads and settles sources: the messages of all of them, and the account of each.
pub(super) fn gather(
    inputs: Vec<Input>,
    options: &ReadOptions,
    progress: &Progress,
    pool: &ThreadPool,
    keep_payload: bool,
) -> Result<Gathered> {
    let layout = named_layout(options)?;
    let sources = discover(inputs)?;
    let size = |source: &Source| source.path().and_then(|path| path.metadata().ok()).map_or(0, |data| data.len());
    progress.expect(sources.iter().map(size).sum());
    let threads = pool.current_num_threads();
    let shared = Shared {
        options,
        progress,
        wish: Wish {
            keep_payload,
            version: options.version,
            override_id: options.override_id,
            canonical: sources.len() > 1,
            named: None,
        },
        opened: sources.iter().map(|_| Mutex::default()).collect(),
        waiting: Mutex::new(sources.into_iter().map(Some).collect()),
        next: AtomicUsize::new(0),
        in_flight: AtomicUsize::new(0),
        most_in_flight: threads * 2 + 2,
        failed: Mutex::new(None),
        fleet: Fleet::default(),
        scratch: Mutex::default(),
    };
    let count = shared.opened.len();
    // As many readers as threads: each takes the next source, cuts it into chunks and hands those to whoever is idle.
    pool.scope(|scope| {
        for _ in 0..threads.min(count) {
            scope.spawn(|scope| read_sources(&shared, layout.as_ref(), scope));
        }
    });
    progress.check()?;
    if let Some((_, error)) = lock(&shared.failed).take() {
        return Err(error);
    }
    let mut opened: Vec<Open> =
        shared.opened.into_iter().flat_map(|slot| slot.into_inner().unwrap_or_default()).collect();
    let held = |open: &Open| open.chunks.iter().any(|(_, parsed)| parsed.tally.message > 0);
    if opened.iter().any(held)
        && let Some(problem) = layout.as_ref().and_then(Layout::misfit)
    {
        return Err(Error::option("layout", problem));
    }
    // Only now is it known which logs there are.
    opened.sort_by(|left, right| natural_order(&left.name, &right.name));
    Ok(pool.install(|| settle_all(opened, options, shared.fleet)))
}

/// A poisoned lock means that another thread panicked; the panic itself is reported where it happened.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn read_sources<'s>(shared: &'s Shared<'s>, layout: Option<&'s Layout>, scope: &Scope<'s>) {
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
    layout: Option<&'s Layout>,
    scope: &Scope<'s>,
) -> Result<()> {
    let mut read_before = 0;
    let mut member = 0;
    let file = source.name.clone();
    let mut take = |item: Item<'_>| {
        let is_member = item.name != file;
        read_item(shared, (index, member), item, layout, is_member, scope, &mut read_before);
        member += 1;
        !shared.progress.stopped()
    };
    source.visit(opening(shared.options), &mut take)
}

/// Reads a log, number `key.1` of the source `key.0`. Its place among all logs is not known yet.
fn read_item<'s>(
    shared: &'s Shared<'s>,
    key: (usize, usize),
    item: Item<'_>,
    layout: Option<&'s Layout>,
    is_member: bool,
    scope: &Scope<'s>,
    read_before: &mut u64,
) {
    let Item { name, stem, mut reading } = item;
    let layout = Arc::new(layout_of(layout, shared.options, reading.sample(), &name));
    // The members of an archive may hold the same messages, as several files may.
    let canonical = shared.wish.canonical || is_member;
    let wish = Wish { named: file_name(&name), canonical, ..shared.wish };
    let (source, member) = key;
    lock(&shared.opened[source]).push(Open {
        name,
        stem,
        layout: Arc::clone(&layout),
        chunks: Vec::new(),
        finished: None,
    });
    let mut cutter = layout.cutter();
    let mut sequence = 0;
    while let Some(piece) = next_piece(shared, &mut reading, &mut cutter, read_before) {
        let place = sequence;
        sequence += 1;
        shared.in_flight.fetch_add(1, Ordering::Relaxed);
        let layout = Arc::clone(&layout);
        scope.spawn(move |_| {
            let parsed = match piece {
                Piece::Chunk(chunk) => {
                    let mut scratch = lock(&shared.scratch).pop().unwrap_or_default();
                    let parsed = parse_packed(&layout, &chunk, wish, &shared.fleet, &mut scratch);
                    lock(&shared.scratch).push(scratch);
                    parsed
                }
                Piece::Oversized { byte, length, sample } => oversized(0, byte, length, &sample),
            };
            if let Some(open) = lock(&shared.opened[source]).get_mut(member) {
                open.chunks.push((place, parsed));
            }
            shared.in_flight.fetch_sub(1, Ordering::Relaxed);
        });
    }
    let finished = reading.finish();
    if let Some(open) = lock(&shared.opened[source]).get_mut(member) {
        open.finished = Some(finished);
    }
}

/// The next piece, once there is room for it: a reader that runs ahead works off chunks instead.
fn next_piece(
    shared: &Shared<'_>,
    reading: &mut Reading<'_>,
    cutter: &mut Cutter,
    read_before: &mut u64,
) -> Option<Piece> {
    while shared.in_flight.load(Ordering::Relaxed) >= shared.most_in_flight {
        if rayon::yield_now() != Some(rayon::Yield::Executed) {
            std::thread::yield_now();
        }
    }
    if shared.progress.stopped() {
        return None;
    }
    let piece = reading.next_piece(|bytes, wanted, ended| cutter.cut(bytes, wanted, ended));
    let read = reading.taken();
    shared.progress.add(read.saturating_sub(*read_before));
    *read_before = read;
    piece
}

fn settle_all(opened: Vec<Open>, options: &ReadOptions, fleet: Fleet) -> Gathered {
    let mut settled: Vec<(Vec<Parsed>, Account, Vec<Reject>)> =
        series(opened).into_par_iter().flat_map_iter(|(first, opened)| settle_series(first, opened, options)).collect();
    drop_copies(&mut settled);
    let mut gathered = Gathered::default();
    let mut sources = Vec::with_capacity(settled.len());
    for (index, (mut chunks, account, mut rejects)) in settled.into_iter().enumerate() {
        gathered.names.push(account.name.clone());
        gathered.accounts.push(account);
        for chunk in &mut chunks {
            rejects.append(&mut chunk.rejects);
        }
        sources.extend(chunks.into_iter().map(|chunk| (index as u32, chunk)));
        rejects.sort_by_key(|reject| (reject.position.byte, reject.position.line));
        for reject in &mut rejects {
            reject.text = crate::event::masked_line(&reject.text);
            reject.detail = crate::event::masked_line(&reject.detail);
        }
        gathered.rejects.append(&mut rejects);
    }
    gathered.chunks = sources.into_par_iter().map(|(source, chunk)| pack(source, chunk, &fleet)).collect();
    gathered.charge_points = fleet.ids();
    gathered
}

/// What could only be packed once its source was settled.
fn pack(source: u32, mut chunk: Parsed, fleet: &Fleet) -> Packed {
    chunk.packed.take().unwrap_or_else(|| {
        let mut packed = Packer::default().pack(&mut chunk.store, fleet);
        packed.place(source, 0);
        packed
    })
}

/// Drops the messages of sources that are copies of earlier ones.
fn drop_copies(settled: &mut [(Vec<Parsed>, Account, Vec<Reject>)]) {
    let mut known: BTreeSet<u128> = BTreeSet::new();
    for (chunks, account, _) in settled {
        if account.messages == 0 || account.first_log_time.is_some() {
            continue;
        }
        let mut said = Said::default();
        for chunk in chunks.iter() {
            said.add(chunk);
        }
        if said.key().is_some_and(|key| !known.insert(key)) {
            account.duplicates += account.messages;
            account.messages = 0;
            for chunk in chunks {
                chunk.store.events.clear();
                chunk.loose.clear();
            }
        }
    }
}

/// Sources that are one log: each by itself, but the message files of one folder together, since none of them can
/// tell its zone or its charge point alone. With the index of the first one.
pub(super) fn series(opened: Vec<Open>) -> Vec<(usize, Vec<Open>)> {
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
pub(super) fn message_folder(name: &str) -> Option<&str> {
    file_name(name)?;
    Some(name.rsplit_once('/').map_or("", |(folder, _)| folder))
}

pub(super) fn settle_series(
    first: usize,
    opened: Vec<Open>,
    options: &ReadOptions,
) -> Vec<(Vec<Parsed>, Account, Vec<Reject>)> {
    let mut sources: Vec<Vec<Parsed>> = Vec::with_capacity(opened.len());
    let mut opened = opened;
    for open in &mut opened {
        sources.push(std::mem::take(&mut open.chunks).into_iter().map(|(_, chunk)| chunk).collect());
    }
    let Some(one) = opened.first() else { return Vec::new() };
    let stem =
        message_folder(&one.name).and_then(|folder| folder.rsplit('/').next()).filter(|folder| !folder.is_empty());
    let stem = stem.unwrap_or(one.stem.as_str());
    let Settled { zone, side } = settle(first, &mut sources, &one.layout, &one.name, stem, options);
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
        account.passed_bytes = finished.decompressed.saturating_sub(finished.handed) as i64;
        account.compressed_size_bytes = (finished.compression != "none").then_some(finished.compressed as i64);
        account.bytes_read = finished.compressed as i64;
        account.bytes_at_open = finished.size.map(|size| size as i64);
        account.encoding = (finished.decompressed > 0).then(|| finished.encoding.clone());
        rejects.clone_from(&finished.rejects);
        debug_assert!(
            finished.status != Status::Whole || finished.size.is_none_or(|size| size == finished.compressed),
            "a whole source was read to its end"
        );
    }
    for reject in &mut rejects {
        reject.position.source = index as u32;
    }
    count(&mut account, &chunks, zone);
    let text = account.lines > account.blank_lines;
    if account.frames == 0 && text && chunks.iter().all(|chunk| chunk.rejects.is_empty()) {
        let note = layout.note().map_or_else(String::new, |note| format!("; {note}"));
        let detail = format!("{} lines of text{note}", account.lines);
        rejects.push(Reject::of_source(index as u32, 0, Reason::NoFrames, detail));
    }
    if account.messages > 0 && layout.is_array() && !chunks.iter().any(|chunk| chunk.tally.closed) {
        let detail = "the array that the document is has no end";
        rejects.push(Reject::of_source(index as u32, account.size_bytes as u64, Reason::JsonTruncated, detail));
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
        refused += chunk.rejects.iter().filter(|reject| reject.reason.is_frame()).count() as i64;
        account.duplicates += chunk.duplicates as i64;
        let messages = chunk.store.events.iter().filter(|event| !event.kind.is_connection());
        account.messages += messages.count() as i64;
        let packed = chunk.packed.as_ref();
        account.messages += packed.map_or(0, Packed::messages) as i64;
        let ends = packed.and_then(Packed::span).map_or([None; 2], |(first, last)| [Some(first), Some(last)]);
        for time in chunk.store.events.iter().map(|event| event.log_time).chain(ends).flatten() {
            account.first_log_time = Some(account.first_log_time.map_or(time, |first| first.min(time)));
            account.last_log_time = Some(account.last_log_time.map_or(time, |last| last.max(time)));
        }
    }
    account.lines = tally.lines as i64;
    account.blank_lines = tally.blank as i64;
    account.other_lines = tally.other as i64;
    account.message_lines = tally.message as i64;
    account.rejected_lines = tally.rejected as i64;
    account.blank_bytes = tally.blank_bytes as i64;
    account.other_bytes = tally.other_bytes as i64;
    account.message_bytes = tally.message_bytes as i64;
    account.rejected_bytes = tally.rejected_bytes as i64;
    account.frames = account.messages + account.duplicates + refused;
    account.encoding = account.encoding.take().filter(|_| account.lines > 0);
    account.timezone_source = zone.source;
    account.timezone = zone.name;
    account.utc_offset = zone.offset;
    debug_assert_eq!(
        tally.lines,
        tally.blank + tally.other + tally.message + tally.rejected,
        "every line has one fate"
    );
    debug_assert_eq!(
        account.size_bytes,
        tally.bytes() as i64 + account.passed_bytes,
        "every byte is in a line or was passed over"
    );
}

/// Whether the caller wants an error where there are rejects.
fn judge(gathered: &Gathered, options: &ReadOptions) -> Result<()> {
    let name = |reject: &Reject| gathered.names.get(reject.position.source as usize).cloned().unwrap_or_default();
    if options.on_error == OnError::Raise
        && let Some(first) = gathered
            .rejects
            .iter()
            .filter(|reject| !reject.reason.is_note())
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
    let found = gathered.rejects.iter().filter(|reject| !reject.reason.is_note()).count() as u64;
    match options.max_rejects {
        Some(allowed) if found > allowed => Err(Error::TooManyRejects {
            found,
            allowed,
            first: gathered.rejects.iter().find(|reject| !reject.reason.is_note()).map_or_else(String::new, |first| {
                format!("{}:{}: {}", name(first), first.position.line, first.reason.as_str())
            }),
        }),
        _ => Ok(()),
    }
}
