//! Charging transactions (rule book §2 and §3; OCPP 1.6 §3.7, §4.8, §4.10, §7.7; 2.0.1 part 2, E and J).
//!
//! Two passes: what the log says in so many words comes first, over the whole log, because a stop may arrive days
//! late; only what is left open then is closed by other evidence.

mod asked;
mod bill;
mod closing;
mod clues;
mod config;
mod energy;
mod evented;
mod events;
mod metered;
mod power;
mod row;
mod series;
mod session;
mod stages;
mod stops;

pub use bill::Bill;
pub use row::{Confidence, EndSource, EnergyMethod, LinkMethod, State, Transaction, stop_class};
pub use session::{Ids, Reading, Session, Told};

use super::boot;
use super::meter::{self, MeterValues};
use super::{Context, TimeSource, Timed, Track, Unmatched};
use crate::event::Known;
use crate::flag::Flag;
use asked::Asked;
use clues::Clues;
use series::Measured;

/// A status report, as evidence about the transaction on its connector.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report<'a> {
    /// Index of its event.
    index: usize,
    /// The status as sent.
    status: &'a str,
    /// When.
    time: Timed,
    /// The connector; in 2.x an EVSE may have several.
    connector: Option<i32>,
}

/// The transactions of a charge point and the sampled values that belong to them or to none.
pub fn transactions<'a>(
    track: &Track<'a>,
    context: &Context<'_>,
    unmatched: &mut Vec<Unmatched<'a>>,
    want_meter_values: bool,
) -> (Vec<Transaction<'a>>, Vec<MeterValues<'a>>) {
    let clues = Clues::new(track, context);
    let mut asked = Asked::new(track, context);
    let mut sessions = metered::sessions(track, context, &clues, unmatched);
    asked.settle_remote_starts(&mut sessions, context);
    sessions.extend(evented::sessions(track, context));
    let mut links = meter::link_by_id(track, &mut sessions);
    closing::close(track, &mut sessions, &clues, &asked);
    meter::link_by_time(track, &mut sessions, &mut links, unmatched);
    closing::settle_ends(&mut sessions);
    let boots = boots(track, context);
    let known = Known::new();
    let runs_on = |session: &Session<'_>| session.told.evented && session.row.state == Some(State::Open);
    let stop_point_known = sessions.iter().any(runs_on) && config::stop_point_known(track);
    let starts = starts(&sessions);
    let mut measured = Measured::default();
    for session in &mut sessions {
        interruptions(session, &clues, &boots);
        asked.mark(session, context);
        config::mark(track, session, stop_point_known);
        bill::settle(session, &asked);
        measured.read(session);
        let register = energy::measure(session, &measured, context, &known);
        finish(session, context);
        let next_start = next_start(&starts, session);
        stages::settle(session, &clues, &asked, &register, next_start, context);
    }
    energy::compare_neighbours(&mut sessions, context);
    let meter_values = if want_meter_values { meter::rows(track, &sessions, &links) } else { Vec::new() };
    let order = |session: &Session<'_>| (session.row.start_time, session.start_index.or(session.stop_index));
    if !sessions.is_sorted_by_key(order) {
        sessions.sort_by_key(order);
    }
    let rows = sessions.into_iter().map(|session| session.row).collect();
    (rows, meter_values)
}

/// When transactions began on each EVSE, in order.
fn starts(sessions: &[Session<'_>]) -> Vec<(i32, i64)> {
    let begun = sessions.iter().filter(|session| session.start_index.is_some());
    let mut starts: Vec<_> = begun.filter_map(|session| session.row.evse.zip(session.start.time)).collect();
    starts.sort_unstable();
    starts
}

/// When the next transaction began on the EVSE of this one.
fn next_start(starts: &[(i32, i64)], session: &Session<'_>) -> Option<i64> {
    let evse = session.row.evse?;
    let begun = session.start.time.or(session.stop.time);
    let next = starts.get(starts.partition_point(|&(other, time)| (other, Some(time)) <= (evse, begun)));
    next.filter(|next| next.0 == evse).map(|next| next.1)
}

/// Indices of the boots; a registration that is sent again is no boot, nor is a message that the CSMS asked for.
fn boots(track: &Track<'_>, context: &Context<'_>) -> Vec<usize> {
    let told = track.boots().map(|(index, ..)| index);
    told.zip(boot::boots(track, context)).filter(|(_, row)| row.is_reboot).map(|(index, _)| index).collect()
}

/// Boots and faults while it ran, by arrival: both are told by the recorder's clock (rule book §2.3).
fn interruptions(session: &mut Session<'_>, clues: &Clues<'_, '_>, boots: &[usize]) {
    let Some(start) = session.start_index else {
        return;
    };
    let inside = |index: usize| match (session.stop_index, session.row.state) {
        (Some(stop), _) => index < stop,
        (None, Some(State::Open)) => true,
        // Closed by something else: only what came before its last message is known to lie inside.
        _ => index < session.last_index,
    };
    let first = boots.partition_point(|&index| index < start);
    let count = boots[first..].iter().take_while(|&&index| inside(index)).count();
    let mut reports = clues.reports(session.row.evse, Some(start)).iter().take_while(|report| inside(report.index));
    let faulted = reports.any(|report| report.status == "Faulted");
    // An event may say that the transaction went on after a boot that is not in the log (2.1 E17).
    let booted = |(before, after): &(usize, usize)| boots.iter().any(|boot| (before..after).contains(&boot));
    let count = count + session.told.resumed.iter().filter(|resumed| !booted(resumed)).count();
    session.row.interruptions = count as i32;
    session.row.flags.add_if(count > 0, Flag::RebootDuring);
    session.row.flags.add_if(faulted, Flag::FaultedDuring);
}

/// What follows from start and stop once both are settled.
fn finish(session: &mut Session<'_>, context: &Context<'_>) {
    let row = &mut session.row;
    row.start_time = session.start.time;
    row.start_time_source = session.start.source;
    row.stop_time = session.stop.time;
    row.stop_time_source = session.stop.source;
    row.flags.extend(session.start.flags);
    row.flags.extend(session.stop.flags);
    row.delivered_late |= session.start.late || session.stop.late;
    let clocks = |source: Option<TimeSource>| matches!(source, Some(TimeSource::Payload | TimeSource::Inferred));
    if let (Some(start), Some(stop)) = (row.start_time, row.stop_time)
        && !row.flags.has(Flag::StartedMissing)
    {
        if clocks(row.start_time_source) != clocks(row.stop_time_source) {
            row.flags.add(Flag::MixedClocks);
        } else if stop < start {
            row.flags.add(Flag::NegativeDuration);
        } else {
            row.duration = Some(stop - start);
        }
    }
    energy::check_power(session, context);
}
