//! The laws of determinism (decision 19): what comes out depends on the bytes that go in, and on nothing else.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use ocpplog::input::Input;
use ocpplog::options::{ReadOptions, Table, Tables};
use ocpplog::pipeline::{Built, Progress, parse, read, rebuild};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;

/// A small fleet's log: sessions of both versions on a few charge points, with retries, cut lines and noise, made from
/// a list of random steps.
fn log(steps: &[(u8, u8, u8)]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut time = 1_772_323_200_i64;
    let mut open: BTreeMap<u8, u32> = BTreeMap::new();
    for (number, &(charge_point, what, pause)) in steps.iter().enumerate() {
        let charge_point = charge_point % 4;
        time += i64::from(pause) + 1;
        let stamp =
            chrono::DateTime::from_timestamp(time, 0).expect("a time of this century").format("%Y-%m-%dT%H:%M:%S.250Z");
        let prefix = |way: &str| {
            format!(
                "{{\"timestamp\":\"{stamp}\",\"charge_point_id\":\"CP{charge_point}\",\"direction\":\"{way}\",\"message\":"
            )
        };
        let mut both = |call: String, answer: String| {
            lines.push(format!("{}{call}}}", prefix("in")));
            lines.push(format!("{}{answer}}}", prefix("out")));
        };
        let id = number % 7;
        match what % 8 {
            0 => both(
                format!(
                    r#"[2,"{id}","BootNotification",{{"chargePointVendor":"V","chargePointModel":"M","firmwareVersion":"1.{number}"}}]"#
                ),
                format!(r#"[3,"{id}",{{"status":"Accepted","currentTime":"{stamp}","interval":300}}]"#),
            ),
            1 | 2 => {
                let status = ["Available", "Preparing", "Charging", "Finishing"][usize::from(pause) % 4];
                both(
                    format!(
                        r#"[2,"{id}","StatusNotification",{{"connectorId":1,"errorCode":"NoError","status":"{status}","timestamp":"{stamp}"}}]"#
                    ),
                    format!(r#"[3,"{id}",{{}}]"#),
                );
            }
            3 => {
                open.insert(charge_point, number as u32);
                both(
                    format!(
                        r#"[2,"{id}","StartTransaction",{{"connectorId":1,"idTag":"T","meterStart":{number},"timestamp":"{stamp}"}}]"#
                    ),
                    format!(r#"[3,"{id}",{{"idTagInfo":{{"status":"Accepted"}},"transactionId":{number}}}]"#),
                );
            }
            4 | 5 => {
                let transaction = open.get(&charge_point).copied().unwrap_or(u32::from(what));
                both(
                    format!(
                        r#"[2,"{id}","MeterValues",{{"connectorId":1,"transactionId":{transaction},"meterValue":[{{"timestamp":"{stamp}","sampledValue":[{{"value":"{number}00"}},{{"value":"{pause}.5","measurand":"Current.Import","unit":"A","phase":"L1"}}]}}]}}]"#
                    ),
                    format!(r#"[3,"{id}",{{}}]"#),
                );
            }
            6 => {
                let transaction = open.remove(&charge_point).unwrap_or(u32::from(pause));
                both(
                    format!(
                        r#"[2,"{id}","StopTransaction",{{"transactionId":{transaction},"meterStop":{number}000,"timestamp":"{stamp}","reason":"Local"}}]"#
                    ),
                    format!(r#"[3,"{id}",{{"idTagInfo":{{"status":"Accepted"}}}}]"#),
                );
            }
            _ => {
                let mut cut = format!("{}[2,\"{id}\",\"Heartbeat\",{{", prefix("in"));
                cut.truncate(cut.len() - usize::from(pause) % 3);
                lines.push(cut);
                lines.push("noise without any message".to_owned());
            }
        }
    }
    lines
}

fn source(name: &str, bytes: impl Into<Vec<u8>>) -> Input {
    Input::Bytes { name: name.to_owned(), data: Arc::from(bytes.into()) }
}

fn options() -> ReadOptions {
    let names = Table::ALL.iter().map(|table| table.as_str());
    ReadOptions {
        tables: Tables::from_names(names).expect("every table has its name"),
        threads: Some(1),
        ..ReadOptions::default()
    }
}

fn built(inputs: Vec<Input>, options: &ReadOptions) -> Built {
    read(inputs, options, &Progress::default()).expect("bytes can be read")
}

/// The bytes of a table as an Arrow IPC stream: equal tables have equal bytes.
fn bytes(batch: &arrow_array::RecordBatch) -> Vec<u8> {
    let mut writer =
        arrow_ipc::writer::StreamWriter::try_new(Vec::new(), &batch.schema()).expect("a schema can be written");
    writer.write(batch).expect("a batch can be written");
    writer.into_inner().expect("memory has no errors")
}

fn assert_same(left: &Built, right: &Built, skip: &[Table], provenance: bool) {
    for ((table, left), (_, right)) in left.iter().zip(right) {
        if skip.contains(table) {
            continue;
        }
        let (left, right) = if provenance {
            (left.clone(), right.clone())
        } else {
            (without_provenance(left), without_provenance(right))
        };
        assert!(bytes(&left) == bytes(&right), "{} differs:\n{left:?}\n{right:?}", table.as_str());
    }
}

/// A table without the columns that name files, lines and bytes.
fn without_provenance(batch: &arrow_array::RecordBatch) -> arrow_array::RecordBatch {
    let schema = batch.schema();
    let kept: Vec<usize> =
        (0..schema.fields().len()).filter(|&index| !schema.field(index).name().contains("source_")).collect();
    batch.project(&kept).expect("the columns exist")
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory has no errors");
    encoder.finish().expect("memory has no errors")
}

fn steps() -> impl Strategy<Value = Vec<(u8, u8, u8)>> {
    prop::collection::vec((0u8..4, 0u8..16, any::<u8>()), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The first law: threads and chunks change nothing at all.
    #[test]
    fn prop_threads_and_chunks_change_nothing(steps in steps(), threads in 1usize..9, chunk in prop::sample::select(vec![1usize, 7, 64, 300, 4096])) {
        let text = log(&steps).join("\n");
        let whole = built(vec![source("fleet.jsonl", text.clone())], &options());
        let other = ReadOptions { threads: Some(threads), chunk_bytes: Some(chunk), ..options() };
        assert_same(&whole, &built(vec![source("fleet.jsonl", text)], &other), &[], true);
    }

    /// The second law: splitting, order, names and compression change provenance only.
    #[test]
    fn prop_splitting_order_and_compression_change_provenance_only(
        steps in steps(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        names in Just(["a.log", "z.log", "m.log", "b.log.gz", "k.log"]).prop_shuffle(),
        pack in any::<[bool; 5]>(),
    ) {
        let mut lines = log(&steps);
        // Records that carry their own time, and no two of one charge point at the same one, have one order.
        lines.retain(|line| line.starts_with('{') && line.ends_with('}'));
        let mut borders: Vec<usize> = cuts.iter().map(|cut| cut.index(lines.len() + 1)).collect();
        borders.extend([0, lines.len()]);
        borders.sort_unstable();
        borders.dedup();
        let mut inputs: Vec<Input> = borders
            .windows(2)
            .enumerate()
            .map(|(place, border)| {
                let mut text = String::new();
                for line in &lines[border[0]..border[1]] {
                    let _ = writeln!(text, "{line}");
                }
                source(names[place], if pack[place] { gzip(&text) } else { text.into_bytes() })
            })
            .collect();
        inputs.reverse();
        let mut one = options();
        one.threads = Some(3);
        let whole = built(vec![source("fleet.jsonl", lines.join("\n"))], &options());
        assert_same(&whole, &built(inputs, &one), &[Table::Accounting, Table::Rejects], false);
    }

    /// `read(x)` is `rebuild(parse(x))`, whatever order the messages come in (decision 20).
    #[test]
    fn prop_read_is_rebuild_of_parse(steps in steps(), turn in any::<prop::sample::Index>(), chunk in prop::sample::select(vec![1usize, 100, 100_000])) {
        let text = log(&steps).join("\n");
        let options = ReadOptions { chunk_bytes: Some(chunk), ..options() };
        let whole = built(vec![source("fleet.jsonl", text.clone())], &options);
        let messages = parse(vec![source("fleet.jsonl", text)], &options, &Progress::default()).expect("bytes can be read");
        let cut = turn.index(messages.num_rows() + 1);
        let batches = [messages.slice(cut, messages.num_rows() - cut), messages.slice(0, cut)];
        let again = rebuild(&batches, &options.tables, None, &options.rules, 2, &Progress::default()).expect("our own messages can be rebuilt");
        assert_same(&whole, &again, &[Table::Rejects, Table::Accounting], true);
    }
}

#[test]
fn an_answer_that_carries_the_time_of_its_call_stays_behind_it_in_one_source() {
    let text = log(&[(0, 3, 5), (0, 6, 9)]).join("\n");
    let tables = built(vec![source("x", text)], &options());
    let transactions = tables.iter().find(|(table, _)| *table == Table::Transactions).expect("it was asked for");
    assert_eq!(transactions.1.num_rows(), 1);
}
