//! The span of time that the caller asked for (decision 16).

use super::assemble::Done;
use crate::rebuild;
use std::collections::BTreeMap;

/// The span of time that was asked for: `[start, end)`, open where none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) start: Option<i64>,
    pub(super) end: Option<i64>,
}

impl Window {
    /// Whether an instant lies inside; one that is not known does.
    pub(super) fn holds(self, time: Option<i64>) -> bool {
        self.overlaps(time, time)
    }

    /// Whether a span overlaps; an end that is not known is open. Spans are half-open, too: what ends as the window
    /// begins lies outside, unless it has no length.
    fn overlaps(self, from: Option<i64>, to: Option<i64>) -> bool {
        let begins = from.is_none_or(|from| self.end.is_none_or(|end| from < end));
        let ends =
            self.start.is_none_or(|start| to.is_none_or(|to| to > start) || from.is_some_and(|from| from >= start));
        begins && ends
    }

    /// Counts the messages outside, by source.
    pub(super) fn count(self, done: &[Done<'_>], filtered: &mut BTreeMap<u32, i64>) {
        if self.start.is_none() && self.end.is_none() {
            return;
        }
        for view in done.iter().flat_map(|done| &done.track.events) {
            if !view.kind.is_connection() && !self.holds(view.log_time) {
                *filtered.entry(view.position.source).or_default() += 1;
            }
        }
    }

    /// Keeps the rows that overlap (decision 16).
    pub(super) fn narrow(self, done: &mut [Done<'_>]) {
        if self.start.is_none() && self.end.is_none() {
            return;
        }
        for Done { rebuilt, .. } in done {
            rebuilt.transactions.retain(|row| self.overlaps(row.start_time, row.stop_time));
            rebuilt.meter_values.retain(|row| self.holds(row.time));
            rebuilt.status_intervals.retain(|row| self.overlaps(row.start_time, row.end_time));
            rebuilt
                .firmware_updates
                .retain(|row| self.overlaps(row.requested_at.or(row.first_status_time), row.last_status_time));
            rebuilt.boots.retain(|row| self.holds(row.time));
            rebuilt.connectivity_intervals.retain(|row| self.overlaps(Some(row.start_time), row.end_time));
            rebuilt.faults.retain(|row| self.overlaps(row.start_time, row.end_time));
            rebuilt.authorizations.retain(|row| self.holds(row.time));
            rebuilt.commands.retain(|row| self.overlaps(row.requested_at, row.effect_time.or(row.requested_at)));
            rebuilt.firmware_versions.retain(|row| self.overlaps(row.start_time, row.end_time));
            rebuilt.security_events.retain(|row| self.holds(row.time));
            rebuilt.log_uploads.retain(|row| self.overlaps(row.requested_at, row.last_status_time));
            rebuilt.configuration.retain(|row| self.overlaps(row.time, row.end_time));
            rebuilt.charging_profiles.retain(|row| self.overlaps(row.requested_at, row.end_time));
            rebuilt.data_transfers.retain(|row| self.holds(row.time));
            rebuilt.unmatched.retain(|row| self.holds(row.time));
            rebuilt.charge_point.rows = rebuild::charge_point::counts(rebuilt);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Window;

    #[test]
    fn a_window_and_the_spans_in_it_are_half_open() {
        let window = Window { start: Some(10), end: Some(20) };
        for (from, to) in [(5, 11), (10, 10), (10, 12), (19, 30), (5, 30)] {
            assert!(window.overlaps(Some(from), Some(to)), "{from} {to}");
        }
        for (from, to) in [(5, 9), (5, 10), (9, 9), (20, 20), (20, 30)] {
            assert!(!window.overlaps(Some(from), Some(to)), "{from} {to}");
        }
        assert!(window.overlaps(Some(5), None) && window.overlaps(None, Some(11)) && window.overlaps(None, None));
        assert!(!window.overlaps(Some(20), None) && !window.overlaps(None, Some(10)));
    }

    #[test]
    fn windows_that_follow_each_other_share_no_instant() {
        let (first, second) = (Window { start: None, end: Some(10) }, Window { start: Some(10), end: None });
        for time in [9, 10, 11] {
            assert!(first.holds(Some(time)) != second.holds(Some(time)), "{time}");
        }
    }
}
