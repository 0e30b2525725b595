"""Excerpts of real logs beside the checkout: every frame is told, and their stories come out.

`expected/` holds the stories, made by hand or by a naive script. They list accepted starts only; here a refused start
is a row as well (decision 2), and one that was sent again with the same content is not.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import logs
import polars as pl
import pytest
import strict

REAL = Path(__file__).parents[3] / "shared" / "samples" / "real"
LOGS: list[Any] = sorted(path for path in REAL.glob("*_*") if path.is_file()) or [
    pytest.param(None, marks=pytest.mark.skip(reason="the real logs are not beside the checkout"))
]
KINDS = {2: "CALL", 3: "CALLRESULT", 4: "CALLERROR", 5: "CALLRESULTERROR", 6: "SEND"}
# They hold messages that are no arrays: records of Java, and envelopes.
NO_ARRAYS = {"005": 1200, "057": 18}
TABLES = ["messages", "transactions", "status_intervals", "firmware_updates", "boots", "meter_values"]


def read(number: str, **options: Any):
    paths = list(REAL.glob(f"{number}_*"))
    if not paths:
        pytest.skip("the real logs are not beside the checkout")
    return logs.quiet(paths[0], tables=TABLES, **options)


def expected(number: str) -> dict[str, Any]:
    path = REAL / "expected" / f"{number}.json"
    if not path.exists():
        pytest.skip("the real logs are not beside the checkout")
    story: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return story


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.name if path else "none")
def test_every_frame_of_a_strict_decoder_is_a_message_a_duplicate_or_a_reject(path):
    log = logs.quiet(path, tables=TABLES)
    columns = log.messages.select(pl.col("message_type").cast(pl.String), "message_id")
    ours = Counter(row for row in columns.iter_rows() if row[0] in KINDS.values())
    theirs = Counter({(KINDS[kind], name): count for (kind, name), count in strict.frames(path.read_bytes()).items()})
    if path.name[:3] in NO_ARRAYS:
        assert ours.total() == NO_ARRAYS[path.name[:3]]
        assert not theirs
        return
    missing = theirs - ours
    # A copy leaves its account, a frame in an error's text a reject with the frame in it.
    rejects = "\n".join(log.rejects["text"].drop_nulls())
    told = sum(count for (_, name), count in missing.items() if name in rejects)
    assert missing.total() - told <= log.accounting["duplicates"].sum(), missing
    assert not ours - theirs


def instant(text: str | None) -> datetime | None:
    """Read an instant; one without an offset is UTC."""
    if text is None:
        return None
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def told(story: dict[str, Any]) -> list[tuple[Any, ...]]:
    rows = story["transactions"]
    return [
        (
            None if row["transaction_id"] is None else str(row["transaction_id"]),
            row["connector"],
            instant(row["start"]),
            row["meter_start"],
            instant(row["stop"]),
            row["meter_stop"],
            row["reason"],
            "open" if row["open"] else "completed",
        )
        for row in rows
    ]


def found(log, **changes: Any) -> list[tuple[Any, ...]]:
    columns = ["transaction_id", "connector_id", "start_time", "meter_start_wh", "stop_time", "meter_stop_wh"]
    columns += ["stop_reason", "state"]
    accepted = log.transactions.filter(pl.col("auth_status").cast(pl.String) == "Accepted")
    rows = accepted.select(columns).rows(named=True)
    return [tuple({**row, **changes}.values()) for row in rows]


@pytest.mark.parametrize("number", ["009", "012", "015", "023", "036", "050", "r01", "r02", "r03", "r10"])
def test_the_transactions_are_those_of_the_story(number):
    """Those of 009, 012, 023, 036 and 050 were made by a script; no row differs."""
    story = expected(number)
    rows = found(read(number))
    # What a transaction without a stop ends with is the last sign of it; the stories leave that open.
    rows = [(*row[:4], None, *row[5:]) if row[7] != "completed" else row for row in rows]
    rows = [(*row[:7], "open") if row[7] == "closed_implicit" else row for row in rows]
    assert sorted(rows, key=str) == sorted(told(story), key=str)


@pytest.mark.parametrize("number", ["015", "r01", "r02", "r03", "r10"])
def test_the_energies_are_those_of_the_story(number):
    story = expected(number)
    energies = {row["energy_wh"] for row in story["transactions"] if "energy_wh" in row}
    ours = read(number).transactions.filter(pl.col("state").cast(pl.String) == "completed")
    assert energies <= set(ours["energy_wh"])


def statuses(log, connector: int) -> list[str]:
    rows = log.status_intervals.filter(pl.col("connector_id") == connector)
    return [str(status) for status in rows["status"].cast(pl.String)]


def kinds(log) -> Counter[str]:
    return Counter(log.messages["message_type"].cast(pl.String))


def calls(log, action: str) -> pl.DataFrame:
    frame: pl.DataFrame = log.messages.filter(
        (pl.col("message_type").cast(pl.String) == "CALL") & (pl.col("action").cast(pl.String) == action)
    )
    return frame


def test_001_all_starts_are_refused_and_the_broken_frames_are_told():
    story, log = expected("001"), read("001")
    assert (kinds(log)["CALLRESULT"], kinds(log)["CALLERROR"]) == (story["call_results"], story["call_errors"])
    assert log.rejects["reason"].cast(pl.String).to_list() == ["json_syntax"] * story["bad_json_frames"]
    assert calls(log, "StartTransaction").height == story["starts"]
    assert calls(log, "StopTransaction").height == story["stops"]
    # The bench sends one start again and again: one row, and as many attempts.
    assert log.transactions["start_attempts"].sum() == story["refused_starts"]
    assert set(log.transactions["auth_status"].cast(pl.String).drop_nulls()) == {"Invalid"}
    assert found(log) == []


def test_002_refused_starts_and_stops_without_a_start():
    """Made by a script; the bench repeats one start and one stop with equal content, which are attempts of one row."""
    story, log = expected("002"), read("002")
    assert found(log) == story["transactions"]
    refused = log.transactions.filter(pl.col("auth_status").cast(pl.String) != "Accepted")
    assert refused["start_attempts"].sum() == story["refused_starts"]
    assert calls(log, "StopTransaction").height == story["orphan_stops"]


def test_007_the_name_is_empty_and_the_statuses_are_in_order():
    story, log = expected("007"), read("007")
    assert log.transactions.is_empty()
    rows = log.status_intervals.filter(pl.col("connector_id") == 1)
    shown = rows.select(pl.col("status").cast(pl.String), pl.col("start_time").dt.strftime("%H:%M:%S%.3f")).rows()
    # The same status again confirms the row (rule book 4.2); the story lists reports.
    told = [report.split() for report in story["connector_1"]]
    news = [report for before, report in zip([["", ""], *told], told, strict=False) if before[0] != report[0]]
    assert [list(row) for row in shown] == news
    assert rows["confirmations"].sum() == len(told) - len(news)


def test_011_a_hard_wrapped_console_is_put_together():
    """Made by a script."""
    story, log = expected("011"), read("011")
    states = Counter(log.transactions["state"].cast(pl.String))
    assert states == {"completed": story["transactions_closed"], "stop_only": story["orphan_stops"]}
    assert set(log.transactions["transaction_id"]) == {"1"}
    whole = log.transactions.filter(pl.col("state").cast(pl.String) == "completed")
    assert set(whole["stop_reason"].cast(pl.String)) == {"Remote"}
    assert set(whole["meter_start_wh"]) == {story["meter_start"]}
    assert set(whole["meter_stop_wh"]) == {story["meter_stop"]}


def test_015_two_guns_and_their_statuses():
    story, log = expected("015"), read("015")
    for connector in (0, 1, 2):
        assert statuses(log, connector) == story[f"connector_{connector}"]
    assert kinds(log)["CALLERROR"] == story["call_errors"]
    assert log.charge_points["charge_point_id"].to_list() == [story["station"]]


def test_018_a_transaction_of_201_that_runs_on():
    story, log = expected("018"), read("018")
    told = story["transactions"][0]
    row = log.transactions.row(0, named=True)
    assert log.transactions.height == 1
    assert (row["transaction_id"], row["evse_id"], row["connector_id"]) == (
        told["transaction_id"],
        told["evse"],
        told["connector"],
    )
    assert (row["id_tag"], row["start_time"], row["state"]) == (told["id_token"], instant(told["start"]), "open")
    status = log.status_intervals.row(0, named=True)
    assert (status["evse_id"], status["connector_id"], status["status"]) == (1, 1, "Occupied")
    assert status["start_time"] == instant("2024-08-21T12:24:38.592Z")


def test_021_a_download_that_fails():
    story, log = expected("021"), read("021")
    job = log.firmware_updates.row(0, named=True)
    assert log.firmware_updates.height == 1
    assert job["location"] == story["firmware"]["location"]
    assert job["requested_at"] == instant("2026-04-23T08:23:42-04:00")
    # What is repeated on a trigger is no news.
    assert [step["status"] for step in job["statuses"]] == ["Downloading", "DownloadFailed"]
    assert job["outcome"] == "download_failed"
    assert calls(log, "RemoteStartTransaction").height == story["remote_starts"]
    assert log.transactions.is_empty()


@pytest.mark.parametrize("number", ["025", "035", "048"])
def test_a_log_without_frames_says_so(number):
    log = read(number)
    assert log.messages.height == expected(number)["frames"]
    assert log.rejects["reason"].cast(pl.String).to_list() == ["no_frames"]


@pytest.mark.parametrize("number", ["027", "028"])
def test_starts_without_an_id_stay_without_one(number):
    story, log = expected(number), read(number)
    assert calls(log, "StartTransaction").height == story["starts"]
    assert calls(log, "StopTransaction").height == story["stops"]
    started = log.transactions.filter(pl.col("state").cast(pl.String) != "stop_only")
    assert started["transaction_id"].null_count() == started.height
    assert started["start_attempts"].sum() == story["starts"]
    if "boots" in story:
        assert (log.boots.height, kinds(log)["CALLERROR"]) == (story["boots"], story["call_errors"])


def test_036_the_firmware_of_a_log_with_times_of_day():
    """Made by a script, which knows of requests that were left out of the excerpt.

    Without them the statuses that follow a failure are tries of the request before it (rule book 5.2), so the last two
    stories are one job here.
    """
    story, log = expected("036"), read("036")
    told = [[status.split()[0] for status in job["statuses"]] for job in story["firmware"][-2:]]
    job = log.firmware_updates.row(-1, named=True)
    assert [step["status"] for step in job["statuses"]] == [*told[0], *told[1]]
    assert (job["outcome_class"], job["download_attempts"]) == ("success", 2)
    assert str(job["requested_at"].date()) in story["days"]
    assert log.firmware_updates["outcome"].cast(pl.String)[0] == "not_delivered"


def test_037_a_start_whose_answer_is_not_in_the_log():
    story, log = expected("037"), read("037")
    told, row = story["start"], log.transactions.row(0, named=True)
    assert (row["transaction_id"], row["connector_id"], row["id_tag"]) == (None, told["connector"], told["id_tag"])
    assert (row["start_time"], row["meter_start_wh"], row["state"]) == (instant(told["start"]), 164.0, "open")
    # A log that ends is no fault.
    assert row["flags"] == []
    spoken = [log.status_intervals, log.transactions, log.meter_values]
    assert {connector for frame in spoken for connector in frame["connector_id"]} == set(story["connectors"])


def test_038_many_starts_and_few_ends():
    story, log = expected("038"), read("038")
    assert log.transactions.height == story["started"]
    closed = log.transactions.filter(pl.col("state").cast(pl.String) == "completed")
    ours = closed.select("transaction_id", "start_time", "stop_time", "connector_id").rows()
    theirs = [
        (row["transaction_id"], instant(row["start"]), instant(row["stop"]), row["connector"])
        for row in story["closed"]
    ]
    assert sorted(ours) == sorted(theirs)


def test_043_calls_as_texts_and_answers_over_lines():
    story, log = expected("043"), read("043")
    assert log.boots.height == story["boots"]
    assert calls(log, "StatusNotification").height == story["status_notifications"]
    assert calls(log, "Heartbeat").height == story["heartbeats"]
    assert set(log.status_intervals["status"].cast(pl.String)) == {story["all_status"]}
    assert Counter(calls(log, "BootNotification")["outcome"].cast(pl.String)) == {"result": story["boots"]}


def test_057_envelopes_of_12():
    log = read("057")
    assert log.messages.height == expected("057")["envelopes"]
    assert log.messages["ocpp_version"].cast(pl.String).unique().to_list() == ["1.2"]


def test_r05_lines_that_a_screen_cut():
    story, log = expected("r05"), read("r05")
    assert (log.messages.height, log.rejects.height) == (story["good_frames"], story["cut_frames"])
    assert log.transactions.is_empty()


def test_r06_a_clock_that_was_not_set():
    story, log = expected("r06"), read("r06")
    assert log.rejects.height == story["bad_json_frames"]
    rows = log.status_intervals.filter(pl.col("connector_id") == 1)
    assert statuses(log, 1) == ["Available", "Preparing"]
    assert "clock_unset" in rows["flags"][0]
    assert rows["start_time"][1] == instant("2031-06-04T12:38:10.000Z")
    orphans = log.messages.filter(pl.col("flags").list.contains("orphan_response"))
    assert orphans["message_id"].to_list() == [story["orphan_result"]]


def test_r08_a_number_with_an_exponent_over_lines():
    story, log = expected("r08"), read("r08")
    assert log.messages.height == story["frames"]
    current = log.meter_values.filter(pl.col("phase").cast(pl.String) == "L1")
    assert current["value"].to_list() == [story["current_l1"]]


def test_r12_frames_among_other_lines():
    assert read("r12").messages.height == expected("r12")["frames"]


def test_r13_the_largest_id_and_a_sample_without_a_measurand():
    story, log = expected("r13"), read("r13")
    sample = log.meter_values.row(0, named=True)
    assert sample["value"] == story["energy_kwh"] * 1000
    assert any(str(story["transaction_id"]) in payload for payload in log.messages["payload"])


def test_r15_a_sample_behind_its_stop():
    story, log = expected("r15"), read("r15")
    rows = log.transactions.select("transaction_id", pl.col("state").cast(pl.String)).rows()
    assert sorted(rows) == [
        (str(story["orphan_stops"][0]), "stop_only"),
        (str(story["transactions"][0]["transaction_id"]), "open"),
    ]


def test_r17_one_registration_again_and_again():
    story, log = expected("r17"), read("r17")
    assert log.boots.height == story["boots"]
    assert log.boots["is_reboot"].sum() <= story["boots"]
    assert len(set(calls(log, "BootNotification")["message_id"])) == 1


def test_r20_an_update_that_skips_the_download():
    story, log = expected("r20"), read("r20")
    job = log.firmware_updates.row(0, named=True)
    assert [step["status"] for step in job["statuses"]] == story["firmware"]["statuses"]
    assert job["outcome_class"] == "success"
    assert job["boots_during"] == 1
