//! What is known about the contact of a charge point before its time is cut into rows (rule book §4.3).

use super::{Confidence, is_heard};
use crate::event::{Setting, Text, View};
use crate::message::Action;
use crate::rebuild::{Context, Track};
use crate::time::{MINUTE, SECOND};
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
    pub(super) fn of(track: &Track<'_>, context: &Context<'_>) -> Self {
        let heartbeat = Action::from_name("Heartbeat");
        let mut contacts: Vec<i64> = Vec::with_capacity(track.events.len() / 2);
        let (mut sockets, mut heartbeats, mut late, mut interval) = (false, 0, 0, None);
        let mut kept = Vec::new();
        for (index, view) in track.events.iter().enumerate() {
            let Some(time) = view.log_time else { continue };
            sockets |= view.kind.is_connection();
            if !is_heard(track, index, *view) {
                continue;
            }
            if let (Some(&last), Some(interval)) = (contacts.last(), interval) {
                let gap = time - last;
                late += usize::from(gap > interval + interval / 2 && gap <= limit(interval, context));
            }
            contacts.push(time);
            heartbeats += usize::from(view.action == heartbeat && view.kind.has_action());
            interval = ordered_interval(track, index).or(interval);
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

/// The heartbeat interval that holds from an event on: ordered by the answer to a boot, or set later.
pub(super) fn ordered_interval(track: &Track<'_>, index: usize) -> Option<i64> {
    let view = track.events[index];
    let interval = if view.boot().is_some() { boot_interval(track, index) } else { set_interval(track, index) };
    interval.filter(|&interval| interval > 0)
}

/// The interval that the answer to a boot orders. Only one that accepts does: in any other the same field is the time
/// to wait (1.6 §4.2). Zero leaves the choice to the charge point, so nothing is known then.
fn boot_interval(track: &Track<'_>, index: usize) -> Option<i64> {
    let view = track.answer(index)?;
    let answer = view.answer()?;
    answer.interval.filter(|_| is(view, answer.status, "Accepted"))
}

/// The interval that the charge point accepts in its answer to `ChangeConfiguration` (1.6 §9.1.7) or `SetVariables`
/// (2.0.1 part 2, `OCPPCommCtrlr`). One that needs a boot first is ordered by that boot.
fn set_interval(track: &Track<'_>, index: usize) -> Option<i64> {
    let view = track.events[index];
    let answer = view.answer()?;
    let call = track.events[track.exchange.pairs[index].call? as usize];
    let list = call.settings().filter(|list| list.set)?;
    let names = |view: View<'_>, setting: &Setting| {
        let whole = !setting.component.is_some() || is(view, setting.component, "OCPPCommCtrlr");
        whole && is(view, setting.variable, "HeartbeatInterval")
    };
    let asked = call.setting_items(list.items).iter().find(|setting| names(call, setting))?;
    let told = view.setting_items(answer.settings).iter().find(|setting| names(view, setting));
    let status = told.map_or(answer.status, |setting| setting.status);
    let seconds: i64 = call.text(asked.value)?.trim().parse().ok()?;
    seconds.checked_mul(SECOND).filter(|_| is(view, status, "Accepted"))
}

fn is(view: View<'_>, text: Text, word: &str) -> bool {
    view.text(text).is_some_and(|text| text.eq_ignore_ascii_case(word))
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
    let delay = |view: &View<'_>| {
        let status = view.status().and_then(|status| status.time.micros);
        let event = || view.tx_event().filter(|event| !event.offline).and_then(|event| event.time.micros);
        let start = || view.tx_start().and_then(|start| start.time.micros);
        Some(view.log_time?.saturating_sub(status.or_else(event).or_else(start)?))
    };
    let mut delays: Vec<i64> = track.events.iter().filter_map(delay).collect();
    if delays.is_empty() {
        return 0;
    }
    // Of an even number the smaller one: what was kept is late, nothing is early.
    let middle = (delays.len() - 1) / 2;
    let (_, &mut offset, _) = delays.select_nth_unstable(middle);
    offset
}
