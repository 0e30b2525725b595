//! The whole way: sources to chunks to events, grouped by charge point, rebuilt, and put into tables.
//!
//! ```text
//! read     sources ─┬─ chunk ─ frames ─ messages ─ events ─┐
//! parse             ├─ chunk ─ …                           ├─ settle each source ─ group ─┬─ charge point ─ rows ─┐
//! rebuild  messages ┴─ batch ─ events ─────────────────────┘                              ├─ charge point ─ …     ├─ tables
//!                                                                                         └─ …                    ┘
//! ```
//!
//! This is the only place that knows threads. What comes out does not depend on how many there are: results are put
//! into the order of sources and chunks before anything looks at them.

mod assemble;
mod exchanges;
mod group;
mod inspect;
mod parse;
mod parts;
mod progress;
mod read;
mod scan;
mod settle;
mod stamps;
mod twins;
mod ways;
mod window;

pub use assemble::rebuild_parts;
pub use inspect::{Inspected, inspect};
pub use parts::{Parts, numbered, parse, read, rebuild};
pub use progress::Progress;
pub use read::{Findings, parse_parts, read_parts};
pub use scan::{Keep, Next, Query, Scan, Span, check, scan};

use crate::options::Table;
use arrow_array::RecordBatch;

/// The tables that were asked for, in the order of their declaration.
pub type Built = Vec<(Table, RecordBatch)>;
