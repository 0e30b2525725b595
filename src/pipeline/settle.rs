//! What only a whole source can settle: line numbers, whose messages they are, their way, and the instants of their
//! stamps. Sources are settled one by one, their chunks in order.

use super::exchanges::join_exchanges;
use super::parse::{Loose, Parsed};
use super::stamps::{Evidence, ZoneFound, instants, own_time};
use crate::event::{Batch, Packed, View};
use crate::flag::{Flag, Flags};
use crate::layout::Layout;
use crate::message::{self, Action, Kind};
use crate::options::ReadOptions;
use crate::term::{Direction, DirectionSource, IdSource, Side, Way};
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
    apply_contexts(chunks);
    name_charge_points(chunks, layout, name, stem, options);
    let side = settle_ways(chunks, layout, options);
    let zone = settle_stamps(chunks, name, options);
    Settled { zone, side }
}

/// Chunks count their lines from 1 and know nothing of the other sources.
fn number_lines(source: u32, chunks: &mut [Parsed]) {
    let mut before = 0;
    let last = chunks.len().saturating_sub(1);
    for (place, chunk) in chunks.iter_mut().enumerate() {
        if chunk.open_end && place < last {
            chunk.tally.leave_open();
        }
        if let Some(packed) = &mut chunk.packed {
            packed.place(source, before);
        }
        for event in &mut chunk.store.events {
            event.position.line += before;
            event.position.source = source;
        }
        for reject in chunk.rejects.iter_mut().chain(chunk.quotes.iter_mut().map(|quote| &mut quote.reject)) {
            reject.position.line += before;
            reject.position.source = source;
        }
        before += chunk.tally.lines;
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
            named.insert((view.kind, view.id().to_owned()));
            if !copy {
                whole.insert((view.kind, view.id().to_owned(), view.content));
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
                loose.copy && whole.contains(&(view.kind, view.id().to_owned(), view.content))
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
fn apply_contexts(chunks: &mut [&mut Parsed]) {
    if chunks.iter().all(|chunk| chunk.contexts.is_empty()) {
        return;
    }
    let mut charge_points: BTreeMap<Option<String>, String> = BTreeMap::new();
    let mut next_way = Way::Unknown;
    for chunk in chunks {
        let mut contexts = std::mem::take(&mut chunk.contexts).into_iter().peekable();
        for index in 0..chunk.loose.len() {
            let byte = chunk.store.events[index].position.byte;
            while let Some(context) = contexts.next_if(|context| context.byte <= byte) {
                if let Some(charge_point) = context.charge_point {
                    charge_points.insert(context.link, charge_point);
                }
                next_way = context.way;
            }
            let link = chunk.loose[index].link.map(|link| chunk.links[link as usize].clone());
            let told = charge_points.get(&link);
            if chunk.store.events[index].charge_point_source == IdSource::None
                && let Some(id) = told
            {
                let charge_point = chunk.store.charge_point(id);
                let event = &mut chunk.store.events[index];
                event.charge_point = charge_point;
                event.charge_point_source = IdSource::Wrapper;
            }
            let loose = &mut chunk.loose[index];
            if loose.way == Way::Unknown {
                loose.way = std::mem::take(&mut next_way);
            }
        }
        for context in contexts {
            if let Some(charge_point) = context.charge_point {
                charge_points.insert(context.link, charge_point);
            }
            next_way = context.way;
        }
    }
}

/// Names the charge point of records that do not name one (decision 10).
fn name_charge_points(chunks: &mut [&mut Parsed], layout: &Layout, name: &str, stem: &str, options: &ReadOptions) {
    let file_name = name.rsplit('/').next().unwrap_or(name);
    let rule = options.charge_point_id.as_ref();
    let given = rule.and_then(|rule| rule.id_for(file_name));
    let source = match rule {
        Some(crate::options::IdRule::Constant(_)) => IdSource::Argument,
        _ => IdSource::FileName,
    };
    // libocpp writes one session into several files, which are told apart by the ends of their names.
    let session = stem.strip_suffix("_raw").filter(|_| layout.name().starts_with("libocpp")).unwrap_or(stem);
    let unknown = format!("unknown:{session}");
    for chunk in chunks {
        for index in 0..chunk.store.events.len() {
            let missing = chunk.store.events[index].charge_point_source == IdSource::None;
            let (id, source) = match given {
                Some(id) if missing || options.override_id => (id, source),
                None if missing => (unknown.as_str(), IdSource::None),
                _ => continue,
            };
            let charge_point = chunk.store.charge_point(id);
            let event = &mut chunk.store.events[index];
            event.charge_point = charge_point;
            event.charge_point_source = source;
        }
    }
}

/// How often the words of a log and the actions of its messages agree on one reading, and how often on the other.
#[derive(Debug, Default)]
struct Votes {
    csms: u64,
    charge_point: u64,
    as_named: u64,
    as_opposite: u64,
    /// Whether the log says "sent" or "received" at all.
    relative: bool,
}

impl Votes {
    fn count(&mut self, way: Way, legal: Option<Direction>, times: u64) {
        self.relative |= matches!(way, Way::Sent | Way::Received);
        match (way, legal) {
            (Way::Sent, Some(Direction::FromCsms)) | (Way::Received, Some(Direction::FromChargePoint)) => {
                self.csms += times;
            }
            (Way::Sent, Some(Direction::FromChargePoint)) | (Way::Received, Some(Direction::FromCsms)) => {
                self.charge_point += times;
            }
            (Way::Known(named), Some(legal)) if named == legal => self.as_named += times,
            (Way::Known(_), Some(_)) => self.as_opposite += times,
            _ => {}
        }
    }
}

/// Who may send the action of a message, if only one side may and the message tells its action.
fn legal(kind: Kind, action: Action) -> Option<Direction> {
    action.direction().filter(|_| kind.has_action())
}

/// What the words of a log mean.
#[derive(Clone, Copy, Debug)]
struct Meaning {
    side: Option<Side>,
    /// "in" and "out" of a log that the charge point wrote mean the opposite.
    opposite: bool,
}

impl Meaning {
    fn direction(self, way: Way) -> Option<Direction> {
        match way {
            Way::Known(named) if self.opposite => Some(named.opposite()),
            Way::Known(named) => Some(named),
            Way::Sent => self.side.map(Side::sent),
            Way::Received => self.side.map(|side| side.sent().opposite()),
            Way::Unknown => None,
        }
    }

    /// The direction of a message, how it is known, and its flags.
    fn settle(
        self,
        way: Way,
        legal: Option<Direction>,
        mut flags: Flags,
    ) -> Option<(Option<Direction>, DirectionSource, Flags)> {
        let direction = self.direction(way)?;
        flags.remove(Flag::ProtocolViolation);
        Some(if legal.is_some_and(|legal| legal != direction) {
            flags.add(Flag::ProtocolViolation);
            (legal, DirectionSource::Action, flags)
        } else {
            (Some(direction), DirectionSource::Log, flags)
        })
    }
}

/// Gives "sent" and "received" their meaning: by the caller, the layout, or the actions (layouts M8).
fn settle_ways(chunks: &mut [&mut Parsed], layout: &Layout, options: &ReadOptions) -> Option<Side> {
    let mut votes = Votes::default();
    for chunk in chunks.iter() {
        for (event, loose) in chunk.store.events.iter().zip(&chunk.loose) {
            votes.count(loose.way, legal(event.kind, event.action), 1);
        }
        for (heading, count) in chunk.packed.iter().flat_map(Packed::headings) {
            votes.count(heading.way, legal(heading.kind, heading.action), count);
        }
    }
    let by_actions = match votes.csms.cmp(&votes.charge_point) {
        std::cmp::Ordering::Greater => Some(Side::Csms),
        std::cmp::Ordering::Less => Some(Side::ChargePoint),
        std::cmp::Ordering::Equal => None,
    };
    let told = by_actions.or(options.side).or_else(|| layout.side());
    let side = told.filter(|_| votes.relative || layout.side().is_some());
    let meaning = Meaning { side, opposite: votes.as_opposite > votes.as_named };
    for chunk in chunks {
        for (event, loose) in chunk.store.events.iter_mut().zip(&chunk.loose) {
            if let Some(settled) = meaning.settle(loose.way, legal(event.kind, event.action), event.flags) {
                (event.direction, event.direction_source, event.flags) = settled;
            }
        }
        for heading in chunk.packed.iter_mut().flat_map(Packed::headings_mut) {
            if let Some(settled) = meaning.settle(heading.way, legal(heading.kind, heading.action), heading.flags) {
                (heading.direction, heading.direction_source, heading.flags) = settled;
            }
        }
    }
    side
}

fn settle_stamps(chunks: &mut [&mut Parsed], name: &str, options: &ReadOptions) -> ZoneFound {
    use crate::layout::Stamp;
    let plain = |loose: &Loose| matches!(loose.stamp, Stamp::Utc(_) | Stamp::None);
    // Only events with an instant of their own are packed by now: they tell that the log has its zone, and no more.
    let packed = chunks.iter().find_map(|chunk| Some(Stamp::Utc(chunk.packed.as_ref()?.span()?.0)));
    let packed = packed.map(|stamp| Evidence { stamp, own: None });
    if chunks.iter().all(|chunk| chunk.loose.iter().all(plain)) {
        // Nothing to settle; one stamp is enough to tell.
        let stamps = chunks.iter().flat_map(|chunk| &chunk.loose).map(|loose| loose.stamp);
        let told = stamps.filter(|&stamp| stamp != Stamp::None).map(|stamp| Evidence { stamp, own: None });
        let records: Vec<Evidence> = packed.into_iter().chain(told).take(1).collect();
        return instants(&records, options.timezone, "").1;
    }
    let mut records: Vec<Evidence> = Vec::new();
    for chunk in chunks.iter() {
        for (index, loose) in chunk.loose.iter().enumerate() {
            records.push(Evidence { stamp: loose.stamp, own: own_time(chunk.store.view(index)) });
        }
    }
    records.extend(packed);
    let (times, found) = instants(&records, options.timezone, name);
    let mut times = times.into_iter();
    for event in chunks.iter_mut().flat_map(|chunk| &mut chunk.store.events) {
        event.log_time = times.next().flatten();
    }
    found
}
