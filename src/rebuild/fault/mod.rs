//! Errors that charge points reported, from report to clearing (rule book §4.1, §4.2; 1.6 §4.9 and §7.6, 2.0.1 part 2
//! G05 and N07).
//!
//! 1.x tells an error with a status and clears it with the next status that does not tell it; 2.x raises and clears
//! alerts by `NotifyEvent`, and says of a connector that it is faulted.

mod code;

use super::status::{Place, State, StatusClass, Timelines, Via, availability, doubts, notices};
use super::transaction::Transaction;
use super::words::words;
use super::{Context, TimeSource, Timed, Track, timed};
use crate::event::{Notice, View};
use crate::flag::{Flag, Flags};
use crate::position::Position;
use std::collections::BTreeMap;

words! {
    /// What told an error.
    Source:
    /// A status.
    Status = "status";
    /// `NotifyEvent`.
    NotifyEvent = "notify_event";
}

/// One row of `faults`.
#[derive(Clone, Debug)]
pub struct Fault<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// The EVSE; in 1.x the connector; 0 is the charge point itself.
    pub evse_id: Option<i32>,
    /// The connector.
    pub connector_id: Option<i32>,
    /// When it was reported: UTC microseconds; none if only its clearing is in the log.
    pub start_time: Option<i64>,
    /// When it was over; none while it lasts.
    pub end_time: Option<i64>,
    /// The error code as logged; 2.x has none.
    pub error_code: Option<&'a str>,
    /// The vendor whose code follows.
    pub vendor_id: Option<&'a str>,
    /// The vendor's code; in 2.x the technical code.
    pub vendor_error_code: Option<&'a str>,
    /// The minimum required error code (CX001 to CX026) that it stands for.
    pub mrec_code: Option<&'static str>,
    /// Free text of the report that began it.
    pub info: Option<&'a str>,
    /// How severe, from 0 (danger) to 9 (debug); told by `NotifyEvent` of 2.1.
    pub severity: Option<i32>,
    /// The component (2.x).
    pub component: Option<&'a str>,
    /// The variable (2.x).
    pub variable: Option<&'a str>,
    /// The transaction that ran then.
    pub transaction_id: Option<&'a str>,
    /// What told it.
    pub source: Source,
    /// What had to be said about it.
    pub flags: Flags,
    /// The message that began it; if that is not in the log, the one that cleared it.
    pub position: Position,
}

/// The errors of a charge point, by start, then source order.
///
/// An error is one row from the first report that tells it to the first that does not, however often it is told
/// again and whatever the status is meanwhile. The free text does not make another error: it often holds a reading.
pub(super) fn faults<'a>(
    track: &Track<'a>,
    context: &Context<'_>,
    timelines: &Timelines<'a>,
    transactions: &[Transaction<'a>],
) -> Vec<Fault<'a>> {
    let mut rows = Vec::new();
    for (&place, states) in timelines {
        told_by_status(track.charge_point, place, states, context, &mut rows);
    }
    told_by_events(track, context, &mut rows);
    if rows.is_empty() {
        return rows;
    }
    let ran = Ran::new(transactions);
    for row in &mut rows {
        row.transaction_id = row.transaction_id.or_else(|| ran.at(row.evse_id, row.connector_id, row.start_time?));
    }
    rows.sort_by_key(|row| (row.start_time, row.position));
    rows
}

/// What makes an error the same as before: OCPP's code, vendor, the vendor's code.
type Code<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>);

/// Errors of a connector by its states in order of their starts.
fn told_by_status<'a>(
    charge_point: &'a str,
    (evse_id, connector_id): Place,
    states: &[State<'a>],
    context: &Context<'_>,
    rows: &mut Vec<Fault<'a>>,
) {
    let mut running: Vec<(Code<'a>, usize, &State<'a>)> = Vec::new();
    for (index, state) in states.iter().enumerate() {
        let told = errors(state);
        running.retain(|&(code, row, first)| {
            let goes_on = told.iter().any(|&(other, _)| other == code);
            if !goes_on {
                end(&mut rows[row], first, state);
            }
            goes_on
        });
        for (code, info) in told {
            if running.iter().any(|&(other, _, _)| other == code) {
                continue;
            }
            let mut flags = state.when.flags;
            flags.add_if(index == 0 && state.is_left_censored(context), Flag::LeftCensored);
            flags.extend(state.remarks().and(Flags::from_iter([Flag::FaultWithoutCode])));
            let (error_code, vendor_id, vendor_error_code) = code;
            running.push((code, rows.len(), state));
            rows.push(Fault {
                charge_point,
                evse_id,
                connector_id,
                start_time: state.when.time,
                end_time: None,
                error_code,
                vendor_id,
                vendor_error_code,
                mrec_code: code::mrec(vendor_error_code, info, error_code),
                info,
                severity: None,
                component: state.component,
                variable: state.component.map(|_| "AvailabilityState"),
                transaction_id: None,
                source: if state.via == Via::Notify { Source::NotifyEvent } else { Source::Status },
                flags,
                position: state.view.position,
            });
        }
    }
}

/// The errors that a state tells, each with its text.
fn errors<'a>(state: &State<'a>) -> Vec<(Code<'a>, Option<&'a str>)> {
    let said = state.error_code.filter(|code| !code.is_empty() && !code.eq_ignore_ascii_case("NoError"));
    if said.is_none() && StatusClass::of(state.status) != StatusClass::Faulted {
        return Vec::new();
    }
    let codes = code::codes(state.vendor_id, state.vendor_error_code, state.info);
    codes.into_iter().map(|(code, info)| ((state.error_code, state.vendor_id, code), info)).collect()
}

/// Ends an error where a state begins that does not tell it.
fn end(row: &mut Fault<'_>, first: &State<'_>, next: &State<'_>) {
    row.end_time = next.when.time;
    row.flags.extend(next.when.flags.and(doubts()));
    row.flags.add_if(!first.is_timed_like(next), Flag::MixedClocks);
    let backwards = first.is_timed_like(next) && next.when.time < first.when.time;
    row.flags.add_if(backwards, Flag::NegativeDuration);
}

/// What makes an alert the same as before: component, variable, monitor (rule book §4.2).
type Alert<'a> = (Place, [Option<&'a str>; 4], Option<i64>);

/// Alerts that monitors raised and cleared, and variables that say that there is a problem.
fn told_by_events<'a>(track: &Track<'a>, context: &Context<'_>, rows: &mut Vec<Fault<'a>>) {
    let mut running: BTreeMap<Alert<'a>, usize> = BTreeMap::new();
    for (view, notice) in notices(track) {
        let Some(raised) = raises(view, notice) else { continue };
        let alert = alert(view, notice);
        let when = timed(view, notice.time, context.rules);
        match (raised, running.get(&alert).copied()) {
            (true, None) => {
                running.insert(alert, rows.len());
                rows.push(event_row(track, view, notice, when));
            }
            (false, Some(row)) => {
                rows[row].end_time = when.time;
                rows[row].flags.extend(when.flags.and(doubts()));
                let backwards = rows[row].start_time > when.time;
                rows[row].flags.add_if(backwards, Flag::NegativeDuration);
                running.remove(&alert);
            }
            // A clearing alone: the alert was raised before the log, or offline and dropped (2.0.1 N07).
            (false, None) if notice.cleared => {
                let mut row = event_row(track, view, notice, when);
                row.end_time = row.start_time.take();
                row.flags.add(Flag::LeftCensored);
                rows.push(row);
            }
            // Told again, or over already.
            (true, Some(_)) | (false, None) => {}
        }
    }
}

/// Whether an entry raises an alert or clears one; none if it speaks of something else.
fn raises(view: View<'_>, notice: &Notice) -> Option<bool> {
    if availability(view, notice).is_some() {
        return None;
    }
    let problem = view.text(notice.variable) == Some("Problem");
    if notice.cleared {
        return Some(false);
    }
    if problem {
        return Some(view.text(notice.value).is_some_and(|value| value.eq_ignore_ascii_case("true")));
    }
    notice.alerting.then_some(true)
}

fn alert<'a>(view: View<'a>, notice: &Notice) -> Alert<'a> {
    let names = [notice.component, notice.component_instance, notice.variable, notice.variable_instance];
    ((notice.evse, notice.connector), names.map(|name| view.text(name)), notice.monitor)
}

fn event_row<'a>(track: &Track<'a>, view: View<'a>, notice: &Notice, when: Timed) -> Fault<'a> {
    let (vendor_error_code, info) = (view.text(notice.tech_code), view.text(notice.tech_info));
    Fault {
        charge_point: track.charge_point,
        // A component without an EVSE is one of the charge point itself.
        evse_id: Some(notice.evse.unwrap_or(0)),
        connector_id: notice.connector,
        start_time: when.time,
        end_time: None,
        error_code: None,
        vendor_id: None,
        vendor_error_code,
        mrec_code: code::mrec(vendor_error_code, info, None),
        info,
        severity: notice.severity,
        component: view.text(notice.component),
        variable: view.text(notice.variable),
        transaction_id: view.text(notice.transaction_id).filter(|id| !id.is_empty()),
        source: Source::NotifyEvent,
        flags: when.flags,
        position: view.position,
    }
}

/// When which transaction ran on which EVSE.
struct Ran<'s, 'a> {
    by_evse: BTreeMap<Option<i32>, Vec<&'s Transaction<'a>>>,
}

impl<'s, 'a> Ran<'s, 'a> {
    fn new(transactions: &'s [Transaction<'a>]) -> Self {
        let mut by_evse: BTreeMap<Option<i32>, Vec<&'s Transaction<'a>>> = BTreeMap::new();
        for row in transactions.iter().filter(|row| row.start_time.is_some()) {
            by_evse.entry(row.evse).or_default().push(row);
        }
        for rows in by_evse.values_mut() {
            rows.sort_by_key(|row| row.start_time);
        }
        Self { by_evse }
    }

    /// The transaction that had begun last and was not over.
    fn at(&self, evse: Option<i32>, connector: Option<i32>, time: i64) -> Option<&'a str> {
        let rows = self.by_evse.get(&evse)?;
        let begun = rows.partition_point(|row| row.start_time <= Some(time));
        let here =
            |row: &&&Transaction<'a>| row.connector.is_none() || connector.is_none() || row.connector == connector;
        let last = rows[..begun].iter().rev().find(here)?;
        let inferred = last.stop_time_source == Some(TimeSource::Inferred);
        let runs = last.stop_time.is_none_or(|stop| time < stop || (time == stop && !inferred));
        last.transaction_id.filter(|_| runs)
    }
}

#[cfg(test)]
mod tests;
