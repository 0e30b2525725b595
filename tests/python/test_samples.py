"""One story in every layout: the same rows must come out of each of them.

The samples lie beside the checkout, not in it; without them there is nothing to compare.
"""

from __future__ import annotations

import csv
from pathlib import Path

import logs
import polars as pl
import pytest

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"

# Frames over several lines, in cells, as XML, or not as arrays: they end in rejects and accounting, not in wrong rows.
LATER = {
    "citrineos_ocppmessages.csv",
    "citrineos_tslog_pretty.log",
    "cloudwatch_filter_log_events.json",
    "csv_kwwhat.csv",
    "csv_payload_only_excel_de.csv",
    "libocpp_console_detailed.log",
    "libocpp_security.log",
    "libocpp_text.log",
    "occpcore_messagelog.csv",
    "steve_soap_1.2.log",
    "steve_soap_1.6.log",
    "tshark_json.json",
}
# They tell a story of their own, or the story with something missing.
OWN_STORY = {
    "citrineos_tslog_json.log",
    "edge_dst_fold_local.log",
    "java_oca_ocpp.log",
    "microocpp_console.log",
    "tinkerforge_trace.log",
}


def promises() -> list[dict[str, str]]:
    path = SAMPLES / "layouts.tsv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


ROWS = promises()
pytestmark = pytest.mark.skipif(not ROWS, reason="the samples are not beside the checkout")

in_scope = pytest.mark.parametrize(
    "row", [row for row in ROWS if row["file"] not in LATER], ids=lambda row: row["file"]
)
with_the_story = pytest.mark.parametrize(
    "row", [row for row in ROWS if row["file"] not in LATER | OWN_STORY], ids=lambda row: row["file"]
)


def read(row: dict[str, str]):
    return logs.quiet(
        SAMPLES / "layouts" / row["file"],
        tables=["messages", *sorted({"transactions", "meter_values", "status_intervals", "firmware_updates", "boots"})],
    )


@in_scope
def test_all_frames_are_found(row):
    log = read(row)
    assert log.accounting["messages"].sum() == int(row["frames"])
    assert log.messages.filter(pl.col("payload").is_not_null() | (pl.col("message_type") == "CALLERROR")).height >= 0
    log.check()


@in_scope
def test_the_charge_point_is_that_of_the_log(row):
    found = read(row).charge_points["charge_point_id"].to_list()
    if row["charge_point_in_log"] == "none":
        assert all(name.startswith("unknown:") for name in found)
    else:
        assert row["charge_point_in_log"] in found


@with_the_story
def test_the_transaction_is_exact(row):
    transactions = read(row).transactions
    assert set(transactions["transaction_id"]) == {"5001"}
    first = transactions.row(0, named=True)
    assert f"5001: {first['meter_start_wh']:.0f} -> {first['meter_stop_wh']:.0f}" == row["transactions"]
    assert (first["energy_wh"], first["energy_method"], first["state"]) == (1400.0, "start_stop", "completed")
    # The story of the virtual charge point has one sample less.
    assert first["energy_wh_register"] == (600.0 if row["note"] == "its own story" else 1200.0)
    assert transactions.height == (2 if "twice" in row["note"] else 1)


@in_scope
def test_the_statuses_of_connector_1_are_in_order(row):
    intervals = read(row).status_intervals.filter(pl.col("connector_id") == 1)
    assert intervals["status"].cast(pl.String).to_list() == row["connector_1_status"].split()
    if intervals.height:
        assert intervals["end_time"][-1] is None


@in_scope
def test_the_firmware_job_is_told(row):
    updates = read(row).firmware_updates
    statuses = [step["status"] for job in updates["statuses"].to_list() for step in job]
    assert statuses == row["firmware_statuses"].split()
    if row["file"] not in OWN_STORY:
        outcomes = updates["outcome"].cast(pl.String).to_list()
        # Where the story is told twice, the second boot shows that the first update changed nothing.
        twice = ["installed_version_unchanged", "installed_unverified"]
        assert outcomes == (twice if "twice" in row["note"] else ["installed_unverified"])


@pytest.mark.parametrize("row", [row for row in ROWS if row["file"] in LATER], ids=lambda row: row["file"])
def test_what_is_not_read_yet_gives_no_wrong_rows(row):
    log = read(row)
    log.check()
    assert log.transactions.is_empty()
    assert log.status_intervals.is_empty()
    assert log.rejects.height > 0


def test_the_layouts_agree_about_the_times():
    """The files of the same day were written by one story, each with its own precision."""
    starts = set()
    for row in ROWS:
        if row["file"] in LATER | OWN_STORY or "its own story" in row["note"]:
            continue
        start = read(row).transactions["start_time"][0]
        if start.day == 14:
            starts.add(start)
    assert len(starts) == 1
