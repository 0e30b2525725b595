//! What the rest of a charge point's log tells about its transactions, indexed so that no question costs a walk
//! over all of it.

use super::Report;
use crate::event::Known;
use crate::rebuild::{Context, TimeSource, Track, timed};
use rustc_hash::FxHashMap;
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// Register readings of the connectors: index of the message and value in Wh, in order of arrival.
type Registers = BTreeMap<Option<i32>, Vec<(usize, f64)>>;

/// Evidence beside starts, stops and events.
#[derive(Debug)]
pub(super) struct Clues<'t, 'a> {
    track: &'t Track<'a>,
    /// Status reports of every connector (1.x) or EVSE (2.x), in order of arrival.
    reports: BTreeMap<i32, Vec<Report<'a>>>,
    /// The same in order of time, by one clock: the charge point's where it tells any.
    timelines: OnceCell<BTreeMap<i32, Vec<Report<'a>>>>,
    /// When a connector said that its session was over: by the charge point's clock, sorted.
    endings: OnceCell<BTreeMap<i32, Vec<i64>>>,
    /// The connector that meter values with an id name; none if they name several.
    connectors: OnceCell<FxHashMap<&'a str, Option<i32>>>,
    registers: OnceCell<Registers>,
}

impl<'t, 'a> Clues<'t, 'a> {
    pub(super) fn new(track: &'t Track<'a>, context: &Context<'_>) -> Self {
        let mut reports: BTreeMap<i32, Vec<Report<'a>>> = BTreeMap::new();
        for (index, view, status) in track.statuses() {
            let (Some(evse), Some(word)) = (status.evse, view.text(status.status)) else { continue };
            let time = timed(view, status.time, context.rules);
            reports.entry(evse).or_default().push(Report { index, status: word, time, connector: status.connector });
        }
        Self {
            track,
            reports,
            timelines: OnceCell::new(),
            endings: OnceCell::new(),
            connectors: OnceCell::new(),
            registers: OnceCell::new(),
        }
    }

    /// The reports of a connector that arrived at `from` or later; of all of them, if `from` is none.
    pub(super) fn reports(&self, evse: Option<i32>, from: Option<usize>) -> &[Report<'a>] {
        let Some(reports) = evse.and_then(|evse| self.reports.get(&evse)) else {
            return &[];
        };
        let start = from.map_or(0, |from| reports.partition_point(|report| report.index < from));
        &reports[start..]
    }

    /// The reports of a connector in order of time. Times of two clocks are not mixed: reports that the recorder dates
    /// count only where the charge point dates none.
    pub(super) fn timeline(&self, evse: Option<i32>) -> &[Report<'a>] {
        if self.reports.is_empty() {
            return &[];
        }
        let timelines = self.timelines.get_or_init(|| {
            let sorted = |reports: &Vec<Report<'a>>| {
                let own = |report: &Report<'_>| report.time.source == Some(TimeSource::Payload);
                let any = reports.iter().any(own);
                let mut line: Vec<Report<'a>> = reports.iter().filter(|report| own(report) == any).copied().collect();
                line.retain(|report| report.time.time.is_some());
                line.sort_by_key(|report| (report.time.time, report.index));
                line
            };
            self.reports.iter().map(|(&evse, reports)| (evse, sorted(reports))).collect()
        });
        evse.and_then(|evse| timelines.get(&evse)).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a connector said around `time`, by the charge point's clock, that its session was over.
    pub(super) fn ended_near(&self, evse: Option<i32>, time: i64, window: i64) -> bool {
        let endings = self.endings.get_or_init(|| {
            let own = |report: &&Report<'_>| {
                report.time.source == Some(TimeSource::Payload) && matches!(report.status, "Finishing" | "Available")
            };
            let sorted = |reports: &Vec<Report<'_>>| {
                let mut times: Vec<i64> = reports.iter().filter(own).filter_map(|report| report.time.time).collect();
                times.sort_unstable();
                times
            };
            self.reports.iter().map(|(&evse, reports)| (evse, sorted(reports))).collect()
        });
        evse.and_then(|evse| endings.get(&evse)).is_some_and(|times| {
            let at = times.partition_point(|&ended| ended < time - window);
            times.get(at).is_some_and(|&ended| ended <= time + window)
        })
    }

    /// The connector that meter values with this id name, if they name one only.
    pub(super) fn connector_of(&self, id: &str) -> Option<i32> {
        self.connectors().get(id).copied().flatten()
    }

    /// Whether meter values name this id.
    pub(super) fn is_metered(&self, id: &str) -> bool {
        self.connectors().contains_key(id)
    }

    fn connectors(&self) -> &FxHashMap<&'a str, Option<i32>> {
        self.connectors.get_or_init(|| {
            let mut connectors: FxHashMap<&'a str, Option<i32>> = FxHashMap::default();
            for (_, view, meter) in self.track.meters() {
                let Some(id) = view.text(meter.transaction_id) else { continue };
                let known = connectors.entry(id).or_insert(meter.connector);
                if *known != meter.connector {
                    *known = None;
                }
            }
            connectors
        })
    }

    /// The connector's last register reading before the event at `before`.
    pub(super) fn register_before(&self, connector: Option<i32>, before: usize) -> Option<f64> {
        let registers = self.registers.get_or_init(|| {
            let known = Known::new();
            let mut registers = Registers::new();
            for (index, view, meter) in self.track.meters() {
                let readings = view.samples(meter.samples).iter();
                let last = readings
                    .rev()
                    .filter(|sample| sample.measurand == known.import_register)
                    .find_map(|sample| sample.value);
                if let Some(value) = last {
                    registers.entry(meter.connector).or_default().push((index, value));
                }
            }
            registers
        });
        let readings = registers.get(&connector)?;
        let at = readings.partition_point(|&(index, _)| index < before);
        readings[..at].last().map(|&(_, value)| value)
    }
}
