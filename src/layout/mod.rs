//! Bytes to frames: where a message stands on a line, and what the line tells about it.

mod frame;

pub use frame::{Connection, Context, Frame, Sink, Stamp, Taken, Tally};
