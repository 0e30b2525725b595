"""``ocpplog tables``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, cast

import typer

import ocpplog
from ocpplog._store import check_target
from ocpplog._text import plural

from ._complete import complete_format, known_tables
from ._print import note
from ._reading import Force, Json, Logs, Reading, reads_logs, sources


@reads_logs
def tables(
    logs: Logs,
    *,
    reading: Reading,
    out: Annotated[Path, typer.Option("-o", "--out", help="The folder to write to.")],
    format: Annotated[  # noqa: A002  # what every writer calls it
        str, typer.Option("--format", help="parquet, csv, ndjson or ipc.", autocompletion=complete_format)
    ] = "parquet",
    force: Force = False,
    raw: Annotated[bool, typer.Option("--raw", help="CSV: do not disarm cells that look like formulas.")] = False,
    as_json: Json = False,
) -> None:
    """Write all tables into a folder, with a manifest."""
    # What cannot be written is told before gigabytes are read.
    names = known_tables(reading.tables) or [name for name in ocpplog.schemas.table_names() if name != "messages"]
    check_target(names, out, format=format, force=force)
    log = reading.read(sources(logs))
    write(log, out, format=format, force=force, raw=raw, quiet=reading.quiet)
    if as_json:
        typer.echo((out / "manifest.json").read_text(encoding="utf-8"), nl=False)


def write(log: ocpplog.Log, out: Path, *, format: str, force: bool, raw: bool, quiet: bool) -> None:  # noqa: A002
    log.write(out, format=cast("Any", format), force=force, raw=raw)
    if not quiet:
        note(f"wrote {plural(len(log.tables()), 'table')} to {out}")
