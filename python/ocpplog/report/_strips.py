"""The timeline of a charge point, as compact data for the script of the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from ocpplog.plot._dominant import dominant, stretch

from ._figures import CLASSES, built
from ._fleet import connector_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ocpplog import Log
    from ocpplog.plot._frame import Clock

    from ._identities import Identities, Persons

WORDS = [*CLASSES, "online", "offline", "recorder silent"]
# All strips together stay small enough to open at once, whatever the size of the fleet.
_STRETCHES, _LANES = 3_000_000, 12
_LETTERS, _GAP = "ABCDEFGHIJKL", "_"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Scale:
    """What a strip is as long as: ``count`` stretches of the length ``step`` from ``begin`` on."""

    begin: datetime
    step: timedelta
    count: int


@dataclass(frozen=True)
class Ground:
    """What all sections stand on."""

    log: Log
    places: dict[str | None, int]
    told: tuple[datetime, datetime] | None
    clock: Clock
    persons: Persons
    identities: Identities

    def rows(self, table: str) -> pl.DataFrame:
        """Give the rows of the charge points that have a section, and its ``place``."""
        names = pl.DataFrame(
            {"charge_point_id": list(self.places), "place": list(self.places.values())},
            schema={"charge_point_id": pl.String, "place": pl.Int64},
        )
        frame = built(self.log, table)
        return frame.join(names, on="charge_point_id", how="inner", nulls_equal=True, maintain_order="left")

    def shown(self, time: pl.Expr) -> pl.Expr:
        """Write an instant to the minute."""
        return self.clock.local(time).dt.strftime("%Y-%m-%d %H:%M")


def strips(ground: Ground, found: list[dict[str, Any]]) -> Scale:
    """Draw the statuses of every connector, and the contact, as runs of equal stretches."""
    if ground.told is None:
        return Scale(_EPOCH, timedelta(0), 0)
    begin, end = ground.told
    rows = pl.concat([_statuses(ground), _contacts(ground)])
    lanes, more = _lanes(rows)
    step = stretch(begin, end, max(60, min(720, _STRETCHES // max(1, lanes.height - len(found)))))
    first, last = (begin - _EPOCH) // step, -(-(end - _EPOCH) // step)
    scale = Scale(_EPOCH + first * step, step, max(1, last - first))
    cut = (
        rows.join(lanes, on=["place", "evse_id", "connector_id"], how="inner", nulls_equal=True)
        .filter(pl.col("end") > begin, pl.col("start") < end)
        .with_columns(start=pl.max_horizontal("start", pl.lit(begin)), end=pl.min_horizontal("end", pl.lit(end)))
    )
    # A stretch that is known in part is drawn as a whole: the next run begins with the next stretch.
    length = step // timedelta(microseconds=1)
    letters = dict(zip(WORDS, _LETTERS, strict=True))
    merged = (
        dominant(cut, step, lane="lane", word="word")
        .with_columns(
            start=pl.col("start").dt.timestamp("us").floordiv(length) - first,
            end=(-(-pl.col("end").dt.timestamp("us")).floordiv(length)) - first,
            letter=pl.col("word").replace_strict(
                list(letters), list(letters.values()), default=letters["unknown"], return_dtype=pl.String
            ),
        )
        .group_by("lane", maintain_order=True)
        .agg("start", "end", "letter")
    )
    runs = {lane: _runs(zip(starts, ends, words, strict=True)) for lane, starts, ends, words in merged.iter_rows()}
    for lane, place, evse, connector in lanes.iter_rows():
        label = "contact" if connector == -1 and evse is None else f"connector {connector_name(evse, connector)}"
        found[place].setdefault("strips", []).append([label, runs.get(lane, "")])
    for place, count in more.iter_rows():
        found[place]["strips"].append([f"{count:,} more", ""])
    return scale


def _statuses(ground: Ground) -> pl.DataFrame:
    intervals = ground.rows("status_intervals").filter((pl.col("evse_id") > 0).fill_null(value=True))
    stale = (pl.col("knowledge").cast(pl.String) == "stale").fill_null(value=False)
    told = pl.col("status_class").cast(pl.String).fill_null("unknown")
    return intervals.select(
        "place",
        "evse_id",
        "connector_id",
        word=pl.when(stale).then(pl.lit("unknown")).otherwise(told),
        start="start_time",
        end=pl.coalesce("end_time", "observed_until"),
    )


def _contacts(ground: Ground) -> pl.DataFrame:
    return ground.rows("connectivity_intervals").select(
        "place",
        evse_id=pl.lit(None, dtype=pl.Int32),
        connector_id=pl.lit(-1, dtype=pl.Int32),
        word=pl.col("state").cast(pl.String).replace("unknown", "recorder silent"),
        start="start_time",
        end=pl.coalesce("end_time", pl.col("start_time") + pl.col("duration")),
    )


def _lanes(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the lanes their numbers, the contact last; and how many a charge point has too many."""
    lanes = (
        rows.select("place", "evse_id", "connector_id")
        .unique()
        .sort("place", "evse_id", "connector_id", nulls_last=True)
        .with_columns(rank=pl.int_range(pl.len()).over("place"), contact=pl.col("connector_id") == -1)
    )
    drawn = (pl.col("rank") < _LANES) | pl.col("contact").fill_null(value=False)
    more = lanes.filter(~drawn).group_by("place", maintain_order=True).agg(pl.len())
    return lanes.filter(drawn).drop("rank", "contact").with_row_index("lane"), more


def _runs(parts: Iterable[tuple[int, int, str]]) -> str:
    """Write stretches as a text: a letter for each run, and how many stretches it has if more than one."""
    written: list[str] = []
    at = 0
    for start, end, letter in parts:
        for word, length in ((_GAP, start - at), (letter, end - max(start, at))):
            if length > 0:
                written.append(word if length == 1 else f"{word}{length}")
        at = max(at, end)
    return "".join(written)


def days(ground: Ground) -> list[str]:
    """List the local days of the log."""
    if ground.told is None:
        return []
    ends = pl.Series(ground.told).dt.convert_time_zone(ground.clock.time_zone).dt.date()
    return pl.date_range(ends[0], ends[1], eager=True).dt.strftime("%Y-%m-%d").to_list()


def ticks(ground: Ground, scale: Scale) -> list[list[Any]]:
    """Give the places of local midnights on a strip, at most a dozen of them, with their dates."""
    if not scale.count:
        return []
    dates = pl.Series(days(ground)).str.to_datetime("%Y-%m-%d", time_unit="us")
    midnights = dates.dt.replace_time_zone(ground.clock.time_zone, ambiguous="earliest", non_existent="null")
    marks = midnights.dt.convert_time_zone("UTC").to_list()
    every = max(1, -(-len(marks) // 12))
    return [
        [round((mark - scale.begin) / scale.step, 2), day.strftime("%d %b")]
        for place, (mark, day) in enumerate(zip(marks, dates.to_list(), strict=True))
        if mark is not None and place % every == 0 and 0 <= (mark - scale.begin) / scale.step <= scale.count
    ]
