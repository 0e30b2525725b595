//! ocpplog
pub mod error;
pub mod flag;
pub mod input;
pub mod json;
pub mod layout;
pub mod options;
pub mod position;
pub mod reject;
pub mod term;
pub mod time;
