//! The equations of the rebuild, R1 to R9: every message is used by a row, is unmatched, or repeats another one.
//!
//! `python/ocpplog/_conserve.py` holds the same on the public tables. Here the payloads are counted as well, by
//! `serde_json`, so that the number of samples and of sequence numbers is known from two sides.

use super::table;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use ocpplog::options::Table;
use ocpplog::pipeline::Built;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A table by rows.
#[derive(Clone, Copy)]
struct Rows<'b>(&'b RecordBatch);

impl<'b> Rows<'b> {
    fn of(built: &'b Built, name: Table) -> Self {
        Self(table(built, name))
    }

    fn each(self) -> impl Iterator<Item = Row<'b>> {
        (0..self.0.num_rows()).map(move |at| Row { batch: self.0, at })
    }
}

#[derive(Clone, Copy)]
struct Row<'b> {
    batch: &'b RecordBatch,
    at: usize,
}

/// File, and byte or line: where a message stands.
type Place<'b> = (Option<&'b str>, Option<i64>);

impl<'b> Row<'b> {
    fn cell(self, name: &str) -> Option<&'b dyn Array> {
        let column = self.batch.column_by_name(name).expect("the column is declared").as_ref();
        column.is_valid(self.at).then_some(column)
    }

    fn text(self, name: &str) -> Option<&'b str> {
        let column = self.cell(name)?;
        let Some(words) = column.as_dictionary_opt::<Int32Type>() else {
            return Some(column.as_string_view().value(self.at));
        };
        Some(words.values().as_string::<i32>().value(words.key(self.at)?))
    }

    fn number(self, name: &str) -> Option<i64> {
        let column = self.cell(name)?;
        let short = column.as_primitive_opt::<Int32Type>().map(|column| i64::from(column.value(self.at)));
        Some(short.unwrap_or_else(|| column.as_primitive::<Int64Type>().value(self.at)))
    }

    fn float(self, name: &str) -> Option<f64> {
        Some(self.cell(name)?.as_primitive::<Float64Type>().value(self.at))
    }

    fn length(self, name: &str) -> i64 {
        self.cell(name).map_or(0, |column| i64::from(column.as_list::<i64>().value(self.at).len() as i32))
    }

    fn has_flag(self, flag: &str) -> bool {
        let Some(flags) = self.cell("flags") else { return false };
        let flags = flags.as_list::<i64>().value(self.at);
        flags.as_string_view().iter().flatten().any(|name| name.split(':').next() == Some(flag))
    }

    fn id(self) -> &'b str {
        self.text("charge_point_id").unwrap_or_default()
    }

    fn place(self) -> Place<'b> {
        (self.text("source_file"), self.number("source_offset"))
    }
}

/// What the messages of one charge point count, and what its rows do.
#[derive(Debug, Default)]
struct Books {
    /// Usable requests by action.
    asked: BTreeMap<String, i64>,
    /// Unmatched messages by kind and detail.
    unmatched: BTreeMap<(String, String), i64>,
    bad: i64,
    /// Usable events that begin a transaction.
    started: i64,
    /// A payload is spelled in a way that `serde_json` reads differently, or not at all.
    unclear: bool,
}

impl Books {
    fn asked(&self, actions: &[&str]) -> i64 {
        actions.iter().filter_map(|action| self.asked.get(*action)).sum()
    }

    fn unmatched(&self, kind: &str, detail: &str) -> i64 {
        let fits = |(key, _): &(&(String, String), &i64)| key.0 == kind && (detail.is_empty() || key.1 == detail);
        self.unmatched.iter().filter(fits).map(|(_, count)| count).sum()
    }
}

/// A usable request that may carry samples.
struct Carrier {
    samples: i64,
    /// Its samples may repeat those that were sent before.
    repeats: bool,
    resent: bool,
}

/// Holds all of them.
pub(crate) fn conserve(built: &Built) {
    let mut books: BTreeMap<&str, Books> = BTreeMap::new();
    let mut carriers: BTreeMap<Place<'_>, Carrier> = BTreeMap::new();
    let mut numbers: BTreeMap<(&str, String), BTreeSet<i64>> = BTreeMap::new();
    let requests = Rows::of(built, Table::Messages).each();
    for row in requests.filter(|row| matches!(row.text("message_type"), Some("CALL" | "SEND"))) {
        let book = books.entry(row.id()).or_default();
        if row.has_flag("bad_payload") {
            book.bad += 1;
            continue;
        }
        let Some(action) = row.text("action") else { continue };
        *book.asked.entry(action.to_owned()).or_default() += 1;
        if !matches!(action, "MeterValues" | "StopTransaction" | "TransactionEvent") {
            continue;
        }
        let payload = read(row);
        book.unclear |= payload.is_none();
        let Some(payload) = payload else { continue };
        let ends = action == "StopTransaction" || payload["eventType"] == "Ended";
        book.started += i64::from(action == "TransactionEvent" && payload["eventType"] == "Started");
        if let Some(samples) = samples(&payload) {
            let resent = row.number("attempt").is_some_and(|attempt| attempt > 1);
            carriers.insert(row.place(), Carrier { samples, repeats: ends, resent });
        }
        if action == "TransactionEvent" {
            let id = payload["transactionInfo"]["transactionId"].as_str().or(payload["transactionData"]["id"].as_str());
            match (id, payload["seqNo"].as_i64()) {
                (Some(id), Some(number)) => {
                    numbers.entry((row.id(), id.to_owned())).or_default().insert(number);
                }
                _ => book.unclear = true,
            }
        }
    }
    for row in Rows::of(built, Table::Unmatched).each() {
        let key = [row.text("kind"), row.text("detail")].map(|text| text.unwrap_or_default().to_owned());
        *books.entry(row.id()).or_default().unmatched.entry(key.into()).or_default() += 1;
    }
    let transactions = by_id(built, Table::Transactions);
    for (id, book) in &books {
        assert_eq!(book.bad, book.unmatched("bad_payload", ""), "{id}: what cannot be used is unmatched");
        let rows = transactions.get(id).map_or(&[][..], Vec::as_slice);
        starts(id, book, rows);
        stops(id, book, rows);
        missing(id, book, rows, &numbers);
        reports(id, book, built);
        updates(id, book, built);
        for (table, action) in [(Table::Authorizations, "Authorize"), (Table::Boots, "BootNotification")] {
            let rows = Rows::of(built, table).each().filter(|row| row.id() == *id).count() as i64;
            assert_eq!(book.asked(&[action]), rows, "{id}: R8: every {action} is a row");
        }
    }
    Rows::of(built, Table::Transactions).each().for_each(ends);
    values(built, &carriers, &transactions);
    places(built);
}

fn by_id(built: &Built, table: Table) -> BTreeMap<&str, Vec<Row<'_>>> {
    let mut rows: BTreeMap<&str, Vec<Row<'_>>> = BTreeMap::new();
    for row in Rows::of(built, table).each() {
        rows.entry(row.id()).or_default().push(row);
    }
    rows
}

/// The payload, if there are no two ways to read it.
fn read(row: Row<'_>) -> Option<Value> {
    let text = row.text("payload")?;
    let unusual = row.has_flag("duplicate_key") || row.has_flag("signed_payload") || text.contains('\\');
    if unusual { None } else { serde_json::from_str(text).ok() }
}

/// How many samples a payload has; none where they are written in one of the older shapes.
fn samples(payload: &Value) -> Option<i64> {
    let list = payload.get("meterValue").or(payload.get("transactionData"));
    let Some(list) = list else { return payload.get("values").is_none().then_some(0) };
    let mut count = 0;
    for value in list.as_array()? {
        let fields = value.as_object()?;
        if fields.keys().any(|key| !["timestamp", "sampledValue"].contains(&key.as_str())) {
            return None;
        }
        let values = fields.get("sampledValue").map_or(Some(&[][..]), |list| list.as_array().map(Vec::as_slice))?;
        count += values.len() as i64;
        if !values.iter().all(Value::is_object) {
            return None;
        }
    }
    Some(count)
}

/// R1: a start begins a row or repeats one; what cannot be used is counted apart.
fn starts(id: &str, book: &Books, rows: &[Row<'_>]) {
    let sent: i64 = rows.iter().filter_map(|row| row.number("start_attempts")).sum();
    let asked = book.asked(&["StartTransaction"]);
    if !book.unclear {
        assert_eq!(asked + book.started, sent, "{id}: R1: every start was an attempt of a row");
    }
    if book.asked(&["TransactionEvent"]) == 0 {
        let begun = rows.iter().filter(|row| row.number("start_attempts") > Some(0)).count() as i64;
        let retries = book.unmatched("retry_of", "the same start once more");
        assert_eq!(asked, begun + retries, "{id}: R1: every start is a row or a retry");
    }
}

/// R2: a stop ends a row, contradicts its stop, or is unmatched.
fn stops(id: &str, book: &Books, rows: &[Row<'_>]) {
    if book.asked(&["TransactionEvent"]) > 0 {
        return;
    }
    let ended = rows.iter().filter(|row| row.number("stop_attempts") > Some(0));
    let conflicting = ended.clone().filter(|row| row.has_flag("conflicting_stop")).count() as i64;
    let unmatched = book.unmatched("retry_of", "the same stop once more")
        + book.unmatched("no_transaction_id", "")
        + book.unmatched("placeholder_stop", "");
    let left = book.asked(&["StopTransaction"]) - ended.count() as i64 - unmatched;
    assert!(left >= conflicting, "{id}: R2: {left} stops are left for {conflicting} contradictions");
    assert!(left == 0 || conflicting > 0, "{id}: R2: {left} stops have no fate");
}

/// R3: one end; R9: no energy out of nothing.
fn ends(row: Row<'_>) {
    let id = row.text("transaction_id");
    let sources: &[&str] = match row.text("state") {
        Some("completed" | "stop_only") => &["stop"],
        Some("closed_implicit") => &["next_start", "status", "status_unavailable", "tx_status"],
        Some("open") => &["log_end"],
        other => panic!("R3: {id:?} is {other:?}"),
    };
    assert!(row.text("end_source").is_some_and(|source| sources.contains(&source)), "R3: {id:?} has another end");
    let stopped = row.number("stop_attempts") > Some(0);
    assert_eq!(stopped, matches!(row.text("state"), Some("completed" | "stop_only")), "R3: {id:?} was stopped");
    let method = row.text("energy_method").expect("a method is always said");
    let energy = row.float("energy_wh");
    assert_eq!(energy.is_none(), method == "none", "R9: {id:?} has energy by {method}");
    if method == "start_stop" {
        let meters = row.float("meter_stop_wh").zip(row.float("meter_start_wh"));
        assert_eq!(energy, meters.map(|(stop, start)| stop - start), "R9: {id:?}");
    } else if ["register", "interval", "power"].contains(&method) {
        assert_eq!(energy, row.float(&format!("energy_wh_{method}")), "R9: {id:?} by {method}");
    }
    assert!(method == "net" || energy.is_none_or(|energy| energy >= 0.0), "R9: {id:?} has {energy:?} Wh");
}

/// R4: every sample of a message that was not sent before is a row; those that came with the end may repeat others.
fn values(built: &Built, carriers: &BTreeMap<Place<'_>, Carrier>, transactions: &BTreeMap<&str, Vec<Row<'_>>>) {
    let mut rows: BTreeMap<Place<'_>, i64> = BTreeMap::new();
    let mut linked: BTreeMap<&str, i64> = BTreeMap::new();
    for row in Rows::of(built, Table::MeterValues).each() {
        *rows.entry(row.place()).or_default() += 1;
        *linked.entry(row.id()).or_default() += i64::from(row.text("link") != Some("none"));
    }
    for (place, carrier) in carriers {
        let found = rows.get(place).copied().unwrap_or_default();
        let told = if carrier.resent { 0 } else { carrier.samples };
        let enough = found == told || carrier.repeats && found < told;
        assert!(enough, "R4: {place:?} has {told} samples and {found} rows");
    }
    for (id, rows) in transactions {
        let told: i64 = rows.iter().filter_map(|row| row.number("meter_value_count")).sum();
        assert_eq!(told, linked.remove(id).unwrap_or_default(), "R4: {id}: transactions count their values");
    }
    assert!(linked.values().all(|&count| count == 0), "R4: values of no transaction: {linked:?}");
}

/// R5: highest number less lowest, plus one, is seen and missing; every event has a row.
fn missing(id: &str, book: &Books, rows: &[Row<'_>], numbers: &BTreeMap<(&str, String), BTreeSet<i64>>) {
    if book.unclear {
        return;
    }
    for ((_, transaction), seen) in numbers.iter().filter(|((other, _), _)| *other == id) {
        let named: Vec<_> = rows.iter().filter(|row| row.text("transaction_id") == Some(transaction)).collect();
        assert!(!named.is_empty(), "R5: {id}: {transaction} has no row");
        let ([only], Some(first), Some(last)) = (named.as_slice(), seen.first(), seen.last()) else { continue };
        let span = i128::from(*last) - i128::from(*first) + 1 - seen.len() as i128;
        let told = only.number("seq_missing_count").map(i128::from);
        assert_eq!(told, Some(span.min(i128::from(i32::MAX))), "R5: {id}: {transaction}");
    }
}

/// R6: a report begins a state or confirms one; of two with one time one may be left out.
fn reports(id: &str, book: &Books, built: &Built) {
    if book.asked(&["NotifyEvent"]) > 0 {
        return;
    }
    let (mut states, mut confirmations) = (0, 0);
    for row in Rows::of(built, Table::StatusIntervals).each().filter(|row| row.id() == id) {
        states += i64::from(matches!(row.text("end_reason"), Some("next_status" | "log_end")));
        confirmations += row.number("confirmations").unwrap_or_default();
    }
    let reports = book.asked(&["StatusNotification"]);
    assert!(states + confirmations <= reports, "R6: {id}: {reports} reports, {states} states, {confirmations} more");
    assert_eq!(states > 0, reports > 0, "R6: {id}: {reports} reports and {states} states");
}

/// R7: a request begins a job or repeats one, and a status is in one job.
fn updates(id: &str, book: &Books, built: &Built) {
    let requests = book.asked(&["UpdateFirmware", "SignedUpdateFirmware", "PublishFirmware"]);
    let notices = book.asked(&[
        "FirmwareStatusNotification",
        "SignedFirmwareStatusNotification",
        "PublishFirmwareStatusNotification",
    ]);
    let (mut jobs, mut statuses) = (0, 0);
    for row in Rows::of(built, Table::FirmwareUpdates).each().filter(|row| row.id() == id) {
        let asked = row.text("source") == Some("csms");
        jobs += i64::from(asked);
        statuses += row.length("statuses");
        assert!(asked || row.length("statuses") > 0, "R7: {id}: a job that nothing tells of");
        assert!(row.text("outcome").is_some() && row.text("outcome_class").is_some(), "R7: {id}: no outcome");
    }
    assert!(jobs <= requests && (jobs > 0 || requests == 0), "R7: {id}: {requests} requests and {jobs} jobs");
    assert!(statuses <= notices, "R7: {id}: {notices} statuses were sent, {statuses} are told");
}

/// R8: what names a place names that of a message, and a message has a place of its own.
fn places(built: &Built) {
    let mut known: BTreeSet<Place<'_>> = BTreeSet::new();
    let mut lines: BTreeSet<Place<'_>> = BTreeSet::new();
    for row in Rows::of(built, Table::Messages).each() {
        assert!(known.insert(row.place()), "R8: two messages at {:?}", row.place());
        lines.insert((row.text("source_file"), row.number("source_line")));
    }
    for (name, batch) in built {
        if [Table::Messages, Table::Rejects, Table::Accounting].contains(name) {
            continue;
        }
        let has = |column: &str| batch.column_by_name(column).is_some();
        for row in Rows(batch).each() {
            let (place, among) = if has("source_offset") {
                (row.place(), &known)
            } else if has("source_line") {
                ((row.text("source_file"), row.number("source_line")), &lines)
            } else if has("first_source_file") {
                ((row.text("first_source_file"), row.number("first_source_line")), &lines)
            } else {
                break;
            };
            assert!(among.contains(&place), "R8: a row of {} names {place:?}", name.as_str());
        }
    }
    for row in Rows::of(built, Table::ChargePoints).each() {
        for (name, batch) in built.iter().filter(|(name, _)| row.batch.column_by_name(name.as_str()).is_some()) {
            if *name != Table::Messages {
                let rows = Rows(batch).each().filter(|other| other.id() == row.id()).count() as i64;
                assert_eq!(row.number(name.as_str()), Some(rows), "R8: {} has other {}", row.id(), name.as_str());
            }
        }
    }
}
