//! Values of settings over time (rule book §6; 1.6 §5.4, §5.8; 2.0.1 part 2 B05 to B08).

use super::{Context, Track};
use crate::event::{self, MASK, View};
use crate::flag::Flags;
use crate::position::Position;
use rustc_hash::{FxHashMap, FxHashSet};

/// One row of `configuration`.
#[derive(Clone, Debug, Default)]
pub struct Setting<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// The component with its instance and EVSE (2.x).
    pub component: Option<&'a str>,
    /// The variable; in 1.x the key.
    pub variable: Option<&'a str>,
    /// Which attribute of the variable (2.x): `Actual`, `Target`, `MinSet`, `MaxSet`.
    pub attribute: Option<&'a str>,
    /// The value; secrets are masked.
    pub value: Option<&'a str>,
    /// Whether it cannot be changed.
    pub readonly: Option<bool>,
    /// When it was logged.
    pub time: Option<i64>,
    /// When the next value that took hold was logged; null for the last one.
    pub end_time: Option<i64>,
    /// set, get or report.
    pub source: Option<&'a str>,
    /// The answer about this setting, as logged.
    pub response_status: Option<&'a str>,
    /// Whether it holds only after the next boot.
    pub effective_after_boot: Option<bool>,
    /// What had to be said about it.
    pub flags: Flags,
    /// The message.
    pub position: Position,
}

/// The values of the settings of a charge point in order of arrival.
///
/// Every request to set a value is a row, and only an accepted one ends the value before it. A value that is read or
/// reported is a row if it differs from the one in force: one that is told again is no news.
#[must_use]
pub fn configuration<'a>(track: &Track<'a>, _context: &Context<'_>) -> Vec<Setting<'a>> {
    let mut book = Book { track, rows: Vec::new(), known: FxHashMap::default(), write_only: FxHashSet::default() };
    if track.lacks_settings() {
        return Vec::new();
    }
    for (index, view) in track.settings_and([]) {
        if let Some(list) = view.settings() {
            let items = view.setting_items(list.items);
            if list.set {
                book.set(index, view, items);
            } else {
                book.told(view, items, "report");
            }
        } else if let (Some(answer), Some(call)) = (view.answer(), track.exchange.pairs[index].call)
            && answer.settings.length > 0
            && track.events[call as usize].settings().is_none()
        {
            book.told(view, view.setting_items(answer.settings), "get");
        }
    }
    let Book { mut rows, write_only, .. } = book;
    // A variable that can be written only keeps a secret, whatever its name (reliability §8; 2.0.1 `MutabilityEnumType`).
    for row in &mut rows {
        if write_only.contains(&(row.component, row.variable)) && row.value.is_some_and(|value| !value.is_empty()) {
            row.value = Some(MASK);
        }
    }
    rows
}

/// Component, variable and attribute.
type Key<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>);

/// What is known of a setting.
#[derive(Clone, Copy, Default)]
struct Known<'a> {
    /// The row of the value in force.
    in_force: Option<usize>,
    /// Why its value could not be read the last time.
    unread: Option<&'a str>,
}

struct Book<'a, 't> {
    track: &'t Track<'a>,
    rows: Vec<Setting<'a>>,
    known: FxHashMap<Key<'a>, Known<'a>>,
    /// Component and variable.
    write_only: FxHashSet<(Option<&'a str>, Option<&'a str>)>,
}

fn key<'a>(view: View<'a>, item: &event::Setting) -> Key<'a> {
    (view.text(item.component), view.text(item.variable), view.text(item.attribute))
}

fn is(status: Option<&str>, word: &str) -> bool {
    status.is_some_and(|status| status.eq_ignore_ascii_case(word))
}

/// The variables that can only be written, as the log tells somewhere: every value of them is a secret (decision 17).
pub(super) fn write_only<'a>(track: &Track<'a>) -> FxHashSet<(Option<&'a str>, Option<&'a str>)> {
    track
        .settings()
        .flat_map(|(_, view, list)| view.setting_items(list.items).iter().map(move |item| (view, item)))
        .filter(|(_, item)| item.write_only)
        .map(|(view, item)| (view.text(item.component), view.text(item.variable)))
        .collect()
}

impl<'a> Book<'a, '_> {
    /// A request to set values: each has an answer of its own in 2.x, in 1.6 the request has one value.
    fn set(&mut self, index: usize, view: View<'a>, items: &'a [event::Setting]) {
        let answer = self.track.answer(index).and_then(|answer| Some((answer, answer.answer()?)));
        let whole = answer.and_then(|(answer, fact)| answer.text(fact.status));
        let mut results: FxHashMap<Key<'a>, Option<&'a str>> = FxHashMap::default();
        if let Some((answer, fact)) = answer {
            for result in answer.setting_items(fact.settings) {
                results.entry(key(answer, result)).or_insert(answer.text(result.status));
            }
        }
        for item in items {
            let status = results.get(&key(view, item)).copied().flatten().or(whole);
            let after_boot = is(status, "RebootRequired");
            let in_force = after_boot || is(status, "Accepted");
            let mut row = self.row(view, item, "set");
            row.response_status = status;
            row.effective_after_boot = in_force.then_some(after_boot);
            self.add(key(view, item), row, in_force);
        }
    }

    /// Values that were read or reported.
    fn told(&mut self, view: View<'a>, items: &'a [event::Setting], source: &'static str) {
        for item in items {
            let key = key(view, item);
            if item.write_only {
                self.write_only.insert((key.0, key.1));
            }
            let mut row = self.row(view, item, source);
            row.response_status = view.text(item.status);
            let read = row.response_status.is_none_or(|status| status.eq_ignore_ascii_case("Accepted"));
            let known = self.known.entry(key).or_default();
            if !read {
                if known.unread != row.response_status {
                    known.unread = row.response_status;
                    self.rows.push(row);
                }
                continue;
            }
            known.unread = None;
            if let Some(at) = known.in_force
                && self.rows[at].value == row.value
            {
                self.rows[at].readonly = self.rows[at].readonly.or(row.readonly);
            } else {
                self.add(key, row, true);
            }
        }
    }

    fn row(&self, view: View<'a>, item: &event::Setting, source: &'static str) -> Setting<'a> {
        let (component, variable, attribute) = key(view, item);
        Setting {
            charge_point: self.track.charge_point,
            component,
            variable,
            attribute,
            value: view.text(item.value),
            readonly: item.readonly,
            time: view.log_time,
            end_time: None,
            source: Some(source),
            response_status: None,
            effective_after_boot: None,
            flags: Flags::NONE,
            position: view.position,
        }
    }

    fn add(&mut self, key: Key<'a>, row: Setting<'a>, in_force: bool) {
        if in_force {
            let known = self.known.entry(key).or_default();
            if let Some(before) = known.in_force.replace(self.rows.len()) {
                self.rows[before].end_time = row.time;
            }
        }
        self.rows.push(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rebuild::testing::{Log, at};
    use crate::time::SECOND;

    const CHANGE: &str = r#"{"key":"HeartbeatInterval","value":"60"}"#;

    /// Variable, value, answer and end in seconds of each row.
    fn rows(log: &Log) -> Vec<String> {
        let end = |time: i64| time / SECOND - at(0).unwrap_or_default() / SECOND;
        let told = |row: &Setting<'_>| {
            let word = |text: Option<&str>| text.unwrap_or("-").to_owned();
            let until = row.end_time.map_or("-".to_owned(), |time| end(time).to_string());
            [word(row.variable), word(row.value), word(row.response_status), until].join(" ")
        };
        log.look(|track, context| configuration(track, context).iter().map(told).collect())
    }

    #[test]
    fn only_an_accepted_change_ends_the_value_before_it() {
        let log = Log::new()
            .csms(0, "ChangeConfiguration", CHANGE)
            .cp_answers(1, r#"{"status":"Accepted"}"#)
            .csms(10, "ChangeConfiguration", &CHANGE.replace("60", "0"))
            .cp_answers(11, r#"{"status":"Rejected"}"#)
            .csms(20, "ChangeConfiguration", &CHANGE.replace("60", "90"))
            .cp_answers(21, r#"{"status":"RebootRequired"}"#)
            .csms(30, "ChangeConfiguration", &CHANGE.replace("60", "120"));
        assert_eq!(
            rows(&log),
            [
                "HeartbeatInterval 60 Accepted 20",
                "HeartbeatInterval 0 Rejected -",
                "HeartbeatInterval 90 RebootRequired -",
                "HeartbeatInterval 120 - -",
            ]
        );
        log.look(|track, context| {
            let after: Vec<_> = configuration(track, context).iter().map(|row| row.effective_after_boot).collect();
            assert_eq!(after, [Some(false), None, Some(true), None]);
        });
    }

    #[test]
    fn a_value_read_again_is_no_news_and_another_one_is() {
        let read = |value: &str| {
            format!(r#"{{"configurationKey":[{{"key":"A","readonly":true,"value":"{value}"}}],"unknownKey":["B"]}}"#)
        };
        let mut log = Log::new();
        for (time, value) in [(0, "1"), (10, "1"), (20, "2")] {
            log = log.csms(time, "GetConfiguration", "{}").cp_answers(time + 1, &read(value));
        }
        assert_eq!(rows(&log), ["A 1 - 21", "B - unknownKey -", "A 2 - -",]);
    }

    #[test]
    fn each_variable_has_its_own_answer() {
        let variable = |name: &str, more: &str| {
            format!(
                r#"{{"component":{{"name":"C","evse":{{"id":2,"connectorId":1}}}},"variable":{{"name":"{name}","instance":"i"}},{more}}}"#
            )
        };
        let set = format!(
            r#"{{"setVariableData":[{},{}]}}"#,
            variable("A", r#""attributeValue":"1""#),
            variable("B", r#""attributeValue":"2","attributeType":"Target""#)
        );
        let answer = format!(
            r#"{{"setVariableResult":[{},{}]}}"#,
            variable("B", r#""attributeStatus":"Rejected","attributeType":"Target""#),
            variable("A", r#""attributeStatus":"Accepted""#)
        );
        let log = Log::new().csms(0, "SetVariables", &set).cp_answers(1, &answer);
        assert_eq!(rows(&log), ["A[i] 1 Accepted -", "B[i] 2 Rejected -"]);
        log.look(|track, context| {
            let rows = configuration(track, context);
            assert_eq!((rows[0].component, rows[0].attribute), (Some("C@2.1"), Some("Actual")));
            assert_eq!(rows[1].attribute, Some("Target"));
        });
    }

    #[test]
    fn what_can_be_written_only_is_never_shown() {
        let report = r#"{"requestId":1,"reportData":[{"component":{"name":"C"},"variable":{"name":"Door"},"variableAttribute":[{"mutability":"WriteOnly"}]}]}"#;
        let set =
            r#"{"setVariableData":[{"component":{"name":"C"},"variable":{"name":"Door"},"attributeValue":"1234"}]}"#;
        let log = Log::new().csms(0, "SetVariables", set).cp(5, "NotifyReport", report);
        log.look(|track, context| assert_eq!(configuration(track, context)[0].value, Some("***")));
    }
}
