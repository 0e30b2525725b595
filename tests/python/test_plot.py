"""The pictures: their figures are those of the tables, and they say what they leave out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import altair as alt
import logs
import ocpplog
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocpplog import plot
from ocpplog.plot._dominant import dominant
from ocpplog.plot._flow import flow
from ocpplog.plot._load import profile

HOUR = timedelta(hours=1)
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)

# Each picture, from a log and from its table.
PICTURES: dict[str, tuple[Any, Any]] = {
    "timeline": (plot.timeline, lambda log: plot.timeline(log.status_intervals, transactions=log.transactions)),
    "energy": (plot.energy, lambda log: plot.energy(log.transactions)),
    "energy per charge point": (
        lambda log: plot.energy(log, by="charge_point"),
        lambda log: plot.energy(log.transactions, by="charge_point"),
    ),
    "load": (plot.load, lambda log: plot.load(log.transactions, meter_values=log.meter_values)),
    "heatmap": (plot.heatmap, lambda log: plot.heatmap(log.status_intervals)),
    "firmware": (plot.firmware, lambda log: plot.firmware(log.firmware_versions)),
    "updates": (lambda log: plot.firmware(log, show="outcomes"), lambda log: plot.firmware(log.firmware_updates)),
    "faults": (plot.faults, lambda log: plot.faults(log.faults)),
    "latency": (plot.latency, lambda log: plot.latency(log.call_statistics)),
    "power": (
        lambda log: plot.power(log, "CP0001", "10006"),
        lambda log: plot.power(log.meter_values, "CP0001", 10006),
    ),
}


def powerless() -> alt.Chart:
    """The power of a transaction of which only the temperature was told."""
    warm = of_readings((0, 21.0)).with_columns(measurand=pl.lit("Temperature"))
    return plot.power(warm, "CP1", "1")


def notes(chart: alt.Chart) -> str:
    """What stands under the title."""
    title = chart.to_dict()["title"]
    return " ".join(title.get("subtitle", []))


def of_a_charge(**given: Any) -> pl.DataFrame:
    """One transaction from 10:05 to 10:35 with 5 kWh, or as given."""
    row = {
        "charge_point_id": "CP1",
        "transaction_id": "1",
        "start_time": NOON - timedelta(minutes=115),
        "stop_time": NOON - timedelta(minutes=85),
        "energy_wh": 5000.0,
        "meter_start_wh": 0.0,
        **given,
    }
    return pl.DataFrame([row], schema={name: ocpplog.schemas.transactions[name] for name in row})


def of_readings(*readings: tuple[int, float]) -> pl.DataFrame:
    """Readings of the register of the transaction, minutes behind 10:00."""
    rows = [
        {
            "charge_point_id": "CP1",
            "transaction_id": "1",
            "time": NOON - timedelta(minutes=120 - minute),
            "measurand": "Energy.Active.Import.Register",
            "value": value,
        }
        for minute, value in readings
    ]
    return pl.concat([ocpplog.schemas.meter_values.to_frame(), pl.DataFrame(rows)], how="diagonal_relaxed")


class TestEveryPicture:
    @pytest.mark.parametrize("name", PICTURES)
    def test_a_log_and_its_table_give_the_same_picture(self, example, name):
        of_log, of_table = PICTURES[name]
        chart = of_log(example)
        assert type(chart) is alt.Chart
        assert chart.data.height > 0
        told = of_table(example).data
        # Of the versions only a log tells how long the last ones ran.
        assert chart.data.equals(told) or (name == "firmware" and chart.data.head(told.height).equals(told))

    @pytest.mark.parametrize("name", PICTURES)
    def test_it_is_a_valid_chart_and_becomes_a_picture_without_a_network(self, example, tmp_path, name):
        chart = PICTURES[name][0](example)
        assert chart.to_dict()["mark"]
        assert plot.save(chart, tmp_path / "chart.svg").read_text().startswith("<svg")
        assert plot.save(chart, tmp_path / "chart.png", scale=1).read_bytes().startswith(b"\x89PNG")

    @pytest.mark.parametrize("name", [name for name in PICTURES if name != "power"])
    def test_without_rows_it_says_so(self, name):
        chart = PICTURES[name][0](logs.quiet(b""))
        assert "nothing to draw" in notes(chart)

    @pytest.mark.parametrize("name", PICTURES)
    def test_without_rows_it_is_a_small_picture_with_a_sentence(self, tmp_path, name):
        chart = powerless() if name == "power" else PICTURES[name][0](logs.quiet(b""))
        drawn = plot.save(chart, tmp_path / "chart.svg").read_text()
        assert "There is nothing to draw." in drawn
        sizes = [float(size) for size in re.findall(r'^<svg[^>]* width="([^"]+)" height="([^"]+)"', drawn)[0]]
        assert all(0 < size < 1_000 for size in sizes)
        assert plot.save(chart, tmp_path / "chart.png", scale=1).read_bytes().startswith(b"\x89PNG")

    def test_characters_that_no_picture_can_hold_are_replaced(self, tmp_path):
        strange = "\x00\x1b\ufffe\uffff"
        chart = plot.energy(of_a_charge(quality="good", charge_point_id=strange), by="charge_point", title=strange)
        foreign = alt.Chart(pl.DataFrame({"name": [strange + "\ud800".encode("utf-8", "replace").decode()]}))
        for drawn in (chart, foreign.mark_bar().encode(y="name:N")):
            for kind in ("svg", "png", "pdf"):
                assert plot.save(drawn, tmp_path / f"chart.{kind}").stat().st_size > 100

    def test_what_cannot_be_written_is_named_as_it_was_given(self, example, tmp_path):
        chart = plot.energy(example)
        with pytest.raises(ocpplog.exceptions.OutputError, match=r"/no/x\.svg: there is no such folder as .*/no$"):
            plot.save(chart, tmp_path / "no" / "x.svg")
        (tmp_path / "folder.svg").mkdir()
        with pytest.raises(ocpplog.exceptions.OutputError, match="this is a folder; name a file"):
            plot.save(chart, tmp_path / "folder.svg")
        long = "x" * 300
        with pytest.raises(ocpplog.exceptions.OutputError, match=f"/{long}"):
            plot.save(chart, tmp_path / f"{long}.svg")

    def test_charts_stand_side_by_side(self, example):
        both = (plot.energy(example) | plot.faults(example)) & plot.load(example)
        assert both.to_dict()["vconcat"]

    @pytest.mark.parametrize("name", ["timeline", "load", "power"])
    def test_the_zone_of_the_machine_does_not_matter(self, name):
        call = "plot.power(log, 'CP0001', '10006')" if name == "power" else f"plot.{name}(log)"
        code = (
            "import warnings; warnings.simplefilter('ignore')\n"
            "import ocpplog, sys, vl_convert\nfrom ocpplog import plot\n"
            "log = ocpplog.read(ocpplog.example_log())\n"
            f"sys.stdout.write(vl_convert.vegalite_to_svg({call}.to_json(indent=None)))"
        )
        drawn = {
            subprocess.run(
                [sys.executable, "-c", code], env={**os.environ, "TZ": zone}, capture_output=True, check=True
            ).stdout
            for zone in ("UTC", "Asia/Tokyo")
        }
        assert len(drawn) == 1

    def test_the_wrong_table_is_named(self, example):
        with pytest.raises(ocpplog.exceptions.OptionError, match=r"not the table transactions: it has no .*energy_wh"):
            plot.energy(example.boots)
        with pytest.raises(ocpplog.exceptions.OptionError, match="a Log or the table faults"):
            plot.faults([1, 2])  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        "call",
        [
            lambda log: plot.energy(log, by="week"),  # type: ignore[arg-type]  # that is the point
            lambda log: plot.energy(log, by="site"),
            lambda log: plot.load(log, every="7m"),
            lambda log: plot.heatmap(log, time_zone="Moon/Tycho"),
            lambda log: plot.power(log, "CP0001", "none"),
            lambda log: plot.timeline(log, start="soon"),
            lambda log: plot.timeline(log, start="2026-03-03", end="2026-03-02"),
            lambda log: plot.timeline(log, start="2026-03-03", end="2026-03-03"),
            lambda log: plot.save(plot.energy(log), "energy.gif"),
        ],
    )
    def test_a_wrong_option_is_refused(self, example, call):
        with pytest.raises(ocpplog.exceptions.OptionError):
            call(example)

    def test_without_altair_the_error_says_what_to_install(self):
        code = "import sys; sys.modules['altair'] = None; from ocpplog import plot"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert "pip install 'ocpplog[plot]'" in done.stderr.splitlines()[-1]

    def test_the_package_itself_does_not_load_altair(self):
        code = "import sys, ocpplog; sys.exit('altair' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

    def test_the_example_of_the_readme_runs(self, example, root, tmp_path, monkeypatch):
        text = (root / "README.md").read_text("utf-8")
        code = re.search(r"<!-- pictures:begin -->\n```python\n(.*?)```", text, re.DOTALL)
        assert code is not None
        monkeypatch.chdir(tmp_path)
        exec(code[1], {"log": example})  # noqa: S102  # our own text
        assert (tmp_path / "energy.png").exists()

    def test_statuses_have_the_same_colours_everywhere(self, example):
        colors = plot.timeline(example).to_dict()["encoding"]["color"]["scale"]
        drawn = dict(zip(colors["domain"], colors["range"], strict=True))
        assert {name: color for name, color in drawn.items() if name != "transaction"}.items() <= (
            plot.status_colors.items()
        )
        classes = ocpplog.schemas.describe("status_intervals").filter(pl.col("column") == "status_class")["meaning"][0]
        assert all(name in classes for name in plot.status_colors)


class TestEnergy:
    def test_it_adds_up_to_the_table(self, example):
        whole = example.transactions["energy_wh"].sum() / 1000
        for by in ("day", "charge_point"):
            assert plot.energy(example, by=by).data["energy_kwh"].sum() == pytest.approx(whole)

    def test_charge_points_agree_with_the_summary(self, example):
        drawn = plot.energy(example, by="charge_point").data.group_by("charge_point").agg(pl.col("energy_kwh").sum())
        told = dict(example.summary().select("charge_point_id", "energy_wh").iter_rows())
        assert {name: pytest.approx(energy * 1000) for name, energy in drawn.iter_rows()} == told

    def test_sites_are_given(self, example):
        sites = {f"CP000{number}": "north" if number < 5 else "south" for number in range(1, 8)}
        drawn = plot.energy(example, by="site", sites=sites).data.group_by("site").agg(pl.col("energy_kwh").sum())
        assert set(drawn["site"]) == {"north", "south", "no site is given"}

    def test_a_day_begins_where_one_lives(self):
        late = of_a_charge(quality="good", start_time=NOON.replace(hour=23, minute=30))
        assert plot.energy(late).data["day"].to_list() == ["2026-03-14"]
        assert plot.energy(late, time_zone="Europe/Berlin").data["day"].to_list() == ["2026-03-15"]

    def test_the_least_are_counted_and_not_drawn(self, example):
        chart = plot.energy(example, by="charge_point", top=3)
        assert chart.data["charge_point"].n_unique() == 3
        assert "5 more with" in notes(chart)

    def test_what_has_no_energy_is_told(self):
        unknown = of_a_charge(quality="partial", energy_wh=None)
        assert "Left out, since no energy is known: 1 transaction." in notes(plot.energy(unknown))


class TestLoad:
    def test_energy_is_split_at_the_slots(self):
        # 10 kW from 10:05 to 10:35.
        rows = plot.load(of_a_charge(), meter_values=of_readings((5, 0.0), (35, 5000.0))).data.filter(
            pl.col("energy_kwh") > 0
        )
        assert [round(value, 3) for value in rows["energy_kwh"]] == [1.667, 2.5, 0.833]
        assert [round(value, 3) for value in rows["power_kw"]] == [6.667, 10.0, 3.333]
        assert [time.minute for time in rows["time"]] == [0, 15, 30]

    def test_peaks_that_do_not_meet_do_not_add_up(self):
        first = of_a_charge(energy_wh=2500.0, start_time=NOON, stop_time=NOON + HOUR / 4)
        second = of_a_charge(energy_wh=5000.0, start_time=NOON + HOUR / 4, stop_time=NOON + HOUR / 2)
        rows = plot.load(pl.concat([first, second])).data
        assert rows["power_kw"].max() == pytest.approx(20.0)

    def test_readings_give_the_shape(self):
        # All energy before 10:15, none behind it.
        rows = plot.load(of_a_charge(), meter_values=of_readings((15, 5000.0), (30, 5000.0))).data
        assert rows["energy_kwh"].head(2).to_list() == [pytest.approx(5.0), 0.0]

    @pytest.mark.parametrize(
        "readings",
        [
            [(10, 4000.0), (20, 3000.0)],  # it falls
            [(10, 0.0), (20, 9000.0)],  # it climbs by more than the energy
            [(10, -500.0), (20, 1000.0)],
            [(50, 5000.0)],  # behind the end
        ],
    )
    def test_readings_that_cannot_be_are_not_used_and_nothing_is_lost(self, readings):
        chart = plot.load(of_a_charge(), meter_values=of_readings(*readings))
        assert chart.data["energy_kwh"].sum() == pytest.approx(5.0)
        assert "spread evenly" in notes(chart)

    @pytest.mark.parametrize("meter_start_wh", [0.0, 120_500.0, None])
    @pytest.mark.parametrize("offset", [0.0, 120_500.0])
    def test_a_register_of_the_session_or_of_the_device_conserves_energy(self, meter_start_wh, offset):
        readings = of_readings((10, offset + 500.0), (20, offset + 3000.0), (30, offset + 4500.0))
        spans = flow(of_a_charge(meter_start_wh=meter_start_wh), readings).spans
        assert spans["energy_wh"].sum() == pytest.approx(5000.0)

    @pytest.mark.parametrize("every", ["5m", "15m", "30m", "1h"])
    def test_the_slots_add_up_to_the_table(self, example, every):
        whole = example.transactions.filter(
            pl.col("stop_time").is_not_null() | pl.col("last_charging_time").is_not_null()
        )
        drawn = plot.load(example, every=every).data
        assert drawn["energy_kwh"].sum() == pytest.approx(whole["energy_wh"].sum() / 1000)
        assert (drawn["energy_kwh"] >= 0).all()

    def test_every_transaction_is_conserved(self, example):
        spans = flow(example.transactions, example.meter_values).spans
        drawn = spans.group_by("charge_point_id").agg(pl.col("energy_wh").sum()).sort("charge_point_id")
        told = example.transactions.group_by("charge_point_id").agg(pl.col("energy_wh").sum()).sort("charge_point_id")
        assert drawn["energy_wh"].to_list() == pytest.approx(told["energy_wh"].to_list())

    def test_what_has_no_times_is_told(self):
        chart = plot.load(of_a_charge(start_time=None, stop_time=None))
        assert "5.0 kWh of 1 transaction" in notes(chart)

    def test_too_many_slots_become_longer_ones(self):
        year = of_a_charge(stop_time=NOON + timedelta(days=365), energy_wh=8e6)
        chart = plot.load(year)
        assert chart.data.height <= 5_000
        assert "mean of 2 h" in notes(chart)
        assert chart.data["energy_kwh"].sum() == pytest.approx(8000)

    def test_slots_have_no_gaps(self, example):
        times = profile(flow(example.transactions, example.meter_values).spans, HOUR)["time"]
        assert times.diff().drop_nulls().unique().to_list() == [HOUR]


class TestTimeline:
    def test_every_interval_and_transaction_is_a_bar(self, example):
        drawn = plot.timeline(example).data
        connectors = example.status_intervals.filter(pl.col("evse_id") > 0)
        assert (drawn["track"] == "status").sum() == connectors.height
        timed = example.transactions.filter(pl.col("start_time").is_not_null() | pl.col("stop_time").is_not_null())
        assert (drawn["track"] == "transaction").sum() == timed.height

    def test_time_is_conserved_by_class(self, example):
        drawn = (
            plot.timeline(example.status_intervals)
            .data.group_by("state")
            .agg((pl.col("end") - pl.col("start")).sum().alias("time"))
        )
        told = (
            example.status_intervals.filter(pl.col("evse_id") > 0)
            .group_by(pl.col("status_class").cast(pl.String))
            .agg((pl.coalesce("end_time", "observed_until") - pl.col("start_time")).sum().alias("time"))
        )
        assert dict(drawn.iter_rows()) == dict(told.iter_rows())

    def test_bars_lead_to_their_lines(self, example):
        assert plot.timeline(example).data["place"].str.contains(r"^example\.log\.gz:\d+$").all()

    def test_a_window_cuts(self, example):
        drawn = plot.timeline(example, charge_points=["CP0001"], start="2026-03-02", end="2026-03-03").data
        assert drawn["start"].min() == datetime(2026, 3, 2, tzinfo=UTC)
        assert drawn["end"].max() == datetime(2026, 3, 3, tzinfo=UTC)

    def test_an_unknown_charge_point_is_refused_with_the_nearest_name(self, example):
        for chosen in (["cp001"], "cp001"):
            with pytest.raises(ocpplog.exceptions.OptionError, match=r"'cp001' \(did you mean 'CP0001'\?\)"):
                plot.timeline(example, charge_points=chosen)
        with pytest.raises(ocpplog.exceptions.OptionError, match=r"no charge point 'nope'$"):
            plot.timeline(example.status_intervals, charge_points=["CP0001", "nope"])

    def test_one_charge_point_may_be_given_as_a_text(self, example):
        drawn = plot.timeline(example, charge_points="CP0001").data
        assert drawn.equals(plot.timeline(example, charge_points=["CP0001"]).data)

    def test_a_window_in_which_nothing_was_seen_is_an_empty_picture(self, example):
        assert "nothing to draw" in notes(plot.timeline(example, start="2030-01-01"))

    def test_paler_bars_are_explained(self, example):
        assert "stale: out of contact" in notes(plot.timeline(example))
        certain = example.status_intervals.filter(pl.col("knowledge").cast(pl.String) == "certain")
        assert "stale" not in notes(plot.timeline(certain))

    def test_many_bars_become_few_and_the_chart_says_so(self, example):
        chart = plot.timeline(example, max_marks=300)
        assert chart.data.height <= 300
        assert "shows what lasted longest" in notes(chart)
        assert chart.data["lane"].n_unique() == plot.timeline(example).data["lane"].n_unique()

    def test_many_connectors_are_cut_and_the_chart_says_so(self, example):
        assert "3 of 16 connectors" in notes(plot.timeline(example, max_lanes=3))

    def test_more_marks_than_altair_takes_are_drawn_if_asked_for(self, example):
        intervals = pl.concat([example.status_intervals] * 4)
        chart = plot.timeline(intervals, max_marks=20_000)
        assert [len(rows) for rows in chart.to_dict()["datasets"].values()] == [
            4 * plot.timeline(example.status_intervals).data.height
        ]

    def test_what_lasted_longest_wins(self):
        spans = pl.DataFrame(
            {
                "lane": ["a"] * 4,
                "word": ["x", "y", "x", "y"],
                "start": [NOON, NOON + timedelta(minutes=40), NOON + HOUR, NOON + timedelta(minutes=70)],
                "end": [NOON + timedelta(minutes=40), NOON + HOUR, NOON + timedelta(minutes=70), NOON + 2 * HOUR],
            }
        )
        assert dominant(spans, HOUR, lane="lane", word="word").rows() == [
            ("a", NOON, NOON + HOUR, "x"),
            ("a", NOON + HOUR, NOON + 2 * HOUR, "y"),
        ]

    @given(
        st.lists(
            st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.integers(0, 900), st.integers(0, 20_000)),
            max_size=12,
        ),
        st.sampled_from([1, 5, 60]),
    )
    def test_a_span_need_not_be_cut_where_it_fills_a_stretch(self, drawn, minutes):
        ends = dict.fromkeys("ab", NOON)
        rows = []
        for lane, word, pause, length in drawn:
            start = ends[lane] + timedelta(seconds=pause - pause % 300)
            ends[lane] = start + timedelta(seconds=length)
            rows.append((lane, word, start, ends[lane]))
        instant = pl.Datetime("us", "UTC")
        schema = {"lane": pl.String(), "word": pl.String(), "start": instant, "end": instant}
        spans = pl.DataFrame(rows, schema=schema, orient="row")
        step = timedelta(minutes=minutes)
        found = dominant(spans, step, lane="lane", word="word")
        # Another lane whose spans cross makes all of them go the long way.
        crossing = pl.DataFrame([("c", "x", NOON, NOON + HOUR)] * 2, schema=schema, orient="row")
        long = dominant(pl.concat([spans, crossing]), step, lane="lane", word="word").filter(pl.col("lane") != "c")
        assert found.equals(long)

    def test_the_axis_says_where_clocks_change(self, example):
        shift = timedelta(days=27)
        moved = example.status_intervals.with_columns(pl.col("start_time", "end_time", "observed_until") + shift)
        chart = plot.timeline(moved, time_zone="Europe/Berlin")
        assert "The clocks change" in notes(chart)
        assert chart.data["from_text"].str.ends_with("+02:00").any()
        assert "The clocks change" not in notes(plot.timeline(moved))


class TestOthers:
    def test_the_heatmap_knows_all_known_hours(self, example):
        rows = example.status_intervals.filter(pl.col("evse_id") > 0, pl.col("knowledge").cast(pl.String) != "stale")
        hours = (pl.coalesce("end_time", "observed_until") - pl.col("start_time")).dt.total_microseconds() / 3.6e9
        for zone in ("UTC", "Asia/Kolkata"):
            assert plot.heatmap(example, time_zone=zone).data["known_hours"].sum() == pytest.approx(
                rows.select(hours.sum()).item()
            )

    def test_the_heatmap_tells_time_taken(self):
        rows = [
            {"evse_id": 1, "start_time": NOON, "end_time": NOON + HOUR / 4, "status_class": "available"},
            {"evse_id": 1, "start_time": NOON + HOUR / 4, "end_time": NOON + HOUR, "status_class": "charging"},
            {"evse_id": 0, "start_time": NOON, "end_time": NOON + HOUR, "status_class": "available"},
        ]
        frame = pl.concat([ocpplog.schemas.status_intervals.to_frame(), pl.DataFrame(rows)], how="diagonal_relaxed")
        assert plot.heatmap(frame, time_zone="Europe/Berlin").data.rows() == [("Sat", 13, 1.0, 0.75, 0.75)]

    def test_power_is_as_reported(self, example):
        values = example.meter_values.filter(
            pl.col("charge_point_id") == "CP0001",
            pl.col("transaction_id") == "10006",
            pl.col("measurand").cast(pl.String) == "Power.Active.Import",
        )
        drawn = plot.power(example, "CP0001", "10006").data["power_kw"]
        assert drawn.to_list() == pytest.approx([value / 1000 for value in values["value"]])

    def test_without_power_the_register_gives_the_slope(self):
        chart = plot.power(of_readings((0, 0.0), (15, 2500.0), (30, 2500.0)), "CP1", "1")
        assert chart.data["power_kw"].to_list() == [None, 10.0, 0.0]
        assert "slope of the energy register" in notes(chart)

    def test_phases_are_summed_up_only_where_no_sum_is_told(self):
        rows = [
            {"phase": phase, "value": value, "time": NOON + minute * timedelta(minutes=1)}
            for phase, value, minute in [
                ("L1", 1000.0, 0),
                ("L2", 1000.0, 0),
                ("L3", 1000.0, 0),
                (None, 9000.0, 1),
                ("L1", 1000.0, 1),
            ]
        ]
        frame = pl.DataFrame(rows).with_columns(
            charge_point_id=pl.lit("CP1"), transaction_id=pl.lit("1"), measurand=pl.lit("Power.Active.Import")
        )
        frame = pl.concat([ocpplog.schemas.meter_values.to_frame(), frame], how="diagonal_relaxed")
        assert plot.power(frame, "CP1", "1").data["power_kw"].to_list() == [3.0, 9.0]

    def test_faults_and_jobs_are_all_counted(self, example):
        assert plot.faults(example).data["faults"].sum() == example.faults.height
        assert plot.faults(example, by="charge_point").data["faults"].sum() == example.faults.height
        assert plot.firmware(example, show="outcomes").data["jobs"].sum() == example.firmware_updates.height

    def test_versions_count_every_charge_point_at_the_end(self, example):
        drawn = plot.firmware(example).data
        last = drawn.filter(pl.col("time") == drawn["time"].max())
        assert last["charge_points"].sum() == example.charge_points["firmware_version"].drop_nulls().len()

    def test_versions_are_drawn_to_the_end_of_the_log(self, example):
        drawn = plot.firmware(example).data
        assert drawn["time"].max() == example.charge_points["last_seen"].max()
        assert drawn["time"].max() > plot.firmware(example.firmware_versions).data["time"].max()
        last = drawn.filter(pl.col("time") == drawn["time"].max(), pl.col("charge_points") > 0)
        running = example.firmware_versions.filter(pl.col("end_time").is_null())
        assert last["version"].to_list() == running["firmware_version"].sort().to_list()

    def test_no_version_of_a_small_fleet_is_put_among_others(self, example):
        assert set(plot.firmware(example).data["version"]) == set(example.firmware_versions["firmware_version"])

    def test_of_equally_rare_versions_the_new_ones_are_shown(self, example):
        shown = plot.firmware(example, top=3).data["version"]
        assert {"1.7.3", "1.4.18", "2.5.21"} <= set(shown)

    def test_versions_at_many_times_are_thinned_out(self):
        count = 900
        rows = pl.DataFrame(
            {
                "charge_point_id": [f"CP{number}" for number in range(count)],
                "firmware_version": [f"1.{number % 20}" for number in range(count)],
                "start_time": [NOON + number * HOUR for number in range(count)],
                "end_time": [None] * count,
            },
            schema_overrides={"end_time": pl.Datetime("us", "UTC")},
        )
        chart = plot.firmware(rows)
        assert "8 rarer versions" in notes(chart)
        assert chart.data.height <= 5_000
        last = chart.data.filter(pl.col("time") == chart.data["time"].max())
        assert last["charge_points"].sum() == count

    def test_calls_are_all_counted(self, example):
        drawn = plot.latency(example, top=100).data
        silent = example.call_statistics.filter(pl.col("response_time_p50").is_null())["calls"].sum()
        assert drawn["calls"].sum() + silent >= example.call_statistics["calls"].sum()
        assert plot.latency(example, direction="from_csms").data["direction"].unique().to_list() == ["from_csms"]

    def test_a_label_cannot_hide_its_letters(self):
        chart = plot.energy(of_a_charge(quality="good", charge_point_id="CP\u202e1\x1b"), by="charge_point")
        assert chart.data["charge_point"].to_list() == ["CP\ufffd1\ufffd"]
