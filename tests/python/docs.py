"""The pages of docs/ that are made from the lists of the core.

`make docs` writes them; a test compares. What is wrong in them is put right where the thing is declared: columns at
the top of `src/table/<table>.rs`, flags in `src/flag/list.rs`, thresholds in `src/options/rules.rs`.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import ocpplog
import polars as pl
from ocpplog import _native

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from polars._typing import PolarsDataType

DOCS = Path(__file__).parents[2] / "docs"
MADE = "<!-- Made by `make docs` from the lists of the core; do not change it by hand. -->"

TABLES = """\
# Tables

What a row is, in which order the rows come, and what each column says. The same in Python:
`ocpplog.schemas.describe()`; a schema alone: `ocpplog.schemas.transactions`; in a terminal:
`ocpplog schema transactions`.

- **Order.** The same input gives the same rows in the same order. A time that is null comes first.
  *Order of arrival* is log time, then the place in the source.
- **Times** are UTC. `log_time`, `received_at`, `…_received_at` and `requested_at` are by the recorder's clock; other
  times are by the charge point's own clock where it can be used, and a `…_source` column says so.
- **evse_id, connector_id.** 1.x knows connectors only: both columns hold its number, because a connector of 1.x is
  what 2.x calls an EVSE. 0 is the charge point itself.
- **null** says when a value is missing; *never* means that it always is there.
- **source** says where a value comes from. `1.6 §` is OCPP 1.6 edition 2, `1.6-J §` is OCPP-J 1.6, `1.6 security` is
  the white paper "Improved security for OCPP 1.6-J"; `2.x` is part 2 of OCPP 2.0.1 and 2.1, by message and field;
  `2.1` is that of 2.1 alone. Fields of OCPP 1.2 and 1.5 have the names of 1.6 unless told otherwise. `own` is a rule
  of ocpplog.
- **flags** are explained in [flags.md](flags.md), the thresholds of the rules in [options.md](options.md).
"""

FLAGS = """\
# Flags

What is doubtful about a row stands in its column `flags`: a sorted list of these words, empty where there is nothing
to say. Some carry a value behind a colon, such as `limit_hit:energy`. The same in Python: `ocpplog.schemas.flags()`.

Transactions have a column `quality` as well. It is the worst of what their flags say and of what is missing:

| quality | what it says |
| --- | --- |
| `good` | the numbers stand |
| `estimated` | a time or an energy was inferred, or the energy is the integral of the power |
| `partial` | a number is missing because the log lacks something: a start, a stop, an energy |
| `suspect` | two numbers contradict each other |

```python
import ocpplog
import polars as pl

log = ocpplog.read(ocpplog.example_log())
doubtful = log.transactions.filter(pl.col("quality") == "suspect").explode("flags")
print(doubtful.group_by("flags").len().sort("flags"))
```

"""

OPTIONS = """\
# Thresholds

Where messages do not say what belongs together, how near is near enough? Each threshold is a field of
`ocpplog.Rules`; the options of `ocpplog.read` itself are explained in `help(ocpplog.read)`. The defaults fit what
real charge points do. Change one only if the log of a fleet is known to differ, and use the same rules wherever
results are compared:

```python
from datetime import timedelta
import ocpplog

rules = ocpplog.Rules(remote_start_window=timedelta(minutes=10))
log = ocpplog.read(ocpplog.example_log(), rules=rules)
```

The source is `own` where no specification sets a number.

"""


def tables() -> str:
    """Make the page of the tables."""
    columns = ocpplog.schemas.describe().rows_by_key("table", named=True)
    parts = [MADE, "", TABLES]
    for name, meaning, order in _native.tables():
        schema: pl.Schema = getattr(ocpplog.schemas, name)
        rows = [
            (
                _code(column["column"]),
                _code(dtype(schema[column["column"]])),
                column["unit"],
                column["null"] or "never",
                column["meaning"],
                column["source"],
            )
            for column in columns[name]
        ]
        places = ", then ".join(_code(place) if place in schema else place for place in order)
        parts += [f"## {name}", "", f"{meaning} Rows are in the order of {places}.", ""]
        parts += [_table(["column", "dtype", "unit", "null", "meaning", "source"], rows), ""]
    return "\n".join(parts).rstrip() + "\n"


def flags() -> str:
    """Make the page of the flags."""
    rows = [
        # Only a transaction has a quality.
        (
            _code(flag),
            " ".join(map(_code, tables.split())),
            _code(effect) if "transactions" in tables.split() else "",
            meaning,
            advice,
        )
        for flag, effect, tables, meaning, advice in ocpplog.schemas.flags().iter_rows()
    ]
    table = _table(["flag", "in", "quality", "meaning", "what to do"], rows)
    return f"{MADE}\n\n{FLAGS}{table}\n"


def options() -> str:
    """Make the page of the thresholds."""
    rows = [
        (_code(name), number(default, unit), meaning, source)
        for name, default, unit, meaning, source in _native.rules()
    ]
    table = _table(["threshold", "default", "what it does", "source"], rows)
    return f"{MADE}\n\n{OPTIONS}{table}\n"


PAGES: dict[str, Callable[[], str]] = {"tables.md": tables, "flags.md": flags, "options.md": options}


def dtype(polars: pl.DataType) -> str:
    """Write a data type as one writes it in Python, whatever the version of Polars."""
    if isinstance(polars, pl.Datetime):
        return f'Datetime("{polars.time_unit}", "{polars.time_zone}")'
    if isinstance(polars, pl.Duration):
        return f'Duration("{polars.time_unit}")'
    if isinstance(polars, pl.List):
        return f"List({dtype(_plain(polars.inner))})"
    if isinstance(polars, pl.Struct):
        return f"Struct({', '.join(f'{field.name}: {dtype(_plain(field.dtype))}' for field in polars.fields)})"
    return type(polars).__name__


def number(value: float, unit: str) -> str:
    """Write a threshold with its unit; a span in the largest unit that leaves it whole."""
    if unit != "us":
        return f"{value:,g} {unit}".rstrip() if value < 1 else f"{value:,.0f} {unit}".rstrip()
    span = timedelta(microseconds=value)
    for name, one in {"h": timedelta(hours=1), "min": timedelta(minutes=1)}.items():
        if not span % one:
            return f"{span // one} {name}"
    return f"{span.total_seconds():g} s"


def _plain(polars: PolarsDataType) -> pl.DataType:
    return polars if isinstance(polars, pl.DataType) else polars()


def _table(heads: list[str], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ["---"] * len(heads), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |".replace("|  |", "| |") for line in lines)


def _cell(text: str) -> str:
    """Make a text fit into a table, where nothing but code has a form of its own."""
    return text.replace("|", "\\|").replace("*", "\\*")


def _code(text: str) -> str:
    return f"`{text}`"


if __name__ == "__main__":
    DOCS.mkdir(exist_ok=True)
    for page, make in PAGES.items():
        path = DOCS / page
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(make(), encoding="utf-8")
        sys.stdout.write(f"docs/{page} is {'as it was' if make() == old else 'written again'}\n")
