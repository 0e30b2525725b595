//! What the events of a 2.x transaction tell beside its start and end (2.0.1 part 2, E, I, J; 2.1 E16, E17, I, S).

use super::Transaction;
use super::evented::Step;
use super::session::Told;
use crate::event::TxPhase;
use crate::flag::Flag;
use crate::rebuild::Track;

/// Reads it from the events in their order.
pub(super) fn told<'a>(track: &Track<'a>, row: &mut Transaction<'a>, steps: &[Step<'a>]) -> Told<'a> {
    let mut told = Told { evented: true, ..Told::default() };
    let mut before: Option<usize> = None;
    for step in steps {
        told.last_time = told.last_time.max(step.time.time);
        told.time_spent_charging = step.event.time_spent_charging.or(told.time_spent_charging);
        let gone = matches!(step.view.text(step.event.trigger), Some("EVCommunicationLost" | "EVDeparted"));
        // The state is left out where there is no vehicle (2.0.1 part 2, TransactionType).
        if let Some(state) = step.view.text(step.event.charging_state).or(gone.then_some("Idle")) {
            told.states.push((step.time, state));
        }
        trigger(&mut told, row, step, before);
        limit(row, step.view.text(step.event.stopped_reason));
        bill(&mut told, track, step);
        before = Some(step.index);
    }
    told
}

/// Why an event was sent tells what happened then.
fn trigger<'a>(told: &mut Told<'a>, row: &mut Transaction<'a>, step: &Step<'a>, before: Option<usize>) {
    let time = step.time.time;
    match step.view.text(step.event.trigger) {
        Some("CablePluggedIn") => {
            told.plugged_in = told.plugged_in.or(time);
            told.unplugged = None;
        }
        Some("Authorized") => told.authorized = told.authorized.or(time),
        // Without a vehicle there is no charging state, or Idle.
        Some("EVCommunicationLost" | "EVDeparted")
            if matches!(step.view.text(step.event.charging_state), None | Some("Idle")) =>
        {
            told.unplugged = told.unplugged.or(time);
        }
        Some("RemoteStop") => told.stopped_remotely = true,
        Some("TxResumed") => told.resumed.push((before.unwrap_or(step.index), step.index)),
        other => limit(row, other),
    }
}

/// A limit that was reached (2.1 E16.FR.05, E16.FR.06), by the trigger or by the reason of the end.
fn limit(row: &mut Transaction<'_>, word: Option<&str>) {
    let limit = match word {
        Some("EnergyLimitReached") => "energy",
        Some("TimeLimitReached") => "time",
        Some("SoCLimitReached" | "SOCLimitReached") => "soc",
        Some("CostLimitReached") => "cost",
        _ => return,
    };
    if !row.details.contains(&(Flag::LimitHit, limit)) {
        row.flags.add(Flag::LimitHit);
        row.details.push((Flag::LimitHit, limit));
    }
}

/// Costs: what the charge point reckons in its events, and what the CSMS answers to them.
fn bill<'a>(told: &mut Told<'a>, track: &Track<'a>, step: &Step<'a>) {
    let bill = &mut told.bill;
    let ends = step.event.phase == TxPhase::Ended;
    if let Some(cost) = step.view.cost(step.event) {
        bill.currency = step.view.text(cost.currency).or(bill.currency);
        bill.energy = cost.energy.or(bill.energy);
        match cost.total {
            Some(total) if ends => bill.charge_point = Some(total),
            Some(total) => bill.runs(step.index, total),
            None => {}
        }
    }
    let answer = track.exchange.pairs[step.index].answer.map(|at| at as usize);
    let total = answer.and_then(|at| Some((at, track.events[at].answer()?.total_cost?)));
    match total {
        Some((_, total)) if ends => bill.csms = Some(total),
        Some((index, total)) => bill.runs(index, total),
        None => {}
    }
}
