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

/// Numbers that stand in all rows of a column, by the number: the longest such column, once there were two.
#[derive(Debug, Default)]
pub struct Same(Mutex<FxHashMap<u32, UInt32Array>>);

impl Same {
    /// So many rows of a number, if it was met before: many a number is met once, and its column has memory already.
    pub(super) fn rows(&self, number: u32, rows: usize) -> Option<ArrayRef> {
        if rows > ROWS {
            return None;
        }
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known().get(&number).cloned();
        match before {
            Some(column) if column.len() >= rows => return Some(Arc::new(column.slice(0, rows))),
            Some(_) => {}
            None => {
                known().insert(number, UInt32Array::new_null(0));
                return None;
            }
        }
        // Others need not wait meanwhile; if two are made, one of them is kept.
        let column = UInt32Array::from(vec![number; rows.next_power_of_two()]);
        let found: ArrayRef = Arc::new(column.slice(0, rows));
        known().insert(number, column);
        Some(found)
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
                let expected = UInt32Array::from(vec![number; rows]);
                // The first time and for longer columns there is none.
                let found = [(); 2].map(|()| same.rows(number, rows));
                let found: Vec<_> = found.into_iter().flatten().collect();
                assert_eq!(found.is_empty(), rows > ROWS);
                assert!(found.iter().all(|found| found.as_ref() == &expected as &dyn Array), "{rows} times {number}");
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
        let memory = |number: u32, rows: usize| {
            let column = same.rows(number, rows)?;
            Some(column.to_data().buffers()[0].as_ptr())
        };
        assert_eq!([memory(7, 20), memory(8, 20)], [None; 2], "nothing is kept of what is met once");
        assert!(memory(7, 20).is_some());
        assert_eq!(memory(7, 10), memory(7, 20));
        assert_ne!(memory(7, 10), memory(8, 10));
        assert_eq!(numbers(1, 10).values().as_ptr(), numbers(1, 20).values().as_ptr());
    }
}
