"""What a `Log` shows of itself: what was found, how sure it is, and where to look on."""

from __future__ import annotations

import html
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from . import _native
from ._text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["as_html", "as_text"]

_QUALITIES = ("good", "estimated", "partial", "suspect")
_SHOWN = 3  # names of sources, charge points and reasons; the rest is counted
# No colour is set, so that light and dark themes both work.
_LEFT = "style='text-align:left'"
_RIGHT = "style='text-align:right'"


def as_text(tables: Mapping[str, pl.DataFrame]) -> str:
    """Write one fact a line, then the heights of the tables."""
    rows = "rows: " + ", ".join(f"{name} {table.height:,}" for name, table in tables.items())
    return "\n".join([*(f"{name}: {value}" for name, value in _facts(tables)), rows])


def as_html(tables: Mapping[str, pl.DataFrame]) -> str:
    """Write the same for a notebook, with what a row of each table is."""
    facts = "".join(
        f"<tr><th {_LEFT}>{html.escape(name)}</th><td {_LEFT}>{html.escape(value)}</td></tr>"
        for name, value in _facts(tables)
    )
    meanings = {name: meaning.removeprefix("One row per ").rstrip(".") for name, meaning, _ in _native.tables()}
    rows = "".join(
        f"<tr><td {_LEFT}><code>log.{html.escape(name)}</code></td><td {_RIGHT}>{table.height:,}</td>"
        f"<td {_LEFT}>{html.escape(meanings[name])}</td></tr>"
        for name, table in tables.items()
        if table.height
    )
    empty = [name for name, table in tables.items() if not table.height]
    nothing = f"<div>without rows: {html.escape(', '.join(empty))}</div>" if empty else ""
    heads = f"<tr><th {_LEFT}>table</th><th {_RIGHT}>rows</th><th {_LEFT}>one row per</th></tr>"
    return (
        f"<div><strong>ocpplog.Log</strong><table>{facts}</table>"
        f"<table><thead>{heads}</thead><tbody>{rows}</tbody></table>{nothing}"
        "<div><code>log.summary()</code> has one row per charge point, <code>log.check()</code> verifies that all of "
        "it adds up.</div></div>"
    )


def _facts(tables: Mapping[str, pl.DataFrame]) -> list[tuple[str, str]]:
    """Tell what was found, each fact safe to show."""
    facts: list[tuple[str, str]] = []
    accounting = tables.get("accounting")
    if accounting is not None and accounting.height:
        # The folders stay out: they are long, and no business of whoever reads the notebook later.
        names = [str(name).replace("\\", "/").rpartition("/")[2] for name in accounting["source_file"].cast(pl.String)]
        facts.append(("sources", _some(names)))
        layouts = accounting["layout"].cast(pl.String).drop_nulls().unique().sort().to_list()
        facts.append(("layouts", _some(layouts) if layouts else "none was recognised"))
        twice = accounting["duplicates"].sum()
        copies = f", and {twice:,} that were in the sources twice" if twice else ""
        facts.append(("messages", f"{accounting['messages'].sum():,}{copies}"))
    seen = tables.get("charge_points")
    if seen is not None:
        first, last = seen["first_seen"].min(), seen["last_seen"].max()
        if isinstance(first, datetime) and isinstance(last, datetime):
            facts.append(("period", f"{first:%Y-%m-%d %H:%M:%S} to {last:%Y-%m-%d %H:%M:%S} UTC"))
        facts.append(("charge points", _some(seen["charge_point_id"].cast(pl.String).to_list())))
    facts += [
        (name, _counts(tables[name], column, order))
        for name, column, order in (
            ("transactions", "quality", _QUALITIES),
            ("rejects", "reason", ()),
            ("unmatched", "kind", ()),
        )
        if name in tables
    ]
    return facts


def _some(names: Sequence[str | None]) -> str:
    """Give the count of names and the first few."""
    shown = ", ".join(visible(name) if name is not None else "unknown" for name in names[:_SHOWN])
    more = ", …" if len(names) > _SHOWN else ""
    return f"{len(names):,} ({shown}{more})" if names else "0"


def _counts(table: pl.DataFrame, column: str, order: Sequence[str]) -> str:
    """Give the height of a table and how often each word stands in a column, in a fixed order or by number."""
    words = table[column].cast(pl.String).drop_nulls().value_counts(name="rows").rows()
    found = dict(sorted(words, key=lambda word: (-word[1], word[0])))
    shown = [word for word in order if word in found] or list(found)[:_SHOWN]
    more = ", …" if len(found) > len(shown) else ""
    told = ", ".join(f"{found[word]:,} {word}" for word in shown)
    return f"{table.height:,} ({told}{more})" if told else f"{table.height:,}"
