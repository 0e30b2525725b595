//! One JSON object around a message: which of its keys tell what.

use super::announce::last_segment;
use super::custom::Custom;
use super::parts::{self, Parts};
use super::text::Meta;
use super::{Stamp, locate, soap, stamp};
use crate::json::{RawStr, Scan, Scanner, Value};
use crate::term::Direction::{self, FromChargePoint, FromCsms};
use crate::term::{IdSource, Version, Way};
use std::borrow::Cow;

/// Something in a record that holds a frame.
#[derive(Clone, Copy, Debug)]
pub(super) enum Candidate<'a> {
    Array(&'a str),
    Object(&'a str),
    Text(RawStr<'a>),
}

/// What a record tells.
#[expect(clippy::struct_excessive_bools, reason = "each tells something of its own about the record")]
#[derive(Debug, Default)]
pub(super) struct Record<'a> {
    station: Option<(u8, &'a str)>,
    stamp: Option<(u8, Stamp)>,
    way: Option<(u8, Way)>,
    version: Option<Version>,
    /// What a section beside the message tells, such as `info` or `_meta`.
    beside: Option<Meta<'a>>,
    best: Option<(u8, Candidate<'a>)>,
    pub(super) parts: Parts<'a>,
    /// The key of a stream that it belongs to.
    link: Option<&'a str>,
    /// A text as an array of bytes, as journald writes one with control characters.
    pub(super) bytes: Option<&'a str>,
    /// The times of a request and its answer in one record.
    pub(super) request_time: Option<Stamp>,
    pub(super) response_time: Option<Stamp>,
    /// The station behind the tenant in `"1":"1:CP001"`.
    positional: Option<&'a str>,
    /// Whether `_meta` stands beside it, which only that console writes.
    citrine: bool,
    /// Whether a browser or a proxy wrote it down as the client sees it, which in OCPP is the charge point.
    client: bool,
    /// What `CitrineOS` calls the state of a message, and whether the key stands beside it that only its bus has.
    state: Option<&'static str>,
    grouped: bool,
    /// The event of a webhook.
    pub(super) event: Option<&'a str>,
    /// Whether it is a row of a table, whose cells have no escapes.
    row: bool,
}

/// What a key stands for. The number says how sure its name is, 0 for surest.
#[derive(Clone, Copy)]
pub(super) enum Role {
    Station(u8),
    Time(u8),
    Way(u8),
    Version,
    Body(u8),
    Beside,
    Kind,
    Id,
    Action,
    Error,
    Event,
    Positional,
    Type,
    State,
    Group,
    WeakId,
    Correlation,
    Request,
    Response,
    ErrorCode,
    ErrorDescription,
    RequestTime,
    ResponseTime,
    Address,
    Mask,
    Stream,
    Opcode,
    Other,
}

/// The rank of a name that is only like one of the lists.
const WEAK: u8 = 9;

/// The first byte decides which few names are compared.
#[expect(clippy::too_many_lines, reason = "a table of names")]
pub(super) fn role(key: &str) -> Role {
    match key.as_bytes().first() {
        Some(b'1') => match key {
            "1" => Role::Positional,
            _ => Role::Other,
        },
        Some(b'@') => match key {
            "@timestamp" | "@t" => Role::Time(0),
            _ => Role::Other,
        },
        Some(b'C') => match key {
            "ChargerID" | "ChargePointId" => Role::Station(0),
            _ => Role::Other,
        },
        Some(b'D') => match key {
            "Direction" => Role::Way(0),
            _ => Role::Other,
        },
        Some(b'M') => match key {
            "MESSAGE" => Role::Body(1),
            _ => Role::Other,
        },
        Some(b'T') => match key {
            "Timestamp" => Role::Time(0),
            _ => Role::Other,
        },
        Some(b'_') => match key {
            "__REALTIME_TIMESTAMP" => Role::Time(1),
            "_payload" => Role::Body(2),
            "_time" => Role::Time(0),
            "_meta" | "_context" => Role::Beside,
            "_origin" => Role::Way(0),
            "_action" => Role::Action,
            "_state" => Role::State,
            "_eventGroup" => Role::Group,
            "_protocol" => Role::Version,
            _ => Role::Other,
        },
        Some(b'a') => match key {
            "asctime" => Role::Time(0),
            "attributes" => Role::Beside,
            "action" => Role::Action,
            _ => Role::Other,
        },
        Some(b'b') => match key {
            "body" => Role::Body(2),
            _ => Role::Other,
        },
        Some(b'c') => match key {
            "chargePointId"
            | "charge_point_id"
            | "chargePointID"
            | "chargepointId"
            | "chargepoint_id"
            | "chargePoint"
            | "charge_point"
            | "chargeBoxId"
            | "charge_box_id"
            | "chargeBoxIdentity"
            | "chargingStationId"
            | "charging_station_id"
            | "csId"
            | "cs_id"
            | "cpId"
            | "cp_id"
            | "cpid"
            | "csid"
            | "chargerId"
            | "charger_id"
            | "chargeStationId" => Role::Station(0),
            "cp" | "charger" => Role::Station(1),
            "created_at" | "createdAt" => Role::Time(1),
            "content" => Role::Body(2),
            "context" => Role::Beside,
            "correlationId" => Role::Correlation,
            _ => Role::Other,
        },
        Some(b'd') => match key {
            "date" | "datetime" | "dateTime" => Role::Time(0),
            "direction" | "dir" => Role::Way(0),
            "data" => Role::Body(2),
            _ => Role::Other,
        },
        Some(b'e') => match key {
            "eventTime" | "event_time" => Role::Time(0),
            "events" => Role::Body(2),
            "error" => Role::Error,
            "errorCode" | "error_code" => Role::ErrorCode,
            "errorDescription" | "error_description" => Role::ErrorDescription,
            "event" => Role::Event,
            "eventGroup" => Role::Group,
            _ => Role::Other,
        },
        Some(b'f') => match key {
            "flow" | "from" => Role::Way(1),
            "frame" => Role::Body(1),
            "frame.time_epoch" | "frame_time_epoch" | "frame_frame_time_epoch" => Role::Time(0),
            _ => Role::Other,
        },
        Some(b'h') => match key {
            "headers" | "header" => Role::Beside,
            _ => Role::Other,
        },
        Some(b'i') => match key {
            "id" => Role::WeakId,
            "identity" => Role::Station(1),
            "info" => Role::Beside,
            _ => Role::Other,
        },
        Some(b'k') => match key {
            "key" => Role::Station(2),
            _ => Role::Other,
        },
        Some(b'l') => match key {
            "log_time" | "logTime" => Role::Time(0),
            "log" | "logEvents" => Role::Body(2),
            "labels" => Role::Beside,
            _ => Role::Other,
        },
        Some(b'm') => match key {
            "message" | "msg" => Role::Body(1),
            "meta" | "metadata" => Role::Beside,
            "messageType" | "message_type" | "messageTypeId" => Role::Kind,
            "messageId" | "message_id" => Role::Id,
            _ => Role::Other,
        },
        Some(b'o') => match key {
            "opcode" => Role::Opcode,
            "ocppIdentity" | "ocpp_identity" => Role::Station(1),
            "origin" => Role::Way(0),
            "ocpp_version" | "ocppVersion" | "ocppProtocol" | "ocpp_protocol" => Role::Version,
            "ocpp" | "ocppMessage" | "ocpp_message" => Role::Body(1),
            _ => Role::Other,
        },
        Some(b'p') => match key {
            "protocol" => Role::Version,
            "payload" => Role::Body(2),
            _ => Role::Other,
        },
        Some(b'r') => match key {
            "received_at" | "receivedAt" => Role::Time(0),
            "request" => Role::Request,
            "response" => Role::Response,
            "requestTimestamp" => Role::RequestTime,
            "responseTimestamp" => Role::ResponseTime,
            "raw" | "rawMessage" | "raw_message" | "rawFrame" | "raw_frame" => Role::Body(0),
            "records" => Role::Body(2),
            _ => Role::Other,
        },
        Some(b's') => match key {
            "stationId" | "station_id" | "station" => Role::Station(0),
            "sent_at" | "sentAt" => Role::Time(1),
            "sender" | "source" => Role::Way(1),
            "subprotocol" => Role::Version,
            "state" => Role::State,
            _ => Role::Other,
        },
        Some(b't') => match key {
            "timestamp" | "timeStamp" | "ts" | "time" => Role::Time(0),
            "type" => Role::Type,
            "text" => Role::Body(2),
            "tags" | "tcp" => Role::Beside,
            "tcp.stream" | "tcp_stream" | "tcp_tcp_stream" => Role::Stream,
            _ => Role::Other,
        },
        Some(b'u') => match key {
            "url" => Role::Address,
            "uniqueId" | "unique_id" => Role::Id,
            _ => Role::Other,
        },
        Some(b'v') => match key {
            "version" => Role::Version,
            "value" => Role::Body(2),
            _ => Role::Other,
        },
        Some(b'w') => match key {
            "websocket.mask" | "websocket_mask" | "websocket_websocket_mask" => Role::Mask,
            "websocket.payload.text" | "websocket_payload_text" | "websocket_websocket_payload_text" => Role::Body(1),
            _ => Role::Other,
        },
        _ => Role::Other,
    }
}

/// The name under which [`role`] knows a heading of a table: headings are written in many ways and languages.
pub(super) fn canonical(heading: &str) -> String {
    let heading = heading.trim();
    if !matches!(role(heading), Role::Other) {
        return heading.to_owned();
    }
    folded(heading).map_or_else(|| heading.to_owned(), str::to_owned)
}

/// The name for which a heading stands when its case, blanks and signs do not count; in the languages of spreadsheets.
fn folded(heading: &str) -> Option<&'static str> {
    const LONGEST: usize = 32;
    let mut plain = String::with_capacity(LONGEST);
    for letter in heading.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase) {
        if plain.len() >= LONGEST {
            return None;
        }
        plain.push(letter);
    }
    Some(match plain.as_str() {
        "zeitpunkt" | "zeitstempel" | "zeit" | "datum" | "uhrzeit" | "datumuhrzeit" | "timestamp" | "time"
        | "logtime" | "datetime" | "date" | "horodatage" | "dateheure" | "fecha" | "fechahora" | "marcadetiempo"
        | "tijdstip" | "dataora" | "receivedat" | "loggedat" => "timestamp",
        "ladepunkt" | "ladestation" | "ladesäule" | "ladepunktid" | "wallbox" | "chargepoint" | "chargepointid"
        | "chargeboxid" | "chargingstation" | "chargingstationid" | "station" | "stationid" | "charger"
        | "chargerid" | "borne" | "pointdecharge" | "puntodecarga" | "laadpunt" | "laadpaal" | "puntodiricarica" => {
            "charge_point_id"
        }
        "richtung" | "direction" | "sens" | "dirección" | "direccion" | "sentido" | "richting" | "direzione" => {
            "direction"
        }
        "typ" | "nachrichtentyp" | "messagetype" | "messagetypeid" | "tipo" | "typedemessage" => "messageType",
        "messageid" | "uniqueid" | "nachrichtid" | "nachrichtenid" | "idmensaje" => "messageId",
        "action" | "aktion" | "acción" | "accion" | "actie" | "azione" => "action",
        "payload" | "nutzlast" | "inhalt" | "contenu" | "contenido" | "inhoud" => "payload",
        "message" | "nachricht" | "mensaje" | "bericht" | "messaggio" | "ocppmessage" | "rawmessage" => "message",
        "protocol" | "ocppversion" | "version" => "protocol",
        _ => return None,
    })
}

/// What a key stands for, if it is in the list or only like one that is: a table may have been written as JSON under
/// its headings. The keys of the list come first.
pub(super) fn meaning(key: &str) -> Role {
    match role(key) {
        Role::Other => match folded(key) {
            Some("charge_point_id") => Role::Station(WEAK),
            Some("timestamp") => Role::Time(WEAK),
            Some("direction") => Role::Way(WEAK),
            _ => Role::Other,
        },
        role => role,
    }
}

/// Whether a name has a meaning of its own.
pub(super) fn is_known(name: &str) -> bool {
    !matches!(role(name), Role::Other)
}

/// The way that a word of a record means.
pub(super) fn way(word: &str) -> Way {
    Direction::from_word(word).map_or(Way::Unknown, Way::Known)
}

/// The way that a word means which the caller's own pattern found.
pub(super) fn word_way(word: &str) -> Way {
    way(word.trim())
}

/// Whether a value holds something like a frame.
pub(super) fn holds_frame(text: &str) -> bool {
    locate::any(text, 0).is_some()
}

/// Whether a key is that of a payload beside the other parts of its frame.
fn is_parts(key: &str) -> bool {
    matches!(key, "payload" | "_payload")
}

/// Whether an array holds the bytes of a text.
fn is_bytes(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() > 16 && bytes.iter().all(|byte| matches!(byte, b'0'..=b'9' | b',' | b' ' | b'[' | b']'))
}

/// The text that an array of bytes holds.
pub(super) fn text_of_bytes(text: &str) -> String {
    let bytes: Vec<u8> =
        text.trim_matches(['[', ']']).split(',').filter_map(|number| number.trim().parse().ok()).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The text of an array that has nothing else in it.
fn only_text(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('[')?.strip_suffix(']')?.trim_ascii();
    inside.strip_prefix('"')?.strip_suffix('"').filter(|inside| !inside.contains(['"', '\\']))
}

/// Takes the better of two findings, the first one at equal rank.
pub(super) fn better<T>(place: &mut Option<(u8, T)>, rank: u8, value: T) {
    if place.as_ref().is_none_or(|(known, _)| rank < *known) {
        *place = Some((rank, value));
    }
}

/// Reads the object that comes next.
pub(super) fn record<'a>(scanner: &mut Scanner<'a>, custom: Option<&Custom>) -> Scan<Record<'a>> {
    let mut record = Record::default();
    scanner.object(|scanner, key| {
        let name = custom.and_then(|custom| custom.name(&key.decode())).unwrap_or(key.raw);
        let role = meaning(name);
        let before = scanner.rest();
        let value = scanner.value()?;
        let written = &before[..before.len() - scanner.rest().len()];
        record.add(role, name, value, written);
        Ok(())
    })?;
    if record.grouped {
        record.parts.kind = record.parts.kind.or(record.state);
    }
    Ok(record)
}

impl<'a> Record<'a> {
    fn add(&mut self, role: Role, key: &str, value: Value<'a>, written: &'a str) {
        match (role, value) {
            (Role::Station(rank), Value::Text(RawStr { raw, .. }) | Value::Number(raw))
                if !raw.is_empty() && !holds_frame(raw) =>
            {
                better(&mut self.station, rank, raw);
            }
            (Role::Time(rank), Value::Text(RawStr { raw, .. }) | Value::Number(raw)) => {
                let stamp = stamp::whole(raw);
                if stamp != Stamp::None {
                    better(&mut self.stamp, rank, stamp);
                }
            }
            (Role::Way(rank), Value::Text(word)) if way(word.raw) != Way::Unknown => {
                better(&mut self.way, rank, way(word.raw));
            }
            (Role::Version, Value::Text(word)) => self.version = self.version.or_else(|| Version::from_name(word.raw)),
            // The body of a capture is no body where it holds no frame, but tells about it.
            (Role::Beside | Role::Body(_), Value::Object(text)) if !holds_frame(text) && !is_parts(key) => {
                self.citrine |= key == "_meta";
                let beside = record(&mut Scanner::new(text), None).ok();
                if matches!(key, "context" | "_context") {
                    let id = beside.as_ref().and_then(|record| record.parts.weak_id);
                    self.parts.weak_id = self.parts.weak_id.or(id);
                }
                let beside = beside.map(|record| record.own_meta());
                self.beside = match (self.beside, beside) {
                    (Some(first), Some(second)) => Some(first.or(&second)),
                    (first, second) => first.or(second),
                };
            }
            (Role::Body(_), Value::Array(text)) if is_bytes(text) => self.bytes = Some(text),
            (Role::Kind, Value::Text(word)) if parts::kind(word.raw).is_none() && way(word.raw) != Way::Unknown => {
                better(&mut self.way, 1, way(word.raw));
            }
            (Role::Type, Value::Text(word)) if way(word.raw) != Way::Unknown => {
                better(&mut self.way, 1, way(word.raw));
            }
            (Role::Kind | Role::Type, Value::Text(RawStr { raw, .. }) | Value::Number(raw)) => {
                self.parts.kind = parts::kind(raw).or(self.parts.kind);
            }
            (Role::WeakId, Value::Text(id)) => self.parts.weak_id = Some(id),
            (Role::Correlation, Value::Text(id)) => self.parts.weak_id = self.parts.weak_id.or(Some(id)),
            (Role::State, Value::Number("1")) => self.state = Some("2"),
            (Role::State, Value::Number("2")) => self.state = Some("3"),
            (Role::Group, Value::Text(_)) => self.grouped = true,
            (Role::Request, Value::Object(text)) => {
                self.parts.request = Some(text);
                self.station_of_address(text);
            }
            (Role::Response, Value::Object(text)) if !holds_frame(text) => self.parts.response = Some(text),
            (Role::ErrorCode, Value::Text(code)) => self.parts.error_code = Some(code),
            (Role::ErrorDescription, Value::Text(words)) => self.parts.error_description = Some(words),
            (Role::RequestTime, Value::Text(RawStr { raw, .. }) | Value::Number(raw)) => {
                self.request_time = Some(stamp::whole(raw));
            }
            (Role::ResponseTime, Value::Text(RawStr { raw, .. }) | Value::Number(raw)) => {
                self.response_time = Some(stamp::whole(raw));
            }
            (Role::Address, Value::Text(address)) => {
                if let Some(id) = last_segment(address.raw) {
                    better(&mut self.station, 3, id);
                }
            }
            // The client of a WebSocket masks what it sends (RFC 6455 §5.1), and a charge point is a client.
            (Role::Mask, _) => {
                match written.trim_matches(|letter: char| letter.is_ascii_whitespace() || "[]\"".contains(letter)) {
                    "1" | "true" | "True" => better(&mut self.way, 0, Way::Known(FromChargePoint)),
                    "0" | "false" | "False" => better(&mut self.way, 0, Way::Known(FromCsms)),
                    _ => {}
                }
            }
            // tshark with `-e` has a list for each field.
            (Role::Stream, Value::Array(text)) => self.link = only_text(text),
            (Role::Time(rank), Value::Array(text)) => {
                let stamp = only_text(text).map_or(Stamp::None, stamp::whole);
                if stamp != Stamp::None {
                    better(&mut self.stamp, rank, stamp);
                }
            }
            (Role::Opcode, Value::Number(_)) => self.client = true,
            (Role::Stream, Value::Text(RawStr { raw, .. }) | Value::Number(raw)) => self.link = Some(raw),
            (Role::Id, Value::Text(id)) => self.parts.id = Some(id),
            (Role::Action, Value::Text(action)) => self.parts.action = Some(action),
            (Role::Error, Value::Object(text)) => self.parts.error = Some(text),
            (Role::Event, Value::Text(event)) if !holds_frame(event.raw) => self.event = Some(event.raw),
            (role, value) => self.consider(role, key, value, written),
        }
    }

    /// Looks whether a value of no special meaning holds the message.
    fn consider(&mut self, role: Role, key: &str, value: Value<'a>, written: &'a str) {
        if let (Role::Positional, Value::Text(RawStr { raw, escaped: false })) = (role, value)
            && let Some((tenant, id)) = raw.split_once(':')
            && tenant.bytes().all(|byte| byte.is_ascii_digit())
        {
            self.positional = Some(id);
        }
        if is_parts(key) {
            self.parts.payload = Some(written.trim_ascii());
        }
        let rank = if let Role::Body(rank) = role { rank } else { 3 };
        let candidate = match value {
            Value::Array(text) => Candidate::Array(text),
            Value::Object(text) => Candidate::Object(text),
            Value::Text(text) => Candidate::Text(text),
            _ => return,
        };
        let wanted = self.best.as_ref().is_none_or(|(known, _)| rank < *known);
        let frame = matches!(candidate, Candidate::Array(text) if locate::is_frame_array(text));
        let envelope = || matches!(candidate, Candidate::Text(text) if text.raw.starts_with('<') && soap::find(text.raw, 0).is_some());
        if wanted && (frame || holds_frame(written) || envelope()) {
            self.best = Some((rank, candidate));
        }
    }

    /// A cell of a table, whose heading stands for `name`.
    pub(super) fn cell(&mut self, name: &str, value: Value<'a>, written: &'a str) {
        self.row = true;
        self.add(role(name), name, value, written);
    }

    /// The request that opened a WebSocket names the charge point in its address.
    fn station_of_address(&mut self, request: &'a str) {
        let _ = Scanner::new(request).object(|scanner, key| {
            if let ("url", Value::Text(address)) = (key.raw, scanner.value()?)
                && let Some(id) = last_segment(address.raw)
            {
                better(&mut self.station, 3, id);
            }
            Ok(())
        });
    }

    fn own_meta(&self) -> Meta<'a> {
        let charge_point = self.station.filter(|(rank, _)| *rank < WEAK).map(|(_, id)| id);
        Meta {
            charge_point,
            source: if charge_point.is_some() { IdSource::Envelope } else { IdSource::None },
            way: self.way.map_or(Way::Unknown, |(_, way)| if self.client { way.opposite() } else { way }),
            stamp: self.stamp.map_or(Stamp::None, |(_, stamp)| stamp),
            version: self.version,
            link: self.link,
            guessed: false,
        }
    }

    /// What the record tells about its message. Only the console of `CitrineOS` has tenant and station under a number.
    pub(super) fn meta(&self) -> Meta<'a> {
        let mut meta = self.own_meta();
        if let (true, None, Some(id)) = (self.citrine, meta.charge_point, self.positional) {
            meta.charge_point = Some(id);
            meta.source = IdSource::Envelope;
        }
        if let Some(beside) = &self.beside {
            meta = meta.or(beside);
        }
        // A key that is only like the names of an id comes behind all that are.
        if let (None, Some((_, id))) = (meta.charge_point, self.station) {
            meta.charge_point = Some(id);
            meta.source = IdSource::Envelope;
        }
        meta
    }

    /// An id that is written with escapes, without them.
    pub(super) fn unescaped(&self, id: Option<&'a str>) -> Option<Cow<'a, str>> {
        let raw = id.filter(|id| !self.row && id.contains('\\'))?;
        Some(RawStr { raw, escaped: true }.decode())
    }

    /// Where the message stands, unless the parts are surer.
    pub(super) fn candidate(&self) -> Option<Candidate<'a>> {
        self.best.filter(|(rank, _)| *rank < 2 || !self.parts.complete()).map(|(_, candidate)| candidate)
    }

    /// Puts a frame together that the record holds in parts; false if it does not.
    pub(super) fn assemble(&self, out: &mut String) -> bool {
        self.parts.complete() && self.parts.write(out).is_some()
    }
}
