//! The short way through the commonest record: one flat JSON object whose last key holds the frame.
//!
//! ```text
//! {"timestamp":"2026-03-01T00:00:00.011Z","station":"CP1","direction":"in","message":[2,"19","Heartbeat",{}]}
//! ```
//!
//! A program writes the same keys in the same order each time. What the first such record shows is kept as a [`Shape`]:
//! the bytes between the values, and what each value stands for. Of the next record these bytes are compared, and only
//! the values are looked at. It gives what [`super::envelope`] would give, without looking into the frame, which its
//! reader checks anyway. Whatever is not of this form goes the long way; a property test holds both against each other.

use super::envelope::{Role, holds_frame, meaning, way};
use super::text::Meta;
use super::{Stamp, locate, stamp};
use crate::json::{Scanner, begins, plain_run};
use crate::term::{IdSource, Version, Way};
use crate::time::Minute;

/// How many shapes are kept: a log of several programs has several.
const MOST: usize = 8;

/// A value of a record, as far as it matters here.
#[derive(Clone, Copy, Debug)]
enum Hole {
    Station(u8),
    Time(u8),
    Way(u8),
    Version,
    /// What it tells, the frame tells itself.
    Other,
}

/// The bytes of a record between its values.
#[derive(Debug)]
struct Shape {
    /// The bytes before each value, its quote included, and at last those before the frame.
    known: Box<[u8]>,
    /// How many of them stand before each value, and what the value is.
    values: Vec<(usize, Hole)>,
    /// Whether the frame is a text, its quotes escaped.
    escaped: bool,
}

/// A log whose records so often have no shape is of another make, and the long way need not be tried second.
const MOST_MISSES: u32 = 64;

/// How many words of direction are remembered.
const MOST_WAYS: usize = 8;

/// The shapes that were met, the latest first.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    list: Vec<Shape>,
    /// How many records had no shape since.
    misses: u32,
    values: Values,
}

/// Values that come again and again, so that what was found out about them holds the next time.
#[derive(Debug, Default)]
struct Values {
    minute: Minute,
    /// The last charge point with its closing quote: a call and its answer stand side by side.
    station: Vec<u8>,
    /// Words of direction, with their closing quotes.
    ways: Vec<(Box<[u8]>, Way)>,
}

impl Values {
    /// Whether a charge point may have this id.
    #[inline]
    fn is_station(&mut self, id: &str) -> bool {
        let sound = !id.is_empty() && (id.bytes().all(|byte| byte != b'[') || !holds_frame(id));
        if sound {
            self.station.clear();
            self.station.extend_from_slice(id.as_bytes());
            self.station.push(b'"');
        }
        sound
    }

    #[inline(never)]
    fn way(&mut self, word: &str) -> Way {
        let way = way(word);
        if self.ways.len() < MOST_WAYS {
            self.ways.push(([word.as_bytes(), b"\""].concat().into(), way));
        }
        way
    }
}

/// What a record tells, while it is read; of two keys for one thing the one of the lower rank counts.
struct Told<'a> {
    station: Option<&'a str>,
    stamp: Stamp,
    way: Way,
    version: Option<Version>,
    ranks: [u8; 3],
}

impl Default for Told<'_> {
    fn default() -> Self {
        Self { station: None, stamp: Stamp::None, way: Way::Unknown, version: None, ranks: [u8::MAX; 3] }
    }
}

impl<'a> Told<'a> {
    /// Takes the value at `at` and tells its length.
    #[inline]
    fn take(&mut self, hole: Hole, text: &'a str, at: usize, values: &mut Values) -> Option<usize> {
        let bytes = text.as_bytes().get(at..)?;
        match hole {
            Hole::Time(rank) => {
                if let Some((micros, length)) = values.minute.quoted(bytes) {
                    self.stamp(rank, Stamp::Utc(micros));
                    return Some(length);
                }
                let value = plain_text(text, at)?;
                self.stamp(rank, stamp::whole(value));
                Some(value.len())
            }
            Hole::Station(rank) => {
                if !values.station.is_empty() && begins(bytes, &values.station) {
                    let length = values.station.len() - 1;
                    self.station(rank, text.get(at..at + length)?);
                    return Some(length);
                }
                let value = plain_text(text, at)?;
                if values.is_station(value) {
                    self.station(rank, value);
                }
                Some(value.len())
            }
            Hole::Way(rank) => {
                if let Some((word, way)) = values.ways.iter().find(|(word, _)| begins(bytes, word)) {
                    self.way(rank, *way);
                    return Some(word.len() - 1);
                }
                let value = plain_text(text, at)?;
                let way = if bytes.get(value.len()) == Some(&b'"') { values.way(value) } else { way(value) };
                self.way(rank, way);
                Some(value.len())
            }
            Hole::Version => {
                let value = plain_text(text, at)?;
                self.version = self.version.or_else(|| Version::from_name(value));
                Some(value.len())
            }
            Hole::Other => Some(plain_run(bytes)),
        }
    }

    #[inline]
    fn stamp(&mut self, rank: u8, stamp: Stamp) {
        if rank < self.ranks[0] && stamp != Stamp::None {
            (self.ranks[0], self.stamp) = (rank, stamp);
        }
    }

    #[inline]
    fn station(&mut self, rank: u8, id: &'a str) {
        if rank < self.ranks[1] {
            (self.ranks[1], self.station) = (rank, Some(id));
        }
    }

    #[inline]
    fn way(&mut self, rank: u8, way: Way) {
        if rank < self.ranks[2] && way != Way::Unknown {
            (self.ranks[2], self.way) = (rank, way);
        }
    }

    #[inline]
    fn meta(self) -> Meta<'a> {
        Meta {
            charge_point: self.station,
            source: if self.station.is_some() { IdSource::Envelope } else { IdSource::None },
            way: self.way,
            stamp: self.stamp,
            version: self.version,
            link: None,
            guessed: false,
        }
    }
}

/// The text up to its quote, or up to what says that it is of another form.
#[inline]
fn plain_text(text: &str, at: usize) -> Option<&str> {
    text.get(at..at + plain_run(&text.as_bytes()[at..]))
}

impl Shapes {
    /// What stands around the frame, and the frame up to the end of the record. None if the record is of another form.
    #[inline]
    pub(super) fn record<'a>(&mut self, text: &'a str) -> Option<(Meta<'a>, &'a str)> {
        if let Some((meta, at, escaped)) = self.known(text) {
            return if escaped { None } else { Some((meta, frame(text.get(at..)?)?)) };
        }
        if self.misses >= MOST_MISSES {
            return None;
        }
        self.misses += 1;
        let (found, shape) = first(text)?;
        self.misses = 0;
        self.list.truncate(MOST - 1);
        self.list.insert(0, shape);
        found
    }

    /// What stands before the frame in a record of a known shape, where the frame begins, and whether it is a text whose
    /// quotes are escaped. The text may go on.
    #[inline]
    pub(super) fn known<'a>(&mut self, text: &'a str) -> Option<(Meta<'a>, usize, bool)> {
        let Self { list, values, .. } = self;
        for place in 0..list.len() {
            if let Some(found) = list[place].read(text, values) {
                if place > 0 {
                    list.swap(0, place);
                }
                return Some(found);
            }
        }
        None
    }
}

impl Shape {
    #[expect(clippy::inline_always, reason = "what it finds is large, and need not be copied then")]
    #[inline(always)]
    fn read<'a>(&self, text: &'a str, values: &mut Values) -> Option<(Meta<'a>, usize, bool)> {
        let bytes = text.as_bytes();
        let mut told = Told::default();
        let mut known = &*self.known;
        let mut at = 0;
        for (before, hole) in &self.values {
            let (before, behind) = known.split_at_checked(*before)?;
            known = behind;
            if !begins(bytes.get(at..)?, before) {
                return None;
            }
            at += before.len();
            // What ends a value is the quote that the next bytes begin with, or it is of another form.
            at += told.take(*hole, text, at, values)?;
        }
        begins(bytes.get(at..)?, known).then(|| (told.meta(), at + known.len(), self.escaped))
    }
}

/// The frame that ends a record.
#[inline]
fn frame(rest: &str) -> Option<&str> {
    let frame = rest.strip_suffix('}')?;
    let usual = matches!(frame.as_bytes(), [b'[', b'2'..=b'4', b',', b'"', ..]);
    (frame.ends_with(']') && (usual || locate::is_frame_array(frame))).then_some(frame)
}

/// What stands around a frame, and the frame; none where its text has to be brought into plain letters first.
type Found<'a> = Option<(Meta<'a>, &'a str)>;

/// Reads a record of a shape that is not known yet.
fn first(text: &str) -> Option<(Found<'_>, Shape)> {
    let mut told = Told::default();
    let mut values = Vec::new();
    let mut known: Vec<u8> = Vec::new();
    let mut done = 0;
    let mut scanner = Scanner::new(text);
    scanner.enter(b'{').ok()?;
    let escaped = loop {
        let key = scanner.string().ok()?;
        scanner.expect(b':').ok()?;
        let hole = match meaning(key.raw) {
            Role::Station(rank) => Hole::Station(rank),
            Role::Time(rank) => Hole::Time(rank),
            Role::Way(rank) => Hole::Way(rank),
            Role::Version => Hole::Version,
            Role::Other | Role::Id | Role::WeakId | Role::Correlation | Role::Action | Role::Event => Hole::Other,
            Role::Body(0 | 1) if scanner.peek() == Some(b'[') => break false,
            Role::Body(0 | 1) if scanner.peek() == Some(b'"') && scanner.rest().starts_with("\"[") => break true,
            _ => return None,
        };
        match scanner.peek()? {
            b'"' => {
                let value = scanner.string().ok().filter(|value| !value.escaped)?;
                let (start, end) = (scanner.place(value.raw) as usize, scanner.offset() - 1);
                known.extend_from_slice(&text.as_bytes()[done..start]);
                values.push((start - done, hole));
                told.take(hole, text, start, &mut Values::default())?;
                done = end;
            }
            b'{' | b'[' => return None,
            // A number that changes makes a shape of its own each time; there is room for a few.
            _ if matches!(hole, Hole::Other) => scanner.skip().ok()?,
            _ => return None,
        }
        scanner.expect(b',').ok()?;
    };
    let at = text.len() - scanner.rest().len() + usize::from(escaped);
    known.extend_from_slice(&text.as_bytes()[done..at]);
    let shape = Shape { values, known: known.into(), escaped };
    Some((if escaped { None } else { Some((told.meta(), frame(scanner.rest())?)) }, shape))
}

#[cfg(test)]
mod tests {
    use super::super::envelope::{self, Candidate};
    use super::*;
    use proptest::prelude::*;

    /// A key and a value of a record, as programs write them and as they do not.
    fn field() -> impl Strategy<Value = String> {
        let key = prop::sample::select(vec![
            "timestamp",
            "time",
            "station",
            "charge_point_id",
            "direction",
            "origin",
            "level",
            "event",
            "messageId",
            "type",
            "version",
            "protocol",
            "source",
            "payload",
            "_meta",
            "id",
            "action",
            "st\\u0061tion",
            "1",
        ]);
        let value = prop::sample::select(vec![
            r#""2026-03-01T00:00:00.011Z""#,
            r#""2026-03-01 00:00:00""#,
            r#""CP01""#,
            r#""in""#,
            r#""out""#,
            r#""""#,
            "17",
            "true",
            "null",
            r#""ocpp1.6""#,
            r#""a \"quote\"""#,
            r#""[2,\"1\",""#,
            r#"{"a":1}"#,
            "[1,2]",
            r#""CALL""#,
            r#""été""#,
        ]);
        (key, value).prop_map(|(key, value)| format!("\"{key}\":{value}"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn prop_the_short_way_tells_what_the_long_one_tells(
            fields in prop::collection::vec(field(), 0..5),
            body in prop::sample::select(vec!["message", "msg", "raw", "payload", "frame", "data"]),
            frame in prop::sample::select(vec![r#"[2,"1","Heartbeat",{}]"#, r#"[3,"1",{"a":[1]}]"#, "[3,17,{}]", "[1]", "[]"]),
            end in prop::sample::select(vec!["}", ",\"x\":1}", " }", "} "]),
        ) {
            let text = format!("{{{}{}\"{body}\":{frame}{end}", fields.join(","), if fields.is_empty() { "" } else { "," });
            let mut shapes = Shapes::default();
            // The second time its shape is known.
            for _ in 0..2 {
                let Some((meta, found)) = shapes.record(&text) else { continue };
                let record = envelope::record(&mut Scanner::new(&text), None).unwrap();
                prop_assert_eq!(format!("{meta:?}"), format!("{:?}", record.meta()), "{}", text);
                let same = matches!(record.candidate(), Some(Candidate::Array(array)) if array == found);
                prop_assert!(same, "{text}: {found}");
                prop_assert!(record.unescaped(record.meta().charge_point).is_none());
            }
        }
    }

    #[test]
    fn a_record_of_a_known_shape_is_read_by_its_bytes() {
        let mut shapes = Shapes::default();
        let line = |time: &str, id: &str| {
            format!(r#"{{"timestamp":"{time}","station":"{id}","direction":"in","message":[2,"1","Heartbeat",{{}}]}}"#)
        };
        for (time, id) in [("2026-03-01T00:00:00Z", "CP1"), ("2026-03-01T00:00:01.5Z", "Säule 2")] {
            let text = line(time, id);
            let (meta, frame) = shapes.record(&text).unwrap();
            assert_eq!((meta.charge_point, frame), (Some(id), r#"[2,"1","Heartbeat",{}]"#));
            assert_eq!(shapes.list.len(), 1);
        }
        assert!(shapes.record(&line("a\\\\", "CP1")).is_none());
    }
}
