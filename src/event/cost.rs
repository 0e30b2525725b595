//! What a transaction costs, as the charge point reckons it (2.1 part 2, I and `CostDetailsType`; rule book §3.2).

use super::Fact;
use super::field::{self, Target};
use super::store::{Text, put};
use crate::json::{Scan, Scanner};

/// `costDetails` of a `TransactionEvent`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// `totalCost.total`: with taxes, else without.
    pub total: Option<f64>,
    /// `totalCost.currency`.
    pub currency: Text,
    /// `totalUsage.energy`, in Wh.
    pub energy: Option<f64>,
}

/// Reads `costDetails`; nothing comes of it if the charge point says that it failed to reckon.
pub(super) fn details(target: &mut Target<'_>, scanner: &mut Scanner<'_>, slot: &mut Option<u32>) -> Scan<()> {
    let mut cost = Cost::default();
    let (mut with_tax, mut without_tax, mut failed) = (None, None, false);
    let object = field::object(scanner, |scanner, key| match key.raw {
        "totalCost" => field::object(scanner, |scanner, key| match key.raw {
            "currency" => target.text(scanner, &mut cost.currency),
            "total" => field::object(scanner, |scanner, key| match key.raw {
                "inclTax" => field::float(scanner, &mut with_tax),
                "exclTax" => field::float(scanner, &mut without_tax),
                _ => scanner.skip(),
            })
            .map(|_| ()),
            _ => scanner.skip(),
        })
        .map(|_| ()),
        "totalUsage" => field::object(scanner, |scanner, key| match key.raw {
            "energy" => field::float(scanner, &mut cost.energy),
            _ => scanner.skip(),
        })
        .map(|_| ()),
        "failureToCalculate" => field::truth(scanner).map(|value| failed |= value),
        _ => scanner.skip(),
    })?;
    cost.total = with_tax.or(without_tax);
    if object && !failed && slot.is_none() {
        *slot = Some(put(&mut target.store.costs, cost));
    }
    Ok(())
}

/// `CostUpdated` (2.0.1 I02): what the CSMS tells a transaction to cost so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct CostUpdate {
    /// The transaction.
    pub transaction_id: Text,
    /// The cost so far.
    pub total_cost: Option<f64>,
}

pub(super) fn cost_update(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let mut update = CostUpdate::default();
    let object = field::object(scanner, |scanner, key| match key.raw {
        "transactionId" => target.id(scanner, &mut update.transaction_id),
        "totalCost" => field::float(scanner, &mut update.total_cost),
        _ => scanner.skip(),
    })?;
    Ok(if object { Fact::CostUpdate(put(&mut target.store.cost_updates, update)) } else { Fact::Bad })
}
