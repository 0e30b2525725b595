//! Any bytes are a log: it is read to its end, every line is accounted for, and pieces of any size give equal tables.
#![no_main]

#[path = "../../tests/equations/mod.rs"]
mod equations;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| equations::hold("any.log", bytes));
