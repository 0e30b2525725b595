//! The one list of flags: name, where it stands, what it means, what it does to a row's quality.
//!
//! The names come from the rule book; the documentation of the flags is generated from this list.

/// What a flag says about the numbers of its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// The numbers stand.
    None,
    /// A time or an energy was inferred.
    Estimated,
    /// A number is missing because the log lacks something.
    Partial,
    /// A number contradicts another one.
    Suspect,
}

impl Effect {
    /// The word of the `quality` column.
    #[must_use]
    pub const fn quality(self) -> &'static str {
        match self {
            Self::None => "good",
            Self::Estimated => "estimated",
            Self::Partial => "partial",
            Self::Suspect => "suspect",
        }
    }
}

/// A flag's entry in the list.
#[derive(Clone, Copy, Debug)]
pub struct FlagInfo {
    /// The name as it stands in the `flags` column.
    pub name: &'static str,
    /// What it does to the row's quality.
    pub effect: Effect,
    /// What it means, in one sentence.
    pub meaning: &'static str,
}

macro_rules! flags {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $name:literal, $effect:ident;)+) => {
        /// One flag.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Flag { $($(#[doc = $meaning])+ $variant,)+ }

        /// Every flag, sorted by name; the index is the flag's number.
        pub const FLAGS: &[FlagInfo] = &[
            $(FlagInfo { name: $name, effect: Effect::$effect, meaning: concat!($($meaning),+) },)+
        ];

        const ALL: &[Flag] = &[$(Flag::$variant),+];
    };
}

flags! {
    /// The action is not one of any OCPP version.
    ActionUnknown = "action_unknown", None;
    /// An event of the transaction has a higher sequence number than its end.
    AfterEnded = "after_ended", Suspect;
    /// The sample was taken after the transaction had stopped; it does not count for its energy.
    AfterStop = "after_stop", None;
    /// The answer was logged before its call.
    AnswerBeforeCall = "answer_before_call", None;
    /// A repeated start was answered with another authorisation status; the earlier one stands behind the colon.
    AuthStatusConflict = "auth_status_conflict", None;
    /// The payload lacks something its action cannot do without, or a field has an impossible type.
    BadPayload = "bad_payload", Partial;
    /// A sampled value is no number.
    BadValue = "bad_value", None;
    /// The EVSE is a slot of a battery swapping station: no vehicle stands there.
    BatterySwapSlot = "battery_swap_slot", None;
    /// The charge point had not been accepted by the CSMS yet.
    BeforeAccepted = "before_accepted", None;
    /// The charge point counts more time in which energy flowed than the transaction lasted; its count is not used.
    ChargingTimeMismatch = "charging_time_mismatch", Suspect;
    /// The payload time lies in the future of the recorder's clock.
    ClockFuture = "clock_future", Suspect;
    /// The charge point's clock was not set (a year up to 2009); the recorder's time is used.
    ClockUnset = "clock_unset", Estimated;
    /// A second stop with other content exists; the first one counts.
    ConflictingStop = "conflicting_stop", Suspect;
    /// Meter values with this transaction's id name another connector.
    ConnectorMismatch = "connector_mismatch", None;
    /// The charge point and the CSMS tell different final costs; the one of the CSMS is given.
    CostMismatch = "cost_mismatch", Suspect;
    /// The answer came on another connection than its call.
    CrossConnection = "cross_connection", None;
    /// A number is written with a decimal comma; its value is null.
    DecimalComma = "decimal_comma", None;
    /// A key stands twice in an object of the payload; the first one counts.
    DuplicateKey = "duplicate_key", None;
    /// The call was answered before; this answer is not used.
    DuplicateResponse = "duplicate_response", None;
    /// A repeated start was answered with another transaction id; the other id stands behind the colon.
    DuplicateTxId = "duplicate_tx_id", None;
    /// The end was inferred from what came after it.
    EndEstimated = "end_estimated", Estimated;
    /// The charge point says that the end waits in its queue, and the log ends before it is sent.
    EndQueued = "end_queued", Partial;
    /// It is over, but the event that ended it is not in the log, nor what came between.
    EndedMissing = "ended_missing", Partial;
    /// The average power would be beyond anything a charge point can deliver.
    EnergyImplausible = "energy_implausible", Suspect;
    /// Two ways to the energy disagree by more than the tolerance.
    EnergyMismatch = "energy_mismatch", Suspect;
    /// A CALLERROR lacks its description or details.
    ErrorFieldsMissing = "error_fields_missing", None;
    /// The events of the transaction name more than one EVSE.
    EvseChanged = "evse_changed", Suspect;
    /// The connector is faulted, but no error code is given.
    FaultWithoutCode = "fault_without_code", None;
    /// The connector was reported faulted during the transaction.
    FaultedDuring = "faulted_during", None;
    /// The frame was cut inside a word by the end of a line, and put together again.
    FrameRejoined = "frame_rejoined", None;
    /// Sequence numbers are missing although the charge point was online.
    GapLog = "gap_log", Partial;
    /// Sequence numbers are missing where neighbours were sent offline.
    GapOffline = "gap_offline", None;
    /// The register stands higher than where the transaction before on this connector ended: energy flowed in between.
    GapPositive = "gap_positive", None;
    /// A new connection was opened while this one seemed alive; it was dead since its last frame.
    GhostConnection = "ghost_connection", None;
    /// The answer could belong to a call of either side.
    IdAmbiguous = "id_ambiguous", None;
    /// The message id was written as a number.
    IdCoerced = "id_coerced", None;
    /// The message id is longer than the 36 characters that OCPP allows.
    IdLength = "id_length", None;
    /// The message id was used before for something else.
    IdReused = "id_reused", None;
    /// The receiver could not read the message id and answered with -1.
    IdUnreadable = "id_unreadable", None;
    /// Only a sample of the inlet tells the energy.
    InletEnergy = "inlet_energy", None;
    /// The transaction is said to run on connector 0.
    InvalidConnector = "invalid_connector", Suspect;
    /// The recorder's clock is too coarse for a response time.
    LatencyUnreliable = "latency_unreliable", None;
    /// It began before the log does.
    LeftCensored = "left_censored", None;
    /// A limit of the transaction was reached; which one stands behind the colon.
    LimitHit = "limit_hit", None;
    /// A character is half of a surrogate pair; it reads as U+FFFD.
    LoneSurrogate = "lone_surrogate", None;
    /// The sample of the main meter names a transaction, which the main meter never measures.
    MainMeterId = "main_meter_id", None;
    /// The measurand is not one of any OCPP version.
    MeasurandUnknown = "measurand_unknown", None;
    /// A single register reading that falls and recovers was left out.
    MeterGlitch = "meter_glitch", Suspect;
    /// The register fell inside the transaction.
    MeterReset = "meter_reset", Suspect;
    /// The register passed its largest value inside the transaction.
    MeterRollover = "meter_rollover", Estimated;
    /// Start and end are told by different clocks, so no duration is given.
    MixedClocks = "mixed_clocks", Partial;
    /// Plain and signed firmware messages are mixed on this charge point.
    MixedProfiles = "mixed_profiles", None;
    /// The stop lies before the start; no duration is given.
    NegativeDuration = "negative_duration", Suspect;
    /// The stop meter lies below the start meter; that difference is not given.
    NegativeEnergy = "negative_energy", Suspect;
    /// It runs for weeks on a charge point whose `TxStopPoint` is known: as set, transactions may never end.
    NeverEndedConfig = "never_ended_config", Suspect;
    /// The cable was never plugged in.
    NeverPluggedIn = "never_plugged_in", None;
    /// After an accepted boot no status was reported.
    NoStatusAfterBoot = "no_status_after_boot", None;
    /// A number is beyond what its column holds: it is null, or has lost digits.
    NumberRange = "number_range", None;
    /// The stages of the update came in an unusual order.
    OrderUnusual = "order_unusual", None;
    /// The answer fits no call in the log.
    OrphanResponse = "orphan_response", None;
    /// The report is older than the one before it.
    OutOfOrder = "out_of_order", None;
    /// A new job was requested while one was open.
    Overlap = "overlap", None;
    /// The answer gave no transaction id; start and stop were joined because nothing else fits.
    PairedWithoutId = "paired_without_id", Estimated;
    /// A call without payload.
    PayloadMissing = "payload_missing", None;
    /// The payload is null.
    PayloadNull = "payload_null", None;
    /// Some phases of a reading are missing.
    PhasesPartial = "phases_partial", Partial;
    /// The charge point used an id that nobody had assigned; it stands behind the colon.
    PlaceholderId = "placeholder_id", None;
    /// The same start but for one or two seconds exists; both are kept.
    PossibleDuplicateStart = "possible_duplicate_start", Suspect;
    /// The direction or kind of the message breaks the protocol.
    ProtocolViolation = "protocol_violation", None;
    /// No reason was given, which by the standard means Local.
    ReasonDefaulted = "reason_defaulted", None;
    /// The charge point booted during the transaction.
    RebootDuring = "reboot_during", None;
    /// After a failure the same job succeeded.
    Recovered = "recovered", None;
    /// The register does not go on where the transaction before it on this connector ended.
    RegisterNotContinuous = "register_not_continuous", None;
    /// The samples count from the start of the session, start and stop meter count for life.
    RegisterSessionRelative = "register_session_relative", None;
    /// A request to stop was accepted, and the transaction did not stop.
    RemoteStopUnfulfilled = "remote_stop_unfulfilled", None;
    /// A status of a numbered job came without its number.
    RequestIdMissing = "request_id_missing", None;
    /// The requester refused the answer (CALLRESULTERROR).
    ResultRejected = "result_rejected", None;
    /// A security event of the charge point says the same as the outcome of the update.
    SecurityConfirmed = "security_confirmed", None;
    /// A sequence number stands on two different events; the later one counts.
    SeqConflict = "seq_conflict", Suspect;
    /// Sequence numbers fall while the time rises; the time orders the events.
    SeqDisorder = "seq_disorder", Suspect;
    /// The payload is signed; what is in it was read without checking the signature.
    SignedPayload = "signed_payload", None;
    /// The CSMS's answer to the start is not in the log.
    StartUnanswered = "start_unanswered", Partial;
    /// The event that began the transaction is not in the log.
    StartedMissing = "started_missing", Partial;
    /// The time was written in an unusual form.
    TimeCoerced = "time_coerced", None;
    /// The time cannot be read; the recorder's time is used.
    TimeInvalid = "time_invalid", Estimated;
    /// The time lies outside of what can be stored or believed.
    TimeRange = "time_range", Suspect;
    /// Several transactions of this charge point got the same id.
    TxIdCollision = "tx_id_collision", Suspect;
    /// The id was used before for a transaction long ended.
    TxIdReused = "tx_id_reused", None;
    /// The message type was written as text or as a fraction.
    TypeCoerced = "type_coerced", None;
    /// The payload time has no offset; it was taken as UTC.
    TzMissing = "tz_missing", None;
    /// The payload time is off by a whole number of quarter hours, as if local time were called UTC.
    TzSuspect = "tz_suspect", Suspect;
    /// The label Wh and the values do not fit; they look like kWh.
    UnitSuspect = "unit_suspect", Suspect;
    /// The unit is not one of any OCPP version; the value is kept as it is.
    UnitUnknown = "unit_unknown", None;
    /// Bytes that are not UTF-8 were replaced.
    Utf8Replaced = "utf8_replaced", None;
    /// A sampled value is not finite.
    ValueNotFinite = "value_not_finite", None;
    /// The next step of the update waits for the end of transactions.
    WaitingTransactions = "waiting_transactions", None;
    /// A status other than Faulted came with an error code.
    Warning = "warning", None;
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

/// A set of flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(u128);

impl Flags {
    /// No flag.
    pub const NONE: Self = Self(0);

    /// Adds a flag.
    pub const fn add(&mut self, flag: Flag) {
        self.0 |= 1 << flag as u8;
    }

    /// Adds a flag if `condition` holds.
    pub const fn add_if(&mut self, condition: bool, flag: Flag) {
        if condition {
            self.add(flag);
        }
    }

    /// Adds all of `other`.
    pub const fn extend(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Takes a flag out.
    pub const fn remove(&mut self, flag: Flag) {
        self.0 &= !(1 << flag as u8);
    }

    /// Whether a flag is set.
    #[must_use]
    pub const fn has(self, flag: Flag) -> bool {
        self.0 & (1 << flag as u8) != 0
    }

    /// Whether none is set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those also in `other`.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The flags, sorted by name.
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        ALL.iter().copied().filter(move |&flag| self.has(flag))
    }

    /// The strongest effect of the set.
    #[must_use]
    pub fn effect(self) -> Effect {
        self.iter().map(|flag| flag.info().effect).max().unwrap_or(Effect::None)
    }
}

impl FromIterator<Flag> for Flags {
    fn from_iter<T: IntoIterator<Item = Flag>>(flags: T) -> Self {
        let mut set = Self::NONE;
        for flag in flags {
            set.add(flag);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_so_that_a_set_comes_out_sorted() {
        assert!(FLAGS.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert!(FLAGS.len() <= 128);
    }

    #[test]
    fn every_flag_is_found_by_its_name() {
        for (index, info) in FLAGS.iter().enumerate() {
            assert_eq!(Flag::from_name(info.name).map(|flag| flag as usize), Some(index));
        }
    }

    #[test]
    fn the_strongest_effect_wins() {
        let flags: Flags = [Flag::Warning, Flag::StartUnanswered, Flag::EndEstimated].into_iter().collect();
        assert_eq!(flags.effect(), Effect::Partial);
    }
}
