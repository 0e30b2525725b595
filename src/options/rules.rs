//! The thresholds of the rule book, each declared once: name, default, unit, what it does, where it comes from.

use crate::time::{DAY, HOUR, MINUTE, SECOND};

/// A threshold's entry in the list.
#[derive(Clone, Copy, Debug)]
pub struct RuleInfo {
    /// Its name.
    pub name: &'static str,
    /// What it is unless the caller says otherwise.
    pub default: f64,
    /// The unit of that number; empty where it has none.
    pub unit: &'static str,
    /// What it does.
    pub meaning: &'static str,
    /// Where it comes from.
    pub source: &'static str,
}

/// A number of either kind: spans of time are whole microseconds.
trait Threshold {
    fn of(number: f64) -> Self;
    fn number(self) -> f64;
}

impl Threshold for f64 {
    fn of(number: f64) -> Self {
        number
    }

    fn number(self) -> f64 {
        self
    }
}

impl Threshold for i64 {
    fn of(number: f64) -> Self {
        number.round() as Self
    }

    fn number(self) -> f64 {
        self as f64
    }
}

macro_rules! rules {
    ($($(#[doc = $meaning:literal])+ $name:ident: $type:ty = $default:expr, $unit:literal, $source:literal;)+) => {
        /// The thresholds of the rule book, in microseconds, watt-hours or plain numbers.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Rules { $($(#[doc = $meaning])+ pub $name: $type,)+ }

        impl Default for Rules {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        impl Rules {
            /// Every threshold.
            #[must_use]
            pub fn list() -> Vec<RuleInfo> {
                vec![$(RuleInfo {
                    name: stringify!($name),
                    default: <$type as Threshold>::number($default),
                    unit: $unit,
                    meaning: concat!($($meaning),+),
                    source: $source,
                },)+]
            }

            /// Sets the threshold of this name; false if there is none.
            pub fn set(&mut self, name: &str, number: f64) -> bool {
                match name {
                    $(stringify!($name) => self.$name = Threshold::of(number),)+
                    _ => return false,
                }
                true
            }
        }
    };
}

rules! {
    /// How far a payload time may lie in the future of the recorder's clock before it is flagged.
    future_tolerance: i64 = 5 * MINUTE, "us", "own; SteVe, a CSMS, has the same five minutes";
    /// From which delay on, between payload time and recorder's time, a message counts as delivered late.
    late_threshold: i64 = 120 * SECOND, "us", "own; 1.6 has no word for it (§3.7), 2.x TransactionEvent.offline counts besides";
    /// After how many heartbeat intervals of silence a charge point counts as offline, and with which factor its usual
    /// gaps do where no interval is known. Shorter silence cuts no status interval.
    heartbeat_factor: f64 = 3.0, "", "own; 1.6 §4.6 and 2.x G02 set no limit";
    /// After how long without progress a firmware job has stalled; a boot before that belongs to it.
    firmware_stall: i64 = DAY, "us", "own";
    /// How long after `Installed` a boot may still prove the new version.
    firmware_verify: i64 = DAY, "us", "own; 2.x L01 sets no limit";
    /// After how long without progress an upload of diagnostics or a log has stalled.
    upload_stall: i64 = DAY, "us", "own";
    /// How long a sent message may be repeated and still be the same message.
    retry_window: i64 = DAY, "us", "own; 1.6 §3.7.1 and 2.x E13 tell how often a charge point repeats itself";
    /// Below which difference two ways to the energy agree, in Wh; the larger one of this and `energy_tolerance_share`
    /// counts.
    energy_tolerance_wh: f64 = 50.0, "Wh", "own";
    /// The same as a share of the larger energy: 0.01 is one per cent.
    energy_tolerance_share: f64 = 0.01, "", "own";
    /// Above which mean power, in W, the energy of a transaction is not plausible; 1.2 times the power offered counts
    /// as well.
    implausible_power_w: f64 = 600_000.0, "W", "own";
    /// Two equal statuses no further apart than this, one by `StatusNotification` and one by `NotifyEvent`, are one
    /// report.
    status_dedup: i64 = 2 * SECOND, "us", "own; 2.x G01 allows both messages";
    /// Equal messages of two recorders no further apart than this are one message.
    duplicate_window: i64 = 5 * SECOND, "us", "own";
    /// Starts that differ by no more than this may be one start: both are flagged.
    duplicate_start_window: i64 = 2 * SECOND, "us", "own";
    /// How long before its start a session's plug-in may lie.
    plug_in_window: i64 = HOUR, "us", "own";
    /// How long after an accepted boot the statuses may take, and the stop that tells why it booted.
    status_after_boot: i64 = 5 * MINUTE, "us", "own; 1.6 errata §3.22 and 2.x B01.FR.05 ask for the statuses, without a limit";
    /// How far a status may lie from a stop to tell its connector, and before a start to speak of its transaction.
    stop_status_window: i64 = MINUTE, "us", "own";
    /// How long after an accepted remote start a transaction of 1.x may begin; in `commands` a longer
    /// `ConnectionTimeOut` that the log shows counts instead. A remote stop has as long before it counts as
    /// unfulfilled.
    remote_start_window: i64 = 180 * SECOND, "us", "own; 1.6 key ConnectionTimeOut";
    /// How long after a reset its boot may come, and after `Installed` the boot that activates it.
    reset_window: i64 = 15 * MINUTE, "us", "own";
    /// How long before a boot the reset may lie that explains it.
    reset_cause_window: i64 = 10 * MINUTE, "us", "own";
    /// How long after a trigger the message may come that it asked for.
    trigger_window: i64 = MINUTE, "us", "own";
    /// How long any other accepted command may take to show its effect (remote stop, unlock, availability), and how
    /// long a charge point may talk on without answering before a request, also one for firmware or logs, counts as
    /// never delivered.
    command_patience: i64 = 5 * MINUTE, "us", "own";
    /// How long after an authorisation its transaction may begin.
    authorization_window: i64 = 10 * MINUTE, "us", "own";
    /// From which silence before a boot on power or network are taken for its cause.
    boot_silence: i64 = 2 * MINUTE, "us", "own";
    /// A first fact closer than this to the start of the log may have begun before it.
    left_censor_window: i64 = HOUR, "us", "own";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_threshold_is_documented_and_can_be_set() {
        let mut rules = Rules::default();
        for info in Rules::list() {
            assert!(info.meaning.ends_with('.') && !info.source.is_empty(), "{}", info.name);
            assert!(rules.set(info.name, info.default), "{}", info.name);
        }
        assert_eq!(rules, Rules::default());
        assert!(!rules.set("no_such_rule", 1.0));
    }
}
