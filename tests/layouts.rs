//! Every sample of a layout gives the frames, charge points and times that its table of contents promises.
//!
//! The samples lie beside the checkout, not in it; without them there is nothing to compare.

#![allow(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use ocpplog::input::{Input, Item, Opening, Piece, Status, discover};
use ocpplog::json::{FaultKind, Scanner};
use ocpplog::layout::{Connection, Context, Detected, Frame, Sink, Stamp, Taken, Tally, detect};
use ocpplog::position::Position;
use ocpplog::reject::{Reason, Reject};
use ocpplog::term::{Direction, Transport, Way};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What a sink saw.
#[derive(Default)]
struct Counts {
    frames: usize,
    charge_points: BTreeSet<String>,
    linked: BTreeMap<String, String>,
    unnamed: usize,
    stamped: usize,
    directed: usize,
    /// Frames that go the other way than the log says.
    contradictions: usize,
    contexts: usize,
    opened: usize,
    closed: usize,
    rejects: Vec<Reason>,
    context: Option<String>,
}

impl Sink for Counts {
    fn frame(&mut self, frame: &Frame<'_>) -> Taken {
        if frame.transport == Transport::Soap {
            self.frames += 1;
            return Taken { consumed: frame.text.len(), message: true, cut: false };
        }
        let mut scanner = Scanner::new(frame.text);
        if let Err(fault) = scanner.skip() {
            if frame.may_go_on && fault.kind == FaultKind::Truncated {
                return Taken { consumed: 1, message: false, cut: true };
            }
            self.rejects.push(Reason::JsonTruncated);
            return Taken { consumed: fault.at.max(1), message: false, cut: false };
        }
        self.frames += 1;
        let linked = frame.link.and_then(|link| self.linked.get(link));
        let charge_point = frame.charge_point.or(linked.map(String::as_str)).or(self.context.as_deref());
        match charge_point {
            Some(id) => {
                self.charge_points.insert(id.to_owned());
            }
            None => self.unnamed += 1,
        }
        self.stamped += usize::from(frame.stamp != Stamp::None);
        self.directed += usize::from(frame.way != Way::Unknown);
        if let Way::Known(direction) = frame.way {
            let text = &frame.text[..scanner.offset()];
            let from_charge_point = ["BootNotification", "StatusNotification", "StartTransaction"]
                .iter()
                .any(|action| text.contains(&format!("\"{action}\",")));
            let from_csms =
                text.contains("\"UpdateFirmware\",") || text.contains("\"transactionId\":5001,\"idTagInfo\"");
            let against = if direction == Direction::FromCsms { from_charge_point } else { from_csms };
            self.contradictions += usize::from(against);
        }
        Taken { consumed: scanner.offset(), message: true, cut: false }
    }

    fn context(&mut self, context: &Context<'_>) {
        self.contexts += 1;
        let Some(id) = context.charge_point else { return };
        match context.link {
            Some(link) => {
                self.linked.insert(link.to_owned(), id.to_owned());
            }
            None => self.context = Some(id.to_owned()),
        }
    }

    fn connection(&mut self, connection: &Connection<'_>) {
        if connection.open { self.opened += 1 } else { self.closed += 1 }
    }

    fn reject(&mut self, reject: Reject) {
        self.rejects.push(reject.reason);
    }
}

fn samples() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.join("shared/samples");
    root.is_dir().then_some(root)
}

fn read(path: &Path) -> (Detected, Counts, Tally) {
    let mut counts = Counts::default();
    let mut total = Tally::default();
    let mut detected = detect(b"", "");
    for (index, source) in discover(vec![Input::Path(path.to_path_buf())]).unwrap().into_iter().enumerate() {
        let index = u32::try_from(index).unwrap();
        let mut take = |item: Item<'_>| {
            let Item { name, mut reading, .. } = item;
            let found = detect(reading.sample(), &name);
            let layout = found.layout.clone();
            let mut cutter = layout.cutter();
            detected = found;
            let mut line = 1;
            while let Some(piece) = reading.next_piece(|bytes, wanted, ended| cutter.cut(bytes, wanted, ended)) {
                let Piece::Chunk(chunk) = piece else { panic!("no sample has so long a line") };
                let tally = layout.read(&chunk.bytes, Position { source: index, byte: chunk.byte, line }, &mut counts);
                line += tally.lines;
                total.add(tally);
            }
            assert_eq!(reading.finish().status, Status::Whole);
            true
        };
        source.visit(Opening { chunk_bytes: 4096, ..Opening::default() }, &mut take).unwrap();
    }
    (detected, counts, total)
}

/// The samples that hold frames in parts, as XML or not at all: the table leaves them open or counts what is on the wire.
const OTHERWISE: [(&str, usize); 6] = [
    ("csv_payload_only_excel_de.csv", 34),
    ("java_oca_ocpp.log", 19),
    ("libocpp_security.log", 0),
    ("occpcore_messagelog.csv", 0),
    ("steve_soap_1.2.log", 32),
    ("steve_soap_1.6.log", 32),
];

/// The samples whose lines have no time, or only a time of day.
const TIMELESS: [&str; 10] = [
    "libocpp_console_detailed.log",
    "microocpp_console.log",
    "mitmproxy_console.log",
    "mobilityhouse_bare_csms.log",
    "mobilityhouse_basic_cp.log",
    "mobilityhouse_basic_csms.log",
    "occpcore_dump",
    "ocpp_lens_array.json",
    "ocpp_lens_ndjson.log",
    "websocat_dump.log",
];

#[test]
fn every_sample_gives_the_frames_ids_and_times_that_it_holds() {
    let Some(root) = samples() else { return };
    let table = std::fs::read_to_string(root.join("layouts.tsv")).unwrap();
    let mut checked = 0;
    for row in table.lines().skip(1) {
        let cells: Vec<_> = row.split('\t').collect();
        let (name, expected, charge_point) = (cells[0], cells[1], cells[2]);
        let (detected, counts, tally) = read(&root.join("layouts").join(name));
        assert_eq!(tally.lines, tally.blank + tally.other + tally.message + tally.rejected, "{name}");
        checked += 1;
        if let Some((_, frames)) = OTHERWISE.iter().find(|(other, _)| *other == name) {
            assert_eq!(counts.frames, *frames, "{name}");
            continue;
        }
        // Literals of JavaScript: one line of this console holds a frame, and it names no station.
        if name == "citrineos_tslog_pretty.log" {
            assert_eq!((counts.frames, counts.rejects), (1, vec![Reason::FrameRepr; 3]));
            continue;
        }
        assert_eq!(counts.frames.to_string(), expected, "{name}: {:?}", detected.evidence);
        assert_eq!(counts.contradictions, 0, "{name}");
        let found: Vec<_> = counts.charge_points.iter().map(String::as_str).collect();
        // One record of CitrineOS' console names no station.
        if charge_point == "none" {
            assert!(found.is_empty(), "{name}: {found:?}");
        } else {
            assert_eq!(found, [charge_point], "{name}");
            assert_eq!(counts.unnamed, usize::from(name == "citrineos_tslog_json.log"), "{name}");
        }
        let stamped = if TIMELESS.contains(&name) { 0 } else { counts.frames };
        assert_eq!(counts.stamped, stamped, "{name}");
    }
    assert!(checked > 40, "{checked}");
}

fn own(name: &str) -> (Detected, Counts, Tally) {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/layouts").join(name))
}

/// A log with everything that is no frame: tracebacks that quote one, reprs, a frame never sent.
#[test]
fn quoted_frames_are_no_messages() {
    let (detected, counts, tally) = own("echoes.log");
    assert_eq!(detected.layout.name(), "mobilityhouse");
    assert_eq!((counts.frames, counts.rejects.len(), counts.stamped), (5, 0, 5));
    // What the library websockets wrote too is a frame here; that it is a copy is known when all of the source was read.
    assert_eq!((tally.lines, tally.blank, tally.other, tally.message, tally.rejected), (12, 1, 6, 5, 0));
    let found: Vec<_> = counts.charge_points.iter().map(String::as_str).collect();
    assert_eq!(found, ["Carport: left", "Yard 2"]);
}

/// Four programs in one file, as a collector writes them.
#[test]
fn layouts_may_be_mixed_in_one_source() {
    let (_, counts, tally) = own("collected.log");
    assert_eq!((counts.frames, counts.unnamed, counts.contradictions), (8, 1, 0));
    assert_eq!((tally.message, tally.rejected, tally.other), (8, 0, 1));
    assert_eq!((counts.opened, counts.closed), (0, 1));
}

/// Two streams of a capture, the second without its request.
#[test]
fn a_stream_without_its_request_has_no_charge_point() {
    let (detected, counts, tally) = own("capture.tsv");
    assert_eq!(detected.layout.name(), "tshark_fields");
    assert_eq!((counts.frames, counts.unnamed, counts.directed, counts.contradictions), (4, 2, 4, 0));
    assert_eq!((counts.contexts, tally.other), (1, 3));
}

#[test]
fn the_connections_of_steve_are_told() {
    let Some(root) = samples() else { return };
    let (detected, counts, _) = read(&root.join("layouts/steve_ws_logback.log"));
    assert_eq!((detected.layout.name(), counts.opened, counts.closed), ("steve", 1, 1));
}
