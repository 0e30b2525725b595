//! What a transaction says about an occupied connector (rule book §4.1): 1.5 and 2.x have one word for all of it.

use super::{Place, StatusClass, StatusInterval};
use crate::flag::Flag;
use crate::rebuild::kinds::Is;
use crate::rebuild::transaction::{State, Transaction};
use crate::rebuild::{Context, Track, timed};
use std::collections::BTreeMap;

/// A stretch of time in which a transaction says how its connector is used.
#[derive(Clone, Copy, Debug)]
struct Use {
    from: i64,
    until: Option<i64>,
    class: StatusClass,
}

/// What transactions say about each EVSE, in order of time.
pub(super) struct Sessions {
    uses: BTreeMap<Option<i32>, Vec<(Option<i32>, Use)>>,
    /// From start to stop of each of them, whatever it said meanwhile.
    open: BTreeMap<Option<i32>, Vec<(Option<i32>, Use)>>,
}

impl Sessions {
    pub(super) fn new(track: &Track<'_>, context: &Context<'_>, transactions: &[Transaction<'_>]) -> Self {
        let mut sessions = Self { uses: BTreeMap::new(), open: BTreeMap::new() };
        for row in transactions {
            let open = |from, until| (row.connector, Use { from, until, class: StatusClass::Charging });
            // Where the log lacks the start or the stop, nothing says that it was not there before or behind.
            let stop = row.stop_time.filter(|_| matches!(row.state, Some(State::Completed | State::StopOnly)));
            sessions.open.entry(row.evse).or_default().push(open(row.start_time.unwrap_or(i64::MIN), stop));
            if let (Some(from), true) = (row.start_time, track.kinds.lacks(Is::TxEvent)) {
                sessions.uses.entry(row.evse).or_default().push(open(from, row.stop_time));
            }
        }
        if !track.kinds.lacks(Is::TxEvent) {
            sessions.told(track, context, transactions);
        }
        for uses in sessions.uses.values_mut().chain(sessions.open.values_mut()) {
            uses.sort_by_key(|(_, session)| session.from);
        }
        sessions
    }

    /// 2.x: every event may tell the charging state; it holds until the next event that does.
    fn told(&mut self, track: &Track<'_>, context: &Context<'_>, transactions: &[Transaction<'_>]) {
        let places: BTreeMap<&str, Place> =
            transactions.iter().filter_map(|row| Some((row.transaction_id?, (row.evse, row.connector)))).collect();
        let mut states: BTreeMap<&str, Vec<(i64, Option<StatusClass>)>> = BTreeMap::new();
        for (_, view, event) in track.tx_events() {
            let (Some(id), Some(time)) = (view.text(event.transaction_id), timed(view, event.time, context.rules).time)
            else {
                continue;
            };
            let state = view.text(event.charging_state).map(class);
            let ended = event.phase == crate::event::TxPhase::Ended;
            if state.is_some() || ended {
                states.entry(id).or_default().push((time, state.flatten().filter(|_| !ended)));
            }
        }
        for (id, mut list) in states {
            let Some(&(evse, connector)) = places.get(id) else { continue };
            list.sort_by_key(|&(time, _)| time);
            for (index, &(from, state)) in list.iter().enumerate() {
                let until = list.get(index + 1).map(|&(time, _)| time);
                if let Some(class) = state {
                    self.uses.entry(evse).or_default().push((connector, Use { from, until, class }));
                }
            }
        }
    }

    /// Says of an occupied row what its transaction says. One row is one state as reported, so of several uses the
    /// one counts that comes first in: energy flowed, the vehicle took none, the charge point gave none. A row most of
    /// which lies outside of transactions is flagged: the cable stayed plugged in.
    pub(super) fn refine(&self, row: &mut StatusInterval<'_>) {
        let Some(start) = row.start_time else { return };
        let until = row.end_time.or(row.observed_until);
        let connector = row.connector;
        let inside = |&&(used, session): &&(Option<i32>, Use)| {
            let here = used.is_none() || connector.is_none() || used == connector;
            let begun = until.is_none_or(|until| session.from < until);
            here && begun && session.until.is_none_or(|until| start < until)
        };
        let of = |uses: &'_ Vec<_>| uses.iter().filter(inside).map(|(_, session)| *session).collect::<Vec<Use>>();
        let uses = self.uses.get(&row.evse).map(of).unwrap_or_default();
        let Some(class) = uses.iter().map(|session| session.class).min() else { return };
        row.status_class = class;
        let Some(until) = until else { return };
        let open = self.open.get(&row.evse).map(of).unwrap_or_default();
        // They may overlap: what was counted once is not counted again. They are in the order of their starts.
        let (mut length, mut counted) = (0_i64, start);
        for session in &open {
            let end = session.until.unwrap_or(until).min(until);
            length = length.saturating_add(end.saturating_sub(session.from.max(counted)).max(0));
            counted = counted.max(end);
        }
        row.flags.add_if(length.saturating_mul(2) < until.saturating_sub(start), Flag::OccupiedInPart);
    }
}

/// The class of a charging state (2.0.1 part 2, `ChargingStateEnumType`); none where no energy can flow.
fn class(state: &str) -> Option<StatusClass> {
    match state {
        "Charging" => Some(StatusClass::Charging),
        "SuspendedEV" => Some(StatusClass::SuspendedEv),
        "SuspendedEVSE" => Some(StatusClass::SuspendedEvse),
        _ => None,
    }
}
