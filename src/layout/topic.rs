//! MQTT topics before a message: `cs/in/ocpp1.6/CP7` (`MaEVe`) and `CP7/in` (a gateway on AWS).

use super::stamp;
use super::text::Meta;
use crate::term::Direction::{FromChargePoint, FromCsms};
use crate::term::{IdSource, Version, Way};

/// A line of `topic {…}`: where the object begins, and what the topic tells.
pub(super) fn message(line: &str) -> Option<(usize, Meta<'_>)> {
    let at = line.find("{\"")?;
    let words = line[..at].trim_ascii_end();
    // A recorder may write its time before the topic.
    let (before, topic) = words.rsplit_once(' ').unwrap_or(("", words));
    let mut meta = read(topic)?;
    if !before.is_empty() {
        let found = stamp::find(before).filter(|found| before[found.end..].trim_ascii().is_empty())?;
        meta.stamp = found.stamp;
    }
    Some((at, meta))
}

/// What a topic tells; none if the word is no topic of messages.
pub(super) fn read(topic: &str) -> Option<Meta<'_>> {
    let mut meta = Meta::default();
    let mut last = None;
    let mut before = None;
    for part in topic.split('/') {
        match part {
            "in" | "out" => {
                meta.way = Way::Known(if part == "in" { FromChargePoint } else { FromCsms });
                before = last.take();
            }
            _ if part.starts_with("ocpp") => meta.version = Version::from_name(part),
            "" => {}
            _ => last = Some(part),
        }
    }
    let station = last.or(before)?;
    meta.charge_point = Some(station);
    meta.source = IdSource::Wrapper;
    (meta.way != Way::Unknown && !station.contains(['"', '[', '{'])).then_some(meta)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_names_charge_point_way_and_version() {
        let meta = read("cs/in/ocpp2.0.1/CP7").unwrap();
        assert_eq!((meta.charge_point, meta.way), (Some("CP7"), Way::Known(FromChargePoint)));
        assert_eq!(meta.version, Some(Version::V201));
        let meta = read("CP7/out").unwrap();
        assert_eq!((meta.charge_point, meta.way, meta.version), (Some("CP7"), Way::Known(FromCsms), None));
        assert!(read("some/path").is_none() && read("in").is_none());
        assert_eq!(message("CP7/in {\"a\":1}").map(|(at, _)| at), Some(7));
    }
}
