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
    if path.is_dir():
        raise OutputError(f"{path}: this is a folder")
    if os.path.lexists(path) and not force:
        raise OutputError(f"{path} exists already; choose another name, or overwrite with force")
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
        raise OutputError(f"{error.filename or path}: {error.strerror or error}") from error
