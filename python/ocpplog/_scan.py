"""Scanning: logs as lazy tables, read piece by piece when the query runs."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import polars as pl
from polars.io.plugins import register_io_source

from . import _native, schemas
from ._options import reading_options
from ._pushdown import kept
from ._sources import sources_of
from ._text import rejected
from .exceptions import OcpplogWarning

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator

    from ._native import _Source as NativeSource
    from ._options import Instant, Options, Side, Version
    from ._sources import Source
    from .layout import Layout


__all__ = ["scan_messages", "scan_meter_values"]


def scan_messages(
    source: Source | Iterable[Source],
    *,
    layout: str | Layout = "auto",
    charge_point_id: str | re.Pattern[str] | None = None,
    override: bool = False,
    timezone: str = "auto",
    encoding: str = "utf-8",
    side: Side = "auto",
    ocpp_version: Version = "auto",
    start: Instant | None = None,
    end: Instant | None = None,
    charge_points: Iterable[str] | None = None,
    threads: int | None = None,
) -> pl.LazyFrame:
    """Scan OCPP message logs as the table ``messages``, lazily and in flat memory.

    The rows are those of `parse` with the same options, so nothing is paired: on an answer ``action``, and everywhere
    ``outcome`` and ``response_time``, are null. They come in the order of the sources, sorted by name, and inside a
    source as they stand there; `parse` sorts them by charge point and time.

    Only the columns that the query needs are built; payloads that nobody asks for are not kept. Comparisons,
    ``is_in`` and ``is_between`` on ``charge_point_id``, ``log_time``, ``action`` and ``message_type`` drop messages
    before a column is built, and a limit ends the reading. Sinks such as ``sink_parquet`` and
    ``collect(engine="streaming")`` need memory for some pieces of the log, whatever its size.

    A log is read once where it says by itself what its lines mean. A large one is read twice where only its end tells:
    stamps without an offset under ``timezone="auto"`` (name the zone to read once), stamps without a year or a date of
    which no payload tells one, and words such as ``sent`` and ``received`` whose meaning stays in doubt. SOAP, files of
    one message each, and logs into which a second logger wrote each frame again are held in memory, source by source.

    Parameters
    ----------
    source
        As for `read`. Files are opened when the query runs. A file object is read into memory now, since it can
        be read only once; pass its path instead.
    layout, charge_point_id, override, timezone, encoding, side, ocpp_version
        As for `read`.
    start, end, charge_points, threads
        As for `read`.

    Returns
    -------
    polars.LazyFrame
        One row per OCPP frame, with the schema ``ocpplog.schemas.messages``.

    Raises
    ------
    MissingInputError, OptionError
        As for `read`, at once; and when the query runs, as are ``InputError`` and its like.

    Warns
    -----
    OcpplogWarning
        When a query has read its sources to their end and there are rejects: how many of which reason. `read` gives
        them as rows.

    Examples
    --------
    >>> import ocpplog
    >>> import polars as pl
    >>> messages = ocpplog.scan_messages(ocpplog.example_log())
    >>> boots = messages.filter(pl.col("action") == "BootNotification").select("charge_point_id", "log_time")
    >>> boots.collect().height == ocpplog.read(ocpplog.example_log()).boots.height
    True
    """
    options = reading_options(
        layout=layout,
        charge_point_id=charge_point_id,
        override=override,
        timezone=timezone,
        encoding=encoding,
        side=side,
        ocpp_version=ocpp_version,
        start=start,
        end=end,
        charge_points=charge_points,
        threads=threads,
    )
    return lazily("messages", sources_of(source, layout), options)


def scan_meter_values(
    source: Source | Iterable[Source],
    *,
    layout: str | Layout = "auto",
    charge_point_id: str | re.Pattern[str] | None = None,
    override: bool = False,
    timezone: str = "auto",
    encoding: str = "utf-8",
    side: Side = "auto",
    ocpp_version: Version = "auto",
    start: Instant | None = None,
    end: Instant | None = None,
    charge_points: Iterable[str] | None = None,
    threads: int | None = None,
) -> pl.LazyFrame:
    """Scan OCPP message logs as the table ``meter_values``, lazily and in flat memory.

    Each row is a sampled value as its message tells it, with the schema of `Log.meter_values`. What only all messages
    of a charge point can tell is left out: ``transaction_id`` is the id that the message itself names, whether or not
    there is such a transaction; ``link`` is null; ``evse_id`` and ``connector_id`` are null on the values of a 1.x
    stop, which names none; the flag ``after_stop`` does not occur. Values that were sent again, with a message that was
    repeated or with the end of a transaction, are rows as often as they were sent, and so are those of a message that
    two recorders logged; `read` counts them once. The rows come in the order of the sources.

    Parameters
    ----------
    source
        As for `scan_messages`, and so are all options.
    layout, charge_point_id, override, timezone, encoding, side, ocpp_version
        As for `read`.
    start, end, charge_points, threads
        As for `read`; ``start`` and ``end`` select by ``time``.

    Returns
    -------
    polars.LazyFrame
        One row per sampled value, with the schema ``ocpplog.schemas.meter_values``.

    Raises
    ------
    MissingInputError, OptionError
        As for `scan_messages`.

    Warns
    -----
    OcpplogWarning
        As for `scan_messages`.

    Examples
    --------
    >>> import ocpplog
    >>> import polars as pl
    >>> values = ocpplog.scan_meter_values(ocpplog.example_log())
    >>> values.filter(pl.col("unit") == "Wh").select(pl.len()).collect().item() > 0
    True
    """
    options = reading_options(
        layout=layout,
        charge_point_id=charge_point_id,
        override=override,
        timezone=timezone,
        encoding=encoding,
        side=side,
        ocpp_version=ocpp_version,
        start=start,
        end=end,
        charge_points=charge_points,
        threads=threads,
    )
    return lazily("meter_values", sources_of(source, layout), options)


def lazily(
    table: str, sources: list[NativeSource], options: Options, *, chunk_bytes: int | None = None
) -> pl.LazyFrame:
    """Give the lazy table: the only call of Polars' interface for sources."""
    scanner = _native.Scanner(
        [_repeatable(source) for source in sources], table=table, chunk_bytes=chunk_bytes, **options
    )

    def rows(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        return _rows(scanner, with_columns, predicate, n_rows, batch_size)

    return register_io_source(rows, schema=getattr(schemas, table))


def _rows(
    scanner: _native.Scanner,
    with_columns: list[str] | None,
    predicate: pl.Expr | None,
    n_rows: int | None,
    batch_size: int | None,
) -> Iterator[pl.DataFrame]:
    """Give the rows as Polars asks for them: the first ``n_rows``, of those what the predicate keeps."""
    columns = None
    if with_columns is not None:
        roots = [] if predicate is None else predicate.meta.root_names()
        # The number of rows is told by any column.
        columns = list(dict.fromkeys([*with_columns, *roots])) or ["source_offset"]
    batches = scanner.scan(columns, n_rows, None if predicate is None else kept(predicate))
    for batch in batches:
        frame = pl.DataFrame(batch)
        if predicate is not None:
            # Older versions of Polars cannot hand on a dictionary in several pieces.
            frame = frame.filter(predicate).rechunk()
        if with_columns is not None:
            frame = frame.select(with_columns)
        if frame.height:
            yield from frame.iter_slices(batch_size) if batch_size else [frame]
    findings = batches.findings()
    if findings:
        warnings.warn(rejected(findings), OcpplogWarning, stacklevel=2)


def _repeatable(source: NativeSource) -> NativeSource:
    """Give a source that can be read again, as a lazy table may be collected more than once."""
    if isinstance(source, str) or isinstance(source[1], bytes) or hasattr(source[1], "rewind"):
        return source
    name, stream = source
    return name, _whole(stream)


def _whole(stream: Any) -> bytes:
    data = bytearray()
    while piece := stream.read(1 << 20):
        data += piece
    return bytes(data)
