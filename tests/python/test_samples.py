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

# They hold no message: security events without an envelope, and actions without payloads.
WITHOUT_MESSAGES = {"libocpp_security.log", "occpcore_messagelog.csv"}
# What the table leaves open, or counts as frames on the wire only: tables and records that hold frames in parts.
FRAMES = {
    "csv_payload_only_excel_de.csv": 34,
    "java_oca_ocpp.log": 19,
    "steve_soap_1.2.log": 32,
    "steve_soap_1.6.log": 32,
}
STORY = "5001: 120500 -> 121900"
# They tell a story of their own, or the story with something missing.
OWN_STORY = {
    "citrineos_tslog_json.log",
    "citrineos_tslog_pretty.log",
    "edge_dst_fold_local.log",
    "java_oca_ocpp.log",
    "microocpp_console.log",
    "steve_soap_1.2.log",
    "steve_soap_1.6.log",
    "tinkerforge_trace.log",
    "tshark_json.json",
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
    "row", [row for row in ROWS if row["file"] not in WITHOUT_MESSAGES], ids=lambda row: row["file"]
)
with_the_story = pytest.mark.parametrize(
    "row", [row for row in ROWS if row["file"] not in WITHOUT_MESSAGES | OWN_STORY], ids=lambda row: row["file"]
)


def read(row: dict[str, str]):
    return logs.quiet(
        SAMPLES / "layouts" / row["file"],
        tables=["messages", *sorted({"transactions", "meter_values", "status_intervals", "firmware_updates", "boots"})],
    )


@in_scope
def test_all_frames_are_found(row):
    log = read(row)
    assert log.accounting["messages"].sum() == (FRAMES.get(row["file"]) or int(row["frames"]))
    assert log.messages["payload"].null_count() == 0
    log.check()


@in_scope
def test_the_charge_point_is_that_of_the_log(row):
    found = read(row).charge_points["charge_point_id"].to_list()
    # The one line of this console that holds a frame does not name the charge point.
    if row["charge_point_in_log"] == "none" or row["file"] == "citrineos_tslog_pretty.log":
        assert all(name.startswith("unknown:") for name in found)
    else:
        assert row["charge_point_in_log"] in found


@with_the_story
def test_the_transaction_is_exact(row):
    transactions = read(row).transactions
    assert set(transactions["transaction_id"]) == {"5001"}
    first = transactions.row(0, named=True)
    assert f"5001: {first['meter_start_wh']:.0f} -> {first['meter_stop_wh']:.0f}" == (row["transactions"] or STORY)
    assert (first["energy_wh"], first["energy_method"], first["state"]) == (1400.0, "start_stop", "completed")
    # The story of the virtual charge point has one sample less.
    assert first["energy_wh_register"] == (600.0 if row["note"] == "its own story" else 1200.0)
    assert transactions.height == (2 if "twice" in row["note"] else 1)


@in_scope
def test_the_statuses_of_connector_1_are_in_order(row):
    rows = read(row).status_intervals.filter(pl.col("connector_id") == 1)
    # Lost contact and boots cut a state into rows: what goes on behind such a cut is no new status.
    cut = pl.col("end_reason").cast(pl.String).is_in(["contact_lost", "contact_regained"])
    intervals = rows.filter(~cut.shift(1, fill_value=False))
    if row["connector_1_status"] or row["file"] not in FRAMES:
        assert intervals["status"].cast(pl.String).to_list() == row["connector_1_status"].split()
    if rows.height:
        assert rows["end_time"][-1] is None


@in_scope
def test_the_firmware_job_is_told(row):
    updates = read(row).firmware_updates
    statuses = [step["status"] for job in updates["statuses"].to_list() for step in job]
    if row["firmware_statuses"] or row["file"] not in FRAMES:
        assert statuses == row["firmware_statuses"].split()
    if row["file"] not in OWN_STORY:
        outcomes = updates["outcome"].cast(pl.String).to_list()
        # Where the story is told twice, the second boot shows that the first update changed nothing.
        twice = ["installed_version_unchanged", "installed_unverified"]
        assert outcomes == (twice if "twice" in row["note"] else ["installed_unverified"])


@pytest.mark.parametrize("row", [row for row in ROWS if row["file"] in WITHOUT_MESSAGES], ids=lambda row: row["file"])
def test_a_log_without_messages_is_told(row):
    log = read(row)
    log.check()
    assert log.messages.is_empty()
    assert log.rejects["reason"].cast(pl.String).to_list() == ["no_frames"]
    if row["file"].endswith(".csv"):
        assert "without payloads" in log.rejects["detail"][0]


def test_what_the_incomplete_layouts_leave_out_is_told():
    if not ROWS:
        pytest.skip("the samples are not beside the checkout")
    pretty = read({"file": "citrineos_tslog_pretty.log"})
    assert pretty.rejects["reason"].cast(pl.String).to_list() == ["frame_repr"] * 3
    assert "json_truncated" in read({"file": "tinkerforge_trace.log"}).rejects["reason"].cast(pl.String).to_list()
    # The answers of the program that logs are missing: every call that only they could settle says so.
    java = read({"file": "java_oca_ocpp.log"})
    assert java.messages["outcome"].cast(pl.String).drop_nulls().to_list().count("unknown_log_end") > 0
    assert java.transactions["transaction_id"].to_list() == ["5001"]
    assert java.transactions["flags"].to_list() != [[]]


@pytest.mark.parametrize("version", ["1.2", "1.6"])
def test_soap_tells_the_story_as_its_version_can(version):
    log = read({"file": f"steve_soap_{version}.log"})
    calls = log.messages.filter(pl.col("message_type") == "CALL")
    assert (calls.height, calls["outcome"].cast(pl.String).to_list()) == (16, ["result"] * 16)
    assert log.messages["transport"].cast(pl.String).unique().to_list() == ["soap"]
    assert log.messages["ocpp_version"].cast(pl.String).unique().to_list() == [version]
    row = log.transactions.row(0, named=True)
    assert (row["transaction_id"], row["energy_wh"], row["energy_wh_register"]) == ("5001", 1400.0, 1200.0)
    statuses = log.status_intervals.filter(pl.col("connector_id") == 1)["status"].cast(pl.String).to_list()
    of_12 = ["Available", "Occupied", "Available"]
    assert statuses == (of_12 if version == "1.2" else ["Available", "Preparing", "Charging", "Finishing", "Available"])
    updates = [step["status"] for job in log.firmware_updates["statuses"].to_list() for step in job]
    assert updates == ["Downloading", "Downloaded", "Installing", "Installed"]


def test_the_layouts_agree_about_the_times():
    """The files of the same day were written by one story, each with its own precision."""
    starts = set()
    for row in ROWS:
        if row["file"] in WITHOUT_MESSAGES | OWN_STORY or "its own story" in row["note"]:
            continue
        start = read(row).transactions["start_time"][0]
        if start.day == 14:
            starts.add(start)
    assert len(starts) == 1
