//! Tables in parts: batches of charge points give some rows each, which follow each other.

use super::assemble::{internal, rebuild_parts};
use super::read::{Findings, parse_parts, pool, read_parts};
use super::{Built, Progress};
use crate::error::{Error, Result};
use crate::input::Input;
use crate::options::{ReadOptions, Rules, Table, Tables};
use crate::rebuild::Observation;
use crate::table;
use arrow_array::{Array, RecordBatch, RecordBatchOptions};
use arrow_schema::ArrowError;
use rayon::prelude::*;
use std::sync::Arc;

/// The tables that were asked for, in the order of their declaration, each in one part or several.
pub type Parts = Vec<(Table, Vec<RecordBatch>)>;

/// Parts of so many rows are left as they are: putting them together would write all of them a second time.
const ENOUGH_ROWS: usize = 1 << 12;

/// Puts small parts together until they are large enough. There is one at least: a table without rows is a table all the same.
pub(super) fn together(
    table: Table,
    parts: impl Iterator<Item = RecordBatch>,
) -> std::result::Result<Vec<RecordBatch>, ArrowError> {
    let mut bundles: Vec<Vec<RecordBatch>> = Vec::new();
    let mut rows = 0;
    for part in parts {
        let count = part.num_rows();
        match bundles.last_mut() {
            Some(bundle) if rows < ENOUGH_ROWS => {
                bundle.push(part);
                rows += count;
            }
            _ => {
                bundles.push(vec![part]);
                rows = count;
            }
        }
    }
    if bundles.is_empty() {
        return Ok(vec![RecordBatch::new_empty(table::schema(table))]);
    }
    bundles.into_par_iter().map(|bundle| whole(table, bundle)).collect()
}

/// A table from its parts, its columns side by side.
fn whole(table: Table, mut parts: Vec<RecordBatch>) -> std::result::Result<RecordBatch, ArrowError> {
    if parts.len() == 1 {
        return Ok(parts.remove(0));
    }
    let schema = table::schema(table);
    let columns = (0..schema.fields().len())
        .into_par_iter()
        .map(|column| {
            let arrays: Vec<&dyn Array> = parts.iter().map(|part| part.column(column).as_ref()).collect();
            table::joined(schema.field(column).data_type(), &arrays)
        })
        .collect::<std::result::Result<Vec<_>, _>>()?;
    RecordBatch::try_new(schema, columns)
}

/// The tables, each in one part.
pub(super) fn built(parts: Parts) -> Result<Built> {
    parts.into_iter().map(|(table, parts)| Ok((table, whole(table, parts).map_err(internal)?))).collect()
}

/// Reads sources and rebuilds their tables.
///
/// # Errors
/// If an option cannot be used, a named file cannot be read, the caller stops the work, or the caller asked for an
/// error at bad data.
pub fn read(inputs: Vec<Input>, options: &ReadOptions, progress: &Progress) -> Result<Built> {
    let parts = read_parts(inputs, options, progress)?;
    pool(options.thread_count())?.install(|| built(parts))
}

/// Reads sources into the messages table, without pairing: the map side.
///
/// # Errors
/// As [`read`].
pub fn parse(inputs: Vec<Input>, options: &ReadOptions, progress: &Progress) -> Result<RecordBatch> {
    let (parts, _): (_, Findings) = parse_parts(inputs, options, progress)?;
    pool(options.thread_count())?.install(|| whole(Table::Messages, parts)).map_err(internal)
}

/// Rebuilds the tables from messages that were read before: the reduce side.
///
/// Each batch holds columns of the messages table; see [`table::Messages`] for what may be left out.
///
/// # Errors
/// If a column is missing or of an impossible type.
pub fn rebuild(
    batches: &[RecordBatch],
    asked: &Tables,
    observation: Option<Observation>,
    rules: &Rules,
    threads: usize,
    progress: &Progress,
) -> Result<Built> {
    let parts = rebuild_parts(batches, asked, observation, rules, threads, progress)?;
    pool(threads)?.install(|| built(parts))
}

/// The parts of a table with numbers in place of its words: `numbers` are those of [`table::words`], one for each.
///
/// # Errors
/// If there are not as many numbers as words (a defect of ocpplog), or there is no thread to work.
pub fn numbered(parts: Vec<RecordBatch>, numbers: &[u32], threads: usize) -> Result<Vec<RecordBatch>> {
    let words = table::words(&parts);
    if words.len() != numbers.len() {
        return Err(Error::Internal(format!("{} numbers for {} words", numbers.len(), words.len())));
    }
    let numbers: table::Numbers = words.into_iter().map(str::to_owned).zip(numbers.iter().copied()).collect();
    let Some(schema) = parts.first().map(|part| table::numbered_schema(part.schema_ref())) else { return Ok(parts) };
    let same = table::Same::default();
    let part = |part: RecordBatch| {
        let (_, columns, rows) = part.into_parts();
        let columns: std::result::Result<Vec<_>, _> =
            columns.into_par_iter().map(|column| table::numbered(column, &numbers, &same)).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(&schema), columns?, &options)
    };
    pool(threads)?.install(|| parts.into_par_iter().map(part).collect::<std::result::Result<_, _>>()).map_err(internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Account;
    use arrow_array::StringArray;
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Int32Type, Int64Type, UInt32Type};

    /// A table of so many rows, which are numbered on from `first`.
    fn rows(first: i64, count: usize) -> RecordBatch {
        let account = |messages| Account { name: format!("{messages}.log"), messages, ..Account::default() };
        let accounts: Vec<Account> = (first..).take(count).map(account).collect();
        table::accounting(&accounts).unwrap()
    }

    #[test]
    fn small_parts_are_put_together_in_their_order_and_large_ones_stay() {
        let sizes = |counts: &[usize]| -> Vec<usize> {
            let mut first = 0;
            let parts: Vec<RecordBatch> = (counts.iter())
                .map(|&count| {
                    first += count as i64;
                    rows(first - count as i64, count)
                })
                .collect();
            let parts = together(Table::Accounting, parts.into_iter()).unwrap();
            let numbers = parts.iter().flat_map(|part| {
                let column = part.column_by_name("messages").unwrap();
                column.as_primitive::<Int64Type>().values().to_vec()
            });
            assert!(numbers.eq(0..first));
            parts.iter().map(RecordBatch::num_rows).collect()
        };
        assert_eq!(sizes(&[ENOUGH_ROWS, ENOUGH_ROWS + 1]), [ENOUGH_ROWS, ENOUGH_ROWS + 1]);
        assert_eq!(sizes(&[3, 4, ENOUGH_ROWS, 5, 0]), [ENOUGH_ROWS + 7, 5]);
        assert_eq!(sizes(&[0]), [0]);
        assert_eq!(sizes(&[]), [0], "a table without rows is a table all the same");
    }

    #[test]
    fn words_give_way_to_numbers_in_every_part_with_any_number_of_threads() {
        let parts = || vec![rows(0, 3), rows(3, 2)];
        let words = parts();
        let words = table::words(&words);
        assert!(words.len() > 1, "{words:?}");
        let numbers: Vec<u32> = (100..).take(words.len()).collect();
        let one = numbered(parts(), &numbers, 1).unwrap();
        assert_eq!(one, numbered(parts(), &numbers, 4).unwrap());
        assert!(one.iter().map(RecordBatch::num_rows).eq([3, 2]));
        assert!(table::words(&one).is_empty());
        for (part, numbered) in parts().iter().zip(&one) {
            for (column, found) in part.columns().iter().zip(numbered.columns()) {
                let Some(column) = column.as_dictionary_opt::<Int32Type>() else { continue };
                let column = column.downcast_dict::<StringArray>().unwrap();
                let number = |word: &str| words.iter().position(|&known| known == word).map(|place| numbers[place]);
                let expected: Vec<_> = column.into_iter().map(|word| word.and_then(number)).collect();
                assert_eq!(found.as_primitive::<UInt32Type>().iter().collect::<Vec<_>>(), expected);
            }
        }
        assert!(numbered(parts(), &numbers[1..], 1).unwrap_err().to_string().contains("numbers"));
        assert!(numbered(Vec::new(), &[], 1).unwrap().is_empty());
    }
}
