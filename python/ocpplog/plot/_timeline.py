"""Who did what when: statuses and transactions of connectors."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from ocpplog._text import plural
from ocpplog.exceptions import OptionError

from ._dominant import dominant, stretch
from ._frame import Clock, chart, instant, lane, listed, of_charge_points, optional, place, sized, table
from ._theme import MARKS, TRANSACTION, status_colors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from ocpplog.log import Log

_NEEDED = ["charge_point_id", "evse_id", "connector_id", "start_time", "observed_until", "status_class", "knowledge"]
_COLUMNS = ["lane", "track", "state", "knowledge", "start", "end", "detail", "place"]
_KNOWLEDGE = {"certain": 1.0, "assumed": 0.7, "stale": 0.35}
_PALER = "certain: as reported; assumed: back in contact without a new report; stale: out of contact, the last report."


def timeline(
    data: Log | pl.DataFrame,
    *,
    transactions: pl.DataFrame | None = None,
    charge_points: Sequence[str] | None = None,
    start: datetime | date | str | None = None,
    end: datetime | date | str | None = None,
    time_zone: str = "UTC",
    max_lanes: int = 40,
    max_marks: int = MARKS,
    title: str | None = None,
) -> alt.Chart:
    """Draw the statuses of connectors over time, and the transactions under them.

    What the charge point had not said for certain is paler: assumed after it was back, stale while it was out of
    contact. With more bars than ``max_marks`` each stretch of time shows what lasted longest in it.

    Parameters
    ----------
    data : Log or polars.DataFrame
        A log, or the table ``status_intervals``.
    transactions : polars.DataFrame, optional
        The table ``transactions``; by default that of the log, if it was built.
    charge_points : sequence of str, optional
        Draw only these charge points.
    start, end : datetime, date or str, optional
        Draw only this time, as in `ocpplog.read`.
    time_zone : str, default "UTC"
        The zone of the axis and the tooltips, such as ``"Europe/Berlin"``.
    max_lanes : int, default 40
        How many connectors at most, in the order of the table.
    max_marks : int, default 5000
        How many bars at most before they are put together.
    title : str, optional
        Another title.

    Returns
    -------
    altair.Chart
        Its data has one row per bar: ``lane``, ``track`` (``status`` or ``transaction``), ``state``,
        ``knowledge``, ``start``, ``end`` (both UTC), ``detail``, ``place`` (file and line).

    Raises
    ------
    OptionError
        If the table was not built, an option has no such value, a charge point is not in the log, or ``start``
        does not lie before ``end``.

    Examples
    --------
    >>> import ocpplog
    >>> from ocpplog import plot
    >>> log = ocpplog.read(ocpplog.example_log())
    >>> plot.timeline(log, charge_points=["CP0001"]).data["lane"].unique().sort().to_list()
    ['CP0001 · 1', 'CP0001 · 2']
    """
    clock = Clock(time_zone)
    window = (instant(start, "start"), instant(end, "end"))
    if window[0] is not None and window[1] is not None and window[0] >= window[1]:
        raise OptionError(f"start: {start} does not lie before end, {end}")
    intervals = table(data, "status_intervals", _NEEDED)
    charges = optional(data, "transactions", transactions)
    tables = (intervals, charges, optional(data, "charge_points"))
    known = pl.concat([each["charge_point_id"] for each in tables if each is not None]).unique().to_list()
    chosen = of_charge_points("charge_points", charge_points, known)
    rows = _inside(_statuses(intervals, chosen), window)
    if charges is not None:
        rows = pl.concat([rows, _inside(_transactions(charges, chosen), window)])
    # Without it the paler bars are a riddle to whoever sees the picture alone.
    notes = [_PALER] if rows["knowledge"].is_in(["assumed", "stale"]).any() else []
    lanes = rows["lane"].unique().sort()
    if lanes.len() > max_lanes:
        notes.append(f"{max_lanes} of {lanes.len():,} connectors are shown; choose others with charge_points=[…].")
        lanes = lanes.head(max_lanes)
        rows = rows.filter(pl.col("lane").is_in(lanes.implode()))
    first, last = rows["start"].min(), rows["end"].max()
    if rows.height > max_marks and isinstance(first, datetime) and isinstance(last, datetime):
        rows, note = _merged(rows, first, last, max_marks, charges is not None)
        notes.append(note)
    axis = clock.axis(*((first, last) if isinstance(first, datetime) and isinstance(last, datetime) else (None, None)))
    drawn = rows.sort("lane", "track", "start").with_columns(
        at=pl.col("start") + axis.shift,
        to=pl.col("end") + axis.shift,
        from_text=clock.text("start"),
        to_text=clock.text("end"),
    )
    drawn = drawn.with_columns(
        label=pl.format("{}: {} from {} to {}", "lane", "state", "from_text", "to_text"),
    )
    return _bars(
        chart(
            drawn,
            title or "Statuses and transactions" if charges is not None else title or "Statuses",
            [*notes, *axis.notes],
        ),
        drawn,
        axis,
    )


def _statuses(intervals: pl.DataFrame, charge_points: Sequence[str] | None) -> pl.DataFrame:
    chosen = _of(intervals, charge_points)
    state = pl.col("status_class").cast(pl.String).fill_null("unknown")
    # Zero is the charge point itself; as long as it is available it tells nothing that its connectors do not.
    idle = chosen.group_by("charge_point_id", "evse_id", "connector_id").agg(told=(state != "available").any())
    shown = chosen.join(
        idle.filter(pl.col("told") | (pl.col("evse_id") > 0) | pl.col("evse_id").is_null()),
        on=["charge_point_id", "evse_id", "connector_id"],
        how="semi",
        nulls_equal=True,
        maintain_order="left",
    )
    sources = "source_file" in shown.columns and "source_line" in shown.columns
    return (
        lane(shown)
        .with_columns(
            track=pl.lit("status"),
            state=state,
            knowledge=pl.col("knowledge").cast(pl.String).fill_null("certain"),
            start=pl.col("start_time"),
            end=pl.coalesce("end_time", "observed_until"),
            detail=pl.col("status").cast(pl.String) if "status" in shown.columns else state,
            place=place() if sources else pl.lit(None, dtype=pl.String),
        )
        .select(_COLUMNS)
    )


def _transactions(transactions: pl.DataFrame, charge_points: Sequence[str] | None) -> pl.DataFrame:
    energy = pl.when(pl.col("energy_wh").is_not_null()).then(
        pl.concat_str([pl.lit(", "), (pl.col("energy_wh") / 1000).round(2).cast(pl.String), pl.lit(" kWh")])
    )
    begin = pl.coalesce("start_time", "stop_time")
    return (
        lane(_of(transactions, charge_points))
        .with_columns(
            track=pl.lit("transaction"),
            state=pl.lit("transaction"),
            knowledge=pl.lit("certain"),
            start=begin,
            # What has not ended is drawn as far as it is known to have flowed.
            end=pl.max_horizontal(begin, pl.coalesce("stop_time", "last_charging_time", begin)),
            detail=pl.concat_str(
                [pl.coalesce("transaction_id", pl.lit("no id")), energy.fill_null(", energy not known")]
            ),
            place=place("first_source_file", "first_source_line"),
        )
        .select(_COLUMNS)
    )


def _of(frame: pl.DataFrame, charge_points: Sequence[str] | None) -> pl.DataFrame:
    return frame if charge_points is None else frame.filter(pl.col("charge_point_id").is_in(list(charge_points)))


def _inside(rows: pl.DataFrame, window: tuple[datetime | None, datetime | None]) -> pl.DataFrame:
    start, end = window
    rows = rows.filter(pl.col("start").is_not_null(), pl.col("end").is_not_null())
    if start is not None:
        rows = rows.filter(pl.col("end") > start).with_columns(start=pl.max_horizontal("start", pl.lit(start)))
    if end is not None:
        rows = rows.filter(pl.col("start") < end).with_columns(end=pl.min_horizontal("end", pl.lit(end)))
    return rows


def _merged(
    rows: pl.DataFrame,
    first: datetime,
    last: datetime,
    max_marks: int,
    both: bool,  # noqa: FBT001
) -> tuple[pl.DataFrame, str]:
    """Put bars together until there are few enough."""
    lanes = rows.select("lane", "track").n_unique()
    per_lane = max(1, max_marks // lanes)
    kinds = rows.with_columns(
        __word=pl.concat_str(["state", "knowledge"], separator="|"),
        __lane=pl.concat_str(["lane", "track"], separator="\x00"),
    )
    # Runs of equal stretches become one bar, so twice as many stretches often fit; fewer always do.
    for share in (4, 2, 1):
        step = stretch(first, last, per_lane * share)
        merged = dominant(kinds, step, lane="__lane", word="__word")
        if merged.height <= max_marks:
            break
    parts = merged.with_columns(
        pl.col("__lane").str.split_exact("\x00", 1).struct.rename_fields(["lane", "track"]),
        pl.col("__word").str.split_exact("|", 1).struct.rename_fields(["state", "knowledge"]),
    ).unnest("__lane", "__word")
    told = parts.with_columns(
        detail=pl.lit(f"what lasted longest in each {_length(step)}"), place=pl.lit(None, dtype=pl.String)
    ).select(_COLUMNS)
    what = "statuses and transactions" if both else "statuses"
    return (
        told,
        f"Of {plural(rows.height, 'row')} each {_length(step)} shows what lasted longest; shorter {what} are left out.",
    )


def _length(step: Any) -> str:
    minutes = int(step.total_seconds() // 60)
    return f"{minutes} minutes" if minutes % 60 else f"{minutes // 60} h"


def _bars(base: alt.Chart, rows: pl.DataFrame, axis: Any) -> alt.Chart:
    present = rows["state"].unique().to_list()
    tracks = [track for track in ("status", "transaction") if track in rows["track"].to_list()]
    picture: alt.Chart = base.mark_bar().encode(
        x=axis.x("at"),
        x2=alt.X2("to"),
        y=alt.Y("lane", type="nominal", title=None, sort=None, axis=alt.Axis(labelLimit=240)),
        yOffset=alt.YOffset("track", type="nominal", scale=alt.Scale(domain=tracks, paddingOuter=0.1)),
        color=listed("state", colors={**status_colors, "transaction": TRANSACTION}, present=present, title=None),
        opacity=alt.Opacity(
            "knowledge",
            type="nominal",
            title="knowledge",
            scale=alt.Scale(domain=list(_KNOWLEDGE), range=list(_KNOWLEDGE.values())),
            legend=alt.Legend(symbolFillColor=status_colors["charging"], symbolStrokeWidth=0),
        ),
        # Vega's own would tell times in the zone of the machine.
        description=alt.Description("label", type="nominal"),
        tooltip=[
            alt.Tooltip("lane", type="nominal", title="connector"),
            alt.Tooltip("state", type="nominal"),
            alt.Tooltip("detail", type="nominal"),
            alt.Tooltip("knowledge", type="nominal"),
            alt.Tooltip("from_text", type="nominal", title="from"),
            alt.Tooltip("to_text", type="nominal", title="to"),
            alt.Tooltip("place", type="nominal", title="stands at"),
        ],
    )
    return sized(picture, alt.Step(9 if len(tracks) > 1 else 18))
