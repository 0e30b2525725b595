"""The catalogue of bad input: each case between or beside 1,000 good lines, all of which must survive.

The rows stand in `bad_lines` (1 to 36), `bad_frames` (37 to 56), `bad_values` (57 to 80) and `bad_files` (34, 81 to
102); what comes out again (101, 103 to 110) is tested below.
"""

from __future__ import annotations

import json
import pickle
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import ledger
import logs
import ocpplog
import polars as pl
import pytest
from bad_files import FILES
from bad_frames import FRAMES
from bad_input import FULL, Case, frame, start, status
from bad_lines import LINES
from bad_values import VALUES

TABLE = [*LINES, *FRAMES, *VALUES, *FILES]

TABLES = ["messages", "transactions", "meter_values", "status_intervals"]


def good(count: int = 500) -> bytes:
    """Twice as many lines of a charge point that nothing is wrong with."""
    lines = []
    for number in range(count):
        time = f"2026-03-14T07:{number // 60:02d}:{number % 60:02d}"
        lines.append(f'{time}.000Z GOOD << [2,"g{number}","Heartbeat",{{}}]\n')
        lines.append(f'{time}.100Z GOOD >> [3,"g{number}",{{"currentTime":"{time}Z"}}]\n')
    return "".join(lines).encode()


GOOD = good()


def sources(case: Case, folder: Path) -> list[Any]:
    if not isinstance(case.data, bytes):
        return [("good.log", GOOD), *case.data(folder)]
    if case.last:
        return [("mixed.log", GOOD + case.data)]
    half = GOOD.index(b"\n", len(GOOD) // 2) + 1
    return [("mixed.log", GOOD[:half] + case.data + b"\n" + GOOD[half:])]


def words(log: ocpplog.Log) -> set[str]:
    """All flags of the rows of bad charge points."""
    found: set[str] = set()
    for name in TABLES:
        frame = log.tables()[name].filter(pl.col("charge_point_id") != "GOOD")
        found.update(frame["flags"].explode().drop_nulls())
    return found


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.id)
def test_bad_input(case: Case, tmp_path: Path) -> None:
    given = sources(case, tmp_path)
    log = logs.quiet(given, tables=TABLES, **case.options)
    survived = log.messages.filter(pl.col("charge_point_id") == "GOOD")
    assert survived.height == 1000
    assert survived["flags"].list.len().sum() == 0
    assert Counter(survived["outcome"].drop_nulls()) == {"result": 500}
    reasons = Counter(log.rejects["reason"])
    of_file = Counter(log.rejects.filter(pl.col("source_line").is_null())["reason"])
    messages = {"OK": 1, "M": 1}.get(case.expected, 0) if case.messages is None else case.messages
    if case.expected != "F" or case.messages is not None:
        assert log.messages.height - 1000 == messages, (reasons, words(log))
    if case.expected == "R":
        assert case.word in reasons, (reasons, words(log))
    elif case.expected == "F":
        assert case.word in of_file, (reasons, words(log))
    else:
        assert not reasons, reasons
    if case.expected == "M":
        assert case.word in words(log)
    elif case.expected == "OK":
        assert not words(log) & FORGIVEN, words(log)
    if case.check is not None:
        assert case.check(log)
    # A million lines are too many for a checker that is meant to be simple.
    small = log.accounting["lines"].sum() < 100_000
    if small and all(isinstance(source, tuple) and isinstance(source[1], bytes) for source in given):
        tables = {name: log.tables()[name].to_dicts() for name in ("messages", "rejects", "unmatched", "accounting")}
        assert ledger.verify(dict(given), tables) == []


# What an accepted input does not carry.
FORGIVEN = {
    "bad_payload",
    "bad_value",
    "clock_unset",
    "decimal_comma",
    "duplicate_key",
    "id_coerced",
    "lone_surrogate",
    "number_range",
    "time_coerced",
    "time_invalid",
    "time_range",
    "type_coerced",
    "tz_missing",
    "utf8_replaced",
    "value_not_finite",
}


def test_the_catalogue_is_complete_and_its_names_are_unique() -> None:
    here = {101, *range(103, 111)}
    assert {case.number for case in TABLE} | here == set(range(1, 111))
    assert len({case.id for case in TABLE}) == len(TABLE)


def test_101_many_small_files_need_few_descriptors(tmp_path: Path) -> None:
    for number in range(100_000 if FULL else 300):
        (tmp_path / f"{number}.log").write_bytes(status("").replace(b"CP1", b"CP%d" % number))
    code = (
        "import resource, sys, ocpplog\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n"
        "print(ocpplog.read(sys.argv[1]).accounting['messages'].sum())\n"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], check=True, capture_output=True, text=True)
    assert int(done.stdout) == (100_000 if FULL else 300)


HOSTILE = '<script>alert(1)</script>"><img onerror=x>'


def hostile(text: str) -> ocpplog.Log:
    """A log in which all names are this text."""
    inner = json.dumps(text)
    line = (
        status(f',"info":{inner},"vendorId":{inner}') + b"\n" + start(',"meterStart":1').replace(b'"A"', inner.encode())
    )
    return logs.quiet([("good.log", GOOD), ("bad.log", line.replace(b"b1", b"b2"))], tables=TABLES)


def test_103_markup_is_text_in_a_notebook(tmp_path: Path) -> None:
    """The report comes with its own issue; what exists is how a result shows itself in a notebook."""
    path = tmp_path / "<img onerror=x>.log"
    path.write_bytes(frame('[2,"1","Heartbeat",{}]', b"2026-03-14T07:30:00Z <script>alert(1)</script> << "))
    shown = logs.quiet(path)._repr_html_() + hostile(HOSTILE)._repr_html_()
    assert "<script" not in shown
    assert "<img" not in shown


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_104_a_formula_is_text_in_a_spreadsheet(tmp_path: Path, text: str) -> None:
    log = hostile(text)
    log.write(tmp_path / "safe", format="csv")
    log.write(tmp_path / "raw", format="csv", raw=True)
    for folder, wanted in (("safe", "'" + text), ("raw", text)):
        cells = pl.read_csv(tmp_path / folder / "transactions.csv", infer_schema=False, quote_char='"')
        assert cells["id_tag"].to_list() == [wanted]
        assert cells["meter_start_wh"].to_list() == ["1.0"]
    assert ocpplog.open(tmp_path / "safe").transactions["id_tag"].to_list() == [text]


def shell(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ocpplog", *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_105_nothing_that_a_terminal_acts_on_is_printed(tmp_path: Path) -> None:
    texts = ["\x1b[2J", "\x1b]52;c;eA==\x07", "\x9b31m", "\u202eabc", "\u2066x\u2069"]
    path = tmp_path / "bad.log"
    lines = [GOOD]
    for number, text in enumerate(texts):
        name = b"CP%d" % number
        lines.append(status(f',"info":{json.dumps(text)},"vendorId":{json.dumps(text)}').replace(b"CP1", name) + b"\n")
        lines.append(frame(f'[2,"x",{text}', b"2026-03-14T07:30:00Z " + name + b" << ") + b"\n")
    path.write_bytes(b"".join(lines))
    for table in ("status_intervals", "rejects"):
        done = shell("show", table, path)
        assert done.returncode == 0, done.stderr
        for char in set("".join(texts)):
            assert char.isprintable() or char not in done.stdout + done.stderr, (table, char)


def test_106_a_newline_in_a_name_breaks_no_line(tmp_path: Path) -> None:
    path = tmp_path / "bad\nname.log"
    path.write_bytes(GOOD + status(',"info":"a\\nb | c"') + b"\n{")
    done = shell("show", "status_intervals", path)
    assert done.returncode == 0, done.stderr
    assert "bad\nname" not in done.stdout + done.stderr
    assert "a\nb" not in done.stdout


def test_107_the_input_names_no_column() -> None:
    log = hostile("\x00metadata")
    for name, table in log.tables().items():
        assert table.schema == getattr(ocpplog.schemas, name)


def test_108_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    log = hostile("x")
    log.write(tmp_path / "out")
    with pytest.raises(ocpplog.OcpplogError):
        log.write(tmp_path / "out")
    log.write(tmp_path / "out", force=True)
    path = tmp_path / "input.log"
    path.write_bytes(GOOD)
    with pytest.raises(ocpplog.OcpplogError):
        logs.quiet(path).write(path, force=True)
    assert path.read_bytes() == GOOD


@pytest.mark.parametrize("text", ["%s%n{0.__class__}", "'; DROP TABLE x; --", "__class__", "cos\nsystem\n(S'id'\ntR."])
def test_109_texts_are_inert(text: str) -> None:
    log = hostile(text)
    assert log.transactions["id_tag"].to_list() == [text]
    assert pickle.loads(pickle.dumps(log)).transactions.equals(log.transactions)  # noqa: S301 - made here
    assert text in str(log.transactions.to_dicts()) or "\\n" in str(log.transactions.to_dicts())


def test_110_a_hostile_pattern_is_linear(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 200 + "!.log")
    path.write_bytes(frame('[2,"1","Heartbeat",{}]', b""))
    log = logs.quiet(path, charge_point_id=re.compile("(a+)+$"))
    assert log.charge_points["charge_point_id"].to_list() == [f"unknown:{path.stem}"]
