//! The firmware versions of a charge point over time (rule book §5.2, the rows about versions without a job).

use super::Track;
use super::boot::BootRow;
use super::firmware::{FirmwareUpdate, JobClass};
use super::words::words;
use crate::position::Position;

words! {
    /// What brought a version.
    ChangedBy:
    /// An update that the log shows.
    Update = "update";
    /// The log shows none.
    Unknown = "unknown";
}

/// One row of `firmware_versions`.
#[derive(Clone, Debug, Default)]
pub struct FirmwareVersion<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// The version.
    pub firmware_version: Option<&'a str>,
    /// When a boot first told it.
    pub start_time: Option<i64>,
    /// When a boot told another one; null for the last one.
    pub end_time: Option<i64>,
    /// What brought it; none for the first one.
    pub changed_by: Option<ChangedBy>,
    /// The number of the update that brought it.
    pub request_id: Option<i64>,
    /// The message.
    pub position: Position,
}

/// The firmware versions that boots told, in order of arrival; a boot that tells none changes nothing.
///
/// A change is an update's if that update ended well and the same boot is its proof.
#[must_use]
pub fn firmware_versions<'a>(
    track: &Track<'a>,
    boots: &[BootRow<'a>],
    updates: &[FirmwareUpdate<'a>],
) -> Vec<FirmwareVersion<'a>> {
    let mut rows: Vec<FirmwareVersion<'a>> = Vec::new();
    for boot in boots {
        let Some(version) = boot.firmware_version else { continue };
        let previous = rows.last_mut();
        if previous.as_ref().is_some_and(|previous| previous.firmware_version == Some(version)) {
            continue;
        }
        let brought = previous.is_some().then(|| updates.iter().find(|update| proves(update, boot, version)));
        if let Some(previous) = previous {
            previous.end_time = boot.received_at;
        }
        rows.push(FirmwareVersion {
            charge_point: track.charge_point,
            firmware_version: Some(version),
            start_time: boot.received_at,
            end_time: None,
            changed_by: brought.map(|update| if update.is_some() { ChangedBy::Update } else { ChangedBy::Unknown }),
            request_id: brought.flatten().and_then(|update| update.request_id),
            position: boot.position,
        });
    }
    rows
}

fn proves(update: &FirmwareUpdate<'_>, boot: &BootRow<'_>, version: &str) -> bool {
    update.outcome_class == JobClass::Success
        && update.version_after == Some(version)
        && update.verified_at == boot.time
}

#[cfg(test)]
mod tests {
    use super::super::boot::boots;
    use super::super::firmware::jobs;
    use super::*;
    use crate::rebuild::testing::{Log, at};

    #[test]
    fn a_version_lasts_until_a_boot_tells_another_one() {
        let update =
            r#"{"requestId":7,"firmware":{"location":"f","retrieveDateTime":"2026-03-14T00:00:00Z","signature":"S"}}"#;
        let status = |status: &str| format!(r#"{{"status":"{status}","requestId":7}}"#);
        let log = Log::new()
            .boot(0, "1.0")
            .boot(50, "1.0")
            .csms(100, "SignedUpdateFirmware", update)
            .cp_answers(100, r#"{"status":"Accepted"}"#)
            .cp(110, "SignedFirmwareStatusNotification", &status("Downloaded"))
            .cp(120, "SignedFirmwareStatusNotification", &status("Installed"))
            .boot(200, "2.0")
            .boot(9000, "2.1");
        log.look(|track, context| {
            let boots = boots(track, context);
            let rows = firmware_versions(track, &boots, &jobs(track, context, &boots));
            let told: Vec<_> = rows.iter().map(|row| (row.firmware_version, row.start_time, row.end_time)).collect();
            assert_eq!(
                told,
                [(Some("1.0"), at(0), at(200)), (Some("2.0"), at(200), at(9000)), (Some("2.1"), at(9000), None)]
            );
            let by: Vec<_> = rows.iter().map(|row| (row.changed_by.map(ChangedBy::as_str), row.request_id)).collect();
            assert_eq!(by, [(None, None), (Some("update"), Some(7)), (Some("unknown"), None)]);
        });
    }
}
