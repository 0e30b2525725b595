"""What draws the pictures, in a process of its own.

The library behind it takes half a second to start and lets no other Python run while it draws; beside this process both
cost next to nothing. Where no process can be started, or it breaks, the pictures are drawn here: they are the same.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

_SCRIPT = Path(__file__).with_name("_drawing.py")


class Pen:
    """Draws charts as SVG, one after the other; start it early and close it with ``with``."""

    def __init__(self) -> None:
        self._process = _started()
        self._turn = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def draw(self, spec: dict[str, Any], version: str, config: dict[str, Any] | None) -> str:
        """Draw a chart of Vega-Lite."""
        with self._turn:
            drawn = self._asked({"vl_spec": spec, "vl_version": version, "config": config})
        if drawn is not None:
            return drawn
        self.close()
        import vl_convert  # noqa: PLC0415  # a big library, seldom needed here

        return str(vl_convert.vegalite_to_svg(spec, vl_version=version, config=config))

    def _asked(self, question: dict[str, Any]) -> str | None:
        """Have it drawn; nothing if that is not possible, or not in this way."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            return None
        try:
            process.stdin.write(json.dumps(question).encode() + b"\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
        except (OSError, ValueError):
            return None
        return answer if isinstance(answer, str) else None

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()  # nothing that it holds is worth a moment
            process.communicate()


def _started() -> subprocess.Popen[bytes] | None:
    # An application with Python inside is no Python: it would be started a second time.
    if getattr(sys, "frozen", False) or not Path(sys.executable or "").stem.lower().startswith("python"):
        return None
    try:
        return subprocess.Popen(  # noqa: S603  # our own script
            [sys.executable, "-P", str(_SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError:
        return None
