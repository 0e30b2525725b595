//! meter

/// A row.
#[derive(Clone, Debug, Default)]
pub struct MeterValue<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
}
