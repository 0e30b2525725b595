//! The status timeline of every connector (rule book §4.1, §4.2; OCPP 1.6 §4.9, 2.0.1 part 2 G01).
//!
//! Three steps: the reports of a connector in order of arrival and the states they tell in order of their times
//! ([`report`]), what silence makes of them ([`piece`]), what a transaction says about an occupied connector
//! ([`refine`]).

mod piece;
mod refine;
mod report;

pub(super) use report::{Place, State, Via, availability, doubts, notices, timelines};

use super::boot::BootRow;
use super::connectivity::{Contact, is_heard};
use super::transaction::Transaction;
use super::words::words;
use super::{Context, TimeSource, Track};
use crate::flag::Flags;
use crate::position::Position;
use piece::Cutter;
use refine::Sessions;
use std::collections::BTreeMap;

/// The states of every connector in order of their starts.
pub(super) type Timelines<'a> = BTreeMap<Place, Vec<State<'a>>>;

words! {
    /// What a status means in every version (rule book §4.1).
    StatusClass:
    /// Free.
    Available = "available";
    /// In use, but no energy flows.
    OccupiedIdle = "occupied_idle";
    /// Energy flows.
    Charging = "charging";
    /// The vehicle takes no energy.
    SuspendedEv = "suspended_ev";
    /// The charge point gives no energy.
    SuspendedEvse = "suspended_evse";
    /// Held for somebody.
    Reserved = "reserved";
    /// Out of order by intent.
    Unavailable = "unavailable";
    /// Out of order by a fault.
    Faulted = "faulted";
    /// A word that no version knows.
    Unknown = "unknown";
}

words! {
    /// Why an interval ends.
    EndReason:
    /// The next report tells another state.
    NextStatus = "next_status";
    /// The charge point fell silent, or booted; what is told of the state goes on as stale.
    ContactLost = "contact_lost";
    /// The charge point was heard again and did not say otherwise; what is told of the state goes on as assumed.
    ContactRegained = "contact_regained";
    /// The log ends; the state may go on.
    LogEnd = "log_end";
}

words! {
    /// How well a state is known.
    Knowledge:
    /// The charge point was in contact.
    Certain = "certain";
    /// The charge point came back and did not say otherwise.
    Assumed = "assumed";
    /// The charge point was silent.
    Stale = "stale";
}

impl StatusClass {
    /// The class of a status as sent. `Occupied` is idle here; a transaction may refine it later.
    #[must_use]
    pub fn of(status: &str) -> Self {
        const CLASSES: [(&str, StatusClass); 10] = [
            ("Available", StatusClass::Available),
            ("Preparing", StatusClass::OccupiedIdle),
            ("Finishing", StatusClass::OccupiedIdle),
            ("Occupied", StatusClass::OccupiedIdle),
            ("Charging", StatusClass::Charging),
            ("SuspendedEV", StatusClass::SuspendedEv),
            ("SuspendedEVSE", StatusClass::SuspendedEvse),
            ("Reserved", StatusClass::Reserved),
            ("Unavailable", StatusClass::Unavailable),
            ("Faulted", StatusClass::Faulted),
        ];
        CLASSES.iter().find(|(word, _)| word.eq_ignore_ascii_case(status)).map_or(Self::Unknown, |&(_, class)| class)
    }
}

/// One row of `status_intervals`.
#[derive(Clone, Debug)]
pub struct StatusInterval<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// The EVSE; in 1.x the connector.
    pub evse: Option<i32>,
    /// The connector; 0 is the charge point itself.
    pub connector: Option<i32>,
    /// Since when: UTC microseconds.
    pub start_time: Option<i64>,
    /// Which clock tells the start: the recorder's where contact was lost or regained; none if there is no time.
    pub start_time_source: Option<TimeSource>,
    /// Until when: UTC microseconds; none while the state may go on.
    pub end_time: Option<i64>,
    /// Until when the state was observed: the end, or for the last one the last contact inside of the observation.
    pub observed_until: Option<i64>,
    /// How long, in microseconds: to the end, or to `observed_until` where there is none. None where two different
    /// clocks tell the two times, and where the end lies before the start.
    pub duration: Option<i64>,
    /// The status as sent.
    pub status: &'a str,
    /// What it means; an occupied connector is told by its transaction.
    pub status_class: StatusClass,
    /// The error code as sent; 2.x sends none.
    pub error_code: Option<&'a str>,
    /// The vendor whose code follows.
    pub vendor_id: Option<&'a str>,
    /// The vendor's code.
    pub vendor_error_code: Option<&'a str>,
    /// Free text.
    pub info: Option<&'a str>,
    /// Why it ends.
    pub end_reason: EndReason,
    /// How well the state is known (decision 7); none where the log has no times, and so no contact.
    pub knowledge: Option<Knowledge>,
    /// How many more reports told the same, inside of the row.
    pub confirmations: i32,
    /// When the report that began it was recorded: UTC microseconds.
    pub received_at: Option<i64>,
    /// What had to be said about the row.
    pub flags: Flags,
    /// The report that began it.
    pub position: Position,
}

/// The status timeline of all connectors of a charge point, by start, then source order.
///
/// A state lasts from a report to the next report of that connector that tells something else; the last one is open.
/// It is one row, unless contact was lost in between (decision 7): then it is certain up to the last contact, stale
/// until the next one, and assumed from there on. All its rows name the report that began it. Nothing is known before
/// a connector's first report. That row is `left_censored` (the state may be older than the log) if the report came
/// within [`crate::options::Rules::left_censor_window`] of the observation's start, unless the charge point's first
/// `BootNotification` in the log came before it: a boot in the log means that nothing earlier was missed.
pub(super) fn intervals<'a>(
    track: &Track<'a>,
    context: &Context<'_>,
    timelines: &Timelines<'a>,
    seen: &Seen<'_, 'a>,
) -> Vec<StatusInterval<'a>> {
    let sessions = Sessions::new(track, context, seen.transactions);
    let cutter = Cutter::new(track, context, timelines, seen);
    let mut all = Vec::new();
    for (&place, states) in timelines {
        for (index, state) in states.iter().enumerate() {
            cutter.rows(place, index == 0, state, states.get(index + 1), &mut all);
        }
    }
    for row in &mut all {
        sessions.refine(row);
    }
    all.sort_by_key(|row| (row.start_time, row.position));
    all
}

/// What was rebuilt before, and tells something about a status.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'s, 'a> {
    /// When the charge point was in contact.
    pub(super) contacts: &'s [Contact<'a>],
    /// Its boots.
    pub(super) boots: &'s [BootRow<'a>],
    /// Its transactions.
    pub(super) transactions: &'s [Transaction<'a>],
}

/// When the charge point was last heard.
pub(super) fn last_contact(track: &Track<'_>) -> Option<i64> {
    let heard = |(index, view): &(usize, &crate::event::View<'_>)| is_heard(track, *index, **view);
    // Events stand in the order of their log times, those without one first.
    track.events.iter().enumerate().rev().find(heard).and_then(|(_, view)| view.log_time)
}

#[cfg(test)]
mod tests;
