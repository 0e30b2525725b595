//! The disturbances that a log can suffer, by name.

use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::dice::Dice;

/// What kind of fact a disturbance is drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// A charging session of an OCPP 1.6 charge point.
    Session16,
    /// A charging session of an OCPP 2.0.1 charge point.
    Session201,
    /// A status change of a connector, OCPP 1.6.
    Status16,
    /// A status change of a connector, OCPP 2.0.1.
    Status201,
    /// A firmware update.
    Firmware,
    /// A command that asks for no charging.
    Command,
    /// The way a charge point is found when the log begins.
    LogStart,
}

/// Declares the disturbances: variant, name in the truth files, scopes in which it can be drawn.
macro_rules! disturbances {
    ($($variant:ident $name:literal [$($scope:ident)*] $doc:literal;)*) => {
        /// One kind of disturbance.
        #[expect(clippy::doc_markdown, reason = "the sentences are the help of the command line, too")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Disturbance {
            $(#[doc = $doc] $variant,)*
        }

        impl Disturbance {
            /// All of them, in the order of the README's table.
            pub(crate) const ALL: &'static [Disturbance] = &[$(Disturbance::$variant,)*];

            /// The name in the truth files and on the command line.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Disturbance::$variant => $name,)* }
            }

            /// Where this disturbance can be drawn.
            fn scopes(self) -> &'static [Scope] {
                match self { $(Disturbance::$variant => &[$(Scope::$scope,)*],)* }
            }

            /// One sentence on what happens.
            fn help(self) -> &'static str {
                match self { $(Disturbance::$variant => $doc,)* }
            }
        }
    };
}

disturbances! {
    StartAnswerLost "start_answer_lost" [Session16 Session201]
        "The first message of a transaction is not answered and is sent again under a new message id.";
    StartAnswerNever "start_answer_never" [Session16]
        "StartTransaction is never answered; the charge point goes on with transactionId -1.";
    StartDuplicateId "start_duplicate_id" [Session16]
        "StartTransaction is sent again and the retry gets another transactionId.";
    RetrySameId "retry_same_id" [Session16 Session201]
        "The first message of a transaction is sent again under the same message id.";
    StartRefused "start_refused" [Session16]
        "The CSMS refuses the start; the charge point stops or just gives up.";
    OfflineDelivery "offline_delivery" [Session16 Session201]
        "No connection for 1 h to 2 days; transaction messages arrive late in a burst.";
    StopLost "stop_lost" [Session16]
        "StopTransaction is not in the log.";
    StopRepeated "stop_repeated" [Session16 Session201]
        "The last message of a transaction is sent twice under two message ids.";
    RebootDuring "reboot_during" [Session16 Session201]
        "Power cut and boot in the middle of the transaction.";
    CollidingIds "colliding_ids" [Session16]
        "The CSMS hands out a transactionId that this charge point already had.";
    StopOnly "stop_only" [LogStart]
        "The transaction began before the log.";
    MeterReset "meter_reset" [Session16 Session201]
        "The register falls to zero inside the transaction.";
    MeterStopBelowStart "meter_stop_below_start" [Session16]
        "StopTransaction reports a register below meterStart.";
    SessionRelativeRegisters "session_relative_registers" [Session16]
        "Samples count from the start of the transaction, meterStart and meterStop do not.";
    KwhRegisters "kwh_registers" [Session16 Session201]
        "Samples are in kWh.";
    Clock1970 "clock_1970" [Session16 Session201]
        "The payload clock is in 1970 until the first boot answer.";
    LocalTimeAsZ "local_time_as_z" [Session16 Session201]
        "The payload clock is 2 h ahead of UTC and says Z.";
    StatusWithoutTimestamp "status_without_timestamp" [Status16]
        "StatusNotification has no timestamp.";
    StatusRepeated "status_repeated" [Status16 Status201]
        "The same status is reported again some minutes later.";
    StatusLost "status_lost" [Status16 Status201]
        "A status report is missing.";
    MessageDuplicated "message_duplicated" [Session16 Session201 Firmware]
        "A line stands twice in the log.";
    MeterValuesWithoutId "meter_values_without_id" [Session16]
        "MeterValues carry no transactionId.";
    SeqGap "seq_gap" [Session201]
        "Some Updated events are missing.";
    SeqDuplicate "seq_duplicate" [Session201]
        "An Updated event is sent twice with the same seqNo.";
    EndedBeforeStarted "ended_before_started" [Session201]
        "Started is delivered after Ended.";
    StartedMissing "started_missing" [Session201]
        "Started is not in the log.";
    EndedMissing "ended_missing" [Session201]
        "Ended is not in the log.";
    EvseMissingInUpdates "evse_missing_in_updates" [Session201]
        "Only Started names the EVSE.";
    AnswerBeforeCall "answer_before_call" [Session16 Session201 Firmware Command]
        "An answer is logged some milliseconds before its call.";
    LineCut "line_cut" [Session16 Session201 Firmware Command]
        "A line is cut in the middle of its JSON.";
    CommandUnanswered "command_unanswered" [Command]
        "The charge point never answers a command, and does nothing.";
}

impl ValueEnum for Disturbance {
    fn value_variants<'a>() -> &'a [Self] {
        Disturbance::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(self.help()))
    }
}

/// How often, and with which kinds, the fleet is disturbed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    /// Probability in thousandths.
    pub(crate) per_mille: i64,
    /// The only kind allowed, if one was asked for.
    pub(crate) only: Option<Disturbance>,
}

impl Weather {
    /// Draws a disturbance for a fact of the given scope, or none.
    pub(crate) fn draw(&self, dice: &mut Dice, scope: Scope) -> Option<Disturbance> {
        if !dice.chance(self.per_mille) {
            return None;
        }
        let fits = |kind: &Disturbance| kind.scopes().contains(&scope) && self.only.is_none_or(|only| only == *kind);
        let kinds: Vec<Disturbance> = Disturbance::ALL.iter().copied().filter(fits).collect();
        if kinds.is_empty() { None } else { Some(*dice.pick(&kinds)) }
    }
}

/// The disturbances that touched one fact, each once, in the order of the table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks(Vec<Disturbance>);

impl Marks {
    /// Adds `kind`; true if it is new.
    pub(crate) fn add(&mut self, kind: Disturbance) -> bool {
        match self.0.binary_search(&kind) {
            Ok(_) => false,
            Err(place) => {
                self.0.insert(place, kind);
                true
            }
        }
    }

    /// Whether `kind` touched the fact.
    pub(crate) fn has(&self, kind: Disturbance) -> bool {
        self.0.contains(&kind)
    }

    /// Whether nothing touched the fact.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The kinds, in order.
    pub(crate) fn kinds(&self) -> &[Disturbance] {
        &self.0
    }

    /// The names, in order.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|kind| kind.name()).collect()
    }
}
