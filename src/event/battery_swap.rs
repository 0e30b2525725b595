//! Slots of a battery swapping station (2.1 S03).

use super::Fact;
use super::field::{self, Target};
use super::store::put;
use crate::json::{Scan, Scanner};

/// `BatterySwap` (2.1 S03): which EVSEs are slots of a battery swapping station.
#[derive(Clone, Copy, Debug, Default)]
pub struct BatterySwap {
    /// Index of the first one in the store's list of slots.
    start: u32,
    /// How many.
    length: u32,
}

impl BatterySwap {
    /// The indices of its slots.
    pub(super) fn range(self) -> std::ops::Range<usize> {
        self.start as usize..(self.start + self.length) as usize
    }
}

pub(super) fn battery_swap(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let start = target.store.slots.len();
    let object = field::object(scanner, |scanner, key| match key.raw {
        "batteryData" => field::array(scanner, |scanner| {
            let mut evse = None;
            field::object(scanner, |scanner, key| match key.raw {
                "evseId" => field::int(scanner, &mut evse),
                _ => scanner.skip(),
            })?;
            target.store.slots.extend(evse);
            Ok(())
        }),
        _ => scanner.skip(),
    })?;
    let swap = BatterySwap { start: start as u32, length: (target.store.slots.len() - start) as u32 };
    Ok(if object { Fact::BatterySwap(put(&mut target.store.swaps, swap)) } else { Fact::Bad })
}
