//! What a charge point is like.

use crate::clock::{MINUTE, Ms};
use crate::dice::Dice;

/// The protocol of a charge point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// OCPP 1.6-J.
    V16,
    /// OCPP 2.0.1.
    V201,
}

impl Version {
    /// As written in the truth.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Version::V16 => "1.6",
            Version::V201 => "2.0.1",
        }
    }
}

/// What a charge point is like, for life.
#[expect(clippy::struct_excessive_bools, reason = "independent habits")]
#[derive(Clone, Debug)]
pub(crate) struct Traits {
    pub(crate) vendor: &'static str,
    pub(crate) model: &'static str,
    pub(crate) serial: String,
    pub(crate) phases: i64,
    pub(crate) max_power_w: i64,
    /// Whether samples may carry the state of charge.
    pub(crate) direct_current: bool,
    pub(crate) sample_interval: Ms,
    /// 1.6: `StopTransaction` carries transactionData.
    pub(crate) transaction_data: bool,
    /// 1.6: firmware is updated by the signed messages.
    pub(crate) signed_firmware: bool,
    /// 2.0.1: every event names the EVSE, not only the first.
    pub(crate) evse_everywhere: bool,
    /// 2.0.1: a transaction starts at the plug, not at the authorisation.
    pub(crate) starts_at_plug: bool,
}

impl Traits {
    /// Draws a charge point.
    pub(crate) fn draw(dice: &mut Dice, number: u32) -> Self {
        const MODELS: [(&str, &str, i64, i64, bool); 6] = [
            ("Acme", "AC7", 1, 7_360, false),
            ("Acme", "AC22", 3, 22_080, false),
            ("Voltwerk", "Wall 11", 3, 11_040, false),
            ("Nordlade", "City-22", 3, 22_080, false),
            ("Nordlade", "Rapid-50", 3, 50_000, true),
            ("Brightpost", "BP1", 1, 3_680, false),
        ];
        let (vendor, model, phases, max_power_w, direct_current) = *dice.pick(&MODELS);
        Self {
            vendor,
            model,
            serial: format!("SN{:02}-{:06}", dice.between(10, 99), number * 7 + 1),
            phases,
            max_power_w,
            direct_current,
            sample_interval: *dice.pick(&[5, 10, 15]) * MINUTE,
            transaction_data: dice.chance(300),
            signed_firmware: dice.chance(350),
            evse_everywhere: dice.chance(500),
            starts_at_plug: dice.chance(500),
        }
    }
}

/// What the payload clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PayloadClock {
    /// The right time.
    Right,
    /// Two hours ahead.
    Ahead,
    /// Counting from 1970 since this instant.
    Unset(Ms),
}

impl PayloadClock {
    /// What the charge point believes the time to be.
    pub(crate) fn read(self, at: Ms) -> Ms {
        match self {
            PayloadClock::Right => at,
            PayloadClock::Ahead => at + 120 * MINUTE,
            PayloadClock::Unset(since) => at - since,
        }
    }
}
