//! What stops the work: what failed, where, and what to do about it.
//!
//! A defect of the data is no error: it is a [`crate::reject::Reject`].

use std::path::PathBuf;

/// The result of anything that can fail as a whole.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the work cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An option has a value that cannot be used.
    #[error("{option}: {problem}")]
    Option {
        /// The option's name.
        option: &'static str,
        /// What is wrong with it, and what would be right.
        problem: String,
    },
    /// A path that was named does not exist, or a pattern matches nothing.
    #[error("{}: no such file or directory{hint}", path.display())]
    Missing {
        /// The path as given.
        path: PathBuf,
        /// What may help, with its leading blank; may be empty.
        hint: String,
    },
    /// A path that was named cannot be read.
    #[error("{}: {cause}", path.display())]
    Input {
        /// The path as given.
        path: PathBuf,
        /// What the operating system says.
        cause: std::io::Error,
    },
    /// No layout explains the source, and the caller asked to be told.
    #[error("{file}: no OCPP message was found; the layout may be one that is not read yet")]
    UnknownLayout {
        /// The source's name.
        file: String,
    },
    /// The caller asked to stop at bad data.
    #[error("{file}:{line}: {reason}: {detail} (byte {byte})")]
    Format {
        /// The source's name.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The byte offset.
        byte: u64,
        /// The reason's name.
        reason: &'static str,
        /// What exactly.
        detail: String,
    },
    /// More defects than the caller allows.
    #[error("{found} rejects, at most {allowed} are allowed; the first: {first}")]
    TooManyRejects {
        /// How many there are.
        found: u64,
        /// How many are allowed.
        allowed: u64,
        /// The first one, as `file:line: reason`.
        first: String,
    },
    /// A table given for a rebuild lacks something.
    #[error("messages: {0}")]
    Messages(String),
    /// The caller stopped the work.
    #[error("stopped by the caller")]
    Cancelled,
    /// An equation that must hold does not: a defect of ocpplog.
    #[error("internal error (please report it): {0}")]
    Internal(String),
}

impl Error {
    /// An unusable option.
    #[must_use]
    pub fn option(option: &'static str, problem: impl Into<String>) -> Self {
        Self::Option { option, problem: problem.into() }
    }
}
