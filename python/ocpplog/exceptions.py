"""What can go wrong, one plain class each.

Every class survives pickling, so that a worker of a distributed engine can send it home. The messages name
the path, the line and the byte where there is one, and never a secret.
"""

from __future__ import annotations

__all__ = [
    "InputError",
    "InternalError",
    "LogFormatError",
    "MissingInputError",
    "OcpplogError",
    "OcpplogWarning",
    "OptionError",
    "OutputError",
    "TooManyRejectsError",
    "UnknownLayoutError",
]


class OcpplogError(Exception):
    """The base of every error that ocpplog raises on purpose."""


class OptionError(OcpplogError, ValueError):
    """An argument has a value that cannot be used, or a table was asked for that was not built."""


class UnknownLayoutError(OcpplogError):
    """No layout explains a source. Raised with ``on_error="raise"`` only; else the source has no rows."""


class InputError(OcpplogError, OSError):
    """A source that was named cannot be read."""


class MissingInputError(InputError, FileNotFoundError):
    """A path that was named does not exist, or a pattern matches nothing."""


class TooManyRejectsError(OcpplogError):
    """The sources hold more rejects than ``max_rejects`` allows. Judged once, when all is read."""


class LogFormatError(OcpplogError):
    """A piece of a log is not understood. Raised with ``on_error="raise"`` only, at the lowest position.

    Attributes
    ----------
    file : str
        The source's name.
    line : int
        The line, counted from 1; 0 for a finding about the whole source.
    offset : int
        The byte of the decompressed source, counted from 0.
    reason : str
        A word of the ``reason`` column of the table ``rejects``.
    """

    def __init__(self, message: str, file: str, line: int, offset: int, reason: str) -> None:
        # All of it goes into `args`, because pickling calls the class with `args` again.
        super().__init__(message, file, line, offset, reason)
        self.file = file
        self.line = line
        self.offset = offset
        self.reason = reason

    def __str__(self) -> str:
        return str(self.args[0])


class OutputError(OcpplogError, OSError):
    """A file or folder cannot be written, or exists already."""


class InternalError(OcpplogError):
    """An equation that must hold does not: a defect of ocpplog, not of the log. Please report it."""


class OcpplogWarning(UserWarning):
    """Something about the sources that is worth a look; at most one per call, with counts."""
