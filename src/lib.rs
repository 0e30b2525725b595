//! OCPP message logs in; transactions, status timelines and firmware-update outcomes out, as Arrow tables.
//!
//! The nouns of the pipeline are the modules, in the order in which data flows:
//!
//! ```text
//! map side: any chunk, any worker                                 shuffle            reduce side: one charge point
//! bytes ─input─▶ chunks ─layout─▶ Frame ─message─▶ Message ─event─▶ Event ═══▶ by charge point ─rebuild─▶ rows ─table─▶ Arrow
//! ```
//!
//! [`pipeline`] runs it all: [`pipeline::read`] the whole way, [`pipeline::parse`] and [`pipeline::rebuild`] its two
//! halves, with the messages table as the seam between them. [`account`], [`error`], [`flag`], [`json`], [`options`],
//! [`position`], [`reject`], [`term`] and [`time`] lie below all others. `tests/borders.rs` holds who may use whom.
//!
//! ```
//! use ocpplog::input::Input;
//! use ocpplog::options::{ReadOptions, Table};
//! use ocpplog::pipeline::{Progress, read};
//!
//! let log = r#"2026-03-14T07:00:00Z CP1 << [2,"1","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Available"}]"#;
//! let source = Input::Bytes { name: "one.log".to_owned(), data: log.as_bytes().into() };
//! let tables = read(vec![source], &ReadOptions::default(), &Progress::default())?;
//! let (_, intervals) = tables.iter().find(|(table, _)| *table == Table::StatusIntervals).expect("it is built by default");
//! assert_eq!(intervals.num_rows(), 1);
//! # Ok::<(), ocpplog::error::Error>(())
//! ```

pub mod account;
pub mod error;
pub mod event;
pub mod flag;
pub mod input;
pub mod json;
pub mod layout;
pub mod message;
mod number;
pub mod options;
pub mod pipeline;
pub mod position;
#[cfg(feature = "python")]
mod python;
pub mod rebuild;
pub mod reject;
pub mod table;
pub mod term;
pub mod time;
