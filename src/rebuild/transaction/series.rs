//! The readings of one measurand inside a transaction (rule book §2.5; 1.6 §7.31, §7.37).

use super::session::{Reading, Session};
use crate::event::{Known, Name, Sample};
use crate::rebuild::meter::after_stop;
use std::collections::BTreeMap;

/// One reading, phases summed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    /// When it was taken.
    pub(super) time: Option<i64>,
    /// On what occasion.
    pub(super) context: Name,
    /// The value in the base unit.
    pub(super) value: f64,
}

/// Time of a reading, and whether it is later than the one at the start and whether it is the one at the end.
type Moment = (Option<i64>, bool, bool);

/// The readings of a measurand, in order of time.
#[derive(Debug, Default)]
pub(super) struct Series {
    /// The reading at the start, by its context.
    pub(super) begin: Option<f64>,
    /// The reading at the end, by its context.
    pub(super) end: Option<f64>,
    /// All others and the end.
    pub(super) readings: Vec<Point>,
    /// Readings after the stop were left out.
    pub(super) after: bool,
    /// Only the inlet was measured.
    pub(super) inlet: bool,
    /// Some phases are missing.
    pub(super) partial: bool,
}

impl Series {
    /// The readings of `measurand`. The outlet's meter counts, another place only where nothing else was measured; the
    /// whole counts, the sum of the phases only where no whole was measured.
    pub(super) fn of(session: &Session<'_>, measurand: Name, known: &Known) -> Self {
        let mut series = Self::default();
        if !session.readings.iter().any(|reading| reading.sample.measurand == measurand) {
            return series;
        }
        let mut found: Vec<&Reading<'_>> = Vec::new();
        for reading in &session.readings {
            if reading.sample.measurand != measurand || reading.sample.value.is_none() {
                continue;
            }
            if after_stop(session, reading.time, reading.source) {
                series.after = true;
            } else {
                found.push(reading);
            }
        }
        let outlet = |sample: &Sample| !sample.location.is_some() || sample.location == known.outlet;
        if found.iter().any(|reading| outlet(reading.sample)) {
            found.retain(|reading| outlet(reading.sample));
        } else {
            series.inlet = found.iter().any(|reading| reading.sample.location == known.inlet);
        }
        let (mut whole, phases): (Vec<&Reading<'_>>, Vec<&Reading<'_>>) =
            found.into_iter().partition(|reading| !reading.sample.phase.is_some());
        if whole.is_empty() {
            series.sum(&phases, known);
        } else {
            whole.sort_by_key(|reading| reading.time);
            for reading in whole {
                let value = reading.sample.value.unwrap_or_default();
                series.push(Point { time: reading.time, context: reading.sample.context, value }, known);
            }
        }
        series
    }

    fn push(&mut self, point: Point, known: &Known) {
        if point.context == known.begin {
            self.begin = self.begin.or(Some(point.value));
            return;
        }
        if point.context == known.end {
            self.end = Some(point.value);
        }
        self.readings.push(point);
    }

    /// Sums the phases of each time and context. L1 and L1-N are two ways to measure the same and are never mixed;
    /// L1-L2 and N are no parts of a sum.
    fn sum(&mut self, phases: &[&Reading<'_>], known: &Known) {
        let family = [known.phases, known.phases_to_neutral]
            .into_iter()
            .find(|family| phases.iter().any(|reading| family.contains(&reading.sample.phase)));
        let Some(family) = family else { return };
        let mut sums: BTreeMap<Moment, ([bool; 3], Point)> = BTreeMap::new();
        for reading in phases {
            let Some(phase) = family.iter().position(|&phase| phase == reading.sample.phase) else { continue };
            let context = reading.sample.context;
            let nothing = ([false; 3], Point { time: reading.time, context, value: 0.0 });
            let slot = sums.entry((reading.time, context != known.begin, context == known.end)).or_insert(nothing);
            // One phase of one moment that is told on two occasions counts once.
            if !std::mem::replace(&mut slot.0[phase], true) {
                slot.1.value += reading.sample.value.unwrap_or_default();
            }
        }
        let count = |seen: [bool; 3]| seen.into_iter().filter(|&seen| seen).count();
        let most = sums.values().map(|sum| count(sum.0)).max().unwrap_or_default();
        self.partial = most < 3 || sums.values().any(|sum| count(sum.0) != most);
        for (_, point) in sums.into_values().filter(|sum| count(sum.0) == most) {
            self.push(point, known);
        }
    }
}
