//! Whole envelopes to tables: what is known of a SOAP exchange, and from where.

use crate::account::Account;
use crate::event::{Fleet, Packer};
use crate::input::Input;
use crate::layout::{Frame, Layout, Stamp};
use crate::options::{ReadOptions, Rules, Table, Tables};
use crate::pipeline::assemble::{Gathered, tables, unpaired};
use crate::pipeline::parse::{Parsed, of_frames};
use crate::pipeline::parts::built;
use crate::pipeline::settle::settle;
use crate::pipeline::{Built, Progress, read, rebuild};
use crate::position::Position;
use crate::term::{Transport, Way};
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_schema::DataType;
use std::path::Path;

/// A log of envelopes, each with the number that the log gives to its exchange.
#[derive(Default)]
struct Log(Vec<(Option<String>, String)>);

impl Log {
    /// An envelope with these header fields; requests and answers of the central system, 1.5.
    fn envelope(self, exchange: Option<&str>, header: &str, body: &str) -> Self {
        let xml = format!(
            r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns="urn://Ocpp/Cs/2012/06/"><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"#
        );
        self.raw(exchange, xml)
    }

    fn raw(mut self, exchange: Option<&str>, xml: String) -> Self {
        self.0.push((exchange.map(str::to_owned), xml));
        self
    }

    fn settled(&self) -> Gathered {
        let frames = self.0.iter().enumerate().map(|(index, (exchange, xml))| Frame {
            text: xml,
            transport: Transport::Soap,
            message_id: exchange.as_deref(),
            way: Way::Unknown,
            stamp: Stamp::Utc(1_773_471_600_000_000 + index as i64 * 1_050_000),
            position: Position { source: 0, byte: index as u64, line: index as u64 + 1 },
            ..Frame::default()
        });
        let mut sources = [vec![of_frames(frames)]];
        settle(0, &mut sources, &Layout::default(), "a.log", "a", &options());
        let [chunks] = sources;
        let fleet = Fleet::default();
        let pack = |mut chunk: Parsed| Packer::default().pack(&mut chunk.store, &fleet);
        let chunks = chunks.into_iter().map(pack).collect();
        Gathered {
            chunks,
            charge_points: fleet.ids(),
            names: vec!["a.log".into()],
            rejects: vec![],
            accounts: vec![Account::default()],
        }
    }

    fn read(&self) -> Built {
        let mut gathered = self.settled();
        gathered.accounts[0].messages = self.0.len() as i64;
        built(tables(gathered, &options(), &Progress::default()).unwrap()).unwrap()
    }
}

fn all() -> Tables {
    Tables::from_names(Table::ALL.iter().map(|table| table.as_str())).unwrap()
}

fn options() -> ReadOptions {
    ReadOptions { tables: all(), threads: Some(1), ..ReadOptions::default() }
}

/// A column as words; null is `-`.
fn column(built: &Built, table: Table, name: &str) -> Vec<String> {
    let batch = &built.iter().find(|(found, _)| *found == table).unwrap().1;
    let array = batch.column_by_name(name).unwrap();
    if let DataType::LargeList(_) = array.data_type() {
        let lists = array.as_list::<i64>();
        return (0..lists.len())
            .map(|row| {
                let words = arrow_cast::cast(&lists.value(row), &DataType::Utf8).unwrap();
                words.as_string::<i32>().iter().flatten().collect::<Vec<_>>().join(" ")
            })
            .collect();
    }
    let numbers = match array.data_type() {
        DataType::Timestamp(..) | DataType::Duration(_) => arrow_cast::cast(array, &DataType::Int64).unwrap(),
        _ => array.clone(),
    };
    let words = arrow_cast::cast(&numbers, &DataType::Utf8).unwrap();
    words.as_string::<i32>().iter().map(|word| word.unwrap_or("-").to_owned()).collect()
}

fn messages(built: &Built, name: &str) -> Vec<String> {
    column(built, Table::Messages, name)
}

const CP1: &str = "<chargeBoxIdentity>CP1</chargeBoxIdentity>";

#[test]
fn an_answer_without_identity_and_id_gets_both_through_its_exchange() {
    let asked = format!("{CP1}<a:MessageID xmlns:a='w'>m1</a:MessageID>");
    let log = Log::default().envelope(Some("x1"), &asked, "<heartbeatRequest/>").envelope(
        Some("x1"),
        "",
        "<heartbeatResponse><currentTime>2026-03-14T07:00:01Z</currentTime></heartbeatResponse>",
    );
    let built = log.read();
    assert_eq!(messages(&built, "charge_point_id"), ["CP1", "CP1"]);
    assert_eq!(messages(&built, "charge_point_id_source"), ["record", "record"]);
    assert_eq!(messages(&built, "message_id"), ["m1", "m1"]);
    assert_eq!(messages(&built, "action"), ["Heartbeat", "Heartbeat"]);
    assert_eq!(messages(&built, "ocpp_version"), ["1.5", "1.5"]);
    assert_eq!(messages(&built, "transport"), ["soap", "soap"]);
    assert_eq!(messages(&built, "direction"), ["from_charge_point", "from_csms"]);
    assert_eq!(messages(&built, "outcome"), ["result", "-"]);
    assert_eq!(messages(&built, "flags"), ["", ""]);
    assert_eq!(messages(&built, "payload"), ["{}", r#"{"currentTime":"2026-03-14T07:00:01Z"}"#]);
}

#[test]
fn an_answer_may_be_logged_first_and_be_tied_by_either_number() {
    let log = Log::default()
        .envelope(Some("x1"), "", "<heartbeatResponse/>")
        .envelope(Some("x1"), CP1, "<heartbeatRequest/>")
        .envelope(None, "<RelatesTo>m2</RelatesTo>", "<authorizeResponse/>")
        .envelope(None, "<chargeBoxIdentity>CP2</chargeBoxIdentity><MessageID>m2</MessageID>", "<authorizeRequest/>");
    let built = log.read();
    assert_eq!(messages(&built, "charge_point_id"), ["CP1", "CP1", "CP2", "CP2"]);
    assert_eq!(messages(&built, "message_id"), ["x1", "x1", "m2", "m2"]);
    assert_eq!(messages(&built, "outcome"), ["-", "result", "-", "result"]);
}

#[test]
fn without_any_id_the_operation_pairs() {
    let log = Log::default()
        .envelope(None, CP1, "<heartbeatRequest/>")
        .envelope(None, CP1, "<authorizeRequest><idTag>T</idTag></authorizeRequest>")
        .envelope(None, "", "<heartbeatResponse/>")
        .envelope(None, CP1, "<heartbeatRequest/>")
        .envelope(None, "", "<authorizeResponse><idTagInfo><status>Accepted</status></idTagInfo></authorizeResponse>");
    let built = log.read();
    assert_eq!(messages(&built, "charge_point_id"), ["CP1"; 5]);
    assert_eq!(messages(&built, "message_id"), ["-"; 5]);
    assert_eq!(messages(&built, "outcome"), ["result", "result", "-", "unknown_log_end", "-"]);
    assert_eq!(messages(&built, "flags"), [""; 5]);
    assert_eq!(messages(&built, "attempt"), ["1", "1", "-", "1", "-"]);
}

#[test]
fn a_fault_refuses_the_request_of_its_exchange() {
    let fault = "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>IdentityMismatch</s:Value></s:Subcode></s:Code>\
                 <s:Reason><s:Text>no</s:Text></s:Reason></s:Fault>";
    let log = Log::default().envelope(Some("x"), CP1, "<heartbeatRequest/>").envelope(Some("x"), "", fault);
    let built = log.read();
    assert_eq!(messages(&built, "message_type"), ["CALL", "CALLERROR"]);
    assert_eq!(messages(&built, "charge_point_id"), ["CP1", "CP1"]);
    assert_eq!(messages(&built, "error_code"), ["-", "IdentityMismatch"]);
    assert_eq!(messages(&built, "outcome"), ["error", "-"]);
}

const STORY: [(&str, &str); 4] = [
    (
        "<startTransactionRequest><connectorId>2</connectorId><idTag>T</idTag><timestamp>2026-03-14T07:00:00Z</timestamp>\
         <meterStart>1000</meterStart></startTransactionRequest>",
        "<startTransactionResponse><transactionId>7</transactionId><idTagInfo><status>Accepted</status></idTagInfo>\
         </startTransactionResponse>",
    ),
    (
        "<meterValuesRequest><connectorId>2</connectorId><transactionId>7</transactionId><values>\
         <timestamp>2026-03-14T07:00:02Z</timestamp><value unit='kWh' measurand='Energy.Active.Import.Register'>1.25</value>\
         <value measurand='Voltage' unit='Volt'>230</value></values></meterValuesRequest>",
        "<meterValuesResponse/>",
    ),
    (
        "<statusNotificationRequest><connectorId>2</connectorId><status>Occupied</status><errorCode>NoError</errorCode>\
         <timestamp>2026-03-14T07:00:03Z</timestamp></statusNotificationRequest>",
        "<statusNotificationResponse/>",
    ),
    (
        "<stopTransactionRequest><transactionId>7</transactionId><timestamp>2026-03-14T07:00:06Z</timestamp>\
         <meterStop>1500</meterStop><transactionData><values><timestamp>2026-03-14T07:00:05Z</timestamp>\
         <value context='Transaction.End'>1500</value></values></transactionData></stopTransactionRequest>",
        "<stopTransactionResponse/>",
    ),
];

fn story() -> Log {
    STORY.iter().enumerate().fold(Log::default(), |log, (number, (request, answer))| {
        let exchange = number.to_string();
        log.envelope(Some(&exchange), CP1, request).envelope(Some(&exchange), "", answer)
    })
}

#[test]
fn a_charge_over_1_5_gives_the_rows_of_one_over_1_6() {
    let built = story().read();
    let transactions = |name| column(&built, Table::Transactions, name);
    assert_eq!(transactions("transaction_id"), ["7"]);
    assert_eq!(transactions("energy_wh"), ["500.0"]);
    assert_eq!(transactions("ocpp_version"), ["1.5"]);
    assert_eq!(transactions("state"), ["completed"]);
    let samples = |name| column(&built, Table::MeterValues, name);
    assert_eq!(samples("value"), ["1250.0", "230.0", "1500.0"]);
    assert_eq!(samples("unit"), ["Wh", "V", "Wh"]);
    assert_eq!(samples("context")[2], "Transaction.End");
    assert_eq!(samples("time")[1..], ["1773471602000000", "1773471605000000"]);
    let statuses = |name| column(&built, Table::StatusIntervals, name);
    assert_eq!((statuses("status"), statuses("status_class")), (vec!["Occupied".into()], vec!["charging".into()]));
    assert!(column(&built, Table::Unmatched, "kind").is_empty());
}

#[test]
fn rebuilding_from_the_messages_gives_the_same_rows() {
    let mut nameless = Log::default();
    for (request, answer) in STORY {
        nameless = nameless.envelope(None, CP1, request).envelope(None, "", answer);
    }
    for log in [story(), nameless] {
        let built = log.read();
        let map = unpaired(&mut log.settled(), &options(), &Progress::default()).unwrap();
        let again = rebuild(&map, &all(), None, &Rules::default(), 1, &Progress::default()).unwrap();
        for table in [Table::Messages, Table::Transactions, Table::MeterValues, Table::StatusIntervals] {
            let rows = |built: &Built| built.iter().find(|(found, _)| *found == table).unwrap().1.clone();
            let (one, two) = (rows(&built), rows(&again));
            for field in one.schema().fields() {
                let name = field.name().as_str();
                if !matches!(field.data_type(), DataType::Struct(_)) {
                    assert_eq!(column(&built, table, name), column(&again, table, name), "{table:?}.{name}");
                }
            }
            assert_eq!(one.num_rows(), two.num_rows());
        }
    }
}

/// What a sample log gives; none where the samples are not there.
fn sample(path: &str) -> Option<Built> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.join("shared/samples").join(path);
    path.is_file().then(|| read(vec![Input::Path(path)], &options(), &Progress::default()).unwrap())
}

#[test]
fn the_sample_logs_tell_their_story() {
    for (path, version, statuses) in [
        ("layouts/steve_soap_1.2.log", "1.2", &["Available", "Occupied", "Available"][..]),
        ("layouts/steve_soap_1.6.log", "1.6", &["Available", "Preparing", "Charging", "Finishing", "Available"]),
    ] {
        let Some(built) = sample(path) else { return };
        assert_eq!(column(&built, Table::Accounting, "layout"), ["steve_soap"]);
        assert_eq!(column(&built, Table::Accounting, "message_lines"), ["96"]);
        assert_eq!(column(&built, Table::Accounting, "rejects"), ["0"]);
        assert_eq!(messages(&built, "charge_point_id"), ["CP001"; 32]);
        assert_eq!(messages(&built, "ocpp_version"), [version; 32]);
        assert_eq!(messages(&built, "outcome").iter().filter(|outcome| *outcome == "result").count(), 16);
        assert_eq!(messages(&built, "flags"), [""; 32]);
        assert_eq!(column(&built, Table::Transactions, "transaction_id"), ["5001"]);
        assert_eq!(column(&built, Table::Transactions, "energy_wh"), ["1400.0"]);
        let connectors = column(&built, Table::StatusIntervals, "connector_id");
        let found = column(&built, Table::StatusIntervals, "status");
        let found: Vec<_> =
            connectors.iter().zip(found).filter(|(id, _)| *id == "1").map(|(_, status)| status).collect();
        assert_eq!(found, statuses);
        assert_eq!(column(&built, Table::FirmwareUpdates, "last_status"), ["Installed"]);
        assert_eq!(column(&built, Table::MeterValues, "value")[0], "121100.0");
    }
    let built = sample("real/057_soap12_ocpp12_envelopes.xml").unwrap();
    assert_eq!(column(&built, Table::Accounting, "rejected_lines"), ["0"]);
    assert_eq!(messages(&built, "message_type"), ["CALL"; 18]);
    assert!(!messages(&built, "flags").iter().any(|flags| flags.contains("action_unknown")));
}
