"""When connectors are taken: weekday by hour."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal, get_args

import altair as alt
import polars as pl

from ._frame import Clock, chart, chosen, sized, slots, table

if TYPE_CHECKING:
    from ocpplog.log import Log

Measure = Literal["occupied", "charging"]
_NEEDED = ["evse_id", "start_time", "end_time", "observed_until", "status_class", "knowledge"]
_OCCUPIED = ["occupied_idle", "charging", "suspended_ev", "suspended_evse"]
_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def heatmap(
    data: Log | pl.DataFrame,
    *,
    measure: Measure = "occupied",
    time_zone: str = "UTC",
    title: str | None = None,
) -> alt.Chart:
    """Draw how much of the known time connectors were taken, by weekday and hour.

    Parameters
    ----------
    data : Log or polars.DataFrame
        A log, or the table ``status_intervals``.
    measure : {"occupied", "charging"}, default "occupied"
        Time with a vehicle at the connector, or time in which it charged.
    time_zone : str, default "UTC"
        The zone of weekdays and hours, such as ``"Europe/Berlin"``.
    title : str, optional
        Another title.

    Returns
    -------
    altair.Chart
        Its data has one row per weekday and hour: ``weekday``, ``hour``, ``known_hours`` (of connectors, stale
        and unknown status left out), ``taken_hours``, ``share``.

    Raises
    ------
    OptionError
        If the table was not built, or an option has no such value.

    Examples
    --------
    >>> import ocpplog
    >>> from ocpplog import plot
    >>> log = ocpplog.read(ocpplog.example_log())
    >>> plot.heatmap(log).data["share"].is_between(0, 1).all()
    True
    """
    chosen("measure", measure, get_args(Measure))
    clock = Clock(time_zone)
    rows, notes = shares(table(data, "status_intervals", _NEEDED), measure=measure, clock=clock)
    picture: alt.Chart = (
        chart(rows, title or f"Connectors {measure}, share of the known time", notes)
        .mark_rect()
        .encode(
            x=alt.X("hour", type="ordinal", title=f"hour of the day ({time_zone})", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("weekday", type="ordinal", sort=_DAYS, title=None),
            color=alt.Color(
                "share",
                type="quantitative",
                title=measure,
                scale=alt.Scale(scheme="viridis", domainMin=0),
                legend=alt.Legend(format=".0%"),
            ),
            tooltip=[
                alt.Tooltip("weekday", type="nominal"),
                alt.Tooltip("hour", type="ordinal"),
                alt.Tooltip("share", type="quantitative", title=measure, format=".1%"),
                alt.Tooltip("taken_hours", type="quantitative", title=f"{measure} (connector hours)", format=",.1f"),
                alt.Tooltip("known_hours", type="quantitative", title="known (connector hours)", format=",.1f"),
            ],
        )
    )
    return sized(picture, alt.Step(24))


def shares(intervals: pl.DataFrame, *, measure: Measure, clock: Clock) -> tuple[pl.DataFrame, list[str]]:
    """Sum up known and taken time by weekday and hour."""
    status, knowledge = pl.col("status_class").cast(pl.String), pl.col("knowledge").cast(pl.String)
    known = (knowledge != "stale").fill_null(value=True) & (status != "unknown")
    # Zero is the charge point itself, at which nobody charges.
    of_connectors = intervals.filter((pl.col("evse_id") > 0).fill_null(value=True)).select(
        known=known,
        taken=status.is_in(_OCCUPIED if measure == "occupied" else ["charging"]),
        start="start_time",
        end=pl.coalesce("end_time", "observed_until"),
    )
    # Local hours begin on a quarter of an hour of UTC everywhere.
    whole = clock.time_zone == "UTC"
    spans = slots(
        of_connectors.filter("known").group_by("start", "end", "taken").agg(n=pl.len()),
        timedelta(hours=1) if whole else timedelta(minutes=15),
    )
    local = clock.local("slot")
    # Whole microseconds: their sum is the same in any order.
    spent = pl.col("overlap").dt.total_microseconds() * pl.col("n").cast(pl.Int64)
    rows = (
        spans.group_by(day=local.dt.weekday().cast(pl.Int64), hour=local.dt.hour().cast(pl.Int64))
        .agg(known_hours=spent.sum() / 3.6e9, taken_hours=spent.filter("taken").sum() / 3.6e9)
        .filter(pl.col("known_hours") > 0)
        .sort("day", "hour")
        .with_columns(
            share=pl.col("taken_hours") / pl.col("known_hours"),
            weekday=pl.col("day").replace_strict(list(range(1, 8)), _DAYS, return_dtype=pl.String),
        )
    )
    unknown = of_connectors.filter(~pl.col("known")).select((pl.col("end") - pl.col("start")).dt.total_seconds().sum())
    lost = float(unknown.item() or 0) / 3600
    notes = [f"Left out: {lost:,.1f} connector hours without contact or without a known status."] if lost > 0 else []
    return rows.select("weekday", "hour", "known_hours", "taken_hours", "share"), notes
