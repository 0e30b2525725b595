//! The reader of envelopes takes for JSON what `serde_json` takes for JSON, and as much of it; what it makes of a message
//! is what `serde_json` makes of it.
#![no_main]

use ocpplog::message::{Kind, read};
use ocpplog::reject::Reason;
use serde::de::IgnoredAny;
use serde_json::{Deserializer, Value};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let ours = read(text);
    assert!(ours.consumed >= 1, "no step forward");
    if !text.trim_start_matches([' ', '\t', '\n', '\r']).starts_with('[') {
        assert!(ours.message.is_err(), "no array, but a message");
        return;
    }
    assert!(text.is_char_boundary(ours.consumed.min(text.len())) || ours.message.is_err(), "cut inside a letter");
    let mut stream = Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let json = stream.next().is_some_and(|first| first.is_ok());
    if ours.message.as_ref().is_err_and(|defect| defect.reason == Reason::JsonDepth) {
        // Ignoring, `serde_json` counts no brackets; building a tree, it allows as many as we do.
        assert!(serde_json::from_str::<Value>(text).is_err(), "refused for its depth");
        return;
    }
    let broken = [Reason::JsonSyntax, Reason::JsonTruncated, Reason::ControlChar];
    let ours_json = ours.message.as_ref().err().is_none_or(|defect| !broken.contains(&defect.reason));
    assert_eq!(ours_json, json, "{:?}", ours.message);
    if json {
        assert_eq!(ours.consumed, stream.byte_offset(), "another end");
    }
    let Ok(message) = ours.message else { return };
    // A tree refuses numbers beyond f64 and halves of surrogate pairs; the envelope need not look at them.
    let Ok(Value::Array(tree)) = serde_json::from_str(&text[..ours.consumed]) else { return };
    if let Some(Value::String(id)) = tree.get(1) {
        assert_eq!(*id, message.id, "another id");
    }
    let place = match message.kind {
        Kind::Call | Kind::Send => 3,
        Kind::Result => 2,
        _ => 4,
    };
    match tree.get(place) {
        // The details of a refusal should be an object; a text is kept without its quotes, a word of JSON not at all.
        Some(Value::String(_) | Value::Bool(_) | Value::Null) if place == 4 => {}
        Some(payload) => assert_eq!(serde_json::from_str::<Value>(message.payload).ok().as_ref(), Some(payload)),
        None => assert_eq!(message.payload, ""),
    }
    assert_eq!(message.action.is_some(), message.kind.has_action(), "the action");
});
