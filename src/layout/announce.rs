//! Lines without a frame that tell something about frames behind them.

use super::peel::split;
use super::{Connection, Context, Sink, Stamp, stamp};
use crate::json::write_string;
use crate::position::Position;
use crate::term::Direction::{FromChargePoint, FromCsms};
use crate::term::{IdSource, Way};

/// `SteVe`: `[chargeBoxId=…, sessionId=…] Connection is established`, or closed.
pub(super) fn steve<S: Sink + ?Sized>(line: &str, position: Position, sink: &mut S) {
    let Some((words, rest)) = split(line, "[chargeBoxId=") else { return };
    let Some((id, rest)) = rest.split_once(", sessionId=") else { return };
    let Some((session, event)) = rest.split_once("] ") else { return };
    let open = event.starts_with("Connection is established");
    if !open && !event.starts_with("Connection is closed") {
        return;
    }
    let mut payload = String::from("{");
    if let Some((_, status)) = event.split_once("CloseStatus[code=") {
        let digits = status.bytes().take_while(u8::is_ascii_digit).count();
        payload.push_str("\"code\":");
        payload.push_str(if digits == 0 { "null" } else { &status[..digits] });
        if let Some((_, reason)) = status.split_once("reason=") {
            payload.push_str(",\"reason\":");
            let reason = reason.trim_ascii_end();
            write_string(&mut payload, reason.strip_suffix(']').unwrap_or(reason));
        }
    }
    payload.push('}');
    let charge_point = Some(id).filter(|id| !id.is_empty());
    sink.connection(&Connection {
        open,
        charge_point,
        charge_point_source: if charge_point.is_some() { IdSource::Record } else { IdSource::None },
        payload: &payload,
        stamp: stamp::find(words).map_or(Stamp::None, |found| found.stamp),
        link: Some(session),
        position,
    });
}

/// Whether a line is the head of a record whose frame follows on lines of its own: the text log of libocpp.
pub(super) fn is_head(line: &str) -> bool {
    split(line, ">CentralSystem ").is_some() || split(line, "CentralSystem>").is_some()
}

/// The virtual charge point: `chargePointId: 'VCP-0001',` in the block that it prints at its start.
pub(super) fn vcp<S: Sink + ?Sized>(line: &str, position: Position, sink: &mut S) {
    let id =
        line.trim_ascii().strip_prefix("chargePointId: '").and_then(|rest| rest.split_once('\'')).map(|(id, _)| id);
    if id.is_some() {
        sink.context(&Context { link: None, charge_point: id, way: Way::Unknown, position });
    }
}

/// mitmproxy: `client -> WebSocket text message -> server/CP7`, the frame follows.
pub(super) fn mitmproxy<S: Sink + ?Sized>(line: &str, position: Position, sink: &mut S) {
    let Some((before, after)) = line.split_once(" WebSocket text message ") else { return };
    let way = match (before.ends_with("->"), before.ends_with("<-")) {
        (true, _) => Way::Known(FromChargePoint),
        (_, true) => Way::Known(FromCsms),
        _ => return,
    };
    let charge_point = after.trim_ascii().split_once(' ').and_then(|(_, server)| last_segment(server));
    sink.context(&Context { link: None, charge_point, way, position });
}

/// The last part of a path, which names the charge point in OCPP-J.
pub(super) fn last_segment(address: &str) -> Option<&str> {
    let address = address.split(['?', '#']).next().unwrap_or(address);
    let (_, segment) = address.trim_ascii().trim_end_matches('/').rsplit_once('/')?;
    Some(segment).filter(|segment| !segment.is_empty())
}
