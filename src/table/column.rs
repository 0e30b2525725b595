//! What a column is, and which ones a table has; each is declared once, at the top of its table's file.

use super::{
    authorizations, boots, call_statistics, charge_points, charging_profiles, commands, configuration,
    connectivity_intervals, data_transfers, faults, firmware_updates, firmware_versions, ledger, log_uploads, messages,
    meter_values, security_events, status_intervals, transactions,
};
use crate::options::Table;
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use std::sync::{Arc, LazyLock};

/// A column's type, in the words of the public contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dtype {
    /// Text.
    Text,
    /// A word of a vocabulary, stored as a dictionary.
    Word,
    /// True or false.
    Truth,
    /// A whole number of 32 bits.
    Int,
    /// A whole number of 64 bits.
    Long,
    /// A number.
    Float,
    /// An instant: microseconds, UTC.
    Time,
    /// A span of time: microseconds.
    Span,
    /// A list of texts, never null.
    Texts,
    /// The stages of a firmware job: a list of status, time, `received_at`.
    Stages,
}

/// The name of the zone that all instants are in.
pub(super) const UTC: &str = "UTC";

impl Dtype {
    /// The Arrow type.
    #[must_use]
    pub fn arrow(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8View,
            Self::Word => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
            Self::Truth => DataType::Boolean,
            Self::Int => DataType::Int32,
            Self::Long => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Time => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
            Self::Span => DataType::Duration(TimeUnit::Microsecond),
            Self::Texts => DataType::LargeList(Arc::new(Field::new("item", DataType::Utf8View, true))),
            Self::Stages => DataType::LargeList(Arc::new(Field::new("item", DataType::Struct(stage_fields()), true))),
        }
    }

    /// A short word for documentation and the Python face.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "str",
            Self::Word => "cat",
            Self::Truth => "bool",
            Self::Int => "i32",
            Self::Long => "i64",
            Self::Float => "f64",
            Self::Time => "time",
            Self::Span => "span",
            Self::Texts => "list_str",
            Self::Stages => "list_status",
        }
    }
}

/// The fields of one stage of a firmware job.
#[must_use]
pub(super) fn stage_fields() -> Fields {
    Fields::from(vec![
        Field::new("status", DataType::Utf8View, true),
        Field::new("time", Dtype::Time.arrow(), true),
        Field::new("received_at", Dtype::Time.arrow(), true),
    ])
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub dtype: Dtype,
    /// The unit of its numbers; empty where they have none.
    pub unit: &'static str,
    /// When it is null; empty if it never is.
    pub null: &'static str,
    /// What it says.
    pub meaning: &'static str,
    /// Where that comes from: message and field with the section of the specification, or a rule of our own.
    pub source: &'static str,
}

impl Column {
    const fn new(name: &'static str, dtype: Dtype, meaning: &'static str) -> Self {
        Self { name, dtype, unit: "", null: "", meaning, source: "" }
    }

    /// In which unit its numbers are.
    pub(super) const fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    /// When it is null; a column that does not say is never null.
    pub(super) const fn null(self, null: &'static str) -> Self {
        Self { null, ..self }
    }

    /// Where what it says comes from.
    pub(super) const fn from(self, source: &'static str) -> Self {
        Self { source, ..self }
    }
}

/// A column of texts.
pub(super) const fn text(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, Dtype::Text, meaning)
}

/// A column of vocabulary words.
pub(super) const fn word(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, Dtype::Word, meaning)
}

/// A column of truth values.
pub(super) const fn truth(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, Dtype::Truth, meaning)
}

/// A column of 32-bit numbers.
pub(super) const fn int(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, Dtype::Int, meaning)
}

/// A column of 64-bit numbers.
pub(super) const fn long(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, Dtype::Long, meaning)
}

/// A column of numbers.
pub(super) const fn float(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, Dtype::Float, meaning)
}

/// A column of instants.
pub(super) const fn time(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, Dtype::Time, meaning).unit(UTC)
}

/// A column of spans.
pub(super) const fn span(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, Dtype::Span, meaning).unit("us")
}

/// A column of lists of texts.
pub(super) const fn texts(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, Dtype::Texts, meaning)
}

/// A column of stages.
pub(super) const fn stages(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, Dtype::Stages, meaning)
}

/// Whose row it is.
pub(super) const CHARGE_POINT_ID: Column = text("charge_point_id", "Id of the charge point.")
    .from("the log: its record, envelope or wrapper; 1.6-J §3.1.1 connection URL; SOAP chargeBoxIdentity; else own");

/// What is doubtful about a row.
pub(super) const FLAGS: Column =
    texts("flags", "What had to be said about it, sorted; empty if nothing.").from("own: docs/flags.md");

/// Where a row comes from: the source.
pub(super) const SOURCE_FILE: Column =
    word("source_file", "The source.").null("the messages came without it").from("own: place of the message");

/// Where a row comes from: the line.
pub(super) const SOURCE_LINE: Column = long("source_line", "Line in the source, from 1.")
    .null("the messages came without it")
    .from("own: place of the message");

/// Where a row comes from: the byte.
pub(super) const SOURCE_OFFSET: Column = long(
    "source_offset",
    "Offset of the record's first byte in the decompressed source; further messages of one line count on by one.",
)
.unit("byte")
.from("own: place of the message");

/// The columns of a table, in their order.
#[must_use]
pub const fn columns(table: Table) -> &'static [Column] {
    match table {
        Table::Messages => messages::COLUMNS,
        Table::Transactions => transactions::COLUMNS,
        Table::MeterValues => meter_values::COLUMNS,
        Table::StatusIntervals => status_intervals::COLUMNS,
        Table::FirmwareUpdates => firmware_updates::COLUMNS,
        Table::Boots => boots::COLUMNS,
        Table::ConnectivityIntervals => connectivity_intervals::COLUMNS,
        Table::Faults => faults::COLUMNS,
        Table::Authorizations => authorizations::COLUMNS,
        Table::Commands => commands::COLUMNS,
        Table::FirmwareVersions => firmware_versions::COLUMNS,
        Table::SecurityEvents => security_events::COLUMNS,
        Table::LogUploads => log_uploads::COLUMNS,
        Table::Configuration => configuration::COLUMNS,
        Table::ChargingProfiles => charging_profiles::COLUMNS,
        Table::DataTransfers => data_transfers::COLUMNS,
        Table::CallStatistics => call_statistics::COLUMNS,
        Table::ChargePoints => charge_points::COLUMNS,
        Table::Rejects => ledger::REJECTS,
        Table::Unmatched => ledger::UNMATCHED,
        Table::Accounting => ledger::ACCOUNTING,
    }
}

/// The order of a table's rows, by which the same input gives the same bytes. A time that is null comes first.
#[must_use]
pub const fn order(table: Table) -> &'static [&'static str] {
    const ARRIVAL: &str = "order of arrival";
    match table {
        Table::Messages => &["charge_point_id", "log_time", "place in the source"],
        Table::Transactions | Table::StatusIntervals | Table::Faults => &["charge_point_id", "start_time", ARRIVAL],
        Table::MeterValues | Table::SecurityEvents | Table::Unmatched => &["charge_point_id", "time", ARRIVAL],
        Table::FirmwareUpdates | Table::LogUploads => &["charge_point_id", "requested_at", ARRIVAL],
        Table::Boots
        | Table::ConnectivityIntervals
        | Table::Authorizations
        | Table::Commands
        | Table::FirmwareVersions
        | Table::Configuration
        | Table::ChargingProfiles
        | Table::DataTransfers => &["charge_point_id", ARRIVAL],
        Table::CallStatistics => &["charge_point_id", "direction", "action"],
        Table::ChargePoints => &["charge_point_id"],
        Table::Rejects => &["source_file in natural order", "source_offset", "source_line"],
        Table::Accounting => &["source_file in natural order"],
    }
}

/// The Arrow schema of a table; it exists without a file.
#[must_use]
pub fn schema(table: Table) -> SchemaRef {
    // Every batch of charge points asks for it.
    static SCHEMAS: LazyLock<Vec<SchemaRef>> = LazyLock::new(|| {
        let field = |column: &Column| Field::new(column.name, column.dtype.arrow(), column.dtype != Dtype::Texts);
        let schema = |&table| Arc::new(Schema::new(columns(table).iter().map(field).collect::<Fields>()));
        Table::ALL.iter().map(schema).collect()
    });
    let place = Table::ALL.iter().position(|&other| other == table);
    place.map_or_else(|| Arc::new(Schema::empty()), |place| Arc::clone(&SCHEMAS[place]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_says_what_it_means_and_where_that_comes_from_and_names_are_unique() {
        for &table in Table::ALL {
            let columns = columns(table);
            for (index, column) in columns.iter().enumerate() {
                assert!(column.meaning.ends_with('.'), "{}.{}", table.as_str(), column.name);
                assert!(!column.source.is_empty(), "{}.{}", table.as_str(), column.name);
                assert!(!column.null.ends_with('.'), "{}.{}", table.as_str(), column.name);
                assert!(columns[..index].iter().all(|other| other.name != column.name), "{}", column.name);
            }
            assert_eq!(schema(table).fields().len(), columns.len());
        }
    }

    #[test]
    fn a_quantity_carries_its_unit_in_its_name() {
        for &table in Table::ALL {
            for column in columns(table) {
                for (ending, unit) in [("_wh", "Wh"), ("_w", "W"), ("_pct", "%")] {
                    assert!(!column.name.ends_with(ending) || column.unit == unit, "{}", column.name);
                }
            }
        }
    }
}
