//! What is known about the whole input, over all charge points (decision: local to one charge point).

use crate::time::MINUTE;

/// From when to when the log was recorded, and where the recorder itself was silent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observation {
    /// The first log time: UTC microseconds.
    pub start: Option<i64>,
    /// The last log time.
    pub end: Option<i64>,
    /// Minutes `[from, to)` in which no charge point at all was heard although at least three had been.
    pub gaps: Vec<(i64, i64)>,
}

/// How many charge points must have been heard before silence says something about the recorder.
const ENOUGH_CHARGE_POINTS: usize = 3;

impl Observation {
    /// Observes the log times of all charge points, given as sorted minutes with a message in them.
    #[must_use]
    pub fn new(start: Option<i64>, end: Option<i64>, charge_points: usize, minutes: &[i64]) -> Self {
        let mut gaps = Vec::new();
        if charge_points >= ENOUGH_CHARGE_POINTS {
            for pair in minutes.windows(2) {
                if pair[1] > pair[0] + 1 {
                    gaps.push(((pair[0] + 1) * MINUTE, pair[1] * MINUTE));
                }
            }
        }
        Self { start, end, gaps }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_minute_is_a_gap_only_where_enough_charge_points_were_heard() {
        assert!(Observation::new(None, None, 2, &[1, 5]).gaps.is_empty());
        assert_eq!(Observation::new(None, None, 3, &[1, 2, 5]).gaps, [(3 * MINUTE, 5 * MINUTE)]);
    }
}
