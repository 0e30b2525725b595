"""The pictures of the report: those of `ocpplog.plot`, and three that only a report needs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import altair as alt
import polars as pl

from ocpplog import plot
from ocpplog._text import plural
from ocpplog.plot._energy import ranked
from ocpplog.plot._frame import Clock, chart, counting, listed
from ocpplog.plot._theme import quality_colors

from ._figures import built, charges, days, histogram
from ._svg import Picture, picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ocpplog import Log
    from ocpplog._pen import Pen

_WIDE, _HALF, _HEIGHT = 1000, 440, 210
_BARS = 12  # in a ranking; the table beside it has all


def pictures(log: Log, time_zone: str, pen: Pen) -> dict[str, Picture]:
    """Draw all pictures of the report; one without rows is left out."""
    # One is drawn while the figures of the next are made.
    with ThreadPoolExecutor(max_workers=1) as hand:
        drawn = {
            name: hand.submit(picture, made, name, width=width, height=height, draw=pen.draw)
            for name, made, width, height in _drawn(log, time_zone)
            if isinstance(made.data, pl.DataFrame) and made.data.height
        }
        return {name: each.result() for name, each in drawn.items()}


def _drawn(log: Log, time_zone: str) -> Iterator[tuple[str, alt.Chart, int, int | None]]:
    """Make the charts, each with its width and perhaps its height."""
    clock = Clock(time_zone)
    transactions, values = built(log, "transactions"), log.tables().get("meter_values")
    yield "energy", plot.energy(transactions, time_zone=time_zone), _HALF, _HEIGHT
    yield "days", _days(transactions, clock), _HALF, _HEIGHT
    yield "load", plot.load(transactions, meter_values=values, time_zone=time_zone), _WIDE, _HEIGHT
    yield "durations", _durations(transactions), _HALF, _HEIGHT
    yield "energies", _energies(transactions), _HALF, _HEIGHT
    if built(log, "status_intervals").height:
        yield "heatmap", plot.heatmap(log, time_zone=time_zone), _WIDE, None
    if built(log, "faults").height:
        yield "faults", plot.faults(log, top=_BARS), _WIDE - 160, None
    if built(log, "firmware_versions").height:
        yield "versions", plot.firmware(log, show="versions", time_zone=time_zone), _WIDE, _HEIGHT
    if built(log, "firmware_updates").height:
        yield "updates", plot.firmware(log, show="outcomes", top=_BARS // 3), _WIDE - 160, None
    if built(log, "call_statistics").height:
        yield "latency", plot.latency(log, top=_BARS), _WIDE - 100, None


def _days(transactions: pl.DataFrame, clock: Clock) -> alt.Chart:
    rows = days(transactions, clock.local(pl.coalesce("start_time", "stop_time")))
    drawn: alt.Chart = (
        chart(ranked(rows), f"Charges per day ({clock.time_zone})", [])
        .mark_bar()
        .encode(
            x=alt.X(
                "day",
                type="ordinal",
                title="day on which the transaction began",
                axis=alt.Axis(labelAngle=-40, labelOverlap=True),
            ),
            y=alt.Y(
                "charges",
                type="quantitative",
                **counting("charges", rows.group_by("day").agg(pl.col("charges").sum())["charges"]),
            ),
            color=listed("quality", colors=quality_colors, present=rows["quality"].unique().to_list(), title="quality"),
            order=alt.Order("rank", type="quantitative"),
        )
    )
    return drawn


def _durations(transactions: pl.DataFrame) -> alt.Chart:
    hours = charges(transactions)["duration"].dt.total_microseconds() / 3.6e9
    return _distribution(hours, "How long charges last", "duration (h)")


def _energies(transactions: pl.DataFrame) -> alt.Chart:
    return _distribution(charges(transactions)["energy_wh"] / 1000, "How much energy charges take", "energy (kWh)")


def _distribution(values: pl.Series, title: str, unit: str) -> alt.Chart:
    rows, beyond = histogram(values)
    notes = []
    if values.null_count():
        notes.append(f"Left out, since it is not known: {plural(values.null_count(), 'charge')}.")
    if beyond:
        notes.append(f"The last bar holds {plural(beyond, 'greater value')}, too.")
    drawn: alt.Chart = (
        chart(rows, title, notes)
        .mark_bar(color="#0072B2", binSpacing=1)
        .encode(
            x=alt.X("low", type="quantitative", bin="binned", title=unit),
            x2=alt.X2("high"),
            y=alt.Y("count", type="quantitative", **counting("charges", rows["count"])),
        )
    )
    return drawn
