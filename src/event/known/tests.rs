//! The short way held against the long one: messages of a few forms, their values as charge points write them and as they
//! do not.

use super::super::Store;
use super::super::TxEvent;
use super::super::read::Header;
use crate::message;
use crate::term::Version;
use proptest::prelude::*;
use std::fmt::Write;

const FRAMES: &[&str] = &[
    r##"[2,"#i","Heartbeat",{}]"##,
    r##"[3,"#i",{}]"##,
    r##"[3, "#i", {"currentTime": "#d"}]"##,
    r##"[3,"#i",{"currentTime":"#d","interval":#n,"status":"#t"}]"##,
    r##"[3,"#i",{"interval":#n,"heartbeatInterval":#n}]"##,
    r##"[3,"#i",{"idTagInfo":{"status":"#t","expiryDate":"#d","parentIdTag":"#t"},"transactionId":#n}]"##,
    r##"[3,"#i",{"idTokenInfo":{"status":"#t"},"idTagInfo":{"status":"#t"}}]"##,
    r##"[3,"#i",{"status":"#t","data":"#t"}]"##,
    r##"[2,"#i","StatusNotification",{"connectorId":#n,"errorCode":"#t","status":"#t","timestamp":"#d"}]"##,
    r##"[2,"#i","StatusNotification",{"connectorId":#n,"errorCode":"NoError","info":"#t","status":"#t","vendorId":"#t"}]"##,
    r##"[2,"#i","StatusNotification",{"timestamp":"#d","connectorStatus":"#t","evseId":#n,"connectorId":#n}]"##,
    r##"[2,"#i","StatusNotification",{"status":"#t","status":"#t","connectorId":#n}]"##,
    r##"[2,"#i","Authorize",{"idTag":"#t"}]"##,
    r##"[2, "#i", "Authorize", {"idToken": {"idToken": "#t", "type": "#t"}}]"##,
    r##"[2,"#i","StartTransaction",{"connectorId":#n,"idTag":"#t","meterStart":#n,"timestamp":"#d","reservationId":#n}]"##,
    r##"[2,"#i","StopTransaction",{"transactionId":#n,"idTag":"#t","meterStop":#n,"timestamp":"#d","reason":"#t"}]"##,
    r##"[2,"#i","StopTransaction",{"transactionId":#n,"meterStop":#n,"timestamp":"#d","transactionData":[{"timestamp":"#d","sampledValue":[{"value":"#v","unit":"kWh"}]},{"timestamp":"#d","sampledValue":[{"value":"#v","unit":"kWh"},{"value":"#v","measurand":"SoC"}]}]}]"##,
    r##"[2,"#i","MeterValues",{"connectorId":#n,"transactionId":#n,"meterValue":[{"timestamp":"#d","sampledValue":[{"value":"#v","unit":"Wh"},{"value":#n,"measurand":"Power.Active.Import","unit":"kW"}]}]}]"##,
    r##"[2,"#i","MeterValues",{"connectorId":#n,"meterValue":[{"sampledValue":[{"value":"#v"}],"timestamp":"#d"}]}]"##,
    r##"[2,"#i","MeterValues",{"connectorId":#n,"values":[{"timestamp":"#d","value":"#v"}],"meterValue":[]}]"##,
    r##"[2,"#i","MeterValues",{"evseId":#n,"meterValue":[{"timestamp":"#d","sampledValue":[{"value":#n,"unitOfMeasure":{"unit":"#t","multiplier":1}}]}]}]"##,
    r##"[2,"#i","TransactionEvent",{"eventType":"Updated","timestamp":"#d","triggerReason":"#t","seqNo":#n,"offline":true,"transactionInfo":{"transactionId":"#t","chargingState":"#t","remoteStartId":#n,"timeSpentCharging":#n},"evse":{"id":#n,"connectorId":#n},"meterValue":[{"timestamp":"#d","sampledValue":[{"value":#n,"context":"Sample.Periodic"}]}]}]"##,
    r##"[2,"#i","TransactionEvent",{"eventType":"Ended","timestamp":"#d","triggerReason":"#t","seqNo":#n,"transactionData":{"id":"#t"},"transactionInfo":{"transactionId":"#t","stoppedReason":"#t"},"idToken":{"idToken":"#t","type":"#t"}}]"##,
    r##"[2,"#i","TransactionEvent",{"eventType":"#t","timestamp":"#d","seqNo":#n,"transactionInfo":{"transactionId":"#t"},"costDetails":{"totalCost":{"currency":"#t"}}}]"##,
    r##"[2,"#i","BootNotification",{"chargePointVendor":"#t","chargePointModel":"#t"}]"##,
    r##"[2,"#i","Unheard",{"a":"#t"}]"##,
];

fn pick(list: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(list).prop_map(str::to_owned)
}

/// A value for each mark of a frame.
fn value(mark: char) -> BoxedStrategy<String> {
    match mark {
        'i' => prop_oneof![3 => "[0-9a-f]{1,12}", 1 => pick(&["", "é", "a\\\"b", "a b", "9f\u{7}", "0123456789012345678901234567890123456"])].boxed(),
        't' => prop_oneof![
            3 => "[A-Za-z]{1,20}",
            1 => pick(&["", "été", "a\\\"b", "\\ud800", "evseId", "idToken", "connectorStatus", "Wh", "Started", "1\",\"x\":\"2"]),
        ]
        .boxed(),
        'n' => prop_oneof![
            3 => "(0|[1-9][0-9]{0,9})",
            1 => "-?[0-9]{1,18}(\\.[0-9]{1,4})?",
            1 => pick(&["null", "true", "\"7\"", "1e3", "01", "7.0", "-0", "123456789012.500", "2147483648", "{}", "[]"]),
        ]
        .boxed(),
        'd' => prop_oneof![
            3 => "2026-03-0[12]T0[0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{3})?Z",
            1 => pick(&["", "2026-03-01 00:00:00", "2026-03-01T00:00:00+01:00", "2026-02-30T00:00:00Z", "0000-01-01T00:00:00Z", "2026-03-01T00:00:00\\u005a"]),
        ]
        .boxed(),
        _ => prop_oneof![3 => "-?[0-9]{1,7}(\\.[0-9]{1,3})?", 1 => pick(&["1,5", "", "1e3", "NaN", "12345678901234567", "\\u0031"])].boxed(),
    }
}

/// A frame with values in place of its marks.
fn filled(frame: &'static str) -> impl Strategy<Value = String> {
    let mut pieces = frame.split('#');
    let first = pieces.next().unwrap_or_default();
    let rest: Vec<_> = pieces.map(|piece| (value(piece.chars().next().unwrap_or('t')), Just(&piece[1..]))).collect();
    rest.prop_map(move |rest| rest.into_iter().fold(first.to_owned(), |text, (value, piece)| text + &value + piece))
}

/// Messages of two forms, some of them spoiled.
fn frames() -> impl Strategy<Value = Vec<(String, usize, String)>> {
    let spoiled = (0usize..600, "(|||||||[\\]}{,\"x 0]{1,2})");
    (prop::sample::select(FRAMES), prop::sample::select(FRAMES)).prop_flat_map(move |(one, other)| {
        prop::collection::vec((prop_oneof![filled(one), filled(other)], spoiled.clone()), 1..12)
            .prop_map(|frames| frames.into_iter().map(|(frame, (at, junk))| (frame, at, junk)).collect())
    })
}

/// What a store holds, its texts in place of where they lie.
fn told(store: &Store) -> Vec<String> {
    (0..store.events.len())
        .map(|index| {
            let view = store.view(index);
            let event = *view.event;
            let facts = format!(
                "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
                view.status(),
                view.authorize(),
                view.tx_start(),
                view.tx_stop(),
                view.meter(),
                // Where its cost stands is told by what came before, a broken frame as well.
                view.tx_event().map(|event| (TxEvent { cost: None, ..*event }, view.cost(event))),
                view.answer(),
                view.boot(),
            );
            let mut out = format!(
                "{} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} ",
                view.charge_point_id(),
                (event.kind, event.action_text.is_some(), view.action_name()),
                (event.log_time, event.position, event.connection, event.soap, event.command),
                (event.direction, event.direction_source, event.charge_point_source),
                event.version,
                event.content,
                event.flags,
                view.id(),
                view.text(event.payload),
            );
            let mut rest = facts.as_str();
            while let Some((before, behind)) = rest.split_once("Text { start: ") {
                out.push_str(before);
                let (place, behind) = behind.split_once(" }").unwrap();
                let (start, length) = place.split_once(", length: ").unwrap();
                let text = (length != u32::MAX.to_string())
                    .then(|| super::super::Text::at(start.parse().unwrap(), length.parse().unwrap()));
                let _ = write!(out, "{:?}", text.and_then(|text| store.text(text)));
                rest = behind;
            }
            out + rest
        })
        .chain(store.samples.iter().map(|sample| {
            let word = |name| store.names.word(name);
            let words = [sample.measurand, sample.phase, sample.location, sample.context, sample.unit, sample.unit_raw];
            let value = sample.value.map(f64::to_bits);
            format!(
                "{:?}",
                (sample.time, value, store.text(sample.raw), words.map(word), sample.is_signed, sample.marks)
            )
        }))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn prop_frames_of_known_forms_are_read_as_unknown_ones(
        frames in frames(),
        version in prop::sample::select(vec![None, Some(Version::V16), Some(Version::V201)]),
        (keep_payload, canonical) in any::<(bool, bool)>(),
    ) {
        let header = Header { charge_point: "CP1", version, keep_payload, canonical, ..Header::default() };
        let (mut short, mut long) = (Store::default(), Store::default());
        for (frame, cut, junk) in frames {
            let mut text = frame;
            if text.is_char_boundary(cut) && cut < text.len() {
                text.insert_str(cut, &junk);
            }
            let before = told(&short).len();
            let line = format!("{text}}}\r\n[2,");
            let taken = match short.push_line(&header, &line, b"}") {
                Some(length) => {
                    prop_assert_eq!(length, text.len(), "{}", text);
                    true
                }
                None => short.push_whole(&header, &text),
            };
            if taken {
                let reading = message::read(&text);
                prop_assert_eq!(reading.consumed, text.len(), "{}", text);
                long.push(&header, &reading.message.unwrap());
                prop_assert_eq!(told(&short), told(&long), "{}", text);
            } else {
                prop_assert_eq!(told(&short).len(), before, "{}", text);
            }
        }
    }
}

#[test]
fn a_second_message_of_a_form_is_read_by_it() {
    let mut store = Store::default();
    let header = Header::default();
    for frame in [
        r##"[2,"#","Heartbeat",{}]"##,
        r##"[3,"#",{"currentTime":"2026-03-01T00:00:0#Z"}]"##,
        r##"[2,"#","StatusNotification",{"connectorId":#,"errorCode":"NoError","status":"A#"}]"##,
        r##"[2,"#","StartTransaction",{"connectorId":1,"idTag":"T#","meterStart":#,"timestamp":"2026-03-01T00:00:0#Z"}]"##,
        r##"[2,"#","MeterValues",{"connectorId":#,"meterValue":[{"timestamp":"2026-03-01T00:00:0#Z","sampledValue":[{"value":"#.5"}]}]}]"##,
        r##"[2,"#","TransactionEvent",{"eventType":"Updated","timestamp":"2026-03-01T00:00:0#Z","seqNo":#,"transactionInfo":{"transactionId":"#"}}]"##,
    ] {
        let text = |number: &str| frame.replace('#', number);
        assert!(store.push_line(&header, &text("1"), b"").is_none(), "{frame}");
        assert!(store.push_whole(&header, &text("2")), "{frame}");
        let line = text("3") + "\n";
        assert_eq!(store.push_line(&header, &line, b""), Some(line.len() - 1), "{frame}");
        for wrong in [
            text("3") + " \n",
            text("3") + "x",
            text("3") + "\r",
            text("3").replace(']', ")"),
            text("3").replace('}', ""),
        ] {
            assert!(store.push_line(&header, &wrong, b"").is_none(), "{wrong}");
        }
    }
    assert_eq!(store.events.len(), 12);
}
