//! The zone and the year of stamps that the log writes without them (decision 11; layouts M7).

use crate::account::ZoneSource;
use crate::event::View;
use crate::layout::Stamp;
use crate::options::Zone;
use crate::time::{DAY, FIRST_SET, HOUR, MINUTE, date, storable};
use chrono::{DateTime, Datelike, NaiveDateTime, TimeZone};
use std::collections::BTreeMap;

/// How many payload times must agree before an offset is believed.
const ENOUGH: usize = 5;
/// How many must agree on the other side of a change to or from daylight saving time.
const ENOUGH_BESIDE: usize = 3;
/// Offsets are whole multiples of this.
const QUARTER: i64 = 15 * MINUTE;
/// How far a payload time may lie from its stamp, the offset apart.
const SLACK: i64 = MINUTE;
/// How often a zone may change its offset within one source: in spring and in autumn.
const MOST_CHANGES: usize = 2;

/// How the stamps of a source were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ZoneFound {
    pub(super) source: Option<ZoneSource>,
    pub(super) name: Option<String>,
    pub(super) offset: Option<i64>,
}

/// The time that a message tells by its own clock, if it was sent when it was logged, as far as one can see.
pub(super) fn own_time(view: View<'_>) -> Option<i64> {
    let first = |span| view.samples(span).first().and_then(|sample| sample.time);
    let time = if let Some(status) = view.status() {
        status.time.micros
    } else if let Some(answer) = view.answer() {
        answer.current_time.micros
    } else if let Some(meter) = view.meter() {
        first(meter.samples)
    } else if let Some(start) = view.tx_start() {
        start.time.micros
    } else if let Some(stop) = view.tx_stop() {
        stop.time.micros
    } else {
        view.tx_event().and_then(|event| event.time.micros)
    };
    time.filter(|&time| time >= FIRST_SET)
}

/// A stamp of the log and the time that its message tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence {
    pub(super) stamp: Stamp,
    pub(super) own: Option<i64>,
}

/// The instants of a source's stamps, in its order.
pub(super) fn instants(records: &[Evidence], zone: Zone, name: &str) -> (Vec<Option<i64>>, ZoneFound) {
    let local: Vec<Option<i64>> = dated(records, year_in(name), date_in(name));
    if local.iter().all(Option::is_none) {
        let any = records.iter().any(|record| matches!(record.stamp, Stamp::Utc(_)));
        let found =
            ZoneFound { source: any.then_some(ZoneSource::Log), offset: any.then_some(0), ..ZoneFound::default() };
        return (records.iter().map(|record| utc(record.stamp)).collect(), found);
    }
    let (times, found) = match zone {
        Zone::Offset(offset) => (shift(&local, |_| offset), fixed(ZoneSource::Argument, offset)),
        Zone::Named(zone) => {
            let found =
                ZoneFound { source: Some(ZoneSource::Argument), name: Some(zone.name().to_owned()), offset: None };
            (named(&local, zone), found)
        }
        Zone::Auto => estimated(records, &local),
    };
    let merged =
        times.into_iter().zip(records).map(|(time, record)| time.or_else(|| utc(record.stamp)).and_then(storable));
    (merged.collect(), found)
}

const fn utc(stamp: Stamp) -> Option<i64> {
    match stamp {
        Stamp::Utc(time) => Some(time),
        _ => None,
    }
}

fn fixed(source: ZoneSource, offset: i64) -> ZoneFound {
    ZoneFound { source: Some(source), name: None, offset: Some(offset) }
}

fn shift(local: &[Option<i64>], offset: impl Fn(usize) -> i64) -> Vec<Option<i64>> {
    local.iter().enumerate().map(|(index, time)| time.map(|time| time - offset(index))).collect()
}

/// Stamps with their year: it comes from the first payload that tells one, else from the file's name, and goes up
/// where the stamps jump back by half a year.
fn dated(records: &[Evidence], year_hint: Option<i32>, day_hint: Option<i64>) -> Vec<Option<i64>> {
    let mut year_of: Vec<i32> = Vec::with_capacity(records.len());
    let mut turns = 0;
    let mut last: Option<i64> = None;
    for record in records {
        if let Stamp::LocalNoYear(time) = record.stamp {
            if last.is_some_and(|last| last - time > 180 * DAY) {
                turns += 1;
            }
            last = Some(time);
        }
        year_of.push(turns);
    }
    let told = records.iter().zip(&year_of).find_map(|(record, turns)| match (record.stamp, record.own) {
        (Stamp::LocalNoYear(time), Some(own)) => nearest_year(time, own).map(|year| year - turns),
        _ => None,
    });
    let first = told.or(year_hint);
    records
        .iter()
        .zip(&year_of)
        .map(|(record, turns)| match record.stamp {
            Stamp::Local(time) => Some(time),
            Stamp::LocalNoYear(time) => in_year(time, first? + turns),
            Stamp::Utc(_) | Stamp::None | Stamp::Clock(_) => None,
        })
        .zip(on_days(records, day_hint))
        .map(|(dated, clock)| dated.or(clock))
        .collect()
}

/// Times of day with their date: it comes from the first payload that tells its own time, else from the file's name, and goes on where
/// the clock jumps back by half a day. None where nothing tells it.
fn on_days(records: &[Evidence], day_hint: Option<i64>) -> Vec<Option<i64>> {
    let clock = |record: &Evidence| match record.stamp {
        Stamp::Clock(time) => Some(time),
        _ => None,
    };
    // The day on which a time of day lies nearest to the time that its message tells.
    let told = |record: &Evidence| Some((record.own? - clock(record)? + DAY / 2).div_euclid(DAY));
    let mut days = Vec::with_capacity(records.len());
    let (mut turns, mut last) = (0, None);
    for record in records {
        if let Some(time) = clock(record) {
            turns += i64::from(last.is_some_and(|last| last - time > DAY / 2));
            last = Some(time);
        }
        days.push(turns);
    }
    let told_first = records.iter().zip(&days).find_map(|(record, turns)| Some(told(record)? - turns));
    let Some(first) = told_first.or(day_hint) else { return vec![None; records.len()] };
    // Days on which nothing was logged leave no jump: two payloads in a row that agree on a later day tell of them.
    let mut skipped = 0;
    let mut before = None;
    let mut dated = Vec::with_capacity(records.len());
    for (record, turns) in records.iter().zip(&days) {
        if let Some(later) = told(record).map(|day| day - first - turns) {
            if later > skipped && before == Some(later) {
                skipped = later;
            }
            before = Some(later);
        }
        dated.push(clock(record).map(|time| (first + turns + skipped) * DAY + time));
    }
    dated
}

fn civil(micros: i64) -> Option<NaiveDateTime> {
    DateTime::from_timestamp_micros(micros).map(|time| time.naive_utc())
}

fn in_year(micros: i64, year: i32) -> Option<i64> {
    let time = civil(micros)?.with_year(year)?;
    Some(time.and_utc().timestamp_micros())
}

/// The year in which a stamp lies nearest to the time that its message tells.
fn nearest_year(micros: i64, own: i64) -> Option<i32> {
    let year = civil(own)?.year();
    (year - 1..=year + 1)
        .filter_map(|year| Some((in_year(micros, year)?, year)))
        .min_by_key(|(time, _)| (time - own).abs())
        .map(|(_, year)| year)
}

/// The stamps of a zone with daylight saving. An hour that occurs twice is told apart by the order of the source; an
/// hour that does not exist counts as if the clock had been put forward.
fn named(local: &[Option<i64>], zone: chrono_tz::Tz) -> Vec<Option<i64>> {
    let mut last = i64::MIN;
    let mut resolve = |time: i64| {
        let civil_time = civil(time)?;
        let micros = match zone.from_local_datetime(&civil_time) {
            chrono::LocalResult::Single(time) => time.timestamp_micros(),
            chrono::LocalResult::Ambiguous(first, second) => {
                let (first, second) = (first.timestamp_micros(), second.timestamp_micros());
                if first >= last { first } else { second }
            }
            chrono::LocalResult::None => {
                let later = civil(time + HOUR)?;
                zone.from_local_datetime(&later).earliest()?.timestamp_micros() - HOUR
            }
        };
        last = micros;
        Some(micros)
    };
    local.iter().map(|time| time.and_then(&mut resolve)).collect()
}

/// The offset on which enough payload times agree; else UTC, assumed.
fn estimated(records: &[Evidence], local: &[Option<i64>]) -> (Vec<Option<i64>>, ZoneFound) {
    let offsets: Vec<Option<i64>> =
        records.iter().zip(local).map(|(record, time)| offset(time.as_ref().copied()?, record.own?)).collect();
    let mut votes: BTreeMap<i64, usize> = BTreeMap::new();
    for offset in offsets.iter().flatten() {
        *votes.entry(*offset).or_default() += 1;
    }
    let best = votes.iter().max_by_key(|&(&offset, &count)| (count, -offset.abs(), offset));
    let Some((&best, _)) = best.filter(|&(_, &count)| count >= ENOUGH) else {
        return (shift(local, |_| 0), fixed(ZoneSource::Assumed, 0));
    };
    let other = votes
        .iter()
        .filter(|&(&offset, &count)| count >= ENOUGH_BESIDE && (offset - best).abs() == HOUR)
        .max_by_key(|&(_, &count)| count)
        .map(|(&offset, _)| offset);
    if let Some(steps) = other.and_then(|other| saving(&offsets, best, other)) {
        let found = ZoneFound { source: Some(ZoneSource::Estimated), name: None, offset: None };
        return (shift(local, |index| steps[index]), found);
    }
    (shift(local, |_| best), fixed(ZoneSource::Estimated, best))
}

/// The offset between a stamp and a payload time, if it is a whole number of quarter hours that a zone can have.
fn offset(local: i64, own: i64) -> Option<i64> {
    let difference = local - own;
    let quarters = (difference + QUARTER / 2).div_euclid(QUARTER) * QUARTER;
    ((difference - quarters).abs() <= SLACK && quarters.abs() <= 14 * HOUR).then_some(quarters)
}

/// The offset of each record where the zone changes between two of them: the last evidence before it, else the first
/// one behind. None if the evidence goes back and forth as no zone does.
fn saving(offsets: &[Option<i64>], one: i64, other: i64) -> Option<Vec<i64>> {
    let clear = |offset: &Option<i64>| offset.filter(|&offset| offset == one || offset == other);
    let seen: Vec<i64> = offsets.iter().filter_map(clear).collect();
    if seen.windows(2).filter(|pair| pair[0] != pair[1]).count() > MOST_CHANGES {
        return None;
    }
    let mut current = *seen.first()?;
    Some(
        offsets
            .iter()
            .map(|offset| {
                current = clear(offset).unwrap_or(current);
                current
            })
            .collect(),
    )
}

/// A year in a file's name: four digits between 2010 and 2099 that stand alone.
pub(super) fn year_in(name: &str) -> Option<i32> {
    let bytes = name.as_bytes();
    (0..bytes.len().saturating_sub(3)).find_map(|at| {
        let alone = (at == 0 || !bytes[at - 1].is_ascii_digit()) && !bytes.get(at + 4).is_some_and(u8::is_ascii_digit);
        let year: i32 = std::str::from_utf8(&bytes[at..at + 4]).ok()?.parse().ok()?;
        (alone && (2010..2100).contains(&year)).then_some(year)
    })
}

/// The date that a file's name tells, as `2026-05-01` or `20260501`, in days since 1970.
fn date_in(name: &str) -> Option<i64> {
    let bytes = name.rsplit('/').next()?.as_bytes();
    let digits = |text: &[u8]| {
        std::str::from_utf8(text).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
    };
    (0..bytes.len()).find_map(|at| {
        let rest = &bytes[at..];
        let alone = |length: usize| {
            (at == 0 || !bytes[at - 1].is_ascii_digit()) && !rest.get(length).is_some_and(u8::is_ascii_digit)
        };
        let mark = rest.get(4).copied().filter(|byte| b"-_.".contains(byte));
        let (year, month, day) = match mark {
            Some(mark) if rest.get(7) == Some(&mark) && alone(10) => (&rest[..4], rest.get(5..7)?, rest.get(8..10)?),
            None if alone(8) => (rest.get(..4)?, rest.get(4..6)?, rest.get(6..8)?),
            _ => return None,
        };
        let (year, month, day): (u32, u32, u32) = (digits(year)?, digits(month)?, digits(day)?);
        (2010..2100)
            .contains(&year)
            .then(|| date(year as i32, month, day))
            .flatten()
            .map(|micros| micros.div_euclid(DAY))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SECOND;

    fn local(minutes: i64, own: i64) -> Evidence {
        Evidence {
            stamp: Stamp::Local(1_700_000_000 * SECOND + minutes * MINUTE),
            own: Some(1_700_000_000 * SECOND + own * MINUTE),
        }
    }

    #[test]
    fn five_payload_times_make_an_offset_and_four_do_not() {
        let five: Vec<_> = (0..5).map(|n| local(60 + n, n)).collect();
        assert_eq!(instants(&five, Zone::Auto, "").1, fixed(ZoneSource::Estimated, HOUR));
        let (times, found) = instants(&five[..4], Zone::Auto, "");
        assert_eq!(found, fixed(ZoneSource::Assumed, 0));
        assert_eq!(times[0], Some(1_700_000_000 * SECOND + HOUR));
    }

    #[test]
    fn an_hour_that_occurs_twice_is_told_apart_by_the_payloads() {
        // 02:00 to 02:50 in summer time, then 02:00 to 02:50 once more in winter time.
        let summer = (0..6).map(|n| local(120 + n * 10, n * 10));
        let winter = (0..6).map(|n| local(120 + n * 10, 60 + n * 10));
        let records: Vec<_> = summer.chain(winter).collect();
        let (times, found) = instants(&records, Zone::Auto, "");
        assert!(records.iter().zip(&times).all(|(record, time)| record.own == *time));
        assert_eq!(found.offset, None);
    }

    #[test]
    fn a_named_zone_uses_the_order_of_the_source_in_the_hour_that_occurs_twice() {
        let base = date(2026, 10, 25).unwrap();
        let stamps =
            [150, 170, 125, 140].map(|minute| Evidence { stamp: Stamp::Local(base + minute * MINUTE), own: None });
        let (times, _) = instants(&stamps, Zone::Named(chrono_tz::Europe::Berlin), "");
        let expected = [30, 50, 65, 80].map(|minute| Some(base + minute * MINUTE));
        assert_eq!(times, expected);
    }

    #[test]
    fn a_year_comes_from_a_payload_or_the_name_and_turns_at_new_year() {
        let stamp = |month, day| Stamp::LocalNoYear(date(2000, month, day).unwrap());
        let records =
            [Evidence { stamp: stamp(12, 31), own: None }, Evidence { stamp: stamp(1, 1), own: date(2026, 1, 1) }];
        let (times, _) = instants(&records, Zone::Offset(0), "[1999.03]x.csv");
        assert_eq!(times, [date(2025, 12, 31), date(2026, 1, 1)]);
        let (times, _) = instants(&records[..1], Zone::Offset(0), "");
        assert_eq!(times, [None]);
        assert_eq!(year_in("[2026.03]OCPP16J_Log.csv"), Some(2026));
        assert_eq!(year_in("CP120264.log"), None);
    }

    #[test]
    fn a_date_is_read_from_a_file_name() {
        let day = date(2026, 5, 1).map(|micros| micros / DAY);
        assert_eq!(date_in("logs/application-2026-05-01.1.log"), day);
        assert_eq!(date_in("CP7_20260501.log"), day);
        assert_eq!(date_in("CP7_202605011.log"), None);
        assert_eq!(date_in("2026-05/CP7.log"), None);
    }

    #[test]
    fn a_time_of_day_gets_its_date_from_the_payloads_and_goes_on_over_midnight() {
        let day = date(2026, 5, 1).unwrap();
        let clock = |time: i64, own: Option<i64>| Evidence { stamp: Stamp::Clock(time), own };
        let records = [
            clock(23 * HOUR, Some(day + 23 * HOUR)),
            clock(HOUR, None),
            clock(2 * HOUR, Some(day + 4 * DAY + 2 * HOUR)),
            clock(3 * HOUR, Some(day + 4 * DAY + 3 * HOUR)),
        ];
        let times = on_days(&records, None);
        assert_eq!(times[..2], [Some(day + 23 * HOUR), Some(day + DAY + HOUR)]);
        assert_eq!(times[3], Some(day + 4 * DAY + 3 * HOUR));
        assert_eq!(on_days(&[clock(HOUR, None)], None), [None]);
        assert_eq!(on_days(&[clock(HOUR, None)], Some(day / DAY)), [Some(day + HOUR)]);
    }
}
