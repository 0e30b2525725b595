//! What an OCPP 2.0.1 charge point writes on the wire.

use std::fmt::Write as _;

use crate::charge_point::ChargePoint;
use crate::clock::{Ms, iso};
use crate::disturbance::Disturbance;
use crate::firmware::Release;
use crate::meter::{Reading, decimal};
use crate::model::{Kind, Session, Track, TxMessage};
use crate::traits::Traits;
use crate::world::World;

/// The answer to an accepted token.
pub(crate) const ACCEPTED: &str = r#"{"idTokenInfo":{"status":"Accepted"}}"#;

/// `BootNotification`.
pub(crate) fn boot(traits: &Traits, release: Release, reason: &str) -> String {
    let Traits { vendor, model, serial, .. } = traits;
    format!(
        r#"{{"reason":"{reason}","chargingStation":{{"model":"{model}","vendorName":"{vendor}","serialNumber":"{serial}","firmwareVersion":"{release}"}}}}"#
    )
}

/// `StatusNotification`.
pub(crate) fn status(track: &Track, stamp: Ms) -> String {
    format!(
        r#"{{"timestamp":"{}","connectorStatus":"{}","evseId":{},"connectorId":{}}}"#,
        iso(stamp),
        track.now.0,
        track.evse_id,
        track.connector_id
    )
}

/// The idToken object.
fn id_token(id: &str) -> String {
    format!(r#""idToken":{{"idToken":"{id}","type":"ISO14443"}}"#)
}

/// Authorize.
pub(crate) fn authorize(id: &str) -> String {
    format!("{{{}}}", id_token(id))
}

/// `RequestStartTransaction`.
pub(crate) fn request_start(track: &Track, session: &Session, key: u64) -> String {
    let token = id_token(&session.id_tag);
    format!(r#"{{"remoteStartId":{},{token},"evseId":{}}}"#, remote_start_id(key), track.evse_id)
}

/// The number that ties a request to its transaction.
fn remote_start_id(key: u64) -> u64 {
    key + 1_000
}

/// One sampledValue.
fn sampled(value: &str, context: &str, measurand: &str, extra: &str, unit: &str) -> String {
    format!(
        r#"{{"value":{value},"context":"{context}","measurand":"{measurand}"{extra},"unitOfMeasure":{{"unit":"{unit}"}}}}"#
    )
}

/// The meterValue array: the register, and in a periodic sample the rest.
fn meter_value(reading: &Reading, context: &str, stamp: Ms) -> String {
    let outlet = r#","location":"Outlet""#;
    let register = "Energy.Active.Import.Register";
    let mut values = vec![sampled(&reading.register, context, register, outlet, reading.unit)];
    if context == "Sample.Periodic" {
        let power = decimal(reading.power_dw, 1);
        values.push(sampled(&power, context, "Power.Active.Import", outlet, "W"));
        let current = decimal(reading.current_da, 1);
        let voltage = decimal(reading.voltage_dv, 1);
        for phase in 1..=reading.phases {
            let on_line = format!(r#","phase":"L{phase}","location":"Outlet""#);
            values.push(sampled(&current, context, "Current.Import", &on_line, "A"));
        }
        for phase in 1..=reading.phases {
            let to_neutral = format!(r#","phase":"L{phase}-N","location":"Outlet""#);
            values.push(sampled(&voltage, context, "Voltage", &to_neutral, "V"));
        }
        if let Some(percent) = reading.state_of_charge {
            let vehicle = r#","location":"EV""#;
            values.push(sampled(&percent.to_string(), context, "SoC", vehicle, "Percent"));
        }
    }
    let stamp = iso(stamp);
    format!(r#","meterValue":[{{"timestamp":"{stamp}","sampledValue":[{}]}}]"#, values.join(","))
}

/// What an event tells beside its place in the sequence.
#[derive(Clone, Copy, Debug)]
struct Event<'a> {
    kind: Kind,
    trigger: &'a str,
    charging_state: Option<&'a str>,
    reason: Option<&'a str>,
    token: bool,
    /// The context of the register sample in it.
    context: Option<&'a str>,
}

impl ChargePoint {
    /// `TransactionEvent`.
    fn event(&mut self, key: u64, at: Ms, event: Event<'_>) -> TxMessage {
        let stamp = self.clock.read(at);
        let reading = event.context.map(|context| (self.read_meter(key, at), context));
        let online = self.online;
        let everywhere = self.traits.evse_everywhere;
        let mut hidden = false;
        let mut body = String::with_capacity(512);
        let event_type = match event.kind {
            Kind::Start => "Started",
            Kind::Sample | Kind::Update => "Updated",
            Kind::Stop => "Ended",
        };
        if let Some(session) = self.sessions.get_mut(&key) {
            let _ = write!(
                body,
                r#"{{"eventType":"{event_type}","timestamp":"{}","triggerReason":"{}","seqNo":{}"#,
                iso(stamp),
                event.trigger,
                session.seq_no
            );
            session.seq_no += 1;
            if !online {
                body.push_str(r#","offline":true"#);
            }
            let _ = write!(body, r#","transactionInfo":{{"transactionId":"{}""#, session.wire_id);
            if let Some(state) = event.charging_state {
                let _ = write!(body, r#","chargingState":"{state}""#);
            }
            if let Some(reason) = event.reason {
                let _ = write!(body, r#","stoppedReason":"{reason}""#);
            }
            if event.kind == Kind::Start && session.remote {
                let _ = write!(body, r#","remoteStartId":{}"#, remote_start_id(key));
            }
            body.push('}');
            hidden = session.plan == Some(Disturbance::EvseMissingInUpdates);
            let track = &self.connectors[session.connector].track;
            if event.kind == Kind::Start || (everywhere && !hidden) {
                let (evse, connector) = (track.evse_id, track.connector_id);
                let _ = write!(body, r#","evse":{{"id":{evse},"connectorId":{connector}}}"#);
            }
            if event.token {
                body.push(',');
                body.push_str(&id_token(&session.id_tag));
            }
        }
        if hidden && event.kind != Kind::Start {
            self.mark(key, Disturbance::EvseMissingInUpdates);
        }
        if let Some((reading, context)) = &reading {
            body.push_str(&meter_value(reading, context, stamp));
        }
        body.push('}');
        let sample_wh = reading.map(|(reading, _)| reading.energy_wh);
        TxMessage { session: key, kind: event.kind, body, sample_wh }
    }

    /// Started.
    pub(crate) fn start_v201(&mut self, key: u64) -> TxMessage {
        let id = self.dice.uuid();
        let mut at = 0;
        let mut remote = false;
        if let Some(session) = self.sessions.get_mut(&key) {
            session.wire_id.clone_from(&id);
            session.transaction_id = Some(id);
            at = session.start_at;
            remote = session.remote;
        }
        let at_plug = self.traits.starts_at_plug;
        let trigger = match (at_plug, remote) {
            (true, _) => "CablePluggedIn",
            (false, true) => "RemoteStart",
            (false, false) => "Authorized",
        };
        let event = Event {
            kind: Kind::Start,
            trigger,
            charging_state: Some("EVConnected"),
            reason: None,
            token: !at_plug,
            context: Some("Transaction.Begin"),
        };
        self.event(key, at, event)
    }

    /// Updated with samples.
    pub(crate) fn sample_v201(&mut self, key: u64, at: Ms) -> TxMessage {
        let event = Event {
            kind: Kind::Sample,
            trigger: "MeterValuePeriodic",
            charging_state: None,
            reason: None,
            token: false,
            context: Some("Sample.Periodic"),
        };
        self.event(key, at, event)
    }

    /// Another Updated event: authorised, or energy flows or pauses.
    pub(crate) fn update_v201(&mut self, world: &mut World, key: u64, at: Ms, trigger: &str) {
        let authorized = trigger == "Authorized";
        let flows = self.connectors[self.sessions[&key].connector].power_w() > 0;
        let state = match (authorized, flows) {
            (true, _) => "EVConnected",
            (false, true) => "Charging",
            (false, false) => "SuspendedEV",
        };
        let event = Event {
            kind: Kind::Update,
            trigger,
            charging_state: Some(state),
            reason: None,
            token: authorized,
            context: None,
        };
        let message = self.event(key, at, event);
        self.send(world, at, message);
    }

    /// Ended.
    pub(crate) fn stop_v201(&mut self, key: u64) -> Option<TxMessage> {
        let session = self.sessions.get(&key)?;
        let (at, reason) = (session.stop_at?, session.reason);
        let trigger = match reason {
            Some("EVDisconnected") => "EVDeparted",
            Some("Remote") => "RemoteStop",
            Some("PowerLoss" | "Reboot") => "AbnormalCondition",
            _ => "StopAuthorized",
        };
        let state = if trigger == "EVDeparted" { "Idle" } else { "EVConnected" };
        let event = Event {
            kind: Kind::Stop,
            trigger,
            charging_state: Some(state),
            reason,
            token: trigger == "StopAuthorized",
            context: Some("Transaction.End"),
        };
        Some(self.event(key, at, event))
    }
}
