use super::*;
use crate::rebuild::testing::{Log, at, stamp};

fn profile(id: i64, level: i32, purpose: &str, more: &str) -> String {
    format!(
        r#"{{"connectorId":1,"csChargingProfiles":{{"chargingProfileId":{id},"stackLevel":{level},"chargingProfilePurpose":"{purpose}","chargingProfileKind":"Absolute",{more}"chargingSchedule":{{"chargingRateUnit":"A","chargingSchedulePeriod":[{{"startPeriod":0,"limit":16.0}},{{"startPeriod":60,"limit":6}}]}}}}}}"#
    )
}

trait Sets {
    fn sets(self, time: i64, profile: &str, answer: &str) -> Self;
}

impl Sets for Log {
    fn sets(self, time: i64, profile: &str, answer: &str) -> Self {
        self.csms(time, "SetChargingProfile", profile).cp_answers(time + 1, &format!(r#"{{"status":"{answer}"}}"#))
    }
}

/// Number, end and its reason of each row.
fn ends(log: &Log) -> Vec<(Option<i64>, Option<i64>, Option<String>)> {
    log.look(|track, context| {
        charging_profiles(track, context)
            .iter()
            .map(|row| (row.profile_id, row.end_time, row.end_reason.map(str::to_owned)))
            .collect()
    })
}

fn ended(id: i64, time: i64, reason: &str) -> (Option<i64>, Option<i64>, Option<String>) {
    (Some(id), at(time), Some(reason.to_owned()))
}

#[test]
fn a_profile_says_its_limits() {
    let log = Log::new().sets(0, &profile(3, 1, "TxDefaultProfile", ""), "Accepted");
    log.look(|track, context| {
        let rows = charging_profiles(track, context);
        let row = &rows[0];
        assert_eq!((row.evse_id, row.profile_id, row.stack_level), (Some(1), Some(3), Some(1)));
        assert_eq!((row.purpose, row.kind, row.rate_unit), (Some("TxDefaultProfile"), Some("Absolute"), Some("A")));
        assert_eq!((row.lowest_limit, row.highest_limit), (Some(6.0), Some(16.0)));
        assert_eq!((row.response_status, row.action), (Some("Accepted"), Some("SetChargingProfile")));
        assert!(row.schedule.is_some_and(|schedule| schedule.starts_with(r#"{"chargingRateUnit":"A""#)));
    });
}

#[test]
fn the_same_number_or_the_same_rank_replaces_and_a_refused_profile_does_not() {
    let log = Log::new()
        .sets(0, &profile(1, 0, "TxDefaultProfile", ""), "Accepted")
        .sets(10, &profile(2, 0, "TxDefaultProfile", ""), "Rejected")
        .sets(20, &profile(3, 0, "TxDefaultProfile", ""), "Accepted")
        .sets(30, &profile(3, 1, "TxDefaultProfile", ""), "Accepted")
        .sets(40, &profile(4, 0, "TxDefaultProfile", ""), "Accepted");
    assert_eq!(
        ends(&log),
        [
            ended(1, 20, "replaced"),
            (Some(2), None, None),
            ended(3, 30, "replaced"),
            (Some(3), None, None),
            (Some(4), None, None)
        ]
    );
}

#[test]
fn clearing_goes_by_number_or_by_what_the_request_names() {
    let two = || {
        Log::new().sets(0, &profile(1, 0, "TxDefaultProfile", ""), "Accepted").sets(
            1,
            &profile(2, 0, "ChargePointMaxProfile", ""),
            "Accepted",
        )
    };
    let clears = |payload: &str, answer: &str| {
        ends(&two().csms(10, "ClearChargingProfile", payload).cp_answers(11, &format!(r#"{{"status":"{answer}"}}"#)))
            .iter()
            .map(|row| row.1)
            .collect::<Vec<_>>()
    };
    assert_eq!(clears(r#"{"id":2}"#, "Accepted"), [None, at(10)]);
    assert_eq!(clears(r#"{"chargingProfilePurpose":"TxDefaultProfile"}"#, "Accepted"), [at(10), None]);
    assert_eq!(clears(r#"{"chargingProfileCriteria":{"evseId":1}}"#, "Accepted"), [at(10), at(10)]);
    assert_eq!(clears("{}", "Accepted"), [at(10), at(10)]);
    assert_eq!(clears("{}", "Unknown"), [None, None]);
}

#[test]
fn a_profile_is_over_when_its_time_is() {
    let valid = format!(r#""validTo":"{}","#, stamp(50));
    let log = Log::new().sets(0, &profile(1, 0, "TxDefaultProfile", &valid), "Accepted").heartbeat(40);
    assert_eq!(ends(&log), [(Some(1), None, None)]);
    let log = log.heartbeat(60).sets(70, &profile(2, 0, "TxDefaultProfile", ""), "Accepted");
    assert_eq!(ends(&log), [ended(1, 50, "expired"), (Some(2), None, None)]);
}

#[test]
fn a_profile_for_a_transaction_ends_with_it() {
    let log = Log::new().sets(0, &profile(1, 0, "TxProfile", r#""transactionId":5,"#), "Accepted").cp(
        60,
        "StopTransaction",
        &format!(r#"{{"transactionId":5,"meterStop":1,"timestamp":"{}"}}"#, stamp(60)),
    );
    assert_eq!(ends(&log), [ended(1, 60, "transaction_ended")]);
}

#[test]
fn the_profile_of_a_request_to_start_is_for_the_transaction_that_it_brings() {
    let request = r#"{"remoteStartId":9,"evseId":1,"idToken":{"idToken":"T","type":"Central"},"chargingProfile":{"id":1,"stackLevel":0,"chargingProfilePurpose":"TxProfile","chargingProfileKind":"Relative","chargingSchedule":[{"id":1,"chargingRateUnit":"W","chargingSchedulePeriod":[{"startPeriod":0,"limit":7000}]}]}}"#;
    let event = |kind: &str, time: i64| {
        format!(
            r#"{{"eventType":"{kind}","timestamp":"{}","triggerReason":"RemoteStart","seqNo":{time},"transactionInfo":{{"transactionId":"X","remoteStartId":9}}}}"#,
            stamp(time)
        )
    };
    let log = Log::new()
        .csms(0, "RequestStartTransaction", request)
        .cp_answers(1, r#"{"status":"Accepted"}"#)
        .cp(5, "TransactionEvent", &event("Started", 5))
        .cp(65, "TransactionEvent", &event("Ended", 65));
    assert_eq!(ends(&log), [ended(1, 65, "transaction_ended")]);
    log.look(|track, context| {
        let rows = charging_profiles(track, context);
        assert_eq!((rows[0].transaction_id, rows[0].action), (Some("X"), Some("RequestStartTransaction")));
        assert_eq!((rows[0].lowest_limit, rows[0].rate_unit), (Some(7000.0), Some("W")));
    });
}

#[test]
fn a_report_adds_only_what_no_request_told() {
    let report = |id: i64| {
        format!(
            r#"{{"requestId":1,"chargingLimitSource":"CSO","evseId":1,"chargingProfile":[{{"id":{id},"stackLevel":0,"chargingProfilePurpose":"TxDefaultProfile","chargingProfileKind":"Absolute","chargingSchedule":[]}}]}}"#
        )
    };
    let log = Log::new()
        .sets(0, &profile(1, 0, "TxDefaultProfile", ""), "Accepted")
        .cp(10, "ReportChargingProfiles", &report(1))
        .cp(20, "ReportChargingProfiles", &report(2));
    assert_eq!(ends(&log), [ended(1, 20, "replaced"), (Some(2), None, None)]);
}
