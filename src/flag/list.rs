//! The one list of flags: name, what it does to a row's quality, in which tables it stands, what it means, what to do.
//!
//! The names come from the rule book; `docs/flags.md` is made from this list.

use super::Effect;
use crate::options::Table;

/// A flag's entry in the list.
#[derive(Clone, Copy, Debug)]
pub struct FlagInfo {
    /// The name as it stands in the `flags` column.
    pub name: &'static str,
    /// What it does to the row's quality.
    pub effect: Effect,
    /// The tables in whose `flags` column it may stand.
    pub tables: &'static [Table],
    /// What it means, in one sentence.
    pub meaning: &'static str,
    /// What an analyst should do about it.
    pub advice: &'static str,
}

macro_rules! flags {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $name:literal, $effect:ident, [$($table:ident),+], $advice:literal;)+) => {
        /// One flag.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Flag { $($(#[doc = $meaning])+ $variant,)+ }

        /// Every flag, sorted by name; the index is the flag's number.
        pub const FLAGS: &[FlagInfo] = &[
            $(FlagInfo {
                name: $name,
                effect: Effect::$effect,
                tables: &[$(Table::$table),+],
                meaning: concat!($($meaning),+),
                advice: $advice,
            },)+
        ];

        pub(super) const ALL: &[Flag] = &[$(Flag::$variant),+];
    };
}

flags! {
    /// The action is not one of any OCPP version.
    ActionUnknown = "action_unknown", None, [Messages],
        "Look whether the name is misspelt, or the vendor's own. The message is kept, but no table but messages uses \
         it.";
    /// An event of the transaction has a higher sequence number than its end.
    AfterEnded = "after_ended", Suspect, [Transactions],
        "Trust the stop less: look at the events with log.trace.";
    /// The sample was taken after the transaction had stopped; it does not count for its energy.
    AfterStop = "after_stop", None, [Transactions, MeterValues],
        "Leave such samples out of curves of the transaction; its energy does so already.";
    /// The answer was logged before its call.
    AnswerBeforeCall = "answer_before_call", None, [Messages],
        "Nothing: the log writes lines of two threads in any order. Its response time says nothing.";
    /// A repeated start was answered with another authorisation status; the earlier one stands behind the colon.
    AuthStatusConflict = "auth_status_conflict", None, [Transactions],
        "Take the earlier word if you ask whether the driver was allowed to charge: the last answer may only mean that \
         the transaction runs already.";
    /// The payload lacks something its action cannot do without, or a field has an impossible type; on a command its
    /// arguments may be incomplete.
    BadPayload = "bad_payload", Partial, [Messages, Commands],
        "Look the payload up in messages; the row of unmatched says what it would have been.";
    /// A sampled value is no number.
    BadValue = "bad_value", None, [MeterValues],
        "Read raw_value; leave the sample out of sums.";
    /// The EVSE is a slot of a battery swapping station: no vehicle stands there.
    BatterySwapSlot = "battery_swap_slot", None, [Transactions],
        "Leave it out of counts of sessions: what charges is a battery of the station.";
    /// The charge point had not been accepted by the CSMS yet.
    BeforeAccepted = "before_accepted", None, [Transactions, ConnectivityIntervals],
        "Nothing for a single one; many hint at a charge point that the CSMS does not know.";
    /// The charge point counts more time in which energy flowed than the transaction lasted; its count is not used.
    ChargingTimeMismatch = "charging_time_mismatch", Suspect, [Transactions],
        "Use charging_duration, which was put together without that count, and doubt the charge point's clock.";
    /// The payload time lies in the future of the recorder's clock by more than `Rules.future_tolerance`.
    ClockFuture = "clock_future", Suspect, [Transactions, StatusIntervals, Faults, SecurityEvents],
        "Compare with received_at. In status_intervals the recorder's time stands instead. Durations inside of one \
         transaction still hold if both ends shift alike; where all times are off by hours, see tz_suspect.";
    /// The charge point's clock was not set (a year up to 2009); the recorder's time is used.
    ClockUnset = "clock_unset", Estimated, [Transactions, MeterValues, StatusIntervals, Faults, SecurityEvents],
        "Take the time as the time of arrival; energy is not touched.";
    /// A second stop with other content exists; the earlier one counts.
    ConflictingStop = "conflicting_stop", Suspect, [Transactions],
        "Look at both stops with log.trace before the energy is billed.";
    /// Meter values with this transaction's id name another connector.
    ConnectorMismatch = "connector_mismatch", None, [Transactions],
        "Trust the transaction's connector; samples are joined by the id.";
    /// The charge point and the CSMS tell different final costs; the one of the CSMS is given.
    CostMismatch = "cost_mismatch", Suspect, [Transactions],
        "Ask the CSMS which one was billed.";
    /// The answer came on another connection than its call.
    CrossConnection = "cross_connection", None, [Messages],
        "Nothing: the pair holds. Its response time includes the reconnection.";
    /// A number is written with a decimal comma; its value is null.
    DecimalComma = "decimal_comma", None, [MeterValues],
        "Read raw_value if you want the number.";
    /// A key stands twice in an object of the payload; the first one counts.
    DuplicateKey = "duplicate_key", None, [Messages, Commands],
        "Look at the payload: a later value was not used.";
    /// The call was answered before; this answer is not used.
    DuplicateResponse = "duplicate_response", None, [Messages],
        "Nothing: the first answer counts.";
    /// A repeated start was answered with another transaction id; the other id stands behind the colon.
    DuplicateTxId = "duplicate_tx_id", None, [Transactions],
        "Join with other systems by both ids.";
    /// The end was inferred: from the last sign of life, or from what came after it.
    EndEstimated = "end_estimated", Estimated, [Transactions],
        "Use the stop for sums, not for a single bill; end_source tells on what evidence.";
    /// The charge point says that the end waits in its queue, and the log ends before it is sent.
    EndQueued = "end_queued", Partial, [Transactions],
        "Read a longer log: the end may come hours later.";
    /// It is over, but the event that ended it is not in the log, nor what came between.
    EndedMissing = "ended_missing", Partial, [Transactions],
        "Take the energy as the least that was delivered.";
    /// The average power would be beyond anything a charge point can deliver.
    EnergyImplausible = "energy_implausible", Suspect, [Transactions],
        "Leave the energy out of sums until the meters are looked at; the unit may be wrong.";
    /// Two ways to the energy disagree by more than the tolerance.
    EnergyMismatch = "energy_mismatch", Suspect, [Transactions],
        "Compare energy_wh_start_stop with energy_wh_register; a meter that counts elsewhere, or a lost reading, is \
         the usual cause.";
    /// A CALLERROR lacks its description or details.
    ErrorFieldsMissing = "error_fields_missing", None, [Messages],
        "Nothing: the code counts.";
    /// The events of the transaction name more than one EVSE.
    EvseChanged = "evse_changed", Suspect, [Transactions],
        "Look at the events with log.trace; evse_id is the first one named.";
    /// The connector is faulted, but no error code is given.
    FaultWithoutCode = "fault_without_code", None, [StatusIntervals, Faults],
        "Ask the vendor: status and info are all there is.";
    /// The connector was reported faulted during the transaction.
    FaultedDuring = "faulted_during", None, [Transactions],
        "Join faults by transaction_id to see which fault, and whether the transaction was cut short.";
    /// The frame was cut inside a word by the end of a line, and put together again.
    FrameRejoined = "frame_rejoined", None, [Messages],
        "Nothing, unless a text of the payload looks broken.";
    /// Sequence numbers are missing although the charge point was online.
    GapLog = "gap_log", Partial, [Transactions],
        "Find out what the log lost; energy between the neighbours is right, the curve is not complete.";
    /// Sequence numbers are missing where neighbours were sent offline.
    GapOffline = "gap_offline", None, [Transactions],
        "Nothing: a charge point may drop such events while it is offline.";
    /// The start meter stands higher than where the transaction before on this connector ended: energy flowed in
    /// between.
    GapPositive = "gap_positive", None, [Transactions],
        "Sum the gaps per connector if you look for energy that no transaction tells.";
    /// A new connection was opened while this one seemed alive; it was dead since its last frame.
    GhostConnection = "ghost_connection", None, [ConnectivityIntervals],
        "Count such rows: many mean a network that drops connections silently.";
    /// The answer could belong to a call of either side.
    IdAmbiguous = "id_ambiguous", None, [Messages],
        "Check the pair if its payload surprises; the answer's fields decided.";
    /// The message id was written as a number.
    IdCoerced = "id_coerced", None, [Messages],
        "Nothing.";
    /// The message id is longer than the 36 characters that OCPP allows.
    IdLength = "id_length", None, [Messages],
        "Tell the vendor; the id is kept whole.";
    /// The message id was used before for something else.
    IdReused = "id_reused", None, [Messages],
        "Join messages by place, not by id.";
    /// The receiver could not read the message id and answered with -1.
    IdUnreadable = "id_unreadable", None, [Messages],
        "Check the pair: the only open call was taken.";
    /// Only a sample of the inlet tells the energy.
    InletEnergy = "inlet_energy", None, [Transactions],
        "Expect a little more than at the outlet: what the charge point itself uses is in it.";
    /// The transaction is said to run on connector 0.
    InvalidConnector = "invalid_connector", Suspect, [Transactions],
        "Leave it out of figures per connector.";
    /// The recorder's clock is too coarse for a response time.
    LatencyUnreliable = "latency_unreliable", None, [Messages, Authorizations, Commands],
        "Do not compute response times from this log.";
    /// It may have begun before the log does.
    LeftCensored = "left_censored", None, [Transactions, StatusIntervals, FirmwareUpdates, Faults, LogUploads],
        "Leave such rows out of mean durations and rates.";
    /// A limit of the transaction was reached; which one stands behind the colon.
    LimitHit = "limit_hit", None, [Transactions],
        "Nothing: the word behind the colon is energy, time, soc or cost.";
    /// A character is half of a surrogate pair; it reads as U+FFFD.
    LoneSurrogate = "lone_surrogate", None, [Messages, Transactions],
        "Nothing, unless the text is an id that you join by.";
    /// The sample of the main meter names a transaction, which the main meter never measures.
    MainMeterId = "main_meter_id", None, [MeterValues],
        "Nothing: the sample belongs to no transaction.";
    /// The measurand is not one of any OCPP version.
    MeasurandUnknown = "measurand_unknown", None, [MeterValues],
        "Map the word yourself; see the column measurand.";
    /// A single register reading that falls and recovers was left out.
    MeterGlitch = "meter_glitch", Suspect, [Transactions],
        "Nothing for the energy, which leaves the reading out; many hint at a broken meter.";
    /// The register fell inside the transaction.
    MeterReset = "meter_reset", Suspect, [Transactions],
        "Doubt the energy: what was counted between the last reading and the reset is lost.";
    /// The register passed its largest value inside the transaction.
    MeterRollover = "meter_rollover", Estimated, [Transactions],
        "Nothing: the largest value was added.";
    /// Start and end are told by clocks that do not agree, so no duration is given.
    MixedClocks = "mixed_clocks", Partial, [Transactions, StatusIntervals, Faults],
        "Use the times of arrival if you need a length.";
    /// Plain and signed firmware messages are mixed on this charge point.
    MixedProfiles = "mixed_profiles", None, [FirmwareUpdates],
        "Read kind row by row: one update may be two rows.";
    /// The end lies before the start; no duration is given.
    NegativeDuration = "negative_duration", Suspect, [Transactions, StatusIntervals, Faults],
        "Doubt the charge point's clock, which was set in between.";
    /// The stop meter lies below the start meter, or what was measured is less than nothing; that is not given.
    NegativeEnergy = "negative_energy", Suspect, [Transactions],
        "Use energy_wh, which comes by another method, if it is there; the meter was changed or reset.";
    /// It runs for weeks on a charge point whose `TxStopPoint` is known: as set, transactions may never end.
    NeverEndedConfig = "never_ended_config", Suspect, [Transactions],
        "Correct the variable TxStopPoint of that charge point.";
    /// The cable was never plugged in.
    NeverPluggedIn = "never_plugged_in", None, [Transactions],
        "Leave it out of counts of charges: nobody charged.";
    /// After an accepted boot no status was reported within `Rules.status_after_boot`; on a row of `status_intervals`:
    /// none of this connector.
    NoStatusAfterBoot = "no_status_after_boot", None, [StatusIntervals, Boots],
        "Doubt the statuses until the next report.";
    /// A number is beyond what its column holds: it is null, or has lost digits.
    NumberRange = "number_range", None, [Messages, Commands],
        "Read the number in the payload.";
    /// A connector was Occupied, and most of the row lies outside of the transactions that tell its `status_class`: the
    /// cable stayed plugged in.
    OccupiedInPart = "occupied_in_part", None, [StatusIntervals],
        "Take the time of charging from transactions (charging_duration), not from this row.";
    /// The stages of the update came in an unusual order.
    OrderUnusual = "order_unusual", None, [FirmwareUpdates],
        "Nothing: the outcome does not depend on the order.";
    /// The answer fits no call in the log.
    OrphanResponse = "orphan_response", None, [Messages],
        "Look whether the log begins too late or lacks one direction.";
    /// The report is older than the one before it.
    OutOfOrder = "out_of_order", None, [StatusIntervals, Faults],
        "Nothing for the timeline, which is put in order; many hint at a clock that was set back.";
    /// A new job was requested while this one was open.
    Overlap = "overlap", None, [FirmwareUpdates, LogUploads],
        "Look at both rows: statuses without a number may belong to either.";
    /// The answer gave no transaction id; start and stop were joined because nothing else fits.
    PairedWithoutId = "paired_without_id", Estimated, [Transactions],
        "Check the pair if tokens matter; link_confidence is medium.";
    /// A call without payload.
    PayloadMissing = "payload_missing", None, [Messages],
        "Nothing: it reads as an empty payload.";
    /// The payload is null.
    PayloadNull = "payload_null", None, [Messages],
        "Nothing: it reads as an empty payload.";
    /// Some phases of a reading are missing.
    PhasesPartial = "phases_partial", Partial, [Transactions],
        "Take the energy or power as that of the phases measured; with one phase only it may be all there is.";
    /// The charge point used an id that nobody had assigned; it stands behind the colon.
    PlaceholderId = "placeholder_id", None, [Transactions],
        "Read link_method and link_confidence before you bill it.";
    /// The same start but for one or two seconds exists; both are kept.
    PossibleDuplicateStart = "possible_duplicate_start", Suspect, [Transactions],
        "Count one of the two if they are the same session.";
    /// The direction or kind of the message breaks the protocol.
    ProtocolViolation = "protocol_violation", None, [Messages, Commands],
        "Look whether the log's words for directions are turned round.";
    /// No reason was given, which by the standard means Local.
    ReasonDefaulted = "reason_defaulted", None, [Transactions],
        "Nothing: stop_class is user_local, but nobody said so.";
    /// The charge point booted during the transaction, or says that it went on after an interruption.
    RebootDuring = "reboot_during", None, [Transactions],
        "Look at interruptions; the register goes on, the times in between may lack samples.";
    /// After a failure the same job succeeded.
    Recovered = "recovered", None, [FirmwareUpdates],
        "Nothing: the outcome tells the success.";
    /// The start meter stands lower than where the transaction before on this connector ended.
    RegisterNotContinuous = "register_not_continuous", None, [Transactions],
        "Nothing if all transactions of the charge point have it: its meter starts anew each time.";
    /// The samples count from the start of the session, start and stop meter count for life.
    RegisterSessionRelative = "register_session_relative", None, [Transactions],
        "Do not subtract meter_start_wh from its samples.";
    /// A request to stop was accepted, and the transaction did not stop.
    RemoteStopUnfulfilled = "remote_stop_unfulfilled", None, [Transactions],
        "Look at commands: the charge point accepted and did not act.";
    /// A status of a numbered job came without its number.
    RequestIdMissing = "request_id_missing", None, [FirmwareUpdates, LogUploads],
        "Check the row if two jobs are near each other: the status was given to the open one.";
    /// The requester refused the answer (CALLRESULTERROR).
    ResultRejected = "result_rejected", None, [Messages, Authorizations, Commands],
        "Look at the error code in messages: one of the two sides breaks the standard.";
    /// A security event of the charge point says the same as the outcome of the update.
    SecurityConfirmed = "security_confirmed", None, [FirmwareUpdates],
        "Nothing: the outcome has a second witness.";
    /// A sequence number stands on two different events; the later one counts.
    SeqConflict = "seq_conflict", Suspect, [Transactions],
        "Look at both events with log.trace.";
    /// Sequence numbers fall while the time rises; the time orders the events.
    SeqDisorder = "seq_disorder", Suspect, [Transactions],
        "Doubt the charge point's numbers; start and stop are ordered by time.";
    /// The payload is signed; what is in it was read without checking the signature.
    SignedPayload = "signed_payload", None, [Messages, Commands],
        "Check the signature elsewhere if it matters.";
    /// The CSMS's answer to the start is not in the log.
    StartUnanswered = "start_unanswered", Partial, [Transactions],
        "Find the id in the CSMS: the charge point may have got one that the log lacks.";
    /// The event that began the transaction is not in the log.
    StartedMissing = "started_missing", Partial, [Transactions],
        "Take start_time as the latest possible start; there is no duration, and energy counts from the first \
         reading.";
    /// The time was written in an unusual form.
    TimeCoerced = "time_coerced", None, [Transactions, MeterValues, StatusIntervals, FirmwareUpdates, Faults, SecurityEvents, ChargingProfiles],
        "Nothing: it was read.";
    /// The time cannot be read; the recorder's time stands for it, or null where none can.
    TimeInvalid = "time_invalid", Estimated, [Transactions, MeterValues, StatusIntervals, FirmwareUpdates, Faults, SecurityEvents, ChargingProfiles],
        "Take the time as the time of arrival.";
    /// The time lies outside of what can be stored or believed; where it cannot be stored, the recorder's time stands
    /// for it, or null.
    TimeRange = "time_range", Suspect, [Transactions, MeterValues, StatusIntervals, FirmwareUpdates, Faults, SecurityEvents, ChargingProfiles],
        "Take the time as the time of arrival.";
    /// Several transactions of this charge point got the same id.
    TxIdCollision = "tx_id_collision", Suspect, [Transactions, Commands],
        "Never join by the id alone: use charge_point_id, connector_id and start_time.";
    /// The id was used before for a transaction that had ended.
    TxIdReused = "tx_id_reused", None, [Transactions],
        "Never join by the id alone: use start_time as well.";
    /// The message type was written as text or as a fraction.
    TypeCoerced = "type_coerced", None, [Messages],
        "Nothing.";
    /// The payload time has no offset; it was taken as UTC.
    TzMissing = "tz_missing", None, [Transactions, MeterValues, StatusIntervals, FirmwareUpdates, Faults, SecurityEvents, ChargingProfiles],
        "Compare with received_at: if all times are off by whole hours, the charge point writes local time.";
    /// The payload time lies in the future by a whole number of quarter hours, as if local time were called UTC.
    TzSuspect = "tz_suspect", Suspect, [Transactions, StatusIntervals, Faults, SecurityEvents],
        "Subtract the offset if all times of the charge point have it.";
    /// Readings and their unit do not fit: those labelled Wh look like kWh.
    UnitSuspect = "unit_suspect", Suspect, [Transactions],
        "Compare with meter_start_wh; multiply by 1000 only if a known charge point does this.";
    /// The unit is not one of any OCPP version; the value is kept as it is.
    UnitUnknown = "unit_unknown", None, [MeterValues],
        "Convert it yourself; see the column unit.";
    /// Bytes that are not UTF-8 were replaced.
    Utf8Replaced = "utf8_replaced", None, [Messages, Transactions],
        "Read the source with the right encoding.";
    /// A sampled value is not finite, or too large in its base unit.
    ValueNotFinite = "value_not_finite", None, [MeterValues],
        "Read raw_value; leave the sample out of sums.";
    /// The next step of the update waits for the end of transactions.
    WaitingTransactions = "waiting_transactions", None, [FirmwareUpdates],
        "Nothing: it goes on when the last vehicle leaves.";
    /// A status other than Faulted came with an error code.
    Warning = "warning", None, [StatusIntervals],
        "Read error_code: the connector works, something else does not.";
}

impl Flag {
    /// The flag's entry in the list.
    #[must_use]
    pub const fn info(self) -> &'static FlagInfo {
        &FLAGS[self as usize]
    }

    /// Reads a flag's name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        FLAGS.binary_search_by(|info| info.name.cmp(name)).ok().map(|index| ALL[index])
    }
}
