"""A long timeline in few strokes: what lasted longest in each stretch."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from ._frame import slots

_MICROSECOND = timedelta(microseconds=1)
# Stretches of these lengths read well on an axis.
_STEPS = [timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)]


def stretch(start: datetime, end: datetime, count: int) -> timedelta:
    """Give the shortest stretch of a handsome length of which ``count`` are enough from start to end."""
    needed = (end - start) / max(count, 1)
    handsome = next((step for step in _STEPS if step >= needed), None)
    return handsome if handsome is not None else timedelta(days=max(1, -(-needed // timedelta(days=1))))


def dominant(spans: pl.DataFrame, step: timedelta, *, lane: str, word: str) -> pl.DataFrame:
    """Replace the spans of each lane by stretches with the word that lasted longest in them.

    Parameters
    ----------
    spans : polars.DataFrame
        With ``start`` and ``end``, and the columns that ``lane`` and ``word`` name.
    step : datetime.timedelta
        The length of a stretch.
    lane, word : str
        The names of two columns.

    Returns
    -------
    polars.DataFrame
        The lane, ``start``, ``end``, and the word. Equal neighbours are one row; what begins and ends inside of
        a stretch keeps that border.
    """
    ordered = (
        spans.select(lane, word, "start", "end").filter(pl.col("end") >= pl.col("start")).sort(lane, "start", "end")
    )
    crossing = ordered.select((pl.col("start") < pl.col("end").shift(1).over(lane)).any()).item()
    if crossing:
        best = _longest(ordered, step, lane, word)
    else:
        # Where a span fills a stretch nothing else is in it, so only the stretches at its ends are looked at.
        edges, middles = _cut(ordered, step)
        best = pl.concat([_longest(edges, step, lane, word), middles.select(lane, "slot", word, "start", "end")])
        best = best.sort(lane, "slot")
    changed = (
        (pl.col(word).ne_missing(pl.col(word).shift(1)))
        | (pl.col("start") != pl.col("end").shift(1))
        | (pl.col(lane).ne_missing(pl.col(lane).shift(1)))
    ).fill_null(value=True)
    return (
        best.with_columns(__run=changed.cum_sum())
        .group_by("__run", maintain_order=True)
        .agg(pl.col(lane, word).first(), pl.col("start").first(), pl.col("end").last())
        .select(lane, "start", "end", word)
    )


def _longest(spans: pl.DataFrame, step: timedelta, lane: str, word: str) -> pl.DataFrame:
    """Give the word of each stretch of each lane, and from where to where anything was known there."""
    parts = (
        slots(spans, step)
        .group_by(lane, "slot", word)
        .agg(
            pl.col("overlap").sum(),
            __from=pl.max_horizontal(pl.col("start"), pl.col("slot")).min(),
            __to=pl.min_horizontal(pl.col("end"), pl.col("slot") + step).max(),
        )
        .sort([lane, "slot", "overlap", word], descending=[False, False, True, False])
    )
    return parts.group_by(lane, "slot", maintain_order=True).agg(
        pl.col(word).first(), start=pl.col("__from").min(), end=pl.col("__to").max()
    )


def _cut(spans: pl.DataFrame, step: timedelta) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cut spans at the edges of their first and their last stretch: what is in those, and what lies between."""
    width = step // _MICROSECOND
    last = pl.max_horizontal(pl.col("start").dt.timestamp("us"), pl.col("end").dt.timestamp("us") - 1)

    def at(number: pl.Expr) -> pl.Expr:
        return (number * width).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")

    cut = spans.with_columns(
        __second=at(pl.col("start").dt.timestamp("us").floordiv(width) + 1), __last=at(last.floordiv(width))
    )
    many = cut.filter(pl.col("__last") >= pl.col("__second"))
    edges = [
        cut.with_columns(end=pl.min_horizontal("end", "__second")),
        many.with_columns(start=pl.col("__last")),
    ]
    middles = many.filter(pl.col("__last") > pl.col("__second")).with_columns(
        start=pl.col("__second"), end=pl.col("__last"), slot=pl.col("__second")
    )
    return pl.concat(edges).drop("__second", "__last"), middles
