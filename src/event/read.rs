//! A message and what its record tells: into the store as an event.

use super::battery_swap::battery_swap;
use super::command::{command, is_command, reservation_update};
use super::cost::cost_update;
use super::digest::{canonical_content, content};
use super::field::Target;
use super::store::{Event, Store, Text, put};
use super::{Fact, Refusal, Span, closing, from_v1, from_v2, notice, notify, profile, setting};
use crate::flag::{Flag, Flags};
use crate::json::{Scan, Scanner};
use crate::message::{self, Action, Kind, Message, unsign};
use crate::position::Position;
use crate::term::{Direction, DirectionSource, IdSource, Version, Way};
use memchr::memmem::Finder;
use std::num::NonZeroU32;
use std::sync::LazyLock;

/// The brackets around the payload of a frame in a record: the object and the array.
const AROUND: usize = 2;

/// What the record around a message tells.
#[derive(Clone, Copy, Debug, Default)]
pub struct Header<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// Where it was found.
    pub charge_point_source: IdSource,
    /// The recorder's time: UTC microseconds.
    pub log_time: Option<i64>,
    /// Where the record begins.
    pub position: Position,
    /// The way, in the words of the log.
    pub way: Way,
    /// Who sent it, if known.
    pub direction: Option<Direction>,
    /// How the direction is known.
    pub direction_source: DirectionSource,
    /// The OCPP version, if told.
    pub version: Option<Version>,
    /// Whether it came over SOAP.
    pub soap: bool,
    /// Which connection of the log.
    pub connection: Option<i32>,
    /// What was forgiven before.
    pub flags: Flags,
    /// Whether the payload is to be kept.
    pub keep_payload: bool,
    /// Whether other sources may hold the same message in another spelling.
    pub canonical: bool,
}

impl Store {
    /// Reads a message into the store.
    pub fn push(&mut self, header: &Header<'_>, message: &Message<'_>) {
        let (event, _) = self.event(header, message, 0);
        self.events.push(event);
    }

    /// Reads a frame into the store that takes all of `text`. If it is not one message, nothing has happened.
    ///
    /// The payload is walked over once: its fields are read and its grammar is checked on the same way.
    pub fn push_whole(&mut self, header: &Header<'_>, text: &str) -> bool {
        if self.push_all(header, text) {
            return true;
        }
        let Some(message) = message::whole(text) else { return false };
        let mark = self.mark();
        let (event, sound) = self.event(header, &message, AROUND);
        if sound {
            // What had to be forgiven now would have to be forgiven again each time.
            let mut flags = event.flags;
            flags.remove(Flag::ProtocolViolation);
            if flags == header.flags {
                self.learn(&event, text, header.version, mark.1);
            }
            self.events.push(event);
        } else {
            self.reset(mark);
        }
        sound
    }

    /// The event of a message, and whether its payload is sound JSON inside of `depth` brackets.
    fn event(&mut self, header: &Header<'_>, message: &Message<'_>, depth: usize) -> (Event, bool) {
        let mut sound = true;
        let start = self.text_bytes() as u32;
        let action = message.action.as_deref().map_or(Action::UNKNOWN, Action::from_name);
        let mut flags = header.flags;
        flags.extend(message.flags);
        let mut event = Event {
            charge_point: self.charge_point(header.charge_point),
            charge_point_source: header.charge_point_source,
            log_time: header.log_time,
            position: header.position,
            kind: message.kind,
            way: header.way,
            direction: header.direction,
            direction_source: header.direction_source,
            version: header.version,
            soap: header.soap,
            connection: header.connection,
            action,
            action_text: Text::NONE,
            id: self.keep_id(&message.id),
            payload: Text::NONE,
            content: if header.canonical { canonical_content(message) } else { content(message) },
            flags,
            fact: Fact::None,
            command: None,
            texts: Span { start, length: 0 },
            moved: 0,
        };
        if let Some(name) = message.action.as_deref() {
            if action.name() != Some(name) {
                event.action_text = self.keep(name);
            }
            event.flags.add_if(action == Action::UNKNOWN, Flag::ActionUnknown);
            event.flags.add_if(name.ends_with("-Signed"), Flag::SignedPayload);
        }
        if header.keep_payload {
            event.payload = self.keep(message.payload);
        }
        match message.kind {
            Kind::Call | Kind::Send => sound = self.read_request(&mut event, message, depth),
            // What most answers are.
            Kind::Result if message.payload == "{}" => {}
            Kind::Result => {
                let mut target = Target { store: self, flags: Flags::NONE };
                let mut scanner = Scanner::within(message.payload, depth);
                let mut fact = from_v1::answer(&mut target, &mut scanner);
                sound = fact.is_ok() && scanner.end().is_ok();
                let mut noted = scanner.noted();
                noted.extend(target.flags);
                if target.flags.has(Flag::SignedPayload)
                    && let Some(inner) = unsign(message.payload)
                {
                    fact = from_v1::answer(&mut target, &mut Scanner::new(&inner));
                }
                event.flags.extend(noted);
                event.fact = fact.unwrap_or(Fact::Bad);
            }
            Kind::Error | Kind::ResultError => {
                let code = message.error_code.as_deref().map_or(Text::NONE, |text| self.keep(text));
                let description = message.error_description.as_deref().map_or(Text::NONE, |text| self.keep(text));
                event.fact = Fact::Refusal(put(&mut self.refusals, Refusal { code, description }));
            }
            Kind::Close => {
                let mut target = Target { store: self, flags: Flags::NONE };
                // What cannot be read tells no code; the line is no frame, so nothing is wrong with it.
                event.fact = closing::closing(&mut target, &mut Scanner::new(message.payload)).unwrap_or_default();
            }
            Kind::Open => {}
        }
        event.texts.length = self.text_bytes() as u32 - start;
        Self::settle_direction(&mut event);
        (event, sound)
    }

    fn read_request(&mut self, event: &mut Event, message: &Message<'_>, depth: usize) -> bool {
        let mut scanner = Scanner::within(message.payload, depth);
        let Some(name) = event.action.name() else {
            return scanner.skip().is_ok() && scanner.end().is_ok();
        };
        event.version = event.version.or(event.action.implied_version());
        let mut target = Target { store: self, flags: Flags::NONE };
        let inner = if event.flags.has(Flag::SignedPayload) { unsign(message.payload) } else { None };
        let payload = inner.as_deref().unwrap_or(message.payload);
        let (read, sound) = request(&mut target, name, payload, &mut event.version, depth);
        // The action tells the sender (see `settle_direction`): only the CSMS may send these.
        if event.action.direction() == Some(Direction::FromCsms) && is_command(name) {
            let read = command(&mut target, name, payload).ok();
            event.command = read.and_then(|place| NonZeroU32::new(place + 1));
        }
        event.flags.extend(target.flags);
        event.fact = read.unwrap_or(Fact::Bad);
        event.flags.add_if(event.fact == Fact::Bad, Flag::BadPayload);
        sound
    }

    /// The action tells who sent a request, whatever words the log uses.
    pub(super) fn settle_direction(event: &mut Event) {
        if !event.kind.has_action() {
            return;
        }
        if let Some(legal) = event.action.direction()
            && event.direction != Some(legal)
        {
            event.flags.add_if(event.direction.is_some(), Flag::ProtocolViolation);
            event.direction = Some(legal);
            event.direction_source = DirectionSource::Action;
        }
    }
}

macro_rules! keys {
    ($($name:ident = $key:literal;)+) => {
        // Making a searcher costs more than most searches.
        $(static $name: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new($key));)+
    };
}

keys! {
    CHARGING_STATION = "\"chargingStation\"";
    CONNECTOR_STATUS = "\"connectorStatus\"";
    EVSE_ID = "\"evseId\"";
    ID_TOKEN = "\"idToken\"";
    FIRMWARE = "\"firmware\"";
}

/// Whether a payload has a key. Good enough to tell two shapes apart: a key in a text value has its quotes escaped.
fn has_key(payload: &str, key: &Finder<'_>) -> bool {
    key.find(payload.as_bytes()).is_some()
}

/// Reads a request. Where both families know an action, the payload's own shape decides, not what the log claims.
/// Also tells whether the payload is sound JSON as a whole.
fn request(
    target: &mut Target<'_>,
    action: &str,
    payload: &str,
    version: &mut Option<Version>,
    depth: usize,
) -> (Scan<Fact>, bool) {
    let second = match action {
        "BootNotification" => has_key(payload, &CHARGING_STATION),
        "StatusNotification" => has_key(payload, &CONNECTOR_STATUS),
        "MeterValues" => has_key(payload, &EVSE_ID),
        "Authorize" => has_key(payload, &ID_TOKEN),
        "UpdateFirmware" => has_key(payload, &FIRMWARE),
        "TransactionEvent" | "PublishFirmware" | "PublishFirmwareStatusNotification" => true,
        "FirmwareStatusNotification" => version.is_some_and(|version| !version.is_v1()),
        _ => false,
    };
    let shaped =
        matches!(action, "BootNotification" | "StatusNotification" | "MeterValues" | "Authorize" | "UpdateFirmware");
    if shaped && version.is_none_or(|version| version.is_v1() == second) {
        *version = Some(if second { Version::V201 } else { Version::V16 });
    }
    let scanner = &mut Scanner::within(if payload.is_empty() { "null" } else { payload }, depth);
    let fact = facts(target, scanner, action, second, version);
    target.flags.extend(scanner.noted());
    // Nobody reads a payload of which no table needs anything.
    let read = scanner.offset() > 0 || scanner.skip().is_ok();
    let sound = fact.is_ok() && read && scanner.end().is_ok();
    (fact, sound)
}

fn facts(
    target: &mut Target<'_>,
    scanner: &mut Scanner<'_>,
    action: &str,
    second: bool,
    version: &mut Option<Version>,
) -> Scan<Fact> {
    match action {
        "BootNotification" if second => from_v2::boot(target, scanner),
        "BootNotification" => from_v1::boot(target, scanner),
        "StatusNotification" if second => from_v2::status(target, scanner),
        "StatusNotification" => from_v1::status(target, scanner),
        "MeterValues" if second => from_v2::meter(target, scanner),
        "MeterValues" => from_v1::meter(target, scanner),
        "Authorize" if second => from_v2::authorize(target, scanner),
        "Authorize" => from_v1::authorize(target, scanner),
        "UpdateFirmware" if second => from_v2::firmware_request(target, scanner),
        "UpdateFirmware" => from_v1::firmware_request(target, scanner),
        "StartTransaction" => from_v1::tx_start(target, scanner),
        "StopTransaction" => from_v1::tx_stop(target, scanner),
        "SignedUpdateFirmware" => from_v2::firmware_request(target, scanner),
        "FirmwareStatusNotification" => from_v1::firmware_status(target, scanner, super::FirmwareKind::Plain),
        "SignedFirmwareStatusNotification" => from_v1::firmware_status(target, scanner, super::FirmwareKind::Signed),
        "PublishFirmware" => from_v2::publish_request(target, scanner),
        "PublishFirmwareStatusNotification" => from_v1::firmware_status(target, scanner, super::FirmwareKind::Publish),
        "NotifyEvent" => notify::notify(target, scanner),
        "TransactionEvent" => from_v2::tx_event(target, scanner, version),
        "CostUpdated" => cost_update(target, scanner),
        "BatterySwap" => battery_swap(target, scanner),
        "ReservationStatusUpdate" => reservation_update(target, scanner),
        "ChangeConfiguration" => setting::change(target, scanner),
        "SetVariables" => setting::set(target, scanner),
        "NotifyReport" => setting::report(target, scanner),
        "SetChargingProfile" | "RemoteStartTransaction" | "RequestStartTransaction" => {
            profile::profiles(target, scanner, false)
        }
        "ReportChargingProfiles" => profile::profiles(target, scanner, true),
        "ClearChargingProfile" => profile::clear(target, scanner),
        "SecurityEventNotification" => notice::security(target, scanner),
        "DataTransfer" => notice::transfer(target, scanner),
        "GetDiagnostics" => notice::log_request(target, scanner, true),
        "GetLog" => notice::log_request(target, scanner, false),
        "DiagnosticsStatusNotification" => notice::log_status(target, scanner, true),
        "LogStatusNotification" => notice::log_status(target, scanner, false),
        _ => Ok(Fact::None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A sampled value as charge points write them, and as they do not.
    fn sample() -> impl Strategy<Value = String> {
        let value = prop_oneof![
            "\"-?[0-9]{1,7}(\\.[0-9]{1,3})?\"",
            "-?(0|[1-9][0-9]{0,6})(\\.[0-9]{1,3})?",
            prop::sample::select(vec![
                "\"\"",
                "\"1,5\"",
                "\"1e3\"",
                "\" 12 \"",
                "null",
                "01",
                "\"12345678901234567\"",
                "1e999"
            ])
            .prop_map(str::to_owned),
        ];
        let rest = prop::sample::select(vec![
            "",
            r#","unit":"Wh""#,
            r#","measurand":"Current.Import","phase":"L1","unit":"A""#,
            r#","measurand":"Energy.Active.Import.Register","unit":"kWh","context":"Sample.Periodic""#,
            r#","unit":"K","measurand":"Temperature""#,
            r#","unitOfMeasure":{"unit":"kWh","multiplier":2}"#,
            r#","format":"SignedData""#,
            r#","unit":"furlong","value":"3""#,
        ]);
        (value, rest).prop_map(|(value, rest)| format!("{{\"value\":{value}{rest}}}"))
    }

    fn frame() -> impl Strategy<Value = String> {
        let samples = prop::collection::vec(sample(), 0..6).prop_map(|samples| {
            let list = samples.join(",");
            format!(
                r#"[2,"7","MeterValues",{{"connectorId":1,"meterValue":[{{"timestamp":"2026-03-01T00:00:00Z","sampledValue":[{list}]}}]}}]"#
            )
        });
        let other = prop::sample::select(vec![
            r#"[2,"1","Heartbeat",{}]"#,
            r#"[2, "1", "Heartbeat", {}]"#,
            r#"[3,"1",{}]"#,
            r#"[3,"1",{"status":"Accepted","currentTime":"2026-03-01T00:00:00Z","interval":300}]"#,
            r#"[2,"1","StatusNotification",{"connectorId":1,"status":"Available","errorCode":"NoError","status":"x"}]"#,
            r#"[2,"1","Reset",{"type":"Soft"}]"#,
            r#"[2,"1","Unheard",{"a":[1,{"b":null}]}]"#,
            r#"[2,"1","DataTransfer",{"vendorId":"v","data":"\ud800"}]"#,
            r#"[4,"1","GenericError","",{}]"#,
        ]);
        prop_oneof![samples, other.prop_map(str::to_owned)]
    }

    fn told(store: &Store) -> String {
        let samples: Vec<_> = store
            .samples
            .iter()
            .map(|sample| {
                let word = |name| store.names.word(name);
                let words = [sample.measurand, sample.phase, sample.context, sample.unit, sample.unit_raw].map(word);
                (
                    sample.time,
                    sample.value.map(f64::to_bits),
                    store.text(sample.raw),
                    words,
                    sample.is_signed,
                    sample.marks,
                )
            })
            .collect();
        format!("{samples:?}")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn prop_one_walk_gives_what_two_give(frame in frame(), cut in 0usize..400, junk in "[\\]}{,\"x]{0,2}") {
            let mut text = frame;
            if cut < text.len() {
                text.insert_str(cut, &junk);
            }
            let header = Header { charge_point: "CP1", ..Header::default() };
            let (mut short, mut long) = (Store::default(), Store::default());
            let reading = message::read(&text);
            if short.push_whole(&header, &text) {
                prop_assert_eq!(reading.consumed, text.len(), "{}", text);
                long.push(&header, &reading.message.unwrap());
                prop_assert_eq!(format!("{:?}", short.events), format!("{:?}", long.events), "{}", text);
                prop_assert_eq!(told(&short), told(&long));
            } else {
                prop_assert!(short.events.is_empty() && short.samples.is_empty() && short.text_bytes() == 0);
            }
        }

        #[test]
        fn prop_known_samples_are_read_as_unknown_ones(frames in prop::collection::vec(frame(), 1..6)) {
            let header = Header::default();
            let mut together = Store::default();
            let mut apart = Vec::new();
            for text in &frames {
                let Ok(message) = message::read(text).message else { continue };
                let before = together.samples.len();
                together.push(&header, &message);
                let mut alone = Store::default();
                alone.push(&header, &message);
                apart.push((before, alone));
            }
            for (before, alone) in apart {
                let values = |samples: &[super::super::Sample]| {
                    samples.iter().map(|sample| (sample.value.map(f64::to_bits), sample.time, sample.is_signed, sample.marks)).collect::<Vec<_>>()
                };
                let of = |store: &Store, from: usize, count: usize| {
                    let span = &store.samples[from..from + count];
                    let words: Vec<_> = span.iter().map(|sample| [sample.measurand, sample.phase, sample.unit, sample.unit_raw, sample.context].map(|name| store.names.word(name).map(str::to_owned))).collect();
                    (values(span), words)
                };
                let count = alone.samples.len();
                prop_assert_eq!(of(&together, before, count), of(&alone, 0, count));
            }
        }
    }
}
