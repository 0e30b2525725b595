//! What a log tells about the end of a connection (RFC 6455 §7.4): no OCPP version defines it.

use super::Fact;
use super::field::{self, Target};
use super::store::{Text, put};
use crate::json::{Scan, Scanner};

/// Why a connection was closed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Closing {
    /// The WebSocket close code.
    pub code: Option<i32>,
    /// The words that came with it.
    pub reason: Text,
}

/// Reads the object that a layout makes of the line; without code and reason there is nothing to keep.
pub(super) fn closing(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let mut closing = Closing::default();
    field::object(scanner, |scanner, key| match key.raw {
        "code" => field::int(scanner, &mut closing.code),
        "reason" => target.text(scanner, &mut closing.reason),
        _ => scanner.skip(),
    })?;
    let told = closing.code.is_some() || closing.reason.is_some();
    Ok(if told { Fact::Closing(put(&mut target.store.closings, closing)) } else { Fact::None })
}
