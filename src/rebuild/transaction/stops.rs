//! Which stop ends which transaction (rule book §2.2 and §2.3; decisions 2 and 3).

use super::clues::Clues;
use super::session::{Ids, Session};
use super::{Confidence, EndSource, LinkMethod, State, Transaction};
use crate::event::View;
use crate::flag::Flag;
use crate::rebuild::kinds::Is;
use crate::rebuild::{Context, TimeSource, Timed, Track, Unmatched, UnmatchedKind, timed};
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// How many starts of its connector a stop without an assigned id may come late by.
const LATE_BY: usize = 256;

/// A stop and its repetitions.
#[derive(Clone, Debug)]
pub(super) struct Stop<'a> {
    /// Index of its first sending.
    pub(super) index: usize,
    /// Index of its last sending.
    last: usize,
    /// The id it names.
    pub(super) id: &'a str,
    /// When it stopped.
    pub(super) time: Timed,
    /// The meter then, in Wh.
    pub(super) meter: Option<f64>,
    /// The token.
    pub(super) id_tag: Option<&'a str>,
    /// The reason as sent.
    pub(super) reason: Option<&'a str>,
    /// How often it was sent.
    pub(super) attempts: i32,
}

/// Every stop of the charge point, repetitions folded in.
pub(super) fn collect<'a>(
    track: &Track<'a>,
    context: &Context<'_>,
    unmatched: &mut Vec<Unmatched<'a>>,
) -> Vec<Stop<'a>> {
    let count = track.kinds.list(Is::TxStop).len();
    let mut stops: Vec<Stop<'a>> = Vec::with_capacity(count);
    let mut known: FxHashMap<(&str, Option<i64>, Option<u64>), usize> =
        FxHashMap::with_capacity_and_hasher(count, FxBuildHasher);
    for (index, view, fact) in track.tx_stops() {
        let time = timed(view, fact.time, context.rules);
        let Some(id) = view.text(fact.transaction_id) else {
            unmatched.push(Unmatched {
                kind: UnmatchedKind::StopWithoutId,
                time: time.time,
                detail: "a stop without a transaction id".to_owned(),
                view,
                index,
            });
            continue;
        };
        let key = (id, fact.time.micros, fact.meter_stop.map(f64::to_bits));
        if let Some(&at) = known.get(&key)
            && near(track.events[stops[at].last], view, context.rules.retry_window)
        {
            // Some charge points send a stop again for days: what counts is the time since the sending before.
            stops[at].last = index;
            stops[at].attempts += 1;
            unmatched.push(Unmatched {
                kind: UnmatchedKind::RetryOf,
                time: time.time,
                detail: "the same stop once more".to_owned(),
                view,
                index,
            });
            continue;
        }
        known.insert(key, stops.len());
        stops.push(Stop {
            index,
            last: index,
            id,
            time,
            meter: fact.meter_stop,
            id_tag: view.text(fact.id_tag),
            reason: view.text(fact.reason),
            attempts: 1,
        });
    }
    stops
}

fn near(first: View<'_>, second: View<'_>, window: i64) -> bool {
    match (first.log_time, second.log_time) {
        (Some(first), Some(second)) => (second - first).abs() <= window,
        _ => true,
    }
}

/// Joins stops whose id was assigned to a transaction before; returns those that are left.
pub(super) fn join_by_id<'a>(
    track: &Track<'a>,
    context: &Context<'_>,
    sessions: &mut [Session<'a>],
    stops: Vec<Stop<'a>>,
    clues: &Clues<'_, 'a>,
) -> Vec<Stop<'a>> {
    let ids = Ids::of(sessions);
    let mut left = Vec::new();
    let (mut known, mut open): (Vec<usize>, Vec<usize>) = Default::default();
    for stop in stops {
        let told =
            |&(_, at): &(&str, usize)| sessions[at].id_index.is_some_and(|index| index < stop.index).then_some(at);
        known.clear();
        known.extend(ids.get(stop.id).iter().filter_map(told));
        open.clear();
        open.extend(known.iter().copied().filter(|&at| sessions[at].stop_index.is_none()));
        if open.is_empty() {
            match known.last().filter(|&&at| stopped_lately(track, &sessions[at], &stop, context)) {
                Some(&at) => conflict(track, &mut sessions[at], &stop),
                None => left.push(stop),
            }
            continue;
        }
        let (at, confidence) = if let [only] = open[..] {
            (only, Confidence::High)
        } else {
            let fitting: Vec<usize> = open.iter().copied().filter(|&at| fits(&sessions[at], &stop)).collect();
            let choice = choose(sessions, if fitting.is_empty() { &open } else { &fitting }, &stop, clues, context);
            (choice.session, choice.confidence)
        };
        let session = &mut sessions[at];
        session.row.transaction_id = Some(stop.id);
        session.row.link_method = Some(LinkMethod::TransactionId);
        session.row.link_confidence = Some(confidence);
        if session.row.flags.has(Flag::DuplicateTxId) {
            let others: Vec<&str> = session.ids.iter().copied().filter(|&id| id != stop.id).collect();
            session.row.details.extend(others.into_iter().map(|id| (Flag::DuplicateTxId, id)));
        }
        session.end(track, &stop);
    }
    left
}

fn stopped_lately(track: &Track<'_>, session: &Session<'_>, stop: &Stop<'_>, context: &Context<'_>) -> bool {
    session
        .stop_index
        .is_some_and(|first| near(track.events[first], track.events[stop.index], context.rules.retry_window))
}

/// A second stop with other content: the earlier one by its own time counts.
fn conflict<'a>(track: &Track<'a>, session: &mut Session<'a>, stop: &Stop<'a>) {
    let earlier = stop.time.source == session.stop.source && stop.time.time < session.stop.time;
    if earlier {
        session.end(track, stop);
    } else {
        session.touch(stop.index, track.events[stop.index]);
    }
    session.row.flags.add(Flag::ConflictingStop);
}

/// Whether a stop can end a session at all.
fn fits(session: &Session<'_>, stop: &Stop<'_>) -> bool {
    let meters = match (session.row.meter_start_wh, stop.meter) {
        (Some(start), Some(end)) => start <= end,
        _ => true,
    };
    meters && session.begins_before(stop.time, stop.index)
}

/// One of several sessions, and how sure that is.
struct Choice {
    session: usize,
    method: LinkMethod,
    confidence: Confidence,
    sure: bool,
}

/// The only candidate that passes a test.
fn only_one(sessions: &[Session<'_>], candidates: &[usize], test: &dyn Fn(&Session<'_>) -> bool) -> Option<usize> {
    let mut fitting = candidates.iter().copied().filter(|&at| test(&sessions[at]));
    fitting.next().filter(|_| fitting.next().is_none())
}

/// The rule book's scored list; `candidates` is never empty.
fn choose(
    sessions: &[Session<'_>],
    candidates: &[usize],
    stop: &Stop<'_>,
    clues: &Clues<'_, '_>,
    context: &Context<'_>,
) -> Choice {
    // A connector runs one transaction at a time: an older one on it is over.
    let mut latest: BTreeMap<Option<i32>, usize> = BTreeMap::new();
    for &at in candidates {
        let slot = latest.entry(sessions[at].row.connector).or_insert(at);
        if sessions[at].start_index > sessions[*slot].start_index {
            *slot = at;
        }
    }
    let candidates: Vec<usize> = latest.into_values().collect();
    let found = |session, method, confidence| Choice { session, method, confidence, sure: true };
    if let Some(connector) = clues.connector_of(stop.id)
        && let Some(at) = only_one(sessions, &candidates, &|session| session.row.connector == Some(connector))
    {
        return found(at, LinkMethod::PlaceholderMeter, Confidence::High);
    }
    // Who was told another id would name that one, unless the start had waited offline: then the stop behind it may
    // never learn the id.
    let untold = |at: &usize| {
        let session = &sessions[*at];
        session.ids.is_empty() || session.start.late || session.ids.contains(&stop.id)
    };
    let some_untold = candidates.iter().any(untold);
    let candidates: Vec<usize> = candidates.iter().copied().filter(|at| !some_untold || untold(at)).collect();
    let only = |test: &dyn Fn(&Session<'_>) -> bool| only_one(sessions, &candidates, test);
    if let Some(at) = only(&|_| true) {
        return found(at, LinkMethod::OnlyOpen, Confidence::High);
    }
    let same_tag = |session: &Session<'_>| match (session.row.id_tag, stop.id_tag) {
        (Some(start), Some(end)) => start.eq_ignore_ascii_case(end),
        _ => false,
    };
    if let Some(at) = only(&same_tag) {
        return found(at, LinkMethod::IdTag, Confidence::Medium);
    }
    let ended = |session: &Session<'_>| {
        let own = stop.time.source == Some(TimeSource::Payload);
        let window = context.rules.stop_status_window;
        own && stop.time.time.is_some_and(|time| clues.ended_near(session.row.evse, time, window))
    };
    if let Some(at) = only(&ended) {
        return found(at, LinkMethod::Status, Confidence::Medium);
    }
    let at_meter = |session: &Session<'_>| {
        let register = clues.register_before(session.row.connector, stop.index);
        register
            .zip(stop.meter)
            .is_some_and(|(register, meter)| (register - meter).abs() <= context.rules.energy_tolerance_wh)
    };
    if let Some(at) = only(&at_meter) {
        return found(at, LinkMethod::Register, Confidence::Medium);
    }
    let newest = candidates.iter().copied().max_by_key(|&at| sessions[at].start_index);
    Choice {
        session: newest.unwrap_or_default(),
        method: LinkMethod::OnlyOpen,
        confidence: Confidence::Low,
        sure: false,
    }
}

/// Whether an id is one that charge points make up where they have none (1.6 errata §3.18: -1).
pub(super) fn is_placeholder(id: &str) -> bool {
    id.parse::<i64>().is_ok_and(|id| id <= 0)
}

/// Joins stops whose id nobody assigned, where exactly one transaction can be meant; returns those that are left.
pub(super) fn join_by_evidence<'a>(
    track: &Track<'a>,
    context: &Context<'_>,
    sessions: &mut [Session<'a>],
    stops: Vec<Stop<'a>>,
    clues: &Clues<'_, 'a>,
) -> Vec<Stop<'a>> {
    if stops.is_empty() {
        return stops;
    }
    let assigned: FxHashSet<&str> = sessions.iter().flat_map(|session| session.ids.iter().copied()).collect();
    // What a later start on the same connector has closed cannot be meant: only the latest start counts. A stop that
    // comes late, from the charge point's memory, speaks of its own time.
    let mut latest: BTreeMap<Option<i32>, Vec<(usize, usize)>> = BTreeMap::new();
    for (at, session) in sessions.iter().enumerate() {
        let start = session.start_index.unwrap_or_default();
        latest.entry(session.row.connector).or_default().push((start, at));
    }
    let mut left = Vec::new();
    for stop in stops {
        if assigned.contains(stop.id) && !is_placeholder(stop.id) {
            left.push(stop);
            continue;
        }
        let placeholder = is_placeholder(stop.id);
        let candidates: Vec<usize> = latest
            .values()
            .filter_map(|starts| {
                let before = &starts[..starts.partition_point(|&(start, _)| start < stop.index)];
                let running = |at: &usize| sessions[*at].begins_before(stop.time, stop.index);
                before.iter().rev().take(LATE_BY).map(|&(_, at)| at).find(running)
            })
            .filter(|&at| {
                let session = &sessions[at];
                session.stop_index.is_none() && fits(session, &stop) && (placeholder || session.ids.is_empty())
            })
            .collect();
        if candidates.is_empty() {
            left.push(stop);
            continue;
        }
        let choice = choose(sessions, &candidates, &stop, clues, context);
        if !choice.sure {
            left.push(stop);
            continue;
        }
        let session = &mut sessions[choice.session];
        if placeholder {
            session.row.flags.add(Flag::PlaceholderId);
            session.row.details.push((Flag::PlaceholderId, stop.id));
            session.row.link_method = Some(choice.method);
            session.row.link_confidence = Some(choice.confidence);
        } else {
            session.row.flags.add(Flag::PairedWithoutId);
            session.row.transaction_id = Some(stop.id);
            session.ids.push(stop.id);
            session.id_index = session.start_index;
            session.row.link_method = Some(LinkMethod::WithoutId);
            session.row.link_confidence = Some(Confidence::Medium);
        }
        session.end(track, &stop);
    }
    left
}

/// A stop that ends nothing in the log: a row of its own if its id can be believed, else unmatched.
pub(super) fn stop_only<'a>(
    track: &Track<'a>,
    context: &Context<'_>,
    sessions: &mut Vec<Session<'a>>,
    stop: &Stop<'a>,
    clues: &Clues<'_, 'a>,
    unmatched: &mut Vec<Unmatched<'a>>,
) {
    let view = track.events[stop.index];
    if is_placeholder(stop.id) {
        unmatched.push(Unmatched {
            kind: UnmatchedKind::PlaceholderStop,
            time: stop.time.time,
            detail: format!("transaction id {} was never assigned, and no single transaction is open", stop.id),
            view,
            index: stop.index,
        });
        return;
    }
    let connector = clues.connector_of(stop.id);
    let early = match (context.observation.start, view.log_time) {
        (Some(start), Some(time)) => time - start <= crate::time::DAY,
        _ => false,
    };
    let mut session = Session {
        row: Transaction {
            charge_point: track.charge_point,
            evse: connector,
            connector,
            transaction_id: Some(stop.id),
            version: view.version,
            first: view.position,
            last: view.position,
            ..Transaction::default()
        },
        ids: vec![stop.id],
        id_index: Some(0),
        ..Session::default()
    };
    session.end(track, stop);
    session.row.state = Some(State::StopOnly);
    session.row.end_source = Some(EndSource::Stop);
    session.row.flags.add_if(early, Flag::LeftCensored);
    sessions.push(session);
}
