//! What a charge point reported about its connectors, and the states that follow (rule book §4.1, §4.2).

use super::{StatusClass, Timelines};
use crate::event::{Notice, Notify, View};
use crate::flag::{Flag, Flags};
use crate::rebuild::kinds::Is;
use crate::rebuild::{Context, TimeSource, Timed, Track, timed};
use crate::time::Instant;
use std::collections::BTreeMap;

/// A connector: EVSE, connector.
pub(in crate::rebuild) type Place = (Option<i32>, Option<i32>);

/// Which message told a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rebuild) enum Via {
    /// `StatusNotification`.
    Status,
    /// `NotifyEvent` about the availability of a component.
    Notify,
}

/// A report that told a running state again.
#[derive(Clone, Copy, Debug)]
pub(in crate::rebuild) struct Confirmation {
    /// When it was logged.
    pub(in crate::rebuild) arrival: Option<i64>,
}

/// A state that a report began.
#[derive(Clone, Debug)]
pub(in crate::rebuild) struct State<'a> {
    /// The report.
    pub(in crate::rebuild) view: View<'a>,
    /// When the state began.
    pub(in crate::rebuild) when: Timed,
    /// The status as sent.
    pub(in crate::rebuild) status: &'a str,
    /// The error code; 2.x sends none.
    pub(in crate::rebuild) error_code: Option<&'a str>,
    /// The vendor whose code follows.
    pub(in crate::rebuild) vendor_id: Option<&'a str>,
    /// The vendor's code.
    pub(in crate::rebuild) vendor_error_code: Option<&'a str>,
    /// Free text.
    pub(in crate::rebuild) info: Option<&'a str>,
    /// The component whose availability was told.
    pub(in crate::rebuild) component: Option<&'a str>,
    /// Which message told it.
    pub(in crate::rebuild) via: Via,
    /// The reports that told the same again.
    pub(in crate::rebuild) confirmations: Vec<Confirmation>,
    /// When the first of its reports was logged; a report that came late may have begun it.
    pub(in crate::rebuild) heard: Option<i64>,
    /// One of its reports came live, so the charge point's clock agrees with the recorder's.
    pub(in crate::rebuild) live: bool,
    /// The first boot of the log had been seen when the report came.
    pub(in crate::rebuild) after_boot: bool,
}

impl<'a> State<'a> {
    fn of(view: View<'a>, time: Instant, status: &'a str, via: Via, context: &Context<'_>) -> Self {
        let when = believed(view, timed(view, time, context.rules));
        State {
            view,
            when,
            status,
            error_code: None,
            vendor_id: None,
            vendor_error_code: None,
            info: None,
            component: None,
            via,
            confirmations: Vec::new(),
            heard: view.log_time,
            live: !when.late && !when.flags.has(Flag::ClockFuture),
            after_boot: false,
        }
    }

    /// Whether two reports tell the same: another error or another text is another state.
    fn tells_the_same(&self, other: &Self) -> bool {
        (self.status, self.error_code, self.vendor_error_code, self.info)
            == (other.status, other.error_code, other.vendor_error_code, other.info)
    }

    /// Counts a report, and those that confirmed it, as confirmations of this one.
    fn confirm(&mut self, other: &Self) {
        self.confirmations.push(Confirmation { arrival: other.view.log_time });
        self.confirmations.extend_from_slice(&other.confirmations);
        self.heard = self.heard.min(other.heard);
        self.live |= other.live;
    }

    /// Whether two states begin by the same clock.
    pub(in crate::rebuild) fn is_timed_like(&self, other: &Self) -> bool {
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

    /// What the words of the report deserve to be said about them.
    pub(in crate::rebuild) fn remarks(&self) -> Flags {
        let mut flags = Flags::NONE;
        if let Some(code) = self.error_code.filter(|code| !code.is_empty()) {
            let faulted = StatusClass::of(self.status) == StatusClass::Faulted;
            let no_error = code.eq_ignore_ascii_case("NoError");
            flags.add_if(faulted && no_error, Flag::FaultWithoutCode);
            flags.add_if(!faulted && !no_error, Flag::Warning);
        }
        flags
    }

    /// Whether the state may be older than the log, if it is a connector's first one.
    pub(in crate::rebuild) fn is_left_censored(&self, context: &Context<'_>) -> bool {
        let near = match (self.view.log_time, context.observation.start) {
            (Some(time), Some(start)) => time.saturating_sub(start) <= context.rules.left_censor_window,
            _ => false,
        };
        near && !self.after_boot
    }
}

/// Flags of a time that speak of both rows that meet there.
pub(in crate::rebuild) fn doubts() -> Flags {
    [Flag::ClockFuture, Flag::ClockUnset, Flag::TimeInvalid, Flag::TimeRange, Flag::TzSuspect].into_iter().collect()
}

/// The states of every connector, in order of their starts, no two equal ones in a row.
pub(in crate::rebuild) fn timelines<'a>(track: &Track<'a>, context: &Context<'_>) -> Timelines<'a> {
    let mut timelines = Timelines::new();
    for (place, reports) in reports(track, context) {
        let states = timelines.entry(place).or_default();
        for report in reports {
            put(states, report);
        }
    }
    timelines
}

/// The reports by connector, in order of arrival.
fn reports<'a>(track: &Track<'a>, context: &Context<'_>) -> BTreeMap<Place, Vec<State<'a>>> {
    let mut reports: BTreeMap<Place, Vec<State<'a>>> = BTreeMap::new();
    let mut add = |place: Place, state: State<'a>| {
        let told = reports.entry(place).or_default();
        if !is_told_already(told, &state, context.rules.status_dedup) {
            told.push(state);
        }
    };
    let parts = Parts::of(track);
    let mut after_boot = false;
    for (index, view) in track.of([Is::Boot, Is::Status, Is::Notify]) {
        after_boot |= view.boot().is_some();
        if let Some(fact) = view.status() {
            let status = view.text(fact.status).unwrap_or_default();
            let state = State {
                error_code: view.text(fact.error_code),
                vendor_id: view.text(fact.vendor_id),
                vendor_error_code: view.text(fact.vendor_error_code),
                info: view.text(fact.info),
                after_boot,
                ..State::of(view, fact.time, status, Via::Status, context)
            };
            add((fact.evse, fact.connector), state);
        } else if view.notify().is_some() {
            for (view, notice) in parts.in_place_of(track, index) {
                if let Some((place, status)) = availability(view, notice) {
                    let component = view.text(notice.component);
                    let state = State::of(view, notice.time, status, Via::Notify, context);
                    add(place, State { component, after_boot, ..state });
                }
            }
        }
    }
    reports
}

/// The connector and the status that an entry tells, if it is about availability (2.0.1 part 2 appendix 3, G01). The
/// charge point itself is told by the track that 1.x calls connector 0.
pub(in crate::rebuild) fn availability<'a>(view: View<'a>, notice: &Notice) -> Option<(Place, &'a str)> {
    if view.text(notice.variable) != Some("AvailabilityState") {
        return None;
    }
    let place = match view.text(notice.component)? {
        "Connector" => (Some(notice.evse?), notice.connector),
        "EVSE" => (Some(notice.evse?), None),
        "ChargingStation" => (Some(0), Some(0)),
        _ => return None,
    };
    Some((place, view.text(notice.value).filter(|value| !value.is_empty())?))
}

/// Whether the other kind of message has told this just now (2.x sends both `StatusNotification` and `NotifyEvent`).
fn is_told_already(told: &[State<'_>], state: &State<'_>, window: i64) -> bool {
    let apart = |other: &State<'_>| {
        let by_arrival = || state.view.log_time.zip(other.view.log_time);
        let times = if state.is_timed_like(other) { state.when.time.zip(other.when.time) } else { by_arrival() };
        times.map(|(one, two)| one.saturating_sub(two).saturating_abs())
    };
    let near = |other: &&State<'_>| apart(other).is_some_and(|apart| apart <= window);
    told.iter().rev().take_while(near).any(|other| other.via != state.via && other.status == state.status)
}

/// The parts of long `NotifyEvent`s: by the time that all parts share, the messages in order of their numbers.
struct Parts {
    /// By index: which message is read at the place of this one in the order of arrival.
    moved: BTreeMap<usize, usize>,
}

impl Parts {
    /// Parts nearly always come in order, and then nothing is moved.
    fn of(track: &Track<'_>) -> Self {
        let mut by_time: BTreeMap<i64, Vec<(i64, usize)>> = BTreeMap::new();
        for (index, _, notify) in track.notifies() {
            if let Some((generated, number)) = part(notify) {
                by_time.entry(generated).or_default().push((number, index));
            }
        }
        let mut moved = BTreeMap::new();
        for parts in by_time.into_values().filter(|parts| parts.windows(2).any(|pair| pair[0].0 > pair[1].0)) {
            let mut sorted = parts.clone();
            sorted.sort_unstable();
            let places = parts.iter().map(|&(_, index)| index);
            moved.extend(places.zip(sorted.iter().map(|&(_, index)| index)));
        }
        Self { moved }
    }

    /// The entries that are read at the place of the message at `index`.
    fn in_place_of<'a>(&self, track: &Track<'a>, index: usize) -> Vec<(View<'a>, &'a Notice)> {
        let view = track.events[self.moved.get(&index).copied().unwrap_or(index)];
        let notices = view.notify().map_or(&[][..], |notify| view.notices(notify));
        notices.iter().map(|notice| (view, notice)).collect()
    }
}

fn part(notify: &Notify) -> Option<(i64, i64)> {
    notify.generated.micros.zip(notify.seq_no)
}

/// All entries of all `NotifyEvent`s in order of arrival, parts in order of their numbers.
pub(in crate::rebuild) fn notices<'a>(track: &Track<'a>) -> Vec<(View<'a>, &'a Notice)> {
    let parts = Parts::of(track);
    track.notifies().flat_map(|(index, ..)| parts.in_place_of(track, index)).collect()
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

/// Puts a report where its time belongs; nearly always that is the end.
fn put<'a>(states: &mut Vec<State<'a>>, mut report: State<'a>) {
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
