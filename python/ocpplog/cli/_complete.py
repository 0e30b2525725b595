"""Names as users type them: completed by the shell, held against the lists, corrected where they are near."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import ocpplog
from ocpplog import exceptions

if TYPE_CHECKING:
    from collections.abc import Sequence

WORDS = ("flags", "reasons", "layouts")


def split(words: str | None) -> list[str] | None:
    """Take a list with commas apart."""
    return None if words is None else [word.strip() for word in words.split(",") if word.strip()]


def known_table(table: str, *, also: Sequence[str] = ()) -> None:
    """Refuse a name that is no table's, and say which one may have been meant."""
    names = [*ocpplog.schemas.table_names(), *also]
    if table not in names:
        raise exceptions.OptionError(f"there is no table {table!r}{nearest(table, names)}; {_listed(names)}")


def known_tables(words: str | None) -> list[str] | None:
    """Take a list of tables apart, each of them known."""
    names = split(words)
    for name in names or ():
        known_table(name)
    return names


def nearest(word: str, names: Sequence[str]) -> str:
    """Ask whether the nearest of some names was meant; nothing if none is near."""
    found = difflib.get_close_matches(word.lower().replace("-", "_"), names, n=1)
    return f" (did you mean {found[0]!r}?)" if found else ""


def _listed(names: Sequence[str]) -> str:
    return f"the tables are {', '.join(names)}"


def complete_table(incomplete: str) -> list[str]:
    """Complete the name of a table."""
    return [name for name in ocpplog.schemas.table_names() if name.startswith(incomplete)]


def complete_schema(incomplete: str) -> list[str]:
    """Complete the name of a table or a list of words."""
    return [name for name in (*ocpplog.schemas.table_names(), *WORDS) if name.startswith(incomplete)]


def complete_tables(incomplete: str) -> list[str]:
    """Complete the last name of a list with commas."""
    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in complete_table(last)]


def complete_layout(incomplete: str) -> list[str]:
    """Complete the name of a layout."""
    names = ["auto", *ocpplog.schemas.layouts()["layout"]]
    return [name for name in names if name.startswith(incomplete)]


def complete_format(incomplete: str) -> list[str]:
    """Complete a format of files."""
    return [name for name in ("parquet", "csv", "ndjson", "ipc") if name.startswith(incomplete)]
