//! What a transaction cost (2.0.1 I02, I03; 2.1 I; rule book §3.2).

use super::asked::Asked;
use super::session::Session;
use crate::flag::Flag;

/// Costs that differ by no more are rounded differently, not different.
const ROUNDING: f64 = 0.011;

/// What the messages of a transaction tell about its cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bill<'a> {
    /// The CSMS's answer to the end: the final cost.
    pub csms: Option<f64>,
    /// The charge point's own final cost.
    pub charge_point: Option<f64>,
    /// The last cost before the end, and in which message.
    pub running: Option<(usize, f64)>,
    /// The currency.
    pub currency: Option<&'a str>,
    /// The energy that the charge point reckoned with, in Wh.
    pub energy: Option<f64>,
}

impl Bill<'_> {
    /// Notes a running cost; the one in the latest message stands.
    pub(super) fn runs(&mut self, index: usize, cost: f64) {
        if self.running.is_none_or(|(before, _)| before <= index) {
            self.running = Some((index, cost));
        }
    }
}

/// The final cost, as the CSMS tells it, else the charge point; else the last one that was told before. A cost that
/// nobody told is no cost of zero.
pub(super) fn settle(session: &mut Session<'_>, asked: &Asked<'_>) {
    if let Some((index, cost)) = asked.cost(session) {
        session.told.bill.runs(index, cost);
    }
    let bill = &session.told.bill;
    let row = &mut session.row;
    row.cost_total = bill.csms.or(bill.charge_point).or(bill.running.map(|(_, cost)| cost));
    row.cost_currency = bill.currency;
    let differ = bill.csms.zip(bill.charge_point).is_some_and(|(one, other)| (one - other).abs() > ROUNDING);
    row.flags.add_if(differ, Flag::CostMismatch);
}
