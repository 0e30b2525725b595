//! Rows to Arrow: the public tables.

mod build;
mod column;

pub use build::Columns;
pub use column::{Column, Dtype, columns, schema};
