//! How often a charge point has to send a heartbeat (rule book §4.3): as the last accepted boot orders it, or as it was
//! set since then.

use crate::rebuild::{Track, timing};

/// The interval in force, while the events are passed in order.
#[derive(Clone, Debug)]
pub(super) struct Interval {
    /// Events and the intervals that hold from there on, in microseconds.
    orders: Vec<(usize, i64)>,
    passed: usize,
}

impl Interval {
    pub(super) fn of(track: &Track<'_>) -> Self {
        let boots = track.boots().filter_map(|(index, ..)| Some((index, true, ordered_by_boot(track, index)?)));
        let set = timing::values(track, timing::HEARTBEAT_INTERVAL);
        let mut orders: Vec<_> = set.iter().map(|value| (value.index, value.ordered, value.micros)).collect();
        orders.extend(boots);
        orders.sort_by_key(|&(index, ..)| index);
        // What is only told may be a default that the answer to the boot has replaced.
        let mut known = false;
        orders.retain(|&(_, ordered, _)| {
            known |= ordered;
            ordered || !known
        });
        Self { orders: orders.into_iter().map(|(index, _, micros)| (index, micros)).collect(), passed: 0 }
    }

    /// Goes on to an event; none of them may lie before the last one.
    pub(super) fn pass(&mut self, index: usize) {
        while self.orders.get(self.passed).is_some_and(|&(from, _)| from <= index) {
            self.passed += 1;
        }
    }

    /// What is in force there.
    pub(super) fn now(&self) -> Option<i64> {
        self.passed.checked_sub(1).map(|last| self.orders[last].1)
    }
}

/// The heartbeat interval that the answer to a boot orders. Only one that accepts does: in any other the same field is
/// the time to wait (1.6 §4.2). Zero leaves the choice to the charge point, so nothing is known then.
fn ordered_by_boot(track: &Track<'_>, index: usize) -> Option<i64> {
    let view = track.answer(index)?;
    let answer = view.answer()?;
    let accepted = view.text(answer.status).is_some_and(|status| status.eq_ignore_ascii_case("Accepted"));
    answer.interval.filter(|&interval| accepted && interval > 0)
}
