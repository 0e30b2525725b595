//! Which calls wait for an answer, by their id and who sent them: ids are unique per sender only.

use crate::event::MessageId;
use crate::term::Direction;
use rustc_hash::{FxBuildHasher, FxHashMap};

/// Who sent a call, as a number: the charge point, the CSMS, nobody knows.
pub(super) const fn side(direction: Option<Direction>) -> usize {
    match direction {
        Some(Direction::FromChargePoint) => 0,
        Some(Direction::FromCsms) => 1,
        None => 2,
    }
}

/// No call.
const NONE: u32 = u32::MAX;

const fn call(index: u32) -> Option<u32> {
    if index == NONE { None } else { Some(index) }
}

/// The calls under one id, by side.
#[derive(Clone, Copy)]
struct Slot {
    /// The newest call without an answer.
    newest: [u32; 3],
    /// The last call that was answered.
    answered: [u32; 3],
}

/// All calls of a charge point by id.
pub(super) struct Asked<'a> {
    numbers: FxHashMap<MessageId<'a>, u32>,
    slots: Vec<Slot>,
    /// Calls without an answer before the newest one of their id and side, oldest first: there is seldom one.
    older: FxHashMap<(usize, usize), Vec<u32>>,
    /// The id that was asked for last, and its place: most answers stand right behind their call.
    last: (MessageId<'a>, usize),
}

impl<'a> Asked<'a> {
    pub(super) fn with_room(calls: usize) -> Self {
        Self {
            numbers: FxHashMap::with_capacity_and_hasher(calls, FxBuildHasher),
            slots: Vec::with_capacity(calls),
            older: FxHashMap::default(),
            last: (MessageId::Text(""), usize::MAX),
        }
    }

    /// The place of an id, new or known.
    pub(super) fn place(&mut self, id: MessageId<'a>) -> usize {
        let next = self.slots.len() as u32;
        let place = *self.numbers.entry(id).or_insert(next) as usize;
        if place == self.slots.len() {
            self.slots.push(Slot { newest: [NONE; 3], answered: [NONE; 3] });
        }
        self.last = (id, place);
        place
    }

    /// The place of an id that some call has.
    pub(super) fn find(&self, id: MessageId<'_>) -> Option<usize> {
        if self.last.0 == id && self.last.1 < self.slots.len() {
            return Some(self.last.1);
        }
        self.numbers.get(&id).map(|&place| place as usize)
    }

    pub(super) fn newest(&self, place: usize, side: usize) -> Option<u32> {
        call(self.slots[place].newest[side])
    }

    pub(super) fn answered(&self, place: usize, side: usize) -> Option<u32> {
        call(self.slots[place].answered[side])
    }

    pub(super) fn set_answered(&mut self, place: usize, side: usize, index: u32) {
        self.slots[place].answered[side] = index;
    }

    pub(super) fn was_answered(&self, place: usize) -> bool {
        self.slots[place].answered != [NONE; 3]
    }

    /// Calls without an answer, newest first.
    pub(super) fn waiting(&self, place: usize, side: usize) -> impl Iterator<Item = u32> {
        let newest = self.newest(place, side);
        let older = newest.filter(|_| !self.older.is_empty()).and_then(|_| self.older.get(&(place, side)));
        newest.into_iter().chain(older.into_iter().flatten().rev().copied())
    }

    /// A call waits for its answer.
    pub(super) fn wait(&mut self, place: usize, side: usize, index: u32) {
        let before = std::mem::replace(&mut self.slots[place].newest[side], index);
        if before != NONE {
            self.older.entry((place, side)).or_default().push(before);
        }
    }

    /// A call waits no longer.
    pub(super) fn take(&mut self, place: usize, side: usize, index: u32) {
        let newest = &mut self.slots[place].newest[side];
        let older = if self.older.is_empty() { None } else { self.older.get_mut(&(place, side)) };
        if *newest == index {
            *newest = older.and_then(Vec::pop).unwrap_or(NONE);
        } else if let Some(older) = older {
            older.retain(|&other| other != index);
        }
    }

    /// The place and side of all calls that wait, if only the newest of each is looked at.
    pub(super) fn open(&self) -> impl Iterator<Item = (usize, usize)> {
        let sides = |(place, slot): (usize, &Slot)| {
            let newest = slot.newest;
            (0..3).filter(move |&side| newest[side] != NONE).map(move |side| (place, side))
        };
        self.slots.iter().enumerate().flat_map(sides)
    }
}
