//! Words of loggers that nobody listed: a charge point's id and a direction in the few places where they usually stand.
//!
//! What stands there may be a thread, a connection or a file as well, so an id has to look like one, and has to stand
//! beside the word or the name that says what it is. Else nothing is told: an id that is none tears a charge point apart.

use super::envelope;
use super::peel::is_level;
use super::text::{arrow_way, is_name, word_way};
use crate::term::Direction::{FromChargePoint, FromCsms};
use crate::term::Way;

/// More words than this no logger writes before a message.
const MOST_WORDS: usize = 24;
/// The beginnings of names that a program gives to its parts.
const PARTS: [&str; 62] = [
    "akka",
    "asyncio",
    "attempt",
    "ch-",
    "channel",
    "celery",
    "client",
    "conn",
    "coro",
    "csms",
    "default",
    "evse",
    "event",
    "exec",
    "fiber",
    "frame",
    "gorout",
    "gunicorn",
    "gun",
    "handler",
    "host",
    "http",
    "id",
    "jetty",
    "job",
    "level",
    "line",
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
    "queue",
    "reactor",
    "req",
    "retry",
    "scheduler",
    "seq",
    "server",
    "session",
    "socket",
    "task",
    "tcp",
    "tenant",
    "thread",
    "tomcat",
    "tx",
    "udp",
    "user",
    "uvicorn",
    "vert",
    "worker",
    "ws",
];
const AROUND: [char; 14] = ['[', ']', '(', ')', '{', '}', '<', '>', '"', '\'', ',', ';', ':', '|'];

/// The charge point that the words behind a stamp name, and the way that they tell.
pub(super) fn told(words: &str) -> (Option<&str>, Way) {
    let mut list = [""; MOST_WORDS];
    let mut count = 0;
    for word in words.split_ascii_whitespace() {
        let Some(place) = list.get_mut(count) else { return (None, Way::Unknown) };
        *place = word;
        count += 1;
    }
    let list = &list[..count];
    let (named, way) = fields(list);
    if named.is_some() {
        return (named, way);
    }
    between(list).or_else(|| behind_preposition(list)).or_else(|| before_direction(list)).unwrap_or((None, way))
}

/// `cp=CP7`, `charge_point_id: "CP7"`, and `direction=in` beside them.
fn fields<'a>(words: &[&'a str]) -> (Option<&'a str>, Way) {
    let (mut id, mut way) = (None, Way::Unknown);
    for (at, word) in words.iter().enumerate() {
        let word = word.trim_start_matches(AROUND);
        let Some((key, value)) = word.split_once(['=', ':']) else { continue };
        let value = if value.trim_matches(AROUND).is_empty() && word.ends_with(':') {
            words.get(at + 1).copied().unwrap_or("")
        } else {
            value
        };
        // An id with blanks, of which this is only the first word, is not told.
        if value.bytes().filter(|byte| *byte == b'"').count() == 1 {
            continue;
        }
        let value = value.trim_matches(AROUND);
        if is_station(key) && is_value(value) {
            id = id.or(Some(value));
        } else if matches!(key, "direction" | "dir" | "way") && way == Way::Unknown {
            way = envelope::word_way(value);
        }
    }
    (id, way)
}

fn is_station(key: &str) -> bool {
    let plain = |known: &str| {
        let mut known = known.bytes();
        let mut given = key.bytes().filter(|byte| !matches!(byte, b'_' | b'-'));
        given.all(|byte| known.next() == Some(byte.to_ascii_lowercase())) && known.next().is_none()
    };
    [
        "cp",
        "cpid",
        "chargepoint",
        "chargepointid",
        "chargepointidentity",
        "chargebox",
        "chargeboxid",
        "chargeboxidentity",
        "charger",
        "chargerid",
        "chargingstation",
        "chargingstationid",
        "station",
        "stationid",
        "ocppidentity",
        "ocppid",
        "wallbox",
        "wallboxid",
        "ladepunkt",
        "ladestation",
    ]
    .into_iter()
    .any(plain)
}

/// Whether a value names anything.
fn is_value(value: &str) -> bool {
    !value.is_empty()
        && !value.contains(['[', ']', '{', '}', '"', '=', '/'])
        && !["none", "null", "nil", "unknown", "undefined", "-", "***"].iter().any(|no| value.eq_ignore_ascii_case(no))
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
        [one] => is_station(one),
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
            return looks_like_id(id).then_some((Some(id), way));
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

/// Whether a word is a charge point's id rather than the name of a thread, a connection or a place in a program.
fn looks_like_id(word: &str) -> bool {
    let bytes = word.as_bytes();
    let signs = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_*#".contains(byte);
    let digit = bytes.iter().any(u8::is_ascii_digit);
    let letter = bytes.iter().any(u8::is_ascii_alphabetic);
    let hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-');
    // A number of a connection, or a span of time such as 12ms.
    let random = bytes.len() >= 8 && bytes.iter().all(hex);
    let span = bytes.iter().skip_while(|byte| byte.is_ascii_digit()).all(u8::is_ascii_lowercase) && !random;
    let part = PARTS.iter().any(|part| word.get(..part.len()).is_some_and(|start| start.eq_ignore_ascii_case(part)));
    (3..=48).contains(&bytes.len())
        && bytes.iter().all(signs)
        && digit
        && letter
        && !random
        && !(span && bytes[0].is_ascii_digit())
        && !word.starts_with("0x")
        && !part
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
            ("DEBUG [chargePointId: \"A1\"] ", "A1", Way::Unknown),
            ("INFO Received message from HUB-01: ", "HUB-01", CP),
            ("INFO Sent message to charge point DE*ABC*E1: ", "DE*ABC*E1", CSMS),
            ("INFO HUB-01 -> CSMS: ", "HUB-01", CP),
            ("INFO CSMS -> HUB-01: ", "HUB-01", CSMS),
        ] {
            assert_eq!(told(words), (Some(id), way), "{words}");
        }
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
            "cp= ",
            "connector 1 sent ",
            "-> ",
            "",
        ] {
            assert_eq!(told(words).0, None, "{words}");
        }
        assert_eq!(told(&"a ".repeat(MOST_WORDS + 1)), (None, Way::Unknown));
    }
}
