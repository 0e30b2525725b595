use super::*;

/// Values of which every `nth` one is missing, so many that words of a bitmap begin and end among them.
fn some<T>(rows: usize, nth: usize, value: impl Fn(usize) -> T) -> Vec<Option<T>> {
    (0..rows).map(|row| (row % nth != nth - 1).then(|| value(row))).collect()
}

const LENGTHS: [usize; 7] = [0, 1, 63, 64, 65, 128, 200];

#[test]
fn numbers_truths_and_keys_are_those_that_were_given_and_nulls_cost_a_bitmap_only_where_there_are_any() {
    for rows in LENGTHS {
        for nth in [2, 7, usize::MAX] {
            let longs = some(rows, nth, |row| row as i64);
            let array = numbers::<Int64Type>(longs.iter().copied());
            assert_eq!(array, PrimitiveArray::<Int64Type>::from(longs.clone()), "{rows} rows");
            assert_eq!(array.nulls().is_some(), longs.contains(&None), "{rows} rows");
            let flips = some(rows, nth, |row| row % 3 == 0);
            assert_eq!(truths(flips.iter().copied()), BooleanArray::from(flips.clone()), "{rows} rows");
            let places = some(rows, nth, |row| row as i32 % 5);
            assert_eq!(keys(places.iter().copied()), Int32Array::from(places.clone()), "{rows} rows");
        }
    }
}

#[test]
fn texts_that_come_again_are_the_same_texts_wherever_they_lie() {
    let words = ["a text that is too long to stand in a view", "short", "", "another text that is too long for it"];
    for run in [1, 2, 5] {
        let copies: Vec<Option<String>> = some(60, 9, |row| words[row / run % words.len()].to_owned());
        let apart = texts(copies.iter().map(|text| text.as_deref()));
        assert_eq!(apart, copies.iter().map(|text| text.as_deref()).collect::<StringViewArray>());
        // The same texts from one place give the same bytes, too.
        let place = |text: &Option<String>| words.into_iter().find(|word| text.as_deref() == Some(word));
        let together = texts(copies.iter().map(place));
        assert_eq!((apart.views(), apart.data_buffers()), (together.views(), together.data_buffers()));
    }
    for rows in [0, 3] {
        let nulls = texts((0..rows).map(|_| None));
        assert_eq!((nulls.len(), nulls.null_count()), (rows, rows));
    }
}

#[test]
fn a_run_of_rows_has_the_value_of_its_first() {
    let runs = [3, 1, 70, 2];
    for values in [vec![Some(1), None, Some(3), Some(4)], vec![Some(1), Some(2), Some(3), Some(4)]] {
        let each = values.iter().zip(runs).flat_map(|(&value, run)| repeat_n(value, run));
        let expected: PrimitiveArray<Int64Type> = each.collect();
        assert_eq!(repeated(&PrimitiveArray::<Int64Type>::from(values.clone()), &runs), expected);
    }
}

#[test]
fn words_have_their_keys_in_the_order_of_first_use() {
    let column = words([Some("b"), Some("b"), None, Some("a"), Some("b")].into_iter());
    assert_eq!(column.values().as_string::<i32>().iter().flatten().collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(column.keys(), &Int32Array::from(vec![Some(0), Some(0), None, Some(1), Some(0)]));
}
