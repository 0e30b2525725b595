use super::*;
use crate::json::{FaultKind, Scanner};
use crate::reject::{Reason, Reject};
use crate::term::{Direction, IdSource, Transport, Version, Way};
use proptest::prelude::*;
use std::fmt::Write as _;

/// Writes down every call.
#[derive(Default)]
struct Diary {
    calls: Vec<String>,
    frames: Vec<Note>,
    rejects: Vec<Reason>,
}

/// A frame as it was handed over.
#[derive(Clone, Debug, PartialEq)]
struct Note {
    text: String,
    charge_point: Option<String>,
    source: IdSource,
    way: Way,
    stamp: Stamp,
    version: Option<Version>,
    line: u64,
    utf8_replaced: bool,
}

impl Sink for Diary {
    fn frame(&mut self, frame: &Frame<'_>) -> Taken {
        let mut scanner = Scanner::new(frame.text);
        let soap = frame.transport == Transport::Soap;
        let whole = if soap { Ok(()) } else { scanner.skip() };
        let consumed = if soap { frame.text.len() } else { scanner.offset().max(1) };
        self.calls.push(format!(
            "{:?} {whole:?} {:?} {:?}",
            &frame.text[..consumed.min(frame.text.len())],
            frame.charge_point,
            frame.position
        ));
        if let Err(fault) = whole {
            if frame.may_go_on && fault.kind == FaultKind::Truncated {
                return Taken { consumed, message: false, cut: true };
            }
            return Taken { consumed: fault.at.max(1), message: false, cut: false };
        }
        self.frames.push(Note {
            text: frame.text[..consumed].to_owned(),
            charge_point: frame.charge_point.map(str::to_owned),
            source: frame.charge_point_source,
            way: frame.way,
            stamp: frame.stamp,
            version: frame.version,
            line: frame.position.line,
            utf8_replaced: frame.utf8_replaced,
        });
        Taken { consumed, message: true, cut: false }
    }

    fn context(&mut self, context: &Context<'_>) {
        self.calls.push(format!("{context:?}"));
    }

    fn connection(&mut self, connection: &Connection<'_>) {
        self.calls.push(format!("{connection:?}"));
    }

    fn reject(&mut self, reject: Reject) {
        self.rejects.push(reject.reason);
        self.calls.push(format!("{reject:?}"));
    }
}

fn start() -> Position {
    Position { source: 0, byte: 0, line: 1 }
}

fn read_as(layout: &Layout, text: &[u8]) -> (Diary, Tally) {
    let mut diary = Diary::default();
    let tally = layout.read(text, start(), &mut diary);
    (diary, tally)
}

fn read(text: &str) -> (Diary, Tally) {
    read_as(&detect(text.as_bytes(), "test").layout, text.as_bytes())
}

/// The only frame of a text.
fn one(text: &str) -> Note {
    let (diary, _) = read(text);
    assert_eq!(diary.frames.len(), 1, "{text}: {:?}", diary.calls);
    diary.frames[0].clone()
}

fn utc(text: &str) -> Stamp {
    Stamp::Utc(crate::time::payload_time(text).micros.unwrap())
}

#[test]
fn the_example_of_every_profile_is_read_and_recognised() {
    for profile in PROFILES {
        let name = profile.name;
        let detected = detect(profile.example.as_bytes(), "example");
        // One record of a pair holds a request and its answer.
        let frames = if name == "pairs" { 2 } else { 1 };
        assert_eq!(detected.messages, frames, "{name}: {:?}", detected.evidence);
        // A container's log is named after what is inside.
        let expected = if matches!(name, "docker_json" | "journald") { "mobilityhouse" } else { name };
        assert_eq!(detected.layout.name(), expected);
        assert_eq!(Layout::named(name).unwrap().side(), profile.side);
        let (diary, _) = read(profile.example);
        assert_eq!(diary.frames.len(), frames, "{name}: {:?}", diary.calls);
        let note = diary.frames[0].clone();
        let kind = note.text[1..].trim_start().as_bytes()[0];
        assert!(matches!(kind, b'2'..=b'4') || note.text.starts_with('<'), "{name}: {}", note.text);
        if note.charge_point.is_some() {
            assert!(matches!(note.charge_point.as_deref(), Some("CP7" | "Garage")), "{name}: {:?}", note.charge_point);
            assert_ne!(note.source, IdSource::None, "{name}");
        }
        if let Way::Known(direction) = note.way {
            let expected = if matches!(kind, b'2' | b's') { Direction::FromChargePoint } else { Direction::FromCsms };
            assert_eq!(direction, expected, "{name}");
        }
        let timed = profile.example.contains("10:00:00") || profile.example.contains("17776296");
        assert_eq!(note.stamp != Stamp::None, timed, "{name}: {:?}", note.stamp);
    }
}

#[test]
fn an_unknown_name_is_an_error_that_lists_the_names() {
    let problem = Layout::named("stvee").unwrap_err().to_string();
    assert!(problem.contains("steve") && problem.contains("json_lines"), "{problem}");
}

#[test]
fn the_keys_of_an_envelope_are_known_by_many_names() {
    let expected = utc("2026-05-01T10:00:00Z");
    for text in [
        r#"{"ts":1777629600,"charge_point_id":"CP7","direction":"in","message":[3,"1",{}]}"#,
        r#"{"chargePointId":"CP7","dir":"RX","time":1777629600000,"body":"[3,\"1\",{}]"}"#,
        r#"{"@timestamp":"2026-05-01T12:00:00+02:00","stationId":"CP7","origin":"cs","payload":"[3,\"1\",{}]"}"#,
        r#"{"key":"CP7","timestamp":1,"value":{"received_at":"2026-05-01T10:00:00Z","direction":"CP_TO_CSMS","data":[3,"1",{}]}}"#,
        r#"{"time":"1777629600000000000","identity":"CP7","type":"received","raw":"[3,\"1\",{}]","parsed":[3,"1",{}]}"#,
        r#"{"message":[3,"1",{}],"info":{"timestamp":"2026-05-01T10:00:00Z","stationId":"CP7","origin":"cs"}}"#,
        r#"{"metadata":{"stationId":"CP7"},"events":[{"timestamp":1777629600,"direction":"CS_TO_CSMS","message":[3,"1",{}]}]}"#,
        r#"2026-05-01T10:00:00Z stdout F {"cpId":"CP7","direction":"inbound","frame":[3,"1",{}]}"#,
        r#"{"log":"{\"cpId\":\"CP7\",\"direction\":\"inbound\",\"frame\":[3,\"1\",{}]}\n","time":"2026-05-01T10:00:00Z"}"#,
    ] {
        let note = one(text);
        assert_eq!(note.text, r#"[3,"1",{}]"#, "{text}");
        assert_eq!((note.charge_point.as_deref(), note.source), (Some("CP7"), IdSource::Envelope), "{text}");
        assert_eq!((note.way, note.stamp), (Way::Known(Direction::FromChargePoint), expected), "{text}");
    }
}

#[test]
fn the_inner_record_wins_over_its_wrapper() {
    let text = r#"{"log":"2026-05-01 10:00:00,250 - ocpp - INFO - CP 7: send [3,\"1\",{\"a\":\"\\\"é\"}]\n","stream":"x","time":"2026-05-01T11:11:11Z"}"#;
    let note = one(text);
    assert_eq!(note.charge_point.as_deref(), Some("CP 7"));
    assert_eq!(note.text, r#"[3,"1",{"a":"\"é"}]"#);
    assert!(matches!(note.stamp, Stamp::Local(_)));
    let without = one(r#"{"log":"CP7: send [3,\"1\",{}]\n","time":"2026-05-01T11:11:11Z"}"#);
    assert_eq!(without.stamp, utc("2026-05-01T11:11:11Z"));
}

#[test]
fn wrappers_are_peeled_three_deep_and_no_deeper() {
    let wrap = |text: &str| {
        let mut out = String::from("{\"log\":");
        crate::json::write_string(&mut out, text);
        out.push('}');
        out
    };
    let third = wrap(&wrap(&wrap("[3,\"1\",{}]")));
    assert_eq!(one(&third).text, "[3,\"1\",{}]");
    let (diary, tally) = read(&wrap(&third));
    assert_eq!((diary.frames.len(), diary.rejects.as_slice(), tally.rejected), (0, &[Reason::WrapperDepth][..], 1));
}

#[test]
fn a_trace_in_parts_is_put_together() {
    let head = r#"{"schemaVersion":"1.1","timestamp":"2026-05-01T10:00:00Z","ocppVersion":"1.6","chargePointId":"CP7","direction":"csms-to-cp","#;
    for (parts, frame) in [
        (
            r#""messageType":"CALL","messageId":"7","action":"Reset","payload":{"type":"Soft"}}"#,
            r#"[2,"7","Reset",{"type":"Soft"}]"#,
        ),
        (r#""messageType":"CALLRESULT","messageId":"7","payload":{}}"#, r#"[3,"7",{}]"#),
        (
            r#""messageType":"CALLERROR","messageId":"7","error":{"code":"NotSupported","description":"no"}}"#,
            r#"[4,"7","NotSupported","no",{}]"#,
        ),
        (
            r#""messageType":"CALL","messageId":"7","action":"Other","payload":{},"raw":"[3,\"8\",{}]"}"#,
            r#"[3,"8",{}]"#,
        ),
        (
            r#""messageType":"CALL","messageId":"7","action":"DataTransfer","payload":{"data":"[2,\"x\",\"Reset\",{}]"}}"#,
            r#"[2,"7","DataTransfer",{"data":"[2,\"x\",\"Reset\",{}]"}]"#,
        ),
    ] {
        let note = one(&format!("{head}{parts}"));
        assert_eq!((note.text.as_str(), note.version), (frame, Some(Version::V16)));
    }
}

#[test]
fn an_odd_type_or_id_counts_only_where_all_else_is_a_frame() {
    assert_eq!(one(r#"{"message":["2","7","Heartbeat",{}]}"#).text, r#"["2","7","Heartbeat",{}]"#);
    assert_eq!(one(r#"[2.0,"7","Heartbeat",{}]"#).text, r#"[2.0,"7","Heartbeat",{}]"#);
    for text in [
        r#"CP7: send ["2","7","Heartbeat",{}]"#,
        r#"2026-05-01 10:00:00 CP7 << [2.0, "7", "Heartbeat", {}]"#,
        r#"CP7: send ["3","7",{}]"#,
        r#"CP7: send [2,null,"Heartbeat",{}]"#,
        r#"CP7: send [-2,"7","Heartbeat",{}]"#,
    ] {
        let (diary, tally) = read(text);
        assert_eq!((diary.frames.len() + diary.rejects.len(), tally.other), (1, 0), "{text}");
    }
    for text in [r#"a list ["2","7","Heartbeat"]"#, "a list [2,null,1]", r#"a list ["2","7",["a"]]"#, "x [1,true,{}]"] {
        let (diary, tally) = read(text);
        assert_eq!((diary.frames.len(), tally.other), (0, 1), "{text}");
    }
}

#[test]
fn several_frames_on_a_line_are_all_found() {
    let (diary, tally) = read("[[2,\"1\",\"Heartbeat\",{}], [3,\"1\",{}]]\n");
    assert_eq!((diary.frames.len(), tally.message), (2, 1));
    let (diary, _) = read("[MO] Send: [2,\"1\",\"Heartbeat\",{}]11:52:55.587 > [MO] Recv: [3,\"1\",{}]\n");
    let ways: Vec<_> = diary.frames.iter().map(|note| note.way).collect();
    assert_eq!(ways, [Way::Known(Direction::FromChargePoint), Way::Known(Direction::FromCsms)]);
    let (diary, _) = read("2026-05-01 10:00:00 CP7 << [2,\"1\",\"Heartbeat\",{}][3,\"1\",{}]\n");
    assert_eq!(diary.frames[1].charge_point.as_deref(), Some("CP7"));
    assert_eq!(diary.frames[1].way, Way::Unknown, "only the first frame's way was told");
}

#[test]
fn a_whole_frame_behind_a_broken_one_is_found() {
    let (diary, tally) = read("CP7: send [3,\"1\",{\"a\":CP7: send [3,\"2\",{}]\n");
    assert_eq!(diary.frames.len(), 1);
    assert_eq!(diary.frames[0].text, "[3,\"2\",{}]");
    assert_eq!((tally.message, tally.rejected), (1, 0));
}

#[test]
fn what_is_inside_a_frame_is_no_frame() {
    let (diary, _) =
        read(r#"CP7: send [2,"1","DataTransfer",{"data":"[2,\"9\",\"Reset\",{}]","x":[2,"8","Reset",{}]}]"#);
    assert_eq!(diary.frames.len(), 1);
}

#[test]
fn a_frame_in_a_form_that_is_not_unwrapped_is_one_reject() {
    for text in [
        r#"1,CP7,"[2, ""7"", ""Heartbeat"", {}]""#,
        r#"   "message": "INFO:ocpp:CP7: receive message [2,\"7\",\"Heartbeat\",{}]","#,
        r"text with [2,\\\x22 no [3,\\\\\",
    ] {
        let (diary, tally) = read(text);
        assert!(diary.frames.is_empty(), "{text}");
        let escaped = usize::from(text.contains("eartbeat"));
        assert_eq!((diary.rejects.len(), tally.rejected), (escaped, escaped as u64), "{text}: {:?}", diary.calls);
    }
}

#[test]
fn a_cut_record_is_rejected_and_loses_no_id_quietly() {
    let (diary, tally) = read(r#"{"charge_point_id":"CP7","message":[2,"7","Heartbeat",{}],"timest"#);
    assert_eq!((diary.frames.len(), diary.rejects.as_slice(), tally.rejected), (0, &[Reason::JsonTruncated][..], 1));
}

#[test]
fn every_line_is_counted_once() {
    let text = "\r\n  \nwords\nCP7: send [3,\"1\",{}]\r\nCP7: send [3,\"1\",{\n{\"a\":1}\nCP7: send [3,\"2\",{}]";
    let (diary, tally) = read(text);
    let counts = (tally.lines, tally.blank, tally.other, tally.message, tally.rejected);
    assert_eq!(counts, (7, 2, 2, 2, 1));
    assert_eq!(tally.bytes(), text.len() as u64, "every byte is in a line");
    let lines: Vec<_> = diary.frames.iter().map(|note| note.line).collect();
    assert_eq!(lines, [4, 7]);
    assert_eq!(Layout::default().read(b"", start(), &mut Diary::default()), Tally::default());
}

#[test]
fn escapes_of_a_terminal_and_nul_blocks_are_taken_off() {
    let note = one("\u{1b}[32mINFO\u{1b}[0m:ocpp:CP7: send \u{1b}[1;31m[3,\"1\",{}]\u{1b}[0m");
    assert_eq!((note.charge_point.as_deref(), note.text.as_str()), (Some("CP7"), "[3,\"1\",{}]"));
    let block = "\0".repeat(50);
    let (diary, tally) = read(&format!("{block}CP7: send [3,\"1\",{{}}]\n{block}\n"));
    assert_eq!((diary.frames.len(), diary.rejects.as_slice()), (1, &[Reason::NulBlock; 2][..]));
    assert_eq!((tally.message, tally.rejected), (1, 1));
}

#[test]
fn bytes_that_are_no_utf_8_are_replaced_on_their_line_only() {
    let text = b"CP7: send [3,\"1\",{\"a\":\"\xe9\"}]\nCP7: send [3,\"2\",{}]\n";
    let (diary, _) = read_as(&Layout::default(), text);
    assert_eq!(diary.frames[0].text, "[3,\"1\",{\"a\":\"\u{fffd}\"}]");
    let replaced: Vec<_> = diary.frames.iter().map(|note| note.utf8_replaced).collect();
    assert_eq!(replaced, [true, false]);
}

#[test]
fn a_closing_connection_tells_its_code_and_reason() {
    let line = "[WARN ] 2026-05-01 10:00:00,250 x.WebSocketLogger - [chargeBoxId=CP 7, sessionId=ab] Connection is closed, status: CloseStatus[code=1006, reason=\"gone\"]";
    let (diary, tally) = read_as(&Layout::named("steve").unwrap(), line.as_bytes());
    assert_eq!(tally.other, 1);
    let call = &diary.calls[0];
    assert!(call.contains(r#"{\"code\":1006,\"reason\":\"\\\"gone\\\"\"}"#) && call.contains("\"CP 7\""), "{call}");
}

#[test]
fn the_columns_of_a_capture_are_found_by_their_headings() {
    let text = "tcp.stream\tframe.time_epoch\ttcp.srcport\ttcp.dstport\thttp.request.full_uri\twebsocket.payload.text\n\
                4\t1777629600.25\t500\t40000\thttp://csms:40000/ocpp/CP%207?x=1\t\n\
                4\t1777629600.5\t500\t40000\t\t[2,\"1\",\"Heartbeat\",{}]\n\
                4\t1777629600.75\t40000\t500\t\t[3,\"1\",{}]\n";
    let (diary, tally) = read(text);
    assert_eq!((diary.frames.len(), tally.other), (2, 2));
    assert!(diary.calls[0].contains("CP%207"), "{}", diary.calls[0]);
    assert_eq!(diary.frames[0].way, Way::Known(Direction::FromChargePoint), "the request went to port 40000");
    assert_eq!(diary.frames[1].stamp, Stamp::Utc(1_777_629_600_750_000));
}

fn sample() -> String {
    let mut text = String::new();
    for profile in PROFILES {
        let _ = writeln!(text, "{}", profile.example);
    }
    text.push_str("\u{1b}[1mcolour\u{1b}[0m\r\n\n\0\0\0\0\nCP7: send [3,\"1\",{\"cut\nWaited 30s for response on [2,\"1\",\"Reset\",{}]\n");
    text.push_str("  chargePointId: 'VCP-1',\n1,\"[2, \"\"7\"\", {}]\"\n[3,\"1\",{}] \u{fe0f} [3,\"2\",{}]");
    text
}

proptest! {
    #[test]
    fn prop_any_cut_between_records_gives_the_same_calls(cuts in prop::collection::vec(1usize..900, 0..12), layout in 0..PROFILES.len(), latin in any::<bool>()) {
        let layout = Layout::named(PROFILES[layout].name).unwrap();
        let mut text = sample().into_bytes();
        if latin {
            text.extend_from_slice(b"\nGer\xe4t: send [3,\"\xff\",{}]\n");
        }
        let (whole, total) = read_as(&layout, &text);
        let mut diary = Diary::default();
        let mut tally = Tally::default();
        let mut byte = 0;
        let mut cutter = layout.cutter();
        let mut wanted = cuts.iter().copied().chain(std::iter::repeat(text.len()));
        while byte < text.len() {
            let about = wanted.next().unwrap_or(1).clamp(1, text.len() - byte);
            let end = byte + cutter.cut(&text[byte..], about, true).unwrap_or(text.len() - byte);
            let base = Position { source: 0, byte: byte as u64, line: 1 + tally.lines };
            tally.add(layout.read(&text[byte..end], base, &mut diary));
            byte = end;
        }
        prop_assert_eq!(diary.calls, whole.calls);
        prop_assert_eq!(tally, total);
    }

    #[test]
    fn prop_any_bytes_are_read_without_a_panic_and_every_line_is_counted(
        pieces in prop::collection::vec(prop_oneof![
            Just("[2,\"1\",\"Heartbeat\",{}]".to_owned()), Just("{\"message\":".to_owned()), Just("\\\"".to_owned()), Just("msg=\"".to_owned()),
            Just("CP7: send ".to_owned()), Just("\u{1b}[1m".to_owned()), Just("\0".to_owned()), Just("[2,\\\"".to_owned()), Just("\n".to_owned()),
            Just("é\u{fe0f}".to_owned()), Just("[chargeBoxId=a, sessionId=b] Received:".to_owned()), Just("}".to_owned()), "[ -~]{0,6}",
        ], 0..20),
        layout in 0..PROFILES.len(),
    ) {
        let text = pieces.concat();
        let (diary, tally) = read_as(&Layout::named(PROFILES[layout].name).unwrap(), text.as_bytes());
        prop_assert_eq!(tally.lines, tally.blank + tally.other + tally.message + tally.rejected);
        prop_assert_eq!(tally.bytes(), text.len() as u64);
        // A frame may go on over lines, so that counts tell nothing.
        prop_assert!(tally.message == 0 || !diary.frames.is_empty());
        let _ = detect(text.as_bytes(), "x");
    }
}
