//! Words before a frame that were met before.
//!
//! A logger writes the same words for a connection again and again; only the time in them changes. What such words tell
//! was found out once by [`super::text::head`]: of the next line the bytes before and behind the time are compared, and of
//! the time only minutes, seconds and what follows them are read. Everything else goes the long way; a property test holds
//! both against each other.

use super::Stamp;
use super::stamp;
use super::text::{Head, Meta};
use crate::json::begins;
use crate::term::{IdSource, Version, Way};
use crate::time::{MINUTE, SECOND, fraction};
use rustc_hash::FxHasher;
use std::hash::Hasher;

/// How many words are remembered: two for each connection that writes at the same time. A power of two.
const PLACES: usize = 1 << 11;
/// How many lines in a row may have other words until none are learned any more.
const MOST_MISSES: u32 = 512;

/// The form of the time in the words of a log.
#[derive(Debug)]
struct Form {
    /// The words up to the hour; they change once an hour.
    start: Box<[u8]>,
    /// The same without regard to digits: what words behind the time tell was found out behind these.
    shape: Box<[u8]>,
    /// How many digits of a fraction there are, and the mark before them.
    fraction: Option<(u8, usize)>,
    /// What follows: an offset, `AM`, nothing.
    zone: Box<[u8]>,
    /// The time of the full hour.
    hour: Stamp,
}

/// Words behind the time, and what they tell.
#[derive(Debug)]
struct Entry {
    words: Box<[u8]>,
    profile: Option<usize>,
    /// Where in the words the charge point's id stands.
    id: Option<(usize, usize)>,
    source: IdSource,
    guessed: bool,
    way: Way,
    version: Option<Version>,
}

/// The words that were met.
#[derive(Debug, Default)]
pub(super) struct Heads {
    form: Option<Form>,
    entries: Vec<Option<Entry>>,
    misses: u32,
}

/// Adds to the time of a stamp.
const fn later(stamp: Stamp, micros: i64) -> Stamp {
    match stamp {
        Stamp::Utc(time) => Stamp::Utc(time + micros),
        Stamp::Local(time) => Stamp::Local(time + micros),
        Stamp::LocalNoYear(time) => Stamp::LocalNoYear(time + micros),
        Stamp::Clock(time) => Stamp::Clock(time + micros),
        Stamp::None => Stamp::None,
    }
}

#[inline]
fn pair(tens: u8, ones: u8) -> Option<i64> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 6 && ones < 10).then(|| i64::from(tens) * 10 + i64::from(ones))
}

/// The time behind the full hour at the start of `bytes`, which begin with a colon, and how many bytes it takes.
#[inline]
fn behind_hour(bytes: &[u8], part: Option<(u8, usize)>) -> Option<(i64, usize)> {
    let [b':', a, b, b':', c, d, rest @ ..] = bytes else { return None };
    let micros = pair(*a, *b)? * MINUTE + pair(*c, *d)? * SECOND;
    let Some((mark, digits)) = part else { return Some((micros, 6)) };
    if rest.first() != Some(&mark) {
        return None;
    }
    Some((micros + fraction(rest.get(1..=digits)?)?, 7 + digits))
}

impl Form {
    /// The stamp of words, and where it ends.
    #[inline]
    fn read(&self, words: &[u8]) -> Option<(Stamp, usize)> {
        if !begins(words, &self.start) {
            return None;
        }
        let at = self.start.len();
        let (micros, length) = behind_hour(&words[at..], self.fraction)?;
        let end = at + length;
        begins(&words[end..], &self.zone).then(|| (later(self.hour, micros), end + self.zone.len()))
    }

    /// Whether words behind the time tell the same behind both.
    fn is_like(&self, other: &Self) -> bool {
        self.shape == other.shape && self.fraction == other.fraction && self.zone == other.zone
    }

    /// The form of a stamp at `from..to` of the words.
    fn of(words: &[u8], from: usize, to: usize, stamp: Stamp) -> Option<Self> {
        let colon = from + memchr::memchr(b':', &words[from..to])?;
        let rest = words.get(colon + 6..to)?;
        let digits = rest.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
        let fraction =
            rest.first().filter(|mark| matches!(mark, b'.' | b',') && digits > 0).map(|mark| (*mark, digits));
        let (micros, length) = behind_hour(&words[colon..to], fraction)?;
        let digit = |&byte: &u8| if byte.is_ascii_digit() { b'0' } else { byte };
        Some(Self {
            start: words[..colon].into(),
            // Digits before the time are words as any others.
            shape: words[..from].iter().copied().chain(words[from..colon].iter().map(digit)).collect(),
            fraction,
            zone: words[colon + length..to].into(),
            hour: later(stamp, -micros),
        })
    }
}

#[inline]
fn place(words: &[u8]) -> usize {
    let mut hasher = FxHasher::default();
    hasher.write(words);
    hasher.finish() as usize & (PLACES - 1)
}

impl Heads {
    /// What known words tell, as [`super::text::head`] would.
    #[inline]
    pub(super) fn get<'a>(&mut self, words: &'a str) -> Option<(Option<usize>, Meta<'a>)> {
        let bytes = words.as_bytes();
        let (stamp, at) = self.form.as_ref()?.read(bytes)?;
        let behind = &bytes[at..];
        let entry = self.entries.get(place(behind))?.as_ref().filter(|entry| *entry.words == *behind)?;
        self.misses = 0;
        let charge_point = match entry.id {
            Some((start, end)) => Some(words.get(at + start..at + end)?),
            None => None,
        };
        let meta = Meta {
            charge_point,
            source: entry.source,
            way: entry.way,
            stamp,
            version: entry.version,
            link: None,
            guessed: entry.guessed,
        };
        Some((entry.profile, meta))
    }

    /// Learns what words told, if they have the form.
    pub(super) fn learn(&mut self, words: &str, head: &Head<'_>) {
        let (Head::Known(_, meta) | Head::Plain(meta)) = head else { return };
        if self.misses >= MOST_MISSES || meta.stamp == Stamp::None || meta.link.is_some() {
            return;
        }
        self.misses += 1;
        let Some(found) = stamp::find(words.trim_ascii_end()).filter(|found| found.stamp == meta.stamp) else { return };
        let id = match meta.charge_point {
            Some(id) => {
                let start = (id.as_ptr() as usize).wrapping_sub(words.as_ptr() as usize);
                if start < found.end || start + id.len() > words.len() {
                    return;
                }
                Some((start - found.end, start - found.end + id.len()))
            }
            None => None,
        };
        let bytes = words.as_bytes();
        let Some(form) = Form::of(bytes, found.start, found.end, found.stamp) else { return };
        if self.form.as_ref().and_then(|form| form.read(bytes)) != Some((found.stamp, found.end)) {
            if !self.form.as_ref().is_some_and(|known| known.is_like(&form)) {
                self.entries.clear();
            }
            self.form = Some(form);
        }
        if self.entries.is_empty() {
            self.entries.resize_with(PLACES, || None);
        }
        let behind = &bytes[found.end..];
        self.entries[place(behind)] = Some(Entry {
            words: behind.into(),
            profile: if let Head::Known(index, _) = head { Some(*index) } else { None },
            id,
            source: meta.source,
            guessed: meta.guessed,
            way: meta.way,
            version: meta.version,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::Layout;
    use super::super::text::head;
    use super::*;
    use proptest::prelude::*;

    const WORDS: &[&str] = &[
        "# CP1 ",
        "[#] CP 1 << ",
        "# - ocpp - INFO - #i: receive message ",
        "[INFO ] # de.rwth.idsg.steve.ocpp.ws.WebSocketLogger (qtp1-30) - [chargeBoxId=#i, sessionId=9] Sending: ",
        "[ocpp  ] TRACE # recv #i: ",
        "app-1  | # INFO (MainThread) [ocpp] #i: send ",
        "2026-05-01 10:00:00 host # #i >> ",
        "# #i:30:15 ",
        "#:30 #i ",
        "#.5 #i ",
        "## #i ",
        "1# x ",
        "-# x ",
        "INFO:ocpp:#i: receive message ",
        "# Waited 30s for response on ",
        "# ocpp/#i/in ",
        "#",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn prop_known_words_tell_what_unknown_ones_tell(
            lines in prop::collection::vec(
                (
                    prop::sample::select(WORDS),
                    prop::sample::select(vec!["2026-05-01 ", "2026/05/02 ", "01.05.2026 ", "5/13/2026, ", "May  1 ", "", "2026-05-01T"]),
                    "(0|1|2)?[0-3]:[0-6][0-9]:[0-6][0-9]",
                    prop::sample::select(vec!["", ",250", ".250", ".250117", "Z", ".5Z", "+01:00", " PM", " +0200"]),
                    prop::sample::select(vec!["CP1", "box 2", "é", "receive message", "2026-05-01 10:00:00"]),
                ),
                1..12,
            ),
            repeat in 1usize..4,
        ) {
            let layout = Layout::default();
            let mut heads = Heads::default();
            for (index, (words, date, time, zone, id)) in lines.iter().enumerate() {
                // Often the same words and the same date, so that they are known.
                let (words, date, zone) = if index % repeat == 0 { (words, date, zone) } else { (&lines[0].0, &lines[0].1, &lines[0].3) };
                let text = words.replace("#i", id).replace('#', &format!("{date}{time}{zone}"));
                let long = head(&layout, &text);
                if let Some((profile, meta)) = heads.get(&text) {
                    let short = profile.map_or(Head::Plain(meta), |profile| Head::Known(profile, meta));
                    prop_assert_eq!(format!("{short:?}"), format!("{long:?}"), "{}", text);
                }
                heads.learn(&text, &long);
            }
        }
    }

    #[test]
    fn words_behind_the_time_tell_nothing_behind_other_words_before_it() {
        let layout = Layout::default();
        let mut heads = Heads::default();
        let line = |lead: &str, action: &str| {
            format!(
                "{lead} class=\"ChargePoint\"><td>2026-05-01T10:00:00.250Z</td><td>ChargePoint&gt;CentralSystem</td>\
                 <td><b>{action}</b></td><td><b></b></td><td><pre lang=\"json\">"
            )
        };
        let (one, more, other) = (line("<\0tr", "Heartbeat"), line("<tr", "Hear>"), line("<tr", "Heartbeat"));
        for words in [&one, &more, &other, &one, &other] {
            let long = head(&layout, words);
            if let Some((profile, meta)) = heads.get(words) {
                let short = profile.map_or(Head::Plain(meta), |profile| Head::Known(profile, meta));
                assert_eq!(format!("{short:?}"), format!("{long:?}"), "{words}");
            }
            heads.learn(words, &long);
        }
    }

    #[test]
    fn words_are_known_the_second_time_at_another_time() {
        let layout = Layout::default();
        let mut heads = Heads::default();
        let words = |time: &str| format!("2026-05-01 {time},250 - ocpp - INFO - CP7: receive message ");
        assert!(heads.get(&words("10:00:00")).is_none());
        let first = words("10:00:00");
        heads.learn(&first, &head(&layout, &first));
        let next = words("10:59:07");
        assert_eq!(heads.get(&next).and_then(|(_, meta)| meta.charge_point), Some("CP7"));
        for other in ["11:00:00", "10:60:00", "10:00:60", "10:0x:00"] {
            assert!(heads.get(&words(other)).is_none(), "{other}");
        }
    }
}
