//! Messages to events: what a message says, in the same words for every OCPP version.
//!
//! A payload is read once, into the compact facts below; texts go into the arena of the [`Store`] that holds the
//! event. Only `from_v1.rs` and `from_v2.rs` know how the versions differ. An answer does not know its action, so it
//! becomes an [`Answer`] that carries the few fields any answer of interest has; `rebuild` pairs it with its call.

mod battery_swap;
mod closing;
mod command;
mod cost;
mod digest;
mod fact;
mod field;
mod fields;
mod form;
mod from_v1;
mod from_v2;
mod id;
mod index;
mod known;
mod learn;
mod meter;
mod notice;
mod notify;
mod pack;
mod profile;
mod read;
mod sampled;
mod secret;
mod setting;
mod shape;
mod store;

pub use battery_swap::BatterySwap;
pub use closing::Closing;
pub use command::{Command, ReservationUpdate};
pub use cost::{Cost, CostUpdate};
pub use digest::{canonical_content, content};
pub use fact::{
    Answer, Authorize, Boot, Fact, FirmwareKind, FirmwareRequest, FirmwareStatus, Meter, Refusal, Status, TxEvent,
    TxPhase, TxStart, TxStop,
};
pub use id::{Id, MessageId, Uuid};
pub use meter::{Known, Marks, Name, Names, Sample, Span};
pub use notice::{LogRequest, LogStatus, Security, Transfer, is_critical};
pub use notify::{Notice, Notify};
pub use pack::{Batch, Fleet, Heading, Packed, Packer, Place};
pub use profile::{Profile, ProfileClear, Profiles};
pub use read::Header;
pub use secret::{MASK, masked, masked_line, names_secret};
pub use setting::{Setting, Settings};
pub use store::{Event, Store, Text, View};
