//! Instants as milliseconds since 1970, and how logs and payloads write them.

use std::fmt::Write as _;

use chrono::{DateTime, Datelike, SecondsFormat, Timelike, Utc};

/// Milliseconds since 1970-01-01T00:00:00Z.
pub(crate) type Ms = i64;

/// One second.
pub(crate) const SECOND: Ms = 1_000;
/// One minute.
pub(crate) const MINUTE: Ms = 60 * SECOND;
/// One hour.
pub(crate) const HOUR: Ms = 60 * MINUTE;
/// One day.
pub(crate) const DAY: Ms = 24 * HOUR;
/// Every simulated log begins at 2026-03-01T00:00:00Z.
pub(crate) const LOG_START: Ms = 1_772_323_200_000;

/// The calendar view of an instant.
pub(crate) fn utc(at: Ms) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at).unwrap_or_default()
}

/// `2026-03-01T06:58:02.117Z`.
pub(crate) fn iso(at: Ms) -> String {
    utc(at).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Appends `2026-03-01 06:58:02` with the given separators of the date and between date and time.
pub(crate) fn push_civil(out: &mut String, at: Ms, date_separator: char, joint: char) {
    let time = utc(at);
    let s = date_separator;
    // Writing to a `String` cannot fail.
    let _ = write!(
        out,
        "{:04}{s}{:02}{s}{:02}{joint}{:02}:{:02}:{:02}",
        time.year(),
        time.month(),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    );
}

#[cfg(test)]
mod tests {
    use super::{LOG_START, iso, push_civil};

    #[test]
    fn instants_are_written_as_the_logs_do() {
        assert_eq!(iso(LOG_START), "2026-03-01T00:00:00.000Z");
        let mut text = String::new();
        push_civil(&mut text, LOG_START + 1_234, '/', ' ');
        assert_eq!(text, "2026/03/01 00:00:01");
    }
}
