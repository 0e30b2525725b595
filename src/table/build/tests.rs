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

/// Columns of a table of meter values, as many rows as `runs` have, each built by `fill` and put in those rows.
fn in_runs(runs: &[usize], fill: impl Fn(&mut Columns<'_>)) -> [Vec<ArrayRef>; 2] {
    let places: UInt32Array = (0..).zip(runs).flat_map(|(place, &run)| repeat_n(place, run)).collect();
    let (mut repeated, mut spread) = (Columns::of(Table::MeterValues), Columns::of(Table::MeterValues));
    for columns in [&mut repeated, &mut spread] {
        // The first column is no concern here.
        columns.text("charge_point_id", repeat_n(Some("CP1"), places.len()));
    }
    repeated.repeat(runs, &places, |columns| fill(columns)).unwrap();
    spread.spread(&places, |columns| fill(columns)).unwrap();
    [repeated.arrays.split_off(1), spread.arrays.split_off(1)]
}

#[test]
fn a_column_that_says_the_same_in_every_row_is_the_column_that_it_would_be_otherwise() {
    let runs = [3, 1, 0, 200];
    for numbers in [[Some(1); 4], [Some(7); 4], [Some(1), Some(1), Some(1), Some(2)], [None; 4]] {
        let fill = |columns: &mut Columns<'_>| columns.int("evse_id", numbers.into_iter());
        let expected: Int32Array = numbers.iter().zip(runs).flat_map(|(&number, run)| repeat_n(number, run)).collect();
        for columns in in_runs(&runs, fill) {
            assert_eq!(columns[0].as_ref(), &expected as &dyn Array);
        }
    }
    for words in
        [[Some("a"); 4], [Some("a"), None, Some("a"), Some("a")], [Some("a"), Some("b"), None, Some("b")], [None; 4]]
    {
        let fill = |columns: &mut Columns<'_>| {
            columns.int("evse_id", repeat_n(None, 4));
            columns.int("connector_id", repeat_n(None, 4));
            columns.text("transaction_id", repeat_n(None, 4));
            columns.word("link", words.into_iter());
        };
        let expected: Vec<Option<&str>> = words.iter().zip(runs).flat_map(|(&word, run)| repeat_n(word, run)).collect();
        for columns in in_runs(&runs, fill) {
            let column = columns[3].as_dictionary::<Int32Type>();
            let found: Vec<_> = column.downcast_dict::<StringArray>().unwrap().into_iter().collect();
            assert_eq!(found, expected);
        }
    }
}
