//! Packed events by charge point, and charge points in batches.

use crate::event::{Packed, Place};
use std::sync::Arc;

/// A charge point and its events: chunk and place.
pub(super) struct Group<'a> {
    pub(super) id: &'a str,
    pub(super) places: &'a [(u32, Place)],
    pub(super) events: usize,
}

/// The events of all charge points, those of one side by side.
pub(super) struct Places {
    places: Vec<(u32, Place)>,
    /// For each charge point: where its places end, and how many events it has.
    ends: Vec<(usize, usize)>,
}

impl Places {
    /// Takes the runs out of the chunks and sorts them.
    pub(super) fn of(chunks: &mut [Packed], charge_points: usize) -> Self {
        let mut ends = vec![(0, 0); charge_points];
        for run in chunks.iter().flat_map(Packed::runs) {
            let (count, events) = &mut ends[run.charge_point as usize];
            *count += 1;
            *events += run.events as usize;
        }
        let mut sum = 0;
        for (end, _) in &mut ends {
            sum += std::mem::replace(end, sum);
        }
        let mut places = vec![(0, Place::default()); sum];
        for (chunk, packed) in chunks.iter_mut().enumerate() {
            for run in packed.take_runs() {
                let (end, _) = &mut ends[run.charge_point as usize];
                places[*end] = (chunk as u32, run.place);
                *end += 1;
            }
        }
        Self { places, ends }
    }

    /// The charge points that have events, by their ids.
    pub(super) fn groups<'a>(&'a self, ids: &'a [Arc<str>]) -> Vec<Group<'a>> {
        let mut groups = Vec::with_capacity(ids.len());
        let mut start = 0;
        for (id, &(end, events)) in ids.iter().zip(&self.ends) {
            if events > 0 {
                groups.push(Group { id, places: &self.places[start..end], events });
            }
            start = end;
        }
        groups.sort_unstable_by_key(|group| group.id);
        groups
    }
}

/// How many events are unpacked at a time: enough to be worth it, few enough for the processor's memory. Charge points are never
/// split.
const BATCH_EVENTS: usize = 1 << 13;

/// Charge points in batches, which depend on nothing but their numbers of events.
pub(super) fn batches<'g, 'a>(groups: &'g [Group<'a>]) -> Vec<&'g [Group<'a>]> {
    let mut batches = Vec::new();
    let (mut start, mut events) = (0, 0);
    for (index, group) in groups.iter().enumerate() {
        events += group.events;
        if events >= BATCH_EVENTS {
            batches.push(&groups[start..=index]);
            (start, events) = (index + 1, 0);
        }
    }
    if start < groups.len() {
        batches.push(&groups[start..]);
    }
    batches
}
