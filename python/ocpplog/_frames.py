"""Tables of the core as Polars frames.

Polars takes most columns over as they are. Those of words it brings to the numbers that it has for them, one row after
the other. Where a table has many rows and Polars can be told that numbers are words, it gets the numbers instead: it is
asked once for those of all words, and the core puts them where the words were.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from . import _native

_MANY_ROWS = 1 << 16
"""Below this, asking for the numbers costs more than it spares."""


def frames(built: dict[str, _native.Table], threads: int | None = None) -> dict[str, pl.DataFrame]:
    """Give tables to Polars.

    Parameters
    ----------
    built : dict of str to Table
        Tables of the core, by name. Those that have many rows may be used up.
    threads : int, optional
        How many threads may work; by default one per core.

    Returns
    -------
    dict of str to polars.DataFrame
        The same tables. The numbers behind their words do not depend on how many threads worked.
    """
    return {name: frame_of(table, threads) for name, table in built.items()}


def frame_of(table: _native.Table, threads: int | None = None) -> pl.DataFrame:
    """Give one table to Polars, as `frames` does."""
    if table.num_rows < _MANY_ROWS:
        return pl.DataFrame(table)
    # Words that Polars does not know yet get their numbers here, in the order in which it would meet them. It forgets
    # words that are in no column, so this one must last until the frame is made.
    words = pl.Series(table.words(), dtype=pl.Categorical)
    numbers = words.to_physical()
    if not _are_words(numbers, words):
        return pl.DataFrame(table)
    numbered = pl.DataFrame(table.numbered(numbers.to_list(), threads=threads))
    return numbered.with_columns(_as_words())


def _as_words() -> pl.Expr:
    """Give the words of all columns of Polars' numbers: no table has other numbers of this type."""
    return pl.col(pl.UInt32).cat.to(pl.Categorical)


def _are_words(numbers: pl.Series, words: pl.Series) -> bool:
    """Tell whether Polars takes numbers for words: since 1.43, and it may change that again, as it says itself."""
    if os.environ.get("POLARS_WARN_UNSTABLE", "0") not in {"", "0"}:
        # Whoever wants to be warned of such functions does not want them used.
        return False
    try:
        found = numbers.to_frame().select(_as_words()).to_series()
    except (AttributeError, TypeError, pl.exceptions.PolarsError):
        return False
    return numbers.dtype == pl.UInt32 and found.dtype == words.dtype and found.equals(words)
