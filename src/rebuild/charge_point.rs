//! charge_point

/// A row.
#[derive(Clone, Debug, Default)]
pub struct ChargePoint<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
}
