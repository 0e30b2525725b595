//! The parts of a charge point.

use crate::clock::Ms;
use crate::disturbance::{Disturbance, Marks};
use crate::truth::{AuthorizationRow, CommandRow};

/// A status and its error code.
pub(crate) type Status = (&'static str, &'static str);

/// The status of one connector, or of the charge point itself.
#[derive(Clone, Debug)]
pub(crate) struct Track {
    pub(crate) evse_id: i64,
    pub(crate) connector_id: i64,
    pub(crate) now: Status,
    pub(crate) since: Ms,
    pub(crate) marks: Marks,
    pub(crate) leaves_trace: bool,
    /// The last status that is in the log.
    pub(crate) reported: Option<Status>,
}

/// One connector with its meter.
#[derive(Clone, Debug)]
pub(crate) struct Connector {
    pub(crate) track: Track,
    /// What the meter counted in all its life, in mWh.
    lifetime_mwh: i64,
    /// What the register leaves out since it was reset, in Wh.
    reset_wh: i64,
    power_w: i64,
    counted_at: Ms,
    /// The session that occupies the connector.
    pub(crate) session: Option<u64>,
}

impl Connector {
    /// An idle connector that reads `register_wh`.
    pub(crate) fn new(evse_id: i64, connector_id: i64, register_wh: i64, since: Ms) -> Self {
        let track = Track {
            evse_id,
            connector_id,
            now: ("Available", "NoError"),
            since,
            marks: Marks::default(),
            leaves_trace: false,
            reported: None,
        };
        Self { track, lifetime_mwh: register_wh * 1000, reset_wh: 0, power_w: 0, counted_at: since, session: None }
    }

    /// Counts the energy up to `at`.
    fn count(&mut self, at: Ms) {
        if at > self.counted_at {
            self.lifetime_mwh += self.power_w * (at - self.counted_at) / 3_600;
            self.counted_at = at;
        }
    }

    /// Everything the meter ever counted, in Wh.
    pub(crate) fn lifetime_wh(&mut self, at: Ms) -> i64 {
        self.count(at);
        self.lifetime_mwh / 1000
    }

    /// What the register shows.
    pub(crate) fn register_wh(&mut self, at: Ms) -> i64 {
        self.lifetime_wh(at) - self.reset_wh
    }

    /// The register falls to zero.
    pub(crate) fn reset(&mut self, at: Ms) {
        self.reset_wh = self.lifetime_wh(at);
    }

    /// Energy flows at this power from now on.
    pub(crate) fn set_power(&mut self, at: Ms, power_w: i64) {
        self.count(at);
        self.power_w = power_w;
    }

    /// The power that flows.
    pub(crate) fn power_w(&self) -> i64 {
        self.power_w
    }
}

/// How far a session has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Plugged in, no transaction yet.
    Plugged,
    /// The transaction runs.
    Running,
    /// The transaction has ended, the connector is not free yet.
    Stopped,
    /// The connector is free.
    Over,
}

/// Which message of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `StartTransaction`, or `TransactionEvent` Started.
    Start,
    /// `MeterValues`, or an Updated event with samples.
    Sample,
    /// Another Updated event.
    Update,
    /// `StopTransaction`, or Ended.
    Stop,
}

/// A message of a transaction, perhaps waiting for the connection.
#[derive(Clone, Debug)]
pub(crate) struct TxMessage {
    pub(crate) session: u64,
    pub(crate) kind: Kind,
    /// The payload; in 1.6 what follows the transactionId.
    pub(crate) body: String,
    /// Energy of the session at the register sample in it.
    pub(crate) sample_wh: Option<i64>,
}

/// One charging session.
#[expect(clippy::struct_excessive_bools, reason = "independent facts about what is logged")]
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) connector: usize,
    pub(crate) id_tag: String,
    /// The disturbance planned for it; a mark is made when it takes effect.
    pub(crate) plan: Option<Disturbance>,
    /// The message that a disturbance of single lines picks.
    pub(crate) target: Kind,
    pub(crate) marks: Marks,
    pub(crate) phase: Phase,
    pub(crate) start_at: Ms,
    pub(crate) duration: Ms,
    pub(crate) stop_at: Option<Ms>,
    pub(crate) reason: Option<&'static str>,
    pub(crate) remote: bool,
    /// Energy flowed when the power was cut.
    pub(crate) flowed: bool,
    pub(crate) power_w: i64,
    pub(crate) meter_start_wh: i64,
    pub(crate) meter_stop_wh: Option<i64>,
    pub(crate) lifetime_start_wh: i64,
    pub(crate) energy_wh: Option<i64>,
    pub(crate) last_sample_wh: Option<i64>,
    /// As the CSMS assigned it, or the charge point made it (2.0.1).
    pub(crate) transaction_id: Option<String>,
    /// As the charge point writes it (1.6).
    pub(crate) wire_id: String,
    pub(crate) auth_status: &'static str,
    pub(crate) seq_no: i64,
    pub(crate) state_of_charge: i64,
    /// Updated events still to lose.
    pub(crate) gap: i64,
    /// Started, while it waits for Ended.
    pub(crate) held: Option<TxMessage>,
    /// Messages in the charge point's queue.
    pub(crate) queued: u32,
    pub(crate) start_logged: bool,
    pub(crate) stop_logged: bool,
    pub(crate) any_logged: bool,
    /// A message that ties the card to the transaction.
    pub(crate) card_logged: bool,
    /// The card as it was shown, and what the CSMS asked for.
    pub(crate) shown: Option<AuthorizationRow>,
    pub(crate) asked: Vec<CommandRow>,
    /// A status after the start shows that the transaction is over (1.6).
    pub(crate) closed_by_status: bool,
}

/// What happens next in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Act {
    /// The driver shows the card.
    Authorize,
    /// The transaction starts.
    Start,
    /// Energy begins to flow.
    Charge,
    /// The meter is read.
    Sample,
    /// The vehicle pauses.
    Suspend,
    /// The vehicle goes on.
    Resume,
    /// The planned disturbance strikes.
    Strike,
    /// The transaction ends.
    Stop,
    /// The cable is taken away.
    Unplug,
}

/// What happens next to a charge point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// The charge point boots for the first time in the log.
    FirstBoot,
    /// A heartbeat is due.
    Heartbeat,
    /// A vehicle comes to this connector.
    PlugIn(usize),
    /// A session goes on.
    Session(u64, Act),
    /// The status of this connector is told once more.
    RepeatStatus(usize, Status),
    /// This connector breaks.
    Fault(usize),
    /// This connector is repaired.
    Repair(usize),
    /// Power is back.
    PowerOn,
    /// The network is back; true: with a boot.
    Reconnect(bool),
    /// A firmware update is due.
    FirmwareDue,
    /// The firmware update goes on.
    Firmware,
    /// The CSMS asks for something, or a card is shown that leads to nothing.
    Command,
    /// The charge point starts again after a reset.
    ResetUp,
    /// The CSMS puts this connector into service again.
    Operative(usize),
}

/// A disturbance of the whole charge point, and how long it lasts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ambient {
    pub(crate) kind: Disturbance,
    pub(crate) until: Ms,
}
