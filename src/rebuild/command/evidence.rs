//! What can show the effect of a command, gathered once per charge point.

use super::{Key, key};
use crate::event::{Command, View};
use crate::rebuild::boot::BootRow;
use crate::rebuild::status::last_contact;
use crate::rebuild::timing::Patience;
use crate::rebuild::transaction::Transaction;
use crate::rebuild::{Context, TimeSource, Track};
use std::collections::BTreeMap;

/// How many messages are looked at behind a command. No charge point sends as many within any window; it bounds the
/// work on a log without times.
pub(super) const HORIZON: usize = 4096;

/// The start of a transaction, in order of arrival.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begin {
    pub(super) at: Key,
    /// The row of `transactions`.
    pub(super) row: usize,
    /// When it began, as far as it can be set against the recorder's clock: its arrival, or its own time if it was
    /// delivered late.
    pub(super) when: Option<i64>,
    pub(super) late: bool,
}

pub(super) struct Evidence<'t, 'a, 'c> {
    pub(super) track: &'t Track<'a>,
    pub(super) context: &'t Context<'c>,
    pub(super) transactions: &'t [Transaction<'a>],
    /// The commands, in order of arrival.
    pub(super) asked: &'t [usize],
    pub(super) begins: Vec<Begin>,
    /// The stops of transactions, in order of arrival.
    stops: Vec<(Key, usize)>,
    /// The starts that name a reservation.
    uses: BTreeMap<i32, Vec<Begin>>,
    /// Transactions by id, in order of arrival of their starts.
    by_id: BTreeMap<&'a str, Vec<usize>>,
    /// Reboots.
    boots: Vec<Key>,
    /// Status reports.
    pub(super) statuses: Vec<usize>,
    /// What became of reservations.
    pub(super) updates: Vec<usize>,
    /// Numbered transactions' events, by the number of the remote start they name.
    pub(super) remote: BTreeMap<i64, Vec<usize>>,
    /// How long a remote start may wait for its start.
    pub(super) patience: Patience,
    /// Until when both the log and the charge point went on.
    heard_until: Option<i64>,
}

impl<'t, 'a, 'c> Evidence<'t, 'a, 'c> {
    pub(super) fn new(
        track: &'t Track<'a>,
        context: &'t Context<'c>,
        transactions: &'t [Transaction<'a>],
        boots: &[BootRow<'a>],
        asked: &'t [usize],
    ) -> Self {
        let mut begins: Vec<Begin> = Vec::new();
        let mut by_id: BTreeMap<&'a str, Vec<usize>> = BTreeMap::new();
        for (row, transaction) in transactions.iter().enumerate() {
            if let Some(id) = transaction.transaction_id {
                by_id.entry(id).or_default().push(row);
            }
            if transaction.start_attempts == 0 {
                continue;
            }
            let (arrived, own) = (transaction.start_received_at, transaction.start_time);
            let payload = transaction.start_time_source == Some(TimeSource::Payload);
            let late = payload && arrived.zip(own).is_some_and(|(at, own)| at - own > context.rules.late_threshold);
            let when = if late { own } else { arrived };
            begins.push(Begin { at: (arrived, transaction.first), row, when, late });
        }
        begins.sort_by_key(|begin| begin.at);
        let mut uses: BTreeMap<i32, Vec<Begin>> = BTreeMap::new();
        for begin in &begins {
            if let Some(number) = transactions[begin.row].reservation_id {
                uses.entry(number).or_default().push(*begin);
            }
        }
        let stopped = |(row, transaction)| Some((Self::stopped(transaction)?, row));
        let mut stops: Vec<(Key, usize)> = transactions.iter().enumerate().filter_map(stopped).collect();
        stops.sort_unstable();
        let mut remote: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        let statuses = track.statuses().map(|(index, ..)| index).collect();
        let updates = track.reservation_updates().map(|(index, ..)| index).collect();
        for (index, _, event) in track.tx_events() {
            if let Some(id) = event.remote_start_id {
                remote.entry(id).or_default().push(index);
            }
        }
        let heard_until = context.observation.end.zip(last_contact(track)).map(|(end, contact)| end.min(contact));
        let boots = boots.iter().filter(|boot| boot.is_reboot).map(|boot| (boot.received_at, boot.position)).collect();
        Self {
            track,
            context,
            transactions,
            asked,
            begins,
            stops,
            uses,
            by_id,
            boots,
            statuses,
            updates,
            remote,
            patience: Patience::of(track, context.rules),
            heard_until,
        }
    }

    /// An event and its command.
    pub(super) fn command(&self, index: usize) -> Option<(View<'a>, &'a Command)> {
        let view = self.track.events[index];
        Some((view, view.command()?))
    }

    /// The status that a command was answered with, as logged.
    pub(super) fn status(&self, index: usize) -> Option<&'a str> {
        self.track.answer(index).and_then(|answer| answer.text(answer.answer()?.status))
    }

    /// Whether a command was answered with this word, whatever its case.
    pub(super) fn answered(&self, index: usize, word: &str) -> bool {
        self.status(index).is_some_and(|status| status.eq_ignore_ascii_case(word))
    }

    /// Whether the log and the charge point went on for longer than `window` after `from`.
    pub(super) fn went_on(&self, from: Option<i64>, window: i64) -> bool {
        self.heard_until.zip(from).is_some_and(|(heard, from)| heard.saturating_sub(from) > window)
    }

    /// The messages behind a command that were logged no later than `window` after it.
    pub(super) fn after(&self, index: usize, window: i64) -> impl Iterator<Item = (usize, View<'a>)> {
        let until = self.track.events[index].log_time.map(|time| time.saturating_add(window));
        let behind = self.track.events.iter().copied().enumerate().skip(index + 1).take(HORIZON);
        behind.take_while(move |(_, view)| until.is_none_or(|until| view.log_time.is_none_or(|time| time <= until)))
    }

    /// The first reboot behind `from`.
    pub(super) fn boot_after(&self, from: Key) -> Option<Key> {
        self.boots.get(self.boots.partition_point(|&boot| boot <= from)).copied()
    }

    /// The status reports behind a command.
    pub(super) fn statuses_after(&self, index: usize) -> impl Iterator<Item = (usize, View<'a>)> {
        let first = self.statuses.partition_point(|&status| status <= index);
        self.statuses[first..].iter().take(HORIZON).map(|&status| (status, self.track.events[status]))
    }

    /// The last status report before a command that `fits`.
    pub(super) fn status_before(&self, index: usize, fits: impl Fn(View<'a>) -> bool) -> Option<View<'a>> {
        let first = self.statuses.partition_point(|&status| status < index);
        let before = self.statuses[..first].iter().rev().take(HORIZON).map(|&status| self.track.events[status]);
        before.into_iter().find(|&view| fits(view))
    }

    /// The transaction of an id that a command names: the last that had begun when it was sent, else the first.
    pub(super) fn transaction(&self, index: usize, id: &str) -> Option<&'t Transaction<'a>> {
        let rows = self.by_id.get(id)?;
        let asked = key(self.track.events[index]);
        let begun = |row: &&usize| {
            let transaction = &self.transactions[**row];
            (transaction.start_received_at, transaction.first) <= asked
        };
        rows.iter().rev().find(begun).or(rows.first()).map(|&row| &self.transactions[row])
    }

    /// The row of the transaction that an event tells.
    pub(super) fn row_at(&self, event: usize, id: &str) -> Option<usize> {
        let told = key(self.track.events[event]);
        let rows = self.by_id.get(id)?;
        let begun = |row: &&usize| {
            let transaction = &self.transactions[**row];
            transaction.start_received_at.is_none() || (transaction.start_received_at, transaction.first) <= told
        };
        rows.iter().rev().find(begun).or(rows.first()).copied()
    }

    /// The transactions whose stops were logged after `from` and no later than `window` after `since`.
    pub(super) fn stops_after(
        &self,
        from: Key,
        since: Key,
        window: i64,
    ) -> impl Iterator<Item = (Key, &'t Transaction<'a>)> {
        let first = self.stops.partition_point(|&(at, _)| at <= from);
        let until = since.0.map(|since| since.saturating_add(window));
        self.stops[first..]
            .iter()
            .take(HORIZON)
            .take_while(move |((time, _), _)| until.is_none() || *time <= until)
            .map(|&(at, row)| (at, &self.transactions[row]))
    }

    /// The last transactions that had begun at a place.
    pub(super) fn begun_before(&self, place: Key) -> impl Iterator<Item = &'t Transaction<'a>> {
        let begun = self.begins.partition_point(|begin| begin.at <= place);
        self.begins[..begun].iter().rev().take(HORIZON).map(|begin| &self.transactions[begin.row])
    }

    /// The first start behind a place that names a reservation.
    pub(super) fn use_of(&self, reservation: i32, place: Key) -> Option<Begin> {
        let uses = self.uses.get(&reservation)?;
        uses.get(uses.partition_point(|begin| begin.at <= place)).copied()
    }

    /// When a transaction's stop was logged, in the order of arrival.
    pub(super) fn stopped(transaction: &Transaction<'_>) -> Option<Key> {
        (transaction.stop_attempts > 0).then_some((transaction.stop_received_at, transaction.last))
    }
}
