"""The columns of every table, known without a log.

``ocpplog.schemas.transactions`` is the ``polars.Schema`` of the table ``transactions``, and so for every
table. The core declares each column once; this module only translates.

Examples
--------
>>> import ocpplog
>>> ocpplog.schemas.transactions["energy_wh"]
Float64
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from . import _native
from .exceptions import OptionError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from polars._typing import PolarsDataType

__all__ = [
    "accounting",
    "authorizations",
    "boots",
    "call_statistics",
    "charge_points",
    "charging_profiles",
    "commands",
    "configuration",
    "connectivity_intervals",
    "data_transfers",
    "describe",
    "faults",
    "firmware_updates",
    "firmware_versions",
    "flags",
    "layouts",
    "log_uploads",
    "messages",
    "meter_values",
    "reasons",
    "rejects",
    "security_events",
    "status_intervals",
    "table_names",
    "transactions",
    "unmatched",
]

_TIME = pl.Datetime("us", "UTC")
_DTYPES: Mapping[str, PolarsDataType] = {
    "str": pl.String(),
    "cat": pl.Categorical(),
    "bool": pl.Boolean(),
    "i32": pl.Int32(),
    "i64": pl.Int64(),
    "f64": pl.Float64(),
    "time": _TIME,
    "span": pl.Duration("us"),
    "list_str": pl.List(pl.String()),
    "list_status": pl.List(pl.Struct({"status": pl.String(), "time": _TIME, "received_at": _TIME})),
}


@cache
def _schemas() -> dict[str, pl.Schema]:
    return {
        table: pl.Schema({column: _DTYPES[dtype] for column, dtype, *_ in columns})
        for table, columns in _native.schema().items()
    }


def table_names() -> tuple[str, ...]:
    """Give the names of all tables.

    Returns
    -------
    tuple of str
        In the order in which they are documented.

    Examples
    --------
    >>> import ocpplog
    >>> ocpplog.schemas.table_names()[:3]
    ('messages', 'transactions', 'meter_values')
    """
    return tuple(_schemas())


def describe(table: str | None = None) -> pl.DataFrame:
    """Say what every column is.

    Parameters
    ----------
    table : str, optional
        One table's name; by default all tables.

    Returns
    -------
    polars.DataFrame
        One row per column: ``table``, ``column``, ``dtype``, ``unit`` (empty where there is none), ``null`` (when
        it is null; empty if never), ``meaning`` and ``source`` (the message and field of OCPP that it comes from, or
        a rule of ocpplog's own), all String.

    Raises
    ------
    OptionError
        If there is no such table.

    Examples
    --------
    >>> import ocpplog
    >>> ocpplog.schemas.describe("boots")["column"][0]
    'charge_point_id'
    """
    _known(table)
    rows = [
        (name, column, str(_DTYPES[dtype]), *told)
        for name, columns in _native.schema().items()
        if table in {None, name}
        for column, dtype, *told in columns
    ]
    return _strings(rows, ["table", "column", "dtype", "unit", "null", "meaning", "source"])


def flags() -> pl.DataFrame:
    """Say what every word of the ``flags`` columns means.

    Returns
    -------
    polars.DataFrame
        One row per flag: ``flag``, ``effect`` (what it does to the ``quality`` of a transaction), ``tables`` (in
        whose ``flags`` it may stand, with blanks between them), ``meaning`` and ``advice``, all String.

    Examples
    --------
    >>> import ocpplog
    >>> ocpplog.schemas.flags().filter(flag="meter_reset")["effect"].item()
    'suspect'
    """
    rows = [(flag, effect, " ".join(tables), *told) for flag, effect, tables, *told in _native.flags()]
    return _strings(rows, ["flag", "effect", "tables", "meaning", "advice"])


def reasons() -> pl.DataFrame:
    """Say what every word of ``rejects.reason`` means.

    Returns
    -------
    polars.DataFrame
        One row per reason: ``reason`` and ``meaning``.

    Examples
    --------
    >>> import ocpplog
    >>> ocpplog.schemas.reasons().filter(reason="json_truncated")["meaning"].item()
    'The text ends inside its JSON.'
    """
    return _strings(_native.reasons(), ["reason", "meaning"])


def layouts() -> pl.DataFrame:
    """Say which logs are read.

    Returns
    -------
    polars.DataFrame
        One row per layout: ``layout`` (a value of the option ``layout``), ``writer`` and ``example``.

    Examples
    --------
    >>> import ocpplog
    >>> "steve" in ocpplog.schemas.layouts()["layout"]
    True
    """
    return _strings(_native.layouts(), ["layout", "writer", "example"])


def _strings(rows: Sequence[tuple[str, ...]], columns: list[str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def _known(table: str | None) -> None:
    if table is not None and table not in _schemas():
        raise OptionError(f"there is no table {table!r}; the tables are {', '.join(_schemas())}")


# Written out, so that editors complete them and a misspelt one is an error before anything runs.
messages: pl.Schema = _schemas()["messages"]
transactions: pl.Schema = _schemas()["transactions"]
meter_values: pl.Schema = _schemas()["meter_values"]
status_intervals: pl.Schema = _schemas()["status_intervals"]
firmware_updates: pl.Schema = _schemas()["firmware_updates"]
boots: pl.Schema = _schemas()["boots"]
connectivity_intervals: pl.Schema = _schemas()["connectivity_intervals"]
faults: pl.Schema = _schemas()["faults"]
authorizations: pl.Schema = _schemas()["authorizations"]
commands: pl.Schema = _schemas()["commands"]
firmware_versions: pl.Schema = _schemas()["firmware_versions"]
security_events: pl.Schema = _schemas()["security_events"]
log_uploads: pl.Schema = _schemas()["log_uploads"]
configuration: pl.Schema = _schemas()["configuration"]
charging_profiles: pl.Schema = _schemas()["charging_profiles"]
data_transfers: pl.Schema = _schemas()["data_transfers"]
call_statistics: pl.Schema = _schemas()["call_statistics"]
charge_points: pl.Schema = _schemas()["charge_points"]
rejects: pl.Schema = _schemas()["rejects"]
unmatched: pl.Schema = _schemas()["unmatched"]
accounting: pl.Schema = _schemas()["accounting"]
