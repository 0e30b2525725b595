//! Boots: one row per `BootNotification` (rule book §6; OCPP 1.6 §4.2, 2.0.1 part 2 B01 to B04).

use super::connectivity::{Contact, State, is_heard};
use super::exchange::Outcome;
use super::kinds::Is;
use super::status::availability;
use super::{Context, TimeSource, Track};
use crate::event::View;
use crate::flag::{Flag, Flags};
use crate::message::Kind;
use crate::position::Position;
use crate::term::Direction;

/// How the cause of a boot is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CauseSource {
    /// The charge point said it.
    Reason,
    /// The CSMS asked for it.
    Command,
    /// A firmware update was under way.
    FirmwareUpdate,
    /// A transaction that was stopped by it says so.
    StopReason,
    /// The charge point had been silent.
    Silence,
    /// The connection lived on.
    Connection,
    /// No status followed it.
    Statuses,
}

impl CauseSource {
    /// The word of the `cause_source` column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reason => "reason",
            Self::Command => "command",
            Self::FirmwareUpdate => "firmware_update",
            Self::StopReason => "stop_reason",
            Self::Silence => "silence",
            Self::Connection => "connection",
            Self::Statuses => "statuses",
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
    /// Why it booted: as sent, else as [`causes`] infers it.
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
    let mut trigger: Option<usize> = None;
    if track.kinds.lacks(Is::Boot) {
        return rows;
    }
    for (index, _) in track.commands_and([Is::Boot]) {
        if asks_for_boot(track, index) {
            trigger = Some(index);
        }
        if let Some(mut row) = row(track, index) {
            let retry = previous.is_some_and(|previous| repeats(track, previous, index, context.rules.retry_window));
            row.is_reboot &= !retry;
            // The first one behind a trigger is its answer; 1.x has no word for that.
            if let Some(trigger) = trigger.take()
                && row.cause.is_none()
                && within(track, trigger, index, context.rules.trigger_window)
            {
                row.is_reboot = false;
                row.cause = Some("Triggered");
                row.cause_source = Some(CauseSource::Command);
            }
            rows.push(row);
            previous = Some(index);
        }
    }
    rows
}

/// Whether the CSMS asks for a `BootNotification`, and the charge point agrees.
fn asks_for_boot(track: &Track<'_>, index: usize) -> bool {
    let view = track.events[index];
    let word = view.command().and_then(|command| view.text(command.word));
    word == Some("BootNotification") && accepted(track, index)
}

fn accepted(track: &Track<'_>, index: usize) -> bool {
    let status = track.answer(index).and_then(|answer| answer.text(answer.answer()?.status));
    status.is_some_and(|status| status.eq_ignore_ascii_case("Accepted"))
}

/// Whether the second event was logged no later than `window` after the first; unknown times do not tell otherwise.
fn within(track: &Track<'_>, first: usize, second: usize, window: i64) -> bool {
    let times = track.events[first].log_time.zip(track.events[second].log_time);
    times.is_none_or(|(first, second)| second.saturating_sub(first) <= window)
}

/// What came before a boot, as far as it can explain it.
#[derive(Default)]
struct Before {
    /// The last accepted reset of the whole charge point.
    reset: Option<usize>,
    /// The last firmware status.
    firmware: Option<usize>,
    /// The last message of the charge point.
    heard: Option<usize>,
    /// A connection was opened, or one was closed, since then.
    opened: bool,
    closed: bool,
    /// The log tells of connections at all.
    tells_connections: bool,
}

/// Infers the cause of reboots that do not say it (rule book §6): a reset that the CSMS asked for, a firmware update
/// under way, the reason of a stop behind the boot, silence without a closed connection (power or network), a
/// connection that lived on (soft); else unknown.
pub fn causes(rows: &mut [BootRow<'_>], track: &Track<'_>, context: &Context<'_>) {
    if rows.iter().all(|row| row.cause.is_some() || !row.is_reboot) {
        return;
    }
    let mut before = Before::default();
    let mut rows = rows.iter_mut();
    for (index, view) in track.events.iter().enumerate() {
        if view.boot().is_some() {
            let Some(row) = rows.next() else { return };
            if row.is_reboot && row.cause.is_none() {
                let (cause, source) = cause(&before, track, index, context);
                (row.cause, row.cause_source) = (Some(cause), source);
            }
            before.reset = None;
        }
        before.note(track, index);
    }
}

impl Before {
    fn note(&mut self, track: &Track<'_>, index: usize) {
        let view = track.events[index];
        match view.kind {
            Kind::Open => (self.opened, self.tells_connections) = (true, true),
            Kind::Close => (self.closed, self.tells_connections) = (true, true),
            _ if track.exchange.direction(index, view).0 != Some(Direction::FromCsms) => {
                (self.heard, self.opened, self.closed) = (Some(index), false, false);
            }
            _ => {}
        }
        if view.action_name() == Some("Reset")
            && view.command().is_some_and(|command| command.evse.is_none())
            && accepted(track, index)
        {
            self.reset = Some(index);
        } else if view.firmware_status().is_some() {
            self.firmware = Some(index);
        }
    }
}

fn cause(
    before: &Before,
    track: &Track<'_>,
    index: usize,
    context: &Context<'_>,
) -> (&'static str, Option<CauseSource>) {
    let rules = context.rules;
    if before.reset.is_some_and(|reset| within(track, reset, index, rules.reset_cause_window)) {
        return ("reset_command", Some(CauseSource::Command));
    }
    if before.firmware.is_some_and(|status| updates(track, status, index, context)) {
        return ("firmware", Some(CauseSource::FirmwareUpdate));
    }
    if let Some(reason) = stop_reason(track, index, rules.status_after_boot) {
        return (reason, Some(CauseSource::StopReason));
    }
    let same_socket = before.tells_connections && before.heard.is_some() && !before.opened && !before.closed;
    if same_socket {
        return ("soft", Some(CauseSource::Connection));
    }
    if !before.closed && silence(before.heard, track, index).is_some_and(|silence| silence >= rules.boot_silence) {
        return ("power_or_network", Some(CauseSource::Silence));
    }
    ("unknown", None)
}

/// Whether the boot belongs to an update: one under way, or one that was just installed and now starts.
fn updates(track: &Track<'_>, status: usize, boot: usize, context: &Context<'_>) -> bool {
    let view = track.events[status];
    let word = view.firmware_status().and_then(|fact| view.text(fact.status)).unwrap_or_default();
    let under_way = super::firmware::is_under_way(word) && within(track, status, boot, context.rules.firmware_stall);
    let activates = word.eq_ignore_ascii_case("Installed") && within(track, status, boot, context.rules.reset_window);
    under_way || activates
}

/// The reason of the first stop behind a boot that was caused by what caused the boot.
fn stop_reason(track: &Track<'_>, boot: usize, window: i64) -> Option<&'static str> {
    const REASONS: [&str; 5] = ["PowerLoss", "Reboot", "HardReset", "SoftReset", "ImmediateReset"];
    let behind = (boot + 1..track.events.len())
        .take(MOST_BEHIND)
        .take_while(|&index| within(track, boot, index, window) && track.events[index].boot().is_none());
    let reasons = behind.filter_map(|index| {
        let view = track.events[index];
        let reason = match (view.tx_stop(), view.tx_event()) {
            (Some(stop), _) => stop.reason,
            (_, Some(event)) => event.stopped_reason,
            _ => return None,
        };
        view.text(reason)
    });
    reasons.into_iter().find_map(|reason| REASONS.into_iter().find(|word| word.eq_ignore_ascii_case(reason)))
}

/// How many messages behind a boot are looked at for a stop; it bounds the work on a log without times.
const MOST_BEHIND: usize = 256;

/// How long a charge point had said nothing before a boot, by the recorder's clock.
fn silence(heard: Option<usize>, track: &Track<'_>, boot: usize) -> Option<i64> {
    let (heard, boot) = track.events[heard?].log_time.zip(track.events[boot].log_time)?;
    Some(boot.saturating_sub(heard))
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
    let mut all = Vec::new();
    if rows.is_empty() {
        return all;
    }
    let mut rows = rows.iter();
    let mut last_contact = None;
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
    for ((row, silent), (index, ..)) in rows.iter_mut().zip(silent).zip(track.boots()) {
        if silent && reconnects(track, row, index) {
            row.is_reboot = false;
            (row.cause, row.cause_source) = (Some("reconnect"), Some(CauseSource::Statuses));
        } else {
            row.flags.add_if(silent, Flag::NoStatusAfterBoot);
        }
        row.offline_before = offline_before(track, contacts, index);
    }
}

/// Whether a boot that no status followed only tells that the charge point can be reached elsewhere: over SOAP it may
/// send one when its address changes (OCPP-S 1.6 §7.1). The first message of a log, a new firmware version, and a
/// boot whose cause is known are none.
fn reconnects(track: &Track<'_>, row: &BootRow<'_>, index: usize) -> bool {
    let known = !matches!(row.cause, Some("unknown" | "power_or_network"));
    let heard = (0..index).rev().any(|index| is_heard(track, index, track.events[index]));
    let before = track.events[..index].iter().rev().find_map(|view| Some((view, view.boot()?)));
    let same = before.is_none_or(|(view, boot)| view.text(boot.firmware_version) == row.firmware_version);
    track.events[index].soap && !known && heard && same
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
    let unanswered = !answered && !registered_between(track, previous, index);
    let waiting = unanswered || refused || status.is_some_and(is_unaccepted);
    in_time && first.content == second.content && waiting
}

/// Whether the charge point asked for something else between two boots and got an answer, as only one that was accepted does
/// (1.6 §4.2): the answer to the first boot is missing in the log only.
fn registered_between(track: &Track<'_>, first: usize, second: usize) -> bool {
    (first + 1..second).any(|index| {
        let pair = &track.exchange.pairs[index];
        let view = track.events[index];
        let sent = track.exchange.direction(index, view).0 == Some(Direction::FromChargePoint);
        let in_time = pair.answer.is_some_and(|answer| (answer as usize) < second);
        sent && view.boot().is_none() && in_time && pair.outcome == Some(Outcome::Result)
    })
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
