//! The layouts, one declaration each. Documentation lists them from here.

use crate::term::Direction::{FromChargePoint, FromCsms};
use crate::term::{Side, Way};

/// How a layout is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// Words before a frame on a line of text.
    Text,
    /// One JSON object on a line.
    Json,
    /// Columns parted by tabs, one of which holds the frame.
    Columns,
    /// A line before each frame tells whose it is.
    Announced,
}

/// One way in which a frame is introduced.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// What stands right before the frame, white space left out.
    pub(super) tail: &'static str,
    /// What else must stand before it; may be empty. Behind a `*` stands what comes later on the line.
    pub(super) needle: &'static str,
    /// The way these words tell.
    pub(super) way: Way,
    /// Where the charge point stands.
    pub(super) id: Id,
}

/// Where a rule finds the charge point.
#[derive(Clone, Copy, Debug)]
pub(super) enum Id {
    /// Nowhere.
    None,
    /// Between the needle and the tail.
    Needle,
    /// Behind this word, up to `,` or `]`.
    Field(&'static str),
    /// What is left before the tail when stamp, level and logger are taken away.
    Rest,
    /// The same, but before this mark.
    RestBefore(&'static str),
}

/// A layout of message logs.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// The name, as in the option `layout` and in `accounting`.
    pub name: &'static str,
    /// What writes such logs.
    pub writer: &'static str,
    /// A line of it, or two.
    pub example: &'static str,
    /// Which side writes it, if that is always the same one.
    pub side: Option<Side>,
    pub(super) family: Family,
    pub(super) rules: &'static [Rule],
    /// Keys of which one makes a JSON record this layout's.
    pub(super) keys: &'static [&'static str],
}

const IN: Way = Way::Known(FromChargePoint);
const OUT: Way = Way::Known(FromCsms);

const fn rule(tail: &'static str, needle: &'static str, way: Way, id: Id) -> Rule {
    Rule { tail, needle, way, id }
}

const fn text(
    name: &'static str,
    writer: &'static str,
    side: Option<Side>,
    rules: &'static [Rule],
    example: &'static str,
) -> Profile {
    Profile { name, writer, example, side, family: Family::Text, rules, keys: &[] }
}

const fn json(
    name: &'static str,
    writer: &'static str,
    keys: &'static [&'static str],
    example: &'static str,
) -> Profile {
    Profile { name, writer, example, side: None, family: Family::Json, rules: &[], keys }
}

/// Every layout. Of two that explain a line equally well the first one counts.
pub const PROFILES: &[Profile] = &[
    text(
        "home_assistant",
        "Home Assistant with the integration lbbrhzn/ocpp (a CSMS)",
        Some(Side::Csms),
        &[
            rule(": receive message", "(MainThread) [ocpp] ", IN, Id::Rest),
            rule(": send", "(MainThread) [ocpp] ", OUT, Id::Rest),
        ],
        r#"2026-05-01 10:00:00.250 INFO (MainThread) [ocpp] Garage: receive message [2,"7","Heartbeat",{}]"#,
    ),
    text(
        "mobilityhouse",
        "programs with the Python library mobilityhouse/ocpp, whatever their logging looks like",
        None,
        &[rule(": receive message", "", Way::Received, Id::Rest), rule(": send", "", Way::Sent, Id::Rest)],
        r#"INFO:ocpp:CP7: receive message [2,"7","Heartbeat",{}]"#,
    ),
    text(
        "steve",
        "SteVe (a CSMS)",
        Some(Side::Csms),
        &[
            rule("] Received:", "chargeBoxId=", IN, Id::Field("chargeBoxId=")),
            rule("] Sending:", "chargeBoxId=", OUT, Id::Field("chargeBoxId=")),
            // Copies that went through a spreadsheet have tabs for blanks.
            rule("]\tReceived:", "chargeBoxId=", IN, Id::Field("chargeBoxId=")),
            rule("]\tSending:", "chargeBoxId=", OUT, Id::Field("chargeBoxId=")),
        ],
        r#"[INFO ] 2026-05-01 10:00:00,250 de.rwth.idsg.steve.ocpp.ws.WebSocketLogger (qtp1-30) - [chargeBoxId=CP7, sessionId=0b6e] Received: [2,"7","Heartbeat",{}]"#,
    ),
    text(
        "evcc",
        "evcc, log level trace (a CSMS)",
        Some(Side::Csms),
        &[
            rule(":", "TRACE * recv ", IN, Id::Needle),
            rule(":", "TRACE * send ", OUT, Id::Needle),
            rule(":", "TRACE * received JSON message from ", IN, Id::Needle),
            rule(":", "TRACE * sent JSON message to ", OUT, Id::Needle),
            rule(":", "TRACE * sent ", OUT, Id::Needle),
        ],
        r#"[ocpp  ] TRACE 2026/05/01 10:00:00 recv CP7: [2,"7","Heartbeat",{}]"#,
    ),
    text(
        "ocpp_go",
        "programs with the Go library lorenzodonini/ocpp-go and logrus",
        None,
        &[
            rule(" from server:", "received JSON message", OUT, Id::None),
            rule(" to server:", "sent JSON message", IN, Id::None),
            rule(":", "received JSON message from ", IN, Id::Needle),
            rule(":", "sent JSON message to ", OUT, Id::Needle),
        ],
        r#"time="2026-05-01T10:00:00Z" level=debug msg="received JSON message from CP7: [2,\"7\",\"Heartbeat\",{}]" logger=ocppj"#,
    ),
    text(
        "libocpp_raw",
        "EVerest libocpp with LogMessagesRaw (a charge point)",
        Some(Side::ChargePoint),
        &[
            rule("ChargePoint>CentralSystem", "", IN, Id::None),
            rule("CentralSystem>ChargePoint", "", OUT, Id::None),
            rule("ChargePoint:", "ocpp:OCPP", IN, Id::None),
            rule("CentralSystem:", "ocpp:OCPP", OUT, Id::None),
        ],
        r#"2026-05-01T10:00:00.250Z: ChargePoint>CentralSystem [2,"7","Heartbeat",{}]"#,
    ),
    text(
        "vcp",
        "solidstudio's OCPP Virtual Charge Point (a charge point)",
        Some(Side::ChargePoint),
        &[
            rule("Sending message \u{27a1}\u{fe0f}", "", IN, Id::None),
            rule("Responding with \u{27a1}\u{fe0f}", "", IN, Id::None),
            rule("Receive message \u{2b05}\u{fe0f}", "", OUT, Id::None),
        ],
        "2026-05-01 10:00:00 info: Sending message \u{27a1}\u{fe0f}  [2,\"7\",\"Heartbeat\",{}]",
    ),
    text(
        "micro_ocpp",
        "MicroOcpp, ArduinoOcpp, OpenEVSE (a charge point)",
        Some(Side::ChargePoint),
        &[
            rule("[MO] Send:", "", IN, Id::None),
            rule("[MO] Recv:", "", OUT, Id::None),
            rule("[AO] Send:", "", IN, Id::None),
            rule("[AO] Recv:", "", OUT, Id::None),
            rule("[OCPP] Send:", "", IN, Id::None),
            rule("[OCPP] Recv:", "", OUT, Id::None),
        ],
        r#"[MO] Send: [2,"7","Heartbeat",{}]"#,
    ),
    text(
        "tinkerforge",
        "Tinkerforge WARP and other users of tfocpp (a charge point); frames over 100 bytes are cut by the program",
        Some(Side::ChargePoint),
        &[
            rule(")", "Sending request (len ", IN, Id::None),
            rule(")", "Sending response (len ", IN, Id::None),
            rule(")", "Received message (len ", OUT, Id::None),
        ],
        r#"2026-05-01 10:00:00,250 | ocpp             | Sending request (len 22) [2,"7","Heartbeat",{}]"#,
    ),
    text(
        "sap_simulator",
        "SAP's e-mobility charging stations simulator (a charge point)",
        Some(Side::ChargePoint),
        &[
            rule("payload:", " | * >> Command '", IN, Id::RestBefore(" | ")),
            rule("payload:", " | * << Command '", OUT, Id::RestBefore(" | ")),
            rule("OCPP message sent '", " | * >> Buffered ", IN, Id::RestBefore(" | ")),
        ],
        r#"debug: 5/1/2026, 10:00:00 AM CP7 | OCPPRequestService.internalSendMessage: >> Command 'Heartbeat' sent request payload: [2,"7","Heartbeat",{}]"#,
    ),
    text(
        "kevit",
        "the KEVIT daemon (a CSMS)",
        None,
        &[rule("MESSAGE :", "[TXT][", Way::Unknown, Id::Field("[TXT]["))],
        r#"2026-05-01 10:00:00 - [TXT][CP7] : MESSAGE : [2,"7","Heartbeat",{}]"#,
    ),
    text(
        "delta",
        "Delta AC MAX (a charge point)",
        Some(Side::ChargePoint),
        &[
            rule(".req:", "[OCPP16J]", Way::Unknown, Id::None),
            rule(".conf:", "[OCPP16J]", Way::Unknown, Id::None),
            rule(":", "[OCPP16J]", Way::Unknown, Id::None),
        ],
        r#"May  1 10:00:00.250 OpenWrt local7.info OpenWrt[2596]: [Info][OCPP16J]Heartbeat.req: [2,"7","Heartbeat",{}]"#,
    ),
    text(
        "java_oca",
        "programs with Java-OCA-OCPP, log level trace; what they receive is no frame here",
        None,
        &[
            rule("Send a request:", "JSONCommunicator", Way::Sent, Id::None),
            rule("Send a message:", "JSONCommunicator", Way::Sent, Id::None),
        ],
        r#"10:00:00.250 [main] TRACE eu.chargetime.ocpp.JSONCommunicator - Send a request: [2,"7","Heartbeat",{}]"#,
    ),
    text(
        "ecos",
        "the ECOS message log (a CSMS)",
        Some(Side::Csms),
        &[rule("Message=", "Charger=", Way::Unknown, Id::Field("Charger="))],
        r#"2026-05-01 10:00:00.250  INFO 6648 --- [exec-2] k.d.e.MessageLogService  : Charger=CP7, Message=[2,"7","Heartbeat",{}]"#,
    ),
    text(
        "to_server",
        "logs that name both ends of a message",
        Some(Side::Csms),
        &[rule("-> SERVER :", "", IN, Id::RestBefore(" -> SERVER")), rule(":", "SERVER -> ", OUT, Id::Needle)],
        "2026-05-01 10:00:00 \tCP7 -> SERVER : [2,\"7\",\"Heartbeat\",{}]",
    ),
    text(
        "octt",
        "the OCPP Compliance Testing Tool",
        None,
        &[rule("[msg-in]", "", Way::Received, Id::None), rule("[msg-out]", "", Way::Sent, Id::None)],
        r#"[10:00:00:250] [msg-in]  [2,"7","Heartbeat",{}]"#,
    ),
    text(
        "device_emulator",
        "toel/ocpp-device-emulator (a charge point)",
        Some(Side::ChargePoint),
        &[rule("INFO: S:", "", IN, Id::None), rule("INFO: R:", "", OUT, Id::None)],
        r#"10:00:00 INFO: S: [2,"7","Heartbeat",{}]"#,
    ),
    Profile {
        name: "mitmproxy",
        writer: "the console of mitmproxy between both sides",
        example: "10.0.0.7:4275 -> WebSocket text message -> csms:9100/CP7\n\n    [2,\"7\",\"Heartbeat\",{}]",
        side: None,
        family: Family::Announced,
        rules: &[],
        keys: &[],
    },
    Profile {
        name: "tshark_fields",
        writer: "tshark -T fields, with the payload's text as a column",
        example: "1777629600.25\t0\t10.0.0.7\t43222\t10.0.0.1\t9100\t\t[2,\"7\",\"Heartbeat\",{}]",
        side: None,
        family: Family::Columns,
        rules: &[],
        keys: &[],
    },
    json(
        "open_ocpp_trace",
        "Open OCPP Trace (JSON lines)",
        &["schemaVersion"],
        r#"{"schemaVersion":"1.1","timestamp":"2026-05-01T10:00:00.250Z","chargePointId":"CP7","direction":"cp-to-csms","messageType":"CALL","messageId":"7","action":"Heartbeat","payload":{}}"#,
    ),
    json(
        "citrineos_log",
        "the console of CitrineOS as JSON; it leaves most messages out",
        &["_meta"],
        r#"{"0":"Process CallError","1":"1:CP7","2":[4,"7","NotSupported","",{}],"_meta":{"date":"2026-05-01T10:00:00.250Z"}}"#,
    ),
    json(
        "citrineos_webhook",
        "the webhook of CitrineOS, one body per line",
        &["event"],
        r#"{"stationId":"CP7","event":"message","origin":"cs","message":"[2,\"7\",\"Heartbeat\",{}]","info":{"timestamp":"2026-05-01T10:00:00.250Z","protocol":"ocpp1.6"}}"#,
    ),
    json(
        "docker_json",
        "docker's json-file driver around lines of text",
        &["log"],
        r#"{"log":"INFO:ocpp:CP7: send [3,\"7\",{}]\n","stream":"stderr","time":"2026-05-01T10:00:00.250000117Z"}"#,
    ),
    json(
        "kafka",
        "records of a Kafka topic with their value inside",
        &["partition"],
        r#"{"topic":"ocpp","partition":0,"offset":7,"key":"CP7","timestamp":1777629600250,"value":{"direction":"inbound","message":"[2,\"7\",\"Heartbeat\",{}]"}}"#,
    ),
    json(
        "json_lines",
        "any program that writes one JSON object per message; the keys' usual names are known",
        &[],
        r#"{"timestamp":"2026-05-01T10:00:00.250Z","charge_point_id":"CP7","direction":"in","message":[2,"7","Heartbeat",{}]}"#,
    ),
    text(
        "text",
        "any program that writes `stamp frame` or `stamp id << frame`",
        None,
        &[],
        r#"2026-05-01 10:00:00 CP7 << [2,"7","Heartbeat",{}]"#,
    ),
    text("bare", "tools that write frames and nothing else, such as websocat", None, &[], r#"[2,"7","Heartbeat",{}]"#),
];

/// The place of a profile in [`PROFILES`].
pub(super) fn index_of(name: &str) -> Option<usize> {
    PROFILES.iter().position(|profile| profile.name == name)
}
