//! The meter values table.

use super::column::{
    CHARGE_POINT_ID, Column, FLAGS, SOURCE_FILE, SOURCE_LINE, SOURCE_OFFSET, float, int, text, time, truth, word,
};
use super::{Columns, Wanted};
use crate::event::{Marks, Name, Names, Sample};
use crate::options::Table;
use crate::rebuild::TimeSource;
use crate::rebuild::meter::{Link, MeterValues};
use arrow_array::{RecordBatch, UInt32Array};
use arrow_schema::ArrowError;
use rustc_hash::FxHashMap;
use std::iter::repeat_n;

/// The columns of the table `meter_values`.
pub(super) const COLUMNS: &[Column] = &[
    CHARGE_POINT_ID,
    int("evse_id", "The EVSE; in 1.x the connector.").null("no message names it").from(
        "1.6 §6.31 MeterValues.connectorId; 2.x MeterValues.evseId, TransactionEvent.evse.id; else its \
            transaction's",
    ),
    int("connector_id", "The connector.")
        .null("no message names it")
        .from("1.6 §6.31 MeterValues.connectorId; 2.x TransactionEvent.evse.connectorId; else its transaction's"),
    text("transaction_id", "The transaction that it belongs to.")
        .null("it belongs to none, or that has no id")
        .from("own: joining of samples and transactions"),
    word("link", "How that is known: transaction_id, connector_time, evse_time, transaction_data or none.")
        .null("always in what scan_meter_values gives, and only there")
        .from("own: joining of samples and transactions"),
    time("time", "When it was sampled.")
        .null("neither the sample nor the line has a time")
        .from("1.6 §7.33 MeterValue.timestamp; 2.x MeterValueType.timestamp; else the log"),
    word("time_source", "Which clock tells: payload or log.").null("time is").from("own: choice of the clock"),
    time("received_at", "When it was logged.").null("the log has no times").from("the recorder's stamp on the message"),
    word("measurand", "What was measured; Energy.Active.Import.Register where the message does not say.")
        .from("1.6 §7.31, §7.43 SampledValue.measurand; 2.x SampledValueType.measurand"),
    word("phase", "On which phase.")
        .null("it is of all phases")
        .from("1.6 §7.34, §7.43 SampledValue.phase; 2.x SampledValueType.phase"),
    word("location", "Where: Outlet, Inlet, Cable, EV, Body, in 2.1 also Upstream.")
        .null("the message does not say (then Outlet)")
        .from("1.6 §7.30, §7.43 SampledValue.location; 2.x SampledValueType.location"),
    word("context", "On what occasion.")
        .null("the message does not say (then Sample.Periodic)")
        .from("1.6 §7.35, §7.43 SampledValue.context; 2.x SampledValueType.context"),
    float("value", "The value in its base unit.")
        .unit("of the column unit")
        .null("it is no finite number")
        .from("1.6 §7.43 SampledValue.value; 2.x SampledValueType.value and unitOfMeasure.multiplier; own: base units"),
    word("unit", "The base unit: Wh, W, A, V, Percent, Celsius …; an unknown unit as logged.")
        .null("it has none")
        .from("1.6 §7.45 UnitOfMeasure; 2.x SampledValueType.unitOfMeasure.unit; own: base units"),
    word("unit_raw", "The unit as logged.")
        .null("the message does not say")
        .from("1.6 §7.43 SampledValue.unit; 2.x SampledValueType.unitOfMeasure.unit"),
    text(
        "raw_value",
        "The value as logged where it is no plain number or has more digits than value holds; signed \
        data stands here.",
    )
    .null("value holds all of it")
    .from("1.6 §7.43 SampledValue.value, §7.49 SignedData; 2.x SampledValueType.signedMeterValue"),
    truth("is_signed", "Whether it is, or has, signed data.")
        .from("1.6 §7.43 SampledValue.format; 2.x SampledValueType.signedMeterValue"),
    FLAGS,
    SOURCE_FILE,
    SOURCE_LINE,
    SOURCE_OFFSET,
];

/// The meter values table; each of `rows` is several rows of it, alike but for their samples.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn meter_values(rows: &[&MeterValues<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    fill(Columns::of(Table::MeterValues), rows, sources)
}

/// Some columns of the meter values table.
///
/// # Errors
/// As [`meter_values`].
pub fn some_meter_values(
    rows: &[&MeterValues<'_>],
    sources: &[String],
    wanted: &Wanted,
) -> Result<RecordBatch, ArrowError> {
    fill(Columns::wanted(Table::MeterValues, wanted), rows, sources)
}

fn fill(mut columns: Columns<'_>, rows: &[&MeterValues<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let Spread { samples, messages, kinds, kind_of, raw, marked } = Spread::of(rows);
    let runs: Vec<usize> = rows.iter().map(|row| row.samples.len()).collect();
    let each = || rows.iter().copied();
    let name = |pick: fn(&Sample) -> Name| kinds.iter().map(move |kind| (kind.names, pick(kind.sample)));
    columns.repeat(&runs, &messages, |columns| {
        columns.text("charge_point_id", each().map(|row| Some(row.view.charge_point_id())));
        columns.int("evse_id", each().map(|row| row.evse));
        columns.int("connector_id", each().map(|row| row.connector));
        columns.text("transaction_id", each().map(|row| row.transaction_id));
        columns.word("link", each().map(|row| row.link.map(Link::as_str)));
        columns.time("time", each().map(|row| row.time));
        columns.word("time_source", each().map(|row| row.time_source.map(TimeSource::as_str)));
        columns.time("received_at", each().map(|row| row.view.log_time));
    })?;
    columns.spread(&kind_of, |columns| {
        columns.names("measurand", name(|sample| sample.measurand));
        columns.names("phase", name(|sample| sample.phase));
        columns.names("location", name(|sample| sample.location));
        columns.names("context", name(|sample| sample.context));
    })?;
    columns.float("value", samples.iter().map(|sample| sample.value));
    columns.spread(&kind_of, |columns| {
        columns.names("unit", name(|sample| sample.unit));
        columns.names("unit_raw", name(|sample| sample.unit_raw));
    })?;
    let raw_of = |(sample, &message): (&&Sample, &u32)| {
        if sample.raw.is_some() { rows[message as usize].view.text(sample.raw) } else { None }
    };
    if raw || samples.is_empty() {
        columns.text("raw_value", samples.iter().zip(messages.values()).map(raw_of));
    } else {
        columns.no_text("raw_value", samples.len());
    }
    if kinds.iter().any(|kind| kind.sample.is_signed) {
        columns.truth("is_signed", samples.iter().map(|sample| Some(sample.is_signed)));
    } else {
        columns.untrue("is_signed", samples.len());
    }
    let flags = |(sample, &message): (&&Sample, &u32)| {
        let mut flags = rows[message as usize].flags;
        flags.extend(sample.marks.flags());
        flags
    };
    if marked {
        columns.flags(samples.iter().zip(messages.values()).map(flags));
    } else {
        columns.no_flags(samples.len());
    }
    columns.repeat(&runs, &messages, |columns| {
        columns.word("source_file", each().map(|row| super::source(sources, row.view.position)));
        columns.long("source_line", each().map(|row| super::line(row.view.position)));
        columns.long("source_offset", each().map(|row| Some(row.view.position.byte as i64)));
    })?;
    columns.finish()
}

/// The samples of all messages, and what each of them shares with others.
struct Spread<'r> {
    samples: Vec<&'r Sample>,
    /// By sample: its message.
    messages: UInt32Array,
    /// Kinds of samples in the order of their first use.
    kinds: Vec<Kind<'r>>,
    /// By sample: its kind.
    kind_of: UInt32Array,
    /// Whether any has a value that is no plain number.
    raw: bool,
    /// Whether something has to be said about any.
    marked: bool,
}

/// What the samples of a kind share: all of their words. There are few kinds, and they come in the same order in
/// message after message.
struct Kind<'r> {
    sample: &'r Sample,
    names: &'r Names,
    /// Whether a word of it means something in its store only.
    foreign: bool,
    /// The kind that came behind this one the last time.
    next: usize,
}

/// The words of a sample and whether it is signed. The numbers of words that no version knows mean something in their
/// store only, so its address goes with them.
type Words = ([Name; 6], bool, Option<*const Names>);

fn words(sample: &Sample, names: &Names) -> Words {
    let words = [sample.measurand, sample.phase, sample.location, sample.context, sample.unit, sample.unit_raw];
    let foreign = words.iter().any(|word| word.is_some() && !word.is_known());
    (words, sample.is_signed, foreign.then_some(std::ptr::from_ref(names)))
}

impl<'r> Spread<'r> {
    fn of(rows: &[&MeterValues<'r>]) -> Self {
        let count = rows.iter().map(|row| row.samples.len()).sum();
        let mut samples: Vec<&'r Sample> = Vec::with_capacity(count);
        let (mut messages, mut kind_of) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let mut kinds: Vec<Kind<'r>> = Vec::new();
        let mut known: FxHashMap<Words, usize> = FxHashMap::default();
        let mut last = 0;
        let (mut raw, mut marked) = (false, false);
        for (message, row) in rows.iter().enumerate() {
            samples.extend(row.samples);
            messages.extend(repeat_n(message as u32, row.samples.len()));
            let names = row.view.names();
            marked |= !row.flags.is_empty();
            for sample in row.samples {
                raw |= sample.raw.is_some();
                marked |= sample.marks != Marks::default();
                let next = kinds.get(last).map_or(0, |kind| kind.next);
                let kind = if kinds.get(next).is_some_and(|kind| kind.is_of(sample, names)) {
                    next
                } else {
                    let words = words(sample, names);
                    *known.entry(words).or_insert_with(|| {
                        kinds.push(Kind { sample, names, foreign: words.2.is_some(), next: 0 });
                        kinds.len() - 1
                    })
                };
                kinds[last].next = kind;
                last = kind;
                kind_of.push(kind as u32);
            }
        }
        Self { samples, messages: messages.into(), kinds, kind_of: kind_of.into(), raw, marked }
    }
}

impl Kind<'_> {
    fn is_of(&self, sample: &Sample, names: &Names) -> bool {
        self.sample.is_like(sample) && (!self.foreign || std::ptr::eq(self.names, names))
    }
}
