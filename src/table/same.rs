//! Columns that say the same in every row. One piece of memory serves all batches: what is not written need not be given
//! out by the system either.

use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, Int32Array, StringArray, StringViewArray, UInt32Array};
use arrow_buffer::OffsetBuffer;
use rustc_hash::FxHashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// How many rows a piece has; a longer column gets memory of its own.
const ROWS: usize = 1 << 16;

static NO_TEXTS: LazyLock<StringViewArray> = LazyLock::new(|| StringViewArray::new_null(ROWS));
static NO_ITEMS: LazyLock<OffsetBuffer<i64>> = LazyLock::new(|| OffsetBuffer::new_zeroed(ROWS));
/// Of the numbers that most EVSEs and connectors have.
static NUMBERS: [LazyLock<Int32Array>; 3] =
    [LazyLock::new(|| piece(0)), LazyLock::new(|| piece(1)), LazyLock::new(|| piece(2))];

/// Some word; its rows are not looked at again when another one stands in its place.
static ONE_WORD: LazyLock<DictionaryArray<Int32Type>> =
    LazyLock::new(|| DictionaryArray::new(piece(0), Arc::new(StringArray::from(vec![""]))));

fn piece(number: i32) -> Int32Array {
    vec![number; ROWS].into()
}

/// Texts that are all null.
pub(super) fn no_texts(rows: usize) -> StringViewArray {
    if rows <= ROWS { NO_TEXTS.slice(0, rows) } else { StringViewArray::new_null(rows) }
}

/// The ends of lists that are all empty.
pub(super) fn no_items(rows: usize) -> OffsetBuffer<i64> {
    if rows <= ROWS { NO_ITEMS.slice(0, rows) } else { OffsetBuffer::new_zeroed(rows) }
}

/// Whether a column has one word, in all of its rows.
pub(super) fn is_one_word(words: &DictionaryArray<Int32Type>) -> bool {
    words.values().len() == 1 && words.keys().null_count() == 0
}

/// The only word of a column, in so many rows.
pub(super) fn one_word(words: &DictionaryArray<Int32Type>, rows: usize) -> ArrayRef {
    let word = Arc::clone(words.values());
    if rows > ROWS {
        return Arc::new(DictionaryArray::new(numbers(0, rows), word));
    }
    Arc::new(ONE_WORD.slice(0, rows).with_values(word))
}

/// The number of a column that has one, the same in all of its rows.
pub(super) fn only_number(column: &Int32Array) -> Option<i32> {
    let (&first, others) = column.values().split_first()?;
    (column.null_count() == 0 && others.iter().all(|&other| other == first)).then_some(first)
}

/// So many rows of a number.
pub(super) fn numbers(number: i32, rows: usize) -> Int32Array {
    match usize::try_from(number).ok().and_then(|place| NUMBERS.get(place)) {
        Some(piece) if rows <= ROWS => piece.slice(0, rows),
        _ => vec![number; rows].into(),
    }
}

/// Numbers that stand in all rows of a column, by the number.
#[derive(Debug, Default)]
pub struct Same(Mutex<FxHashMap<u32, UInt32Array>>);

impl Same {
    /// So many rows of a number.
    pub(super) fn rows(&self, number: u32, rows: usize) -> ArrayRef {
        let of = |rows: usize| UInt32Array::from(vec![number; rows]);
        if rows > ROWS {
            return Arc::new(of(rows));
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::new(known.entry(number).or_insert_with(|| of(ROWS)).slice(0, rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::cast::AsArray;

    #[test]
    fn columns_of_any_length_say_the_same_in_every_row() {
        let same = Same::default();
        for rows in [0, 1, 64, ROWS - 1, ROWS, ROWS + 1] {
            assert_eq!(no_texts(rows), StringViewArray::new_null(rows));
            assert_eq!(no_items(rows), OffsetBuffer::new_zeroed(rows));
            for number in [-1, 0, 1, 2, 3, i32::MAX] {
                let numbers = numbers(number, rows);
                assert_eq!(numbers, Int32Array::from(vec![number; rows]));
                assert_eq!(only_number(&numbers), (rows > 0).then_some(number));
            }
            let word: DictionaryArray<Int32Type> = ["Outlet"].into_iter().collect();
            let column = one_word(&word, rows);
            let expected = DictionaryArray::<Int32Type>::new(vec![0; rows].into(), Arc::clone(word.values()));
            assert_eq!(column.as_dictionary::<Int32Type>(), &expected);
            for number in [0, 7, u32::MAX] {
                assert_eq!(same.rows(number, rows).as_ref(), &UInt32Array::from(vec![number; rows]) as &dyn Array);
            }
        }
    }

    #[test]
    fn a_column_with_two_numbers_or_a_null_has_no_only_one() {
        assert_eq!(only_number(&Int32Array::from(vec![1, 1, 2])), None);
        assert_eq!(only_number(&Int32Array::from(vec![Some(0), None])), None);
        assert_eq!(only_number(&Int32Array::new_null(2)), None);
    }

    #[test]
    fn short_columns_share_their_memory() {
        let same = Same::default();
        let memory = |column: ArrayRef| column.to_data().buffers()[0].as_ptr();
        assert_eq!(memory(same.rows(7, 10)), memory(same.rows(7, 20)));
        assert_ne!(memory(same.rows(7, 10)), memory(same.rows(8, 10)));
        assert_eq!(numbers(1, 10).values().as_ptr(), numbers(1, 20).values().as_ptr());
    }
}
