"""How values are written in the report: once, here, for the page and for its script alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ocpplog._text import plural, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import timedelta

    import polars as pl

Kind = Literal["text", "time", "number", "charge_point", "split"]
_LENGTH = 300  # a log may hold texts of a megabyte
NOTHING = "\N{EN DASH}"


def number(value: float | None, digits: int = 0) -> str:
    """Write a number with its thousands apart."""
    return NOTHING if value is None else f"{value:,.{digits}f}"


def kwh(value_wh: float | None) -> str:
    """Write an energy in kWh."""
    return number(None if value_wh is None else value_wh / 1000, 1)


def share(value: float | None) -> str:
    """Write a share as percent; a hundred is only said of all."""
    if value is None:
        return NOTHING
    percent = value * 100
    return "100 %" if value >= 1 else f"{min(percent, 99.99):.2f} %" if percent > 99 else f"{percent:.1f} %"  # noqa: PLR2004


def span(value: timedelta | None) -> str:
    """Write a duration in its two greatest units."""
    if value is None:
        return NOTHING
    days, rest = divmod(int(value.total_seconds()), 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    if days:
        return f"{days:,} d {hours} h" if days < 100 else f"{days:,} d"  # noqa: PLR2004  # hours do not matter then
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"


def text(value: object) -> str:
    """Write any text, what hides or reorders it made visible."""
    if value is None or value == "":
        return NOTHING
    shown = visible(str(value)[: _LENGTH + 1])
    return shown if len(shown) <= _LENGTH else f"{shown[:_LENGTH]}…"


def each(values: pl.Series, write: Callable[[Any], str]) -> list[str]:
    """Write the values of a column, the same value once."""
    kept = values.to_list()
    told = {value: write(value) for value in dict.fromkeys(kept)}
    return [told[value] for value in kept]


def bytes_(value: int | None) -> str:
    """Write a size."""
    if value is None:
        return NOTHING
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if value >= size:
            return f"{value / size:,.1f} {unit}"
    return f"{value} bytes"


@dataclass
class Column:
    """One column of a table: its cells as they are read, and what they are sorted by."""

    label: str
    cells: list[Any]
    kind: Kind = "text"
    keys: Sequence[float | None] | None = None
    hint: str = ""


@dataclass
class Table:
    """A table that sorts, filters and turns its pages."""

    name: str
    columns: list[Column]
    caption: str = ""
    note: str = ""
    page: int = 25
    order: int | None = None
    """The column by which the rows are sorted already, from the greatest to the smallest."""
    notes: list[str] = field(default_factory=list)

    @property
    def height(self) -> int:
        """How many rows it has."""
        return len(self.columns[0].cells) if self.columns else 0

    def rows(self, count: int | None = None) -> list[list[Any]]:
        """Give the first rows."""
        return [list(row) for row in zip(*(column.cells[:count] for column in self.columns), strict=True)]

    def data(self) -> dict[str, Any]:
        """Give what the script needs."""
        return {
            "kinds": [column.kind for column in self.columns],
            "rows": self.rows(),
            "keys": [column.keys for column in self.columns],
            "page": self.page,
        }


def numbers(label: str, values: Iterable[float | int | None], write: Any = number, hint: str = "") -> Column:
    """Make a column of numbers, written by ``write`` and sorted by value."""
    kept = list(values)
    keys = [None if value is None else round(value, 6) if isinstance(value, float) else value for value in kept]
    return Column(label, [write(value) for value in kept], "number", keys, hint)


def spans(label: str, values: Iterable[timedelta | None], hint: str = "") -> Column:
    """Make a column of durations."""
    kept = list(values)
    keys = [None if value is None else int(value.total_seconds()) for value in kept]
    return Column(label, [span(value) for value in kept], "number", keys, hint)


def texts(label: str, values: Iterable[object], hint: str = "") -> Column:
    """Make a column of texts."""
    return Column(label, [text(value) for value in values], "text", None, hint)


def times(label: str, values: Iterable[str | None]) -> Column:
    """Make a column of instants that are written already, so that they sort as texts."""
    return Column(label, [text(value) for value in values], "time")


def charge_points(values: Sequence[str | None], places: dict[str | None, int], label: str = "charge point") -> Column:
    """Make a column that leads to the sections of charge points."""
    return Column(
        label,
        ["unknown" if value is None else text(value) for value in values],
        "charge_point",
        [places.get(value) for value in values],
    )


def capped(count: int, limit: int, what: str) -> str:
    """Say how many rows a table leaves out."""
    return f"The first {limit:,} of {plural(count, what)}; 'ocpplog tables' writes all." if count > limit else ""
