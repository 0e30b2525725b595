"""The rebuilt tables against the truth of the fleet simulator, measured both ways (``examples/fleet``)."""

from __future__ import annotations

import json
import random
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import accuracy
import accuracy_events
import logs
import ocpplog
import polars as pl
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FLEET = ROOT / "target" / "debug" / "examples" / "fleet"
CLEAN = ("--seed", "11", "--charge-points", "24", "--days", "4")
DISTURBED = ("--seed", "13", "--charge-points", "30", "--days", "5", "--disturb", "0.2")


@pytest.fixture(scope="session")
def fleet() -> Path:
    """Build the simulator, which ``cargo test`` has mostly done already."""
    subprocess.run(["cargo", "build", "--quiet", "--example", "fleet"], cwd=ROOT, check=True)
    return FLEET


def _simulate(fleet: Path, folder: Path, *options: str) -> ocpplog.Log:
    subprocess.run([fleet, "--out", folder, *options], check=True, capture_output=True)
    return logs.quiet(folder / "fleet.jsonl", max_rejects=None, progress=False)


def _judge(log: ocpplog.Log, folder: Path) -> dict[str, tuple[accuracy.Verdicts, list[str]]]:
    end = log.accounting["last_log_time"].max()
    assert isinstance(end, datetime)
    return {
        "transactions": accuracy.transactions(log.transactions, folder),
        "status_intervals": accuracy.statuses(log.status_intervals, folder),
        "firmware_updates": accuracy.firmware(log.firmware_updates, folder, end),
        "boots": accuracy_events.boots(log.boots, folder),
        "authorizations": accuracy_events.authorizations(log.authorizations, folder, end),
        "commands": accuracy_events.commands(log.commands, folder, end),
        "faults": accuracy_events.faults(log.faults, folder),
        "connectivity_intervals": accuracy_events.contact(log.connectivity_intervals, folder, end),
    }


@pytest.mark.parametrize("commands", [(), ("--commands",)], ids=["charging", "commands"])
def test_every_clean_row_is_exact_and_carries_no_flag(
    fleet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], commands: tuple[str, ...]
) -> None:
    log = _simulate(fleet, tmp_path, *CLEAN, *commands)
    for name, (verdicts, notes) in _judge(log, tmp_path).items():
        with capsys.disabled():
            print(f"\n{name}, clean\n{accuracy.table(verdicts)}")
        for label, counts in verdicts.items():
            # A session without a sample that still runs when the log ends has no energy yet, and says so.
            allowed = {"exact"} | ({"flagged"} if name == "transactions" else set())
            assert set(counts) <= allowed, (name, label, counts, notes)
        assert sum(counts["flagged"] for counts in verdicts.values()) <= 2
    assert log.rejects.is_empty()
    assert log.unmatched.is_empty()


@pytest.mark.parametrize("commands", [(), ("--commands",)], ids=["charging", "commands"])
def test_every_disturbed_row_is_exact_or_says_so(
    fleet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], commands: tuple[str, ...]
) -> None:
    log = _simulate(fleet, tmp_path, *DISTURBED, *commands)
    for name, (verdicts, notes) in _judge(log, tmp_path).items():
        with capsys.disabled():
            print(f"\n{name}, disturbed\n{accuracy.table(verdicts)}")
        # An authorisation whose start is not in the log: nothing ties the card to the transaction.
        left_out = {accuracy.UNTRACED} if name == "authorizations" else set()
        wrong = {label for label, counts in verdicts.items() if counts["wrong"]} - left_out
        assert not wrong, "\n".join(note for note in notes if note.startswith(("WRONG", "no such")))
        # A cut line is no command, and says so as a reject; what was never told is not missed.
        lost = {label for label, counts in verdicts.items() if counts["missing"]} - {accuracy.UNTRACED}
        assert name == "commands" or not lost, "\n".join(note for note in notes if note.startswith("missing"))
        clean = [note for note in notes if note.startswith("clean but flagged")]
        assert not clean, "\n".join(clean)
        flagged = verdicts[accuracy.CLEAN]["flagged"] if accuracy.CLEAN in verdicts else 0
        assert flagged <= (5 if name == "transactions" else 0), "\n".join(notes)


# What a transaction is about; the rest follows from it and from samples, which may be lost without a trace.
FACTS = [
    "state",
    "start_time",
    "stop_time",
    "meter_start_wh",
    "meter_stop_wh",
    "energy_wh",
    "id_tag",
    "stop_reason",
    "evse_id",
    "connector_id",
]


def _disturb(lines: list[str], share: float, chance: random.Random) -> tuple[list[str], set[int]]:
    """Drop, double or delay a share of the lines; also gives the numbers of those lines."""
    out: list[tuple[str, int, str]] = []
    touched = set()
    for number, line in enumerate(lines):
        time = line[14:38]
        what = chance.choice(["drop", "double", "delay"]) if chance.random() < share else ""
        if what:
            touched.add(number)
        if what == "drop":
            continue
        if what == "delay":
            # Logged seconds later, behind what came after it.
            moved = datetime.fromisoformat(time) + timedelta(seconds=chance.uniform(0.5, 20))
            line = f"{line[:14]}{logs.stamp(moved)}{line[38:]}"  # noqa: PLW2901
        out.extend([(line[14:38], number, line)] * (2 if what == "double" else 1))
    return [line for _, _, line in sorted(out)], touched


class _Touched:
    """What the lines that were changed speak of."""

    def __init__(self, lines: list[str], touched: set[int]) -> None:
        self.transactions: set[tuple[str, str]] = set()
        # Charge point and time of everything else that a transaction leans on.
        self.others: dict[str, list[datetime]] = {}
        calls: dict[tuple[str, str], tuple[int, list[object]]] = {}
        assigned: dict[tuple[str, str], str] = {}
        by_number: list[tuple[str, datetime, str, str | None]] = []
        for number, line in enumerate(lines):
            record = json.loads(line)
            name, frame = record["charge_point_id"], record["message"]
            if frame[0] == 2:
                calls[name, frame[1]] = (number, frame)
                call = frame
            else:
                call = calls[name, frame[1]][1]
                if call[2] == "StartTransaction":
                    assigned[name, frame[1]] = str(frame[2]["transactionId"])
            payload = call[3]
            told = payload.get("transactionId") or payload.get("transactionInfo", {}).get("transactionId")
            by_number.append((name, datetime.fromisoformat(record["timestamp"]), f"{call[2]} {frame[1]}", told))
        for number in touched:
            name, time, what, told = by_number[number]
            action, message = what.split(" ", 1)
            told = assigned.get((name, message), told)
            if told is not None and not action.startswith(("Remote", "Request")):
                self.transactions.add((name, str(told)))
            elif action not in {"Heartbeat", "FirmwareStatusNotification", "SignedFirmwareStatusNotification"}:
                self.others.setdefault(name, []).append(time)

    def __call__(self, row: accuracy.Row) -> bool:
        margin = timedelta(minutes=15)
        start, stop = row["start_time"], row["stop_time"]
        near = any(start - margin <= time <= stop + margin for time in self.others.get(row["charge_point_id"], ()))
        return near or (row["charge_point_id"], row["transaction_id"]) in self.transactions


@pytest.mark.parametrize("share", [0.01, 0.05])
def test_lost_doubled_and_delayed_lines_change_nothing_that_they_do_not_tell(
    fleet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], share: float
) -> None:
    _simulate(fleet, tmp_path, "--seed", "12", "--charge-points", "20", "--days", "3", "--commands")
    lines = (tmp_path / "fleet.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    changed, numbers = _disturb(lines, share, random.Random(5))  # noqa: S311
    whole = logs.quiet("".join(lines).encode())
    log = logs.quiet("".join(changed).encode(), tables=list(ocpplog.schemas.table_names()))
    touched = _Touched(lines, numbers)
    gap = pl.col("flags").list.set_difference(pl.lit(["gap_positive", "register_not_continuous"]))
    key = ["charge_point_id", "evse_id", "start_time"]
    found = {tuple(row[name] for name in key): row for row in log.transactions.with_columns(gap).iter_rows(named=True)}
    by_id = {(row["charge_point_id"], row["transaction_id"]): row for row in found.values()}
    counts = {"equal": 0, "told": 0, "lost": 0, "affected": 0, "wrong": 0}
    wrong = []
    # Where its neighbour lost a message, the flag about the register between both tells of it.
    own = [name for name in whole.transactions.columns if "source_" not in name]
    for row in whole.transactions.with_columns(gap).iter_rows(named=True):
        if row["state"] != "completed":
            continue
        other = found.get(tuple(row[name] for name in key)) or by_id.get(
            (row["charge_point_id"], row["transaction_id"])
        )
        if not touched(row):
            same = other is not None and all(row[name] == other[name] for name in own)
            counts["equal" if same else "wrong"] += 1
            if not same:
                wrong.append(
                    (row, {name: (row[name], other[name]) for name in own if other and row[name] != other[name]})
                )
            continue
        counts["affected"] += 1
        if other is None:
            counts["lost"] += 1
        elif any(row[name] != other[name] for name in FACTS):
            silent = not other["flags"] and other["quality"] == "good"
            counts["wrong" if silent else "told"] += 1
            if silent:
                wrong.append((row, {name: (row[name], other[name]) for name in FACTS if row[name] != other[name]}))
    with capsys.disabled():
        print(f"\n{len(numbers)} of {len(lines)} lines dropped, doubled or delayed: transactions {counts}")
    assert not wrong, wrong[:3]
    assert counts["equal"] > 20


# From when to when a row speaks; the contact of this fleet is one long row each.
SPANS = {
    "status_intervals": ("start_time", "end_time"),
    "boots": ("time", "time"),
    "authorizations": ("time", "time"),
    "commands": ("requested_at", "effect_time"),
    "faults": ("start_time", "end_time"),
    "firmware_updates": ("requested_at", "last_status_time"),
    "meter_values": ("time", "time"),
}


def _disturbed_spans(
    lines: list[str], numbers: set[int], transactions: pl.DataFrame
) -> dict[str, list[tuple[datetime, datetime]]]:
    """Find the times of changed lines by charge point; a transaction that lost one is disturbed from start to stop."""
    spans: dict[str, list[tuple[datetime, datetime]]] = {}
    for number in numbers:
        record = json.loads(lines[number])
        time = datetime.fromisoformat(record["timestamp"])
        spans.setdefault(record["charge_point_id"], []).append((time, time))
    touched = _Touched(lines, numbers).transactions
    end = datetime.fromisoformat(json.loads(lines[-1])["timestamp"])
    for row in transactions.iter_rows(named=True):
        if (row["charge_point_id"], row["transaction_id"]) in touched:
            spans.setdefault(row["charge_point_id"], []).append((row["start_time"], row["stop_time"] or end))
    return spans


@pytest.mark.parametrize("share", [0.01, 0.05])
def test_rows_of_every_table_stay_where_no_line_near_them_was_changed(
    fleet: Path, tmp_path: Path, share: float
) -> None:
    _simulate(fleet, tmp_path, "--seed", "12", "--charge-points", "20", "--days", "3", "--commands")
    lines = (tmp_path / "fleet.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    changed, numbers = _disturb(lines, share, random.Random(5))  # noqa: S311
    whole = logs.quiet("".join(lines).encode(), tables=list(ocpplog.schemas.table_names()))
    log = logs.quiet("".join(changed).encode(), tables=list(ocpplog.schemas.table_names()))
    spans = _disturbed_spans(lines, numbers, whole.transactions)
    margin = timedelta(minutes=30)
    for name, (first, last) in SPANS.items():
        before, after = whole.tables()[name], log.tables()[name]
        own = [column for column in before.columns if "source_" not in column]
        kept = {repr(row) for row in after.select(own).iter_rows()}
        quiet = 0
        for row in before.iter_rows(named=True):
            if row[first] is None or row[last] is None:
                continue
            near = spans.get(row["charge_point_id"], [])
            if any(start <= row[last] + margin and row[first] - margin <= stop for start, stop in near):
                continue
            quiet += 1
            assert repr(tuple(row[column] for column in own)) in kept, (name, row)
        assert quiet, name
