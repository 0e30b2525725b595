"""What goes to stdout and stderr, and how values are written there."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from ocpplog._text import plural, visible

if TYPE_CHECKING:
    import ocpplog

_NARROW = 20  # columns; text in fewer is no easier to read


def say(text: str) -> None:
    """Print data; what a log could do to the terminal is made visible."""
    sys.stdout.write(visible(text, keep="\n") + "\n")


def say_wrapped(text: str, indent: int = 0) -> None:
    """Print a line; in a terminal it is broken between words, what follows indented a little more."""
    say_hanging(" " * indent, text, indent + 2)


def say_hanging(head: str, text: str, indent: int | None = None) -> None:
    """Print a line; in a terminal its text is broken between words, and begins anew below itself or where told."""
    width = terminal_width()
    below = len(head) if indent is None else indent
    if width is None or width - below < _NARROW:
        say((head + text).rstrip())
        return
    lines = textwrap.wrap(
        visible(text),
        width,
        initial_indent=head,
        subsequent_indent=" " * below,
        break_long_words=False,
        break_on_hyphens=False,
    )
    say("\n".join(lines) or head.rstrip())


def note(text: str) -> None:
    """Tell the one who waits, on stderr."""
    sys.stderr.write(visible(text, keep="\n") + "\n")


def drop_stdout() -> None:
    """Write nothing more to stdout: Python would complain once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def in_short(log: ocpplog.Log) -> str:
    """Sum up a log in a line."""
    told = log.accounting
    counts = [plural(told.height, "source"), plural(int(told["messages"].sum()), "message")]
    counts.append(plural(log.charge_points.height, "charge point"))
    counts += [plural(log.rejects.height, "reject"), f"{log.unmatched.height:,} unmatched"]
    return ", ".join(counts)


def say_table(frame: pl.DataFrame, rows: int) -> None:
    """Print the first rows of a frame; in a terminal as many columns as fit, the others by name."""
    width = terminal_width()
    shown = frame.head(rows) if width is None else _shortened(frame.head(rows))
    text = _drawn(shown)
    while width is not None and shown.width > 1 and len(text.partition("\n")[0]) > width:
        shown = shown[:, :-1]
        text = _drawn(shown)
    say(text)
    if frame.height > rows:
        say(f"… {frame.height - rows:,} more of {plural(frame.height, 'row')}")
    if hidden := frame.columns[shown.width :]:
        say(f"… no room for {', '.join(hidden)}")


def _shortened(frame: pl.DataFrame) -> pl.DataFrame:
    """Write times and spans to the second, which leaves room for other columns. Files and pipes get all of them."""
    times = [
        pl.col(name).dt.strftime("%Y-%m-%d %H:%M:%SZ") for name, kind in frame.schema.items() if kind == pl.Datetime
    ]
    spans = [_clock(name) for name, kind in frame.schema.items() if kind == pl.Duration]
    return frame.with_columns(*times, *spans)


def _clock(name: str) -> pl.Expr:
    """Write a span as hours, minutes and seconds."""
    seconds = pl.col(name).dt.total_seconds()
    parts = [(seconds // unit % 60).cast(pl.String).str.zfill(2) for unit in (60, 1)]
    return pl.format("{}:{}:{}", seconds // 3600, *parts).alias(name)


def _drawn(frame: pl.DataFrame) -> str:
    """Draw a frame without breaking a line: a word cut into three is no help."""
    with pl.Config(
        tbl_rows=-1,
        tbl_cols=-1,
        tbl_width_chars=-1,
        tbl_hide_column_data_types=True,
        tbl_hide_dataframe_shape=True,
    ):
        return str(frame)


def terminal_width() -> int | None:
    """Give the width of the terminal; whoever reads a file or a pipe has room enough."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):
        return None


def say_json_lines(frame: pl.DataFrame) -> None:
    """Print each row as a line of JSON."""
    for row in records(frame):
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


def say_json(value: Any) -> None:
    """Print one JSON document."""
    say(json.dumps(value, ensure_ascii=False, indent=2))


def records(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Give rows as plain values: instants as ISO texts with Z, spans in seconds."""
    return [{name: _value(value) for name, value in row.items()} for row in frame.iter_rows(named=True)]


def _value(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value / timedelta(seconds=1)
    if isinstance(value, list):
        return [_value(item) for item in value]
    if isinstance(value, dict):
        return {name: _value(item) for name, item in value.items()}
    if hasattr(value, "isoformat"):
        return value.isoformat().replace("+00:00", "Z")
    return value
