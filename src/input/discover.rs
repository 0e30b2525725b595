//! From what was asked for to the list of sources, each once and in one order.

use super::natural::natural_order;
use super::{Input, Kind, Source};
use crate::error::{Error, Result};
use crate::reject::Reason;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// The sources behind `inputs`, in natural order of their names, each file once.
///
/// A path that exists is taken as it is, whatever characters it has; any other one is a pattern.
///
/// # Errors
/// If a path does not exist and as a pattern matches nothing, or cannot be looked at.
pub fn discover(inputs: Vec<Input>) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for input in inputs {
        match input {
            Input::Bytes { name, data } => sources.push(Source::new(name, Kind::Bytes(data))),
            Input::Reader { name, reader } => sources.push(Source::new(name, Kind::Reader(reader))),
            Input::Replay { name, open } => sources.push(Source::new(name, Kind::Replay(open))),
            Input::Path(path) => add_path(&path, &mut sources)?,
        }
    }
    sources.sort_by(|a, b| natural_order(&a.name, &b.name));
    Ok(once(sources))
}

/// Each file once: a name that comes twice is dropped, another name of the same file stays as a row that says so.
fn once(sources: Vec<Source>) -> Vec<Source> {
    let mut seen: HashMap<Identity, String> = HashMap::new();
    let mut kept = Vec::with_capacity(sources.len());
    for mut source in sources {
        let identity = match &source.kind {
            Kind::Path { path, .. } => identity(path),
            Kind::Refused(..) => Identity::Path(PathBuf::from(&source.name)),
            Kind::Bytes(_) | Kind::Reader(_) | Kind::Replay(_) => {
                kept.push(source);
                continue;
            }
        };
        match seen.entry(identity) {
            Entry::Vacant(place) => {
                place.insert(source.name.clone());
            }
            Entry::Occupied(first) if *first.get() == source.name => continue,
            Entry::Occupied(first) => {
                source.kind = Kind::Refused(Reason::DuplicateOf, format!("the same file as {}", first.get()));
            }
        }
        kept.push(source);
    }
    // A name that comes twice as a twin is one twin. Equal names stand side by side.
    kept.dedup_by(|later, before| later.name == before.name && later.is_refused() && before.is_refused());
    kept
}

#[derive(PartialEq, Eq, Hash)]
enum Identity {
    #[cfg(unix)]
    Inode(u64, u64),
    Path(PathBuf),
}

/// What two names of one file have in common.
fn identity(path: &Path) -> Identity {
    #[cfg(unix)]
    if let Ok(meta) = std::fs::metadata(path) {
        use std::os::unix::fs::MetadataExt as _;
        return Identity::Inode(meta.dev(), meta.ino());
    }
    Identity::Path(path.canonicalize().unwrap_or_else(|_| path.to_path_buf()))
}

fn add_path(path: &Path, sources: &mut Vec<Source>) -> Result<()> {
    match std::fs::metadata(path) {
        Ok(meta) if meta.is_dir() => walk(path, sources),
        Ok(meta) => sources.push(file_source(path, meta.is_file(), true)),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound || !is_plain(path) => {
            return add_pattern(path, sources);
        }
        Err(cause) => return Err(Error::Input { path: path.to_path_buf(), cause }),
    }
    Ok(())
}

fn is_plain(path: &Path) -> bool {
    !path.to_string_lossy().contains(['*', '?', '['])
}

fn file_source(path: &Path, regular: bool, named: bool) -> Source {
    let kind = if regular {
        Kind::Path { path: path.to_path_buf(), named }
    } else {
        Kind::Refused(Reason::NotRegular, "a pipe, a device or a socket".to_owned())
    };
    Source::new(shown(path), kind)
}

/// The path as tables show it.
fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}

/// Adds every file below `directory` that is not hidden. Links are followed; `walkdir` tells where they lead in a circle.
fn walk(directory: &Path, sources: &mut Vec<Source>) {
    let visible =
        |entry: &walkdir::DirEntry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.');
    for entry in WalkDir::new(directory).follow_links(true).into_iter().filter_entry(visible) {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {}
            Ok(entry) => sources.push(file_source(entry.path(), entry.file_type().is_file(), false)),
            Err(problem) if problem.loop_ancestor().is_some() => {}
            Err(problem) => {
                let name = problem.path().map_or_else(|| shown(directory), shown);
                let detail = problem.io_error().map_or_else(|| problem.to_string(), ToString::to_string);
                sources.push(Source::new(name, Kind::Refused(Reason::Io, detail)));
            }
        }
    }
}

fn add_pattern(path: &Path, sources: &mut Vec<Source>) -> Result<()> {
    let missing = |hint: String| Error::Missing { path: path.to_path_buf(), hint };
    if is_plain(path) {
        return Err(missing(hint(path)));
    }
    let options =
        glob::MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };
    let pattern = glob::Pattern::new(&path.to_string_lossy())
        .map_err(|problem| missing(format!(" (nor is it a pattern: {problem})")))?;
    let before = sources.len();
    for path in matching(path, &pattern, options) {
        match std::fs::metadata(&path) {
            Ok(meta) if meta.is_dir() => walk(&path, sources),
            Ok(meta) => sources.push(file_source(&path, meta.is_file(), false)),
            Err(cause) => sources.push(Source::new(shown(&path), Kind::Refused(Reason::Io, cause.to_string()))),
        }
    }
    if sources.len() == before {
        return Err(missing(" (as a pattern it matches nothing)".to_owned()));
    }
    Ok(())
}

/// The paths that a pattern means. The crate's own walk gives up on names that are not UTF-8; ours shows them with
/// their odd bytes replaced and goes on.
fn matching(path: &Path, pattern: &glob::Pattern, options: glob::MatchOptions) -> Vec<PathBuf> {
    let special = |part: &std::path::Component<'_>| part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    let parts: Vec<_> = path.components().collect();
    let fixed = parts.iter().position(special).unwrap_or(parts.len());
    let base: PathBuf = parts[..fixed].iter().collect();
    let root = if fixed == 0 { Path::new(".") } else { base.as_path() };
    let recursive = parts[fixed..].iter().any(|part| part.as_os_str() == "**");
    let depth = if recursive { usize::MAX } else { parts.len() - fixed };
    WalkDir::new(root)
        .max_depth(depth)
        .follow_links(true)
        .sort_by_file_name()
        .into_iter()
        .flatten()
        .map(|entry| {
            if fixed == 0 {
                entry.path().strip_prefix(".").unwrap_or(entry.path()).to_path_buf()
            } else {
                entry.into_path()
            }
        })
        .filter(|found| pattern.matches_with(&found.to_string_lossy(), options))
        .collect()
}

/// What may help with a path that does not exist.
fn hint(path: &Path) -> String {
    let text = path.to_string_lossy();
    if text.starts_with('~') {
        return " (`~` is expanded by a shell only)".to_owned();
    }
    for suffix in [".gz", ".zst", ".bz2", ".xz", ".lz4", ".zip", ".log"] {
        let other = PathBuf::from(format!("{text}{suffix}"));
        if other.exists() {
            return format!(" (there is {})", shown(&other));
        }
    }
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() && !parent.exists() => {
            format!(" (there is no directory {} either)", shown(parent))
        }
        _ if path.is_relative() => {
            std::env::current_dir().map(|here| format!(" (looked for in {})", shown(&here))).unwrap_or_default()
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn names(inputs: &[&Path], root: &Path) -> Vec<String> {
        let inputs = inputs.iter().map(|path| Input::Path(path.to_path_buf())).collect();
        let prefix = format!("{}/", shown(root));
        discover(inputs)
            .unwrap()
            .into_iter()
            .map(|source| source.name.strip_prefix(&prefix).unwrap().to_owned())
            .collect()
    }

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        root
    }

    #[test]
    fn a_directory_gives_its_files_in_natural_order_without_hidden_ones() {
        let root = tree(&["log.10", "log.2", "sub/a.log", ".hidden", ".git/x", "log"]);
        assert_eq!(names(&[root.path()], root.path()), ["log", "log.2", "log.10", "sub/a.log"]);
    }

    #[test]
    fn a_path_that_exists_is_no_pattern() {
        let root = tree(&["[2026.03]x.csv", "2x.csv"]);
        let literal = root.path().join("[2026.03]x.csv");
        assert_eq!(names(&[&literal], root.path()), ["[2026.03]x.csv"]);
    }

    #[test]
    fn a_pattern_finds_files_below_directories() {
        let root = tree(&["a.log", "b/c.log", "b/d/e.log", "b/f.txt", ".g/h.log"]);
        let pattern = root.path().join("**/*.log");
        assert_eq!(names(&[&pattern], root.path()), ["a.log", "b/c.log", "b/d/e.log"]);
    }

    #[test]
    fn a_file_named_twice_is_read_once() {
        let root = tree(&["a.log", "b.log"]);
        let (file, pattern) = (root.path().join("b.log"), root.path().join("*.log"));
        assert_eq!(names(&[&file, &pattern, &file, root.path()], root.path()), ["a.log", "b.log"]);
    }

    #[test]
    fn a_missing_path_is_an_error_that_helps() {
        let root = tree(&["a.log.gz"]);
        let missing = |name: &str| discover(vec![Input::Path(root.path().join(name))]).unwrap_err().to_string();
        assert!(missing("a.log").ends_with("a.log.gz)"), "{}", missing("a.log"));
        assert!(missing("nowhere/a.log").contains("no directory"));
        assert!(missing("*.txt").contains("matches nothing"));
    }

    #[cfg(unix)]
    #[test]
    fn links_in_a_circle_are_walked_once_and_twins_are_told() {
        let root = tree(&["sub/a.log"]);
        std::os::unix::fs::symlink(root.path(), root.path().join("sub/up")).unwrap();
        fs::hard_link(root.path().join("sub/a.log"), root.path().join("sub/twin.log")).unwrap();
        std::os::unix::fs::symlink(root.path().join("sub/a.log"), root.path().join("sub/b.log")).unwrap();
        let inputs = || Input::Path(root.path().to_path_buf());
        let sources = discover(vec![inputs(), inputs()]).unwrap();
        let found: Vec<_> = sources.iter().map(|source| source.name.rsplit('/').next().unwrap()).collect();
        assert_eq!(found, ["a.log", "b.log", "twin.log"]);
        for twin in sources.into_iter().skip(1) {
            let mut finished = Vec::new();
            let each = &mut |item: crate::input::Item<'_>| {
                finished.push(item.reading.finish());
                true
            };
            twin.visit(crate::input::Opening::default(), each).unwrap();
            assert_eq!(finished[0].rejects[0].reason, Reason::DuplicateOf);
            assert!(finished[0].rejects[0].detail.ends_with("sub/a.log"));
            assert_eq!(finished[0].status, super::super::Status::Skipped);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_socket_is_refused_by_a_reject_not_by_an_error() {
        let root = tree(&["a.log"]);
        let path = root.path().join("s.sock");
        let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
        for input in [root.path(), path.as_path()] {
            let source = discover(vec![Input::Path(input.to_path_buf())]).unwrap().pop().unwrap();
            let each = &mut |mut item: crate::input::Item<'_>| {
                assert!(item.reading.next_piece(crate::input::behind_lines).is_none());
                let finished = item.reading.finish();
                assert_eq!(finished.rejects[0].reason, Reason::NotRegular);
                assert_eq!(finished.status, super::super::Status::Skipped);
                true
            };
            source.visit(crate::input::Opening::default(), each).unwrap();
        }
    }
}
