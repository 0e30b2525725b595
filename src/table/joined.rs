//! The parts of a column, put together.

use super::build::Dictionary;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, Int32Array};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer};
use arrow_schema::{ArrowError, DataType};
use std::sync::Arc;

/// A column from its parts, the same as if it had been built at once.
///
/// # Errors
/// If the parts are not of this type: a defect of ocpplog.
pub fn joined(dtype: &DataType, parts: &[&dyn Array]) -> Result<ArrayRef, ArrowError> {
    match dtype {
        DataType::Dictionary(..) => Ok(words(parts)),
        _ => arrow_select::concat::concat(parts),
    }
}

/// A column of words: each part counts its words in the order of their first use, and so does the whole.
fn words(parts: &[&dyn Array]) -> ArrayRef {
    let mut dictionary = Dictionary::default();
    let rows = parts.iter().map(|part| part.len()).sum();
    let mut keys: Vec<i32> = Vec::with_capacity(rows);
    for part in parts {
        let part = part.as_dictionary::<Int32Type>();
        let known: Vec<i32> =
            part.values().as_string::<i32>().iter().map(|word| dictionary.key(word.unwrap_or_default())).collect();
        let values = part.keys().values();
        if known.iter().zip(0..).all(|(&key, place)| key == place) {
            // As the parts before it counted them.
            keys.extend_from_slice(values);
        } else {
            keys.extend(values.iter().map(|&key| known.get(key as usize).copied().unwrap_or_default()));
        }
    }
    let nulls = parts.iter().any(|part| part.null_count() > 0).then(|| {
        let mut valid = BooleanBufferBuilder::new(rows);
        for part in parts {
            match part.nulls() {
                Some(nulls) => valid.append_buffer(nulls.inner()),
                None => valid.append_n(part.len(), true),
            }
        }
        NullBuffer::new(valid.finish())
    });
    Arc::new(dictionary.column(Int32Array::new(keys.into(), nulls)))
}
