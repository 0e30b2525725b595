//! Logs of every layout, damaged at random: nothing panics, every line is accounted for, and a damaged line takes no
//! other line with it. `make damage` does a million; a plain test run does a few thousand. Each case is made from its
//! number alone, and a case that fails prints its bytes.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod equations;

use ocpplog::layout::{Connection, Context, Frame, Layout, PROFILES, Sink, Stamp, Taken, Tally, detect};
use ocpplog::message;
use ocpplog::position::Position;
use ocpplog::reject::{Reason, Reject};
use ocpplog::term::{Transport, Way};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// What gets into logs, or ends them.
const SCRAPS: [&str; 24] = [
    "[2,\"",
    "[3,\"8\",{}]",
    "\"",
    "\\\"",
    "[",
    "]",
    "{",
    "}",
    ",",
    "\n",
    "\r\n",
    "\0",
    "\u{1b}[31m",
    "\u{feff}",
    "\\u d83d",
    "\\",
    "receive message ",
    ": send ",
    "{\"log\":\"",
    "\t",
    "\u{fffd}",
    "2026-02-30 25:61:00",
    "1e999",
    "<soap:Envelope>",
];

/// A small valid log.
struct Valid {
    name: String,
    lines: Vec<String>,
    layout: Layout,
    /// Whether a message never stands on more than one line.
    single: bool,
}

impl Valid {
    fn new(name: String, text: &str) -> Self {
        let lines = text.lines().map(str::to_owned).collect();
        let layout = detect(text.as_bytes(), "any.log").layout;
        let (found, tally) = notes(&layout, text.as_bytes());
        let single = tally.message as usize <= found.messages.len();
        Self { name, lines, layout, single }
    }
}

/// The example of every layout, a few times with other ids, and the small logs of the stories.
fn valid() -> Vec<Valid> {
    let mut logs: Vec<Valid> = PROFILES
        .iter()
        .map(|profile| {
            let lines: Vec<_> = (0..4).map(|number| profile.example.replace("\"7", &format!("\"7{number}"))).collect();
            Valid::new(profile.name.to_owned(), &lines.join("\n"))
        })
        .collect();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut folders: Vec<_> = std::fs::read_dir(data.join("stories")).expect("there are stories").flatten().collect();
    folders.sort_by_key(std::fs::DirEntry::path);
    let files = folders.iter().filter_map(|folder| std::fs::read_dir(folder.path()).ok()).flat_map(Iterator::flatten);
    let layouts = ["capture.tsv", "collected.log", "echoes.log"].map(|name| data.join("layouts").join(name));
    for path in files.map(|entry| entry.path()).chain(layouts).filter(|path| !path.ends_with("expected.json")) {
        // What is no UTF-8 as it stands is damaged already.
        let text = String::from_utf8_lossy(&std::fs::read(&path).expect("a story can be read")).into_owned();
        // Long logs cost time and have no more places to be damaged at.
        let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).take(40).collect();
        let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
        logs.push(Valid::new(folder.to_string_lossy().into_owned(), &lines.join("\n")));
    }
    logs
}

/// Flips a bit, cuts, doubles, swaps or inserts, somewhere in `line`.
fn damage(line: &mut Vec<u8>, chance: &mut ChaCha8Rng) {
    let from = chance.random_range(0..=line.len());
    let to = (from + chance.random_range(0..=24)).min(line.len());
    match chance.random_range(0..7u8) {
        0 | 1 if from < line.len() => line[from] ^= 1 << chance.random_range(0..8u8),
        2 => drop(line.drain(from..to)),
        3 => line.truncate(from),
        4 => {
            let piece = line[from..to].to_vec();
            let at = chance.random_range(0..=line.len());
            line.splice(at..at, piece);
        }
        5 if to - from > 1 => line[from..to].rotate_left((to - from) / 2),
        _ => {
            let scrap = SCRAPS[chance.random_range(0..SCRAPS.len())];
            line.splice(from..from, scrap.bytes());
        }
    }
}

/// A log of which one line is damaged; if it is `torn`, so is what lies between the lines.
struct Case<'v> {
    valid: &'v Valid,
    line: usize,
    bytes: Vec<u8>,
}

fn case(logs: &[Valid], number: u64, torn: bool) -> Case<'_> {
    let mut chance = ChaCha8Rng::seed_from_u64(number);
    let valid = &logs[number as usize % logs.len()];
    let line = chance.random_range(0..valid.lines.len());
    let mut bytes = Vec::new();
    for (index, text) in valid.lines.iter().enumerate() {
        let mut text = text.as_bytes().to_vec();
        for _ in 0..if index == line { chance.random_range(1..4) } else { 0 } {
            damage(&mut text, &mut chance);
        }
        bytes.append(&mut text);
        bytes.push(b'\n');
    }
    // Lines that run into each other, come twice or in another order, and a log that ends anywhere.
    for _ in 0..if torn { chance.random_range(0..3) } else { 0 } {
        damage(&mut bytes, &mut chance);
    }
    Case { valid, line, bytes }
}

/// A message, without its place.
#[derive(Clone, Debug, PartialEq)]
struct Note {
    line: u64,
    text: String,
    charge_point: Option<String>,
    way: Way,
    stamp: Stamp,
}

/// Writes down the messages.
#[derive(Default)]
struct Notes {
    messages: Vec<Note>,
    refused: u64,
}

impl Sink for Notes {
    fn frame(&mut self, frame: &Frame<'_>) -> Taken {
        if frame.transport == Transport::Soap {
            return self.envelope(frame);
        }
        let reading = message::read(frame.text);
        let truncated = reading.message.as_ref().is_err_and(|defect| defect.reason == Reason::JsonTruncated);
        if frame.may_go_on && truncated {
            // The lines behind may complete it; if not, it comes again.
            return Taken { consumed: reading.consumed, message: false, cut: true };
        }
        let message = reading.message.is_ok();
        if message {
            self.messages.push(Note {
                line: frame.position.line,
                text: frame.text[..reading.consumed].to_owned(),
                charge_point: frame.charge_point.map(str::to_owned),
                way: frame.way,
                stamp: frame.stamp,
            });
        } else {
            self.refused += 1;
        }
        Taken { consumed: reading.consumed, message, cut: false }
    }

    fn context(&mut self, _: &Context<'_>) {}

    fn connection(&mut self, _: &Connection<'_>) {}

    fn reject(&mut self, _: Reject) {
        self.refused += 1;
    }
}

impl Notes {
    fn envelope(&mut self, frame: &Frame<'_>) -> Taken {
        let reading = message::read_soap(frame.text);
        let message = reading.message.is_ok();
        if message {
            self.messages.push(Note {
                line: frame.position.line,
                text: frame.text[..reading.consumed].to_owned(),
                charge_point: frame.charge_point.map(str::to_owned),
                way: frame.way,
                stamp: frame.stamp,
            });
        } else {
            self.refused += 1;
        }
        Taken { consumed: reading.consumed, message, cut: false }
    }
}

fn notes(layout: &Layout, bytes: &[u8]) -> (Notes, Tally) {
    let mut notes = Notes::default();
    let tally = layout.read(bytes, Position::default(), &mut notes);
    (notes, tally)
}

/// Reads the log below the pipeline and compares it with the one that is whole.
fn survives(case: &Case<'_>, whole: &Notes) {
    let (found, tally) = notes(&case.valid.layout, &case.bytes);
    let lines = case.bytes.split(|&byte| byte == b'\n').count() as u64 - 1;
    assert_eq!(tally.lines, lines, "every line is counted");
    assert_eq!(tally.lines, tally.blank + tally.other + tally.message + tally.rejected, "every line has one fate");
    assert_eq!(tally.message > 0, !found.messages.is_empty(), "lines of messages and messages");
    assert!(tally.rejected == 0 || found.refused > 0, "a rejected line without a reject");
    if !case.valid.single {
        return;
    }
    let damaged = case.line as u64;
    // The damage may have cut its line in two or more: what follows moves down by as many.
    let shift = lines - case.valid.lines.len() as u64;
    let others = |notes: &Notes, shift: u64| -> Vec<Note> {
        let kept = notes.messages.iter().filter(|note| note.line < damaged || note.line > damaged + shift);
        kept.map(|note| Note { line: note.line - if note.line > damaged { shift } else { 0 }, ..note.clone() })
            .collect()
    };
    assert_eq!(others(whole, 0), others(&found, shift), "other lines suffer");
}

/// Runs the cases; tells the number and the bytes of the first that fails. The first case to run can be set.
fn run(count: u64, torn: bool, each: impl Fn(&Case<'_>, usize)) {
    let logs = valid();
    let first = self::count("OCPPLOG_DAMAGED_FROM", 0);
    for number in first..first + count {
        let case = case(&logs, number, torn);
        let outcome = catch_unwind(AssertUnwindSafe(|| each(&case, number as usize % logs.len())));
        let bytes = case.bytes.escape_ascii();
        assert!(outcome.is_ok(), "case {number} ({}, line {}), the bytes:\n{bytes}", case.valid.name, case.line);
    }
}

/// How many cases to run: of the environment, else a few.
fn count(variable: &str, few: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(few)
}

#[test]
fn a_damaged_line_takes_no_other_line_with_it() {
    let text = |valid: &Valid| valid.lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect::<String>();
    let whole: Vec<_> = valid().iter().map(|valid| notes(&valid.layout, text(valid).as_bytes()).0).collect();
    for (notes, valid) in whole.iter().zip(valid()) {
        assert!(!notes.messages.is_empty(), "{}: a log without messages tells nothing", valid.name);
    }
    run(count("OCPPLOG_DAMAGED_LINES", 2_000), false, |case, index| survives(case, &whole[index]));
}

#[test]
fn a_damaged_log_is_accounted_for_to_the_last_line() {
    run(count("OCPPLOG_DAMAGED_LOGS", 200), true, |case, _| {
        equations::hold("damaged.log", &case.bytes);
        equations::again("damaged.log", &case.bytes);
    });
}
