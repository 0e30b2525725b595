//! ocpplog
pub mod account;
pub mod error;
pub mod event;
pub mod flag;
pub mod input;
pub mod json;
pub mod layout;
pub mod message;
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
