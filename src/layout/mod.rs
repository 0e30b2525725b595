//! Bytes to frames: where a message stands on a line, and what the line tells about it.
//!
//! A layout keeps no state: any piece of whole lines gives the same calls, whatever was read before it. What holds
//! over lines (a connection's charge point, the way of the next frame) goes on as [`Context`] and is settled later.

mod announce;
mod assemble;
mod balance;
mod columns;
mod continuation;
mod csv;
mod custom;
mod cut;
mod detect;
mod document;
mod envelope;
mod envelopes;
mod file_name;
mod frame;
mod hand_on;
mod heads;
mod locate;
mod parts;
mod peel;
mod profile;
mod quick;
mod repr;
mod run;
mod soap;
mod stamp;
mod text;
mod topic;
mod words;

pub use cut::Cutter;
pub use detect::{Detected, detect, refine};
pub use file_name::{Named, file_name};
pub use frame::{Class, Connection, Context, Frame, Sink, Stamp, Taken, Tally};
pub use profile::{PROFILES, Profile};

use crate::error::{Error, Result};
use crate::position::Position;
use crate::term::Side;
use columns::Columns;
use csv::Table;
use custom::Custom;
use cut::How;
use run::Run;
use std::sync::Arc;
use words::Trust;

/// How a source writes its messages.
///
/// A layout is tried first on every line; lines of other layouts in the same source are read as well.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    primary: Option<usize>,
    form: Form,
    custom: Option<Arc<Custom>>,
    /// Which ids are believed that stand in words that nobody listed.
    words: Trust,
}

/// How the records of a source stand in it.
#[derive(Clone, Debug, Default)]
enum Form {
    /// On lines.
    #[default]
    Lines,
    /// In columns parted by tabs, one of which holds the frame as it is.
    Columns(Columns),
    /// In the rows of a table with headings.
    Table(Arc<Table>),
    /// In a JSON document, which may be one array of them.
    Document { array: bool },
}

impl Layout {
    /// The layout of this name.
    ///
    /// # Errors
    /// If there is none; the error lists the names.
    pub fn named(name: &str) -> Result<Self> {
        profile::index_of(name).map(|index| Self { primary: Some(index), ..Self::default() }).ok_or_else(|| {
            let names: Vec<_> = PROFILES.iter().map(|profile| profile.name).collect();
            Error::option("layout", format!("there is no layout {name:?}; the layouts are {}", names.join(", ")))
        })
    }

    fn profile(&self) -> &'static Profile {
        &PROFILES[self.primary.unwrap_or(PROFILES.len() - 1)]
    }

    /// A layout of the caller's own: a pattern over the words before a frame, names for keys or columns, or both.
    ///
    /// # Errors
    /// If the pattern cannot be read, or a name is none that a message has.
    pub fn custom(pattern: Option<&str>, columns: &[(String, String)]) -> Result<Self> {
        Ok(Self { custom: Some(Arc::new(Custom::new(pattern, columns)?)), ..Self::default() })
    }

    /// The same for a caller who names the charge point: nothing is guessed then.
    #[must_use]
    pub fn without_guesses(self) -> Self {
        Self { words: Trust::default(), ..self }
    }

    /// What is wrong with a layout of the caller's own, if what was read with it held messages.
    #[must_use]
    pub fn misfit(&self) -> Option<String> {
        self.custom.as_ref()?.misfit()
    }

    /// The layout's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        if self.custom.is_some() { custom::NAME } else { self.profile().name }
    }

    /// Whether a source of this layout is one array, which must end.
    #[must_use]
    pub const fn is_array(&self) -> bool {
        matches!(self.form, Form::Document { array: true })
    }

    /// What there is to say about a source of this layout in which no frame was found.
    #[must_use]
    pub fn note(&self) -> Option<&'static str> {
        match &self.form {
            Form::Table(table) if table.has_no_payloads() => Some("a table of actions and results, without payloads"),
            _ => None,
        }
    }

    /// Which side writes such logs, if that is always the same one.
    #[must_use]
    pub fn side(&self) -> Option<Side> {
        self.profile().side
    }

    /// What cuts a source of this layout into the pieces that [`Self::read`] takes.
    #[must_use]
    pub fn cutter(&self) -> Cutter {
        Cutter::new(match &self.form {
            Form::Lines | Form::Columns(_) => How::Records,
            Form::Table(table) => How::Rows(Arc::clone(table)),
            Form::Document { .. } => How::Values,
        })
    }

    /// Reads whole records, the first byte of which stands at `base`, and hands what they hold to `sink`.
    pub fn read<S: Sink + ?Sized>(&self, chunk: &[u8], base: Position, sink: &mut S) -> Tally {
        Run::new(self, sink, None, chunk).read(base)
    }
}

#[cfg(test)]
mod tests;
