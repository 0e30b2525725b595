//! Security events (rule book §6; 1.6 security extension §3, §8; 2.0.1 part 2 A04).

use super::kinds::Is;
use super::{Context, TimeSource, Track, timed};
use crate::event::is_critical;
use crate::flag::Flags;
use crate::position::Position;
use rustc_hash::FxHashSet;

/// One row of `security_events`.
#[derive(Clone, Debug, Default)]
pub struct SecurityEvent<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// When it happened.
    pub time: Option<i64>,
    /// Which clock tells: payload or log.
    pub time_source: Option<&'a str>,
    /// When it was logged.
    pub received_at: Option<i64>,
    /// The type as logged.
    pub kind: Option<&'a str>,
    /// Whether the specification calls it critical; null for a type that it does not list.
    pub critical: Option<bool>,
    /// What the charge point added.
    pub tech_info: Option<&'a str>,
    /// What had to be said about it.
    pub flags: Flags,
    /// The message.
    pub position: Position,
}

/// Security events, by the time at which they happened.
///
/// They are queued while the charge point is offline and their delivery is guaranteed (A04.FR.02), so one of equal
/// type, time and text that came before is the same event delivered again. Where the charge point's clock tells no
/// time, only a resend is.
#[must_use]
pub fn security_events<'a>(track: &Track<'a>, context: &Context<'_>) -> Vec<SecurityEvent<'a>> {
    let mut rows = Vec::new();
    if track.kinds.lacks(Is::Security) {
        return rows;
    }
    let mut seen = FxHashSet::default();
    // A message that does not tell its version is of that of the messages around it.
    let mut version = track.events.iter().find_map(|view| view.version);
    for (&view, pair) in track.events.iter().zip(&track.exchange.pairs) {
        version = view.version.or(version);
        let Some(event) = view.security() else {
            continue;
        };
        let (kind, tech_info) = (view.text(event.kind), view.text(event.tech_info));
        let happened = timed(view, event.time, context.rules);
        let again = if happened.source == Some(TimeSource::Payload) {
            !seen.insert((kind, happened.time, tech_info))
        } else {
            pair.attempt > 1
        };
        if !again {
            rows.push(SecurityEvent {
                charge_point: track.charge_point,
                time: happened.time,
                time_source: happened.source.map(TimeSource::as_str),
                received_at: view.log_time,
                kind,
                critical: kind.and_then(|kind| is_critical(kind, version)),
                tech_info,
                flags: happened.flags,
                position: view.position,
            });
        }
    }
    rows.sort_by_key(|row| (row.time, row.position));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rebuild::testing::{Log, at, names, stamp};

    fn event(kind: &str, time: &str, info: &str) -> String {
        format!(r#"{{"type":"{kind}","timestamp":"{time}","techInfo":"{info}"}}"#)
    }

    #[test]
    fn an_event_delivered_again_is_one_row_and_another_text_another_event() {
        let log = Log::new()
            .cp(10, "SecurityEventNotification", &event("ResetOrReboot", &stamp(5), "a"))
            .cp(70, "SecurityEventNotification", &event("ResetOrReboot", &stamp(5), "a"))
            .cp(80, "SecurityEventNotification", &event("ResetOrReboot", &stamp(5), "b"));
        log.look(|track, context| {
            let rows = security_events(track, context);
            assert_eq!(rows.len(), 2);
            assert_eq!((rows[0].time, rows[0].received_at, rows[0].time_source), (at(5), at(10), Some("payload")));
            assert_eq!((rows[0].critical, rows[0].tech_info, rows[1].tech_info), (Some(true), Some("a"), Some("b")));
        });
    }

    #[test]
    fn boots_of_a_charge_point_without_a_clock_are_events_of_their_own() {
        let boot = event("StartupOfTheDevice", "1970-01-01T00:00:05Z", "");
        let log = Log::new().cp(10, "SecurityEventNotification", &boot).csms_answers(11, "{}").cp(
            500,
            "SecurityEventNotification",
            &boot,
        );
        log.look(|track, context| {
            let rows = security_events(track, context);
            assert_eq!((rows.len(), rows[1].time), (2, at(500)));
            assert_eq!(names(rows[1].flags), ["clock_unset"]);
        });
    }

    #[test]
    fn an_event_told_late_stands_where_it_happened() {
        let log = Log::new().cp(10, "SecurityEventNotification", &event("InvalidMessages", &stamp(9), "")).cp(
            20,
            "SecurityEventNotification",
            &event("VendorThing", &stamp(2), ""),
        );
        log.look(|track, context| {
            let rows = security_events(track, context);
            assert_eq!((rows[0].kind, rows[0].critical), (Some("VendorThing"), None));
            assert_eq!((rows[1].kind, rows[1].critical), (Some("InvalidMessages"), Some(false)));
        });
    }
}
