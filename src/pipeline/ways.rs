//! What "sent" and "received", "in" and "out" of a log mean: by the caller, the layout, or the actions (layouts M8).

use super::parse::Parsed;
use crate::event::{Event, Packed};
use crate::flag::{Flag, Flags};
use crate::layout::Layout;
use crate::message::{Action, Kind};
use crate::options::ReadOptions;
use crate::term::{Direction, DirectionSource, Side, Way};

/// So many bytes of a source are its head. A log speaks one language, and whoever scans it need not read it twice.
pub(super) const HEAD: u64 = 1 << 20;
/// By how many votes a reading must lead in the head for the rest not to be asked.
const CLEAR: u64 = 100;

/// Votes for one reading and for the other: in the head of a source, and in all of it.
#[derive(Clone, Copy, Debug, Default)]
struct Ballot {
    head: [u64; 2],
    all: [u64; 2],
}

impl Ballot {
    fn vote(&mut self, one: bool, in_head: bool, times: u64) {
        let place = usize::from(!one);
        self.all[place] += times;
        if in_head {
            self.head[place] += times;
        }
    }

    fn add(&mut self, other: Self) {
        for place in 0..2 {
            self.head[place] += other.head[place];
            self.all[place] += other.all[place];
        }
    }

    const fn is_clear(self) -> bool {
        self.head[0].abs_diff(self.head[1]) >= CLEAR
    }

    /// Whether the one reading has more votes than the other.
    fn result(self) -> std::cmp::Ordering {
        let [one, other] = if self.is_clear() { self.head } else { self.all };
        one.cmp(&other)
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
    /// Whether the head is over.
    behind_head: bool,
}

/// Who may send the action of a message, if only one side may and the message tells its action.
fn legal(kind: Kind, action: Action) -> Option<Direction> {
    action.direction().filter(|_| kind.has_action())
}

impl Votes {
    /// The votes of these events.
    pub(super) fn of(events: &[Event]) -> Self {
        let mut votes = Self::default();
        for event in events {
            votes.vote(event.way, legal(event.kind, event.action), event.position.byte < HEAD, 1);
        }
        votes
    }

    /// Counts the votes of the next chunk.
    pub(super) fn count(&mut self, chunk: &Parsed) {
        self.add(Self::of(&chunk.store.events));
        match &chunk.votes {
            Some(votes) => self.add(*votes),
            None => {
                for (heading, times) in chunk.packed.iter().flat_map(Packed::headings) {
                    self.vote(heading.way, legal(heading.kind, heading.action), false, times);
                }
            }
        }
    }

    fn vote(&mut self, way: Way, legal: Option<Direction>, in_head: bool, times: u64) {
        self.behind_head |= !in_head;
        match way {
            Way::Unknown => {}
            Way::Sent | Way::Received => {
                self.relative = true;
                if let Some(legal) = legal {
                    self.side.vote((way == Way::Sent) == (legal == Direction::FromCsms), in_head, times);
                }
            }
            Way::Known(named) => {
                self.known = true;
                if let Some(legal) = legal {
                    self.named.vote(named == legal, in_head, times);
                }
            }
        }
    }

    fn add(&mut self, other: Self) {
        self.side.add(other.side);
        self.named.add(other.named);
        self.relative |= other.relative;
        self.known |= other.known;
        self.behind_head |= other.behind_head;
    }

    /// Whether what is known suffices for the records so far, whatever comes behind them.
    pub(super) const fn is_settled(&self) -> bool {
        let (side, named) = (!self.relative || self.side.is_clear(), !self.known || self.named.is_clear());
        (self.behind_head && side && named) || !(self.relative || self.known)
    }

    /// The reading that won.
    pub(super) fn decide(&self, layout: &Layout, options: &ReadOptions) -> Ways {
        let by_actions = match self.side.result() {
            std::cmp::Ordering::Greater => Some(Side::Csms),
            std::cmp::Ordering::Less => Some(Side::ChargePoint),
            std::cmp::Ordering::Equal => None,
        };
        let side = by_actions.or(options.side).or_else(|| layout.side());
        Ways {
            side: side.filter(|_| self.relative || layout.side().is_some()),
            // "in" and "out" of a log that the charge point wrote mean the opposite.
            opposite: self.named.result().is_lt(),
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
        for event in &mut chunk.store.events {
            if let Some(settled) = self.settle(event.way, legal(event.kind, event.action), event.flags) {
                (event.direction, event.direction_source, event.flags) = settled;
            }
        }
        for heading in chunk.packed.iter_mut().flat_map(Packed::headings_mut) {
            if let Some(settled) = self.settle(heading.way, legal(heading.kind, heading.action), heading.flags) {
                (heading.direction, heading.direction_source, heading.flags) = settled;
            }
        }
    }

    fn direction(self, way: Way) -> Option<Direction> {
        match way {
            Way::Known(named) if self.opposite => Some(named.opposite()),
            Way::Known(named) => Some(named),
            Way::Sent => self.side.map(Side::sent),
            Way::Received => self.side.map(|side| side.sent().opposite()),
            Way::Unknown => None,
        }
    }

    /// The direction of a message, how it is known, and its flags.
    fn settle(
        self,
        way: Way,
        legal: Option<Direction>,
        mut flags: Flags,
    ) -> Option<(Option<Direction>, DirectionSource, Flags)> {
        let direction = self.direction(way)?;
        flags.remove(Flag::ProtocolViolation);
        Some(if legal.is_some_and(|legal| legal != direction) {
            flags.add(Flag::ProtocolViolation);
            (legal, DirectionSource::Action, flags)
        } else {
            (Some(direction), DirectionSource::Log, flags)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ballot(head: usize, behind: usize) -> Ballot {
        let mut ballot = Ballot::default();
        (0..head).for_each(|_| ballot.vote(true, true, 1));
        ballot.vote(false, false, behind as u64);
        ballot
    }

    #[test]
    fn a_clear_lead_in_the_head_decides_whatever_comes_behind_it() {
        assert!(ballot(100, 1_000).result().is_gt());
        assert!(ballot(99, 1_000).result().is_lt());
        assert!(ballot(99, 98).result().is_gt());
    }

    #[test]
    fn a_vote_is_open_until_the_head_is_over() {
        let mut votes = Votes::default();
        assert!(votes.is_settled(), "a log without such words has nothing to settle");
        votes.vote(Way::Sent, Some(Direction::FromCsms), true, 1_000);
        assert!(!votes.is_settled());
        votes.vote(Way::Unknown, None, false, 1);
        assert!(votes.is_settled());
        votes.vote(Way::Known(Direction::FromCsms), None, false, 1);
        assert!(!votes.is_settled(), "other words were not voted on");
    }
}
