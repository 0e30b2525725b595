"""How long answers take."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import altair as alt
import polars as pl

from ._frame import READ, Direction, chart, chosen, readable, sized, table
from ._theme import OTHERS, ROW

if TYPE_CHECKING:
    from ocpplog.log import Log

_NEEDED = ["direction", "action", "calls", "results", "errors", "timeouts", "lost", "response_time_p50"]
_COLORS = {"from_charge_point": "#0072B2", "from_csms": "#E69F00", "unknown": OTHERS}


def latency(
    data: Log | pl.DataFrame,
    *,
    direction: Direction | None = None,
    top: int = 30,
    title: str | None = None,
) -> alt.Chart:
    """Draw the response times of each action: from their median to their 95th percentile.

    Parameters
    ----------
    data : Log or polars.DataFrame
        A log, or the table ``call_statistics``.
    direction : {"from_charge_point", "from_csms"}, optional
        Whose calls; by default both sides'.
    top : int, default 30
        How many actions at most, those with the most calls first.
    title : str, optional
        Another title.

    Returns
    -------
    altair.Chart
        Its data has one row per direction and action: ``calls``, ``answered``, ``errors``, ``unanswered``,
        ``p50_ms`` and ``p95_ms`` (medians over the charge points), ``slowest`` and ``slowest_p95_ms``.

    Raises
    ------
    OptionError
        If the table was not built, or an option has no such value.

    Examples
    --------
    >>> import ocpplog
    >>> from ocpplog import plot
    >>> log = ocpplog.read(ocpplog.example_log())
    >>> plot.latency(log).data["p50_ms"].min() > 0
    True
    """
    if direction is not None:
        chosen("direction", direction, get_args(Direction))
    rows = times(table(data, "call_statistics", _NEEDED))
    if direction is not None:
        rows = rows.filter(pl.col("direction") == direction)
    notes = ["Medians over the charge points: left end of a bar 50th, right end 95th percentile."]
    silent = rows.filter(pl.col("p50_ms").is_null())
    if silent.height:
        notes.append(f"Without any measured answer: {', '.join(silent['action'].unique().sort())}.")
    shown = rows.filter(pl.col("p50_ms").is_not_null()).sort(["calls", "action"], descending=[True, False])
    if shown.height > top:
        notes.append(f"{shown.height - top} actions with fewer calls are not shown.")
        shown = shown.head(top)
    order = shown["action"].unique(maintain_order=True).to_list()
    # A bar needs two ends, and a logarithm more than nothing.
    ends = shown.with_columns(
        left=pl.max_horizontal("p50_ms", 0.1), right=pl.max_horizontal("p95_ms", pl.col("p50_ms") * 1.05, 0.11)
    )
    present = shown["direction"].unique().to_list()
    picture: alt.Chart = (
        chart(ends, title or "Response times", notes)
        .mark_bar(height=10)
        .encode(
            y=alt.Y("action", type="nominal", sort=order, title=None),
            x=alt.X("left", type="quantitative", scale=alt.Scale(type="log"), title="response time (ms)"),
            x2=alt.X2("right"),
            color=alt.Color(
                "direction",
                type="nominal",
                title="calls",
                scale=alt.Scale(
                    domain=[word for word in _COLORS if word in present],
                    range=[color for word, color in _COLORS.items() if word in present],
                ),
                legend=alt.Legend(labelExpr=READ),
            ),
            tooltip=[
                alt.Tooltip("action", type="nominal"),
                alt.Tooltip("direction", type="nominal"),
                alt.Tooltip("p50_ms", type="quantitative", title="p50 (ms)", format=",.1f"),
                alt.Tooltip("p95_ms", type="quantitative", title="p95 (ms)", format=",.1f"),
                alt.Tooltip("calls", type="quantitative", format=","),
                alt.Tooltip("errors", type="quantitative", format=","),
                alt.Tooltip("unanswered", type="quantitative", format=","),
                alt.Tooltip("slowest", type="nominal", title="slowest charge point"),
                alt.Tooltip("slowest_p95_ms", type="quantitative", title="its p95 (ms)", format=",.1f"),
            ],
        )
    )
    # An action of both sides, such as DataTransfer, has two bars.
    both = shown["action"].is_duplicated().any()
    if both:
        picture = picture.encode(yOffset=alt.YOffset("direction", type="nominal"))
    return sized(picture, alt.Step(ROW))


def times(statistics: pl.DataFrame) -> pl.DataFrame:
    """Sum up the calls of all charge points by direction and action."""
    p50, p95 = (pl.col(f"response_time_{name}").dt.total_microseconds() / 1000 for name in ("p50", "p95"))
    return (
        statistics.with_columns(
            pl.col("direction").cast(pl.String).fill_null("unknown"),
            readable(pl.col("action")).alias("action"),
            __p50=p50,
            __p95=p95,
        )
        .sort("charge_point_id")
        .group_by("direction", "action", maintain_order=True)
        .agg(
            calls=pl.col("calls").sum(),
            answered=pl.col("results").sum(),
            errors=pl.col("errors").sum(),
            unanswered=pl.col("timeouts").sum() + pl.col("lost").sum(),
            p50_ms=pl.col("__p50").median(),
            p95_ms=pl.col("__p95").median(),
            slowest=readable(pl.col("charge_point_id").filter(pl.col("__p95") == pl.col("__p95").max()).first()),
            slowest_p95_ms=pl.col("__p95").max(),
        )
        .sort(["calls", "action", "direction"], descending=[True, False, False])
    )
