"""Reading: logs, messages and stored results into a `Log`."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from . import _native
from ._findings import findings, rejected_rows
from ._frames import frame_of, frames
from ._messages import messages_of
from ._options import check_whole, reading_options, rule_values, table_names, text_option
from ._progress import reporting
from ._sources import sources_of
from ._store import load
from ._text import rejected
from .exceptions import OcpplogWarning, OptionError
from .log import Log
from .rules import Rules

if TYPE_CHECKING:
    import os
    import re
    from collections.abc import Callable, Iterable

    from ._native import _Source as NativeSource
    from ._options import Instant, OnError, Options, Side, Version
    from ._sources import Source
    from .layout import Layout
    from .observation import Observation


__all__ = ["detect", "example_log", "open", "parse", "read", "rebuild"]

_DEFAULT_RULES = Rules()


def read(
    source: Source | Iterable[Source],
    *,
    tables: Iterable[str] | None = None,
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
    on_error: OnError = "collect",
    max_rejects: int | None = None,
    progress: bool | Callable[[int, int | None], None] | None = None,
    rules: Rules = _DEFAULT_RULES,
) -> Log:
    r"""Read OCPP message logs and rebuild what happened.

    Compressed files (gzip, zstd, bzip2, xz, lz4) and archives (zip, tar) are told by their first bytes, not by
    their names; each member of an archive is a source ``archive.zip/path``. Parquet and Arrow IPC files are read row
    by row, each row as one JSON object whose keys are the columns; ``source_line`` is the number of the row, and the
    account of such a source counts the bytes and lines of that JSON. They are not looked for in archives and object
    stores. Data that is not understood never stops the work: it becomes a row of ``rejects``, and one
    `OcpplogWarning` says how much there is.

    Parameters
    ----------
    source : str, path, bytes, binary file object, (name, bytes or file object), or an iterable of them
        What to read. A text is a path, a glob such as ``"logs/**/*.log.gz"``, a folder, or the URL of an object,
        a prefix or a glob in an object store, such as ``"s3://bucket/logs/*.gz"`` (needs ``ocpplog[cloud]``). A
        name in front of bytes or a file object is what the provenance columns will say.
    tables : iterable of str, optional
        The tables to build; nothing else is computed. By default all but ``messages``. The tables
        ``charge_points``, ``rejects``, ``unmatched`` and ``accounting`` are always built.
    layout : str or Layout, default "auto"
        How the log is written, one of ``ocpplog.schemas.layouts()`` or a `Layout` of your own. By default that is
        found out, file by file; ``ocpplog.detect`` tells on what evidence.
    charge_point_id : str or re.Pattern, optional
        Which charge point a log without identities is of: the identity itself, or a pattern over the file
        name whose first group is the identity. The log wins where it tells, unless ``override`` is set.
    override : bool, default False
        Let ``charge_point_id`` win over the log.
    timezone : str, default "auto"
        The zone of the log's own stamps where they have no offset: ``"UTC"``, an offset such as ``"+01:00"``
        or a name such as ``"Europe/Berlin"``. By default it is estimated from the payloads, which are UTC;
        ``accounting.utc_offset`` and ``accounting.timezone_source`` say what was taken.
    encoding : str, default "utf-8"
        The text encoding of sources that have no mark of theirs: ``"utf-16-le"``, ``"latin-1"``, ``"cp1252"`` or
        any other name of the WHATWG encoding standard. A mark (BOM) of UTF-8 or UTF-16 wins.
    side : {"auto", "csms", "charge_point"}, default "auto"
        Who wrote the log, which decides what "send" means. By default the actions tell.
    ocpp_version : {"auto", "1.2", "1.5", "1.6", "2.0", "2.0.1", "2.1"}, default "auto"
        The version where nothing in the log tells it.
    start, end : datetime, date or str, optional
        Keep rows that overlap ``[start, end)``. Without an offset it is UTC. The tables are rebuilt from all
        messages first, so a transaction across ``start`` keeps its true beginning.
    charge_points : iterable of str, optional
        Keep only these charge points.
    threads : int, optional
        How many threads work; by default one per core. The result does not depend on it.
    on_error : {"collect", "raise"}, default "collect"
        Keep bad data as rows of ``rejects``, or raise at the lowest position.
    max_rejects : int, optional
        Raise if there are more rejects than this. By default any number is fine.
    progress : bool or callable, optional
        Show a bar on stderr: by default if somebody watches and it takes more than two seconds. A callable is
        called with the bytes done and the bytes in all (None if that is not known).
    rules : Rules
        The thresholds of the rule book.

    Returns
    -------
    Log
        The tables. Instants are ``Datetime("us", "UTC")``, spans are ``Duration("us")``, quantities carry
        their unit in the name. A large table comes in several chunks; Polars' ``rechunk()`` makes one of them.

    Raises
    ------
    MissingInputError
        If a path does not exist or a glob matches nothing. It is a ``FileNotFoundError``.
    InputError
        If a source cannot be read. It is an ``OSError``.
    OptionError
        If an argument cannot be used. It is a ``ValueError``.
    UnknownLayoutError, LogFormatError
        With ``on_error="raise"`` only.
    TooManyRejectsError
        If there are more than ``max_rejects`` rejects.

    Warns
    -----
    OcpplogWarning
        One for all that deserves a look: rejects, sources without a message, charge points that were asked for and
        are not there, sources that name no charge point, stamps that most transactions contradict.

    Examples
    --------
    >>> import ocpplog
    >>> lines = '''2026-03-14T07:00:00Z CP1 [2,"1","Heartbeat",{}]
    ... 2026-03-14T07:00:00Z CP1 [3,"1",{"currentTime":"2026-03-14T07:00:00Z"}]
    ... '''
    >>> log = ocpplog.read(lines.encode(), tables=["messages"])
    >>> log.messages["action"].cast(str).to_list()
    ['Heartbeat', 'Heartbeat']
    >>> log = ocpplog.read(ocpplog.example_log())
    >>> log.transactions.schema == ocpplog.schemas.transactions
    True
    """
    if on_error not in {"collect", "raise"}:
        raise OptionError(f"on_error: {on_error!r} is neither 'collect' nor 'raise'")
    if max_rejects is not None:
        check_whole(max_rejects, "max_rejects", least=0)
    names = table_names(tables)
    sources = sources_of(source, layout)
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
    numbers = rule_values(rules)
    with reporting(progress) as report:
        built = _native.read(
            sources,
            tables=names,
            on_error=on_error,
            max_rejects=max_rejects,
            chunk_bytes=None,
            rules=numbers,
            progress=report,
            **options,
        )
    log = Log(frames(built, threads), messages_of=_reader(sources, options), whole=start is None and end is None)
    _tell(findings(log, asked=options["charge_points"]))
    return log


def parse(
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
    progress: bool | Callable[[int, int | None], None] | None = None,
) -> pl.DataFrame:
    """Read OCPP message logs into the table ``messages``, and stop there.

    This is the half of `read` that a distributed engine runs wherever the files are; `rebuild` is the other
    half. Nothing is paired: on an answer ``action``, and everywhere ``outcome`` and ``response_time``, are
    null.

    Parameters
    ----------
    source
        As for `read`, and so are all options.
    layout, charge_point_id, override, timezone, encoding, side, ocpp_version
        As for `read`.
    start, end, charge_points, threads, progress
        As for `read`.

    Returns
    -------
    polars.DataFrame
        One row per OCPP frame, with the schema ``ocpplog.schemas.messages``.

    Raises
    ------
    InputError, OptionError
        As for `read`.

    Warns
    -----
    OcpplogWarning
        If there are rejects: how many of which reason. `read` gives them as rows.

    Examples
    --------
    >>> import ocpplog
    >>> ocpplog.parse(b'CP1: send [2,"1","Heartbeat",{}]').height
    1
    """
    sources = sources_of(source, layout)
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
    with reporting(progress) as report:
        built = _native.parse(sources, chunk_bytes=None, progress=report, **options)
    if built.findings:
        warnings.warn(rejected(built.findings), OcpplogWarning, stacklevel=2)
    return frame_of(built, threads)


def rebuild(
    messages: Any,
    *,
    tables: Iterable[str] | None = None,
    observation: Observation | None = None,
    threads: int | None = None,
    rules: Rules = _DEFAULT_RULES,
) -> Log:
    """Rebuild what happened from messages, wherever they come from.

    ``rebuild(parse(x))`` gives what ``read(x)`` gives, but for ``rejects`` and ``accounting``, which speak of
    files: here ``accounting`` is empty, and ``rejects`` has the rows that hold no message, with the number of the row
    as ``source_line`` where no column tells it. The rows may come in any order.

    Parameters
    ----------
    messages : polars.DataFrame, polars.LazyFrame, pyarrow.Table, pandas.DataFrame, or any Arrow stream
        A table with ``charge_point_id`` (text), ``log_time`` (instant, naive ones are UTC, or ISO text),
        ``direction`` (``from_charge_point``, ``from_csms``, or as the CSMS sees it ``in``, ``out``, ``received``,
        ``sent``; else it is found out) and the frame: either one column
        ``frame`` with the raw OCPP-J array, or ``message_type``, ``message_id``, ``action`` and ``payload``.
        Other columns of the table ``messages`` are used where they are there.
    tables : iterable of str, optional
        The tables to build. By default all but ``messages``.
    observation : Observation, optional
        When the recorder listened. By default it is taken from these messages; pass that of the whole if they
        are a part of a fleet.
    threads : int, optional
        How many threads work; by default one per core.
    rules : Rules
        The thresholds of the rule book.

    Returns
    -------
    Log
        The tables; ``rejects`` and ``accounting`` are not among them, or are empty.

    Raises
    ------
    OptionError
        If a column is missing or has a type that cannot be used.

    Warns
    -----
    OcpplogWarning
        If rows hold no message: how many for which reason.

    Examples
    --------
    >>> import ocpplog
    >>> messages = ocpplog.parse(ocpplog.example_log())
    >>> log = ocpplog.rebuild(messages.sample(fraction=1, shuffle=True, seed=1))
    >>> log.transactions.height == ocpplog.read(ocpplog.example_log()).transactions.height
    True
    """
    names = table_names(tables)
    if threads is not None:
        check_whole(threads, "threads", least=1)
    frame = messages_of(messages)
    built = _native.rebuild(
        frame,
        tables=names,
        observation=None if observation is None else observation.to_native(),
        threads=threads,
        rules=rule_values(rules),
    )
    log = Log(
        frames(built, threads), messages_of=lambda _charge_point: frames(_paired(frame, threads), threads)["messages"]
    )
    _tell(rejected_rows(log))
    return log


def open(path: str | os.PathLike[str]) -> Log:
    """Open what `Log.write` stored.

    Parameters
    ----------
    path : str or path
        The folder that was written.

    Returns
    -------
    Log
        The stored tables, with the same schemas.

    Raises
    ------
    MissingInputError
        If there is no such folder, or no manifest in it.
    InputError
        If a file is missing or is not the one that the manifest tells of.

    Examples
    --------
    >>> import tempfile
    >>> import ocpplog
    >>> log = ocpplog.read(ocpplog.example_log())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = log.write(folder)
    ...     ocpplog.open(folder).transactions.equals(log.transactions)
    True
    """
    tables, whole = load(Path(path))
    return Log(tables, whole=whole)


def detect(source: Source | Iterable[Source], *, encoding: str = "utf-8") -> pl.DataFrame:
    """Tell how logs are written, and on what evidence.

    Parameters
    ----------
    source, encoding
        As for `read`.

    Returns
    -------
    polars.DataFrame
        One row per source, told from its first 64 KiB: ``source_file``, ``layout`` (null if none fits), ``side``
        (null if it cannot be told), ``compression``, ``ocpp_versions`` (List of String), ``timezone`` (a name or an
        offset; null if there is no stamp or more than one offset), ``timezone_source`` (``log``, ``estimated`` or
        ``assumed``) and ``evidence`` (List of String, one sentence each).

    Raises
    ------
    InputError
        If a source cannot be read.

    Examples
    --------
    >>> import ocpplog
    >>> found = ocpplog.detect(ocpplog.example_log())
    >>> found.select("layout", "compression", "timezone", "timezone_source").row(0)
    ('steve', 'gzip', 'UTC', 'estimated')
    """
    columns: dict[str, Any] = {
        "source_file": pl.String,
        "layout": pl.String,
        "side": pl.String,
        "compression": pl.String,
        "ocpp_versions": pl.List(pl.String),
        "timezone": pl.String,
        "timezone_source": pl.String,
        "evidence": pl.List(pl.String),
    }
    found = _native.detect(sources_of(source), encoding=text_option(encoding, "encoding"), chunk_bytes=None)
    return pl.DataFrame([[row[column] for column in columns] for row in found], schema=columns, orient="row")


def example_log() -> Path:
    """Give the log that comes with ocpplog: some days of a made-up fleet.

    Returns
    -------
    pathlib.Path
        A gzipped text file.

    Examples
    --------
    >>> import ocpplog
    >>> ocpplog.example_log().name
    'example.log.gz'
    """
    return Path(__file__).parent / "data" / "example.log.gz"


def _reader(sources: list[NativeSource], options: Options) -> Callable[[str], pl.DataFrame] | None:
    """Give a way to read one charge point's messages again, if the sources can be read twice."""
    if not all(
        isinstance(source, str) or isinstance(source[1], bytes) or hasattr(source[1], "rewind") for source in sources
    ):
        return None

    def again(charge_point: str) -> pl.DataFrame:
        for source in sources:
            rewind = None if isinstance(source, str) else getattr(source[1], "rewind", None)
            if rewind is not None:
                rewind()
        narrowed: Options = {**options, "charge_points": [charge_point], "start": None, "end": None}
        built = _native.read(
            sources,
            tables=["messages"],
            on_error="collect",
            max_rejects=None,
            chunk_bytes=None,
            rules=None,
            progress=None,
            **narrowed,
        )
        return frame_of(built["messages"], options["threads"])

    return again


def _paired(frame: pl.DataFrame, threads: int | None) -> dict[str, _native.Table]:
    return _native.rebuild(frame, tables=["messages"], observation=None, threads=threads, rules=None)


def _tell(found: list[str]) -> None:
    """Say in one warning what deserves a look."""
    if found:
        # Two frames up is the caller of `read`.
        warnings.warn("; ".join(found), OcpplogWarning, stacklevel=3)
