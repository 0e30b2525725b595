//! The decision tables: what came of a command (rule book §6).

use super::evidence::{Evidence, HORIZON};
use super::remote::Start;
use super::{CommandOutcome, Key, Verdict, key};
use crate::event::{Status, TxPhase, View};
use crate::rebuild::exchange::Outcome;
use crate::rebuild::transaction::State;
use CommandOutcome as Is;

/// What came of the command at `index`.
pub(super) fn verdict<'a>(evidence: &Evidence<'_, 'a, '_>, index: usize, start: Option<Start>) -> Verdict<'a> {
    let action = evidence.track.events[index].action_name().unwrap_or_default();
    let told = match action {
        "RemoteStartTransaction" | "RequestStartTransaction" => remote_start(evidence, index, start),
        "RemoteStopTransaction" | "RequestStopTransaction" => remote_stop(evidence, index),
        "Reset" => reset(evidence, index),
        "UnlockConnector" => unlock(evidence, index),
        "ChangeAvailability" => availability(evidence, index),
        "TriggerMessage" | "ExtendedTriggerMessage" => trigger(evidence, index),
        "ReserveNow" => reservation(evidence, index),
        "CancelReservation" | "ClearCache" | "SendLocalList" => {
            let done = |verdict: Verdict<'a>| {
                if verdict.outcome == Some(Is::Accepted) { Verdict::of(Is::Done) } else { verdict }
            };
            Some(done(answer(evidence, index)))
        }
        _ => None,
    };
    told.unwrap_or_else(|| answer(evidence, index))
}

/// The words of answers.
const WORDS: [(&str, CommandOutcome); 20] = [
    ("Accepted", Is::Accepted),
    ("Rejected", Is::Rejected),
    ("Scheduled", Is::Scheduled),
    ("RebootRequired", Is::Scheduled),
    ("NotSupported", Is::NotSupported),
    ("NotImplemented", Is::NotSupported),
    ("Failed", Is::Failed),
    ("UnlockFailed", Is::Failed),
    ("Unlocked", Is::Unlocked),
    ("OngoingAuthorizedTransaction", Is::TransactionOngoing),
    ("VersionMismatch", Is::VersionMismatch),
    ("Unknown", Is::Unknown),
    ("UnknownConnector", Is::Unknown),
    ("NotFound", Is::Unknown),
    // A reservation that cannot be made.
    ("Faulted", Is::Rejected),
    ("Occupied", Is::Rejected),
    ("Unavailable", Is::Rejected),
    ("NoProfiles", Is::Unknown),
    ("NoFirmware", Is::Unknown),
    ("Unpublished", Is::Done),
];

/// What the answer alone tells; nothing while it may still come.
fn answer<'a>(evidence: &Evidence<'_, 'a, '_>, index: usize) -> Verdict<'a> {
    let Some(view) = evidence.track.answer(index) else {
        let lost =
            matches!(evidence.track.exchange.pairs[index].outcome, Some(Outcome::Timeout | Outcome::ConnectionLost));
        let asked = evidence.track.events[index].log_time;
        let given_up = lost || evidence.went_on(asked, evidence.context.rules.command_patience);
        return if given_up { Verdict::of(Is::Undelivered) } else { Verdict::default() };
    };
    if view.refusal().is_some() {
        return Verdict::of(Is::Error);
    }
    let Some(status) = view.answer().and_then(|fact| view.text(fact.status)) else {
        return Verdict::of(Is::Answered);
    };
    let known = WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(status));
    Verdict::of(known.map_or(Is::Answered, |&(_, outcome)| outcome))
}

/// Whether a command was accepted; the answer's own verdict stands where it was not.
fn accepted(evidence: &Evidence<'_, '_, '_>, index: usize) -> bool {
    evidence.answered(index, "Accepted")
}

fn remote_start<'a>(evidence: &Evidence<'_, 'a, '_>, index: usize, start: Option<Start>) -> Option<Verdict<'a>> {
    match start {
        Some(Start::Began { row, logged, late }) => {
            let transaction = evidence.transactions[row].transaction_id;
            return Some(Verdict { live: !late, ..Verdict::at(Is::Started, logged) }.with(transaction));
        }
        Some(Start::Taken) => return Some(Verdict::of(Is::Superseded)),
        Some(Start::Waits(_)) | None => {}
    }
    let asked = evidence.track.events[index].log_time;
    let window = match start {
        Some(Start::Waits(patience)) => patience,
        _ => evidence.context.rules.remote_start_window,
    };
    if !accepted(evidence, index) {
        return None;
    }
    if !evidence.went_on(asked, window) {
        return Some(Verdict::default());
    }
    Some(Verdict::of(if gave_up(evidence, index, window) { Is::NoPlugIn } else { Is::NotStarted }))
}

/// Whether the connector's last reports after a remote start are Preparing, then Available: the plug never came, or
/// the driver left.
fn gave_up(evidence: &Evidence<'_, '_, '_>, index: usize, window: i64) -> bool {
    let Some((view, command)) = evidence.command(index) else { return false };
    let until = view.log_time.map(|time| time.saturating_add(2 * window));
    let place = command.evse.filter(|&evse| evse > 0);
    let words = evidence
        .statuses_after(index)
        .take_while(|(_, status)| until.is_none() || status.log_time <= until)
        .filter_map(|(_, status)| Some((status, status.status()?)))
        .filter(|(_, status)| place.is_none_or(|evse| status.evse == Some(evse)))
        .filter_map(|(view, status)| view.text(status.status));
    let (mut before, mut last) = (None, None);
    for word in words {
        (before, last) = (last, Some(word));
    }
    before == Some("Preparing") && last == Some("Available")
}

fn remote_stop<'a>(evidence: &Evidence<'_, 'a, '_>, index: usize) -> Option<Verdict<'a>> {
    let (view, command) = evidence.command(index)?;
    let id = view.text(command.transaction_id)?;
    let transaction = evidence.transaction(index, id);
    let asked = key(view);
    let over =
        transaction.is_none_or(|transaction| Evidence::stopped(transaction).is_some_and(|stopped| stopped <= asked));
    if evidence.answered(index, "Rejected") {
        return over.then(|| Verdict::of(Is::AlreadyEnded));
    }
    evidence.track.answer(index).filter(|answer| answer.refusal().is_none())?;
    let Some(transaction) = transaction else {
        return accepted(evidence, index).then(|| waited(evidence, index, Is::NotStopped));
    };
    if over {
        return Some(Verdict::of(Is::AlreadyEnded));
    }
    // Where a transaction ends at the unplugging, an Updated event tells that the energy was stopped (2.0.1 F03.FR.02).
    let fulfilled = evidence.after(index, evidence.context.rules.command_patience).find(|(_, view)| {
        view.tx_event().is_some_and(|event| {
            event.phase == TxPhase::Updated
                && view.text(event.transaction_id) == Some(id)
                && view.text(event.trigger) == Some("RemoteStop")
        })
    });
    if let Some((_, event)) = fulfilled {
        return Some(Verdict::at(Is::EnergyStopped, event.log_time));
    }
    if let Some((stopped, _)) = Evidence::stopped(transaction) {
        let remote = transaction.stop_reason.is_some_and(|reason| reason.eq_ignore_ascii_case("Remote"));
        return Some(Verdict::at(if remote { Is::Stopped } else { Is::StoppedOtherReason }, stopped));
    }
    accepted(evidence, index).then(|| waited(evidence, index, Is::NotStopped))
}

/// A verdict that silence allows once the log went on for long enough; before that, nothing is known.
fn waited<'a>(evidence: &Evidence<'_, 'a, '_>, index: usize, outcome: CommandOutcome) -> Verdict<'a> {
    let asked = evidence.track.events[index].log_time;
    if evidence.went_on(asked, evidence.context.rules.command_patience) {
        Verdict::of(outcome)
    } else {
        Verdict::default()
    }
}

fn reset<'a>(evidence: &Evidence<'_, 'a, '_>, index: usize) -> Option<Verdict<'a>> {
    let (view, command) = evidence.command(index)?;
    let scheduled = evidence.answered(index, "Scheduled");
    // The reset of one EVSE is no boot (2.0.1 B11, B12).
    if command.evse.is_some() || !(scheduled || accepted(evidence, index)) {
        return None;
    }
    let asked = key(view);
    let mut due = asked;
    if scheduled {
        // It waits for the transactions that run.
        for transaction in evidence.begun_before(asked) {
            match Evidence::stopped(transaction) {
                Some(stopped) => due = due.max(stopped),
                None if transaction.state == Some(State::Open) => return None,
                None => {}
            }
        }
    }
    let window = evidence.context.rules.reset_window;
    let boot = evidence.boot_after(asked).filter(|boot| in_time(due, *boot, window));
    let Some(boot) = boot else {
        return Some(if evidence.went_on(due.0, window) { Verdict::of(Is::NoBoot) } else { Verdict::default() });
    };
    if later(evidence, index, boot).any(|other| accepted(evidence, other)) {
        return Some(Verdict::of(Is::Superseded));
    }
    Some(Verdict::at(Is::Done, boot.0).with(ended_by_reset(evidence, asked, boot, window)))
}

fn in_time(from: Key, to: Key, window: i64) -> bool {
    from.0.zip(to.0).is_none_or(|(from, to)| to.saturating_sub(from) <= window)
}

/// Later commands of the same action before a place.
fn later(evidence: &Evidence<'_, '_, '_>, index: usize, before: Key) -> impl Iterator<Item = usize> {
    let action = evidence.track.events[index].action;
    let first = evidence.asked.partition_point(|&asked| asked <= index);
    evidence.asked[first..]
        .iter()
        .take(HORIZON)
        .copied()
        .take_while(move |&other| key(evidence.track.events[other]) < before)
        .filter(move |&other| evidence.track.events[other].action == action)
}

/// The only transaction that names a reset as its end.
fn ended_by_reset<'a>(evidence: &Evidence<'_, 'a, '_>, asked: Key, boot: Key, window: i64) -> Option<&'a str> {
    let mut found =
        evidence.stops_after(asked, boot, window).map(|(_, transaction)| transaction).filter(|transaction| {
            matches!(transaction.stop_reason, Some("SoftReset" | "HardReset" | "ImmediateReset" | "Reboot"))
        });
    let only = found.next()?;
    if found.next().is_some() { None } else { only.transaction_id }
}

/// The charge point ends the transaction of a connector before it opens it (1.6 §5.18).
fn unlock<'a>(evidence: &Evidence<'_, 'a, '_>, index: usize) -> Option<Verdict<'a>> {
    let (view, command) = evidence.command(index)?;
    let verdict = answer(evidence, index);
    let asked = key(view);
    let window = evidence.context.rules.command_patience;
    let stopped = evidence
        .stops_after(asked, asked, window)
        .find(|(_, transaction)| transaction.stop_reason == Some("UnlockCommand") && transaction.evse == command.evse);
    Some(match stopped {
        Some((at, transaction)) => Verdict { effect: at.0, live: true, ..verdict.with(transaction.transaction_id) },
        None => verdict,
    })
}

fn availability<'a>(evidence: &Evidence<'_, 'a, '_>, index: usize) -> Option<Verdict<'a>> {
    let (view, command) = evidence.command(index)?;
    let scheduled = evidence.answered(index, "Scheduled");
    let wanted = view.text(command.word)?;
    if !(scheduled || accepted(evidence, index)) {
        return None;
    }
    let off = wanted.eq_ignore_ascii_case("Inoperative");
    // Connector 0 is the charge point with all of its connectors.
    let place = command.evse.filter(|&evse| evse > 0);
    let here = |status: &Status| place.is_none_or(|evse| status.evse == Some(evse));
    let obeys = |word: &str| (word == "Unavailable") == off && (off || word != "Faulted");
    let fits = |view: View<'a>| view.status().filter(|status| here(status)).and_then(|status| view.text(status.status));
    let next =
        later(evidence, index, (Some(i64::MAX), view.position)).find(|&other| same_place(evidence, index, other));
    let window = evidence.context.rules.command_patience;
    let until = view.log_time.filter(|_| !scheduled).map(|time| time.saturating_add(window));
    let told = evidence
        .statuses_after(index)
        .take_while(|(at, status)| {
            next.is_none_or(|next| *at < next)
                && (until.is_none() || status.log_time.is_none() || status.log_time <= until)
        })
        .find(|(_, status)| fits(*status).is_some_and(obeys));
    if let Some((_, status)) = told {
        return Some(Verdict::at(Is::Done, status.log_time));
    }
    // It was so already, and an unchanged status need not be reported.
    let before = evidence.status_before(index, |view| fits(view).is_some());
    if before.and_then(fits).is_some_and(obeys) {
        return Some(Verdict::of(Is::Done));
    }
    if scheduled {
        return None;
    }
    Some(waited(evidence, index, Is::NoStatus))
}

fn same_place(evidence: &Evidence<'_, '_, '_>, one: usize, other: usize) -> bool {
    let place = |index: usize| evidence.command(index).map(|(_, command)| (command.evse, command.connector));
    place(one) == place(other)
}

/// The actions that a trigger asks for (1.6 §7.22; security extension §6; 2.0.1 part 2 §3).
fn asked_for(word: &str) -> [&str; 2] {
    match word {
        "FirmwareStatusNotification" => ["FirmwareStatusNotification", "SignedFirmwareStatusNotification"],
        "SignChargePointCertificate"
        | "SignChargingStationCertificate"
        | "SignV2GCertificate"
        | "SignV2G20Certificate"
        | "SignCombinedCertificate" => ["SignCertificate", "SignCertificate"],
        other => [other, other],
    }
}

fn trigger<'a>(evidence: &Evidence<'_, 'a, '_>, index: usize) -> Option<Verdict<'a>> {
    let (view, command) = evidence.command(index)?;
    let word = view.text(command.word)?;
    if !accepted(evidence, index) || word == "CustomTrigger" {
        return None;
    }
    let actions = asked_for(word);
    let window = evidence.context.rules.trigger_window;
    let message = evidence.after(index, window).find(|(_, view)| {
        let place = view.status().map(|status| status.evse).or_else(|| view.meter().map(|meter| meter.evse));
        view.kind.has_action()
            && view.action_name().is_some_and(|action| actions.contains(&action))
            && command.evse.is_none_or(|evse| place.is_none_or(|place| place == Some(evse)))
    });
    Some(match message {
        Some((_, message)) => Verdict::at(Is::Triggered, message.log_time),
        None if evidence.went_on(view.log_time, window) => Verdict::of(Is::NoMessage),
        None => Verdict::default(),
    })
}

/// A reservation ends by the first of: a transaction that names it, its cancelling, the charge point's word, a later
/// reservation of its number, a connector out of order, its time.
fn reservation<'a>(evidence: &Evidence<'_, 'a, '_>, index: usize) -> Option<Verdict<'a>> {
    let (view, command) = evidence.command(index)?;
    if !accepted(evidence, index) {
        return None;
    }
    let asked = key(view);
    let mut ends: Vec<(Key, Verdict<'a>)> = Vec::new();
    if let Some(number) = command.reservation {
        let used = evidence.use_of(number, asked);
        ends.extend(used.map(|begin| {
            let id = evidence.transactions[begin.row].transaction_id;
            (begin.at, Verdict { live: !begin.late, ..Verdict::at(Is::Used, begin.at.0) }.with(id))
        }));
        let first = evidence.updates.partition_point(|&update| update <= index);
        let told = evidence.updates[first..]
            .iter()
            .take(HORIZON)
            .map(|&update| evidence.track.events[update])
            .find(|view| view.reservation_update().is_some_and(|update| update.reservation == Some(number)));
        ends.extend(told.map(|view| {
            let word = view.reservation_update().and_then(|update| view.text(update.status));
            let outcome = if word == Some("Removed") { Is::Ended } else { Is::Expired };
            (key(view), Verdict::at(outcome, view.log_time))
        }));
        let first = evidence.asked.partition_point(|&other| other <= index);
        let other = evidence.asked[first..].iter().take(HORIZON).copied().find_map(|other| {
            let (view, command) = evidence.command(other)?;
            let outcome = match view.action_name() {
                Some("CancelReservation") => Is::Cancelled,
                Some("ReserveNow") => Is::Superseded,
                _ => return None,
            };
            let counts = command.reservation == Some(number) && accepted(evidence, other);
            counts.then(|| (key(view), Verdict::at(outcome, view.log_time)))
        });
        ends.extend(other);
    }
    // Connector 0 is none in particular.
    if let Some(evse) = command.evse.filter(|&evse| evse > 0) {
        let broken = evidence.statuses_after(index).find(|(_, view)| {
            view.status().is_some_and(|status| {
                status.evse == Some(evse) && matches!(view.text(status.status), Some("Faulted" | "Unavailable"))
            })
        });
        ends.extend(broken.map(|(_, view)| (key(view), Verdict::at(Is::Ended, view.log_time))));
    }
    if let Some(expiry) = command.expiry.micros
        && evidence.went_on(Some(expiry), 0)
    {
        // Nothing is logged when time is up.
        ends.push(((Some(expiry), view.position), Verdict::of(Is::Expired)));
    }
    let first = ends.into_iter().min_by_key(|(at, _)| *at);
    Some(first.map_or(Verdict::of(Is::Reserved), |(_, verdict)| verdict))
}
