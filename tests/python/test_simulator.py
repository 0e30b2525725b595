"""The rebuilt tables against the truth of the fleet simulator, measured both ways (``examples/fleet``)."""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path

import accuracy
import ocpplog
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FLEET = ROOT / "target" / "debug" / "examples" / "fleet"
# What leaves no trace in the log: the row itself, or the end of the row before it.
NO_TRACE = {accuracy.UNTRACED, "(before a status without trace)"}


@pytest.fixture(scope="session")
def fleet() -> Path:
    """Build the simulator, which ``cargo test`` has mostly done already."""
    subprocess.run(["cargo", "build", "--quiet", "--example", "fleet"], cwd=ROOT, check=True)
    return FLEET


def _simulate(fleet: Path, folder: Path, *options: str) -> ocpplog.Log:
    subprocess.run([fleet, "--out", folder, *options], check=True, capture_output=True)
    log = ocpplog.read(folder / "fleet.jsonl", max_rejects=None, progress=False)
    log.check()
    return log


def _judge(log: ocpplog.Log, folder: Path) -> dict[str, tuple[accuracy.Verdicts, list[str]]]:
    end = log.accounting["last_log_time"].max()
    assert isinstance(end, datetime)
    return {
        "transactions": accuracy.transactions(log.transactions, folder),
        "status_intervals": accuracy.statuses(log.status_intervals, folder),
        "firmware_updates": accuracy.firmware(log.firmware_updates, folder, end),
    }


def test_every_clean_row_is_exact_and_carries_no_flag(
    fleet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = _simulate(fleet, tmp_path, "--seed", "11", "--charge-points", "24", "--days", "4")
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


@pytest.mark.filterwarnings("ignore::ocpplog.exceptions.OcpplogWarning")
def test_every_disturbed_row_is_exact_or_says_so(
    fleet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--seed", "13", "--charge-points", "30", "--days", "5", "--disturb", "0.2")
    log = _simulate(fleet, tmp_path, *options)
    for name, (verdicts, notes) in _judge(log, tmp_path).items():
        with capsys.disabled():
            print(f"\n{name}, disturbed\n{accuracy.table(verdicts)}")
        traced = {label: counts for label, counts in verdicts.items() if label not in NO_TRACE}
        wrong = {label: counts["wrong"] for label, counts in traced.items() if counts["wrong"]}
        assert not wrong, "\n".join(note for note in notes if note.startswith(("WRONG", "no such")))
        clean = [note for note in notes if note.startswith("clean but flagged")]
        assert not clean, "\n".join(clean)
