//! Frames to messages: the envelope that all JSON versions share, the one of SOAP, and which side may send which action.

mod action;
mod envelope;
mod signed;
mod soap;

pub use action::{Action, Initiator};
pub use envelope::{Defect, Reading, beginning, read, whole};
pub use signed::unsign;
pub use soap::{SoapMessage, SoapReading, read_soap};

use crate::flag::Flags;
use std::borrow::Cow;

/// What kind of message it is (OCPP-J 1.6 §4.2; 2.1 part 4 §4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A request: `[2, id, action, payload]`.
    Call,
    /// An answer: `[3, id, payload]`.
    Result,
    /// A refusal: `[4, id, code, description, details]`.
    Error,
    /// A refused answer (2.1): `[5, id, code, description, details]`.
    ResultError,
    /// A message that is never answered (2.1): `[6, id, action, payload]`.
    Send,
    /// A connection was opened; no frame.
    Open,
    /// A connection was closed; no frame.
    Close,
}

impl Kind {
    /// The word of the `message_type` column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Call => "CALL",
            Self::Result => "CALLRESULT",
            Self::Error => "CALLERROR",
            Self::ResultError => "CALLRESULTERROR",
            Self::Send => "SEND",
            Self::Open => "OPEN",
            Self::Close => "CLOSE",
        }
    }

    /// Reads the word of the `message_type` column.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "CALL" => Self::Call,
            "CALLRESULT" => Self::Result,
            "CALLERROR" => Self::Error,
            "CALLRESULTERROR" => Self::ResultError,
            "SEND" => Self::Send,
            "OPEN" => Self::Open,
            "CLOSE" => Self::Close,
            _ => return None,
        })
    }

    /// Whether it opens an exchange: a request, or a message without an answer.
    #[must_use]
    pub const fn has_action(self) -> bool {
        matches!(self, Self::Call | Self::Send)
    }

    /// Whether it is a row of a connection, not a frame.
    #[must_use]
    pub const fn is_connection(self) -> bool {
        matches!(self, Self::Open | Self::Close)
    }
}

/// A message; its payload has been checked to be JSON, but not looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// What kind it is.
    pub kind: Kind,
    /// The message id.
    pub id: Cow<'a, str>,
    /// The action, on requests.
    pub action: Option<Cow<'a, str>>,
    /// The payload as written, on refusals the details; empty if there is none.
    pub payload: &'a str,
    /// The error code, on refusals.
    pub error_code: Option<Cow<'a, str>>,
    /// The error description, on refusals.
    pub error_description: Option<Cow<'a, str>>,
    /// What had to be forgiven.
    pub flags: Flags,
}
