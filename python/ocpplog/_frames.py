"""Tables of the core as Polars frames.

Polars takes most columns over as they are. Those of words it brings to the numbers that it has for them, one row after
the other and one column after the other; of a table with many rows several columns are taken over at once, therefore.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from . import _native

_MANY_ROWS = 1 << 16
"""Below this a thread costs more than it spares."""


def frames(built: dict[str, _native.Table], threads: int | None = None) -> dict[str, pl.DataFrame]:
    """Give tables to Polars.

    Parameters
    ----------
    built : dict of str to Table
        Tables of the core, by name.
    threads : int, optional
        How many threads may work; by default as many as Polars uses.

    Returns
    -------
    dict of str to polars.DataFrame
        The same tables. The numbers behind their words do not depend on how many threads worked.
    """
    workers = threads or pl.thread_pool_size()
    many = {name for name, table in built.items() if table.num_rows >= _MANY_ROWS}
    if workers == 1 or not many:
        return {name: pl.DataFrame(table) for name, table in built.items()}
    with ThreadPoolExecutor(workers) as pool:
        return {
            name: _wide(table, workers, pool) if name in many else pl.DataFrame(table) for name, table in built.items()
        }


def _wide(table: _native.Table, workers: int, pool: ThreadPoolExecutor) -> pl.DataFrame:
    """Take several columns over at once."""
    # Words that Polars does not know yet get their numbers here, in the order in which a single thread meets them.
    words = pl.Series(table.words(), dtype=pl.Categorical)
    columns = list(pool.map(pl.DataFrame, table.split(workers)))
    del words
    return pl.concat(columns, how="horizontal")
