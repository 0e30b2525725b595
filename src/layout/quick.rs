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

use super::envelope::{Role, better, holds_frame, role, way};
use super::text::Meta;
use super::{Stamp, locate, stamp};
use crate::json::{Scanner, plain_run};
use crate::term::{IdSource, Version, Way};

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
    /// The bytes before each value, its quote included, and what the value is.
    values: Vec<(Box<[u8]>, Hole)>,
    /// The bytes between the last value and the frame.
    last: Box<[u8]>,
}

/// A log whose records so often have no shape is of another make, and the long way need not be tried second.
const MOST_MISSES: u32 = 64;

/// The shapes that were met, the latest first, and how many records had none since.
#[derive(Debug, Default)]
pub(super) struct Shapes(Vec<Shape>, u32);

/// What a record tells, while it is read.
#[derive(Default)]
struct Told<'a> {
    station: Option<(u8, &'a str)>,
    time: Option<(u8, Stamp)>,
    way: Option<(u8, Way)>,
    version: Option<Version>,
}

impl<'a> Told<'a> {
    #[inline]
    fn add(&mut self, hole: Hole, value: &'a str) {
        match hole {
            Hole::Station(rank) if !value.is_empty() && !holds_frame(value) => {
                better(&mut self.station, rank, value);
            }
            Hole::Time(rank) => {
                let stamp = stamp::whole(value);
                if stamp != Stamp::None {
                    better(&mut self.time, rank, stamp);
                }
            }
            Hole::Way(rank) => {
                let way = way(value);
                if way != Way::Unknown {
                    better(&mut self.way, rank, way);
                }
            }
            Hole::Version => self.version = self.version.or_else(|| Version::from_name(value)),
            Hole::Station(_) | Hole::Other => {}
        }
    }

    #[inline]
    fn meta(self) -> Meta<'a> {
        let charge_point = self.station.map(|(_, id)| id);
        Meta {
            charge_point,
            source: if charge_point.is_some() { IdSource::Envelope } else { IdSource::None },
            way: self.way.map_or(Way::Unknown, |(_, way)| way),
            stamp: self.time.map_or(Stamp::None, |(_, stamp)| stamp),
            version: self.version,
            link: None,
        }
    }
}

impl Shapes {
    /// What stands around the frame, and the frame up to the end of the record. None if the record is of another form.
    #[inline]
    pub(super) fn record<'a>(&mut self, text: &'a str) -> Option<(Meta<'a>, &'a str)> {
        if let Some(found) = self.0.first().and_then(|shape| shape.read(text)) {
            return Some(found);
        }
        for place in 1..self.0.len() {
            if let Some(found) = self.0[place].read(text) {
                self.0.swap(0, place);
                return Some(found);
            }
        }
        if self.1 >= MOST_MISSES {
            return None;
        }
        self.1 += 1;
        let (found, shape) = first(text)?;
        self.1 = 0;
        self.0.truncate(MOST - 1);
        self.0.insert(0, shape);
        Some(found)
    }
}

impl Shape {
    #[inline]
    fn read<'a>(&self, text: &'a str) -> Option<(Meta<'a>, &'a str)> {
        let bytes = text.as_bytes();
        let mut told = Told::default();
        let mut at = 0;
        for (before, hole) in &self.values {
            let rest = bytes.get(at..)?.strip_prefix(&**before)?;
            at += before.len();
            let length = plain_run(rest);
            // What ends it is the quote that the next bytes begin with, or it is of another form.
            told.add(*hole, text.get(at..at + length)?);
            at += length;
        }
        bytes.get(at..)?.strip_prefix(&*self.last)?;
        Some((told.meta(), frame(text.get(at + self.last.len()..)?)?))
    }
}

/// The frame that ends a record.
#[inline]
fn frame(rest: &str) -> Option<&str> {
    let frame = rest.strip_suffix('}')?;
    let usual = matches!(frame.as_bytes(), [b'[', b'2'..=b'4', b',', b'"', ..]);
    (frame.ends_with(']') && (usual || locate::is_frame_array(frame))).then_some(frame)
}

/// Reads a record of a shape that is not known yet.
fn first(text: &str) -> Option<((Meta<'_>, &str), Shape)> {
    let mut told = Told::default();
    let mut values = Vec::new();
    let mut done = 0;
    let mut scanner = Scanner::new(text);
    scanner.enter(b'{').ok()?;
    loop {
        let key = scanner.string().ok()?;
        scanner.expect(b':').ok()?;
        let hole = match role(key.raw) {
            Role::Station(rank) => Hole::Station(rank),
            Role::Time(rank) => Hole::Time(rank),
            Role::Way(rank) => Hole::Way(rank),
            Role::Version => Hole::Version,
            Role::Other | Role::Id | Role::WeakId | Role::Correlation | Role::Action | Role::Event => Hole::Other,
            Role::Body(0 | 1) if scanner.peek() == Some(b'[') => break,
            _ => return None,
        };
        match scanner.peek()? {
            b'"' => {
                let value = scanner.string().ok().filter(|value| !value.escaped)?;
                let (start, end) = (scanner.place(value.raw) as usize, scanner.offset() - 1);
                values.push((text.as_bytes()[done..start].into(), hole));
                told.add(hole, value.raw);
                done = end;
            }
            b'{' | b'[' => return None,
            // A number that changes makes a shape of its own each time; there is room for a few.
            _ if matches!(hole, Hole::Other) => scanner.skip().ok()?,
            _ => return None,
        }
        scanner.expect(b',').ok()?;
    }
    let at = text.len() - scanner.rest().len();
    let shape = Shape { values, last: text.as_bytes()[done..at].into() };
    Some(((told.meta(), frame(scanner.rest())?), shape))
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
            assert_eq!(shapes.0.len(), 1);
        }
        assert!(shapes.record(&line("a\\\\", "CP1")).is_none());
    }
}
