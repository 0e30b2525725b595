//! What silence makes of a state (rule book §4.2, §4.3; decision 7): certain up to the last contact, stale until the
//! next one, assumed from there on.

use super::report::{Place, State, doubts};
use super::{EndReason, Knowledge, Seen, StatusClass, StatusInterval, Timelines, last_contact};
use crate::flag::{Flag, Flags};
use crate::rebuild::connectivity::{self, Contact};
use crate::rebuild::{Context, TimeSource, Track, boot};

/// Time without contact, by the recorder's clock.
#[derive(Clone, Copy, Debug)]
struct Silence {
    from: i64,
    /// When the charge point was heard again; none if the log ended first.
    until: Option<i64>,
    /// It ended with a boot.
    boot: bool,
    /// It ended with an accepted boot: until when every connector had to report.
    deadline: Option<i64>,
}

/// A boundary of a row.
#[derive(Clone, Copy)]
struct Edge {
    time: Option<i64>,
    source: Option<TimeSource>,
    /// The clock that tells it agrees with the recorder's.
    live: bool,
    /// It is where contact was lost or regained.
    contact: bool,
}

/// Cuts the states of a charge point into rows.
pub(super) struct Cutter<'c, 'a> {
    charge_point: &'a str,
    context: &'c Context<'c>,
    silences: Vec<Silence>,
    /// The charge point's clock agrees with the recorder's as far as its reports tell.
    clocks_agree: bool,
    observed_until: Option<i64>,
}

impl<'c, 'a> Cutter<'c, 'a> {
    pub(super) fn new(
        track: &Track<'a>,
        context: &'c Context<'c>,
        timelines: &Timelines<'a>,
        seen: &Seen<'_, 'a>,
    ) -> Self {
        let observed_until = match (context.observation.end, last_contact(track)) {
            (Some(end), Some(contact)) => Some(end.min(contact)),
            (end, contact) => end.and(contact),
        };
        Self {
            charge_point: track.charge_point,
            context,
            silences: silences(track, context, seen),
            clocks_agree: timelines.values().flatten().any(|state| state.live),
            observed_until,
        }
    }

    /// The rows of a state that lasts until `next` begins.
    pub(super) fn rows(
        &self,
        place: Place,
        first: bool,
        state: &State<'a>,
        next: Option<&State<'a>>,
        rows: &mut Vec<StatusInterval<'a>>,
    ) {
        let begun = rows.len();
        let mut start = Edge { time: state.when.time, source: state.when.source, live: state.live, contact: false };
        let mut knowledge = state.heard.map(|_| Knowledge::Certain);
        let mut flags = Flags::NONE;
        let silences = self.silences_between(state, next);
        if !self.clocks_agree && !silences.is_empty() {
            // When it fell silent cannot be told by the clock that tells the state: only that it did.
            knowledge = knowledge.map(|_| Knowledge::Assumed);
        }
        let edge =
            |next: &State<'_>| Edge { time: next.when.time, source: next.when.source, live: next.live, contact: false };
        let end = next.map(edge);
        let goes_on = |time: i64| end.is_none_or(|end| end.time.is_some_and(|end| time < end));
        let mut over = false;
        for silence in silences.iter().filter(|_| self.clocks_agree) {
            let Some(from) = start.time else { break };
            if silence.until.is_some_and(|until| until <= from) || !goes_on(silence.from) {
                continue;
            }
            let mut row = |start: Edge, end: Edge, knowledge: Option<Knowledge>, reason: EndReason, flags: Flags| {
                let mut row = self.row(place, state, start, knowledge);
                row.flags.extend(flags);
                close(&mut row, start, end, reason);
                rows.push(row);
            };
            if silence.from > from {
                let edge = by_recorder(silence.from);
                row(start, edge, knowledge, EndReason::ContactLost, flags);
                start = edge;
            }
            knowledge = Some(Knowledge::Stale);
            flags = Flags::NONE;
            let Some(until) = silence.until.filter(|&until| goes_on(until)) else {
                over = silence.until.is_none() && end.is_none();
                break;
            };
            let edge = by_recorder(until);
            row(start, edge, knowledge, EndReason::ContactRegained, Flags::NONE);
            start = edge;
            let told = state.confirmations.iter().any(|report| report.arrival == Some(until));
            knowledge = Some(if told { Knowledge::Certain } else { Knowledge::Assumed });
            flags.add_if(is_missed(silence, state, next), Flag::NoStatusAfterBoot);
        }
        let mut row = self.row(place, state, start, knowledge);
        row.flags.extend(flags);
        match (end, next) {
            (Some(end), Some(next)) => {
                close(&mut row, start, end, EndReason::NextStatus);
                // What is doubtful about the next report's time is doubtful about this row's end.
                row.flags.extend(next.when.flags.and(doubts()));
            }
            // While it is silent, that is what is observed.
            _ if over => censor(&mut row, start, self.context.observation.end),
            _ => censor(&mut row, start, self.observed_until),
        }
        rows.push(row);
        // What is said about the report's time is said about the row that it begins.
        let at_start = &mut rows[begun];
        at_start.flags.extend(state.when.flags);
        at_start.flags.add_if(first && state.is_left_censored(self.context), Flag::LeftCensored);
        share_confirmations(state, &mut rows[begun..]);
    }

    /// The silences after the first report of a state and before the first one of the next, by order of arrival.
    fn silences_between(&self, state: &State<'_>, next: Option<&State<'_>>) -> &[Silence] {
        let Some(heard) = state.heard else { return &[] };
        let first = self.silences.partition_point(|silence| silence.from < heard);
        let rest = &self.silences[first..];
        let Some(next) = next else { return rest };
        let before = |silence: &Silence| silence.until.zip(next.heard).is_some_and(|(until, heard)| until <= heard);
        &rest[..rest.partition_point(before)]
    }

    fn row(
        &self,
        (evse, connector): Place,
        state: &State<'a>,
        start: Edge,
        knowledge: Option<Knowledge>,
    ) -> StatusInterval<'a> {
        StatusInterval {
            charge_point: self.charge_point,
            evse,
            connector,
            start_time: start.time,
            start_time_source: start.source,
            end_time: None,
            observed_until: None,
            duration: None,
            status: state.status,
            status_class: StatusClass::of(state.status),
            error_code: state.error_code,
            vendor_id: state.vendor_id,
            vendor_error_code: state.vendor_error_code,
            info: state.info,
            end_reason: EndReason::LogEnd,
            knowledge,
            confirmations: 0,
            received_at: state.view.log_time,
            flags: state.remarks(),
            position: state.view.position,
        }
    }
}

/// Whether a connector did not report after an accepted boot (1.6 errata 4.0 §3.22, 2.0.1 B01.FR.05).
fn is_missed(silence: &Silence, state: &State<'_>, next: Option<&State<'_>>) -> bool {
    let (Some(from), Some(deadline)) = (silence.until, silence.deadline) else { return false };
    let in_time = |time: Option<i64>| time.is_some_and(|time| (from..=deadline).contains(&time));
    let reported = state.confirmations.iter().any(|report| in_time(report.arrival));
    !reported && !next.is_some_and(|next| in_time(next.heard))
}

fn by_recorder(time: i64) -> Edge {
    Edge { time: Some(time), source: Some(TimeSource::Log), live: true, contact: true }
}

/// Ends a row. Two times of different clocks give a length only where one is that of a contact and the report behind
/// the other came live (decisions 4 and 7).
fn close(row: &mut StatusInterval<'_>, start: Edge, end: Edge, reason: EndReason) {
    row.end_reason = reason;
    row.end_time = end.time;
    row.observed_until = end.time;
    let (Some(from), Some(to)) = (start.time, end.time) else {
        return;
    };
    let comparable = (start.contact || end.contact) && start.live && end.live;
    if start.source != end.source && !comparable {
        row.flags.add(Flag::MixedClocks);
    } else if to < from {
        row.flags.add(Flag::NegativeDuration);
    } else {
        row.duration = Some(to - from);
    }
}

/// Leaves the last row open. The observation is told by the recorder's clock, so the row's length is only given
/// where a report of the state came live: then the two clocks agree well enough (decisions 4 and 7).
fn censor(row: &mut StatusInterval<'_>, start: Edge, observed_until: Option<i64>) {
    row.observed_until = observed_until;
    let (Some(from), Some(to)) = (start.time, observed_until) else {
        return;
    };
    if !start.live {
        row.flags.add(Flag::MixedClocks);
    } else if to >= from {
        row.duration = Some(to - from);
    }
}

/// Counts every confirmation in the row in which it came.
fn share_confirmations(state: &State<'_>, rows: &mut [StatusInterval<'_>]) {
    for report in &state.confirmations {
        let after_first = rows[1..].iter().take_while(|row| row.start_time <= report.arrival).count();
        rows[after_first].confirmations += 1;
    }
}

/// When the charge point was out of contact, and between its last contact and each boot: whatever came before a boot
/// is old (rule book §4.2), even what was heard between a time without contact and the boot. In order and disjoint.
fn silences(track: &Track<'_>, context: &Context<'_>, seen: &Seen<'_, '_>) -> Vec<Silence> {
    let away = |contact: &&Contact<'_>| contact.state != connectivity::State::Online;
    let mut all: Vec<Silence> = seen
        .contacts
        .iter()
        .filter(away)
        .map(|contact| Silence { from: contact.start_time, until: contact.end_time, boot: false, deadline: None })
        .collect();
    for booted in boot::booted(track, seen.boots) {
        let (Some(until), Some(from)) = (booted.row.time, booted.last_contact) else { continue };
        let deadline = boot::deadline(booted.row, seen.boots, context);
        all.push(Silence { from, until: Some(until), boot: true, deadline });
    }
    // A connection that is closed as the log ends leaves no time in which anything could be stale.
    all.retain(|silence| silence.until.or(context.observation.end).is_none_or(|until| silence.from < until));
    all.sort_by_key(|silence| (silence.from, silence.until.unwrap_or(i64::MAX)));
    let mut joined: Vec<Silence> = Vec::with_capacity(all.len());
    for silence in all {
        match joined.last_mut() {
            Some(last)
                if last.until.is_none_or(|until| silence.from < until || silence.boot && silence.from == until) =>
            {
                let later = last.until.zip(silence.until);
                last.until = later.map(|(one, two)| one.max(two));
                last.boot |= silence.boot;
                last.deadline = silence.deadline.or(last.deadline);
            }
            _ => joined.push(silence),
        }
    }
    joined
}
