//! Power and state of charge during a transaction (rule book §2.5; 1.6 §7.31).

use super::series::{Measured, Of, Series};
use super::session::Session;
use crate::event::Known;
use crate::flag::Flag;
use crate::time::HOUR;

/// Between these factors the integral of the power and the register disagree by the thousand of a wrong unit.
const A_THOUSAND: std::ops::RangeInclusive<f64> = 900.0..=1_100.0;

/// Fills in what power and state of charge tell.
pub(super) fn measure(session: &mut Session<'_>, measured: &Measured<'_>, known: &Known) {
    let series = Series::of(measured, Of::ImportPower, known);
    let highest = |values: &mut dyn Iterator<Item = f64>| values.reduce(f64::max);
    session.row.peak_power_w = highest(&mut series.begin.into_iter().chain(series.readings.iter().map(|p| p.value)));
    session.row.energy_wh_power = integral(session, &series);
    session.offered = [Of::Offered, Of::ImportOffered]
        .into_iter()
        .filter_map(|of| highest(&mut Series::of(measured, of, known).readings.iter().map(|point| point.value)))
        .reduce(f64::max)
        .filter(|&offered| offered > 0.0);
    let row = &mut session.row;
    if let (Some(power), Some(register)) = (row.energy_wh_power, row.energy_wh_register.filter(|&wh| wh > 0.0)) {
        row.flags.add_if(A_THOUSAND.contains(&(power / register)), Flag::UnitSuspect);
    }
    state_of_charge(session, measured);
}

/// The integral by trapezes, in Wh. Only where no gap is longer than twice the median one, from the start to the stop:
/// over a longer one nobody knows what the power was.
fn integral(session: &Session<'_>, series: &Series) -> Option<f64> {
    // The readings stand in the order of their times, those without one first.
    let timed = series.readings.partition_point(|point| point.time.is_none());
    let points = || series.readings[timed..].iter().filter_map(|point| Some((point.time?, point.value)));
    let pairs = || points().zip(points().skip(1));
    if series.readings.len() - timed < 3 {
        return None;
    }
    let mut gaps: Vec<i64> = Vec::with_capacity(series.readings.len() - timed);
    gaps.extend(pairs().map(|(before, after)| after.0 - before.0).filter(|&gap| gap > 0));
    if gaps.len() < 2 {
        return None;
    }
    gaps.sort_unstable();
    // Twice the median: the sum of the two in the middle, or of the one with itself.
    let longest = gaps[(gaps.len() - 1) / 2] + gaps[gaps.len() / 2];
    let (first, last) = (points().next()?.0, points().next_back()?.0);
    let to_start = session.start.time.map_or(0, |start| first - start);
    let to_stop = session.stop.time.map_or(0, |stop| stop - last);
    if gaps.last()?.max(&to_start).max(&to_stop) > &longest {
        return None;
    }
    let hours = |span: i64| span as f64 / HOUR as f64;
    Some(pairs().map(|(before, after)| f64::midpoint(before.1, after.1) * hours(after.0 - before.0)).sum())
}

/// The first and the last state of charge, by the time of the readings.
fn state_of_charge(session: &mut Session<'_>, measured: &Measured<'_>) {
    let readings = measured.before_stop(Of::StateOfCharge);
    // Of several at one time the first one to arrive is the first, the last one to arrive is the last.
    session.row.soc_start_pct = readings.clone().min_by_key(|reading| reading.time).map(|reading| reading.value);
    session.row.soc_stop_pct = readings.max_by_key(|reading| reading.time).map(|reading| reading.value);
}
