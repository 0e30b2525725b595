//! Which of the two clocks a time comes from (rule book §0.1; decisions: evidence is ordered by arrival).

use crate::event::View;
use crate::flag::{Flag, Flags};
use crate::options::Rules;
use crate::time::{FIRST_SET, Instant, MINUTE};

/// Where a time comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeSource {
    /// The charge point's clock.
    Payload,
    /// The recorder's clock.
    Log,
    /// It follows from something else.
    #[default]
    Inferred,
}

impl TimeSource {
    /// The word of the `*_source` columns.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payload => "payload",
            Self::Log => "log",
            Self::Inferred => "inferred",
        }
    }
}

/// When something happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timed {
    /// UTC microseconds; none if neither clock tells.
    pub time: Option<i64>,
    /// Which clock tells; none if there is no time.
    pub source: Option<TimeSource>,
    /// What had to be assumed.
    pub flags: Flags,
    /// How long after it happened it was logged: beyond [`Rules::late_threshold`] it counts as delivered late.
    pub late: bool,
}

/// The time of a fact: the payload's where usable, else the recorder's.
#[must_use]
pub fn timed(view: View<'_>, payload: Instant, rules: &Rules) -> Timed {
    let log = view.log_time;
    let mut flags = payload.flags;
    let by_log = |flags| Timed { time: log, source: log.map(|_| TimeSource::Log), flags, late: false };
    let Some(time) = payload.micros else {
        return by_log(flags);
    };
    if time < FIRST_SET {
        flags.add(Flag::ClockUnset);
        return by_log(flags);
    }
    let mut late = false;
    if let Some(log) = log {
        let excess = time.saturating_sub(log);
        if excess > rules.future_tolerance {
            flags.add(Flag::ClockFuture);
            flags.add_if(whole_quarters(excess), Flag::TzSuspect);
        }
        late = excess < -rules.late_threshold;
    }
    Timed { time: Some(time), source: Some(TimeSource::Payload), flags, late }
}

/// Whether a difference is a whole number of quarter hours, give or take half a minute.
fn whole_quarters(difference: i64) -> bool {
    let quarter = 15 * MINUTE;
    let rest = difference.rem_euclid(quarter);
    rest.min(quarter - rest) <= MINUTE / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_of_quarter_hours_looks_like_a_zone() {
        assert!(whole_quarters(2 * 3600 * 1_000_000));
        assert!(whole_quarters(2 * 3600 * 1_000_000 - 800_000));
        assert!(!whole_quarters(2 * 3600 * 1_000_000 + 400_000_000));
    }
}
