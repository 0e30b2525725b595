//! What must hold whatever the bytes are. The regressions, the damaged logs and the fuzzers all hold it.
#![allow(dead_code, reason = "each of those who include this file uses a part of it")]

mod rebuild;

pub(crate) use rebuild::conserve;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use ocpplog::input::Input;
use ocpplog::options::{ReadOptions, Table, Tables};
use ocpplog::pipeline::{self, Built, Progress, parse, read};
use std::sync::Arc;

/// Pieces of a byte, of a few, of a line or so; no piece size at all is all at once for so small a log.
pub(crate) const CHUNKS: [Option<usize>; 4] = [None, Some(1), Some(7), Some(64)];

/// Reasons that only a whole frame is refused for.
const OF_FRAMES: [&str; 9] = [
    "action_invalid",
    "arity",
    "frame_escaped",
    "frame_quoted",
    "frame_repr",
    "id_invalid",
    "id_too_long",
    "message_type",
    "payload_type",
];

/// Every table, one thread.
pub(crate) fn options(chunk_bytes: Option<usize>) -> ReadOptions {
    let names = Table::ALL.iter().map(|table| table.as_str());
    let tables = Tables::from_names(names).expect("every table has its name");
    ReadOptions { tables, threads: Some(1), chunk_bytes, ..ReadOptions::default() }
}

/// The tables of a log.
pub(crate) fn tables(name: &str, bytes: &[u8], options: &ReadOptions) -> Built {
    let source = Input::Bytes { name: name.to_owned(), data: Arc::from(bytes) };
    read(vec![source], options, &Progress::default()).expect("bytes can always be read")
}

/// Reads a log in pieces of several sizes and holds every equation.
pub(crate) fn hold(name: &str, bytes: &[u8]) {
    let whole = tables(name, bytes, &options(None));
    account(&whole, bytes);
    conserve(&whole);
    for chunk in CHUNKS.into_iter().skip(1) {
        same(&whole, &tables(name, bytes, &options(chunk)), &format!("pieces of {chunk:?} bytes"));
    }
}

/// The messages table tells all that the other tables need: what is rebuilt from it is what was read.
pub(crate) fn again(name: &str, bytes: &[u8]) {
    let options = options(None);
    let source = Input::Bytes { name: name.to_owned(), data: Arc::from(bytes) };
    let messages = parse(vec![source], &options, &Progress::default()).expect("bytes can always be read");
    let mut rebuilt = pipeline::rebuild(&[messages], &options.tables, None, &options.rules, 1, &Progress::default())
        .expect("our own messages can be rebuilt");
    let mut read = tables(name, bytes, &options);
    // What was never a message is not in the messages.
    for built in [&mut read, &mut rebuilt] {
        built.retain(|(table, _)| ![Table::Rejects, Table::Accounting].contains(table));
    }
    same(&read, &rebuilt, "reading and rebuilding");
}

/// Equal tables, row by row.
pub(crate) fn same(left: &Built, right: &Built, what: &str) {
    assert_eq!(left.len(), right.len(), "{what}: other tables");
    for ((table, left), (_, right)) in left.iter().zip(right) {
        let name = table.as_str();
        assert_eq!(left.num_rows(), right.num_rows(), "{what} change the number of rows of {name}");
        for (index, field) in left.schema().fields().iter().enumerate() {
            let (left, right) = (left.column(index), right.column(index));
            assert!(left == right, "{what} change {name}.{}:\n{left:?}\n{right:?}", field.name());
        }
    }
}

/// A table among those that were built.
pub(crate) fn table(built: &Built, wanted: Table) -> &RecordBatch {
    &built.iter().find(|(table, _)| *table == wanted).expect("it was asked for").1
}

fn column<'b>(batch: &'b RecordBatch, name: &str) -> &'b dyn Array {
    batch.column_by_name(name).expect("the column is declared").as_ref()
}

fn longs(batch: &RecordBatch, name: &str) -> Vec<i64> {
    column(batch, name).as_primitive::<Int64Type>().iter().flatten().collect()
}

fn words<'b>(batch: &'b RecordBatch, name: &str) -> Vec<&'b str> {
    let words = column(batch, name).as_dictionary::<Int32Type>();
    let values = words.values().as_string::<i32>();
    words.keys().iter().flatten().map(|key| values.value(key as usize)).collect()
}

/// Every line and every frame of one source is accounted for, once.
pub(crate) fn account(built: &Built, bytes: &[u8]) {
    let accounting = table(built, Table::Accounting);
    assert_eq!(accounting.num_rows(), 1, "one source has one row");
    let of = |name: &str| longs(accounting, name).first().copied().expect("a count is never null");
    let lines = of("lines");
    let fates = ["blank_lines", "other_lines", "message_lines", "rejected_lines"].map(of);
    assert_eq!(lines, fates.iter().sum::<i64>(), "every line has one fate: {fates:?}");
    let plain = column(accounting, "compressed_size_bytes").is_null(0);
    if plain && words(accounting, "status") == ["whole"] {
        // In other letters a newline is another one.
        let utf8 = !bytes.starts_with(b"\xff\xfe") && !bytes.starts_with(b"\xfe\xff");
        assert!(!utf8 || lines == lines_of(bytes), "every line is counted: {lines} of {}", lines_of(bytes));
        assert_eq!(of("size_bytes"), bytes.len() as i64, "every byte is counted");
    }
    let bytes_of = ["blank_bytes", "other_bytes", "message_bytes", "rejected_bytes", "passed_bytes"];
    if bytes_of.iter().all(|name| accounting.column_by_name(name).is_some()) {
        assert_eq!(of("size_bytes"), bytes_of.map(of).iter().sum::<i64>(), "every byte has one fate");
    }
    let messages = table(built, Table::Messages);
    let types = words(messages, "message_type");
    assert_eq!(types.len(), messages.num_rows(), "every message has a type");
    let connections = types.iter().filter(|kind| ["OPEN", "CLOSE"].contains(kind)).count() as i64;
    assert_eq!(of("messages") - of("filtered"), types.len() as i64 - connections, "every message is a row");
    let rejects = table(built, Table::Rejects);
    assert_eq!(of("rejects"), rejects.num_rows() as i64, "every reject is a row");
    let reasons = words(rejects, "reason");
    let refused = reasons.iter().filter(|reason| OF_FRAMES.contains(reason)).count() as i64;
    let perhaps = reasons
        .iter()
        .filter(|reason| reason.starts_with("json_") || reason.starts_with("xml_") || **reason == "control_char")
        .count();
    let left = of("frames") - of("messages") - of("duplicates");
    assert!((refused..=refused + perhaps as i64).contains(&left), "{left} frames are neither message nor reject");
    assert!(fates[2] > 0 || of("messages") == 0, "a message stands on no line");
    for place in [messages, rejects, table(built, Table::Unmatched)] {
        assert!(longs(place, "source_line").iter().all(|line| (1..=lines).contains(line)), "a row names no line");
        let end = of("size_bytes").max(bytes.len() as i64);
        assert!(longs(place, "source_offset").iter().all(|byte| (0..=end).contains(byte)), "a row names no byte");
    }
}

/// How many lines a text has; the byte order mark is none.
fn lines_of(bytes: &[u8]) -> i64 {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let ended = text.split(|&byte| byte == b'\n').count() - 1;
    (ended + usize::from(text.last().is_some_and(|&last| last != b'\n'))) as i64
}
