"""``ocpplog show``."""

from __future__ import annotations

from typing import Annotated

import polars as pl
import typer

from ocpplog import exceptions

from ._complete import complete_table, known_table, nearest, split
from ._print import say_json_lines, say_table
from ._reading import Json, Logs, Reading, reads_logs, sources
from ._stories import SHOWN


@reads_logs
def show(
    table: Annotated[
        str, typer.Argument(help="The table to print, such as transactions.", autocompletion=complete_table)
    ],
    logs: Logs,
    *,
    reading: Reading,
    where: Annotated[str | None, typer.Option(help="An SQL condition on the rows, such as 'energy_wh > 1000'.")] = None,
    columns: Annotated[str | None, typer.Option(help="Print only these columns, with commas between.")] = None,
    rows: Annotated[int, typer.Option("-n", "--rows", min=0, help="How many rows at most.")] = 20,
    as_json: Json = False,
) -> None:
    """Print the rows of one table: the columns that matter most, or those you name; as JSON all of them."""
    known_table(table)
    frame = reading.read(sources(logs), tables=[table]).tables()[table]
    if where is not None:
        try:
            frame = frame.filter(pl.sql_expr(where))
        except pl.exceptions.PolarsError as error:
            raise exceptions.OptionError(f"where: {error}") from None
    wanted = split(columns) if columns is not None or as_json else SHOWN.get(table)
    if wanted is not None:
        missing = [column for column in wanted if column not in frame.columns]
        if missing:
            near = nearest(missing[0], frame.columns)
            told = f"columns: {table} has no {', '.join(missing)}{near}; see 'ocpplog schema {table}'"
            raise exceptions.OptionError(told)
        frame = frame.select(wanted)
    if as_json:
        say_json_lines(frame.head(rows))
    else:
        say_table(frame, rows)
