"""A layout of your own, for logs that no built-in layout explains."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ocpplog.exceptions import OptionError

__all__ = ["Layout"]


@dataclass(frozen=True)
class Layout:
    r"""How a log is written, where no built-in layout tells it.

    What a pattern or a column may hold: ``charge_point_id``, ``log_time``, ``direction`` (``in`` and ``out``,
    ``received`` and ``sent``, or the words of ``messages.direction``), ``ocpp_version``, ``message`` (the whole
    frame), and for logs that hold frames in parts ``message_type``, ``message_id``, ``action`` and ``payload``.
    Whatever is not named is found as in any other log. Wrappers (docker, journald, syslog, compression) and frames
    over several lines are taken care of as always.

    Parameters
    ----------
    pattern : str or re.Pattern, optional
        A regular expression with named groups, searched in each line (in the syntax of Rust's ``regex``: no
        look-around, so it takes linear time whatever the log holds).
    columns : mapping of str to str, optional
        What a message is told by, and under which key of a JSON object, or in which column of a CSV or Parquet file
        it stands.

    Raises
    ------
    OptionError
        If neither is given. A pattern that cannot be read, or a name that is not in the list above, is told when the
        layout is used.

    Examples
    --------
    Words before the frame:

    >>> import ocpplog
    >>> line = b'(CP 7) at 2026-05-01T10:00:00Z, inbound: [2,"1","Heartbeat",{}]\n'
    >>> words = ocpplog.Layout(pattern=r"^\((?P<charge_point_id>[^)]*)\) at (?P<log_time>[^,]*), (?P<direction>\w+):")
    >>> ocpplog.parse(line, layout=words).select("charge_point_id", "direction", "action").row(0)
    ('CP 7', 'from_charge_point', 'Heartbeat')

    Keys of JSON lines:

    >>> line = b'{"box": "CP7", "when": 1777629600, "wire": "[2,\\"1\\",\\"Heartbeat\\",{}]"}\n'
    >>> keys = ocpplog.Layout(columns={"charge_point_id": "box", "log_time": "when", "message": "wire"})
    >>> ocpplog.parse(line, layout=keys).select("charge_point_id", "log_time", "action").row(0)
    ('CP7', datetime.datetime(2026, 5, 1, 10, 0, tzinfo=zoneinfo.ZoneInfo(key='UTC')), 'Heartbeat')

    Columns of a table whose frames are taken apart:

    >>> table = b"box;kind;no;what;body\nCP7;CALL;1;Heartbeat;{}\n"
    >>> parts = ocpplog.Layout(
    ...     columns={
    ...         "charge_point_id": "box",
    ...         "message_type": "kind",
    ...         "message_id": "no",
    ...         "action": "what",
    ...         "payload": "body",
    ...     }
    ... )
    >>> ocpplog.parse(table, layout=parts).select("charge_point_id", "message_type", "action").row(0)
    ('CP7', 'CALL', 'Heartbeat')
    """

    pattern: str | re.Pattern[str] | None = None
    columns: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.pattern is None and not self.columns:
            raise OptionError("layout: a Layout needs a pattern or columns")
        # What is given may be anything, whatever the annotations say.
        pattern: object = self.pattern
        columns: object = self.columns
        if pattern is not None and not isinstance(pattern, (str, re.Pattern)):
            raise OptionError(f"layout: {pattern!r} is not a pattern")
        if not isinstance(columns, Mapping) or not all(
            isinstance(key, str) and isinstance(name, str) for key, name in columns.items()
        ):
            raise OptionError(f"layout: {columns!r} does not map names to keys or columns")

    def _told(self) -> tuple[str | None, list[tuple[str, str]]]:
        """Give pattern and columns as the core takes them."""
        pattern = self.pattern.pattern if isinstance(self.pattern, re.Pattern) else self.pattern
        return pattern, sorted(self.columns.items())
