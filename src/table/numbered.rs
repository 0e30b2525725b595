//! A table's columns of words, for a library that has a number of its own for every word: what the words are, and the
//! columns with those numbers in place of the words.

use super::same::{Same, is_one_word};
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, RecordBatch, UInt32Array};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// Words and the numbers of them.
pub type Numbers = FxHashMap<String, u32>;

/// The words of all columns of words, each once, in the order in which they are met batch by batch.
#[must_use]
pub fn words(batches: &[RecordBatch]) -> Vec<&str> {
    let columns = batches.iter().flat_map(RecordBatch::columns).filter_map(|column| column.as_dictionary_opt());
    let words = columns.flat_map(|column: &DictionaryArray<Int32Type>| {
        column.values().as_string_opt::<i32>().into_iter().flat_map(|words| words.iter().flatten())
    });
    let mut known = FxHashSet::default();
    words.filter(|&word| known.insert(word)).collect()
}

/// The schema of a table whose words are numbers.
#[must_use]
pub fn numbered_schema(schema: &Schema) -> SchemaRef {
    let field = |field: &Arc<Field>| match field.data_type() {
        DataType::Dictionary(..) => Arc::new(field.as_ref().clone().with_data_type(DataType::UInt32)),
        _ => Arc::clone(field),
    };
    Arc::new(Schema::new(schema.fields().iter().map(field).collect::<Vec<_>>()))
}

/// A column with the numbers of its words; one without words as it is. If nobody else holds it, its memory is used again,
/// and columns with the same word in all rows share that of `same`.
///
/// # Errors
/// If a word has no number: a defect of ocpplog.
pub fn numbered(column: ArrayRef, numbers: &Numbers, same: &Same) -> Result<ArrayRef, ArrowError> {
    let Some(words) = column.as_dictionary_opt::<Int32Type>().cloned() else { return Ok(column) };
    drop(column);
    let one_word = is_one_word(&words);
    let (keys, words) = words.into_parts();
    let number = |word: Option<&str>| {
        let found = word.and_then(|word| numbers.get(word));
        found.copied().ok_or_else(|| ArrowError::InvalidArgumentError(format!("{word:?} has no number")))
    };
    let numbers = words.as_string::<i32>().iter().map(number).collect::<Result<Vec<u32>, _>>()?;
    if let (true, &[number]) = (one_word, numbers.as_slice())
        && let Some(column) = same.rows(number, keys.len())
    {
        return Ok(column);
    }
    // What stands behind a null may be no key at all.
    let of = |key: i32| numbers.get(key as usize).map_or(0, |&number| number as i32);
    let keys = keys.unary_mut(of);
    let keys = keys.unwrap_or_else(|shared| shared.unary(of));
    let (_, values, nulls) = keys.into_parts();
    // The same bytes, without a sign.
    Ok(Arc::new(UInt32Array::new(values.into_inner().into(), nulls)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::Int64Array;
    use arrow_array::types::UInt32Type;

    fn word(words: &[Option<&str>]) -> ArrayRef {
        Arc::new(words.iter().copied().collect::<DictionaryArray<Int32Type>>())
    }

    fn batch(words: [&str; 2]) -> RecordBatch {
        let number = || -> ArrayRef { Arc::new(Int64Array::from(vec![1])) };
        let columns =
            [("a", number()), ("b", word(&[Some(words[0])])), ("c", word(&[Some(words[1])])), ("d", number())];
        RecordBatch::try_from_iter(columns).unwrap()
    }

    #[test]
    fn each_word_is_told_once_batch_by_batch() {
        assert_eq!(words(&[batch(["x", "y"]), batch(["y", "z"])]), ["x", "y", "z"]);
        assert!(words(&[]).is_empty());
    }

    #[test]
    fn words_give_way_to_their_numbers_and_nulls_stay() {
        let numbers: Numbers = [("x".to_owned(), 7), ("y".to_owned(), u32::MAX)].into_iter().collect();
        let found = |column: ArrayRef| -> Vec<Option<u32>> {
            numbered(column, &numbers, &Same::default()).unwrap().as_primitive::<UInt32Type>().iter().collect()
        };
        assert_eq!(
            found(word(&[Some("y"), None, Some("x"), Some("y")])),
            [Some(u32::MAX), None, Some(7), Some(u32::MAX)]
        );
        assert_eq!(found(word(&[Some("x"), None, Some("x")])), [Some(7), None, Some(7)]);
        assert_eq!(found(word(&[Some("x"), Some("x")])), [Some(7), Some(7)]);
        assert_eq!(found(word(&[None, None])), [None, None]);
        assert_eq!(found(word(&[])), []);
    }

    #[test]
    fn a_column_that_somebody_else_holds_stays_as_it_is_for_them() {
        let numbers: Numbers = [("x".to_owned(), 7)].into_iter().collect();
        let column = word(&[Some("x"), None]);
        let held = Arc::clone(&column);
        let mine = numbered(column, &numbers, &Same::default()).unwrap();
        assert_eq!(mine.as_primitive::<UInt32Type>().iter().collect::<Vec<_>>(), [Some(7), None]);
        assert_eq!(held.as_dictionary::<Int32Type>().keys().iter().collect::<Vec<_>>(), [Some(0), None]);
    }

    #[test]
    fn other_columns_stay_and_an_unknown_word_is_an_error() {
        let column: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        assert!(Arc::ptr_eq(&numbered(Arc::clone(&column), &Numbers::default(), &Same::default()).unwrap(), &column));
        assert!(
            numbered(word(&[Some("x")]), &Numbers::default(), &Same::default())
                .unwrap_err()
                .to_string()
                .contains("\"x\"")
        );
    }

    #[test]
    fn the_schema_tells_which_columns_are_numbers_now() {
        let schema = numbered_schema(batch(["x", "y"]).schema_ref());
        let types: Vec<_> = schema.fields().iter().map(|field| field.data_type().clone()).collect();
        assert_eq!(types, [DataType::Int64, DataType::UInt32, DataType::UInt32, DataType::Int64]);
    }
}
