//! One JSON object around a message: which of its keys tell what.

use super::text::Meta;
use super::{Stamp, locate, stamp};
use crate::json::{RawStr, Scan, Scanner, Value};
use crate::term::Direction::{FromChargePoint, FromCsms};
use crate::term::{IdSource, Version, Way};

/// Something in a record that holds a frame.
#[derive(Clone, Copy, Debug)]
pub(super) enum Candidate<'a> {
    Array(&'a str),
    Object(&'a str),
    Text(RawStr<'a>),
}

/// What a record tells.
#[derive(Debug, Default)]
pub(super) struct Record<'a> {
    station: Option<(u8, &'a str)>,
    stamp: Option<(u8, Stamp)>,
    way: Option<(u8, Way)>,
    version: Option<Version>,
    /// What a section beside the message tells, such as `info` or `_meta`.
    beside: Option<Meta<'a>>,
    best: Option<(u8, Candidate<'a>)>,
    parts: Parts<'a>,
    /// The station behind the tenant in `"1":"1:CP001"`.
    positional: Option<&'a str>,
    /// Whether `_meta` stands beside it, which only that console writes.
    citrine: bool,
    /// The event of a webhook.
    pub(super) event: Option<&'a str>,
}

/// A frame taken apart.
#[derive(Clone, Copy, Debug, Default)]
struct Parts<'a> {
    kind: Option<&'a str>,
    id: Option<RawStr<'a>>,
    action: Option<RawStr<'a>>,
    payload: Option<&'a str>,
    error: Option<&'a str>,
}

/// What a key stands for. The number says how sure its name is, 0 for surest.
#[derive(Clone, Copy)]
enum Role {
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
    Other,
}

/// The first byte decides which few names are compared.
#[expect(clippy::too_many_lines, reason = "a table of names")]
fn role(key: &str) -> Role {
    match key.as_bytes().first() {
        Some(b'1') => match key {
            "1" => Role::Positional,
            _ => Role::Other,
        },
        Some(b'@') => match key {
            "@timestamp" => Role::Time(0),
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
            "_meta" => Role::Beside,
            _ => Role::Other,
        },
        Some(b'a') => match key {
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
            "event" => Role::Event,
            _ => Role::Other,
        },
        Some(b'f') => match key {
            "flow" | "from" => Role::Way(1),
            "frame" => Role::Body(1),
            _ => Role::Other,
        },
        Some(b'h') => match key {
            "headers" | "header" => Role::Beside,
            _ => Role::Other,
        },
        Some(b'i') => match key {
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
            "raw" | "rawMessage" | "raw_message" | "rawFrame" | "raw_frame" => Role::Body(0),
            "records" => Role::Body(2),
            _ => Role::Other,
        },
        Some(b's') => match key {
            "stationId" | "station_id" | "station" => Role::Station(0),
            "sent_at" | "sentAt" => Role::Time(1),
            "sender" | "source" => Role::Way(1),
            "subprotocol" => Role::Version,
            _ => Role::Other,
        },
        Some(b't') => match key {
            "timestamp" | "ts" | "time" => Role::Time(0),
            "type" => Role::Way(1),
            "text" => Role::Body(2),
            "tags" => Role::Beside,
            _ => Role::Other,
        },
        Some(b'u') => match key {
            "uniqueId" | "unique_id" => Role::Id,
            _ => Role::Other,
        },
        Some(b'v') => match key {
            "version" => Role::Version,
            "value" => Role::Body(2),
            _ => Role::Other,
        },
        _ => Role::Other,
    }
}

/// The way that a word of a record means. An envelope has a station's id in it, so a CSMS or a gateway wrote it:
/// what came in came from the charge point.
fn way(word: &str) -> Way {
    let mut small = [0_u8; 24];
    let Some(small) = small.get_mut(..word.len()) else { return Way::Unknown };
    for (to, from) in small.iter_mut().zip(word.bytes()) {
        *to = if matches!(from, b'_' | b' ') { b'-' } else { from.to_ascii_lowercase() };
    }
    match &*small {
        b"in" | b"inbound" | b"incoming" | b"received" | b"receive" | b"recv" | b"rx" | b"cs" | b"cp"
        | b"cp-to-csms" | b"cs-to-csms" | b"cp->csms" | b"cs->csms" | b"charge-point" | b"chargepoint"
        | b"charging-station" | b"station" | b"charger" | b"station-to-csms" | b"charger-to-csms"
        | b"from-charge-point" | b"from-chargepoint" | b"from-cp" | b"from-cs" | b"from-charger" | b"uplink"
        | b"upstream" => Way::Known(FromChargePoint),
        b"out" | b"outbound" | b"outgoing" | b"sent" | b"send" | b"tx" | b"csms" | b"csms-to-cp" | b"csms-to-cs"
        | b"csms->cp" | b"csms->cs" | b"central-system" | b"csms-to-station" | b"csms-to-charger" | b"from-csms"
        | b"to-charge-point" | b"to-charger" | b"downlink" | b"downstream" => Way::Known(FromCsms),
        _ => Way::Unknown,
    }
}

/// Whether a value holds something like a frame.
fn holds_frame(text: &str) -> bool {
    locate::any(text, 0).is_some()
}

/// Takes the better of two findings, the first one at equal rank.
fn better<T>(place: &mut Option<(u8, T)>, rank: u8, value: T) {
    if place.as_ref().is_none_or(|(known, _)| rank < *known) {
        *place = Some((rank, value));
    }
}

/// Reads the object that comes next.
pub(super) fn record<'a>(scanner: &mut Scanner<'a>) -> Scan<Record<'a>> {
    let mut record = Record::default();
    scanner.object(|scanner, key| {
        let role = role(key.raw);
        let before = scanner.rest();
        let value = scanner.value()?;
        let written = &before[..before.len() - scanner.rest().len()];
        record.add(role, key.raw, value, written);
        Ok(())
    })?;
    Ok(record)
}

impl<'a> Record<'a> {
    fn add(&mut self, role: Role, key: &str, value: Value<'a>, written: &'a str) {
        match (role, value) {
            (Role::Station(rank), Value::Text(RawStr { raw, escaped: false }) | Value::Number(raw))
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
            (Role::Beside, Value::Object(text)) if !holds_frame(text) => {
                self.citrine |= key == "_meta";
                self.beside = record(&mut Scanner::new(text)).ok().map(|record| record.own_meta());
            }
            (Role::Kind, Value::Text(word)) => self.parts.kind = Some(word.raw),
            (Role::Kind, Value::Number(word)) => self.parts.kind = Some(word),
            (Role::Id, Value::Text(id)) => self.parts.id = Some(id),
            (Role::Action, Value::Text(action)) => self.parts.action = Some(action),
            (Role::Error, Value::Object(text)) => self.parts.error = Some(text),
            (Role::Event, Value::Text(event)) => self.event = Some(event.raw),
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
        if matches!(key, "payload" | "_payload") {
            self.parts.payload = Some(written.trim_ascii_start());
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
        if wanted && (frame || holds_frame(written)) {
            self.best = Some((rank, candidate));
        }
    }

    fn own_meta(&self) -> Meta<'a> {
        let charge_point = self.station.map(|(_, id)| id);
        Meta {
            charge_point,
            source: if charge_point.is_some() { IdSource::Envelope } else { IdSource::None },
            way: self.way.map_or(Way::Unknown, |(_, way)| way),
            stamp: self.stamp.map_or(Stamp::None, |(_, stamp)| stamp),
            version: self.version,
            link: None,
        }
    }

    /// What the record tells about its message. Only the console of `CitrineOS` has tenant and station under a number.
    pub(super) fn meta(&self) -> Meta<'a> {
        let mut meta = self.own_meta();
        if let (true, None, Some(id)) = (self.citrine, meta.charge_point, self.positional) {
            meta.charge_point = Some(id);
            meta.source = IdSource::Envelope;
        }
        match &self.beside {
            Some(beside) => meta.or(beside),
            None => meta,
        }
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

impl Parts<'_> {
    fn complete(&self) -> bool {
        let whole = match self.kind {
            Some("CALL" | "2") => self.action.is_some() && self.payload.is_some(),
            Some("CALLRESULT" | "3") => self.payload.is_some(),
            Some("CALLERROR" | "4") => self.error.is_some(),
            _ => false,
        };
        whole && self.id.is_some()
    }

    fn write(&self, out: &mut String) -> Option<()> {
        let id = self.id?.raw;
        let mut text = |parts: &[&str]| parts.iter().for_each(|part| out.push_str(part));
        match self.kind? {
            "CALL" | "2" => text(&["[2,\"", id, "\",\"", self.action?.raw, "\",", self.payload?, "]"]),
            "CALLRESULT" | "3" => text(&["[3,\"", id, "\",", self.payload?, "]"]),
            _ => {
                let (mut code, mut description, mut details) = ("", "", "{}");
                Scanner::new(self.error?)
                    .object(|scanner, key| {
                        match (key.raw, scanner.value()?) {
                            ("code" | "errorCode", Value::Text(word)) => code = word.raw,
                            ("description" | "errorDescription", Value::Text(word)) => description = word.raw,
                            ("details" | "errorDetails", Value::Object(object)) => details = object,
                            _ => {}
                        }
                        Ok(())
                    })
                    .ok()?;
                text(&["[4,\"", id, "\",\"", code, "\",\"", description, "\",", details, "]"]);
            }
        }
        Some(())
    }
}
