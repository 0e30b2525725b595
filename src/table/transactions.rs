//! The transactions table.

use super::Columns;
use super::build::names;
use super::column::{CHARGE_POINT_ID, Column, FLAGS, float, int, long, span, text, time, truth, word};
use crate::options::Table;
use crate::rebuild::TimeSource;
use crate::rebuild::transaction::{Confidence, EndSource, EnergyMethod, LinkMethod, State, Transaction};
use crate::term::Version;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use std::borrow::Cow;

/// The columns of the table `transactions`.
pub(super) const COLUMNS: &[Column] = &[
    CHARGE_POINT_ID,
    int("evse_id", "The EVSE; in 1.x the connector.")
        .null("no message names it")
        .from("1.6 §6.45 StartTransaction.connectorId, on a stop alone §6.31 MeterValues.connectorId; 2.x TransactionEvent.evse.id"),
    int("connector_id", "The connector.").null("no message names it").from(
        "1.6 §6.45 StartTransaction.connectorId, on a stop alone §6.31 MeterValues.connectorId; 2.x \
            TransactionEvent.evse.connectorId",
    ),
    text("transaction_id", "The id that the CSMS (1.x) or the charge point (2.x) gave.")
        .null("no id was given, or the answer that gave it is not in the log")
        .from(
            "1.6 §6.46 StartTransaction.conf transactionId, on a stop alone §6.49 StopTransaction.transactionId; 2.x \
            TransactionEvent.transactionInfo.transactionId",
        ),
    word("ocpp_version", "The OCPP version.").null("nothing in its messages tells it").from("as in messages"),
    text("id_tag", "The token that started it.")
        .null("no token was named, or the start is not in the log")
        .from("1.6 §6.45 StartTransaction.idTag; 2.x TransactionEvent.idToken.idToken, the first one"),
    word("id_token_type", "The token's type (2.x).")
        .null("in 1.x, and where no token was named")
        .from("2.x TransactionEvent.idToken.type"),
    text("id_tag_stop", "The token that stopped it.")
        .null("no token was named")
        .from("1.6 §6.49 StopTransaction.idTag; 2.x TransactionEvent.idToken.idToken of Ended or StopAuthorized"),
    word("auth_status", "The CSMS's last answer about the token, as logged.")
        .null("no answer tells it")
        .from("1.6 §7.27 idTagInfo.status of StartTransaction.conf; 2.x TransactionEventResponse.idTokenInfo.status"),
    time("start_time", "When it started; in 2.x its first event where Started is not in the log.")
        .null("the start is not in the log (1.x), or has no time")
        .from("1.6 §6.45 StartTransaction.timestamp; 2.x TransactionEvent.timestamp of Started; else the log"),
    time(
        "stop_time",
        "When it stopped; where the stop is not in the log, the last sign of life or the closing \
        evidence.",
    )
    .null("it is open, or the stop has no time")
    .from("1.6 §6.49 StopTransaction.timestamp; 2.x TransactionEvent.timestamp of Ended; else own: implicit ends"),
    word("start_time_source", "Which clock tells the start: payload, log or inferred.")
        .null("start_time is")
        .from("own: choice of the clock"),
    word("stop_time_source", "Which clock tells the stop: payload, log or inferred.")
        .null("stop_time is")
        .from("own: choice of the clock"),
    time("start_received_at", "When the start was logged.")
        .null("the start is not in the log, or the log has no times")
        .from("the recorder's stamp on StartTransaction or Started"),
    time("stop_received_at", "When the stop was logged.")
        .null("the stop is not in the log, or the log has no times")
        .from("the recorder's stamp on StopTransaction or Ended"),
    span("duration", "From start to stop, on one clock.")
        .null("start or stop is not known, the start is only inferred, the clocks differ, or the stop lies first")
        .from("own: stop_time less start_time"),
    time(
        "plug_in_time",
        "When the cable was plugged in: an event says so, or the connector was occupied or preparing \
        within Rules.plug_in_window before the start.",
    )
    .null("nothing tells it")
    .from(
        "2.x TransactionEvent.timestamp with triggerReason CablePluggedIn; else StatusNotification (1.6 §7.7): \
            the Preparing or Occupied before the start",
    ),
    time(
        "authorized_time",
        "When the token was authorised: an event says so, else when the CSMS accepted it, by the recorder's clock, no \
        longer than Rules.authorization_window before the start.",
    )
    .null("nothing tells it")
    .from(
        "2.x TransactionEvent.timestamp with triggerReason Authorized; else the recorder's stamp on \
            Authorize.conf (1.6 §6.2)",
    ),
    time(
        "first_charging_time",
        "When energy first flowed, by status or charging state, else by readings of the \
        register.",
    )
    .null("nothing tells it, or no energy flowed")
    .from(
        "2.x TransactionEvent.transactionInfo.chargingState; 1.6 §7.7 status Charging; else own: slope of the \
            register",
    ),
    time(
        "last_charging_time",
        "When energy last flowed, by status or charging state, else by readings of the \
        register.",
    )
    .null("nothing tells it, or no energy flowed")
    .from(
        "2.x TransactionEvent.transactionInfo.chargingState; 1.6 §7.7 status Charging; else own: slope of the \
            register",
    ),
    time(
        "unplug_time",
        "When the cable was unplugged: as an event or the stop reason says, else when the connector \
        was available again.",
    )
    .null("nothing tells it")
    .from(
        "2.x triggerReason EVCommunicationLost or EVDeparted; reason EVDisconnected (1.6 §7.36); else \
            StatusNotification Available",
    ),
    span(
        "charging_duration",
        "How long energy flowed: as the charge point counts it, else by status or charging \
        state, else by readings of the register.",
    )
    .null("nothing tells it")
    .from("2.x TransactionEvent.transactionInfo.timeSpentCharging; else as first_charging_time"),
    span("idle_duration", "duration less charging_duration, at least zero.")
        .null("duration or charging_duration is")
        .from("own: duration less charging_duration"),
    float(
        "meter_start_wh",
        "The meter at the start; in 2.x, and where neither meter is known, the reading with \
        context Transaction.Begin.",
    )
    .unit("Wh")
    .null("it is not in the log")
    .from(
        "1.6 §6.45 StartTransaction.meterStart; 2.x TransactionEvent.meterValue, Energy.Active.Import.Register \
            in context Transaction.Begin",
    ),
    float(
        "meter_stop_wh",
        "The meter at the stop; in 2.x, and where neither meter is known, the reading with context \
        Transaction.End.",
    )
    .unit("Wh")
    .null("it is not in the log")
    .from(
        "1.6 §6.49 StopTransaction.meterStop; 2.x TransactionEvent.meterValue, Energy.Active.Import.Register in \
            context Transaction.End",
    ),
    float("energy_wh", "The energy by the method of energy_method.")
        .unit("Wh")
        .null("no method was possible")
        .from("own: first possible method of energy_method (1.6 §7.31; 2.x part 2, J)"),
    word(
        "energy_method",
        "The first of start_stop, register, interval, net, cost and power that was possible; none if \
        none was.",
    )
    .from("own: order of the methods"),
    float("energy_wh_start_stop", "Stop meter less start meter, where the messages have such meters (1.x).")
        .unit("Wh")
        .null("a meter is missing, the stop meter lies below the start meter, or 2.x")
        .from("own: meter_stop_wh less meter_start_wh"),
    float(
        "energy_wh_register",
        "What the register climbed: its last reading inside the transaction less the start meter, or less the first \
        reading where no start is known; the last reading itself where readings count from the session's start.",
    )
    .unit("Wh")
    .null("there are not two readings, or their unit is in doubt")
    .from("1.6 §7.31, 2.x MeasurandEnumType: Energy.Active.Import.Register; own: what the register climbs"),
    float(
        "energy_wh_interval",
        "Sum of the readings of intervals; those of the clock count only where there are no \
        others.",
    )
    .unit("Wh")
    .null("there are none")
    .from("1.6 §7.31, 2.x MeasurandEnumType: Energy.Active.Import.Interval"),
    float("energy_wh_power", "Integral of the power.")
        .unit("Wh")
        .null("there are too few readings, they come unevenly, or leave out a part of the transaction")
        .from("1.6 §7.31, 2.x MeasurandEnumType: Power.Active.Import; own: trapezoids"),
    float("energy_export_wh", "Energy from the vehicle to the grid; it is not subtracted from energy_wh.")
        .unit("Wh")
        .null("no reading tells it")
        .from("1.6 §7.31, 2.x MeasurandEnumType: Energy.Active.Export.Register, else .Interval"),
    float("peak_power_w", "The highest reported power, phases summed.")
        .unit("W")
        .null("no power was reported")
        .from("1.6 §7.31, 2.x MeasurandEnumType: Power.Active.Import"),
    float("mean_power_w", "energy_wh over duration.")
        .unit("W")
        .null("energy_wh or duration is, or the duration is zero")
        .from("own: energy_wh over duration"),
    float("soc_start_pct", "The first reported state of charge.")
        .unit("%")
        .null("none was reported")
        .from("1.6 §7.31, 2.x MeasurandEnumType: SoC"),
    float("soc_stop_pct", "The last reported state of charge.")
        .unit("%")
        .null("none was reported")
        .from("1.6 §7.31, 2.x MeasurandEnumType: SoC"),
    word(
        "state",
        "completed, closed_implicit (something else than its stop shows the end), stop_only (the start is \
        not in the log) or open.",
    )
    .from("own: two passes, messages first, other evidence for what is left open"),
    word("end_source", "What shows its end: stop, next_start, status, status_unavailable, tx_status or log_end.")
        .from("own: implicit ends (1.6 §4.9); tx_status: 2.x GetTransactionStatusResponse"),
    word("stop_reason", "Why it stopped, as logged.")
        .null("no reason was sent")
        .from("1.6 §6.49 StopTransaction.reason; 2.x TransactionEvent.transactionInfo.stoppedReason"),
    word(
        "stop_class",
        "The class of the reason, the same for all versions: user_local, user_remote, vehicle, \
        not_authorized, limit, reset_command, reboot, power, safety_fault, unlock, no_plug_in or other.",
    )
    .null("no stop is in the log")
    .from("own: classes of 1.6 §7.36 Reason and 2.x ReasonEnumType"),
    word(
        "link_method",
        "How the stop was joined to the start (1.x): transaction_id, placeholder_meter, only_open, \
        idtag, status, register or without_id.",
    )
    .null("no stop was joined to a start, and in 2.x, where every event names its transaction")
    .from("own: joining of stops and starts"),
    word("link_confidence", "How sure that is: high, medium or low.")
        .null("link_method is")
        .from("own: joining of stops and starts"),
    truth("remote_start", "Whether a request of the CSMS started it.")
        .null("the log begins too late to tell, or the start is not in the log")
        .from(
            "1.6 §6.33 RemoteStartTransaction and own: token, connector and time; 2.x \
            TransactionEvent.transactionInfo.remoteStartId",
        ),
    int("reservation_id", "The reservation that it used.")
        .null("no message names one")
        .from("1.6 §6.45 StartTransaction.reservationId; 2.x TransactionEvent.reservationId"),
    int("meter_value_count", "How many sampled values belong to it.")
        .from("own: rows of meter_values that belong to it"),
    int("start_attempts", "How often its start was sent; 0 if it is not in the log.").from("own: matching by content"),
    int("stop_attempts", "How often its stop was sent; 0 if it is not in the log.").from("own: matching by content"),
    int("seq_missing_count", "How many sequence numbers are missing between its events (2.x).")
        .null("in 1.x, and where an event has no number")
        .from("2.x TransactionEvent.seqNo"),
    int(
        "interruptions",
        "How often the charge point booted, or says that it went on after an interruption, while it \
        ran.",
    )
    .from("BootNotification while it ran; 2.1 TransactionEvent.triggerReason TxResumed"),
    truth("delivered_late", "Whether its start or stop (2.x: any event) was sent from memory, after a time offline.")
        .from("own: delay beyond Rules.late_threshold; 2.x TransactionEvent.offline"),
    float(
        "cost_total",
        "The final cost as the CSMS tells it, else the charge point, else the last one told before the \
        end.",
    )
    .null("nobody told a cost")
    .from(
        "2.x TransactionEventResponse.totalCost; 2.1 TransactionEvent.costDetails.totalCost; \
            CostUpdated.totalCost",
    ),
    word("cost_currency", "The cost's currency, where the charge point tells it.")
        .null("the charge point tells none")
        .from("2.1 TransactionEvent.costDetails.totalCost.currency"),
    word(
        "quality",
        "good, estimated (a number was inferred), partial (a number is missing) or suspect (numbers \
        contradict each other).",
    )
    .from("own: the strongest effect of its flags, and what is null"),
    FLAGS,
    word("first_source_file", "The source of its first message.").null("the messages came without it").from("own: place of the message"),
    long("first_source_line", "The line of its first message.").null("the messages came without it").from("own: place of the message"),
    word("last_source_file", "The source of its last message.").null("the messages came without it").from("own: place of the message"),
    long("last_source_line", "The line of its last message.").null("the messages came without it").from("own: place of the message"),
];

/// A flag as text; one that carries a value says so behind a colon.
fn flags(row: &Transaction<'_>) -> Vec<Cow<'static, str>> {
    let mut flags: Vec<Cow<'static, str>> = names(Table::Transactions, row.flags).map(Cow::Borrowed).collect();
    for (flag, value) in &row.details {
        let name = flag.info().name;
        let text = Cow::Owned(format!("{name}:{value}"));
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
