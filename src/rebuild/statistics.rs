//! How calls fared, by direction and action (rule book §6, the row of calls; §1.1 for the error codes).

use super::exchange::Outcome;
use super::{Context, Track};
use crate::event::View;
use crate::message::{Action, Kind};
use crate::term::Direction;
use rustc_hash::FxHashMap;

/// One row of `call_statistics`.
#[derive(Clone, Debug, Default)]
pub struct CallStatistics<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// Who calls: `from_charge_point` or `from_csms`; null where it is not known.
    pub direction: Option<&'a str>,
    /// The action.
    pub action: Option<&'a str>,
    /// All calls.
    pub calls: Option<i64>,
    /// Those that were answered.
    pub results: Option<i64>,
    /// Those that were refused.
    pub errors: Option<i64>,
    /// Those that were not answered before the next call.
    pub timeouts: Option<i64>,
    /// Those whose connection ended first.
    pub lost: Option<i64>,
    /// Those that were open when the log ended.
    pub censored: Option<i64>,
    /// Those that repeat an earlier one.
    pub retries: Option<i64>,
    /// The error codes that came, each once, sorted.
    pub error_codes: Vec<&'a str>,
    /// The median response time; null where the recorder's clock is too coarse.
    pub response_time_p50: Option<i64>,
    /// The 95th percentile of it, likewise (nearest rank).
    pub response_time_p95: Option<i64>,
}

/// What is counted for one direction and action.
struct Count<'a> {
    direction: Option<Direction>,
    action: Action,
    name: Option<&'a str>,
    outcomes: [i64; 5],
    retries: i64,
    codes: Vec<&'a str>,
    /// How long the answers took.
    times: Vec<i64>,
}

/// The counts of a charge point: there are few, and none of an action that no version knows is looked for one by one.
#[derive(Default)]
struct Counts<'a> {
    all: Vec<Count<'a>>,
    unknown: FxHashMap<(Option<Direction>, Option<&'a str>), usize>,
}

impl<'a> Counts<'a> {
    fn place(&mut self, direction: Option<Direction>, view: View<'a>) -> usize {
        let action = view.action;
        let next = self.all.len();
        let place = if action == Action::UNKNOWN {
            *self.unknown.entry((direction, view.action_name())).or_insert(next)
        } else {
            let same = |count: &Count<'_>| count.action == action && count.direction == direction;
            self.all.iter().position(same).unwrap_or(next)
        };
        if place == next {
            let (name, codes, times) = (view.action_name(), Vec::new(), Vec::new());
            self.all.push(Count { direction, action, name, outcomes: [0; 5], retries: 0, codes, times });
        }
        place
    }
}

/// How calls fared, by direction and action; a SEND is no call, since nobody answers it.
#[must_use]
pub fn call_statistics<'a>(track: &Track<'a>, _context: &Context<'_>) -> Vec<CallStatistics<'a>> {
    let mut counts = Counts::default();
    for (index, (&view, pair)) in track.events.iter().zip(&track.exchange.pairs).enumerate() {
        if view.kind != Kind::Call {
            continue;
        }
        let at = counts.place(track.exchange.direction(index, view).0, view);
        let count = &mut counts.all[at];
        let place = match pair.outcome {
            Some(Outcome::Result) => 0,
            Some(Outcome::Error) => 1,
            Some(Outcome::Timeout) => 2,
            Some(Outcome::ConnectionLost) => 3,
            // A call has an outcome; what is not known by the end of the log is open there.
            Some(Outcome::UnknownLogEnd | Outcome::NotApplicable) | None => 4,
        };
        count.outcomes[place] += 1;
        count.retries += i64::from(pair.attempt > 1);
        count.times.extend(pair.response_time);
        if place == 1
            && let Some(answer) = track.answer(index)
            && let Some(refusal) = answer.refusal()
        {
            count.codes.extend(answer.text(refusal.code).map(folded));
        }
    }
    let mut all = counts.all;
    all.sort_by_key(|count| (count.direction, count.name));
    all.into_iter().map(|count| row(track, count)).collect()
}

fn row<'a>(track: &Track<'a>, mut count: Count<'a>) -> CallStatistics<'a> {
    count.codes.sort_unstable();
    count.codes.dedup();
    let [results, errors, timeouts, lost, censored] = count.outcomes.map(Some);
    CallStatistics {
        charge_point: track.charge_point,
        direction: count.direction.map(Direction::as_str),
        action: count.name,
        calls: Some(count.outcomes.iter().sum()),
        results,
        errors,
        timeouts,
        lost,
        censored,
        retries: Some(count.retries),
        error_codes: count.codes,
        response_time_p50: nearest_rank(&mut count.times, 50),
        response_time_p95: nearest_rank(&mut count.times, 95),
    }
}

/// The error codes of 1.6 in the words of 2.x (rule book §1.1); a code of neither stays as it is.
fn folded(code: &str) -> &str {
    match code {
        "FormationViolation" => "FormatViolation",
        "OccurenceConstraintViolation" => "OccurrenceConstraintViolation",
        other => other,
    }
}

/// The percentile of values by nearest rank: the smallest value that so many of all do not exceed.
fn nearest_rank(values: &mut [i64], percent: usize) -> Option<i64> {
    let rank = (values.len() * percent).div_ceil(100);
    let place = rank.checked_sub(1)?;
    Some(*values.select_nth_unstable(place).1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rebuild::testing::Log;

    #[test]
    fn the_nearest_rank_is_one_of_the_values() {
        let mut twenty: Vec<i64> = (1..=20).rev().collect();
        assert_eq!((nearest_rank(&mut twenty, 50), nearest_rank(&mut twenty, 95)), (Some(10), Some(19)));
        assert_eq!((nearest_rank(&mut [7], 50), nearest_rank(&mut [7], 95)), (Some(7), Some(7)));
        assert_eq!((nearest_rank(&mut [3, 1, 2], 50), nearest_rank(&mut [], 50)), (Some(2), None));
    }

    #[test]
    fn outcomes_add_up_to_the_calls_of_an_action_and_codes_are_folded() {
        let log = Log::new()
            .heartbeat(0)
            .cp(10, "Heartbeat", "{}")
            .cp(20, "Heartbeat", "{}")
            .csms(30, "Reset", r#"{"type":"Soft"}"#)
            .cp_refuses(31, "OccurenceConstraintViolation")
            .csms(40, "Reset", r#"{"type":"Hard"}"#)
            .cp_refuses(41, "FormationViolation");
        log.look(|track, context| {
            let rows = call_statistics(track, context);
            assert_eq!((rows[0].action, rows[0].calls, rows[0].results), (Some("Heartbeat"), Some(3), Some(1)));
            assert_eq!((rows[0].timeouts, rows[0].censored, rows[0].lost), (Some(1), Some(1), Some(0)));
            assert_eq!((rows[1].direction, rows[1].errors), (Some("from_csms"), Some(2)));
            assert_eq!(rows[1].error_codes, ["FormatViolation", "OccurrenceConstraintViolation"]);
        });
    }
}
