"""One file, whole or not at all."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from .exceptions import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TEMPORARY = ".ocpplog-"


@contextmanager
def whole_file(path: Path, *, force: bool) -> Iterator[IO[bytes]]:
    """Give a file to write to, which gets its name when all is written.

    Identities are in what is exported, so the file is readable by its owner only.

    Raises
    ------
    OutputError
        If there is such a file and ``force`` is not set, or it cannot be written.
    """
    check_target(path, force=force)
    temporary = path.with_name(f"{_TEMPORARY}{os.getpid()}-{path.name}")
    try:
        try:
            # "x": what somebody else put there in the meantime is not overwritten.
            number = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(number, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        # The temporary name says nothing to whoever gave the other one.
        name = path if error.filename is None or str(error.filename) == str(temporary) else error.filename
        raise OutputError(f"{name}: {error.strerror or error}") from error


def check_target(path: Path, *, force: bool) -> None:
    """Refuse a file that cannot be written because of what is there, or is not.

    Raises
    ------
    OutputError
        If it is a folder, exists already and ``force`` is not set, or its own folder does not exist.
    """
    if os.path.isdir(path):  # noqa: PTH112  # Path's own raises where a name is too long
        raise OutputError(f"{path}: this is a folder; name a file")
    if os.path.lexists(path) and not force:
        raise OutputError(f"{path} exists already; choose another name, or overwrite with force")
    if not os.path.isdir(path.absolute().parent):  # noqa: PTH112
        raise OutputError(f"{path}: there is no such folder as {path.parent}")
