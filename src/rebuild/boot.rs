//! boot

/// A row.
#[derive(Clone, Debug, Default)]
pub struct BootRow<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
}
