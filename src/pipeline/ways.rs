//! What "sent" and "received", "in" and "out" of a log mean: by the caller, the layout, or the actions (layouts M8).

use super::parse::Parsed;
use crate::event::Event;
use crate::flag::Flag;
use crate::layout::Layout;
use crate::options::ReadOptions;
use crate::term::{Direction, DirectionSource, Side, Way};

/// By how many votes a reading must lead for the rest of a source not to be asked: a log speaks one language, and whoever
/// scans it need not read it twice.
const CLEAR: usize = 1_000;

/// Votes for one reading and for the other, in the order of the source. A clear lead closes the vote.
#[derive(Clone, Copy, Debug, Default)]
struct Ballot {
    one: usize,
    other: usize,
}

impl Ballot {
    const fn is_closed(self) -> bool {
        self.one.abs_diff(self.other) >= CLEAR
    }

    fn vote(&mut self, one: bool) {
        if !self.is_closed() {
            *(if one { &mut self.one } else { &mut self.other }) += 1;
        }
    }
}

/// How often the words of a log and the actions of its messages agree on one reading, and how often on the other.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Votes {
    /// The log was written by the CSMS, or by a charge point.
    side: Ballot,
    /// The directions are what they are named, or the opposite.
    named: Ballot,
    /// Which words were seen.
    relative: bool,
    known: bool,
}

fn legal(event: &Event) -> Option<Direction> {
    event.action.direction().filter(|_| event.kind.has_action())
}

impl Votes {
    /// Counts the votes of the next chunk.
    pub(super) fn count(&mut self, chunk: &Parsed) {
        for (event, loose) in chunk.store.events.iter().zip(&chunk.loose) {
            let legal = legal(event);
            match loose.way {
                Way::Unknown => {}
                Way::Sent | Way::Received => {
                    self.relative = true;
                    if let Some(legal) = legal {
                        self.side.vote((loose.way == Way::Sent) == (legal == Direction::FromCsms));
                    }
                }
                Way::Known(named) => {
                    self.known = true;
                    if let Some(legal) = legal {
                        self.named.vote(named == legal);
                    }
                }
            }
        }
    }

    /// Whether what is known suffices for the records so far, whatever comes behind them.
    pub(super) const fn is_settled(&self) -> bool {
        (!self.relative || self.side.is_closed()) && (!self.known || self.named.is_closed())
    }

    /// The reading that won.
    pub(super) fn decide(&self, layout: &Layout, options: &ReadOptions) -> Ways {
        let by_actions = match self.side.one.cmp(&self.side.other) {
            std::cmp::Ordering::Greater => Some(Side::Csms),
            std::cmp::Ordering::Less => Some(Side::ChargePoint),
            std::cmp::Ordering::Equal => None,
        };
        let side = by_actions.or(options.side).or_else(|| layout.side());
        Ways {
            side: side.filter(|_| self.relative || layout.side().is_some()),
            // "in" and "out" of a log that the charge point wrote mean the opposite.
            opposite: self.named.other > self.named.one,
        }
    }
}

/// What the words of a log mean.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ways {
    side: Option<Side>,
    opposite: bool,
}

impl Ways {
    /// Which side wrote the log, if its words depend on that.
    pub(super) const fn side(self) -> Option<Side> {
        self.side
    }

    /// Gives the records of a chunk their directions.
    pub(super) fn apply(self, chunk: &mut Parsed) {
        for (event, loose) in chunk.store.events.iter_mut().zip(&chunk.loose) {
            let direction = match loose.way {
                Way::Known(named) if self.opposite => Some(named.opposite()),
                Way::Known(named) => Some(named),
                Way::Sent => self.side.map(Side::sent),
                Way::Received => self.side.map(|side| side.sent().opposite()),
                Way::Unknown => None,
            };
            let Some(direction) = direction else { continue };
            let legal = legal(event);
            event.flags.remove(Flag::ProtocolViolation);
            if legal.is_some_and(|legal| legal != direction) {
                event.flags.add(Flag::ProtocolViolation);
                event.direction = legal;
                event.direction_source = DirectionSource::Action;
            } else {
                event.direction = Some(direction);
                event.direction_source = DirectionSource::Log;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_that_is_clear_closes_the_vote_and_a_smaller_one_does_not() {
        let mut ballot = Ballot::default();
        for _ in 0..CLEAR - 1 {
            ballot.vote(true);
        }
        assert!(!ballot.is_closed());
        ballot.vote(false);
        ballot.vote(true);
        ballot.vote(true);
        assert!(ballot.is_closed());
        for _ in 0..3 * CLEAR {
            ballot.vote(false);
        }
        assert!(ballot.one > ballot.other, "votes behind a clear lead count no more");
    }
}
