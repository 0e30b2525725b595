//! Requests of the CSMS and what came of them (rule book §6; OCPP 1.6 §5, 2.0.1 part 2).
//!
//! `commands` holds every action of the rule book's §1.4 that the CSMS sends, but for firmware, logs and
//! `DataTransfer`, whose tables tell more, and for the readings of settings, which `configuration` holds. Setting a
//! charging profile or a setting is a command *and* an entry of its table. [`evidence`] gathers what can show an
//! effect, [`judge`] holds the decision tables.

mod evidence;
mod judge;
mod remote;
#[cfg(test)]
mod tests;

use super::boot::BootRow;
use super::configuration::write_only;
use super::transaction::Transaction;
use super::words::words;
use super::{Context, Track};
use crate::event::View;
use crate::flag::{Flag, Flags};
use crate::position::Position;
use evidence::Evidence;

words! {
    /// What came of a command (rule book §6). Where only the answer tells, it is the answer's word.
    CommandOutcome:
    /// It was accepted, and nothing else is to be seen of it.
    Accepted = "accepted";
    /// Remote stop: the transaction was over or unknown when it was asked for.
    AlreadyEnded = "already_ended";
    /// It was answered without a status.
    Answered = "answered";
    /// Reservation: it was cancelled.
    Cancelled = "cancelled";
    /// What was asked for was done.
    Done = "done";
    /// Reservation: the connector failed or was taken out of service.
    Ended = "ended";
    /// Remote stop (2.x): energy was stopped; the transaction ends when the vehicle is unplugged.
    EnergyStopped = "energy_stopped";
    /// It was refused with an error.
    Error = "error";
    /// Reservation: nobody came.
    Expired = "expired";
    /// It could not be done.
    Failed = "failed";
    /// Reset: accepted, but no boot followed.
    NoBoot = "no_boot";
    /// Trigger: accepted, but the message did not come.
    NoMessage = "no_message";
    /// Remote start: a session was prepared and given up.
    NoPlugIn = "no_plug_in";
    /// Availability: accepted, but the status was not reported.
    NoStatus = "no_status";
    /// Remote start: accepted, but nothing began.
    NotStarted = "not_started";
    /// Remote stop: accepted, but nothing ended.
    NotStopped = "not_stopped";
    /// The charge point cannot do it.
    NotSupported = "not_supported";
    /// It was refused.
    Rejected = "rejected";
    /// Reservation: it holds when the log ends.
    Reserved = "reserved";
    /// It waits for the end of a transaction, or a setting for a boot.
    Scheduled = "scheduled";
    /// Remote start: a transaction began.
    Started = "started";
    /// Remote stop: the transaction ended by it.
    Stopped = "stopped";
    /// Remote stop: the transaction ended after it, and names another reason.
    StoppedOtherReason = "stopped_other_reason";
    /// A later command of the same kind took its place.
    Superseded = "superseded";
    /// Unlock: a transaction runs there.
    TransactionOngoing = "transaction_ongoing";
    /// Trigger: the message came.
    Triggered = "triggered";
    /// It was never answered.
    Undelivered = "undelivered";
    /// What it names is not known to the charge point.
    Unknown = "unknown";
    /// Unlock: the connector is open.
    Unlocked = "unlocked";
    /// Reservation: a transaction used it.
    Used = "used";
    /// Local list: the versions do not fit.
    VersionMismatch = "version_mismatch";
}

/// One row of `commands`.
#[derive(Clone, Debug, Default)]
pub struct Command<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// The EVSE that it names; in 1.x the connector.
    pub evse_id: Option<i32>,
    /// The connector that it names.
    pub connector_id: Option<i32>,
    /// When it was logged.
    pub requested_at: Option<i64>,
    /// The action.
    pub action: Option<&'a str>,
    /// Its payload as JSON; secrets are masked.
    pub arguments: Option<&'a str>,
    /// The status that was answered, as logged.
    pub response_status: Option<&'a str>,
    /// What came of it; none while the log cannot tell.
    pub outcome: Option<CommandOutcome>,
    /// From the request to its answer, by the recorder's clock.
    pub response_time: Option<i64>,
    /// When its effect was logged.
    pub effect_time: Option<i64>,
    /// From the request to its effect, by the recorder's clock.
    pub effect_latency: Option<i64>,
    /// The transaction that it began, ended or names.
    pub transaction_id: Option<&'a str>,
    /// What had to be said about it.
    pub flags: Flags,
    /// The message.
    pub position: Position,
}

/// A place in the order of arrival.
type Key = (Option<i64>, Position);

fn key(view: View<'_>) -> Key {
    (view.log_time, view.position)
}

/// What a command came to.
#[derive(Clone, Copy, Debug, Default)]
struct Verdict<'a> {
    outcome: Option<CommandOutcome>,
    /// When the effect was logged.
    effect: Option<i64>,
    /// Whether the effect was logged when it happened, so that its latency says something.
    live: bool,
    transaction: Option<&'a str>,
}

impl<'a> Verdict<'a> {
    const fn of(outcome: CommandOutcome) -> Self {
        Self { outcome: Some(outcome), effect: None, live: false, transaction: None }
    }

    const fn at(outcome: CommandOutcome, effect: Option<i64>) -> Self {
        Self { outcome: Some(outcome), effect, live: true, transaction: None }
    }

    const fn with(self, transaction: Option<&'a str>) -> Self {
        Self { transaction, ..self }
    }
}

/// Requests of the CSMS and what came of them, in order of arrival.
#[must_use]
pub fn commands<'a>(
    track: &Track<'a>,
    context: &Context<'_>,
    transactions: &[Transaction<'a>],
    boots: &[BootRow<'a>],
) -> Vec<Command<'a>> {
    let asked: Vec<usize> = track.commands().iter().map(|&index| index as usize).collect();
    if asked.is_empty() {
        return Vec::new();
    }
    let evidence = Evidence::new(track, context, transactions, boots, &asked);
    let starts = remote::starts(&evidence);
    let mut rows: Vec<_> =
        asked.iter().enumerate().filter_map(|(at, &index)| row(&evidence, index, starts[at])).collect();
    let guarded = write_only(track);
    if !guarded.is_empty() {
        for (row, &index) in rows.iter_mut().zip(&asked) {
            let view = track.events[index];
            let items = view.settings().map_or(&[][..], |list| view.setting_items(list.items));
            // The name alone does not tell the secret, so nothing of the request is shown.
            if items.iter().any(|item| guarded.contains(&(view.text(item.component), view.text(item.variable)))) {
                row.arguments = None;
            }
        }
    }
    rows
}

fn row<'a>(evidence: &Evidence<'_, 'a, '_>, index: usize, start: Option<remote::Start>) -> Option<Command<'a>> {
    let track = evidence.track;
    let view = track.events[index];
    let command = view.command()?;
    let pair = &track.exchange.pairs[index];
    let answer = track.answer(index);
    let verdict = judge::verdict(evidence, index, start);
    let latency = verdict.effect.zip(view.log_time).map(|(effect, asked)| effect - asked);
    let mut flags = pair.flags.and([Flag::LatencyUnreliable, Flag::ResultRejected].into_iter().collect());
    let said = [Flag::BadPayload, Flag::DuplicateKey, Flag::NumberRange, Flag::ProtocolViolation, Flag::SignedPayload];
    flags.extend(view.flags.and(said.into_iter().collect()));
    // Which of the transactions with this id was meant is a guess.
    let meant = view.text(command.transaction_id).and_then(|id| evidence.transaction(index, id));
    flags.add_if(meant.is_some_and(|meant| meant.flags.has(Flag::TxIdCollision)), Flag::TxIdCollision);
    Some(Command {
        charge_point: track.charge_point,
        evse_id: command.evse,
        connector_id: command.connector,
        requested_at: view.log_time,
        action: view.action_name(),
        arguments: view.text(command.arguments),
        response_status: answer.and_then(|answer| answer.text(answer.answer()?.status)),
        outcome: verdict.outcome,
        response_time: pair.response_time,
        effect_time: verdict.effect,
        effect_latency: latency.filter(|&latency| verdict.live && latency >= 0),
        transaction_id: verdict.transaction.or_else(|| view.text(command.transaction_id)),
        flags,
        position: view.position,
    })
}
