//! Messages that were understood and fit nothing.

use super::Track;
use super::words::words;
use crate::event::{Fact, View};
use crate::flag::Flag;

words! {
    /// Why a message fits nothing.
    UnmatchedKind:
    /// The payload lacks what its action cannot do without.
    BadPayload = "bad_payload";
    /// A second answer to a call.
    DuplicateResponse = "duplicate_response";
    /// Meter values name a transaction that is not in the log.
    MeterValuesWithoutTransaction = "meter_values_without_transaction";
    /// An answer to no call in the log.
    OrphanResponse = "orphan_response";
    /// A stop with an id that nobody had assigned, and no single transaction it can belong to.
    PlaceholderStop = "placeholder_stop";
    /// A repeated start or stop.
    RetryOf = "retry_of";
    /// A stop without a transaction id.
    StopWithoutId = "no_transaction_id";
}

/// A message that fits nothing.
#[derive(Clone, Debug)]
pub struct Unmatched<'a> {
    /// Why.
    pub kind: UnmatchedKind,
    /// When it happened: UTC microseconds.
    pub time: Option<i64>,
    /// What exactly, in a few words.
    pub detail: String,
    /// The message.
    pub view: View<'a>,
    /// Its place in the order of arrival.
    pub index: usize,
}

/// What fits nothing for reasons of its own: payloads that cannot be used, and answers to nothing. What transactions
/// leave over is added by them.
#[must_use]
pub fn unmatched<'a>(track: &Track<'a>) -> Vec<Unmatched<'a>> {
    let mut rows = Vec::new();
    for (index, view) in track.odd() {
        let pair = &track.exchange.pairs[index];
        let (kind, detail) = if view.fact == Fact::Bad && view.kind.has_action() {
            let action = view.action_name().unwrap_or("a request");
            (UnmatchedKind::BadPayload, format!("{action} lacks what it cannot do without"))
        } else if pair.flags.has(Flag::OrphanResponse) {
            (UnmatchedKind::OrphanResponse, format!("an answer to {}, which is not in the log", view.id()))
        } else if pair.flags.has(Flag::DuplicateResponse) {
            (UnmatchedKind::DuplicateResponse, format!("a second answer to {}", view.id()))
        } else {
            continue;
        };
        rows.push(Unmatched { kind, time: view.log_time, detail, view, index });
    }
    rows
}
