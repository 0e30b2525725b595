use super::*;
use crate::rebuild::testing::{Log, at, names};

/// A row as the tests compare it: start, end, state, evidence, reason, confidence, flags.
type Line = (Option<i64>, Option<i64>, &'static str, &'static str, &'static str, &'static str, Vec<&'static str>);

fn lines(log: &Log) -> Vec<Line> {
    log.look(|track, context| {
        let rows = connectivity_intervals(track, context);
        assert!(rows.windows(2).all(|pair| pair[0].end_time == Some(pair[1].start_time)), "{rows:?}");
        let line = |row: &Contact<'_>| {
            let words = (row.state.as_str(), row.evidence.as_str(), row.end_reason.as_str(), row.confidence.as_str());
            (Some(row.start_time), row.end_time, words.0, words.1, words.2, words.3, names(row.flags))
        };
        rows.iter().map(line).collect()
    })
}

fn online(start: i64, end: Option<i64>, evidence: &'static str, reason: &'static str) -> Line {
    (at(start), end.and_then(at), "online", evidence, reason, "high", vec![])
}

fn away(state: &'static str, start: i64, end: Option<i64>, evidence: &'static str, reason: &'static str) -> Line {
    let confidence = if state == "unknown" { "medium" } else { "high" };
    (at(start), end.and_then(at), state, evidence, reason, confidence, vec![])
}

/// A charge point that keeps its interval of 300 s, so that silence of 900 s is none yet.
fn regular() -> Log {
    Log::new().boot(0, "1.0").heartbeat(300).heartbeat(600)
}

#[test]
fn silence_up_to_three_intervals_is_contact_and_beyond_it_offline_begins_with_the_last_frame() {
    assert_eq!(lines(&regular().heartbeat(1500)), [online(0, None, "frames", "log_end")]);
    assert_eq!(
        lines(&regular().heartbeat(1501)),
        [
            online(0, Some(600), "frames", "silence"),
            away("offline", 600, Some(1501), "frames", "heard"),
            online(1501, None, "frames", "log_end"),
        ]
    );
}

#[test]
fn a_log_that_goes_on_shows_that_the_charge_point_stayed_silent() {
    let log = regular().until(2000);
    assert_eq!(
        lines(&log),
        [online(0, Some(600), "frames", "silence"), away("offline", 600, None, "frames", "log_end")]
    );
    log.look(|track, context| {
        let rows = connectivity_intervals(track, context);
        assert_eq!((rows[0].duration, rows[1].duration), (600_000_000, 1_400_000_000));
        assert_eq!(rows[1].heartbeat_interval, Some(300_000_000));
    });
    assert_eq!(lines(&regular().until(1500)), [online(0, None, "frames", "log_end")]);
}

#[test]
fn what_the_csms_sends_is_no_sign_of_life() {
    let log = regular().csms(1000, "ClearCache", "{}").csms(1400, "ClearCache", "{}").heartbeat(1800);
    assert_eq!(lines(&log)[1], away("offline", 600, Some(1800), "frames", "heard"));
}

#[test]
fn only_an_accepted_boot_orders_an_interval_and_zero_orders_none() {
    for answer in [r#"{"status":"Pending","interval":30}"#, r#"{"status":"Accepted","interval":0}"#] {
        let log = Log::new()
            .cp(0, "BootNotification", r#"{"chargePointVendor":"V","chargePointModel":"M"}"#)
            .csms_answers(0, answer)
            .heartbeat(400);
        log.look(|track, context| {
            let rows = connectivity_intervals(track, context);
            assert_eq!((rows.len(), rows[0].heartbeat_interval), (1, None), "{answer}");
        });
    }
}

#[test]
fn where_no_interval_is_known_the_usual_gap_tells() {
    let mut log = Log::new();
    for minute in 0..200 {
        log = log.heartbeat(minute * 600);
    }
    let log = log.heartbeat(199 * 600 + 1801);
    let rows = lines(&log);
    assert_eq!(rows.len(), 3);
    assert_eq!((rows[1].0, rows[1].5), (at(199 * 600), "low"));
}

#[test]
fn a_charge_point_that_keeps_no_interval_is_offline_with_low_confidence() {
    let status = r#"{"connectorId":1,"status":"Available","errorCode":"NoError"}"#;
    let log = Log::new().boot(0, "1.0").cp(1000, "StatusNotification", status);
    assert_eq!(lines(&log)[1].5, "low");
}

#[test]
fn connections_are_exact_and_silence_in_an_open_one_is_no_loss() {
    let log = Log::new().opens(0).boot(1, "1.0").heartbeat(5000).closes(9000, 1001).opens(9500).heartbeat(9501);
    assert_eq!(
        lines(&log),
        [
            online(0, Some(9000), "socket", "closed"),
            away("offline", 9000, Some(9500), "socket", "opened"),
            online(9500, None, "socket", "log_end"),
        ]
    );
    log.look(|track, context| {
        let rows = connectivity_intervals(track, context);
        assert_eq!((rows[0].close_code, rows[0].close_reason), (Some(1001), Some("words")));
        assert_eq!((rows[1].close_code, rows[1].close_reason), (None, None));
    });
}

#[test]
fn a_frame_without_an_opening_is_contact_again_and_a_second_close_changes_nothing() {
    let log = Log::new().opens(0).heartbeat(10).closes(20, 1006).closes(30, 1006).heartbeat(60);
    assert_eq!(
        lines(&log),
        [
            online(0, Some(20), "socket", "closed"),
            away("offline", 20, Some(60), "socket", "heard"),
            online(60, None, "frames", "log_end"),
        ]
    );
}

#[test]
fn a_new_connection_shows_that_the_old_one_was_dead_since_its_last_frame() {
    let log = Log::new().opens(0).heartbeat(100).opens(400).heartbeat(401).closes(500, 1006).heartbeat(600);
    let mut ghost = online(0, Some(100), "socket", "new_connection");
    ghost.6 = vec!["ghost_connection"];
    assert_eq!(
        lines(&log),
        [ghost, away("offline", 100, Some(400), "socket", "opened"), online(400, None, "socket", "log_end")]
    );
}

#[test]
fn a_gap_of_the_recorder_is_unknown_and_what_is_left_beside_it_is_silence() {
    let whole = regular().gap(660, 3000).heartbeat(3100);
    assert_eq!(
        lines(&whole),
        [
            online(0, Some(660), "frames", "recorder_gap"),
            away("unknown", 660, Some(3100), "recorder_gap", "heard"),
            online(3100, None, "frames", "log_end"),
        ]
    );
    let beside = regular().gap(2000, 4000).heartbeat(6000);
    assert_eq!(
        lines(&beside),
        [
            online(0, Some(600), "frames", "silence"),
            away("offline", 600, Some(2000), "frames", "recorder_gap"),
            away("unknown", 2000, Some(4000), "recorder_gap", "silence"),
            away("offline", 4000, Some(6000), "frames", "heard"),
            online(6000, None, "frames", "log_end"),
        ]
    );
    // Minutes in which nobody had anything to say are no gap of the recorder.
    let short = regular().gap(660, 720).gap(780, 900).heartbeat(3000);
    assert_eq!(lines(&short)[1], away("offline", 600, Some(3000), "frames", "heard"));
}

#[test]
fn an_open_connection_is_unknown_while_the_recorder_was_silent() {
    let log = Log::new().opens(0).boot(1, "1.0").heartbeat(300).gap(360, 3000).heartbeat(3001);
    let states: Vec<_> = lines(&log).into_iter().map(|line| (line.2, line.6)).collect();
    let expected = ["online", "unknown", "online"].map(|state| (state, vec![]));
    assert_eq!(states, expected);
    // What was missed may have been its end: a new one after the gap shows no ghost.
    let log = Log::new().opens(0).boot(1, "1.0").heartbeat(300).gap(360, 3000).opens(3001);
    let states: Vec<_> = lines(&log).into_iter().map(|line| (line.2, line.6)).collect();
    assert_eq!(states, expected);
}

#[test]
fn a_log_without_times_knows_no_contact() {
    assert!(lines(&regular().timeless()).is_empty());
}

#[test]
fn what_was_kept_offline_proves_a_short_silence_whatever_the_clocks_differ_by() {
    let event = |time: i64, seq: i64, offline: bool| {
        format!(
            r#"{{"eventType":"Updated","timestamp":"{}","triggerReason":"MeterValuePeriodic","seqNo":{seq},"offline":{offline},"transactionInfo":{{"transactionId":"t"}}}}"#,
            crate::rebuild::testing::stamp(time)
        )
    };
    for ahead in [0, -3600] {
        let log = regular()
            .cp(700, "TransactionEvent", &event(700 + ahead, 0, false))
            .cp(710, "TransactionEvent", &event(710 + ahead, 1, false))
            .cp(1000, "TransactionEvent", &event(800 + ahead, 2, true))
            .heartbeat(1100);
        assert_eq!(lines(&log)[1], away("offline", 710, Some(1000), "replay", "heard"), "{ahead}");
    }
}
