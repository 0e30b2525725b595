//! Any text, read as any layout: what is called a frame looks like one, stands where it says, and every line has a fate.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ocpplog::layout::{Connection, Context, Frame, Layout, PROFILES, Sink, Taken, detect};
use ocpplog::message;
use ocpplog::position::Position;
use ocpplog::reject::{Reason, Reject};
use ocpplog::term::Transport;

const BASE: Position = Position { source: 3, byte: 1_000, line: 50 };

#[derive(Default)]
struct Checks {
    messages: u64,
    refused: u64,
    lines: u64,
    place: Option<(u64, u64)>,
}

impl Checks {
    fn place(&mut self, position: Position) {
        assert!(position.source == BASE.source && position.byte >= BASE.byte, "{position:?}");
        assert!((BASE.line..BASE.line + self.lines).contains(&position.line), "{position:?}");
    }
}

impl Sink for Checks {
    fn frame(&mut self, frame: &Frame<'_>) -> Taken {
        self.place(frame.position);
        let soap = frame.transport == Transport::Soap;
        assert!(frame.text.starts_with(if soap { '<' } else { '[' }), "{:?}", frame.text);
        assert!(frame.charge_point.is_none_or(|id| !id.is_empty()), "a charge point without a name");
        let (consumed, defect) = if soap {
            let reading = message::read_soap(frame.text);
            (reading.consumed, reading.message.err())
        } else {
            let reading = message::read(frame.text);
            (reading.consumed, reading.message.err())
        };
        let truncated = defect.as_ref().is_some_and(|defect| defect.reason == Reason::JsonTruncated);
        if frame.may_go_on && truncated {
            // The lines behind may complete it; if not, it comes again.
            return Taken { consumed, message: false, cut: true };
        }
        let place = (frame.position.line, frame.position.byte);
        assert!(self.place.is_none_or(|before| before < place), "two frames of one place, or out of order");
        self.place = Some(place);
        let message = defect.is_none();
        self.messages += u64::from(message);
        self.refused += u64::from(!message);
        Taken { consumed, message, cut: false }
    }

    fn context(&mut self, context: &Context<'_>) {
        self.place(context.position);
    }

    fn connection(&mut self, connection: &Connection<'_>) {
        self.place(connection.position);
    }

    fn reject(&mut self, reject: Reject) {
        self.place(reject.position);
        self.refused += 1;
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, text)) = bytes.split_first() else { return };
    let layout = match PROFILES.get(usize::from(first) % (PROFILES.len() + 1)) {
        Some(profile) => Layout::named(profile.name).expect("it is declared"),
        None => detect(text, "any.log").layout,
    };
    let ended = text.split(|&byte| byte == b'\n').count() - 1;
    let lines = (ended + usize::from(text.last().is_some_and(|&last| last != b'\n'))) as u64;
    let mut checks = Checks { lines, ..Checks::default() };
    let tally = layout.read(text, BASE, &mut checks);
    assert_eq!(tally.lines, lines, "every line is counted");
    assert_eq!(tally.lines, tally.blank + tally.other + tally.message + tally.rejected, "{tally:?}");
    assert_eq!(tally.message > 0, checks.messages > 0, "{tally:?}");
    assert!(tally.rejected == 0 || checks.refused > 0, "{tally:?}");
});
