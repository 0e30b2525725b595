//! The short way through the commonest record: one flat JSON object whose last key holds the frame.
//!
//! ```text
//! {"timestamp":"2026-03-01T00:00:00.011Z","station":"CP1","direction":"in","message":[2,"19","Heartbeat",{}]}
//! ```
//!
//! It gives what [`super::envelope`] would give, without looking at the frame, which its reader checks anyway. Whatever
//! is not of this form goes the long way; a property test holds both against each other.

use super::envelope::{Role, better, holds_frame, role, way};
use super::text::Meta;
use super::{Stamp, locate, stamp};
use crate::json::Scanner;
use crate::term::{IdSource, Version, Way};

/// What stands around the frame, and the frame up to the end of the record. None if the record is of another form.
#[inline]
pub(super) fn record(text: &str) -> Option<(Meta<'_>, &str)> {
    let mut station = None;
    let mut time = None;
    let mut course = None;
    let mut version = None;
    let mut scanner = Scanner::new(text);
    scanner.enter(b'{').ok()?;
    loop {
        let key = scanner.string().ok()?;
        scanner.expect(b':').ok()?;
        let role = role(key.raw);
        match scanner.peek()? {
            b'"' => {}
            b'[' if matches!(role, Role::Body(0 | 1)) => break,
            b'{' | b'[' => return None,
            _ if matches!(role, Role::Other) => {
                scanner.skip().ok()?;
                scanner.expect(b',').ok()?;
                continue;
            }
            _ => return None,
        }
        let value = scanner.string().ok()?;
        if value.escaped {
            return None;
        }
        match role {
            Role::Station(rank) if !value.raw.is_empty() && !holds_frame(value.raw) => {
                better(&mut station, rank, value.raw);
            }
            Role::Time(rank) => {
                let stamp = stamp::whole(value.raw);
                if stamp != Stamp::None {
                    better(&mut time, rank, stamp);
                }
            }
            Role::Way(rank) => {
                let way = way(value.raw);
                if way != Way::Unknown {
                    better(&mut course, rank, way);
                }
            }
            Role::Version => version = version.or_else(|| Version::from_name(value.raw)),
            // What these tell, the frame tells itself.
            Role::Other | Role::Id | Role::WeakId | Role::Correlation | Role::Action | Role::Event => {}
            _ => return None,
        }
        scanner.expect(b',').ok()?;
    }
    let frame = scanner.rest().strip_suffix('}')?;
    if !frame.ends_with(']') || !locate::is_frame_array(frame) {
        return None;
    }
    let charge_point = station.map(|(_, id)| id);
    let meta = Meta {
        charge_point,
        source: if charge_point.is_some() { IdSource::Envelope } else { IdSource::None },
        way: course.map_or(Way::Unknown, |(_, way)| way),
        stamp: time.map_or(Stamp::None, |(_, stamp)| stamp),
        version,
        link: None,
    };
    Some((meta, frame))
}
