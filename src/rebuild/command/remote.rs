//! Which transaction a remote start began (rule book §6; OCPP 1.6 §5.11, errata §3.32; 2.0.1 part 2 F01, F02).

use super::evidence::Evidence;
use crate::time::SECOND;
use std::collections::BTreeMap;

/// How far a late start's own time may lie before its request: the two clocks differ.
const CLOCKS: i64 = 5 * SECOND;

/// How many remote starts can wait for their start at one time.
const MOST_OPEN: usize = 64;

/// What a remote start led to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Start {
    /// This row of `transactions`.
    Began {
        /// Index of the row.
        row: usize,
        /// When that was logged.
        logged: Option<i64>,
        /// Whether it came from the charge point's memory.
        late: bool,
    },
    /// A later request for the same token took it.
    Taken,
    /// Nothing yet; it has this long, in microseconds.
    Waits(i64),
}

/// A request for a token, and until when a start can be its.
struct Request<'a> {
    /// Its place among the commands.
    at: usize,
    asked: super::Key,
    token: Option<&'a str>,
    evse: Option<i32>,
    until: Option<i64>,
    taken: bool,
}

/// What the remote starts among the commands led to, by the command's place.
pub(super) fn starts(evidence: &Evidence<'_, '_, '_>) -> Vec<Option<Start>> {
    let mut found = vec![None; evidence.asked.len()];
    by_number(evidence, &mut found);
    by_token(evidence, &mut found);
    found
}

fn is_start(action: Option<&str>) -> bool {
    matches!(action, Some("RemoteStartTransaction" | "RequestStartTransaction"))
}

/// 2.x: the transaction names the number of the request; of requests that share one the nearest before it.
fn by_number(evidence: &Evidence<'_, '_, '_>, found: &mut [Option<Start>]) {
    let mut next: BTreeMap<i64, usize> = BTreeMap::new();
    for (at, &index) in evidence.asked.iter().enumerate().rev() {
        let Some((view, command)) = evidence.command(index) else { continue };
        let Some(number) = command.remote_start_id.filter(|_| is_start(view.action_name())) else { continue };
        found[at] = Some(Start::Waits(evidence.patience.at(index)));
        let later = next.insert(number, index);
        let Some(events) = evidence.remote.get(&number) else { continue };
        let Some(&event) = events.get(events.partition_point(|&event| event <= index)) else { continue };
        if later.is_some_and(|later| later < event) {
            found[at] = Some(Start::Taken);
            continue;
        }
        let view = evidence.track.events[event];
        let id = view.tx_event().and_then(|event| view.text(event.transaction_id));
        let row = id.and_then(|id| evidence.row_at(event, id));
        let late = view.tx_event().is_some_and(|event| event.offline);
        if let Some(row) = row {
            found[at] = Some(Start::Began { row, logged: view.log_time, late });
        }
    }
}

/// 1.x: the first start with the same token, on the connector that was named, within the time in which the cable may
/// be plugged in. Of several requests the nearest before the start has it.
fn by_token(evidence: &Evidence<'_, '_, '_>, found: &mut [Option<Start>]) {
    let mut open: Vec<Request<'_>> = Vec::new();
    let mut begins = evidence.begins.iter().peekable();
    let mut give = |open: &mut Vec<Request<'_>>, before: Option<super::Key>, found: &mut [Option<Start>]| {
        while let Some(begin) = begins.next_if(|begin| before.is_none_or(|before| begin.at < before)) {
            open.retain(|request| {
                begin.late || begin.at.0.is_none() || request.until.is_none_or(|until| begin.at.0 <= Some(until))
            });
            let transaction = &evidence.transactions[begin.row];
            let fits = |request: &Request<'_>| {
                let token =
                    request.token.zip(transaction.id_tag).is_some_and(|(one, two)| one.eq_ignore_ascii_case(two));
                let place = request.evse.is_none_or(|evse| transaction.evse == Some(evse));
                let since = if begin.late { request.asked.0.map(|asked| asked - CLOCKS) } else { request.asked.0 };
                let in_time = begin.when.is_none()
                    || request.asked.0.is_none()
                    || (begin.when >= since && request.until.is_none_or(|until| begin.when <= Some(until)));
                token && place && in_time
            };
            let mut nearest = open.iter_mut().rev().filter(|request| fits(request));
            let Some(request) = nearest.next() else { continue };
            if request.taken {
                continue;
            }
            request.taken = true;
            found[request.at] = Some(Start::Began { row: begin.row, logged: begin.at.0, late: begin.late });
            for earlier in nearest.filter(|earlier| !earlier.taken) {
                earlier.taken = true;
                found[earlier.at] = Some(Start::Taken);
            }
        }
    };
    for (at, &index) in evidence.asked.iter().enumerate() {
        let Some((view, command)) = evidence.command(index) else { continue };
        let asked = super::key(view);
        give(&mut open, Some(asked), found);
        if is_start(view.action_name()) && command.remote_start_id.is_none() && !evidence.answered(index, "Rejected") {
            let patience = evidence.patience.at(index);
            found[at] = Some(Start::Waits(patience));
            let until = asked.0.map(|asked| asked.saturating_add(patience));
            let token = view.text(command.id_tag);
            // Connector 0 names none.
            let evse = command.evse.filter(|&evse| evse > 0);
            // Without times no request grows too old.
            if open.len() == MOST_OPEN {
                open.remove(0);
            }
            open.push(Request { at, asked, token, evse, until, taken: false });
        }
    }
    give(&mut open, None, found);
}
