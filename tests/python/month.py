"""The tables of a fleet of any size: those of the bundled log, for more charge points and more days."""

from __future__ import annotations

from datetime import timedelta

import ocpplog
import polars as pl

# What grows with the fleet and what the report looks into; meter values would take gigabytes.
WANTED = [
    "transactions",
    "status_intervals",
    "firmware_updates",
    "firmware_versions",
    "connectivity_intervals",
    "faults",
    "call_statistics",
    "charge_points",
]


def month(example: ocpplog.Log, charge_points: int, days: int) -> ocpplog.Log:
    """A log of so many charge points and days."""
    tables = example.tables()
    fleets, weeks = -(-charge_points // 8), -(-days // 5)
    made = {name: tables[name] for name in ("rejects", "unmatched", "accounting")}
    for name in WANTED:
        copies = [
            _moved(tables[name], fleet, week)
            for fleet in range(fleets)
            for week in range(1 if name in {"call_statistics", "charge_points"} else weeks)
        ]
        order = [
            column for column in ("charge_point_id", "start_time", "requested_at") if column in tables[name].columns
        ]
        made[name] = pl.concat(copies).sort(order, maintain_order=True)
    seen = pl.col("last_seen") + timedelta(days=5 * (weeks - 1))
    made["charge_points"] = made["charge_points"].with_columns(seen).head(charge_points)
    kept = made["charge_points"]["charge_point_id"]
    return ocpplog.Log(
        {
            name: table.filter(pl.col("charge_point_id").is_in(kept.implode())) if name in WANTED else table
            for name, table in made.items()
        }
    )


def _moved(table: pl.DataFrame, fleet: int, week: int) -> pl.DataFrame:
    times = [name for name, dtype in table.schema.items() if isinstance(dtype, pl.Datetime)]
    return table.with_columns(
        pl.format("{}-{}", pl.col("charge_point_id"), pl.lit(f"{fleet:03}")).alias("charge_point_id"),
        *(pl.col(name) + timedelta(days=5 * week) for name in times),
    )
