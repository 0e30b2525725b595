//! What a source is, told from its first bytes: the layout, the versions, the zone, and what speaks for each.

use super::Progress;
use super::read::{gather, named_layout, opening, pool};
use crate::account::{Account, ZoneSource};
use crate::error::Result;
use crate::event::Packed;
use crate::input::{Input, Item, discover, natural_order};
use crate::layout::refine;
use crate::options::{Encoding, ReadOptions};
use crate::term::Version;
use rayon::ThreadPool;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is found out about a source without reading all of it.
#[derive(Clone, Debug)]
pub struct Inspected {
    /// The source's name.
    pub name: String,
    /// The layout's name.
    pub layout: &'static str,
    /// Which side writes such logs, if that is always the same one.
    pub side: Option<&'static str>,
    /// The compression's name.
    pub compression: &'static str,
    /// The OCPP versions that its first messages speak, in order.
    pub versions: Vec<&'static str>,
    /// The zone of its stamps, by name or as an offset; none where it has no stamps or more than one offset.
    pub timezone: Option<String>,
    /// How the zone is known; none where no stamp needs one.
    pub timezone_source: Option<&'static str>,
    /// What speaks for all this, a sentence each.
    pub evidence: Vec<String>,
}

/// Names the layouts of sources, with the evidence.
///
/// # Errors
/// If a named file cannot be read.
pub fn inspect(inputs: Vec<Input>, options: &ReadOptions) -> Result<Vec<Inspected>> {
    let named = named_layout(options)?;
    let pool = pool(1)?;
    let mut found = Vec::new();
    let mut look = |item: Item<'_>| {
        let Item { name, reading, .. } = item;
        if reading.is_archive() {
            // Its members speak for it, and what is wrong with it stands in the rejects.
            return true;
        }
        let detected = refine(named.clone().unwrap_or_default(), reading.sample(), &name);
        let mut inspected = Inspected {
            name,
            layout: detected.layout.name(),
            side: detected.layout.side().map(crate::term::Side::as_str),
            compression: reading.compression(),
            versions: Vec::new(),
            timezone: None,
            timezone_source: None,
            evidence: detected.evidence,
        };
        if detected.messages > 0 {
            inspected.look_into(reading.sample(), options, &pool);
        }
        found.push(inspected);
        true
    };
    for source in discover(inputs)? {
        source.visit(opening(options), &mut look)?;
    }
    found.sort_by(|left, right| natural_order(&left.name, &right.name));
    Ok(found)
}

impl Inspected {
    /// Reads the sample as if it were the whole source: only so versions and zone are what a reading will say.
    fn look_into(&mut self, sample: &[u8], options: &ReadOptions, pool: &ThreadPool) {
        let input = Input::Bytes { name: self.name.clone(), data: Arc::from(sample) };
        // The sample is decoded already.
        let options = ReadOptions { encoding: Encoding::default(), threads: Some(1), ..options.clone() };
        // A named file is not asked for, so nothing of it can be missing; without a result there is nothing to tell.
        let Ok(gathered) = gather(vec![input], &options, &Progress::default(), pool, false) else { return };
        let mut counts: BTreeMap<Version, u64> = BTreeMap::new();
        for (heading, count) in gathered.chunks.iter().flat_map(Packed::headings) {
            if let Some(version) = heading.version {
                *counts.entry(version).or_default() += count;
            }
        }
        for (version, count) in counts {
            self.versions.push(version.as_str());
            self.evidence.push(format!(
                "OCPP {}: told by {count} messages, by a word of the log or by what they say",
                version.as_str()
            ));
        }
        if let Some(account) = gathered.accounts.first() {
            self.timezone = account.timezone.clone().or_else(|| account.utc_offset.map(offset_name));
            self.timezone_source = account.timezone_source.map(ZoneSource::as_str);
            self.evidence.extend(zone_evidence(account));
        }
    }
}

/// Why the zone is taken to be what it is.
fn zone_evidence(account: &Account) -> Option<String> {
    let zone = account.utc_offset.map_or_else(|| "more than one offset".to_owned(), offset_name);
    Some(match account.timezone_source? {
        ZoneSource::Log => "the stamps tell their offset from UTC".to_owned(),
        ZoneSource::Argument => "the zone is the one that was asked for".to_owned(),
        ZoneSource::Estimated => {
            format!("the stamps tell no zone; against the times inside the messages they are at {zone}")
        }
        ZoneSource::Assumed => {
            "the stamps tell no zone, and too few messages tell a time to compare them with; UTC is assumed".to_owned()
        }
    })
}

/// An offset in microseconds as people write it.
fn offset_name(micros: i64) -> String {
    const MINUTE: i64 = 60_000_000;
    if micros == 0 {
        return "UTC".to_owned();
    }
    let minutes = micros.abs() / MINUTE;
    format!("{}{:02}:{:02}", if micros < 0 { '-' } else { '+' }, minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Inspected {
        let input = Input::Bytes { name: "x.log".to_owned(), data: Arc::from(text.as_bytes()) };
        inspect(vec![input], &ReadOptions::default()).unwrap().remove(0)
    }

    #[test]
    fn an_offset_is_written_with_its_sign() {
        assert_eq!(offset_name(0), "UTC");
        assert_eq!(offset_name(-12_600_000_000), "-03:30");
    }

    #[test]
    fn stamps_with_an_offset_tell_their_zone() {
        let found = of("2026-03-14T07:00:00Z CP1 [2,\"1\",\"Heartbeat\",{}]\n");
        assert_eq!((found.timezone.as_deref(), found.timezone_source), (Some("UTC"), Some("log")));
    }

    #[test]
    fn without_a_message_nothing_is_told() {
        let found = of("2026-03-14T07:00:00Z hello\n");
        assert!(found.versions.is_empty());
        assert_eq!((found.timezone, found.timezone_source), (None, None));
    }
}
