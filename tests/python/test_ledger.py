"""Every log adds up, by a checker that shares nothing with what it checks (`ledger`)."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path
from typing import Any

import ledger
import ledger_bytes
import logs
import ocpplog
import pytest
import zstandard

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLES = ROOT.parent / "shared" / "samples"


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def audit(source: Any, sources: dict[str, bytes]) -> dict[str, list[dict[str, Any]]]:
    """Read with the messages, and have all of it verified."""
    log = logs.quiet(source, tables=["messages"])
    names = ("messages", "rejects", "unmatched", "accounting")
    tables = {name: log.tables()[name].to_dicts() for name in names}
    assert ledger.verify(sources, tables) == []
    return tables


@pytest.mark.parametrize("path", files(ROOT / "tests" / "data"), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_of_the_tests_adds_up(path: Path) -> None:
    audit((path.name, path.read_bytes()), {path.name: path.read_bytes()})


@pytest.mark.parametrize(
    "path",
    files(SAMPLES) or [pytest.param(None, marks=pytest.mark.skip(reason="the samples are not beside the checkout"))],
    ids=lambda path: str(path.relative_to(SAMPLES)) if path else "none",
)
def test_every_sample_adds_up(path: Path) -> None:
    audit((path.name, path.read_bytes()), {path.name: path.read_bytes()})


def test_the_bundled_log_adds_up() -> None:
    path = Path(ocpplog.example_log())
    audit(path, {str(path): path.read_bytes()})


def test_several_sources_and_compressions_add_up() -> None:
    data = logs.text("CP1", "CP2")
    half = data.index(b"\n", len(data) // 2) + 1
    sources = {
        "a.log": ledger_bytes.BOM + data[:half],
        "b.log.gz": gzip.compress(data[half:-400]) + gzip.compress(data[-400:]),
        "c.log.zst": zstandard.compress(data[:4000]),
        "cut.log.gz": gzip.compress(data)[:-500],
        "empty.log": b"",
        "noise.log": b'\n \r\nwords\n\xff\xfe\0\n[2,"1","Heartbeat",{\n\x1b[0m\n[7,"1",{}]\xff',
    }
    audit(list(sources.items()), sources)


@pytest.mark.parametrize("layout", ["steve", "json", "json-escaped"])
def test_what_the_simulator_writes_adds_up(tmp_path: Path, layout: str) -> None:
    fleet = ROOT / "target" / "debug" / "examples" / "fleet"
    subprocess.run(["cargo", "build", "--quiet", "--example", "fleet"], cwd=ROOT, check=True)
    options = ["--seed", "5", "--charge-points", "10", "--days", "2", "--disturb", "0.3", "--layout", layout]
    subprocess.run([fleet, "--out", tmp_path, *options], check=True, capture_output=True)
    written = [path for path in (tmp_path / "fleet.log", tmp_path / "fleet.jsonl") if path.exists()]
    audit(written, {str(path): path.read_bytes() for path in written})


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("messages", lambda rows: rows.pop()),
        ("messages", lambda rows: rows[3].update(source_line=rows[3]["source_line"] + 1)),
        ("messages", lambda rows: rows[3].update(source_offset=0)),
        ("messages", lambda rows: rows[0].update(outcome="timeout")),
        ("messages", lambda rows: rows[0].update(payload="{")),
        ("messages", lambda rows: rows[1].update(flags=["orphan_response"])),
        ("rejects", lambda rows: rows.pop()),
        ("rejects", lambda rows: rows[0].update(length=10_000_000)),
        ("rejects", lambda rows: rows[0].update(source_line=1)),
        ("accounting", lambda rows: rows[0].update(other_bytes=rows[0]["other_bytes"] + 1)),
        ("accounting", lambda rows: rows[0].update(frames=rows[0]["frames"] + 1)),
        ("accounting", lambda rows: rows[0].update(size_bytes=rows[0]["size_bytes"] - 1)),
        ("accounting", lambda rows: rows[0].update(status="partial")),
        ("accounting", lambda rows: rows.append(rows[0])),
    ],
)
def test_a_wrong_book_is_noticed(table: str, change: Any) -> None:
    data = logs.text("CP1") + b'words\n2026-03-14T09:00:00Z CP1 [2,"cut","Heartbeat",{\n'
    tables = audit(("a.log", data), {"a.log": data})
    change(tables[table])
    assert ledger.verify({"a.log": data}, tables)
