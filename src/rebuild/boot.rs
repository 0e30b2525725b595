//! Boots: one row per `BootNotification` (rule book §6; OCPP 1.6 §4.2, 2.0.1 part 2 B01 to B04).

use super::connectivity::{Contact, State, is_heard};
use super::status::availability;
use super::{Context, TimeSource, Track};
use crate::event::View;
use crate::flag::{Flag, Flags};
use crate::message::Kind;
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
    /// How long it had been offline, in microseconds; none if it was not, as far as the log shows.
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

/// A boot, and when the charge point had been heard before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Booted<'b, 'a> {
    /// The boot; never a registration that was only sent again.
    pub(super) row: &'b BootRow<'a>,
    /// Its last contact before.
    pub(super) last_contact: Option<i64>,
}

/// The boots among the rows, which are those of this charge point in order of arrival.
pub(super) fn booted<'b, 'a>(track: &Track<'a>, rows: &'b [BootRow<'a>]) -> Vec<Booted<'b, 'a>> {
    let mut rows = rows.iter();
    let mut last_contact = None;
    let mut all = Vec::new();
    for (index, view) in track.events.iter().enumerate() {
        if view.boot().is_some()
            && let Some(row) = rows.next()
            && row.is_reboot
        {
            all.push(Booted { row, last_contact });
        }
        if is_heard(track, index, *view) {
            last_contact = view.log_time.or(last_contact);
        }
    }
    all
}

/// Until when every connector has to report after this boot; none if the CSMS did not accept it, if another boot came
/// first, or if the log ends before.
pub(super) fn deadline(row: &BootRow<'_>, rows: &[BootRow<'_>], context: &Context<'_>) -> Option<i64> {
    let accepted = row.registration_status?.eq_ignore_ascii_case("Accepted");
    let deadline = row.time?.saturating_add(context.rules.status_after_boot);
    let next = rows.get(rows.partition_point(|other| other.time <= row.time));
    let again = next.is_some_and(|next| next.time <= Some(deadline));
    Some(deadline).filter(|&deadline| accepted && !again && context.observation.end >= Some(deadline))
}

/// Adds what only the other tables tell: how long the charge point had been offline, and that it did not report its
/// status after it was accepted (1.6 errata 4.0 §3.22, 2.0.1 B01.FR.05).
pub(super) fn complete(track: &Track<'_>, context: &Context<'_>, contacts: &[Contact<'_>], rows: &mut [BootRow<'_>]) {
    let silent: Vec<bool> = rows.iter().map(|row| row.is_reboot && is_silent(track, context, row, rows)).collect();
    let indices = (0..track.events.len()).filter(|&index| track.events[index].boot().is_some());
    for ((row, silent), index) in rows.iter_mut().zip(silent).zip(indices) {
        row.flags.add_if(silent, Flag::NoStatusAfterBoot);
        row.offline_before = offline_before(track, contacts, index);
    }
}

fn is_silent(track: &Track<'_>, context: &Context<'_>, row: &BootRow<'_>, rows: &[BootRow<'_>]) -> bool {
    let Some(deadline) = deadline(row, rows, context) else { return false };
    let first = track.events.partition_point(|view| view.log_time < row.time);
    let inside = track.events[first..].iter().take_while(|view| view.log_time <= Some(deadline));
    let notified = |view: &View<'_>| {
        let notices = view.notify().map_or(&[][..], |notify| view.notices(notify));
        notices.iter().any(|notice| availability(*view, notice).is_some())
    };
    let reports = |view: &View<'_>| view.status().is_some() || notified(view);
    !inside.into_iter().any(reports)
}

/// How long the charge point was offline right before the boot at `index`: nothing but the opening of a connection may
/// stand in between.
fn offline_before(track: &Track<'_>, contacts: &[Contact<'_>], index: usize) -> Option<i64> {
    let time = track.events[index].log_time?;
    let online = contacts.partition_point(|contact| contact.start_time <= time).checked_sub(1)?;
    let before = contacts.get(online.checked_sub(1)?).filter(|before| before.state == State::Offline)?;
    let since = contacts[online].start_time;
    let earlier = (0..index).rev().take_while(|&index| track.events[index].log_time >= Some(since));
    let spoke = |index: usize| {
        let view = track.events[index];
        view.kind != Kind::Open && is_heard(track, index, view)
    };
    (!earlier.into_iter().any(spoke)).then_some(before.duration)
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
