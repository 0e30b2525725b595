"""The report as a file: its figures are those of the tables, nothing in it is alive that came out of a log."""

from __future__ import annotations

import html
import json
import os
import re
import stat
import subprocess
import sys
from typing import Any, ClassVar

import altair as alt
import logs
import ocpplog
import polars as pl
import pytest
from month import month
from ocpplog import plot, report
from ocpplog.exceptions import OptionError, OutputError
from ocpplog.plot._save import svg
from ocpplog.report import _figures as figures
from ocpplog.report._identities import Persons
from ocpplog.report._page import embedded

LIMIT = 10_000_000  # bytes; larger files do not travel by mail


@pytest.fixture(scope="session")
def made(example, tmp_path_factory):
    """The report of the bundled log."""
    return example.report(tmp_path_factory.mktemp("report") / "report.html").read_text("utf-8")


def data(page: str) -> dict[str, Any]:
    """What the script of the page is given."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    given: dict[str, Any] = json.loads(found[1])
    return given


def column(page: str, table: str, label: str) -> list[Any]:
    """What a column of a table is sorted by, else its cells."""
    block = page.partition(f'data-table="{table}"')[2].partition("</thead>")[0]
    place = re.findall(r'<button type="button">([^<]*)</button>', block).index(label)
    told = data(page)["tables"][table]
    if told["kinds"][place] == "number":
        keys: list[Any] = told["keys"][place]
        return keys
    return [row[place] for row in told["rows"]]


def figure(page: str, name: str) -> str:
    found = re.search(rf'data-figure="{name}">([^<]*)<', page)
    assert found is not None
    return found[1]


class TestFigures:
    def test_the_headline_is_the_summary(self, example, made):
        summary = example.summary()
        assert figure(made, "Charge points") == str(summary.height)
        assert figure(made, "Charges") == f"{summary['transactions'].sum():,}"
        assert figure(made, "Energy") == f"{summary['energy_wh'].sum() / 1e6:,.2f} MWh"
        assert figure(made, "Faults") == str(example.faults.height)
        good = summary["quality_good"].sum() / summary["transactions"].sum()
        assert figure(made, "Quality good") == f"{good:.1%}".replace("%", " %")

    def test_charge_points_are_the_summary_row_by_row(self, example, made):
        summary = example.summary()
        assert column(made, "fleet", "charge point") == summary["charge_point_id"].to_list()
        assert column(made, "fleet", "charges") == summary["transactions"].to_list()
        assert column(made, "fleet", "energy (kWh)") == pytest.approx(summary["energy_wh"].to_list())
        seconds = [int(span.total_seconds()) for span in summary["charging_duration"]]
        assert column(made, "fleet", "charging time") == seconds
        assert column(made, "fleet", "faults") == summary["faults"].to_list()

    def test_picture_table_and_report_tell_the_same_energy(self, example, made):
        drawn = plot.energy(example, by="charge_point").data.group_by("charge_point").agg(pl.col("energy_kwh").sum())
        told = dict(zip(column(made, "fleet", "charge point"), column(made, "fleet", "energy (kWh)"), strict=True))
        assert {name: pytest.approx(1000 * energy) for name, energy in drawn.iter_rows()} == told
        by_day = plot.energy(example).data["energy_kwh"].sum()
        by_slot = plot.load(example).data["energy_kwh"].sum()
        assert by_day == pytest.approx(example.transactions["energy_wh"].sum() / 1000)
        assert by_slot == pytest.approx(by_day)
        sections = sum(value for point in data(made)["details"]["charge_points"] for _, value in point["energy"])
        assert sections == pytest.approx(by_day, abs=0.05 * 5 * 8)  # each of them is rounded
        assert sum(column(made, "quality", "energy (kWh)")) == pytest.approx(example.transactions["energy_wh"].sum())

    def test_charges_per_day_add_up(self, example):
        local = pl.coalesce("start_time", "stop_time")
        assert figures.days(example.transactions, local)["charges"].sum() == example.summary()["transactions"].sum()
        assert figures.charges(example.transactions).height == example.summary()["transactions"].sum()

    def test_the_time_of_connectors_adds_up(self, example):
        rows = figures.connectors(example)
        spent = rows.select(pl.sum_horizontal(figures.CLASSES)).to_series()
        assert spent.to_list() == pytest.approx((rows["known"] + rows["stale"]).to_list())
        timeline = plot.timeline(example.status_intervals).data
        drawn = (timeline["end"] - timeline["start"]).dt.total_microseconds().sum() / 3.6e9
        assert spent.sum() == pytest.approx(drawn)
        shares = [row[2] for row in data(made_of(example))["tables"]["statuses"]["rows"]]
        assert all(sum(parts) == pytest.approx(1000, abs=5) for parts in shares)

    def test_strips_tell_the_time_of_the_table(self, example, made):
        details = data(made)["details"]
        point = details["charge_points"][0]
        hours = dict.fromkeys(details["words"], 0.0)
        for label, runs in point["strips"]:
            lengths = re.findall(r"([A-Z_])(\d*)", runs)
            assert sum(int(count or 1) for _, count in lengths) <= details["stretches"]
            for letter, count in lengths:
                if label != "contact" and letter != "_":
                    hours[details["words"]["ABCDEFGHIJKL".index(letter)]] += int(count or 1) / 6  # of 10 minutes each
        told = figures.connectors(example).filter(pl.col("charge_point_id") == point["name"])
        for name in ("available", "charging", "faulted", "unknown"):
            assert hours[name] == pytest.approx(told[name].sum(), rel=0.1), name

    def test_faults_jobs_and_calls_are_all_counted(self, example, made):
        assert (
            sum(column(made, "faults", "faults")) == plot.faults(example).data["faults"].sum() == example.faults.height
        )
        assert sum(column(made, "updates", "jobs")) == example.firmware_updates.height
        assert sum(column(made, "calls", "calls")) == example.call_statistics["calls"].sum()

    def test_contact_is_as_in_the_table(self, example, made):
        offline = example.connectivity_intervals.filter(pl.col("state").cast(pl.String) == "offline")
        assert sum(column(made, "contacts", "times offline")) == offline.height
        longest = offline["duration"].dt.total_seconds().max()
        assert max(filter(None, column(made, "contacts", "longest"))) == longest

    def test_what_was_read_adds_up(self, example, made):
        told = example.accounting
        assert f"<strong>{told['lines'].sum():,}</strong>" in made
        assert sum(column(made, "rejects", "pieces")) == example.rejects.height
        assert sum(column(made, "unmatched", "messages")) == example.unmatched.height

    def test_the_zone_of_the_stamps_is_that_of_inspect(self, example, made):
        assert column(made, "sources", "zone of its stamps") == ["UTC (estimated)"]
        naive = logs.text("CP1").replace(b"Z CP1", b" CP1")
        for zone, told in (("+05:30", "UTC+05:30 (argument)"), ("-03:00", "UTC-03:00 (argument)")):
            page = made_of(logs.quiet(naive, timezone=zone))
            assert column(page, "sources", "zone of its stamps") == [told]
        saving = example.accounting.with_columns(utc_offset=pl.lit(None, dtype=pl.Duration("us")))
        page = made_of(ocpplog.Log({**example.tables(), "accounting": saving}))
        assert column(page, "sources", "zone of its stamps") == ["more than one offset (estimated)"]

    def test_one_of_a_kind_is_not_many(self):
        recorder = logs.Recorder("CP1")
        recorder.status("Faulted", errorCode="GroundFailure")
        page = made_of(logs.quiet("\n".join(recorder.lines).encode()))
        assert "at 1 charge point<" in page
        assert '<span class="word">1 connector, ' in page

    def test_a_histogram_counts_every_value(self):
        values = [number / 100 for number in range(1000)]
        rows, beyond = figures.histogram(pl.Series([*values, 1000.0, None, float("nan"), -1.0]))
        assert rows["count"].sum() == 1001
        assert beyond >= 1
        assert rows["high"][-1] < 11
        assert rows["low"].to_list()[1:] == pytest.approx(rows["high"].to_list()[:-1])

    def test_a_histogram_of_nothing_is_empty(self):
        assert figures.histogram(pl.Series([None], dtype=pl.Float64))[0].is_empty()


def made_of(log: ocpplog.Log, **options: Any) -> str:
    identities = options.get("identities", "pseudonym")
    with report.Pen() as pen:
        return report._write._made(log, pen, title=None, time_zone="UTC", identities=identities, made_at=None)[0]


class TestThePen:
    """Pictures are drawn in a process of its own, or here, and are the same."""

    SPEC: ClassVar[dict[str, Any]] = {
        "$schema": alt.SCHEMA_URL,
        "data": {"values": [{"a": 1, "b": "<>"}]},
        "mark": "bar",
        "encoding": {"x": {"field": "a", "type": "quantitative"}, "y": {"field": "b", "type": "nominal"}},
    }

    def test_its_process_draws_what_would_be_drawn_here(self):
        with report.Pen() as pen:
            assert pen._process is not None
            assert svg(self.SPEC, None, pen.draw) == svg(self.SPEC)
            process = pen._process
        assert process is not None
        assert process.poll() is not None

    def test_without_a_process_it_draws_here(self, monkeypatch):
        monkeypatch.setattr(sys, "executable", "/opt/application")
        with report.Pen() as pen:
            assert pen._process is None
            assert svg(self.SPEC, None, pen.draw) == svg(self.SPEC)

    def test_a_process_that_ended_is_not_missed(self):
        with report.Pen() as pen:
            assert pen._process is not None
            pen._process.kill()
            assert svg(self.SPEC, None, pen.draw) == svg(self.SPEC)

    def test_what_cannot_be_drawn_is_told_as_if_it_were_drawn_here(self):
        with report.Pen() as pen, pytest.raises(ValueError, match="Vega-Lite"):
            svg(self.SPEC | {"mark": {"type": 5}}, None, pen.draw)


class TestTheFile:
    def test_the_same_log_gives_the_same_bytes(self, tmp_path):
        pages = [made_of(logs.quiet(ocpplog.example_log(), threads=threads)) for threads in (None, 1)]
        assert pages[0] == pages[1]
        code = (
            "import sys, warnings; warnings.simplefilter('ignore')\nimport ocpplog\n"
            "ocpplog.read(ocpplog.example_log()).report(sys.argv[1])"
        )
        # The zone of the machine and its locale do not matter.
        target = tmp_path / "elsewhere.html"
        environment = {**os.environ, "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
        subprocess.run([sys.executable, "-c", code, str(target)], env=environment, check=True, timeout=120)
        assert target.read_text("utf-8") == pages[0]

    def test_no_time_of_making_unless_it_is_given(self, example, made, tmp_path):
        assert "made 20" not in made
        path = example.report(tmp_path / "report.html", made_at="2026-04-01T10:00:00Z", time_zone="Europe/Berlin")
        assert "times in Europe/Berlin; made 2026-04-01 12:00 CEST" in path.read_text("utf-8")

    def test_it_names_nothing_outside(self, made):
        assert not re.findall(r'(?:src|href|action|data|poster)="(?!#|data:,)[^"]*"', made.split('id="data"')[0])
        assert "http://" not in made.replace("http://www.w3.org/2000/svg", "")
        assert "@import" not in made
        assert "default-src 'none'" in html.unescape(made)

    def test_only_its_owner_reads_it(self, example, tmp_path):
        path = example.report(tmp_path / "report.html")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_it_is_not_overwritten_unless_asked(self, example, tmp_path):
        path = example.report(tmp_path / "report.html")
        with pytest.raises(OutputError, match="exists already"):
            example.report(path)
        example.report(path, force=True)

    @pytest.mark.parametrize(
        ("options", "error"),
        [({"time_zone": "Moon"}, OptionError), ({"identities": "all"}, OptionError), ({"made_at": "now"}, OptionError)],
    )
    def test_a_wrong_option_is_refused(self, example, tmp_path, options, error):
        with pytest.raises(error, match=next(iter(options))):
            example.report(tmp_path / "report.html", **options)
        assert not list(tmp_path.iterdir())

    def test_a_folder_that_is_missing_is_named(self, example, tmp_path):
        with pytest.raises(OutputError, match="no such folder"):
            example.report(tmp_path / "missing" / "report.html")

    def test_a_log_of_nothing_gives_a_report(self):
        page = made_of(logs.quiet(b""))
        assert figure(page, "Charge points") == "0"
        assert data(page)["details"]["charge_points"] == []

    def test_a_log_of_nothing_says_that_nothing_was_read(self, made):
        page = made_of(logs.quiet(b""))
        assert '<span class="word">0 connectors</span>' in page
        assert "Nothing was read: the sources hold no OCPP message" in page
        for part in ("firmware", "connectors", "contact", "sections"):
            assert re.search(rf'<section id="{part}">.*?<(p|table)\b', page, re.DOTALL)
        assert "Nothing was read" not in made

    def test_a_log_without_times_gives_a_report(self):
        frames = b'[2,"1","BootNotification",{"chargePointVendor":"A","chargePointModel":"B"}]\n[3,"1",{}]\n'
        page = made_of(logs.quiet(frames))
        assert "a log without times" in page

    def test_one_charge_point_gives_a_report(self):
        page = made_of(logs.quiet(logs.text("CP1")))
        assert figure(page, "Charges") == "2"
        assert figure(page, "Energy") == "1.8 kWh"

    def test_tables_that_were_not_built_are_told(self):
        log = logs.quiet(logs.text("CP1"), tables=["transactions"])
        assert "status_intervals, faults, firmware_updates, connectivity_intervals" in made_of(log)
        with pytest.raises(OptionError, match="transactions"):
            made_of(logs.quiet(logs.text("CP1"), tables=["boots"]))

    def test_a_month_of_five_hundred_charge_points_stays_small(self, example, tmp_path):
        log = month(example, 500, 30)
        facts = report.write(log, tmp_path / "month.html")
        assert (facts.charge_points, facts.transactions) == (500, log.summary()["transactions"].sum())
        assert facts.size_bytes == (tmp_path / "month.html").stat().st_size < LIMIT
        details = data((tmp_path / "month.html").read_text("utf-8"))["details"]
        assert details["step"] == "1 h"
        assert all(point["strips"] and point["transactions"] for point in details["charge_points"])

    def test_two_thousand_charge_points_stay_small(self, example, tmp_path):
        facts = report.write(month(example, 2_000, 5), tmp_path / "fleet.html")
        assert facts.charge_points == 2_000
        assert facts.size_bytes < LIMIT

    def test_without_the_extra_the_error_says_what_to_install(self):
        for library in ("altair", "jinja2", "vl_convert"):
            code = f"import sys; sys.modules[{library!r}] = None; import ocpplog; ocpplog.read(b'').report('x.html')"
            done = subprocess.run(
                [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False
            )
            assert "pip install 'ocpplog[report]'" in done.stderr.splitlines()[-1]


class TestWhoIsNamed:
    def test_tokens_are_numbered(self, example, made):
        tags = [tag for tag in example.transactions["id_tag"].drop_nulls().unique() if len(tag) > 5]
        assert tags
        assert not [tag for tag in tags if tag in made]
        assert "token 1" in made

    def test_tokens_are_shown_if_asked_for(self, example):
        page = made_of(example, identities="raw")
        assert example.transactions["id_tag"].drop_nulls()[-1] in page
        assert "personal data" in page

    def test_tokens_are_dropped_if_asked_for(self, example):
        page = made_of(example, identities="drop")
        assert "token" not in data(page)["details"]["transactions"]
        assert "token 1" not in page

    def test_the_same_card_has_one_name_and_free_text_tells_none(self):
        persons = Persons(["abcd1234", "ABCD1234 ", "99887766"], "pseudonym")
        assert [persons.token(tag) for tag in ("ABCD1234", "abcd1234", "99887766", None)] == [
            "token 1",
            "token 1",
            "token 2",
            "\N{EN DASH}",
        ]
        assert persons.free_text("card abcd1234 refused") == "card token 1 refused"
        assert Persons(["abcd1234"], "drop").free_text("card ABCD1234") == "card token"

    def test_secrets_and_serial_numbers_do_not_get_in(self):
        recorder = logs.Recorder("CP1")
        serial = {"chargePointSerialNumber": "CANARY-SERIAL", "iccid": "CANARY-ICCID"}
        recorder.ask(
            "BootNotification", {"chargePointVendor": "A", "chargePointModel": "B", **serial}, {"status": "Accepted"}
        )
        recorder.status(
            "Faulted", errorCode="OtherError", info="password=CANARY-INFO ftp://u:CANARY-URL@host/x?CANARY-Q"
        )
        recorder.ask("UpdateFirmware", {"location": "ftp://u:CANARY-USER@host/fw.bin?sig=CANARY-SIG"}, {})
        recorder.ask("ChangeConfiguration", {"key": "AuthorizationKey", "value": "CANARY-KEY"}, {"status": "Accepted"})
        recorder.lines.append('2026-03-14T09:00:00Z CP1 [2,"x","Heartbeat",{"password":"CANARY-REJECT"')
        page = made_of(logs.quiet("\n".join(recorder.lines).encode()), identities="raw")
        assert "fw.bin" in page
        assert "CANARY" not in page

    def test_folders_stay_at_home(self, tmp_path):
        folder = tmp_path / "secret-customer"
        folder.mkdir()
        (folder / "CP1.log").write_bytes(logs.text("CP1"))
        page = made_of(logs.quiet(folder))
        assert "CP1.log" in page
        assert "secret-customer" not in page


def test_embedded_data_cannot_end_its_element():
    told = {"x": "</script><!--&\u2028\u2029"}
    written = str(embedded(told))
    assert not set(written) & set("<>&\u2028\u2029")
    assert json.loads(written) == told
    assert json.loads(str(embedded("\ud800"))) == "?"


class TestStrangeLogs:
    def test_characters_that_no_page_can_hold(self):
        strange = "\x00\x07\x1b[2J\u202e\ufffe\ud800x"
        recorder = logs.Recorder("CP1")
        boot = {"chargePointVendor": strange, "chargePointModel": strange, "firmwareVersion": strange}
        recorder.ask("BootNotification", boot, {"status": "Accepted"})
        recorder.status("Faulted", errorCode=strange, info=strange, vendorErrorCode=strange)
        recorder.ask("UpdateFirmware", {"location": f"https://host/{strange}"}, {})
        recorder.ask(strange, {}, {})
        page = made_of(logs.quiet("\n".join(recorder.lines).encode()))
        assert not set(page) & set("\x00\x07\x1b\u202e\ud800")

    def test_texts_of_a_megabyte_are_cut(self):
        recorder = logs.Recorder("CP1")
        boot = {"chargePointVendor": "v" * 1_000_000, "chargePointModel": "m", "firmwareVersion": "f" * 1_000_000}
        recorder.ask("BootNotification", boot, {"status": "Accepted"})
        recorder.status("Faulted", errorCode="OtherError", info="i" * 1_000_000)
        assert len(made_of(logs.quiet("\n".join(recorder.lines).encode()))) < 500_000

    def test_a_charge_point_of_a_thousand_connectors(self):
        recorder = logs.Recorder("CP1")
        for connector in range(1, 1001):
            recorder.status("Available", connectorId=connector)
        page = made_of(logs.quiet("\n".join(recorder.lines).encode()))
        strips = data(page)["details"]["charge_points"][0]["strips"]
        assert [label for label, _ in strips[-2:]] == ["contact", "988 more"]
        assert len(data(page)["tables"]["statuses"]["rows"]) == 1000

    def test_a_stop_in_the_year_9999(self):
        text = (
            logs.text("CP1")
            .decode()
            .replace('"meterStop":1900,"timestamp":"2026', '"meterStop":1900,"timestamp":"9999')
        )
        log = logs.quiet(text.encode())
        assert log.transactions["stop_time"].dt.year().max() == 9999
        chart = plot.load(log)
        assert chart.data["energy_kwh"].sum() == pytest.approx(0.9)
        assert "cannot be: 0.9 kWh of 1 transaction" in str(chart.to_dict()["title"])
        both = log.transactions.with_columns(start_time=pl.col("stop_time") - pl.duration(hours=1))
        assert plot.load(both).data.height <= 5_000
        assert plot.timeline(log).to_dict()
        assert figure(made_of(log), "Energy") == "1.8 kWh"
