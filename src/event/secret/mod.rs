//! Secrets: masked before anything is kept, so that no table can hold one (decision 17, reliability §8).
//!
//! [`names`] has the one list of names by which a secret is known. [`text`] masks a text of any kind and leaves the rest
//! of it byte by byte, [`payload`] the arguments of the CSMS, which become compact JSON, and [`line`] what was not
//! understood, with the words around it.

mod line;
mod names;
mod payload;
mod text;

pub use line::masked_line;
pub use names::names_secret;
pub(super) use payload::masked_payload;
pub use text::masked;

/// What stands in the place of a secret.
pub const MASK: &str = "***";
