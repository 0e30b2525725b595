//! The stamp of a log line, found backwards from a time of day, for that is where every writer's format agrees.

use super::Stamp;
use crate::time::{DAY, SECOND, clock, fraction, plain};
use memchr::memrchr;

/// A stamp and the bytes it spans in the text it was found in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) stamp: Stamp,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The last complete stamp in `text`; failing that the last one without a year; failing that Unix time at the start.
///
/// The last one is the innermost: wrappers write theirs in front.
pub(super) fn find(text: &str) -> Option<Found> {
    let bytes = text.as_bytes();
    let mut yearless = None;
    let mut broken = None;
    let mut end = bytes.len();
    while let Some(colon) = memrchr(b':', &bytes[..end]) {
        end = colon;
        // The colon before the seconds: `HH:MM:SS`. Seen from the back it is met first.
        let Some(found) = around(bytes, colon) else { continue };
        if found.stamp == Stamp::None || odd_year(&bytes[..found.start]) {
            // It tells no time, but still where the words behind it begin.
            broken = broken.or(Some(Found { stamp: Stamp::None, ..found }));
            end = found.start;
            continue;
        }
        if matches!(found.stamp, Stamp::LocalNoYear(_)) {
            yearless = yearless.or(Some(found));
        } else {
            return Some(found);
        }
        end = found.start;
    }
    yearless.or_else(|| leading_epoch(text)).or(broken).or_else(|| leading_clock(text))
}

/// How far from the start of a line its own stamp may end.
const LEAD: usize = 48;

/// The end of the stamp with which `text` begins, a time of day alone being one too; brackets and a syslog priority
/// may stand before it.
pub(super) fn leading(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let lead = |start: usize| bytes[..start].iter().all(|byte| matches!(byte, b'[' | b'(' | b'<' | b'>' | b'0'..=b'9'));
    for colon in memchr::memchr_iter(b':', &bytes[..bytes.len().min(LEAD)]) {
        if let Some(found) = around(bytes, colon)
            && lead(found.start)
        {
            return Some(found.end);
        }
    }
    leading_clock(text).map(|found| found.end)
}

/// A time of day at the start of a line, its date left out: `10:00:00.250`, `[10:00:00:250]`.
fn leading_clock(text: &str) -> Option<Found> {
    let bytes = text.as_bytes();
    let start = usize::from(matches!(bytes.first(), Some(b'[' | b'(')));
    let digits = bytes[start..].iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    let at = start + digits;
    let colons = bytes.get(at) == Some(&b':') && bytes.get(at + 3) == Some(&b':');
    if !(1..=2).contains(&digits) || !colons {
        return None;
    }
    let (hour, minute, second) = (number(&bytes[start..at])?, two(bytes, at + 1)?, two(bytes, at + 4)?);
    let mut end = at + 6;
    let mut part = 0;
    if matches!(bytes.get(end), Some(b'.' | b',' | b':')) {
        let length = bytes[end + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length > 0 {
            part = fraction(&bytes[end + 1..end + 1 + length])?;
            end += 1 + length;
        }
    }
    let over = bytes.get(end).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    let micros = clock(hour, minute, second.min(59)) + part;
    (hour < 24 && minute < 60 && second <= 60 && over).then_some(Found { stamp: Stamp::Clock(micros), start, end })
}

/// Whether `text` begins with a stamp.
pub(super) fn leads(text: &str) -> bool {
    text.as_bytes()
        .first()
        .is_some_and(|byte| matches!(byte, b'[' | b'(' | b'<' | b'0'..=b'9') || byte.is_ascii_alphabetic())
        && leading(text).is_some()
}

/// Whether the year that begins behind these bytes has a sign or more than four digits.
fn odd_year(before: &[u8]) -> bool {
    match before {
        [.., digit] if digit.is_ascii_digit() => true,
        [b'-' | b'+'] => true,
        [.., mark, b'-' | b'+'] => mark.is_ascii_whitespace() || matches!(mark, b'[' | b'(' | b'"'),
        _ => false,
    }
}

/// The stamp that `text` is as a whole: a field of a JSON record.
pub(super) fn whole(text: &str) -> Stamp {
    if let Some(micros) = plain(text.as_bytes()) {
        return Stamp::Utc(micros);
    }
    let text = text.trim_ascii();
    if let Some(micros) = epoch(text.as_bytes()) {
        return Stamp::Utc(micros);
    }
    find(text).map_or(Stamp::None, |found| found.stamp)
}

/// Unix time in seconds, milliseconds, microseconds or nanoseconds by its number of digits, a fraction allowed.
pub(super) fn epoch(text: &[u8]) -> Option<i64> {
    let dot = memchr::memchr(b'.', text);
    let (whole, rest) = text.split_at(dot.unwrap_or(text.len()));
    if !(9..=19).contains(&whole.len()) || !whole.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value: i64 = std::str::from_utf8(whole).ok()?.parse().ok()?;
    let part = match rest.split_first() {
        Some((_, digits)) if !digits.is_empty() => fraction(digits)?,
        Some(_) => return None,
        None => 0,
    };
    match whole.len() {
        9..=11 => value.checked_mul(SECOND)?.checked_add(part),
        12..=14 => value.checked_mul(1000)?.checked_add(part / 1000),
        15..=17 => Some(value),
        _ => Some(value / 1000),
    }
}

fn leading_epoch(text: &str) -> Option<Found> {
    let start = text.len() - text.trim_ascii_start().len();
    let rest = &text.as_bytes()[start..];
    let length = rest.iter().take_while(|&&byte| byte.is_ascii_digit() || byte == b'.').count();
    let limit = rest.get(length).is_none_or(|byte| matches!(byte, b' ' | b'\t' | b',' | b';' | b'|'));
    // Nine digits alone are rather a number than an hour of 1973.
    let micros = epoch(&rest[..length]).filter(|_| limit && length >= 10)?;
    Some(Found { stamp: Stamp::Utc(micros), start, end: start + length })
}

fn two(bytes: &[u8], at: usize) -> Option<u32> {
    let (tens, ones) = (bytes.get(at)?.wrapping_sub(b'0'), bytes.get(at + 1)?.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| u32::from(tens) * 10 + u32::from(ones))
}

/// Reads the stamp whose last colon is at `colon`.
fn around(bytes: &[u8], colon: usize) -> Option<Found> {
    let second = two(bytes, colon + 1)?;
    let minute_at = colon.checked_sub(2)?;
    let minute = two(bytes, minute_at)?;
    let hour_end = minute_at.checked_sub(1).filter(|&at| bytes[at] == b':')?;
    let hour_start = back_digits(bytes, hour_end, 2);
    let mut hour = number(&bytes[hour_start..hour_end])?;
    let (day, start) = date_before(bytes, hour_start)?;
    let mut end = colon + 3;
    let mut part = 0;
    if matches!(bytes.get(end), Some(b'.' | b',')) {
        let length = bytes[end + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length > 0 {
            part = fraction(&bytes[end + 1..end + 1 + length])?;
            end += 1 + length;
        }
    }
    let mut noon = None;
    if let [b' ', letter @ (b'A' | b'a' | b'P' | b'p'), b'M' | b'm', ..] = bytes[end..] {
        noon = Some(letter);
        hour = hour % 12 + if letter.eq_ignore_ascii_case(&b'p') { 12 } else { 0 };
        end += 3;
    }
    // No such day, no such hour: the stamp tells no time.
    let sound = hour <= 23 && minute <= 59 && second <= 60;
    let micros = day.micros(noon).filter(|_| sound).map(|day| day + clock(hour, minute, second.min(59)) + part);
    let stamp = if matches!(day, Day::NoYear(..)) {
        Stamp::LocalNoYear(micros?)
    } else if let Some((shift, length)) = zone(&bytes[end..]) {
        end += length;
        micros.zip(shift).map_or(Stamp::None, |(micros, shift)| Stamp::Utc(micros - shift))
    } else {
        micros.map_or(Stamp::None, Stamp::Local)
    };
    Some(Found { stamp, start, end })
}

/// Where the run of at most `most` digits that ends at `end` begins.
fn back_digits(bytes: &[u8], end: usize, most: usize) -> usize {
    let run = bytes[..end].iter().rev().take(most).take_while(|byte| byte.is_ascii_digit()).count();
    end - run
}

fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u32, |value, digit| digit.is_ascii_digit().then(|| value * 10 + u32::from(digit - b'0')))
}

#[derive(Clone, Copy)]
enum Day {
    Full(u32, u32, u32),
    /// Two numbers whose order the time of day tells.
    Slashed(u32, u32, u32),
    NoYear(u32, u32),
}

impl Day {
    /// Midnight. In `4/3/2026, 8:51:39 PM` the month comes first, in `4/3/2026, 20:51:39` and `8:51:39 pm` the day.
    fn micros(self, noon: Option<u8>) -> Option<i64> {
        match self {
            Self::Full(year, month, day) => date(year as i32, month, day),
            Self::NoYear(month, day) => date(2000, month, day),
            Self::Slashed(first, second, year) => {
                let month_first = matches!(noon, Some(b'A' | b'P'));
                let (month, day) = if month_first { (first, second) } else { (second, first) };
                date(year as i32, month, day).or_else(|| date(year as i32, day, month))
            }
        }
    }
}

/// Microseconds since 1970 of a date in the four-digit years; the calendar repeats every 400 years of 146,097 days.
fn date(year: i32, month: u32, day: u32) -> Option<i64> {
    const LENGTHS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = LENGTHS.get(month.checked_sub(1)? as usize)? + u32::from(leap && month == 2);
    if day == 0 || day > length || !(0..=9999).contains(&year) {
        return None;
    }
    // Years that begin in March have the leap day at their end.
    let shifted = i64::from(year) + 399 + i64::from(month > 2);
    let months = i64::from((month + 9) % 12);
    let days =
        shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + (153 * months + 2) / 5 + i64::from(day) - 1;
    Some((days - EPOCH_DAYS) * DAY)
}

/// What the sum above gives for 1970-01-01.
const EPOCH_DAYS: i64 = 865_565;

/// The date that ends before the hour at `hour`; and where it starts.
fn date_before(bytes: &[u8], hour: usize) -> Option<(Day, usize)> {
    let mut end = hour.checked_sub(1)?;
    match bytes[end] {
        b'T' | b't' | b'_' | b'\t' => {}
        b' ' => {
            // Two blanks or a comma and a blank may stand between date and time.
            while end > 0 && matches!(bytes[end - 1], b' ' | b',') {
                end -= 1;
            }
        }
        _ => return None,
    }
    let last = back_digits(bytes, end, 4);
    let mark = *bytes.get(last.checked_sub(1)?)?;
    match mark {
        b'-' | b'/' | b'.' => {
            let middle_end = last - 1;
            let middle = back_digits(bytes, middle_end, 2);
            let first_end = middle.checked_sub(1).filter(|&at| bytes[at] == mark)?;
            let first = back_digits(bytes, first_end, 4);
            let (a, b, c) =
                (number(&bytes[first..first_end])?, number(&bytes[middle..middle_end])?, number(&bytes[last..end])?);
            let day = match (first_end - first, end - last, mark) {
                (4, 1..=2, _) => Day::Full(a, b, c),
                (1..=2, 4, b'.') => Day::Full(c, b, a),
                (1..=2, 4, _) => Day::Slashed(a, b, c),
                // Of the writers only Python's `rich` has a year of two digits: month, day, year.
                (2, 2, b'/') => Day::Full(2000 + c, a, b),
                _ => return None,
            };
            Some((day, first))
        }
        b' ' => named_month(bytes, last, end),
        _ => None,
    }
}

/// `Mar 14`, `Mar  4` or `Nov 22, 2026` with its last number at `last..end`.
fn named_month(bytes: &[u8], last: usize, end: usize) -> Option<(Day, usize)> {
    let value = number(&bytes[last..end])?;
    let before = |mut at: usize| {
        while at > 0 && matches!(bytes[at - 1], b' ' | b',') {
            at -= 1;
        }
        at
    };
    if end - last == 4 {
        let day_end = before(last);
        let day_start = back_digits(bytes, day_end, 2);
        let (month, start) = month(bytes, before(day_start))?;
        return Some((Day::Full(value, month, number(&bytes[day_start..day_end])?), start));
    }
    let (month, start) = month(bytes, before(last))?;
    Some((Day::NoYear(month, value), start))
}

/// The English or German month of three letters that ends at `end`.
fn month(bytes: &[u8], end: usize) -> Option<(u32, usize)> {
    const MONTHS: [&[&str]; 12] = [
        &["jan"],
        &["feb"],
        &["mar", "mär", "mrz"],
        &["apr"],
        &["may", "mai"],
        &["jun"],
        &["jul"],
        &["aug"],
        &["sep"],
        &["oct", "okt"],
        &["nov"],
        &["dec", "dez"],
    ];
    for (index, names) in MONTHS.iter().enumerate() {
        for name in *names {
            let Some(start) = end.checked_sub(name.len()) else { continue };
            let alone = start == 0 || !bytes[start - 1].is_ascii_alphabetic();
            if alone && bytes[start..end].eq_ignore_ascii_case(name.as_bytes()) {
                return Some((index as u32 + 1, start));
            }
        }
    }
    None
}

/// The offset at the start of `text` in microseconds (none if no zone has it), and how many bytes it takes.
fn zone(text: &[u8]) -> Option<(Option<i64>, usize)> {
    let blank = usize::from(text.first() == Some(&b' '));
    let rest = &text[blank..];
    let (&mark, digits) = rest.split_first()?;
    if matches!(mark, b'Z' | b'z') && blank == 0 {
        return Some((Some(0), 1));
    }
    if rest.starts_with(b"UTC") || rest.starts_with(b"GMT") {
        return Some((Some(0), blank + 3));
    }
    let sign = match mark {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = two(digits, 0)?;
    let colon = usize::from(digits.get(2) == Some(&b':'));
    let (minutes, length) = match two(digits, 2 + colon) {
        Some(minutes) => (minutes, 4 + colon),
        // `10:00:00 -05 …` may be anything; glued to the time it is an offset.
        None if blank == 0 && colon == 0 => (0, 2),
        None => return None,
    };
    let end = digits.get(length).is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'-');
    let sound = minutes < 60 && hours * 60 + minutes <= 14 * 60;
    // Behind a blank, or without its colon, what is no offset may be anything.
    (end && (sound || (blank == 0 && colon == 1)))
        .then(|| (sound.then(|| sign * clock(hours, minutes, 0)), blank + 1 + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(year: i32, month: u32, day: u32, hour: u32, minute: u32, second: u32, millis: i64) -> i64 {
        date(year, month, day).unwrap() + clock(hour, minute, second) + millis * 1000
    }

    fn stamp(text: &str) -> Stamp {
        find(text).map_or(Stamp::None, |found| found.stamp)
    }

    #[test]
    fn a_time_without_an_offset_is_local() {
        let whole = Stamp::Local(at(2026, 11, 22, 20, 51, 39, 0));
        let millis = Stamp::Local(at(2026, 11, 22, 20, 51, 39, 93));
        for (text, expected) in [
            ("[INFO ] 2026-11-22 20:51:39,093 de.rwth (qtp1-30) - [chargeBoxId=A:B, sessionId=x] Received:", millis),
            ("2026-11-22T20:51:39.093 ", millis),
            ("[ocpp  ] TRACE 2026/11/22 20:51:39 recv CP001:", whole),
            ("22.11.2026 20:51:39;", whole),
            ("debug: 11/22/2026, 8:51:39 PM CP001 | ", whole),
            ("debug: 22/11/2026, 8:51:39 pm CP001 | ", whole),
            ("debug: 22.11.2026, 20:51:39 CP001 | ", whole),
            ("Nov 22, 2026 20:51:39.093 x", millis),
            ("2026-11-22 20:51:39 - 12 -", whole),
        ] {
            assert_eq!(stamp(text), expected, "{text}");
        }
    }

    #[test]
    fn an_offset_makes_it_an_instant() {
        let expected = Stamp::Utc(at(2026, 11, 22, 20, 51, 39, 0));
        for text in [
            "DEBU[2026-11-22T20:51:39Z] received",
            "<14>1 2026-11-22T20:51:39.000Z host app 811 - - x",
            "2026-11-22T22:51:39+02:00 x",
            "2026-11-22T22:51:39+0200 host",
            "2026-11-22 15:21:39 -0530",
            "2026-11-22 20:51:39.000000 UTC",
            "2026-11-22 21:51:39+01",
            "1795380699 [2",
            "1795380699000 x",
            "1795380699.000000\t0",
        ] {
            assert_eq!(stamp(text), expected, "{text}");
        }
    }

    #[test]
    fn without_a_year_only_month_day_and_time_are_told() {
        let expected = Stamp::LocalNoYear(at(2000, 10, 4, 11, 42, 45, 0));
        for text in ["Okt  4 11:42:45 pvm evcc[25224]:", "Oct 4 11:42:45.000 OpenWrt", "<30>Oct 04 11:42:45 host"] {
            assert_eq!(stamp(text), expected, "{text}");
        }
        assert_eq!(stamp("Feb 29 11:42:45 x"), Stamp::LocalNoYear(at(2000, 2, 29, 11, 42, 45, 0)));
        assert_eq!(stamp("Mär 14 00:00:00 x"), Stamp::LocalNoYear(at(2000, 3, 14, 0, 0, 0, 0)));
    }

    #[test]
    fn the_innermost_complete_stamp_wins() {
        let inner = Stamp::Local(at(2026, 11, 22, 20, 51, 39, 0));
        for text in [
            "Okt 11 11:42:45 pvm evcc[1]: [ocpp  ] TRACE 2026/11/22 20:51:39 recv x:",
            "2026-11-22T21:00:00.5Z stdout F 2026-11-22 20:51:39 x",
            "2026-11-22 20:51:39 Okt 11 11:42:45 x",
            "2026-11-22 20:51:39 11:22:33 x",
        ] {
            assert_eq!(stamp(text), inner, "{text}");
        }
    }

    #[test]
    fn a_time_of_day_at_the_start_is_a_stamp_without_a_date() {
        let expected = Stamp::Clock(clock(20, 51, 39) + 168_000);
        for text in ["[20:51:39.168][127.0.0.1:42750]", "20:51:39,168 INFO: S:", "[20:51:39:168] [msg-in]"] {
            assert_eq!(stamp(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_and_time_is_no_stamp() {
        for text in [
            "",
            "x 20:51:39 INFO: S:",
            "12,345 | ocpp",
            "2026-02-30 10:00:00",
            "CP 00:11:22:33:44:55: receive",
            "2026-11-22 25:00:00",
            "12345678901234567890123 x",
            "1234567890abc",
            "99:99:99",
            ":",
            "é:é0:00",
            "2026-11-22",
        ] {
            assert_eq!(stamp(text), Stamp::None, "{text}");
        }
    }

    #[test]
    fn unix_time_is_read_exactly() {
        assert_eq!(epoch(b"1795380462060586233"), Some(1_795_380_462_060_586));
        assert_eq!(epoch(b"1795380462.060586233"), Some(1_795_380_462_060_586));
        assert_eq!(epoch(b"1773471482117"), Some(1_773_471_482_117_000));
        assert_eq!(epoch(b"1773471482117.5"), Some(1_773_471_482_117_500));
        assert_eq!(whole("1773471482117"), Stamp::Utc(1_773_471_482_117_000));
        assert_eq!(whole(" 2026-03-14 06:58:02.117+00 "), Stamp::Utc(1_773_471_482_117_000));
        assert_eq!(epoch(b"1001"), None);
    }

    proptest::proptest! {
        #[test]
        fn prop_dates_are_those_of_the_calendar(year in 0i32..10_000, month in 0u32..14, day in 0u32..33) {
            proptest::prop_assert_eq!(date(year, month, day), crate::time::date(year, month, day));
        }

        #[test]
        fn prop_never_panics_and_spans_are_inside(text in "([0-9:T .,/+Z-]|[a-zä]|\\PC){0,60}") {
            if let Some(found) = find(&text) {
                proptest::prop_assert!(found.start < found.end && found.end <= text.len());
                proptest::prop_assert!(text.is_char_boundary(found.start) && text.is_char_boundary(found.end));
            }
        }

        #[test]
        fn prop_what_a_clock_writes_is_read(seconds in 0i64..4_102_444_800, millis in 0u32..1000) {
            let time = chrono::DateTime::from_timestamp(seconds, millis * 1_000_000).unwrap();
            let micros = time.timestamp_micros();
            for format in ["%Y-%m-%d %H:%M:%S,%3f", "%Y/%m/%d %H:%M:%S.%3f", "%d.%m.%Y, %H:%M:%S.%3f"] {
                proptest::prop_assert_eq!(stamp(&time.format(format).to_string()), Stamp::Local(micros));
            }
        }
    }

    #[test]
    fn a_stamp_that_is_no_time_still_tells_where_it_ends() {
        for text in [
            "2026-02-30T10:00:00Z",
            "2026-05-01T25:00:00Z",
            "2026-05-01T10:61:00Z",
            "2026-05-01T10:00:00+24:00",
            "2026-05-01T10:00:00+14:01",
            "-0001-05-01T10:00:00Z",
            "+55863-05-01T10:00:00Z",
        ] {
            let words = format!("{text} CP7 << ");
            let found = find(&words).unwrap();
            assert_eq!((found.stamp, found.end), (Stamp::None, text.len()), "{text}");
        }
        assert_eq!(
            stamp("x-2026-05-01T10:00:00Z"),
            Stamp::Utc(at(2026, 5, 1, 10, 0, 0, 0)),
            "a mark before a year is no sign"
        );
    }
}
