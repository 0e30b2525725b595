//! The messages table back to events: whoever keeps messages in a database or a lake can have them rebuilt.

use crate::error::{Error, Result};
use crate::event::{Header, Store};
use crate::flag::{Flag, Flags};
use crate::input::natural_order;
use crate::message::{self, Defect, Kind, Message};
use crate::position::Position;
use crate::reject::{Reason, Reject};
use crate::term::{Direction, DirectionSource, IdSource, Version, Way};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, Int64Array, LargeListArray, RecordBatch, StringViewArray, TimestampMicrosecondArray,
};
use arrow_schema::{DataType, TimeUnit};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Flags that pairing sets anew.
const OF_PAIRING: [Flag; 8] = [
    Flag::AnswerBeforeCall,
    Flag::DuplicateResponse,
    Flag::IdAmbiguous,
    Flag::IdReused,
    Flag::IdUnreadable,
    Flag::LatencyUnreliable,
    Flag::OrphanResponse,
    Flag::ResultRejected,
];

/// Messages that were read before.
///
/// Needed are `charge_point_id`, `log_time` and either `frame` (the OCPP array as text) or `message_type`,
/// `message_id`, `action` and `payload`; `direction` is taken where it is there. Every other column of the messages
/// table may be missing.
#[derive(Debug, Default)]
pub struct Messages {
    /// A store for each batch.
    pub stores: Vec<Store>,
    /// The names of the sources, in natural order.
    pub sources: Vec<String>,
    /// Rows that hold no message, in the order of their places.
    pub rejects: Vec<Reject>,
}

impl Messages {
    /// Decodes batches of messages.
    ///
    /// # Errors
    /// If a column that is needed is missing or has an impossible type.
    pub fn decode(batches: &[RecordBatch], keep_payload: bool) -> Result<Self> {
        let columns = batches.iter().map(Columns::of).collect::<Result<Vec<_>>>()?;
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for files in columns.iter().filter_map(|columns| columns.source_file.as_ref()) {
            names.extend(files.iter().flatten());
        }
        let mut sources: Vec<String> = names.into_iter().map(str::to_owned).collect();
        sources.sort_by(|left, right| natural_order(left, right));
        let mut stores = Vec::with_capacity(batches.len());
        let mut rejects = Vec::new();
        let mut before = 0;
        for columns in &columns {
            let mut store = Store::default();
            for row in 0..columns.rows {
                rejects.extend(columns.push(row, before, &sources, keep_payload, &mut store));
            }
            before += columns.rows as u64;
            stores.push(store);
        }
        // Whatever the order of the rows.
        rejects.sort_by(|left: &Reject, right: &Reject| {
            let place = |reject: &Reject| (reject.position.source, reject.position.line, reject.position.byte);
            place(left).cmp(&place(right)).then_with(|| (left.log_time, &left.text).cmp(&(right.log_time, &right.text)))
        });
        Ok(Self { stores, sources, rejects })
    }
}

/// The columns of a batch, in the types that we work with.
struct Columns {
    rows: usize,
    charge_point: StringViewArray,
    charge_point_source: Option<StringViewArray>,
    connection: Option<Int64Array>,
    log_time: TimestampMicrosecondArray,
    direction: Option<StringViewArray>,
    direction_source: Option<StringViewArray>,
    version: Option<StringViewArray>,
    transport: Option<StringViewArray>,
    frame: Option<StringViewArray>,
    kind: Option<StringViewArray>,
    id: Option<StringViewArray>,
    action: Option<StringViewArray>,
    payload: Option<StringViewArray>,
    error_code: Option<StringViewArray>,
    error_description: Option<StringViewArray>,
    flags: Option<LargeListArray>,
    source_file: Option<StringViewArray>,
    source_line: Option<Int64Array>,
    source_offset: Option<Int64Array>,
}

fn column(batch: &RecordBatch, name: &str, to: &DataType) -> Result<Option<ArrayRef>> {
    let Some(array) = batch.column_by_name(name) else {
        return Ok(None);
    };
    arrow_cast::cast(array, to).map(Some).map_err(|cause| {
        Error::Messages(format!("column {name:?} of type {} cannot be used: {cause}", array.data_type()))
    })
}

fn text(batch: &RecordBatch, name: &str) -> Result<Option<StringViewArray>> {
    let array = column(batch, name, &DataType::Utf8View)?;
    Ok(array.map(|array| array.as_string_view().clone()))
}

fn long(batch: &RecordBatch, name: &str) -> Result<Option<Int64Array>> {
    let array = column(batch, name, &DataType::Int64)?;
    Ok(array.map(|array| array.as_primitive::<Int64Type>().clone()))
}

fn needed<T>(column: Option<T>, name: &str) -> Result<T> {
    column.ok_or_else(|| Error::Messages(format!("there is no column {name:?}")))
}

impl Columns {
    fn of(batch: &RecordBatch) -> Result<Self> {
        let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let flags = column(batch, "flags", &super::Dtype::Texts.arrow())?;
        let columns = Self {
            rows: batch.num_rows(),
            charge_point: needed(text(batch, "charge_point_id")?, "charge_point_id")?,
            charge_point_source: text(batch, "charge_point_id_source")?,
            connection: long(batch, "connection_id")?,
            log_time: needed(column(batch, "log_time", &time)?, "log_time")?
                .as_primitive::<TimestampMicrosecondType>()
                .clone(),
            direction: text(batch, "direction")?,
            direction_source: text(batch, "direction_source")?,
            version: text(batch, "ocpp_version")?,
            transport: text(batch, "transport")?,
            frame: text(batch, "frame")?,
            kind: text(batch, "message_type")?,
            id: text(batch, "message_id")?,
            action: text(batch, "action")?,
            payload: text(batch, "payload")?,
            error_code: text(batch, "error_code")?,
            error_description: text(batch, "error_description")?,
            flags: flags.map(|array| array.as_list::<i64>().clone()),
            source_file: text(batch, "source_file")?,
            source_line: long(batch, "source_line")?,
            source_offset: long(batch, "source_offset")?,
        };
        if columns.frame.is_none() {
            for (found, name) in [
                (columns.kind.is_some(), "message_type"),
                (columns.id.is_some(), "message_id"),
                (columns.action.is_some(), "action"),
                (columns.payload.is_some(), "payload"),
            ] {
                needed(found.then_some(()), name)?;
            }
        }
        Ok(columns)
    }

    /// Adds the message of a row to the store, or tells why it holds none.
    fn push(
        &self,
        row: usize,
        before: u64,
        sources: &[String],
        keep_payload: bool,
        store: &mut Store,
    ) -> Option<Reject> {
        let direction = value(self.direction.as_ref(), row)
            .and_then(|word| Direction::from_name(word).or_else(|| Direction::from_word(word)));
        let source = value(self.direction_source.as_ref(), row).map(DirectionSource::from_name);
        let log_time = self.log_time.is_valid(row).then(|| self.log_time.value(row));
        let charge_point = self.charge_point.is_valid(row).then(|| self.charge_point.value(row));
        let header = Header {
            charge_point: charge_point.unwrap_or("unknown"),
            charge_point_source: value(self.charge_point_source.as_ref(), row)
                .map_or(IdSource::Record, IdSource::from_name),
            log_time,
            position: self.position(row, before, sources),
            way: Way::Unknown,
            direction,
            direction_source: match (direction, source) {
                (None, _) => DirectionSource::Unknown,
                (Some(_), source) => source.unwrap_or(DirectionSource::Log),
            },
            version: value(self.version.as_ref(), row).and_then(Version::from_name),
            soap: value(self.transport.as_ref(), row) == Some("soap"),
            connection: number(self.connection.as_ref(), row).map(|id| id as i32),
            flags: self.flags(row),
            keep_payload,
            canonical: sources.len() > 1,
        };
        match self.message(row) {
            Ok(message) => {
                store.push(&header, &message);
                None
            }
            Err(defect) => {
                let text = value(self.frame.as_ref(), row).or_else(|| value(self.payload.as_ref(), row)).unwrap_or("");
                let mut reject = Reject::new(header.position, defect.reason, defect.detail, text.as_bytes());
                if self.source_line.is_none() {
                    reject.position.line = before + row as u64 + 1;
                }
                reject.charge_point = charge_point.map(str::to_owned);
                reject.log_time = log_time;
                Some(reject)
            }
        }
    }

    fn message(&self, row: usize) -> std::result::Result<Message<'_>, Defect> {
        if let Some(frame) = value(self.frame.as_ref(), row) {
            return message::read(frame).message;
        }
        let told = value(self.kind.as_ref(), row);
        let kind = told.and_then(Kind::from_name).ok_or_else(|| Defect {
            reason: Reason::MessageType,
            detail: told.map_or_else(|| "the row has no message type".to_owned(), |told| format!("{told:?}")),
        })?;
        let soap = value(self.transport.as_ref(), row) == Some("soap");
        Ok(Message {
            kind,
            id: Cow::Borrowed(value(self.id.as_ref(), row).unwrap_or("")),
            // Pairing finds the action of an answer anew; only SOAP may need it for that.
            action: value(self.action.as_ref(), row).filter(|_| kind.has_action() || soap).map(Cow::Borrowed),
            payload: value(self.payload.as_ref(), row).unwrap_or(""),
            error_code: value(self.error_code.as_ref(), row).map(Cow::Borrowed),
            error_description: value(self.error_description.as_ref(), row).map(Cow::Borrowed),
            flags: Flags::NONE,
        })
    }

    fn flags(&self, row: usize) -> Flags {
        let Some(lists) = self.flags.as_ref().filter(|lists| lists.is_valid(row)) else {
            return Flags::NONE;
        };
        let list = lists.value(row);
        let names = list.as_string_view();
        let mut flags: Flags = names.iter().flatten().filter_map(Flag::from_name).collect();
        for flag in OF_PAIRING {
            flags.remove(flag);
        }
        flags
    }

    /// Where a message stands; without columns that tell, the row's own place keeps the order.
    fn position(&self, row: usize, before: u64, sources: &[String]) -> Position {
        let file = value(self.source_file.as_ref(), row);
        let source = file.and_then(|file| sources.binary_search_by(|name| natural_order(name, file)).ok());
        let place = before + row as u64;
        Position {
            source: source.map_or(u32::MAX, |index| index as u32),
            byte: number(self.source_offset.as_ref(), row).map_or(place, |byte| byte as u64),
            line: number(self.source_line.as_ref(), row).map_or(0, |line| line as u64),
        }
    }
}

fn value(array: Option<&StringViewArray>, row: usize) -> Option<&str> {
    array.filter(|array| array.is_valid(row)).map(|array| array.value(row))
}

fn number(array: Option<&Int64Array>, row: usize) -> Option<i64> {
    array.filter(|array| array.is_valid(row)).map(|array| array.value(row))
}
