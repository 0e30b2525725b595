//! Hands on what the walk found: frames, envelopes, quotes, defects.

use super::assemble::Joined;
use super::profile::PROFILES;
use super::run::{Depth, Run};
use super::text::Meta;
use super::{Frame, Sink};
use crate::json::unescape;
use crate::position::Position;
use crate::reject::{Reason, Reject};
use crate::term::Transport;

/// How often a line is searched again behind a broken frame; a line of broken frames must not cost its square.
const MOST_RESTARTS: u32 = 32;

impl<S: Sink + ?Sized> Run<'_, '_, S> {
    /// Tries the short way through a record; false if it has to go the long one.
    #[inline]
    pub(super) fn quick(&mut self, text: &str, outer: &Meta<'_>, depth: Depth<'_>) -> bool {
        // The long way also learns what layout a source has, and knows names of the caller's own.
        if self.seen.is_some() || self.layout.custom.is_some() || depth.document.is_some() {
            return false;
        }
        let Some((meta, text)) = self.shapes.record(text) else { return false };
        let frame = frame_of(text, &meta.or(outer), self.next_place(), self.utf8_replaced);
        let taken = self.sink.whole(&frame);
        self.messages += u32::from(taken);
        taken
    }

    /// Reads the line at the start of `text` if it is a record of a known shape with a frame of a known form: all of its
    /// bytes are compared or read then, so even its end need not be looked for. Tells its length, line end included.
    #[inline]
    pub(super) fn quick_line(&mut self, text: &str, position: Position) -> Option<usize> {
        let (meta, at, escaped) = self.shapes.known(text)?;
        let rest = text.get(at..)?;
        let end = if escaped {
            let (quote, length) = unescape(rest.as_bytes(), &mut self.plain)?;
            let end = at + quote + 2;
            if text.get(at + quote..end) != Some("\"}")
                || !matches!(text.as_bytes()[end..], [] | [b'\n', ..] | [b'\r', b'\n', ..])
            {
                return None;
            }
            let inner = simdutf8::basic::from_utf8(&self.plain[..length]).ok()?;
            self.sink.whole(&frame_of(inner, &meta, position, false)).then_some(end)?
        } else {
            at + self.sink.line(&frame_of(rest, &meta, position, false), b"}")? + 1
        };
        Some(match text.as_bytes().get(end) {
            Some(b'\r') => end + 2,
            Some(_) => end + 1,
            None => end,
        })
    }

    /// Where the next frame of the line stands. Frames on one line must keep their order wherever they go: each one stands
    /// a byte further on.
    fn next_place(&self) -> Position {
        let before = u64::from(self.messages) + u64::from(self.rejects);
        Position { byte: self.position.byte + before, ..self.position }
    }

    /// Hands a frame on; returns how many bytes of `text` are done with.
    pub(super) fn frame(
        &mut self,
        text: &str,
        meta: &Meta<'_>,
        profile: Option<usize>,
        depth: Depth<'_>,
        words: &str,
    ) -> usize {
        let mut frame = frame_of(text, meta, self.next_place(), self.utf8_replaced);
        frame.may_go_on = depth.joins;
        frame.copy = profile.is_some_and(|index| PROFILES[index].copies);
        // Most frames go on to the end of the text and are what they should be.
        if self.seen.is_none() && text.ends_with(']') && self.sink.whole(&frame) {
            self.messages += 1;
            return text.len();
        }
        let mut taken = self.sink.frame(&frame);
        if taken.cut {
            frame.may_go_on = false;
            if let Some(joined) = self.whole_frame(text, depth) {
                return self.joined_frame(&frame, joined, meta, profile, depth, words);
            }
            taken = self.sink.frame(&frame);
        }
        if taken.message {
            self.messages += 1;
        } else {
            self.rejects += 1;
        }
        if let Some(seen) = &mut self.seen
            && taken.message
        {
            seen.add(profile, depth.record, meta, words, self.position);
        }
        // Never stand still, and never inside a character.
        let mut used = taken.consumed.max(1);
        let whole = text.as_bytes().get(used - 1) == Some(&b']');
        if !taken.message && !whole && self.rejects <= MOST_RESTARTS {
            // What looked like the inside of a broken frame may be a whole one: look again right behind its bracket.
            used = 1;
        }
        while !text.is_char_boundary(used) && used < text.len() {
            used += 1;
        }
        used.min(text.len())
    }

    /// Hands on an envelope.
    pub(super) fn soap_frame(
        &mut self,
        text: &str,
        meta: &Meta<'_>,
        message_id: Option<&str>,
        profile: Option<usize>,
        depth: Depth<'_>,
        words: &str,
    ) {
        let frame = frame_of(text, meta, self.next_place(), self.utf8_replaced);
        let taken = self.sink.frame(&Frame { transport: Transport::Soap, message_id, ..frame });
        if taken.message {
            self.messages += 1;
            if let Some(seen) = &mut self.seen {
                seen.add(profile, depth.record, meta, words, self.position);
            }
        } else {
            self.rejects += 1;
        }
    }

    /// Hands on a frame whose lines were put together, and those that stand behind it on its last line.
    fn joined_frame(
        &mut self,
        frame: &Frame<'_>,
        joined: Joined,
        meta: &Meta<'_>,
        profile: Option<usize>,
        depth: Depth<'_>,
        words: &str,
    ) -> usize {
        let Joined { text, broken, .. } = joined;
        let taken = self.sink.frame(&Frame { text: &text, rejoined: broken, ..*frame });
        if taken.message {
            self.messages += 1;
            if let Some(seen) = &mut self.seen {
                seen.add(profile, depth.record, meta, words, self.position);
            }
        } else {
            self.rejects += 1;
        }
        let used = taken.consumed.clamp(1, text.len());
        if text.is_char_boundary(used) {
            self.following(&text, used, meta, meta, Depth { joins: false, ..depth });
        }
        frame.text.len()
    }

    /// A frame that a text quotes; whether it is a copy is known when all of the source was read.
    pub(super) fn quoted(&mut self, text: &str, meta: &Meta<'_>) {
        let frame = frame_of(text, meta, self.position, self.utf8_replaced);
        self.sink.quoted(&Frame { copy: true, ..frame });
    }

    pub(super) fn reject(&mut self, reason: Reason, detail: impl Into<String>, text: &str) {
        self.rejects += 1;
        let reject = Reject::new(self.position, reason, detail, text.as_bytes());
        self.sink.reject(if self.utf8_replaced { reject.in_replaced(text.as_bytes()) } else { reject });
    }
}

/// A frame and what is told about it.
#[inline]
fn frame_of<'a>(text: &'a str, meta: &Meta<'a>, position: Position, utf8_replaced: bool) -> Frame<'a> {
    Frame {
        text,
        transport: Transport::Json,
        charge_point: meta.charge_point,
        charge_point_source: meta.source,
        way: meta.way,
        stamp: meta.stamp,
        version: meta.version,
        link: meta.link,
        position,
        utf8_replaced,
        ..Frame::default()
    }
}
