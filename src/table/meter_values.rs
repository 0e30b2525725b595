//! The meter values table.

use super::column::{
    CHARGE_POINT_ID, Column, FLAGS, SOURCE_FILE, SOURCE_LINE, SOURCE_OFFSET, float, int, text, time, truth, word,
};
use super::{Columns, Wanted};
use crate::options::Table;
use crate::rebuild::TimeSource;
use crate::rebuild::meter::{Link, MeterValue};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The columns of the table `meter_values`.
pub(super) const COLUMNS: &[Column] = &[
    CHARGE_POINT_ID,
    int("evse_id", "The EVSE; in 1.x the connector.").null("no message names it").from(
        "1.6 §6.31 MeterValues.connectorId; 2.x MeterValues.evseId, TransactionEvent.evse.id; else its \
            transaction's",
    ),
    int("connector_id", "The connector.")
        .null("no message names it")
        .from("1.6 §6.31 MeterValues.connectorId; 2.x TransactionEvent.evse.connectorId; else its transaction's"),
    text("transaction_id", "The transaction that it belongs to.")
        .null("it belongs to none, or that has no id")
        .from("own: joining of samples and transactions"),
    word("link", "How that is known: transaction_id, connector_time, evse_time, transaction_data or none.")
        .null("always in what scan_meter_values gives, and only there")
        .from("own: joining of samples and transactions"),
    time("time", "When it was sampled.")
        .null("neither the sample nor the line has a time")
        .from("1.6 §7.33 MeterValue.timestamp; 2.x MeterValueType.timestamp; else the log"),
    word("time_source", "Which clock tells: payload or log.").null("time is").from("own: choice of the clock"),
    time("received_at", "When it was logged.").null("the log has no times").from("the recorder's stamp on the message"),
    word("measurand", "What was measured; Energy.Active.Import.Register where the message does not say.")
        .from("1.6 §7.31, §7.43 SampledValue.measurand; 2.x SampledValueType.measurand"),
    word("phase", "On which phase.")
        .null("it is of all phases")
        .from("1.6 §7.34, §7.43 SampledValue.phase; 2.x SampledValueType.phase"),
    word("location", "Where: Outlet, Inlet, Cable, EV, Body, in 2.1 also Upstream.")
        .null("the message does not say (then Outlet)")
        .from("1.6 §7.30, §7.43 SampledValue.location; 2.x SampledValueType.location"),
    word("context", "On what occasion.")
        .null("the message does not say (then Sample.Periodic)")
        .from("1.6 §7.35, §7.43 SampledValue.context; 2.x SampledValueType.context"),
    float("value", "The value in its base unit.")
        .unit("of the column unit")
        .null("it is no finite number")
        .from("1.6 §7.43 SampledValue.value; 2.x SampledValueType.value and unitOfMeasure.multiplier; own: base units"),
    word("unit", "The base unit: Wh, W, A, V, Percent, Celsius …; an unknown unit as logged.")
        .null("it has none")
        .from("1.6 §7.45 UnitOfMeasure; 2.x SampledValueType.unitOfMeasure.unit; own: base units"),
    word("unit_raw", "The unit as logged.")
        .null("the message does not say")
        .from("1.6 §7.43 SampledValue.unit; 2.x SampledValueType.unitOfMeasure.unit"),
    text(
        "raw_value",
        "The value as logged where it is no plain number or has more digits than value holds; signed \
        data stands here.",
    )
    .null("value holds all of it")
    .from("1.6 §7.43 SampledValue.value, §7.49 SignedData; 2.x SampledValueType.signedMeterValue"),
    truth("is_signed", "Whether it is, or has, signed data.")
        .from("1.6 §7.43 SampledValue.format; 2.x SampledValueType.signedMeterValue"),
    FLAGS,
    SOURCE_FILE,
    SOURCE_LINE,
    SOURCE_OFFSET,
];

/// The meter values table.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn meter_values(rows: &[&MeterValue<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    fill(Columns::of(Table::MeterValues), || rows.iter().copied(), sources)
}

/// Some columns of the meter values table.
///
/// # Errors
/// As [`meter_values`].
pub fn some_meter_values(
    rows: &[MeterValue<'_>],
    sources: &[String],
    wanted: &Wanted,
) -> Result<RecordBatch, ArrowError> {
    fill(Columns::wanted(Table::MeterValues, wanted), || rows.iter(), sources)
}

fn fill<'r, 'a: 'r, I: Iterator<Item = &'r MeterValue<'a>>>(
    mut columns: Columns<'_>,
    each: impl Fn() -> I,
    sources: &[String],
) -> Result<RecordBatch, ArrowError> {
    columns.text("charge_point_id", each().map(|row| Some(row.view.charge_point_id())));
    columns.int("evse_id", each().map(|row| row.evse));
    columns.int("connector_id", each().map(|row| row.connector));
    columns.text("transaction_id", each().map(|row| row.transaction_id));
    columns.word("link", each().map(|row| row.link.map(Link::as_str)));
    columns.time("time", each().map(|row| row.time));
    columns.word("time_source", each().map(|row| row.time_source.map(TimeSource::as_str)));
    columns.time("received_at", each().map(|row| row.view.log_time));
    columns.names("measurand", each().map(|row| (&row.view.store.names, row.sample.measurand)));
    columns.names("phase", each().map(|row| (&row.view.store.names, row.sample.phase)));
    columns.names("location", each().map(|row| (&row.view.store.names, row.sample.location)));
    columns.names("context", each().map(|row| (&row.view.store.names, row.sample.context)));
    columns.float("value", each().map(|row| row.sample.value));
    columns.names("unit", each().map(|row| (&row.view.store.names, row.sample.unit)));
    columns.names("unit_raw", each().map(|row| (&row.view.store.names, row.sample.unit_raw)));
    columns.text("raw_value", each().map(|row| row.view.text(row.sample.raw)));
    columns.truth("is_signed", each().map(|row| Some(row.sample.is_signed)));
    columns.flags(each().map(|row| row.flags));
    columns.word("source_file", each().map(|row| super::source(sources, row.view.position)));
    columns.long("source_line", each().map(|row| super::line(row.view.position)));
    columns.long("source_offset", each().map(|row| Some(row.view.position.byte as i64)));
    columns.finish()
}
