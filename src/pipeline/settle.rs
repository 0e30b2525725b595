//! What only a whole source can settle: line numbers, whose messages they are, their way, and the instants of their
//! stamps. Sources are settled one by one, their chunks in order.

use super::exchanges::join_exchanges;
use super::parse::{Parsed, Told};
use super::stamps::{Clock, Stamps, ZoneFound, own_time};
use super::ways::Votes;
use crate::event::{Batch, Packed, View};
use crate::layout::{Layout, Stamp};
use crate::message::{self, Kind};
use crate::options::{IdRule, ReadOptions};
use crate::term::{IdSource, Side, Way};
use std::collections::{BTreeMap, BTreeSet};

/// What was settled about a source as a whole.
#[derive(Debug, Default)]
pub(super) struct Settled {
    pub(super) zone: ZoneFound,
    pub(super) side: Option<Side>,
}

/// Settles a source, or a series of sources that are one log: `first` is the number of the first file, `name` and
/// `stem` are its own.
pub(super) fn settle(
    first: usize,
    sources: &mut [Vec<Parsed>],
    layout: &Layout,
    name: &str,
    stem: &str,
    options: &ReadOptions,
) -> Settled {
    for (place, chunks) in sources.iter_mut().enumerate() {
        number_lines((first + place) as u32, chunks);
    }
    let mut chunks: Vec<&mut Parsed> = sources.iter_mut().flatten().collect();
    let chunks = chunks.as_mut_slice();
    join_exchanges(chunks);
    settle_copies(chunks);
    let mut contexts = Contexts::default();
    let naming = Naming::new(layout, name, stem, options);
    let (mut votes, mut stamps) = (Votes::default(), Stamps::new(options.timezone, name));
    for chunk in chunks.iter_mut() {
        contexts.apply(chunk);
        naming.apply(chunk);
        votes.count(chunk);
        observe(&mut stamps, chunk);
    }
    let ways = votes.decide(layout, options);
    let mut clock = stamps.clock();
    for chunk in chunks.iter_mut() {
        ways.apply(chunk);
        set_times(&mut clock, chunk);
    }
    Settled { zone: stamps.found(), side: ways.side() }
}

/// Chunks count their lines from 1 and know nothing of the other sources.
fn number_lines(source: u32, chunks: &mut [Parsed]) {
    let mut lines = Lines::default();
    let last = chunks.len().saturating_sub(1);
    for (place, chunk) in chunks.iter_mut().enumerate() {
        if chunk.open_end && place < last {
            chunk.tally.leave_open();
            chunk.open_end = false;
        }
        lines.number(source, chunk);
    }
}

/// How many lines of a source were read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lines(u64);

impl Lines {
    /// Counts the lines of the next chunk on.
    pub(super) fn number(&mut self, source: u32, chunk: &mut Parsed) {
        if let Some(packed) = &mut chunk.packed {
            packed.place(source, self.0);
        }
        for event in &mut chunk.store.events {
            event.position.line += self.0;
            event.position.source = source;
        }
        for reject in chunk.rejects.iter_mut().chain(chunk.quotes.iter_mut().map(|quote| &mut quote.reject)) {
            reject.position.line += self.0;
            reject.position.source = source;
        }
        let mut tally = chunk.tally;
        if chunk.open_end {
            // Only what comes behind it sees this number: then its last line is not over.
            tally.leave_open();
        }
        self.0 += tally.lines;
    }
}

/// Tells copies from frames: what a second logger wrote again or a text quotes counts as a duplicate, if the source holds
/// the frame itself; if not, a second logger's frame is a message and a quoted one a reject (decisions 9 and 12).
fn settle_copies(chunks: &mut [&mut Parsed]) {
    let any = |chunk: &&mut Parsed| !chunk.quotes.is_empty() || chunk.loose.iter().any(|loose| loose.copy);
    if !chunks.iter().any(any) {
        return;
    }
    let mut whole: BTreeSet<(Kind, String, u64)> = BTreeSet::new();
    let mut named: BTreeSet<(Kind, String)> = BTreeSet::new();
    for chunk in chunks.iter() {
        // What quotes a broken frame is no second defect.
        let broken = chunk.rejects.iter().filter_map(|reject| message::beginning(&reject.text));
        named.extend(broken.map(|(kind, id)| (kind, id.to_owned())));
        let mut meet = |view: View<'_>, copy: bool| {
            named.insert((view.kind, view.id().text().into_owned()));
            if !copy {
                whole.insert((view.kind, view.id().text().into_owned(), view.content));
            }
        };
        for (index, loose) in chunk.loose.iter().enumerate() {
            meet(chunk.store.view(index), loose.copy);
        }
        if let Some(packed) = &chunk.packed {
            Batch::of(packed).views().for_each(|view| meet(view, false));
        }
    }
    for chunk in chunks {
        let copies: Vec<bool> = (chunk.loose.iter().enumerate())
            .map(|(index, loose)| {
                let view = chunk.store.view(index);
                loose.copy && whole.contains(&(view.kind, view.id().text().into_owned(), view.content))
            })
            .collect();
        chunk.duplicates += copies.iter().filter(|&&copy| copy).count() as u64;
        let mut kept = copies.iter();
        chunk.loose.retain(|_| kept.next() != Some(&true));
        let mut kept = copies.iter();
        chunk.store.events.retain(|_| kept.next() != Some(&true));
        for quote in std::mem::take(&mut chunk.quotes) {
            let known = match quote.content {
                Some(content) => whole.contains(&(quote.kind, quote.id, content)),
                None => named.contains(&(quote.kind, quote.id)),
            };
            if known {
                chunk.duplicates += 1;
            } else {
                chunk.rejects.push(quote.reject);
            }
        }
    }
}

/// Carries what a line told to the records behind it.
#[derive(Debug, Default)]
pub(super) struct Contexts {
    charge_points: BTreeMap<Option<String>, String>,
    next_way: Way,
}

impl Contexts {
    /// Tells the records of the next chunk.
    pub(super) fn apply(&mut self, chunk: &mut Parsed) {
        if chunk.contexts.is_empty() && self.charge_points.is_empty() && self.next_way == Way::Unknown {
            return;
        }
        let mut contexts = std::mem::take(&mut chunk.contexts).into_iter().peekable();
        for index in 0..chunk.loose.len() {
            let byte = chunk.store.events[index].position.byte;
            while let Some(context) = contexts.next_if(|context| context.byte <= byte) {
                self.learn(context);
            }
            let link = chunk.loose[index].link.map(|link| chunk.links[link as usize].clone());
            let told = self.charge_points.get(&link);
            if chunk.store.events[index].charge_point_source == IdSource::None
                && let Some(id) = told
            {
                let charge_point = chunk.store.charge_point(id);
                let event = &mut chunk.store.events[index];
                event.charge_point = charge_point;
                event.charge_point_source = IdSource::Wrapper;
            }
            let event = &mut chunk.store.events[index];
            if event.way == Way::Unknown {
                event.way = std::mem::take(&mut self.next_way);
            }
        }
        contexts.for_each(|context| self.learn(context));
    }

    fn learn(&mut self, context: Told) {
        if let Some(charge_point) = context.charge_point {
            self.charge_points.insert(context.link, charge_point);
        }
        self.next_way = context.way;
    }
}

/// Names the charge point of records that do not name one (decision 10).
#[derive(Clone, Debug)]
pub(super) struct Naming {
    given: Option<(String, IdSource)>,
    override_id: bool,
    unknown: String,
}

impl Naming {
    pub(super) fn new(layout: &Layout, name: &str, stem: &str, options: &ReadOptions) -> Self {
        let file_name = name.rsplit('/').next().unwrap_or(name);
        let rule = options.charge_point_id.as_ref();
        let source = match rule {
            Some(IdRule::Constant(_)) => IdSource::Argument,
            _ => IdSource::FileName,
        };
        // libocpp writes one session into several files, which are told apart by the ends of their names.
        let session = stem.strip_suffix("_raw").filter(|_| layout.name().starts_with("libocpp")).unwrap_or(stem);
        Self {
            given: rule.and_then(|rule| rule.id_for(file_name)).map(|id| (id.to_owned(), source)),
            override_id: options.override_id,
            unknown: format!("unknown:{session}"),
        }
    }

    pub(super) fn apply(&self, chunk: &mut Parsed) {
        for index in 0..chunk.store.events.len() {
            let missing = chunk.store.events[index].charge_point_source == IdSource::None;
            let (id, source) = match &self.given {
                Some((id, source)) if missing || self.override_id => (id, *source),
                None if missing => (&self.unknown, IdSource::None),
                _ => continue,
            };
            let charge_point = chunk.store.charge_point(id);
            let event = &mut chunk.store.events[index];
            event.charge_point = charge_point;
            event.charge_point_source = source;
        }
    }
}

/// Shows the stamps of the next chunk.
pub(super) fn observe(stamps: &mut Stamps, chunk: &Parsed) {
    // Only events with an instant of their own are packed by now: they tell that the log has its zone, and no more.
    if let Some((first, _)) = chunk.packed.as_ref().and_then(Packed::span) {
        stamps.observe(Stamp::Utc(first), || None);
    }
    for (index, loose) in chunk.loose.iter().enumerate() {
        stamps.observe(loose.stamp, || own_time(chunk.store.view(index)));
    }
}

/// Gives the records of the next chunk their instants; those that have nothing to settle keep theirs.
pub(super) fn set_times(clock: &mut Clock, chunk: &mut Parsed) {
    for index in 0..chunk.loose.len() {
        let stamp = chunk.loose[index].stamp;
        if !matches!(stamp, Stamp::Utc(_) | Stamp::None) {
            let time = clock.instant(stamp, || own_time(chunk.store.view(index)));
            chunk.store.events[index].log_time = time;
        }
    }
}
