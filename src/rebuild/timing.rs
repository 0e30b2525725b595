//! Settings that say how long something takes, and that other rules wait by: when which value held (rule book §4.3,
//! §6; 1.6 §9.1; 2.0.1 part 2 appendix, `OCPPCommCtrlr` and `TxCtrlr`).

use super::Track;
use super::kinds::Is;
use crate::event::{Setting, View};
use crate::options::Rules;
use crate::time::SECOND;

/// A setting in seconds, by its key in 1.x and by component and variable in 2.x.
#[derive(Clone, Copy, Debug)]
pub(super) struct Knob {
    key: &'static str,
    component: &'static str,
    variable: &'static str,
}

/// How often a heartbeat is sent.
pub(super) const HEARTBEAT_INTERVAL: Knob =
    Knob { key: "HeartbeatInterval", component: "OCPPCommCtrlr", variable: "HeartbeatInterval" };

/// How long a driver who was let in may take to plug in.
const CONNECTION_TIME_OUT: Knob =
    Knob { key: "ConnectionTimeOut", component: "TxCtrlr", variable: "EVConnectionTimeOut" };

/// A value of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// The event from which on it holds.
    pub(super) index: usize,
    /// In microseconds, above zero.
    pub(super) micros: i64,
    /// Whether the CSMS ordered it; else it was only told.
    pub(super) ordered: bool,
}

/// The values of a setting in the order in which they took hold. One that needs a reboot holds from the next boot on.
pub(super) fn values(track: &Track<'_>, knob: Knob) -> Vec<Value> {
    let mut values = Vec::new();
    let mut after_boot = None;
    if track.lacks_settings() {
        return values;
    }
    for (index, view) in track.settings_and([Is::Boot]) {
        let mut add = |micros: Option<i64>, ordered| {
            values.extend(micros.map(|micros| Value { index, micros, ordered }));
        };
        if view.boot().is_some() {
            add(after_boot.take(), true);
        } else if let Some(list) = view.settings() {
            if !list.set {
                add(seconds(view, view.setting_items(list.items), knob), false);
            }
        } else if let (Some(answer), Some(call)) = (view.answer(), track.exchange.pairs[index].call) {
            let asked = track.events[call as usize];
            match asked.settings() {
                None => add(seconds(view, view.setting_items(answer.settings), knob), false),
                Some(list) => {
                    let micros = seconds(asked, asked.setting_items(list.items), knob);
                    let results = view.setting_items(answer.settings).iter();
                    let own = results.filter(|item| is(view, item, knob)).find_map(|item| view.text(item.status));
                    let status = own.or(view.text(answer.status)).unwrap_or_default();
                    if status.eq_ignore_ascii_case("Accepted") {
                        add(micros, true);
                    } else if status.eq_ignore_ascii_case("RebootRequired") {
                        after_boot = micros.or(after_boot);
                    }
                }
            }
        }
    }
    values
}

/// How long a remote start may wait until the driver has plugged in: the configured time where it is longer than the
/// rule's (rule book §6).
#[derive(Debug)]
pub(super) struct Patience {
    window: i64,
    values: Vec<Value>,
}

impl Patience {
    pub(super) fn of(track: &Track<'_>, rules: &Rules) -> Self {
        Self { window: rules.remote_start_window, values: values(track, CONNECTION_TIME_OUT) }
    }

    /// In microseconds, for a request that is this event.
    pub(super) fn at(&self, index: usize) -> i64 {
        let held = self.values.partition_point(|value| value.index <= index);
        self.values[..held].last().map_or(self.window, |value| value.micros.max(self.window))
    }
}

/// What a list says about the setting.
fn seconds(view: View<'_>, items: &[Setting], knob: Knob) -> Option<i64> {
    let item = items.iter().find(|item| is(view, item, knob) && item.value.is_some())?;
    let seconds: i64 = view.text(item.value)?.trim().parse().ok()?;
    seconds.checked_mul(SECOND).filter(|&micros| micros > 0)
}

fn is(view: View<'_>, item: &Setting, knob: Knob) -> bool {
    let variable = view.text(item.variable).unwrap_or_default();
    match view.text(item.component) {
        None => variable.eq_ignore_ascii_case(knob.key),
        // `MaxSet` and its like are limits of the value.
        Some(component) => {
            component.eq_ignore_ascii_case(knob.component)
                && variable.eq_ignore_ascii_case(knob.variable)
                && view.text(item.attribute).is_none_or(|attribute| attribute.eq_ignore_ascii_case("Actual"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rebuild::testing::Log;

    fn held(log: &Log, knob: Knob) -> Vec<(usize, i64, bool)> {
        log.look(|track, _| {
            let values = values(track, knob);
            values.iter().map(|value| (value.index, value.micros / SECOND, value.ordered)).collect()
        })
    }

    #[test]
    fn an_accepted_value_holds_from_its_answer_on_and_a_refused_one_never() {
        let change = |value: &str| format!(r#"{{"key":"connectiontimeout","value":"{value}"}}"#);
        let log = Log::new()
            .asks_for(0, "ChangeConfiguration", &change("60"), "Accepted")
            .asks_for(10, "ChangeConfiguration", &change("90"), "Rejected")
            .asks_for(20, "ChangeConfiguration", &change("0"), "Accepted")
            .asks_for(30, "ChangeConfiguration", &change("words"), "Accepted");
        assert_eq!(held(&log, CONNECTION_TIME_OUT), [(1, 60, true)]);
        assert_eq!(held(&log, HEARTBEAT_INTERVAL), []);
    }

    #[test]
    fn what_needs_a_reboot_holds_after_it() {
        let log = Log::new()
            .asks_for(0, "ChangeConfiguration", r#"{"key":"HeartbeatInterval","value":"60"}"#, "RebootRequired")
            .heartbeat(30)
            .boot(100, "1.0")
            .boot(200, "1.0");
        let boot = log.look(|track, _| track.events.iter().position(|view| view.boot().is_some()));
        assert_eq!(held(&log, HEARTBEAT_INTERVAL), [(boot.unwrap_or_default(), 60, true)]);
    }

    #[test]
    fn variables_are_set_read_and_reported_one_by_one() {
        let named = r#""component":{"name":"TxCtrlr"},"variable":{"name":"EVConnectionTimeOut"}"#;
        let other = r#""component":{"name":"TxCtrlr"},"variable":{"name":"TxStopPoint"}"#;
        let log = Log::new()
            .csms(0, "SetVariables", &format!(r#"{{"setVariableData":[{{"attributeValue":"x",{other}}},{{"attributeValue":"300",{named}}}]}}"#))
            .cp_answers(1, &format!(r#"{{"setVariableResult":[{{"attributeStatus":"Rejected",{other}}},{{"attributeStatus":"Accepted",{named}}}]}}"#))
            .csms(2, "GetVariables", &format!(r#"{{"getVariableData":[{{{named}}},{{"attributeType":"MaxSet",{named}}}]}}"#))
            .cp_answers(3, &format!(r#"{{"getVariableResult":[{{"attributeStatus":"Accepted","attributeType":"MaxSet","attributeValue":"999",{named}}},{{"attributeStatus":"Accepted","attributeValue":"301",{named}}}]}}"#))
            .cp(4, "NotifyReport", &format!(r#"{{"requestId":1,"seqNo":0,"generatedAt":"2026-03-14T00:00:04Z","reportData":[{{{named},"variableAttribute":[{{"value":"302"}}]}}]}}"#));
        let held = held(&log, CONNECTION_TIME_OUT);
        assert_eq!(held, [(1, 300, true), (3, 301, false), (4, 302, false)]);
        log.look(|track, context| {
            let patience = Patience::of(track, context.rules);
            assert_eq!([0, 2, 9].map(|index| patience.at(index) / SECOND), [180, 300, 302]);
        });
    }
}
