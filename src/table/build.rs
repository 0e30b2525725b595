//! Rows to Arrow arrays, a column at a time.

use super::column::{Column, Dtype, UTC, columns, schema, stage_fields};
use crate::event::{Name, Names};
use crate::flag::{Flag, Flags};
use crate::options::Table;
use arrow_array::builder::StringViewBuilder;
use arrow_array::types::{
    ArrowPrimitiveType, DurationMicrosecondType, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Int32Array, LargeListArray, PrimitiveArray, RecordBatch,
    StringArray, StringViewArray, StructArray, TimestampMicrosecondArray,
};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field};
use rustc_hash::FxHashMap;
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

    /// A column of texts.
    pub fn text<'a>(&mut self, name: &str, values: impl Iterator<Item = Option<&'a str>>) {
        self.add(name, Dtype::Text, || Arc::new(texts(values)));
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
    pub fn truth(&mut self, name: &str, values: impl Iterator<Item = Option<bool>>) {
        self.add(name, Dtype::Truth, || Arc::new(values.collect::<BooleanArray>()));
    }

    /// A column of 32-bit numbers.
    pub fn int(&mut self, name: &str, values: impl Iterator<Item = Option<i32>>) {
        self.add(name, Dtype::Int, || Arc::new(numbers::<Int32Type>(values)));
    }

    /// A column of 64-bit numbers.
    pub fn long(&mut self, name: &str, values: impl Iterator<Item = Option<i64>>) {
        self.add(name, Dtype::Long, || Arc::new(numbers::<Int64Type>(values)));
    }

    /// A column of numbers.
    pub fn float(&mut self, name: &str, values: impl Iterator<Item = Option<f64>>) {
        self.add(name, Dtype::Float, || Arc::new(numbers::<Float64Type>(values)));
    }

    /// A column of instants.
    pub fn time(&mut self, name: &str, values: impl Iterator<Item = Option<i64>>) {
        let array = || numbers::<TimestampMicrosecondType>(values).with_timezone(UTC);
        self.add(name, Dtype::Time, || Arc::new(array()));
    }

    /// A column of spans.
    pub fn span(&mut self, name: &str, values: impl Iterator<Item = Option<i64>>) {
        self.add(name, Dtype::Span, || Arc::new(numbers::<DurationMicrosecondType>(values)));
    }

    /// A column of lists of texts.
    pub fn lists(&mut self, name: &str, values: impl Iterator<Item = Vec<String>>) {
        self.add(name, Dtype::Texts, || {
            let mut lengths = Vec::with_capacity(values.size_hint().0);
            let mut items: Vec<String> = Vec::new();
            for list in values {
                lengths.push(list.len());
                items.extend(list);
            }
            let items = texts(items.iter().map(|item| Some(item.as_str())));
            let field = Arc::new(Field::new("item", DataType::Utf8View, true));
            Arc::new(LargeListArray::new(field, OffsetBuffer::from_lengths(lengths), Arc::new(items), None))
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
                items.extend(names(table, flags));
                ends.push(items.len() as i64);
            }
            let items = texts(items.into_iter().map(Some));
            let field = Arc::new(Field::new("item", DataType::Utf8View, true));
            Arc::new(LargeListArray::new(field, OffsetBuffer::new(ends.into()), Arc::new(items), None))
        });
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
    let keys = numbers::<Int32Type>(values.map(key));
    dictionary.column(keys)
}

fn texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> StringViewArray {
    let mut builder = StringViewBuilder::with_capacity(values.size_hint().0);
    for value in values {
        builder.append_option(value);
    }
    builder.finish()
}

/// Numbers; a bitmap of nulls is kept only where there is one.
fn numbers<T: ArrowPrimitiveType>(values: impl Iterator<Item = Option<T::Native>>) -> PrimitiveArray<T> {
    let (least, most) = values.size_hint();
    if most != Some(least) {
        return values.collect();
    }
    let mut numbers = vec![T::Native::default(); least];
    let mut valid = vec![0_u64; least.div_ceil(64)];
    let mut found = 0;
    for (index, (slot, value)) in numbers.iter_mut().zip(values).enumerate() {
        *slot = value.unwrap_or_default();
        valid[index / 64] |= u64::from(value.is_some()) << (index % 64);
        found += usize::from(value.is_some());
    }
    let nulls = (found < least).then(|| NullBuffer::new(BooleanBuffer::new(Buffer::from_vec(valid), 0, least)));
    PrimitiveArray::new(numbers.into(), nulls)
}

/// A dictionary in the order of first use, so that equal rows give equal bytes.
fn words<'a>(values: impl Iterator<Item = Option<&'a str>>) -> DictionaryArray<Int32Type> {
    let mut dictionary = Dictionary::default();
    let keys = numbers::<Int32Type>(values.map(|value| value.map(|word| dictionary.key(word))));
    dictionary.column(keys)
}

/// How many words are found by their address; a vocabulary is seldom larger.
const NEAR: usize = 64;

/// Words by the order of their first use.
struct Dictionary<'a> {
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
    fn key(&mut self, word: &'a str) -> i32 {
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

    fn column(self, keys: Int32Array) -> DictionaryArray<Int32Type> {
        let values: ArrayRef = Arc::new(StringArray::from_iter_values(self.words));
        DictionaryArray::new(keys, values)
    }
}
