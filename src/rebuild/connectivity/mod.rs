//! When a charge point was in contact and when not (rule book §4.3; 1.6 §4.6, 2.0.1 part 2 G02, OCPP-J 1.6 §5.3).
//!
//! Connections that the log tells of are exact; without them, silence that is longer than a few heartbeat intervals
//! shows that contact was lost with the last frame. All times are the recorder's. [`evidence`] gathers what is known
//! about the whole charge point, [`walk`] cuts its time into rows.

mod evidence;
mod interval;
mod walk;

use super::words::words;
use super::{Context, Track};
use crate::event::View;
use crate::flag::Flags;
use crate::message::Kind;
use crate::position::Position;
use crate::term::Direction;

words! {
    /// Whether the charge point was in contact.
    State:
    /// It was.
    Online = "online";
    /// It was not.
    Offline = "offline";
    /// The recorder itself was silent.
    Unknown = "unknown";
}

words! {
    /// What shows it.
    Proof:
    /// The log tells when connections opened and closed.
    Socket = "socket";
    /// Frames, or that none came.
    Frames = "frames";
    /// Messages that the charge point had kept while it was offline.
    Replay = "replay";
    /// No charge point at all was heard.
    RecorderGap = "recorder_gap";
}

words! {
    /// Why an interval ends.
    Ending:
    /// The connection was closed.
    Closed = "closed";
    /// A new connection was opened while the old one was thought alive.
    NewConnection = "new_connection";
    /// The charge point fell silent.
    Silence = "silence";
    /// The recorder fell silent.
    RecorderGap = "recorder_gap";
    /// A connection was opened.
    Opened = "opened";
    /// The charge point was heard again.
    Heard = "heard";
    /// The log ends.
    LogEnd = "log_end";
}

words! {
    /// How sure an interval is.
    Confidence:
    /// The log shows it.
    High = "high";
    /// It follows from what the charge point sent.
    Medium = "medium";
    /// It is only likely: the charge point may have had nothing to say.
    Low = "low";
}

/// One row of `connectivity_intervals`.
#[derive(Clone, Debug)]
pub struct Contact<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// When it began: UTC microseconds of the recorder's clock.
    pub start_time: i64,
    /// When it ended; none while it lasts.
    pub end_time: Option<i64>,
    /// From the start to the end; of the last one to the last contact, or to the end of the log while offline.
    pub duration: i64,
    /// online, offline or unknown.
    pub state: State,
    /// What shows it.
    pub evidence: Proof,
    /// Why it ended.
    pub end_reason: Ending,
    /// The WebSocket close code, where the log has it.
    pub close_code: Option<i32>,
    /// The words that came with the code.
    pub close_reason: Option<&'a str>,
    /// How sure it is.
    pub confidence: Confidence,
    /// The heartbeat interval in force when it ended, in microseconds.
    pub heartbeat_interval: Option<i64>,
    /// What had to be said about it.
    pub flags: Flags,
    /// Its first message; of a silence the last one before it.
    pub position: Position,
}

/// Whether an event is a sign of life. Any frame of the charge point is (1.6 §4.6, 2.0.1 G02.FR.04), and so is that it
/// opened a connection; that one was closed is none.
pub(super) fn is_heard(track: &Track<'_>, index: usize, view: View<'_>) -> bool {
    let (direction, _) = track.exchange.direction(index, view);
    view.kind != Kind::Close && direction != Some(Direction::FromCsms)
}

/// The intervals of a charge point, from its first contact to the end of what was observed, without a gap and without
/// an overlap. A log without times has none.
///
/// Offline begins with the last frame, not an interval later. In an open connection that the log tells of, silence is
/// no loss of contact: with WebSocket a charge point may be silent for a day. What the log tells of connections is
/// exact; a charge point that opens a new one while the old one seems alive had lost the old one after its last frame.
#[must_use]
pub fn connectivity_intervals<'a>(track: &Track<'a>, context: &Context<'_>) -> Vec<Contact<'a>> {
    let interval = interval::Interval::of(track);
    let evidence = evidence::Evidence::of(track, context, interval.clone());
    let mut walk = walk::Walk::new(track, context, &evidence, interval);
    for (index, view) in track.events.iter().enumerate() {
        if let Some(time) = view.log_time {
            walk.see(index, *view, time);
        }
    }
    walk.finish()
}

#[cfg(test)]
mod tests;
