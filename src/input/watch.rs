//! A file that others may write to, cut or replace while it is read.

use super::meter::Defect;
use crate::reject::Reason;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::PathBuf;

/// What a file was when it was opened.
#[derive(Debug)]
pub(super) struct Watch {
    path: PathBuf,
    before: Metadata,
}

/// Opens a file to be read up to the size that it has now.
///
/// # Errors
/// If it cannot be opened.
pub(super) fn open(path: &std::path::Path) -> io::Result<(File, Watch)> {
    let file = File::open(path)?;
    let before = file.metadata()?;
    Ok((file, Watch { path: path.to_path_buf(), before }))
}

/// The bytes of a file that were there when it was opened.
pub(super) struct Sized {
    inner: io::Take<File>,
    /// A file without a size that gives bytes is one of those that the kernel makes up.
    unsized_yet: bool,
}

impl Sized {
    pub(super) fn new(file: File, watch: &Watch) -> Self {
        Self { inner: file.take(watch.size()), unsized_yet: watch.size() == 0 }
    }
}

impl Read for Sized {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if std::mem::take(&mut self.unsized_yet) {
            let file = self.inner.get_mut();
            if file.read(&mut [0])? > 0 && file.metadata()?.len() == 0 {
                let detail = "a file without a size, made up as it is read";
                return Err(Defect::new(Reason::NotRegular, detail).into_io());
            }
            return Ok(0);
        }
        self.inner.read(into)
    }
}

impl Watch {
    pub(super) fn size(&self) -> u64 {
        self.before.len()
    }

    /// What happened to the file since it was opened.
    pub(super) fn verdict(&self) -> Option<Defect> {
        let Ok(now) = std::fs::metadata(&self.path) else {
            return Some(Defect::new(Reason::Changed, "the file was removed while it was read"));
        };
        if !same_file(&self.before, &now) {
            return Some(Defect::new(Reason::Changed, "the file was replaced while it was read"));
        }
        let (then, size) = (self.before.len(), now.len());
        if size > then {
            return Some(Defect::new(Reason::Grew, format!("{} bytes were added while it was read", size - then)));
        }
        if size < then {
            return Some(Defect::new(Reason::Shrank, format!("{} bytes were cut off while it was read", then - size)));
        }
        let moved = matches!((self.before.modified(), now.modified()), (Ok(then), Ok(now)) if then != now);
        moved.then(|| Defect::new(Reason::Changed, "the file was written to while it was read"))
    }
}

#[cfg(unix)]
fn same_file(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn same_file(_: &Metadata, _: &Metadata) -> bool {
    true
}
