//! Inputs that once broke something, each in a folder whose name tells what: they are read again, whole and in pieces.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod equations;

use std::panic::catch_unwind;
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
