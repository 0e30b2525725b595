//! The status timeline of every connector (rule book §4.1, §4.2; OCPP 1.6 §4.9, 2.0.1 part 2 G01).
//!
//! Three steps, so that connectivity can later cut between the second and the third: the reports of a connector in
//! order of arrival ([`reports`]), the states they tell in order of their times ([`timeline`]), the rows ([`rows`]).

use super::words::words;
use super::{Context, TimeSource, Timed, Track, timed};
use crate::event::View;
use crate::flag::{Flag, Flags};
use crate::message::Kind;
use crate::position::Position;
use crate::term::Direction;
use std::collections::BTreeMap;

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
    /// The charge point fell silent.
    ContactLost = "contact_lost";
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
    /// Which clock tells the start; none if there is no time.
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
    /// What it means.
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
    /// How well the state is known; none until connectivity is known (decision 7).
    pub knowledge: Option<Knowledge>,
    /// How many more reports told the same.
    pub confirmations: i32,
    /// When the report that began it was recorded: UTC microseconds.
    pub received_at: Option<i64>,
    /// What had to be said about the row.
    pub flags: Flags,
    /// The report that began it.
    pub position: Position,
}

/// A connector: EVSE, connector.
type Place = (Option<i32>, Option<i32>);

/// A state that a report began.
#[derive(Clone, Copy)]
struct State<'a> {
    view: View<'a>,
    when: Timed,
    status: &'a str,
    error_code: Option<&'a str>,
    vendor_id: Option<&'a str>,
    vendor_error_code: Option<&'a str>,
    info: Option<&'a str>,
    confirmations: i32,
    /// One of its reports came live, so the charge point's clock agrees with the recorder's.
    live: bool,
    /// The first boot of the log had been seen when the report came.
    after_boot: bool,
}

impl State<'_> {
    /// Whether two reports tell the same: another error or another text is another state.
    fn tells_the_same(&self, other: &Self) -> bool {
        (self.status, self.error_code, self.vendor_error_code, self.info)
            == (other.status, other.error_code, other.vendor_error_code, other.info)
    }

    /// Counts a report, and those that confirmed it, as confirmations of this one.
    fn confirm(&mut self, other: &Self) {
        self.confirmations += 1 + other.confirmations;
        self.live |= other.live;
    }

    fn is_timed_like(&self, other: &Self) -> bool {
        self.when.source == other.when.source
    }

    /// Whether the report says that it is older than `other`, which came before it.
    ///
    /// Times of different clocks are not compared, order of arrival stands. Neither is it older if only the other
    /// one's clock ran ahead: then the clock was put right in between.
    fn is_older_than(&self, other: &Self) -> bool {
        let put_right = other.when.flags.has(Flag::ClockFuture) && !self.when.flags.has(Flag::ClockFuture);
        self.is_timed_like(other) && self.when.time < other.when.time && !put_right
    }
}

/// The status timeline of all connectors of a charge point, by start, then source order.
///
/// A row lasts from a report to the next report of that connector that tells something else; the last one is open.
/// Nothing is known before a connector's first report. That row is `left_censored` (the state may be older than the
/// log) if the report came within [`crate::options::Rules::left_censor_window`] of the observation's start, unless
/// the charge point's first `BootNotification` in the log came before it: a boot in the log means that nothing earlier
/// was missed.
#[must_use]
pub fn intervals<'a>(track: &Track<'a>, context: &Context<'_>) -> Vec<StatusInterval<'a>> {
    let observed_until = match (context.observation.end, last_contact(track)) {
        (Some(end), Some(contact)) => Some(end.min(contact)),
        (end, contact) => end.and(contact),
    };
    let mut all = Vec::new();
    for (place, reports) in reports(track, context) {
        let states = timeline(reports);
        rows(track.charge_point, place, &states, observed_until, context, &mut all);
    }
    all.sort_by_key(|row| (row.start_time, row.position));
    all
}

/// When the charge point was last heard. Any frame of it is a sign of life (1.6 §4.6, 2.0.1 G02.FR.04); that a
/// connection was closed is none.
pub(super) fn last_contact(track: &Track<'_>) -> Option<i64> {
    let heard = |(index, view): &(usize, &View<'_>)| {
        let (direction, _) = track.exchange.direction(*index, **view);
        view.kind != Kind::Close && direction != Some(Direction::FromCsms)
    };
    track.events.iter().enumerate().filter(heard).filter_map(|(_, view)| view.log_time).max()
}

/// The reports by connector, in order of arrival.
fn reports<'a>(track: &Track<'a>, context: &Context<'_>) -> BTreeMap<Place, Vec<State<'a>>> {
    let mut reports: BTreeMap<Place, Vec<State<'a>>> = BTreeMap::new();
    let mut after_boot = false;
    for view in &track.events {
        after_boot |= view.boot().is_some();
        let Some(fact) = view.status() else {
            continue;
        };
        let when = believed(*view, timed(*view, fact.time, context.rules));
        reports.entry((fact.evse, fact.connector)).or_default().push(State {
            view: *view,
            when,
            status: view.text(fact.status).unwrap_or_default(),
            error_code: view.text(fact.error_code),
            vendor_id: view.text(fact.vendor_id),
            vendor_error_code: view.text(fact.vendor_error_code),
            info: view.text(fact.info),
            confirmations: 0,
            live: !when.late && !when.flags.has(Flag::ClockFuture),
            after_boot,
        });
    }
    reports
}

/// A status that says it will begin after it was logged comes from a clock that runs ahead: the recorder's time is
/// nearer to the truth, and keeps the timeline in one piece. The flags stay.
fn believed(view: View<'_>, when: Timed) -> Timed {
    if when.flags.has(Flag::ClockFuture) {
        Timed { time: view.log_time, source: Some(TimeSource::Log), ..when }
    } else {
        when
    }
}

/// The states of a connector in order of their starts, no two equal ones in a row.
fn timeline(reports: Vec<State<'_>>) -> Vec<State<'_>> {
    let mut states = Vec::new();
    for report in reports {
        place(&mut states, report);
    }
    states
}

/// Puts a report where its time belongs; nearly always that is the end.
fn place<'a>(states: &mut Vec<State<'a>>, mut report: State<'a>) {
    let mut at = states.len();
    while at > 0 && report.is_older_than(&states[at - 1]) {
        at -= 1;
    }
    if at < states.len() {
        report.when.flags.add(Flag::OutOfOrder);
    } else if let Some(last) = states.last() {
        let falls = report.is_timed_like(last) && report.when.time < last.when.time;
        report.when.flags.add_if(falls, Flag::OutOfOrder);
    }
    if at > 0 && states[at - 1].tells_the_same(&report) {
        states[at - 1].confirm(&report);
        return;
    }
    // A recorder that counts seconds gives one time to states that followed each other: each is a row of its own.
    let own = report.when.source == Some(TimeSource::Payload);
    if at > 0 && own && states[at - 1].is_timed_like(&report) && states[at - 1].when.time == report.when.time {
        // Of two reports with one time the later arrival counts; the other state lasted no time at all.
        at -= 1;
        states.remove(at);
        if at > 0 && states[at - 1].tells_the_same(&report) {
            states[at - 1].confirm(&report);
            join(states, at);
            return;
        }
    }
    states.insert(at, report);
    join(states, at + 1);
}

/// Joins the state at `at` to the one before it if both tell the same: it had begun earlier than was known.
fn join(states: &mut Vec<State<'_>>, at: usize) {
    if at > 0 && at < states.len() && states[at].tells_the_same(&states[at - 1]) {
        let later = states.remove(at);
        states[at - 1].confirm(&later);
    }
}

/// The rows of one connector.
fn rows<'a>(
    charge_point: &'a str,
    place: Place,
    states: &[State<'a>],
    observed_until: Option<i64>,
    context: &Context<'_>,
    rows: &mut Vec<StatusInterval<'a>>,
) {
    for (index, state) in states.iter().enumerate() {
        let mut row = open_row(charge_point, place, state);
        row.flags.add_if(index == 0 && is_left_censored(state, context), Flag::LeftCensored);
        match states.get(index + 1) {
            Some(next) => close(&mut row, state, next),
            None => censor(&mut row, state, observed_until),
        }
        rows.push(row);
    }
}

fn open_row<'a>(charge_point: &'a str, (evse, connector): Place, state: &State<'a>) -> StatusInterval<'a> {
    let class = StatusClass::of(state.status);
    let mut flags = state.when.flags;
    if let Some(code) = state.error_code.filter(|code| !code.is_empty()) {
        let no_error = code.eq_ignore_ascii_case("NoError");
        flags.add_if(class == StatusClass::Faulted && no_error, Flag::FaultWithoutCode);
        flags.add_if(class != StatusClass::Faulted && !no_error, Flag::Warning);
    }
    StatusInterval {
        charge_point,
        evse,
        connector,
        start_time: state.when.time,
        start_time_source: state.when.source,
        end_time: None,
        observed_until: None,
        duration: None,
        status: state.status,
        status_class: class,
        error_code: state.error_code,
        vendor_id: state.vendor_id,
        vendor_error_code: state.vendor_error_code,
        info: state.info,
        end_reason: EndReason::LogEnd,
        knowledge: None,
        confirmations: state.confirmations,
        received_at: state.view.log_time,
        flags,
        position: state.view.position,
    }
}

fn is_left_censored(state: &State<'_>, context: &Context<'_>) -> bool {
    let near = match (state.view.log_time, context.observation.start) {
        (Some(time), Some(start)) => time.saturating_sub(start) <= context.rules.left_censor_window,
        _ => false,
    };
    near && !state.after_boot
}

/// Flags of a time that speak of both rows that meet there.
fn doubts() -> Flags {
    [Flag::ClockFuture, Flag::ClockUnset, Flag::TimeInvalid, Flag::TimeRange, Flag::TzSuspect].into_iter().collect()
}

/// Ends a row where the next one begins.
fn close(row: &mut StatusInterval<'_>, state: &State<'_>, next: &State<'_>) {
    row.end_reason = EndReason::NextStatus;
    row.end_time = next.when.time;
    // What is doubtful about the next report's time is doubtful about this row's end.
    row.flags.extend(next.when.flags.and(doubts()));
    row.observed_until = next.when.time;
    let (Some(start), Some(end)) = (state.when.time, next.when.time) else {
        return;
    };
    if !state.is_timed_like(next) {
        row.flags.add(Flag::MixedClocks);
    } else if end < start {
        row.flags.add(Flag::NegativeDuration);
    } else {
        row.duration = Some(end - start);
    }
}

/// Leaves the last row open. The observation is told by the recorder's clock, so the row's length is only given
/// where a report of the state came live: then the two clocks agree well enough (decisions 4 and 7).
fn censor(row: &mut StatusInterval<'_>, state: &State<'_>, observed_until: Option<i64>) {
    row.observed_until = observed_until;
    let (Some(start), Some(end)) = (state.when.time, observed_until) else {
        return;
    };
    if !state.live {
        row.flags.add(Flag::MixedClocks);
    } else if end >= start {
        row.duration = Some(end - start);
    }
}

#[cfg(test)]
mod tests;
