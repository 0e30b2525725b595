"""Parquet and Arrow files as sources: each row is handed to the core as one line of JSON.

The core tells such a file by its first bytes and calls it binary, since it reads text. Polars reads it here, some rows
at a time, so memory does not grow with the file. ``source_line`` is then the number of the row, and the account of the
source is that of the JSON lines: its bytes are theirs, not the file's.
"""

from __future__ import annotations

import glob
import os
import stat
from io import BytesIO
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from polars._typing import PolarsDataType

    from ._native import _Source as NativeSource

_PARQUET = b"PAR1"
_ARROW = b"ARROW1"
_ROWS = 16_384
# Texts in these columns are JSON of their own and part of the message; in a table they stand as texts.
PAYLOADS = frozenset({"payload", "_payload"})
_OBJECT = r"(?s)^\s*[\[{].*[\]}]\s*$"


class Rows:
    """The rows of a columnar file as a binary file object of JSON lines."""

    def __init__(
        self, name: str, source: str | bytes, scan: Callable[..., pl.LazyFrame], payloads: Collection[str]
    ) -> None:
        self.name = name
        self._source = source
        self._scan = scan
        self._payloads = payloads
        self.rewind()

    def rewind(self) -> None:
        """Begin again with the next `read`."""
        self._lines: Iterator[bytes] | None = None
        self._rest = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        """Give the next bytes, at most ``size``; none at the end."""
        if size < 0:
            return b"".join(iter(lambda: self.read(1 << 20), b""))
        try:
            if self._lines is None:
                self._lines = self._batches()
            while not self._rest:
                batch = next(self._lines, None)
                if batch is None:
                    return b""
                self._rest = memoryview(batch)
        except (pl.exceptions.PolarsError, OSError) as error:
            # The core makes a row of `rejects` of what is wrong with a source.
            raise OSError(f"{self.name}: {str(error).splitlines()[0]}") from error
        taken, self._rest = self._rest[:size], self._rest[size:]
        return bytes(taken)

    def _batches(self) -> Iterator[bytes]:
        source = BytesIO(self._source) if isinstance(self._source, bytes) else self._source
        # A name may have the letters of a glob; here it is one file's.
        table = self._scan(source, glob=False) if self._scan is pl.scan_parquet else self._scan(source)
        table = table.select(_plain(pl.col(name), dtype).alias(name) for name, dtype in table.collect_schema().items())
        start = 0
        while True:
            batch = table.slice(start, _ROWS).collect()
            if batch.is_empty():
                return
            yield _json_lines(batch, self._payloads)
            start += batch.height


class _Unreadable:
    """Stands for a file that cannot be opened: reading it tells why."""

    def __init__(self, error: OSError) -> None:
        self._error = error

    def rewind(self) -> None:
        """Begin again, which changes nothing."""

    def read(self, _size: int = -1) -> bytes:
        """Tell why there is nothing to read."""
        raise OSError(self._error.strerror or str(self._error)) from self._error


def expand(sources: Iterable[NativeSource], payloads: Collection[str] = PAYLOADS) -> list[NativeSource]:
    """Put `Rows` in the place of columnar files, in folders and behind globs, too; the rest stays as it is."""
    found: list[NativeSource] = []
    for source in sources:
        if isinstance(source, str):
            found += _paths(source, payloads)
            continue
        name, content = source
        data = content if isinstance(content, bytes) else _whole(content)
        scan = None if data is None else _scanner(data[:8])
        found.append(source if data is None or scan is None else (name, Rows(name, data, scan, payloads)))
    return found


def _whole(stream: Any) -> bytes | None:
    """Give what is in a columnar file that the caller opened; none if it is no such file, or cannot be told."""
    try:
        if not stream.seekable():
            return None
        place = stream.tell()
        head = stream.read(8)
        stream.seek(place)
        return bytes(stream.read()) if isinstance(head, bytes) and _scanner(head) is not None else None
    except (AttributeError, OSError):
        return None  # what is wrong with it, the core will meet again


def _paths(path: str, payloads: Collection[str]) -> list[NativeSource]:
    """Give the path itself, unless it leads to columnar files: then every file that it leads to."""
    if os.path.isfile(path):  # noqa: PTH113  # a path as the caller wrote it, which the tables show
        try:
            scan = _scanner(_head(path))
        except OSError:
            return [path]  # the core says what is wrong with it
        return [path if scan is None else (path, Rows(path, path, scan, payloads))]
    if os.path.isdir(path):  # noqa: PTH112
        files = [*_walk(path)]
    else:
        # Hidden files are left alone by both kinds of glob, as by the core.
        matches = glob.glob(path, recursive=True)  # noqa: PTH207
        files = [file for match in matches for file in (_walk(match) if os.path.isdir(match) else [match])]  # noqa: PTH112
    found: list[NativeSource] = []
    columnar = False
    for file in dict.fromkeys(files):
        try:
            scan = _scanner(_head(file))
        except OSError as error:
            # By its name it would stop the work, which a file that was only come across does not.
            found.append((file, _Unreadable(error)))
            continue
        columnar |= scan is not None
        found.append(file if scan is None else (file, Rows(file, file, scan, payloads)))
    return found if columnar else [path]


def _walk(folder: str) -> Iterator[str]:
    """Give the files that the core finds in a folder: all but hidden ones, links followed but not in circles."""
    seen = set()
    for where, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(where)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (os.path.join(where, name) for name in sorted(files) if not name.startswith("."))  # noqa: PTH118


def _head(path: str) -> bytes:
    """Give the first bytes of a file; none of what is no file, since a pipe can be read only once."""
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
        return b""
    with open(path, "rb") as file:  # noqa: PTH123
        return file.read(8)


def _scanner(head: bytes) -> Callable[..., pl.LazyFrame] | None:
    if head.startswith(_PARQUET):
        return pl.scan_parquet
    return pl.scan_ipc if head.startswith(_ARROW) else None


def _plain(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:  # noqa: PLR0911  # a table of types
    """Give a column as JSON has it."""
    match dtype:
        case pl.Datetime(time_zone=None):
            return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f")
        case pl.Datetime():
            return column.dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
        case pl.Date() | pl.Time() | pl.Categorical() | pl.Enum() | pl.Decimal():
            return column.cast(pl.String)
        case pl.Duration():
            return column.dt.total_microseconds() / 1e6
        case pl.Binary():
            return column.map_batches(_text, return_dtype=pl.String)
        case pl.Struct(fields=fields) if fields:
            parts = [_plain(column.struct.field(field.name), _typed(field.dtype)).alias(field.name) for field in fields]
            return pl.when(column.is_not_null()).then(pl.struct(parts))
        case pl.Array(inner=inner):
            return column.arr.to_list().list.eval(_plain(pl.element(), _typed(inner)))
        case pl.List(inner=inner):
            return column.list.eval(_plain(pl.element(), _typed(inner)))
        case _:
            return column


def _text(values: pl.Series) -> pl.Series:
    """Read bytes as UTF-8, as the core reads a line: what is none becomes U+FFFD."""
    texts = [None if value is None else value.decode(errors="replace") for value in values]
    return pl.Series(values.name, texts, dtype=pl.String)


def _typed(dtype: PolarsDataType) -> pl.DataType:
    return dtype() if isinstance(dtype, type) else dtype


def _json_lines(batch: pl.DataFrame, payloads: Collection[str]) -> bytes:
    """Write one object per row; payloads that are JSON texts become JSON."""
    spliced = [name for name, dtype in batch.schema.items() if name in payloads and dtype == pl.String]
    if not spliced or batch.width == len(spliced):
        out = BytesIO()
        batch.write_ndjson(out)
        return out.getvalue()
    line = pl.struct(pl.exclude(spliced)).struct.json_encode().str.strip_suffix("}")
    parts = [line]
    for name in spliced:
        key = pl.Series([{name: None}]).struct.json_encode()[0].removeprefix("{").removesuffix("null}")
        text = pl.col(name)
        # Line breaks stand between the parts of a JSON text only, so a space is as good.
        json = text.str.replace_all(r"[\r\n]", " ")
        quoted = pl.struct(text.alias("_")).struct.json_encode().str.slice(5).str.strip_suffix("}")
        value = pl.when(text.is_null()).then(pl.lit("null")).when(text.str.contains(_OBJECT)).then(json)
        parts += [pl.lit("," + key), value.otherwise(quoted)]
    lines = batch.select(pl.concat_str([*parts, pl.lit("}\n")])).to_series()
    return "".join(lines.to_list()).encode()
