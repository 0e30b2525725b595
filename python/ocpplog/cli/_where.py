"""SQL conditions on the rows of a table, checked before a log is read."""

from __future__ import annotations

import re

import polars as pl

import ocpplog
from ocpplog import exceptions

from ._complete import nearest

_EXAMPLE = "energy_wh > 1000 AND duration > INTERVAL '3 hours'"
_LENGTH = 100
_OFFSET = re.compile(r"timestamp\s*'[^']*\d\s*[+-]\d{2}:?\d{0,2}'", re.IGNORECASE)
_HOW = {
    "span": "INTERVAL '3 hours'",
    "time": "DATE '2026-03-03' or TIMESTAMP '2026-03-03 07:00:00', in UTC",
    "text": "'text'",
    "number": "1000",
}


def condition(where: str, table: str) -> pl.Expr:
    """Read a condition, and refuse what is wrong for the table or would compare another thing than was meant.

    Raises
    ------
    OptionError
        With how to write it.
    """
    if _OFFSET.search(where):
        # Polars would leave the offset out.
        raise exceptions.OptionError("where: write a TIMESTAMP in UTC, without an offset")
    schema: pl.Schema = getattr(ocpplog.schemas, table)
    frame = schema.to_frame()
    try:
        found = pl.sql_expr(where)
        for name in found.meta.root_names():
            if name not in schema:
                near = nearest(name, list(schema))
                raise exceptions.OptionError(
                    f"where: {table} has no {name}{near}; see 'ocpplog schema {table}', and write a text as 'text'"
                )
        _compare(found, _plain(frame).lazy())
    except pl.exceptions.PolarsError as error:
        raise _refused(error) from None
    kept(frame, found)
    return found


def kept(frame: pl.DataFrame, condition: pl.Expr) -> pl.DataFrame:
    """Keep the rows for which the condition holds."""
    try:
        rows = _plain(frame).with_row_index("row of the table").filter(condition)["row of the table"]
    except pl.exceptions.PolarsError as error:
        raise _refused(error) from None
    return frame[rows]


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Give what SQL knows: times without their zone, which is UTC, and words as texts."""
    return frame.with_columns(pl.col(pl.Datetime).dt.replace_time_zone(None), pl.col(pl.Categorical).cast(pl.String))


def _compare(condition: pl.Expr, frame: pl.LazyFrame) -> None:
    """Refuse to compare a time or a span with a number or a text: Polars takes a number for microseconds."""
    left = [condition]
    while left:
        each = left.pop()
        parts = each.meta.pop()
        left += parts
        if _type(each, frame) not in {None, pl.Boolean()}:
            continue
        told = [(kind, part.meta.root_names()) for part in parts if (kind := _kind(_type(part, frame))) is not None]
        # What has columns in it comes first.
        told.sort(key=lambda part: not part[1])
        other = next((kind for kind, _ in told if kind != told[0][0]), None)
        if other is not None:
            kind, columns = told[0]
            names = f" ({', '.join(columns)})" if columns else ""
            raise exceptions.OptionError(
                f"where: a {kind}{names} was compared with a {other}; write a {kind} as {_HOW[kind]}"
            )


def _type(part: pl.Expr, frame: pl.LazyFrame) -> pl.DataType | None:
    """Give the type of a part; none if it has none, which shows when the whole is tried."""
    try:
        (kind,) = frame.select(part).collect_schema().dtypes()
    except (pl.exceptions.PolarsError, ValueError):
        return None
    return kind.inner if isinstance(kind, pl.List) else kind  # type: ignore[return-value]  # a type, not its class


def _kind(dtype: pl.DataType | None) -> str | None:
    """Say what a type holds, as far as it matters here."""
    if dtype is None:
        return None
    if dtype.is_numeric():
        return "number"
    if dtype == pl.String:
        return "text"
    return "span" if dtype == pl.Duration else "time" if dtype in (pl.Date, pl.Datetime) else None


def _refused(error: pl.exceptions.PolarsError) -> exceptions.OptionError:
    """Say in a sentence what Polars says in several lines."""
    sentence = str(error).partition("\n")[0].rstrip(" .:")
    # It may list the values of a whole column.
    short = sentence if len(sentence) <= _LENGTH else f"{sentence[:_LENGTH]}…"
    return exceptions.OptionError(f'where: {short}; a condition is written as in "{_EXAMPLE}"')
