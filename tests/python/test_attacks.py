"""Inputs that once hurt: each is a regression."""

from __future__ import annotations

import logs
import polars as pl

STAMP = "2026-05-01T10:25:00.100Z CP7 >> "


def test_a_line_of_many_equal_frames_is_as_many_messages() -> None:
    line = STAMP + '[2,"a","Heartbeat",{}]' * 20_000
    log = logs.quiet(("many.log", line.encode()), tables=["messages"])
    assert log.messages.height == 20_000
    log.check()


def test_a_line_of_broken_frames_tells_a_thousand_of_them_and_no_more() -> None:
    line = STAMP + '[3,"" ' * 20_000
    log = logs.quiet(("broken.log", line.encode()))
    assert 1_000 <= log.rejects.height <= 1_100
    log.check()


def test_a_whole_frame_inside_a_broken_one_is_found() -> None:
    line = STAMP + '[2,"1","StatusNotification",{"status":"Avai [2,"6","Heartbeat",{}]'
    log = logs.quiet(("glued.log", line.encode()), tables=["messages"])
    assert log.messages["message_id"].to_list() == ["6"]
    assert log.rejects.height == 1


def test_times_that_python_cannot_hold_are_null() -> None:
    lines = [
        f'{stamp} CP7 >> [2,"{number}","StatusNotification",{{"connectorId":1,"status":"Available","timestamp":"{stamp}"}}]'
        for number, stamp in enumerate(
    XX
        )
    ]
    log = logs.quiet(("times.log", "\n".join(lines).encode()), tables=["messages", "status_intervals"])
    for table in log.tables().values():
        assert table.to_dicts() is not None
    assert log.messages.filter(pl.col("log_time").is_not_null()).is_empty()
