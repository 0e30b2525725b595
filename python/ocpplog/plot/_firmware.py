"""Which firmware the fleet runs, and what came of updating it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, get_args

import altair as alt
import polars as pl

from ocpplog._text import plural
from ocpplog.log import Log

from ._frame import Clock, chart, chosen, counting, listed, optional, readable, sized, table
from ._theme import HEIGHT, MARKS, OTHERS, ROW, SERIES, outcome_colors

Show = Literal["versions", "outcomes"]
_VERSIONS = ["charge_point_id", "firmware_version", "start_time", "end_time"]
_UPDATES = ["charge_point_id", "location", "outcome", "outcome_class"]
_REST = "other versions"
_POINTS = MARKS // (len(SERIES) + 1)  # in time; more are not seen on a screen


def firmware(
    data: Log | pl.DataFrame,
    *,
    show: Show | None = None,
    time_zone: str = "UTC",
    top: int = 12,
    title: str | None = None,
) -> alt.Chart:
    """Draw the firmware versions of the fleet over time, or the outcomes of its updates.

    Parameters
    ----------
    data : Log or polars.DataFrame
        A log, or one of the tables ``firmware_versions`` and ``firmware_updates``. A log tells when it ends;
        of the table alone the versions are drawn up to the last change.
    show : {"versions", "outcomes"}, optional
        How many charge points ran which version, or how many update jobs had which outcome, by the file that
        they were to install. By default what the table tells; of a log the versions.
    time_zone : str, default "UTC"
        The zone of the axis, such as ``"Europe/Berlin"``.
    top : int, default 12
        How many versions have a colour of their own, at most 12, or three times as many files a bar.
    title : str, optional
        Another title.

    Returns
    -------
    altair.Chart
        Its data has ``time`` (UTC), ``version`` and ``charge_points``, or ``file``, ``outcome_class``,
        ``outcomes``, ``jobs`` and ``charge_points``.

    Raises
    ------
    OptionError
        If the table was not built, or an option has no such value.

    Examples
    --------
    >>> import ocpplog
    >>> from ocpplog import plot
    >>> log = ocpplog.read(ocpplog.example_log())
    >>> plot.firmware(log, show="outcomes").data["jobs"].sum() == log.firmware_updates.height
    True
    """
    if show is None:
        is_updates = not isinstance(data, Log) and "outcome" in data.columns
        show = "outcomes" if is_updates else "versions"
    chosen("show", show, get_args(Show))
    if show == "outcomes":
        return _outcomes(table(data, "firmware_updates", _UPDATES), top * 3, title)
    seen = optional(data, "charge_points")
    until = None if seen is None else seen["last_seen"].max()
    rows, notes = adoption(table(data, "firmware_versions", _VERSIONS), min(top, len(SERIES)), until)
    return _versions(rows, notes, Clock(time_zone), title)


def campaigns(updates: pl.DataFrame) -> pl.DataFrame:
    """Count update jobs by the file they were to install and by outcome."""
    name = pl.col("location").str.replace(r"[?#].*$", "").str.replace(r"^.*/", "").replace("", None)
    target = pl.coalesce(name, pl.lit("no file is told"))
    return (
        updates.with_columns(
            file=readable(target),
            outcome_class=pl.col("outcome_class").cast(pl.String),
            outcome=pl.col("outcome").cast(pl.String),
        )
        .group_by("file", "outcome_class")
        .agg(
            outcomes=pl.col("outcome").unique().sort().str.join(", "),
            jobs=pl.len().cast(pl.Int64),
            charge_points=pl.col("charge_point_id").n_unique().cast(pl.Int64),
        )
        .sort("file", "outcome_class")
    )


def _outcomes(updates: pl.DataFrame, top: int, title: str | None) -> alt.Chart:
    rows = campaigns(updates)
    order = rows.group_by("file").agg(pl.col("jobs").sum()).sort(["jobs", "file"], descending=[True, False])
    notes = []
    if order.height > top:
        rest = order.slice(top)
        notes.append(f"{rest.height:,} more files with {plural(int(rest['jobs'].sum()), 'job')} are not shown.")
        order = order.head(top)
    kept = rows.join(order.select("file"), on="file", how="semi", maintain_order="left")
    picture: alt.Chart = (
        chart(kept, title or "Firmware updates by file and outcome", notes)
        .mark_bar()
        .encode(
            y=alt.Y("file", type="nominal", sort=order["file"].to_list(), title=None, axis=alt.Axis(labelLimit=260)),
            x=alt.X("jobs", type="quantitative", **counting("update jobs", order["jobs"])),
            color=listed(
                "outcome_class",
                colors=outcome_colors,
                present=kept["outcome_class"].unique().to_list(),
                title="outcome",
            ),
            tooltip=[
                alt.Tooltip("file", type="nominal"),
                alt.Tooltip("outcome_class", type="nominal", title="outcome"),
                alt.Tooltip("outcomes", type="nominal", title="in detail"),
                alt.Tooltip("jobs", type="quantitative", format=","),
                alt.Tooltip("charge_points", type="quantitative", title="charge points", format=","),
            ],
        )
    )
    return sized(picture, alt.Step(ROW))


def _versions(rows: pl.DataFrame, notes: list[str], clock: Clock, title: str | None) -> alt.Chart:
    names = rows.group_by("version").agg(pl.col("charge_points").max()).sort("version")["version"].to_list()
    names = [name for name in names if name != _REST] + [name for name in names if name == _REST]
    first, last = rows["time"].min(), rows["time"].max()
    ends = (first, last) if isinstance(first, datetime) and isinstance(last, datetime) else (None, None)
    axis = clock.axis(*ends)
    drawn = rows.with_columns(at=pl.col("time") + axis.shift, shown=clock.text("time"))
    picture: alt.Chart = (
        chart(drawn, title or "Firmware versions of the fleet", [*notes, *axis.notes])
        .mark_area(interpolate="step-after")
        .encode(
            x=axis.x("at"),
            y=alt.Y(
                "charge_points",
                type="quantitative",
                stack="zero",
                **counting("charge points", rows.group_by("time").agg(pl.col("charge_points").sum())["charge_points"]),
            ),
            color=alt.Color(
                "version",
                type="nominal",
                title="firmware version",
                scale=alt.Scale(
                    domain=names, range=[OTHERS if name == _REST else SERIES[place] for place, name in enumerate(names)]
                ),
            ),
            tooltip=[
                alt.Tooltip("shown", type="nominal", title="from"),
                alt.Tooltip("version", type="nominal", title="firmware version"),
                alt.Tooltip("charge_points", type="quantitative", title="charge points", format=","),
            ],
        )
    )
    return sized(picture, HEIGHT)


def adoption(versions: pl.DataFrame, top: int, until: Any = None) -> tuple[pl.DataFrame, list[str]]:
    """Count the charge points that ran each version, at every time at which that changed and at the end of the log."""
    told = versions.filter(pl.col("start_time").is_not_null(), pl.col("firmware_version").is_not_null()).with_columns(
        version=readable(pl.col("firmware_version"))
    )
    most = (
        told.group_by("version")
        .agg(n=pl.col("charge_point_id").n_unique(), latest=pl.col("start_time").max())
        # Of versions that are equally rare the new one is asked for.
        .sort(["n", "latest", "version"], descending=[True, True, False])
    )
    notes = []
    if most.height > top:
        kept = most.head(top)["version"]
        notes.append(f"{most.height - top:,} rarer versions are put together.")
        told = told.with_columns(
            version=pl.when(pl.col("version").is_in(kept.implode())).then("version").otherwise(pl.lit(_REST))
        )
    left = versions.height - versions["start_time"].drop_nulls().len()
    if left:
        notes.append(f"{plural(left, 'version')} without a time are left out.")
    changes = pl.concat(
        [
            told.select("version", time="start_time", by=pl.lit(1, dtype=pl.Int64)),
            told.filter(pl.col("end_time").is_not_null()).select(
                "version", time="end_time", by=pl.lit(-1, dtype=pl.Int64)
            ),
        ]
    )
    times = changes["time"].unique().sort()
    if len(times) and until is not None and until > times[-1]:
        times.append(pl.Series([until], dtype=times.dtype))
    if times.len() > _POINTS:
        # Evenly in time, with both ends; what happens in between is seen at the next point.
        first, last = times[0], times[-1]
        step = (last - first) / (_POINTS - 1)
        times = pl.Series("time", [*(first + step * n for n in range(_POINTS - 1)), last], dtype=times.dtype)
        notes.append(f"Drawn at {_POINTS} points in time.")
    if times.is_empty():
        return pl.DataFrame(
            schema={"time": versions.schema["start_time"], "version": pl.String, "charge_points": pl.Int64}
        ), notes
    counted = (
        changes.group_by("version", "time")
        .agg(pl.col("by").sum())
        .sort("time")
        .with_columns(charge_points=pl.col("by").cum_sum().over("version"))
    )
    grid = (
        changes.select(pl.col("version").unique().sort())
        .join(times.alias("time").to_frame(), how="cross")
        .sort("time", "version")
    )
    rows = grid.join_asof(
        counted.select("time", "version", "charge_points"), on="time", by="version", check_sortedness=False
    )
    return rows.with_columns(pl.col("charge_points").fill_null(0)).select("time", "version", "charge_points"), notes
