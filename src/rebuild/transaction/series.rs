//! The readings of one measurand inside a transaction (rule book §2.5; 1.6 §7.31, §7.37).

use super::session::Session;
use crate::event::{Known, Name, Sample};
use crate::rebuild::meter::after_stop;
use std::collections::BTreeMap;
use std::sync::LazyLock;

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

impl Point {
    fn of(reading: &Measurement<'_>) -> Self {
        Self { time: reading.time, context: reading.sample.context, value: reading.value }
    }
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

/// A sampled value that has a number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measurement<'a> {
    /// When it was taken.
    pub(super) time: Option<i64>,
    /// Whether that was after the stop.
    after: bool,
    pub(super) value: f64,
    sample: &'a Sample,
}

/// The measurands that some rule looks at.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    ImportRegister,
    ImportInterval,
    ExportRegister,
    ExportInterval,
    Net,
    ImportPower,
    Offered,
    ImportOffered,
    StateOfCharge,
}

/// How many they are.
const MEASURANDS: usize = Of::StateOfCharge as usize + 1;

/// The readings of a session by measurand: sorted out in one pass, since most of what is sampled no rule looks at.
#[derive(Debug, Default)]
pub(super) struct Measured<'a> {
    lists: [Vec<Measurement<'a>>; MEASURANDS],
}

/// Which of the lists a measurand has, by its number.
static LISTS: LazyLock<[u8; Name::MOST_KNOWN]> = LazyLock::new(|| {
    let known = Known::new();
    let [offered, import_offered] = known.offered;
    let measurands: [(Name, Of); MEASURANDS] = [
        (known.import_register, Of::ImportRegister),
        (known.import_interval, Of::ImportInterval),
        (known.export_register, Of::ExportRegister),
        (known.export_interval, Of::ExportInterval),
        (known.net, Of::Net),
        (known.import_power, Of::ImportPower),
        (offered, Of::Offered),
        (import_offered, Of::ImportOffered),
        (known.soc, Of::StateOfCharge),
    ];
    let mut lists = [u8::MAX; Name::MOST_KNOWN];
    for (name, of) in measurands {
        lists[name.number()] = of as u8;
    }
    lists
});

impl<'a> Measured<'a> {
    /// Takes the readings of another session.
    pub(super) fn read(&mut self, session: &Session<'a>) {
        for list in &mut self.lists {
            list.clear();
        }
        let lists = &*LISTS;
        for reading in &session.readings {
            let after = after_stop(session, reading.time, reading.source);
            for sample in reading.samples {
                let Some(&list) = lists.get(sample.measurand.number()).filter(|&&list| list != u8::MAX) else {
                    continue;
                };
                let list = &mut self.lists[usize::from(list)];
                if let Some(value) = sample.value {
                    if list.is_empty() {
                        list.reserve(session.readings.len());
                    }
                    list.push(Measurement { time: reading.time, after, value, sample });
                }
            }
        }
    }

    /// Those of one measurand up to the stop, in order of arrival.
    pub(super) fn before_stop(&self, of: Of) -> impl Iterator<Item = &Measurement<'a>> + Clone {
        self.lists[of as usize].iter().filter(|reading| !reading.after)
    }
}

impl Series {
    /// The readings of a measurand. The outlet's meter counts, another place only where nothing else was measured; the
    /// whole counts, the sum of the phases only where no whole was measured.
    pub(super) fn of(measured: &Measured<'_>, of: Of, known: &Known) -> Self {
        let all = &measured.lists[of as usize];
        let mut series = Self::default();
        if all.is_empty() {
            return series;
        }
        series.after = all.iter().any(|reading| reading.after);
        let found = measured.before_stop(of);
        let outlet = |sample: &Sample| !sample.location.is_some() || sample.location == known.outlet;
        let at_outlet = found.clone().any(|reading| outlet(reading.sample));
        if !at_outlet {
            series.inlet = found.clone().any(|reading| reading.sample.location == known.inlet);
        }
        let found = found.filter(|reading| !at_outlet || outlet(reading.sample));
        let whole = found.clone().filter(|reading| !reading.sample.phase.is_some());
        if whole.clone().next().is_none() {
            series.sum(&found.collect::<Vec<_>>(), known);
            return series;
        }
        series.readings.reserve(all.len());
        if all.is_sorted_by_key(|reading| reading.time) {
            whole.for_each(|reading| series.push(Point::of(reading), known));
        } else {
            let mut whole: Vec<_> = whole.collect();
            whole.sort_by_key(|reading| reading.time);
            whole.into_iter().for_each(|reading| series.push(Point::of(reading), known));
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
    fn sum(&mut self, phases: &[&Measurement<'_>], known: &Known) {
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
                slot.1.value += reading.value;
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
