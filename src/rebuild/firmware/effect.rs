//! What a firmware update did to charging (rule book §4.2 on the cause of Unavailable, §5.2 on waiting jobs).

use super::{FirmwareUpdate, JobOutcome};
use crate::event::FirmwareKind;
use crate::flag::Flag;
use crate::rebuild::command::{Command, CommandOutcome};
use crate::rebuild::status::{StatusClass, StatusInterval};
use crate::rebuild::transaction::{State, Transaction};

/// Adds to the jobs of a charge point what they did to charging.
///
/// A job is under way from its first status to its last one or the boot that proves it, and as long as the log goes
/// if it is in progress. What began then is taken for its doing: statuses Unavailable, and remote starts that were
/// refused or came to nothing.
pub fn effects(
    rows: &mut [FirmwareUpdate<'_>],
    commands: &[Command<'_>],
    statuses: &[StatusInterval<'_>],
    transactions: &[Transaction<'_>],
) {
    for row in rows.iter_mut().filter(|row| row.kind != FirmwareKind::Publish) {
        row.flags.add_if(waits(row, transactions), Flag::WaitingTransactions);
        let Some(from) = row.first_status_time else {
            // Before its first status nothing is known to be done.
            row.transactions_blocked = row.statuses.is_empty().then_some(0);
            continue;
        };
        let open = row.outcome == JobOutcome::InProgress;
        let until = if open { None } else { row.last_status_time.max(row.verified_at) };
        let inside =
            |time: Option<i64>| time.is_some_and(|time| time >= from && until.is_none_or(|until| time <= until));
        row.transactions_blocked =
            Some(commands.iter().filter(|one| inside(one.requested_at) && is_blocked(one)).count() as i32);
        row.unavailable_duration = (!statuses.is_empty()).then(|| unavailable(statuses, inside));
    }
}

fn is_blocked(command: &Command<'_>) -> bool {
    matches!(command.action, Some("RemoteStartTransaction" | "RequestStartTransaction"))
        && matches!(command.outcome, Some(CommandOutcome::Rejected | CommandOutcome::NotStarted))
}

/// Whether a scheduled step waits for the end of transactions.
fn waits(row: &FirmwareUpdate<'_>, transactions: &[Transaction<'_>]) -> bool {
    let scheduled = matches!(row.last_status, Some("InstallScheduled" | "DownloadScheduled"));
    row.outcome == JobOutcome::InProgress
        && scheduled
        && transactions.iter().any(|transaction| transaction.state == Some(State::Open))
}

/// How long at least one connector was Unavailable, by the times of the timeline.
fn unavailable(statuses: &[StatusInterval<'_>], inside: impl Fn(Option<i64>) -> bool) -> i64 {
    let mut spans: Vec<(i64, i64)> = statuses
        .iter()
        .filter(|row| row.status_class == StatusClass::Unavailable && inside(row.received_at))
        .filter_map(|row| Some((row.start_time?, row.end_time.or(row.observed_until)?)))
        .collect();
    spans.sort_unstable();
    let (mut total, mut reached) = (0, i64::MIN);
    for (from, to) in spans {
        let from = from.max(reached);
        if to > from {
            total += to - from;
            reached = to;
        }
    }
    total
}
