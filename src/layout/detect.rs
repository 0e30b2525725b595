//! Which layout a source has, and what speaks for it.

use super::columns::Columns;
use super::csv::Table;
use super::document::is_document;
use super::profile::{Family, PROFILES, Profile, index_of};
use super::run::Run;
use super::soap;
use super::text::Meta;
use super::words::Trust;
use super::{Connection, Context, Form, Frame, Layout, Sink, Stamp, Taken};
use crate::json::{FaultKind, Scanner};
use crate::position::Position;
use crate::reject::Reject;
use crate::term::{Transport, Way};
use std::sync::Arc;

/// After how many messages the layout is clear.
const ENOUGH: usize = 200;

/// What a sample tells about its source.
#[derive(Clone, Debug)]
pub struct Detected {
    /// The layout.
    pub layout: Layout,
    /// How many messages of the sample it explains; 0 if nothing was recognised.
    pub messages: usize,
    /// Why this layout, line by line, for people.
    pub evidence: Vec<String>,
}

/// What was seen in a sample.
#[derive(Debug)]
pub(super) struct Seen {
    hits: Vec<usize>,
    records: Vec<usize>,
    messages: usize,
    named: usize,
    stamped: usize,
    directed: usize,
    first: Option<(u64, String)>,
}

impl Default for Seen {
    fn default() -> Self {
        let none = vec![0; PROFILES.len()];
        Self { hits: none.clone(), records: none, messages: 0, named: 0, stamped: 0, directed: 0, first: None }
    }
}

impl Seen {
    pub(super) const fn enough(&self) -> bool {
        self.messages >= ENOUGH
    }

    pub(super) fn add(
        &mut self,
        profile: Option<usize>,
        record: Option<usize>,
        meta: &Meta<'_>,
        words: &str,
        position: Position,
    ) {
        self.messages += 1;
        self.named += usize::from(meta.charge_point.is_some());
        self.stamped += usize::from(meta.stamp != Stamp::None);
        self.directed += usize::from(meta.way != Way::Unknown);
        let plain = if words.trim_ascii().trim_matches(['[', ',']).is_empty() { "bare" } else { "text" };
        if let Some(index) = profile.or(record).or_else(|| index_of(plain)) {
            self.hits[index] += 1;
        }
        if let Some(record) = record {
            self.records[record] += 1;
        }
        if self.first.is_none() {
            let words: String = words.trim_ascii().chars().take(120).collect();
            self.first = Some((position.line, words));
        }
    }
}

/// The layout of the record `text`, by the keys in it.
pub(super) fn record_profile(text: &str) -> Option<usize> {
    let written = |key: &str| text.contains(&format!("\"{key}\":"));
    PROFILES.iter().position(|profile| profile.family == Family::Json && profile.keys.iter().all(|key| written(key)))
}

/// Names the layout of a source from its first bytes; `name` is the source's.
#[must_use]
pub fn detect(sample: &[u8], name: &str) -> Detected {
    refine(Layout::default(), sample, name)
}

/// The same for a layout of which something is known: what the sample adds to it.
#[must_use]
pub fn refine(layout: Layout, sample: &[u8], name: &str) -> Detected {
    let mut layout = layout;
    let text = String::from_utf8_lossy(sample);
    let named = layout.primary;
    let custom = layout.custom.clone();
    let rename = |heading: &str| custom.as_ref().and_then(|custom| custom.name(heading)).map(str::to_owned);
    if let Some(columns) =
        Columns::detect(&text).filter(|_| named.is_none_or(|index| Some(index) == index_of("tshark_fields")))
    {
        layout.primary = index_of("tshark_fields");
        layout.form = Form::Columns(columns);
    } else if let Some(table) = Table::detect(&text, rename) {
        layout.primary = named.or_else(|| index_of("csv"));
        layout.form = Form::Table(Arc::new(table));
    } else if is_document(&text) {
        layout.form = Form::Document { array: text.trim_ascii_start().starts_with('[') };
    } else if named.is_none() && text.contains(" WebSocket text message ") {
        layout.primary = index_of("mitmproxy");
    }
    layout.words = Trust::of(&text);
    let mut seen = Seen::default();
    let mut trial = Trial::default();
    let start = Position { line: 1, ..Position::default() };
    Run::new(&layout, &mut trial, Some(&mut seen), sample).read(start);
    if trial.contexts > 0 {
        // Lines tell whose messages follow.
        layout.words = Trust::default();
    }
    if layout.primary.is_none() {
        layout.primary = best(&seen.hits).or_else(|| index_of("text"));
    }
    let guesses = layout.words;
    let mut evidence = evidence(&layout, &seen, &trial, name);
    if !guesses.is_none() && layout.primary == index_of("text") {
        evidence.push("the charge point's id is taken from words of a logger that is not known".to_owned());
    }
    if let Some(headings) = Table::unknown_headings(&text).filter(|_| matches!(layout.form, Form::Lines)) {
        let headings = headings.join(", ");
        evidence.push(format!(
            "line 1 may hold headings of a table, which are not known: {headings}; a Layout can name its columns"
        ));
    }
    Detected { layout, messages: seen.messages, evidence }
}

/// The layout with most hits, the first one of equals.
fn best(hits: &[usize]) -> Option<usize> {
    let most = hits.iter().copied().max().filter(|&most| most > 0)?;
    hits.iter().position(|&count| count == most)
}

fn evidence(layout: &Layout, seen: &Seen, trial: &Trial, name: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let Profile { name: layout_name, writer, .. } = layout.profile();
    if seen.messages == 0 {
        lines.push(format!("{name}: no message in the sample"));
    } else {
        lines.push(format!("{layout_name}: {writer}"));
        let Seen { messages, named, stamped, directed, .. } = seen;
        lines.push(format!("{messages} messages; of them {named} name the charge point, {stamped} have a time, {directed} tell their way"));
    }
    if let Some(record) = best(&seen.records)
        && layout.primary != Some(record)
    {
        lines.push(format!("the lines are wrapped as {}", PROFILES[record].name));
    }
    if let Some((line, words)) = &seen.first {
        lines.push(format!("line {line}: the first message comes behind {words:?}"));
    }
    if trial.contexts > 0 {
        lines.push(format!("{} lines tell about the messages behind them", trial.contexts));
    }
    if let Some(reject) = &trial.reject {
        lines.push(format!(
            "{} pieces were not understood, the first at line {}: {}",
            trial.rejects,
            reject.position.line,
            reject.reason.as_str()
        ));
    }
    lines
}

/// Takes every frame that is JSON, to see what a layout finds.
#[derive(Default)]
struct Trial {
    contexts: usize,
    rejects: usize,
    reject: Option<Reject>,
}

impl Sink for Trial {
    fn frame(&mut self, frame: &Frame<'_>) -> Taken {
        if frame.transport == Transport::Soap {
            let message = soap::end(frame.text).is_some();
            return Taken { consumed: frame.text.len().max(1), message, cut: false };
        }
        let mut scanner = Scanner::new(frame.text);
        let read = scanner.skip();
        let message = read.is_ok();
        let cut = frame.may_go_on && read.is_err_and(|fault| fault.kind == FaultKind::Truncated);
        Taken { consumed: if message { scanner.offset() } else { 1 }, message, cut }
    }

    fn context(&mut self, _: &Context<'_>) {
        self.contexts += 1;
    }

    fn connection(&mut self, _: &Connection<'_>) {}

    fn reject(&mut self, reject: Reject) {
        self.rejects += 1;
        self.reject.get_or_insert(reject);
    }
}
