//! Words of loggers that nobody listed: a charge point's id and a direction in the few places where they usually stand.
//!
//! What stands there may be a thread, a connection or a file as well, so an id has to look like one, and has to stand
//! beside the word or the name that says what it is. Else nothing is told: an id that is none tears a charge point apart.

use super::locate::{self, Shape};
use super::peel::is_level;
use super::text::{arrow_way, is_name, word_way};
use super::{envelope, stamp};
use crate::term::Direction::{FromChargePoint, FromCsms};
use crate::term::Way;
use rustc_hash::FxHashSet;

/// More words than this no logger writes before a message.
const MOST_WORDS: usize = 24;
/// The beginnings of names that a program gives to its parts.
const PARTS: [&str; 96] = [
    "admin",
    "akka",
    "ap-",
    "api",
    "app",
    "asyncio",
    "attempt",
    "celery",
    "ch-",
    "channel",
    "client",
    "cluster",
    "conn",
    "coro",
    "csms",
    "default",
    "dispatch",
    "epoll",
    "eu-",
    "event",
    "evse",
    "exec",
    "fd",
    "fiber",
    "fork",
    "frame",
    "gateway",
    "gorout",
    "grpc",
    "gun",
    "gw",
    "handler",
    "heartbeat",
    "host",
    "http",
    "i-0",
    "id",
    "ip-",
    "jetty",
    "job",
    "json",
    "kafka",
    "level",
    "line",
    "log4j",
    "loop",
    "main",
    "message",
    "msg",
    "netty",
    "nio",
    "node",
    "ocpp",
    "peer",
    "pid",
    "pod",
    "pool",
    "port",
    "proc",
    "prod",
    "proxy",
    "queue",
    "reactor",
    "region",
    "req",
    "retry",
    "scheduler",
    "seq",
    "server",
    "session",
    "shard",
    "slot",
    "sock",
    "span",
    "srv",
    "svc",
    "task",
    "tcp",
    "tenant",
    "thread",
    "timer",
    "tomcat",
    "topic",
    "trace",
    "try",
    "tx",
    "udp",
    "us-",
    "user",
    "uvicorn",
    "vert",
    "web",
    "worker",
    "ws",
    "xnio",
    "zone",
];
const AROUND: [char; 14] = ['[', ']', '(', ')', '{', '}', '<', '>', '"', '\'', ',', ';', ':', '|'];

/// What words tell that nobody listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Told<'a> {
    pub(super) charge_point: Option<&'a str>,
    pub(super) way: Way,
    /// Whether a key such as `cp=` says what it is.
    keyed: bool,
}

/// Which of them a source is believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Trust {
    /// Ids behind a key.
    pub(super) keys: bool,
    /// Ids beside a direction.
    pub(super) places: bool,
}

impl Trust {
    /// Looks at a sample: of a call and its answer the words must tell the same id, which those of threads do not do
    /// for long. And an id that stands there without a key must tell two charge points apart: a host or a class is
    /// the same on every line.
    pub(super) fn of(sample: &str) -> Self {
        let (mut keys, mut places) = (Pairs::default(), Pairs::default());
        for line in sample.lines() {
            let Some((at, Shape::Raw)) = locate::any(line, 0) else { continue };
            let Some((answer, id)) = kind_and_id(&line[at..]) else { continue };
            let words = line[..at].trim_ascii_end();
            let told = told(stamp::find(words).map_or(words, |found| &words[found.end..]));
            let pairs = if told.keyed { &mut keys } else { &mut places };
            pairs.add(answer, id, told.charge_point);
        }
        Self { keys: keys.hold(1), places: places.hold(2) }
    }

    pub(super) const fn believes(self, told: Told<'_>) -> bool {
        if told.keyed { self.keys } else { self.places }
    }

    pub(super) const fn is_none(self) -> bool {
        !self.keys && !self.places
    }
}

/// Calls and answers of a sample.
#[derive(Default)]
struct Pairs<'a> {
    calls: FxHashSet<(&'a str, Option<&'a str>)>,
    ids: FxHashSet<&'a str>,
    known: FxHashSet<&'a str>,
    whole: usize,
    torn: usize,
}

impl<'a> Pairs<'a> {
    fn add(&mut self, answer: bool, id: &'a str, charge_point: Option<&'a str>) {
        self.known.extend(charge_point);
        if !answer {
            self.calls.insert((id, charge_point));
            self.ids.insert(id);
        } else if self.calls.remove(&(id, charge_point)) {
            self.whole += usize::from(charge_point.is_some());
        } else if self.ids.contains(id) {
            self.torn += 1;
        }
    }

    fn hold(&self, least: usize) -> bool {
        self.known.len() >= least && self.whole >= least && self.torn * 20 <= self.whole
    }
}

/// Whether a frame is an answer, and its id.
fn kind_and_id(frame: &str) -> Option<(bool, &str)> {
    let (kind, behind) = frame.strip_prefix('[')?.trim_ascii_start().split_at_checked(1)?;
    let id = behind.trim_ascii_start().strip_prefix(',')?.trim_ascii_start().strip_prefix('"')?.split('"').next()?;
    match kind {
        "2" => Some((false, id)),
        "3" | "4" => Some((true, id)),
        _ => None,
    }
}

/// The charge point that the words behind a stamp name, and the way that they tell.
pub(super) fn told(words: &str) -> Told<'_> {
    let mut list = [""; MOST_WORDS];
    let mut count = 0;
    for word in words.split_ascii_whitespace() {
        let Some(place) = list.get_mut(count) else { return Told::default() };
        *place = word;
        count += 1;
    }
    let list = &list[..count];
    let (named, way) = fields(list);
    if named.is_some() {
        return Told { charge_point: named, way, keyed: true };
    }
    let found = between(list).or_else(|| behind_preposition(list)).or_else(|| before_direction(list));
    let (charge_point, way) = found.unwrap_or((None, way));
    Told { charge_point, way, keyed: false }
}

/// `cp=CP7`, `charge_point_id: "CP7"`, and `direction=in` beside them.
fn fields<'a>(words: &[&'a str]) -> (Option<&'a str>, Way) {
    let (mut id, mut way): (Option<(u8, &str)>, _) = (None, Way::Unknown);
    for (at, word) in words.iter().enumerate() {
        let word = word.trim_start_matches(AROUND);
        let Some((key, value)) = word.split_once(['=', ':']) else { continue };
        let equals = word.as_bytes().get(key.len()) == Some(&b'=');
        let value = if value.is_empty() && !equals { words.get(at + 1).copied().unwrap_or("") } else { value };
        if matches!(key, "direction" | "dir" | "way") && way == Way::Unknown {
            way = envelope::word_way(value.trim_matches(AROUND));
        }
        let Some(rank) = station(key) else { continue };
        let Some(value) = unquoted(value) else { continue };
        // A colon stands behind any noun, so what follows it must look like an id.
        let good = if equals { is_value(value) } else { looks_like_id(value) };
        if good && id.is_none_or(|(known, _)| rank < known) {
            id = Some((rank, value));
        }
    }
    (id.map(|(_, id)| id), way)
}

/// A value without its quotes and what stands around it; none if it goes on behind a blank.
fn unquoted(value: &str) -> Option<&str> {
    let odd = |quote: u8| value.bytes().filter(|byte| *byte == quote).count() % 2 == 1;
    let plain = value.trim_end_matches([']', ')', '}', ',', ';', '|', '.', ':']);
    (!odd(b'"') && !odd(b'\'')).then(|| plain.trim_matches(['"', '\'']))
}

/// How sure a key is that of a charge point's id, 0 for surest.
fn station(key: &str) -> Option<u8> {
    const SURE: [&str; 12] = [
        "cp",
        "cpid",
        "chargepointid",
        "chargepointidentity",
        "chargeboxid",
        "chargeboxidentity",
        "chargerid",
        "chargingstationid",
        "stationid",
        "ocppidentity",
        "ocppid",
        "wallboxid",
    ];
    const LIKELY: [&str; 8] =
        ["chargepoint", "chargebox", "charger", "chargingstation", "station", "wallbox", "ladepunkt", "ladestation"];
    let is = |known: &&str| {
        let mut known = known.bytes();
        let mut given = key.bytes().filter(|byte| !matches!(byte, b'_' | b'-'));
        given.all(|byte| known.next() == Some(byte.to_ascii_lowercase())) && known.next().is_none()
    };
    if SURE.iter().any(is) { Some(0) } else { LIKELY.iter().any(is).then_some(1) }
}

/// Whether a value names anything.
fn is_value(value: &str) -> bool {
    const NO: [&str; 16] = [
        "none",
        "null",
        "nil",
        "unknown",
        "undefined",
        "true",
        "false",
        "online",
        "offline",
        "connected",
        "disconnected",
        "yes",
        "no",
        "ok",
        "available",
        "new",
    ];
    value.bytes().any(|byte| byte.is_ascii_alphanumeric())
        && !value.contains(|letter: char| letter.is_whitespace() || "[]{}()<>\"'=/:%$&?!".contains(letter))
        && word_way(value) == Way::Unknown
        && !is_level(value)
        && !is_filler(value)
        && !NO.iter().any(|no| value.eq_ignore_ascii_case(no))
}

/// `CP7 -> CSMS` and `CSMS -> CP7`.
fn between<'a>(words: &[&'a str]) -> Option<(Option<&'a str>, Way)> {
    let at = words.iter().position(|word| matches!(*word, "->" | "-->" | "=>" | "==>" | "\u{2192}" | "\u{21d2}"))?;
    let from = words.get(at.checked_sub(1)?)?.trim_matches(AROUND);
    let to = words.get(at + 1)?.trim_matches(AROUND);
    match (is_csms(from), is_csms(to)) {
        (false, true) => looks_like_id(from).then_some((Some(from), Way::Known(FromChargePoint))),
        (true, false) => looks_like_id(to).then_some((Some(to), Way::Known(FromCsms))),
        _ => None,
    }
}

fn is_csms(word: &str) -> bool {
    ["csms", "centralsystem", "central-system", "central_system", "backend", "server"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}

/// `Received message from CP7:` and `Sent message to charge point CP7:`.
fn behind_preposition<'a>(words: &[&'a str]) -> Option<(Option<&'a str>, Way)> {
    let (last, before) = words.split_last()?;
    let id = last.trim_matches(AROUND);
    // A noun may stand before it: charge point, station.
    let at = before.iter().rposition(|word| matches!(*word, "from" | "to"))?;
    let noun = &before[at + 1..];
    let noun = match noun {
        [] => true,
        [one] => station(one).is_some(),
        [charge, point] => {
            charge.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("char"))
                && ["point", "station", "box"].iter().any(|known| point.eq_ignore_ascii_case(known))
        }
        _ => false,
    };
    let says_what = before[..at].iter().any(|word| word_way(word) != Way::Unknown || is_filler(word));
    let way = Way::Known(if before[at] == "from" { FromChargePoint } else { FromCsms });
    (noun && says_what && looks_like_id(id)).then_some((Some(id), way))
}

/// `CP7: recv`, `[CP7] Received message:`, `INFO:backend:CP7 <`.
fn before_direction<'a>(words: &[&'a str]) -> Option<(Option<&'a str>, Way)> {
    let mut way = Way::Unknown;
    for word in words.iter().rev() {
        let told = if word_way(word) == Way::Unknown { arrow_way(word.trim_matches(':')) } else { word_way(word) };
        if told != Way::Unknown {
            way = told;
        } else if !is_filler(word) {
            if way == Way::Unknown {
                return None;
            }
            let word = word.trim_matches(AROUND);
            // Python's logger writes its level and its name before the message.
            let id = match word.split_once(':') {
                Some((level, rest)) if is_level(level) => rest.rsplit_once(':').map_or(rest, |(_, id)| id),
                _ => word,
            };
            // Of two words that may be ids either could be the other's thread.
            let alone = words.iter().all(|word| {
                let word = word.trim_matches(AROUND);
                word.ends_with(id) || !looks_like_id(word)
            });
            return (alone && looks_like_id(id)).then_some((Some(id), way));
        }
    }
    None
}

/// Words that stand between an id and its message and tell nothing.
fn is_filler(word: &str) -> bool {
    let word = word.trim_matches(AROUND).trim_end_matches('=');
    ["", "-", "=>", "message", "msg", "frame", "data", "text", "payload", "raw", "json", "ocpp", "request", "response"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}

/// Whether a word is a charge point's id rather than the name of a thread, a connection, a host or a place in a program.
fn looks_like_id(word: &str) -> bool {
    let bytes = word.as_bytes();
    let count = |is: fn(&u8) -> bool| bytes.iter().filter(|byte| is(byte)).count();
    let (digits, letters) = (count(u8::is_ascii_digit), count(u8::is_ascii_alphabetic));
    let signs = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_*#".contains(byte);
    // The number of a connection, in hexadecimal digits.
    let random = bytes.len() >= 8 && bytes.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
    // 12ms, 512B, 01May2026, 20260501T100000Z.
    let leading = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let amount = leading > 0 && (letters + leading == bytes.len() || letters <= 3 && letters + digits == bytes.len());
    // C17, v16, L45.
    let short = letters < 2;
    // A class: JsonOcpp16Endpoint.
    let camel = bytes.windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    let part = PARTS.iter().any(|part| word.get(..part.len()).is_some_and(|start| start.eq_ignore_ascii_case(part)));
    (3..=48).contains(&bytes.len())
        && bytes.iter().all(signs)
        && digits > 0
        && !(random || amount || short || camel || part)
        && !word.starts_with("0x")
        && is_name(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CP: Way = Way::Known(FromChargePoint);
    const CSMS: Way = Way::Known(FromCsms);

    #[test]
    fn an_id_stands_beside_the_word_that_says_what_it_is() {
        for (words, id, way) in [
            ("INFO backend.ws [HUB-01] recv: ", "HUB-01", Way::Received),
            ("INFO backend.ws [HUB-01] sent: ", "HUB-01", Way::Sent),
            ("INFO HUB-01: recv ", "HUB-01", Way::Received),
            ("- HUB-01 < ", "HUB-01", Way::Received),
            ("INFO HUB-01 << ", "HUB-01", Way::Received),
            ("INFO [HUB-01] Received message: ", "HUB-01", Way::Received),
            ("INFO [HUB-01] Sending response: ", "HUB-01", Way::Sent),
            ("INFO:backend:HUB-01 recv: ", "HUB-01", Way::Received),
            ("INFO cp=HUB-01 recv: ", "HUB-01", Way::Unknown),
            ("level=info charge_point=Berlin direction=in message=", "Berlin", CP),
            ("DEBUG [chargePointId: \"AB1\"] ", "AB1", Way::Unknown),
            ("INFO Received message from HUB-01: ", "HUB-01", CP),
            ("INFO Sent message to charge point DE*ABC*E1: ", "DE*ABC*E1", CSMS),
            ("charger=online cp=CP7. ", "CP7", Way::Unknown),
            ("[station=Berlin] [charger_id=CP7] ", "CP7", Way::Unknown),
            ("station: DE1-7 ", "DE1-7", Way::Unknown),
            ("INFO HUB-01 -> CSMS: ", "HUB-01", CP),
            ("INFO CSMS -> HUB-01: ", "HUB-01", CSMS),
        ] {
            let found = told(words);
            assert_eq!((found.charge_point, found.way), (Some(id), way), "{words}");
        }
    }

    #[test]
    fn an_id_is_believed_where_calls_and_answers_agree_on_it() {
        let log = |words: &[(&str, &str)]| {
            let line = |(number, (call, answer)): (usize, &(&str, &str))| {
                format!(
                    "2026-05-01T10:00:00Z {call} [2,\"{number}\",\"X\",{{}}]\n2026-05-01T10:00:00Z {answer} [3,\"{number}\",{{}}]\n"
                )
            };
            let text: String = words.iter().enumerate().map(line).collect();
            let Trust { keys, places } = Trust::of(&text);
            (keys, places)
        };
        assert_eq!(log(&[("[HUB-01] recv", "[HUB-01] sent"), ("[HUB-02] recv", "[HUB-02] sent")]), (false, true));
        // The same on every line: a host as well as a charge point.
        assert_eq!(log(&[("[HUB-01] recv", "[HUB-01] sent"), ("[HUB-01] recv", "[HUB-01] sent")]), (false, false));
        assert_eq!(log(&[("[HUB-01] recv", "[HUB-02] sent"), ("[HUB-02] recv", "[HUB-01] sent")]), (false, false));
        assert_eq!(log(&[("[HUB-01] recv", "sent"), ("[HUB-02] recv", "sent")]), (false, false));
        assert_eq!(log(&[("cp=HUB-01 recv", "cp=HUB-01 sent")]), (true, false));
        assert_eq!(log(&[("cp=HUB-01 recv", "cp=HUB-02 sent")]), (false, false));
    }

    #[test]
    fn what_a_program_calls_its_own_is_no_id() {
        for words in [
            "INFO [Thread-12] recv: ",
            "INFO [http-nio-8080-exec-3] Received message: ",
            "INFO worker-1: sent ",
            "INFO [7f3a9c21] recv ",
            "INFO 550e8400-e29b-41d4-a716-446655440000 recv ",
            "INFO [conn5] recv ",
            "INFO [1234] recv ",
            "INFO ws.py:123 recv ",
            "INFO 10.0.0.7:5123 recv ",
            "INFO ocpp16 recv ",
            "took 12ms recv ",
            "Received message from server1: ",
            "Received message from backend ",
            "the price of A1 ",
            "A1 went home ",
            "cp=None ",
            "cp=\"A 1\" ",
            "station='Berlin Mitte' ",
            "INFO charger: recv ",
            "INFO charger: message received ",
            "station: disconnected, sending ",
            "cp=<ChargePoint object at 0x7f> ",
            "chargepoint:receive_message:45 ",
            "station:8080 ",
            "charge-point: 12:33:01 ",
            "cp=true ",
            "cp=b'CP7' ",
            "cp=CP7:in ",
            "INFO WebSocketServerV2 - Received: ",
            "JsonOcpp16Endpoint recv ",
            "[XNIO-1] recv ",
            "[7F3A9C21] recv ",
            "[550E8400-E29B-41D4-A716-446655440000] recv ",
            "[C17] Received message: ",
            "ip-10-0-0-7 recv ",
            "api-7f9c6d4b5-x2lqz recv ",
            "[eu-west-1] recv ",
            "12KB recv ",
            "[v16] recv ",
            "01May2026 recv ",
            "20260501T100000Z recv ",
            "Heartbeat2 sent ",
            "Sent response to BootNotification2: ",
            "Received message from kafka-1 ",
            "CP7 [XNIO-1] recv ",
            "CP7 (conn A12) recv ",
            "CP7 AB9 recv ",
            "cp= ",
            "connector 1 sent ",
            "-> ",
            "",
        ] {
            assert_eq!(told(words).charge_point, None, "{words}");
        }
        assert_eq!(told(&"a ".repeat(MOST_WORDS + 1)), Told::default());
    }
}
