//! What was asked for. Each option is checked once, here, before any byte is read.

use crate::error::{Error, Result};
use crate::term::{Side, Version};
use std::collections::BTreeSet;

mod rules;

pub use rules::{RuleInfo, Rules};

/// The zone of stamps that the log writes without one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    /// Estimated from the payloads, else UTC.
    #[default]
    Auto,
    /// A fixed offset from UTC in microseconds.
    Offset(i64),
    /// A zone of the IANA database.
    Named(chrono_tz::Tz),
}

impl Zone {
    /// Reads `auto`, `UTC`, `+01:00` or an IANA name such as `Europe/Berlin`.
    ///
    /// # Errors
    /// If the text is none of them.
    pub fn parse(text: &str) -> Result<Self> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        if text.eq_ignore_ascii_case("utc") || text == "Z" {
            return Ok(Self::Offset(0));
        }
        if text.starts_with(['+', '-']) {
            let stamp = format!("2000-01-01T00:00:00{text}");
            let zero = crate::time::payload_time("2000-01-01T00:00:00Z").micros;
            let there = crate::time::payload_time(&stamp).micros;
            if let (Some(zero), Some(there)) = (zero, there) {
                return Ok(Self::Offset(zero - there));
            }
        }
        text.parse().map(Self::Named).map_err(|_| {
            Error::option(
                "timezone",
                format!(
                    "{text:?} is neither 'auto', 'UTC', an offset such as '+01:00' nor a name such as 'Europe/Berlin'"
                ),
            )
        })
    }
}

/// A text encoding, of those that the web knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Default for Encoding {
    fn default() -> Self {
        Self(encoding_rs::UTF_8)
    }
}

impl Encoding {
    /// Reads a name such as `utf-8`, `utf-16-le`, `latin-1`, `cp1252` or `shift_jis`.
    ///
    /// # Errors
    /// If it is none that is known.
    pub fn parse(label: &str) -> Result<Self> {
        let plain = label.trim().to_ascii_lowercase();
        // Python writes some names in another way than the web does.
        let other = match plain.replace('_', "-").as_str() {
            "latin-1" | "iso-latin-1" => "latin1".to_owned(),
            "utf-16-le" => "utf-16le".to_owned(),
            "utf-16-be" => "utf-16be".to_owned(),
            "utf-8-sig" => "utf-8".to_owned(),
            name => name.to_owned(),
        };
        encoding_rs::Encoding::for_label_no_replacement(plain.as_bytes())
            .or_else(|| encoding_rs::Encoding::for_label_no_replacement(other.as_bytes()))
            .map(Self)
            .ok_or_else(|| {
                Error::option(
                    "encoding",
                    format!(
                        "{label:?} is not known; known are 'utf-8', 'utf-16-le', 'utf-16-be', 'latin-1', 'cp1252' and the \
                         other names of the WHATWG encoding standard, such as 'iso-8859-15', 'koi8-r' or 'shift_jis'"
                    ),
                )
            })
    }

    /// The name as tables show it.
    #[must_use]
    pub fn name(self) -> String {
        self.0.name().to_ascii_lowercase()
    }

    /// Whether it is the usual one.
    #[must_use]
    pub fn is_utf8(self) -> bool {
        self.is(encoding_rs::UTF_8)
    }

    /// Whether it is that one.
    #[must_use]
    pub fn is(self, other: &'static encoding_rs::Encoding) -> bool {
        self.0 == other
    }

    /// A decoder that takes no mark for one.
    #[must_use]
    pub fn decoder(self) -> encoding_rs::Decoder {
        self.0.new_decoder_without_bom_handling()
    }
}

/// What names the charge point where the log does not.
#[derive(Clone, Debug)]
pub enum IdRule {
    /// Always the same.
    Constant(String),
    /// The first group of a pattern over the file name.
    FileName(regex::Regex),
}

impl IdRule {
    /// A text with a group, such as `(CP\d+)_.*`, is a pattern over the file name; any other text is the id itself.
    ///
    /// # Errors
    /// If the pattern cannot be read.
    pub fn parse(text: &str) -> Result<Self> {
        if text.is_empty() {
            return Err(Error::option("charge_point_id", "an empty text names no charge point"));
        }
        if !(text.contains('(') && text.contains(')')) {
            return Ok(Self::Constant(text.to_owned()));
        }
        let pattern = regex::RegexBuilder::new(text)
            .size_limit(10 << 20)
            .build()
            .map_err(|cause| Error::option("charge_point_id", cause.to_string()))?;
        Ok(Self::FileName(pattern))
    }

    /// The id for a file of this name, if the rule gives one.
    #[must_use]
    pub fn id_for<'a>(&'a self, file_name: &'a str) -> Option<&'a str> {
        match self {
            Self::Constant(id) => Some(id),
            Self::FileName(pattern) => {
                let found = pattern.captures(file_name)?;
                found.get(1).map(|group| group.as_str())
            }
        }
    }
}

/// What to do with data that is not understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// Keep it as a row of `rejects`.
    #[default]
    Collect,
    /// Stop at the lowest position.
    Raise,
}

macro_rules! tables {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal;)+) => {
        /// A table that can be asked for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Table { $($(#[doc = $doc])+ $variant,)+ }

        impl Table {
            /// Every table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The table's name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The table of this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }

            /// What a row of the table is.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+),)+ }
            }
        }
    };
}

tables! {
    /// One row per OCPP frame.
    Messages = "messages";
    /// One row per charging transaction.
    Transactions = "transactions";
    /// One row per sampled value.
    MeterValues = "meter_values";
    /// One row per stretch of time in which a connector kept its status and was known equally well, without gaps.
    StatusIntervals = "status_intervals";
    /// One row per firmware update job.
    FirmwareUpdates = "firmware_updates";
    /// One row per boot notification.
    Boots = "boots";
    /// One row per stretch of time in which a charge point was in contact or not.
    ConnectivityIntervals = "connectivity_intervals";
    /// One row per error that a charge point reported, from its report to its end.
    Faults = "faults";
    /// One row per request to authorise a token, and what it led to.
    Authorizations = "authorizations";
    /// One row per request of the CSMS, but for firmware, logs, data transfers and readings of settings.
    Commands = "commands";
    /// One row per firmware version that a charge point ran.
    FirmwareVersions = "firmware_versions";
    /// One row per security event.
    SecurityEvents = "security_events";
    /// One row per upload of diagnostics or a log.
    LogUploads = "log_uploads";
    /// One row per value of a setting that was set, read or reported.
    Configuration = "configuration";
    /// One row per charging profile that the CSMS sent or a report told.
    ChargingProfiles = "charging_profiles";
    /// One row per message of a vendor's own (its action is called data transfer).
    DataTransfers = "data_transfers";
    /// One row per charge point, direction and action: how its calls fared.
    CallStatistics = "call_statistics";
    /// One row per charge point.
    ChargePoints = "charge_points";
    /// One row per piece of a source that was not understood.
    Rejects = "rejects";
    /// One row per message that was understood and fits nothing.
    Unmatched = "unmatched";
    /// One row per source.
    Accounting = "accounting";
}

impl Table {
    /// Whether the table is built whatever was asked for.
    #[must_use]
    pub const fn always(self) -> bool {
        matches!(self, Self::ChargePoints | Self::Rejects | Self::Unmatched | Self::Accounting)
    }
}

/// Which tables to build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables(BTreeSet<Table>);

impl Default for Tables {
    /// All but `messages`.
    fn default() -> Self {
        Self(Table::ALL.iter().copied().filter(|&table| table != Table::Messages).collect())
    }
}

impl Tables {
    /// The tables of these names, and those that are always built.
    ///
    /// # Errors
    /// If a name is no table's.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let mut tables: BTreeSet<Table> = Table::ALL.iter().copied().filter(|table| table.always()).collect();
        for name in names {
            let table = Table::from_name(name).ok_or_else(|| {
                let known: Vec<_> = Table::ALL.iter().map(|table| table.as_str()).collect();
                Error::option("tables", format!("there is no table {name:?}; the tables are {}", known.join(", ")))
            })?;
            tables.insert(table);
        }
        Ok(Self(tables))
    }

    /// Whether a table is to be built.
    #[must_use]
    pub fn has(&self, table: Table) -> bool {
        self.0.contains(&table)
    }

    /// The tables, in the order of their declaration.
    pub fn iter(&self) -> impl Iterator<Item = Table> + '_ {
        self.0.iter().copied()
    }
}

/// Everything that `read` can be told.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// Which tables to build.
    pub tables: Tables,
    /// The layout's name; none to find out.
    pub layout: Option<String>,
    /// A pattern of the caller's own over the lines of the log, with named groups.
    pub layout_pattern: Option<String>,
    /// The caller's own names for keys and columns: what they hold, and how they are called.
    pub layout_columns: Vec<(String, String)>,
    /// What names the charge point where the log does not.
    pub charge_point_id: Option<IdRule>,
    /// Whether `charge_point_id` wins over the log.
    pub override_id: bool,
    /// The zone of the log's own stamps where they have none.
    pub timezone: Zone,
    /// The text encoding of sources that have no mark of theirs.
    pub encoding: Encoding,
    /// Which side wrote the log; none to find out.
    pub side: Option<Side>,
    /// The OCPP version where nothing tells; none to find out.
    pub version: Option<Version>,
    /// Keep only rows that overlap `[start, end)`: UTC microseconds.
    pub start: Option<i64>,
    /// See [`Self::start`].
    pub end: Option<i64>,
    /// Keep only these charge points.
    pub charge_points: Option<BTreeSet<String>>,
    /// How many threads work; none for one per core.
    pub threads: Option<usize>,
    /// What to do with data that is not understood.
    pub on_error: OnError,
    /// How many rejects are allowed.
    pub max_rejects: Option<u64>,
    /// How many bytes a piece of work has, about; none for the default.
    pub chunk_bytes: Option<usize>,
    /// The thresholds of the rule book.
    pub rules: Rules,
}

impl ReadOptions {
    /// How many threads will work.
    #[must_use]
    pub fn thread_count(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.threads.unwrap_or_else(cores).max(1)
    }
}
