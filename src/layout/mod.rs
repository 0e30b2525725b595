//! Bytes to frames: where a message stands on a line, and what the line tells about it.
//!
//! A layout keeps no state: any piece of whole lines gives the same calls, whatever was read before it. What holds
//! over lines (a connection's charge point, the way of the next frame) goes on as [`Context`] and is settled later.

mod announce;
mod columns;
mod detect;
mod envelope;
mod file_name;
mod frame;
mod locate;
mod peel;
mod profile;
mod run;
mod stamp;
mod text;

pub use detect::{Detected, detect};
pub use file_name::{Named, file_name};
pub use frame::{Connection, Context, Frame, Sink, Stamp, Taken, Tally};
pub use profile::{PROFILES, Profile};

use crate::error::{Error, Result};
use crate::position::Position;
use crate::term::Side;
use columns::Columns;
use run::Run;

/// How a source writes its messages.
///
/// A layout is tried first on every line; lines of other layouts in the same source are read as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    primary: Option<usize>,
    columns: Columns,
}

impl Layout {
    /// The layout of this name.
    ///
    /// # Errors
    /// If there is none; the error lists the names.
    pub fn named(name: &str) -> Result<Self> {
        profile::index_of(name).map(|index| Self { primary: Some(index), columns: Columns::default() }).ok_or_else(
            || {
                let names: Vec<_> = PROFILES.iter().map(|profile| profile.name).collect();
                Error::option("layout", format!("there is no layout {name:?}; the layouts are {}", names.join(", ")))
            },
        )
    }

    fn profile(&self) -> &'static Profile {
        &PROFILES[self.primary.unwrap_or(PROFILES.len() - 1)]
    }

    /// The layout's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.profile().name
    }

    /// Which side writes such logs, if that is always the same one.
    #[must_use]
    pub fn side(&self) -> Option<Side> {
        self.profile().side
    }

    /// Reads whole lines, the first byte of which stands at `base`, and hands what they hold to `sink`.
    pub fn read<S: Sink + ?Sized>(&self, chunk: &[u8], base: Position, sink: &mut S) -> Tally {
        Run::new(self, sink, None).chunk(chunk, base)
    }
}

#[cfg(test)]
mod tests;
