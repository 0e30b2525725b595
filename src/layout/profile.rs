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
    /// Whether another logger of the same program may write the same frames into the same source.
    pub(super) copies: bool,
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
    Profile { name, writer, example, side, family: Family::Text, rules, keys: &[], copies: false }
}

const fn json(
    name: &'static str,
    writer: &'static str,
    keys: &'static [&'static str],
    example: &'static str,
) -> Profile {
    Profile { name, writer, example, side: None, family: Family::Json, rules: &[], keys, copies: false }
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
    Profile {
        copies: true,
        ..text(
            "websockets",
            "the Python library websockets, log level debug; long frames are shortened in the middle",
            None,
            &[
                rule("< TEXT '", "[websockets.", Way::Received, Id::None),
                rule("> TEXT '", "[websockets.", Way::Sent, Id::None),
            ],
            r#"2026-05-01 10:00:00.250 DEBUG (MainThread) [websockets.server] < TEXT '[2,"7","Heartbeat",{}]' [22 bytes]"#,
        )
    },
    text(
        "mobilityhouse",
        "programs with the Python library mobilityhouse/ocpp, whatever their logging looks like",
        None,
        &[rule(": receive message", "", Way::Received, Id::Rest), rule(": send", "", Way::Sent, Id::Rest)],
        r#"INFO:ocpp:CP7: receive message [2,"7","Heartbeat",{}]"#,
    ),
    text(
        "steve_soap",
        "SteVe's message log of OCPP-S, as Apache CXF writes it",
        Some(Side::Csms),
        &[],
        "[INFO ] 2026-05-01 10:00:00,250 org.apache.cxf.services.CentralSystemService.REQ_IN (qtp1-41) -\n    ExchangeId: 0b6e\n    Payload: <soap:Envelope xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\"><soap:Header><chargeBoxIdentity xmlns=\"urn://Ocpp/Cs/2015/10/\">CP7</chargeBoxIdentity></soap:Header><soap:Body><heartbeatRequest xmlns=\"urn://Ocpp/Cs/2015/10/\"/></soap:Body></soap:Envelope>",
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
        &[rule("ChargePoint>CentralSystem", "", IN, Id::None), rule("CentralSystem>ChargePoint", "", OUT, Id::None)],
        r#"2026-05-01T10:00:00.250Z: ChargePoint>CentralSystem [2,"7","Heartbeat",{}]"#,
    ),
    text(
        "libocpp_text",
        "EVerest libocpp's message log (a charge point); each frame over several lines",
        Some(Side::ChargePoint),
        &[
            rule("", ": ChargePoint>CentralSystem ", IN, Id::None),
            rule("", ": CentralSystem>ChargePoint ", OUT, Id::None),
        ],
        "2026-05-01T10:00:00.250Z: ChargePoint>CentralSystem Heartbeat \n[\n  2,\n  \"7\",\n  \"Heartbeat\",\n  {}\n]",
    ),
    text(
        "libocpp_html",
        "EVerest libocpp's message log as HTML (a charge point)",
        Some(Side::ChargePoint),
        &[
            rule("<pre lang=\"json\">", "<tr class=\"ChargePoint\">", IN, Id::None),
            rule("<pre lang=\"json\">", "<tr class=\"CentralSystem\">", OUT, Id::None),
        ],
        "<tr class=\"ChargePoint\"><td>2026-05-01T10:00:00.250Z</td><td>ChargePoint&gt;CentralSystem</td><td><b>Heartbeat</b></td><td><b></b></td><td><pre lang=\"json\">[\n  2,\n  \"7\",\n  \"Heartbeat\",\n  {}\n]</pre></td></tr>",
    ),
    text(
        "libocpp_console",
        "EVerest's console with libocpp's detailed messages (a charge point)",
        Some(Side::ChargePoint),
        &[rule("ChargePoint:", "ocpp:OCPP", IN, Id::None), rule("CentralSystem:", "ocpp:OCPP", OUT, Id::None)],
        "2026-05-01 10:00:00.250000 [INFO] ocpp:OCPP201 :: ChargePoint: [\n  2,\n  \"7\",\n  \"Heartbeat\",\n  {}\n]",
    ),
    text(
        "monta",
        "Monta's OCPP emulator (a charge point)",
        Some(Side::ChargePoint),
        &[rule("- [0]", "TRACE", Way::Unknown, Id::None)],
        "10:00:00.250 [ws-1] TRACE c.m.o.e.ChargePointLogger - [0] [\n  2,\n  \"7\",\n  \"Heartbeat\",\n  { }\n]",
    ),
    text(
        "alfen",
        "Alfen's diagnostics (a charge point); frames are cut into pieces of 80 characters",
        Some(Side::ChargePoint),
        &[rule("->", ":COM:", IN, Id::None), rule("<-", ":COM:", OUT, Id::None)],
        "2026-05-01T10:00:00.250Z:COM:ocpp_rpc.c:512:-> [2,\"7\",\"Hear\n2026-05-01T10:00:00.251Z:COM:ocpp_rpc.c:512:tbeat\",{}]",
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
        "programs with Java-OCA-OCPP, log level trace; their own answers are never logged",
        None,
        &[
            rule("Send a request:", "JSONCommunicator", Way::Sent, Id::None),
            rule("Send a message:", "JSONCommunicator", Way::Sent, Id::None),
            rule("Receive a message:", "JSONCommunicator", Way::Received, Id::None),
        ],
        r#"10:00:00.250 [main] TRACE eu.chargetime.ocpp.JSONCommunicator - Send a request: [2,"7","Heartbeat",{}]"#,
    ),
    text(
        "ocpp_message",
        "Java programs that write OcppMessage{…} for a message",
        Some(Side::Csms),
        &[],
        "OcppMessage{time=1777629600250, stationId=CP7, requestType=Heartbeat, messageType=2, messageId=7, messageContent={}}",
    ),
    text(
        "consumers",
        "programs that write the charge point in brackets before a frame",
        Some(Side::Csms),
        &[rule("]-", "consumers [", Way::Unknown, Id::Field("consumers ["))],
        r#"INFO:ocpp16 2026-05-01 10:00:00,250 consumers [CP7]-[2,"7","Heartbeat",{}]"#,
    ),
    text(
        "ocpp_core",
        "the console of OCPP.Core, log level trace (a CSMS); what it receives is never logged",
        Some(Side::Csms),
        &[rule("SendOcppMessage:", "", OUT, Id::None)],
        r#"10:00:00 [VRB] [0HN1] OCPPMiddleware.SendOcppMessage: [3,"7",{}]"#,
    ),
    text(
        "citrineos_console",
        "the console of CitrineOS; it leaves most messages out and writes others as literals of JavaScript",
        Some(Side::Csms),
        &[rule("Error processing message:", "OcppRouter", IN, Id::None)],
        "2026-05-01 10:00:00.250\tERROR\t/router.ts:7\tCitrineOS Logger:OcppRouter\tError processing message: [2,\"7\",\"Heartbeat\",{}]",
    ),
    text(
        "mqtt_topics",
        "mosquitto_sub -v on the topics of MaEVe or of an AWS gateway",
        Some(Side::Csms),
        &[],
        r#"cs/in/ocpp1.6/CP7 {"type":2,"action":"Heartbeat","id":"7","request":{}}"#,
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
        copies: false,
    },
    Profile {
        name: "tshark_fields",
        writer: "tshark -T fields, with the payload's text as a column",
        example: "1777629600.25\t0\t10.0.0.7\t43222\t10.0.0.1\t9100\t\t[2,\"7\",\"Heartbeat\",{}]",
        side: None,
        family: Family::Columns,
        rules: &[],
        keys: &[],
        copies: false,
    },
    Profile {
        name: "csv",
        writer: "tables with headings: kwwhat, CitrineOS's OCPPMessages, spreadsheets in several languages",
        example: "timestamp,charge_point_id,direction,message\n2026-05-01T10:00:00.250Z,CP7,in,\"[2,\"\"7\"\",\"\"Heartbeat\"\",{}]\"",
        side: None,
        family: Family::Columns,
        rules: &[],
        keys: &[],
        copies: false,
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
        "citrineos_bus",
        "the messages that CitrineOS hands to RabbitMQ or Kafka, without the array around them",
        &["eventGroup", "payload"],
        r#"{"origin":"cs","eventGroup":"monitoring","action":"Heartbeat","state":1,"context":{"correlationId":"7","stationId":"CP7","tenantId":1,"timestamp":"2026-05-01T10:00:00.250Z"},"payload":{},"protocol":"ocpp1.6"}"#,
    ),
    json(
        "docker_json",
        "docker's json-file driver around lines of text",
        &["log", "stream"],
        r#"{"log":"INFO:ocpp:CP7: send [3,\"7\",{}]\n","stream":"stderr","time":"2026-05-01T10:00:00.250000117Z"}"#,
    ),
    json(
        "journald",
        "journalctl -o json around lines of text",
        &["__REALTIME_TIMESTAMP"],
        r#"{"__REALTIME_TIMESTAMP":"1777629600250000","MESSAGE":"INFO:ocpp:CP7: send [3,\"7\",{}]"}"#,
    ),
    json(
        "har",
        "HAR files of browsers and mitmproxy",
        &["_webSocketMessages"],
        r#"{"request":{"url":"wss://csms/ocpp/CP7"},"_webSocketMessages":[{"type":"send","time":1777629600.25,"opcode":1,"data":"[2,\"7\",\"Heartbeat\",{}]"}]}"#,
    ),
    json(
        "tshark_json",
        "tshark -T json",
        &["_source"],
        r#"{"_source":{"layers":{"frame":{"frame.time_epoch":"1777629600.25"},"tcp":{"tcp.stream":"0"},"websocket":{"websocket.mask":"1","websocket.payload":{"websocket.payload.text":"[2,\"7\",\"Heartbeat\",{}]"}}}}}"#,
    ),
    json(
        "tshark_ek",
        "tshark -T ek",
        &["layers"],
        r#"{"timestamp":"1777629600250","layers":{"tcp_tcp_stream":"0","websocket_websocket_mask":"1","websocket_websocket_payload_text":"[2,\"7\",\"Heartbeat\",{}]"}}"#,
    ),
    json(
        "pairs",
        "programs that write a request and its answer in one record, such as the API of eMabler",
        &["request", "response"],
        r#"{"messageId":"7","charge_point_id":"CP7","requestTimestamp":"2026-05-01T10:00:00.250Z","request":{"action":"Heartbeat","payload":{}},"responseTimestamp":"2026-05-01T10:00:00.300Z","response":{"payload":{"currentTime":"2026-05-01T10:00:00.299Z"}}}"#,
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
