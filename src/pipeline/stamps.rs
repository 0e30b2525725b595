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
struct Evidence {
    stamp: Stamp,
    own: Option<i64>,
}

/// Counts how often a clock that knows no year, or no date, began anew; and where it stood first.
#[derive(Clone, Copy, Debug, Default)]
struct Turns {
    count: i64,
    last: Option<i64>,
}

impl Turns {
    /// The turns up to a stamp: one more where it lies further back than `jump`.
    fn at(&mut self, stamp: i64, jump: i64) -> i64 {
        self.count += i64::from(self.last.is_some_and(|last| last - stamp > jump));
        self.last = Some(stamp);
        self.count
    }
}

/// A record's local time, step by step in the order of the source.
#[derive(Clone, Copy, Debug, Default)]
struct Calendar {
    years: Turns,
    days: Turns,
    /// Days without a record leave no jump: two payloads in a row that agree on a later day tell of them.
    skipped: i64,
    later: Option<i64>,
}

impl Calendar {
    /// The local time of the next record. What begins the count is learnt from the first record that tells it, unless it
    /// is known: `year` of the first stamp without one, `day` of the first time of day.
    fn local(&mut self, record: Evidence, year: &mut Option<i32>, day: &mut Option<i64>) -> Option<i64> {
        match record.stamp {
            Stamp::Utc(_) | Stamp::None => None,
            Stamp::Local(time) => Some(time),
            Stamp::LocalNoYear(time) => {
                let turns = self.years.at(time, 180 * DAY) as i32;
                *year = year.or_else(|| Some(nearest_year(time, record.own?)? - turns));
                in_year(time, (*year)? + turns)
            }
            Stamp::Clock(time) => {
                let turns = self.days.at(time, DAY / 2);
                // The day on which a time of day lies nearest to the time that its message tells.
                let told = record.own.map(|own| (own - time + DAY / 2).div_euclid(DAY));
                *day = day.or_else(|| Some(told? - turns));
                let first = (*day)?;
                if let Some(later) = told.map(|told| told - first - turns) {
                    if later > self.skipped && self.later == Some(later) {
                        self.skipped = later;
                    }
                    self.later = Some(later);
                }
                Some((first + turns + self.skipped) * DAY + time)
            }
        }
    }
}

/// How evidence for two offsets, an hour apart, follows each other.
#[derive(Clone, Copy, Debug)]
struct Alternation {
    first: i64,
    last: i64,
    changes: usize,
}

/// What the stamps of a source tell together. It takes the records in the order of the source, one by one, and does not
/// grow with them.
#[expect(clippy::struct_excessive_bools, reason = "each tells of one kind of stamp")]
#[derive(Clone, Debug)]
pub(super) struct Stamps {
    zone: Zone,
    calendar: Calendar,
    year: Option<i32>,
    day: Option<i64>,
    year_in_name: Option<i32>,
    day_in_name: Option<i64>,
    /// Which kinds of stamps there are.
    utc: bool,
    local: bool,
    no_year: bool,
    clock: bool,
    votes: BTreeMap<i64, usize>,
    /// By the lower one of two offsets an hour apart.
    pairs: BTreeMap<i64, Alternation>,
}

impl Stamps {
    /// Nothing yet, of a source with this name.
    pub(super) fn new(zone: Zone, name: &str) -> Self {
        Self {
            zone,
            calendar: Calendar::default(),
            year: None,
            day: None,
            year_in_name: year_in(name),
            day_in_name: date_in(name),
            utc: false,
            local: false,
            no_year: false,
            clock: false,
            votes: BTreeMap::new(),
            pairs: BTreeMap::new(),
        }
    }

    /// Takes the next record; `own` is what its message tells, if it is asked for.
    pub(super) fn observe(&mut self, stamp: Stamp, own: impl FnOnce() -> Option<i64>) {
        match stamp {
            Stamp::None => return,
            Stamp::Utc(_) => {
                self.utc = true;
                return;
            }
            Stamp::Local(_) => self.local = true,
            Stamp::LocalNoYear(_) => self.no_year = true,
            Stamp::Clock(_) => self.clock = true,
        }
        let record = Evidence { stamp, own: own() };
        let local = self.calendar.local(record, &mut self.year, &mut self.day);
        if let (Zone::Auto, Some(local), Some(own)) = (self.zone, local, record.own)
            && let Some(offset) = offset(local, own)
        {
            *self.votes.entry(offset).or_default() += 1;
            for lower in [offset - HOUR, offset] {
                let pair = self.pairs.entry(lower).or_insert(Alternation { first: offset, last: offset, changes: 0 });
                pair.changes += usize::from(pair.last != offset);
                pair.last = offset;
            }
        }
    }

    /// Whether a stamp of the source needs more than itself to be an instant.
    pub(super) const fn any_open(&self) -> bool {
        self.local || self.no_year || self.clock
    }

    /// Whether what is known suffices for the records so far, whatever comes behind them.
    pub(super) const fn is_settled(&self) -> bool {
        !self.any_open()
            || (!matches!(self.zone, Zone::Auto)
                && (!self.no_year || self.year.is_some())
                && (!self.clock || self.day.is_some()))
    }

    /// Whether any record has an instant, if there are no more.
    pub(super) fn any_instant(&self) -> bool {
        self.utc || self.any_local()
    }

    fn any_local(&self) -> bool {
        self.local
            || (self.no_year && self.year.or(self.year_in_name).is_some())
            || (self.clock && self.day.or(self.day_in_name).is_some())
    }

    /// How the stamps are to be read, if there are no more records.
    pub(super) fn found(&self) -> ZoneFound {
        if !self.any_local() {
            return ZoneFound {
                source: self.utc.then_some(ZoneSource::Log),
                offset: self.utc.then_some(0),
                ..ZoneFound::default()
            };
        }
        match (self.zone, self.estimated()) {
            (Zone::Offset(offset), _) => fixed(ZoneSource::Argument, offset),
            (Zone::Named(zone), _) => {
                ZoneFound { source: Some(ZoneSource::Argument), name: Some(zone.name().to_owned()), offset: None }
            }
            (Zone::Auto, Estimate::Unknown) => fixed(ZoneSource::Assumed, 0),
            (Zone::Auto, Estimate::One(offset)) => fixed(ZoneSource::Estimated, offset),
            (Zone::Auto, Estimate::Two { .. }) => {
                ZoneFound { source: Some(ZoneSource::Estimated), name: None, offset: None }
            }
        }
    }

    /// What gives the records their instants, from the first one on. Where more records may come, only a source that
    /// [`Self::is_settled`] may be read with it.
    pub(super) fn clock(&self) -> Clock {
        let how = match self.zone {
            Zone::Offset(offset) => How::Fixed(offset),
            Zone::Named(zone) => How::Named(zone, i64::MIN),
            Zone::Auto => match self.estimated() {
                Estimate::Unknown => How::Fixed(0),
                Estimate::One(offset) => How::Fixed(offset),
                Estimate::Two { one, other, first } => How::Saving { one, other, current: first },
            },
        };
        let (year, day) = (self.year.or(self.year_in_name), self.day.or(self.day_in_name));
        Clock { calendar: Calendar::default(), year, day, how }
    }

    /// The offset on which enough payload times agree, or the two of a zone that changes between two records.
    fn estimated(&self) -> Estimate {
        let best = self.votes.iter().max_by_key(|&(&offset, &count)| (count, -offset.abs(), offset));
        let Some((&best, _)) = best.filter(|&(_, &count)| count >= ENOUGH) else { return Estimate::Unknown };
        let other = self
            .votes
            .iter()
            .filter(|&(&offset, &count)| count >= ENOUGH_BESIDE && (offset - best).abs() == HOUR)
            .max_by_key(|&(_, &count)| count)
            .map(|(&offset, _)| offset);
        // Evidence that goes back and forth is of no zone.
        let pair = other.and_then(|other| Some((other, self.pairs.get(&best.min(other))?)));
        match pair.filter(|(_, pair)| pair.changes <= MOST_CHANGES) {
            Some((other, pair)) => Estimate::Two { one: best, other, first: pair.first },
            None => Estimate::One(best),
        }
    }
}

/// What payload times say about the zone.
enum Estimate {
    Unknown,
    One(i64),
    Two { one: i64, other: i64, first: i64 },
}

/// The way from local time to UTC.
#[derive(Clone, Copy, Debug)]
enum How {
    Fixed(i64),
    /// With the last instant.
    Named(chrono_tz::Tz, i64),
    /// The last evidence before a record tells its offset, else the first one behind.
    Saving {
        one: i64,
        other: i64,
        current: i64,
    },
}

/// Gives the records of a source their instants, in its order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    calendar: Calendar,
    year: Option<i32>,
    day: Option<i64>,
    how: How,
}

impl Clock {
    /// Knows what was learnt since: the first year and the first day, of stamps that came later.
    pub(super) fn learn(&mut self, stamps: &Stamps) {
        self.year = stamps.year.or(self.year);
        self.day = stamps.day.or(self.day);
    }

    /// The instant of the next record; `own` is what its message tells, if it is asked for.
    pub(super) fn instant(&mut self, stamp: Stamp, own: impl FnOnce() -> Option<i64>) -> Option<i64> {
        let own = match (stamp, self.how) {
            (Stamp::None, _) => return None,
            (Stamp::Utc(time), _) => return storable(time),
            (Stamp::Clock(_), _) | (_, How::Saving { .. }) => own(),
            _ => None,
        };
        let local = self.calendar.local(Evidence { stamp, own }, &mut self.year, &mut self.day)?;
        let time = match &mut self.how {
            How::Fixed(offset) => Some(local - *offset),
            How::Named(zone, last) => {
                let time = named(local, *zone, *last);
                *last = time.unwrap_or(*last);
                time
            }
            How::Saving { one, other, current } => {
                let told = own.and_then(|own| offset(local, own));
                *current = told.filter(|offset| offset == one || offset == other).unwrap_or(*current);
                Some(local - *current)
            }
        };
        time.and_then(storable)
    }
}

fn fixed(source: ZoneSource, offset: i64) -> ZoneFound {
    ZoneFound { source: Some(source), name: None, offset: Some(offset) }
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

/// A stamp of a zone with daylight saving. An hour that occurs twice is told apart by the order of the source; an hour
/// that does not exist counts as if the clock had been put forward.
fn named(local: i64, zone: chrono_tz::Tz, last: i64) -> Option<i64> {
    let micros = match zone.from_local_datetime(&civil(local)?) {
        chrono::LocalResult::Single(time) => time.timestamp_micros(),
        chrono::LocalResult::Ambiguous(first, second) => {
            let (first, second) = (first.timestamp_micros(), second.timestamp_micros());
            if first >= last { first } else { second }
        }
        chrono::LocalResult::None => {
            let later = civil(local + HOUR)?;
            zone.from_local_datetime(&later).earliest()?.timestamp_micros() - HOUR
        }
    };
    Some(micros)
}

/// The offset between a stamp and a payload time, if it is a whole number of quarter hours that a zone can have.
fn offset(local: i64, own: i64) -> Option<i64> {
    let difference = local - own;
    let quarters = (difference + QUARTER / 2).div_euclid(QUARTER) * QUARTER;
    ((difference - quarters).abs() <= SLACK && quarters.abs() <= 14 * HOUR).then_some(quarters)
}

/// A year in a file's name: four digits between 2010 and 2099 that stand alone.
fn year_in(name: &str) -> Option<i32> {
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

    /// The instants of a source's stamps.
    fn instants(records: &[Evidence], zone: Zone, name: &str) -> (Vec<Option<i64>>, ZoneFound) {
        let mut stamps = Stamps::new(zone, name);
        for record in records {
            stamps.observe(record.stamp, || record.own);
        }
        let mut clock = stamps.clock();
        (records.iter().map(|record| clock.instant(record.stamp, || record.own)).collect(), stamps.found())
    }

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
        let (times, _) = instants(&records, Zone::Offset(0), "");
        assert_eq!(times[..2], [Some(day + 23 * HOUR), Some(day + DAY + HOUR)]);
        assert_eq!(times[3], Some(day + 4 * DAY + 3 * HOUR));
        assert_eq!(instants(&[clock(HOUR, None)], Zone::Offset(0), "").0, [None]);
        assert_eq!(instants(&[clock(HOUR, None)], Zone::Offset(0), "a_2026-05-01.log").0, [Some(day + HOUR)]);
    }
}
