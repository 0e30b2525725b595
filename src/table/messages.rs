//! The messages table, both ways: it is the seam between parsing and rebuilding.

use super::Columns;
use super::build::names;
use crate::event::View;
use crate::flag::Flags;
use crate::options::Table;
use crate::rebuild::exchange::Pair;
use crate::term::{Direction, DirectionSource, Version};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// A message's row: the event, and what pairing told about it.
#[derive(Clone, Copy, Debug)]
pub struct MessageRow<'a> {
    /// The event.
    pub view: View<'a>,
    /// Its exchange; none where nothing was paired.
    pub pair: Option<Pair>,
    /// Its direction and how that is known.
    pub direction: (Option<Direction>, DirectionSource),
    /// The OCPP version.
    pub version: Option<Version>,
    /// The action; on an answer that of its call.
    pub action: Option<&'a str>,
}

impl<'a> MessageRow<'a> {
    /// The row of a message that was not paired.
    #[must_use]
    pub fn unpaired(view: View<'a>) -> Self {
        Self {
            view,
            pair: None,
            direction: (view.direction, view.direction_source),
            version: view.version,
            action: view.action_name(),
        }
    }

    fn flags(&self) -> Flags {
        let mut flags = self.view.flags;
        flags.extend(self.pair.map_or(Flags::NONE, |pair| pair.flags));
        flags
    }

    fn refusal(&self, description: bool) -> Option<&'a str> {
        let refusal = self.view.refusal()?;
        self.view.text(if description { refusal.description } else { refusal.code })
    }
}

/// The messages table; `sources` are the names of the sources.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn messages(rows: &[MessageRow<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::Messages);
    let each = || rows.iter();
    let call = |row: &MessageRow<'_>| row.pair.filter(|pair| pair.outcome.is_some());
    columns.text("charge_point_id", each().map(|row| Some(row.view.charge_point_id())));
    columns.word("charge_point_id_source", each().map(|row| Some(row.view.charge_point_source.as_str())));
    columns.int("connection_id", each().map(|row| row.view.connection));
    columns.time("log_time", each().map(|row| row.view.log_time));
    columns.word("direction", each().map(|row| row.direction.0.map(Direction::as_str)));
    columns.word("direction_source", each().map(|row| Some(row.direction.1.as_str())));
    columns.word("ocpp_version", each().map(|row| row.version.map(Version::as_str)));
    columns.word("transport", each().map(|row| Some(if row.view.soap { "soap" } else { "json" })));
    columns.word("message_type", each().map(|row| Some(row.view.kind.as_str())));
    columns.text("message_id", each().map(|row| Some(row.view.id()).filter(|id| !id.is_empty())));
    columns.word("action", each().map(|row| row.action));
    columns.text("payload", each().map(|row| row.view.text(row.view.payload).filter(|text| !text.is_empty())));
    columns.word("error_code", each().map(|row| row.refusal(false)));
    columns.text("error_description", each().map(|row| row.refusal(true)));
    columns.word(
        "outcome",
        each().map(|row| row.pair.and_then(|pair| pair.outcome).map(crate::rebuild::exchange::Outcome::as_str)),
    );
    columns.span("response_time", each().map(|row| row.pair.and_then(|pair| pair.response_time)));
    columns.int("attempt", each().map(|row| call(row).map(|pair| pair.attempt).filter(|&attempt| attempt > 0)));
    columns.lists("flags", each().map(|row| names(row.flags())));
    columns.word("source_file", each().map(|row| super::source(sources, row.view.position)));
    columns.long("source_line", each().map(|row| super::line(row.view.position)));
    columns.long("source_offset", each().map(|row| Some(row.view.position.byte as i64)));
    columns.finish()
}
