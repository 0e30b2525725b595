//! How much energy a transaction delivered (rule book §2.5; 1.6 §7.31, errata §3.77; 2.0.1 J02.FR.16; decision 1).

use super::EnergyMethod;
use super::session::{Reading, Session};
use crate::event::{Known, Name, Sample};
use crate::flag::Flag;
use crate::rebuild::Context;
use crate::rebuild::meter::after_stop;
use crate::time::{HOUR, MINUTE};
use std::collections::BTreeMap;

/// A register that starts a session below this, while the meter stands far above, counts the session only.
const NEAR_ZERO_WH: f64 = 1_000.0;
/// Registers are said to turn over at these values, in Wh or kWh.
const MODULI: &[f64] = &[1e6, 1e7, 1e8, 1e9, 2_147_483_648.0, 4_294_967_296.0];

/// The register readings of a session, in order of time.
#[derive(Debug, Default)]
struct Series {
    /// The reading at the start, by its context.
    begin: Option<f64>,
    /// The reading at the end, by its context.
    end: Option<f64>,
    /// All others and the end: time and value.
    readings: Vec<(Option<i64>, f64)>,
}

/// Fills in the energies of a session, and what they say about each other.
pub(super) fn measure(session: &mut Session<'_>, context: &Context<'_>) {
    let known = Known::new();
    let series = series(session, &known);
    if session.row.meter_start_wh.is_none() && session.row.meter_stop_wh.is_none() {
        // 2.x has no meters of its own: the readings at both ends count as start and stop.
        session.row.meter_start_wh = series.begin;
        session.row.meter_stop_wh = series.end;
        let energy = by_register(session, &series, context);
        session.row.energy_wh_register = energy;
    } else {
        start_stop(session);
        let energy = by_register(session, &series, context);
        session.row.energy_wh_register = energy;
        cross_check(session, &series, context);
    }
    let row = &mut session.row;
    (row.energy_wh, row.energy_method) = match (row.energy_wh_start_stop, row.energy_wh_register) {
        (Some(energy), _) => (Some(energy), Some(EnergyMethod::StartStop)),
        (None, Some(energy)) => (Some(energy), Some(EnergyMethod::Register)),
        (None, None) => (None, Some(EnergyMethod::None)),
    };
}

fn start_stop(session: &mut Session<'_>) {
    let row = &mut session.row;
    if let (Some(start), Some(stop)) = (row.meter_start_wh, row.meter_stop_wh) {
        if stop < start {
            row.flags.add(Flag::NegativeEnergy);
        } else {
            row.energy_wh_start_stop = Some(stop - start);
        }
    }
}

fn series(session: &mut Session<'_>, known: &Known) -> Series {
    let mut after = false;
    let mut registers: Vec<&Reading<'_>> = Vec::new();
    for reading in &session.readings {
        if reading.sample.measurand != known.import_register || reading.sample.value.is_none() {
            continue;
        }
        if after_stop(session, reading.time, reading.source) {
            after = true;
        } else {
            registers.push(reading);
        }
    }
    // The outlet's meter counts; another place only where nothing else was measured.
    let outlet = |sample: &Sample| !sample.location.is_some() || sample.location == known.outlet;
    if registers.iter().any(|reading| outlet(reading.sample)) {
        registers.retain(|reading| outlet(reading.sample));
    } else if registers.iter().any(|reading| reading.sample.location == known.inlet) {
        session.row.flags.add(Flag::InletEnergy);
    }
    let (mut whole, phases): (Vec<&Reading<'_>>, Vec<&Reading<'_>>) =
        registers.into_iter().partition(|reading| !reading.sample.phase.is_some());
    whole.sort_by_key(|reading| reading.time);
    let mut series = Series::default();
    if whole.is_empty() {
        let partial = summed(&phases, known, &mut series);
        session.row.flags.add_if(partial, Flag::PhasesPartial);
    } else {
        for reading in whole {
            series.push(reading.time, reading.sample.context, reading.sample.value.unwrap_or_default(), known);
        }
    }
    session.row.flags.add_if(after, Flag::AfterStop);
    series
}

impl Series {
    fn push(&mut self, time: Option<i64>, context: Name, value: f64, known: &Known) {
        if context == known.begin {
            self.begin = self.begin.or(Some(value));
            return;
        }
        if context == known.end {
            self.end = Some(value);
        }
        self.readings.push((time, value));
    }
}

/// Sums the phases of each time and context; returns whether some time lacks a phase that others have.
fn summed(phases: &[&Reading<'_>], known: &Known, series: &mut Series) -> bool {
    let mut sums: BTreeMap<(Option<i64>, bool, bool), (f64, usize)> = BTreeMap::new();
    for reading in phases {
        let context = reading.sample.context;
        let slot = sums.entry((reading.time, context != known.begin, context == known.end)).or_default();
        slot.0 += reading.sample.value.unwrap_or_default();
        slot.1 += 1;
    }
    let most = sums.values().map(|sum| sum.1).max().unwrap_or_default();
    for (&(time, later, end), &(value, _)) in sums.iter().filter(|(_, sum)| sum.1 == most) {
        let context = if end {
            known.end
        } else if later {
            Name::NONE
        } else {
            known.begin
        };
        series.push(time, context, value, known);
    }
    sums.values().any(|sum| sum.1 != most) || (most > 0 && most < 3)
}

/// The energy by the register: anchored at the start meter where it is known (decision 1).
fn by_register(session: &mut Session<'_>, series: &Series, context: &Context<'_>) -> Option<f64> {
    let start = session.row.meter_start_wh.or(series.begin);
    let last = series.readings.last()?.1;
    if let Some(start) = start {
        if looks_like_kilowatt_hours(start, series) {
            session.row.flags.add(Flag::UnitSuspect);
            return None;
        }
        if session_relative(session, start, series, context) {
            session.row.flags.add(Flag::RegisterSessionRelative);
            return Some(last);
        }
    }
    let mut values: Vec<f64> = Vec::with_capacity(series.readings.len() + 2);
    values.extend(start);
    values.extend(series.readings.iter().map(|reading| reading.1));
    if start.is_none() {
        // Only the end is known: from the first reading to the stop meter.
        values.extend(session.row.meter_stop_wh);
    }
    if values.len() < 2 {
        return None;
    }
    Some(climb(session, &values))
}

/// The sum of a register's climbs; what it does besides climbing is flagged.
fn climb(session: &mut Session<'_>, values: &[f64]) -> f64 {
    let flags = &mut session.row.flags;
    let mut total = 0.0;
    let mut from = values[0];
    let mut index = 1;
    while index < values.len() {
        let value = values[index];
        let falls = value < from - 1.0;
        if !falls {
            total += value - from;
            from = value;
        } else if values.get(index + 1).is_some_and(|&next| next >= from) {
            flags.add(Flag::MeterGlitch);
        } else if let Some(modulus) = turned_over(from, value) {
            flags.add(Flag::MeterRollover);
            total += modulus - from + value;
            from = value;
        } else {
            flags.add(Flag::MeterReset);
            from = value;
        }
        index += 1;
    }
    total
}

fn turned_over(before: f64, after: f64) -> Option<f64> {
    let in_kwh = MODULI.iter().map(|modulus| modulus * 1000.0);
    MODULI
        .iter()
        .copied()
        .chain(in_kwh)
        .find(|&modulus| before <= modulus && before >= modulus * 0.99 && after < modulus * 0.01)
}

/// Whether the samples count from the start of the session while the start meter counts for life.
fn session_relative(session: &Session<'_>, start: f64, series: &Series, context: &Context<'_>) -> bool {
    let (Some(&(_, first)), Some(&(_, last))) = (series.readings.first(), series.readings.last()) else {
        return false;
    };
    let tolerance = context.rules.energy_tolerance_wh.max(start * context.rules.energy_tolerance_share);
    let below = series.readings.iter().all(|reading| reading.1 < start - tolerance);
    let within = session
        .row
        .energy_wh_start_stop
        .is_none_or(|energy| last <= energy + context.rules.energy_tolerance_wh.max(energy * 0.01));
    let climbs = series.readings.windows(2).all(|pair| pair[0].1 <= pair[1].1 + 1.0);
    below && within && climbs && (first <= NEAR_ZERO_WH || session.row.energy_wh_start_stop.is_some())
}

/// Whether readings labelled Wh are a thousandth of the start meter.
fn looks_like_kilowatt_hours(start: f64, series: &Series) -> bool {
    start >= 100_000.0
        && series
            .readings
            .first()
            .is_some_and(|&(_, first)| first * 1000.0 >= start * 0.99 && first * 1000.0 <= start * 1.1 + 100_000.0)
}

fn tolerance(energy: f64, context: &Context<'_>) -> f64 {
    context.rules.energy_tolerance_wh.max(energy.abs() * context.rules.energy_tolerance_share)
}

/// Whether both methods agree, where they cover the same span; else whether a reading lies outside of the meters.
fn cross_check(session: &mut Session<'_>, series: &Series, context: &Context<'_>) {
    let row = &session.row;
    let (Some(energy), Some(by_register)) = (row.energy_wh_start_stop, row.energy_wh_register) else {
        return;
    };
    let tolerance = tolerance(energy, context);
    let at_stop = series.readings.last().is_some_and(|reading| reading.0.is_some() && reading.0 == session.stop.time);
    let covered = series.end.is_some() || at_stop;
    let mut mismatch = covered && (energy - by_register).abs() > tolerance;
    if let (Some(start), Some(stop), false) =
        (row.meter_start_wh, row.meter_stop_wh, row.flags.has(Flag::RegisterSessionRelative))
    {
        let outside = |&(_, value): &(Option<i64>, f64)| value < start - tolerance || value > stop + tolerance;
        mismatch |= series.readings.iter().any(outside);
    }
    session.row.flags.add_if(mismatch, Flag::EnergyMismatch);
}

/// The mean power, and whether any charge point could have delivered it.
pub(super) fn check_power(session: &mut Session<'_>, context: &Context<'_>) {
    let row = &mut session.row;
    let (Some(energy), Some(duration)) = (row.energy_wh, row.duration.filter(|&duration| duration > 0)) else {
        return;
    };
    let power = energy / (duration as f64 / HOUR as f64);
    row.mean_power_w = Some(power);
    row.flags.add_if(duration >= MINUTE && power > context.rules.implausible_power_w, Flag::EnergyImplausible);
}

/// A register goes on where the transaction before on its connector ended (1.6 §7.31); one that stands lower was set
/// back in between.
pub(super) fn compare_neighbours(sessions: &mut [Session<'_>], context: &Context<'_>) {
    let mut order: Vec<usize> = (0..sessions.len()).filter(|&at| sessions[at].start_index.is_some()).collect();
    order.sort_by_key(|&at| (sessions[at].row.evse, sessions[at].start.time, sessions[at].start_index));
    for pair in order.windows(2) {
        let (before, after) = (&sessions[pair[0]].row, &sessions[pair[1]].row);
        let same = before.evse.is_some() && before.evse == after.evse;
        if let (true, Some(stop), Some(start)) = (same, before.meter_stop_wh, after.meter_start_wh) {
            let lower = start < stop - context.rules.energy_tolerance_wh;
            sessions[pair[1]].row.flags.add_if(lower, Flag::RegisterNotContinuous);
        }
    }
}
