"""The load of the fleet over time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import altair as alt
import polars as pl

from ocpplog.exceptions import OptionError

from ._flow import TRANSACTION_COLUMNS, flow
from ._frame import Clock, chart, optional, sized, slots, table
from ._theme import HEIGHT, MARKS

if TYPE_CHECKING:
    from ocpplog.log import Log

_YEARS = 9999
_EVERY = {"5m": 5, "15m": 15, "30m": 30, "1h": 60}


def load(
    data: Log | pl.DataFrame,
    *,
    meter_values: pl.DataFrame | None = None,
    every: str = "15m",
    time_zone: str = "UTC",
    max_marks: int = MARKS,
    title: str | None = None,
) -> alt.Chart:
    """Draw the mean power of all transactions, slot by slot.

    Energy flows evenly between two readings of the register and is split at the edges of the slots; the slots
    add up to the energy of the transactions that are drawn. Where no readings tell when energy flowed, it is
    spread evenly over the time of charging; the subtitle counts such transactions, and those left out.

    Parameters
    ----------
    data : Log or polars.DataFrame
        A log, or the table ``transactions``.
    meter_values : polars.DataFrame, optional
        The table ``meter_values``; by default that of the log, if it was built.
    every : {"5m", "15m", "30m", "1h"}, default "15m"
        The length of a slot. Slots begin on the hour, in UTC.
    time_zone : str, default "UTC"
        The zone of the axis and the tooltips, such as ``"Europe/Berlin"``.
    max_marks : int, default 5000
        With more slots than this several become one, and the subtitle says how long they are.
    title : str, optional
        Another title.

    Returns
    -------
    altair.Chart
        Its data has one row per slot: ``time`` (UTC), ``energy_kwh``, ``power_kw``, ``shown``.

    Raises
    ------
    OptionError
        If the table was not built, or an option has no such value.

    Examples
    --------
    >>> import ocpplog
    >>> from ocpplog import plot
    >>> log = ocpplog.read(ocpplog.example_log())
    >>> chart = plot.load(log)
    >>> round(chart.data["energy_kwh"].sum()) == round(log.transactions["energy_wh"].sum() / 1000)
    True
    """
    if every not in _EVERY:
        raise OptionError(f"every: {every!r} is not one of {', '.join(_EVERY)}")
    clock = Clock(time_zone)
    energy = flow(table(data, "transactions", TRANSACTION_COLUMNS), optional(data, "meter_values", meter_values))
    step = timedelta(minutes=_EVERY[every])
    notes = energy.notes()
    # Looked at before they are counted: one wrong year makes millions of slots.
    first, last = _ends(energy.spans["start"])[0], _ends(energy.spans["end"])[1]
    if first is not None and last is not None and (last - first) // step + 2 > max_marks:
        step *= -(-(last - first) // (step * max(1, max_marks - 2)))
        notes.insert(
            0, f"Each step is the mean of {step / timedelta(hours=1):g} h, so that the picture stays readable."
        )
    series = profile(energy.spans, step)
    times = series["time"]
    axis = clock.axis(*_ends(times))
    drawn = series.with_columns(clock.text("time").alias("shown"), at=pl.col("time") + axis.shift)
    picture: alt.Chart = (
        chart(drawn, title or f"Load, mean power in {_length(step)}", [*notes, *axis.notes])
        .mark_area(interpolate="step-after", color="#0072B2", opacity=0.85)
        .encode(
            x=axis.x("at"),
            y=alt.Y("power_kw", type="quantitative", title="mean power (kW)"),
            tooltip=[
                alt.Tooltip("shown", type="nominal", title="from"),
                alt.Tooltip("power_kw", type="quantitative", title="mean power (kW)", format=",.2f"),
                alt.Tooltip("energy_kwh", type="quantitative", title="energy (kWh)", format=",.2f"),
            ],
        )
    )
    return sized(picture, HEIGHT)


def profile(spans: pl.DataFrame, step: timedelta) -> pl.DataFrame:
    """Sum up energy in slots without gaps: ``time``, ``energy_kwh``, ``power_kw``."""
    cut = slots(spans, step)
    # To the milliwatt-hour: further digits depend on the order in which threads add.
    energy = ((pl.col("energy_wh") * pl.col("part")).sum() / 1000).round(6)
    filled = cut.group_by("slot").agg(energy_kwh=energy).sort("slot")
    if filled.height:
        # The slot behind the last one closes the area. Python's own times end with the year 9999.
        micros, length = filled["slot"].dt.timestamp("us"), step // timedelta(microseconds=1)
        every = pl.select(slot=pl.int_range(micros[0], micros[-1] + 2 * length, length).cast(pl.Datetime("us")))
        grid = every.with_columns(pl.col("slot").dt.replace_time_zone("UTC")).filter(pl.col("slot").dt.year() <= _YEARS)
        filled = grid.join(filled, on="slot", how="left", maintain_order="left")
    hours = step / timedelta(hours=1)
    return filled.select(
        time="slot",
        energy_kwh=pl.col("energy_kwh").fill_null(0.0),
        power_kw=pl.col("energy_kwh").fill_null(0.0) / hours,
    )


def _ends(times: pl.Series) -> tuple[datetime | None, datetime | None]:
    first, last = times.min(), times.max()
    return (first, last) if isinstance(first, datetime) and isinstance(last, datetime) else (None, None)


def _length(step: timedelta) -> str:
    minutes = step // timedelta(minutes=1)
    return f"{minutes} minutes" if minutes % 60 else f"{minutes // 60} h"
