"""Energy per day, charge point or site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import altair as alt
import polars as pl

from ocpplog._text import plural
from ocpplog.exceptions import OptionError

from ._frame import Clock, chart, chosen, listed, readable, sized, table
from ._theme import HEIGHT, ROW, quality_colors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ocpplog.log import Log

By = Literal["day", "charge_point", "site"]
_NEEDED = ["charge_point_id", "start_time", "stop_time", "energy_wh", "quality"]
_TITLES = {"day": "Energy per day", "charge_point": "Energy per charge point", "site": "Energy per site"}


def energy(
    data: Log | pl.DataFrame,
    *,
    by: By = "day",
    sites: Mapping[str, str] | None = None,
    time_zone: str = "UTC",
    top: int = 30,
    title: str | None = None,
) -> alt.Chart:
    """Draw the energy of transactions, in the colours of how sure it is.

    Parameters
    ----------
    data : Log or polars.DataFrame
        A log, or the table ``transactions``.
    by : {"day", "charge_point", "site"}, default "day"
        What a bar is. A transaction belongs to the day on which it began, or ended where only that is known.
    sites : mapping of str to str, optional
        The site of each charge point; logs do not tell. Needed with ``by="site"``.
    time_zone : str, default "UTC"
        The zone in which days begin, such as ``"Europe/Berlin"``.
    top : int, default 30
        How many charge points or sites at most, those with the most energy first.
    title : str, optional
        Another title.

    Returns
    -------
    altair.Chart
        Its data has one row per bar and quality: ``day``, ``charge_point`` or ``site``, ``quality``,
        ``energy_kwh``, ``transactions``.

    Raises
    ------
    OptionError
        If the table was not built, or an option has no such value.

    Examples
    --------
    >>> import ocpplog
    >>> from ocpplog import plot
    >>> log = ocpplog.read(ocpplog.example_log())
    >>> plot.energy(log, by="charge_point").data["charge_point"].n_unique()
    8
    """
    chosen("by", by, get_args(By))
    rows, notes = sums(table(data, "transactions", _NEEDED), by=by, sites=sites, clock=Clock(time_zone))
    if by == "day":
        by_day: alt.Chart = _bars(rows, title or f"{_TITLES[by]} ({time_zone})", notes).encode(
            x=alt.X(
                "day",
                type="ordinal",
                title="day on which the transaction began",
                axis=alt.Axis(labelAngle=-40, labelOverlap=True),
            ),
            y=alt.Y("energy_kwh", type="quantitative", title="energy (kWh)"),
        )
        return sized(by_day, HEIGHT)
    order = rows.group_by(by).agg(pl.col("energy_kwh").sum()).sort(["energy_kwh", by], descending=[True, False])
    if order.height > top:
        rest = order.slice(top)
        notes.append(f"{rest.height:,} more with {rest['energy_kwh'].sum():,.0f} kWh are not shown.")
        order = order.head(top)
    kept = rows.join(order.select(by), on=by, how="semi", maintain_order="left")
    ranking: alt.Chart = _bars(kept, title or _TITLES[by], notes).encode(
        y=alt.Y(by, type="nominal", title=None, sort=order[by].to_list()),
        x=alt.X("energy_kwh", type="quantitative", title="energy (kWh)", axis=alt.Axis(tickCount=8)),
    )
    return sized(ranking, alt.Step(ROW))


def sums(
    transactions: pl.DataFrame, *, by: By, clock: Clock, sites: Mapping[str, str] | None = None
) -> tuple[pl.DataFrame, list[str]]:
    """Sum up energy by day, charge point or site, and by quality; tell what is left out."""
    told = transactions.filter(pl.col("energy_wh").is_not_null())
    key = readable(pl.col("charge_point_id").fill_null("unknown"))
    if by == "day":
        key = clock.local(pl.coalesce("start_time", "stop_time")).dt.strftime("%Y-%m-%d")
    elif by == "site":
        if sites is None:
            raise OptionError("sites: logs do not tell sites; give a mapping of charge point ids to names")
        names = pl.col("charge_point_id").replace_strict(
            list(sites), list(sites.values()), default=None, return_dtype=pl.String
        )
        key = readable(names.fill_null("no site is given"))
    rows = told.with_columns(key.alias(by))
    untimed = rows.filter(pl.col(by).is_null())
    notes = []
    without = transactions.height - told.height
    if without:
        notes.append(f"Left out, since no energy is known: {plural(without, 'transaction')}.")
    if untimed.height:
        lost = f"{untimed['energy_wh'].sum() / 1000:,.1f} kWh of {plural(untimed.height, 'transaction')}"
        notes.append(f"Left out, since neither start nor end is known: {lost}.")
    grouped = (
        rows.filter(pl.col(by).is_not_null())
        .group_by(by, pl.col("quality").cast(pl.String))
        .agg(energy_kwh=(pl.col("energy_wh").sum() / 1000).round(6), transactions=pl.len().cast(pl.Int64))
        .sort(by, "quality")
    )
    return grouped, notes


def ranked(rows: pl.DataFrame) -> pl.DataFrame:
    """Add ``rank``, by which the sure parts of a bar lie below the others."""
    ranks = {word: rank for rank, word in enumerate(quality_colors)}
    rank = pl.col("quality").replace_strict(
        list(ranks), list(ranks.values()), default=len(ranks), return_dtype=pl.Int64
    )
    return rows.with_columns(rank=rank)


def _bars(rows: pl.DataFrame, title: str, notes: list[str]) -> alt.Chart:
    name = next(name for name in _TITLES if name in rows.columns)
    picture: alt.Chart = (
        chart(ranked(rows), title, notes)
        .mark_bar()
        .encode(
            color=listed("quality", colors=quality_colors, present=rows["quality"].unique().to_list(), title="quality"),
            order=alt.Order("rank", type="quantitative"),
            tooltip=[
                alt.Tooltip(name, type="nominal", title=name.replace("_", " ")),
                alt.Tooltip("quality", type="nominal"),
                alt.Tooltip("energy_kwh", type="quantitative", title="energy (kWh)", format=",.1f"),
                alt.Tooltip("transactions", type="quantitative", format=","),
            ],
        )
    )
    return picture
