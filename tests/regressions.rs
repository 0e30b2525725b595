//! Inputs that once broke something, each in a folder whose name tells what: they are read again, whole and in pieces.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod equations;

use ocpplog::options::Table;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

#[test]
fn what_once_broke_something_is_read_and_accounted_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/regressions");
    let mut replayed = 0;
    for folder in std::fs::read_dir(root).expect("there are regressions").flatten() {
        for file in std::fs::read_dir(folder.path()).expect("each has its folder").flatten() {
            let bytes = std::fs::read(file.path()).expect("a regression can be read");
            let name = file.file_name().to_string_lossy().into_owned();
            assert!(catch_unwind(|| equations::hold(&name, &bytes)).is_ok(), "{}", file.path().display());
            replayed += 1;
        }
    }
    assert!(replayed > 0, "nothing was replayed");
}

#[test]
fn a_row_that_is_lost_breaks_an_equation() {
    let stories = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/stories");
    for (story, table) in [
        ("plain_16", Table::Transactions),
        ("plain_16", Table::MeterValues),
        ("plain_16", Table::Boots),
        ("retry_same_id", Table::Transactions),
        ("retry_new_id", Table::Unmatched),
        ("two_connectors_minus_one", Table::Unmatched),
        ("authorization_outcomes", Table::Authorizations),
        ("status_repeated", Table::StatusIntervals),
        ("firmware_verified", Table::FirmwareUpdates),
    ] {
        let bytes = std::fs::read(stories.join(story).join("log.txt")).expect("it is a story");
        let whole = equations::tables(story, &bytes, &equations::options(None));
        equations::conserve(&whole);
        let mut tampered = whole.clone();
        for (_, batch) in tampered.iter_mut().filter(|(name, _)| *name == table) {
            *batch = batch.slice(0, batch.num_rows() - 1);
        }
        assert!(
            catch_unwind(AssertUnwindSafe(|| equations::conserve(&tampered))).is_err(),
            "{story}: a row of {table:?} is missed"
        );
    }
}
