"""What can go wrong, as one line on stderr and an exit code."""

from __future__ import annotations

import functools
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import typer

from ocpplog import exceptions

from ._print import drop_stdout, note

if TYPE_CHECKING:
    from collections.abc import Callable

_CODES: list[tuple[type[Exception], int]] = [
    (exceptions.OptionError, 2),
    (exceptions.TooManyRejectsError, 3),
    (exceptions.OutputError, 5),
    (exceptions.InternalError, 70),
]
_INPUT, _OUTPUT, _INTERRUPTED = 4, 5, 130
_RENAMED = {"time_zone": "local_time"}
_NOTHING = SimpleNamespace()


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Turn what can go wrong into one line on stderr and an exit code."""

    @functools.wraps(command)
    def guarding(**given: Any) -> None:
        try:
            command(**given)
            sys.stdout.flush()
        except exceptions.OcpplogError as error:
            note(f"error: {_in_a_terminal(error, given)}")
            raise typer.Exit(next((code for kind, code in _CODES if isinstance(error, kind)), _INPUT)) from None
        except KeyboardInterrupt:
            note("interrupted")
            raise typer.Exit(_INTERRUPTED) from None
        except BrokenPipeError:
            # The reader of our output has seen enough, as in `| head`.
            drop_stdout()
        except OSError as error:
            # All other files are opened by the library, which has its own errors: this is stdout, on a full disk.
            drop_stdout()
            note(f"error: stdout: {error.strerror or error}")
            raise typer.Exit(_OUTPUT) from None
        except ModuleNotFoundError as error:
            # An extra is missing; the message says how to get it.
            if "ocpplog[" not in str(error):
                raise
            note(f"error: {error}")
            raise typer.Exit(2) from None

    return guarding


def _in_a_terminal(error: exceptions.OcpplogError, given: dict[str, Any]) -> str:
    """Name options as they are written in a terminal, not as in Python."""
    text = str(error)
    option, _, rest = text.partition(": ")
    options = {*given, *vars(given.get("reading", _NOTHING)), *_RENAMED}
    if isinstance(error, exceptions.OptionError) and option in options:
        text = f"--{_RENAMED.get(option, option).replace('_', '-')}: {rest}"
    return text.replace("overwrite with force", "overwrite with --force")
