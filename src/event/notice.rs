//! Security events, uploads of logs, and messages of vendors' own (1.6 security extension §3 to §4; 1.6 §4.3, §4.4,
//! §5.9; 2.0.1 part 2 A04, N01, P01, P02).

use super::Fact;
use super::field::{self, Target};
use super::from_v1::location;
use super::store::{Text, put};
use crate::json::{Scan, Scanner};
use crate::term::Version;
use crate::time::Instant;

/// `SecurityEventNotification` (1.6 security extension; 2.0.1 A04).
#[derive(Clone, Copy, Debug, Default)]
pub struct Security {
    /// The type.
    pub kind: Text,
    /// When it happened, by the charge point's clock.
    pub time: Instant,
    /// What the charge point added.
    pub tech_info: Text,
}

/// `DataTransfer` (1.6 §4.3, §5.6; 2.0.1 P01, P02).
#[derive(Clone, Copy, Debug, Default)]
pub struct Transfer {
    /// The vendor.
    pub vendor: Text,
    /// The vendor's name for the message.
    pub message: Text,
    /// What it carries: a text, or JSON as it was written; secrets are masked.
    pub data: Text,
}

/// `GetDiagnostics` (1.6 §5.9) and `GetLog` (1.6 security extension; 2.0.1 N01).
#[derive(Clone, Copy, Debug, Default)]
pub struct LogRequest {
    /// Whether it is `GetDiagnostics`, whose answer names a file and cannot refuse.
    pub diagnostics: bool,
    /// The request's number; none in `GetDiagnostics`.
    pub request_id: Option<i64>,
    /// `DiagnosticsLog`, `SecurityLog`, `DataCollectorLog`; none in `GetDiagnostics`.
    pub log_type: Text,
    /// Where to send it; user name and password are left out.
    pub location: Text,
}

/// `DiagnosticsStatusNotification` (1.6 §4.4) and `LogStatusNotification` (1.6 security extension; 2.0.1 N01).
#[derive(Clone, Copy, Debug, Default)]
pub struct LogStatus {
    /// Whether it is `DiagnosticsStatusNotification`.
    pub diagnostics: bool,
    /// The stage.
    pub status: Text,
    /// The request's number, if sent.
    pub request_id: Option<i64>,
}

pub(super) fn security(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let mut event = Security::default();
    field::object(scanner, |scanner, key| match key.raw {
        "type" => target.text(scanner, &mut event.kind),
        "timestamp" => field::time(scanner, &mut event.time),
        "techInfo" => target.masked(scanner, &mut event.tech_info),
        _ => scanner.skip(),
    })?;
    Ok(if event.kind.is_some() { Fact::Security(put(&mut target.store.securities, event)) } else { Fact::Bad })
}

pub(super) fn transfer(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let mut transfer = Transfer::default();
    let object = field::object(scanner, |scanner, key| match key.raw {
        "vendorId" => target.text(scanner, &mut transfer.vendor),
        "messageId" => target.text(scanner, &mut transfer.message),
        "data" => target.masked(scanner, &mut transfer.data),
        _ => scanner.skip(),
    })?;
    Ok(if object { Fact::Transfer(put(&mut target.store.transfers, transfer)) } else { Fact::Bad })
}

pub(super) fn log_request(target: &mut Target<'_>, scanner: &mut Scanner<'_>, diagnostics: bool) -> Scan<Fact> {
    let mut request = LogRequest { diagnostics, ..LogRequest::default() };
    let object = field::object(scanner, |scanner, key| match key.raw {
        "location" => location(target, scanner, &mut request.location),
        "requestId" => field::long(scanner, &mut request.request_id),
        "logType" => target.text(scanner, &mut request.log_type),
        "log" => field::object(scanner, |scanner, key| match key.raw {
            "remoteLocation" => location(target, scanner, &mut request.location),
            _ => scanner.skip(),
        })
        .map(|_| ()),
        _ => scanner.skip(),
    })?;
    Ok(if object { Fact::LogRequest(put(&mut target.store.log_requests, request)) } else { Fact::Bad })
}

pub(super) fn log_status(target: &mut Target<'_>, scanner: &mut Scanner<'_>, diagnostics: bool) -> Scan<Fact> {
    let mut status = LogStatus { diagnostics, ..LogStatus::default() };
    field::object(scanner, |scanner, key| match key.raw {
        "status" => target.text(scanner, &mut status.status),
        "requestId" => field::long(scanner, &mut status.request_id),
        _ => scanner.skip(),
    })?;
    // libocpp sends -1 for "no request".
    status.request_id = status.request_id.filter(|&id| id != -1);
    Ok(if status.status.is_some() { Fact::LogStatus(put(&mut target.store.log_statuses, status)) } else { Fact::Bad })
}

/// Whether a type is critical: in the list of 1.6 (security extension §8), and in that of 2.x (2.1 appendix 1, which
/// has all of 2.0.1's). The lists disagree about four types; none where a list does not have it.
const SECURITY_EVENTS: [(&str, Option<bool>, Option<bool>); 25] = [
    ("FirmwareUpdated", Some(true), Some(true)),
    ("FailedToAuthenticateAtCentralSystem", Some(false), None),
    ("FailedToAuthenticateAtCsms", None, Some(false)),
    ("CentralSystemFailedToAuthenticate", Some(false), None),
    ("CsmsFailedToAuthenticate", None, Some(false)),
    ("SettingSystemTime", Some(true), Some(true)),
    ("StartupOfTheDevice", Some(true), Some(true)),
    ("ResetOrReboot", Some(true), Some(true)),
    ("SecurityLogWasCleared", Some(true), Some(true)),
    ("ReconfigurationOfSecurityParameters", Some(false), Some(false)),
    ("MemoryExhaustion", Some(true), Some(true)),
    ("InvalidMessages", Some(false), Some(false)),
    ("AttemptedReplayAttacks", Some(false), Some(false)),
    ("TamperDetectionActivated", Some(true), Some(true)),
    ("InvalidFirmwareSignature", Some(false), Some(true)),
    ("InvalidFirmwareSigningCertificate", Some(false), Some(true)),
    ("InvalidCentralSystemCertificate", Some(false), None),
    ("InvalidCsmsCertificate", None, Some(true)),
    ("InvalidChargePointCertificate", Some(false), None),
    ("InvalidChargingStationCertificate", None, Some(true)),
    ("DiscardedRenewedClientCertificate", None, Some(true)),
    ("InvalidTLSVersion", Some(false), Some(true)),
    ("InvalidTLSCipherSuite", Some(false), Some(true)),
    ("MaintenanceLoginAccepted", None, Some(true)),
    ("MaintenanceLoginFailed", None, Some(true)),
];

/// Whether a security event of this type is critical; none if no list has it, or if the lists disagree and the version
/// is not known. A name of the other family's list counts as that list says.
#[must_use]
pub fn is_critical(kind: &str, version: Option<Version>) -> Option<bool> {
    let &(_, first, second) = SECURITY_EVENTS.iter().find(|(name, ..)| name.eq_ignore_ascii_case(kind))?;
    match (first, second, version) {
        (Some(first), Some(second), _) if first == second => Some(first),
        (Some(first), Some(second), Some(version)) => Some(if version.is_v1() { first } else { second }),
        (Some(_), Some(_), None) => None,
        (only, None, _) | (None, only, _) => only,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_of_the_versions_are_told_apart_where_they_differ() {
        assert_eq!(is_critical("InvalidTLSVersion", Some(Version::V16)), Some(false));
        assert_eq!(is_critical("InvalidTLSVersion", Some(Version::V201)), Some(true));
        assert_eq!(is_critical("InvalidTLSVersion", None), None);
        assert_eq!(is_critical("StartupOfTheDevice", None), Some(true));
        assert_eq!(is_critical("InvalidCsmsCertificate", Some(Version::V16)), Some(true));
        assert_eq!(is_critical("InvalidCentralSystemCertificate", Some(Version::V16)), Some(false));
        assert_eq!(is_critical("VendorEvent", Some(Version::V16)), None);
    }
}
