//! A day of a few charge points with every kind of message, made from a list of random steps: two speak 1.6, two
//! 2.0.1. Instants stand in the frames as `@seconds@`, counted from the line's own time, so that a log can be written
//! as of any other day.
#![allow(dead_code, reason = "each of those who include this file uses a part of it")]

use chrono::{DateTime, SecondsFormat};
use std::fmt::Write as _;

/// Charge point, what happens, how long after what happened last.
pub(crate) type Step = (u8, u8, u8);

/// How many kinds of steps there are.
pub(crate) const KINDS: u8 = 28;

/// One line of the log.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Number of the charge point.
    pub(crate) charge_point: usize,
    /// The recorder's time, in milliseconds.
    pub(crate) at: i64,
    inward: bool,
    frame: String,
    /// Which exchange of the day it belongs to.
    pub(crate) exchange: usize,
    /// The action of the exchange.
    pub(crate) action: &'static str,
}

impl Line {
    /// A line at the same time that only shows that the charge point lives.
    pub(crate) fn sign_of_life(&self) -> Self {
        let call = self.frame.starts_with("[2");
        let frame = if call { r#"[2,"life","MyOwnAction",{}]"# } else { r#"[3,"life",{}]"# };
        Self { frame: frame.to_owned(), action: "MyOwnAction", ..self.clone() }
    }

    /// The line as written if everything happened `shift` milliseconds later, at a charge point of this name.
    pub(crate) fn text(&self, name: &str, shift: i64) -> String {
        let at = self.at + shift;
        let mut frame = String::with_capacity(self.frame.len() + 32);
        for (number, piece) in self.frame.split('@').enumerate() {
            match piece.parse::<i64>() {
                Ok(seconds) if number % 2 == 1 => frame.push_str(&stamp(at - at % 1_000 + seconds * 1_000)),
                _ => frame.push_str(piece),
            }
        }
        let way = if self.inward { "in" } else { "out" };
        let time = stamp(at);
        format!(r#"{{"timestamp":"{time}","charge_point_id":"{name}","direction":"{way}","message":{frame}}}"#)
    }
}

/// An instant in milliseconds, as logs and payloads write it.
pub(crate) fn stamp(at: i64) -> String {
    DateTime::from_timestamp_millis(at).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The usual names of the charge points.
pub(crate) fn name(charge_point: usize) -> String {
    format!("CP{charge_point}")
}

/// The whole log, with the usual names.
pub(crate) fn text(lines: &[Line]) -> String {
    lines.iter().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{}", line.text(&name(line.charge_point), 0));
        text
    })
}

/// A transaction that runs.
#[derive(Clone, Debug)]
struct Running {
    id: String,
    connector: u8,
    numbers: i64,
}

/// What a charge point remembers.
#[derive(Clone, Debug, Default)]
struct Station {
    running: [Option<Running>; 2],
    meter: i64,
    messages: usize,
    jobs: i64,
    version: u32,
}

/// Writes a day.
#[derive(Debug, Default)]
struct Writer {
    lines: Vec<Line>,
    at: i64,
    exchanges: usize,
    stations: Vec<Station>,
}

impl Writer {
    fn ask(&mut self, station: usize, inward: bool, action: &'static str, payload: &str, answer: &str) {
        let memory = &mut self.stations[station];
        memory.messages += 1;
        // Ids are used again now and then, as counters of small charge points are.
        let id = format!("{}{}", if inward { "a" } else { "b" }, memory.messages % 97);
        let mut line = |at: i64, inward: bool, frame: String| {
            self.lines.push(Line { charge_point: station, at, inward, frame, exchange: self.exchanges, action });
        };
        line(self.at, inward, format!(r#"[2,"{id}","{action}",{payload}]"#));
        if answer.starts_with('{') {
            line(self.at + 120, !inward, format!(r#"[3,"{id}",{answer}]"#));
        } else if !answer.is_empty() {
            line(self.at + 120, !inward, format!(r#"[4,"{id}","{answer}","",{{}}]"#));
        }
        self.exchanges += 1;
        self.at += 1_000;
    }

    fn reports(&mut self, station: usize, action: &'static str, payload: &str) {
        self.ask(station, true, action, payload, "{}");
    }

    fn commands(&mut self, station: usize, action: &'static str, payload: &str, status: &str) {
        self.ask(station, false, action, payload, &format!(r#"{{"status":"{status}"}}"#));
    }
}

/// The log of the steps, in the order of time; every charge point boots first.
pub(crate) fn day(steps: &[Step]) -> Vec<Line> {
    let mut writer = Writer { at: 1_772_323_200_250, stations: vec![Station::default(); 4], ..Writer::default() };
    for station in 0..4 {
        act(&mut writer, station, 0, 1);
    }
    for &(station, what, pause) in steps {
        // Most pauses are short; a few are long enough to be a silence.
        writer.at += if pause > 250 { i64::from(pause) * 20_000 } else { i64::from(pause) * 700 };
        act(&mut writer, usize::from(station % 4), what % KINDS, pause);
    }
    writer.lines
}

fn act(writer: &mut Writer, station: usize, what: u8, chance: u8) {
    let old = station < 2;
    match what {
        0 if old => {
            let version = writer.stations[station].version;
            writer.ask(
                station,
                true,
                "BootNotification",
                &format!(r#"{{"chargePointVendor":"V","chargePointModel":"M","firmwareVersion":"1.{version}"}}"#),
                r#"{"status":"Accepted","currentTime":"@0@","interval":300}"#,
            );
        }
        0 => {
            let version = writer.stations[station].version;
            let reason = ["PowerUp", "FirmwareUpdate", "RemoteReset", "Watchdog"][usize::from(chance) % 4];
            writer.ask(
                station,
                true,
                "BootNotification",
                &format!(
                    r#"{{"reason":"{reason}","chargingStation":{{"vendorName":"V","model":"M","firmwareVersion":"1.{version}"}}}}"#
                ),
                r#"{"status":"Accepted","currentTime":"@0@","interval":300}"#,
            );
        }
        1..=4 => status(writer, station, chance),
        5..=8 => start(writer, station, chance),
        9..=12 => sample(writer, station, chance),
        13..=16 => stop(writer, station, chance),
        17 => writer.ask(station, true, "Heartbeat", "{}", r#"{"currentTime":"@0@"}"#),
        18 | 19 => authorize(writer, station, chance),
        20 | 21 => firmware(writer, station, chance),
        22..=24 => command(writer, station, chance),
        25 => other(writer, station, chance),
        26 => settings(writer, station, chance),
        _ => unusual(writer, station, chance),
    }
}

fn status(writer: &mut Writer, station: usize, chance: u8) {
    if station < 2 {
        let status = ["Available", "Preparing", "Charging", "SuspendedEV", "Finishing", "Faulted", "Unavailable"]
            [usize::from(chance) % 7];
        let error = if status == "Faulted" { "GroundFailure" } else { "NoError" };
        let connector = if chance.is_multiple_of(11) { 0 } else { 1 + chance / 8 % 2 };
        let payload = format!(
            r#"{{"connectorId":{connector},"errorCode":"{error}","status":"{status}","timestamp":"@0@","vendorId":"acme"}}"#
        );
        writer.reports(station, "StatusNotification", &payload);
    } else if chance.is_multiple_of(9) {
        let value = if chance.is_multiple_of(2) { "true" } else { "false" };
        let payload = format!(
            r#"{{"generatedAt":"@0@","seqNo":0,"eventData":[{{"eventId":{chance},"timestamp":"@-1@","trigger":"Alerting","actualValue":"{value}","eventNotificationType":"HardWiredMonitor","component":{{"name":"Connector","evse":{{"id":1,"connectorId":1}}}},"variable":{{"name":"Problem"}}}}]}}"#
        );
        writer.reports(station, "NotifyEvent", &payload);
    } else {
        let status = ["Available", "Occupied", "Unavailable", "Faulted", "Reserved"][usize::from(chance) % 5];
        let evse = 1 + chance / 8 % 2;
        let payload = format!(r#"{{"timestamp":"@0@","connectorStatus":"{status}","evseId":{evse},"connectorId":1}}"#);
        writer.reports(station, "StatusNotification", &payload);
    }
}

fn start(writer: &mut Writer, station: usize, chance: u8) {
    let place = usize::from(chance % 2);
    let connector = place as u8 + 1;
    let memory = &mut writer.stations[station];
    // Energy flows that no transaction counts, now and then.
    memory.meter += i64::from(chance % 5 / 4) * 500;
    let (meter, number) = (memory.meter, memory.messages);
    let remote = chance.is_multiple_of(7);
    if station < 2 {
        let id = (1000 * (station + 1) + number).to_string();
        writer.stations[station].running[place] = Some(Running { id: id.clone(), connector, numbers: 0 });
        if remote {
            let asked = format!(r#"{{"connectorId":{connector},"idTag":"T{station}"}}"#);
            writer.commands(station, "RemoteStartTransaction", &asked, "Accepted");
        }
        let status = if chance.is_multiple_of(17) { "Invalid" } else { "Accepted" };
        let payload =
            format!(r#"{{"connectorId":{connector},"idTag":"T{station}","meterStart":{meter},"timestamp":"@0@"}}"#);
        let answer = format!(r#"{{"idTagInfo":{{"status":"{status}"}},"transactionId":{id}}}"#);
        writer.ask(station, true, "StartTransaction", &payload, &answer);
    } else {
        let id = format!("tx-{station}-{number}");
        writer.stations[station].running[place] = Some(Running { id: id.clone(), connector, numbers: 1 });
        if remote {
            let asked = format!(
                r#"{{"remoteStartId":{number},"idToken":{{"idToken":"T{station}","type":"ISO14443"}},"evseId":{connector}}}"#
            );
            writer.commands(station, "RequestStartTransaction", &asked, "Accepted");
        }
        let asked = if remote { format!(r#","remoteStartId":{number}"#) } else { String::new() };
        let payload = format!(
            r#"{{"eventType":"Started","timestamp":"@0@","triggerReason":"Authorized","seqNo":0,"transactionInfo":{{"transactionId":"{id}","chargingState":"Charging"{asked}}},"evse":{{"id":{connector},"connectorId":1}},"idToken":{{"idToken":"T{station}","type":"ISO14443"}},"meterValue":[{{"timestamp":"@0@","sampledValue":[{{"value":{meter},"context":"Transaction.Begin"}}]}}]}}"#
        );
        writer.ask(station, true, "TransactionEvent", &payload, r#"{"idTokenInfo":{"status":"Accepted"}}"#);
    }
}

fn sample(writer: &mut Writer, station: usize, chance: u8) {
    let place = usize::from(chance % 2);
    let memory = &mut writer.stations[station];
    let Some(running) = memory.running[place].as_mut() else {
        // An idle connector's clock-aligned sample.
        let meter = memory.meter;
        let old = station < 2;
        let key = if old { "connectorId" } else { "evseId" };
        let value = if old { format!("\"{meter}\"") } else { meter.to_string() };
        let payload = format!(
            r#"{{"{key}":{},"meterValue":[{{"timestamp":"@0@","sampledValue":[{{"value":{value},"context":"Sample.Clock"}}]}}]}}"#,
            place + 1
        );
        return writer.reports(station, "MeterValues", &payload);
    };
    memory.meter += 100 + i64::from(chance);
    let (meter, connector, id, power) = (memory.meter, running.connector, running.id.clone(), i64::from(chance) * 100);
    if station < 2 {
        let named = if chance.is_multiple_of(13) { String::new() } else { format!(r#""transactionId":{id},"#) };
        let payload = format!(
            r#"{{"connectorId":{connector},{named}"meterValue":[{{"timestamp":"@0@","sampledValue":[{{"value":"{meter}"}},{{"value":"{chance}.5","measurand":"Current.Import","unit":"A","phase":"L1"}},{{"value":"{power}","measurand":"Power.Active.Import","unit":"W"}}]}}]}}"#
        );
        writer.reports(station, "MeterValues", &payload);
    } else {
        // Some numbers are left out.
        running.numbers += i64::from(chance.is_multiple_of(10));
        let number = running.numbers;
        running.numbers += 1;
        let payload = format!(
            r#"{{"eventType":"Updated","timestamp":"@0@","triggerReason":"MeterValuePeriodic","seqNo":{number},"transactionInfo":{{"transactionId":"{id}"}},"meterValue":[{{"timestamp":"@0@","sampledValue":[{{"value":{meter}}},{{"value":{power},"measurand":"Power.Active.Import","unitOfMeasure":{{"unit":"W"}}}}]}}]}}"#
        );
        writer.reports(station, "TransactionEvent", &payload);
    }
}

fn stop(writer: &mut Writer, station: usize, chance: u8) {
    let place = usize::from(chance % 2);
    let memory = &mut writer.stations[station];
    let Some(running) = memory.running[place].take() else {
        return writer.ask(station, true, "Heartbeat", "{}", r#"{"currentTime":"@0@"}"#);
    };
    memory.meter += i64::from(chance);
    let (meter, id) = (memory.meter, running.id);
    let remote = chance.is_multiple_of(5);
    let reason = if remote { "Remote" } else { ["Local", "EVDisconnected", "PowerLoss"][usize::from(chance) % 3] };
    if station < 2 {
        if remote {
            writer.commands(station, "RemoteStopTransaction", &format!(r#"{{"transactionId":{id}}}"#), "Accepted");
        }
        let payload = format!(
            r#"{{"transactionId":{id},"meterStop":{meter},"timestamp":"@0@","reason":"{reason}","transactionData":[{{"timestamp":"@0@","sampledValue":[{{"value":"{meter}","context":"Transaction.End"}}]}}]}}"#
        );
        let answer = r#"{"idTagInfo":{"status":"Accepted"}}"#;
        writer.ask(station, true, "StopTransaction", &payload, answer);
    } else {
        if remote {
            let asked = format!(r#"{{"transactionId":"{id}"}}"#);
            writer.commands(station, "RequestStopTransaction", &asked, "Accepted");
        }
        let trigger = if remote { "RemoteStop" } else { "StopAuthorized" };
        let payload = format!(
            r#"{{"eventType":"Ended","timestamp":"@0@","triggerReason":"{trigger}","seqNo":{},"transactionInfo":{{"transactionId":"{id}","stoppedReason":"{reason}"}},"meterValue":[{{"timestamp":"@0@","sampledValue":[{{"value":{meter},"context":"Transaction.End"}}]}}]}}"#,
            running.numbers
        );
        writer.reports(station, "TransactionEvent", &payload);
    }
}

fn authorize(writer: &mut Writer, station: usize, chance: u8) {
    let status = if chance.is_multiple_of(4) { "Blocked" } else { "Accepted" };
    if station < 2 {
        let answer = format!(r#"{{"idTagInfo":{{"status":"{status}"}}}}"#);
        writer.ask(station, true, "Authorize", &format!(r#"{{"idTag":"T{station}"}}"#), &answer);
    } else {
        let payload = format!(r#"{{"idToken":{{"idToken":"T{station}","type":"ISO14443"}}}}"#);
        let answer = format!(r#"{{"idTokenInfo":{{"status":"{status}"}}}}"#);
        writer.ask(station, true, "Authorize", &payload, &answer);
    }
}

fn firmware(writer: &mut Writer, station: usize, chance: u8) {
    let numbered = station != 0;
    if chance.is_multiple_of(4) {
        writer.stations[station].jobs += 1;
        let job = writer.stations[station].jobs;
        if numbered {
            let action = if station < 2 { "SignedUpdateFirmware" } else { "UpdateFirmware" };
            let payload = format!(
                r#"{{"requestId":{job},"firmware":{{"location":"https://u:p@x.example/{job}.bin","retrieveDateTime":"@60@","signature":"c2ln","signingCertificate":"PEM"}}}}"#
            );
            writer.commands(station, action, &payload.replace("u:p@", ""), "Accepted");
        } else {
            let payload = format!(r#"{{"location":"https://x.example/{job}.bin","retrieveDate":"@60@"}}"#);
            writer.ask(station, false, "UpdateFirmware", &payload, "{}");
        }
        return;
    }
    let status =
        ["Downloading", "Downloaded", "Installing", "Installed", "DownloadFailed", "InstallationFailed", "Idle"]
            [usize::from(chance) % 7];
    writer.stations[station].version += u32::from(status == "Installed");
    let job = writer.stations[station].jobs;
    let action = if station == 1 { "SignedFirmwareStatusNotification" } else { "FirmwareStatusNotification" };
    let number = if numbered && job > 0 && status != "Idle" { format!(r#","requestId":{job}"#) } else { String::new() };
    writer.reports(station, action, &format!(r#"{{"status":"{status}"{number}}}"#));
}

fn command(writer: &mut Writer, station: usize, chance: u8) {
    let old = station < 2;
    let answer = if chance.is_multiple_of(6) { "Rejected" } else { "Accepted" };
    match chance % 9 {
        0 if old => writer.commands(station, "Reset", r#"{"type":"Soft"}"#, answer),
        0 => writer.commands(station, "Reset", r#"{"type":"Immediate"}"#, answer),
        1 if old => writer.commands(station, "UnlockConnector", r#"{"connectorId":1}"#, "Unlocked"),
        1 => writer.commands(station, "UnlockConnector", r#"{"evseId":1,"connectorId":1}"#, "Unlocked"),
        2 if old => {
            writer.commands(station, "ChangeAvailability", r#"{"connectorId":1,"type":"Inoperative"}"#, answer);
        }
        2 => {
            let payload = r#"{"operationalStatus":"Inoperative","evse":{"id":1,"connectorId":1}}"#;
            writer.commands(station, "ChangeAvailability", payload, answer);
        }
        3 => writer.commands(station, "TriggerMessage", r#"{"requestedMessage":"BootNotification"}"#, answer),
        4 => writer.commands(station, "ClearCache", "{}", answer),
        5 if old => {
            let payload = r#"{"connectorId":1,"csChargingProfiles":{"chargingProfileId":1,"stackLevel":0,"chargingProfilePurpose":"TxDefaultProfile","chargingProfileKind":"Absolute","validTo":"@900@","chargingSchedule":{"chargingRateUnit":"W","startSchedule":"@0@","chargingSchedulePeriod":[{"startPeriod":0,"limit":11000}]}}}"#;
            writer.commands(station, "SetChargingProfile", payload, answer);
        }
        5 => {
            let payload = r#"{"evseId":1,"chargingProfile":{"id":1,"stackLevel":0,"chargingProfilePurpose":"TxDefaultProfile","chargingProfileKind":"Absolute","validTo":"@900@","chargingSchedule":[{"id":1,"chargingRateUnit":"W","chargingSchedulePeriod":[{"startPeriod":0,"limit":11000}]}]}}"#;
            writer.commands(station, "SetChargingProfile", payload, answer);
        }
        6 if old => {
            let payload =
                format!(r#"{{"connectorId":1,"expiryDate":"@1800@","idTag":"T{station}","reservationId":{chance}}}"#);
            writer.commands(station, "ReserveNow", &payload, answer);
        }
        6 => {
            let payload = format!(
                r#"{{"id":{chance},"expiryDateTime":"@1800@","idToken":{{"idToken":"T{station}","type":"ISO14443"}},"evseId":1}}"#
            );
            writer.commands(station, "ReserveNow", &payload, answer);
        }
        7 => writer.ask(station, false, "ClearCache", "{}", "NotSupported"),
        _ => writer.ask(station, false, "GetLocalListVersion", "{}", ""),
    }
}

fn other(writer: &mut Writer, station: usize, chance: u8) {
    match chance % 4 {
        0 => {
            let payload = r#"{"type":"FailedToAuthenticateAtCsms","timestamp":"@-2@","techInfo":"x"}"#;
            writer.reports(station, "SecurityEventNotification", payload);
        }
        1 => {
            let payload = r#"{"vendorId":"acme","messageId":"m","data":"d"}"#;
            writer.ask(station, true, "DataTransfer", payload, r#"{"status":"Accepted","data":"e"}"#);
        }
        2 if station < 2 => {
            let payload = r#"{"location":"https://x.example/logs"}"#;
            writer.ask(station, false, "GetDiagnostics", payload, r#"{"fileName":"a.zip"}"#);
            writer.reports(station, "DiagnosticsStatusNotification", r#"{"status":"Uploading"}"#);
        }
        2 => {
            let payload = format!(
                r#"{{"logType":"SecurityLog","requestId":{chance},"log":{{"remoteLocation":"https://x.example/logs"}}}}"#
            );
            writer.commands(station, "GetLog", &payload, "Accepted");
        }
        _ if station < 2 => {
            writer.reports(station, "DiagnosticsStatusNotification", r#"{"status":"Uploaded"}"#);
        }
        _ => {
            let payload = format!(r#"{{"status":"Uploaded","requestId":{}}}"#, chance.wrapping_sub(1));
            writer.reports(station, "LogStatusNotification", &payload);
        }
    }
}

fn settings(writer: &mut Writer, station: usize, chance: u8) {
    if station < 2 {
        let payload = format!(r#"{{"key":"MeterValueSampleInterval","value":"{chance}"}}"#);
        writer.commands(station, "ChangeConfiguration", &payload, "Accepted");
    } else {
        let payload = format!(
            r#"{{"setVariableData":[{{"attributeValue":"{chance}","component":{{"name":"OCPPCommCtrlr"}},"variable":{{"name":"HeartbeatInterval"}}}}]}}"#
        );
        let answer = r#"{"setVariableResult":[{"attributeStatus":"Accepted","component":{"name":"OCPPCommCtrlr"},"variable":{"name":"HeartbeatInterval"}}]}"#;
        writer.ask(station, false, "SetVariables", &payload, answer);
    }
}

/// Calls that nobody answers, that are refused, that lack something, or that nobody knows.
fn unusual(writer: &mut Writer, station: usize, chance: u8) {
    match chance % 4 {
        0 => writer.ask(station, true, "Heartbeat", "{}", ""),
        1 => writer.ask(station, true, "StatusNotification", r#"{"status":"Available"}"#, "FormationViolation"),
        2 => writer.reports(station, "MyOwnAction", r#"{"a":1}"#),
        _ => writer.ask(station, true, "MeterValues", r#"{"connectorId":1,"transactionId":7}"#, "InternalError"),
    }
}
