"""The catalogue of bad input: what a case is, and the words it is written in.

Every row is a test (`test_bad_input`). What is expected: OK accepted, M still a message, with a flag; R a row of
`rejects`; N no OCPP; F a finding about the whole file. A note says where a decision differs from the catalogue.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ocpplog

# `make full` sets it: then the cases have the sizes that the catalogue names.
FULL = bool(os.environ.get("OCPPLOG_FULL"))
ROOT = Path(__file__).resolve().parent.parent.parent
STAMP = b"2026-03-14T07:30:00.000Z CP1 << "


@dataclass(frozen=True)
class Case:
    """One row: bytes stand between good lines, a function builds sources of its own beside a good one."""

    number: int
    name: str
    data: bytes | Callable[[Path], list[Any]]
    expected: str
    word: str = ""
    # How many messages there are besides the good ones.
    messages: int | None = None
    check: Callable[[ocpplog.Log], bool] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    # Bytes that stand for themselves: no newline is put behind them, and no good lines follow.
    last: bool = False
    note: str = ""

    @property
    def id(self) -> str:
        return f"{self.number:03d}_{self.name}"


def frame(text: str | bytes, stamp: bytes = STAMP) -> bytes:
    return stamp + (text.encode() if isinstance(text, str) else text)


def call(action: str, payload: str, number: str = "b1", *, stamp: bytes = STAMP) -> bytes:
    return frame(f'[2,"{number}","{action}",{payload}]', stamp)


def status(fields: str, *, stamp: bytes = STAMP) -> bytes:
    return call(
        "StatusNotification", '{"connectorId":1,"errorCode":"NoError","status":"Available"' + fields + "}", stamp=stamp
    )


def at(time: str) -> bytes:
    """A status with its own time, as JSON."""
    return status(f',"timestamp":{time}')


def start(fields: str) -> bytes:
    return call("StartTransaction", '{"connectorId":1,"idTag":"A"' + fields + ',"timestamp":"2026-03-14T07:30:00Z"}')


def stop(transaction: str) -> bytes:
    return call(
        "StopTransaction", f'{{"transactionId":{transaction},"meterStop":5,"timestamp":"2026-03-14T07:30:00Z"}}'
    )


def sample(value: str, rest: str = "") -> bytes:
    return call(
        "MeterValues",
        f'{{"connectorId":1,"meterValue":[{{"timestamp":"2026-03-14T07:30:00Z","sampledValue":[{{"value":{value}{rest}}}]}}]}}',
    )


def only(log: ocpplog.Log, table: str) -> dict[str, Any]:
    """The one row of the bad charge point."""
    rows = [row for row in log.tables()[table].to_dicts() if row["charge_point_id"] != "GOOD"]
    assert len(rows) == 1, rows
    return rows[0]


def holds(table: str, **wanted: Any) -> Callable[[ocpplog.Log], bool]:
    """Whether the one row of the bad charge point has these values."""

    def check(log: ocpplog.Log) -> bool:
        row = only(log, table)
        found = {name: row[name] for name in wanted}
        assert found == wanted
        return True

    return check


def began(*time: int) -> Callable[[ocpplog.Log], bool]:
    return holds("status_intervals", start_time=datetime(*time, tzinfo=UTC))  # type: ignore[arg-type,misc]


def wrapped(times: int) -> bytes:
    text = call("Heartbeat", "{}").decode()
    for _ in range(times):
        text = json.dumps({"message": text})
    return text.encode()


def suite(kind: str) -> bytes:
    """JSONTestSuite's cases of a kind as payloads, a line each; those that would break the line left out."""
    lines = []
    for row in (ROOT / "tests/data/json_test_suite/cases.tsv").read_text(encoding="ascii").splitlines():
        name, times, text = row.split("\t", 2)
        value = text.encode().decode("unicode_escape").encode("latin-1") * int(times)
        if name.startswith(kind) and b"\n" not in value and b"\0" not in value:
            lines.append(frame(b'[3,"' + name.encode() + b'",{"v":' + value + b"}]"))
    return b"\n".join(lines)
