//! Boots: one row per `BootNotification` (rule book §6; OCPP 1.6 §4.2, 2.0.1 part 2 B01 to B04).

use super::{Context, TimeSource, Track};
use crate::event::View;
use crate::flag::Flags;
use crate::position::Position;

/// How the cause of a boot is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CauseSource {
    /// The charge point said it.
    Reason,
}

impl CauseSource {
    /// The word of the `cause_source` column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reason => "reason",
        }
    }
}

/// One row of `boots`.
#[derive(Clone, Debug, Default)]
pub struct BootRow<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// When it booted: UTC microseconds. The message carries no time, so it is the recorder's.
    pub time: Option<i64>,
    /// Which clock tells; none if there is no time.
    pub time_source: Option<TimeSource>,
    /// When the message was recorded: UTC microseconds.
    pub received_at: Option<i64>,
    /// Why it booted, as sent; 1.x does not say.
    pub cause: Option<&'a str>,
    /// How the cause is known.
    pub cause_source: Option<CauseSource>,
    /// How the CSMS answered, as sent: Accepted, Pending, Rejected.
    pub registration_status: Option<&'a str>,
    /// Vendor of the charge point.
    pub vendor: Option<&'a str>,
    /// Model of the charge point.
    pub model: Option<&'a str>,
    /// Serial number of the charge point.
    pub serial_number: Option<&'a str>,
    /// Firmware version.
    pub firmware_version: Option<&'a str>,
    /// ICCID of the modem's SIM card.
    pub iccid: Option<&'a str>,
    /// IMSI of the modem's SIM card.
    pub imsi: Option<&'a str>,
    /// The heartbeat interval that the CSMS ordered, in microseconds. In an answer that does not accept, the same
    /// field is the time to wait before the next try (1.6 §4.2), so it is none there.
    pub heartbeat_interval: Option<i64>,
    /// Whether the charge point started anew: false for a repeated registration and for a triggered message.
    pub is_reboot: bool,
    /// How long it had been offline, in microseconds; none until connectivity is known.
    pub offline_before: Option<i64>,
    /// What had to be said about the row.
    pub flags: Flags,
    /// The message.
    pub position: Position,
}

/// The boots of a charge point in order of arrival.
///
/// A charge point that is not accepted repeats its `BootNotification` (1.6 §4.2, 2.0.1 B02 and B03): the same content
/// again while the one before it is pending, rejected, refused or unanswered is a repeated registration, no reboot.
/// That holds within [`crate::options::Rules::retry_window`]; a 2.x boot with the reason `Triggered` is none either.
/// 1.x cannot tell a reboot from a reconnection, so everything else counts as a reboot.
#[must_use]
pub fn boots<'a>(track: &Track<'a>, context: &Context<'_>) -> Vec<BootRow<'a>> {
    let mut rows = Vec::new();
    let mut previous: Option<usize> = None;
    for index in 0..track.events.len() {
        if let Some(mut row) = row(track, index) {
            let retry = previous.is_some_and(|previous| repeats(track, previous, index, context.rules.retry_window));
            row.is_reboot &= !retry;
            rows.push(row);
            previous = Some(index);
        }
    }
    rows
}

fn row<'a>(track: &Track<'a>, index: usize) -> Option<BootRow<'a>> {
    let view = track.events[index];
    let boot = view.boot()?;
    let (answer, registration_status) = registration(track, index);
    let cause = view.text(boot.reason);
    Some(BootRow {
        charge_point: track.charge_point,
        time: view.log_time,
        time_source: view.log_time.map(|_| TimeSource::Log),
        received_at: view.log_time,
        cause,
        cause_source: cause.map(|_| CauseSource::Reason),
        registration_status,
        vendor: view.text(boot.vendor),
        model: view.text(boot.model),
        serial_number: view.text(boot.serial_number),
        firmware_version: view.text(boot.firmware_version),
        iccid: view.text(boot.iccid),
        imsi: view.text(boot.imsi),
        heartbeat_interval: answer
            .and_then(|answer| answer.answer())
            .and_then(|answer| answer.interval)
            .filter(|_| !registration_status.is_some_and(is_unaccepted)),
        is_reboot: !cause.is_some_and(|cause| cause.eq_ignore_ascii_case("Triggered")),
        offline_before: None,
        flags: Flags::NONE,
        position: view.position,
    })
}

/// The answer to the boot at `index` and the status it gives.
fn registration<'a>(track: &Track<'a>, index: usize) -> (Option<View<'a>>, Option<&'a str>) {
    let answer = track.answer(index);
    let status = answer.and_then(|view| view.text(view.answer()?.status));
    (answer, status)
}

fn is_unaccepted(status: &str) -> bool {
    status.eq_ignore_ascii_case("Pending") || status.eq_ignore_ascii_case("Rejected")
}

/// Whether the boot at `index` only repeats the registration at `previous`.
fn repeats(track: &Track<'_>, previous: usize, index: usize, window: i64) -> bool {
    let (first, second) = (track.events[previous], track.events[index]);
    let in_time = match (first.log_time, second.log_time) {
        (Some(first), Some(second)) => second.saturating_sub(first) <= window,
        _ => true,
    };
    // An answer that came after the repetition was not there yet when the charge point repeated itself.
    let answered = track.exchange.pairs[previous].answer.is_some_and(|answer| (answer as usize) < index);
    let (answer, status) = registration(track, previous);
    let refused = answer.is_some_and(|view| view.refusal().is_some());
    let waiting = !answered || refused || status.is_some_and(is_unaccepted);
    in_time && first.content == second.content && waiting
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rebuild::testing::{Log, at};
    use crate::time::SECOND;

    const BOOT: &str = r#"{"chargePointVendor":"V","chargePointModel":"M","chargePointSerialNumber":"S","firmwareVersion":"1.0","iccid":"I","imsi":"J"}"#;

    fn reboots(log: &Log) -> Vec<bool> {
        log.look(|track, context| boots(track, context).iter().map(|row| row.is_reboot).collect())
    }

    #[test]
    fn a_boot_says_what_it_sent_and_how_it_was_answered() {
        let log = Log::new().cp(0, "BootNotification", BOOT).csms_answers(1, r#"{"status":"Accepted","interval":300}"#);
        log.look(|track, context| {
            let rows = boots(track, context);
            let row = &rows[0];
            assert_eq!((rows.len(), row.charge_point, row.position.line), (1, "CP1", 1));
            assert_eq!((row.time, row.received_at, row.time_source), (at(0), at(0), Some(TimeSource::Log)));
            assert_eq!((row.vendor, row.model, row.serial_number), (Some("V"), Some("M"), Some("S")));
            assert_eq!((row.firmware_version, row.iccid, row.imsi), (Some("1.0"), Some("I"), Some("J")));
            assert_eq!((row.registration_status, row.heartbeat_interval), (Some("Accepted"), Some(300 * SECOND)));
            assert_eq!((row.cause, row.cause_source, row.offline_before), (None, None, None));
            assert!(row.is_reboot && row.flags.is_empty());
        });
    }

    #[test]
    fn the_interval_of_a_pending_registration_is_no_heartbeat_interval() {
        let log = Log::new().cp(0, "BootNotification", BOOT).csms_answers(1, r#"{"status":"Pending","interval":30}"#);
        log.look(|track, context| assert_eq!(boots(track, context)[0].heartbeat_interval, None));
    }

    #[test]
    fn repeating_a_pending_rejected_refused_or_unanswered_registration_is_no_reboot() {
        for status in ["Pending", "Rejected"] {
            let log = Log::new()
                .cp(0, "BootNotification", BOOT)
                .csms_answers(1, &format!(r#"{{"status":"{status}","interval":30}}"#))
                .cp(31, "BootNotification", BOOT);
            assert_eq!(reboots(&log), [true, false], "{status}");
        }
        assert_eq!(
            reboots(&Log::new().cp(0, "BootNotification", BOOT).cp(30, "BootNotification", BOOT)),
            [true, false]
        );
        let refused =
            Log::new().cp(0, "BootNotification", BOOT).cp_refuses(1, "InternalError").cp(30, "BootNotification", BOOT);
        assert_eq!(reboots(&refused), [true, false]);
    }

    #[test]
    fn another_boot_after_an_accepted_one_or_with_other_content_or_a_day_later_is_a_reboot() {
        assert_eq!(reboots(&Log::new().boot(0, "1.0").boot(60, "1.0")), [true, true]);
        let other = BOOT.replace("1.0", "2.0");
        assert_eq!(
            reboots(&Log::new().cp(0, "BootNotification", BOOT).cp(30, "BootNotification", &other)),
            [true, true]
        );
        assert_eq!(
            reboots(&Log::new().cp(0, "BootNotification", BOOT).cp(90_000, "BootNotification", BOOT)),
            [true, true]
        );
    }

    #[test]
    fn a_reason_is_the_cause_and_triggered_is_no_reboot() {
        let boot =
            |reason: &str| format!(r#"{{"reason":"{reason}","chargingStation":{{"model":"M","vendorName":"V"}}}}"#);
        let log = Log::new()
            .cp(0, "BootNotification", &boot("PowerUp"))
            .csms_answers(0, r#"{"status":"Accepted","interval":300}"#)
            .cp(60, "BootNotification", &boot("Triggered"));
        log.look(|track, context| {
            let rows = boots(track, context);
            assert_eq!((rows[0].cause, rows[0].cause_source), (Some("PowerUp"), Some(CauseSource::Reason)));
            assert_eq!((rows[0].is_reboot, rows[1].is_reboot), (true, false));
        });
    }
}
