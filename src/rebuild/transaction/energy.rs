//! How much energy a transaction delivered (rule book §2.5; 1.6 §7.31, errata §3.77; 2.0.1 J02.FR.16; decision 1).

use super::EnergyMethod;
use super::power;
use super::series::{Measured, Of, Point, Series};
use super::session::Session;
use crate::event::Known;
use crate::flag::{Flag, Flags};
use crate::rebuild::{Context, TimeSource};
use crate::time::{HOUR, MINUTE};
use rustc_hash::FxHashSet;

/// A register that starts a session below this, while the meter stands far above, counts the session only.
const NEAR_ZERO_WH: f64 = 1_000.0;
/// Registers are said to turn over at these values, in Wh or kWh.
const MODULI: &[f64] = &[1e6, 1e7, 1e8, 1e9, 2_147_483_648.0, 4_294_967_296.0];
/// Above which share of the power that was offered a mean power is not plausible.
const ABOVE_OFFER: f64 = 1.2;

/// What the register says over time: time and Wh, in order, from the start to the stop where both are known. For
/// telling when energy flowed.
pub(super) type Curve = Vec<(i64, f64)>;

/// Fills in the energies of a session, and what they say about each other; returns the readings of its register.
pub(super) fn measure(
    session: &mut Session<'_>,
    measured: &Measured<'_>,
    context: &Context<'_>,
    known: &Known,
) -> Series {
    let series = Series::of(measured, Of::ImportRegister, known);
    let flags = &mut session.row.flags;
    flags.add_if(series.after, Flag::AfterStop);
    flags.add_if(series.inlet, Flag::InletEnergy);
    flags.add_if(series.partial, Flag::PhasesPartial);
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
    session.row.energy_wh_interval = intervals(measured, Of::ImportInterval, known);
    session.row.energy_export_wh = exported(measured, known);
    power::measure(session, measured, known);
    let net = net(measured, known);
    let row = &mut session.row;
    let methods = [
        (row.energy_wh_start_stop, EnergyMethod::StartStop),
        (row.energy_wh_register, EnergyMethod::Register),
        (row.energy_wh_interval, EnergyMethod::Interval),
        (net, EnergyMethod::Net),
        (session.told.bill.energy, EnergyMethod::Cost),
        (row.energy_wh_power, EnergyMethod::Power),
    ];
    let mut told = methods.into_iter().filter_map(|(energy, method)| energy.map(|energy| (energy, method)));
    let any = told.clone().next().is_some();
    // Only the register of import less export may fall; what else says less than nothing is no energy.
    let found = told.find(|&(energy, method)| energy >= 0.0 || method == EnergyMethod::Net);
    row.flags.add_if(found.is_none() && any, Flag::NegativeEnergy);
    row.energy_wh = found.map(|found| found.0);
    row.energy_method = Some(found.map_or(EnergyMethod::None, |found| found.1));
    series
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

/// The sum of the amounts of each interval (1.6 §7.31): each time counts once, and the series of the clock is not
/// mixed with that of the session.
fn intervals(measured: &Measured<'_>, of: Of, known: &Known) -> Option<f64> {
    let series = Series::of(measured, of, known);
    if series.readings.is_empty() {
        return None;
    }
    let clock = |point: &&Point| point.context == known.clock;
    let only_clock = series.readings.iter().all(|point| clock(&point));
    let mut seen = FxHashSet::default();
    let counted = series.readings.iter().filter(|point| only_clock || !clock(point));
    let amounts: Vec<f64> = counted.filter(|point| seen.insert(point.time)).map(|point| point.value).collect();
    if amounts.is_empty() { None } else { Some(amounts.iter().sum()) }
}

/// The energy that flowed back: told apart, never subtracted (2.1 Q; rule book §3.2).
fn exported(measured: &Measured<'_>, known: &Known) -> Option<f64> {
    let series = Series::of(measured, Of::ExportRegister, known);
    between(&series).or_else(|| intervals(measured, Of::ExportInterval, known))
}

/// What the register of import less export says (2.0.1 `Energy.Active.Net`): it may fall, and the energy be negative.
fn net(measured: &Measured<'_>, known: &Known) -> Option<f64> {
    let series = Series::of(measured, Of::Net, known);
    let first = series.begin.or_else(|| series.readings.first().map(|point| point.value))?;
    let enough = series.readings.len() + usize::from(series.begin.is_some()) > 1;
    series.readings.last().filter(|_| enough).map(|last| last.value - first)
}

/// How far a counter climbed from its first reading to its last one.
fn between(series: &Series) -> Option<f64> {
    if series.readings.is_empty() {
        return None;
    }
    let mut values: Vec<f64> = Vec::with_capacity(series.readings.len() + 1);
    values.extend(series.begin);
    values.extend(series.readings.iter().map(|point| point.value));
    if values.len() < 2 { None } else { Some(climb(&mut Flags::default(), &values)) }
}

/// The readings by the clock that tells the start, and the meters at both ends where they count the same.
pub(super) fn curve(session: &Session<'_>, series: &Series) -> Curve {
    let row = &session.row;
    let own = |source| source == Some(TimeSource::Payload);
    let alike = !row.flags.has(Flag::RegisterSessionRelative) && !row.flags.has(Flag::UnitSuspect);
    let start = session.start.time.filter(|_| own(session.start.source)).zip(row.meter_start_wh);
    let stop = session.stop.time.filter(|_| own(session.stop.source)).zip(row.meter_stop_wh);
    let begin = start.filter(|_| alike).or_else(|| session.start.time.zip(series.begin));
    let end = stop.filter(|_| alike && row.energy_wh_start_stop.is_some());
    let readings = series.readings.iter().filter_map(|point| Some((point.time?, point.value)));
    let mut curve = Curve::with_capacity(series.readings.len() + 2);
    curve.extend(begin.into_iter().chain(readings).chain(end));
    if !curve.is_sorted_by_key(|point| point.0) {
        curve.sort_by_key(|point| point.0);
    }
    curve.dedup_by_key(|point| point.0);
    curve
}

/// The energy by the register: anchored at the start meter where it is known (decision 1).
fn by_register(session: &mut Session<'_>, series: &Series, context: &Context<'_>) -> Option<f64> {
    let start = session.row.meter_start_wh.or(series.begin);
    let last = series.readings.last()?.value;
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
    values.extend(series.readings.iter().map(|reading| reading.value));
    if start.is_none() {
        // Only the end is known: from the first reading to the stop meter.
        values.extend(session.row.meter_stop_wh);
    }
    if values.len() < 2 {
        return None;
    }
    Some(climb(&mut session.row.flags, &values))
}

/// The sum of a register's climbs; what it does besides climbing is flagged.
fn climb(flags: &mut Flags, values: &[f64]) -> f64 {
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
    let (Some(first), Some(last)) = (series.readings.first(), series.readings.last()) else {
        return false;
    };
    let below = series.readings.iter().all(|reading| reading.value < start - tolerance(start, context));
    let within =
        session.row.energy_wh_start_stop.is_none_or(|energy| last.value <= energy + tolerance(energy, context));
    let climbs = series.readings.windows(2).all(|pair| pair[0].value <= pair[1].value + 1.0);
    below && within && climbs && (first.value <= NEAR_ZERO_WH || session.row.energy_wh_start_stop.is_some())
}

/// Whether readings labelled Wh are a thousandth of the start meter.
fn looks_like_kilowatt_hours(start: f64, series: &Series) -> bool {
    start >= 100_000.0
        && series
            .readings
            .first()
            .map(|first| first.value * 1000.0)
            .is_some_and(|first| first >= start * 0.99 && first <= start * 1.1 + 100_000.0)
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
    let at_stop =
        series.readings.last().is_some_and(|reading| reading.time.is_some() && reading.time == session.stop.time);
    let covered = series.end.is_some() || at_stop;
    let mut mismatch = covered && (energy - by_register).abs() > tolerance;
    if let (Some(start), Some(stop), false) =
        (row.meter_start_wh, row.meter_stop_wh, row.flags.has(Flag::RegisterSessionRelative))
    {
        let outside = |point: &Point| point.value < start - tolerance || point.value > stop + tolerance;
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
    let offered = session.offered.is_some_and(|offered| power > offered * ABOVE_OFFER);
    let too_much = offered || power > context.rules.implausible_power_w;
    session.row.flags.add_if(duration >= MINUTE && too_much, Flag::EnergyImplausible);
}

/// A register goes on where the transaction before on its connector ended (1.6 §7.31): one that stands lower was set
/// back in between, one that stands higher has counted what no transaction tells.
pub(super) fn compare_neighbours(sessions: &mut [Session<'_>], context: &Context<'_>) {
    if sessions.len() < 2 {
        return;
    }
    let mut order: Vec<usize> = (0..sessions.len()).filter(|&at| sessions[at].start_index.is_some()).collect();
    // A clock that runs ahead would put a transaction behind those that came after it.
    let begun = |session: &Session<'_>| match session.row.start_received_at {
        Some(received) if session.start.flags.has(Flag::ClockFuture) => Some(received),
        _ => session.start.time,
    };
    order.sort_by_key(|&at| (sessions[at].row.evse, begun(&sessions[at]), sessions[at].start_index));
    for pair in order.windows(2) {
        let (before, after) = (&sessions[pair[0]].row, &sessions[pair[1]].row);
        let same = before.evse.is_some() && before.evse == after.evse;
        if let (true, Some(stop), Some(start)) = (same, before.meter_stop_wh, after.meter_start_wh) {
            let tolerance = context.rules.energy_tolerance_wh;
            let (lower, higher) = (start < stop - tolerance, start > stop + tolerance);
            let flags = &mut sessions[pair[1]].row.flags;
            flags.add_if(lower, Flag::RegisterNotContinuous);
            flags.add_if(higher, Flag::GapPositive);
        }
    }
}
