//! Any text may stand where a time belongs. What RFC 3339 allows is read as chrono reads it.
#![no_main]

use chrono::DateTime;
use ocpplog::flag::Flag;
use ocpplog::time::{payload_time, storable};

/// No zone on earth is further from UTC, and ours are read up to here.
const FURTHEST: i32 = 14 * 3600;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let ours = payload_time(text);
    if let Some(micros) = ours.micros {
        assert_eq!(storable(micros), Some(micros), "a time that no table holds");
    } else {
        let told = ours.flags.has(Flag::TimeInvalid) || ours.flags.has(Flag::TimeRange);
        assert!(told, "a time is missing and no flag tells why");
    }
    let Ok(theirs) = DateTime::parse_from_rfc3339(text) else { return };
    // chrono lets a leap second stand as 1.x seconds; ours ends with second 59.
    if theirs.timestamp_subsec_micros() < 1_000_000 && theirs.offset().local_minus_utc().abs() <= FURTHEST {
        assert_eq!(ours.micros, storable(theirs.timestamp_micros()), "{text:?}");
    }
});
