"""``ocpplog schema``."""

from __future__ import annotations

from typing import Annotated

import polars as pl
import typer

import ocpplog

from ._complete import WORDS, complete_schema, known_table
from ._guard import guarded
from ._print import say_hanging, say_json_lines
from ._reading import Json


@guarded
def schema(
    table: Annotated[
        str | None,
        typer.Argument(
            help="A table, or flags, reasons or layouts; by default all tables.", autocompletion=complete_schema
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the columns of the tables, or the words they use."""
    lists = {
        "flags": ocpplog.schemas.flags,
        "reasons": ocpplog.schemas.reasons,
        "layouts": ocpplog.schemas.layouts,
    }
    if table in lists:
        frame = lists[table]()
    else:
        if table is not None:
            known_table(table, also=WORDS)
        frame = ocpplog.schemas.describe(table)
    if as_json:
        say_json_lines(frame)
        return
    # What makes a line too long for a terminal stands in the JSON and in docs/.
    frame = frame.select(pl.exclude("null", "source", "tables", "advice"))
    if "dtype" in frame.columns:
        # The name of one table need not be said in each line.
        frame = frame.with_columns(_short(pl.col("dtype"))).select(pl.exclude("table" if table else []))
    # One row per line with the columns aligned; the last one may be long and is not cut.
    widths = [max(map(len, [name, *frame[name]])) for name in frame.columns[:-1]]
    for row in [frame.columns, *frame.iter_rows()]:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        say_hanging("".join(f"{cell}  " for cell in cells), row[-1])


def _short(dtype: pl.Expr) -> pl.Expr:
    """Leave out of a type what is the same everywhere: microseconds, UTC, the fields of a struct."""
    return dtype.str.replace_all(r"\([a-z_]+=[^()]*\)", "").str.replace_all(r"Struct\(\{.*\}\)", "Struct")
