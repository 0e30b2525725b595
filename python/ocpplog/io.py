"""Reading: logs, messages and stored results into a `Log`."""

from __future__ import annotations

import os
import re
import warnings
from io import TextIOBase
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeAlias, TypedDict

import polars as pl

from . import _native, schemas
from ._columnar import PAYLOADS, expand
from ._progress import reporting
from ._store import load
from ._store_url import is_url, objects
from ._text import plural, visible
from ._time import micros
from .exceptions import OcpplogWarning, OptionError
from .layout import Layout
from .log import Log
from .rules import Rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date, datetime

    from ._native import _Source as NativeSource
    from .observation import Observation

    Source: TypeAlias = (
        str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | tuple[str, bytes | BinaryIO]
    )
    Instant: TypeAlias = datetime | date | str

__all__ = ["detect", "example_log", "open", "parse", "read", "rebuild"]

_SIDES = ("csms", "charge_point")
_VERSIONS = ("1.2", "1.5", "1.6", "2.0", "2.0.1", "2.1")
_DEFAULT_RULES = Rules()
_NOTES = ["duplicate_of"]  # they tell how the sources were taken; nothing is lost with them

Side: TypeAlias = Literal["auto", "csms", "charge_point"]
Version: TypeAlias = Literal["auto", "1.2", "1.5", "1.6", "2.0", "2.0.1", "2.1"]
OnError: TypeAlias = Literal["collect", "raise"]


class _Options(TypedDict):
    """What every reading function of the core is told."""

    layout: str | tuple[str | None, list[tuple[str, str]]] | None
    charge_point_id: str | None
    override: bool
    timezone: str
    encoding: str
    side: str | None
    ocpp_version: str | None
    start: int | None
    end: int | None
    charge_points: list[str] | None
    threads: int | None


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
        their unit in the name.

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
        _whole(max_rejects, "max_rejects", least=0)
    names = _tables(tables)
    sources = _sources(source, layout)
    options = _options(
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
    numbers = _rules(rules)
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
    log = Log(_frames(built), messages_of=_reader(sources, options), whole=start is None and end is None)
    _warn(log)
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

    Examples
    --------
    >>> import ocpplog
    >>> ocpplog.parse(b'CP1: send [2,"1","Heartbeat",{}]').height
    1
    """
    sources = _sources(source, layout)
    options = _options(
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
    return pl.DataFrame(built)


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
    files. The rows may come in any order.

    Parameters
    ----------
    messages : polars.DataFrame, polars.LazyFrame, pyarrow.Table, pandas.DataFrame, or any Arrow stream
        A table with ``charge_point_id`` (text), ``log_time`` (instant, naive ones are UTC, or ISO text),
        ``direction`` (``from_charge_point``, ``from_csms`` or null) and the frame: either one column
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

    Examples
    --------
    >>> import ocpplog
    >>> messages = ocpplog.parse(ocpplog.example_log())
    >>> log = ocpplog.rebuild(messages.sample(fraction=1, shuffle=True, seed=1))
    >>> log.transactions.height == ocpplog.read(ocpplog.example_log()).transactions.height
    True
    """
    names = _tables(tables)
    if threads is not None:
        _whole(threads, "threads", least=1)
    frame = _messages(messages)
    built = _native.rebuild(
        frame,
        tables=names,
        observation=None if observation is None else observation.to_native(),
        threads=threads,
        rules=_rules(rules),
    )
    return Log(_frames(built), messages_of=lambda _charge_point: _frames(_paired(frame))["messages"])


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
    found = _native.detect(_sources(source), encoding=_word(encoding, "encoding"), chunk_bytes=None)
    return pl.DataFrame([[row[column] for column in columns] for row in found], schema=columns, orient="row")


def example_log() -> Path:
    """Give the log that comes with ocpplog: some days of a made-up fleet.

    Returns
    -------
    pathlib.Path
        A gzipped text file.
    """
    return Path(__file__).parent / "data" / "example.log.gz"


def _frames(built: dict[str, _native.Table]) -> dict[str, pl.DataFrame]:
    return {name: pl.DataFrame(table) for name, table in built.items()}


def _reader(sources: list[NativeSource], options: _Options) -> Callable[[str], pl.DataFrame] | None:
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
        narrowed: _Options = {**options, "charge_points": [charge_point], "start": None, "end": None}
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
        return pl.DataFrame(built["messages"])

    return again


def _paired(frame: pl.DataFrame) -> dict[str, _native.Table]:
    return _native.rebuild(frame, tables=["messages"], observation=None, threads=None, rules=None)


def _warn(log: Log) -> None:
    """Say in one warning what in the sources deserves a look."""
    findings = []
    silent = _silent(log)
    if silent:
        more = f" and {len(silent) - 1:,} more" if len(silent) > 1 else ""
        findings.append(f"no OCPP message was found in {visible(str(silent[0]))}{more} (see accounting)")
    rejects = log.rejects.filter(~pl.col("reason").cast(pl.String).is_in(_NOTES))
    if rejects.height:
        counts = (
            rejects.group_by(pl.col("reason").cast(pl.String)).len().sort("len", "reason", descending=[True, False])
        )
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in counts.iter_rows())
        findings.append(f"{plural(rejects.height, 'reject')}: {reasons} (see rejects)")
    if findings:
        # Two frames up is the caller of `read`.
        warnings.warn("; ".join(findings), OcpplogWarning, stacklevel=3)


def _silent(log: Log) -> list[str]:
    """Give the sources without a message, but for those that stand for others: archives with members, and twins."""
    empty = log.accounting.filter(pl.col("frames").fill_null(0) == 0)["source_file"].cast(pl.String).to_list()
    if not empty:
        return []
    names = log.accounting["source_file"].cast(pl.String).to_list()
    archives = {name[:at] for name in names for at, letter in enumerate(name) if letter == "/"}
    notes = log.rejects.filter(pl.col("reason").cast(pl.String).is_in(_NOTES))["source_file"].cast(pl.String)
    spoken_for = archives | set(notes)
    return [name for name in empty if name not in spoken_for]


def _options(
    *,
    layout: str | Layout,
    charge_point_id: str | re.Pattern[str] | None,
    override: bool,
    timezone: str,
    encoding: str,
    side: str,
    ocpp_version: str,
    start: Instant | None,
    end: Instant | None,
    charge_points: Iterable[str] | None,
    threads: int | None,
) -> _Options:
    if side not in {"auto", *_SIDES}:
        raise OptionError(f"side: {side!r} is not one of 'auto', {_listed(_SIDES)}")
    if ocpp_version not in {"auto", *_VERSIONS}:
        raise OptionError(f"ocpp_version: {ocpp_version!r} is not one of 'auto', {_listed(_VERSIONS)}")
    if threads is not None:
        _whole(threads, "threads", least=1)
    since, until = micros(start, "start"), micros(end, "end")
    if since is not None and until is not None and since >= until:
        raise OptionError(f"start: {start} does not lie before end, {end}")
    return {
        "layout": _layout(layout),
        "charge_point_id": _identity(charge_point_id),
        "override": bool(override),
        "timezone": _word(timezone, "timezone"),
        "encoding": _word(encoding, "encoding"),
        "side": None if side == "auto" else side,
        "ocpp_version": None if ocpp_version == "auto" else ocpp_version,
        "start": since,
        "end": until,
        "charge_points": _words(charge_points, "charge_points"),
        "threads": threads,
    }


def _layout(layout: object) -> str | tuple[str | None, list[tuple[str, str]]] | None:
    if isinstance(layout, Layout):
        return layout._told()  # noqa: SLF001 - the option's own class
    name = _word(layout, "layout")
    return None if name == "auto" else name


def _listed(words: Iterable[str]) -> str:
    return ", ".join(repr(word) for word in words)


def _whole(value: object, option: str, *, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise OptionError(f"{option}: {value!r} is not a whole number of {least} or more")


def _word(value: object, option: str) -> str:
    if not isinstance(value, str):
        raise OptionError(f"{option}: {value!r} is not a text")
    return value


def _words(values: Iterable[str] | None, option: str) -> list[str] | None:
    if values is None:
        return None
    if isinstance(values, str):
        return [values]
    try:
        return [_word(value, option) for value in values]
    except TypeError:
        raise OptionError(f"{option}: {values!r} is not a list of texts") from None


def _tables(tables: Iterable[str] | None) -> list[str] | None:
    names = _words(tables, "tables")
    known = schemas.table_names()
    for name in names or ():
        if name not in known:
            raise OptionError(f"tables: there is no table {name!r}; the tables are {', '.join(known)}")
    return names


def _identity(charge_point_id: str | re.Pattern[str] | None) -> str | None:
    if isinstance(charge_point_id, re.Pattern):
        if charge_point_id.groups == 0:
            raise OptionError("charge_point_id: the pattern needs a group that holds the identity")
        ignore_case = "(?i)" if charge_point_id.flags & re.IGNORECASE else ""
        return ignore_case + charge_point_id.pattern
    return None if charge_point_id is None else _word(charge_point_id, "charge_point_id")


def _rules(rules: Rules) -> dict[str, float]:
    if not isinstance(rules, Rules):
        raise OptionError(f"rules: {rules!r} is not an ocpplog.Rules")
    return rules.to_native()


def _sources(source: Source | Iterable[Source], layout: object = None) -> list[NativeSource]:
    """Give what the core reads: rows of columnar files come as lines."""
    own = layout.columns.get("payload") if isinstance(layout, Layout) else None
    return expand(_given(source), PAYLOADS if own is None else PAYLOADS | {own})


def _given(source: Source | Iterable[Source]) -> list[NativeSource]:
    if _is_one(source):
        return [*_each(source, "<bytes>")]
    try:
        several = list(source)  # type: ignore[arg-type]  # what is not one source is iterable, or this raises
    except TypeError:
        raise OptionError(
            f"source: {type(source).__name__} is neither a path, bytes, a binary file object nor a list of them"
        ) from None
    if not several:
        raise OptionError("source: the list is empty")
    # Sources are ordered by name, so nameless ones are numbered to stay in the order in which they were given.
    return [found for number, item in enumerate(several, 1) for found in _each(item, f"<bytes {number}>")]


def _each(source: Any, name: str) -> Iterable[NativeSource]:
    """Give the sources that are meant: one, or the objects behind a URL."""
    if isinstance(source, str) and is_url(source):
        return objects(source)
    return [_source(source, name)]


def _is_one(source: object) -> bool:
    match source:
        case (str(), str() | os.PathLike()):
            return False  # two paths, not a name and its data
        case (str(), _):
            return True
        case bytes() | bytearray() | memoryview():
            return True
        case _:
            return _is_path(source) or hasattr(source, "read")


def _is_path(source: object) -> bool:
    return isinstance(source, (str, os.PathLike))


def _source(source: Any, name: str) -> NativeSource:
    if isinstance(source, tuple):
        if not _is_one(source):
            raise OptionError(f"source: {source!r} is not a pair of a name and bytes or a binary file object")
        name, source = source
    elif _is_path(source):
        return _path(os.fsdecode(source))
    if isinstance(source, (bytes, bytearray, memoryview)):
        return name, bytes(source)
    if isinstance(source, TextIOBase):
        raise OptionError("source: a file object must be binary; open it with mode 'rb'")
    if not hasattr(source, "read"):
        raise OptionError(
            f"source: {type(source).__name__} is neither a path, bytes, a binary file object nor a list of them"
        )
    own_name = getattr(source, "name", None)
    return (own_name if isinstance(own_name, str) else name.replace("bytes", "stream")), source


def _path(path: str) -> str:
    if not path:
        raise OptionError("source: an empty text is no path")
    # A name may hold a newline; a text that names no file is rather a log than a missing file.
    if "\n" in path and not os.path.lexists(path):
        raise OptionError("source: this text is no path; pass the log itself as bytes, text.encode()")
    if re.match(r"[a-z][a-z0-9+.-]+://", path, re.IGNORECASE):
        raise OptionError(
            f"source: {path} is remote in a way that is not known; open it and pass the binary file object"
        )
    return os.path.expanduser(path)  # noqa: PTH111  # a glob is no path to normalise


def _messages(messages: Any) -> pl.DataFrame:
    """Bring any table of messages into the few types that the core reads."""
    if isinstance(messages, pl.LazyFrame):
        messages = messages.collect()
    if not isinstance(messages, pl.DataFrame):
        if not hasattr(messages, "__arrow_c_stream__"):
            raise OptionError(
                f"messages: {type(messages).__name__} is no table; pass a Polars, pandas or Arrow table with the "
                "columns charge_point_id, log_time, direction and frame"
            )
        messages = pl.DataFrame(messages)
    frame: pl.DataFrame = messages
    needed = ["charge_point_id", "log_time", "direction"]
    if "frame" not in frame.columns:
        needed += ["message_type", "message_id", "action", "payload"]
    missing = [column for column in needed if column not in frame.columns]
    if missing:
        raise OptionError(
            f"messages: the columns {', '.join(missing)} are missing; needed are charge_point_id, log_time, "
            "direction and either frame or message_type, message_id, action and payload"
        )
    known = {"frame": pl.String(), **schemas.messages}
    try:
        return frame.select(
            _column(frame.schema[name], name, dtype) for name, dtype in known.items() if name in frame.columns
        )
    except pl.exceptions.PolarsError as error:
        raise OptionError(f"messages: {error}") from None


def _column(has: pl.DataType, name: str, wanted: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(wanted, pl.Datetime):
        if has == pl.String:
            column = column.str.to_datetime(time_unit="us", time_zone="UTC")
        elif isinstance(has, pl.Datetime) and has.time_zone is None:
            column = column.dt.replace_time_zone("UTC")
        elif isinstance(has, pl.Datetime):
            column = column.dt.convert_time_zone("UTC")
        return column.cast(wanted)
    # The core reads plain texts; the dictionaries of the caller's engine would be one more thing to know.
    return column.cast(pl.String if isinstance(wanted, pl.Categorical) else wanted)
