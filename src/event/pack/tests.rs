//! What comes out of a packed chunk is what went in.

use super::*;
use crate::event::Store;
use crate::event::{Header, View};
use crate::flag::{Flag, Flags};
use crate::message;
use crate::position::Position;
use crate::term::Way;
use crate::term::{Direction, DirectionSource, IdSource, Version};
use proptest::prelude::*;
use std::fmt::Write as _;

/// Frames of every kind of fact, and some whose parts lie where they usually do not.
const FRAMES: &[&str] = &[
    r#"[2,"9e3779b1-7f3a-4c1e-9b2d-000000000001","Heartbeat",{}]"#,
    r#"[3,"9e3779b1-7f3a-4c1e-9b2d-000000000001",{"currentTime":"2026-03-01T00:00:00Z"}]"#,
    r#"[3,"9e3779b1-7f3a-4c1e-9b2d-000000000002",{}]"#,
    r#"[2,"1","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Preparing","info":"","timestamp":"2026-03-01T00:00:00.079Z"}]"#,
    r#"[2,"2","StartTransaction",{"connectorId":1,"idTag":"T4G","meterStart":1155865,"timestamp":"2026-03-01T00:00:00"}]"#,
    r#"[3,"2",{"idTagInfo":{"status":"Accepted"},"transactionId":1001}]"#,
    r#"[2,"3","MeterValues",{"connectorId":1,"transactionId":7,"meterValue":[{"timestamp":"2026-03-01T00:00:00Z","sampledValue":[{"value":"12.5","unit":"kWh"},{"value":"1,5"},{"value":"nan","measurand":"Fuel.Level","unit":"furlong"}]},{"timestamp":"x","sampledValue":[{"value":"0.1234567","measurand":"Current.Import","phase":"L1"}]}]}]"#,
    r#"[2,"4","StopTransaction",{"transactionId":7,"meterStop":9,"timestamp":"2026-03-01T01:00:00Z","transactionData":[{"timestamp":"2026-03-01T01:00:00Z","sampledValue":[{"value":"9"},{"value":"QUJD","format":"SignedData"}]}]}]"#,
    r#"[2,"5","TransactionEvent",{"eventType":"Ended","timestamp":"2026-03-01T01:00:00Z","triggerReason":"StopAuthorized","seqNo":3,"offline":true,"transactionInfo":{"transactionId":"a-b","chargingState":"Idle","stoppedReason":"Local"},"evse":{"id":1,"connectorId":2},"idToken":{"idToken":"T","type":"ISO14443"},"costDetails":{"totalCost":{"currency":"EUR","total":{"inclTax":2.5}},"totalUsage":{"energy":10,"chargingTime":1,"idleTime":1}},"meterValue":[{"timestamp":"2026-03-01T01:00:00Z","sampledValue":[{"value":3}]}]}]"#,
    r#"[2,"6","BootNotification",{"chargePointVendor":"V","chargePointModel":"M","firmwareVersion":"1.0","iccid":"8"}]"#,
    r#"[2,"7","Authorize",{"idTag":"T4G"}]"#,
    r#"[2,"8","UpdateFirmware",{"location":"ftp://u:p@h/f","retrieveDate":"2026-03-01T01:00:00Z"}]"#,
    r#"[2,"9","FirmwareStatusNotification",{"status":"Installed"}]"#,
    r#"[2,"10","GetConfiguration",{"key":["A"]}]"#,
    r#"[3,"10",{"configurationKey":[{"key":"HeartbeatInterval","readonly":false,"value":"300"}],"unknownKey":["B"]}]"#,
    r#"[2,"11","ChangeConfiguration",{"key":"MeterValueSampleInterval","value":"60"}]"#,
    r#"[2,"12","SetChargingProfile",{"connectorId":1,"csChargingProfiles":{"chargingProfileId":1,"stackLevel":0,"chargingProfilePurpose":"TxProfile","chargingProfileKind":"Relative","chargingSchedule":{"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":16}]}}}]"#,
    r#"[2,"13","ClearChargingProfile",{"id":1}]"#,
    r#"[2,"14","SecurityEventNotification",{"type":"TamperDetectionActivated","timestamp":"2026-03-01T01:00:00Z","techInfo":"lid"}]"#,
    r#"[2,"15","DataTransfer",{"vendorId":"v","messageId":"m","data":"d"}]"#,
    r#"[2,"16","GetDiagnostics",{"location":"ftp://h/d"}]"#,
    r#"[2,"17","DiagnosticsStatusNotification",{"status":"Uploaded"}]"#,
    r#"[2,"18","NotifyEvent",{"generatedAt":"2026-03-01T01:00:00Z","seqNo":0,"eventData":[{"eventId":1,"timestamp":"2026-03-01T01:00:00Z","trigger":"Alerting","actualValue":"true","component":{"name":"Connector","evse":{"id":1}},"variable":{"name":"Problem"},"eventNotificationType":"HardWiredNotification"}]}]"#,
    r#"[2,"19","RemoteStartTransaction",{"connectorId":1,"idTag":"T4G"}]"#,
    r#"[2,"20","ReserveNow",{"connectorId":1,"expiryDate":"2026-03-01T01:00:00Z","idTag":"T4G","reservationId":9}]"#,
    r#"[2,"21","CostUpdated",{"totalCost":2.5,"transactionId":"a-b"}]"#,
    r#"[2,"22","BatterySwap",{"eventType":"BatteryIn","requestId":1,"idToken":{"idToken":"T","type":"Local"},"batteryData":[{"evseId":1,"serialNumber":"s","soC":1,"soH":1}]}]"#,
    r#"[2,"23","ReservationStatusUpdate",{"reservationId":9,"reservationUpdateStatus":"Expired"}]"#,
    r#"[2,"24","Vendor.Own",{"a":1}]"#,
    r#"[2,"25","MeterValues",{"connectorId":[]}]"#,
    r#"[4,"25","FormationViolation","no\nconnector",{}]"#,
    r#"[3,"26",{"status":"Accepted"}]"#,
];

/// All that a view tells.
fn told(view: View<'_>) -> String {
    let event = view.event;
    let text = |text| view.text(text);
    let samples = |span| {
        let words = |sample: &crate::event::Sample| {
            [sample.measurand, sample.phase, sample.location, sample.context, sample.unit, sample.unit_raw]
                .map(|name| view.names().word(name))
        };
        let each = view.samples(span).iter().map(|sample| {
            (
                sample.time,
                sample.value.map(f64::to_bits),
                text(sample.raw),
                words(sample),
                sample.is_signed,
                sample.marks,
            )
        });
        format!("{:?}", each.collect::<Vec<_>>())
    };
    let settings = |span| {
        let each =
            view.setting_items(span).iter().map(|item| format!("{:?} {:?}", text(item.variable), text(item.value)));
        each.collect::<Vec<_>>()
    };
    let mut out = format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        view.charge_point_id(),
        event.charge_point_source,
        event.log_time,
        event.position,
        event.kind,
        event.direction,
        event.direction_source,
        event.version,
        event.soap,
        event.connection,
        view.action_name(),
        view.id(),
        text(event.payload),
        event.content,
        event.flags,
        event.fact.at(|_| 0),
    );
    if let Some(fact) = view.meter() {
        write!(out, " {:?} {:?} {}", fact.evse, text(fact.transaction_id), samples(fact.samples)).unwrap();
    }
    if let Some(fact) = view.tx_stop() {
        write!(out, " {:?} {:?} {:?} {}", text(fact.transaction_id), fact.meter_stop, fact.time, samples(fact.samples))
            .unwrap();
    }
    if let Some(fact) = view.tx_event() {
        let cost = view.cost(fact).map(|cost| (cost.total, text(cost.currency)));
        write!(
            out,
            " {:?} {:?} {:?} {:?} {:?} {cost:?} {}",
            fact.phase,
            fact.seq_no,
            text(fact.transaction_id),
            text(fact.id_token),
            fact.connector,
            samples(fact.samples)
        )
        .unwrap();
    }
    if let Some(fact) = view.answer() {
        write!(out, " {:?} {:?} {:?}", text(fact.status), text(fact.transaction_id), fact.current_time).unwrap();
        write!(out, " {:?} {:?}", text(fact.auth_status), settings(fact.settings)).unwrap();
    }
    if let Some(fact) = view.settings() {
        write!(out, " {fact:?}").unwrap();
    }
    if let Some(fact) = view.status() {
        write!(out, " {:?} {:?} {:?} {:?}", fact.evse, text(fact.status), text(fact.info), fact.time).unwrap();
    }
    if let Some(fact) = view.boot() {
        write!(out, " {:?} {:?} {:?}", text(fact.vendor), text(fact.iccid), text(fact.reason)).unwrap();
    }
    if let Some(fact) = view.tx_start() {
        write!(out, " {:?} {:?} {:?}", text(fact.id_tag), fact.meter_start, fact.time).unwrap();
    }
    if let Some(fact) = view.security() {
        write!(out, " {:?} {:?}", text(fact.kind), text(fact.tech_info)).unwrap();
    }
    if let Some(fact) = view.refusal() {
        write!(out, " {:?} {:?}", text(fact.code), text(fact.description)).unwrap();
    }
    if let Some(fact) = view.firmware_request() {
        write!(out, " {:?} {:?}", text(fact.location), fact.retrieve).unwrap();
    }
    if let Some(fact) = view.transfer() {
        write!(out, " {:?} {:?}", text(fact.vendor), text(fact.data)).unwrap();
    }
    if let Some(fact) = view.notify() {
        write!(out, " {:?}", view.notices(fact).len()).unwrap();
    }
    if let Some(command) = view.command() {
        write!(out, " {:?} {:?} {:?}", command.evse, text(command.id_tag), command.expiry).unwrap();
    }
    out
}

#[derive(Clone, Debug)]
struct Line {
    frame: usize,
    charge_point: u8,
    log_time: Option<i64>,
    byte: u64,
    keep_payload: bool,
}

fn line() -> impl Strategy<Value = Line> {
    let time = prop::option::weighted(0.9, prop_oneof![0_i64..1_000_000, any::<i64>().prop_map(|time| time / 4)]);
    (0..FRAMES.len(), 0_u8..4, time, any::<u64>(), any::<bool>()).prop_map(
        |(frame, charge_point, log_time, byte, keep_payload)| Line {
            frame,
            charge_point,
            log_time,
            byte,
            keep_payload,
        },
    )
}

fn push(store: &mut Store, line: &Line) {
    let charge_point = format!("CP{}", line.charge_point);
    let known = line.byte.is_multiple_of(3);
    let header = Header {
        charge_point: &charge_point,
        charge_point_source: if known { IdSource::Record } else { IdSource::None },
        log_time: line.log_time,
        position: Position { source: 0, byte: line.byte, line: line.byte / 3 },
        way: if known { Way::Sent } else { Way::Unknown },
        direction: known.then_some(Direction::FromCsms),
        direction_source: if known { DirectionSource::Log } else { DirectionSource::Unknown },
        version: known.then_some(Version::V16),
        soap: false,
        connection: known.then_some(line.byte as i32),
        flags: if known { [Flag::Utf8Replaced].into_iter().collect() } else { Flags::NONE },
        keep_payload: line.keep_payload,
        canonical: false,
    };
    let message = message::read(FRAMES[line.frame]).message.unwrap();
    store.push(&header, &message);
}

/// What the events tell, by charge point.
fn plain(store: &Store) -> Vec<String> {
    let mut lines: Vec<(String, usize)> = (0..store.events.len()).map(|at| (told(store.view(at)), at)).collect();
    lines.sort_by(|left, right| (left.0.split('"').nth(1), left.1).cmp(&(right.0.split('"').nth(1), right.1)));
    lines.into_iter().map(|(line, _)| line).collect()
}

fn unpacked(packed: &Packed, ids: &[Arc<str>]) -> Vec<String> {
    let mut runs = packed.runs().to_vec();
    runs.sort_by_key(|run| &ids[run.charge_point as usize]);
    let mut batch = Batch::default();
    for run in runs {
        batch.begin(&ids[run.charge_point as usize]);
        batch.add(packed, run.place);
    }
    batch.views().map(told).collect()
}

proptest! {
    #[test]
    fn prop_what_is_packed_comes_out_as_it_was(
        first in prop::collection::vec(line(), 0..40), second in prop::collection::vec(line(), 0..40)
    ) {
        let fleet = Fleet::default();
        let (mut store, mut packer) = (Store::default(), Packer::default());
        let mut expected = Vec::new();
        let mut chunks = Vec::new();
        // The second chunk uses what the first one left.
        for lines in [&first, &second] {
            for line in lines {
                push(&mut store, line);
            }
            expected.push(plain(&store));
            chunks.push(packer.pack(&mut store, &fleet));
            prop_assert!(store.events.is_empty() && store.samples.is_empty() && store.text_bytes() == 0);
        }
        let ids = fleet.ids();
        for (packed, expected) in chunks.iter().zip(&expected) {
            prop_assert_eq!(&unpacked(packed, &ids), expected);
            prop_assert_eq!(packed.messages(), expected.len() as u64);
        }
    }
}

#[test]
fn a_chunk_that_is_placed_counts_its_lines_on() {
    let (mut store, fleet) = (Store::default(), Fleet::default());
    push(&mut store, &Line { frame: 0, charge_point: 1, log_time: Some(90_000_000), byte: 6, keep_payload: false });
    let mut packed = Packer::default().pack(&mut store, &fleet);
    packed.place(7, 100);
    let batch = Batch::of(&packed);
    let view = batch.views().next().unwrap();
    assert_eq!(view.position, Position { source: 7, byte: 6, line: 102 });
    assert_eq!((packed.span(), packed.minutes()), (Some((90_000_000, 90_000_000)), &[1_i64][..]));
    assert!(packed.headings().all(|(heading, count)| heading.way == Way::Sent && count == 1));
}
