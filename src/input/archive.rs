//! Opening a source: as one log, or as an archive whose members are logs of their own.
//!
//! Names of members are names and nothing else: no member ever touches the disk.

use super::decode::Decoder;
use super::meter::{Boxed, Count, Defect};
use super::reading::{Opening, Reading};
use super::sniff::{TAR_BYTES, is_tar, is_zip};
use super::watch::{self, Sized, Watch};
use super::{Kind, Source, stem, tape, zipped};
use crate::error::{Error, Result};
use crate::reject::Reason;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek as _};
use std::sync::Arc;

/// One log: a source, or a member of one.
#[derive(Debug)]
pub struct Item<'r> {
    /// The name shown in tables.
    pub name: String,
    /// The file name without the suffixes of compression, rotation and logs.
    pub stem: String,
    /// The log itself.
    pub reading: Reading<'r>,
}

/// Takes items one after the other; says whether it wants the next one.
pub type Take<'t> = dyn FnMut(Item<'_>) -> bool + 't;

impl Source {
    /// Opens the source and hands over what is in it, in the order of its bytes: one log, or the members of an archive
    /// and then the archive itself as a row without lines.
    ///
    /// # Errors
    /// If a file that the caller named cannot be opened. A file found in a directory becomes a reject instead.
    pub fn visit(self, opening: Opening, take: &mut Take<'_>) -> Result<()> {
        let Self { name, stem, kind } = self;
        let mut visit = Visit { name, stem, opening, take, names: HashMap::new() };
        match kind {
            Kind::Refused(reason, detail) => visit.refuse(Defect { reason, detail }),
            Kind::Bytes(data) if is_zip(&data) => {
                let size = data.len() as u64;
                zipped::visit(&mut visit, Cursor::new(data), size, None);
            }
            Kind::Bytes(data) => {
                let size = data.len() as u64;
                visit.stream(Box::new(Cursor::new(data)), Some(size), None);
            }
            Kind::Reader(reader) => visit.reader(reader),
            Kind::Replay(open) => match open() {
                Ok(reader) => visit.reader(reader),
                Err(cause) => visit.refuse(Defect::inside(&cause)),
            },
            Kind::Path { path, named } => match watch::open(&path) {
                Ok((file, watch)) => visit.file(file, watch),
                Err(cause) if named => return Err(Error::Input { path, cause }),
                Err(cause) => visit.refuse(Defect::inside(&cause)),
            },
        }
        Ok(())
    }
}

/// A source while its items are handed over.
pub(super) struct Visit<'v> {
    name: String,
    stem: String,
    opening: Opening,
    take: &'v mut Take<'v>,
    /// How often each member's name came.
    names: HashMap<String, u32>,
}

impl Visit<'_> {
    fn refuse(&mut self, defect: Defect) {
        self.hand(Reading::refused(defect));
    }

    /// Hands over the source itself.
    fn hand(&mut self, reading: Reading<'_>) {
        let item = Item { name: self.name.clone(), stem: self.stem.clone(), reading };
        (self.take)(item);
    }

    fn file(&mut self, mut file: File, watch: Watch) {
        let mut head = [0; 4];
        let zip = file.read_exact(&mut head).is_ok() && is_zip(&head);
        if let Err(cause) = file.rewind() {
            return self.refuse(Defect::inside(&cause));
        }
        let size = watch.size();
        if zip {
            zipped::visit(self, BufReader::new(file), size, Some(watch));
        } else {
            self.stream(Box::new(Sized::new(file, &watch)), Some(size), Some(watch));
        }
    }

    /// A zip archive has its list of members at the end: where nobody can seek, it is read into memory.
    fn reader(&mut self, mut reader: Box<dyn Read + Send>) {
        let mut head = Vec::new();
        let mut whole: Boxed<'_> = match (&mut reader).take(4).read_to_end(&mut head) {
            Ok(_) => Box::new(Cursor::new(head.clone()).chain(reader)),
            Err(cause) if head.is_empty() => return self.refuse(Defect::inside(&cause)),
            Err(cause) => Box::new(Cursor::new(head.clone()).chain(Failed(Some(cause)))),
        };
        if !is_zip(&head) {
            return self.stream(whole, None, None);
        }
        let mut data = Vec::new();
        if let Err(cause) = whole.read_to_end(&mut data) {
            return self.refuse(Defect::inside(&cause));
        }
        let size = data.len() as u64;
        zipped::visit(self, Cursor::new(data), size, None);
    }

    /// Bytes that are read once: a tar archive by its first header, else one log.
    fn stream(&mut self, reader: Boxed<'_>, size: Option<u64>, watch: Option<Watch>) {
        let mut decoder = match Decoder::new(reader) {
            Ok(decoder) => decoder,
            Err(defect) => return self.refuse(defect),
        };
        if is_tar(decoder.peek(TAR_BYTES)) {
            return tape::visit(self, decoder, size, watch);
        }
        let reading = Reading::new(&self.name, decoder, size, self.opening).watched(watch);
        self.hand(reading);
    }

    /// Hands over a member that can be read; `size` is what it should have unpacked. False if nobody wants more.
    pub(super) fn member(&mut self, path: &[u8], reader: Boxed<'_>, size: Option<u64>, container: &Count) -> bool {
        let name = self.member_name(path);
        let reading = match Decoder::new(reader) {
            Ok(mut decoder) => {
                if is_tar(decoder.peek(TAR_BYTES)) {
                    let detail = "a tar archive inside an archive: unpack the outer one";
                    Reading::refused(Defect::new(Reason::NestedArchive, detail))
                } else {
                    Reading::new(&name, decoder, size, self.opening)
                }
            }
            Err(defect) => Reading::refused(defect),
        };
        self.hand_member(name, reading.inside(container))
    }

    /// Hands over a member of which nothing is read.
    pub(super) fn refuse_member(&mut self, path: &[u8], defect: Defect, container: &Count) -> bool {
        let name = self.member_name(path);
        self.hand_member(name, Reading::refused(defect).inside(container))
    }

    fn hand_member(&mut self, name: String, reading: Reading<'_>) -> bool {
        let stem = stem(&name).to_owned();
        (self.take)(Item { name, stem, reading })
    }

    /// The last row: the archive as a whole.
    pub(super) fn close(&mut self, end: End, size: Option<u64>, watch: Option<Watch>) {
        let End { kind, bytes, mut defects, count } = end;
        defects.extend(watch.and_then(|watch| watch.verdict()));
        let any = self.names.values().any(|&times| times > 0) || defects.is_empty();
        let reading = Reading::archive(kind, bytes, size, defects, any).inside(&count);
        self.hand(reading);
    }

    /// The archive's name and the member's path. Control characters are written out; a name that came before in the
    /// same archive, as tar allows, gets a number.
    fn member_name(&mut self, path: &[u8]) -> String {
        let path = String::from_utf8_lossy(path);
        let mut name = format!("{}/", self.name);
        for letter in path.trim_start_matches("./").chars() {
            match letter {
                '\\' => name.push('/'),
                letter if letter.is_control() => name.extend(letter.escape_default()),
                letter => name.push(letter),
            }
        }
        let times = self.names.entry(name.clone()).or_default();
        *times += 1;
        if *times > 1 { format!("{name}#{times}") } else { name }
    }
}

/// What is known when the last member of an archive was read.
pub(super) struct End {
    pub(super) kind: &'static str,
    /// How many bytes of the archive were read.
    pub(super) bytes: u64,
    pub(super) defects: Vec<Defect>,
    pub(super) count: Count,
}

/// A reader that has failed already.
struct Failed(Option<io::Error>);

impl Read for Failed {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(self.0.take().unwrap_or_else(|| io::ErrorKind::Other.into()))
    }
}

/// A new count, from nothing.
pub(super) fn count() -> Count {
    Arc::default()
}

#[cfg(test)]
mod tests;
