"""Logs that arrive file by file, kept as messages, and tables of all that is there.

    python examples/pipeline.py logs/ store/

Each log is read once: its messages, rejects and account go into a folder of its own under `store/read`. Then the tables
are rebuilt part by part, so that only the messages of some charge points are in memory at once, and written to
`store/tables`. What two rotations of a log have in common counts once. Run it again when new logs have come.
"""

from __future__ import annotations

import shutil
import sys
from datetime import datetime
from pathlib import Path

import ocpplog
import polars as pl

PARTS = 8  # more of them need less memory each
TABLES: tuple[str, ...] = ("transactions", "status_intervals", "firmware_updates")


def take_in(logs: Path, store: Path) -> int:
    """Read the logs that are not in the store yet, and give their number."""
    # The manifest is written last: without it an earlier run was cut off.
    known = {path.parent.name for path in (store / "read").glob("*/manifest.json")}
    new = [path for path in sorted(logs.iterdir()) if path.is_file() and path.name not in known]
    for path in new:
        ocpplog.read(path, tables=["messages"]).write(store / "read" / path.name, force=True)
    return len(new)


def rebuild(store: Path) -> dict[str, int]:
    """Make the tables anew from all messages, and give their heights."""
    messages = pl.scan_parquet(store / "read" / "*" / "messages.parquet")
    first, last = messages.select(first=pl.col("log_time").min(), last=pl.col("log_time").max()).collect().row(0)
    whole = ocpplog.Observation(_instant(first), _instant(last))
    fresh, current = store / "tables.new", store / "tables"
    shutil.rmtree(fresh, ignore_errors=True)
    heights = dict.fromkeys(TABLES, 0)
    for part in range(PARTS):
        mine = messages.filter(pl.col("charge_point_id").hash(seed=1) % PARTS == part)
        log = ocpplog.rebuild(mine, tables=TABLES, observation=whole)
        for name in TABLES:
            table = log.tables()[name]
            heights[name] += table.height
            (fresh / name).mkdir(parents=True, exist_ok=True)
            table.write_parquet(fresh / name / f"{part}.parquet")
    # Whoever reads the tables meanwhile sees the old ones or the new ones.
    shutil.rmtree(current, ignore_errors=True)
    fresh.rename(current)
    return heights


def not_understood(store: Path) -> float:
    """Give the share of all frames that are rejects."""
    accounts = pl.scan_parquet(store / "read" / "*" / "accounting.parquet")
    frames, rejects = accounts.select(pl.col("frames", "rejects").sum()).collect().row(0)
    return float(rejects) / frames if frames else 0.0


def _instant(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


if __name__ == "__main__":
    folder, home = map(Path, sys.argv[1:3])
    read = take_in(folder, home)
    told = ", ".join(f"{height} {name}" for name, height in rebuild(home).items())
    sys.stdout.write(f"{read} new logs; {told}; {not_understood(home):.3%} of the frames not understood\n")
