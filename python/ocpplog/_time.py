"""Instants as a user writes them, in microseconds as the core counts them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import overload

from .exceptions import OptionError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@overload
def micros(value: None, option: str) -> None: ...
@overload
def micros(value: datetime | date | str, option: str) -> int: ...
@overload
def micros(value: datetime | date | str | None, option: str) -> int | None: ...
def micros(value: datetime | date | str | None, option: str) -> int | None:
    """Give an instant in microseconds since 1970-01-01 UTC; without an offset it is taken as UTC.

    Raises
    ------
    OptionError
        If it is no instant; the message names ``option``.
    """
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise OptionError(f"{option}: {value!r} is no ISO 8601 time such as '2026-03-14T07:00:00Z'") from None
    if not isinstance(value, date):
        raise OptionError(f"{option}: {value!r} is neither a datetime, a date nor an ISO 8601 text")
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    elif value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return (value - _EPOCH) // _MICROSECOND
