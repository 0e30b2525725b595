"""Holds the tables of boots, cards, commands, faults and contact against the truth of the fleet simulator.

The verdicts are those of ``accuracy``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
from accuracy import Row, Verdicts, ends_well, instant, label, status_rows, truth

# Silence that is longer than this is a time offline: three times the simulator's heartbeat interval.
SILENCE = timedelta(minutes=45)
# How much log must follow before nothing is an answer: the thresholds of `Rules`, and the time to the next heartbeat.
PATIENCE = timedelta(minutes=30)
# 1.6 does not say why it booted: what may be inferred from the log.
CAUSES = {
    "FirmwareUpdate": {"firmware"},
    "RemoteReset": {"reset_command"},
    "PowerUp": {"power_or_network", "PowerLoss", "Reboot", "unknown"},
}

Key = tuple[object, ...]


def _judge(
    frame: pl.DataFrame,
    rows: list[Row],
    found_by: Callable[[Row], Key],
    real_by: Callable[[Row], Key],
    wrong: Callable[[Row, Row], list[str]],
) -> tuple[Verdicts, list[str]]:
    """Judge rows that are known by a time that the recorder told, so that each is found or not."""
    left: dict[Key, list[Row]] = defaultdict(list)
    for row in frame.iter_rows(named=True):
        left[found_by(row)].append(row)
    verdicts: Verdicts = defaultdict(Counter)
    notes = []
    for real in rows:
        found = left[real_by(real)]
        if found:
            row = found.pop(0)
            faults = wrong(real, row)
            flags = list(row["flags"])
            verdict = ("flagged" if flags else "wrong") if faults else ("exact_flagged" if flags else "exact")
            if faults:
                detail = {name: (row.get(name), real.get(name)) for name in faults}
                notes.append(
                    f"{'flagged' if flags else 'WRONG'} {real['disturbances']} {flags} {detail} {real_by(real)}"
                )
            elif flags and not real["disturbances"]:
                notes.append(f"clean but flagged {flags}: {real_by(real)}")
        else:
            verdict = "missing"
            notes.append(f"missing {real['disturbances']} {real_by(real)}")
        for name in label(real):
            verdicts[name][verdict] += 1
    for rest in left.values():
        for row in rest:
            verdicts["(made up)"]["flagged" if row["flags"] else "wrong"] += 1
            notes.append(f"no such row: {found_by(row)} {row}")
    return verdicts, notes


def _different(row: Row, wanted: Row) -> list[str]:
    return [name for name, value in wanted.items() if row[name] != value]


def boots(frame: pl.DataFrame, folder: Path) -> tuple[Verdicts, list[str]]:
    """Judge the boots, and why they happened."""

    def wrong(real: Row, row: Row) -> list[str]:
        found = _different(row, {"firmware_version": real["firmware_version"], "is_reboot": True})
        causes = {real["reason"]} if real["told"] else CAUSES[real["reason"]]
        # Where what caused it is not in the log, that the cause is unknown is all that can be said.
        if real["disturbances"] and not real["told"]:
            causes = {*causes, "unknown"}
        return found if row["cause"] in causes else [*found, "cause"]

    return _judge(
        frame,
        truth(folder, "boots"),
        lambda row: (row["charge_point_id"], row["time"]),
        lambda real: (real["charge_point_id"], instant(real["time"])),
        wrong,
    )


def authorizations(frame: pl.DataFrame, folder: Path, log_end: datetime) -> tuple[Verdicts, list[str]]:
    """Judge the cards that were shown, and what came of them."""

    def wrong(real: Row, row: Row) -> list[str]:
        wanted = {name: real[name] for name in ("status", "outcome", "transaction_id")}
        if row["outcome"] is None and log_end - row["time"] < PATIENCE:
            wanted["outcome"] = None
        return _different(row, wanted)

    return _judge(
        frame,
        truth(folder, "authorizations"),
        lambda row: (row["charge_point_id"], row["time"], row["id_tag"]),
        lambda real: (real["charge_point_id"], instant(real["time"]), real["id_tag"]),
        wrong,
    )


def commands(frame: pl.DataFrame, folder: Path, log_end: datetime) -> tuple[Verdicts, list[str]]:
    """Judge the commands, and what came of them."""

    def wrong(real: Row, row: Row) -> list[str]:
        names = ["response_status", "outcome", "transaction_id"] + (["evse_id"] if real["evse_id"] else [])
        wanted = {name: real[name] for name in names}
        if row["outcome"] is None and log_end - row["requested_at"] < PATIENCE:
            wanted["outcome"] = None
        # It was done, and the report of it is lost; the next one may show it, or come too late.
        if "status_lost" in real["disturbances"] and row["outcome"] in {"done", "no_status"}:
            wanted["outcome"] = row["outcome"]
        return _different(row, wanted)

    return _judge(
        frame,
        truth(folder, "commands"),
        lambda row: (row["charge_point_id"], row["requested_at"], row["action"]),
        lambda real: (real["charge_point_id"], instant(real["requested_at"]), real["action"]),
        wrong,
    )


def faults(frame: pl.DataFrame, folder: Path) -> tuple[Verdicts, list[str]]:
    """Judge the faults by the statuses that told them."""
    rows = [row for row in status_rows(folder) if row["status"] == "Faulted"]

    def wrong(real: Row, row: Row) -> list[str]:
        end = row["end_time"] if ends_well(real, row) else instant(real["end_time"])
        return _different(row, {"end_time": end, "error_code": real["error_code"]})

    def key(row: Row) -> Key:
        return row["charge_point_id"], row["evse_id"], row["connector_id"]

    return _judge(
        frame,
        rows,
        lambda row: (*key(row), row["start_time"]),
        lambda real: (*key(real), instant(real["start_time"])),
        wrong,
    )


def contact(frame: pl.DataFrame, folder: Path, log_end: datetime) -> tuple[Verdicts, list[str]]:
    """Judge the times offline: those that are long enough to show as silence, or that queued messages tell of."""
    offline = frame.filter(pl.col("state").cast(pl.String) == "offline")
    found = set(offline.select("charge_point_id", "start_time").iter_rows())

    def shows(real: Row) -> bool:
        start, end = instant(real["start_time"]), instant(real["end_time"])
        long = start is not None and (end or log_end) - start > SILENCE
        return long or (real["charge_point_id"], start) in found

    return _judge(
        offline,
        [row for row in truth(folder, "absences") if shows(row)],
        lambda row: (row["charge_point_id"], row["start_time"]),
        lambda real: (real["charge_point_id"], instant(real["start_time"])),
        lambda real, row: _different(row, {"end_time": instant(real["end_time"])}),
    )
