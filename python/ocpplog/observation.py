"""What was observed of a fleet, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003  # dataclasses are looked into at run time

from ._time import micros

__all__ = ["Observation"]


@dataclass(frozen=True, slots=True)
class Observation:
    """The window in which a recorder listened; the context that no charge point can tell alone.

    ``rebuild`` computes it over all messages it is given. Whoever rebuilds a part of a fleet, or one
    partition of a distributed table, passes the observation of the whole, so that the parts agree.

    Attributes
    ----------
    start : datetime or None
        The first recorder's time of the whole input. A naive one is UTC.
    end : datetime or None
        The last one.
    gaps : tuple of (datetime, datetime)
        Spans in which no charge point at all was heard although several had been.

    Examples
    --------
    >>> import ocpplog
    >>> messages = ocpplog.parse(ocpplog.example_log())
    >>> whole = ocpplog.Observation(messages["log_time"].min(), messages["log_time"].max())
    >>> part = ocpplog.rebuild(messages.filter(charge_point_id="CP0001"), observation=whole)
    >>> part.charge_points["charge_point_id"].to_list()
    ['CP0001']
    """

    start: datetime | None = None
    end: datetime | None = None
    gaps: tuple[tuple[datetime, datetime], ...] = ()

    def to_native(self) -> tuple[int | None, int | None, list[tuple[int, int]]]:
        """Give the window in microseconds.

        Returns
        -------
        tuple
            Start, end and gaps.
        """
        return (
            micros(self.start, "observation.start"),
            micros(self.end, "observation.end"),
            [(micros(first, "observation.gaps"), micros(last, "observation.gaps")) for first, last in self.gaps],
        )
