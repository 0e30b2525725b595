//! What a meter shows, and how it is written.

use crate::charge_point::ChargePoint;
use crate::clock::Ms;
use crate::disturbance::Disturbance;
use crate::model::{Session, TxMessage};
use crate::traits::Version;

/// A reading of the meter during a session. The letter d in a name stands for tenths.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// The register, as it is written.
    pub(crate) register: String,
    /// The register's unit.
    pub(crate) unit: &'static str,
    /// Energy of the session so far, Wh.
    pub(crate) energy_wh: i64,
    pub(crate) power_dw: i64,
    pub(crate) current_da: i64,
    pub(crate) voltage_dv: i64,
    pub(crate) phases: i64,
    pub(crate) state_of_charge: Option<i64>,
}

/// Writes `value` × 10^-`places`: `decimal(72105, 1)` is `7210.5`.
pub(crate) fn decimal(value: i64, places: u32) -> String {
    let unit = 10_i64.pow(places);
    let sign = if value < 0 { "-" } else { "" };
    let (whole, part) = (value.abs() / unit, value.abs() % unit);
    format!("{sign}{whole}.{part:0width$}", width = places as usize)
}

/// The register as this session writes it, and the disturbance in that.
fn written(session: &Session, register_wh: i64) -> (String, &'static str, Option<Disturbance>) {
    match session.plan {
        Some(kind @ Disturbance::KwhRegisters) => (decimal(register_wh, 3), "kWh", Some(kind)),
        Some(kind @ Disturbance::SessionRelativeRegisters) => {
            ((register_wh - session.meter_start_wh).to_string(), "Wh", Some(kind))
        }
        _ => (register_wh.to_string(), "Wh", None),
    }
}

impl ChargePoint {
    /// Reads the meter for a sample of a session.
    pub(crate) fn read_meter(&mut self, key: u64, at: Ms) -> Reading {
        let session = &self.sessions[&key];
        let connector = &mut self.connectors[session.connector];
        let register_wh = connector.register_wh(at);
        let energy_wh = connector.lifetime_wh(at) - session.lifetime_start_wh;
        let (register, unit, kind) = written(session, register_wh);
        let flowing = connector.power_w() > 0;
        let power_dw = if flowing { connector.power_w() * 10 + self.dice.between(-300, 300) } else { 0 };
        let voltage_dv = 2_300 + self.dice.between(-60, 60);
        let phases = self.traits.phases;
        let state_of_charge = self.traits.direct_current.then(|| (session.state_of_charge + energy_wh / 650).min(100));
        if let Some(kind) = kind {
            self.mark(key, kind);
        }
        Reading {
            register,
            unit,
            energy_wh,
            power_dw,
            current_da: power_dw * 10 / voltage_dv / phases,
            voltage_dv,
            phases,
            state_of_charge,
        }
    }

    /// A disturbance touched a session.
    pub(crate) fn mark(&mut self, key: u64, kind: Disturbance) {
        if let Some(session) = self.sessions.get_mut(&key) {
            session.marks.add(kind);
        }
    }

    /// The message that ends a transaction.
    pub(crate) fn stop_message(&mut self, key: u64) -> Option<TxMessage> {
        match self.version {
            Version::V16 => self.stop_v16(key),
            Version::V201 => self.stop_v201(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn tenths_and_thousandths() {
        assert_eq!(decimal(72_105, 1), "7210.5");
        assert_eq!(decimal(121_004, 3), "121.004");
        assert_eq!(decimal(-5, 1), "-0.5");
    }
}
