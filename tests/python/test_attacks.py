"""Inputs that once hurt: each is a regression."""

from __future__ import annotations

import os
from pathlib import Path

import logs
import ocpplog
import polars as pl
import pytest

STAMP = "2026-05-01T10:25:00.100Z CP7 >> "


def test_a_line_of_many_equal_frames_is_as_many_messages() -> None:
    line = STAMP + '[2,"a","Heartbeat",{}]' * 20_000
    log = logs.quiet(("many.log", line.encode()), tables=["messages"])
    assert log.messages.height == 20_000


def test_a_line_of_broken_frames_tells_a_thousand_of_them_and_no_more() -> None:
    line = STAMP + '[3,"" ' * 20_000
    log = logs.quiet(("broken.log", line.encode()))
    assert 1_000 <= log.rejects.height <= 1_100


def test_a_whole_frame_inside_a_broken_one_is_found() -> None:
    line = STAMP + '[2,"1","StatusNotification",{"status":"Avai [2,"6","Heartbeat",{}]'
    log = logs.quiet(("glued.log", line.encode()), tables=["messages"])
    assert log.messages["message_id"].to_list() == ["6"]
    assert log.rejects.height == 1


def test_times_that_python_cannot_hold_are_null() -> None:
    stamps = [
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "+55863-01-01T00:00:00Z",
    ]
    payload = '{"connectorId":1,"status":"Available","timestamp":"%s"}'
    lines = [f'{stamp} CP7 >> [2,"1","StatusNotification",{payload % stamp}]' for stamp in stamps]
    log = logs.quiet(("times.log", "\n".join(lines).encode()), tables=["messages", "status_intervals"])
    for table in log.tables().values():
        assert table.to_dicts() is not None
    assert log.messages.filter(pl.col("log_time").is_not_null()).is_empty()


def test_an_error_inside_a_file_object_is_raised_and_not_swallowed() -> None:
    class Interrupted:
        def read(self, _: int = -1) -> bytes:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ocpplog.read(Interrupted())  # type: ignore[arg-type]  # all that is asked of it is read()


def test_a_glob_reads_files_whatever_bytes_their_names_have(tmp_path: Path) -> None:
    line = (STAMP + '[2,"a","Heartbeat",{}]').encode()
    (tmp_path / "fine.log").write_bytes(line)
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n.log"))
    odd.write_bytes(line)
    log = logs.quiet(str(tmp_path / "*.log"))
    assert log.accounting["frames"].to_list() == [1, 1]


def test_meter_values_without_a_list_are_told() -> None:
    line = STAMP + '[2,"a","MeterValues",{"connectorId":1,"meterValue":5}]'
    assert logs.quiet(("x.log", line.encode())).unmatched["kind"].to_list() == ["bad_payload"]


def test_a_value_too_large_for_its_base_unit_keeps_its_text() -> None:
    sample = '{"value":"1.7e308","unit":"kWh"}'
    line = STAMP + f'[2,"a","MeterValues",{{"connectorId":1,"meterValue":[{{"sampledValue":[{sample}]}}]}}]'
    row = logs.quiet(("x.log", line.encode())).meter_values.row(0, named=True)
    assert (row["value"], row["raw_value"], row["flags"]) == (None, "1.7e308", ["value_not_finite"])
