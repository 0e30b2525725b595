//! Packed events by charge point, and charge points in batches.

use crate::event::Packed;
use std::sync::Arc;

/// A charge point and its events: chunk and run.
pub(super) struct Group<'a> {
    pub(super) id: &'a str,
    pub(super) runs: &'a [(u32, u32)],
    pub(super) events: usize,
}

/// The runs of all charge points, those of one side by side.
pub(super) fn by_charge_point(chunks: &[Packed], charge_points: usize) -> (Vec<(u32, u32)>, Vec<usize>) {
    let mut ends = vec![0; charge_points];
    for run in chunks.iter().flat_map(Packed::runs) {
        ends[run.charge_point as usize] += 1;
    }
    let mut sum = 0;
    for end in &mut ends {
        sum += std::mem::replace(end, sum);
    }
    let mut runs = vec![(0, 0); sum];
    for (chunk, packed) in chunks.iter().enumerate() {
        for (place, run) in packed.runs().iter().enumerate() {
            let end = &mut ends[run.charge_point as usize];
            runs[*end] = (chunk as u32, place as u32);
            *end += 1;
        }
    }
    (runs, ends)
}

/// The charge points that have events, by their ids.
pub(super) fn groups<'a>(
    chunks: &[Packed],
    ids: &'a [Arc<str>],
    runs: &'a [(u32, u32)],
    ends: &[usize],
) -> Vec<Group<'a>> {
    let mut groups = Vec::with_capacity(ids.len());
    let mut start = 0;
    for (id, &end) in ids.iter().zip(ends) {
        let runs = &runs[start..end];
        let events = runs.iter().map(|&(chunk, run)| chunks[chunk as usize].runs()[run as usize].events as usize).sum();
        start = end;
        if events > 0 {
            groups.push(Group { id, runs, events });
        }
    }
    groups.sort_unstable_by_key(|group| group.id);
    groups
}

/// How many events are unpacked at a time: enough to be worth it, few enough for the processor's memory. Charge points are never
/// split.
const BATCH_EVENTS: usize = 1 << 14;

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
