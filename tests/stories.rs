//! The golden stories: a tiny log each, and the rows that the rule book demands for it.
//!
//! A story is a directory of `tests/data/stories`: `log.txt` or `log.jsonl`, and `expected.json` with one sentence
//! (`story`) and the rows of some tables. A table that is named has exactly these rows, in this order; of a row only
//! the columns that are named are compared. Instants are ISO texts that end in `Z`, spans are seconds.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test stops where it cannot go on, and the numbers are exact"
)]

mod common;
mod equations;

use arrow_array::RecordBatch;
use common::{all_tables, cell};
use ocpplog::input::Input;
use ocpplog::options::{ReadOptions, Rules, Table};
use ocpplog::pipeline::{Built, Progress, parse, read, rebuild};
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// What every row of these tables has to say, so that no story leaves the heart of it out.
const MUST_SAY: [(Table, &[&str]); 4] = [
    (Table::Transactions, &["transaction_id", "state", "energy_wh", "quality", "flags"]),
    (Table::StatusIntervals, &["connector_id", "status", "flags"]),
    (Table::Unmatched, &["kind"]),
    (Table::Rejects, &["reason"]),
];

struct Story {
    name: String,
    log: PathBuf,
    expected: Map<String, Value>,
}

impl Story {
    fn input(&self) -> Vec<Input> {
        let name = self.log.file_name().unwrap().to_string_lossy().into_owned();
        vec![Input::Bytes { name, data: std::fs::read(&self.log).unwrap().into() }]
    }
}

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/stories");
    let mut folders: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

fn log_of(folder: &Path) -> Option<PathBuf> {
    let logs = ["log.txt", "log.jsonl"].map(|name| folder.join(name));
    match logs.each_ref().map(|log| log.is_file()) {
        [true, false] => Some(logs[0].clone()),
        [false, true] => Some(logs[1].clone()),
        _ => None,
    }
}

fn stories() -> Vec<Story> {
    let story = |folder: &PathBuf| {
        let text = std::fs::read_to_string(folder.join("expected.json")).ok()?;
        let Ok(Value::Object(expected)) = serde_json::from_str(&text) else { return None };
        let name = folder.file_name()?.to_string_lossy().into_owned();
        Some(Story { name, log: log_of(folder)?, expected })
    };
    folders().iter().filter_map(story).collect()
}

fn options(chunk_bytes: Option<usize>, threads: usize) -> ReadOptions {
    ReadOptions { tables: all_tables(), chunk_bytes, threads: Some(threads), ..ReadOptions::default() }
}

fn read_story(story: &Story, chunk_bytes: Option<usize>, threads: usize) -> Built {
    read(story.input(), &options(chunk_bytes, threads), &Progress::default()).unwrap()
}

fn same(expected: &Value, found: &Value) -> bool {
    match (expected.as_f64(), found.as_f64()) {
        (Some(expected), Some(found)) => expected == found,
        _ => expected == found,
    }
}

fn compare_table(table: &str, expected: &[Value], batch: &RecordBatch, out: &mut String) {
    if expected.len() != batch.num_rows() {
        writeln!(out, "  {table}: {} rows expected, {} found", expected.len(), batch.num_rows()).unwrap();
        let columns = expected.first().and_then(Value::as_object);
        let names: Vec<&str> = columns.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        let names = if names.is_empty() { vec!["kind", "reason", "detail"] } else { names };
        for row in 0..batch.num_rows() {
            let cells = names.iter().filter_map(|name| Some((*name, cell(batch.column_by_name(name)?, row))));
            writeln!(out, "    {:?}", cells.map(|(name, cell)| format!("{name}: {cell}")).collect::<Vec<_>>()).unwrap();
        }
        return;
    }
    for (row, columns) in expected.iter().enumerate() {
        for (name, expected) in columns.as_object().unwrap() {
            let found = batch.column_by_name(name).map(|column| cell(column, row));
            let found = found.unwrap_or_else(|| json!("there is no such column"));
            if !same(expected, &found) {
                writeln!(out, "  {table}[{row}].{name}: {expected} expected, {found} found").unwrap();
            }
        }
    }
}

fn compare(story: &Story, built: &Built) -> String {
    let mut out = String::new();
    for (name, expected) in story.expected.iter().filter(|(name, _)| *name != "story") {
        let batch = built.iter().find(|(table, _)| table.as_str() == name).map(|(_, batch)| batch);
        match (expected.as_array(), batch) {
            (Some(expected), Some(batch)) => compare_table(name, expected, batch, &mut out),
            _ => writeln!(out, "  {name}: this is no table").unwrap(),
        }
    }
    out
}

#[test]
fn every_story_gives_the_rows_that_the_rule_book_demands() {
    let mut out = String::new();
    for story in stories() {
        let found = compare(&story, &read_story(&story, None, 1));
        if !found.is_empty() {
            writeln!(out, "{}\n{found}", story.name).unwrap();
        }
    }
    assert!(out.is_empty(), "\n{out}");
}

#[test]
fn every_story_keeps_every_equation() {
    for story in stories() {
        let bytes = std::fs::read(&story.log).unwrap();
        equations::hold(&story.name, &bytes);
    }
}

#[test]
fn neither_chunks_nor_threads_change_a_story() {
    for story in stories() {
        let first = read_story(&story, None, 1);
        for chunk_bytes in [Some(1), Some(64), None] {
            for threads in [1, 3] {
                let other = read_story(&story, chunk_bytes, threads);
                for ((table, one), (_, two)) in first.iter().zip(&other) {
                    assert_eq!(
                        one,
                        two,
                        "{}: {} with chunks of {chunk_bytes:?} and {threads} threads",
                        story.name,
                        table.as_str()
                    );
                }
            }
        }
    }
}

/// Decision 20: `read` is `rebuild` of `parse`, but for the tables that speak of files.
#[test]
fn parsed_messages_tell_the_same_story_as_the_log() {
    for story in stories() {
        let messages = parse(story.input(), &options(Some(64), 1), &Progress::default()).unwrap();
        let built = rebuild(&[messages], &all_tables(), None, &Rules::default(), 1, &Progress::default()).unwrap();
        for ((table, direct), (_, rebuilt)) in read_story(&story, None, 1).iter().zip(&built) {
            if !matches!(table, Table::Rejects | Table::Accounting) {
                assert_eq!(direct, rebuilt, "{}: {}", story.name, table.as_str());
            }
        }
    }
}

#[test]
fn every_story_is_complete() {
    let folders = folders();
    let complete: Vec<_> = stories().into_iter().map(|story| story.name).collect();
    let all: Vec<_> = folders.iter().map(|folder| folder.file_name().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(complete, all, "a story is one log and an expected.json");
    for Story { name, expected, .. } in stories() {
        let sentence = expected.get("story").and_then(Value::as_str).unwrap_or_default();
        assert!(sentence.ends_with('.'), "{name}: the story is a sentence");
        assert!(
            sentence.contains('§') || sentence.contains("decision"),
            "{name}: the story does not say which rule it tells"
        );
        assert!(expected.len() > 1, "{name}: no table is told");
        for (table, columns) in MUST_SAY {
            let rows = expected.get(table.as_str()).and_then(Value::as_array);
            for row in rows.into_iter().flatten() {
                let missing: Vec<_> = columns.iter().filter(|column| row.get(column).is_none()).collect();
                assert!(missing.is_empty(), "{name}: a row of {} does not say {missing:?}", table.as_str());
            }
        }
    }
}
