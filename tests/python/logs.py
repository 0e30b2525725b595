"""A small story to read, in the few shapes that the tests need."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import ocpplog
import polars as pl
from ocpplog import _native

BEGIN = datetime(2026, 3, 14, 7, 0, tzinfo=UTC)

# What tells where a row came from; it may differ when the same lines lie in other files.
PROVENANCE = [
    "source_file",
    "source_line",
    "source_offset",
    "first_source_file",
    "first_source_line",
    "last_source_file",
    "last_source_line",
]
OF_FILES = ("rejects", "accounting")

# What the core is told where a test has nothing to say.
OPTIONS: dict[str, Any] = {
    "layout": None,
    "charge_point_id": None,
    "override": False,
    "timezone": "auto",
    "encoding": "utf-8",
    "side": None,
    "ocpp_version": None,
    "start": None,
    "end": None,
    "charge_points": None,
    "threads": None,
    "progress": None,
}


def stamp(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Recorder:
    """Writes lines as a CSMS would: time, charge point, frame."""

    def __init__(self, charge_point: str, begin: datetime = BEGIN) -> None:
        self.charge_point = charge_point
        self.now = begin
        self.lines: list[str] = []
        self._number = 0

    def line(self, frame: list[object]) -> None:
        self.lines.append(f"{stamp(self.now)} {self.charge_point} {json.dumps(frame, separators=(',', ':'))}")

    def ask(
        self, action: str, payload: Mapping[str, object], answer: Mapping[str, object] | None, after: float = 30
    ) -> None:
        """Write a call, and its answer a tenth of a second later unless there is none."""
        self.now += timedelta(seconds=after)
        self._number += 1
        number = f"{self.charge_point}-{self._number}"
        self.line([2, number, action, payload])
        if answer is not None:
            self.now += timedelta(milliseconds=100)
            self.line([3, number, answer])

    def status(self, status: str, **other: object) -> None:
        self.ask(
            "StatusNotification",
            {"connectorId": 1, "errorCode": "NoError", "status": status, "timestamp": stamp(self.now), **other},
            {},
        )

    def charge(self, transaction_id: int, begin_wh: int, end_wh: int) -> None:
        """Write one whole charging session."""
        self.status("Preparing")
        self.ask(
            "StartTransaction",
            {"connectorId": 1, "idTag": "CARD1", "meterStart": begin_wh, "timestamp": stamp(self.now)},
            {"transactionId": transaction_id, "idTagInfo": {"status": "Accepted"}},
        )
        self.status("Charging")
        for share in (1, 2):
            value = {
                "value": str(begin_wh + (end_wh - begin_wh) * share // 3),
                "unit": "Wh",
                "measurand": "Energy.Active.Import.Register",
            }
            self.ask(
                "MeterValues",
                {
                    "connectorId": 1,
                    "transactionId": transaction_id,
                    "meterValue": [{"timestamp": stamp(self.now), "sampledValue": [value]}],
                },
                {},
                after=600,
            )
        self.ask(
            "StopTransaction",
            {
                "transactionId": transaction_id,
                "meterStop": end_wh,
                "timestamp": stamp(self.now),
                "reason": "EVDisconnected",
            },
            {"idTagInfo": {"status": "Accepted"}},
            after=600,
        )
        self.status("Available")


def day(charge_point: str = "CP1", sessions: int = 2, begin: datetime = BEGIN) -> list[str]:
    """The lines of a charge point that boots and charges some cars."""
    recorder = Recorder(charge_point, begin)
    boot = {"chargePointVendor": "Acme", "chargePointModel": "AC22", "firmwareVersion": "1.0.3"}
    recorder.ask("BootNotification", boot, {"status": "Accepted", "currentTime": stamp(recorder.now), "interval": 300})
    recorder.status("Available")
    for session in range(sessions):
        recorder.charge(100 + session, 1000 * (session + 1), 1000 * (session + 1) + 900)
    return recorder.lines


def text(*charge_points: str, sessions: int = 2) -> bytes:
    """The merged log of some charge points, in the order of time."""
    lines = [
        line
        for number, name in enumerate(charge_points)
        for line in day(name, sessions, BEGIN + timedelta(seconds=7 * number))
    ]
    return "".join(line + "\n" for line in sorted(lines)).encode()


def read(
    sources: list[tuple[str, bytes]],
    *,
    tables: list[str] | None = None,
    chunk_bytes: int | None = None,
    threads: int | None = None,
) -> dict[str, pl.DataFrame]:
    """Read with what the public function does not offer: the size of the pieces."""
    options: dict[str, Any] = {**OPTIONS, "threads": threads}
    built = _native.read(
        sources, tables=tables, on_error="collect", max_rejects=None, chunk_bytes=chunk_bytes, rules=None, **options
    )
    return {name: pl.DataFrame(table) for name, table in built.items()}


def parse(sources: list[tuple[str, bytes]], *, chunk_bytes: int | None = None) -> pl.DataFrame:
    return pl.DataFrame(_native.parse(sources, chunk_bytes=chunk_bytes, **OPTIONS))


def plain(frame: pl.DataFrame, *, provenance: bool = True) -> pl.DataFrame:
    """A table whose dictionaries are texts, so that equal rows compare equal."""
    frame = frame.with_columns(pl.col(pl.Categorical).cast(pl.String))
    return frame if provenance else frame.drop(PROVENANCE, strict=False)


def assert_same(left: dict[str, pl.DataFrame], right: dict[str, pl.DataFrame], *, provenance: bool = True) -> None:
    """Compare all tables; without provenance those of files are left out, too."""
    names = [name for name in left if provenance or name not in OF_FILES]
    assert names == [name for name in right if provenance or name not in OF_FILES]
    for name in names:
        one, other = plain(left[name], provenance=provenance), plain(right[name], provenance=provenance)
        if not one.equals(other):
            different = [column for column in one.columns if not one[column].equals(other[column])]
            raise AssertionError(
                f"{name} differs in {different}: {one.select(different)} and {other.select(different)}"
            )


def quiet(source: Any, **options: Any) -> ocpplog.Log:
    """Read what may hold rejects, without the warning; whatever it is, the equations hold."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ocpplog.OcpplogWarning)
        log = ocpplog.read(source, **options)
    log.check()
    return log
