"""A plain bar for the one who waits: on stderr of a terminal, in the output of a notebook's cell."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

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


class _NotebookBar:
    """Draws itself into one output of the cell, and leaves there how much was read and how long it took."""

    def __init__(self, patience: float) -> None:
        self._start = time.monotonic()
        self._next = self._start + patience
        self._done = 0
        self._output: Any = None  # the handle of the output, once there is one

    def __call__(self, done: int, total: int | None) -> None:
        self._done = done
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _EVERY
        reach = f"value='{done}' max='{total}'" if total else ""  # without either the browser shows that it goes on
        self._show(f"<progress {reach} style='width:20em'></progress> {self._speed(now)}")

    def close(self) -> None:
        if self._output is not None:
            now = time.monotonic()
            self._show(f"read in {now - self._start:,.1f} s: {self._speed(now)}")

    def _speed(self, now: float) -> str:
        megabytes = self._done / 1e6
        return f"{megabytes:,.0f} MB, {megabytes / max(now - self._start, 1e-9):,.0f} MB/s"

    def _show(self, content: str) -> None:
        from IPython.display import display  # noqa: PLC0415  # it is there where a notebook is

        show: Any = display  # it has no types
        bundle = {"text/html": content, "text/plain": content}
        if self._output is None:
            self._output = show(bundle, raw=True, display_id=True)
        else:
            self._output.update(bundle, raw=True)


@contextmanager
def reporting(progress: bool | Progress | None) -> Iterator[Progress | None]:  # noqa: FBT001  # as typed by the user
    """Give what the core is to call while it reads.

    ``None`` shows a bar if somebody watches and it takes more than two seconds, ``True`` shows it at once,
    ``False`` shows none, and a callable is called.
    """
    if callable(progress):
        yield progress
        return
    notebook = _in_notebook()
    watched = notebook or (sys.stderr is not None and sys.stderr.isatty())
    if progress is False or (progress is None and not watched):
        yield None
        return
    bar = (_NotebookBar if notebook else _Bar)(0.0 if progress else _PATIENCE)
    try:
        yield bar
    finally:
        bar.close()


def _in_notebook() -> bool:
    """Tell whether a kernel runs this program; that its package is loaded says little."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return shell is not None and hasattr(shell, "kernel")
