"""From a log to the file."""

from __future__ import annotations

import contextlib
import dataclasses
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import polars as pl

from ocpplog._atomic import check_target, whole_file
from ocpplog._pen import Pen
from ocpplog._text import plural
from ocpplog._time import micros
from ocpplog.exceptions import OptionError
from ocpplog.plot._frame import Clock, instant

from ._charts import pictures
from ._details import chosen, details
from ._figures import built, period
from ._fleet import calls, contacts, faults, fleet, headline, statuses, updates, versions
from ._identities import Identities, Persons, tokens
from ._page import page
from ._reading import flags, quality, rejects, sources, sums, unmatched
from ._strips import Ground

if TYPE_CHECKING:
    import os
    from datetime import date, datetime

    from ocpplog import Log

    from ._svg import Picture

__all__ = ["Facts", "Identities", "Pen", "check_options", "write"]


@dataclass(frozen=True)
class Facts:
    """What was written."""

    path: str
    """The file."""
    size_bytes: int
    """Its size."""
    charge_points: int
    """How many charge points it tells of."""
    transactions: int
    """How many charges."""
    energy_wh: float
    """Their energy."""
    rejects: int
    """How many pieces of the log were not understood."""

    def as_dict(self) -> dict[str, Any]:
        """Give the facts as plain values."""
        return dataclasses.asdict(self)


def check_options(
    path: str | os.PathLike[str],
    *,
    time_zone: str = "UTC",
    identities: str = "pseudonym",
    made_at: datetime | date | str | None = None,
    force: bool = False,
) -> None:
    """Refuse what `write` would refuse, before a log is read.

    Raises
    ------
    OptionError
        If an option has no such value.
    OutputError
        If the file is a folder, or exists already and ``force`` is not set, or its folder does not.
    """
    Clock(time_zone)
    micros(made_at, "made_at")
    if identities not in get_args(Identities):
        raise OptionError(f"identities: {identities!r} is not one of {', '.join(get_args(Identities))}")
    check_target(Path(path), force=force)


def write(
    log: Log,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    time_zone: str = "UTC",
    identities: Identities = "pseudonym",
    made_at: datetime | date | str | None = None,
    force: bool = False,
    pen: Pen | None = None,
) -> Facts:
    """Write the report of a log; see `Log.report`.

    What draws the pictures can be started while the log is read: ``with Pen() as pen``; else it is started here.
    """
    check_options(path, time_zone=time_zone, identities=identities, made_at=made_at, force=force)
    with contextlib.nullcontext(pen) if pen else Pen() as drawing:
        text, facts = _made(log, drawing, title=title, time_zone=time_zone, identities=identities, made_at=made_at)
    content = text.encode("utf-8")
    with whole_file(Path(path), force=force) as file:
        file.write(content)
    return dataclasses.replace(facts, path=str(path), size_bytes=len(content))


def _made(
    log: Log,
    pen: Pen,
    *,
    title: str | None,
    time_zone: str,
    identities: Identities,
    made_at: datetime | date | str | None,
) -> tuple[str, Facts]:
    clock = Clock(time_zone)
    # They take a third of the time, and need nothing of what is made meanwhile.
    with ThreadPoolExecutor(max_workers=1) as beside:
        drawn = beside.submit(pictures, log, time_zone, pen)
        return _told(log, clock, drawn, title=title, identities=identities, made_at=made_at)


def _told(
    log: Log,
    clock: Clock,
    drawn: Future[dict[str, Picture]],
    *,
    title: str | None,
    identities: Identities,
    made_at: datetime | date | str | None,
) -> tuple[str, Facts]:
    persons = Persons(tokens(built(log, "transactions")), identities)
    places = chosen(log)
    tables = [
        sources(log),
        rejects(log, persons),
        unmatched(log),
        quality(log),
        flags(log),
        fleet(log, places),
        statuses(log, places),
        faults(log, clock, persons),
        versions(log),
        updates(log),
        contacts(log, places),
        calls(log),
    ]
    told = period(log)
    when = "a log without times" if told is None else " to ".join(_day(clock, time) for time in told)
    made = None if made_at is None else _day(clock, instant(made_at, "made_at"), with_time=True)
    messages = int(log.accounting["messages"].sum())
    missing = [
        name
        for name in ("status_intervals", "faults", "firmware_updates", "connectivity_intervals")
        if name not in log.tables()
    ]
    text = page(
        title=title or f"Charging report, {when}",
        lead=", ".join(
            [
                plural(log.charge_points.height, "charge point"),
                plural(log.accounting.height, "source"),
                plural(messages, "message"),
            ]
        ),
        time_zone=clock.time_zone,
        made_at=made,
        headline=headline(log, persons),
        sums=sums(log),
        tables={table.name: table for table in tables},
        details=details(Ground(log, places, told, clock, persons, identities)),
        pictures=drawn.result(),
        identities=identities,
        missing=missing,
        messages=messages,
    )
    summary = log.summary()
    facts = Facts(
        path="",
        size_bytes=0,
        charge_points=summary.height,
        transactions=int(summary["transactions"].sum()),
        energy_wh=float(summary["energy_wh"].sum()),
        rejects=log.rejects.height,
    )
    return text, facts


def _day(clock: Clock, time: datetime | None, *, with_time: bool = False) -> str:
    local = pl.Series([time], dtype=pl.Datetime("us", "UTC")).dt.convert_time_zone(clock.time_zone)
    return str(local.dt.strftime("%Y-%m-%d %H:%M %Z" if with_time else "%Y-%m-%d").item())
