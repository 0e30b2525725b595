//! Messages of vendors' own (rule book §6; 1.6 §4.3, §5.6; 2.0.1 part 2 P01, P02).

use super::{Context, Track};
use crate::flag::Flags;
use crate::position::Position;
use crate::term::Direction;
use rustc_hash::FxHashMap;

/// One row of `data_transfers`.
#[derive(Clone, Debug, Default)]
pub struct DataTransfer<'a> {
    /// The charge point's id.
    pub charge_point: &'a str,
    /// When it was logged.
    pub time: Option<i64>,
    /// Who sent it: `from_charge_point` or `from_csms`.
    pub direction: Option<&'a str>,
    /// The vendor.
    pub vendor_id: Option<&'a str>,
    /// The vendor's name for the message.
    pub message_id: Option<&'a str>,
    /// What it carries, as logged; secrets are masked.
    pub data: Option<&'a str>,
    /// The answer, as logged.
    pub response_status: Option<&'a str>,
    /// What the answer carries, as logged; secrets are masked.
    pub response_data: Option<&'a str>,
    /// From the request to its answer, by the recorder's clock.
    pub response_time: Option<i64>,
    /// What had to be said about it.
    pub flags: Flags,
    /// The message.
    pub position: Position,
}

/// Messages of vendors' own in order of arrival. One that is sent again because no answer came is one row.
#[must_use]
pub fn data_transfers<'a>(track: &Track<'a>, _context: &Context<'_>) -> Vec<DataTransfer<'a>> {
    let mut rows: Vec<DataTransfer<'a>> = Vec::new();
    let mut sent: FxHashMap<(Option<Direction>, u64), usize> = FxHashMap::default();
    for (index, view, transfer) in track.transfers() {
        let pair = &track.exchange.pairs[index];
        let direction = track.exchange.direction(index, view).0;
        let answer = track.answer(index);
        let said = answer.and_then(|answer| Some((answer, answer.answer()?)));
        let response_status = said.and_then(|(answer, fact)| answer.text(fact.status));
        let response_data = said.and_then(|(answer, fact)| answer.text(fact.carried));
        let before = sent.get(&(direction, view.content)).copied().filter(|_| pair.attempt > 1);
        if let Some(row) = before.and_then(|at| rows.get_mut(at)) {
            if answer.is_some() {
                row.response_status = response_status;
                row.response_data = response_data;
                row.response_time = pair.response_time;
            }
            continue;
        }
        sent.insert((direction, view.content), rows.len());
        rows.push(DataTransfer {
            charge_point: track.charge_point,
            time: view.log_time,
            direction: direction.map(Direction::as_str),
            vendor_id: view.text(transfer.vendor),
            message_id: view.text(transfer.message),
            data: view.text(transfer.data),
            response_status,
            response_data,
            response_time: pair.response_time,
            flags: Flags::NONE,
            position: view.position,
        });
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rebuild::testing::{Log, at};

    #[test]
    fn a_transfer_says_what_it_carries_and_how_it_was_answered() {
        let log = Log::new()
            .cp(0, "DataTransfer", r#"{"vendorId":"V","messageId":"M","data":"x=1"}"#)
            .csms_answers(1, r#"{"status":"Accepted","data":"ok"}"#)
            .csms(10, "DataTransfer", r#"{"vendorId":"V","data":{"a":[1, 2]}}"#)
            .cp_answers(11, r#"{"status":"UnknownMessageId"}"#)
            .csms(20, "DataTransfer", r#"{"vendorId":"W"}"#)
            .cp_refuses(21, "NotSupported");
        log.look(|track, context| {
            let rows = data_transfers(track, context);
            assert_eq!((rows.len(), rows[0].time, rows[0].direction), (3, at(0), Some("from_charge_point")));
            assert_eq!((rows[0].vendor_id, rows[0].message_id, rows[0].data), (Some("V"), Some("M"), Some("x=1")));
            assert_eq!((rows[0].response_status, rows[0].response_data), (Some("Accepted"), Some("ok")));
            assert_eq!((rows[1].direction, rows[1].data), (Some("from_csms"), Some(r#"{"a":[1, 2]}"#)));
            assert_eq!((rows[1].response_status, rows[1].response_data), (Some("UnknownMessageId"), None));
            assert_eq!((rows[2].data, rows[2].response_status), (None, None));
        });
    }
}
