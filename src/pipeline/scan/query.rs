//! What a scan is asked for, and which rows and columns of a piece that leaves.

use crate::event::View;
use crate::options::{ReadOptions, Table};
use crate::pipeline::window::Window;
use crate::rebuild::meter::{MeterValues, told};
use crate::table::{MessageRow, Wanted, some_messages, some_meter_values};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use std::collections::BTreeSet;

use super::super::parse::Parsed;

/// Instants from one to another, both inside; open where none. An instant that is not known lies in none but the open one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    /// The first one.
    pub from: Option<i64>,
    /// The last one.
    pub to: Option<i64>,
}

impl Span {
    fn holds(self, time: Option<i64>) -> bool {
        match (self.from, self.to, time) {
            (None, None, _) => true,
            (_, _, None) => false,
            (from, to, Some(time)) => from.is_none_or(|from| from <= time) && to.is_none_or(|to| time <= to),
        }
    }
}

/// Rows that need not be built, since whoever asks drops them anyway. What is none is not asked for.
#[derive(Clone, Debug, Default)]
pub struct Keep {
    /// The charge points.
    pub charge_points: Option<BTreeSet<String>>,
    /// The actions; a message without one is dropped.
    pub actions: Option<BTreeSet<String>>,
    /// The kinds of messages, by their words.
    pub kinds: Option<BTreeSet<String>>,
    /// The recorder's time.
    pub logged: Span,
    /// When a meter value was sampled.
    pub sampled: Span,
}

impl Keep {
    fn event(&self, view: View<'_>) -> bool {
        let among = |set: &Option<BTreeSet<String>>, word: Option<&str>| {
            set.as_ref().is_none_or(|set| word.is_some_and(|word| set.contains(word)))
        };
        self.logged.holds(view.log_time)
            && among(&self.kinds, Some(view.kind.as_str()))
            && (self.actions.is_none() || among(&self.actions, view.action_name()))
    }
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Query {
    table: Table,
    wanted: Wanted,
    keep: Keep,
    /// How many rows at most, counted before any is dropped.
    pub(super) limit: Option<u64>,
    pub(super) needs: Needs,
}

/// What must be settled for the columns that are wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Needs {
    /// Payloads.
    pub(super) payloads: bool,
    /// Who sent a message.
    pub(super) ways: bool,
    /// When it was logged.
    pub(super) times: bool,
}

impl Query {
    /// Rows of `messages`, or of `meter_values` as the messages themselves tell them; all columns, unless some are named.
    /// Of `keep`, all columns that it speaks of must be wanted.
    #[must_use]
    pub fn new(
        table: Table,
        columns: Option<&[String]>,
        keep: Keep,
        limit: Option<u64>,
        options: &ReadOptions,
    ) -> Self {
        let wanted = columns.map_or_else(Wanted::default, |columns| Wanted::only(table, columns));
        let any = |names: &[&str]| names.iter().any(|name| wanted.has_name(table, name));
        let window = options.start.is_some() || options.end.is_some();
        let messages = table == Table::Messages;
        let needs = Needs {
            payloads: messages && any(&["payload"]),
            ways: messages && any(&["direction", "direction_source", "flags"]),
            times: window || any(&["log_time", "time", "time_source", "received_at"]),
        };
        // Rows are counted before any is dropped, and they are few.
        let keep = if limit.is_some() { Keep::default() } else { keep };
        Self { table, wanted, keep, limit, needs }
    }

    /// The rows of a piece that are left, but for the first `skip` events; `names` are those of the sources.
    pub(super) fn rows(
        &self,
        chunk: &Parsed,
        skip: usize,
        options: &ReadOptions,
        names: &[String],
    ) -> Result<RecordBatch, ArrowError> {
        let store = &chunk.store;
        let asked = |id: &String| {
            options.charge_points.as_ref().is_none_or(|chosen| chosen.contains(id))
                && self.keep.charge_points.as_ref().is_none_or(|chosen| chosen.contains(id))
        };
        let asked: Vec<bool> = store.charge_points().iter().map(asked).collect();
        let window = Window { start: options.start, end: options.end };
        let views = (skip..store.events.len()).map(|index| store.view(index)).filter(|view| {
            asked.get(view.charge_point as usize).copied().unwrap_or_default() && self.keep.event(*view)
        });
        if self.table == Table::MeterValues {
            let mut rows: Vec<MeterValues<'_>> = Vec::new();
            views.for_each(|view| told(view, &mut rows));
            rows.retain(|row| window.holds(row.time) && self.keep.sampled.holds(row.time));
            some_meter_values(&rows.iter().collect::<Vec<_>>(), names, &self.wanted)
        } else {
            let views = views.filter(|view| window.holds(view.log_time));
            let rows: Vec<MessageRow<'_>> = views.map(MessageRow::unpaired).collect();
            some_messages(&rows, names, &self.wanted)
        }
    }
}
