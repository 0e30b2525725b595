use super::super::boot::boots;
use super::*;
use crate::rebuild::testing::{Log, at, names, stamp};
use crate::time::SECOND;

const DAY: i64 = 86_400;

impl Log {
    /// A plain 1.6 request, accepted.
    fn update(self, seconds: i64) -> Self {
        self.asks(seconds, 1).cp_answers(seconds, "{}")
    }

    /// A plain 1.6 request for file `number`, not answered yet.
    fn asks(self, seconds: i64, number: i32) -> Self {
        let payload = format!(r#"{{"location":"ftp://u:p@h/{number}","retrieveDate":"{}"}}"#, stamp(0));
        self.csms(seconds, "UpdateFirmware", &payload)
    }

    /// A signed request, not answered yet.
    fn signed(self, seconds: i64, id: i64) -> Self {
        let payload = format!(
            r#"{{"requestId":{id},"firmware":{{"location":"https://h/f","retrieveDateTime":"{}","signingCertificate":"C","signature":"S"}}}}"#,
            stamp(0)
        );
        self.csms(seconds, "SignedUpdateFirmware", &payload)
    }

    fn signed_as(self, seconds: i64, id: i64, answer: &str) -> Self {
        self.signed(seconds, id).cp_answers(seconds, &format!(r#"{{"status":"{answer}"}}"#))
    }

    /// Plain statuses, ten seconds apart.
    fn tells(self, seconds: i64, statuses: &[&str]) -> Self {
        statuses.iter().zip(0..).fold(self, |log, (status, index)| {
            log.cp(seconds + 10 * index, "FirmwareStatusNotification", &format!(r#"{{"status":"{status}"}}"#))
        })
    }

    /// Signed statuses with the request's number, ten seconds apart.
    fn tells_of(self, seconds: i64, id: i64, statuses: &[&str]) -> Self {
        statuses.iter().zip(0..).fold(self, |log, (status, index)| {
            let payload = format!(r#"{{"status":"{status}","requestId":{id}}}"#);
            log.cp(seconds + 10 * index, "SignedFirmwareStatusNotification", &payload)
        })
    }

    /// The outcomes and flags of its jobs.
    fn outcomes(&self) -> Vec<(&'static str, Vec<&'static str>)> {
        self.jobs(|rows| rows.iter().map(|row| (row.outcome.as_str(), names(row.flags))).collect())
    }

    fn jobs<T>(&self, look: impl FnOnce(&[FirmwareUpdate<'_>]) -> T) -> T {
        self.look(|track, context| look(&jobs(track, context, &boots(track, context))))
    }
}

const ALL: [&str; 4] = ["Downloading", "Downloaded", "Installing", "Installed"];

#[test]
fn a_plain_update_is_verified_by_a_boot_with_another_version() {
    let log = Log::new().boot(0, "1.0").update(100).tells(200, &ALL).boot(300, "2.0");
    log.jobs(|rows| {
        let row = &rows[0];
        assert_eq!((rows.len(), row.outcome, row.outcome_class), (1, JobOutcome::InstalledVerified, JobClass::Success));
        assert_eq!(
            (row.kind, row.source, row.request_id, row.response_status),
            (FirmwareKind::Plain, JobSource::Csms, None, None)
        );
        assert_eq!(row.location, Some("ftp://h/1"));
        assert_eq!((row.requested_at, row.retrieve_at, row.install_at), (at(100), at(0), None));
        assert_eq!(
            (row.first_status_time, row.last_status_time, row.last_status),
            (at(200), at(230), Some("Installed"))
        );
        assert_eq!(row.statuses[1], StatusAt { status: "Downloaded", time: at(210), received_at: at(210) });
        assert_eq!((row.version_before, row.version_after, row.verified_at), (Some("1.0"), Some("2.0"), at(300)));
        assert_eq!((row.duration, row.boots_during, row.download_attempts), (Some(130 * SECOND), 1, 1));
        assert_eq!((row.transactions_blocked, row.unavailable_duration), (None, None));
        assert_eq!((row.first_position.line, row.last_position.line), (3, 8));
        assert!(row.flags.is_empty());
    });
}

#[test]
fn the_boot_may_come_before_installed() {
    let log = Log::new().boot(0, "1.0").update(100).tells(200, &ALL[..3]).boot(300, "2.0").tells(310, &ALL[3..]);
    assert_eq!(log.outcomes(), [("installed_verified", vec![])]);
    let untold = Log::new().boot(0, "1.0").update(100).tells(200, &ALL[..2]).boot(300, "2.0").tells(310, &ALL[3..]);
    assert_eq!(untold.outcomes(), [("installed_verified", vec![])]);
}

#[test]
fn the_same_version_is_unchanged_and_without_boot_or_version_nothing_is_verified() {
    let log = || Log::new().boot(0, "1.0").update(100).tells(200, &ALL);
    assert_eq!(log().boot(300, "1.0").outcomes(), [("installed_version_unchanged", vec![])]);
    assert_eq!(log().outcomes(), [("installed_unverified", vec![])]);
    assert_eq!(log().boot(2 * DAY, "2.0").outcomes(), [("installed_unverified", vec![])]);
    let silent = log().cp(300, "BootNotification", r#"{"chargePointVendor":"V","chargePointModel":"M"}"#);
    assert_eq!(silent.outcomes(), [("installed_unverified", vec![])]);
    Log::new().update(100).tells(200, &ALL).boot(300, "2.0").jobs(|rows| {
        assert_eq!(
            (rows[0].outcome, rows[0].version_before, rows[0].version_after),
            (JobOutcome::InstalledUnverified, None, Some("2.0"))
        );
    });
}

#[test]
fn a_new_version_without_installed_is_inferred() {
    let log = Log::new().boot(0, "1.0").update(100).tells(200, &ALL[..2]).boot(300, "2.0");
    assert_eq!(log.outcomes(), [("installed_inferred", vec![])]);
    log.jobs(|rows| assert_eq!((rows[0].duration, rows[0].verified_at, rows[0].boots_during), (None, at(300), 1)));
    let next = log.update(400).tells(500, &ALL);
    assert_eq!(next.outcomes(), [("installed_inferred", vec![]), ("installed_unverified", vec![])]);
}

#[test]
fn a_refusal_of_any_kind_is_no_start() {
    for (answer, outcome) in [
        ("Rejected", "rejected"),
        ("InvalidCertificate", "invalid_certificate"),
        ("RevokedCertificate", "revoked_certificate"),
    ] {
        let log = Log::new().signed_as(10, 1, answer);
        assert_eq!(log.outcomes(), [(outcome, vec![])]);
        log.jobs(|rows| {
            assert_eq!(
                (rows[0].outcome_class, rows[0].response_status, rows[0].kind),
                (JobClass::NotStarted, Some(answer), FirmwareKind::Signed)
            );
        });
    }
    let log = Log::new().asks(10, 1).cp_refuses(11, "NotSupported");
    assert_eq!(log.outcomes(), [("call_error", vec![])]);
}

#[test]
fn a_status_beats_the_answer_and_silence() {
    let refused = Log::new().asks(10, 1).cp_refuses(11, "InternalError").tells(20, &ALL);
    assert_eq!(refused.outcomes(), [("installed_unverified", vec![])]);
    let silent = Log::new().asks(10, 1).tells(20, &ALL).csms(90, "ClearCache", "{}");
    assert_eq!(silent.outcomes(), [("installed_unverified", vec![])]);
}

#[test]
fn an_unanswered_request_is_not_delivered_but_at_the_end_of_the_log_it_is_in_progress() {
    assert_eq!(Log::new().asks(10, 1).csms(60, "ClearCache", "{}").outcomes(), [("not_delivered", vec![])]);
    assert_eq!(Log::new().asks(10, 1).heartbeat(60).outcomes(), [("in_progress", vec![])]);
    assert_eq!(Log::new().asks(10, 1).heartbeat(2 * DAY).outcomes(), [("not_delivered", vec![])]);
}

#[test]
fn a_request_sent_once_more_is_the_same_job() {
    let log = Log::new().asks(10, 1).asks(60, 1).cp_answers(61, "{}").tells(100, &ALL);
    assert_eq!(log.outcomes(), [("installed_unverified", vec![])]);
    log.jobs(|rows| assert_eq!(rows[0].requested_at, at(10)));
    assert_eq!(Log::new().asks(10, 1).asks(60, 2).outcomes().len(), 2);
}

#[test]
fn a_cancelled_job_is_superseded_and_its_failure_is_noise() {
    let log = Log::new()
        .signed_as(10, 1, "Accepted")
        .tells_of(20, 1, &["Downloading"])
        .signed_as(60, 2, "AcceptedCanceled")
        .tells_of(70, 1, &["DownloadFailed"])
        .tells_of(80, 2, &["Downloading", "Downloaded", "SignatureVerified", "Installing", "Installed"]);
    assert_eq!(log.outcomes(), [("superseded", vec![]), ("installed_unverified", vec![])]);
}

#[test]
fn a_second_plain_update_supersedes_an_open_one_and_overlaps() {
    let log = Log::new().update(10).tells(20, &ALL[..1]).asks(60, 2).cp_answers(60, "{}").tells(70, &ALL);
    assert_eq!(log.outcomes(), [("superseded", vec!["overlap"]), ("installed_unverified", vec![])]);
    let refused =
        Log::new().update(10).tells(20, &ALL[..1]).asks(60, 2).cp_refuses(60, "InternalError").tells(70, &ALL[1..]);
    assert_eq!(refused.outcomes(), [("installed_unverified", vec![]), ("call_error", vec![])]);
    let numbered = Log::new()
        .signed_as(10, 1, "Accepted")
        .tells_of(20, 1, &["Downloading"])
        .signed_as(60, 2, "Accepted")
        .tells_of(70, 1, &["Downloaded"]);
    assert_eq!(numbered.outcomes(), [("in_progress", vec!["overlap"]), ("in_progress", vec![])]);
}

#[test]
fn a_job_that_had_stalled_before_the_next_request_stays_stalled() {
    let log = Log::new().update(10).tells(20, &ALL[..1]).heartbeat(DAY).asks(9 * DAY, 2).cp_answers(9 * DAY, "{}");
    assert_eq!(log.outcomes(), [("stalled", vec![]), ("in_progress", vec![])]);
}

#[test]
fn a_failed_download_may_be_tried_again() {
    let failed = Log::new().update(10).tells(20, &["Downloading", "DownloadFailed"]);
    failed.jobs(|rows| {
        assert_eq!(
            (rows[0].outcome, rows[0].outcome_class, rows[0].duration),
            (JobOutcome::DownloadFailed, JobClass::Failure, Some(20 * SECOND))
        );
    });
    let again = failed.tells(100, &ALL);
    assert_eq!(again.outcomes(), [("installed_unverified", vec![])]);
    again.jobs(|rows| assert_eq!(rows[0].download_attempts, 2));
    let paused = Log::new().update(10).tells(20, &["Downloading", "DownloadPaused", "Downloading", "Downloaded"]);
    paused.jobs(|rows| assert_eq!(rows[0].download_attempts, 1));
    Log::new().update(10).tells(20, &["DownloadFailed"]).jobs(|rows| assert_eq!(rows[0].download_attempts, 1));
}

#[test]
fn every_failure_has_its_outcome() {
    let failures = [
        ("InvalidSignature", "invalid_signature"),
        ("InstallVerificationFailed", "verification_failed"),
        ("InstallationFailed", "installation_failed"),
    ];
    for (status, outcome) in failures {
        let log = Log::new().signed_as(10, 1, "Accepted").tells_of(20, 1, &["Downloading", "Downloaded", status]);
        assert_eq!(log.outcomes(), [(outcome, vec![])]);
    }
}

#[test]
fn a_job_stalls_only_if_the_log_and_the_charge_point_go_on() {
    let log = || Log::new().update(10).tells(20, &ALL[..2]);
    assert_eq!(log().heartbeat(DAY / 2).outcomes(), [("in_progress", vec![])]);
    assert_eq!(log().heartbeat(2 * DAY).outcomes(), [("stalled", vec![])]);
    assert_eq!(log().until(2 * DAY).outcomes(), [("in_progress", vec![])]);
    log()
        .heartbeat(2 * DAY)
        .jobs(|rows| assert_eq!((rows[0].last_status, rows[0].outcome_class), (Some("Downloaded"), JobClass::Unknown)));
    let planned = Log::new()
        .csms(10, "UpdateFirmware", &format!(r#"{{"location":"f","retrieveDate":"{}"}}"#, stamp(3 * DAY)))
        .cp_answers(10, "{}")
        .heartbeat(2 * DAY);
    assert_eq!(planned.outcomes(), [("in_progress", vec![])]);
}

#[test]
fn an_accepted_request_without_any_status_is_no_status() {
    assert_eq!(Log::new().update(10).heartbeat(2 * DAY).outcomes(), [("no_status", vec![])]);
    assert_eq!(Log::new().update(10).heartbeat(600).outcomes(), [("in_progress", vec![])]);
}

#[test]
fn idle_after_an_intermediate_status_means_lost_and_else_nothing() {
    let log = Log::new().update(10).tells(20, &["Downloading", "Idle"]);
    assert_eq!(log.outcomes(), [("lost", vec![])]);
    log.jobs(|rows| assert_eq!((rows[0].outcome_class, rows[0].duration), (JobClass::Failure, Some(20 * SECOND))));
    assert!(Log::new().tells(20, &["Idle"]).outcomes().is_empty());
    assert_eq!(
        Log::new().update(10).tells(20, &ALL).tells(90, &["Idle"]).outcomes(),
        [("installed_unverified", vec![])]
    );
    assert_eq!(Log::new().update(10).tells(20, &["Idle"]).outcomes(), [("in_progress", vec![])]);
}

#[test]
fn a_repeated_status_is_no_news() {
    let log = Log::new().update(10).tells(20, &["Downloading", "Downloading", "Downloaded", "Installed", "Installed"]);
    assert_eq!(log.outcomes(), [("installed_unverified", vec![])]);
    log.jobs(|rows| {
        assert_eq!((rows[0].statuses.len(), rows[0].last_status_time, rows[0].last_position.line), (3, at(50), 7));
    });
}

#[test]
fn installed_out_of_the_blue_belongs_to_the_boot_before_it() {
    let log = Log::new().boot(0, "1.0").boot(9000, "2.0").tells(9010, &["Installed"]);
    assert_eq!(log.outcomes(), [("installed_verified", vec![])]);
    log.jobs(|rows| {
        let row = &rows[0];
        assert_eq!(
            (row.source, row.requested_at, row.duration, row.version_before),
            (JobSource::ChargePoint, None, None, Some("1.0"))
        );
        assert_eq!(row.boots_during, 1);
    });
    let early = Log::new().tells(10, &["Installed"]);
    assert_eq!(early.outcomes(), [("installed_unverified", vec!["left_censored"])]);
}

#[test]
fn a_status_long_after_a_finished_job_is_a_job_of_its_own() {
    let log = Log::new().update(10).tells(20, &ALL).tells(5 * DAY, &["Installed"]);
    assert_eq!(log.outcomes().len(), 2);
    log.jobs(|rows| assert_eq!((rows[0].source, rows[1].source), (JobSource::ChargePoint, JobSource::Csms)));
}

#[test]
fn a_status_without_its_number_belongs_to_the_only_open_job() {
    let log = Log::new().signed_as(10, 1, "Accepted").tells_of(20, 1, &["Downloading"]).cp(
        40,
        "SignedFirmwareStatusNotification",
        r#"{"status":"Downloaded"}"#,
    );
    assert_eq!(log.outcomes(), [("in_progress", vec!["request_id_missing"])]);
    let second = Log::new()
        .csms(
            10,
            "UpdateFirmware",
            &format!(r#"{{"requestId":5,"firmware":{{"location":"f","retrieveDateTime":"{}"}}}}"#, stamp(0)),
        )
        .cp_answers(10, r#"{"status":"Accepted"}"#)
        .tells(20, &["Downloading", "Idle"]);
    assert_eq!(second.outcomes(), [("lost", vec!["request_id_missing"])]);
}

#[test]
fn a_number_that_no_request_in_the_log_has_is_a_job_of_the_charge_point() {
    let log = Log::new().tells_of(20, 77, &["Installing", "Installed"]);
    assert_eq!(log.outcomes(), [("installed_unverified", vec!["left_censored"])]);
    log.jobs(|rows| assert_eq!((rows[0].request_id, rows[0].source), (Some(77), JobSource::ChargePoint)));
}

#[test]
fn steps_back_and_an_installation_without_a_download_are_unusual() {
    let back = Log::new().update(10).tells(20, &["Downloading", "Downloaded", "Downloading"]);
    assert_eq!(back.outcomes(), [("in_progress", vec!["order_unusual"])]);
    let skipped = Log::new().update(10).tells(20, &["Installing", "Installed"]);
    assert_eq!(skipped.outcomes(), [("installed_unverified", vec!["order_unusual"])]);
    let full = [
        "DownloadScheduled",
        "Downloading",
        "Downloaded",
        "SignatureVerified",
        "InstallScheduled",
        "InstallRebooting",
        "Installing",
        "InstallRebooting",
        "Installed",
    ];
    assert_eq!(
        Log::new().signed_as(10, 1, "Accepted").tells_of(20, 1, &full).outcomes(),
        [("installed_unverified", vec![])]
    );
}

#[test]
fn plain_and_signed_statuses_are_jobs_of_their_own() {
    let log = Log::new().signed_as(10, 1, "Accepted").tells_of(20, 1, &["Downloading"]).tells(40, &["Downloading"]);
    assert_eq!(log.outcomes(), [("in_progress", vec!["mixed_profiles"]), ("in_progress", vec!["mixed_profiles"])]);
}

#[test]
fn a_plain_request_to_a_secured_charge_point_is_a_call_error_beside_the_signed_job() {
    let log = Log::new().asks(5, 1).cp_refuses(6, "NotSupported").signed_as(10, 1, "Accepted").tells_of(
        20,
        1,
        &["Downloading", "Downloaded", "Installed"],
    );
    assert_eq!(log.outcomes(), [("call_error", vec![]), ("installed_unverified", vec![])]);
}

#[test]
fn publishing_has_jobs_and_outcomes_of_its_own() {
    let status = |status: &str| format!(r#"{{"status":"{status}","requestId":1}}"#);
    let asked = || {
        Log::new()
            .signed_as(5, 1, "Accepted")
            .csms(10, "PublishFirmware", r#"{"location":"f","checksum":"c","requestId":1}"#)
            .cp_answers(10, r#"{"status":"Accepted"}"#)
            .cp(20, "PublishFirmwareStatusNotification", &status("Downloading"))
            .cp(30, "PublishFirmwareStatusNotification", &status("Downloaded"))
    };
    for (last, outcome) in
        [("Published", "published"), ("InvalidChecksum", "invalid_checksum"), ("PublishFailed", "publish_failed")]
    {
        let log = asked().cp(40, "PublishFirmwareStatusNotification", &status(last));
        assert_eq!(log.outcomes(), [("in_progress", vec![]), (outcome, vec![])]);
        log.jobs(|rows| assert_eq!((rows[1].kind, rows[1].statuses.len()), (FirmwareKind::Publish, 3)));
    }
}
