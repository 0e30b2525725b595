//! Lenient timestamps: text to UTC microseconds, and what had to be assumed.

use crate::flag::{Flag, Flags};
use chrono::NaiveDate;

/// Microseconds in a second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds in a minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Microseconds in an hour.
pub const HOUR: i64 = 60 * MINUTE;
/// Microseconds in a day.
pub const DAY: i64 = 24 * HOUR;

/// The last year whose stamps mean that a clock was never set (decision: frames, lenient but counted).
pub const LAST_UNSET_YEAR: i32 = 2009;
/// 2010-01-01T00:00:00Z: payload times before it come from a clock that was never set.
pub const FIRST_SET: i64 = 14_610 * DAY;

/// 0001-01-01T00:00:00Z.
const FIRST_STORABLE: i64 = -719_162 * DAY;
/// 9999-12-31T23:59:59.999999Z.
const LAST_STORABLE: i64 = 2_932_897 * DAY - 1;

/// A payload's time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Instant {
    /// UTC microseconds; none if the text is missing or cannot be read.
    pub micros: Option<i64>,
    /// What had to be assumed.
    pub flags: Flags,
}

/// Microseconds since 1970 of a date, or none if there is no such day.
#[must_use]
pub fn date(year: i32, month: u32, day: u32) -> Option<i64> {
    let days = NaiveDate::from_ymd_opt(year, month, day)?.signed_duration_since(NaiveDate::default()).num_days();
    days.checked_mul(DAY)
}

/// Reads the time of a payload (RFC 3339 and what the field makes of it: OCPP 1.6 §3.14, 2.0.1 part 2 §3.1).
///
/// Accepted beyond RFC 3339: no offset (UTC, `tz_missing`), a blank for the `T`, a comma before the fraction,
/// one-digit hours, `+0100`, `+01`, any number of fraction digits (cut to microseconds), second 60, hour 24,
/// and Unix time in seconds, milliseconds, microseconds or nanoseconds by magnitude (all `time_coerced`).
#[must_use]
pub fn payload_time(text: &str) -> Instant {
    let time = match plain(text.as_bytes()) {
        Some(micros) => Instant { micros: Some(micros), flags: Flags::NONE },
        None => lenient(text.trim()),
    };
    if time.micros.is_some_and(|micros| storable(micros).is_none()) {
        return Instant { micros: None, flags: [Flag::TimeRange].into_iter().collect() };
    }
    time
}

/// A time that every reader of our tables can hold: the years 1 to 9999 in UTC, as in Python's datetime.
#[must_use]
pub fn storable(micros: i64) -> Option<i64> {
    (FIRST_STORABLE..=LAST_STORABLE).contains(&micros).then_some(micros)
}

/// The common form, `YYYY-MM-DDTHH:MM:SS[.f{1,6}]Z`, without a detour.
#[inline]
pub(crate) fn plain(text: &[u8]) -> Option<i64> {
    let (head, tail) = text.split_first_chunk::<19>()?;
    let fraction = match tail {
        [b'Z'] => 0,
        [b'.', digits @ .., b'Z'] if (1..=6).contains(&digits.len()) => fraction(digits)?,
        _ => return None,
    };
    Some(civil_seconds(head)? * SECOND + fraction)
}

/// Seconds since 1970 of `YYYY-MM-DDTHH:MM:SS`, eight bytes in one step; none if it is of another form or no such time.
#[inline]
fn civil_seconds(text: &[u8; 19]) -> Option<i64> {
    const DATE: Form = Form::new(*b"0000-00-");
    const DAY_AND_TIME: Form = Form::new(*b"00T00:00");
    const TIME: Form = Form::new(*b"00:00:00");
    let (date, time) = (pairs(text, 0, DATE)?, pairs(text, 11, TIME)?);
    let day_and_time = pairs(text, 8, DAY_AND_TIME)?;
    let (year, month) = (u32::from(date[0]) * 100 + u32::from(date[2]), u32::from(date[5]));
    let (day, hour) = (u32::from(day_and_time[0]), i64::from(time[0]));
    let (minute, second) = (i64::from(time[3]), i64::from(time[6]));
    if hour > 23 || minute > 59 || second > 59 || !(1..=12).contains(&month) {
        return None;
    }
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if day == 0 || day > length {
        return None;
    }
    // A year that begins in March has its leap day last.
    let year = i64::from(year) - i64::from(month <= 2);
    let days = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days = days + i64::from((153 * ((month + 9) % 12) + 2) / 5 + day) - 719_469;
    Some(days * (DAY / SECOND) + hour * 3600 + minute * 60 + second)
}

/// The pairs of digits that begin at each byte of eight; none if a digit or a mark of `form` is missing.
#[inline]
fn pairs(text: &[u8; 19], at: usize, form: Form) -> Option<[u8; 8]> {
    let word = u64::from_le_bytes(*text[at..].first_chunk()?);
    // A digit becomes its value and a mark zero; what is too large for its place carries into its high bit.
    let values = word ^ form.word;
    if (values | values.wrapping_add(form.room)) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    Some(values.wrapping_mul(10).wrapping_add(values >> 8).to_le_bytes())
}

/// Eight bytes of a form: `0` stands for any digit, everything else for itself.
#[derive(Clone, Copy)]
struct Form {
    word: u64,
    /// What may be added to each byte before its high bit is set.
    room: u64,
}

impl Form {
    const fn new(form: [u8; 8]) -> Self {
        let mut room = [0x7f; 8];
        let mut at = 0;
        while at < 8 {
            if form[at] == b'0' {
                room[at] = 0x76;
            }
            at += 1;
        }
        Self { word: u64::from_le_bytes(form), room: u64::from_le_bytes(room) }
    }
}

/// The minute that was read last. Times that stand side by side are mostly of the same one, and its sixteen bytes need
/// no second look then.
#[derive(Clone, Debug, Default)]
pub(crate) struct Minute {
    text: [u8; 16],
    micros: i64,
}

impl Minute {
    /// A time of the common form that can be stored; what is of another form, or out of range, is none.
    #[inline]
    pub(crate) fn plain(&mut self, text: &[u8]) -> Option<i64> {
        let (minute, rest) = text.split_first_chunk()?;
        if *minute != self.text {
            self.learn(minute)?;
        }
        Some(self.micros + behind_minute(rest)?)
    }

    /// The time of the common form that begins `bytes` and that a quote ends, and its length.
    #[inline]
    pub(crate) fn quoted(&mut self, bytes: &[u8]) -> Option<(i64, usize)> {
        let length = if bytes.get(24) == Some(&b'"') { 24 } else { 20 };
        if bytes.get(length) != Some(&b'"') {
            return None;
        }
        Some((self.plain(&bytes[..length])?, length))
    }

    #[inline(never)]
    fn learn(&mut self, minute: &[u8; 16]) -> Option<()> {
        let mut text = *b"0000-00-00T00:00:00";
        text[..16].copy_from_slice(minute);
        self.micros = storable(civil_seconds(&text)? * SECOND)?;
        self.text = *minute;
        Some(())
    }
}

/// Microseconds of `:SSZ` or `:SS.f{1,6}Z`.
#[inline]
fn behind_minute(text: &[u8]) -> Option<i64> {
    const MILLIS: Form = Form::new(*b":00.000Z");
    if let Some(chunk) = text.first_chunk()
        && text.len() == 8
    {
        let values = u64::from_le_bytes(*chunk) ^ MILLIS.word;
        if (values | values.wrapping_add(MILLIS.room)) & 0x8080_8080_8080_8080 == 0 {
            let [_, tens, ones, _, a, b, c, _] = values.to_le_bytes().map(i64::from);
            let second = tens * 10 + ones;
            return (second < 60).then_some(second * SECOND + (a * 100 + b * 10 + c) * 1000);
        }
    }
    let [b':', tens @ b'0'..=b'5', ones @ b'0'..=b'9', rest @ ..] = text else { return None };
    let part = match rest {
        [b'Z'] => 0,
        [b'.', digits @ .., b'Z'] if (1..=6).contains(&digits.len()) => fraction(digits)?,
        _ => return None,
    };
    Some((i64::from(tens - b'0') * 10 + i64::from(ones - b'0')) * SECOND + part)
}

/// Microseconds since midnight.
#[must_use]
pub fn clock(hour: u32, minute: u32, second: u32) -> i64 {
    i64::from(hour) * HOUR + i64::from(minute) * MINUTE + i64::from(second) * SECOND
}

/// The digits behind a decimal mark as microseconds, cut after the sixth; none if one is no digit.
#[must_use]
pub fn fraction(digits: &[u8]) -> Option<i64> {
    let mut value = 0;
    for (index, &digit) in digits.iter().enumerate() {
        if !digit.is_ascii_digit() {
            return None;
        }
        if index < 6 {
            value = value * 10 + i64::from(digit - b'0');
        }
    }
    Some((digits.len()..6).fold(value, |value, _| value * 10))
}

/// Unix time by magnitude: seconds, milliseconds, microseconds or nanoseconds since 1970, as microseconds.
///
/// The borders lie far from any date of OCPP's life: 10^11 seconds is the year 5138, 10^11 milliseconds is 1973.
#[must_use]
pub fn unix_time(value: f64) -> Option<i64> {
    let size = value.abs();
    let micros = if size < 1e11 {
        value * 1e6
    } else if size < 1e14 {
        value * 1e3
    } else if size < 1e17 {
        value
    } else {
        value / 1e3
    };
    (micros.abs() < 9.2e18).then(|| micros.round() as i64)
}

/// The offset at the end of a time, in microseconds: `Z`, `+01:00`, `-0330`, `+02`, with or without a blank before it.
fn offset(text: &str) -> Option<i64> {
    let text = text.trim_start();
    if text.eq_ignore_ascii_case("z") || text.eq_ignore_ascii_case("utc") {
        return Some(0);
    }
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let digits: Vec<u32> =
        digits.bytes().filter(|&byte| byte != b':').map(|byte| char::from(byte).to_digit(10)).collect::<Option<_>>()?;
    let (hours, minutes) = match *digits.as_slice() {
        [h] => (h, 0),
        [a, b] => (a * 10 + b, 0),
        [a, b, c, d] => (a * 10 + b, c * 10 + d),
        _ => return None,
    };
    (minutes < 60 && hours * 60 + minutes <= 14 * 60).then(|| sign * clock(hours, minutes, 0))
}

/// Takes up to `most` leading digits off `text`.
fn digits<'a>(text: &mut &'a str, most: usize) -> Option<&'a str> {
    let length = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (head, tail) = text.split_at(length);
    *text = tail;
    (length > 0).then_some(head)
}

fn number(text: &mut &str, most: usize) -> Option<u32> {
    digits(text, most)?.parse().ok()
}

fn eat(text: &mut &str, marks: &[char]) -> bool {
    text.strip_prefix(marks).map(|rest| *text = rest).is_some()
}

fn lenient(text: &str) -> Instant {
    let invalid = Instant { micros: None, flags: [Flag::TimeInvalid].into_iter().collect() };
    let mut flags = Flags::NONE;
    flags.add(Flag::TimeCoerced);
    if let Ok(value) = text.parse::<f64>() {
        return match unix_time(value) {
            Some(micros) if value >= 1e8 => Instant { micros: Some(micros), flags },
            _ => invalid,
        };
    }
    match civil(text, &mut flags) {
        Some(micros) => Instant { micros: Some(micros), flags },
        None => invalid,
    }
}

fn civil(text: &str, flags: &mut Flags) -> Option<i64> {
    let rest = &mut &*text;
    let before_christ = eat(rest, &['-']);
    let signed = before_christ || eat(rest, &['+']);
    let year = number(rest, 6)?;
    eat(rest, &['-', '/']).then_some(())?;
    let month = number(rest, 2)?;
    eat(rest, &['-', '/']).then_some(())?;
    let day = number(rest, 2)?;
    if signed || year > 9999 {
        flags.add(Flag::TimeRange);
    }
    let year = i32::try_from(year).ok()?;
    let midnight = date(if before_christ { -year } else { year }, month, day)?;
    let standard_mark = rest.starts_with('T');
    eat(rest, &['T', 't', ' ', '_']).then_some(())?;
    let hour_text = digits(rest, 2)?;
    let hour: u32 = hour_text.parse().ok()?;
    eat(rest, &[':']).then_some(())?;
    let minute = number(rest, 2)?;
    let mut second = 0;
    let mut micros = 0;
    let mut usual = standard_mark && hour_text.len() == 2;
    if eat(rest, &[':']) {
        second = number(rest, 2)?;
        usual &= !rest.starts_with(',');
        if eat(rest, &['.', ',']) {
            micros = fraction(digits(rest, usize::MAX)?.as_bytes())?;
        }
    } else {
        usual = false;
    }
    if hour > 24 || minute > 59 || second > 60 || (hour == 24 && (minute, second, micros) != (0, 0, 0)) {
        return None;
    }
    usual &= hour < 24 && second < 60;
    if second == 60 {
        // A leap second cannot be told apart from the last instant before it.
        (second, micros) = (59, SECOND - 1);
    }
    let shift = if rest.is_empty() {
        flags.add(Flag::TzMissing);
        0
    } else {
        let colon = rest.len() == 6 && rest.as_bytes()[3] == b':';
        usual &= *rest == "Z" || colon;
        offset(rest)?
    };
    if usual {
        flags.remove(Flag::TimeCoerced);
    }
    midnight.checked_add(clock(hour, minute, second) + micros)?.checked_sub(shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(text: &str) -> Option<i64> {
        payload_time(text).micros
    }

    fn names(text: &str) -> Vec<&'static str> {
        payload_time(text).flags.iter().map(|flag| flag.info().name).collect()
    }

    #[test]
    fn every_day_of_the_calendar_is_where_the_library_has_it() {
        let mut expected = date(0, 1, 1);
        for year in 0..=9999 {
            for month in 1..=12 {
                for day in 1..=31 {
                    let found = plain(format!("{year:04}-{month:02}-{day:02}T00:00:00Z").as_bytes());
                    assert_eq!(found, date(year, month, day), "{year}-{month}-{day}");
                    if found.is_some() {
                        assert_eq!(found, expected);
                        expected = expected.map(|day| day + DAY);
                    }
                }
            }
        }
    }

    #[test]
    fn the_short_way_takes_no_other_form() {
        let right = "2026-03-14T06:58:02Z";
        assert!(plain(right.as_bytes()).is_some());
        for at in 0..right.len() {
            for byte in (0..=255).filter(|byte| *byte != right.as_bytes()[at]) {
                let mut wrong = right.as_bytes().to_vec();
                wrong[at] = byte;
                assert!(plain(&wrong).is_none() || byte.is_ascii_digit(), "{wrong:?}");
            }
        }
    }

    #[test]
    fn the_usual_forms_carry_no_flag() {
        let expected = date(2026, 3, 14).map(|day| day + clock(6, 58, 2) + 117_000);
        for text in [
            "2026-03-14T06:58:02.117Z",
            "2026-03-14T06:58:02.117000Z",
            "2026-03-14T06:58:02.117000999Z",
            "2026-03-14T07:58:02.117+01:00",
            "2026-03-14T01:13:02.117-05:45",
        ] {
            assert_eq!(micros(text), expected, "{text}");
            assert!(names(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn unusual_forms_are_read_and_flagged() {
        let expected = date(2026, 3, 14).map(|day| day + clock(6, 58, 2));
        for text in [
            "2026-03-14 06:58:02Z",
            "2026-03-14t06:58:02z",
            "2026-03-14T6:58:02Z",
            "2026-03-14T07:58:02+0100",
            "2026-03-14T08:58:02+02",
            "2026-03-14T06:58:02,000Z",
            "2026-03-14T06:58:02.000 Z",
            "1773471482",
            "1773471482000",
            "1773471482000000",
        ] {
            assert_eq!(micros(text), expected, "{text}");
            assert_eq!(names(text), ["time_coerced"], "{text}");
        }
        assert_eq!(names("2026-03-14T06:58:02"), ["tz_missing"]);
    }

    #[test]
    fn a_leap_second_is_the_last_instant_of_its_minute_and_hour_24_the_next_day() {
        assert_eq!(micros("2016-12-31T23:59:60Z"), date(2017, 1, 1).map(|day| day - 1));
        assert_eq!(micros("2026-03-14T24:00:00Z"), date(2026, 3, 15));
        assert_eq!(micros("2026-03-14T24:00:01Z"), None);
    }

    #[test]
    fn what_is_no_time_is_invalid() {
        for text in [
            "",
            "null",
            "2026-02-30T00:00:00Z",
            "2026-03-14T25:00:00Z",
            "12",
            "2026-03-14",
            "+14:01",
            "2026-03-14T00:00:00+14:01",
            "NaN",
            "inf",
        ] {
            assert_eq!(micros(text), None, "{text}");
            assert_eq!(names(text), ["time_invalid"], "{text}");
        }
    }

    #[test]
    fn years_at_both_ends_do_not_overflow() {
        assert!(micros("0001-01-01T00:00:00Z").is_some());
        assert!(micros("9999-12-31T23:59:59.999Z").is_some());
        assert_eq!(date(2010, 1, 1), Some(FIRST_SET));
        assert_eq!(date(1, 1, 1), Some(FIRST_STORABLE));
        assert_eq!(date(10_000, 1, 1), Some(LAST_STORABLE + 1));
        for text in
            ["0000-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "+55863-01-02T03:04:05Z"]
        {
            assert_eq!((micros(text), names(text)), (None, vec!["time_range"]), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn prop_never_panics(text in "\\PC{0,40}") {
            let _ = payload_time(&text);
        }

        #[test]
        fn prop_a_time_of_a_known_minute_is_read_as_any_other(
            texts in proptest::collection::vec("(2026-03-14|0000-01-01|2026-02-29)T0[67]:5[0-9]:[0-6][0-9](\\.[0-9]{1,7}|)(Z|z|\\+01:00|é|)", 1..6),
        ) {
            let mut minute = Minute::default();
            for text in texts {
                let known = minute.plain(text.as_bytes());
                proptest::prop_assert_eq!(known, plain(text.as_bytes()).and_then(storable), "{}", text);
                let quoted = format!("{text}\",");
                if let Some(found) = minute.quoted(quoted.as_bytes()) {
                    proptest::prop_assert_eq!(Some(found), known.map(|micros| (micros, text.len())));
                }
            }
        }

        #[test]
        fn prop_agrees_with_chrono(seconds in -62_135_596_800i64..253_402_300_799, millis in 0u32..1000) {
            let time = chrono::DateTime::from_timestamp(seconds, millis * 1_000_000).unwrap();
            let text = time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
            proptest::prop_assert_eq!(micros(&text), Some(time.timestamp_micros()));
        }
    }
}
