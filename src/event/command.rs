//! Requests of the CSMS, of any version: the few fields that decide what came of them (rule book §1.4, §6).
//!
//! A command stands beside the fact of its event, not in its place: a request that has a table of its own (a charging
//! profile, a setting) is a command too.

use super::Fact;
use super::field::{self, Target};
use super::secret::masked_payload;
use super::store::{Text, put};
use crate::json::{Scan, Scanner};
use crate::time::Instant;

/// A request of the CSMS (1.6 §5; 2.0.1 part 2 §1).
#[derive(Clone, Copy, Debug, Default)]
pub struct Command {
    /// The EVSE that it names; in 1.x the connector.
    pub evse: Option<i32>,
    /// The connector that it names.
    pub connector: Option<i32>,
    /// The token.
    pub id_tag: Text,
    /// The transaction that it names, also inside of a charging profile.
    pub transaction_id: Text,
    /// 2.x: the number that the transaction will name.
    pub remote_start_id: Option<i64>,
    /// The reservation that it makes or cancels.
    pub reservation: Option<i32>,
    /// Until when the reservation holds.
    pub expiry: Instant,
    /// What is wanted: the type of a reset or of an availability, the message that is to be triggered, the key of a
    /// setting.
    pub word: Text,
    /// The value of a 1.x setting, where it is a whole number.
    pub number: Option<i64>,
    /// The payload as JSON without its secrets.
    pub arguments: Text,
}

/// `ReservationStatusUpdate` (2.0.1 part 2 H04).
#[derive(Clone, Copy, Debug, Default)]
pub struct ReservationUpdate {
    /// The reservation.
    pub reservation: Option<i32>,
    /// Expired, Removed; 2.1 also `NoTransaction`.
    pub status: Text,
}

/// Whether a request of the CSMS is a row of `commands`. Those with a table of their own that tells more are left
/// out (firmware, logs, `DataTransfer`), and so are the readings of settings, which `configuration` holds.
pub(super) fn is_command(action: &str) -> bool {
    !matches!(
        action,
        "UpdateFirmware"
            | "SignedUpdateFirmware"
            | "PublishFirmware"
            | "GetDiagnostics"
            | "GetLog"
            | "DataTransfer"
            | "GetConfiguration"
            | "GetVariables"
    )
}

/// Reads a command; returns its place in the store.
pub(super) fn command(target: &mut Target<'_>, action: &str, payload: &str) -> Scan<u32> {
    let mut command = Command::default();
    let payload = if payload.is_empty() { "null" } else { payload };
    let scanner = &mut Scanner::new(payload);
    field::object(scanner, |scanner, key| match key.raw {
        "connectorId" => field::int(scanner, &mut command.connector),
        "evseId" => field::int(scanner, &mut command.evse),
        "evse" => field::object(scanner, |scanner, key| match key.raw {
            "id" => field::int(scanner, &mut command.evse),
            "connectorId" => field::int(scanner, &mut command.connector),
            _ => scanner.skip(),
        })
        .map(|_| ()),
        "idTag" => target.text(scanner, &mut command.id_tag),
        "idToken" => field::object(scanner, |scanner, key| match key.raw {
            "idToken" => target.text(scanner, &mut command.id_tag),
            _ => scanner.skip(),
        })
        .map(|_| ()),
        "transactionId" => target.id(scanner, &mut command.transaction_id),
        "csChargingProfiles" | "chargingProfile" => field::object(scanner, |scanner, key| match key.raw {
            "transactionId" => target.id(scanner, &mut command.transaction_id),
            _ => scanner.skip(),
        })
        .map(|_| ()),
        "remoteStartId" => field::long(scanner, &mut command.remote_start_id),
        "reservationId" => field::int(scanner, &mut command.reservation),
        "id" if action == "ReserveNow" => field::int(scanner, &mut command.reservation),
        "expiryDate" | "expiryDateTime" => field::time(scanner, &mut command.expiry),
        "type" | "operationalStatus" | "requestedMessage" | "key" => target.text(scanner, &mut command.word),
        "value" if action == "ChangeConfiguration" => field::long(scanner, &mut command.number),
        _ => scanner.skip(),
    })?;
    // A 1.x connector is what 2.x calls an EVSE.
    command.evse = command.evse.or(command.connector);
    target.flags.extend(scanner.noted());
    command.arguments = masked_payload(payload).map_or(Text::NONE, |text| target.store.keep(&text));
    Ok(put(&mut target.store.commands, command))
}

/// Reads a `ReservationStatusUpdate`.
pub(super) fn reservation_update(target: &mut Target<'_>, scanner: &mut Scanner<'_>) -> Scan<Fact> {
    let mut update = ReservationUpdate::default();
    let object = field::object(scanner, |scanner, key| match key.raw {
        "reservationId" => field::int(scanner, &mut update.reservation),
        "reservationUpdateStatus" => target.text(scanner, &mut update.status),
        _ => scanner.skip(),
    })?;
    Ok(if object { Fact::ReservationUpdate(put(&mut target.store.reservation_updates, update)) } else { Fact::Bad })
}
