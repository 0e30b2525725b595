//! status

/// A row.
#[derive(Clone, Debug, Default)]
pub struct StatusInterval<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
}
