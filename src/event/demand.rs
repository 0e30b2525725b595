//! What else speaks of transactions: requests of the CSMS, battery slots, and where transactions are set to stop.

use super::Fact;
use super::field::{self, Target};
use super::store::{Text, put};
use crate::json::{Scan, Scanner};

/// What the CSMS wants of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemandKind {
    /// That it begins: 1.x `RemoteStartTransaction` (2.x events name the request that began them).
    Start,
    /// That it ends: `RemoteStopTransaction`, `RequestStopTransaction`.
    Stop,
    /// To know whether it runs: `GetTransactionStatus`.
    Status,
    /// To tell what it costs so far: `CostUpdated`.
    Cost,
}

/// A request of the CSMS about a transaction (1.6 §5.11, §5.12; 2.0.1 E14, F03, I02).
#[derive(Clone, Copy, Debug)]
pub struct Demand {
    /// What it wants.
    pub kind: DemandKind,
    /// The transaction.
    pub transaction_id: Text,
    /// The token that is to start it.
    pub id_tag: Text,
    /// The connector that it is to start on.
    pub connector: Option<i32>,
    /// The cost so far.
    pub total_cost: Option<f64>,
}

pub(super) fn demand(target: &mut Target<'_>, scanner: &mut Scanner<'_>, kind: DemandKind) -> Scan<Fact> {
    let mut demand = Demand { kind, transaction_id: Text::NONE, id_tag: Text::NONE, connector: None, total_cost: None };
    let object = field::object(scanner, |scanner, key| match key.raw {
        "transactionId" => target.id(scanner, &mut demand.transaction_id),
        "idTag" => target.text(scanner, &mut demand.id_tag),
        "connectorId" => field::int(scanner, &mut demand.connector),
        "totalCost" => field::float(scanner, &mut demand.total_cost),
        _ => scanner.skip(),
    })?;
    Ok(if object { Fact::Demand(put(&mut target.store.demands, demand)) } else { Fact::Bad })
}

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
