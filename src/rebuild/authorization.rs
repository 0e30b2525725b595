//! Requests to authorise a token (rule book §6; OCPP 1.6 §4.1, 2.0.1 part 2 C01).

use super::exchange::Outcome;
use super::kinds::Is;
use super::status::last_contact;
use super::transaction::Transaction;
use super::words::words;
use super::{Context, Track, timed};
use crate::event::TxPhase;
use crate::flag::{Flag, Flags};
use crate::position::Position;
use std::collections::{BTreeMap, BTreeSet};

words! {
    /// What came of an authorisation.
    AuthorizationOutcome:
    /// It was accepted, and no transaction began.
    Abandoned = "abandoned";
    /// The CSMS did not accept the token.
    Denied = "denied";
    /// It was accepted, and a transaction began with the token.
    LedToTransaction = "led_to_transaction";
    /// It was accepted, and a transaction was stopped with the token.
    StoppedTransaction = "stopped_transaction";
    /// There was no answer about the token.
    Unanswered = "unanswered";
}

/// One row of `authorizations`.
#[derive(Clone, Debug, Default)]
pub struct Authorization<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// The EVSE, where the transaction that followed tells it; in 1.x the connector.
    pub evse_id: Option<i32>,
    /// When it was logged.
    pub time: Option<i64>,
    /// The token.
    pub id_tag: Option<&'a str>,
    /// The answer about the token, as logged.
    pub status: Option<&'a str>,
    /// What came of it; none where the log ends first.
    pub outcome: Option<AuthorizationOutcome>,
    /// The transaction that it began or stopped.
    pub transaction_id: Option<&'a str>,
    /// From the request to its answer, by the recorder's clock.
    pub response_time: Option<i64>,
    /// What had to be said about it.
    pub flags: Flags,
    /// The message.
    pub position: Position,
}

/// A message that uses a token: index of the event, and the row of its transaction.
#[derive(Clone, Copy)]
struct Use<'a> {
    index: usize,
    token: &'a str,
    stops: bool,
    row: Option<usize>,
}

/// Requests to authorise a token, in order of arrival.
///
/// An accepted token leads to the nearest start that names it within
/// [`crate::options::Rules::authorization_window`]; a start belongs to the last authorisation before it. Where the
/// token is used for a stop first, it was shown for that.
#[must_use]
pub fn authorizations<'a>(
    track: &Track<'a>,
    context: &Context<'_>,
    transactions: &[Transaction<'a>],
) -> Vec<Authorization<'a>> {
    let mut rows: Vec<(usize, Authorization<'a>)> =
        track.authorizes().filter_map(|(index, ..)| Some((index, row(track, index)?))).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let window = context.rules.authorization_window;
    let heard_until = context.observation.end.zip(last_contact(track)).map(|(end, contact)| end.min(contact));
    for used in uses(track, transactions) {
        // A message that comes from memory counts by its own time.
        let late = told_late(track, context, used.index);
        let arrived = late.or(track.events[used.index].log_time);
        let before = rows.partition_point(|&(index, _)| index < used.index);
        let nearest = rows[..before]
            .iter_mut()
            .rev()
            .take_while(|(_, row)| row.time.zip(arrived).is_none_or(|(shown, used)| used - shown <= window))
            .filter(|(_, row)| late.is_none() || row.time <= arrived)
            .find(|(_, row)| row.id_tag.is_some_and(|tag| tag.eq_ignore_ascii_case(used.token)));
        let Some((_, row)) = nearest.filter(|(_, row)| row.outcome.is_none() && is_accepted(row)) else { continue };
        let transaction = used.row.map(|at| &transactions[at]);
        row.outcome = Some(if used.stops {
            AuthorizationOutcome::StoppedTransaction
        } else {
            AuthorizationOutcome::LedToTransaction
        });
        row.transaction_id = transaction.and_then(|transaction| transaction.transaction_id);
        row.evse_id = transaction.and_then(|transaction| transaction.evse);
    }
    let settle = |(_, mut row): (usize, Authorization<'a>)| {
        let over = heard_until.zip(row.time).is_some_and(|(heard, shown)| heard.saturating_sub(shown) > window);
        if row.outcome.is_none() && is_accepted(&row) && over {
            row.outcome = Some(AuthorizationOutcome::Abandoned);
        }
        row
    };
    rows.into_iter().map(settle).collect()
}

/// When a message was made, if it was sent much later.
fn told_late(track: &Track<'_>, context: &Context<'_>, index: usize) -> Option<i64> {
    let view = track.events[index];
    let start = view.tx_start().map(|start| start.time);
    let stop = view.tx_stop().map(|stop| stop.time);
    let time = start.or(stop).or(view.tx_event().map(|event| event.time))?;
    let made = timed(view, time, context.rules);
    made.time.filter(|_| made.late)
}

fn is_accepted(row: &Authorization<'_>) -> bool {
    row.status.is_some_and(|status| status.eq_ignore_ascii_case("Accepted"))
}

fn row<'a>(track: &Track<'a>, index: usize) -> Option<Authorization<'a>> {
    let view = track.events[index];
    let fact = view.authorize()?;
    let pair = &track.exchange.pairs[index];
    let status = track.answer(index).and_then(|answer| answer.text(answer.answer()?.auth_status));
    let outcome = match (status, pair.outcome) {
        (Some(status), _) => (!status.eq_ignore_ascii_case("Accepted")).then_some(AuthorizationOutcome::Denied),
        (None, None | Some(Outcome::UnknownLogEnd)) => None,
        (None, _) => Some(AuthorizationOutcome::Unanswered),
    };
    Some(Authorization {
        charge_point: track.charge_point,
        evse_id: None,
        time: view.log_time,
        id_tag: view.text(fact.id_tag),
        status,
        outcome,
        transaction_id: None,
        response_time: pair.response_time,
        flags: pair.flags.and([Flag::LatencyUnreliable, Flag::ResultRejected].into_iter().collect()),
        position: view.position,
    })
}

/// The messages that use a token, in order of arrival. The events of a numbered transaction name it again and again:
/// the first one counts, and the first that stops.
fn uses<'a>(track: &Track<'a>, transactions: &[Transaction<'a>]) -> Vec<Use<'a>> {
    let mut by_first: BTreeMap<Position, usize> = BTreeMap::new();
    let mut by_id: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, transaction) in transactions.iter().enumerate() {
        by_first.insert(transaction.first, at);
        if let Some(id) = transaction.transaction_id {
            by_id.insert(id, at);
        }
    }
    let mut seen: BTreeSet<(&str, bool)> = BTreeSet::new();
    let mut uses = Vec::new();
    for (index, view) in track.of([Is::TxStart, Is::TxStop, Is::TxEvent]) {
        if let Some(start) = view.tx_start() {
            // A retry is no row of its own.
            let row = by_first.get(&view.position).copied();
            uses.extend(view.text(start.id_tag).map(|token| Use { index, token, stops: false, row }));
        } else if let Some(stop) = view.tx_stop() {
            let row = view.text(stop.transaction_id).and_then(|id| by_id.get(id).copied());
            uses.extend(view.text(stop.id_tag).map(|token| Use { index, token, stops: true, row }));
        } else if let Some(event) = view.tx_event() {
            let (Some(id), Some(token)) = (view.text(event.transaction_id), view.text(event.id_token)) else {
                continue;
            };
            let stops = event.phase == TxPhase::Ended || view.text(event.trigger) == Some("StopAuthorized");
            if seen.insert((id, stops)) {
                uses.push(Use { index, token, stops, row: by_id.get(id).copied() });
            }
        }
    }
    uses
}

#[cfg(test)]
mod tests {
    use super::super::Unmatched;
    use super::super::transaction::transactions;
    use super::*;
    use crate::rebuild::testing::{Log, stamp};

    impl Log {
        fn shows(self, seconds: i64, token: &str, status: &str) -> Self {
            self.cp(seconds, "Authorize", &format!(r#"{{"idTag":"{token}"}}"#))
                .csms_answers(seconds, &format!(r#"{{"idTagInfo":{{"status":"{status}"}}}}"#))
        }

        fn starts(self, seconds: i64, token: &str, id: i32) -> Self {
            let time = stamp(seconds);
            self.cp(
                seconds,
                "StartTransaction",
                &format!(r#"{{"connectorId":2,"idTag":"{token}","meterStart":0,"timestamp":"{time}"}}"#),
            )
            .csms_answers(seconds, &format!(r#"{{"transactionId":{id},"idTagInfo":{{"status":"Accepted"}}}}"#))
        }

        fn stops(self, seconds: i64, token: &str, id: i32) -> Self {
            let time = stamp(seconds);
            let payload = format!(r#"{{"transactionId":{id},"idTag":"{token}","meterStop":9,"timestamp":"{time}"}}"#);
            self.cp(seconds, "StopTransaction", &payload).csms_answers(seconds, "{}")
        }

        fn uses(&self) -> Vec<(Option<&'static str>, Option<String>, Option<i32>)> {
            self.look(|track, context| {
                let mut unmatched: Vec<Unmatched<'_>> = Vec::new();
                let (transactions, _) = transactions(track, context, &mut unmatched, false);
                let rows = authorizations(track, context, &transactions);
                let tell = |row: &Authorization<'_>| {
                    (row.outcome.map(AuthorizationOutcome::as_str), row.transaction_id.map(str::to_owned), row.evse_id)
                };
                rows.iter().map(tell).collect()
            })
        }
    }

    #[test]
    fn a_token_leads_to_the_nearest_start_whatever_its_case() {
        let log = Log::new().shows(0, "Tag", "Accepted").shows(30, "TAG", "Accepted").starts(60, "tag", 7);
        let led = (Some("led_to_transaction"), Some("7".to_owned()), Some(2));
        assert_eq!(log.uses(), [(None, None, None), led.clone()]);
        assert_eq!(log.heartbeat(900).uses(), [(Some("abandoned"), None, None), led]);
    }

    #[test]
    fn a_late_start_or_another_token_is_none_of_it() {
        let late = Log::new().shows(0, "A", "Accepted").starts(601, "A", 7);
        assert_eq!(late.uses(), [(Some("abandoned"), None, None)]);
        let other = Log::new().shows(0, "A", "Accepted").starts(60, "B", 7).heartbeat(700);
        assert_eq!(other.uses(), [(Some("abandoned"), None, None)]);
    }

    #[test]
    fn a_token_shown_to_stop_is_not_abandoned() {
        let log = Log::new().starts(0, "A", 7).shows(100, "A", "Accepted").stops(110, "A", 7).heartbeat(900);
        assert_eq!(log.uses(), [(Some("stopped_transaction"), Some("7".to_owned()), Some(2))]);
    }

    #[test]
    fn refused_and_unanswered_tokens_are_told_apart() {
        let log = Log::new()
            .shows(0, "A", "Blocked")
            .cp(10, "Authorize", r#"{"idTag":"B"}"#)
            .cp(20, "Authorize", r#"{"idTag":"C"}"#)
            .cp_refuses(20, "InternalError")
            .cp(30, "Authorize", r#"{"idTag":"D"}"#);
        let outcomes: Vec<_> = log.uses().into_iter().map(|use_| use_.0).collect();
        assert_eq!(outcomes, [Some("denied"), Some("unanswered"), Some("unanswered"), None]);
    }
}
