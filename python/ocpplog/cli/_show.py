"""``ocpplog show``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import ocpplog
from ocpplog import exceptions

from ._complete import complete_table, known_table, known_tables, nearest, split
from ._print import say_json_lines, say_table
from ._reading import Json, Reading, reads_logs, sources
from ._stories import SHOWN
from ._where import condition, kept


@reads_logs
def show(
    table: Annotated[
        str, typer.Argument(help="The table to print, such as transactions.", autocompletion=complete_table)
    ],
    logs: Annotated[
        list[str] | None,
        typer.Argument(metavar="LOG...", help="Files, folders, globs, or - for stdin.", show_default=False),
    ] = None,
    *,
    reading: Reading,
    where: Annotated[
        str | None,
        typer.Option(
            help='An SQL condition on the rows: "energy_wh > 1000", "duration > INTERVAL \'3 hours\'", '
            "\"start_time >= DATE '2026-03-03'\" or \"TIMESTAMP '2026-03-03 07:00:00'\" (UTC)."
        ),
    ] = None,
    columns: Annotated[str | None, typer.Option(help="Print only these columns, with commas between.")] = None,
    rows: Annotated[int, typer.Option("-n", "--rows", min=0, help="How many rows at most.")] = 20,
    as_json: Json = False,
) -> None:
    """Print the rows of one table. The columns that matter most, or those you name; as JSON all of them."""
    if not logs:
        raise _missing(table)
    known_table(table)
    if known_tables(reading.tables) not in (None, [table]):
        raise exceptions.OptionError(f"tables: show builds the table that it prints, {table}, and no other")
    wanted = _known_columns(split(columns), table) if columns is not None or as_json else SHOWN.get(table)
    chosen = None if where is None else condition(where, table)
    frame = reading.read(sources(logs), tables=[table]).tables()[table]
    if chosen is not None:
        frame = kept(frame, chosen)
    if wanted is not None:
        frame = frame.select(wanted)
    if as_json:
        say_json_lines(frame.head(rows))
    else:
        say_table(frame, rows)


def _missing(table: str) -> exceptions.OptionError:
    """Say which of the two arguments is missing."""
    names = ocpplog.schemas.table_names()
    if table not in names and (Path(table).exists() or not nearest(table, names)):
        told = f"the table is missing, such as transactions: ocpplog show transactions {table}"
        return exceptions.OptionError(told)
    known_table(table)
    return exceptions.OptionError(f"the log is missing: ocpplog show {table} LOG...")


def _known_columns(columns: list[str] | None, table: str) -> list[str] | None:
    """Refuse columns that the table does not have."""
    there = list(getattr(ocpplog.schemas, table))
    missing = [column for column in columns or () if column not in there]
    if missing:
        near = nearest(missing[0], there)
        raise exceptions.OptionError(
            f"columns: {table} has no {', '.join(missing)}{near}; see 'ocpplog schema {table}'"
        )
    return columns
