"""What in a reading deserves a look, in a few words each: `read` says it in one warning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from ._text import plural, visible

if TYPE_CHECKING:
    from .log import Log

_NOTES = ["duplicate_of"]  # they tell how the sources were taken; nothing is lost with them


def findings(log: Log, *, asked: list[str] | None) -> list[str]:
    """List what deserves a look; ``asked`` are the charge points that were asked for."""
    return [
        *_no_files(log),
        *_silent(log),
        *_strangers(log, asked),
        *rejected_rows(log),
        *_nameless(log),
        *_shifted(log),
    ]


def rejected_rows(log: Log) -> list[str]:
    """Count the rejects by reason, but for notes about what was passed over."""
    if log.rejects.is_empty():
        return []
    rejects = log.rejects.filter(~pl.col("reason").cast(pl.String).is_in(_NOTES))
    counts = rejects.group_by(pl.col("reason").cast(pl.String)).len().sort("len", "reason", descending=[True, False])
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in counts.iter_rows())
    return [f"{plural(rejects.height, 'reject')}: {reasons} (see rejects)"] if rejects.height else []


def _no_files(log: Log) -> list[str]:
    return ["there is no file to read (a folder is empty)"] if log.accounting.is_empty() else []


def _ids(log: Log) -> list[str] | None:
    """Give the charge points that have rows, if a table that holds all of them was built."""
    built = log.tables()
    name = next((name for name in ("charge_points", "messages", "call_statistics") if name in built), None)
    return None if name is None else built[name]["charge_point_id"].cast(pl.String).drop_nulls().unique().to_list()


def _strangers(log: Log, asked: list[str] | None) -> list[str]:
    """Name the charge points that were asked for and are not in the log."""
    found = None if asked is None else _ids(log)
    if asked is None or found is None:
        return []
    known = set(found)
    lost = [name for name in dict.fromkeys(asked) if name not in known]
    if not lost:
        return []
    more = f" and {len(lost) - 1:,} more" if len(lost) > 1 else ""
    return [f"there is no message of charge point {visible(lost[0])!r}{more}; ids are compared letter by letter"]


def _nameless(log: Log) -> list[str]:
    """Name the charge points that no line names: what several of them wrote is one then."""
    built = log.tables().get("charge_points")
    if built is None:
        return []
    rows = built.filter(pl.col("charge_point_id").cast(pl.String).str.starts_with("unknown:"))
    if rows.is_empty():
        return []
    more = f" and {rows.height - 1:,} more" if rows.height > 1 else ""
    name = visible(str(rows["charge_point_id"].cast(pl.String)[0]))
    count = plural(int(rows["messages"].sum()), "message")
    return [f"{count} without a charge point, taken for those of {name!r}{more} (see charge_point_id)"]


def _shifted(log: Log) -> list[str]:
    """Tell if the stamps seem to be in another zone than was said or assumed."""
    flags = log.tables().get("transactions", pl.DataFrame({"flags": []}, schema={"flags": pl.List(pl.String)}))["flags"]
    suspect = int(flags.list.contains("tz_suspect").sum())
    if suspect * 2 <= flags.len():
        return []
    return [f"{suspect:,} of {plural(flags.len(), 'transaction')} tell other hours than their stamps (see timezone)"]


def _silent(log: Log) -> list[str]:
    silent = _empty(log)
    more = f" and {len(silent) - 1:,} more" if len(silent) > 1 else ""
    return [f"no OCPP message was found in {visible(silent[0])}{more} (see accounting)"] if silent else []


def _empty(log: Log) -> list[str]:
    """Give the sources without a message, but for those that stand for others: archives with members, and twins."""
    empty = log.accounting.filter(pl.col("frames").fill_null(0) == 0)["source_file"].cast(pl.String).to_list()
    if not empty:
        return []
    names = log.accounting["source_file"].cast(pl.String).to_list()
    archives = {name[:at] for name in names for at, letter in enumerate(name) if letter == "/"}
    notes = log.rejects.filter(pl.col("reason").cast(pl.String).is_in(_NOTES))["source_file"].cast(pl.String)
    spoken_for = archives | set(notes)
    return [name for name in empty if name not in spoken_for]
