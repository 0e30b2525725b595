//! Facts as bytes, field by field; fields that say nothing take none.

use super::bytes::{In, Out, decimal, from_decimal};
use crate::event::closing::Closing;
use crate::event::command::ReservationUpdate;
use crate::event::fact::{
    Answer, Authorize, Boot, FirmwareKind, FirmwareRequest, FirmwareStatus, Meter, Refusal, Status, TxEvent, TxPhase,
    TxStart, TxStop,
};
use crate::event::meter::Span;
use crate::event::notice::{LogRequest, LogStatus, Transfer};
use crate::event::store::Text;
use crate::flag::Flags;
use crate::time::Instant;

/// A field of a fact.
trait Field: Copy + Default + PartialEq {
    fn put(self, out: &mut Out);
    fn get(input: &mut In<'_>) -> Self;
}

/// A fact that is packed.
pub(super) trait Packable {
    /// Writes it.
    fn put(&self, out: &mut Out);
    /// Reads it; its texts lie where [`In::base`] says.
    fn get(input: &mut In<'_>) -> Self;
}

impl Field for Option<i32> {
    fn put(self, out: &mut Out) {
        out.signed(i64::from(self.unwrap_or_default()));
    }

    fn get(input: &mut In<'_>) -> Self {
        Some(input.signed() as i32)
    }
}

impl Field for Option<u32> {
    fn put(self, out: &mut Out) {
        out.number(u64::from(self.unwrap_or_default()));
    }

    fn get(input: &mut In<'_>) -> Self {
        Some(input.number() as u32)
    }
}

impl Field for Option<i64> {
    fn put(self, out: &mut Out) {
        out.signed(self.unwrap_or_default());
    }

    fn get(input: &mut In<'_>) -> Self {
        Some(input.signed())
    }
}

/// The mark of a number that is no short decimal.
const WHOLE: u8 = u8::MAX;

impl Field for Option<f64> {
    fn put(self, out: &mut Out) {
        let value = self.unwrap_or_default();
        if let Some((decimals, number)) = decimal(value) {
            out.byte(decimals);
            out.signed(number);
        } else {
            out.byte(WHOLE);
            out.word(value.to_bits());
        }
    }

    fn get(input: &mut In<'_>) -> Self {
        match input.byte() {
            WHOLE => Some(f64::from_bits(input.word())),
            decimals => Some(from_decimal(decimals, input.signed())),
        }
    }
}

impl Field for bool {
    fn put(self, _: &mut Out) {}

    fn get(_: &mut In<'_>) -> Self {
        true
    }
}

impl Field for Option<bool> {
    fn put(self, out: &mut Out) {
        out.byte(u8::from(self == Some(true)));
    }

    fn get(input: &mut In<'_>) -> Self {
        Some(input.byte() == 1)
    }
}

impl Field for Text {
    fn put(self, out: &mut Out) {
        out.text(self.start, self.length);
    }

    fn get(input: &mut In<'_>) -> Self {
        let start = (input.number() as u32).wrapping_add(input.base);
        Self { start, length: input.number() as u32 }
    }
}

impl Field for Span {
    fn put(self, out: &mut Out) {
        out.number(u64::from(self.start));
        out.number(u64::from(self.length));
    }

    fn get(input: &mut In<'_>) -> Self {
        Self { start: input.number() as u32, length: input.number() as u32 }
    }
}

impl Field for Instant {
    fn put(self, out: &mut Out) {
        out.byte(u8::from(self.micros.is_some()) | u8::from(!self.flags.is_empty()) << 1);
        if let Some(micros) = self.micros {
            out.near(micros);
        }
        if !self.flags.is_empty() {
            out.bytes(self.flags.bits().to_le_bytes());
        }
    }

    fn get(input: &mut In<'_>) -> Self {
        let parts = input.byte();
        let micros = (parts & 1 != 0).then(|| input.near());
        let flags = if parts & 2 == 0 {
            Flags::NONE
        } else {
            Flags::from_bits(u128::from_le_bytes(input.slice(16).try_into().unwrap_or_default()))
        };
        Self { micros, flags }
    }
}

/// A word of a few, by its place among them.
macro_rules! words {
    ($type:ty: $($word:expr),+) => {
        impl Field for $type {
            fn put(self, out: &mut Out) {
                out.byte([$($word),+].iter().position(|&word| word == self).unwrap_or_default() as u8);
            }

            fn get(input: &mut In<'_>) -> Self {
                [$($word),+].get(usize::from(input.byte())).copied().unwrap_or_default()
            }
        }
    };
}

words!(TxPhase: TxPhase::Started, TxPhase::Updated, TxPhase::Ended);
words!(FirmwareKind: FirmwareKind::Plain, FirmwareKind::Signed, FirmwareKind::Publish);

/// Which fields say something, then those.
macro_rules! packable {
    ($($type:ty { $($field:ident),+ })+) => {
        $(
            impl Packable for $type {
                fn put(&self, out: &mut Out) {
                    let blank = Self::default();
                    let told = [$(self.$field != blank.$field),+];
                    out.number(told.iter().rev().fold(0, |mask, &told| mask << 1 | u64::from(told)));
                    $(
                        if self.$field != blank.$field {
                            self.$field.put(out);
                        }
                    )+
                }

                fn get(input: &mut In<'_>) -> Self {
                    let mut mask = input.number();
                    let blank = Self::default();
                    $(
                        let $field = if mask & 1 != 0 { Field::get(input) } else { blank.$field };
                        mask >>= 1;
                    )+
                    debug_assert_eq!(mask, 0, "a fact has no more fields");
                    // All fields by name: one that is not packed does not compile.
                    Self { $($field),+ }
                }
            }
        )+
    };
}

packable! {
    Meter { evse, connector, transaction_id, samples }
    Answer { status, transaction_id, auth_status, interval, current_time, total_cost, ongoing, queued, carried, settings }
    Status { evse, connector, status, error_code, info, vendor_id, vendor_error_code, time }
    TxStart { connector, id_tag, meter_start, time, reservation }
    TxStop { transaction_id, id_tag, meter_stop, time, reason, samples }
    TxEvent {
        phase, time, trigger, seq_no, transaction_id, charging_state, stopped_reason, remote_start_id, offline, evse,
        connector, id_token, token_type, reservation, time_spent_charging, cost, samples
    }
    Authorize { id_tag, token_type }
    Boot { vendor, model, serial_number, firmware_version, iccid, imsi, reason }
    FirmwareRequest { kind, request_id, location, retrieve, install, answer_has_status }
    FirmwareStatus { kind, status, request_id }
    Refusal { code, description }
    Closing { code, reason }
    Transfer { vendor, message, data }
    LogRequest { diagnostics, request_id, log_type, location }
    LogStatus { diagnostics, status, request_id }
    ReservationUpdate { reservation, status }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again<T: Packable>(fact: &T, base: u32, moved_to: u32) -> T {
        let mut out = Out::default();
        (out.base, out.end, out.time) = (base, 1_000, 1_000);
        fact.put(&mut out);
        let bytes = out.padded();
        let mut input = In { bytes: &bytes, at: 0, base: moved_to, time: 1_000 };
        let fact = T::get(&mut input);
        assert_eq!(input.at, out.length());
        fact
    }

    #[test]
    fn a_fact_comes_back_and_its_texts_move() {
        let text = |start| Text { start, length: 3 };
        let event = TxEvent {
            phase: TxPhase::Ended,
            time: Instant { micros: Some(-5), flags: Flags::from_bits(9) },
            seq_no: Some(-1),
            transaction_id: text(12),
            offline: true,
            evse: Some(0),
            time_spent_charging: Some(i64::MAX),
            samples: Span { start: 4, length: 2 },
            ..TxEvent::default()
        };
        let moved = TxEvent { transaction_id: text(102), ..event };
        assert_eq!(format!("{:?}", again(&event, 10, 100)), format!("{moved:?}"));
        let start = TxStart { meter_start: Some(0.1 + 0.2), reservation: Some(-7), ..TxStart::default() };
        assert_eq!(format!("{:?}", again(&start, 0, 0)), format!("{start:?}"));
    }

    #[test]
    fn a_fact_that_says_nothing_takes_one_byte() {
        let mut out = Out::default();
        Answer::default().put(&mut out);
        assert_eq!(out.length(), 1);
    }
}
