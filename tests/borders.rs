//! The borders of the house: which module may use which. A breach fails here, not in a review.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};

/// Modules below everything else: they may use each other.
const BASE: &[&str] = &["error", "flag", "json", "number", "options", "position", "reject", "term", "time"];

/// A module, the modules of the crate it may use besides [`BASE`], and the crates it must not name.
const BORDERS: &[(&str, &[&str], &[&str])] = &[
    ("error", &[], &["serde_json", "arrow_array", "rayon", "pyo3"]),
    ("flag", &[], &["serde_json", "arrow_array", "rayon", "pyo3"]),
    ("json", &[], &["arrow_array", "rayon", "pyo3"]),
    ("number", &[], &["serde_json", "arrow_array", "rayon", "pyo3"]),
    ("options", &[], &["serde_json", "arrow_array", "rayon", "pyo3"]),
    ("position", &[], &["serde_json", "arrow_array", "rayon", "pyo3"]),
    ("reject", &[], &["serde_json", "arrow_array", "rayon", "pyo3"]),
    ("term", &[], &["serde_json", "arrow_array", "rayon", "pyo3"]),
    ("time", &[], &["serde_json", "arrow_array", "rayon", "pyo3"]),
    ("account", &[], &["serde_json", "arrow_array", "rayon", "pyo3"]),
    ("input", &["input"], &["serde_json", "arrow_array", "arrow_schema", "rayon", "pyo3"]),
    ("layout", &["layout"], &["serde_json", "arrow_array", "arrow_schema", "rayon", "pyo3", "std::fs"]),
    ("message", &["message"], &["arrow_array", "arrow_schema", "rayon", "pyo3", "std::fs", "SystemTime"]),
    ("event", &["event", "message"], &["arrow_array", "arrow_schema", "rayon", "pyo3", "std::fs", "SystemTime"]),
    (
        "rebuild",
        &["rebuild", "event", "message"],
        &["serde_json", "arrow_array", "arrow_schema", "rayon", "pyo3", "std::fs", "SystemTime"],
    ),
    ("table", &["table", "rebuild", "event", "message", "account", "input"], &["rayon", "pyo3", "std::fs"]),
    ("pipeline", &["pipeline", "table", "rebuild", "event", "message", "layout", "input", "account"], &["pyo3"]),
    ("python", &["python", "pipeline", "table", "layout", "input", "rebuild"], &["rayon"]),
];

fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_path_buf()];
    }
    let mut found: Vec<PathBuf> = fs::read_dir(path)
        .map(|entries| entries.flatten().flat_map(|entry| files(&entry.path())).collect())
        .unwrap_or_default();
    found.retain(|file| file.extension().is_some_and(|ending| ending == "rs"));
    found
}

/// The files of a module, those of its tests left out.
fn module_files(module: &str) -> Vec<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = files(&source.join(module));
    found.extend(files(&source.join(format!("{module}.rs"))));
    found.retain(|file| !file.ends_with("tests.rs") && !file.ends_with("testing.rs"));
    found
}

/// The lines that are code outside of tests.
fn code(file: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(file).expect("a source file can be read");
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(number, line)| (number + 1, line.to_owned()))
        .collect()
}

/// Whether a line has a word that does not go on to the left.
fn names(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| !line[..at].ends_with(|letter: char| letter.is_ascii_alphanumeric()))
}

/// The modules of the crate that a line names.
fn named(line: &str) -> Vec<&str> {
    line.match_indices("crate::")
        .map(|(at, prefix)| {
            let rest = &line[at + prefix.len()..];
            let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(rest.len());
            &rest[..end]
        })
        .collect()
}

#[test]
fn every_module_keeps_to_its_borders() {
    let mut breaches = Vec::new();
    for &(module, may_use, never) in BORDERS {
        let found = module_files(module);
        assert!(!found.is_empty(), "the module {module} has no file");
        for file in found {
            for (number, line) in code(&file) {
                let place = format!("{}:{number}", file.display());
                for other in named(&line) {
                    if !BASE.contains(&other) && !may_use.contains(&other) && !other.is_empty() {
                        breaches.push(format!("{place}: {module} uses {other}"));
                    }
                }
                for word in never {
                    if names(&line, word) {
                        breaches.push(format!("{place}: {module} names {word}"));
                    }
                }
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn every_module_has_borders() {
    let library =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).expect("lib.rs can be read");
    for line in library.lines() {
        let Some(module) = line.strip_prefix("pub mod ").or_else(|| line.strip_prefix("mod ")) else {
            continue;
        };
        let module = module.trim_end_matches(';');
        assert!(BORDERS.iter().any(|border| border.0 == module), "{module} has no borders");
    }
}

#[test]
fn unsafe_code_stands_in_one_file() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let guilty: Vec<_> = files(&source)
        .into_iter()
        .filter(|file| code(file).iter().any(|(_, line)| line.contains("unsafe {") || line.contains("unsafe fn")))
        .collect();
    assert_eq!(guilty, [source.join("python/stream.rs")]);
}

#[test]
fn rebuild_knows_no_version_by_name() {
    for file in module_files("rebuild") {
        for (number, line) in code(&file) {
            assert!(!line.contains("is_v1()") && !line.contains("Version::V"), "{}:{number}: {line}", file.display());
        }
    }
}
