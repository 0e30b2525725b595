//! Whose answer is it? SOAP has no connection: an answer is tied to its request by a message id, by the number that
//! the logging program gave to both, or else by its operation; and often it does not name its charge point.

use super::parse::Parsed;
use crate::message::Action;
use crate::term::IdSource;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// What only an event of SOAP has. The lists of these are short, so JSON logs pay nothing.
#[derive(Clone, Debug)]
pub(super) struct Soap {
    /// Index of the event.
    pub(super) event: usize,
    /// The number that the log gave to request and answer.
    pub(super) exchange: Option<String>,
    /// Whether the envelope itself told the message id.
    pub(super) own_id: bool,
}

/// What a request hands down to its answer.
#[derive(Clone, Debug, Default)]
struct Heritage {
    id: String,
    charge_point: Option<String>,
}

/// Gives answers the id and the charge point of their requests.
pub(super) fn join_exchanges(chunks: &mut [&mut Parsed]) {
    if chunks.iter().all(|chunk| chunk.soap.is_empty()) {
        return;
    }
    let mut by_exchange: FxHashMap<String, Heritage> = FxHashMap::default();
    let mut by_id: FxHashMap<String, Heritage> = FxHashMap::default();
    // Threads log in any order, so all requests come first.
    for chunk in chunks.iter() {
        for soap in &chunk.soap {
            let view = chunk.store.view(soap.event);
            if !view.kind.has_action() {
                continue;
            }
            let named = view.charge_point_source != IdSource::None;
            let heritage = Heritage {
                id: view.id().text().into_owned(),
                charge_point: named.then(|| view.charge_point_id().to_owned()),
            };
            if let Some(exchange) = &soap.exchange {
                by_exchange.entry(exchange.clone()).or_insert_with(|| heritage.clone());
            }
            if soap.own_id {
                by_id.entry(heritage.id.clone()).or_insert(heritage);
            }
        }
    }
    // Where nothing else ties them, an answer follows the last request of its operation.
    let mut last: BTreeMap<Action, Heritage> = BTreeMap::new();
    for chunk in chunks {
        for soap in std::mem::take(&mut chunk.soap) {
            let view = chunk.store.view(soap.event);
            let nameless = view.id().is_empty();
            if view.kind.has_action() {
                if nameless && view.charge_point_source != IdSource::None {
                    let charge_point = Some(view.charge_point_id().to_owned());
                    last.insert(view.action, Heritage { id: String::new(), charge_point });
                }
                continue;
            }
            let by_number = soap.exchange.as_ref().and_then(|exchange| by_exchange.get(exchange));
            let operation = view.action;
            let heritage = match by_number.or_else(|| by_id.get(&*view.id().text())) {
                Some(heritage) => heritage.clone(),
                None if nameless => last.remove(&operation).unwrap_or_default(),
                None => continue,
            };
            inherit(chunk, &soap, &heritage);
        }
    }
}

fn inherit(chunk: &mut Parsed, soap: &Soap, heritage: &Heritage) {
    let charge_point = heritage.charge_point.as_deref().map(|id| chunk.store.charge_point(id));
    let id = chunk.store.keep_id(&heritage.id);
    let event = &mut chunk.store.events[soap.event];
    if event.charge_point_source == IdSource::None
        && let Some(charge_point) = charge_point
    {
        event.charge_point = charge_point;
        event.charge_point_source = IdSource::Record;
    }
    if !soap.own_id {
        event.id = id;
    }
}

#[cfg(test)]
mod tests;
