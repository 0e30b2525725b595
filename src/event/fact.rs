//! What messages say, free of versions. Every field is optional: what was not sent is none.

use super::meter::Span;
use super::store::Text;
use crate::time::Instant;

/// What a message says, as an index into the store's list of that kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Fact {
    /// Nothing that any table needs.
    #[default]
    None,
    /// `BootNotification`.
    Boot(u32),
    /// Authorize.
    Authorize(u32),
    /// 1.x `StartTransaction`.
    TxStart(u32),
    /// 1.x `StopTransaction`.
    TxStop(u32),
    /// 2.x `TransactionEvent`.
    TxEvent(u32),
    /// `MeterValues`.
    Meter(u32),
    /// `CostUpdated`.
    CostUpdate(u32),
    /// 2.1 `BatterySwap`.
    BatterySwap(u32),
    /// `StatusNotification`.
    Status(u32),
    /// A request to update the firmware.
    FirmwareRequest(u32),
    /// A stage of a firmware update.
    FirmwareStatus(u32),
    /// What became of a reservation.
    ReservationUpdate(u32),
    /// Settings that are set or reported.
    Settings(u32),
    /// Charging profiles that are set or reported.
    Profiles(u32),
    /// `ClearChargingProfile`.
    ProfileClear(u32),
    /// A security event.
    Security(u32),
    /// `DataTransfer`.
    Transfer(u32),
    /// A request to upload diagnostics or a log.
    LogRequest(u32),
    /// A stage of such an upload.
    LogStatus(u32),
    /// 2.x `NotifyEvent`.
    Notify(u32),
    /// The end of a connection.
    Closing(u32),
    /// An answer (CALLRESULT).
    Answer(u32),
    /// A refusal (CALLERROR, CALLRESULTERROR).
    Refusal(u32),
    /// A payload whose shape is impossible for its action.
    Bad,
}

impl Fact {
    /// The number of its kind.
    pub(super) const fn number(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Boot(_) => 1,
            Self::Authorize(_) => 2,
            Self::TxStart(_) => 3,
            Self::TxStop(_) => 4,
            Self::TxEvent(_) => 5,
            Self::Meter(_) => 6,
            Self::CostUpdate(_) => 7,
            Self::BatterySwap(_) => 8,
            Self::Status(_) => 9,
            Self::FirmwareRequest(_) => 10,
            Self::FirmwareStatus(_) => 11,
            Self::ReservationUpdate(_) => 12,
            Self::Settings(_) => 13,
            Self::Profiles(_) => 14,
            Self::ProfileClear(_) => 15,
            Self::Security(_) => 16,
            Self::Transfer(_) => 17,
            Self::LogRequest(_) => 18,
            Self::LogStatus(_) => 19,
            Self::Notify(_) => 20,
            Self::Closing(_) => 21,
            Self::Answer(_) => 22,
            Self::Refusal(_) => 23,
            Self::Bad => 24,
        }
    }

    /// The same kind of fact, at another place of its list.
    pub(super) fn at(self, place: impl FnOnce(u32) -> u32) -> Self {
        match self {
            Self::Boot(index) => Self::Boot(place(index)),
            Self::Authorize(index) => Self::Authorize(place(index)),
            Self::TxStart(index) => Self::TxStart(place(index)),
            Self::TxStop(index) => Self::TxStop(place(index)),
            Self::TxEvent(index) => Self::TxEvent(place(index)),
            Self::Meter(index) => Self::Meter(place(index)),
            Self::CostUpdate(index) => Self::CostUpdate(place(index)),
            Self::BatterySwap(index) => Self::BatterySwap(place(index)),
            Self::Status(index) => Self::Status(place(index)),
            Self::FirmwareRequest(index) => Self::FirmwareRequest(place(index)),
            Self::FirmwareStatus(index) => Self::FirmwareStatus(place(index)),
            Self::ReservationUpdate(index) => Self::ReservationUpdate(place(index)),
            Self::Settings(index) => Self::Settings(place(index)),
            Self::Profiles(index) => Self::Profiles(place(index)),
            Self::ProfileClear(index) => Self::ProfileClear(place(index)),
            Self::Security(index) => Self::Security(place(index)),
            Self::Transfer(index) => Self::Transfer(place(index)),
            Self::LogRequest(index) => Self::LogRequest(place(index)),
            Self::LogStatus(index) => Self::LogStatus(place(index)),
            Self::Notify(index) => Self::Notify(place(index)),
            Self::Closing(index) => Self::Closing(place(index)),
            Self::Answer(index) => Self::Answer(place(index)),
            Self::Refusal(index) => Self::Refusal(place(index)),
            Self::None | Self::Bad => self,
        }
    }
}

/// `BootNotification` (1.6 §4.2, §6.3; 2.0.1 B01).
#[derive(Clone, Copy, Debug, Default)]
pub struct Boot {
    /// Vendor of the charge point.
    pub vendor: Text,
    /// Model of the charge point.
    pub model: Text,
    /// Serial number: `chargePointSerialNumber`, else `chargeBoxSerialNumber`; 2.x `serialNumber`.
    pub serial_number: Text,
    /// Firmware version.
    pub firmware_version: Text,
    /// ICCID of the modem's SIM card.
    pub iccid: Text,
    /// IMSI of the modem's SIM card.
    pub imsi: Text,
    /// 2.x: why it booted.
    pub reason: Text,
}

/// Authorize (1.6 §4.1; 2.0.1 C01).
#[derive(Clone, Copy, Debug, Default)]
pub struct Authorize {
    /// The token.
    pub id_tag: Text,
    /// 2.x: the token's type.
    pub token_type: Text,
}

/// `StartTransaction` (1.6 §4.8, §6.45).
#[derive(Clone, Copy, Debug, Default)]
pub struct TxStart {
    /// The connector.
    pub connector: Option<i32>,
    /// The token.
    pub id_tag: Text,
    /// The meter at the start, in Wh.
    pub meter_start: Option<f64>,
    /// When it started, by the charge point's clock.
    pub time: Instant,
    /// The reservation that it uses.
    pub reservation: Option<i32>,
}

/// `StopTransaction` (1.6 §4.10, §6.49).
#[derive(Clone, Copy, Debug, Default)]
pub struct TxStop {
    /// The transaction's id.
    pub transaction_id: Text,
    /// The token that stopped it.
    pub id_tag: Text,
    /// The meter at the end, in Wh.
    pub meter_stop: Option<f64>,
    /// When it stopped, by the charge point's clock.
    pub time: Instant,
    /// Why it stopped.
    pub reason: Text,
    /// The samples of `transactionData`.
    pub samples: Span,
}

/// Which part of a transaction a `TransactionEvent` tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum TxPhase {
    /// It began.
    Started,
    /// It goes on; also a word that no version knows.
    #[default]
    Updated,
    /// It ended.
    Ended,
}

/// `TransactionEvent` (2.0.1 part 2, E01 to E15).
#[derive(Clone, Copy, Debug, Default)]
pub struct TxEvent {
    /// Start, middle or end.
    pub phase: TxPhase,
    /// When it happened, by the charge point's clock.
    pub time: Instant,
    /// What caused it.
    pub trigger: Text,
    /// The running number.
    pub seq_no: Option<i64>,
    /// The transaction's id.
    pub transaction_id: Text,
    /// Charging, `SuspendedEV`, …
    pub charging_state: Text,
    /// Why it stopped.
    pub stopped_reason: Text,
    /// The request that started it.
    pub remote_start_id: Option<i64>,
    /// Whether the charge point was offline when it happened.
    pub offline: bool,
    /// The EVSE.
    pub evse: Option<i32>,
    /// The connector of the EVSE.
    pub connector: Option<i32>,
    /// The token.
    pub id_token: Text,
    /// The token's type.
    pub token_type: Text,
    /// The reservation that it uses.
    pub reservation: Option<i32>,
    /// How long energy flowed so far, in microseconds.
    pub time_spent_charging: Option<i64>,
    /// What it costs: index into the store's costs.
    pub cost: Option<u32>,
    /// The samples of `meterValue`.
    pub samples: Span,
}

/// `MeterValues` (1.6 §4.7, §6.31; 2.0.1 J01).
#[derive(Clone, Copy, Debug, Default)]
pub struct Meter {
    /// The EVSE; in 1.x the connector.
    pub evse: Option<i32>,
    /// The connector; none in 2.x.
    pub connector: Option<i32>,
    /// The transaction's id, if sent.
    pub transaction_id: Text,
    /// The samples.
    pub samples: Span,
}

/// `StatusNotification` (1.6 §4.9, §6.47; 2.0.1 G01).
#[derive(Clone, Copy, Debug, Default)]
pub struct Status {
    /// The EVSE; in 1.x the connector.
    pub evse: Option<i32>,
    /// The connector.
    pub connector: Option<i32>,
    /// The status as sent.
    pub status: Text,
    /// The error code; `NoError` where none.
    pub error_code: Text,
    /// Free text.
    pub info: Text,
    /// The vendor whose code follows.
    pub vendor_id: Text,
    /// The vendor's code.
    pub vendor_error_code: Text,
    /// When it changed, by the charge point's clock.
    pub time: Instant,
}

/// Which kind of firmware update it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum FirmwareKind {
    /// `UpdateFirmware`.
    #[default]
    Plain,
    /// `SignedUpdateFirmware` of the 1.6 security extension, and 2.x with a signature.
    Signed,
    /// `PublishFirmware` to a Local Controller.
    Publish,
}

impl FirmwareKind {
    /// The word of the `kind` column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Signed => "signed",
            Self::Publish => "publish",
        }
    }
}

/// `UpdateFirmware`, `SignedUpdateFirmware`, `PublishFirmware` (1.6 §5.19; security extension §5; 2.0.1 L01 to L03).
#[derive(Clone, Copy, Debug, Default)]
pub struct FirmwareRequest {
    /// Which kind.
    pub kind: FirmwareKind,
    /// The request's number; none in plain 1.6.
    pub request_id: Option<i64>,
    /// Where to fetch it; user name and password are left out.
    pub location: Text,
    /// The earliest time to fetch it.
    pub retrieve: Instant,
    /// The earliest time to install it.
    pub install: Instant,
    /// Whether the version's answer can refuse: all but plain 1.6.
    pub answer_has_status: bool,
}

/// `FirmwareStatusNotification` and its two sisters.
#[derive(Clone, Copy, Debug, Default)]
pub struct FirmwareStatus {
    /// Which kind: `Plain` also stands for 2.x, where the message does not tell.
    pub kind: FirmwareKind,
    /// The stage.
    pub status: Text,
    /// The request's number, if sent.
    pub request_id: Option<i64>,
}

/// A CALLRESULT: the fields that any answer of interest has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answer {
    /// `status`.
    pub status: Text,
    /// `transactionId`.
    pub transaction_id: Text,
    /// `idTagInfo.status` or `idTokenInfo.status`.
    pub auth_status: Text,
    /// `interval` or `heartbeatInterval`, in microseconds.
    pub interval: Option<i64>,
    /// `currentTime`.
    pub current_time: Instant,
    /// `totalCost`.
    pub total_cost: Option<f64>,
    /// `ongoingIndicator` of `GetTransactionStatus`.
    pub ongoing: Option<bool>,
    /// `messagesInQueue` of `GetTransactionStatus`.
    pub queued: Option<bool>,
    /// `data` of a `DataTransfer`, or `fileName` (2.x `filename`); secrets are masked.
    pub carried: Text,
    /// `configurationKey` and `unknownKey`, `getVariableResult` or `setVariableResult`.
    pub settings: Span,
}

/// A CALLERROR or CALLRESULTERROR.
#[derive(Clone, Copy, Debug, Default)]
pub struct Refusal {
    /// The error code.
    pub code: Text,
    /// The description.
    pub description: Text,
}
