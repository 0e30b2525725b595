"""Tables of messages from any engine, brought into the form that the core reads."""

from __future__ import annotations

from typing import Any

import polars as pl

from . import schemas
from .exceptions import OptionError


def messages_of(messages: Any) -> pl.DataFrame:
    """Bring any table of messages into the few types that the core reads."""
    if isinstance(messages, pl.LazyFrame):
        messages = messages.collect()
    if not isinstance(messages, pl.DataFrame):
        if not hasattr(messages, "__arrow_c_stream__"):
            raise OptionError(
                f"messages: {type(messages).__name__} is no table; pass a Polars, pandas or Arrow table with the "
                "columns charge_point_id, log_time, direction and frame"
            )
        messages = pl.DataFrame(messages)
    frame: pl.DataFrame = messages
    needed = ["charge_point_id", "log_time", "direction"]
    if "frame" not in frame.columns:
        needed += ["message_type", "message_id", "action", "payload"]
    missing = [column for column in needed if column not in frame.columns]
    if missing:
        raise OptionError(
            f"messages: the columns {', '.join(missing)} are missing; needed are charge_point_id, log_time, "
            "direction and either frame or message_type, message_id, action and payload"
        )
    known = {"frame": pl.String(), **schemas.messages}
    try:
        return frame.select(
            _column(frame.schema[name], name, dtype) for name, dtype in known.items() if name in frame.columns
        )
    except pl.exceptions.PolarsError as error:
        raise OptionError(f"messages: {error}") from None


def _column(has: pl.DataType, name: str, wanted: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(wanted, pl.Datetime):
        if has == pl.String:
            column = column.str.to_datetime(time_unit="us", time_zone="UTC")
        elif isinstance(has, pl.Datetime) and has.time_zone is None:
            column = column.dt.replace_time_zone("UTC")
        elif isinstance(has, pl.Datetime):
            column = column.dt.convert_time_zone("UTC")
        return column.cast(wanted)
    # The core reads plain texts; the dictionaries of the caller's engine would be one more thing to know.
    return column.cast(pl.String if isinstance(wanted, pl.Categorical) else wanted)
