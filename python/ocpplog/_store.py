"""Tables into a folder and back.

A reader never meets half a file: each table is written under another name in the same folder, flushed to the
disk and then renamed. The manifest comes last, with row counts and digests, so a folder without a manifest, or
with a digest that does not fit, is an unfinished one.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Literal, TypeAlias

import polars as pl

from . import _native, schemas
from ._secrets import mask_payloads
from .exceptions import InputError, MissingInputError, OptionError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Format: TypeAlias = Literal["parquet", "csv", "ndjson", "ipc"]

FORMATS: tuple[Format, ...] = ("parquet", "csv", "ndjson", "ipc")
MANIFEST = "manifest.json"
_VERSION = 1
_TEMPORARY = ".ocpplog-"
# Cells that a spreadsheet would take for a formula.
_FORMULA = r"^[=+\-@\t\r]"


def save(
    tables: dict[str, pl.DataFrame], folder: Path, *, format: Format, force: bool, raw: bool, whole: bool
) -> dict[str, Any]:
    """Write tables and their manifest, which tells whether rows were left out for their time; give it."""
    check_target(tables, folder, format=format, force=force)
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for stale in folder.glob(_TEMPORARY + "*"):
            stale.unlink()
        names = {name: f"{name}.{format}" for name in tables}
        before = _files_before(folder)
        entries: dict[str, Any] = {}
        written: list[tuple[Path, Path]] = []
        try:
            for name, frame in tables.items():
                target = folder / names[name]
                temporary = folder / f"{_TEMPORARY}{names[name]}"
                written.append((temporary, target))
                digest = _write(temporary, _exported(name, frame), format, raw=raw)
                entries[name] = {
                    "file": target.name,
                    "rows": frame.height,
                    "bytes": temporary.stat().st_size,
                    "sha256": digest,
                }
            manifest = {
                "manifest": _VERSION,
                "ocpplog": _native.__version__,
                "format": format,
                "raw": raw,
                "whole": whole,
                "tables": entries,
            }
            temporary = folder / (_TEMPORARY + MANIFEST)
            written.append((temporary, folder / MANIFEST))
            with temporary.open("xb") as file:
                file.write((json.dumps(manifest, indent=2) + "\n").encode())
                _settle(file)
            for temporary, target in written:
                temporary.replace(target)
        finally:
            for temporary, _target in written:
                temporary.unlink(missing_ok=True)
        for name in before - set(names.values()):
            (folder / name).unlink(missing_ok=True)
        _settle_folder(folder)
    return manifest


def check_target(tables: Iterable[str], folder: Path, *, format: str, force: bool) -> None:
    """Refuse what `save` would refuse, before there is anything to write."""
    if format not in FORMATS:
        raise OptionError(f"format: {format!r} is not one of {', '.join(FORMATS)}")
    # Path's own raise where a name is too long.
    if os.path.exists(folder) and not os.path.isdir(folder):  # noqa: PTH110, PTH112
        raise OutputError(f"{folder}: this is a file; name a folder")
    names = (MANIFEST, *(f"{table}.{format}" for table in tables))
    taken = [name for name in names if os.path.exists(folder / name)]  # noqa: PTH110
    if taken and not force:
        raise OutputError(f"{folder}: {taken[0]} exists already; choose another folder, or overwrite with force")


def is_written(path: Path) -> bool:
    """Whether a path is a folder that `save` made, or one of the files in it."""
    try:
        if (path / MANIFEST).is_file():
            return bool(_manifest(path))
        # Its messages are a log as good as any.
        tables = _manifest(path.parent)["tables"]
        names = [entry.get("file") for name, entry in tables.items() if name != "messages"]
    except (InputError, OSError):
        return False
    return path.name in (MANIFEST, *names)


def load(folder: Path) -> tuple[dict[str, pl.DataFrame], bool]:
    """Read what `save` wrote, and whether no row was left out for its time."""
    manifest = _manifest(folder)
    tables = {}
    for name, entry in manifest["tables"].items():
        path = folder / str(entry["file"])
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError as error:
            raise MissingInputError(f"{path}: {error.strerror}") from None
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}") from None
        if digest != entry["sha256"]:
            raise InputError(f"{path}: this is not the file that {MANIFEST} tells of; write it again")
        tables[name] = _read(path, name, manifest["format"], raw=bool(manifest.get("raw")))
    return tables, bool(manifest.get("whole"))


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise MissingInputError(f"{path}: no such file; open() takes a folder that write() made") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except ValueError:
        manifest = None
    if (
        not isinstance(manifest, dict)
        or manifest.get("format") not in FORMATS
        or not isinstance(manifest.get("tables"), dict)
    ):
        raise InputError(f"{path}: this is no manifest of ocpplog")
    if manifest.get("manifest") != _VERSION:
        raise InputError(f"{path}: written by another version of ocpplog ({manifest.get('ocpplog')})")
    return manifest


def _files_before(folder: Path) -> set[str]:
    """List the files of an earlier result, which the new one replaces as a whole."""
    try:
        entries = _manifest(folder)["tables"].values()
    except InputError:
        return set()
    # Only names that `save` gives; a manifest from elsewhere shall not make us delete anything else.
    own = {f"{table}.{kind}" for table in schemas.table_names() for kind in FORMATS}
    return {str(entry.get("file")) for entry in entries} & own


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(f"{error.filename or folder}: {error.strerror or error}") from error
    except pl.exceptions.ComputeError as error:
        # Polars wraps what the operating system said about a full disk.
        raise OutputError(f"{folder}: {error}") from error


def _exported(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    return mask_payloads(frame, "payload") if name == "messages" else frame


def _write(path: Path, frame: pl.DataFrame, format: Format, *, raw: bool) -> str:
    # "x": a file that somebody else put there in the meantime is not overwritten. Identities are in it, so
    # that it is nobody else's business by default.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        match format:
            case "parquet":
                frame.write_parquet(file, compression="zstd")
            case "ipc":
                frame.write_ipc(file, compression="zstd")
            case "csv":
                to_csv(frame, raw=raw).write_csv(file)
            case "ndjson":
                to_json(frame).write_ndjson(file)
        _settle(file)
    with path.open("rb") as written:
        return hashlib.file_digest(written, "sha256").hexdigest()


def _settle(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _settle_folder(folder: Path) -> None:
    """Make the renames last; some systems cannot, and then there is nothing to do."""
    try:
        number = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(number)
    except OSError:
        pass
    finally:
        os.close(number)


def _plain(name: str, dtype: pl.DataType) -> pl.Expr:
    """Give a column as JSON has it: instants as ISO texts with Z, spans as seconds, words as texts."""
    column = pl.col(name)
    match dtype:
        case pl.Datetime():
            return _iso(column)
        case pl.Duration():
            return column.dt.total_microseconds() / 1e6
        case pl.Categorical():
            return column.cast(pl.String)
        case pl.List(inner=pl.Struct(fields=fields)):
            parts = [
                _iso(pl.element().struct.field(field.name)).alias(field.name)
                if isinstance(field.dtype, pl.Datetime)
                else pl.element().struct.field(field.name)
                for field in fields
            ]
            return column.list.eval(pl.struct(parts))
        case _:
            return column


def _iso(column: pl.Expr) -> pl.Expr:
    return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")


def to_json(frame: pl.DataFrame) -> pl.DataFrame:
    """Give a table with only what JSON knows."""
    return frame.select(_plain(name, dtype) for name, dtype in frame.schema.items())


def to_csv(frame: pl.DataFrame, *, raw: bool) -> pl.DataFrame:
    """Give a table with only numbers and texts; formulas are disarmed unless ``raw`` is set."""
    flat = to_json(frame).select(
        pl.col(name).list.eval(pl.element().struct.json_encode()).list.join(";")
        if isinstance(dtype, pl.List) and isinstance(dtype.inner, pl.Struct)
        else pl.col(name).list.join(";")
        if isinstance(dtype, pl.List)
        else pl.col(name)
        for name, dtype in frame.schema.items()
    )
    if raw:
        return flat
    return flat.with_columns(
        pl.when(pl.col(name).str.contains(_FORMULA))
        .then(pl.concat_str(pl.lit("'"), pl.col(name)))
        .otherwise(pl.col(name))
        .alias(name)
        for name, dtype in frame.schema.items()
        if _is_text(dtype)
    )


def _is_text(dtype: pl.DataType) -> bool:
    return isinstance(dtype, (pl.String, pl.Categorical, pl.List))


def _read(path: Path, name: str, format: Format, *, raw: bool) -> pl.DataFrame:
    schema: pl.Schema = getattr(schemas, name)
    match format:
        case "parquet":
            frame = pl.read_parquet(path)
        case "ipc":
            frame = pl.read_ipc(path.read_bytes())
        case "csv":
            texts = dict.fromkeys(schema, pl.String())
            frame = _from_csv(pl.read_csv(path, schema=texts), schema, raw=raw)
        case "ndjson":
            frame = _from_json(_read_ndjson(path, schema), schema)
    return frame.cast(dict(schema))  # type: ignore[arg-type]  # Polars' annotation knows no plain dict of dtypes


def _read_ndjson(path: Path, schema: pl.Schema) -> pl.DataFrame:
    texts = {name: _json_type(dtype) for name, dtype in schema.items()}
    if path.stat().st_size == 0:
        return pl.DataFrame(schema=texts)
    return pl.read_ndjson(path, schema=texts)


def _json_type(dtype: pl.DataType) -> pl.DataType:
    match dtype:
        case pl.Datetime() | pl.Categorical():
            return pl.String()
        case pl.Duration():
            return pl.Float64()
        case pl.List(inner=pl.Struct(fields=fields)):
            return pl.List(pl.Struct({field.name: pl.String() for field in fields}))
        case _:
            return dtype


def _instant(column: pl.Expr) -> pl.Expr:
    return column.str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", time_zone="UTC")


def _from_json(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    def column(name: str, dtype: pl.DataType) -> pl.Expr:
        match dtype:
            case pl.Datetime():
                return _instant(pl.col(name))
            case pl.Duration():
                return pl.duration(microseconds=(pl.col(name) * 1e6).round().cast(pl.Int64)).alias(name)
            case pl.List(inner=pl.Struct(fields=fields)):
                parts = [
                    _instant(pl.element().struct.field(field.name)).alias(field.name)
                    if isinstance(field.dtype, pl.Datetime)
                    else pl.element().struct.field(field.name)
                    for field in fields
                ]
                return pl.col(name).list.eval(pl.struct(parts))
            case _:
                return pl.col(name)

    return frame.select(column(name, dtype) for name, dtype in schema.items())


def _from_csv(frame: pl.DataFrame, schema: pl.Schema, *, raw: bool) -> pl.DataFrame:
    def column(name: str, dtype: pl.DataType) -> pl.Expr:
        text = pl.col(name)
        if not raw and _is_text(dtype):
            text = pl.when(text.str.contains(r"^'[=+\-@\t\r]")).then(text.str.slice(1)).otherwise(text)
        match dtype:
            case pl.List(inner=pl.Struct()):
                # One JSON object per item, joined by ";": as a JSON array it reads in one go.
                items = "[" + text.str.replace_all('};{"', '},{"', literal=True) + "]"
                return items.str.json_decode(_json_type(dtype)).alias(name)
            case pl.List():
                return pl.when(text == "").then(pl.lit([], dtype=dtype)).otherwise(text.str.split(";")).alias(name)
            case pl.Boolean():
                return (text == "true").alias(name)
            case _:
                return text.cast(_json_type(dtype)).alias(name)

    return _from_json(frame.select(column(name, dtype) for name, dtype in schema.items()), schema)
