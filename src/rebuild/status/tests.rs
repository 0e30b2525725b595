use super::*;
use crate::rebuild::testing::{Log, at, names, stamp};
use crate::time::SECOND;

/// The rows of a log with all that is known beside its statuses.
fn intervals<'a>(track: &Track<'a>, context: &Context<'_>) -> Vec<StatusInterval<'a>> {
    let contacts = crate::rebuild::connectivity::connectivity_intervals(track, context);
    let boots = crate::rebuild::boot::boots(track, context);
    let (transactions, _) = crate::rebuild::transaction::transactions(track, context, &mut Vec::new(), false);
    let seen = Seen { contacts: &contacts, boots: &boots, transactions: &transactions };
    super::intervals(track, context, &timelines(track, context), &seen)
}

/// A line of the timeline as the tests compare it: start, end, status, confirmations, flags.
type Line = (Option<i64>, Option<i64>, String, i32, Vec<&'static str>);

fn lines(log: &Log) -> Vec<Line> {
    log.look(|track, context| {
        intervals(track, context)
            .iter()
            .map(|row| (row.start_time, row.end_time, row.status.to_owned(), row.confirmations, names(row.flags)))
            .collect()
    })
}

fn line(start: i64, end: Option<i64>, status: &str, confirmations: i32, flags: &[&'static str]) -> Line {
    (at(start), end.and_then(at), status.to_owned(), confirmations, flags.to_vec())
}

fn payload(connector: i32, status: &str, code: &str, time: Option<i64>) -> String {
    let time = time.map_or(String::new(), |time| format!(r#","timestamp":"{}""#, stamp(time)));
    format!(r#"{{"connectorId":{connector},"status":"{status}","errorCode":"{code}"{time}}}"#)
}

impl Log {
    /// Connector 1 reports, live.
    fn says(self, seconds: i64, status: &str) -> Self {
        self.says_late(seconds, status, seconds)
    }

    /// Connector 1 reports what was at another time.
    fn says_late(self, seconds: i64, status: &str, time: i64) -> Self {
        self.cp(seconds, "StatusNotification", &payload(1, status, "NoError", Some(time)))
    }

    /// Connector 1 reports with an error code.
    fn says_code(self, seconds: i64, status: &str, code: &str) -> Self {
        self.cp(seconds, "StatusNotification", &payload(1, status, code, Some(seconds)))
    }

    /// Any report.
    fn sends(self, seconds: i64, payload: &str) -> Self {
        self.cp(seconds, "StatusNotification", payload)
    }
}

/// A log whose first boot comes before everything else.
fn booted() -> Log {
    Log::new().boot(0, "1.0")
}

#[test]
fn the_next_different_report_ends_an_interval_and_a_clean_timeline_has_no_flag() {
    let log = booted().says(10, "Available").says(70, "Preparing").heartbeat(100);
    assert_eq!(lines(&log), [line(10, Some(70), "Available", 0, &[]), line(70, None, "Preparing", 0, &[])]);
    log.look(|track, context| {
        let rows = intervals(track, context);
        assert_eq!(
            (rows[0].end_reason, rows[0].duration, rows[0].observed_until),
            (EndReason::NextStatus, Some(60 * SECOND), at(70))
        );
        assert_eq!(
            (rows[1].end_reason, rows[1].duration, rows[1].observed_until),
            (EndReason::LogEnd, Some(30 * SECOND), at(100))
        );
        assert_eq!(
            (rows[0].start_time_source, rows[0].received_at, rows[0].knowledge),
            (Some(TimeSource::Payload), at(10), Some(Knowledge::Certain))
        );
        assert_eq!((rows[0].evse, rows[0].connector, rows[0].error_code), (Some(1), Some(1), Some("NoError")));
        assert_eq!(rows[0].position.line, 3);
    });
}

#[test]
fn the_last_row_is_observed_until_the_last_contact_not_until_the_log_ends() {
    let log = booted().says(10, "Available").heartbeat(40).csms(500, "ClearCache", "{}").until(900);
    log.look(|track, context| assert_eq!(intervals(track, context)[0].observed_until, at(40)));
}

#[test]
fn repeats_confirm() {
    let log = booted().says(10, "Available").says(40, "Available").says(50, "Available").says(70, "Preparing");
    assert_eq!(lines(&log)[0], line(10, Some(70), "Available", 2, &[]));
}

#[test]
fn the_same_status_with_another_error_or_text_is_another_interval() {
    let info = |text: &str| {
        format!(
            r#"{{"connectorId":1,"status":"Available","errorCode":"NoError","info":"{text}","vendorErrorCode":"7","vendorId":"V"}}"#
        )
    };
    let log = booted()
        .says(10, "Available")
        .says_code(20, "Available", "WeakSignal")
        .sends(30, &info("a"))
        .sends(40, &info("b"));
    let starts: Vec<_> = lines(&log).into_iter().map(|line| line.0).collect();
    assert_eq!(starts, [at(10), at(20), at(30), at(40)]);
    log.look(|track, context| {
        let last = intervals(track, context).remove(3);
        assert_eq!((last.info, last.vendor_error_code, last.vendor_id), (Some("b"), Some("7"), Some("V")));
    });
}

#[test]
fn of_two_reports_with_one_time_the_later_arrival_counts() {
    let log = booted().says(10, "Available").says_late(20, "Preparing", 20).says_late(21, "Charging", 20);
    assert_eq!(lines(&log), [line(10, Some(20), "Available", 0, &[]), line(20, None, "Charging", 0, &[])]);
    let back = booted()
        .says(10, "Available")
        .says_late(20, "Preparing", 20)
        .says_late(21, "Available", 20)
        .says(30, "Reserved");
    assert_eq!(lines(&back)[0], line(10, Some(30), "Available", 1, &[]));
}

#[test]
fn a_late_report_is_put_where_its_time_belongs() {
    let log = booted().says(10, "Available").says(1000, "Charging").says_late(1010, "Preparing", 500);
    assert_eq!(
        lines(&log),
        [
            line(10, Some(500), "Available", 0, &[]),
            line(500, Some(1000), "Preparing", 0, &["out_of_order"]),
            line(1000, None, "Charging", 0, &[]),
        ]
    );
}

#[test]
fn a_late_report_that_only_repeats_changes_no_row() {
    let log = booted().says(10, "Available").says(1000, "Charging").says_late(1010, "Available", 500);
    assert_eq!(lines(&log), [line(10, Some(1000), "Available", 1, &[]), line(1000, None, "Charging", 0, &[])]);
}

#[test]
fn a_late_report_of_the_following_state_begins_it_earlier() {
    let log = booted().says(10, "Available").says(1000, "Charging").says_late(1010, "Charging", 500);
    assert_eq!(
        lines(&log),
        [line(10, Some(500), "Available", 0, &[]), line(500, None, "Charging", 1, &["out_of_order"])]
    );
}

#[test]
fn a_late_report_may_come_before_the_first_one() {
    let log = booted().says(1000, "Charging").says_late(1010, "Preparing", 500);
    assert_eq!(lines(&log)[0], line(500, Some(1000), "Preparing", 0, &["out_of_order"]));
}

#[test]
fn a_status_from_the_future_counts_from_the_recorders_time_and_keeps_its_flag() {
    let log = booted().says_late(10, "Preparing", 8000).says(60, "Charging").says(90, "Finishing");
    let rows = lines(&log);
    assert_eq!(rows[0], line(10, Some(60), "Preparing", 0, &["clock_future", "mixed_clocks"]));
    assert_eq!(rows[1], line(60, Some(90), "Charging", 0, &[]));
}

#[test]
fn without_a_time_or_with_a_clock_never_set_the_recorder_tells() {
    let log = booted()
        .sends(10, &payload(1, "Available", "NoError", None))
        .sends(20, &payload(1, "Preparing", "NoError", None));
    assert_eq!(lines(&log), [line(10, Some(20), "Available", 0, &[]), line(20, None, "Preparing", 0, &[])]);
    let unset = r#"{"connectorId":1,"status":"Available","errorCode":"NoError","timestamp":"1970-01-01T00:00:07Z"}"#;
    let log = booted().sends(10, unset).says(40, "Charging");
    assert_eq!(lines(&log)[0], line(10, Some(40), "Available", 0, &["clock_unset", "mixed_clocks"]));
    log.look(|track, context| assert_eq!(intervals(track, context)[0].duration, None));
}

#[test]
fn a_late_last_report_gets_no_length_because_the_clocks_cannot_be_compared() {
    let log = booted().says_late(5000, "Available", 10).heartbeat(6000);
    log.look(|track, context| {
        let row = &intervals(track, context)[0];
        assert_eq!((row.duration, row.end_time, row.observed_until), (None, None, at(6000)));
        assert_eq!(names(row.flags), ["mixed_clocks"]);
    });
}

#[test]
fn a_last_report_shortly_ahead_of_the_recorder_has_no_negative_length() {
    let log = booted().says_late(10, "Available", 40);
    log.look(|track, context| {
        assert_eq!((intervals(track, context)[0].duration, names(intervals(track, context)[0].flags)), (None, vec![]));
    });
}

#[test]
fn connector_0_and_every_evse_have_tracks_of_their_own() {
    let second = |evse: i32, connector: i32, status: &str, time: i64| {
        format!(
            r#"{{"evseId":{evse},"connectorId":{connector},"connectorStatus":"{status}","timestamp":"{}"}}"#,
            stamp(time)
        )
    };
    let log = booted()
        .sends(10, &payload(0, "Unavailable", "NoError", Some(10)))
        .says(11, "Available")
        .sends(12, &payload(0, "Available", "NoError", Some(12)));
    assert_eq!(
        lines(&log),
        [
            line(10, Some(12), "Unavailable", 0, &[]),
            line(11, None, "Available", 0, &[]),
            line(12, None, "Available", 0, &[]),
        ]
    );
    let log = booted()
        .sends(10, &second(1, 1, "Available", 10))
        .sends(11, &second(1, 2, "Occupied", 11))
        .sends(12, &second(2, 1, "Faulted", 12));
    log.look(|track, context| {
        let places: Vec<_> =
            intervals(track, context).iter().map(|row| (row.evse, row.connector, row.status_class)).collect();
        assert_eq!(
            places,
            [
                (Some(1), Some(1), StatusClass::Available),
                (Some(1), Some(2), StatusClass::OccupiedIdle),
                (Some(2), Some(1), StatusClass::Faulted),
            ]
        );
    });
    assert!(lines(&log).iter().all(|line| line.4.is_empty()));
}

#[test]
fn a_fault_without_a_code_and_a_code_without_a_fault_are_flagged() {
    let log = booted().says(10, "Faulted").says_code(20, "Faulted", "GroundFailure").says_code(
        30,
        "Charging",
        "HighTemperature",
    );
    let flags: Vec<_> = lines(&log).into_iter().map(|line| line.4).collect();
    assert_eq!(flags, [vec!["fault_without_code"], vec![], vec!["warning"]]);
}

#[test]
fn only_a_first_report_near_the_start_of_the_observation_and_before_any_boot_is_left_censored() {
    let flags = |log: Log| -> Vec<Vec<&'static str>> { lines(&log).into_iter().map(|line| line.4).collect() };
    let none: Vec<&str> = vec![];
    assert_eq!(flags(Log::new().says(10, "Available").says(20, "Preparing")), [vec!["left_censored"], none.clone()]);
    assert_eq!(flags(booted().says(10, "Available")), [vec![""; 0]]);
    assert_eq!(flags(Log::new().from(-4000).says(10, "Available")), [none]);
    // The boot cuts the state; only the row that the report began may have begun earlier.
    assert_eq!(flags(Log::new().from(-3000).says(10, "Available").boot(20, "1.0")), [vec!["left_censored"], vec![]]);
}

#[test]
fn a_log_without_times_keeps_the_order_of_its_source() {
    let log = Log::new()
        .sends(10, &payload(1, "Available", "NoError", None))
        .sends(20, &payload(1, "Charging", "NoError", None))
        .timeless();
    assert_eq!(
        lines(&log),
        [(None, None, "Available".to_owned(), 0, vec![]), (None, None, "Charging".to_owned(), 0, vec![]),]
    );
    log.look(|track, context| assert_eq!(intervals(track, context)[0].end_reason, EndReason::NextStatus));
}

#[test]
fn every_word_has_its_class() {
    for (word, class) in [
        ("Available", "available"),
        ("Preparing", "occupied_idle"),
        ("Finishing", "occupied_idle"),
        ("Occupied", "occupied_idle"),
        ("Charging", "charging"),
        ("SuspendedEV", "suspended_ev"),
        ("SuspendedEVSE", "suspended_evse"),
        ("Reserved", "reserved"),
        ("Unavailable", "unavailable"),
        ("Faulted", "faulted"),
        ("Dancing", "unknown"),
    ] {
        assert_eq!(StatusClass::of(word).as_str(), class, "{word}");
    }
}

/// A row by its knowledge: start, end, knowledge, why it ends, confirmations, flags.
type Known = (Option<i64>, Option<i64>, &'static str, &'static str, i32, Vec<&'static str>);

fn known(log: &Log) -> Vec<Known> {
    log.look(|track, context| {
        let row = |row: &StatusInterval<'_>| {
            let knowledge = row.knowledge.map_or("", Knowledge::as_str);
            (row.start_time, row.end_time, knowledge, row.end_reason.as_str(), row.confirmations, names(row.flags))
        };
        intervals(track, context).iter().map(row).collect()
    })
}

#[test]
fn silence_makes_a_state_stale_and_contact_makes_it_assumed() {
    let log =
        booted().says(10, "Available").heartbeat(300).heartbeat(2700).says(3000, "Available").says(3600, "Preparing");
    assert_eq!(
        known(&log),
        [
            (at(10), at(300), "certain", "contact_lost", 0, vec![]),
            (at(300), at(2700), "stale", "contact_regained", 0, vec![]),
            (at(2700), at(3600), "assumed", "next_status", 1, vec![]),
            (at(3600), None, "certain", "log_end", 0, vec![]),
        ]
    );
    log.look(|track, context| {
        let lengths: Vec<_> = intervals(track, context).iter().map(|row| row.duration).collect();
        assert_eq!(lengths, [290, 2400, 900, 0].map(|seconds| Some(seconds * SECOND)));
        assert!(intervals(track, context)[..3].iter().all(|row| row.position.line == 3 && row.received_at == at(10)));
    });
}

#[test]
fn a_state_heard_again_and_silent_again_is_cut_at_each_contact() {
    let log = booted().says(10, "Available").says(2000, "Available").says(4000, "Available").says(4010, "Preparing");
    assert_eq!(
        known(&log),
        [
            (at(10), at(2000), "stale", "contact_regained", 0, vec![]),
            (at(2000), at(4000), "stale", "contact_regained", 1, vec![]),
            (at(4000), at(4010), "certain", "next_status", 1, vec![]),
            (at(4010), None, "certain", "log_end", 0, vec![]),
        ]
    );
}

#[test]
fn the_end_of_a_silent_charge_point_is_stale_until_the_log_ends() {
    let log = booted().says(10, "Available").heartbeat(300).until(9000);
    log.look(|track, context| {
        let rows = intervals(track, context);
        let last = &rows[1];
        assert_eq!((last.start_time, last.end_time, last.knowledge), (at(300), None, Some(Knowledge::Stale)));
        assert_eq!((last.observed_until, last.duration), (at(9000), Some(8700 * SECOND)));
    });
}

#[test]
fn a_clock_that_never_agrees_cuts_nothing_but_says_that_there_was_silence() {
    let log = booted().says_late(5000, "Available", 10).heartbeat(9000).says_late(9010, "Preparing", 4010);
    let rows = known(&log);
    assert_eq!((rows[0].0, rows[0].1, rows[0].2), (at(10), at(4010), "assumed"));
    assert_eq!(rows[1].2, "certain");
}

#[test]
fn a_connector_that_does_not_report_after_an_accepted_boot_says_so() {
    let log = booted().says(10, "Available").heartbeat(60).boot(120, "1.0").heartbeat(300).heartbeat(500);
    assert_eq!(
        known(&log),
        [
            (at(10), at(60), "certain", "contact_lost", 0, vec![]),
            (at(60), at(120), "stale", "contact_regained", 0, vec![]),
            (at(120), None, "assumed", "log_end", 0, vec!["no_status_after_boot"]),
        ]
    );
    // In time, or too early to tell.
    for log in [
        booted().says(10, "Available").boot(120, "1.0").says(130, "Available").heartbeat(300).heartbeat(500),
        booted().says(10, "Available").boot(120, "1.0").heartbeat(300),
    ] {
        assert!(known(&log).iter().all(|row| row.5.is_empty()));
    }
}

#[test]
fn a_connection_that_is_closed_as_the_log_ends_leaves_nothing_stale() {
    let log = Log::new().opens(0).boot(1, "1.0").says(10, "Available").closes(60, 1000);
    assert_eq!(known(&log), [(at(10), None, "certain", "log_end", 0, vec![])]);
}
