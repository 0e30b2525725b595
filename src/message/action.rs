//! Every action of every version: who may send it, and which versions know it.
//!
//! Sources: the WSDLs of OCPP 1.2 and 1.5 (nothing there that 1.6 has not), OCPP 1.6 edition 2 §4 and §5, the 1.6 security extension, OCPP 2.0 and 2.0.1 part 2, OCPP 2.1 part 2.

use crate::term::{Direction, Version};
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// Who may send an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initiator {
    /// The charge point.
    ChargePoint,
    /// The CSMS.
    Csms,
    /// Either.
    Both,
}

/// Which versions know an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    /// 1.x and 2.x.
    Any,
    /// 1.x only.
    One,
    /// 2.x only.
    Two,
    /// 2.0 only: gone or renamed in 2.0.1.
    TwoZero,
    /// 2.1 only.
    TwoOne,
}

/// Sorted by name.
const ACTIONS: &[(&str, Initiator, Family)] = &[
    ("AFRRSignal", Initiator::Csms, Family::TwoOne),
    ("AdjustPeriodicEventStream", Initiator::Csms, Family::TwoOne),
    ("Authorize", Initiator::ChargePoint, Family::Any),
    ("BatterySwap", Initiator::ChargePoint, Family::TwoOne),
    ("BootNotification", Initiator::ChargePoint, Family::Any),
    ("CancelReservation", Initiator::Csms, Family::Any),
    ("CertificateSigned", Initiator::Csms, Family::Any),
    ("ChangeAvailability", Initiator::Csms, Family::Any),
    ("ChangeConfiguration", Initiator::Csms, Family::One),
    ("ChangeTransactionTariff", Initiator::Csms, Family::TwoOne),
    ("ClearCache", Initiator::Csms, Family::Any),
    ("ClearChargingProfile", Initiator::Csms, Family::Any),
    ("ClearDERControl", Initiator::Csms, Family::TwoOne),
    ("ClearDisplayMessage", Initiator::Csms, Family::Two),
    ("ClearTariffs", Initiator::Csms, Family::TwoOne),
    ("ClearVariableMonitoring", Initiator::Csms, Family::Two),
    ("ClearedChargingLimit", Initiator::ChargePoint, Family::Two),
    ("ClosePeriodicEventStream", Initiator::ChargePoint, Family::TwoOne),
    ("CostUpdated", Initiator::Csms, Family::Two),
    ("CustomerInformation", Initiator::Csms, Family::Two),
    ("DataTransfer", Initiator::Both, Family::Any),
    ("DeleteCertificate", Initiator::Csms, Family::Any),
    ("DiagnosticsStatusNotification", Initiator::ChargePoint, Family::One),
    ("ExtendedTriggerMessage", Initiator::Csms, Family::One),
    ("FirmwareStatusNotification", Initiator::ChargePoint, Family::Any),
    ("Get15118EVCertificate", Initiator::ChargePoint, Family::Two),
    ("GetBaseReport", Initiator::Csms, Family::Two),
    ("GetCertificateChainStatus", Initiator::ChargePoint, Family::TwoOne),
    ("GetCertificateStatus", Initiator::ChargePoint, Family::Two),
    ("GetChargingProfiles", Initiator::Csms, Family::Two),
    ("GetCompositeSchedule", Initiator::Csms, Family::Any),
    ("GetConfiguration", Initiator::Csms, Family::One),
    ("GetDERControl", Initiator::Csms, Family::TwoOne),
    ("GetDiagnostics", Initiator::Csms, Family::One),
    ("GetDisplayMessages", Initiator::Csms, Family::Two),
    ("GetInstalledCertificateIds", Initiator::Csms, Family::Any),
    ("GetLocalListVersion", Initiator::Csms, Family::Any),
    ("GetLog", Initiator::Csms, Family::Any),
    ("GetMonitoringReport", Initiator::Csms, Family::Two),
    ("GetPeriodicEventStream", Initiator::Csms, Family::TwoOne),
    ("GetReport", Initiator::Csms, Family::Two),
    ("GetTariffs", Initiator::Csms, Family::TwoOne),
    ("GetTransactionStatus", Initiator::Csms, Family::Two),
    ("GetVariables", Initiator::Csms, Family::Two),
    ("Heartbeat", Initiator::ChargePoint, Family::Any),
    ("InstallCertificate", Initiator::Csms, Family::Any),
    ("LogStatusNotification", Initiator::ChargePoint, Family::Any),
    ("MeterValues", Initiator::ChargePoint, Family::Any),
    ("NotifyAllowedEnergyTransfer", Initiator::Csms, Family::TwoOne),
    ("NotifyCentralChargingNeeds", Initiator::Csms, Family::TwoZero),
    ("NotifyChargingLimit", Initiator::ChargePoint, Family::Two),
    ("NotifyCustomerInformation", Initiator::ChargePoint, Family::Two),
    ("NotifyDERAlarm", Initiator::ChargePoint, Family::TwoOne),
    ("NotifyDERStartStop", Initiator::ChargePoint, Family::TwoOne),
    ("NotifyDisplayMessages", Initiator::ChargePoint, Family::Two),
    ("NotifyEVChargingNeeds", Initiator::ChargePoint, Family::Two),
    ("NotifyEVChargingSchedule", Initiator::ChargePoint, Family::Two),
    ("NotifyEvent", Initiator::ChargePoint, Family::Two),
    ("NotifyMonitoringReport", Initiator::ChargePoint, Family::Two),
    ("NotifyPeriodicEventStream", Initiator::ChargePoint, Family::TwoOne),
    ("NotifyPriorityCharging", Initiator::ChargePoint, Family::TwoOne),
    ("NotifyReport", Initiator::ChargePoint, Family::Two),
    ("NotifySettlement", Initiator::ChargePoint, Family::TwoOne),
    ("NotifyWebPaymentStarted", Initiator::Csms, Family::TwoOne),
    ("OpenPeriodicEventStream", Initiator::ChargePoint, Family::TwoOne),
    ("PublishFirmware", Initiator::Csms, Family::Two),
    ("PublishFirmwareStatusNotification", Initiator::ChargePoint, Family::Two),
    ("PullDynamicScheduleUpdate", Initiator::ChargePoint, Family::TwoOne),
    ("RemoteStartTransaction", Initiator::Csms, Family::One),
    ("RemoteStopTransaction", Initiator::Csms, Family::One),
    ("Renegotiate15118Schedule", Initiator::Csms, Family::TwoZero),
    ("ReportChargingProfiles", Initiator::ChargePoint, Family::Two),
    ("ReportDERControl", Initiator::ChargePoint, Family::TwoOne),
    ("RequestBatterySwap", Initiator::Csms, Family::TwoOne),
    ("RequestStartTransaction", Initiator::Csms, Family::Two),
    ("RequestStopTransaction", Initiator::Csms, Family::Two),
    ("ReservationStatusUpdate", Initiator::ChargePoint, Family::Two),
    ("ReserveNow", Initiator::Csms, Family::Any),
    ("Reset", Initiator::Csms, Family::Any),
    ("SecurityEventNotification", Initiator::ChargePoint, Family::Any),
    ("SendLocalList", Initiator::Csms, Family::Any),
    ("SetChargingProfile", Initiator::Csms, Family::Any),
    ("SetDERControl", Initiator::Csms, Family::TwoOne),
    ("SetDefaultTariff", Initiator::Csms, Family::TwoOne),
    ("SetDisplayMessage", Initiator::Csms, Family::Two),
    ("SetMonitoringBase", Initiator::Csms, Family::Two),
    ("SetMonitoringLevel", Initiator::Csms, Family::Two),
    ("SetNetworkProfile", Initiator::Csms, Family::Two),
    ("SetVariableMonitoring", Initiator::Csms, Family::Two),
    ("SetVariables", Initiator::Csms, Family::Two),
    ("SignCertificate", Initiator::ChargePoint, Family::Any),
    ("SignedFirmwareStatusNotification", Initiator::ChargePoint, Family::One),
    ("SignedUpdateFirmware", Initiator::Csms, Family::One),
    ("StartTransaction", Initiator::ChargePoint, Family::One),
    ("StatusNotification", Initiator::ChargePoint, Family::Any),
    ("StopTransaction", Initiator::ChargePoint, Family::One),
    ("TransactionEvent", Initiator::ChargePoint, Family::Two),
    ("TriggerMessage", Initiator::Csms, Family::Any),
    ("UnlockConnector", Initiator::Csms, Family::Any),
    ("UnpublishFirmware", Initiator::Csms, Family::Two),
    ("Update15118EVCertificate", Initiator::ChargePoint, Family::TwoZero),
    ("UpdateDynamicSchedule", Initiator::Csms, Family::TwoOne),
    ("UpdateFirmware", Initiator::Csms, Family::Any),
    ("UsePriorityCharging", Initiator::Csms, Family::TwoOne),
    ("VatNumberValidation", Initiator::ChargePoint, Family::TwoOne),
];

/// The same by their names.
static BY_NAME: LazyLock<FxHashMap<&'static str, Action>> =
    LazyLock::new(|| ACTIONS.iter().enumerate().map(|(index, entry)| (entry.0, Action(index as u8))).collect());

/// An action: the index of its name, or [`Action::UNKNOWN`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Action(u8);

impl Action {
    /// An action that no version knows, or none at all.
    pub const UNKNOWN: Self = Self(u8::MAX);

    /// Its number; it means nothing outside of this program.
    #[must_use]
    pub const fn number(self) -> usize {
        self.0 as usize
    }

    /// How many actions are known.
    pub const COUNT: usize = ACTIONS.len();

    /// The action of this name. A `-Signed` ending is left out (2.1 part 4 §7).
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        let name = name.strip_suffix("-Signed").unwrap_or(name);
        BY_NAME.get(name).copied().unwrap_or(Self::UNKNOWN)
    }

    /// The action's name, if it is known.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        ACTIONS.get(usize::from(self.0)).map(|entry| entry.0)
    }

    /// Who may send it; an unknown action may come from either side.
    #[must_use]
    pub fn initiator(self) -> Initiator {
        ACTIONS.get(usize::from(self.0)).map_or(Initiator::Both, |entry| entry.1)
    }

    /// The direction in which a request of this action goes, where only one is legal.
    #[must_use]
    pub fn direction(self) -> Option<Direction> {
        match self.initiator() {
            Initiator::ChargePoint => Some(Direction::FromChargePoint),
            Initiator::Csms => Some(Direction::FromCsms),
            Initiator::Both => None,
        }
    }

    /// The version that a log without one must have if this action occurs in it.
    #[must_use]
    pub fn implied_version(self) -> Option<Version> {
        match ACTIONS.get(usize::from(self.0))?.2 {
            Family::Any => None,
            Family::One => Some(Version::V16),
            Family::TwoZero => Some(Version::V20),
            Family::Two => Some(Version::V201),
            Family::TwoOne => Some(Version::V21),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_every_name_is_found() {
        assert!(ACTIONS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for entry in ACTIONS {
            assert_eq!(Action::from_name(entry.0).name(), Some(entry.0));
        }
        assert!(ACTIONS.len() < usize::from(u8::MAX));
    }

    #[test]
    fn names_are_case_sensitive_and_signed_ones_are_known() {
        assert_eq!(Action::from_name("HeartBeat"), Action::UNKNOWN);
        assert_eq!(Action::from_name("TransactionEvent-Signed").name(), Some("TransactionEvent"));
    }

    #[test]
    fn the_versions_have_as_many_actions_as_their_specifications() {
        let count = |known: &[Family]| ACTIONS.iter().filter(|entry| known.contains(&entry.2)).count();
        assert_eq!(count(&[Family::Any, Family::One]), 39, "1.6 with the security extension");
        assert_eq!(count(&[Family::Any, Family::Two]), 64, "2.0.1");
        assert_eq!(count(&[Family::Any, Family::Two, Family::TwoOne]), 91, "2.1");
    }
}
