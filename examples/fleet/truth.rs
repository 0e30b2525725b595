//! The truth files: what really happened, whatever the log says.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde_json::{Value, json};

use crate::clock::{Ms, iso};
use crate::disturbance::{Disturbance, Marks};
use crate::sink::Counts;

/// A transaction, as it was. The fields are the columns of the README.
#[derive(Clone, Debug)]
pub(crate) struct TransactionRow {
    pub(crate) charge_point_id: String,
    pub(crate) evse_id: i64,
    pub(crate) connector_id: i64,
    pub(crate) ocpp_version: &'static str,
    /// As assigned; null where none was.
    pub(crate) transaction_id: Option<String>,
    pub(crate) id_tag: String,
    pub(crate) auth_status: &'static str,
    pub(crate) start_time: Ms,
    pub(crate) stop_time: Option<Ms>,
    pub(crate) meter_start_wh: i64,
    pub(crate) meter_stop_wh: Option<i64>,
    pub(crate) energy_wh: Option<i64>,
    /// Energy up to the last register sample that is in the log.
    pub(crate) last_sample_wh: Option<i64>,
    pub(crate) stop_reason: Option<&'static str>,
    /// `completed` or `open`: whether it had ended when the log ended.
    pub(crate) state: &'static str,
    /// What a reader of the log can say at best; null: no row.
    pub(crate) expected_state: Option<&'static str>,
    pub(crate) remote_start: bool,
    pub(crate) marks: Marks,
    pub(crate) leaves_trace: bool,
}

/// One interval of a connector's status, as it was. The fields are the columns of the README.
#[derive(Clone, Debug)]
pub(crate) struct StatusRow {
    pub(crate) charge_point_id: String,
    pub(crate) evse_id: i64,
    pub(crate) connector_id: i64,
    pub(crate) start_time: Ms,
    pub(crate) end_time: Option<Ms>,
    pub(crate) status: &'static str,
    pub(crate) error_code: Option<&'static str>,
    pub(crate) marks: Marks,
    pub(crate) leaves_trace: bool,
}

/// One firmware update, as it was. The fields are the columns of the README.
#[derive(Clone, Debug)]
pub(crate) struct FirmwareRow {
    pub(crate) charge_point_id: String,
    pub(crate) kind: &'static str,
    pub(crate) source: &'static str,
    pub(crate) story: &'static str,
    pub(crate) request_id: Option<i64>,
    pub(crate) requested_at: Option<Ms>,
    pub(crate) location: Option<String>,
    pub(crate) retrieve_at: Option<Ms>,
    pub(crate) install_at: Option<Ms>,
    pub(crate) statuses: Vec<&'static str>,
    pub(crate) outcome: &'static str,
    pub(crate) version_before: Option<String>,
    pub(crate) version_after: Option<String>,
    pub(crate) marks: Marks,
    pub(crate) leaves_trace: bool,
}

/// A boot, as it was. The fields are the columns of the README.
#[derive(Clone, Debug)]
pub(crate) struct BootRow {
    pub(crate) charge_point_id: String,
    /// The recorder's time.
    pub(crate) time: Ms,
    /// Why; 2.0.1 says so.
    pub(crate) reason: &'static str,
    pub(crate) told: bool,
    pub(crate) firmware_version: String,
    pub(crate) marks: Marks,
}

/// A card that was shown, as it was. The fields are the columns of the README.
#[derive(Clone, Debug)]
pub(crate) struct AuthorizationRow {
    pub(crate) charge_point_id: String,
    /// The recorder's time.
    pub(crate) time: Ms,
    pub(crate) id_tag: String,
    pub(crate) status: &'static str,
    pub(crate) outcome: Option<&'static str>,
    pub(crate) transaction_id: Option<String>,
    pub(crate) marks: Marks,
    /// The message that ties the card to its transaction is in the log.
    pub(crate) leaves_trace: bool,
}

/// A command of the CSMS, as it was. The fields are the columns of the README.
#[derive(Clone, Debug)]
pub(crate) struct CommandRow {
    pub(crate) charge_point_id: String,
    pub(crate) evse_id: Option<i64>,
    /// The recorder's time.
    pub(crate) requested_at: Ms,
    pub(crate) action: &'static str,
    pub(crate) response_status: Option<&'static str>,
    pub(crate) outcome: &'static str,
    pub(crate) transaction_id: Option<String>,
    pub(crate) marks: Marks,
}

/// A time without contact, by the recorder's clock, as it was. The fields are the columns of the README.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Absence {
    /// The last message before.
    pub(crate) from: Ms,
    /// The first message after; none if the log ended before.
    pub(crate) until: Option<Ms>,
}

/// The truth files, in the order of their counts.
const TABLES: [&str; 7] =
    ["transactions", "statuses", "firmware_updates", "boots", "authorizations", "commands", "absences"];

/// Rows per disturbance and table.
type Touched = Vec<[u64; TABLES.len()]>;

/// The open truth files and what was counted.
pub(crate) struct Truth {
    files: [BufWriter<File>; TABLES.len()],
    rows: [u64; TABLES.len()],
    touched: Touched,
    outcomes: Vec<(&'static str, u64)>,
    failure: Option<io::Error>,
}

/// An instant for JSON.
fn time(at: Option<Ms>) -> Value {
    at.map_or(Value::Null, |at| Value::String(iso(at)))
}

impl Truth {
    /// Creates the files in `folder`.
    pub(crate) fn create(folder: &Path) -> io::Result<Self> {
        let open = |name: &str| -> io::Result<BufWriter<File>> {
            Ok(BufWriter::with_capacity(1 << 16, File::create(folder.join(name))?))
        };
        Ok(Self {
            files: [
                open("truth_transactions.ndjson")?,
                open("truth_status.ndjson")?,
                open("truth_firmware.ndjson")?,
                open("truth_boots.ndjson")?,
                open("truth_authorizations.ndjson")?,
                open("truth_commands.ndjson")?,
                open("truth_absences.ndjson")?,
            ],
            rows: [0; TABLES.len()],
            touched: vec![[0; TABLES.len()]; Disturbance::ALL.len()],
            outcomes: Vec::new(),
            failure: None,
        })
    }

    /// Writes a row and counts what touched it; a failure is told by `finish`.
    fn put(&mut self, table: usize, row: &Value, marks: &Marks) {
        self.rows[table] += 1;
        for kind in marks.kinds() {
            self.touched[*kind as usize][table] += 1;
        }
        if let Err(error) = writeln!(self.files[table], "{row}") {
            self.failure.get_or_insert(error);
        }
    }

    /// Writes a transaction.
    pub(crate) fn transaction(&mut self, row: &TransactionRow) {
        let value = json!({
            "charge_point_id": row.charge_point_id,
            "evse_id": row.evse_id,
            "connector_id": row.connector_id,
            "ocpp_version": row.ocpp_version,
            "transaction_id": row.transaction_id,
            "id_tag": row.id_tag,
            "auth_status": row.auth_status,
            "start_time": iso(row.start_time),
            "stop_time": time(row.stop_time),
            "meter_start_wh": row.meter_start_wh,
            "meter_stop_wh": row.meter_stop_wh,
            "energy_wh": row.energy_wh,
            "last_sample_energy_wh": row.last_sample_wh,
            "stop_reason": row.stop_reason,
            "state": row.state,
            "expected_state": row.expected_state,
            "remote_start": row.remote_start,
            "disturbances": row.marks.names(),
            "leaves_trace": row.leaves_trace,
        });
        self.put(0, &value, &row.marks);
    }

    /// Writes a status interval.
    pub(crate) fn status(&mut self, row: &StatusRow) {
        let value = json!({
            "charge_point_id": row.charge_point_id,
            "evse_id": row.evse_id,
            "connector_id": row.connector_id,
            "start_time": iso(row.start_time),
            "end_time": time(row.end_time),
            "status": row.status,
            "error_code": row.error_code,
            "disturbances": row.marks.names(),
            "leaves_trace": row.leaves_trace,
        });
        self.put(1, &value, &row.marks);
    }

    /// Writes a firmware update.
    pub(crate) fn firmware(&mut self, row: &FirmwareRow) {
        match self.outcomes.iter_mut().find(|(name, _)| *name == row.outcome) {
            Some((_, count)) => *count += 1,
            None => self.outcomes.push((row.outcome, 1)),
        }
        let value = json!({
            "charge_point_id": row.charge_point_id,
            "kind": row.kind,
            "source": row.source,
            "story": row.story,
            "request_id": row.request_id,
            "requested_at": time(row.requested_at),
            "location": row.location,
            "retrieve_at": time(row.retrieve_at),
            "install_at": time(row.install_at),
            "statuses": row.statuses,
            "last_status": row.statuses.last(),
            "outcome": row.outcome,
            "version_before": row.version_before,
            "version_after": row.version_after,
            "disturbances": row.marks.names(),
            "leaves_trace": row.leaves_trace,
        });
        self.put(2, &value, &row.marks);
    }

    /// Writes a boot.
    pub(crate) fn boot(&mut self, row: &BootRow) {
        let value = json!({
            "charge_point_id": row.charge_point_id,
            "time": iso(row.time),
            "reason": row.reason,
            "told": row.told,
            "firmware_version": row.firmware_version,
            "disturbances": row.marks.names(),
            "leaves_trace": true,
        });
        self.put(3, &value, &row.marks);
    }

    /// Writes a card that was shown.
    pub(crate) fn authorization(&mut self, row: &AuthorizationRow) {
        let value = json!({
            "charge_point_id": row.charge_point_id,
            "time": iso(row.time),
            "id_tag": row.id_tag,
            "status": row.status,
            "outcome": row.outcome,
            "transaction_id": row.transaction_id,
            "disturbances": row.marks.names(),
            "leaves_trace": row.leaves_trace,
        });
        self.put(4, &value, &row.marks);
    }

    /// Writes a command.
    pub(crate) fn command(&mut self, row: &CommandRow) {
        let value = json!({
            "charge_point_id": row.charge_point_id,
            "evse_id": row.evse_id,
            "requested_at": iso(row.requested_at),
            "action": row.action,
            "response_status": row.response_status,
            "outcome": row.outcome,
            "transaction_id": row.transaction_id,
            "disturbances": row.marks.names(),
            "leaves_trace": true,
        });
        self.put(5, &value, &row.marks);
    }

    /// Writes a time without contact.
    pub(crate) fn absence(&mut self, charge_point_id: &str, row: Absence) {
        let value = json!({
            "charge_point_id": charge_point_id,
            "start_time": iso(row.from),
            "end_time": time(row.until),
            "disturbances": [],
            "leaves_trace": true,
        });
        self.put(6, &value, &Marks::default());
    }

    /// Closes the files and writes `truth_summary.json`.
    pub(crate) fn finish(&mut self, folder: &Path, fleet: &Value, counts: Counts, end: Ms) -> io::Result<()> {
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        for file in &mut self.files {
            file.flush()?;
        }
        let mut disturbances = serde_json::Map::new();
        for (kind, touched) in Disturbance::ALL.iter().zip(&self.touched) {
            let counts: serde_json::Map<String, Value> =
                TABLES.iter().zip(touched).map(|(table, count)| ((*table).into(), json!(count))).collect();
            disturbances.insert(kind.name().into(), Value::Object(counts));
        }
        let outcomes: serde_json::Map<String, Value> =
            self.outcomes.iter().map(|(name, count)| ((*name).into(), json!(count))).collect();
        let mut summary = json!({
            "fleet": fleet,
            "log_end": iso(end),
            "last_line_at": iso(counts.last_at),
            "bytes": counts.bytes,
            "lines": counts.lines,
            "frames": counts.frames,
            "cut_frames": counts.cut_frames,
            "firmware_outcomes": outcomes,
            "disturbances": disturbances,
        });
        for (table, count) in TABLES.iter().zip(self.rows) {
            summary[*table] = json!(count);
        }
        let mut file = File::create(folder.join("truth_summary.json"))?;
        writeln!(file, "{summary:#}")
    }
}
