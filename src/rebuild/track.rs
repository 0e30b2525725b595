//! The events of one charge point in their order of arrival, with their answers.

use super::Context;
use super::exchange::{Exchange, exchange};
use crate::event::View;

/// The events of one charge point.
#[derive(Debug)]
pub struct Track<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// Its events in canonical order: log time (none first: the order of the source), then position.
    pub events: Vec<View<'a>>,
    /// Calls and their answers.
    pub exchange: Exchange,
    /// Copies of messages that another source holds too; they are not among the events.
    pub duplicates: Vec<View<'a>>,
}

impl<'a> Track<'a> {
    /// Orders the events of a charge point and pairs its calls with their answers.
    #[must_use]
    pub fn new(charge_point: &'a str, mut events: Vec<View<'a>>, context: &Context<'_>) -> Self {
        order(&mut events);
        let duplicates = super::track::split_duplicates(&mut events, context.rules.duplicate_window);
        let exchange = exchange(&events, context);
        Self { charge_point, events, exchange, duplicates }
    }

    /// The answer (CALLRESULT or CALLERROR) to the call at `index`.
    #[must_use]
    pub fn answer(&self, index: usize) -> Option<View<'a>> {
        self.exchange.pairs[index]
            .answer
            .map(|answer| self.events[answer as usize])
    }
}

fn order(events: &mut [View<'_>]) {
    // Events without a log time keep the order of their source, before all others (nulls first).
    events.sort_by_key(|view| (view.log_time, view.position));
}

/// Takes out copies: same direction and kind, same id, same content, from another source, within `window`;
/// without log times nothing is taken for a copy.
fn split_duplicates<'a>(events: &mut Vec<View<'a>>, window: i64) -> Vec<View<'a>> {
    let one_source = events
        .windows(2)
        .all(|pair| pair[0].position.source == pair[1].position.source);
    if one_source {
        return Vec::new();
    }
    let mut duplicates = Vec::new();
    let mut kept: Vec<View<'a>> = Vec::with_capacity(events.len());
    for &view in events.iter() {
        let copy = kept.iter().rev().take_while(|other| near(**other, view, window)).any(|other| same(*other, view));
        if copy {
            duplicates.push(view);
        } else {
            kept.push(view);
        }
    }
    *events = kept;
    duplicates
}

fn near(first: View<'_>, second: View<'_>, window: i64) -> bool {
    match (first.log_time, second.log_time) {
        (Some(first), Some(second)) => second - first <= window,
        _ => false,
    }
}

fn same(first: View<'_>, second: View<'_>) -> bool {
    let directions = match (first.direction, second.direction) {
        (Some(first), Some(second)) => first == second,
        _ => true,
    };
    first.position.source != second.position.source
        && first.kind == second.kind
        && first.content == second.content
        && directions
        && first.id() == second.id()
}
