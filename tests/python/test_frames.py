"""Tables of the core as Polars frames: whole, or several columns at a time."""

from __future__ import annotations

import subprocess
import sys

import ocpplog
import polars as pl
import pytest
from ocpplog import _frames
from polars.testing import assert_frame_equal

NUMBERS = """
import sys
import ocpplog, polars as pl
from ocpplog import _frames
_frames._MANY_ROWS = 1
log = ocpplog.read(ocpplog.example_log(), threads=int(sys.argv[1]))
for name, table in log.tables().items():
    words = [column.to_physical().to_list() for column in table if column.dtype == pl.Categorical]
    print(name, words)
"""


def test_columns_that_are_taken_over_at_once_are_those_taken_over_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = ocpplog.read(ocpplog.example_log(), threads=1).tables()
    monkeypatch.setattr(_frames, "_MANY_ROWS", 1)
    for threads in (2, 3, 64, None):
        for name, table in ocpplog.read(ocpplog.example_log(), threads=threads).tables().items():
            assert_frame_equal(table, alone[name])
            assert table.n_chunks() == alone[name].n_chunks()


def test_the_numbers_behind_words_do_not_hang_on_threads() -> None:
    def numbers(threads: int) -> str:
        command = [sys.executable, "-c", NUMBERS, str(threads)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    alone = numbers(1)
    assert "meter_values" in alone
    assert all(numbers(threads) == alone for threads in (2, 8, 8))


def test_a_log_with_many_samples_is_read_whole_with_any_number_of_threads() -> None:
    sample = ",".join(f'{{"value":"{place}","measurand":"Voltage","phase":"L{place % 3 + 1}"}}' for place in range(40))
    line = (
        '{{"timestamp":"2026-03-01T{:02}:{:02}:{:02}Z","station":"CP{}","direction":"in","message":[2,"{}","MeterValues",'
        '{{"connectorId":1,"meterValue":[{{"timestamp":"2026-03-01T{:02}:{:02}:{:02}Z","sampledValue":[{}]}}]}}]}}\n'
    )
    count = _frames._MANY_ROWS // 40 + 1
    log = ""
    for at in range(count):
        time = (at // 3600, at // 60 % 60, at % 60)
        log += line.format(*time, at % 7, at, *time, sample)
    one, four = (ocpplog.read(("a.jsonl", log.encode()), threads=threads).meter_values for threads in (1, 4))
    assert one.height == count * 40 >= _frames._MANY_ROWS
    assert_frame_equal(one, four)
    assert four["phase"].value_counts().select(pl.col("count").sum()).item() == count * 40
