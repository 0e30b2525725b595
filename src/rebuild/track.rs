//! The events of one charge point in their order of arrival, with their answers.

use super::Context;
use super::exchange::{Exchange, exchange};
use super::kinds::Kinds;
use crate::event::{MessageId, View};
use crate::message::Kind;
use rustc_hash::FxHashMap;

/// The events of one charge point.
#[derive(Debug)]
pub struct Track<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// Its events in canonical order: log time (none first: the order of the source), then position.
    pub events: Vec<View<'a>>,
    /// Calls and their answers.
    pub exchange: Exchange,
    /// Which of the events say what.
    pub kinds: Kinds,
    /// Copies of messages that another source holds too; they are not among the events.
    pub duplicates: Vec<View<'a>>,
}

impl<'a> Track<'a> {
    /// Orders the events of a charge point and pairs its calls with their answers.
    #[must_use]
    pub fn new(charge_point: &'a str, mut events: Vec<View<'a>>, context: &Context<'_>) -> Self {
        let one_source = events.windows(2).all(|pair| pair[0].position.source == pair[1].position.source);
        order(&mut events, one_source);
        let window = context.rules.duplicate_window;
        let duplicates = if one_source { Vec::new() } else { split_duplicates(&mut events, window) };
        let exchange = exchange(&events, context);
        let kinds = Kinds::of(&events, &exchange);
        Self { charge_point, events, exchange, kinds, duplicates }
    }

    /// The answer (CALLRESULT or CALLERROR) to the call at `index`.
    #[must_use]
    pub fn answer(&self, index: usize) -> Option<View<'a>> {
        self.exchange.pairs[index].answer.map(|answer| self.events[answer as usize])
    }
}

/// Canonical order (decision 5): by log time, then by place. Between sources a place tells nothing, so records of one
/// time that come from several are ordered by what they are: calls before answers, then by their content.
fn order(events: &mut [View<'_>], one_source: bool) {
    // Events without a log time keep the order of their source, before all others (nulls first).
    let place = |view: &View<'_>| (view.log_time, view.position);
    if !events.is_sorted_by_key(place) {
        events.sort_by_key(place);
    }
    if one_source {
        return;
    }
    for moment in events.chunk_by_mut(|left, right| left.log_time.is_some() && left.log_time == right.log_time) {
        let several = moment.iter().any(|view| view.position.source != moment[0].position.source);
        if several {
            moment.sort_by_key(|view| (is_answer(*view), view.content, view.id(), view.position));
        }
    }
}

fn is_answer(view: View<'_>) -> bool {
    matches!(view.kind, Kind::Result | Kind::Error | Kind::ResultError)
}

/// Takes out copies (decision 12): same direction and kind, same id, same content, from another source, within
/// `window`. Without log times nothing is taken for a copy, and an answer is none if its id was asked again since.
fn split_duplicates<'a>(events: &mut Vec<View<'a>>, window: i64) -> Vec<View<'a>> {
    let mut duplicates = Vec::new();
    let mut kept: Vec<View<'a>> = Vec::with_capacity(events.len());
    let mut last: FxHashMap<(Kind, u64, MessageId<'_>), usize> = FxHashMap::default();
    let mut asked: FxHashMap<MessageId<'_>, usize> = FxHashMap::default();
    for &view in events.iter() {
        let key = (view.kind, view.content, view.id());
        let twin = last.get(&key).copied().filter(|&at| is_copy(kept[at], view, window));
        let again = twin.is_some_and(|at| is_answer(view) && asked.get(&view.id()).is_some_and(|&call| call > at));
        if twin.is_some() && !again {
            // A connection that two sources saw open is one, but it never counted as a message.
            if !view.kind.is_connection() {
                duplicates.push(view);
            }
            continue;
        }
        last.insert(key, kept.len());
        if view.kind == Kind::Call {
            asked.insert(view.id(), kept.len());
        }
        kept.push(view);
    }
    *events = kept;
    duplicates
}

fn is_copy(first: View<'_>, second: View<'_>, window: i64) -> bool {
    let near = first.log_time.zip(second.log_time).is_some_and(|(first, second)| second - first <= window);
    let directions = match (first.direction, second.direction) {
        (Some(first), Some(second)) => first == second,
        _ => true,
    };
    near && directions && first.position.source != second.position.source
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Header, Store};
    use crate::flag::Flags;
    use crate::message::{self, Message};
    use crate::options::Rules;
    use crate::position::Position;
    use crate::rebuild::Observation;
    use std::borrow::Cow;

    #[test]
    fn the_copy_of_an_opened_connection_is_left_out_and_counts_as_no_message() {
        let mut store = Store::default();
        let open = Message {
            kind: Kind::Open,
            id: Cow::Borrowed(""),
            action: None,
            payload: "{}",
            error_code: None,
            error_description: None,
            flags: Flags::NONE,
        };
        let call = message::read(r#"[2,"1","Heartbeat",{}]"#).message.unwrap();
        for source in 0..2 {
            for (byte, message) in [&open, &call].into_iter().enumerate() {
                let position = Position { source, byte: byte as u64, line: byte as u64 + 1 };
                store.push(&Header { charge_point: "CP1", log_time: Some(7), position, ..Header::default() }, message);
            }
        }
        let (rules, observation) = (Rules::default(), Observation::default());
        let views = (0..store.events.len()).map(|index| store.view(index)).collect();
        let track = Track::new("CP1", views, &Context { rules: &rules, observation: &observation });
        let kinds = |views: &[View<'_>]| views.iter().map(|view| view.kind).collect::<Vec<_>>();
        assert_eq!(kinds(&track.duplicates), [Kind::Call]);
        assert_eq!(track.events.len(), 2);
    }
}
