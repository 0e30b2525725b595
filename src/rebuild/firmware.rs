//! firmware

/// A row.
#[derive(Clone, Debug, Default)]
pub struct FirmwareUpdate<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
}
