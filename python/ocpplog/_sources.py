"""What is to be read: paths, bytes, file objects and URLs become the sources that the core knows."""

from __future__ import annotations

import os
import re
from io import TextIOBase
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

import polars as pl

from ._columnar import PAYLOADS, expand
from ._store_url import is_url, objects
from .exceptions import OptionError
from .layout import Layout

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._native import _Source as NativeSource

    Source: TypeAlias = (
        str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | tuple[str, bytes | BinaryIO]
    )


def sources_of(source: Source | Iterable[Source], layout: object = None) -> list[NativeSource]:
    """Give what the core reads: rows of columnar files come as lines."""
    own = layout.columns.get("payload") if isinstance(layout, Layout) else None
    return expand(_given(source), PAYLOADS if own is None else PAYLOADS | {own})


def _given(source: Source | Iterable[Source]) -> list[NativeSource]:
    given: object = source
    # A Series of paths is a list of sources, though Arrow can read it.
    if isinstance(given, pl.LazyFrame) or (hasattr(given, "__arrow_c_stream__") and hasattr(given, "columns")):
        raise OptionError(
            f"source: {type(given).__name__} is a table, not a log; ocpplog.rebuild takes tables of messages"
        )
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
