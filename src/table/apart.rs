//! A table's columns of words, for who takes them over: what the words are, and several tables of some columns each.

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_schema::{ArrowError, DataType};
use rustc_hash::FxHashSet;

/// The words of all columns of words, each once, in the order in which they are met batch by batch.
#[must_use]
pub fn words(batches: &[RecordBatch]) -> Vec<&str> {
    let columns = batches.iter().flat_map(RecordBatch::columns).filter_map(|column| column.as_dictionary_opt());
    let words = columns.flat_map(|column: &arrow_array::DictionaryArray<Int32Type>| {
        column.values().as_string_opt::<i32>().into_iter().flat_map(|words| words.iter().flatten())
    });
    let mut known = FxHashSet::default();
    words.filter(|&word| known.insert(word)).collect()
}

/// The columns as several tables, at most `parts` of them, in their order, with about as many columns of words each.
///
/// # Errors
/// If the batches are not of one table: a defect of ocpplog.
pub fn apart(batches: &[RecordBatch], parts: usize) -> Result<Vec<Vec<RecordBatch>>, ArrowError> {
    let Some(first) = batches.first() else { return Ok(Vec::new()) };
    let schema = first.schema_ref();
    let is_word = |column: usize| matches!(schema.field(column).data_type(), DataType::Dictionary(..));
    let all = (0..schema.fields().len()).filter(|&column| is_word(column)).count();
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); parts.clamp(1, all.max(1))];
    let (most, mut words) = (groups.len(), 0);
    for column in 0..schema.fields().len() {
        // What stands behind the last word goes with it.
        groups[(words * most / all.max(1)).min(most - 1)].push(column);
        words += usize::from(is_word(column));
    }
    let part = |columns: Vec<usize>| batches.iter().map(|batch| batch.project(&columns)).collect();
    groups.into_iter().filter(|columns| !columns.is_empty()).map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, DictionaryArray, Int64Array};
    use std::sync::Arc;

    fn batch(words: [&str; 2]) -> RecordBatch {
        let word = |word: &str| -> ArrayRef { Arc::new([word].into_iter().collect::<DictionaryArray<Int32Type>>()) };
        let number = || -> ArrayRef { Arc::new(Int64Array::from(vec![1])) };
        RecordBatch::try_from_iter([("a", number()), ("b", word(words[0])), ("c", word(words[1])), ("d", number())])
            .unwrap()
    }

    #[test]
    fn each_word_is_told_once_batch_by_batch() {
        assert_eq!(words(&[batch(["x", "y"]), batch(["y", "z"])]), ["x", "y", "z"]);
        assert!(words(&[]).is_empty());
    }

    #[test]
    fn parts_hold_all_columns_in_their_order_and_as_many_words() {
        let batches = [batch(["x", "y"]), batch(["y", "z"])];
        let names = |parts: usize| -> Vec<String> {
            let parts = apart(&batches, parts).unwrap();
            assert!(parts.iter().all(|part| part.len() == batches.len()));
            let names = |part: &Vec<RecordBatch>| {
                part[0].schema().fields().iter().map(|field| field.name().as_str()).collect::<String>()
            };
            parts.iter().map(names).collect()
        };
        assert_eq!(names(1), ["abcd"]);
        assert_eq!(names(2), ["ab", "cd"]);
        assert_eq!(names(64), names(2));
        assert_eq!(names(0), names(1));
        assert!(apart(&[], 2).unwrap().is_empty());
    }
}
