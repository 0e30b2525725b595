use super::*;
use crate::rebuild::testing::{Log, at, names, stamp};
use crate::rebuild::{status, transaction};

/// A row as the tests compare it: start, end, connector, code, flags.
type Line = (Option<i64>, Option<i64>, Option<i32>, String, Vec<&'static str>);

fn lines(log: &Log) -> Vec<Line> {
    log.look(|track, context| {
        let (transactions, _) = transaction::transactions(track, context, &mut Vec::new(), false);
        let rows = faults(track, context, &status::timelines(track, context), &transactions);
        let code = |row: &Fault<'_>| row.error_code.or(row.vendor_error_code).or(row.variable).unwrap_or("").to_owned();
        rows.iter().map(|row| (row.start_time, row.end_time, row.connector_id, code(row), names(row.flags))).collect()
    })
}

fn line(start: i64, end: Option<i64>, connector: i32, code: &str, flags: &[&'static str]) -> Line {
    (at(start), end.and_then(at), Some(connector), code.to_owned(), flags.to_vec())
}

impl Log {
    /// Connector 1 reports live.
    fn errs(self, seconds: i64, status: &str, code: &str) -> Self {
        self.errs_of(seconds, seconds, status, code)
    }

    fn errs_of(self, seconds: i64, time: i64, status: &str, code: &str) -> Self {
        let time = stamp(time);
        let payload = format!(r#"{{"connectorId":1,"status":"{status}","errorCode":"{code}","timestamp":"{time}"}}"#);
        self.cp(seconds, "StatusNotification", &payload)
    }

    /// A lock of connector 1 has a problem, or has none.
    fn alerts(self, seconds: i64, value: &str, more: &str) -> Self {
        let time = stamp(seconds);
        let payload = format!(
            r#"{{"generatedAt":"{time}","seqNo":0,"eventData":[{{"eventId":1,"timestamp":"{time}","trigger":"Alerting","actualValue":"{value}","component":{{"name":"Lock","evse":{{"id":1,"connectorId":1}}}},"variable":{{"name":"Problem"}}{more}}}]}}"#
        );
        self.cp(seconds, "NotifyEvent", &payload)
    }
}

#[test]
fn an_error_lasts_while_it_is_told_whatever_the_status_is() {
    let log = Log::new()
        .boot(0, "1")
        .errs(10, "Charging", "HighTemperature")
        .errs(20, "Faulted", "HighTemperature")
        .errs(30, "Available", "NoError")
        .errs(40, "Faulted", "NoError");
    assert_eq!(
        lines(&log),
        [line(10, Some(30), 1, "HighTemperature", &[]), line(40, None, 1, "NoError", &["fault_without_code"])]
    );
}

#[test]
fn another_code_is_another_error_and_a_late_report_ends_it_where_it_says() {
    let log = Log::new().boot(0, "1").errs(10, "Faulted", "GroundFailure").errs(300, "Faulted", "OverVoltage").errs_of(
        400,
        200,
        "Available",
        "NoError",
    );
    assert_eq!(lines(&log), [line(10, Some(200), 1, "GroundFailure", &[]), line(300, None, 1, "OverVoltage", &[])]);
}

#[test]
fn an_error_that_the_log_begins_with_may_be_older() {
    assert_eq!(
        lines(&Log::new().errs(10, "Faulted", "GroundFailure")),
        [line(10, None, 1, "GroundFailure", &["left_censored"])]
    );
}

#[test]
fn an_alert_lasts_until_it_is_cleared_or_the_problem_is_gone() {
    let cleared =
        Log::new().boot(0, "1").alerts(10, "true", "").alerts(20, "true", "").alerts(30, "true", r#","cleared":true"#);
    assert_eq!(lines(&cleared), [line(10, Some(30), 1, "Problem", &[])]);
    let gone = Log::new().boot(0, "1").alerts(10, "true", "").alerts(30, "false", "").alerts(40, "false", "");
    assert_eq!(lines(&gone), [line(10, Some(30), 1, "Problem", &[])]);
    let other = Log::new().boot(0, "1").alerts(10, "true", "").alerts(
        30,
        "true",
        r#","cleared":true,"variableMonitoringId":4"#,
    );
    assert_eq!(
        lines(&other),
        [(None, at(30), Some(1), "Problem".to_owned(), vec!["left_censored"]), line(10, None, 1, "Problem", &[])]
    );
}

#[test]
fn the_transaction_that_ran_is_told() {
    let start = format!(r#"{{"connectorId":1,"idTag":"T","meterStart":0,"timestamp":"{}"}}"#, stamp(10));
    let log = Log::new()
        .boot(0, "1")
        .cp(10, "StartTransaction", &start)
        .csms_answers(10, r#"{"transactionId":7,"idTagInfo":{"status":"Accepted"}}"#)
        .errs(20, "Charging", "WeakSignal");
    log.look(|track, context| {
        let (transactions, _) = transaction::transactions(track, context, &mut Vec::new(), false);
        let rows = faults(track, context, &status::timelines(track, context), &transactions);
        assert_eq!((rows[0].transaction_id, rows[0].mrec_code), (Some("7"), Some("CX007")));
    });
}
