"""What was read, and how sure the figures are."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from ocpplog import schemas

from . import _cells as cells
from ._cells import Column, Table
from ._figures import built, charges

if TYPE_CHECKING:
    from ocpplog import Log

    from ._identities import Persons

_SOURCES, _FLAGS = 1_000, 200
_QUALITIES = {
    "good": "nothing had to be inferred, and nothing contradicts anything",
    "estimated": "a time or an energy was inferred",
    "partial": "a number is missing, because the log lacks something",
    "suspect": "numbers contradict each other; look at the flags before you use them",
}


def base(name: object) -> str:
    """Give a path without its folders: they are long, and nobody's business."""
    return str(name).replace("\\", "/").rpartition("/")[2]


def sums(log: Log) -> list[tuple[str, str, str]]:
    """Add up what was read: what, how much, and a word about it."""
    told = log.accounting

    def count(column: str) -> int:
        return int(told[column].sum())

    lines = [count(f"{kind}_lines") for kind in ("message", "other", "blank", "rejected")]
    written = " + ".join(f"{value:,}" for value in lines)
    return [
        ("Sources", f"{told.height:,}", _states(told)),
        ("Size", cells.bytes_(count("size_bytes")), "after decompression"),
        ("Lines", f"{count('lines'):,}", f"{written} with messages, with other text, blank, not understood"),
        (
            "Frames",
            f"{count('frames'):,}",
            f"{count('messages'):,} messages, {count('duplicates'):,} copies of messages, the rest not understood",
        ),
        ("Left out by filters", f"{count('filtered'):,}", "messages outside of the chosen time or charge points"),
        ("Not understood", f"{log.rejects.height:,}", "pieces of a log; each is listed with file, line and reason"),
        ("Fits nothing", f"{log.unmatched.height:,}", "messages that were understood and belong to no row"),
    ]


def _states(told: pl.DataFrame) -> str:
    counted = told["status"].cast(pl.String).value_counts().sort("status")
    return ", ".join(f"{count:,} {status}" for status, count in counted.iter_rows())


def sources(log: Log) -> Table:
    """List the sources."""
    told = log.accounting
    shown = told.head(_SOURCES)

    def column(name: str) -> list[Any]:
        return shown[name].cast(pl.String).to_list()

    zones = [
        f"{zone or _offset(offset)} ({how})" if how else cells.NOTHING
        for zone, offset, how in zip(column("timezone"), shown["utc_offset"], column("timezone_source"), strict=True)
    ]
    return Table(
        "sources",
        [
            cells.texts("source", [base(name) for name in column("source_file")]),
            cells.texts("state", column("status")),
            cells.texts("layout", column("layout")),
            cells.texts("written by", [(side or "").replace("_", " ") for side in column("side")]),
            cells.texts("zone of its stamps", zones),
            cells.numbers("size", shown["size_bytes"], cells.bytes_),
            cells.numbers("lines", shown["lines"]),
            cells.numbers("messages", shown["messages"]),
            cells.numbers("copies", shown["duplicates"]),
            cells.numbers("rejects", shown["rejects"]),
        ],
        caption="Sources",
        note=cells.capped(told.height, _SOURCES, "source"),
        page=10,
    )


def _offset(offset: timedelta | None) -> str:
    """Write the offset that all stamps of a source have."""
    if offset is None:
        return "more than one offset"
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"UTC{'-' if offset < timedelta(0) else '+'}{hours:02}:{minutes:02}" if offset else "UTC"


def rejects(log: Log, persons: Persons) -> Table:
    """List why pieces were not understood."""
    meanings = dict(schemas.reasons().iter_rows())
    rows = (
        log.rejects.with_columns(pl.col("reason").cast(pl.String), pl.col("source_file").cast(pl.String))
        .group_by("reason", maintain_order=True)
        .agg(pl.len().alias("n"), pl.col("source_file", "source_line", "detail").first())
        .sort(["n", "reason"], descending=[True, False])
    )
    first = [
        base(file) + ("" if line is None else f":{line}")
        for file, line in rows.select("source_file", "source_line").iter_rows()
    ]
    return Table(
        "rejects",
        [
            cells.texts("reason", rows["reason"]),
            cells.texts("meaning", [meanings.get(reason, "") for reason in rows["reason"]]),
            cells.numbers("pieces", rows["n"]),
            cells.texts("the first one stands at", first),
            cells.texts("detail of the first one", [persons.free_text(detail) for detail in rows["detail"]]),
        ],
        caption="What was not understood",
        order=2,
    )


def unmatched(log: Log) -> Table:
    """List what fits nothing."""
    rows = (
        log.unmatched.with_columns(pl.col("kind").cast(pl.String), pl.col("source_file").cast(pl.String))
        .group_by("kind", maintain_order=True)
        .agg(
            pl.len().alias("n"),
            pl.col("charge_point_id").n_unique().alias("charge_points"),
            pl.col("source_file", "source_line").first(),
        )
        .sort(["n", "kind"], descending=[True, False])
    )
    first = [f"{base(file)}:{line}" for file, line in rows.select("source_file", "source_line").iter_rows()]
    return Table(
        "unmatched",
        [
            cells.texts("kind", [kind.replace("_", " ") for kind in rows["kind"]]),
            cells.numbers("messages", rows["n"]),
            cells.numbers("charge points", rows["charge_points"]),
            cells.texts("the first one stands at", first),
        ],
        caption="What was understood and fits nothing",
        order=1,
    )


def quality(log: Log) -> Table:
    """Count charges and their energy by quality."""
    rows = charges(built(log, "transactions")).with_columns(pl.col("quality").cast(pl.String))
    found = {
        word: (count, energy)
        for word, count, energy in rows.group_by("quality")
        .agg(pl.len().alias("n"), pl.col("energy_wh").sum())
        .iter_rows()
    }
    counts = [found.get(word, (0, 0.0)) for word in _QUALITIES]
    whole = sum(count for count, _ in counts)
    return Table(
        "quality",
        [
            cells.texts("quality", _QUALITIES),
            cells.texts("meaning", _QUALITIES.values()),
            cells.numbers("charges", [count for count, _ in counts]),
            cells.numbers("share", [count / whole if whole else None for count, _ in counts], cells.share),
            cells.numbers("energy (kWh)", [energy for _, energy in counts], cells.kwh),
        ],
        caption="Quality of the charges",
    )


def flags(log: Log) -> Table:
    """Count the flags of all tables."""
    told = {
        flag: (meaning.replace("`", ""), advice.replace("`", ""))
        for flag, _, _, meaning, advice in schemas.flags().iter_rows()
    }
    parts = [
        table.select(pl.col("flags").explode().drop_nulls().alias("flag")).with_columns(pl.lit(name).alias("table"))
        for name, table in log.tables().items()
        if "flags" in table.columns
    ]
    empty = pl.DataFrame(schema={"flag": pl.String, "table": pl.String})
    rows = (
        pl.concat([empty, *parts])
        .group_by("flag", "table")
        .agg(n=pl.len())
        .sort(["n", "flag", "table"], descending=[True, False, False])
    )
    shown = rows.head(_FLAGS)
    return Table(
        "flags",
        [
            cells.texts("flag", shown["flag"]),
            cells.texts("table", shown["table"]),
            cells.numbers("rows", shown["n"]),
            cells.texts("meaning", [told.get(flag, ("", ""))[0] for flag in shown["flag"]]),
            cells.texts("what to do", [told.get(flag, ("", ""))[1] for flag in shown["flag"]]),
        ],
        caption="What had to be said about rows",
        note=cells.capped(rows.height, _FLAGS, "flag"),
        page=10,
        order=2,
    )


def is_empty(table: Table) -> bool:
    """Whether a table has nothing to show."""
    return table.height == 0


__all__ = ["Column", "base", "flags", "is_empty", "quality", "rejects", "sources", "sums", "unmatched"]
