//! Settings that decide how transactions end (2.0.1 part 2, E §1.1).

use super::State;
use super::session::Session;
use crate::flag::Flag;
use crate::rebuild::Track;
use crate::time::DAY;

/// How long a transaction runs before its end is doubted.
const WEEKS: i64 = 14 * DAY;

/// Whether the log tells where transactions stop on this charge point: it reports so, or accepted it.
pub(super) fn stop_point_known(track: &Track<'_>) -> bool {
    track.events.iter().enumerate().any(|(index, view)| {
        let answer = || track.answer(index).and_then(|view| view.text(view.answer()?.stop_point));
        match view.stop_point() {
            Some(point) => point.reported || matches!(answer(), Some("Accepted" | "RebootRequired")),
            // An answer to GetVariables: its call carries nothing of interest.
            None => view.answer().is_some_and(|told| told.stop_point.is_some() && !answers_a_setting(track, index)),
        }
    })
}

fn answers_a_setting(track: &Track<'_>, index: usize) -> bool {
    let call = track.exchange.pairs[index].call.map(|call| track.events[call as usize]);
    call.is_none_or(|call| call.action_name() != Some("GetVariables"))
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
