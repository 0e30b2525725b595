use super::*;
use crate::rebuild::boot::boots;
use crate::rebuild::testing::{Log, names};

const HOUR: i64 = 3600;

fn boot(version: &str) -> String {
    format!(r#"{{"chargePointVendor":"V","chargePointModel":"M","firmwareVersion":"{version}"}}"#)
}

/// A log that begins with a boot of version 1.
fn booted() -> Log {
    Log::new().cp(0, "BootNotification", &boot("1")).csms_answers(1, r#"{"status":"Accepted","interval":300}"#)
}

fn plain(log: Log, seconds: i64) -> Log {
    log.csms(seconds, "UpdateFirmware", r#"{"location":"ftp://h/fw","retrieveDate":"2026-03-14T00:00:00Z"}"#)
        .cp_answers(seconds + 1, "{}")
}

fn signed(log: Log, seconds: i64, id: i64, answer: &str) -> Log {
    let request = format!(
        r#"{{"requestId":{id},"firmware":{{"location":"ftp://h/fw{id}","retrieveDateTime":"2026-03-14T00:00:00Z","signingCertificate":"c","signature":"s"}}}}"#
    );
    log.csms(seconds, "SignedUpdateFirmware", &request)
        .cp_answers(seconds + 1, &format!(r#"{{"status":"{answer}"}}"#))
}

fn stage(log: Log, seconds: i64, status: &str) -> Log {
    log.cp(seconds, "FirmwareStatusNotification", &format!(r#"{{"status":"{status}"}}"#))
        .csms_answers(seconds + 1, "{}")
}

fn numbered(log: Log, seconds: i64, status: &str, id: i64) -> Log {
    log.cp(seconds, "SignedFirmwareStatusNotification", &format!(r#"{{"status":"{status}","requestId":{id}}}"#))
        .csms_answers(seconds + 1, "{}")
}

fn beat(log: Log, seconds: i64) -> Log {
    log.cp(seconds, "Heartbeat", "{}").csms_answers(seconds + 1, "{}")
}

/// Outcome, last stage and flags of each job.
fn told(log: &Log) -> Vec<(String, String, Vec<&'static str>)> {
    let mut told = Vec::new();
    log.look(|track, context| {
        let boots = boots(track, context);
        for row in jobs(track, context, &boots) {
            told.push((row.outcome.as_str().to_owned(), row.last_status().unwrap_or("-").to_owned(), names(row.flags)));
        }
    });
    told
}

fn one(log: &Log, outcome: &str, last: &str, flags: &[&'static str]) {
    assert_eq!(told(log), [(outcome.to_owned(), last.to_owned(), flags.to_vec())]);
}

fn stages(mut log: Log, list: &[&str]) -> Log {
    for (number, status) in list.iter().enumerate() {
        log = stage(log, 200 + number as i64 * 10, status);
    }
    log
}

#[test]
fn installed_and_a_boot_with_another_version_is_verified() {
    let log = stages(plain(booted(), 100), &["Downloading", "Downloaded", "Installing", "Installed"]);
    let log = log.cp(300, "BootNotification", &boot("2"));
    one(&log, "installed_verified", "Installed", &[]);
    log.look(|track, context| {
        let row = &jobs(track, context, &boots(track, context))[0];
        assert_eq!((row.version_before, row.version_after, row.boots_during), (Some("1"), Some("2"), 1));
        assert_eq!(row.duration, Some(130 * 1_000_000));
    });
}

#[test]
fn the_boot_may_come_before_installed() {
    let log = stages(plain(booted(), 100), &["Downloading", "Installing"]).cp(250, "BootNotification", &boot("2"));
    one(&stage(log, 300, "Installed"), "installed_verified", "Installed", &[]);
}

#[test]
fn the_same_version_again_is_unchanged_and_no_boot_is_unverified() {
    let log = stages(plain(booted(), 100), &["Downloading", "Installed"]);
    one(&log, "installed_unverified", "Installed", &[]);
    one(&log.cp(300, "BootNotification", &boot("1")), "installed_version_unchanged", "Installed", &[]);
}

#[test]
fn a_boot_with_another_version_is_enough_without_installed() {
    let log = stages(plain(booted(), 100), &["Downloading", "Downloaded"]).cp(300, "BootNotification", &boot("2"));
    one(&log, "installed_inferred", "Downloaded", &[]);
}

#[test]
fn failures_have_their_names_and_a_second_download_is_counted() {
    for (status, outcome) in [
        ("DownloadFailed", "download_failed"),
        ("InvalidSignature", "invalid_signature"),
        ("InstallVerificationFailed", "verification_failed"),
        ("InstallationFailed", "installation_failed"),
    ] {
        one(&stages(plain(booted(), 100), &["Downloading", status]), outcome, status, &[]);
    }
    let log = stages(plain(booted(), 100), &["Downloading", "DownloadFailed", "Downloading", "Downloaded", "Installed"]);
    one(&log, "installed_unverified", "Installed", &[]);
    log.look(|track, context| assert_eq!(jobs(track, context, &[])[0].download_attempts, 2));
    let log = stages(plain(booted(), 100), &["Downloading", "InstallationFailed", "Installed"]);
    one(&log, "installed_unverified", "Installed", &["recovered"]);
}

#[test]
fn refusals_have_their_names() {
    for (answer, outcome) in [
        ("Rejected", "rejected"),
        ("InvalidCertificate", "invalid_certificate"),
        ("RevokedCertificate", "revoked_certificate"),
    ] {
        one(&signed(booted(), 100, 7, answer), outcome, "-", &[]);
    }
}

#[test]
fn an_accepted_cancel_supersedes_the_job_before_it_and_its_late_failure_changes_nothing() {
    let log = numbered(signed(booted(), 100, 7, "Accepted"), 150, "Downloading", 7);
    let log = numbered(signed(log, 200, 8, "AcceptedCanceled"), 250, "DownloadFailed", 7);
    let log = numbered(log, 300, "Installed", 8);
    let told = told(&log);
    assert_eq!(told[0].0, "superseded");
    assert_eq!(told[1].0, "installed_unverified");
}

#[test]
fn a_new_plain_request_overlaps_an_open_job() {
    let log = plain(stages(plain(booted(), 100), &["Downloading"]), 300);
    let told = told(&stage(log, 400, "Downloaded"));
    assert_eq!((told[0].0.as_str(), told[0].2.as_slice()), ("superseded", ["overlap"].as_slice()));
    assert_eq!(told[1].1, "Downloaded");
}

#[test]
fn silence_of_a_day_stalls_only_while_the_charge_point_talks_on() {
    let log = stages(plain(booted(), 100), &["Downloading"]);
    one(&log, "in_progress", "Downloading", &[]);
    one(&beat(log, 30 * HOUR), "stalled", "Downloading", &[]);
    let log = plain(booted(), 100);
    one(&log, "in_progress", "-", &[]);
    one(&beat(log, 30 * HOUR), "no_status", "-", &[]);
}

#[test]
fn idle_after_a_stage_is_lost_and_idle_without_a_job_is_nothing() {
    one(&stages(plain(booted(), 100), &["Downloading", "Idle"]), "lost", "Idle", &[]);
    assert!(told(&stages(booted(), &["Idle"])).is_empty());
}

#[test]
fn a_stage_without_a_request_is_a_job_of_the_charge_point() {
    let log = booted().cp(100, "BootNotification", &boot("2"));
    let log = stage(log, 110, "Installed");
    one(&log, "installed_verified", "Installed", &[]);
    log.look(|track, context| assert!(!jobs(track, context, &boots(track, context))[0].requested));
}

#[test]
fn a_stage_without_its_number_belongs_to_the_only_open_job() {
    let log = numbered(signed(booted(), 100, 7, "Accepted"), 150, "Downloading", 7);
    let log = log.cp(200, "SignedFirmwareStatusNotification", r#"{"status":"Installed"}"#);
    one(&log, "installed_unverified", "Installed", &["request_id_missing"]);
}

#[test]
fn a_repeated_stage_is_one_stage() {
    let log = stages(plain(booted(), 100), &["Downloading", "Downloading", "Installed", "Installed"]);
    log.look(|track, context| assert_eq!(jobs(track, context, &[])[0].statuses.len(), 2));
}
