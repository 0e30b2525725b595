//! Tiny logs for the tests of `rebuild`: lines of seconds, direction and frame, read by the same code as real ones.

use crate::event::{Header, Store};
use crate::message::{self, Kind};
use crate::options::Rules;
use crate::position::Position;
use crate::rebuild::exchange::{Outcome, Pair};
use crate::rebuild::{Context, Observation, Track};
use crate::term::{Direction, DirectionSource, IdSource};
use crate::time::{SECOND, date};

/// From the charge point.
const CP: Direction = Direction::FromChargePoint;
/// From the CSMS.
const CSMS: Direction = Direction::FromCsms;

/// The time `seconds` after the midnight at which every test log begins, as the tables have it.
pub(crate) fn at(seconds: i64) -> Option<i64> {
    date(2026, 3, 14).map(|midnight| midnight + seconds * SECOND)
}

/// The same time as payloads write it.
pub(crate) fn stamp(seconds: i64) -> String {
    let time = chrono::DateTime::from_timestamp_micros(at(seconds).unwrap_or_default()).unwrap_or_default();
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A log being written.
#[derive(Default)]
pub(crate) struct Log {
    lines: Vec<(Option<i64>, Direction, String)>,
    start: Option<i64>,
    end: Option<i64>,
    ids: u32,
    timeless: bool,
    gaps: Vec<(i64, i64)>,
}

impl Log {
    /// An empty log.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Lets the whole input begin at `seconds` instead of at the first line.
    pub(crate) fn from(mut self, seconds: i64) -> Self {
        self.start = at(seconds);
        self
    }

    /// Lets the whole input end at `seconds` instead of at the last line.
    pub(crate) fn until(mut self, seconds: i64) -> Self {
        self.end = at(seconds);
        self
    }

    /// Leaves out the recorder's times.
    pub(crate) fn timeless(mut self) -> Self {
        self.timeless = true;
        self
    }

    fn line(mut self, seconds: i64, direction: Direction, frame: String) -> Self {
        self.lines.push((at(seconds), direction, frame));
        self
    }

    fn call(mut self, seconds: i64, direction: Direction, action: &str, payload: &str) -> Self {
        self.ids += 1;
        let frame = format!(r#"[2,"{}","{action}",{payload}]"#, self.ids);
        self.line(seconds, direction, frame)
    }

    /// The charge point calls; nobody answers yet.
    pub(crate) fn cp(self, seconds: i64, action: &str, payload: &str) -> Self {
        self.call(seconds, CP, action, payload)
    }

    /// The CSMS calls; nobody answers yet.
    pub(crate) fn csms(self, seconds: i64, action: &str, payload: &str) -> Self {
        self.call(seconds, CSMS, action, payload)
    }

    /// The charge point answers the last call.
    #[allow(dead_code)]
    pub(crate) fn cp_answers(self, seconds: i64, payload: &str) -> Self {
        let frame = format!(r#"[3,"{}",{payload}]"#, self.ids);
        self.line(seconds, CP, frame)
    }

    /// The CSMS answers the last call.
    pub(crate) fn csms_answers(self, seconds: i64, payload: &str) -> Self {
        let frame = format!(r#"[3,"{}",{payload}]"#, self.ids);
        self.line(seconds, CSMS, frame)
    }

    /// The CSMS calls, and the charge point answers with this status.
    pub(crate) fn asks_for(self, seconds: i64, action: &str, payload: &str, answer: &str) -> Self {
        self.csms(seconds, action, payload).cp_answers(seconds, &format!(r#"{{"status":"{answer}"}}"#))
    }

    /// The charge point refuses the last call.
    pub(crate) fn cp_refuses(self, seconds: i64, code: &str) -> Self {
        let frame = format!(r#"[4,"{}","{code}","",{{}}]"#, self.ids);
        self.line(seconds, CP, frame)
    }

    /// Lets the recorder be silent from one second to another.
    pub(crate) fn gap(mut self, from: i64, until: i64) -> Self {
        self.gaps.extend(at(from).zip(at(until)));
        self
    }

    /// A connection is opened.
    pub(crate) fn opens(self, seconds: i64) -> Self {
        self.line(seconds, CP, "OPEN".to_owned())
    }

    /// A connection is closed with this code.
    pub(crate) fn closes(self, seconds: i64, code: i32) -> Self {
        self.line(seconds, CP, format!(r#"CLOSE{{"code":{code},"reason":"words"}}"#))
    }

    /// A sign of life.
    pub(crate) fn heartbeat(self, seconds: i64) -> Self {
        self.cp(seconds, "Heartbeat", "{}").csms_answers(seconds, "{}")
    }

    /// A boot of 1.6 with this firmware version, accepted at once.
    pub(crate) fn boot(self, seconds: i64, version: &str) -> Self {
        let payload = format!(r#"{{"chargePointVendor":"V","chargePointModel":"M","firmwareVersion":"{version}"}}"#);
        self.cp(seconds, "BootNotification", &payload).csms_answers(seconds, r#"{"status":"Accepted","interval":300}"#)
    }

    /// Reads the log and looks at it.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Track<'_>, &Context<'_>) -> T) -> T {
        let mut store = Store::default();
        for (index, (time, direction, frame)) in self.lines.iter().enumerate() {
            let header = Header {
                charge_point: "CP1",
                charge_point_source: IdSource::Record,
                log_time: time.filter(|_| !self.timeless),
                position: Position { source: 0, byte: index as u64 * 1000, line: index as u64 + 1 },
                direction: Some(*direction),
                direction_source: DirectionSource::Log,
                ..Header::default()
            };
            match (frame.strip_prefix("OPEN"), frame.strip_prefix("CLOSE")) {
                (Some(payload), _) => {
                    store.push(&Header { direction: None, ..header }, &connection(Kind::Open, payload));
                }
                (_, Some(payload)) => {
                    store.push(&Header { direction: None, ..header }, &connection(Kind::Close, payload));
                }
                _ => store.push(&header, &message::read(frame).message.unwrap()),
            }
        }
        let times = || self.lines.iter().filter_map(|line| line.0).filter(|_| !self.timeless);
        let observation = Observation {
            start: self.start.or(times().min()),
            end: self.end.or(times().max()),
            gaps: self.gaps.clone(),
        };
        let rules = Rules::default();
        let context = Context { rules: &rules, observation: &observation };
        let views = (0..store.events.len()).map(|index| store.view(index)).collect();
        let mut track = Track::new("CP1", views, &context);
        pair(&mut track);
        look(&track, &context)
    }
}

/// What a log tells of a connection.
fn connection(kind: Kind, payload: &str) -> message::Message<'_> {
    message::Message {
        kind,
        id: "".into(),
        action: None,
        payload,
        error_code: None,
        error_description: None,
        flags: crate::flag::Flags::NONE,
    }
}

/// Pairs by id alone, which is enough for ids that are used once.
fn pair(track: &mut Track<'_>) {
    let events = &track.events;
    let mut pairs = vec![Pair::default(); events.len()];
    for (index, event) in events.iter().enumerate() {
        let call = events[..index].iter().rposition(|call| call.kind == Kind::Call && call.id() == event.id());
        if let (Kind::Result | Kind::Error, Some(call)) = (event.kind, call) {
            pairs[index].call = Some(call as u32);
            pairs[call].answer = Some(index as u32);
            pairs[call].outcome = Some(if event.kind == Kind::Result { Outcome::Result } else { Outcome::Error });
        }
    }
    for (index, event) in events.iter().enumerate() {
        if event.kind == Kind::Call && pairs[index].outcome.is_none() {
            let goes_on =
                events[index + 1..].iter().any(|later| later.kind == Kind::Call && later.direction == event.direction);
            pairs[index].outcome = Some(if goes_on { Outcome::Timeout } else { Outcome::UnknownLogEnd });
        }
    }
    track.exchange.pairs = pairs;
}

/// The names of a row's flags.
pub(crate) fn names(flags: crate::flag::Flags) -> Vec<&'static str> {
    flags.iter().map(|flag| flag.info().name).collect()
}
