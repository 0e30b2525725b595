//! Tables in parts: batches of charge points give some rows each, which follow each other.

use super::assemble::{internal, rebuild_parts};
use super::read::{Findings, parse_parts, read_parts};
use super::{Built, Progress};
use crate::error::Result;
use crate::input::Input;
use crate::options::{ReadOptions, Rules, Table, Tables};
use crate::rebuild::Observation;
use crate::table;
use arrow_array::{Array, RecordBatch};
use arrow_schema::ArrowError;
use rayon::prelude::*;

/// The tables that were asked for, in the order of their declaration, each in one part or several.
pub type Parts = Vec<(Table, Vec<RecordBatch>)>;

/// Parts of so many rows are left as they are: putting them together would write all of them a second time.
const ENOUGH_ROWS: usize = 1 << 14;

/// Puts small parts together until they are large enough. None is lost, and there is one at least where there was one.
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
    read_parts(inputs, options, progress).and_then(built)
}

/// Reads sources into the messages table, without pairing: the map side.
///
/// # Errors
/// As [`read`].
pub fn parse(inputs: Vec<Input>, options: &ReadOptions, progress: &Progress) -> Result<RecordBatch> {
    let (parts, _): (_, Findings) = parse_parts(inputs, options, progress)?;
    whole(Table::Messages, parts).map_err(internal)
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
    rebuild_parts(batches, asked, observation, rules, threads, progress).and_then(built)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: usize) -> RecordBatch {
        let blank = RecordBatch::new_empty(table::schema(Table::Messages));
        let columns = blank.columns().iter().map(|column| arrow_array::new_null_array(column.data_type(), count));
        let fields: Vec<_> =
            blank.schema().fields().iter().map(|field| field.as_ref().clone().with_nullable(true)).collect();
        RecordBatch::try_new(arrow_schema::Schema::new(fields).into(), columns.collect()).unwrap()
    }

    #[test]
    fn small_parts_are_put_together_and_large_ones_stay() {
        let sizes = |counts: &[usize]| -> Vec<usize> {
            let parts = counts.iter().map(|&count| rows(count));
            together(Table::Messages, parts).unwrap().iter().map(RecordBatch::num_rows).collect()
        };
        assert_eq!(sizes(&[ENOUGH_ROWS, ENOUGH_ROWS + 1]), [ENOUGH_ROWS, ENOUGH_ROWS + 1]);
        assert_eq!(sizes(&[0]), [0]);
        assert!(sizes(&[]).is_empty());
    }
}
