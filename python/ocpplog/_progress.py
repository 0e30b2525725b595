"""A plain bar on stderr, for the one who waits in front of a terminal or a notebook."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Progress: TypeAlias = Callable[[int, int | None], None]

_PATIENCE = 2.0  # seconds; shorter work needs no bar
_EVERY = 0.1  # seconds between two drawings
_WIDTH = 30


class _Bar:
    """Draws itself over its own line."""

    def __init__(self, patience: float) -> None:
        self._start = time.monotonic()
        self._next = self._start + patience
        self._drawn = 0

    def __call__(self, done: int, total: int | None) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _EVERY
        speed = f"{done / 1e6:,.0f} MB, {done / 1e6 / max(now - self._start, 1e-9):,.0f} MB/s"
        if total:
            full = min(_WIDTH, _WIDTH * done // total)
            line = f"[{'#' * full}{'.' * (_WIDTH - full)}] {min(100, 100 * done // total):3d} %, {speed}"
        else:
            line = speed
        sys.stderr.write("\r" + line.ljust(self._drawn))
        sys.stderr.flush()
        self._drawn = len(line)

    def close(self) -> None:
        if self._drawn:
            sys.stderr.write("\r" + " " * self._drawn + "\r")
            sys.stderr.flush()


@contextmanager
def reporting(progress: bool | Progress | None) -> Iterator[Progress | None]:  # noqa: FBT001  # as typed by the user
    """Give what the core is to call while it reads.

    ``None`` shows a bar if somebody watches and it takes more than two seconds, ``True`` shows it at once,
    ``False`` shows none, and a callable is called.
    """
    if callable(progress):
        yield progress
        return
    watched = sys.stderr is not None and (sys.stderr.isatty() or "ipykernel" in sys.modules)
    if progress is False or (progress is None and not watched):
        yield None
        return
    bar = _Bar(0.0 if progress else _PATIENCE)
    try:
        yield bar
    finally:
        bar.close()
