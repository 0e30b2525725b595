//! A transaction's row, and the words of its vocabularies.

use crate::flag::{Effect, Flag, Flags};
use crate::position::Position;
use crate::rebuild::TimeSource;
use crate::rebuild::words::words;
use crate::term::Version;

words! {
    /// How far a transaction came.
    State:
    /// Start and stop are in the log.
    Completed = "completed";
    /// The stop is not in the log, but something shows that it is over.
    ClosedImplicit = "closed_implicit";
    /// Only the end is in the log.
    StopOnly = "stop_only";
    /// It runs on when the log ends, as far as the log tells.
    Open = "open";
}

words! {
    /// What shows that a transaction is over.
    EndSource:
    /// Its stop.
    Stop = "stop";
    /// The next start on the same connector.
    NextStart = "next_start";
    /// The connector's status.
    Status = "status";
    /// The connector became unavailable.
    StatusUnavailable = "status_unavailable";
    /// The charge point said so when asked.
    TxStatus = "tx_status";
    /// Nothing: the log ends.
    LogEnd = "log_end";
}

words! {
    /// Which way to the energy was taken.
    EnergyMethod:
    /// Stop meter less start meter.
    StartStop = "start_stop";
    /// Readings of the energy register.
    Register = "register";
    /// The sum of the amounts of each interval.
    Interval = "interval";
    /// Readings of the register of import less export.
    Net = "net";
    /// The energy that the charge point reckoned its cost with.
    Cost = "cost";
    /// The integral of the power.
    Power = "power";
    /// None was possible.
    None = "none";
}

words! {
    /// How a stop was joined to its start where the id did not tell.
    LinkMethod:
    /// The id tells.
    TransactionId = "transaction_id";
    /// Meter values with the same made-up id name the connector.
    PlaceholderMeter = "placeholder_meter";
    /// No other transaction was open.
    OnlyOpen = "only_open";
    /// Only one has the same token.
    IdTag = "idtag";
    /// Only one connector changed its status then.
    Status = "status";
    /// Only one register stood at the stop meter.
    Register = "register";
    /// The start was answered without an id, and no other start fits.
    WithoutId = "without_id";
}

words! {
    /// How sure a link is.
    Confidence:
    /// No other reading is likely.
    High = "high";
    /// Likely.
    Medium = "medium";
    /// A guess among several.
    Low = "low";
}

/// One charging transaction.
#[derive(Clone, Debug, Default)]
pub struct Transaction<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// The EVSE; in 1.x the connector.
    pub evse: Option<i32>,
    /// The connector.
    pub connector: Option<i32>,
    /// The id that the CSMS (1.x) or the charge point (2.x) gave it.
    pub transaction_id: Option<&'a str>,
    /// The OCPP version.
    pub version: Option<Version>,
    /// The token that started it.
    pub id_tag: Option<&'a str>,
    /// The token's type (2.x).
    pub id_token_type: Option<&'a str>,
    /// The token that stopped it.
    pub id_tag_stop: Option<&'a str>,
    /// The CSMS's last answer about the token.
    pub auth_status: Option<&'a str>,
    /// When it started.
    pub start_time: Option<i64>,
    /// When it stopped.
    pub stop_time: Option<i64>,
    /// Which clock tells the start.
    pub start_time_source: Option<TimeSource>,
    /// Which clock tells the stop.
    pub stop_time_source: Option<TimeSource>,
    /// When the start was logged.
    pub start_received_at: Option<i64>,
    /// When the stop was logged.
    pub stop_received_at: Option<i64>,
    /// From start to stop, on one clock.
    pub duration: Option<i64>,
    /// When the cable was plugged in.
    pub plug_in_time: Option<i64>,
    /// When the token was authorised.
    pub authorized_time: Option<i64>,
    /// When energy first flowed.
    pub first_charging_time: Option<i64>,
    /// When energy last flowed.
    pub last_charging_time: Option<i64>,
    /// When the cable was unplugged.
    pub unplug_time: Option<i64>,
    /// How long energy flowed.
    pub charging_duration: Option<i64>,
    /// How long none did.
    pub idle_duration: Option<i64>,
    /// The meter at the start, in Wh.
    pub meter_start_wh: Option<f64>,
    /// The meter at the stop, in Wh.
    pub meter_stop_wh: Option<f64>,
    /// The energy by the best method.
    pub energy_wh: Option<f64>,
    /// Which method that is.
    pub energy_method: Option<EnergyMethod>,
    /// Stop meter less start meter.
    pub energy_wh_start_stop: Option<f64>,
    /// By the readings of the register.
    pub energy_wh_register: Option<f64>,
    /// By the amounts of each interval.
    pub energy_wh_interval: Option<f64>,
    /// By the integral of the power.
    pub energy_wh_power: Option<f64>,
    /// What flowed back.
    pub energy_export_wh: Option<f64>,
    /// The highest reported power.
    pub peak_power_w: Option<f64>,
    /// Mean power over the duration.
    pub mean_power_w: Option<f64>,
    /// State of charge at the start.
    pub soc_start_pct: Option<f64>,
    /// State of charge at the stop.
    pub soc_stop_pct: Option<f64>,
    /// How far it came.
    pub state: Option<State>,
    /// What shows its end.
    pub end_source: Option<EndSource>,
    /// Why it stopped, as logged.
    pub stop_reason: Option<&'a str>,
    /// The class of that reason.
    pub stop_class: Option<&'static str>,
    /// How the stop was joined to the start.
    pub link_method: Option<LinkMethod>,
    /// How sure that is.
    pub link_confidence: Option<Confidence>,
    /// Whether a request of the CSMS started it; none where the log begins too late to tell.
    pub remote_start: Option<bool>,
    /// The reservation that it used.
    pub reservation_id: Option<i32>,
    /// How many sampled values belong to it.
    pub meter_value_count: i32,
    /// How often its start was sent.
    pub start_attempts: i32,
    /// How often its stop was sent.
    pub stop_attempts: i32,
    /// How many sequence numbers are missing (2.x).
    pub seq_missing_count: Option<i32>,
    /// How often the charge point booted in between.
    pub interruptions: i32,
    /// Whether its start or stop came late, from the charge point's memory.
    pub delivered_late: bool,
    /// What it cost.
    pub cost_total: Option<f64>,
    /// In which currency.
    pub cost_currency: Option<&'a str>,
    /// What had to be said about it.
    pub flags: Flags,
    /// Flags that carry a value: `name:value`.
    pub details: Vec<(Flag, &'a str)>,
    /// Its first message.
    pub first: Position,
    /// Its last message.
    pub last: Position,
}

impl Transaction<'_> {
    /// How far the row's numbers can be trusted: its flags' strongest effect, and what is missing.
    #[must_use]
    pub fn quality(&self) -> &'static str {
        let missing = self.energy_wh.is_none() || self.stop_time.is_none() || self.start_time.is_none();
        let effect = self.flags.effect();
        let missing = if missing { Effect::Partial } else { Effect::None };
        // The integral of samples of the power is no reading of a meter.
        let inferred = self.energy_method == Some(EnergyMethod::Power);
        let inferred = if inferred { Effect::Estimated } else { Effect::None };
        effect.max(missing).max(inferred).quality()
    }
}

/// The class of a stop reason (rule book §2.6). A missing reason means `Local` (1.6 §7.36, 2.0.1 E06.FR.08).
#[must_use]
pub fn stop_class(reason: Option<&str>) -> &'static str {
    match reason {
        None | Some("Local" | "MasterPass") => "user_local",
        Some("Remote") => "user_remote",
        Some("EVDisconnected" | "StoppedByEV") => "vehicle",
        Some("DeAuthorized" | "ReqEnergyTransferRejected") => "not_authorized",
        Some("EnergyLimitReached" | "TimeLimitReached" | "SOCLimitReached" | "LocalOutOfCredit") => "limit",
        Some("SoftReset" | "HardReset" | "ImmediateReset") => "reset_command",
        Some("Reboot") => "reboot",
        Some("PowerLoss") => "power",
        Some("EmergencyStop" | "GroundFault" | "OvercurrentFault" | "PowerQuality") => "safety_fault",
        Some("UnlockCommand") => "unlock",
        Some("Timeout") => "no_plug_in",
        Some(_) => "other",
    }
}
