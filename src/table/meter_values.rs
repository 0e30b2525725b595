//! The meter values table.

use super::Columns;
use crate::options::Table;
use crate::rebuild::TimeSource;
use crate::rebuild::meter::MeterValue;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// The meter values table.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn meter_values(rows: &[&MeterValue<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::MeterValues);
    let each = || rows.iter().copied();
    columns.text("charge_point_id", each().map(|row| Some(row.view.charge_point_id())));
    columns.int("evse_id", each().map(|row| row.evse));
    columns.int("connector_id", each().map(|row| row.connector));
    columns.text("transaction_id", each().map(|row| row.transaction_id));
    columns.word("link", each().map(|row| Some(row.link.as_str())));
    columns.time("time", each().map(|row| row.time));
    columns.word("time_source", each().map(|row| row.time_source.map(TimeSource::as_str)));
    columns.time("received_at", each().map(|row| row.view.log_time));
    columns.word("measurand", each().map(|row| row.view.store.names.word(row.sample.measurand)));
    columns.word("phase", each().map(|row| row.view.store.names.word(row.sample.phase)));
    columns.word("location", each().map(|row| row.view.store.names.word(row.sample.location)));
    columns.word("context", each().map(|row| row.view.store.names.word(row.sample.context)));
    columns.float("value", each().map(|row| row.sample.value));
    columns.word("unit", each().map(|row| row.view.store.names.word(row.sample.unit)));
    columns.word("unit_raw", each().map(|row| row.view.store.names.word(row.sample.unit_raw)));
    columns.text("raw_value", each().map(|row| row.view.text(row.sample.raw)));
    columns.truth("is_signed", each().map(|row| Some(row.sample.is_signed)));
    columns.flags(each().map(|row| row.flags));
    columns.word("source_file", each().map(|row| super::source(sources, row.view.position)));
    columns.long("source_line", each().map(|row| super::line(row.view.position)));
    columns.long("source_offset", each().map(|row| Some(row.view.position.byte as i64)));
    columns.finish()
}
