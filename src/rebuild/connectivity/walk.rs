//! One pass over the events of a charge point that cuts its time into rows (rule book §4.3).

use super::evidence::Evidence;
use super::interval::Interval;
use super::{Confidence, Contact, Ending, Proof, State, is_heard};
use crate::event::View;
use crate::flag::{Flag, Flags};
use crate::message::Kind;
use crate::position::Position;
use crate::rebuild::{Context, Track};

/// The row that is being made.
#[derive(Clone, Copy)]
struct Running {
    start: i64,
    state: State,
    proof: Proof,
    confidence: Confidence,
    flags: Flags,
    position: Position,
    /// The last sign of life in it, and where that stands.
    last: (i64, Position),
}

/// The rows so far, and the row that is being made.
pub(super) struct Walk<'w, 'a> {
    track: &'w Track<'a>,
    context: &'w Context<'w>,
    evidence: &'w Evidence,
    rows: Vec<Contact<'a>>,
    running: Option<Running>,
    /// Connections that were opened and not closed yet; all but the last one are dead.
    open: Vec<Option<i32>>,
    /// The connection that was closed last: what is logged of it later was sent before.
    closed: Option<i32>,
    interval: Interval,
    /// How the last boot was answered: false if the CSMS did not accept it.
    accepted: Option<bool>,
}

impl<'w, 'a> Walk<'w, 'a> {
    pub(super) fn new(
        track: &'w Track<'a>,
        context: &'w Context<'w>,
        evidence: &'w Evidence,
        interval: Interval,
    ) -> Self {
        Self {
            track,
            context,
            evidence,
            rows: Vec::new(),
            running: None,
            open: Vec::new(),
            closed: None,
            interval,
            accepted: None,
        }
    }

    pub(super) fn see(&mut self, index: usize, view: View<'a>, time: i64) {
        match view.kind {
            Kind::Open => self.opened(view, time),
            Kind::Close => self.closed(view, time),
            _ if is_heard(self.track, index, view) => self.heard(view, time),
            _ => return,
        }
        self.interval.pass(index);
        if view.boot().is_some() {
            let answer = self.track.answer(index);
            let status = answer.and_then(|view| view.text(view.answer()?.status));
            self.accepted = status.map(|status| status.eq_ignore_ascii_case("Accepted"));
        }
    }

    /// A frame of the charge point.
    fn heard(&mut self, view: View<'a>, time: i64) {
        if view.connection.is_some() && view.connection == self.closed {
            return;
        }
        match &mut self.running {
            Some(running) if running.state == State::Online => {
                let limit = self.evidence.limit(self.interval.now(), self.context);
                if time - running.last.0 <= limit && self.evidence.replays.is_empty() {
                    running.last = (time, view.position);
                    return;
                }
                self.silence(time, Some(view.position));
            }
            Some(_) => self.end(Some(time), Ending::Heard),
            None => {}
        }
        match &mut self.running {
            Some(running) => running.last = (time, view.position),
            None => self.begin(time, State::Online, Proof::Frames, view.position),
        }
    }

    fn opened(&mut self, view: View<'a>, time: i64) {
        if self.running.is_some_and(|running| running.state == State::Online) {
            // The end of the old connection may have been missed.
            self.silence(time, None);
        }
        match self.running {
            Some(running) if running.state == State::Online => {
                // Frames without an opening may belong to the connection whose opening is logged after them.
                if self.open.is_empty() && running.proof == Proof::Frames && running.last.0 == time {
                    self.open.push(view.connection);
                    return;
                }
                let (last, position) = running.last;
                // What opened before the log begins was open, too.
                let ghost = !self.open.is_empty() || self.rows.is_empty();
                if let Some(running) = &mut self.running {
                    running.flags.add_if(ghost, Flag::GhostConnection);
                    running.proof = Proof::Socket;
                    running.confidence = Confidence::High;
                }
                self.end(Some(last), Ending::NewConnection);
                if last < time {
                    self.begin(last, State::Offline, Proof::Socket, position);
                    self.end(Some(time), Ending::Opened);
                }
            }
            Some(_) => self.end(Some(time), Ending::Opened),
            None => {}
        }
        self.open.push(view.connection);
        self.begin(time, State::Online, Proof::Socket, view.position);
    }

    fn closed(&mut self, view: View<'a>, time: i64) {
        if let Some(at) = self.open.iter().position(|&open| open == view.connection) {
            self.open.remove(at);
            // The end of a connection that a newer one had replaced changes nothing.
            if !self.open.is_empty() {
                return;
            }
        }
        self.closed = view.connection;
        match &mut self.running {
            Some(running) if running.state == State::Online => {
                running.proof = Proof::Socket;
                running.confidence = Confidence::High;
            }
            Some(_) => return,
            None => {}
        }
        self.end(Some(time), Ending::Closed);
        if let (Some(closing), Some(row)) = (view.closing(), self.rows.last_mut()) {
            row.close_code = closing.code;
            row.close_reason = view.text(closing.reason).filter(|reason| !reason.is_empty());
        }
        self.begin(time, State::Offline, Proof::Socket, view.position);
    }

    fn begin(&mut self, start: i64, state: State, proof: Proof, position: Position) {
        let confidence = match (state, proof) {
            (State::Offline, Proof::Frames) if !self.evidence.keeps_interval || self.interval.now().is_none() => {
                Confidence::Low
            }
            (State::Unknown, _) => Confidence::Medium,
            _ => Confidence::High,
        };
        let last = (start, position);
        self.running = Some(Running { start, state, proof, confidence, flags: Flags::NONE, position, last });
    }

    /// Ends the row that is being made; without a time it goes on and the log ends.
    fn end(&mut self, end: Option<i64>, reason: Ending) {
        let Some(running) = self.running.take() else { return };
        let seen = match running.state {
            State::Online => running.last.0,
            State::Offline | State::Unknown => self.context.observation.end.unwrap_or(running.start),
        };
        let mut flags = running.flags;
        flags.add_if(running.state == State::Online && self.accepted == Some(false), Flag::BeforeAccepted);
        self.rows.push(Contact {
            charge_point: self.track.charge_point,
            start_time: running.start,
            end_time: end,
            duration: end.unwrap_or(seen).saturating_sub(running.start).max(0),
            state: running.state,
            evidence: running.proof,
            end_reason: reason,
            close_code: None,
            close_reason: None,
            confidence: running.confidence,
            heartbeat_interval: self.interval.now(),
            flags,
            position: running.position,
        });
    }

    /// Looks at the time since the last sign of life. `heard` is where it ended; none if the log ended first.
    fn silence(&mut self, until: i64, heard: Option<Position>) {
        let Some(running) = self.running else { return };
        let (last, position) = running.last;
        let limit = self.evidence.limit(self.interval.now(), self.context);
        let replay = heard.and_then(|_| self.evidence.replays.get(&until)).copied();
        if until - last <= limit && replay.is_none() {
            return;
        }
        for (start, state) in self.cut(last, until, limit, replay.is_some()) {
            let reason = if state == State::Unknown { Ending::RecorderGap } else { Ending::Silence };
            self.end(Some(start), reason);
            let proof = match (state, replay) {
                (State::Unknown, _) => Proof::RecorderGap,
                (_, Some(_)) => Proof::Replay,
                (_, None) => Proof::Frames,
            };
            self.begin(start, state, proof, position);
            if let (Some(running), State::Offline, Some(sure)) = (&mut self.running, state, replay) {
                // Three silent intervals of a charge point that keeps them say more than what it sent later.
                let silent = self.evidence.keeps_interval && self.interval.now().is_some() && until - last > limit;
                running.confidence = if silent { Confidence::High } else { sure };
            }
        }
        let cut = self.running.is_some_and(|running| running.state != State::Online);
        if let (true, Some(position)) = (cut, heard) {
            self.end(Some(until), Ending::Heard);
            self.begin(until, State::Online, Proof::Frames, position);
        }
    }

    /// What a silence is made of: from when on which state. A gap of the recorder hides a silence only if the charge
    /// point would have been heard in it; what is left beside it is as silence always is.
    fn cut(&self, last: i64, until: i64, limit: i64, replay: bool) -> Vec<(i64, State)> {
        let gaps = &self.context.observation.gaps;
        let first = gaps.partition_point(|&(_, end)| end <= last);
        let inside = gaps[first..].iter().take_while(|&&(start, _)| start < until);
        let clipped = inside.map(|&(start, end)| (start.max(last), end.min(until)));
        let mut marks: Vec<(i64, State)> = Vec::new();
        let mut known = last;
        let silent = |from: i64, to: i64| !self.evidence.sockets && (to - from > limit || replay && from == last);
        for (start, end) in clipped.filter(|(start, end)| end - start > limit) {
            if silent(known, start) {
                marks.push((known, State::Offline));
            }
            if marks.last().is_none_or(|&(_, state)| state != State::Unknown) || silent(known, start) {
                marks.push((start, State::Unknown));
            }
            known = end;
        }
        if silent(known, until) {
            marks.push((known, State::Offline));
        }
        marks.dedup_by_key(|mark| mark.1);
        marks
    }

    /// The rows; the last one lasts as long as the log does.
    pub(super) fn finish(mut self) -> Vec<Contact<'a>> {
        let online = self.running.is_some_and(|running| running.state == State::Online);
        if let (true, Some(end)) = (online, self.context.observation.end) {
            self.silence(end, None);
        }
        self.end(None, Ending::LogEnd);
        self.rows
    }
}
