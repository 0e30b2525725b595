//! What the tests over whole logs share.

#![allow(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{DurationMicrosecondType, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_schema::DataType;
use chrono::{DateTime, SecondsFormat};
use ocpplog::options::{Table, Tables};
use serde_json::{Value, json};

/// Every table there is.
pub(crate) fn all_tables() -> Tables {
    Tables::from_names(Table::ALL.iter().map(|table| table.as_str())).unwrap()
}

/// One cell as JSON.
pub(crate) fn cell(array: &dyn Array, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Utf8View => json!(array.as_string_view().value(row)),
        DataType::Utf8 => json!(array.as_string::<i32>().value(row)),
        DataType::Dictionary(..) => {
            let words = array.as_dictionary::<Int32Type>();
            cell(words.values(), words.key(row).unwrap())
        }
        DataType::Boolean => json!(array.as_boolean().value(row)),
        DataType::Int32 => json!(array.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => json!(array.as_primitive::<Int64Type>().value(row)),
        DataType::Float64 => json!(array.as_primitive::<Float64Type>().value(row)),
        DataType::Duration(_) => json!(array.as_primitive::<DurationMicrosecondType>().value(row) as f64 / 1e6),
        DataType::Timestamp(..) => {
            let time =
                DateTime::from_timestamp_micros(array.as_primitive::<TimestampMicrosecondType>().value(row)).unwrap();
            json!(time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
        }
        DataType::LargeList(_) => {
            let items = array.as_list::<i64>().value(row);
            (0..items.len()).map(|item| cell(&items, item)).collect()
        }
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            let pairs = fields.iter().zip(columns).map(|(field, column)| (field.name().clone(), cell(column, row)));
            Value::Object(pairs.collect())
        }
        other => panic!("no table has a column of type {other}"),
    }
}
