//! What the words before a frame tell.

use super::peel::{self, MAX_WRAPPERS, is_level, level, split};
use super::profile::{Id, PROFILES, Rule};
use super::stamp::{self, Found};
use super::words::{self, Told, Trust};
use super::{Layout, Stamp};
use crate::term::{IdSource, Version, Way};

/// What is known about a frame besides its text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Meta<'a> {
    pub(super) charge_point: Option<&'a str>,
    pub(super) source: IdSource,
    pub(super) way: Way,
    pub(super) stamp: Stamp,
    pub(super) version: Option<Version>,
    pub(super) link: Option<&'a str>,
    /// Whether the charge point was found in words that nobody listed: anything else is believed before them.
    pub(super) guessed: bool,
}

impl<'a> Meta<'a> {
    /// Fills what is missing here from what stands further out.
    pub(super) fn or(self, outer: &Meta<'a>) -> Self {
        let better = self.guessed && (outer.charge_point.is_some() || outer.link.is_some());
        let (charge_point, source, guessed) = match self.charge_point {
            Some(_) if !better => (self.charge_point, self.source, self.guessed),
            _ => (outer.charge_point, outer.source, outer.guessed),
        };
        Self {
            charge_point,
            source,
            way: if self.way == Way::Unknown { outer.way } else { self.way },
            stamp: innermost(self.stamp, outer.stamp),
            version: self.version.or(outer.version),
            link: self.link.or(outer.link),
            guessed,
        }
    }
}

/// The inner stamp, unless it lacks what the outer one has.
const fn innermost(inner: Stamp, outer: Stamp) -> Stamp {
    match (inner, outer) {
        (Stamp::None, _) | (Stamp::LocalNoYear(_) | Stamp::Clock(_), Stamp::Utc(_) | Stamp::Local(_)) => outer,
        _ => inner,
    }
}

/// What introduces a frame.
#[derive(Clone, Copy, Debug)]
pub(super) enum Head<'a> {
    /// The words of a layout.
    Known(usize, Meta<'a>),
    /// Other words, or none.
    Plain(Meta<'a>),
    /// An error or a remark that quotes the frame.
    Echo,
}

/// Whether the words quote a frame which stands elsewhere in the log, or was never sent.
///
/// One walk over the words; each byte decides which few beginnings are worth a look.
fn is_echo(words: &str) -> bool {
    let bytes = words.as_bytes();
    bytes.iter().enumerate().any(|(at, byte)| {
        let starts = |word: &str| bytes[at..].starts_with(word.as_bytes());
        match byte {
            b'W' => starts("Waited "),
            b'U' => starts("Unable to parse"),
            b'A' => starts("Attempted to send"),
            b'<' => starts("<Call"),
            b'T' => starts("Try to send"),
            b'E' => starts("ERROR"),
            b'r' => starts("rror"),
            b'x' => starts("xception"),
            b'a' => starts("ailed to"),
            b'u' => starts("unknown unique id"),
            b'h' => starts("handling incoming"),
            _ => false,
        }
    })
}

/// Reads the words before a frame.
pub(super) fn head<'a>(layout: &Layout, words: &'a str) -> Head<'a> {
    let words_end = words.trim_ascii_end();
    if words_end.is_empty() {
        return Head::Plain(Meta::default());
    }
    if let Some(index) = layout.primary
        && let Some(meta) = by_profile(index, words_end)
    {
        return Head::Known(index, meta);
    }
    // Every rule's words end in one of these bytes: most other words are told by that.
    let last = words_end.as_bytes().last();
    if matches!(last, Some(b':' | b'e' | b'd' | b'm' | b't' | b')' | b'\'' | b'=' | b']' | b'>' | b'-' | 0x8f))
        || split(words_end, "CentralSystem").is_some()
    {
        for index in 0..PROFILES.len() {
            if let Some(meta) = by_profile(index, words_end) {
                return Head::Known(index, meta);
            }
        }
    }
    if is_echo(words_end) {
        return Head::Echo;
    }
    Head::Plain(plain(words_end, layout.words))
}

/// What evcc writes instead of a secret: any charge point's id may stand behind it.
const REDACTED: &str = "***";

fn by_profile(index: usize, words: &str) -> Option<Meta<'_>> {
    let (rule, charge_point) = PROFILES[index].rules.iter().find_map(|rule| Some((rule, apply(rule, words)?)))?;
    let charge_point = Some(charge_point).filter(|id| !id.is_empty() && *id != REDACTED);
    Some(Meta {
        charge_point,
        source: if charge_point.is_some() { IdSource::Record } else { IdSource::None },
        way: rule.way,
        stamp: stamp::find(words).map_or(Stamp::None, |found| found.stamp),
        version: None,
        link: None,
        guessed: false,
    })
}

/// The charge point, if a rule's words stand here; empty if they name none.
#[inline]
fn apply<'a>(rule: &Rule, words: &'a str) -> Option<&'a str> {
    // Most rules differ in the last byte already: that spares a call for each of them.
    if !rule.tail.is_empty() && words.as_bytes().last() != rule.tail.as_bytes().last() {
        return None;
    }
    let before = words.strip_suffix(rule.tail)?;
    let behind = behind(before, rule.needle)?;
    Some(match rule.id {
        Id::None => "",
        Id::Needle => behind.trim_ascii(),
        Id::Field(name) => {
            let (_, value) = split(words, name)?;
            let end = value.find([',', ']']).unwrap_or(value.len());
            value[..end].trim_ascii()
        }
        Id::Rest => rest(before),
        Id::RestBefore(mark) => rest(split(words, mark)?.0),
    })
}

/// What follows the needle, if it is there.
fn behind<'a>(text: &'a str, needle: &str) -> Option<&'a str> {
    if needle.is_empty() {
        return Some(text);
    }
    match needle.split_once('*') {
        Some((first, second)) => split(split(text, first)?.1, second).map(|(_, behind)| behind),
        None => split(text, needle).map(|(_, behind)| behind),
    }
}

/// What is left of the words before a charge point's id: the id may hold blanks and colons, the words before it are
/// those of a logger.
fn rest(text: &str) -> &str {
    if let Some((before, behind)) = split(text, "ocpp") {
        let last = before.bytes().next_back();
        if let (Some(b':'), Some(id)) = (last, behind.strip_prefix(':')) {
            return id.trim_ascii();
        }
        if let (Some(b'['), Some(id)) = (last, behind.strip_prefix("] ")) {
            return id.trim_ascii();
        }
        if let (true, Some(rest)) = (before.ends_with("- "), behind.strip_prefix(" - ")) {
            return split(rest, " - ").map_or(rest, |(_, id)| id).trim_ascii();
        }
    }
    if let Some((_, behind)) = split(text, "charge_point.py:") {
        let behind = behind.trim_start_matches(|letter: char| letter.is_ascii_digit());
        return behind.trim_start_matches([']', ')', ':']).trim_ascii();
    }
    let mut text = text;
    // What a daemon or a viewer wrote before the line; its words are no names.
    for _ in 0..MAX_WRAPPERS {
        let Some(prefix) = peel::prefix(text) else { break };
        text = &text[prefix.length..];
    }
    text = stamp::find(text).map_or(text, |found| &text[found.end..]);
    loop {
        text = text.trim_ascii_start();
        let shorter = bracketed(text)
            .or_else(|| text.strip_prefix(['-', '|', ',', ']', ':']).filter(|rest| rest.starts_with(' ')))
            .or_else(|| level(text))
            .or_else(|| logger(text))
            .or_else(|| {
                text.split_once("]: ")
                    .filter(|(head, _)| !head.contains(' ') || head.contains('['))
                    .map(|(_, rest)| rest)
            });
        match shorter {
            Some(shorter) => text = shorter,
            None => return text.trim_ascii(),
        }
    }
}

/// Takes the name of a logger off the start, if it is one: `ocpp`, a module (`backend.ws`), a place in a program
/// (`ocpp.charge_point:call:293`), or a word before a level (`root - INFO - `).
fn logger(text: &str) -> Option<&str> {
    let length = text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"_.:<>".contains(byte)).count();
    let (word, behind) = text.split_at(length);
    let (word, behind) = match word.strip_suffix(':') {
        Some(word) => (word, &text[length - 1..]),
        None => (word, behind),
    };
    let apart = behind.strip_prefix([':', ' '])?.trim_ascii_start();
    let line = word.rsplit_once(':').is_some_and(|(head, line)| {
        !head.is_empty() && !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit())
    });
    let bar = apart.strip_prefix(['-', '|']).map(str::trim_ascii_start);
    let before_level = !word.is_empty() && bar.is_some_and(|behind| level(behind).is_some());
    (word == "ocpp" || line && bar.is_some() || before_level || is_module(word)).then_some(apart)
}

/// Whether a word is the path of a module, as Python names loggers: `backend.ws`.
fn is_module(word: &str) -> bool {
    let name = |part: &str| {
        part.starts_with(|letter: char| letter.is_ascii_lowercase() || letter == '_')
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    word.contains('.') && word.split('.').all(name)
}

/// Takes a group in brackets off the start.
fn bracketed(text: &str) -> Option<&str> {
    let close = match text.as_bytes().first()? {
        b'[' => ']',
        b'(' => ')',
        _ => return None,
    };
    text.split_once(close).map(|(_, rest)| rest)
}

/// Reads `stamp`, `stamp id` and `stamp id <<`, and of any other words the stamp and a clear word of direction.
fn plain(words: &str, trust: Trust) -> Meta<'_> {
    let found = stamp::find(words);
    let behind = found.map_or(words, |Found { end, .. }| &words[end..]);
    // A recorder of topics may write its time before them.
    if behind.contains('/')
        && let Some(meta) = super::topic::read(behind.trim_ascii()).filter(|_| !behind.trim_ascii().contains(' '))
    {
        return Meta { stamp: found.map_or(Stamp::None, |found| found.stamp), ..meta };
    }
    let mut pieces = behind.trim_start_matches([']', ':', ',', ';']).split_ascii_whitespace();
    let pieces = [pieces.next(), pieces.next(), pieces.next()];
    let (name, way) = match pieces {
        [Some(name), None, _] => (Some(name), Way::Unknown),
        [Some(name), Some(arrow), None] => match arrow_way(arrow) {
            Way::Unknown => (None, Way::Unknown),
            way => (Some(name), way),
        },
        _ => (None, Way::Unknown),
    };
    let complete = found.is_some_and(|found| !matches!(found.stamp, Stamp::LocalNoYear(_)));
    let charge_point = name.map(|name| name.strip_suffix(':').unwrap_or(name)).filter(|name| complete && is_name(name));
    let told = if charge_point.is_some() || trust.is_none() { Told::default() } else { words::told(behind) };
    let guessed = told.charge_point.filter(|_| trust.believes(told));
    let charge_point = charge_point.or(guessed);
    let last = behind.split_ascii_whitespace().next_back().unwrap_or("");
    Meta {
        charge_point,
        source: if charge_point.is_some() { IdSource::Record } else { IdSource::None },
        way: [way, told.way, word_way(last)].into_iter().find(|way| *way != Way::Unknown).unwrap_or_default(),
        stamp: found.map_or(Stamp::None, |found| found.stamp),
        version: None,
        link: None,
        guessed: guessed.is_some(),
    }
}

pub(super) const fn arrow_way(arrow: &str) -> Way {
    match arrow.as_bytes() {
        b"<<" | b"<" => Way::Received,
        b">>" | b">" => Way::Sent,
        _ => Way::Unknown,
    }
}

pub(super) fn word_way(word: &str) -> Way {
    let word = word.trim_matches([':', '[', ']', '(', ')', '-', '=', ',']);
    let is = |list: &[&str]| list.iter().any(|known| word.eq_ignore_ascii_case(known));
    if is(&["received", "receive", "recv", "rx", "in", "inbound", "incoming"]) {
        Way::Received
    } else if is(&["sent", "send", "sending", "tx", "out", "outbound", "outgoing"]) {
        Way::Sent
    } else {
        arrow_way(word)
    }
}

/// Whether a single word may be a charge point's id rather than a word about the line.
pub(super) fn is_name(word: &str) -> bool {
    const WORDS: [&str; 16] = [
        "ocpp",
        "ocppj",
        "ocpp16",
        "ocpp201",
        "message",
        "msg",
        "frame",
        "websocket",
        "ws",
        "server",
        "client",
        "csms",
        "request",
        "response",
        "call",
        "data",
    ];
    word.bytes().any(|byte| byte.is_ascii_alphanumeric())
        && !word.contains(['[', ']', '{', '}', '"', '\'', '=', '(', ')', '<', '>', ','])
        && !is_level(word)
        && word_way(word) == Way::Unknown
        && !WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::Direction::{FromChargePoint, FromCsms};

    fn read(words: &str) -> (Option<&str>, Way) {
        match head(&Layout::default(), words) {
            Head::Known(_, meta) | Head::Plain(meta) => (meta.charge_point, meta.way),
            Head::Echo => (Some("echo"), Way::Unknown),
        }
    }

    #[test]
    fn the_id_is_what_the_logger_did_not_write() {
        for (words, id) in [
            ("INFO:ocpp:CP 7: receive message ", Some("CP 7")),
            ("INFO:ocpp:a:b:c: receive message ", Some("a:b:c")),
            ("CP7: receive message ", Some("CP7")),
            ("INFO backend.ws CP 7: receive message ", Some("CP 7")),
            ("INFO Site.A 7: receive message ", Some("Site.A 7")),
            ("My box: 2: receive message ", Some("My box: 2")),
            (": receive message ", None),
            ("2026-05-01 10:00:00.250 INFO (MainThread) [ocpp] : receive message ", None),
            ("2026-05-01 10:00:00.250 INFO (MainThread) [ocpp] Haus 1: receive message ", Some("Haus 1")),
            ("2026-05-01 10:00:00,250 - ocpp - INFO - CP7: receive message ", Some("CP7")),
            ("2026-05-01T10:00:00-0400 INFO CP-7: receive message ", Some("CP-7")),
            ("[INFO charge_point.py:126] CP7: receive message ", Some("CP7")),
            ("INFO     ocpp:charge_point.py:126 CP7: receive message ", Some("CP7")),
            ("May  1 10:00:00 host csms[811]: INFO:ocpp:CP7: receive message ", Some("CP7")),
            ("May  1 10:00:00 host csms[811]: CP7: receive message ", Some("CP7")),
            ("app-1  | 2026-05-01 10:00:00 [INFO] CP7: receive message ", Some("CP7")),
            ("2026-05-01 10:00:00,250 INFO ocpp: CP7: receive message ", Some("CP7")),
            ("[2026-05-01 10:00:00,250] [INFO] CP7: receive message ", Some("CP7")),
            ("2026-05-01 10:00:00,250 [INFO] ocpp (charge_point.py:293): CP7: receive message ", Some("CP7")),
            ("2026-05-01 10:00:00 | INFO | ocpp | CP7: receive message ", Some("CP7")),
            (
                "2026-05-01 10:00:00.250 | INFO     | ocpp.charge_point:route_message:293 - CP7: receive message ",
                Some("CP7"),
            ),
            ("INFO 2026-05-01 10:00:00,250 ocpp CP7: receive message ", Some("CP7")),
            ("2026-05-01 10:00:00,250 - root - INFO - CP7: receive message ", Some("CP7")),
            ("[09/14/26 10:00:00] INFO     ocpp-box 2: receive message ", Some("ocpp-box 2")),
            ("2026-05-01 10:00:00,250 INFO root: CP7: receive message ", Some("root: CP7")),
        ] {
            let (found, way) = read(words);
            assert_eq!(found, id, "{words}");
            assert!(matches!(way, Way::Received | Way::Known(FromChargePoint)), "{words}");
        }
    }

    #[test]
    fn the_generations_of_evcc_and_ocpp_go_tell_id_and_way() {
        for (words, id, direction) in [
            ("[ocpp  ] TRACE 2026/05/01 10:00:00 recv CP 7: ", Some("CP 7"), FromChargePoint),
            ("evcc  | [ocpp  ] TRACE 2026/05/01 10:00:00 send send: ", Some("send"), FromCsms),
            ("[ocpp  ] TRACE 2026/05/01 10:00:00 received JSON message from CP7: ", Some("CP7"), FromChargePoint),
            ("[ocpp  ] TRACE 2026/05/01 10:00:00 sent JSON message to CP7: ", Some("CP7"), FromCsms),
            ("received JSON message from CP7: ", Some("CP7"), FromChargePoint),
            ("received JSON message from server: ", None, FromCsms),
            ("sent JSON message to server: ", None, FromChargePoint),
        ] {
            assert_eq!(read(words), (id, Way::Known(direction)), "{words}");
        }
    }

    #[test]
    fn an_id_is_read_from_plain_words_only_where_nothing_else_stands() {
        for (words, id, way) in [
            ("2026-05-01 10:00:00 CP7 << ", Some("CP7"), Way::Received),
            ("2026-05-01 10:00:00 CP7 > ", Some("CP7"), Way::Sent),
            ("2026-05-01 10:00:00 CP7 ", Some("CP7"), Way::Unknown),
            ("1777629600250 CP7 ", Some("CP7"), Way::Unknown),
            ("2026-05-01 10:00:00 INFO ", None, Way::Unknown),
            ("2026-05-01 10:00:00 some words ", None, Way::Unknown),
            ("2026-05-01 10:00:00 [x] TX: ", None, Way::Sent),
            ("May  1 10:00:00 host ", None, Way::Unknown),
            ("CP7 ", None, Way::Unknown),
        ] {
            assert_eq!(read(words), (id, way), "{words}");
        }
    }

    #[test]
    fn the_bytes_that_end_a_rule_are_all_known() {
        for rule in PROFILES.iter().flat_map(|profile| profile.rules) {
            let words = format!("x {} CP7 {}", rule.needle.replace('*', " "), rule.tail);
            let Head::Known(..) = head(&Layout::default(), &words) else { panic!("{rule:?}") };
        }
    }

    #[test]
    fn texts_that_quote_a_frame_are_echoes() {
        for words in [
            "asyncio.TimeoutError: Waited 30s for response on ",
            "[WARN ] 2026-05-01 10:00:00,250 x.WebSocketLogger - [chargeBoxId=CP7, sessionId=0] Attempted to send to closed session: ",
            "INFO:ocpp:Unable to parse message: '",
            "[MO] Try to send request: ",
            "[ocpp  ] ERROR 2026/05/01 10:00:00 unexpected (",
        ] {
            assert_eq!(read(words).0, Some("echo"), "{words}");
        }
    }
}
