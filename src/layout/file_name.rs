//! What the name of a file tells about the one message in it (layouts M5c: OCPP.Core writes a file for each frame).

use super::Stamp;
use crate::term::{Direction, Version, Way};
use crate::time::{clock, date, fraction};

/// A message file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// When it was written, by the server's local clock.
    pub stamp: Stamp,
    /// The way of its message.
    pub way: Way,
    /// The version.
    pub version: Option<Version>,
}

/// Reads `2026-03-14_07-58-02-1170_ocpp16-in.txt`; none for any other name.
#[must_use]
pub fn file_name(name: &str) -> Option<Named> {
    let name = name.rsplit('/').next()?;
    let name = name.strip_suffix(".txt")?;
    let (day, rest) = name.split_once('_')?;
    let (time, rest) = rest.split_once("_ocpp")?;
    let (version, way) = rest.split_once('-')?;
    let [year, month, date_day] = numbers(day)?;
    let (time, tenths) = time.rsplit_once('-')?;
    let [hour, minute, second] = numbers(time)?;
    let midnight = date(year as i32, month, date_day)?;
    let way = match way {
        "in" => Direction::FromChargePoint,
        "out" => Direction::FromCsms,
        _ => return None,
    };
    Some(Named {
        stamp: Stamp::Local(midnight + clock(hour, minute, second) + fraction(tenths.as_bytes())?),
        way: Way::Known(way),
        version: Version::from_name(version),
    })
}

/// Three numbers between hyphens.
fn numbers(text: &str) -> Option<[u32; 3]> {
    let parts: Vec<u32> = text.split('-').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    parts.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_message_file_tells_time_way_and_version() {
        let named = file_name("dump/2026-03-14_07-58-02-1170_ocpp16-in.txt").unwrap();
        assert_eq!(named.stamp, Stamp::Local(date(2026, 3, 14).unwrap() + clock(7, 58, 2) + 117_000));
        assert_eq!(named.way, Way::Known(Direction::FromChargePoint));
        assert_eq!(named.version, Some(Version::V16));
    }

    #[test]
    fn any_other_name_tells_nothing() {
        for name in ["CP001.log", "2026-03-14_ocpp16-in.txt", "2026-03-14_07-58-02-1170_ocpp16-up.txt"] {
            assert_eq!(file_name(name), None, "{name}");
        }
    }
}
