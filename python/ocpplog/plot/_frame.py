"""What all pictures do: find their table, tell times, cut spans into slots, make the chart."""

from __future__ import annotations

import difflib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import altair as alt
import polars as pl

from ocpplog._time import micros
from ocpplog.exceptions import OptionError
from ocpplog.log import Log

from ._theme import MARKS, ROW, WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence

_INSTANT = pl.Datetime("us", "UTC")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Days by their dates and hours up to 24, as technicians write them.
_TIMES = {
    "year": "%Y",
    "quarter": "%b %Y",
    "month": "%b %Y",
    "week": "%d %b",
    "date": "%d %b",
    "hours": "%H:%M",
    "minutes": "%H:%M",
    "seconds": "%H:%M:%S",
    "milliseconds": "%H:%M:%S",
}
_LABEL, _HINT = 80, 300  # characters
# Controls, marks without a shape, separators of lines, and the two that XML cannot write: the library that draws
# would end the whole process over them.
_HIDDEN = r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\x{FFFE}\x{FFFF}]"
# Words of the tables, as a reader says them.
READ = "replace(datum.label, /_/g, ' ')"


def table(data: Log | pl.DataFrame, name: str, needed: Sequence[str]) -> pl.DataFrame:
    """Give the table ``name``: that of a log, or the frame itself if it has the columns that are needed.

    Raises
    ------
    OptionError
        If the log was read without the table, or the frame is another one.
    """
    if isinstance(data, Log):
        found: pl.DataFrame = getattr(data, name)
        return found
    if not isinstance(data, pl.DataFrame):
        raise OptionError(f"data: a Log or the table {name} is drawn, not a {type(data).__name__}")
    missing = [column for column in needed if column not in data.columns]
    if missing:
        raise OptionError(f"data: this frame is not the table {name}: it has no {', '.join(missing)}")
    return data


def optional(data: Log | pl.DataFrame, name: str, given: pl.DataFrame | None = None) -> pl.DataFrame | None:
    """Give a second table if it was given, or if the log has it."""
    if given is not None or not isinstance(data, Log):
        return given
    return data.tables().get(name)


class Clock:
    """Tells instants in one time zone."""

    def __init__(self, time_zone: str) -> None:
        try:
            pl.Series([_EPOCH], dtype=_INSTANT).dt.convert_time_zone(time_zone)
        except (pl.exceptions.PolarsError, ValueError):
            raise OptionError(f"time_zone: {time_zone!r} is no zone such as 'Europe/Berlin' or 'UTC'") from None
        self.time_zone = time_zone

    def local(self, time: str | pl.Expr) -> pl.Expr:
        """Give an instant as a local time."""
        return (pl.col(time) if isinstance(time, str) else time).dt.convert_time_zone(self.time_zone)

    def text(self, time: str | pl.Expr) -> pl.Expr:
        """Write an instant, its offset included."""
        return self.local(time).dt.strftime("%Y-%m-%d %H:%M:%S " + ("UTC" if self.time_zone == "UTC" else "%:z"))

    def offset(self, time: datetime | None) -> timedelta:
        """Tell how far local time is ahead of UTC at an instant."""
        if time is None or self.time_zone == "UTC":
            return timedelta(0)
        local = pl.Series([time], dtype=_INSTANT).dt.convert_time_zone(self.time_zone)
        return timedelta(seconds=(local.dt.base_utc_offset() + local.dt.dst_offset()).dt.total_seconds().item())

    def axis(self, first: datetime | None, last: datetime | None) -> Axis:
        """Give the axis from one instant to another."""
        return Axis(self, self.offset(first), self.offset(last))


class Axis:
    """An axis of time in the offset that is in force where it begins.

    Vega knows UTC and the zone of whoever looks, but no other. So instants are moved by the offset and shown as if
    they were UTC; where the clocks change on the way the axis keeps its offset, and says so.
    """

    def __init__(self, clock: Clock, offset: timedelta, last: timedelta) -> None:
        self.shift = pl.duration(microseconds=offset // timedelta(microseconds=1))
        hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
        written = f"UTC{'-' if offset < timedelta(0) else '+'}{hours:02}:{minutes:02}"
        self.title = "time (UTC)" if clock.time_zone == "UTC" else f"time ({clock.time_zone}, {written})"
        changed = f"The clocks change in this time; the axis stays at {written}, the tooltips do not."
        self.notes = [changed] if offset != last else []

    def x(self, field: str, **more: Any) -> alt.X:
        """Encode a column of instants."""
        return alt.X(
            field,
            type="temporal",
            scale=alt.Scale(type="utc"),
            title=self.title,
            axis=alt.Axis(format=_TIMES, labelOverlap=True, labelSeparation=6, tickCount=12),
            **more,
        )


def place(file: str = "source_file", line: str = "source_line") -> pl.Expr:
    """Tell where a row comes from, without the folders: they are long, and nobody's business."""
    name = pl.col(file).cast(pl.String).str.replace_all(r"^.*[/\\]", "")
    return pl.concat_str([name, pl.lit(":"), pl.col(line).cast(pl.String)])


def lane(frame: pl.DataFrame) -> pl.DataFrame:
    """Add ``lane``: the charge point and its connector as one label."""
    evse, connector = pl.col("evse_id").cast(pl.String), pl.col("connector_id").cast(pl.String)
    where = (
        pl.when(evse.is_null() & connector.is_null())
        .then(pl.lit("?"))
        .when(evse.is_null() | (evse == connector))
        .then(connector)
        .when(connector.is_null())
        .then(evse)
        .otherwise(pl.concat_str([evse, connector], separator="."))
    )
    name = pl.col("charge_point_id").fill_null("unknown")
    return frame.with_columns(lane=pl.concat_str([readable(name), where], separator=" · "))


def readable(text: pl.Expr, length: int = _LABEL) -> pl.Expr:
    """Make characters visible that would reorder or hide a label, and cut what is longer than a label."""
    seen = text.cast(pl.String).str.replace_all(_HIDDEN, "\N{REPLACEMENT CHARACTER}")
    cut = pl.concat_str([seen.str.slice(0, length), pl.lit("…")])
    return pl.when(seen.str.len_chars() > length).then(cut).otherwise(seen)


def instant(value: Any, option: str) -> datetime | None:
    """Read an instant that a caller gave."""
    found = micros(value, option)
    return None if found is None else _EPOCH + timedelta(microseconds=found)


def slots(frame: pl.DataFrame, every: timedelta, *, start: str = "start", end: str = "end") -> pl.DataFrame:
    """Cut spans at the edges of slots, counted from 1970-01-01 UTC.

    Returns
    -------
    polars.DataFrame
        One row per span and slot that it reaches into: the columns of ``frame``, ``slot`` (when the slot
        begins), ``overlap`` (how long the span is in it) and ``part`` (which share of the span that is). A
        span without length lies in one slot as a whole.
    """
    step = every // timedelta(microseconds=1)
    first, last = pl.col(start).dt.timestamp("us"), pl.col(end).dt.timestamp("us")
    spans = frame.filter(pl.col(start).is_not_null() & (pl.col(end) >= pl.col(start))).with_columns(
        __first=first, __last=last
    )
    begin, stop = pl.col("__first").floordiv(step), (pl.max_horizontal("__first", pl.col("__last") - 1)).floordiv(step)
    rows = spans.with_columns(__slot=pl.int_ranges(begin, stop + 1)).explode("__slot")
    overlap = pl.min_horizontal("__last", (pl.col("__slot") + 1) * step) - pl.max_horizontal(
        "__first", pl.col("__slot") * step
    )
    length = pl.col("__last") - pl.col("__first")
    return rows.with_columns(
        slot=(pl.col("__slot") * step).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
        overlap=overlap.cast(pl.Duration("us")),
        part=pl.when(length > 0).then(overlap / length).otherwise(1.0),
    ).drop("__first", "__last", "__slot")


def chart(frame: pl.DataFrame, title: str, notes: Sequence[str]) -> alt.Chart:
    """Make a chart that says what it shows and what it leaves out."""
    notes = [*notes] if frame.height else [*notes, "There is nothing to draw."]
    plain = frame.with_columns(pl.col(pl.Categorical).cast(pl.String))
    # One by one, since each keeps its own name.
    plain = plain.with_columns(
        readable(pl.col(name), _HINT).alias(name) for name, dtype in plain.schema.items() if dtype == pl.String
    )
    data: Any = plain
    if plain.height > MARKS:
        # The caller wanted more than Altair takes from a frame.
        times = [name for name, dtype in plain.schema.items() if isinstance(dtype, pl.Datetime)]
        data = alt.InlineData(values=plain.with_columns(pl.col(times).dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")).to_dicts())
    params: dict[str, Any] = {"subtitle": notes} if notes else {}
    return alt.Chart(data, title=alt.TitleParams(title, anchor="start", **params))


def sized(picture: alt.Chart, height: int | alt.Step) -> alt.Chart:
    """Give a picture its size; one without rows has only its title."""
    if isinstance(picture.data, pl.DataFrame) and picture.data.is_empty():
        # Vega stretches an axis and a legend of nothing to an endless width.
        picture, height = alt.Chart(picture.data, title=picture.title).mark_text(), ROW
    done: alt.Chart = picture.properties(width=WIDTH, height=height)
    return done


def listed(name: str, *, colors: dict[str, str], present: Sequence[str], title: str | None) -> alt.Color:
    """Encode a vocabulary: its words in their own order and colours, those that occur in the legend."""
    shown = [word for word in colors if word in present]
    more = sorted(set(present) - set(shown))
    return alt.Color(
        name,
        type="nominal",
        title=title,
        scale=alt.Scale(domain=[*shown, *more], range=[*(colors[word] for word in shown), *["#000000"] * len(more)]),
        legend=alt.Legend(labelExpr=READ),
    )


def counting(title: str, counts: pl.Series) -> dict[str, Any]:
    """Give the title and axis of counts: whole numbers only."""
    most = max(counts.to_list(), default=0)
    return {"title": title, "axis": alt.Axis(format=",d", tickCount=max(1, min(8, most)))}


def chosen(option: str, value: str, allowed: Sequence[str]) -> None:
    """Refuse a word that is not among those allowed."""
    if value not in allowed:
        raise OptionError(f"{option}: {value!r} is not one of {', '.join(allowed)}")


def of_charge_points(option: str, given: str | Sequence[str] | None, known: Sequence[str | None]) -> list[str] | None:
    """Take the charge points that a caller chose; refuse one that is not there, with the nearest name."""
    if given is None:
        return None
    names, there = [given] if isinstance(given, str) else list(given), sorted({name for name in known if name})
    for name in names:
        if name not in there:
            lowered = {other.lower(): other for other in there}
            near = difflib.get_close_matches(str(name).lower(), lowered, n=1)
            meant = f" (did you mean {lowered[near[0]]!r}?)" if near else ""
            raise OptionError(f"{option}: there is no charge point {name!r}{meant}")
    return names


Direction = Literal["from_charge_point", "from_csms"]
