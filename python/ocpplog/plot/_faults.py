"""Which faults there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import altair as alt
import polars as pl

from ocpplog._text import plural

from ._frame import chart, chosen, counting, place, readable, sized, table
from ._theme import ROW

if TYPE_CHECKING:
    from ocpplog.log import Log

By = Literal["error_code", "charge_point"]
_NEEDED = ["charge_point_id", "start_time", "end_time", "error_code", "mrec_code", "source_file", "source_line"]
_COLORS = {"over": "#E69F00", "not over in the log": "#D55E00"}


def faults(
    data: Log | pl.DataFrame,
    *,
    by: By = "error_code",
    top: int = 20,
    title: str | None = None,
) -> alt.Chart:
    """Draw how often which fault was reported.

    Parameters
    ----------
    data : Log or polars.DataFrame
        A log, or the table ``faults``.
    by : {"error_code", "charge_point"}, default "error_code"
        What a bar is.
    top : int, default 20
        How many bars at most, the longest first.
    title : str, optional
        Another title.

    Returns
    -------
    altair.Chart
        Its data has one row per bar and end: ``error_code`` or ``charge_point``, ``end``, ``faults``,
        ``charge_points``, ``hours`` (of those that are over), ``first`` (file and line of the first one).

    Raises
    ------
    OptionError
        If the table was not built, or an option has no such value.

    Examples
    --------
    >>> import ocpplog
    >>> from ocpplog import plot
    >>> log = ocpplog.read(ocpplog.example_log())
    >>> plot.faults(log).data["faults"].sum() == log.faults.height
    True
    """
    chosen("by", by, get_args(By))
    rows = counts(table(data, "faults", _NEEDED), by=by)
    order = rows.group_by(by).agg(pl.col("faults").sum()).sort(["faults", by], descending=[True, False])
    notes = []
    if order.height > top:
        rest = order.slice(top)
        notes.append(f"{rest.height:,} more with {plural(int(rest['faults'].sum()), 'fault')} are not shown.")
        order = order.head(top)
    kept = rows.join(order.select(by), on=by, how="semi", maintain_order="left")
    present = kept["end"].unique().to_list()
    picture: alt.Chart = (
        chart(kept, title or ("Faults by code" if by == "error_code" else "Faults by charge point"), notes)
        .mark_bar()
        .encode(
            y=alt.Y(by, type="nominal", sort=order[by].to_list(), title=None, axis=alt.Axis(labelLimit=260)),
            x=alt.X("faults", type="quantitative", **counting("faults", order["faults"])),
            color=alt.Color(
                "end",
                type="nominal",
                title=None,
                scale=alt.Scale(
                    domain=[word for word in _COLORS if word in present],
                    range=[color for word, color in _COLORS.items() if word in present],
                ),
            ),
            tooltip=[
                alt.Tooltip(by, type="nominal", title=by.replace("_", " ")),
                alt.Tooltip("end", type="nominal"),
                alt.Tooltip("faults", type="quantitative", format=","),
                alt.Tooltip("charge_points", type="quantitative", title="charge points", format=","),
                alt.Tooltip("hours", type="quantitative", title="hours of those that are over", format=",.1f"),
                alt.Tooltip("first", type="nominal", title="the first one stands at"),
            ],
        )
    )
    return sized(picture, alt.Step(ROW))


def code() -> pl.Expr:
    """Name a fault by its codes: the error code, the vendor's where it says more, the MREC."""
    error, vendor = pl.col("error_code").cast(pl.String), pl.col("vendor_error_code").cast(pl.String)
    told = error.replace("NoError", None)
    part = pl.concat_str([pl.col("component").cast(pl.String), pl.col("variable").cast(pl.String)], separator=".")
    base = pl.coalesce(told, part, pl.lit("no code"))
    return readable(pl.when(vendor.is_null()).then(base).otherwise(pl.concat_str([base, vendor], separator=" / ")))


def counts(table_: pl.DataFrame, *, by: By) -> pl.DataFrame:
    """Count faults by code or charge point, and whether they are over."""
    whole = table_.with_columns(
        pl.lit(None, dtype=pl.String).alias(name)
        for name in ("vendor_error_code", "component", "variable")
        if name not in table_.columns
    )
    key = code() if by == "error_code" else readable(pl.col("charge_point_id").fill_null("unknown"))
    length = (pl.col("end_time") - pl.col("start_time")).dt.total_microseconds()
    return (
        whole.with_columns(
            key.alias(by),
            end=pl.when(pl.col("end_time").is_null()).then(pl.lit("not over in the log")).otherwise(pl.lit("over")),
            __place=place(),
        )
        .sort("start_time", "charge_point_id", maintain_order=True)
        .group_by(by, "end")
        .agg(
            faults=pl.len().cast(pl.Int64),
            charge_points=pl.col("charge_point_id").n_unique().cast(pl.Int64),
            hours=length.sum() / 3.6e9,
            first=pl.col("__place").first(),
        )
        .sort(["faults", by, "end"], descending=[True, False, False])
    )
