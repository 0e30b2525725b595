"""The figures of the report, each from one table."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from ocpplog import schemas

if TYPE_CHECKING:
    from ocpplog import Log

CLASSES = [
    "available",
    "occupied_idle",
    "charging",
    "suspended_ev",
    "suspended_evse",
    "reserved",
    "unavailable",
    "faulted",
    "unknown",
]
_DOWN = ["unavailable", "faulted"]
_HANDSOME = [1, 2, 2.5, 5, 10]


def built(log: Log, name: str) -> pl.DataFrame:
    """Give a table, without rows if it was not built."""
    found: pl.DataFrame | None = log.tables().get(name)
    if found is not None:
        return found
    schema: pl.Schema = getattr(schemas, name)
    return schema.to_frame()


def period(log: Log) -> tuple[datetime, datetime] | None:
    """Give the first and the last time of the log."""
    first, last = log.charge_points["first_seen"].min(), log.charge_points["last_seen"].max()
    return (first, last) if isinstance(first, datetime) and isinstance(last, datetime) else None


def charges(transactions: pl.DataFrame) -> pl.DataFrame:
    """Keep the transactions that count as charges: accepted, or with energy, as in `Log.summary`."""
    accepted = (pl.col("auth_status").cast(pl.String) == "Accepted").fill_null(value=False)
    return transactions.filter(accepted | (pl.col("energy_wh") > 0).fill_null(value=False))


def connectors(log: Log) -> pl.DataFrame:
    """Sum up each connector's time by status.

    Returns
    -------
    polars.DataFrame
        ``charge_point_id``, ``evse_id``, ``connector_id``, one column of hours per status class, ``known`` (hours
        in which the status is known), ``stale`` (hours without contact or of unknown status), ``operative``
        (known hours that are neither unavailable nor faulted), ``availability`` (their share of the known ones).
    """
    intervals = built(log, "status_intervals")
    status = pl.col("status_class").cast(pl.String).fill_null("unknown")
    stale = (pl.col("knowledge").cast(pl.String) == "stale").fill_null(value=False)
    # Whole microseconds: their sum is the same in any order.
    spent = (pl.coalesce("end_time", "observed_until") - pl.col("start_time")).dt.total_microseconds()
    told = intervals.filter((pl.col("evse_id") > 0).fill_null(value=True)).with_columns(
        __class=pl.when(stale).then(pl.lit("unknown")).otherwise(status), __spent=spent.fill_null(0)
    )
    sums = told.group_by("charge_point_id", "evse_id", "connector_id").agg(
        (pl.col("__spent").filter(pl.col("__class") == name).sum() / 3.6e9).alias(name) for name in CLASSES
    )
    known = pl.sum_horizontal(name for name in CLASSES if name != "unknown")
    operative = pl.sum_horizontal(name for name in CLASSES if name not in {"unknown", *_DOWN})
    return (
        sums.with_columns(known=known, stale=pl.col("unknown"), operative=operative)
        .with_columns(availability=pl.when(pl.col("known") > 0).then(pl.col("operative") / pl.col("known")))
        .sort("charge_point_id", "evse_id", "connector_id")
    )


def availability(rows: pl.DataFrame) -> pl.DataFrame:
    """Sum up the availability of each charge point over its connectors."""
    return rows.group_by("charge_point_id").agg(
        availability=pl.when(pl.col("known").sum() > 0).then(pl.col("operative").sum() / pl.col("known").sum())
    )


def contact(log: Log) -> pl.DataFrame:
    """Sum up when each charge point was in contact.

    Returns
    -------
    polars.DataFrame
        ``charge_point_id``, ``online``, ``offline`` and ``unknown`` (durations), ``spells`` (times offline),
        ``longest``, ``share`` (online of online and offline).
    """
    rows = built(log, "connectivity_intervals").with_columns(pl.col("state").cast(pl.String))
    length = pl.col("duration")
    sums = rows.group_by("charge_point_id").agg(
        *(length.filter(pl.col("state") == word).sum().alias(word) for word in ("online", "offline", "unknown")),
        spells=(pl.col("state") == "offline").sum().cast(pl.Int64),
        longest=length.filter(pl.col("state") == "offline").max(),
    )
    online, offline = (pl.col(word).dt.total_microseconds() for word in ("online", "offline"))
    return sums.with_columns(share=pl.when(online + offline > 0).then(online / (online + offline))).sort(
        "charge_point_id"
    )


def histogram(values: pl.Series, bars: int = 24) -> tuple[pl.DataFrame, int]:
    """Count values in bars of a handsome width, the longest hundredth in the last bar.

    Returns
    -------
    tuple of polars.DataFrame and int
        ``low``, ``high`` and ``count`` of each bar; and how many values lie beyond, in the last one.
    """
    told = values.drop_nulls().cast(pl.Float64)
    told = told.filter(told.is_finite() & (told >= 0))
    if told.is_empty():
        return pl.DataFrame(schema={"low": pl.Float64, "high": pl.Float64, "count": pl.Int64}), 0
    most = told.quantile(0.99, "nearest") or 0.0
    width = _handsome(max(most, 1e-6) / bars)
    last = int(most // width)
    places = (told // width).cast(pl.Int64)
    beyond = int((places > last).sum())
    counted = places.clip(0, last).alias("place").to_frame().group_by("place").agg(count=pl.len().cast(pl.Int64))
    grid = pl.DataFrame({"place": range(last + 1)}, schema={"place": pl.Int64})
    rows = grid.join(counted, on="place", how="left", maintain_order="left").with_columns(pl.col("count").fill_null(0))
    return rows.select(low=pl.col("place") * width, high=(pl.col("place") + 1) * width, count="count"), beyond


def _handsome(width: float) -> float:
    scale = 1e-6
    while True:
        for factor in _HANDSOME:
            if factor * scale >= width:
                return round(factor * scale, 9)
        scale *= 10


def days(transactions: pl.DataFrame, local: pl.Expr) -> pl.DataFrame:
    """Count charges by the local day on which they began, and by quality."""
    return (
        charges(transactions)
        .with_columns(day=local.dt.strftime("%Y-%m-%d"), quality=pl.col("quality").cast(pl.String))
        .filter(pl.col("day").is_not_null())
        .group_by("day", "quality")
        .agg(charges=pl.len().cast(pl.Int64))
        .sort("day", "quality")
    )


def total(frame: pl.DataFrame, column: str) -> timedelta:
    """Sum up durations."""
    return timedelta(microseconds=int(frame[column].dt.total_microseconds().sum()))
