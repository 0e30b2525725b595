"""The power of one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import altair as alt
import polars as pl

from ocpplog.exceptions import OptionError

from ._flow import registers
from ._frame import Clock, chart, place, readable, sized, table
from ._theme import HEIGHT, MARKS

if TYPE_CHECKING:
    from ocpplog.log import Log

_NEEDED = ["charge_point_id", "transaction_id", "time", "measurand", "phase", "location", "value"]


def power(
    data: Log | pl.DataFrame,
    charge_point_id: str,
    transaction_id: str | int,
    *,
    time_zone: str = "UTC",
    title: str | None = None,
) -> alt.Chart:
    """Draw the power of one transaction.

    Reported power, phases summed up where the sum is not reported; else the mean power between two readings of
    the energy register, which the title says.

    Parameters
    ----------
    data : Log or polars.DataFrame
        A log, or the table ``meter_values``.
    charge_point_id : str
        The charge point.
    transaction_id : str or int
        The transaction, as in ``transactions.transaction_id``.
    time_zone : str, default "UTC"
        The zone of the axis and the tooltips, such as ``"Europe/Berlin"``.
    title : str, optional
        Another title.

    Returns
    -------
    altair.Chart
        Its data has one row per sample: ``time`` (UTC), ``power_kw``, ``soc_pct``, ``place`` (file and line).

    Raises
    ------
    OptionError
        If the table was not built, or has no sampled values of such a transaction.

    Examples
    --------
    >>> import ocpplog
    >>> from ocpplog import plot
    >>> log = ocpplog.read(ocpplog.example_log())
    >>> plot.power(log, "CP0001", "10006").data["power_kw"].max() * 1000 == log.transactions["peak_power_w"][0]
    True
    """
    clock = Clock(time_zone)
    values = table(data, "meter_values", _NEEDED).filter(
        pl.col("charge_point_id") == charge_point_id, pl.col("transaction_id") == str(transaction_id)
    )
    if values.is_empty():
        raise OptionError(
            f"no meter values of a transaction {str(transaction_id)!r} at the charge point {charge_point_id!r}"
        )
    rows, reported = curve(values)
    notes = [] if reported or not rows.height else ["No power was reported; this is the slope of the energy register."]
    if rows.height > MARKS:
        size = -(-rows.height // MARKS)
        notes.append(f"Each point is the mean of {size} samples.")
        rows = (
            rows.with_row_index("__row")
            .group_by(pl.col("__row") // size, maintain_order=True)
            .agg(pl.col("time", "place").first(), pl.col("power_kw", "soc_pct").mean())
            .drop("__row")
        )
    first, last = rows["time"].min(), rows["time"].max()
    ends = (first, last) if isinstance(first, datetime) and isinstance(last, datetime) else (None, None)
    axis = clock.axis(*ends)
    drawn = rows.with_columns(at=pl.col("time") + axis.shift, shown=clock.text("time")).with_columns(
        label=pl.format("{}: {} kW", "shown", pl.col("power_kw").round(3))
    )
    name = pl.select(readable(pl.lit(f"Power of transaction {transaction_id} at {charge_point_id}"))).item()
    picture: alt.Chart = (
        chart(drawn, title or name, [*notes, *axis.notes])
        .mark_line(
            point=alt.OverlayMarkDef(size=18, color="#0072B2"),
            interpolate="linear" if reported else "step-before",
            color="#0072B2",
        )
        .encode(
            x=axis.x("at"),
            y=alt.Y("power_kw", type="quantitative", title="power (kW)"),
            description=alt.Description("label", type="nominal"),
            tooltip=[
                alt.Tooltip("shown", type="nominal", title="at"),
                alt.Tooltip("power_kw", type="quantitative", title="power (kW)", format=",.2f"),
                alt.Tooltip("soc_pct", type="quantitative", title="state of charge (%)"),
                alt.Tooltip("place", type="nominal", title="stands at"),
            ],
        )
    )
    return sized(picture, HEIGHT)


def curve(values: pl.DataFrame) -> tuple[pl.DataFrame, bool]:
    """Give the power over time of one transaction's values, and whether it was reported."""
    values = values.with_columns(
        __measurand=pl.col("measurand").cast(pl.String),
        __place=place() if {"source_file", "source_line"} <= set(values.columns) else pl.lit(None, dtype=pl.String),
    ).filter(pl.col("time").is_not_null(), pl.col("value").is_finite())
    location = pl.col("location").cast(pl.String)
    outlet = values.filter(location.is_null() | (location == "Outlet"))
    told = outlet.filter(pl.col("__measurand") == "Power.Active.Import")
    phase = pl.col("phase").cast(pl.String)
    # A reported sum counts before one of ours; the phases may say the same again.
    sums = told.group_by("time").agg(
        whole=pl.col("value").filter(phase.is_null()).max(),
        phases=pl.col("value").filter(phase.is_in(["L1", "L2", "L3"])).sum(),
        some=phase.is_in(["L1", "L2", "L3"]).any(),
        place=pl.col("__place").first(),
    )
    rows = sums.select("time", "place", power_w=pl.coalesce("whole", pl.when("some").then("phases"))).filter(
        pl.col("power_w").is_not_null()
    )
    reported = not rows.is_empty()
    if not reported:
        readings = (
            registers(values).group_by("time").agg(pl.col("value").max(), place=pl.col("__place").first()).sort("time")
        )
        hours = pl.col("time").diff().dt.total_microseconds() / 3.6e9
        rows = readings.select("time", "place", power_w=pl.col("value").diff() / hours)
    soc = values.filter(pl.col("__measurand") == "SoC").group_by("time").agg(soc_pct=pl.col("value").last())
    joined = rows.sort("time").join(soc, on="time", how="left", maintain_order="left")
    return joined.select("time", "place", "soc_pct", power_kw=pl.col("power_w") / 1000), reported
