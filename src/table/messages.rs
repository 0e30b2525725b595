//! The messages table, both ways: it is the seam between parsing and rebuilding.

use super::column::{
    CHARGE_POINT_ID, Column, FLAGS, SOURCE_FILE, SOURCE_LINE, SOURCE_OFFSET, int, span, text, time, word,
};
use super::{Columns, Wanted};
use crate::event::View;
use crate::flag::Flags;
use crate::options::Table;
use crate::rebuild::exchange::Pair;
use crate::term::{Direction, DirectionSource, Version};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The columns of the table `messages`.
pub(super) const COLUMNS: &[Column] = &[
    CHARGE_POINT_ID,
    word("charge_point_id_source", "Where the id was found: record, envelope, wrapper, argument, file_name or none.")
        .from("own: the first of these places that tells the id"),
    int("connection_id", "Which connection of the log.")
        .null("the log does not tell connections apart")
        .from("the log: its words for a session or socket"),
    time("log_time", "When the message was logged, by the recorder's clock.")
        .null("the line has no time")
        .from("the recorder's stamp on the line"),
    word("direction", "Who sent it: from_charge_point or from_csms.")
        .null("neither the log, the action nor the other half of the exchange tells it")
        .from("the log; else own: which side may send the action; else own: matching of calls and answers"),
    word("direction_source", "How the direction is known: log, action, pairing or unknown.")
        .from("own: what told the direction"),
    word(
        "ocpp_version",
        "The OCPP version, as logged or inferred from actions and payloads; else the one of most \
        messages of the charge point.",
    )
    .null("nothing in the log tells it")
    .from("1.6-J §3.1.2 subprotocol; SOAP namespace; else own: actions and fields that only one version has"),
    word("transport", "json or soap.").from("own: form of the frame"),
    word("message_type", "CALL, CALLRESULT, CALLERROR, CALLRESULTERROR, SEND; OPEN and CLOSE for connections.")
        .from("1.6-J §4.1.3 MessageTypeId; 2.1 part 4 for CALLRESULTERROR and SEND; OPEN and CLOSE: the log"),
    text("message_id", "The message id; a number is kept as its text.")
        .null("the frame has none, and on OPEN and CLOSE")
        .from("1.6-J §4.1.4 UniqueId; SOAP: MessageID and RelatesTo of WS-Addressing"),
    word("action", "The action; on an answer that of its call.")
        .null("an answer has no call in the log, and on OPEN and CLOSE")
        .from("1.6-J §4.2.1 Action; on answers own: matching of calls and answers"),
    text("payload", "The payload as JSON text as logged; on a refusal its details, on CLOSE code and reason.")
        .null("the frame carries none")
        .from("1.6-J §4.2 Payload, errorDetails; CLOSE: code and reason (RFC 6455 §7.4)"),
    word("error_code", "The error code of a refusal, as logged.")
        .null("it is no refusal")
        .from("1.6-J §4.2.3 errorCode"),
    text("error_description", "The description of a refusal.")
        .null("it is no refusal, or has none")
        .from("1.6-J §4.2.3 errorDescription"),
    word("outcome", "On a CALL: result, error, timeout, connection_lost, unknown_log_end; on a SEND not_applicable.")
        .null("it is neither CALL nor SEND, and always in what parse gives")
        .from("own: matching of calls and answers"),
    span("response_time", "On an answered CALL: from the call to its answer, by the recorder's clock.")
        .null("it is no answered CALL, the log has no times, or they are whole seconds")
        .from("own: matching of calls and answers"),
    int("attempt", "On a CALL: which sending of the same content it is, from 1.")
        .null("it is no CALL, and always in what parse gives")
        .from("own: matching of calls and answers, by content"),
    FLAGS,
    SOURCE_FILE,
    SOURCE_LINE,
    SOURCE_OFFSET,
];

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
    fill(Columns::of(Table::Messages), rows, sources)
}

/// Some columns of the messages table.
///
/// # Errors
/// As [`messages`].
pub fn some_messages(rows: &[MessageRow<'_>], sources: &[String], wanted: &Wanted) -> Result<RecordBatch, ArrowError> {
    fill(Columns::wanted(Table::Messages, wanted), rows, sources)
}

fn fill(mut columns: Columns<'_>, rows: &[MessageRow<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
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
    columns.ids("message_id", each().map(|row| row.view.id()));
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
    columns.flags(each().map(MessageRow::flags));
    columns.word("source_file", each().map(|row| super::source(sources, row.view.position)));
    columns.long("source_line", each().map(|row| super::line(row.view.position)));
    columns.long("source_offset", each().map(|row| Some(row.view.position.byte as i64)));
    columns.finish()
}
