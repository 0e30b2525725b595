//! When a vehicle was plugged in, charged and left (rule book §3.2; decision 14; 1.6 §4.9; 2.0.1 E).

use super::asked::Asked;
use super::clues::Clues;
use super::energy::{Curve, curve};
use super::series::Series;
use super::session::Session;
use super::{EndSource, Report, State};
use crate::flag::Flag;
use crate::rebuild::{Context, TimeSource};
use crate::time::{HOUR, SECOND};

/// From which mean power between two readings on energy counts as flowing, in W (decision 14).
const FLOWING_W: f64 = 100.0;
/// How many points a curve needs to tell more than its ends.
const POINTS: usize = 3;

/// When energy flowed.
#[derive(Clone, Copy, Debug, Default)]
struct Flow {
    first: Option<i64>,
    last: Option<i64>,
    total: i64,
}

impl Flow {
    fn add(&mut self, from: i64, to: i64) {
        self.first = self.first.or(Some(from));
        self.last = Some(to);
        self.total += to - from;
    }
}

/// Fills in the times between plugging in and leaving, once start, stop and duration are settled. `next_start` is when
/// the next transaction began on the connector.
pub(super) fn settle(
    session: &mut Session<'_>,
    clues: &Clues<'_, '_>,
    asked: &Asked<'_>,
    register: &Series,
    next_start: Option<i64>,
    context: &Context<'_>,
) {
    session.row.authorized_time = session.told.authorized.or_else(|| asked.authorized(session, context.rules));
    let reports = clues.timeline(session.row.evse);
    let clock = reports.first().and_then(|report| report.time.source);
    let (start, stop) = ends(session, clock);
    session.row.plug_in_time = session.told.plugged_in.or_else(|| plugged_in(session, reports, start?, context));
    session.row.unplug_time = unplugged(session, reports, stop, next_start);
    let by_state = if session.told.states.is_empty() {
        start.and_then(|start| by_status(session, reports, start, stop, context))
    } else {
        by_charging_state(session)
    };
    let flow = by_state.or_else(|| by_slope(&curve(session, register)));
    charging(session, flow);
}

/// Start and stop by the clock of the reports.
fn ends(session: &Session<'_>, clock: Option<TimeSource>) -> (Option<i64>, Option<i64>) {
    let late = session.row.delivered_late;
    let on = |time: Option<i64>, source: Option<TimeSource>, received: Option<i64>| match (clock, source) {
        (Some(TimeSource::Log), Some(TimeSource::Payload)) => received.filter(|_| !late),
        (Some(TimeSource::Payload), Some(TimeSource::Log)) => None,
        _ => time,
    };
    let start = on(session.start.time, session.start.source, session.row.start_received_at);
    let stop = on(session.stop.time, session.stop.source, session.row.stop_received_at);
    (start, stop)
}

fn here(session: &Session<'_>, report: &Report<'_>) -> bool {
    session.row.connector.is_none() || session.row.connector == report.connector
}

/// The first report of the last unbroken run of Preparing or Occupied before the start, if it is not too old.
fn plugged_in(session: &Session<'_>, reports: &[Report<'_>], start: i64, context: &Context<'_>) -> Option<i64> {
    let before = &reports[..reports.partition_point(|report| report.time.time <= Some(start))];
    before
        .iter()
        .rev()
        .filter(|report| here(session, report))
        // Some charge points report that they charge before they send the start.
        .skip_while(|report| matches!(report.status, "Charging" | "SuspendedEV" | "SuspendedEVSE"))
        .take_while(|report| matches!(report.status, "Preparing" | "Occupied"))
        .last()
        .and_then(|report| report.time.time)
        .filter(|time| start - time <= context.rules.plug_in_window)
}

/// When the vehicle left: as an event says, or the reason of the stop, else the first Available behind the stop, unless
/// another transaction began before.
fn unplugged(session: &Session<'_>, reports: &[Report<'_>], stop: Option<i64>, next_start: Option<i64>) -> Option<i64> {
    if session.told.unplugged.is_some() {
        return session.told.unplugged;
    }
    if session.row.end_source == Some(EndSource::Stop) && session.row.stop_reason == Some("EVDisconnected") {
        return session.stop.time;
    }
    let stop = stop.filter(|_| session.row.state != Some(State::Open))?;
    reports[reports.partition_point(|report| report.time.time < Some(stop))..]
        .iter()
        .take_while(|report| next_start.is_none_or(|next| report.time.time < Some(next)))
        .find(|report| report.status == "Available" && here(session, report))
        .and_then(|report| report.time.time)
}

/// The stretches of Charging among states that follow each other until `end`. None if no state tells whether energy
/// flowed.
fn stretches<'s>(states: impl Iterator<Item = (i64, &'s str)>, start: i64, end: Option<i64>) -> Option<Flow> {
    let mut flow = Flow::default();
    let mut told = false;
    let mut running: Option<i64> = None;
    let mut last = start;
    let within = |time: i64| time.max(start).min(end.unwrap_or(i64::MAX));
    for (time, state) in states {
        if let Some(from) = running.take() {
            flow.add(within(from), within(time));
        }
        told |= matches!(state, "Charging" | "SuspendedEV" | "SuspendedEVSE");
        running = (state == "Charging").then_some(time);
        last = last.max(time);
    }
    if let Some(from) = running {
        flow.add(within(from), within(end.unwrap_or(last)));
    }
    told.then_some(flow)
}

/// 2.x: by the charging states of its events.
fn by_charging_state(session: &Session<'_>) -> Option<Flow> {
    let start = session.start.time?;
    let source = if session.start.source == Some(TimeSource::Inferred) {
        session.told.states.first().and_then(|state| state.0.source)
    } else {
        session.start.source
    };
    let end = session.stop.time.or(session.told.last_time);
    let states = session.told.states.iter().filter(|(time, _)| time.source == source);
    stretches(states.filter_map(|&(time, state)| Some((time.time?, state))), start, end)
}

/// 1.x: by the status of its connector.
fn by_status(
    session: &Session<'_>,
    reports: &[Report<'_>],
    start: i64,
    stop: Option<i64>,
    context: &Context<'_>,
) -> Option<Flow> {
    let end = stop.or_else(|| {
        let log = reports.first().is_some_and(|report| report.time.source == Some(TimeSource::Log));
        session.readings.iter().filter(|_| !log).filter_map(|reading| reading.time).max()
    });
    let first = reports.partition_point(|report| report.time.time <= Some(start)).saturating_sub(1);
    let until = end.map_or(reports.len(), |end| reports.partition_point(|report| report.time.time < Some(end)));
    // A status may come a little before the start; one that is much older speaks of a transaction before.
    let recent =
        |report: &&Report<'_>| report.time.time >= Some(start.saturating_sub(context.rules.stop_status_window));
    let inside = reports.get(first..until.max(first))?.iter().filter(recent).filter(|report| here(session, report));
    stretches(inside.filter_map(|report| Some((report.time.time?, report.status))), start, end)
}

/// By how fast the register climbed between its readings.
fn by_slope(curve: &Curve) -> Option<Flow> {
    if curve.len() < POINTS {
        return None;
    }
    let mut flow = Flow::default();
    for pair in curve.windows(2) {
        let ((from, before), (to, after)) = (pair[0], pair[1]);
        let hours = (to - from) as f64 / HOUR as f64;
        if hours > 0.0 && (after - before) / hours >= FLOWING_W {
            flow.add(from, to);
        }
    }
    Some(flow)
}

/// How long energy flowed: the charge point's own count where it can be right, else what was put together.
fn charging(session: &mut Session<'_>, flow: Option<Flow>) {
    let row = &mut session.row;
    let counted = session.told.time_spent_charging;
    // Both ends of a duration are rounded, to whole seconds by most.
    let too_long = counted.zip(row.duration).is_some_and(|(counted, duration)| counted > duration + 2 * SECOND);
    row.flags.add_if(too_long, Flag::ChargingTimeMismatch);
    row.first_charging_time = flow.and_then(|flow| flow.first);
    row.last_charging_time = flow.and_then(|flow| flow.last);
    row.charging_duration = counted.filter(|_| !too_long).or(flow.map(|flow| flow.total));
    row.idle_duration =
        row.duration.zip(row.charging_duration).map(|(duration, charging)| (duration - charging).max(0));
}
