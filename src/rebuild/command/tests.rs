use super::super::boot::{boots, causes};
use super::super::transaction::transactions;
use super::*;
use crate::rebuild::testing::{Log, at, names, stamp};
use crate::time::SECOND;

impl Log {
    fn remote(self, seconds: i64, connector: i32, token: &str) -> Self {
        let payload = format!(r#"{{"connectorId":{connector},"idTag":"{token}"}}"#);
        self.asks_for(seconds, "RemoteStartTransaction", &payload, "Accepted")
    }

    /// A start on connector 1 that is logged at `seconds` and happened at `own`.
    fn begins(self, seconds: i64, own: i64, token: &str, id: i32) -> Self {
        let time = stamp(own);
        let payload = format!(r#"{{"connectorId":1,"idTag":"{token}","meterStart":{own},"timestamp":"{time}"}}"#);
        self.cp(seconds, "StartTransaction", &payload)
            .csms_answers(seconds, &format!(r#"{{"transactionId":{id},"idTagInfo":{{"status":"Accepted"}}}}"#))
    }

    fn commands<T>(&self, look: impl FnOnce(&[Command<'_>]) -> T) -> T {
        self.look(|track, context| {
            let (transactions, _) = transactions(track, context, &mut Vec::new(), false);
            let mut boots = boots(track, context);
            causes(&mut boots, track, context);
            look(&commands(track, context, &transactions, &boots))
        })
    }

    fn came_of(&self) -> Vec<Option<&'static str>> {
        self.commands(|rows| rows.iter().map(|row| row.outcome.map(CommandOutcome::as_str)).collect())
    }
}

#[test]
fn a_log_without_commands_has_no_rows() {
    assert!(Log::new().boot(0, "1.0").heartbeat(10).came_of().is_empty());
}

#[test]
fn a_start_belongs_to_its_token_and_connector_and_to_its_time() {
    let log = Log::new().remote(0, 1, "A").begins(100, 100, "a", 7).heartbeat(900);
    log.commands(|rows| {
        let row = &rows[0];
        assert_eq!((rows.len(), row.outcome, row.transaction_id), (1, Some(CommandOutcome::Started), Some("7")));
        assert_eq!((row.effect_time, row.effect_latency), (at(100), Some(100 * SECOND)));
        assert_eq!((row.arguments, row.position.line), (Some(r#"{"connectorId":1,"idTag":"A"}"#), 1));
        assert!(names(row.flags).is_empty());
    });
    let other = Log::new().remote(0, 2, "A").remote(1, 1, "B").begins(100, 100, "A", 7).heartbeat(900);
    assert_eq!(other.came_of(), [Some("not_started"), Some("not_started")]);
    let late = Log::new().remote(0, 1, "A").begins(181, 181, "A", 7).heartbeat(900);
    assert_eq!(late.came_of(), [Some("not_started")]);
    let any = Log::new().remote(0, 0, "A").begins(100, 100, "A", 7).heartbeat(900);
    assert_eq!(any.came_of(), [Some("started")]);
}

#[test]
fn a_start_from_memory_counts_by_its_own_time_and_has_no_latency() {
    let log = Log::new().remote(0, 1, "A").begins(5000, 60, "A", 7);
    log.commands(|rows| {
        assert_eq!((rows[0].outcome, rows[0].effect_time), (Some(CommandOutcome::Started), at(5000)));
        assert_eq!(rows[0].effect_latency, None);
    });
    let before = Log::new().remote(1000, 1, "A").begins(1060, 60, "A", 7).heartbeat(5000);
    assert_eq!(before.came_of(), [Some("not_started")]);
}

#[test]
fn a_longer_connection_time_out_gives_a_remote_start_more_time() {
    let set = || {
        Log::new()
            .asks_for(0, "ChangeConfiguration", r#"{"key":"ConnectionTimeOut","value":"600"}"#, "Accepted")
            .remote(10, 1, "A")
    };
    assert_eq!(set().begins(500, 500, "A", 7).came_of(), [Some("accepted"), Some("started")]);
    assert_eq!(set().heartbeat(500).came_of(), [Some("accepted"), None]);
    assert_eq!(set().heartbeat(700).came_of(), [Some("accepted"), Some("not_started")]);
}

#[test]
fn one_remote_start_begins_one_transaction() {
    let log = Log::new().remote(0, 1, "A").begins(50, 50, "A", 7).begins(100, 100, "A", 8).heartbeat(900);
    assert_eq!(log.came_of(), [Some("started")]);
    let two = Log::new().remote(0, 1, "A").begins(50, 50, "A", 7).remote(60, 1, "A").begins(100, 100, "A", 8);
    assert_eq!(two.came_of(), [Some("started"), Some("started")]);
}

#[test]
fn without_times_the_order_decides() {
    let log = Log::new().remote(0, 1, "A").begins(50, 50, "A", 7).timeless();
    log.commands(|rows| {
        assert_eq!((rows[0].outcome, rows[0].effect_time), (Some(CommandOutcome::Started), None));
    });
    assert_eq!(Log::new().remote(0, 1, "A").heartbeat(900).timeless().came_of(), [None]);
}

#[test]
fn a_stop_that_is_not_in_the_log_is_told_by_the_refusal_only() {
    let payload = r#"{"transactionId":99}"#;
    let log = Log::new()
        .asks_for(0, "RemoteStopTransaction", payload, "Rejected")
        .asks_for(10, "RemoteStopTransaction", payload, "Accepted")
        .heartbeat(900);
    assert_eq!(log.came_of(), [Some("already_ended"), Some("not_stopped")]);
}

#[test]
fn an_answer_may_still_come_while_the_log_is_short() {
    let asked = || Log::new().csms(0, "ClearCache", "{}");
    assert_eq!(asked().heartbeat(60).came_of(), [None]);
    assert_eq!(asked().heartbeat(301).came_of(), [Some("undelivered")]);
    assert_eq!(asked().csms(1, "ClearCache", "{}").came_of(), [Some("undelivered"), None]);
}

#[test]
fn of_two_resets_before_a_boot_the_nearer_one_did_it() {
    let reset = |log: Log, seconds| log.asks_for(seconds, "Reset", r#"{"type":"Soft"}"#, "Accepted");
    let log = reset(reset(Log::new().boot(0, "1.0"), 100), 200).boot(260, "1.0");
    assert_eq!(log.came_of(), [Some("superseded"), Some("done")]);
    assert_eq!(reset(Log::new(), 0).boot(901, "1.0").came_of(), [Some("no_boot")]);
    assert_eq!(reset(Log::new(), 0).heartbeat(60).came_of(), [None]);
}

#[test]
fn what_the_csms_asks_for_and_has_a_table_of_its_own_is_no_command() {
    let mut log = Log::new();
    for action in ["UpdateFirmware", "GetLog", "GetDiagnostics", "DataTransfer", "GetConfiguration", "GetVariables"] {
        log = log.csms(0, action, "{}");
    }
    assert!(log.came_of().is_empty());
    assert_eq!(Log::new().csms(0, "GetReport", "{}").came_of(), [None]);
}

#[test]
fn only_a_silence_of_two_minutes_tells_power_or_network() {
    let causes_of = |log: &Log| {
        log.look(|track, context| {
            let mut rows = boots(track, context);
            causes(&mut rows, track, context);
            rows.iter().map(|row| row.cause.map(str::to_owned)).collect::<Vec<_>>()
        })
    };
    let silent = Log::new().boot(0, "1.0").heartbeat(100).boot(220, "1.0").boot(300, "1.0");
    let words = ["unknown", "power_or_network", "unknown"].map(|word| Some(word.to_owned()));
    assert_eq!(causes_of(&silent), words);
}
