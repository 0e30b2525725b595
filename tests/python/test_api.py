"""The functions as users call them."""

from __future__ import annotations

import gzip
import io
import pickle
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import logs
import ocpplog
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import zstandard

STORY = logs.text("CP1")
STORIES = Path(__file__).parent.parent / "data" / "stories"


def energies(log: ocpplog.Log) -> list[float]:
    return log.transactions["energy_wh"].to_list()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "CP1.log").write_bytes(STORY)
    return tmp_path


class TestSources:
    """Whatever holds the bytes, the rows are the same."""

    def test_a_path_as_text_or_path(self, folder):
        assert energies(ocpplog.read(str(folder / "CP1.log"))) == [900, 900]
        assert energies(ocpplog.read(folder / "CP1.log")) == [900, 900]

    def test_a_glob_and_a_folder(self, folder):
        assert energies(ocpplog.read(str(folder / "**/*.log"))) == [900, 900]
        assert energies(ocpplog.read(folder)) == [900, 900]

    def test_a_list_of_them(self, folder):
        (folder / "CP2.log").write_bytes(logs.text("CP2"))
        log = ocpplog.read([folder / "CP1.log", str(folder / "CP2.log")])
        assert log.charge_points["charge_point_id"].to_list() == ["CP1", "CP2"]

    def test_bytes_and_their_kin(self):
        sources: list[bytes | bytearray | memoryview] = [STORY, bytearray(STORY), memoryview(STORY)]
        for source in sources:
            assert energies(ocpplog.read(source)) == [900, 900]

    def test_a_name_and_bytes_show_in_the_provenance(self):
        log = ocpplog.read(("night.log", STORY))
        assert log.accounting["source_file"].cast(pl.String).to_list() == ["night.log"]

    def test_a_list_of_bytes_keeps_its_order(self):
        lines = STORY.splitlines(keepends=True)
        log = ocpplog.read([b"".join(lines[start : start + 4]) for start in range(0, len(lines), 4)])
        assert energies(log) == [900, 900]
        assert log.accounting.height > 1

    def test_an_open_file_and_a_stream(self, folder):
        with (folder / "CP1.log").open("rb") as file:
            assert energies(ocpplog.read(file)) == [900, 900]
        assert energies(ocpplog.read(io.BytesIO(STORY))) == [900, 900]

    @pytest.mark.parametrize(
        "pack", [gzip.compress, zstandard.compress, lambda data: gzip.compress(data[:900]) + gzip.compress(data[900:])]
    )
    def test_compressed_whatever_the_name_says(self, tmp_path, pack):
        path = tmp_path / "plain.log"
        path.write_bytes(pack(STORY))
        assert energies(ocpplog.read(path)) == [900, 900]
        assert energies(ocpplog.read(pack(STORY))) == [900, 900]
        assert energies(ocpplog.read(io.BytesIO(pack(STORY)))) == [900, 900]


class TestOptions:
    def test_only_the_asked_tables_are_built(self):
        log = ocpplog.read(STORY, tables=["transactions"])
        assert list(log.tables()) == ["transactions", "charge_points", "rejects", "unmatched", "accounting"]
        with pytest.raises(ocpplog.exceptions.OptionError, match="'messages' was not built; ask for it with tables="):
            _ = log.messages

    def test_by_default_all_but_messages(self):
        assert set(ocpplog.read(STORY).tables()) == set(ocpplog.schemas.table_names()) - {"messages"}

    def test_the_charge_point_of_a_log_without_identity(self, tmp_path):
        bare = b"".join(line.split(b" ", 2)[2] + b"\n" for line in STORY.splitlines())
        (tmp_path / "site-7_CP9_march.log").write_bytes(bare)
        for rule in ("CP9", re.compile(r"_(CP\d+)_"), r"_(CP\d+)_"):
            log = ocpplog.read(tmp_path, charge_point_id=rule)
            assert log.charge_points["charge_point_id"].to_list() == ["CP9"]

    def test_an_argument_wins_over_the_log_only_if_told_to(self):
        assert ocpplog.read(STORY, charge_point_id="X").charge_points["charge_point_id"].to_list() == ["CP1"]
        assert ocpplog.read(STORY, charge_point_id="X", override=True).charge_points["charge_point_id"].to_list() == [
            "X"
        ]

    @pytest.mark.parametrize(
        "start", [logs.BEGIN + timedelta(minutes=40), "2026-03-14T07:40", "2026-03-14T08:40:00+01:00"]
    )
    def test_start_keeps_what_overlaps(self, start):
        log = ocpplog.read(STORY, start=start)
        assert log.transactions["transaction_id"].to_list() == ["101"]
        log.check()

    def test_a_day_and_its_end(self):
        assert ocpplog.read(STORY, start=date(2026, 3, 14), end=date(2026, 3, 15)).transactions.height == 2
        assert ocpplog.read(STORY, end="2026-03-14").transactions.height == 0

    def test_charge_points_filter(self):
        log = ocpplog.read(logs.text("CP1", "CP2"), charge_points=["CP2"])
        assert log.transactions["charge_point_id"].unique().to_list() == ["CP2"]
        log.check()

    def test_the_times_are_utc_whatever_the_zone(self):
        naive = re.sub(rb"(?m)^(\S+)T(\S+?)Z ", rb"\1 \2 ", STORY)
        shifted = naive.replace(b" 07:", b" 08:")
        log = ocpplog.read([("a.log", shifted.split(b"\n2026-03-14 08:5")[0])], tables=["messages"], timezone="+01:00")
        assert log.messages["log_time"][0] == logs.BEGIN + timedelta(seconds=30)

    def test_rules_change_what_counts(self):
        huge = ocpplog.Rules(implausible_power_w=1.0)
        assert "energy_implausible" in ocpplog.read(STORY, rules=huge).transactions["flags"][0].to_list()

    def test_progress_is_told_in_bytes(self):
        told: list[tuple[int, int | None]] = []
        ocpplog.read(STORY, progress=lambda done, total: told.append((done, total)))
        assert told[-1][0] == len(STORY)

    def test_a_bar_is_drawn_on_stderr_and_wiped_off(self, capsys):
        ocpplog.read(STORY * 500, progress=True)
        captured = capsys.readouterr()
        assert not captured.out
        assert "MB/s" in captured.err
        assert captured.err.endswith("\r")

    def test_nobody_watches_so_no_bar_is_drawn(self, capsys):
        ocpplog.read(STORY)
        assert not capsys.readouterr().err

    def test_an_error_in_the_progress_callable_is_raised(self):
        class Enough(Exception):  # noqa: N818  # it is no error
            pass

        def stop(done: int, total: int | None) -> None:
            raise Enough

        with pytest.raises(Enough):
            ocpplog.read(STORY, progress=stop)
        assert energies(ocpplog.read(STORY)) == [900, 900]


@pytest.fixture(scope="module")
def messages() -> pl.DataFrame:
    return ocpplog.parse(STORY)


class TestRebuild:
    """The reduce side takes any table of messages."""

    def test_a_polars_frame_and_a_lazy_one(self, messages):
        assert energies(ocpplog.rebuild(messages)) == [900, 900]
        assert energies(ocpplog.rebuild(messages.lazy())) == [900, 900]

    def test_an_arrow_table(self, messages):
        table = messages.with_columns(pl.col(pl.Categorical).cast(pl.String)).to_arrow()
        assert isinstance(table, pa.Table)
        assert energies(ocpplog.rebuild(table)) == [900, 900]

    def test_a_pandas_frame(self, messages):
        frame = messages.with_columns(pl.col(pl.Categorical).cast(pl.String)).drop("flags").to_pandas()
        assert isinstance(frame, pd.DataFrame)
        assert energies(ocpplog.rebuild(frame)) == [900, 900]

    def test_raw_frames_from_a_database(self):
        rows = [line.split(b" ", 2) for line in STORY.splitlines()]
        frame = pl.DataFrame(
            {
                "charge_point_id": [row[1].decode() for row in rows],
                "log_time": [row[0].decode() for row in rows],
                "direction": [None] * len(rows),
                "frame": [row[2].decode() for row in rows],
            }
        )
        assert energies(ocpplog.rebuild(frame)) == [900, 900]

    def test_the_result_can_be_checked_traced_and_summed_up(self, messages):
        log = ocpplog.rebuild(messages, tables=ocpplog.schemas.table_names())
        log.check()
        assert log.trace("CP1", "101").height == 8
        assert ocpplog.rebuild(messages).trace("CP1", "101").height == 8
        assert log.summary()["energy_wh"].to_list() == [1800.0]
        assert "transactions 2" in repr(log)

    def test_a_missing_column_is_named(self, messages):
        with pytest.raises(ocpplog.exceptions.OptionError, match="columns payload are missing"):
            ocpplog.rebuild(messages.drop("payload"))

    def test_what_is_no_table(self):
        with pytest.raises(ocpplog.exceptions.OptionError, match="int is no table"):
            ocpplog.rebuild(5)

    def test_rows_that_hold_no_message_are_rejects(self, messages):
        rows = pl.DataFrame(
            {
                "charge_point_id": ["CP1"] * 4,
                "log_time": [f"2026-03-01T10:00:0{second}Z" for second in range(4)],
                "direction": ["in", "out", "in", "in"],
                "frame": ['[2,"1","Heartbeat",{}]', '[3,"1",{}]', '[2,"2","Heartb', None],
            }
        )
        with pytest.warns(ocpplog.OcpplogWarning, match="2 rejects: json_truncated 1, message_type 1"):
            log = ocpplog.rebuild(rows, tables=["messages"])
        log.check()
        assert log.messages["direction"].to_list() == ["from_charge_point", "from_csms"]
        assert log.messages["direction_source"].to_list() == ["log", "log"]
        assert log.rejects.select("source_line", "reason", "charge_point_id", "text").rows() == [
            (3, "json_truncated", "CP1", '[2,"2","Heartb'),
            (4, "message_type", "CP1", ""),
        ]

    def test_an_observation_is_taken_from_the_caller(self, messages):
        # Without the boot the first status may be older than the log, unless the log began long before.
        part = messages.filter(pl.col("action").cast(pl.String).ne_missing("BootNotification"))
        window = ocpplog.Observation(start=datetime(2026, 3, 1, tzinfo=UTC), end=datetime(2026, 4, 1, tzinfo=UTC))
        assert "left_censored" in ocpplog.rebuild(part).status_intervals["flags"][0].to_list()
        assert "left_censored" not in ocpplog.rebuild(part, observation=window).status_intervals["flags"][0].to_list()


class TestLog:
    def test_every_table_has_its_schema(self, example):
        for name, frame in example.tables().items():
            assert frame.schema == getattr(ocpplog.schemas, name), name

    def test_every_table_has_a_property(self):
        for name in ocpplog.schemas.table_names():
            assert isinstance(getattr(ocpplog.Log, name), property)

    def test_the_bundled_log_keeps_all_equations(self, example):
        example.check()

    def test_a_broken_equation_is_found(self):
        tables = ocpplog.read(STORY).tables()
        breaks = {
            "transactions": pl.col("energy_wh") + 5,
            "accounting": pl.col("lines") + 1,
            "status_intervals": pl.col("end_time") + timedelta(seconds=1),
        }
        for name, change in breaks.items():
            with pytest.raises(ocpplog.exceptions.InternalError, match=name):
                ocpplog.Log({**tables, name: tables[name].with_columns(change)}).check()
        with pytest.raises(ocpplog.exceptions.InternalError, match="order"):
            ocpplog.Log({"transactions": tables["transactions"].reverse()}).check()
        with pytest.raises(ocpplog.exceptions.InternalError, match="schema"):
            ocpplog.Log({"boots": tables["boots"].drop("vendor")}).check()

    def test_the_summary_has_one_row_per_charge_point(self):
        summary = ocpplog.read(logs.text("CP1", "CP2", sessions=3)).summary()
        assert summary.select(
            "charge_point_id", "transactions", "energy_wh", "mean_energy_wh", "failed_starts"
        ).rows() == [
            ("CP1", 3, 2700.0, 900.0, 0),
            ("CP2", 3, 2700.0, 900.0, 0),
        ]
        assert summary["firmware_version"].to_list() == ["1.0.3", "1.0.3"]
        assert summary["faults"].to_list() == [0, 0]

    def test_the_summary_counts_faults_and_time_offline_where_their_tables_were_built(self):
        silent = ocpplog.read(STORIES / "status_silence" / "log.txt").summary()
        assert silent.select("faults", "offline_duration").row(0) == (0, timedelta(minutes=40))
        faulted = ocpplog.read(STORIES / "fault_by_status" / "log.txt")
        assert faulted.summary()["faults"].to_list() == [3]
        without = ocpplog.read(STORIES / "fault_by_status" / "log.txt", tables=["transactions"]).summary()
        assert without.select("faults", "offline_duration").row(0) == (None, None)

    def test_contact_and_status_without_a_moment_told_twice_or_not_at_all(self):
        tables = ocpplog.read(STORIES / "status_silence" / "log.txt").tables()
        ocpplog.Log(tables).check()
        for name in ("connectivity_intervals", "status_intervals"):
            for shift in (timedelta(seconds=-1), timedelta(seconds=1)):
                moved = tables[name].with_columns(pl.col("end_time") + shift)
                with pytest.raises(ocpplog.exceptions.InternalError, match=name):
                    ocpplog.Log({name: moved}).check()
            with pytest.raises(ocpplog.exceptions.InternalError, match=name):
                ocpplog.Log({name: tables[name].with_columns(pl.col("duration") * 2)}).check()

    def test_a_refused_start_without_energy_is_no_charge(self):
        recorder = logs.Recorder("CP1")
        payload: dict[str, object] = {
            "connectorId": 1,
            "idTag": "CARD2",
            "meterStart": 5,
            "timestamp": logs.stamp(recorder.now),
        }
        recorder.ask("StartTransaction", payload, {"transactionId": 7, "idTagInfo": {"status": "Invalid"}})
        summary = ocpplog.read("\n".join(recorder.lines).encode()).summary()
        assert summary.select("transactions", "failed_starts", "energy_wh").row(0) == (0, 1, None)

    @pytest.mark.parametrize("tables", [None, ["transactions", "messages"]])
    def test_a_trace_shows_the_messages_of_a_transaction(self, tables):
        log = ocpplog.read(logs.text("CP1", "CP2"), tables=tables)
        trace = log.trace("CP1", "101")
        assert trace["charge_point_id"].unique().to_list() == ["CP1"]
        assert (
            trace["action"].cast(pl.String).to_list()
            == ["StartTransaction"] * 2 + ["MeterValues"] * 4 + ["StopTransaction"] * 2
        )
        assert trace["source_line"].null_count() == 0
        assert log.trace("CP1", 101).equals(trace)

    def test_a_trace_of_nothing(self):
        with pytest.raises(ocpplog.exceptions.OptionError, match="no transaction '9'"):
            ocpplog.read(STORY).trace("CP1", "9")

    def test_a_trace_needs_messages_or_sources(self):
        log = ocpplog.read(io.BytesIO(STORY))
        with pytest.raises(ocpplog.exceptions.OptionError, match="ask for the table 'messages'"):
            log.trace("CP1", "101")

    def test_it_survives_pickling(self):
        log = ocpplog.read(STORY)
        again = pickle.loads(pickle.dumps(log))  # noqa: S301  # our own bytes
        assert again.transactions.equals(log.transactions)

    def test_what_it_shows_is_safe(self):
        evil = STORY.replace(b"CP1", b"<script>alert(1)</script>")
        log = ocpplog.read(("\x1b[2J<b>.log", evil), charge_point_id="<script>", override=True)
        assert "<script>" not in log._repr_html_()
        assert "<b>" not in log._repr_html_()
        assert "\x1b" not in log._repr_html_() + repr(log)
        assert "\\x1b[2J" in repr(log)

    def test_what_it_shows_tells_what_was_found(self, example):
        assert "steve" in repr(example)
        assert "transactions" in example._repr_html_()


class TestSchemas:
    def test_they_exist_without_a_log(self):
        assert ocpplog.schemas.transactions["energy_wh"] == pl.Float64
        assert ocpplog.schemas.transactions["duration"] == pl.Duration("us")
        assert ocpplog.schemas.status_intervals["start_time"] == pl.Datetime("us", "UTC")
        assert isinstance(ocpplog.schemas.firmware_updates["statuses"], pl.List)

    def test_an_unknown_one(self):
        assert not hasattr(ocpplog.schemas, "chargers")

    def test_every_table_has_one(self):
        names = ocpplog.schemas.table_names()
        assert all(isinstance(getattr(ocpplog.schemas, name), pl.Schema) for name in names)
        assert set(names) < set(ocpplog.schemas.__all__)

    def test_every_column_has_a_meaning(self):
        described = ocpplog.schemas.describe()
        assert described.filter(pl.col("meaning").str.len_chars() < 3).is_empty()
        for words in (ocpplog.schemas.flags(), ocpplog.schemas.reasons(), ocpplog.schemas.layouts()):
            assert words.height > 0
            assert words.filter(pl.any_horizontal(pl.all() == "")).select(words.columns[0]).height < words.height

    def test_quantities_carry_their_unit(self):
        for suffix, unit in {"_wh": "Wh", "_w": "W", "_pct": "%"}.items():
            columns = ocpplog.schemas.describe().filter(pl.col("column").str.ends_with(suffix))
            assert columns["dtype"].unique().to_list() in ([], ["Float64"]), suffix
            assert set(columns["unit"]) <= {unit}, suffix


class TestDetect:
    def test_it_names_the_layout_and_its_evidence(self):
        found = ocpplog.detect([("a.log", STORY), ("b.log", b"nothing of interest\n")])
        assert found["source_file"].to_list() == ["a.log", "b.log"]
        assert found["layout"][0] == "text"
        assert found["evidence"].list.len()[0] > 0


def test_a_flags_column_uses_only_listed_flags(example):
    listed = set(ocpplog.schemas.flags()["flag"])
    for name, frame in example.tables().items():
        if "flags" in frame.columns:
            used = frame["flags"].explode().drop_nulls().unique().to_list()
            assert {flag.split(":")[0] for flag in used} <= listed, name


def test_reject_reasons_are_listed():
    log = logs.quiet(STORY + b'2026-03-14T09:00:00Z CP1 [2,"x","Heartbeat",{\n')
    assert set(log.rejects["reason"].cast(pl.String)) <= set(ocpplog.schemas.reasons()["reason"])


def test_ctrl_c_ends_a_read_soon(tmp_path):
    path = tmp_path / "long.log"
    path.write_bytes(STORY * 20_000)
    code = f"""
import _thread, threading, time, ocpplog
threading.Timer(0.3, _thread.interrupt_main).start()
begin = time.monotonic()
try:
    ocpplog.read({str(path)!r}, threads=1, progress=False)
except KeyboardInterrupt:
    print("stopped", time.monotonic() - begin)
print(ocpplog.read(b"").transactions.height)
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    if "stopped" in done.stdout:  # a fast machine is done before the interrupt
        assert float(done.stdout.split()[1]) < 0.3 + 0.5
    assert done.stdout.splitlines()[-1] == "0"
