//! The table `configuration`: values of settings over time.

use super::Columns;
use super::column::{CHARGE_POINT_ID, Column, FLAGS, SOURCE_FILE, SOURCE_LINE, SOURCE_OFFSET, text, time, truth, word};
use crate::options::Table;
use crate::rebuild::configuration::Setting;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The columns of the table `configuration`.
pub(super) const COLUMNS: &[Column] = &[
    CHARGE_POINT_ID,
    text("component", "The component (2.x): its instance in brackets, EVSE and connector behind @.")
        .null("in 1.x")
        .from("2.x component of SetVariables, GetVariables and NotifyReport"),
    text("variable", "The variable, its instance in brackets; in 1.x the key.").null("the message names none").from(
        "1.6 §6.9 ChangeConfiguration.key, §6.24 GetConfiguration.conf key; 2.x variable of SetVariables, \
            GetVariables and NotifyReport",
    ),
    word(
        "attribute",
        "Which attribute of the variable (2.x): Actual, Target, MinSet, MaxSet; Actual where the message \
        does not say.",
    )
    .null("in 1.x")
    .from("2.x attributeType of SetVariables and GetVariables, variableAttribute.type of NotifyReport"),
    text(
        "value",
        "The value; secrets are masked: by the name of the setting, in addresses, and whatever can be \
        written only.",
    )
    .null("the message carries none")
    .from(
        "1.6 §6.9 ChangeConfiguration.value, §6.24 GetConfiguration.conf value; 2.x attributeValue, \
            variableAttribute.value",
    ),
    truth("readonly", "Whether it cannot be changed.")
        .null("no message says")
        .from("1.6 §7.29 KeyValue.readonly; 2.x NotifyReport variableAttribute.mutability"),
    time("time", "When it was logged.")
        .null("the log has no times")
        .from("the recorder's stamp on the request that sets it, or on the answer or report that tells it"),
    time("end_time", "When the next value that took hold was logged.")
        .null("it is the last one, was refused, or the log has no times")
        .from("own: time of the next value in force"),
    word("source", "What told it: set, get or report; a value that is read or reported again is no row.")
        .from("own: the message that told it"),
    word("response_status", "The answer about this setting, as logged; unknownKey for a key of that list.")
        .null("it was not answered, and for a report or a key that GetConfiguration tells")
        .from(
            "1.6 §6.10 ChangeConfiguration.conf status, §6.24 unknownKey; 2.x attributeStatus of \
            SetVariablesResponse and GetVariablesResponse",
        ),
    truth("effective_after_boot", "Whether an accepted value holds only after the next boot.")
        .null("nothing was set, or it was not accepted")
        .from("1.6 §7.22 RebootRequired; 2.x SetVariableStatusEnumType RebootRequired"),
    FLAGS,
    SOURCE_FILE,
    SOURCE_LINE,
    SOURCE_OFFSET,
];

/// The table `configuration`.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn configuration(rows: &[&Setting<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::Configuration);
    let each = || rows.iter();
    columns.text("charge_point_id", each().map(|row| Some(row.charge_point)));
    columns.text("component", each().map(|row| row.component));
    columns.text("variable", each().map(|row| row.variable));
    columns.word("attribute", each().map(|row| row.attribute));
    columns.text("value", each().map(|row| row.value));
    columns.truth("readonly", each().map(|row| row.readonly));
    columns.time("time", each().map(|row| row.time));
    columns.time("end_time", each().map(|row| row.end_time));
    columns.word("source", each().map(|row| row.source));
    columns.word("response_status", each().map(|row| row.response_status));
    columns.truth("effective_after_boot", each().map(|row| row.effective_after_boot));
    columns.flags(each().map(|row| row.flags));
    columns.word("source_file", each().map(|row| super::source(sources, row.position)));
    columns.long("source_line", each().map(|row| super::line(row.position)));
    columns.long("source_offset", each().map(|row| Some(row.position.byte as i64)));
    columns.finish()
}
