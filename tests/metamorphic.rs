//! Metamorphic laws: what a change of the log may change in the tables, and what it must not. None needs to know what
//! the right tables are. What is known about the whole input is held fast (decision 6), since it is a fact about all
//! charge points at once.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;
mod equations;
mod fleet_day;

use chrono::DateTime;
use common::{all_tables, cell};
use fleet_day::{KINDS, Line, Step, day, name, text};
use ocpplog::input::Input;
use ocpplog::options::{ReadOptions, Rules, Table, Tables};
use ocpplog::pipeline::{Built, Progress, parse, read, rebuild};
use ocpplog::rebuild::Observation;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use regex::Regex;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

type Rows = Vec<Map<String, Value>>;
type Told = BTreeMap<&'static str, Rows>;

fn steps(longest: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0u8..4, 0..KINDS, any::<u8>()), 1..longest)
}

fn source(name: &str, text: String) -> Input {
    Input::Bytes { name: name.to_owned(), data: Arc::from(text.into_bytes()) }
}

fn options() -> ReadOptions {
    ReadOptions { tables: all_tables(), threads: Some(1), ..ReadOptions::default() }
}

/// From an hour before to a day after the log, shifted.
fn window(lines: &[Line], shift: i64) -> Observation {
    let at = |line: Option<&Line>| line.map(|line| (line.at + shift) * 1_000);
    let (start, end) = (at(lines.first()), at(lines.last()));
    let hour = 3_600_000_000;
    Observation { start: start.map(|time| time - hour), end: end.map(|time| time + 24 * hour), gaps: Vec::new() }
}

/// The tables of some sources at a fixed observation, all but those that speak of files.
fn built(sources: Vec<Input>, window: &Observation) -> Built {
    let messages = parse(sources, &options(), &Progress::default()).expect("bytes can be read");
    rebuilt(&[messages], window)
}

fn rebuilt(messages: &[arrow_array::RecordBatch], window: &Observation) -> Built {
    let mut built = rebuild(messages, &all_tables(), Some(window.clone()), &Rules::default(), 1, &Progress::default())
        .expect("our own messages can be rebuilt");
    built.retain(|(table, _)| ![Table::Rejects, Table::Accounting].contains(table));
    built
}

/// The rows without what says where they come from.
fn rows(built: &Built) -> Told {
    built
        .iter()
        .map(|(table, batch)| {
            let schema = batch.schema();
            let row = |at| {
                let fields = schema.fields().iter().zip(batch.columns());
                let kept = fields.filter(|(field, _)| !field.name().contains("source_"));
                kept.map(|(field, column)| (field.name().clone(), cell(column, at))).collect()
            };
            (table.as_str(), (0..batch.num_rows()).map(row).collect())
        })
        .collect()
}

fn told(lines: &[Line]) -> Told {
    rows(&built(vec![source("a.jsonl", text(lines))], &window(lines, 0)))
}

fn of(told: &Told, charge_point: &str) -> Told {
    let its = |row: &&Map<String, Value>| row.get("charge_point_id") == Some(&json!(charge_point));
    told.iter().map(|(&table, rows)| (table, rows.iter().filter(its).cloned().collect())).collect()
}

fn assert_same(left: &Told, right: &Told, what: &str) {
    for (table, left) in left {
        let right = &right[table];
        assert_eq!(left.len(), right.len(), "{what}: rows of {table}:\n{left:#?}\n{right:#?}");
        for (left, right) in left.iter().zip(right) {
            for (column, left) in left {
                assert_eq!(Some(left), right.get(column), "{what}: {table}.{column} of {right:?}");
            }
        }
    }
}

static INSTANT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z").expect("it is a pattern"));

/// Every instant as microseconds, moved back by what the log was moved.
fn moved_back(value: &Value, shift: i64) -> Value {
    match value {
        Value::String(text) => {
            let number = |found: &regex::Captures<'_>| {
                let time = DateTime::parse_from_rfc3339(&found[0]).expect("it is an instant");
                format!("<{}>", time.timestamp_micros() - shift * 1_000)
            };
            Value::String(INSTANT.replace_all(text, number).into_owned())
        }
        Value::Array(items) => items.iter().map(|item| moved_back(item, shift)).collect(),
        Value::Object(fields) => fields.iter().map(|(name, field)| (name.clone(), moved_back(field, shift))).collect(),
        other => other.clone(),
    }
}

fn all_moved_back(told: &Told, shift: i64) -> Told {
    let row = |row: &Map<String, Value>| -> Map<String, Value> {
        row.iter().map(|(name, value)| (name.clone(), moved_back(value, shift))).collect()
    };
    told.iter().map(|(&table, rows)| (table, rows.iter().map(row).collect())).collect()
}

/// Lines in which nothing, or nothing whole, can be found.
const BAD: [&str; 6] = [
    r#"{"timestamp":"2026-03-01T01:00:00Z","charge_point_id":"CP1","direction":"in","message":[2,"x","Heartbeat",{"#,
    r#"{"timestamp":"2026-03-01T01:00:00Z","charge_point_id":"CP7","direction":"in","message":[2,"x","Hea"#,
    r#"{"timestamp":"2026-03-01T01:00:00Z","charge_point_id":"CP1","direction":"in","message":[9,"x",{}]}"#,
    "2026-03-01T01:00:00Z INFO nothing to see here",
    "",
    "\u{0}\u{0}\u{0}",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn prop_a_foreign_charge_point_changes_nothing_of_the_others(steps in steps(80), stranger in 0usize..4) {
        let lines = day(&steps);
        let window = window(&lines, 0);
        let log = |lines: &[Line]| rows(&built(vec![source("a.jsonl", text(lines))], &window));
        let others: Vec<_> = lines.iter().filter(|line| line.charge_point != stranger).cloned().collect();
        let (crowd, alone) = (log(&lines), log(&others));
        for charge_point in (0..4).filter(|&other| other != stranger).map(name) {
            assert_same(&of(&alone, &charge_point), &of(&crowd, &charge_point), "a foreign charge point");
        }
        assert!(alone.values().flatten().all(|row| row["charge_point_id"] != json!(name(stranger))));
    }

    #[test]
    fn prop_a_log_of_another_day_has_the_same_rows_of_that_day(
        steps in steps(80),
        shift in prop::sample::select(vec![1, -7_003, 86_400_000, -3_600_000, 31_536_000_000, 123_456_789]),
    ) {
        let lines = day(&steps);
        let written = |shift: i64| {
            let text = lines.iter().fold(String::new(), |mut text, line| {
                let _ = writeln!(text, "{}", line.text(&name(line.charge_point), shift));
                text
            });
            all_moved_back(&rows(&built(vec![source("a.jsonl", text)], &window(&lines, shift))), shift)
        };
        // Payloads count in whole seconds, so only whole seconds leave the time between both clocks as it is.
        let shift = shift / 1_000 * 1_000;
        assert_same(&written(0), &written(shift), "another day");
    }

    #[test]
    fn prop_a_stop_that_is_not_in_the_log_changes_its_transaction_only(steps in steps(120), which in any::<prop::sample::Index>()) {
        // Short pauses: a frame that is missing beside a silence would move its begin.
        let steps: Vec<_> = steps.into_iter().map(|(station, what, pause)| (station, what, pause % 250)).collect();
        let lines = day(&steps);
        let stops: Vec<_> = lines.iter().filter(|line| line.action == "StopTransaction").map(|line| line.exchange).collect();
        if !stops.is_empty() {
            let lost = stops[which.index(stops.len())];
            // A sign of life stands in its place, so that only what the stop told is gone.
            let kept = |line: &Line| if line.exchange == lost { line.sign_of_life() } else { line.clone() };
            let without: Vec<_> = lines.iter().map(kept).collect();
            dropped(&lines, &without, lost);
        }
    }

    #[test]
    fn prop_a_log_that_is_read_twice_is_the_log(steps in steps(80)) {
        let lines = day(&steps);
        let window = window(&lines, 0);
        let once = built(vec![source("a.jsonl", text(&lines))], &window);
        let twice = built(vec![source("a.jsonl", text(&lines)), source("b.jsonl", text(&lines))], &window);
        assert_same(&rows(&once), &rows(&twice), "the same log once more");
        let read = read(vec![source("a", text(&lines)), source("b", text(&lines))], &options(), &Progress::default());
        let read = read.expect("bytes can be read");
        let counted: i64 = rows(&read)["accounting"].iter().filter_map(|row| row["duplicates"].as_i64()).sum();
        assert_eq!(counted, lines.len() as i64, "every copy is counted");
    }

    #[test]
    fn prop_a_bad_line_changes_nothing_but_its_own_account(
        steps in steps(60),
        bad in prop::collection::vec((any::<prop::sample::Index>(), 0..BAD.len()), 1..5),
    ) {
        let lines = day(&steps);
        let window = window(&lines, 0);
        let log = text(&lines);
        let mut spoiled: Vec<&str> = log.lines().collect();
        for (place, which) in bad {
            spoiled.insert(place.index(spoiled.len() + 1), BAD[which]);
        }
        let spoiled = spoiled.join("\n");
        let clean = rows(&built(vec![source("a.jsonl", log)], &window));
        assert_same(&clean, &rows(&built(vec![source("a.jsonl", spoiled)], &window)), "a bad line");
    }

    #[test]
    fn prop_a_renamed_charge_point_has_the_same_rows(steps in steps(80), names in Just(["Z", "M", "A", "CP"]).prop_shuffle()) {
        let lines = day(&steps);
        let window = window(&lines, 0);
        let renamed = lines.iter().fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "{}", line.text(names[line.charge_point], 0));
            text
        });
        let before = told(&lines);
        let after = rows(&built(vec![source("a.jsonl", renamed)], &window));
        for (charge_point, new) in names.iter().enumerate() {
            let mut its = of(&after, new);
            for row in its.values_mut().flatten() {
                row.insert("charge_point_id".to_owned(), json!(name(charge_point)));
            }
            assert_same(&of(&before, &name(charge_point)), &its, "another name");
        }
    }

    #[test]
    fn prop_a_table_that_is_asked_for_alone_or_with_some_others_is_the_same_table(
        steps in steps(120),
        others in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        let log = text(&day(&steps));
        let read = |tables: Tables| {
            let options = ReadOptions { tables, threads: Some(1), ..ReadOptions::default() };
            read(vec![source("a.jsonl", log.clone())], &options, &Progress::default()).expect("bytes can be read")
        };
        let whole = read(all_tables());
        let others: Vec<Table> = others.iter().map(|other| Table::ALL[other.index(Table::ALL.len())]).collect();
        for &table in Table::ALL {
            let asked = [table].into_iter().chain(others.iter().copied());
            let tables = Tables::from_names(asked.map(Table::as_str)).expect("every table has its name");
            for (table, batch) in read(tables) {
                // Its row counts the rows of the tables that were asked for.
                if table != Table::ChargePoints {
                    let full = whole.iter().find(|(other, _)| *other == table).map(|(_, full)| full);
                    assert!(Some(&batch) == full, "{} differs, asked for with {others:?}", table.as_str());
                }
            }
        }
    }

    #[test]
    fn prop_a_day_of_everything_keeps_the_equations(steps in steps(120)) {
        equations::hold("day.jsonl", text(&day(&steps)).as_bytes());
        equations::again("day.jsonl", text(&day(&steps)).as_bytes());
    }
}

/// What a stop that is not in the log may change: its transaction, what its neighbours say about the register between
/// them, and what its energy was taken from.
fn dropped(lines: &[Line], without: &[Line], lost: usize) {
    let window = window(lines, 0);
    let log = |lines: &[Line]| rows(&built(vec![source("a.jsonl", text(lines))], &window));
    let (whole, left) = (log(lines), log(without));
    let stop = lines.iter().find(|line| line.exchange == lost).expect("it was there");
    let (before, after) = (&whole["transactions"], &left["transactions"]);
    assert_eq!(before.len(), after.len(), "no transaction comes or goes");
    let mut changed = 0;
    for (before, after) in before.iter().zip(after) {
        assert_eq!(before["transaction_id"], after["transaction_id"], "they stay in order");
        if after["state"] != before["state"] {
            changed += 1;
            assert_eq!(before["state"], json!("completed"));
            assert!(["open", "closed_implicit"].map(|state| json!(state)).contains(&after["state"]), "{after:?}");
            assert_eq!(before["charge_point_id"], json!(name(stop.charge_point)));
            continue;
        }
        let plain = |row: &Map<String, Value>| {
            let mut row = row.clone();
            let gap = |flag: &Value| ["gap_positive", "register_not_continuous"].map(|gap| json!(gap)).contains(flag);
            if let Some(flags) = row.get_mut("flags").and_then(Value::as_array_mut) {
                flags.retain(|flag| !gap(flag));
            }
            row
        };
        assert_eq!(plain(before), plain(after), "another transaction changes");
    }
    assert_eq!(changed, 1, "one transaction changes");
    for table in ["status_intervals", "connectivity_intervals", "firmware_versions", "configuration", "security_events"]
    {
        assert_eq!(whole[table], left[table], "{table} is not touched by a stop");
    }
    for (table, before) in &whole {
        let others = |rows: &Rows| -> Rows {
            let its = json!(name(stop.charge_point));
            rows.iter().filter(|row| row["charge_point_id"] != its).cloned().collect()
        };
        assert_eq!(others(before), others(&left[table]), "{table} of another charge point");
    }
}

/// A day of at least so many messages, always the same one.
fn long_day(messages: usize) -> Vec<Line> {
    let mut chance = ChaCha8Rng::seed_from_u64(20_260_301);
    let mut steps = Vec::new();
    loop {
        let more =
            (0..50).map(|_| (chance.random_range(0..4), chance.random_range(0..KINDS), chance.random_range(0..=255)));
        steps.extend(more);
        let mut lines = day(&steps);
        if lines.len() >= messages {
            lines.truncate(messages);
            return lines;
        }
    }
}

#[test]
fn a_long_day_has_rows_in_every_table() {
    let lines = long_day(1_000);
    let told = told(&lines);
    let empty: Vec<_> = told.iter().filter(|(_, rows)| rows.is_empty()).map(|(table, _)| *table).collect();
    assert!(empty.is_empty(), "no rows in {empty:?}");
    let states: BTreeSet<_> = told["transactions"].iter().map(|row| row["state"].to_string()).collect();
    assert!(states.len() >= 3, "{states:?}");
}

/// A1: two parts read together are the whole, wherever it is cut; so are the messages of two parts that were parsed
/// apart.
#[test]
fn a_log_that_is_cut_anywhere_is_the_same_log() {
    let lines = long_day(1_000);
    let window = window(&lines, 0);
    let texts: Vec<String> = lines.iter().map(|line| line.text(&name(line.charge_point), 0) + "\n").collect();
    let plain = |built: Built| -> Built {
        let kept = |batch: &arrow_array::RecordBatch| {
            let schema = batch.schema();
            let kept: Vec<usize> =
                (0..schema.fields().len()).filter(|&index| !schema.field(index).name().contains("source_")).collect();
            batch.project(&kept).expect("the columns exist")
        };
        built.iter().map(|(table, batch)| (*table, kept(batch))).collect()
    };
    let whole = plain(built(vec![source("a.jsonl", texts.concat())], &window));
    for cut in 0..=texts.len() {
        let parts = || [("a.jsonl", texts[..cut].concat()), ("b.jsonl", texts[cut..].concat())];
        let together = parts().map(|(name, text)| source(name, text));
        let together = plain(built(together.into(), &window));
        assert!(whole == together, "cut before message {cut}");
        if cut % 10 == 0 {
            let apart = parts().map(|(name, text)| {
                parse(vec![source(name, text)], &options(), &Progress::default()).expect("bytes can be read")
            });
            assert!(whole == plain(rebuilt(&apart, &window)), "parsed apart before message {cut}");
        }
    }
}
