"""What of a predicate the core can apply to messages before their rows are built.

Only what is recognised beyond doubt is translated: an expression is built anew from its parts and compared with the one
at hand. Polars applies the whole predicate afterwards in any case, so what is not recognised costs time, not rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._native import _Kept as Kept

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SETS = ("charge_point_id", "action", "message_type")
# The recorder's clock under its name in either table, and the time of a sample.
_TIMES = {"log_time": "logged", "received_at": "logged", "time": "sampled"}
_CLOSED = ("both", "left", "right", "none")

_Bounds: TypeAlias = tuple[int | None, int | None]
_OPEN: _Bounds = (None, None)


@dataclass
class _Found:
    """What the parts of a predicate keep, all of them together."""

    sets: dict[str, set[str]] = field(default_factory=dict)
    times: dict[str, _Bounds] = field(default_factory=dict)

    def among(self, column: str, words: set[str]) -> None:
        known = self.sets.get(column)
        self.sets[column] = words if known is None else known & words

    def between(self, column: str, low: int | None, high: int | None) -> None:
        name = _TIMES[column]
        before, after = self.times.get(name, _OPEN)
        if low is not None:
            before = low if before is None else max(before, low)
        if high is not None:
            after = high if after is None else min(after, high)
        self.times[name] = (before, after)


def kept(predicate: pl.Expr) -> Kept | None:
    """Give what the core may leave out: charge points, actions, kinds, times of the log and of samples."""
    found = _Found()
    for part in _parts(predicate):
        _comparison(part, found) or _membership(part, found) or _range(part, found)
    if not found.sets and not found.times:
        return None
    sets = [sorted(found.sets[name]) if name in found.sets else None for name in _SETS]
    return sets[0], sets[1], sets[2], found.times.get("logged", _OPEN), found.times.get("sampled", _OPEN)


def _parts(predicate: pl.Expr) -> Iterator[pl.Expr]:
    """Give the parts that must all be true."""
    waiting = [predicate]
    while waiting:
        part = waiting.pop()
        match part.meta.pop():
            case [right, left] if (left & right).meta.eq(part):
                waiting += [right, left]
            case _:
                yield part


def _comparison(part: pl.Expr, found: _Found) -> bool:
    match part.meta.pop():
        case [right, left]:
            pass
        case _:
            return False
    column, value = _column(left), right
    if column in _SETS:
        word = _words(value)
        if (left == value).meta.eq(part) and len(word) == 1:
            found.among(column, word)
            return True
    elif column in _TIMES and (time := _micros(value)) is not None:
        bounds = {
            "==": (left == value, time, time),
            ">": (left > value, time + 1, None),
            ">=": (left >= value, time, None),
            "<": (left < value, None, time - 1),
            "<=": (left <= value, None, time),
        }
        for same, low, high in bounds.values():
            if same.meta.eq(part):
                found.between(column, low, high)
                return True
    return False


def _membership(part: pl.Expr, found: _Found) -> bool:
    match part.meta.pop():
        case [values, subject] if subject.is_in(values).meta.eq(part):
            column, words = _column(subject), _words(values)
            if column in _SETS and words:
                found.among(column, words)
                return True
    return False


def _range(part: pl.Expr, found: _Found) -> bool:
    match part.meta.pop():
        case [high, low, subject]:
            column, first, last = _column(subject), _micros(low), _micros(high)
            if column not in _TIMES or first is None or last is None:
                return False
            for closed in _CLOSED:
                if subject.is_between(low, high, closed=closed).meta.eq(part):  # type: ignore[arg-type]
                    found.between(
                        column,
                        first + (closed in {"right", "none"}),
                        last - (closed in {"left", "none"}),
                    )
                    return True
    return False


def _column(expression: pl.Expr) -> str:
    """Give the name of a plain column; an empty text for anything else."""
    names = expression.meta.root_names()
    return names[0] if len(names) == 1 and expression.meta.eq(pl.col(names[0])) else ""


def _literal(expression: pl.Expr) -> pl.Series | None:
    return pl.select(expression).to_series() if expression.meta.is_literal() else None


def _words(expression: pl.Expr) -> set[str]:
    """Give the texts of a literal; none if it is no text, or no list of texts without a null."""
    values = _literal(expression)
    if values is not None and values.dtype == pl.List(pl.String):
        values = values.explode()
    if values is None or values.dtype != pl.String or values.has_nulls():
        return set()
    return set(values.to_list())


def _micros(expression: pl.Expr) -> int | None:
    """Give the instant of a literal, if microseconds hold all of it."""
    values = _literal(expression)
    if values is None or values.len() != 1:
        return None
    dtype = values.dtype
    if not isinstance(dtype, pl.Datetime) or dtype.time_unit == "ns" or dtype.time_zone is None or values.has_nulls():
        return None
    instant: datetime = values.dt.convert_time_zone("UTC").item()
    return (instant - _EPOCH) // timedelta(microseconds=1)
