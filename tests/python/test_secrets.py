"""No secret leaves for a file."""

from __future__ import annotations

import json
from typing import Any

import logs
import ocpplog
import polars as pl
import pytest
from ocpplog._secrets import mask_text

CANARY = "canary-4711-hush"

PAYLOADS: list[dict[str, Any]] = [
    {"key": "AuthorizationKey", "value": CANARY},
    {
        "configurationKey": [
            {"key": "WiFiPassword", "readonly": False, "value": CANARY},
            {"key": "HeartbeatInterval", "value": "300"},
        ]
    },
    {
        "setVariableData": [
            {
                "component": {"name": "SecurityCtrlr"},
                "variable": {"name": "BasicAuthPassword"},
                "attributeValue": CANARY,
            }
        ]
    },
    {
        "reportData": [
            {
                "component": {"name": "S"},
                "variable": {"name": "ApiToken"},
                "variableAttribute": [{"type": "Actual", "value": CANARY}],
            }
        ]
    },
    {
        "configurationSlot": 1,
        "connectionData": {"basicAuthPassword": CANARY, "vpn": {"user": CANARY, "key": CANARY, "server": "v"}},
    },
    {"connectionData": {"apn": {"apn": "a", "apnUserName": CANARY, "apnPassword": CANARY}}},
    {"location": f"ftp://user:{CANARY}@files.example.org/fw.bin", "retrieveDate": "2026-03-14T00:00:00Z"},
    {"location": f"https://files.example.org/fw.bin?X-Amz-Signature={CANARY}"},
    {"firmware": {"location": f"sftp://{CANARY}:x@files.example.org/fw.bin#{CANARY}"}},
    {"vendorId": "v", "data": f"Authorization: Bearer {CANARY}"},
    {"certificate": f"-----BEGIN EC PRIVATE KEY-----\n{CANARY}\n-----END EC PRIVATE KEY-----"},
]


@pytest.mark.parametrize(
    "text",
    [
        f'[2,"1","ChangeConfiguration",{{"key":"AuthorizationKey","value":"{CANARY}"',
        f'[2,"1","SetNetworkProfile",{{"basicAuthPassword":"{CANARY}"',
        f'[2,"1","UpdateFirmware",{{"location":"ftp://user:{CANARY}@host/fw"',
        f'[2,"1","GetLog",{{"location":"https://host/fw?X-Amz-Signature={CANARY}"',
        f'[2,"1","DataTransfer",{{"data":"Authorization: Basic {CANARY}"',
    ],
)
def test_a_reject_shows_no_secret(text):
    """The module is built with other features of its crates than the tests in Rust are."""
    rejects = logs.quiet(f"2026-03-14T07:00:00Z CP1 << {text}\n".encode()).rejects
    assert rejects.height == 1
    assert CANARY not in rejects["text"][0]
    assert "***" in rejects["text"][0]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_secret_is_masked(payload):
    assert CANARY not in mask_text(json.dumps(payload))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_secret_in_broken_json_with_an_address_is_masked(payload):
    text = json.dumps(payload)[:-1]
    if "://" in text or "PRIVATE" in text or "Bearer" in text:
        assert CANARY not in mask_text(text)


def test_the_rest_of_a_payload_stays():
    masked = json.loads(mask_text(json.dumps(PAYLOADS[1])))
    assert masked["configurationKey"][1] == {"key": "HeartbeatInterval", "value": "300"}
    masked = json.loads(mask_text(json.dumps(PAYLOADS[6])))
    assert masked["location"] == "ftp://files.example.org/fw.bin"


@pytest.mark.parametrize(
    "text", ['{"idTag":"04A1B2C3"}', '{ "value" : 1.50 }', '{"idToken":{"idToken":"ABC","type":"ISO14443"}}', "[1,"]
)
def test_what_holds_no_secret_stays_byte_by_byte(text):
    assert mask_text(text) == text


@pytest.mark.parametrize("format", ["parquet", "csv", "ndjson", "ipc"])
def test_stored_messages_are_masked_and_those_in_memory_are_not(tmp_path, format):
    recorder = logs.Recorder("CP1")
    for payload in PAYLOADS:
        recorder.ask("DataTransfer", payload, {"status": "Accepted"})
    log = ocpplog.read("\n".join(recorder.lines).encode(), tables=["messages"])
    assert log.messages["payload"].str.contains(CANARY).sum() == len(PAYLOADS)
    stored = ocpplog.open(log.write(tmp_path, format=format))
    assert stored.messages["payload"].str.contains(CANARY).sum() == 0
    untouched = pl.col("payload").str.contains("Accepted")
    assert stored.messages.filter(untouched)["payload"].equals(log.messages.filter(untouched)["payload"])


def _canaries() -> tuple[list[str], int]:
    """Give a log with a canary in every field that a table must mask, and how many there are."""
    recorder = logs.Recorder("CP1")
    planted = 0

    def canary() -> str:
        nonlocal planted
        planted += 1
        return f"{CANARY}-{planted}"

    accepted = {"status": "Accepted"}
    recorder.ask("ChangeConfiguration", {"key": "AuthorizationKey", "value": canary()}, accepted)
    for key in ("WiFiPassword", "ApiKey", "psk", "ClientSecret", "AccessToken", "SimPIN"):
        recorder.ask("ChangeConfiguration", {"key": key, "value": canary()}, {"status": "RebootRequired"})
    address = {"key": "UploadUrl", "value": f"ftp://u:{canary()}@files.example.org/x?sig={canary()}"}
    recorder.ask("ChangeConfiguration", address, {"status": "Rejected"})
    read = {"configurationKey": [{"key": "BasicAuthPassword", "readonly": False, "value": canary()}]}
    recorder.ask("GetConfiguration", {}, read)

    component, gate = {"name": "SecurityCtrlr"}, {"name": "Combination"}
    password = {"component": component, "variable": {"name": "BasicAuthPassword"}}
    told = {"attributeStatus": "Accepted", "attributeValue": canary(), **password}
    recorder.ask("SetVariables", {"setVariableData": [{**password, "attributeValue": canary()}]}, {})
    recorder.ask("GetVariables", {"getVariableData": [password]}, {"getVariableResult": [told]})
    # Set before a report tells that it can be written only: masked all the same.
    write_only = {"component": component, "variable": gate}
    recorder.ask("SetVariables", {"setVariableData": [{**write_only, "attributeValue": canary()}]}, {})
    attributes = [{"mutability": "WriteOnly", "value": canary()}]
    recorder.ask("NotifyReport", {"requestId": 1, "reportData": [{**write_only, "variableAttribute": attributes}]}, {})
    attributes = [{"type": "Actual", "value": canary()}]
    recorder.ask("NotifyReport", {"requestId": 1, "reportData": [{**password, "variableAttribute": attributes}]}, {})

    for data in (
        {"password": canary()},
        {"wifi": {"ssid": "depot", "psk": canary()}},
        json.dumps({"key": "AuthorizationKey", "value": canary()}),
        json.dumps({"nested": json.dumps({"apiKey": canary()})}),
        f"user=depot;password={canary()};x=1",
        f"Authorization: Bearer {canary()}",
        f"sftp://{canary()}:x@files.example.org/fw.bin#{canary()}",
        f"-----BEGIN EC PRIVATE KEY-----\n{canary()}\n-----END EC PRIVATE KEY-----",
        json.dumps({"password": canary()})[:-1],
    ):
        recorder.ask("DataTransfer", {"vendorId": "v", "data": data}, {"status": "Accepted", "data": data})
        recorder.ask("DataTransfer", {"vendorId": "w", "data": data}, {"status": "Accepted", "data": data})

    recorder.ask("GetDiagnostics", {"location": f"ftp://u:{canary()}@h/in"}, {"fileName": f"ftp://u:{canary()}@h/f"})
    log = {"remoteLocation": f"https://{canary()}@h/in?X-Amz-Signature={canary()}"}
    recorder.ask("GetLog", {"logType": "SecurityLog", "requestId": 1, "log": log}, accepted)

    schedule = {
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16}],
        "customData": {"vendorId": "v", "password": canary(), "url": f"ftp://u:{canary()}@h/x"},
    }
    profile = {"chargingProfileId": 1, "stackLevel": 0, "chargingSchedule": schedule}
    recorder.ask("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": profile}, accepted)
    event = {"type": "InvalidMessages", "timestamp": "2026-03-14T00:00:00Z", "techInfo": f"password={canary()}"}
    recorder.ask("SecurityEventNotification", event, {})
    return recorder.lines, planted


def test_no_table_that_must_be_masked_shows_a_canary():
    lines, planted = _canaries()
    assert planted > 30
    # A frame that is cut is a reject, and its text is masked as well.
    broken = [line[: line.rindex("}") - 1] for line in lines if "ChangeConfiguration" in line]
    log = ocpplog.read("\n".join([*lines, *broken]).encode(), tables=list(ocpplog.schemas.table_names()))
    assert log.messages["payload"].str.contains(CANARY).sum() > 30
    for name in ("configuration", "data_transfers", "log_uploads", "charging_profiles", "security_events"):
        assert getattr(log, name).height, name
    for name, frame in log.tables().items():
        if name != "messages":
            assert CANARY not in frame.write_json(), name
    log.check()


@pytest.mark.parametrize("format", ["parquet", "csv", "ndjson", "ipc"])
def test_no_stored_file_holds_a_canary(tmp_path, format):
    lines, _ = _canaries()
    log = ocpplog.read("\n".join(lines).encode(), tables=list(ocpplog.schemas.table_names()))
    stored = ocpplog.open(log.write(tmp_path, format=format))
    for name, frame in stored.tables().items():
        # That a variable can only be written is told by another message, much later.
        known = frame.filter(~pl.col("payload").str.contains("Combination")) if name == "messages" else frame
        assert CANARY not in known.write_json(), name


@pytest.mark.parametrize("word", ["a.", "a_", "password", "token ", '"', "://", "Basic ", "-----BEGIN ", "pin\t"])
@pytest.mark.parametrize("end", ["", "password", f"password={CANARY}"])
def test_a_long_text_takes_no_square_of_its_length(word, end):
    # The first one took half a minute for 20,000 letters.
    masked = mask_text(word * 100_000 + " " + end)
    assert CANARY not in masked
    assert len(masked) <= len(word) * 100_000 + len(end) + 1
