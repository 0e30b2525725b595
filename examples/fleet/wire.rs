//! The connection of one charge point: one outstanding call at a time, network delays, message ids.

use crate::clock::{Ms, SECOND};
use crate::dice::Dice;
use crate::layout::{Content, Line};
use crate::sink::Sink;
use crate::truth::Absence;

/// How long a charge point waits for an answer.
const TIMEOUT: Ms = 30 * SECOND;

/// The times of one exchange.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    /// The caller sends.
    pub(crate) sent: Ms,
    /// The recorder logs the call.
    pub(crate) logged: Ms,
    /// The recorder logs the answer.
    pub(crate) answered: Ms,
    /// The charge point is free again.
    pub(crate) done: Ms,
}

/// What comes back.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer<'a> {
    /// A CALLRESULT with this payload.
    Result(&'a str),
    /// A CALLERROR with this code.
    Error(&'a str),
    /// Nothing; the charge point waits in vain.
    Silence,
}

/// What happens to the lines of an exchange.
#[expect(clippy::struct_excessive_bools, reason = "independent things that can happen to a line")]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tamper {
    /// Neither the call nor its answer is in the log.
    pub(crate) lose: bool,
    /// The call's line stands twice in the log.
    pub(crate) double: bool,
    /// The call's line is cut.
    pub(crate) cut: bool,
    /// The answer is logged just before the call.
    pub(crate) flip: bool,
}

/// How the charge point makes its message ids.
#[derive(Clone, Copy, Debug)]
pub(crate) enum IdStyle {
    /// A UUID for each call.
    Uuid,
    /// A counter.
    Counter(u64),
}

/// One charge point's end of the line.
pub(crate) struct Wire {
    charge_point: u32,
    free_at: Ms,
    last_contact: Ms,
    /// Nobody hears the charge point.
    away: bool,
    absences: Vec<Absence>,
    ids: IdStyle,
}

impl Wire {
    /// A wire with nothing on it.
    pub(crate) fn new(charge_point: u32, ids: IdStyle) -> Self {
        Self { charge_point, free_at: 0, last_contact: 0, away: false, absences: Vec::new(), ids }
    }

    /// When the recorder last heard the charge point.
    pub(crate) fn last_contact(&self) -> Ms {
        self.last_contact
    }

    /// The next message id of the charge point.
    pub(crate) fn next_id(&mut self, dice: &mut Dice) -> String {
        match &mut self.ids {
            IdStyle::Uuid => dice.uuid(),
            IdStyle::Counter(last) => {
                *last += 1;
                last.to_string()
            }
        }
    }

    /// Takes the wire for a call of the charge point, at `at` or as soon as the wire is free.
    pub(crate) fn slot(&mut self, dice: &mut Dice, at: Ms) -> Slot {
        let sent = at.max(self.free_at);
        let logged = sent + dice.between(20, 300);
        let answered = logged + dice.between(2, 60);
        let done = answered + dice.between(20, 300);
        self.free_at = done + 1;
        Slot { sent, logged, answered, done }
    }

    /// Takes the wire for a call of the CSMS.
    fn command_slot(&mut self, dice: &mut Dice, at: Ms) -> Slot {
        let sent = at.max(self.free_at) + 5;
        let answered = sent + dice.between(60, 600);
        self.free_at = answered + 1;
        Slot { sent, logged: sent, answered, done: answered }
    }

    /// The times without contact; the last one may not be over.
    pub(crate) fn absences(&mut self) -> Vec<Absence> {
        if self.away && self.last_contact > 0 {
            self.absences.push(Absence { from: self.last_contact, until: None });
        }
        std::mem::take(&mut self.absences)
    }

    /// The socket opened or closed.
    pub(crate) fn event(&mut self, sink: &mut Sink, at: Ms, content: Content) {
        self.away = matches!(content, Content::Close) || (self.away && matches!(content, Content::Open));
        sink.push(Line { at, charge_point: self.charge_point, content, cut: false });
    }

    /// A call of the charge point in its slot; gives the time at which the charge point goes on.
    pub(crate) fn call(
        &mut self,
        sink: &mut Sink,
        slot: Slot,
        (id, action): (&str, &str),
        payload: &str,
        answer: Answer<'_>,
        tamper: Tamper,
    ) -> Ms {
        let frame = format!(r#"[2,"{id}","{action}",{payload}]"#);
        self.exchange(sink, slot, (frame, id), answer, tamper, true);
        if matches!(answer, Answer::Silence) {
            self.free_at = slot.sent + TIMEOUT;
            return self.free_at;
        }
        slot.done
    }

    /// A call of the CSMS; gives the times.
    pub(crate) fn command(
        &mut self,
        sink: &mut Sink,
        dice: &mut Dice,
        at: Ms,
        (action, payload): (&str, &str),
        answer: Answer<'_>,
        tamper: Tamper,
    ) -> Slot {
        let slot = self.command_slot(dice, at);
        let id = dice.uuid();
        let frame = format!(r#"[2,"{id}","{action}",{payload}]"#);
        self.exchange(sink, slot, (frame, &id), answer, tamper, false);
        slot
    }

    /// Logs a call and its answer.
    fn exchange(
        &mut self,
        sink: &mut Sink,
        slot: Slot,
        (frame, id): (String, &str),
        answer: Answer<'_>,
        tamper: Tamper,
        inward: bool,
    ) {
        if tamper.lose {
            return;
        }
        let direction = |inward, frame| {
            if inward { Content::In(frame) } else { Content::Out(frame) }
        };
        let charge_point = self.charge_point;
        let line = |at, content, cut| Line { at, charge_point, content, cut };
        let heard = if inward { slot.logged } else { slot.answered };
        if std::mem::take(&mut self.away) && self.last_contact > 0 {
            self.absences.push(Absence { from: self.last_contact, until: Some(heard) });
        }
        self.last_contact = if inward { slot.logged } else { slot.answered };
        if tamper.double {
            sink.push(line(slot.logged, direction(inward, frame.clone()), false));
        }
        sink.push(line(slot.logged, direction(inward, frame), tamper.cut));
        let text = match answer {
            Answer::Result(payload) => format!(r#"[3,"{id}",{payload}]"#),
            Answer::Error(code) => format!(r#"[4,"{id}","{code}","",{{}}]"#),
            Answer::Silence => return,
        };
        let at = if tamper.flip { slot.logged - 3 } else { slot.answered };
        sink.push(line(at, direction(!inward, text), false));
    }
}
