//! What is known about the contact of a charge point before its time is cut into rows (rule book §4.3).

use super::interval::Interval;
use super::{Confidence, is_heard};
use crate::event::View;
use crate::message::Action;
use crate::rebuild::{Context, Track};
use crate::time::{Instant, MINUTE, SECOND};
use std::collections::BTreeMap;

/// Where no heartbeat interval is known, silence up to this long says nothing: no CSMS orders a heartbeat so rarely
/// that a shorter one could be told from it, and an excerpt of a busy minute has gaps of milliseconds only.
const SHORTEST_UNKNOWN: i64 = 5 * MINUTE;
/// Within this, the two clocks are not compared.
const CLOCK_NOISE: i64 = 10 * SECOND;

/// What is known about the whole charge point.
#[derive(Debug)]
pub(super) struct Evidence {
    /// Whether the log tells of its connections.
    pub(super) sockets: bool,
    /// Whether it is heard about once in an interval: then its silence says something.
    pub(super) keeps_interval: bool,
    /// How long a silence must be where no interval is known.
    usual: i64,
    /// Times at which it was heard again, and then sent what it had kept while offline.
    pub(super) replays: BTreeMap<i64, Confidence>,
}

/// A message that was kept before it was sent.
struct Kept {
    /// When it happened, by the charge point's clock.
    time: i64,
    /// When it was logged.
    arrival: i64,
    /// Whether the charge point says so itself.
    told: bool,
}

impl Evidence {
    pub(super) fn of(track: &Track<'_>, context: &Context<'_>, mut interval: Interval) -> Self {
        let heartbeat = Action::from_name("Heartbeat");
        let mut contacts: Vec<i64> = Vec::with_capacity(track.events.len() / 2);
        let (mut sockets, mut heartbeats, mut late) = (false, 0, 0);
        let mut kept = Vec::new();
        for (index, view) in track.events.iter().enumerate() {
            let Some(time) = view.log_time else { continue };
            sockets |= view.kind.is_connection();
            if !is_heard(track, index, *view) {
                continue;
            }
            if let (Some(&last), Some(interval)) = (contacts.last(), interval.now()) {
                let gap = time - last;
                late += usize::from(gap > interval + interval / 2 && gap <= limit(interval, context));
            }
            contacts.push(time);
            heartbeats += usize::from(view.action == heartbeat && view.kind.has_action());
            interval.pass(index);
            kept.extend(kept_message(*view, time, context));
        }
        let replays = if sockets { BTreeMap::new() } else { replays(track, &contacts, &kept, context) };
        Self { sockets, keeps_interval: heartbeats > late, usual: usual(contacts, context), replays }
    }

    /// Beyond which silence a charge point counts as offline.
    pub(super) fn limit(&self, interval: Option<i64>, context: &Context<'_>) -> i64 {
        interval.map_or(self.usual, |interval| limit(interval, context))
    }
}

fn limit(interval: i64, context: &Context<'_>) -> i64 {
    (interval as f64 * context.rules.heartbeat_factor) as i64
}

/// Three times (by default) the longest usual gap, as far as the charge point's own frames tell what is usual.
fn usual(mut contacts: Vec<i64>, context: &Context<'_>) -> i64 {
    let gaps = contacts.len().saturating_sub(1);
    if gaps == 0 {
        return i64::MAX;
    }
    for at in 0..gaps {
        contacts[at] = contacts[at + 1] - contacts[at];
    }
    contacts.truncate(gaps);
    let rank = (gaps * 99).div_ceil(100) - 1;
    let (_, &mut gap, _) = contacts.select_nth_unstable(rank);
    limit(gap, context).max(SHORTEST_UNKNOWN)
}

/// A message about a transaction that came later than it should have.
fn kept_message(view: View<'_>, arrival: i64, context: &Context<'_>) -> Option<Kept> {
    let (payload, told) = if let Some(event) = view.tx_event() {
        (event.time.micros, event.offline)
    } else if let Some(start) = view.tx_start() {
        (start.time.micros, false)
    } else if let Some(stop) = view.tx_stop() {
        (stop.time.micros, false)
    } else {
        (view.samples(view.meter()?.samples).first()?.time, false)
    };
    let time = payload?;
    (told || arrival.saturating_sub(time) > context.rules.late_threshold).then_some(Kept { time, arrival, told })
}

/// When the charge point was heard again after a time offline, as the messages prove that it had kept: what it says it
/// did offline fell into that silence, and where it does not say (1.x), it came with the first messages after it.
fn replays(track: &Track<'_>, contacts: &[i64], kept: &[Kept], context: &Context<'_>) -> BTreeMap<i64, Confidence> {
    let mut replays = BTreeMap::new();
    if kept.is_empty() {
        return replays;
    }
    let offset = clock_offset(track);
    let late = context.rules.late_threshold;
    for message in kept {
        let time = message.time.saturating_add(offset);
        let next = contacts.partition_point(|&contact| contact <= time);
        let (Some(&back), Some(&last)) = (contacts.get(next), next.checked_sub(1).and_then(|at| contacts.get(at)))
        else {
            continue;
        };
        let inside = time - last > CLOCK_NOISE && back - time > 0 && back <= message.arrival;
        let burst = back - last > late && message.arrival - back <= late;
        if inside && message.told {
            replays.insert(back, Confidence::High);
        } else if inside && burst && message.arrival.saturating_sub(time) > late {
            replays.entry(back).or_insert(Confidence::Medium);
        }
    }
    replays
}

/// How far the recorder's clock is ahead of the charge point's, by the usual delay of what was sent at once.
fn clock_offset(track: &Track<'_>) -> i64 {
    let statuses = track.statuses().map(|(_, view, status)| (view, status.time));
    let events = track.tx_events().filter(|(.., event)| !event.offline).map(|(_, view, event)| (view, event.time));
    let starts = track.tx_starts().map(|(_, view, start)| (view, start.time));
    let delay = |(view, time): (View<'_>, Instant)| Some(view.log_time?.saturating_sub(time.micros?));
    let mut delays: Vec<i64> = statuses.chain(events).chain(starts).filter_map(delay).collect();
    if delays.is_empty() {
        return 0;
    }
    // Of an even number the smaller one: what was kept is late, nothing is early.
    let middle = (delays.len() - 1) / 2;
    let (_, &mut offset, _) = delays.select_nth_unstable(middle);
    offset
}
