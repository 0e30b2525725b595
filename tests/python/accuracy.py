"""Holds rebuilt tables against the truth that the fleet simulator wrote beside its log.

Each truth row is looked for in the table and judged:

- ``exact``: every fact that the log can tell is right, and the row is unflagged;
- ``exact_flagged``: every fact is right, and a flag says that something was odd;
- ``flagged``: a fact differs or is missing, and a flag or the quality says so;
- ``wrong``: a fact differs, and nothing says so. This must not happen;
- ``missing``: there is no such row.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

Row = dict[str, Any]
Verdicts = dict[str, Counter[str]]

CLEAN = "(clean)"
UNTRACED = "(no trace)"


def truth(folder: Path, name: str) -> list[Row]:
    """Read a truth file."""
    with (folder / f"truth_{name}.ndjson").open() as lines:
        return [json.loads(line) for line in lines]


def instant(text: str | None) -> datetime | None:
    """Read a truth file's time."""
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def label(row: Row) -> Iterable[str]:
    """Name what disturbed a row."""
    if row["disturbances"] and not row["leaves_trace"]:
        return [UNTRACED]
    return row["disturbances"] or [CLEAN]


def _close(first: datetime | None, second: datetime | None, slack: timedelta) -> bool:
    if first is None or second is None:
        return first is second
    return abs(first - second) <= slack


class Index:
    """The rows of a table by charge point, each handed out once."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.rows: dict[str, list[Row]] = defaultdict(list)
        for row in frame.iter_rows(named=True):
            self.rows[row["charge_point_id"]].append(row)

    def take(self, charge_point: str, scores: Any) -> Row | None:
        """Take the row with the highest score above zero."""
        rows = self.rows[charge_point]
        best = max(rows, key=scores, default=None)
        if best is None or scores(best) <= 0:
            return None
        rows.remove(best)
        return best

    def left(self) -> Iterator[Row]:
        """Rows that no truth row asked for."""
        for rows in self.rows.values():
            yield from rows


def _transaction_score(real: Row, row: Row) -> float:
    score = 0.0
    if row["evse_id"] is not None and row["evse_id"] != real["evse_id"]:
        return 0.0
    if row["transaction_id"] is not None and row["transaction_id"] == real["transaction_id"]:
        score += 4
    for column in ("start_time", "stop_time"):
        if row[column] is not None and row[column] == instant(real[column]):
            score += 4
    for column in ("meter_start_wh", "meter_stop_wh"):
        if row[column] is not None and row[column] == real[column]:
            score += 1
    # An id alone may have been used twice.
    return score if score > 4 or (score == 4 and row["state"] != "completed") else 0.0


def _transaction_faults(real: Row, row: Row) -> list[str]:
    wanted: dict[str, Any] = {
        "state": real["expected_state"],
        "transaction_id": real["transaction_id"],
        "id_tag": real["id_tag"],
        "start_time": instant(real["start_time"]),
        "meter_start_wh": real["meter_start_wh"],
        "evse_id": real["evse_id"],
        "connector_id": real["connector_id"],
    }
    if real["expected_state"] in ("completed", "stop_only"):
        wanted |= {
            "stop_time": instant(real["stop_time"]),
            "meter_stop_wh": real["meter_stop_wh"],
            "stop_reason": real["stop_reason"],
        }
    if real["expected_state"] == "stop_only":
        # What was not logged must be null, not guessed.
        wanted |= {
            "start_time": None,
            "meter_start_wh": None,
            "id_tag": None,
            "evse_id": row["evse_id"],
            "connector_id": row["connector_id"],
        }
        if real["ocpp_version"] == "2.0.1":
            wanted |= {name: row[name] for name in ("start_time", "meter_start_wh", "id_tag")}
    elif real["expected_state"] == "completed":
        wanted["energy_wh"] = real["energy_wh"]
    elif real["expected_state"] in ("open", "closed_implicit"):
        wanted["energy_wh"] = real["last_sample_energy_wh"]
    return [name for name, value in wanted.items() if row[name] != value]


def _hides_its_end(row: Row) -> bool:
    """Tell whether the log does not hold the register at the end of a transaction, or a wrong one."""
    wrong = {"meter_reset", "meter_stop_below_start"}
    return row["expected_state"] != "completed" or not wrong.isdisjoint(row["disturbances"])


def _after_disturbed(rows: Iterable[Row]) -> set[tuple[str, str]]:
    """Find the transactions whose EVSE had one before of which the log does not hold the end, perhaps not a line."""
    before: dict[tuple[str, int], Row] = {}
    found: set[tuple[str, str]] = set()
    for row in sorted(rows, key=lambda row: str(row["start_time"])):
        place = (row["charge_point_id"], row["evse_id"])
        if place in before and _hides_its_end(before[place]):
            found.add((row["charge_point_id"], row["start_time"]))
        before[place] = row
    return found


def transactions(frame: pl.DataFrame, folder: Path) -> tuple[Verdicts, list[str]]:
    """Judge the transactions; also returns a line for each wrong or missing row."""
    index = Index(frame)
    verdicts: Verdicts = defaultdict(Counter)
    notes = []
    rows = [row for row in truth(folder, "transactions") if row["expected_state"] is not None]
    after_disturbed = _after_disturbed(truth(folder, "transactions"))
    for real in rows:
        row = index.take(real["charge_point_id"], lambda row, real=real: _transaction_score(real, row))
        if row is not None and (real["charge_point_id"], real["start_time"]) in after_disturbed:
            # What happened to the transaction before is what the gap between both tells.
            row["flags"] = [flag for flag in row["flags"] if flag not in {"gap_positive", "register_not_continuous"}]
        verdict, note = _judge(real, row, _transaction_faults, quality=True)
        for kind in label(real):
            verdicts[kind][verdict] += 1
        notes.extend(note)
    for row in index.left():
        told = bool(row["flags"]) or row["quality"] != "good"
        verdicts["(made up)"]["flagged" if told else "wrong"] += 1
        notes.append(f"no such transaction: {_short(row)}")
    return verdicts, notes


def _judge(real: Row, row: Row | None, faults: Any, *, quality: bool) -> tuple[str, list[str]]:
    if row is None:
        return "missing", [f"missing {real['disturbances']} {_short(real)}"]
    found = faults(real, row)
    flags = list(row["flags"])
    told = bool(flags) or (quality and row["quality"] != "good")
    if not found:
        return ("exact_flagged" if flags else "exact"), (
            [f"clean but flagged {flags}: {_short(row)}"] if flags and not real["disturbances"] else []
        )
    detail = {name: (row.get(name), real.get(name)) for name in found}
    return ("flagged" if told else "wrong"), [
        f"{'flagged' if told else 'WRONG'} {real['disturbances']} {flags} {detail} {_short(row)}"
    ]


def _short(row: Row) -> str:
    keys = (
        "charge_point_id",
        "evse_id",
        "transaction_id",
        "start_time",
        "stop_time",
        "end_time",
        "status",
        "requested_at",
        "outcome",
    )
    return " ".join(f"{key}={row[key]}" for key in keys if row.get(key) is not None)


def ends_well(real: Row, row: Row) -> bool:
    """Tell whether a state ends where a reader of the log must think so."""
    first, last = real["ends"][0], real["ends"][-1]
    if row["end_time"] is None:
        return last is None
    return first is not None and first <= row["end_time"] and (last is None or row["end_time"] <= last)


def _status_faults(real: Row, row: Row) -> list[str]:
    wanted = {
        "status": real["status"],
        "start_time": instant(real["start_time"]),
        "end_time": row["end_time"] if ends_well(real, row) else instant(real["end_time"]),
    }
    if real["error_code"] is not None:
        wanted["error_code"] = real["error_code"]
    return [name for name, value in wanted.items() if row[name] != value]


def status_rows(folder: Path) -> list[Row]:
    """Read the true statuses, and how long each lasted as far as the log can tell."""
    rows = truth(folder, "status")
    _touched_by_neighbours(rows)
    return rows


def _touched_by_neighbours(rows: list[Row]) -> None:
    """Mark rows whose end is told by the next report's clock, or whose begin the log does not hold.

    ``ends`` are the first and the last end that a reader can give: a state whose report is lost may be reported at any
    time later, or never, so that the one before it lasts until then, or until the next that was reported.
    """
    tracks: dict[tuple[str, int, int], list[Row]] = defaultdict(list)
    for row in rows:
        tracks[row["charge_point_id"], row["evse_id"], row["connector_id"]].append(row)
    for track in tracks.values():
        track.sort(key=lambda row: row["start_time"])
        for number, row in enumerate(track):
            row["ends"] = [instant(row["end_time"])]
            lost = not row["leaves_trace"]
            for after in track[number + 1 :]:
                if not lost and after["leaves_trace"]:
                    break
                row["ends"].append(instant(after["end_time"]))
                lost = False
                if after["leaves_trace"]:
                    break
        for before, after in pairwise(track):
            if "status_without_timestamp" in after["disturbances"] and not before["disturbances"]:
                before["disturbances"] = ["(before a status without time)"]
            if not after["leaves_trace"] and before["leaves_trace"]:
                before["disturbances"] = ["(before a status without trace)"]
            if not before["leaves_trace"] and not after["disturbances"]:
                after["disturbances"] = ["(after a status without trace)"]


def _tells_later(row: Row, real: Row) -> bool:
    names = ("charge_point_id", "evse_id", "status")
    start, end = instant(real["start_time"]), instant(real["end_time"])
    same = not real["leaves_trace"] and all(row[name] == real[name] for name in names)
    return same and start is not None and start <= row["start_time"] and (end is None or row["start_time"] < end)


def whole_states(frame: pl.DataFrame) -> pl.DataFrame:
    """Put the rows of one state together: silence cuts it, but all its rows name the report that began it."""
    report = ["charge_point_id", "evse_id", "connector_id", "status", "source_file", "source_line"]
    return (
        frame.group_by(report, maintain_order=True)
        .agg(
            pl.col("end_time", "observed_until", "end_reason").last(),
            pl.col("flags").list.explode(keep_nulls=False, empty_as_null=False).unique().sort(),
            pl.exclude("end_time", "observed_until", "end_reason", "flags").first(),
        )
        .select(frame.columns)
        .sort("charge_point_id", "start_time", "source_line")
    )


def statuses(frame: pl.DataFrame, folder: Path) -> tuple[Verdicts, list[str]]:
    """Judge the status intervals: exact starts are matched first, so that a lost row does not shift the others."""
    frame = whole_states(frame)
    index = Index(frame)
    verdicts: Verdicts = defaultdict(Counter)
    notes = []
    rows = status_rows(folder)
    matches: list[tuple[Row, Row | None]] = []
    exact = {(r["charge_point_id"], r["evse_id"], r["status"], r["start_time"]): r for r in frame.iter_rows(named=True)}
    left = []
    for real in rows:
        row = exact.pop((real["charge_point_id"], real["evse_id"], real["status"], instant(real["start_time"])), None)
        if row is None:
            left.append(real)
        else:
            index.rows[real["charge_point_id"]].remove(row)
            matches.append((real, row))
    for real in left:
        if not real["leaves_trace"]:
            # A row that begins inside of it may tell of it later; see below.
            matches.append((real, None))
            continue
        start = instant(real["start_time"])

        def score(row: Row, real: Row = real, start: datetime | None = start) -> float:
            same = row["evse_id"] == real["evse_id"] and row["status"] == real["status"]
            if not same or row["start_time"] is None or start is None:
                return 0.0
            apart = abs((row["start_time"] - start).total_seconds())
            return 1.0 / (1.0 + apart) if apart <= 3 * 3600 else 0.0

        matches.append((real, index.take(real["charge_point_id"], score)))
    for real, row in matches:
        if row is not None and list(row["flags"]) == ["left_censored"]:
            real["disturbances"] = real["disturbances"] or ["(the log begins)"]
        verdict, note = _judge(real, row, _status_faults, quality=False)
        labels = list(label(real))
        for kind in labels:
            verdicts[kind][verdict] += 1
        if labels != [UNTRACED]:
            notes.extend(note)
    for row in index.left():
        if any(_tells_later(row, real) for real in rows):
            # The state began without a trace (before the log, say); this report of it came hours later.
            verdicts[UNTRACED]["exact"] += 1
            continue
        verdicts["(made up)"]["flagged" if row["flags"] else "wrong"] += 1
        notes.append(f"no such status: {_short(row)} {list(row['flags'])}")
    return verdicts, notes


def _firmware_faults(real: Row, row: Row) -> list[str]:
    wanted = {
        # Without a request only the message's own kind can be known.
        "kind": real["kind"] if real["source"] == "csms" else row["kind"],
        "request_id": real["request_id"],
        "outcome": real["outcome"],
        "last_status": real["last_status"],
        "version_before": real["version_before"],
        "version_after": real["version_after"],
        "location": real["location"],
        "source": real["source"],
    }
    return [name for name, value in wanted.items() if row[name] != value]


def firmware(frame: pl.DataFrame, folder: Path, log_end: datetime) -> tuple[Verdicts, list[str]]:
    """Judge the firmware updates."""
    index = Index(frame)
    verdicts: Verdicts = defaultdict(Counter)
    notes = []
    for real in truth(folder, "firmware"):
        asked = instant(real["requested_at"])

        def score(row: Row, real: Row = real, asked: datetime | None = asked) -> float:
            if asked is None or row["requested_at"] is None:
                return 1.0 if asked is row["requested_at"] else 0.0
            return 2.0 if _close(row["requested_at"], asked, timedelta(minutes=5)) else 0.0

        row = index.take(real["charge_point_id"], score)
        if asked is not None and real["outcome"] == "not_delivered" and log_end - asked < timedelta(minutes=5):
            # So short before the end of the log nobody can know that no answer was to come.
            real["outcome"] = "in_progress"
        # That a job was overtaken is what its story is about; that it waits for a transaction which was lost is what
        # the log tells.
        told = {"superseded": "overlap", "in_progress": "waiting_transactions"}.get(real["outcome"])
        if row is not None:
            row["flags"] = [flag for flag in row["flags"] if flag != told]
        verdict, note = _judge(real, row, _firmware_faults, quality=False)
        for kind in label(real):
            verdicts[f"{kind} {real['outcome']}"][verdict] += 1
        notes.extend(note)
    for row in index.left():
        verdicts["(made up)"]["wrong"] += 1
        notes.append(f"no such job: {_short(row)}")
    return verdicts, notes


def table(verdicts: Verdicts) -> str:
    """Lay the verdicts out as text, a line for each kind of disturbance."""
    names = ["exact", "exact_flagged", "flagged", "wrong", "missing"]
    lines = [f"{'':34}" + "".join(f"{name:>15}" for name in names)]
    for label in sorted(verdicts):
        lines.append(f"{label:34}" + "".join(f"{verdicts[label][name]:>15}" for name in names))
    return "\n".join(lines)
