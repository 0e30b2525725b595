"""The report as a page, in a browser: it shows what it says, sorts, filters, and nothing out of a log comes alive."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import logs
import polars as pl
import pytest
from browser import Visit, browsing, visiting
from ocpplog._text import visible
from payloads import PAYLOADS


@pytest.fixture(scope="module")
def browser():
    with browsing() as found:
        yield found


@pytest.fixture(scope="module")
def page(browser, example, tmp_path_factory):
    """The report of the bundled log, open in a browser."""
    path = example.report(tmp_path_factory.mktemp("page") / "report.html")
    with visiting(browser) as visit:
        visit.open(path)
        yield visit
        assert visit.requests == [path.resolve().as_uri()]
        assert visit.complaints == []
        assert visit.dialogs == []


def cells(visit: Visit, table: str, place: int) -> list[str]:
    return visit.texts(f'[data-table="{table}"] tbody td:nth-child({place})')


def head(visit: Visit, table: str, label: str) -> Any:
    return visit.page.locator(f'[data-table="{table}"] th button', has_text=label)


class TestThePage:
    def test_every_picture_is_drawn(self, page):
        drawn = page.page.evaluate(
            """() => Object.fromEntries([...document.querySelectorAll("[data-chart]")].map((figure) => {
                const box = figure.querySelector("svg").getBoundingClientRect();
                const marks = [...figure.querySelectorAll("path, rect")].filter((mark) => {
                    const { width, height } = mark.getBoundingClientRect();
                    return width > 0 && height > 0 && !["none", "transparent"].includes(getComputedStyle(mark).fill);
                });
                return [figure.dataset.chart, [box.width, box.height, marks.length]];
            }))"""
        )
        assert set(drawn) == {
            *("energy", "days", "load", "durations", "energies", "heatmap", "faults", "versions", "updates", "latency"),
        }
        for width, height, marks in drawn.values():
            assert width > 300
            assert height > 80
            assert marks > 0

    def test_tables_sort_by_numbers_both_ways(self, page, example):
        energy = [f"{value / 1000:,.1f}" for value in sorted(example.summary()["energy_wh"])]
        button = head(page, "fleet", "energy (kWh)")
        button.click()
        assert cells(page, "fleet", 6) == energy[::-1]
        button.click()
        assert cells(page, "fleet", 6) == energy
        assert button.locator("..").get_attribute("aria-sort") == "ascending"

    def test_tables_sort_by_texts(self, page):
        button = head(page, "fleet", "charge point")
        button.click()
        names = [f"CP000{number}" for number in range(1, 9)]
        assert cells(page, "fleet", 1) == names
        button.click()
        assert cells(page, "fleet", 1) == names[::-1]
        button.click()

    def test_what_is_not_known_comes_last(self, page):
        button = head(page, "contacts", "longest")
        for _ in range(2):
            button.click()
            assert cells(page, "contacts", 6)[-2:] == ["\N{EN DASH}"] * 2

    def test_tables_filter(self, page):
        box = page.page.locator('[data-table="statuses"] .filter')
        box.fill("cp0003")
        assert cells(page, "statuses", 1) == ["CP0003"] * 2
        assert page.texts('[data-table="statuses"] .count') == ["2 of 15 rows"]
        box.fill("")
        assert len(cells(page, "statuses", 1)) == 15

    def test_long_tables_turn_pages(self, page):
        table = page.page.locator('[data-table="calls"]')
        first = cells(page, "calls", 1)
        assert len(first) == 10
        table.locator(".on").click()
        second = cells(page, "calls", 1)
        assert len(second) == 6
        assert not set(first) & set(second) - {"DataTransfer"}
        assert table.locator(".on").is_disabled()
        table.locator(".back").click()
        assert cells(page, "calls", 1) == first

    def test_a_charge_point_leads_to_its_section(self, page, example):
        page.page.locator('[data-table="fleet"] a', has_text="CP0006").click()
        assert page.texts("#shown h3") == ["CP0006"]
        strips = page.page.locator("#shown .strip rect").count()
        assert strips > 100
        rows = example.transactions.filter(pl.col("charge_point_id") == "CP0006").height
        page.page.locator("#shown .all").first.click()
        assert page.page.locator("#shown table").first.locator("tbody tr").count() == rows
        page.page.locator(".choose .on").click()
        assert page.texts("#shown h3") == ["CP0007"]
        page.page.locator("#many").select_option("5")
        page.page.locator("#which").select_option(label="CP0001")
        assert page.texts("#shown h3") == [f"CP000{number}" for number in range(1, 6)]
        page.page.locator("#many").select_option("1")

    def test_it_is_dark_at_night(self, page):
        def background() -> str:
            found: str = page.page.evaluate("getComputedStyle(document.body).backgroundColor")
            return found

        light = background()
        page.page.emulate_media(color_scheme="dark")
        dark = background()
        assert light != dark
        page.page.locator("#theme").click()
        assert background() == light
        page.page.locator("#theme").click()
        assert background() == dark
        page.page.emulate_media(color_scheme="light")

    def test_on_paper_it_has_no_buttons(self, page):
        page.page.emulate_media(media="print", color_scheme="dark")
        assert (
            not page.page.locator("nav, .filter, button:not(th button), .choose, #theme").filter(visible=True).count()
        )
        assert page.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        page.page.emulate_media(media="screen", color_scheme="light")


def test_without_scripts_the_figures_are_still_there(browser, example, tmp_path):
    path = example.report(tmp_path / "report.html")
    with visiting(browser, java_script_enabled=False) as visit:
        visit.open(path)
        assert visit.texts('[data-figure="Charge points"]') == ["8"]
        assert len(visit.texts('[data-table="fleet"] tbody tr')) == 8
        assert visit.page.locator('[data-chart="load"] svg path').count() > 0


def test_a_fleet_of_one_needs_no_choice(browser, tmp_path):
    path = logs.quiet(logs.text("CP1")).report(tmp_path / "report.html")
    with visiting(browser) as visit:
        visit.open(path)
        assert visit.texts("#shown h3") == ["CP1"]
        assert not visit.page.locator(".choose").is_visible()
        assert not visit.complaints


def test_nothing_is_there_and_nothing_breaks(browser, tmp_path):
    path = logs.quiet(b"").report(tmp_path / "report.html")
    with visiting(browser) as visit:
        visit.open(path)
        assert visit.texts('[data-figure="Charges"]') == ["0"]
        assert not visit.complaints


def hostile() -> bytes:
    """A log in which every payload is an id, a token, a vendor, a status, an error and a firmware."""
    lines = []
    for payload in PAYLOADS:
        recorder = logs.Recorder(payload)
        boot = {"chargePointVendor": payload, "chargePointModel": payload, "firmwareVersion": payload}
        recorder.ask("BootNotification", boot, {"status": "Accepted", "interval": 300})
        recorder.status("Available")
        begin = {"connectorId": 1, "idTag": payload, "meterStart": 0, "timestamp": logs.stamp(recorder.now)}
        recorder.ask("StartTransaction", begin, {"transactionId": 7, "idTagInfo": {"status": "Accepted"}})
        recorder.status(payload)
        recorder.status("Faulted", errorCode=payload, info=payload, vendorId=payload, vendorErrorCode=payload)
        end = {"transactionId": 7, "meterStop": 900, "timestamp": logs.stamp(recorder.now), "reason": payload}
        recorder.ask("StopTransaction", end, {})
        recorder.ask("UpdateFirmware", {"location": f"https://host/{payload}.bin"}, {})
        recorder.ask(payload, {payload: payload}, {})
        for line in recorder.lines:
            stamp, _, rest = line.partition(" ")
            frame = json.loads(rest.removeprefix(payload))
            record = {"timestamp": stamp, "charge_point_id": payload, "direction": "in" if frame[0] == 2 else "out"}
            lines.append(json.dumps({**record, "message": frame}))
    return "\n".join(lines).encode()


def test_nothing_out_of_a_log_comes_alive(browser, tmp_path):
    sources: list[Any] = [("<img src=x onerror=alert(1)>.log", hostile())]
    sources += [(f"{payload}.log", b'[2,"1","Heartbeat",{') for payload in PAYLOADS]
    log = logs.quiet(sources)
    assert log.charge_points.height >= len(PAYLOADS)
    path = log.report(tmp_path / "hostile.html", identities="raw", title=PAYLOADS[0])
    with visiting(browser) as visit:
        visit.open(path)
        visit.page.locator("#many").select_option("100")
        visit.page.locator("#which").select_option("0")
        shown = visit.page.evaluate("document.body.textContent")
        missing = [payload for payload in PAYLOADS if visible(payload) not in shown]
        assert not missing
        for button in visit.page.locator("th button").all():
            button.click()
        for box in visit.page.locator(".filter:visible").all():
            box.fill("<")
        # Whatever could be set off by the mouse or the focus of somebody who reads is set off.
        visit.page.evaluate(
            """() => document.querySelectorAll("body *").forEach((element) => {
                for (const name of ["mouseover", "focus", "error", "load", "toggle"])
                    element.dispatchEvent(new Event(name));
            })"""
        )
        visit.page.wait_for_timeout(200)
        assert visit.page.evaluate("window.pwned") is None
        assert visit.page.locator("img, iframe, object, embed, base, form, audio, video, foreignObject").count() == 0
        assert visit.page.locator("script").count() == 2
        assert visit.page.locator("a:not([href^='#'])").count() == 0
        assert visit.page.locator("meta[http-equiv=refresh], body style, body link").count() == 0
        inline = """[...document.querySelectorAll("*")].flatMap((element) => [...element.attributes])
            .filter((attribute) => /^on|^style$/i.test(attribute.name)).length"""
        assert visit.page.evaluate(inline) == 0
    assert visit.requests == [path.resolve().as_uri()]
    assert visit.dialogs == []
    assert visit.complaints == []


def test_the_policy_alone_would_stop_a_script(browser, example, tmp_path):
    page = example.report(tmp_path / "report.html").read_text("utf-8")
    broken = Path(tmp_path / "broken.html")
    broken.write_text(page.replace("<main>", "<main><script>window.pwned=1</script><img src=https://evil.example/x>"))
    with visiting(browser) as visit:
        visit.open(broken)
        visit.page.wait_for_timeout(100)
        assert visit.page.evaluate("window.pwned") is None
        assert len(visit.complaints) == 2
        assert all("Content Security Policy" in said for said in visit.complaints)
