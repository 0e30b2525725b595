//! transaction

/// A row.
#[derive(Clone, Debug, Default)]
pub struct Transaction<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
}
