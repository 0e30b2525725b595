"""How fast logs of other kinds are read: packed ones, other mixes, fleets small and large, other layouts and versions.

Medians of several runs that take turns, each in a process of its own, two threads (``make bench``). A packed log stands
beside the time that ``gzip -dc`` or ``zstd -dc`` takes alone. Every log that was read is held against ``Log.check()``.
``--memory`` shows instead how peak memory grows with the log, for all tables and for the three core ones.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import recipe

ROOT = Path(__file__).resolve().parent.parent
BUILT = ROOT / "target" / "release" / "examples"
CORE = ["transactions", "status_intervals", "firmware_updates"]

READER = """
import json, resource, sys, time
import ocpplog
tables = json.loads(sys.argv[2])
started = time.perf_counter()
log = ocpplog.read(sys.argv[1], tables=tables, threads=2, progress=False)
seconds = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
log.check()
print(json.dumps({"seconds": seconds, "peak_mb": peak, "transactions": log.transactions.height}))
"""


def read(log: Path, tables: list[str] | None = None) -> dict[str, Any]:
    """Read a log in a process of its own."""
    command = [sys.executable, "-c", READER, str(log), json.dumps(tables)]
    result: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return result


def packed(log: Path, tool: str, ending: str) -> Path:
    """Pack a log with a program of the system, once."""
    target = log.with_name(log.name + ending)
    if not target.exists():
        with target.open("wb") as out:
            subprocess.run([tool, "-c", str(log)], check=True, stdout=out)
    return target


def unpacking(log: Path, tool: str) -> float:
    """How long the program takes to unpack a log."""
    started = time.perf_counter()
    subprocess.run([tool, "-dc", str(log)], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def simulated(folder: Path, megabytes: int, layout: str, second: float) -> Path:
    """Make the simulator's log in a layout, so much of its fleet speaking 2.0.1, once."""
    target = folder / f"kind-{layout}-{second}-{megabytes}"
    if not target.exists():
        command = [str(BUILT / "fleet"), "--seed", "16", "--charge-points", "100", "--megabytes", str(megabytes)]
        command += ["--layout", layout, "--v201-share", str(second), "--out", str(target)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return next(path for path in target.iterdir() if path.name.startswith("fleet."))


def kinds(folder: Path, megabytes: int) -> dict[str, tuple[Path, str | None]]:
    """The logs, by what they are, and the program that packed them."""

    def made(name: str, **how: Any) -> Path:
        return recipe.make(folder / f"kind-{name}-{megabytes}.jsonl", megabytes, **how)

    plain = made("meters")
    logs: dict[str, tuple[Path, str | None]] = {"JSON lines, heavy in meter values": (plain, None)}
    for tool, ending in [("gzip", ".gz"), ("zstd", ".zst")]:
        if shutil.which(tool):
            logs[f"the same, {tool}"] = (packed(plain, tool, ending), tool)
    logs["heavy in statuses"] = (made("statuses", mix=recipe.STATUSES), None)
    for count in (10, 1_000, 100_000):
        logs[f"{count:,} charge points"] = (made(f"{count}-points", charge_points=count), None)
    for layout in ("json", "steve", "mobilityhouse", "evcc"):
        logs[f"simulator, 1.6, {layout}"] = (simulated(folder, megabytes, layout, 0.0), None)
    logs["simulator, 2.0.1, json"] = (simulated(folder, megabytes, "json", 1.0), None)
    return logs


def speed(folder: Path, megabytes: int, runs: int) -> None:
    """Print how long each kind of log takes."""
    logs = kinds(folder, megabytes)
    seconds: dict[str, list[float]] = {name: [] for name in logs}
    alone: dict[str, list[float]] = {name: [] for name in logs}
    for _ in range(runs):
        for name, (log, tool) in logs.items():
            seconds[name].append(read(log)["seconds"])
            if tool:
                alone[name].append(unpacking(log, tool))
    print(f"{'log':38} {'MB':>6} {'seconds':>8} {'unpacking alone':>15}")
    for name, (log, _) in logs.items():
        unpack = f"{statistics.median(alone[name]):15.2f}" if alone[name] else ""
        print(f"{name:38} {log.stat().st_size / 1e6:6.0f} {statistics.median(seconds[name]):8.2f} {unpack}")


def memory(folder: Path, sizes: list[int]) -> None:
    """Print how peak memory grows with the log."""
    print(f"{'MB':>6} {'tables':>10} {'seconds':>8} {'peak MB':>8} {'peak/log':>8}")
    for megabytes in sizes:
        log = recipe.make(folder / f"recipe-{megabytes}.jsonl", megabytes)
        for name, tables in [("three core", CORE), ("all", None)]:
            result = read(log, tables)
            share = result["peak_mb"] * 1.048576 / megabytes
            print(
                f"{megabytes:6} {name:>10} {result['seconds']:8.2f} {result['peak_mb']:8.0f} {share:8.2f}", flush=True
            )


def main() -> None:
    """Measure speed, or memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, nargs="+", default=[100])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--folder", type=Path, default=ROOT / "target" / "bench")
    options = parser.parse_args()
    if options.memory:
        memory(options.folder, options.megabytes)
    else:
        speed(options.folder, options.megabytes[0], options.runs)


if __name__ == "__main__":
    main()
