//! Which sampled value belongs to which transaction (rule book §2.4 and §3.2; 1.6 §4.7, errata §3.16; 2.0.1 J).

use super::kinds::Is;
use super::transaction::{Ids, Reading, Session};
use super::{TimeSource, Track, Unmatched, UnmatchedKind};
use crate::event::{Sample, Span, TxPhase, View};
use crate::flag::{Flag, Flags};
use crate::time::FIRST_SET;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// How a sampled value was joined to its transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Link {
    /// It names the transaction.
    TransactionId,
    /// It was taken on the transaction's connector while it ran.
    ConnectorTime,
    /// It was taken on the transaction's EVSE while it ran.
    EvseTime,
    /// It came with the stop.
    TransactionData,
    /// It belongs to none.
    #[default]
    None,
}

impl Link {
    /// The word of the `link` column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TransactionId => "transaction_id",
            Self::ConnectorTime => "connector_time",
            Self::EvseTime => "evse_time",
            Self::TransactionData => "transaction_data",
            Self::None => "none",
        }
    }
}

/// Sampled values of one message that were taken at one time: a row each, alike but for what the sample says.
#[derive(Clone, Copy, Debug)]
pub struct MeterValues<'a> {
    /// Their message.
    pub view: View<'a>,
    /// The samples.
    pub samples: &'a [Sample],
    /// The EVSE; in 1.x the connector.
    pub evse: Option<i32>,
    /// The connector.
    pub connector: Option<i32>,
    /// The transaction they belong to.
    pub transaction_id: Option<&'a str>,
    /// How that is known; none where nobody looked for it.
    pub link: Option<Link>,
    /// When they were taken.
    pub time: Option<i64>,
    /// By which clock.
    pub time_source: Option<TimeSource>,
    /// What had to be said about all of them; what is said about one is among its marks.
    pub flags: Flags,
}

/// Sampled values of one message that were taken at one time, and the session they were joined to.
#[derive(Clone, Copy, Debug)]
pub struct Linked<'a> {
    index: usize,
    /// At least one.
    samples: &'a [Sample],
    session: Option<usize>,
    link: Link,
    /// Whether time may still join them: they name no transaction that is known.
    by_time: bool,
    /// Whether they may repeat samples that were sent before.
    repeat: bool,
    evse: Option<i32>,
    connector: Option<i32>,
}

impl<'a> Linked<'a> {
    /// When they were taken, by which clock, and what that says.
    fn taken(&self, track: &Track<'a>) -> (Option<i64>, Option<TimeSource>, Flags) {
        taken(track.events[self.index], self.samples.first().and_then(|sample| sample.time))
    }

    fn reading(&self, track: &Track<'a>) -> Reading<'a> {
        let (time, source, _) = self.taken(track);
        Reading { time, source, samples: self.samples }
    }
}

/// When a sample was taken: by its own time, else by the recorder's.
fn taken(view: View<'_>, own: Option<i64>) -> (Option<i64>, Option<TimeSource>, Flags) {
    let mut flags = Flags::NONE;
    match own {
        Some(time) if time >= FIRST_SET => return (Some(time), Some(TimeSource::Payload), flags),
        Some(_) => flags.add(Flag::ClockUnset),
        None => {}
    }
    (view.log_time, view.log_time.map(|_| TimeSource::Log), flags)
}

/// Joins what names its transaction; the rest waits for [`link_by_time`].
#[must_use]
pub fn link_by_id<'a>(track: &Track<'a>, sessions: &mut [Session<'a>]) -> Vec<Linked<'a>> {
    let ids = Ids::of(sessions);
    let mut by_stop: FxHashMap<usize, usize> = FxHashMap::default();
    if track.tx_stops().any(|(.., stop)| stop.samples.length > 0) {
        by_stop.extend(sessions.iter().enumerate().filter_map(|(at, session)| Some((session.stop_index?, at))));
    }
    let mut links: Vec<Linked<'a>> = Vec::with_capacity(track.meters().size_hint().1.unwrap_or_default());
    let mut add = |span: Span, linked: Linked<'a>, sessions: &mut [Session<'a>]| {
        let alike = |one: &Sample, other: &Sample| one.time == other.time;
        for samples in track.events[linked.index].samples(span).chunk_by(alike) {
            let linked = Linked { samples, ..linked };
            links.push(linked);
            if let Some(at) = linked.session {
                sessions[at].readings.push(linked.reading(track));
            }
        }
    };
    for (index, view) in track.of([Is::Meter, Is::TxStop, Is::TxEvent]) {
        if track.exchange.pairs[index].attempt > 1 {
            // The same message once more brings the same samples once more.
            continue;
        }
        let none = Linked {
            index,
            samples: &[],
            session: None,
            link: Link::None,
            by_time: false,
            repeat: false,
            evse: None,
            connector: None,
        };
        if let Some(meter) = view.meter() {
            let Some(sample) = view.samples(meter.samples).first() else { continue };
            let id = view.text(meter.transaction_id);
            // Connector 0 is the charge point's main meter: never a transaction's.
            let main = meter.evse == Some(0);
            let session =
                id.filter(|_| !main).and_then(|id| named(ids.get(id), sessions, index, view, sample, meter.connector));
            if let Some(at) = session {
                let mismatch = sessions[at].row.connector.is_some() && sessions[at].row.connector != meter.connector;
                sessions[at].row.flags.add_if(mismatch, Flag::ConnectorMismatch);
                sessions[at].touch(index, view);
            }
            let linked = Linked {
                session,
                link: if session.is_some() { Link::TransactionId } else { Link::None },
                by_time: session.is_none() && !main,
                evse: meter.evse,
                connector: meter.connector,
                ..none
            };
            add(meter.samples, linked, sessions);
        } else if let Some(stop) = view.tx_stop() {
            let session = by_stop.get(&index).copied();
            let place = session.map_or((None, None), |at| (sessions[at].row.evse, sessions[at].row.connector));
            let linked = Linked {
                session,
                link: if session.is_some() { Link::TransactionData } else { Link::None },
                repeat: true,
                evse: place.0,
                connector: place.1,
                ..none
            };
            add(stop.samples, linked, sessions);
        } else if let Some(event) = view.tx_event() {
            let Some(sample) = view.samples(event.samples).first() else { continue };
            let id = view.text(event.transaction_id);
            let session = id.and_then(|id| named(ids.get(id), sessions, index, view, sample, None));
            let place =
                session.map_or((event.evse, event.connector), |at| (sessions[at].row.evse, sessions[at].row.connector));
            let linked = Linked {
                session,
                link: if session.is_some() { Link::TransactionId } else { Link::None },
                repeat: event.phase == TxPhase::Ended,
                evse: place.0,
                connector: place.1,
                ..none
            };
            add(event.samples, linked, sessions);
        }
    }
    links
}

/// The session that an id means: of several, the one that ran when the sample was taken, else the latest one before.
fn named(
    known: &[(&str, usize)],
    sessions: &[Session<'_>],
    index: usize,
    view: View<'_>,
    sample: &Sample,
    connector: Option<i32>,
) -> Option<usize> {
    if let [only] = known {
        return Some(only.1);
    }
    let (time, source, _) = taken(view, sample.time);
    let known = || known.iter().map(|known| known.1);
    let begun = || known().rev().filter(|&at| sessions[at].start_index.is_none_or(|start| start <= index));
    let running = |at: &usize| sessions[*at].covers(time, source);
    let here = |at: &usize| connector.is_none() || sessions[*at].row.connector == connector;
    begun()
        .find(|at| running(at) && here(at))
        .or_else(|| begun().find(running))
        .or_else(|| begun().next())
        .or_else(|| known().next())
}

/// Joins what was sampled on a transaction's connector while it ran, and settles the readings of every session.
pub fn link_by_time<'a>(
    track: &Track<'a>,
    sessions: &mut [Session<'a>],
    links: &mut Vec<Linked<'a>>,
    unmatched: &mut Vec<Unmatched<'a>>,
) {
    let mut by_place: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
    let by_time = links.iter().any(|linked| linked.by_time);
    for (at, session) in sessions.iter().enumerate().filter(|_| by_time) {
        if let (Some(evse), true) = (session.row.evse, session.start_index.is_some()) {
            by_place.entry(evse).or_default().push(at);
        }
    }
    for list in by_place.values_mut() {
        list.sort_by_key(|&at| (sessions[at].start.time, sessions[at].start_index));
    }
    let mut lost = usize::MAX;
    let mut changed = false;
    for linked in links.iter_mut().filter(|linked| linked.by_time) {
        let view = track.events[linked.index];
        let (time, source, _) = linked.taken(track);
        let candidates = linked.evse.and_then(|evse| by_place.get(&evse));
        let found = candidates.and_then(|list| running(list, sessions, linked.index, time, source));
        if let Some(at) = found {
            changed = true;
            linked.session = Some(at);
            linked.link = if linked.connector.is_some() { Link::ConnectorTime } else { Link::EvseTime };
        } else if let Some(meter) = view.meter()
            && let Some(id) = view.text(meter.transaction_id)
            && lost != linked.index
        {
            lost = linked.index;
            unmatched.push(Unmatched {
                kind: UnmatchedKind::MeterValuesWithoutTransaction,
                time,
                detail: format!("transaction id {id} is not in the log"),
                view,
                index: linked.index,
            });
        }
    }
    changed |= drop_repeats(track, links);
    if changed {
        for session in sessions.iter_mut() {
            session.readings.clear();
        }
        for linked in links.iter() {
            if let Some(at) = linked.session {
                sessions[at].readings.push(linked.reading(track));
            }
        }
    }
    for session in sessions.iter_mut() {
        session.row.meter_value_count = session.readings.iter().map(|reading| reading.samples.len() as i32).sum();
    }
}

fn running(
    list: &[usize],
    sessions: &[Session<'_>],
    index: usize,
    time: Option<i64>,
    source: Option<TimeSource>,
) -> Option<usize> {
    let own = source == Some(TimeSource::Payload);
    let first = list.partition_point(|&at| sessions[at].start.time <= time);
    // Sessions on one connector do not overlap, so only the last ones begun before can run; two to bridge an
    // unsorted clock.
    list[..first].iter().rev().take(2).copied().find(|&at| {
        let session = &sessions[at];
        if own && session.start.source == Some(TimeSource::Payload) {
            session.covers(time, source)
        } else {
            session.start_index.is_some_and(|start| start < index) && session.stop_index.is_none_or(|stop| index < stop)
        }
    })
}

/// Samples that came again with the stop or the last event are one sample. Tells whether there were any.
fn drop_repeats<'a>(track: &Track<'a>, links: &mut Vec<Linked<'a>>) -> bool {
    let repeated: FxHashSet<usize> =
        links.iter().filter(|linked| linked.repeat).filter_map(|linked| linked.session).collect();
    if repeated.is_empty() {
        return false;
    }
    let key = |linked: &Linked<'a>, sample: &Sample| {
        let value = sample.value.map(f64::to_bits);
        let time = linked.taken(track).0;
        (linked.session, time, sample.measurand, sample.phase, sample.location, sample.context, value)
    };
    let seen: FxHashSet<_> = links
        .iter()
        .filter(|linked| !linked.repeat && linked.session.is_some_and(|at| repeated.contains(&at)))
        .flat_map(|linked| linked.samples.iter().map(|sample| key(linked, sample)))
        .collect();
    if seen.is_empty() {
        return false;
    }
    let mut kept = Vec::with_capacity(links.len());
    for linked in links.drain(..) {
        if !linked.repeat {
            kept.push(linked);
            continue;
        }
        let is_known = |sample: &Sample| seen.contains(&key(&linked, sample));
        let runs = linked.samples.chunk_by(|one, other| is_known(one) == is_known(other));
        kept.extend(runs.filter(|run| !is_known(&run[0])).map(|samples| Linked { samples, ..linked }));
    }
    *links = kept;
    true
}

/// The rows of the table, those of one message and time together.
#[must_use]
pub fn rows<'a>(track: &Track<'a>, sessions: &[Session<'a>], links: &[Linked<'a>]) -> Vec<MeterValues<'a>> {
    let mut rows: Vec<MeterValues<'a>> = links
        .iter()
        .map(|linked| {
            let view = track.events[linked.index];
            let (time, time_source, mut flags) = linked.taken(track);
            let session = linked.session.map(|at| &sessions[at]);
            let after = session.is_some_and(|session| after_stop(session, time, time_source));
            flags.add_if(after, Flag::AfterStop);
            let main = linked.connector == Some(0) && view.meter().is_some_and(|meter| meter.transaction_id.is_some());
            flags.add_if(main, Flag::MainMeterId);
            MeterValues {
                view,
                samples: linked.samples,
                evse: linked.evse,
                connector: linked.connector,
                transaction_id: session.and_then(|session| session.row.transaction_id),
                link: Some(linked.link),
                time,
                time_source,
                flags,
            }
        })
        .collect();
    // Rows of one time stay in the order of arrival.
    if !rows.is_sorted_by_key(|row| row.time) {
        rows.sort_by_key(|row| row.time);
    }
    rows
}

/// The samples of one message as it tells them itself: joined to no transaction, whoever may have sent them before.
pub fn told<'a>(view: View<'a>, rows: &mut Vec<MeterValues<'a>>) {
    let (samples, id, evse, connector) = if let Some(meter) = view.meter() {
        (meter.samples, meter.transaction_id, meter.evse, meter.connector)
    } else if let Some(stop) = view.tx_stop() {
        (stop.samples, stop.transaction_id, None, None)
    } else if let Some(event) = view.tx_event() {
        (event.samples, event.transaction_id, event.evse, event.connector)
    } else {
        return;
    };
    let transaction_id = view.text(id);
    let main = connector == Some(0) && view.meter().is_some() && transaction_id.is_some();
    rows.extend(view.samples(samples).chunk_by(|one, other| one.time == other.time).map(|samples| {
        let (time, time_source, mut flags) = taken(view, samples.first().and_then(|sample| sample.time));
        flags.add_if(main, Flag::MainMeterId);
        MeterValues { view, samples, evse, connector, transaction_id, link: None, time, time_source, flags }
    }));
}

/// Whether a sample was taken after the stop, as far as one clock tells both.
#[must_use]
pub fn after_stop(session: &Session<'_>, time: Option<i64>, source: Option<TimeSource>) -> bool {
    let stopped = session.row.stop_attempts > 0 && session.stop.source == source;
    stopped && session.stop.time.zip(time).is_some_and(|(stop, time)| time > stop)
}
