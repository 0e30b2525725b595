//! How the frames of a log become known: from what the long way made of one.

use super::super::fields;
use super::super::form::{Form, Forms};
use super::super::learn::{Fields, learn};
use super::super::meter::Sample;
use super::super::shape::Shapes;
use super::super::store::{Event, Store};
use super::super::{Fact, digest};
use super::{Beginning, Call, Known, MOST_CALLS, Payload, beginning, comma};
use crate::message::Kind;
use crate::term::Version;

impl Store {
    /// Learns the form of a frame that the long way has read, its samples from `first` on.
    pub(in crate::event) fn learn(&mut self, event: &Event, text: &str, told: Option<Version>, first: usize) {
        let mut known = self.known.take().unwrap_or_default();
        let _ = self.learn_into(&mut known, event, text, told, first);
        self.known = Some(known);
    }

    fn learn_into(
        &self,
        known: &mut Known,
        event: &Event,
        text: &str,
        told: Option<Version>,
        first: usize,
    ) -> Option<()> {
        let Beginning { kind, behind, .. } = beginning(text, b"")?;
        let rest = &text[behind..];
        let source = Source { samples: &self.samples[first..], shapes: &self.shapes };
        if kind == Kind::Result {
            let payload = rest.get(comma(rest.as_bytes())?..rest.len() - 1)?;
            let Fact::Answer(place) = event.fact else { return None };
            let second = payload.contains("\"idTokenInfo\"");
            let table = if second { fields::ANSWER_V2 } else { fields::ANSWER_V1 };
            return source.learn(&mut known.answers, table, payload, self.answers[place as usize], (None, None), "");
        }
        let name = event.action.name()?;
        let at = rest.find('{')?;
        let payload = &rest[at..rest.len() - 1];
        let between = &rest[..at];
        let place = known.calls.iter().position(|call| *call.between == *between.as_bytes());
        let place = match place {
            Some(place) => place,
            None if known.calls.len() < MOST_CALLS => {
                let word = u64::from_le_bytes(*rest.as_bytes().first_chunk()?);
                known.calls.push(Call {
                    between: between.as_bytes().into(),
                    word,
                    action: event.action,
                    implied: event.action.implied_version(),
                    seed: digest::seed(Kind::Call, name),
                    payload: payloads(name)?,
                });
                known.calls.len() - 1
            }
            None => return None,
        };
        let versions = (told.or(event.action.implied_version()), event.version);
        macro_rules! learn {
            ($forms:ident, $table:expr, $list:ident[$place:expr], $reserved:expr) => {
                source.learn($forms, $table, payload, *self.$list.get($place as usize)?, versions, $reserved)
            };
        }
        match (&mut known.calls[place].payload, event.fact) {
            (Payload::Status(forms), Fact::Status(place)) => {
                let second = payload.contains("\"connectorStatus\"");
                let table = if second { fields::STATUS_V2 } else { fields::STATUS_V1 };
                learn!(forms, table, statuses[place], "connectorStatus")
            }
            (Payload::Authorize(forms), Fact::Authorize(place)) => {
                let second = payload.contains("\"idToken\"");
                let table = if second { fields::AUTHORIZE_V2 } else { fields::AUTHORIZE_V1 };
                learn!(forms, table, authorizes[place], "idToken")
            }
            (Payload::TxStart(forms), Fact::TxStart(place)) => learn!(forms, fields::TX_START, starts[place], ""),
            (Payload::TxStop(forms), Fact::TxStop(place)) => learn!(forms, fields::TX_STOP, stops[place], ""),
            (Payload::Meter(forms), Fact::Meter(place)) => {
                let second = payload.contains("\"evseId\"");
                let table = if second { fields::METER_V2 } else { fields::METER_V1 };
                learn!(forms, table, meters[place], "evseId")
            }
            (Payload::TxEvent(forms), Fact::TxEvent(place)) => learn!(forms, fields::TX_EVENT, tx_events[place], ""),
            _ => None,
        }
    }
}

/// What the long way made of a payload.
struct Source<'s> {
    samples: &'s [Sample],
    shapes: &'s Shapes,
}

impl Source<'_> {
    fn learn<F: Copy + 'static>(
        &self,
        forms: &mut Forms<F>,
        fields: Fields<F>,
        text: &str,
        fact: F,
        version: (Option<Version>, Option<Version>),
        reserved: &'static str,
    ) -> Option<()> {
        if !forms.wanted() {
            return None;
        }
        let form: Form<F> = learn(fields, text, fact, self.samples, self.shapes, version, reserved)?;
        forms.add(form);
        Some(())
    }
}

/// The forms of an action's payloads, at first none; none at all for actions that are rare in a log.
fn payloads(action: &str) -> Option<Payload> {
    Some(match action {
        "Heartbeat" => Payload::Empty,
        "StatusNotification" => Payload::Status(Forms::default()),
        "Authorize" => Payload::Authorize(Forms::default()),
        "StartTransaction" => Payload::TxStart(Forms::default()),
        "StopTransaction" => Payload::TxStop(Forms::default()),
        "MeterValues" => Payload::Meter(Forms::default()),
        "TransactionEvent" => Payload::TxEvent(Forms::default()),
        _ => return None,
    })
}
