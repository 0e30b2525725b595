//! A layout of the caller's own: a pattern over the words of a line, or names for keys and columns.

use super::Stamp;
use super::envelope::word_way;
use super::stamp;
use super::text::Meta;
use crate::error::{Error, Result};
use crate::term::{IdSource, Version, Way};
use regex::{Regex, RegexBuilder};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// The name of such a layout in tables.
pub(super) const NAME: &str = "custom";
/// A compiled pattern may be this large; matching is linear whatever it says.
const SIZE_LIMIT: usize = 10 << 20;

/// What a message can be told, and the key under which it is known.
const ROLES: [(&str, &str); 9] = [
    ("charge_point_id", "charge_point_id"),
    ("log_time", "timestamp"),
    ("direction", "direction"),
    ("ocpp_version", "ocpp_version"),
    ("message", "raw"),
    ("message_type", "messageType"),
    ("message_id", "messageId"),
    ("action", "action"),
    ("payload", "payload"),
];

/// A layout of the caller's own.
#[derive(Debug)]
pub(super) struct Custom {
    pattern: Option<Regex>,
    columns: Vec<Column>,
    /// Whether a line fitted the pattern so far.
    fitted: AtomicBool,
}

#[derive(Debug)]
struct Column {
    /// The caller's key, and the name that it stands for.
    key: String,
    name: &'static str,
    /// Whether the key was met so far.
    met: AtomicBool,
}

/// Notes that something was seen; most of the time it was noted already, and then nothing is written.
fn note(seen: &AtomicBool) {
    if !seen.load(Relaxed) {
        seen.store(true, Relaxed);
    }
}

impl Custom {
    pub(super) fn new(pattern: Option<&str>, columns: &[(String, String)]) -> Result<Self> {
        let known = || ROLES.map(|(role, _)| role).join(", ");
        let pattern = pattern
            .map(|text| {
                let pattern = RegexBuilder::new(text)
                    .size_limit(SIZE_LIMIT)
                    .build()
                    .map_err(|cause| Error::option("layout", format!("the pattern cannot be read: {cause}")))?;
                let mut names = pattern.capture_names().flatten();
                if let Some(odd) = names.find(|name| !ROLES.iter().any(|(role, _)| role == name)) {
                    return Err(Error::option(
                        "layout",
                        format!("there is no group {odd:?}; the groups are {}", known()),
                    ));
                }
                if pattern.captures_len() == 1 {
                    let problem = "the pattern has no named group such as (?P<charge_point_id>…)".to_owned();
                    return Err(Error::option("layout", problem));
                }
                Ok(pattern)
            })
            .transpose()?;
        let columns = columns
            .iter()
            .map(|(role, key)| match ROLES.iter().find(|(known, _)| known == role) {
                Some((_, name)) => Ok(Column { key: key.clone(), name, met: AtomicBool::new(false) }),
                None => {
                    Err(Error::option("layout", format!("there is no column {role:?}; the columns are {}", known())))
                }
            })
            .collect::<Result<Vec<_>>>()?;
        if pattern.is_none() && columns.is_empty() {
            return Err(Error::option("layout", "a layout needs a pattern or columns"));
        }
        Ok(Self { pattern, columns, fitted: AtomicBool::new(false) })
    }

    /// What is wrong with the layout, if the sources that were read had messages: a pattern or a key that none has.
    /// Keys that only some messages have are let pass, and where it has a pattern and keys either may fit.
    pub(super) fn misfit(&self) -> Option<String> {
        if let Some(pattern) = &self.pattern {
            let fits = self.fitted.load(Relaxed) || self.columns.iter().any(|column| column.met.load(Relaxed));
            let problem = || format!("no line that holds a message fits the pattern {:?}", pattern.as_str());
            return (!fits).then(problem);
        }
        let must = |column: &&Column| ["charge_point_id", "timestamp", "raw"].contains(&column.name);
        let lost = self.columns.iter().filter(must).find(|column| !column.met.load(Relaxed))?;
        Some(format!("no message has a key, and no table a column, of the name {:?}", lost.key))
    }

    /// The name for which a key or a heading of the caller's stands.
    pub(super) fn name(&self, key: &str) -> Option<&'static str> {
        let column = self.columns.iter().find(|column| column.key == key)?;
        note(&column.met);
        Some(column.name)
    }

    /// What the pattern finds in a line, and where its group `message` begins.
    pub(super) fn matched<'a>(&self, line: &'a str) -> Option<(Meta<'a>, Option<usize>)> {
        let found = self.pattern.as_ref()?.captures(line)?;
        note(&self.fitted);
        let group = |name: &str| found.name(name).map(|group| group.as_str()).filter(|text| !text.is_empty());
        let charge_point = group("charge_point_id");
        let meta = Meta {
            charge_point,
            source: if charge_point.is_some() { IdSource::Record } else { IdSource::None },
            way: group("direction").map_or(Way::Unknown, word_way),
            stamp: group("log_time").map_or(Stamp::None, stamp::whole),
            version: group("ocpp_version").and_then(Version::from_name),
            link: None,
            guessed: false,
        };
        Some((meta, found.name("message").map(|group| group.start())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::Direction;

    #[test]
    fn a_pattern_names_what_its_groups_hold() {
        let custom =
            Custom::new(Some(r"^(?P<log_time>\S+) \{(?P<charge_point_id>[^}]*)\} (?P<direction>\w+)"), &[]).unwrap();
        let (meta, start) = custom.matched("2026-05-01T10:00:00Z {CP 7} in x").unwrap();
        assert_eq!((meta.charge_point, meta.way, start), (Some("CP 7"), Way::Known(Direction::FromChargePoint), None));
        assert!(matches!(meta.stamp, Stamp::Utc(_)));
    }

    #[test]
    fn what_cannot_be_used_is_told() {
        for (pattern, columns) in [
            (Some("("), vec![]),
            (Some("no group"), vec![]),
            (Some("(?P<station>x)"), vec![]),
            (None, vec![("station".to_owned(), "x".to_owned())]),
            (None, vec![]),
        ] {
            assert!(Custom::new(pattern, &columns).is_err(), "{pattern:?} {columns:?}");
        }
    }
}
