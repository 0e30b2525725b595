//! Reads one log with one thread and tells what became of its lines: the whole way and nothing else. `make instructions`
//! counts the instructions of it, since those, unlike seconds, are the same on a busy machine.

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use ocpplog::input::Input;
use ocpplog::options::{ReadOptions, Table};
use ocpplog::pipeline::{Progress, read_parts};

#[expect(clippy::print_stdout, reason = "the counts are what the program is for")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: read_log LOG")?;
    let options = ReadOptions { threads: Some(1), ..ReadOptions::default() };
    let tables = read_parts(vec![Input::Path(path.into())], &options, &Progress::default())?;
    for (table, rows) in &tables {
        println!("{}: {} rows", table.as_str(), rows.iter().map(RecordBatch::num_rows).sum::<usize>());
    }
    let accounting = tables.iter().find(|(table, _)| *table == Table::Accounting).and_then(|(_, rows)| rows.first());
    for name in ["lines", "message_lines", "rejected_lines", "messages"] {
        let column = accounting.and_then(|rows| rows.column_by_name(name)).ok_or("accounting lacks a column")?;
        println!("{name}: {}", column.as_primitive::<Int64Type>().iter().flatten().sum::<i64>());
    }
    Ok(())
}
