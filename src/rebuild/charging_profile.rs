//! Charging profiles (rule book §6; 1.6 §3.13, §5.3, §5.16; 2.0.1 part 2 K01 to K10).

use super::kinds::Is;
use super::words::words;
use super::{Context, Track};
use crate::event::{Profile, ProfileClear, Profiles, TxPhase, View};
use crate::flag::Flags;
use crate::position::Position;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

#[cfg(test)]
mod tests;

words! {
    /// Why a profile is in force no more.
    ProfileEnd:
    /// Another one took its place: the same number, or the same purpose, rank and EVSE.
    Replaced = "replaced";
    /// The CSMS cleared it.
    Cleared = "cleared";
    /// The time until which it is valid is over.
    Expired = "expired";
    /// The transaction that it was for ended (1.6 §3.13.1; 2.0.1 K01).
    TransactionEnded = "transaction_ended";
}

/// One row of `charging_profiles`.
#[derive(Clone, Debug, Default)]
pub struct ChargingProfile<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// The EVSE; in 1.x the connector; 0 is all of them.
    pub evse_id: Option<i32>,
    /// When it was sent; for one that only a report tells, when that was logged.
    pub requested_at: Option<i64>,
    /// When it was replaced or cleared; null if that is not in the log.
    pub end_time: Option<i64>,
    /// replaced, cleared, expired or `transaction_ended`.
    pub end_reason: Option<&'a str>,
    /// The request that carried it.
    pub action: Option<&'a str>,
    /// Its number.
    pub profile_id: Option<i64>,
    /// Its rank among those of its purpose.
    pub stack_level: Option<i32>,
    /// Its purpose as logged.
    pub purpose: Option<&'a str>,
    /// Absolute, Recurring, Relative or Dynamic.
    pub kind: Option<&'a str>,
    /// Daily or Weekly.
    pub recurrency: Option<&'a str>,
    /// From when it is valid.
    pub valid_from: Option<i64>,
    /// Until when it is valid.
    pub valid_to: Option<i64>,
    /// The transaction that it is for.
    pub transaction_id: Option<&'a str>,
    /// A or W.
    pub rate_unit: Option<&'a str>,
    /// The lowest limit of its schedule.
    pub lowest_limit: Option<f64>,
    /// The highest limit of its schedule.
    pub highest_limit: Option<f64>,
    /// Its schedule as JSON.
    pub schedule: Option<&'a str>,
    /// The answer, as logged.
    pub response_status: Option<&'a str>,
    /// What had to be said about it.
    pub flags: Flags,
    /// The message.
    pub position: Position,
}

/// The charging profiles of a charge point in order of arrival: those that a request carried, whether it was accepted
/// or not, and those that only a report tells.
///
/// An accepted profile is in force until another one with its number, or with its purpose, rank and EVSE, is accepted;
/// until it is cleared; until the time that it is valid to; and if it is for a transaction, until that ends.
#[must_use]
pub fn charging_profiles<'a>(track: &Track<'a>, context: &Context<'_>) -> Vec<ChargingProfile<'a>> {
    if track.kinds.lacks(Is::Profiles) {
        return Vec::new();
    }
    let mut shelf = Shelf {
        track,
        rows: Vec::new(),
        in_force: BTreeSet::new(),
        by_id: FxHashMap::default(),
        by_rank: FxHashMap::default(),
        by_transaction: FxHashMap::default(),
        by_request: FxHashMap::default(),
    };
    for (index, view) in track.of([Is::Profiles, Is::ProfileClear, Is::TxStop, Is::TxEvent]) {
        if let Some(list) = view.profiles() {
            shelf.sent(index, view, list);
        } else if let Some(clear) = view.profile_clear() {
            shelf.clear(index, view, clear);
        } else if let Some(stop) = view.tx_stop() {
            shelf.transaction_ended(view, view.text(stop.transaction_id));
        } else if let Some(event) = view.tx_event() {
            let transaction = view.text(event.transaction_id);
            if let (Some(request), Some(transaction)) = (event.remote_start_id, transaction) {
                shelf.started(request, transaction);
            }
            if event.phase == TxPhase::Ended {
                shelf.transaction_ended(view, transaction);
            }
        }
    }
    let Shelf { mut rows, in_force, .. } = shelf;
    for at in in_force {
        let row = &mut rows[at];
        if row.valid_to.zip(context.observation.end).is_some_and(|(valid_to, end)| valid_to <= end) {
            end(row, context.observation.end, ProfileEnd::Expired);
        }
    }
    rows
}

/// EVSE, purpose and rank: two profiles in force never share them.
type Rank<'a> = (Option<i32>, Option<&'a str>, Option<i32>);

struct Shelf<'a, 't> {
    track: &'t Track<'a>,
    rows: Vec<ChargingProfile<'a>>,
    /// The rows of the profiles in force.
    in_force: BTreeSet<usize>,
    by_id: FxHashMap<i64, usize>,
    by_rank: FxHashMap<Rank<'a>, usize>,
    by_transaction: FxHashMap<&'a str, Vec<usize>>,
    /// By the number of the request to start that carried them (2.x).
    by_request: FxHashMap<i64, Vec<usize>>,
}

/// A profile that is over by its own time before something else ends it ended then.
fn end(row: &mut ChargingProfile<'_>, time: Option<i64>, reason: ProfileEnd) {
    let expired = row.valid_to.filter(|&valid_to| time.is_some_and(|time| valid_to <= time));
    row.end_time = expired.max(row.requested_at.filter(|_| expired.is_some())).or(time);
    row.end_reason = Some(if expired.is_some() { ProfileEnd::Expired } else { reason }.as_str());
}

fn is_for_transaction(purpose: Option<&str>) -> bool {
    purpose.is_some_and(|purpose| purpose.eq_ignore_ascii_case("TxProfile"))
}

impl<'a> Shelf<'a, '_> {
    fn sent(&mut self, index: usize, view: View<'a>, list: &Profiles) {
        let answer = self.track.answer(index).and_then(|answer| Some((answer, answer.answer()?)));
        let status = answer.and_then(|(answer, fact)| answer.text(fact.status)).filter(|_| !list.reported);
        let accepted = list.reported || status.is_some_and(|status| status.eq_ignore_ascii_case("Accepted"));
        // A request to start may be answered by the transaction that runs already.
        let running = answer.and_then(|(answer, fact)| answer.text(fact.transaction_id));
        for profile in view.profile_items(list.profiles) {
            let mut row = self.row(view, list, profile);
            row.response_status = status;
            row.transaction_id = row.transaction_id.or(running);
            if list.reported && self.is_known(&row) {
                continue;
            }
            let at = self.rows.len();
            if accepted {
                self.put_in_force(at, &row);
                if let Some(request) = list.remote_start_id.filter(|_| row.transaction_id.is_none()) {
                    self.by_request.entry(request).or_default().push(at);
                }
            }
            self.rows.push(row);
        }
    }

    /// Whether a report only tells what is in force by the messages before it.
    fn is_known(&self, row: &ChargingProfile<'a>) -> bool {
        let known = row.profile_id.and_then(|id| self.by_id.get(&id)).map(|&at| &self.rows[at]);
        known.is_some_and(|known| known.purpose == row.purpose && known.stack_level == row.stack_level)
    }

    fn row(&self, view: View<'a>, list: &Profiles, profile: &Profile) -> ChargingProfile<'a> {
        let mut flags = profile.valid_from.flags;
        flags.extend(profile.valid_to.flags);
        ChargingProfile {
            charge_point: self.track.charge_point,
            evse_id: list.evse,
            requested_at: view.log_time,
            end_time: None,
            end_reason: None,
            action: view.action_name(),
            profile_id: profile.id,
            stack_level: profile.stack_level,
            purpose: view.text(profile.purpose),
            kind: view.text(profile.kind),
            recurrency: view.text(profile.recurrency),
            valid_from: profile.valid_from.micros,
            valid_to: profile.valid_to.micros,
            transaction_id: view.text(profile.transaction_id),
            rate_unit: view.text(profile.rate_unit),
            lowest_limit: profile.lowest,
            highest_limit: profile.highest,
            schedule: view.text(profile.schedule),
            response_status: None,
            flags,
            position: view.position,
        }
    }

    fn put_in_force(&mut self, at: usize, row: &ChargingProfile<'a>) {
        let rank = (row.evse_id, row.purpose, row.stack_level);
        let same_id = row.profile_id.and_then(|id| self.by_id.get(&id).copied());
        let same_rank = self.by_rank.get(&rank).copied();
        for before in [same_id, same_rank].into_iter().flatten() {
            self.take_out(before, row.requested_at, ProfileEnd::Replaced);
        }
        self.in_force.insert(at);
        self.by_rank.insert(rank, at);
        if let Some(id) = row.profile_id {
            self.by_id.insert(id, at);
        }
        if let Some(transaction) = row.transaction_id.filter(|_| is_for_transaction(row.purpose)) {
            self.by_transaction.entry(transaction).or_default().push(at);
        }
    }

    fn take_out(&mut self, at: usize, time: Option<i64>, reason: ProfileEnd) {
        if !self.in_force.remove(&at) {
            return;
        }
        let row = &mut self.rows[at];
        end(row, time, reason);
        let rank = (row.evse_id, row.purpose, row.stack_level);
        if self.by_rank.get(&rank) == Some(&at) {
            self.by_rank.remove(&rank);
        }
        if let Some(id) = row.profile_id
            && self.by_id.get(&id) == Some(&at)
        {
            self.by_id.remove(&id);
        }
    }

    /// By its number alone if the request gives one, else all that have what it names (1.6 §5.3; 2.0.1 K10).
    fn clear(&mut self, index: usize, view: View<'a>, clear: &ProfileClear) {
        let status = self.track.answer(index).and_then(|answer| answer.text(answer.answer()?.status));
        if !status.is_some_and(|status| status.eq_ignore_ascii_case("Accepted")) {
            return;
        }
        let cleared: Vec<usize> = if let Some(id) = clear.id {
            self.by_id.get(&id).copied().into_iter().collect()
        } else {
            let purpose = view.text(clear.purpose);
            let named = |row: &ChargingProfile<'_>| {
                (clear.evse.is_none() || clear.evse == row.evse_id)
                    && (purpose.is_none() || purpose == row.purpose)
                    && (clear.stack_level.is_none() || clear.stack_level == row.stack_level)
            };
            self.in_force.iter().copied().filter(|&at| named(&self.rows[at])).collect()
        };
        for at in cleared {
            self.take_out(at, view.log_time, ProfileEnd::Cleared);
        }
    }

    /// The transaction that a request to start brought: its profile is for it.
    fn started(&mut self, request: i64, transaction: &'a str) {
        for at in self.by_request.remove(&request).unwrap_or_default() {
            self.rows[at].transaction_id = Some(transaction);
            if is_for_transaction(self.rows[at].purpose) {
                self.by_transaction.entry(transaction).or_default().push(at);
            }
        }
    }

    fn transaction_ended(&mut self, view: View<'a>, transaction: Option<&str>) {
        let ended = transaction.and_then(|transaction| self.by_transaction.remove(transaction));
        for at in ended.unwrap_or_default() {
            self.take_out(at, view.log_time, ProfileEnd::TransactionEnded);
        }
    }
}
