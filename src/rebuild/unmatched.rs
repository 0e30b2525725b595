//! Messages that were understood and fit nothing.

use crate::event::View;

macro_rules! kinds {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $name:literal;)+) => {
        /// Why a message fits nothing.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum UnmatchedKind { $($(#[doc = $meaning])+ $variant,)+ }

        impl UnmatchedKind {
            /// The word of the `kind` column.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

kinds! {
    /// The payload lacks what its action cannot do without.
    BadPayload = "bad_payload";
    /// A second answer to a call.
    DuplicateResponse = "duplicate_response";
    /// Meter values name a transaction that is not in the log.
    MeterValuesWithoutTransaction = "meter_values_without_transaction";
    /// An answer to no call in the log.
    OrphanResponse = "orphan_response";
    /// A stop with an id that nobody had assigned, and no single transaction it can belong to.
    PlaceholderStop = "placeholder_stop";
    /// A repeated start.
    RetryOf = "retry_of";
    /// A stop without a transaction id.
    StopWithoutId = "no_transaction_id";
}

/// A message that fits nothing.
#[derive(Clone, Debug)]
pub struct Unmatched<'a> {
    /// Why.
    pub kind: UnmatchedKind,
    /// When it happened: UTC microseconds.
    pub time: Option<i64>,
    /// What exactly, in a few words.
    pub detail: String,
    /// The message.
    pub view: View<'a>,
}
