//! The transactions table.

use super::Columns;
use super::build::names;
use crate::flag::FLAGS;
use crate::options::Table;
use crate::rebuild::TimeSource;
use crate::rebuild::transaction::{Confidence, EndSource, EnergyMethod, LinkMethod, State, Transaction};
use crate::term::Version;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// A flag as text; one that carries a value says so behind a colon.
fn flags(row: &Transaction<'_>) -> Vec<String> {
    let mut flags = names(row.flags);
    for (flag, value) in &row.details {
        let name = FLAGS[*flag as usize].name;
        let text = format!("{name}:{value}");
        match flags.iter().position(|plain| plain == name) {
            Some(at) => flags[at] = text,
            None => flags.push(text),
        }
    }
    flags.sort();
    flags.dedup();
    flags
}

/// The transactions table.
///
/// # Errors
/// If the columns do not fit their declaration: a defect of ocpplog.
pub fn transactions(rows: &[&Transaction<'_>], sources: &[String]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::of(Table::Transactions);
    let each = || rows.iter();
    let clock = |source: Option<TimeSource>| source.map(TimeSource::as_str);
    columns.text("charge_point_id", each().map(|row| Some(row.charge_point)));
    columns.int("evse_id", each().map(|row| row.evse));
    columns.int("connector_id", each().map(|row| row.connector));
    columns.text("transaction_id", each().map(|row| row.transaction_id));
    columns.word("ocpp_version", each().map(|row| row.version.map(Version::as_str)));
    columns.text("id_tag", each().map(|row| row.id_tag));
    columns.word("id_token_type", each().map(|row| row.id_token_type));
    columns.text("id_tag_stop", each().map(|row| row.id_tag_stop));
    columns.word("auth_status", each().map(|row| row.auth_status));
    columns.time("start_time", each().map(|row| row.start_time));
    columns.time("stop_time", each().map(|row| row.stop_time));
    columns.word("start_time_source", each().map(|row| clock(row.start_time_source)));
    columns.word("stop_time_source", each().map(|row| clock(row.stop_time_source)));
    columns.time("start_received_at", each().map(|row| row.start_received_at));
    columns.time("stop_received_at", each().map(|row| row.stop_received_at));
    columns.span("duration", each().map(|row| row.duration));
    columns.time("plug_in_time", each().map(|row| row.plug_in_time));
    columns.time("authorized_time", each().map(|row| row.authorized_time));
    columns.time("first_charging_time", each().map(|row| row.first_charging_time));
    columns.time("last_charging_time", each().map(|row| row.last_charging_time));
    columns.time("unplug_time", each().map(|row| row.unplug_time));
    columns.span("charging_duration", each().map(|row| row.charging_duration));
    columns.span("idle_duration", each().map(|row| row.idle_duration));
    columns.float("meter_start_wh", each().map(|row| row.meter_start_wh));
    columns.float("meter_stop_wh", each().map(|row| row.meter_stop_wh));
    columns.float("energy_wh", each().map(|row| row.energy_wh));
    columns.word("energy_method", each().map(|row| row.energy_method.map(EnergyMethod::as_str)));
    columns.float("energy_wh_start_stop", each().map(|row| row.energy_wh_start_stop));
    columns.float("energy_wh_register", each().map(|row| row.energy_wh_register));
    columns.float("energy_wh_interval", each().map(|row| row.energy_wh_interval));
    columns.float("energy_wh_power", each().map(|row| row.energy_wh_power));
    columns.float("energy_export_wh", each().map(|row| row.energy_export_wh));
    columns.float("peak_power_w", each().map(|row| row.peak_power_w));
    columns.float("mean_power_w", each().map(|row| row.mean_power_w));
    columns.float("soc_start_pct", each().map(|row| row.soc_start_pct));
    columns.float("soc_stop_pct", each().map(|row| row.soc_stop_pct));
    columns.word("state", each().map(|row| row.state.map(State::as_str)));
    columns.word("end_source", each().map(|row| row.end_source.map(EndSource::as_str)));
    columns.word("stop_reason", each().map(|row| row.stop_reason));
    columns.word("stop_class", each().map(|row| row.stop_class));
    columns.word("link_method", each().map(|row| row.link_method.map(LinkMethod::as_str)));
    columns.word("link_confidence", each().map(|row| row.link_confidence.map(Confidence::as_str)));
    columns.truth("remote_start", each().map(|row| row.remote_start));
    columns.int("reservation_id", each().map(|row| row.reservation_id));
    columns.int("meter_value_count", each().map(|row| Some(row.meter_value_count)));
    columns.int("start_attempts", each().map(|row| Some(row.start_attempts)));
    columns.int("stop_attempts", each().map(|row| Some(row.stop_attempts)));
    columns.int("seq_missing_count", each().map(|row| row.seq_missing_count));
    columns.int("interruptions", each().map(|row| Some(row.interruptions)));
    columns.truth("delivered_late", each().map(|row| Some(row.delivered_late)));
    columns.float("cost_total", each().map(|row| row.cost_total));
    columns.word("cost_currency", each().map(|row| row.cost_currency));
    columns.word("quality", each().map(|row| Some(row.quality())));
    columns.lists("flags", each().map(|row| flags(row)));
    columns.word("first_source_file", each().map(|row| super::source(sources, row.first)));
    columns.long("first_source_line", each().map(|row| super::line(row.first)));
    columns.word("last_source_file", each().map(|row| super::source(sources, row.last)));
    columns.long("last_source_line", each().map(|row| super::line(row.last)));
    columns.finish()
}
