"""``ocpplog demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import ocpplog

from ._guard import guarded
from ._print import note, records, say, say_json, say_table
from ._reading import Force, Json, Reading
from ._stories import SHOWN, STORIES
from ._tables import write


@guarded
def demo(
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Write all tables and a report into this folder, too.")
    ] = None,
    rows: Annotated[int, typer.Option("-n", "--rows", min=0, help="How many rows of each table.")] = 8,
    force: Force = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No summary, no warnings.")] = False,
    as_json: Json = False,
) -> None:
    """Print the three stories of the log that comes with ocpplog."""
    log = Reading(quiet=quiet).read(ocpplog.example_log())
    if as_json:
        stories = {name: records(log.tables()[name].head(rows)) for name in STORIES}
        say_json(stories)
    else:
        for name in STORIES:
            say(name)
            say_table(log.tables()[name].select(SHOWN[name]), rows)
            say("")
    if out is not None:
        write(log, out, format="parquet", force=force, raw=False, quiet=quiet)
        try:
            from ocpplog import report  # noqa: PLC0415  # an extra, and its libraries take a while to load
        except ModuleNotFoundError as error:
            if not quiet:
                note(f"no report: {error}")
            return
        report.write(log, out / "report.html", force=force)
        if not quiet:
            note(f"wrote {out / 'report.html'}")
