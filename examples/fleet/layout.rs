//! How one line of log is written.

use std::fmt::Write as _;

use crate::args::LayoutName;
use crate::clock::{Ms, iso, push_civil};

/// What a line tells.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// A frame from the charge point.
    In(String),
    /// A frame from the CSMS.
    Out(String),
    /// The charge point connected.
    Open,
    /// The connection ended.
    Close,
}

/// One line before it is written.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// The recorder's time.
    pub(crate) at: Ms,
    /// Number of the charge point.
    pub(crate) charge_point: u32,
    /// Frame or event.
    pub(crate) content: Content,
    /// Whether the end of the line is missing.
    pub(crate) cut: bool,
}

/// Appends `2026-03-01 06:58:02,117`.
fn push_comma_stamp(out: &mut String, at: Ms) {
    push_civil(out, at, '-', ' ');
    let _ = write!(out, ",{:03}", at.rem_euclid(1000));
}

/// Appends `text` as the inside of a JSON string.
fn push_escaped(out: &mut String, text: &str) {
    for piece in text.split_inclusive(['"', '\\']) {
        let (plain, special) = piece.split_at(piece.len() - 1);
        match special {
            "\"" | "\\" => {
                out.push_str(plain);
                out.push('\\');
                out.push_str(special);
            }
            _ => out.push_str(piece),
        }
    }
}

/// Appends the JSON layouts' line.
fn push_json(out: &mut String, at: Ms, name: &str, direction: &str, frame: &str, escaped: bool) {
    let _ =
        write!(out, r#"{{"timestamp":"{}","charge_point_id":"{name}","direction":"{direction}","message":"#, iso(at));
    if escaped {
        out.push('"');
        push_escaped(out, frame);
        out.push('"');
    } else {
        out.push_str(frame);
    }
    out.push('}');
}

/// Appends the prefix of a `SteVe` websocket line.
fn push_steve(out: &mut String, at: Ms, name: &str, socket: &str) {
    out.push_str("[INFO ] ");
    push_comma_stamp(out, at);
    let _ = write!(
        out,
        " de.rwth.idsg.steve.ocpp.ws.WebSocketLogger (qtp1311135309-30) - [chargeBoxId={name}, sessionId={socket}] "
    );
}

/// Appends the line, without its newline; false if the layout has no such line.
pub(crate) fn push_line(out: &mut String, layout: LayoutName, line: &Line, name: &str, socket: &str) -> bool {
    let (inward, frame) = match &line.content {
        Content::In(frame) => (true, frame.as_str()),
        Content::Out(frame) => (false, frame.as_str()),
        event => {
            return push_event(out, layout, line.at, name, socket, matches!(event, Content::Open));
        }
    };
    let choose = |received, sent| if inward { received } else { sent };
    match layout {
        LayoutName::Json => push_json(out, line.at, name, choose("in", "out"), frame, false),
        LayoutName::JsonEscaped => push_json(out, line.at, name, choose("in", "out"), frame, true),
        LayoutName::Mobilityhouse => {
            push_comma_stamp(out, line.at);
            let verb = choose("receive message", "send");
            let _ = write!(out, " - ocpp - INFO - {name}: {verb} {frame}");
        }
        LayoutName::Steve => {
            push_steve(out, line.at, name, socket);
            let _ = write!(out, "{}: {frame}", choose("Received", "Sending"));
        }
        LayoutName::Evcc => {
            out.push_str("[ocpp  ] TRACE ");
            push_civil(out, line.at, '/', ' ');
            let _ = write!(out, " {} {name}: {frame}", choose("recv", "send"));
        }
        LayoutName::BareTime => {
            let _ = write!(out, "{} {name} {frame}", iso(line.at));
        }
        LayoutName::Bare => out.push_str(frame),
    }
    true
}

/// Appends the line of an opening or closing, where the layout has one.
fn push_event(out: &mut String, layout: LayoutName, at: Ms, name: &str, socket: &str, open: bool) -> bool {
    match layout {
        LayoutName::Steve => {
            push_steve(out, at, name, socket);
            out.push_str(if open {
                "Connection is established"
            } else {
                "Connection is closed, status: CloseStatus[code=1006, reason=null]"
            });
        }
        LayoutName::Mobilityhouse if open => {
            push_comma_stamp(out, at);
            out.push_str(" - websockets.server - INFO - connection open");
        }
        _ => return false,
    }
    true
}

/// Appends an ordinary line without OCPP in it; false if the layout has none.
pub(crate) fn push_noise(out: &mut String, layout: LayoutName, at: Ms, pick: i64) -> bool {
    match layout {
        LayoutName::Json | LayoutName::JsonEscaped => return false,
        LayoutName::Mobilityhouse => {
            push_comma_stamp(out, at);
            let _ = write!(out, " - csms.billing - INFO - exported {pick} records [batch {pick}]");
        }
        LayoutName::Steve => {
            out.push_str("[INFO ] ");
            push_comma_stamp(out, at);
            let _ =
                write!(out, " de.rwth.idsg.steve.SteveApplication (scheduler-{pick}) - Housekeeping done in {pick} ms");
        }
        LayoutName::Evcc => {
            out.push_str("[site  ] DEBUG ");
            push_civil(out, at, '/', ' ');
            let _ = write!(out, " grid power: {pick}W");
        }
        LayoutName::BareTime => {
            let _ = write!(out, "{} INFO housekeeping took {pick} ms", iso(at));
        }
        LayoutName::Bare => {
            let _ = write!(out, "# rotated after {pick} lines");
        }
    }
    true
}
