use super::*;
use crate::rebuild::testing::{Log, at, names};
use crate::time::{DAY, SECOND};

const GET_LOG: &str = r#"{"logType":"DiagnosticsLog","requestId":7,"log":{"remoteLocation":"ftp://u:p@h/logs"}}"#;
const DIAGNOSTICS: &str = r#"{"location":"ftp://u:p@h/diagnostics"}"#;

fn status(status: &str, id: i64) -> String {
    format!(r#"{{"status":"{status}","requestId":{id}}}"#)
}

fn diagnostics_status(status: &str) -> String {
    format!(r#"{{"status":"{status}"}}"#)
}

/// The outcome of each row.
fn outcomes(log: &Log) -> Vec<String> {
    log.look(|track, context| {
        log_uploads(track, context).iter().map(|row| row.outcome.unwrap_or_default().to_owned()).collect()
    })
}

fn asked(id: i64) -> Log {
    ask(Log::new(), 0, id, "Accepted")
}

fn ask(log: Log, time: i64, id: i64, answer: &str) -> Log {
    log.csms(time, "GetLog", &GET_LOG.replace('7', &id.to_string()))
        .cp_answers(time + 1, &format!(r#"{{"status":"{answer}","filename":"log.zip"}}"#))
}

#[test]
fn an_upload_says_all_that_its_messages_say() {
    let log = asked(7)
        .cp(5, "LogStatusNotification", &status("Uploading", 7))
        .cp(6, "LogStatusNotification", &status("Uploading", 7))
        .cp(65, "LogStatusNotification", &status("Uploaded", 7));
    log.look(|track, context| {
        let rows = log_uploads(track, context);
        let row = &rows[0];
        assert_eq!((rows.len(), row.request_id, row.kind, row.source), (1, Some(7), Some("log"), Some("csms")));
        assert_eq!((row.location, row.log_type), (Some("ftp://h/logs"), Some("DiagnosticsLog")));
        assert_eq!((row.response_status, row.file_name), (Some("Accepted"), Some("log.zip")));
        assert_eq!((row.statuses.len(), row.last_status, row.last_status_time), (2, Some("Uploaded"), at(65)));
        assert_eq!((row.outcome, row.duration), (Some("uploaded"), Some(65 * SECOND)));
        assert!(row.flags.is_empty());
    });
}

#[test]
fn each_failure_has_its_word() {
    for (word, outcome) in [
        ("UploadFailure", "failed"),
        ("BadMessage", "bad_message"),
        ("NotSupportedOperation", "not_supported"),
        ("PermissionDenied", "permission_denied"),
    ] {
        assert_eq!(outcomes(&asked(7).cp(5, "LogStatusNotification", &status(word, 7))), [outcome]);
    }
}

#[test]
fn a_failed_upload_that_is_tried_again_is_one_row() {
    let log = asked(7)
        .cp(5, "LogStatusNotification", &status("UploadFailure", 7))
        .cp(65, "LogStatusNotification", &status("Uploading", 7))
        .cp(75, "LogStatusNotification", &status("Uploaded", 7));
    assert_eq!(outcomes(&log), ["uploaded"]);
}

#[test]
fn diagnostics_without_a_file_name_have_nothing_to_send() {
    let log = Log::new().csms(0, "GetDiagnostics", DIAGNOSTICS).cp_answers(1, "{}");
    assert_eq!(outcomes(&log), ["no_file"]);
    // A status beats the answer.
    assert_eq!(outcomes(&log.cp(5, "DiagnosticsStatusNotification", &diagnostics_status("Uploaded"))), ["uploaded"]);
}

#[test]
fn a_refused_request_and_one_that_was_never_answered_are_told_apart() {
    assert_eq!(outcomes(&ask(Log::new(), 0, 7, "Rejected")), ["rejected"]);
    assert_eq!(outcomes(&Log::new().csms(0, "GetLog", GET_LOG).cp_refuses(1, "NotSupported")), ["call_error"]);
    assert_eq!(outcomes(&Log::new().csms(0, "GetLog", GET_LOG)), ["in_progress"]);
    assert_eq!(outcomes(&Log::new().csms(0, "GetLog", GET_LOG).heartbeat(900)), ["not_delivered"]);
}

#[test]
fn a_second_request_takes_the_place_of_the_first() {
    let log = asked(7).cp(5, "LogStatusNotification", &status("Uploading", 7));
    let log = ask(log, 10, 8, "AcceptedCanceled").cp(20, "LogStatusNotification", &status("Uploaded", 8));
    assert_eq!(outcomes(&log), ["superseded", "uploaded"]);
    // The word may come before the answer to the second request.
    let log = asked(7).cp(5, "LogStatusNotification", &status("Uploading", 7)).cp(
        9,
        "LogStatusNotification",
        &status("AcceptedCanceled", 7),
    );
    assert_eq!(outcomes(&log), ["superseded"]);
}

#[test]
fn diagnostics_requested_again_overlap() {
    let log = Log::new()
        .csms(0, "GetDiagnostics", DIAGNOSTICS)
        .cp_answers(1, r#"{"fileName":"a.zip"}"#)
        .cp(5, "DiagnosticsStatusNotification", &diagnostics_status("Uploading"))
        .csms(10, "GetDiagnostics", DIAGNOSTICS)
        .cp_answers(11, r#"{"fileName":"b.zip"}"#)
        .cp(15, "DiagnosticsStatusNotification", &diagnostics_status("Uploaded"));
    assert_eq!(outcomes(&log), ["superseded", "uploaded"]);
    log.look(|track, context| assert_eq!(names(log_uploads(track, context)[0].flags), ["overlap"]));
}

#[test]
fn silence_is_in_progress_at_first_and_then_stalled_or_without_a_status() {
    let day = DAY / SECOND;
    let uploading = || asked(7).cp(5, "LogStatusNotification", &status("Uploading", 7));
    assert_eq!(outcomes(&uploading().heartbeat(day)), ["in_progress"]);
    assert_eq!(outcomes(&uploading().heartbeat(day + 60)), ["stalled"]);
    assert_eq!(outcomes(&asked(7).heartbeat(day + 60)), ["no_status"]);
    assert_eq!(outcomes(&uploading().cp(60, "LogStatusNotification", r#"{"status":"Idle"}"#)), ["lost"]);
}

#[test]
fn a_status_without_a_request_is_an_upload_of_the_charge_points_own() {
    let log = Log::new()
        .from(-90_000)
        .cp(0, "DiagnosticsStatusNotification", &diagnostics_status("Idle"))
        .cp(5, "DiagnosticsStatusNotification", &diagnostics_status("Uploading"))
        .cp(9, "DiagnosticsStatusNotification", &diagnostics_status("Uploaded"))
        .cp(10, "DiagnosticsStatusNotification", &diagnostics_status("Uploaded"));
    log.look(|track, context| {
        let rows = log_uploads(track, context);
        assert_eq!((rows.len(), rows[0].source, rows[0].outcome), (1, Some("charge_point"), Some("uploaded")));
        assert!(rows[0].flags.is_empty() && rows[0].duration.is_none());
    });
}

#[test]
fn a_status_without_its_number_belongs_to_the_open_upload() {
    let log = asked(7).cp(5, "LogStatusNotification", r#"{"status":"Uploaded"}"#);
    log.look(|track, context| {
        let rows = log_uploads(track, context);
        assert_eq!((rows.len(), rows[0].outcome), (1, Some("uploaded")));
        assert_eq!(names(rows[0].flags), ["request_id_missing"]);
    });
}
