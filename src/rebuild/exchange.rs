//! Calls and their answers (rule book §1.2 and §1.3; OCPP-J 1.6 §4.1, 2.0.1 and 2.1 part 4 §4.1).

mod asked;
mod pairing;

use crate::event::View;
use crate::flag::Flags;
use crate::term::{Direction, DirectionSource};
pub use pairing::exchange;

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It was answered.
    Result,
    /// It was refused.
    Error,
    /// It was not answered before its sender sent the next call.
    Timeout,
    /// The connection ended first.
    ConnectionLost,
    /// The log ends first.
    UnknownLogEnd,
    /// It is never answered.
    NotApplicable,
}

impl Outcome {
    /// The word of the `outcome` column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Result => "result",
            Self::Error => "error",
            Self::Timeout => "timeout",
            Self::ConnectionLost => "connection_lost",
            Self::UnknownLogEnd => "unknown_log_end",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// What is known about an event besides itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pair {
    /// On a call: the index of its answer.
    pub answer: Option<u32>,
    /// On an answer: the index of its call.
    pub call: Option<u32>,
    /// On a call: what became of it.
    pub outcome: Option<Outcome>,
    /// On an answered call: how long it took, in microseconds.
    pub response_time: Option<i64>,
    /// On a call: which sending of the same content it is, from 1.
    pub attempt: i32,
    /// The direction, where pairing had to tell it.
    pub direction: Option<Direction>,
    /// What had to be said about the exchange.
    pub flags: Flags,
}

/// The pairs of all events of a charge point, by index.
#[derive(Debug, Default)]
pub struct Exchange {
    /// One entry per event.
    pub pairs: Vec<Pair>,
}

impl Exchange {
    /// The direction of an event and how it is known.
    #[must_use]
    pub fn direction(&self, index: usize, view: View<'_>) -> (Option<Direction>, DirectionSource) {
        match (view.direction, self.pairs[index].direction) {
            (Some(direction), _) => (Some(direction), view.direction_source),
            (None, Some(direction)) => (Some(direction), DirectionSource::Pairing),
            (None, None) => (None, DirectionSource::Unknown),
        }
    }
}
