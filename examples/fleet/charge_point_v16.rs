//! What an OCPP 1.6-J charge point writes on the wire.

use std::fmt::Write as _;

use crate::charge_point::ChargePoint;
use crate::clock::{Ms, iso};
use crate::disturbance::Disturbance;
use crate::firmware::Release;
use crate::meter::{Reading, decimal};
use crate::model::{Kind, Track, TxMessage};
use crate::traits::Traits;

/// The answer to an accepted Authorize.
pub(crate) const ACCEPTED: &str = r#"{"idTagInfo":{"status":"Accepted"}}"#;

/// `BootNotification`.
pub(crate) fn boot(traits: &Traits, release: Release) -> String {
    let Traits { vendor, model, serial, .. } = traits;
    format!(
        r#"{{"chargePointVendor":"{vendor}","chargePointModel":"{model}","chargePointSerialNumber":"{serial}","firmwareVersion":"{release}"}}"#
    )
}

/// `StatusNotification`.
pub(crate) fn status(track: &Track, stamp: Option<Ms>) -> String {
    let (status, error) = track.now;
    let mut text = format!(r#"{{"connectorId":{},"errorCode":"{error}","status":"{status}""#, track.connector_id);
    if error != "NoError" {
        text.push_str(r#","info":"see vendor code","vendorId":"acme","vendorErrorCode":"E17""#);
    }
    if let Some(stamp) = stamp {
        text.push_str(r#","timestamp":""#);
        text.push_str(&iso(stamp));
        text.push('"');
    }
    text.push('}');
    text
}

/// `RemoteStartTransaction`.
pub(crate) fn remote_start(track: &Track, id_tag: &str) -> String {
    format!(r#"{{"connectorId":{},"idTag":"{id_tag}"}}"#, track.connector_id)
}

/// One sampledValue.
fn sampled(value: &str, context: &str, measurand: &str, extra: &str, unit: &str) -> String {
    format!(
        r#"{{"value":"{value}","context":"{context}","format":"Raw","measurand":"{measurand}"{extra},"unit":"{unit}"}}"#
    )
}

/// The register as a sampledValue.
fn register(value: &str, context: &str, unit: &str) -> String {
    let outlet = r#","location":"Outlet""#;
    sampled(value, context, "Energy.Active.Import.Register", outlet, unit)
}

/// The sampledValue array of a periodic sample.
fn periodic(reading: &Reading) -> String {
    let context = "Sample.Periodic";
    let mut values = vec![register(&reading.register, context, reading.unit)];
    let power = decimal(reading.power_dw, 1);
    values.push(sampled(&power, context, "Power.Active.Import", r#","location":"Outlet""#, "W"));
    for phase in 1..=reading.phases {
        let on_line = format!(r#","phase":"L{phase}","location":"Outlet""#);
        values.push(sampled(&decimal(reading.current_da, 1), context, "Current.Import", &on_line, "A"));
    }
    for phase in 1..=reading.phases {
        let to_neutral = format!(r#","phase":"L{phase}-N","location":"Outlet""#);
        values.push(sampled(&decimal(reading.voltage_dv, 1), context, "Voltage", &to_neutral, "V"));
    }
    if let Some(percent) = reading.state_of_charge {
        let vehicle = r#","location":"EV""#;
        values.push(sampled(&percent.to_string(), context, "SoC", vehicle, "Percent"));
    }
    values.join(",")
}

impl ChargePoint {
    /// `StartTransaction`.
    pub(crate) fn start_v16(&mut self, key: u64) -> TxMessage {
        let session = &self.sessions[&key];
        let body = format!(
            r#"{{"connectorId":{},"idTag":"{}","meterStart":{},"timestamp":"{}"}}"#,
            self.connectors[session.connector].track.connector_id,
            session.id_tag,
            session.meter_start_wh,
            iso(self.clock.read(session.start_at))
        );
        TxMessage { session: key, kind: Kind::Start, body, sample_wh: None }
    }

    /// `MeterValues`, from the meter values on.
    pub(crate) fn sample_v16(&mut self, key: u64, at: Ms) -> TxMessage {
        let reading = self.read_meter(key, at);
        let stamp = iso(self.clock.read(at));
        let body = format!(r#""meterValue":[{{"timestamp":"{stamp}","sampledValue":[{}]}}]}}"#, periodic(&reading));
        TxMessage { session: key, kind: Kind::Sample, body, sample_wh: Some(reading.energy_wh) }
    }

    /// `StopTransaction`, from the register on.
    pub(crate) fn stop_v16(&mut self, key: u64) -> Option<TxMessage> {
        let session = self.sessions.get_mut(&key)?;
        let stop_at = iso(self.clock.read(session.stop_at?));
        let mut meter_stop = session.meter_stop_wh?;
        let below = session.plan == Some(Disturbance::MeterStopBelowStart);
        if below && session.meter_start_wh > 1_000 {
            meter_stop = session.meter_start_wh - self.dice.between(1, 1_000);
            session.marks.add(Disturbance::MeterStopBelowStart);
        }
        let mut body = format!(r#""meterStop":{meter_stop},"timestamp":"{stop_at}""#);
        if let Some(reason) = session.reason {
            body.push_str(r#","reason":""#);
            body.push_str(reason);
            body.push('"');
        }
        if self.traits.transaction_data && !below {
            let start_at = iso(self.clock.read(session.start_at));
            let begin = register(&session.meter_start_wh.to_string(), "Transaction.Begin", "Wh");
            let end = register(&meter_stop.to_string(), "Transaction.End", "Wh");
            let _ = write!(
                body,
                r#","transactionData":[{{"timestamp":"{start_at}","sampledValue":[{begin}]}},{{"timestamp":"{stop_at}","sampledValue":[{end}]}}]"#
            );
        }
        body.push('}');
        Some(TxMessage { session: key, kind: Kind::Stop, body, sample_wh: None })
    }
}
