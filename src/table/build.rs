//! Rows to Arrow arrays, a column at a time.

use super::column::{Column, Dtype, UTC, columns, schema, stage_fields};
use super::same;
use crate::event::{MessageId, Name, Names};
use crate::flag::{Flag, Flags};
use crate::options::Table;
use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, DurationMicrosecondType, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Int32Array, LargeListArray, PrimitiveArray, RecordBatch,
    StringArray, StringViewArray, StructArray, TimestampMicrosecondArray, UInt32Array,
};
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder, Buffer, NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field};
use arrow_select::take::take;
use rustc_hash::FxHashMap;
use std::iter::repeat_n;
use std::sync::Arc;

/// Which columns of a table are wanted, by their place; all of them unless something is said.
#[derive(Clone, Debug, Default)]
pub struct Wanted(Option<Vec<bool>>);

impl Wanted {
    /// Only the columns of these names; a name that the table does not have is none.
    #[must_use]
    pub fn only(table: Table, names: &[String]) -> Self {
        Self(Some(columns(table).iter().map(|column| names.iter().any(|name| name == column.name)).collect()))
    }

    /// Whether the column at this place is wanted.
    #[must_use]
    pub fn has(&self, place: usize) -> bool {
        self.0.as_ref().is_none_or(|wanted| wanted.get(place).copied().unwrap_or(false))
    }

    /// Whether the column of this name is wanted.
    #[must_use]
    pub fn has_name(&self, table: Table, name: &str) -> bool {
        columns(table).iter().enumerate().any(|(place, column)| column.name == name && self.has(place))
    }
}

/// Builds the columns of a table in their declared order; each call adds the next one, or passes over it if nobody
/// wants it.
#[derive(Debug)]
pub struct Columns<'w> {
    table: Table,
    declared: &'static [Column],
    wanted: &'w Wanted,
    /// How many columns were added or passed over.
    done: usize,
    arrays: Vec<ArrayRef>,
}

/// What is wanted where nothing is said.
static ALL: Wanted = Wanted(None);

impl Columns<'static> {
    /// No column yet.
    #[must_use]
    pub fn of(table: Table) -> Self {
        Self::wanted(table, &ALL)
    }
}

impl<'w> Columns<'w> {
    /// No column yet, and only the wanted ones later.
    #[must_use]
    pub fn wanted(table: Table, wanted: &'w Wanted) -> Self {
        let declared = columns(table);
        Self { table, declared, wanted, done: 0, arrays: Vec::with_capacity(declared.len()) }
    }

    fn add(&mut self, name: &str, dtype: Dtype, array: impl FnOnce() -> ArrayRef) {
        let declared = &self.declared[self.done];
        self.done += 1;
        if !self.wanted.has(self.done - 1) {
            return;
        }
        let array = array();
        debug_assert!(declared.name == name && declared.dtype == dtype, "{name} is declared as {declared:?}");
        debug_assert!(!declared.null.is_empty() || array.null_count() == 0, "{name} has nulls: {declared:?}");
        self.arrays.push(array);
    }

    /// A column of texts without any.
    pub(super) fn no_text(&mut self, name: &str, rows: usize) {
        self.add(name, Dtype::Text, || Arc::new(same::no_texts(rows)));
    }

    /// Columns whose values stand in several rows each: they are built once, then put where `places` says.
    ///
    /// # Errors
    /// If there is no such place: a defect of ocpplog.
    pub(super) fn spread(&mut self, places: &UInt32Array, build: impl FnOnce(&mut Self)) -> Result<(), ArrowError> {
        let first = self.arrays.len();
        build(self);
        for array in &mut self.arrays[first..] {
            *array = match array.as_dictionary_opt::<Int32Type>() {
                Some(words) if same::is_one_word(words) => same::one_word(words, places.len()),
                _ => take(array, places, None)?,
            };
        }
        Ok(())
    }

    /// Columns of which each value stands in several rows that follow each other: `runs` says in how many, `places`
    /// which value stands in a row.
    ///
    /// # Errors
    /// If there is no such place: a defect of ocpplog.
    pub(super) fn repeat(
        &mut self,
        runs: &[usize],
        places: &UInt32Array,
        build: impl FnOnce(&mut Self),
    ) -> Result<(), ArrowError> {
        let first = self.arrays.len();
        build(self);
        for array in &mut self.arrays[first..] {
            *array = match array.data_type() {
                DataType::Int32 => {
                    let numbers = array.as_primitive::<Int32Type>();
                    match same::only_number(numbers) {
                        Some(number) => Arc::new(same::numbers(number, places.len())),
                        None => Arc::new(repeated::<Int32Type>(numbers, runs)),
                    }
                }
                DataType::Int64 => Arc::new(repeated::<Int64Type>(array.as_primitive(), runs)),
                DataType::Timestamp(..) => {
                    let times = repeated::<TimestampMicrosecondType>(array.as_primitive(), runs);
                    Arc::new(times.with_timezone(UTC))
                }
                DataType::Dictionary(..) => {
                    let words = array.as_dictionary::<Int32Type>();
                    if same::is_one_word(words) {
                        same::one_word(words, places.len())
                    } else {
                        let keys = repeated::<Int32Type>(words.keys(), runs);
                        Arc::new(DictionaryArray::try_new(keys, Arc::clone(words.values()))?)
                    }
                }
                _ => take(array, places, None)?,
            };
        }
        Ok(())
    }

    /// A column of texts.
    pub fn text<'a>(&mut self, name: &str, values: impl Iterator<Item = Option<&'a str>>) {
        self.add(name, Dtype::Text, || Arc::new(texts(values)));
    }

    /// A column of message ids; an empty one is null.
    pub fn ids<'a>(&mut self, name: &str, values: impl Iterator<Item = MessageId<'a>>) {
        self.add(name, Dtype::Text, || Arc::new(ids(values)));
    }

    /// A column of vocabulary words.
    pub fn word<'a>(&mut self, name: &str, values: impl Iterator<Item = Option<&'a str>>) {
        self.add(name, Dtype::Word, || Arc::new(words(values)));
    }

    /// A column of words of OCPP's own vocabulary: their numbers spare looking at the words.
    pub fn names<'a>(&mut self, name: &str, values: impl Iterator<Item = (&'a Names, Name)>) {
        self.add(name, Dtype::Word, || Arc::new(vocabulary(values)));
    }

    /// A column of truth values.
    pub fn truth(&mut self, name: &str, values: impl Iterator<Item = Option<bool>> + Clone) {
        self.add(name, Dtype::Truth, || Arc::new(truths(values)));
    }

    /// A column of truth values that are all false.
    pub(super) fn untrue(&mut self, name: &str, rows: usize) {
        self.add(name, Dtype::Truth, || Arc::new(BooleanArray::new(BooleanBuffer::new_unset(rows), None)));
    }

    /// A column of 32-bit numbers.
    pub fn int(&mut self, name: &str, values: impl Iterator<Item = Option<i32>> + Clone) {
        self.add(name, Dtype::Int, || Arc::new(numbers::<Int32Type>(values)));
    }

    /// A column of 64-bit numbers.
    pub fn long(&mut self, name: &str, values: impl Iterator<Item = Option<i64>> + Clone) {
        self.add(name, Dtype::Long, || Arc::new(numbers::<Int64Type>(values)));
    }

    /// A column of numbers.
    pub fn float(&mut self, name: &str, values: impl Iterator<Item = Option<f64>> + Clone) {
        self.add(name, Dtype::Float, || Arc::new(numbers::<Float64Type>(values)));
    }

    /// A column of instants.
    pub fn time(&mut self, name: &str, values: impl Iterator<Item = Option<i64>> + Clone) {
        let array = || numbers::<TimestampMicrosecondType>(values).with_timezone(UTC);
        self.add(name, Dtype::Time, || Arc::new(array()));
    }

    /// A column of spans.
    pub fn span(&mut self, name: &str, values: impl Iterator<Item = Option<i64>> + Clone) {
        self.add(name, Dtype::Span, || Arc::new(numbers::<DurationMicrosecondType>(values)));
    }

    /// A column of lists of texts.
    pub fn lists<L>(&mut self, name: &str, values: impl Iterator<Item = L>)
    where
        L: IntoIterator,
        L::Item: AsRef<str>,
    {
        self.add(name, Dtype::Texts, || {
            let mut ends = Vec::with_capacity(values.size_hint().0 + 1);
            ends.push(0_i64);
            let mut items = StringViewBuilder::with_capacity(0);
            let mut count = 0;
            for list in values {
                for item in list {
                    items.append_value(item.as_ref());
                    count += 1;
                }
                ends.push(count);
            }
            let field = Arc::new(Field::new("item", DataType::Utf8View, true));
            Arc::new(LargeListArray::new(field, OffsetBuffer::new(ends.into()), Arc::new(items.finish()), None))
        });
    }

    /// A column of flags.
    pub fn flags(&mut self, values: impl Iterator<Item = Flags>) {
        let table = self.table;
        self.add("flags", Dtype::Texts, || {
            let mut ends = Vec::with_capacity(values.size_hint().0 + 1);
            ends.push(0_i64);
            let mut items: Vec<&'static str> = Vec::new();
            for flags in values {
                if !flags.is_empty() {
                    items.extend(names(table, flags));
                }
                ends.push(items.len() as i64);
            }
            flag_lists(OffsetBuffer::new(ends.into()), items)
        });
    }

    /// A column of flags where nothing has to be said about any row.
    pub(super) fn no_flags(&mut self, rows: usize) {
        self.add("flags", Dtype::Texts, || flag_lists(same::no_items(rows), Vec::new()));
    }

    /// A column of firmware stages: status, time, time of arrival.
    pub(super) fn stages<'a>(&mut self, name: &str, values: impl Iterator<Item = Vec<Stage<'a>>>) {
        self.add(name, Dtype::Stages, || {
            let mut lengths = Vec::new();
            let mut stages: Vec<Stage<'a>> = Vec::new();
            for list in values {
                lengths.push(list.len());
                stages.extend(list);
            }
            let status = texts(stages.iter().map(|stage| Some(stage.0)));
            let time = |pick: fn(&Stage<'a>) -> Option<i64>| -> ArrayRef {
                Arc::new(stages.iter().map(pick).collect::<TimestampMicrosecondArray>().with_timezone(UTC))
            };
            let (time, received) = (time(|stage| stage.1), time(|stage| stage.2));
            let stages = StructArray::new(stage_fields(), vec![Arc::new(status), time, received], None);
            let field = Arc::new(Field::new("item", DataType::Struct(stage_fields()), true));
            Arc::new(LargeListArray::new(field, OffsetBuffer::from_lengths(lengths), Arc::new(stages), None))
        });
    }

    /// The table.
    ///
    /// # Errors
    /// If a column is missing or its length differs: a defect of ocpplog.
    pub fn finish(self) -> Result<RecordBatch, ArrowError> {
        let schema = schema(self.table);
        if self.wanted.0.is_none() {
            return RecordBatch::try_new(schema, self.arrays);
        }
        let places: Vec<usize> = (0..schema.fields().len()).filter(|&place| self.wanted.has(place)).collect();
        RecordBatch::try_new(Arc::new(schema.project(&places)?), self.arrays)
    }
}

/// A stage of a firmware job: status, time, time of arrival.
pub(super) type Stage<'a> = (&'a str, Option<i64>, Option<i64>);

/// The names of the flags of a row of `table`.
pub(super) fn names(table: Table, flags: Flags) -> impl Iterator<Item = &'static str> {
    flags.iter().map(move |flag: Flag| {
        debug_assert!(flag.info().tables.contains(&table), "{flag:?} is not declared for {}", table.as_str());
        flag.info().name
    })
}

fn vocabulary<'a>(values: impl Iterator<Item = (&'a Names, Name)>) -> DictionaryArray<Int32Type> {
    let mut dictionary = Dictionary::default();
    let mut known = [None; Name::MOST_KNOWN];
    let key = |(names, name): (&'a Names, Name)| {
        if let Some(Some(key)) = known.get(name.number()) {
            return Some(*key);
        }
        let key = dictionary.key(names.word(name)?);
        if let Some(slot) = known.get_mut(name.number()) {
            *slot = Some(key);
        }
        Some(key)
    };
    let keys = keys(values.map(key));
    dictionary.column(keys)
}

/// The lists of flags that end at `ends`.
fn flag_lists(ends: OffsetBuffer<i64>, items: Vec<&'static str>) -> ArrayRef {
    let items = texts(items.into_iter().map(Some));
    let field = Arc::new(Field::new("item", DataType::Utf8View, true));
    Arc::new(LargeListArray::new(field, ends, Arc::new(items), None))
}

/// Texts; one that comes again in the next rows is kept once. It is told by its letters, not only by its address: where
/// a text lies depends on how the log was cut into pieces.
fn texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> StringViewArray {
    let same = |before: &'a str, value: &'a str| std::ptr::eq(before, value) || before == value;
    runs(values, same, StringViewBuilder::append_option)
}

fn ids<'a>(values: impl Iterator<Item = MessageId<'a>>) -> StringViewArray {
    let told = values.map(|id| Some(id).filter(|id| !id.is_empty()));
    runs(
        told,
        |before, id| before == id,
        |builder, id| match id {
            Some(id) => id.with_text(|text| builder.append_value(text)),
            None => builder.append_null(),
        },
    )
}

/// Values of which those that follow each other are often the same: each run is written once.
fn runs<T: Copy>(
    values: impl Iterator<Item = Option<T>>,
    same: impl Fn(T, T) -> bool,
    mut write: impl FnMut(&mut StringViewBuilder, Option<T>),
) -> StringViewArray {
    let rows = values.size_hint().0;
    let mut builder = StringViewBuilder::with_capacity(0);
    let mut places: Vec<u32> = Vec::with_capacity(rows);
    let mut before: Option<Option<T>> = None;
    let mut count = 0;
    for value in values {
        let same = match (before, value) {
            (Some(Some(before)), Some(value)) => same(before, value),
            (Some(before), value) => before.is_none() && value.is_none(),
            (None, _) => false,
        };
        if !same {
            before = Some(value);
            write(&mut builder, value);
            count += 1;
        }
        places.push(count - 1);
    }
    match before {
        // Nothing but nulls.
        Some(None) if count == 1 => same::no_texts(places.len()),
        _ if count as usize == places.len() => builder.finish(),
        _ => expanded(&builder.finish(), places),
    }
}

/// Texts that stand in several rows each.
fn expanded(texts: &StringViewArray, places: Vec<u32>) -> StringViewArray {
    // `take` asks for the right kind of an array only, and that there is every place.
    take(texts, &UInt32Array::from(places), None).map_or_else(|_| texts.clone(), |rows| rows.as_string_view().clone())
}

/// Numbers of which each stands in a run of rows.
fn repeated<T: ArrowPrimitiveType>(numbers: &PrimitiveArray<T>, runs: &[usize]) -> PrimitiveArray<T> {
    let rows = runs.iter().sum();
    let mut values: Vec<T::Native> = Vec::with_capacity(rows);
    for (&value, &run) in numbers.values().iter().zip(runs) {
        values.extend(repeat_n(value, run));
    }
    let nulls = numbers.nulls().map(|nulls| {
        let mut valid = BooleanBufferBuilder::new(rows);
        nulls.iter().zip(runs).for_each(|(is_some, &run)| valid.append_n(run, is_some));
        NullBuffer::new(valid.finish())
    });
    PrimitiveArray::new(values.into(), nulls)
}

/// So many rows share a word of a bitmap.
const BITS: usize = 64;

/// Numbers; a bitmap of nulls is kept only where there is one, and then the values are walked a second time.
fn numbers<T: ArrowPrimitiveType>(values: impl Iterator<Item = Option<T::Native>> + Clone) -> PrimitiveArray<T> {
    let mut numbers: Vec<T::Native> = Vec::with_capacity(values.size_hint().0);
    let mut complete = true;
    numbers.extend(values.clone().map(|value| {
        complete &= value.is_some();
        value.unwrap_or_default()
    }));
    let nulls = (!complete).then(|| NullBuffer::new(bits(numbers.len(), values.map(|value| value.is_some()))));
    PrimitiveArray::new(numbers.into(), nulls)
}

/// So many bits.
fn bits(rows: usize, mut values: impl Iterator<Item = bool>) -> BooleanBuffer {
    let mut words = Vec::with_capacity(rows.div_ceil(BITS));
    for first in (0..rows).step_by(BITS) {
        let mut word = 0_u64;
        for (bit, value) in (0..BITS.min(rows - first)).zip(&mut values) {
            word |= u64::from(value) << bit;
        }
        words.push(word);
    }
    BooleanBuffer::new(Buffer::from_vec(words), 0, rows)
}

/// Truth values, likewise.
fn truths(values: impl Iterator<Item = Option<bool>> + Clone) -> BooleanArray {
    let rows = match values.size_hint() {
        (rows, Some(most)) if rows == most => rows,
        _ => values.clone().count(),
    };
    let truths = bits(rows, values.clone().map(|value| value == Some(true)));
    let complete = values.clone().all(|value| value.is_some());
    BooleanArray::new(truths, (!complete).then(|| NullBuffer::new(bits(rows, values.map(|value| value.is_some())))))
}

/// A dictionary in the order of first use, so that equal rows give equal bytes.
fn words<'a>(values: impl Iterator<Item = Option<&'a str>>) -> DictionaryArray<Int32Type> {
    let mut dictionary = Dictionary::default();
    let mut before = ("", -1);
    let mut key = |word: &'a str| {
        // The next row often has the same word.
        if before.1 < 0 || !std::ptr::eq(before.0, word) {
            before = (word, dictionary.key(word));
        }
        before.1
    };
    let keys = keys(values.map(|value| value.map(&mut key)));
    dictionary.column(keys)
}

/// The keys of words, which are never below zero.
fn keys(values: impl Iterator<Item = Option<i32>>) -> Int32Array {
    let mut keys: Vec<i32> = Vec::with_capacity(values.size_hint().0);
    keys.extend(values.map(|key| key.unwrap_or(-1)));
    let complete = keys.iter().all(|&key| key >= 0);
    let nulls = (!complete).then(|| NullBuffer::new(bits(keys.len(), keys.iter().map(|&key| key >= 0))));
    if !complete {
        for key in &mut keys {
            *key = (*key).max(0);
        }
    }
    Int32Array::new(keys.into(), nulls)
}

/// How many words are found by their address; a vocabulary is seldom larger.
const NEAR: usize = 64;

/// Words by the order of their first use.
pub(super) struct Dictionary<'a> {
    words: Vec<&'a str>,
    keys: FxHashMap<&'a str, i32>,
    /// The same word mostly comes from the same place, and comparing addresses is cheaper than hashing.
    near: [(&'a str, i32); NEAR],
}

impl Default for Dictionary<'_> {
    fn default() -> Self {
        Self { words: Vec::new(), keys: FxHashMap::default(), near: [("", -1); NEAR] }
    }
}

impl<'a> Dictionary<'a> {
    #[inline]
    pub(super) fn key(&mut self, word: &'a str) -> i32 {
        let slot = (word.as_ptr() as usize as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58;
        let (known, key) = self.near[slot as usize % NEAR];
        if std::ptr::eq(known, word) && key >= 0 {
            return key;
        }
        let words = &mut self.words;
        let key = *self.keys.entry(word).or_insert_with(|| {
            words.push(word);
            (words.len() - 1) as i32
        });
        self.near[slot as usize % NEAR] = (word, key);
        key
    }

    pub(super) fn column(self, keys: Int32Array) -> DictionaryArray<Int32Type> {
        let values: ArrayRef = Arc::new(StringArray::from_iter_values(self.words));
        DictionaryArray::new(keys, values)
    }
}

#[cfg(test)]
mod tests;
