//! A tiny log of every layout that is known, in the exact grammar of its writer, and what it must give.
//!
//! A case is a directory of `tests/data/layouts`: one file or several, and `expected`, a row for each message, reject
//! and source. `WRITE_EXPECTED=1` writes these rows anew; each of them was compared by hand with what the writer
//! is known to do.

#![allow(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

mod common;

use arrow_array::RecordBatch;
use common::{all_tables, cell};
use ocpplog::input::Input;
use ocpplog::options::{ReadOptions, Table};
use ocpplog::pipeline::{Built, Progress, read};
use proptest::prelude::*;
use serde_json::Value;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A payload longer than this is told by its length.
const LONGEST_PAYLOAD: usize = 400;

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/layouts");
    let entries = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let only = std::env::var("CASE").unwrap_or_default();
    let mut folders: Vec<_> = entries.filter(|path| path.is_dir() && path.to_string_lossy().contains(&only)).collect();
    folders.sort();
    folders
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            files.extend(self::files(&path).into_iter().map(|(file, data)| (format!("{name}/{file}"), data)));
        } else if name != "expected" {
            files.push((name, std::fs::read(&path).unwrap()));
        }
    }
    files.sort();
    files
}

fn read_files(files: &[(String, Vec<u8>)], chunk_bytes: Option<usize>) -> Built {
    let inputs = files.iter().map(|(name, data)| Input::Bytes { name: name.clone(), data: data.clone().into() });
    let options = ReadOptions { tables: all_tables(), chunk_bytes, threads: Some(1), ..ReadOptions::default() };
    read(inputs.collect(), &options, &Progress::default()).unwrap()
}

fn word(batch: &RecordBatch, row: usize, column: &str) -> String {
    match cell(batch.column_by_name(column).unwrap(), row) {
        Value::Null => "-".to_owned(),
        Value::String(text) => text,
        Value::Array(items) if items.is_empty() => "-".to_owned(),
        Value::Array(items) => items.iter().map(|item| item.as_str().unwrap_or("?")).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// A payload on one line, without the blanks between its values.
fn compact(payload: &str) -> String {
    if payload.len() > LONGEST_PAYLOAD {
        return format!("{} bytes", payload.len());
    }
    serde_json::from_str::<Value>(payload).map_or_else(|_| payload.escape_debug().to_string(), |json| json.to_string())
}

/// What is compared: a row for each message, reject and source.
fn rows(built: &Built) -> String {
    let batch = |wanted: Table| &built.iter().find(|(table, _)| *table == wanted).unwrap().1;
    let mut out = String::new();
    let messages = batch(Table::Messages);
    for row in 0..messages.num_rows() {
        let word = |column| word(messages, row, column);
        let refused = match word("error_code").as_str() {
            "-" => String::new(),
            code => format!(" {code:?} {:?}", word("error_description")),
        };
        writeln!(
            out,
            "message | {} {} | {} | {} {} | {} {} {}{refused} | {} | {} | {}:{}",
            word("charge_point_id"),
            word("charge_point_id_source"),
            word("log_time"),
            word("direction"),
            word("direction_source"),
            word("message_type"),
            word("message_id"),
            word("action"),
            compact(&word("payload")),
            word("flags"),
            word("source_file"),
            word("source_line"),
        )
        .unwrap();
    }
    let rejects = batch(Table::Rejects);
    for row in 0..rejects.num_rows() {
        let word = |column| word(rejects, row, column);
        let (file, line) = (word("source_file"), word("source_line"));
        writeln!(out, "reject | {} | {} | {file}:{line}", word("reason"), word("detail")).unwrap();
    }
    let accounting = batch(Table::Accounting);
    for row in 0..accounting.num_rows() {
        write!(out, "source | {}", word(accounting, row, "source_file")).unwrap();
        for column in ["layout", "side", "timezone", "timezone_source"] {
            write!(out, " | {}", word(accounting, row, column)).unwrap();
        }
        for column in accounting.schema().fields().iter().map(|field| field.name().as_str()) {
            if COUNTS.contains(&column) {
                write!(out, " | {column} {}", word(accounting, row, column)).unwrap();
            }
        }
        out.push('\n');
    }
    out
}

const COUNTS: [&str; 9] = [
    "lines",
    "message_lines",
    "other_lines",
    "blank_lines",
    "rejected_lines",
    "frames",
    "messages",
    "duplicates",
    "rejects",
];

#[test]
fn every_layout_gives_the_rows_that_its_writer_meant() {
    let mut out = String::new();
    for folder in cases() {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let files = files(&folder);
        let found = rows(&read_files(&files, None));
        for chunk_bytes in [1, 7, 64] {
            let other = rows(&read_files(&files, Some(chunk_bytes)));
            if other != found {
                writeln!(out, "{name}: other rows with chunks of {chunk_bytes} bytes\n{}", differences(&found, &other))
                    .unwrap();
            }
        }
        let path = folder.join("expected");
        if std::env::var_os("WRITE_EXPECTED").is_some() {
            std::fs::write(path, &found).unwrap();
            continue;
        }
        let expected = std::fs::read_to_string(path).unwrap_or_default();
        if found != expected {
            writeln!(out, "{name}\n{}", differences(&expected, &found)).unwrap();
        }
    }
    assert!(out.is_empty(), "\n{out}");
}

fn differences(expected: &str, found: &str) -> String {
    let mut out = String::new();
    for (sign, lines, others) in [("-", expected, found), ("+", found, expected)] {
        for line in lines.lines().filter(|line| !others.lines().any(|other| other == *line)) {
            writeln!(out, "  {sign} {line}").unwrap();
        }
    }
    out
}

/// Ways to spoil a log, as real ones are.
#[derive(Clone, Copy, Debug)]
enum Spoil {
    /// Two logs in one file, line by line in turns of this many.
    Interleave(usize),
    /// The log ends here, in percent.
    Cut(usize),
    /// Some lines are lost: one of this many.
    Lose(usize),
    /// Some newlines are lost: one of this many.
    Glue(usize),
    Crlf,
    Bom,
    Colours,
    Docker,
    /// docker's parts of lines, without the rest of one of this many.
    Parts(usize),
    Syslog,
    Compose,
}

fn spoil() -> impl Strategy<Value = Spoil> {
    prop_oneof![
        (1_usize..4).prop_map(Spoil::Interleave),
        (1_usize..100).prop_map(Spoil::Cut),
        (2_usize..9).prop_map(Spoil::Lose),
        (2_usize..9).prop_map(Spoil::Glue),
        Just(Spoil::Crlf),
        Just(Spoil::Bom),
        Just(Spoil::Colours),
        Just(Spoil::Docker),
        (2_usize..5).prop_map(Spoil::Parts),
        Just(Spoil::Syslog),
        Just(Spoil::Compose),
    ]
}

fn docker(text: &str) -> String {
    let log = serde_json::to_string(text).unwrap();
    format!("{{\"log\":{log},\"stream\":\"stdout\",\"time\":\"2026-05-01T08:00:00.25Z\"}}\n")
}

fn spoiled(text: &str, other: &str, spoil: Spoil) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let each = |line: &dyn Fn(usize, &str) -> String| -> String {
        lines.iter().enumerate().map(|(index, text)| line(index, text)).collect()
    };
    match spoil {
        Spoil::Interleave(turn) => {
            let mut out = String::new();
            let (mut one, mut two) = (text.lines().peekable(), other.lines().peekable());
            while one.peek().is_some() || two.peek().is_some() {
                for line in one.by_ref().take(turn).chain(two.by_ref().take(turn)) {
                    out.push_str(line);
                    out.push('\n');
                }
            }
            out
        }
        Spoil::Cut(percent) => {
            let at = (0..=text.len() * percent / 100).rev().find(|&at| text.is_char_boundary(at)).unwrap();
            text[..at].to_owned()
        }
        Spoil::Lose(one) => each(&|index, line| if index % one == 1 { String::new() } else { format!("{line}\n") }),
        Spoil::Glue(one) => each(&|index, line| format!("{line}{}", if index % one == 0 { "" } else { "\n" })),
        Spoil::Crlf => each(&|_, line| format!("{line}\r\n")),
        Spoil::Bom => format!("\u{feff}{text}"),
        Spoil::Colours => each(&|_, line| format!("\u{1b}[1;35m{line}\u{1b}[0m\n")),
        Spoil::Docker => each(&|_, line| docker(&format!("{line}\n"))),
        Spoil::Parts(lost) => each(&|index, line| {
            let half = (0..=line.len() / 2).rev().find(|&at| line.is_char_boundary(at)).unwrap();
            let rest = if index % lost == 1 { String::new() } else { docker(&format!("{}\n", &line[half..])) };
            docker(&line[..half]) + &rest
        }),
        Spoil::Syslog => each(&|_, line| format!("May  1 10:00:00 host app[811]: {line}\n")),
        Spoil::Compose => each(&|_, line| format!("app-1  | {line}\n")),
    }
}

fn texts() -> Vec<(String, String)> {
    let texts = cases().into_iter().flat_map(|folder| files(&folder));
    texts.filter_map(|(name, data)| Some((name, String::from_utf8(data).ok()?))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn prop_no_chunk_changes_a_log_however_it_was_spoiled(
        one in any::<prop::sample::Index>(),
        two in any::<prop::sample::Index>(),
        spoils in prop::collection::vec(spoil(), 1..4),
    ) {
        let texts = texts();
        let (name, text) = &texts[one.index(texts.len())];
        let other = &texts[two.index(texts.len())].1;
        let text = spoils.iter().fold(text.clone(), |text, &spoil| spoiled(&text, other, spoil));
        let files = [(name.clone(), text.into_bytes())];
        let whole = rows(&read_files(&files, None));
        for chunk_bytes in [1, 7, 64, 1_000] {
            let other = rows(&read_files(&files, Some(chunk_bytes)));
            prop_assert!(
                other == whole,
                "{name} {spoils:?}: chunks of {chunk_bytes} bytes\n{}",
                differences(&whole, &other)
            );
        }
    }
}

/// A frame as a logger prints it over `lines` lines, its text as long as is wanted.
fn tall(lines: usize, width: usize) -> String {
    let mut out = String::from("2026-05-01 10:00:00 CP7 << [\n2,\n\"1\",\n\"DataTransfer\",\n{\n");
    for line in 0..lines {
        writeln!(out, "\"k{line}\": \"{}\",", "x".repeat(width)).unwrap();
    }
    out + "\"vendorId\": \"v\"}]\n2026-05-01 10:00:01 CP7 << [2,\"2\",\"Heartbeat\",{}]\n"
}

#[test]
fn a_frame_of_too_many_lines_is_refused_and_costs_nothing_else() {
    for (text, messages) in [(tall(4_900, 1), 2), (tall(5_001, 1), 1), (tall(900, 1_000), 2), (tall(1_100, 1_000), 1)] {
        let files = [("log".to_owned(), text.into_bytes())];
        let whole = rows(&read_files(&files, None));
        assert_eq!(whole.lines().filter(|line| line.starts_with("message |")).count(), messages, "{whole}");
        assert_eq!(whole.lines().filter(|line| line.starts_with("reject |")).count(), 2 - messages, "{whole}");
        for chunk_bytes in [7, 64, 100_000] {
            let other = rows(&read_files(&files, Some(chunk_bytes)));
            assert_eq!(other, whole, "chunks of {chunk_bytes} bytes");
        }
    }
}

#[test]
fn wrappers_four_deep_are_told() {
    let line = "INFO:ocpp:CP7: receive message [2,\"1\",\"Heartbeat\",{}]\n".to_owned();
    for (depth, expected) in [(1, "message |"), (3, "message |"), (4, "reject | wrapper_depth")] {
        let text = (0..depth).fold(line.clone(), |text, _| docker(&text));
        let found = rows(&read_files(&[("log".to_owned(), text.into_bytes())], None));
        assert!(found.starts_with(expected), "{depth}: {found}");
    }
}
