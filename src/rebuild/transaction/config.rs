//! Settings that decide how transactions end (2.0.1 part 2, E §1.1).

use super::State;
use super::session::Session;
use crate::event::{Span, Text, View};
use crate::flag::Flag;
use crate::rebuild::Track;
use crate::time::DAY;

/// How long a transaction runs before its end is doubted.
const WEEKS: i64 = 14 * DAY;

/// Whether the log tells where transactions stop on this charge point: it reports so, answers so, or accepted it.
pub(super) fn stop_point_known(track: &Track<'_>) -> bool {
    track.settings_and([]).any(|(_, view)| {
        let reported = view.settings().is_some_and(|list| !list.set && names_stop_point(view, list.items, false));
        reported || view.answer().is_some_and(|told| names_stop_point(view, told.settings, true))
    })
}

/// Whether a list of settings has a `TxStopPoint` with a value, or in answers one that was accepted.
fn names_stop_point(view: View<'_>, items: Span, answered: bool) -> bool {
    view.setting_items(items).iter().any(|setting| {
        let is = |text: Text, name: &str| view.text(text).is_some_and(|text| text.eq_ignore_ascii_case(name));
        let accepted = answered && (is(setting.status, "Accepted") || is(setting.status, "RebootRequired"));
        let known = if answered { accepted } else { setting.value.is_some() };
        is(setting.component, "TxCtrlr") && is(setting.variable, "TxStopPoint") && known
    })
}

/// A transaction that runs for weeks while the charge point talks on never ends because it cannot: a known fault of
/// settings, told only where the setting is known (rule book §3.2).
pub(super) fn mark(track: &Track<'_>, session: &mut Session<'_>, known: bool) {
    if !known || !session.told.evented || session.row.state != Some(State::Open) {
        return;
    }
    let heard = track.events.iter().rev().find_map(|view| view.log_time);
    let long = session.row.start_received_at.zip(heard).is_some_and(|(start, heard)| heard - start >= WEEKS);
    session.row.flags.add_if(long, Flag::NeverEndedConfig);
}
