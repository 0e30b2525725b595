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
