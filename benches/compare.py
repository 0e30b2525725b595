"""ocpplog beside what analysts use today: the same job on the same log, side by side in one run (``make bench``).

Each tool runs in a process of its own; the runs take turns, so that a slow minute of the machine hits all of them.
Printed are medians: seconds, how many times longer than ocpplog with two threads, how many times longer than counting
the newlines of the same bytes (``examples/newlines.rs``, memchr), and peak memory. That all find the same is checked;
ocpp-lens, which finds sessions only, apart.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import recipe

ROOT = Path(__file__).resolve().parent.parent
NEWLINES = ROOT / "target" / "release" / "examples" / "newlines"
RUNS = [("ocpplog", 2), ("ocpplog", 1), ("orjson", 1), ("json", 1), ("duckdb", 2), ("polars", 2), ("ocpp-lens", 1)]


def job(python: str, tool: str, log: Path, threads: int) -> dict[str, Any]:
    """Run one tool in a process of its own."""
    command = [python, str(ROOT / "benches" / "peers.py"), tool, str(log), str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        message = f"{tool}: {done.stderr.strip().splitlines()[-1:]}"
        raise SystemExit(message)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def newlines(log: Path) -> float:
    """Count the newlines of a log in a process of its own."""
    started = time.perf_counter()
    subprocess.run([NEWLINES, log], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    """Run the comparison and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, nargs="+", default=[300])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--slow-runs", type=int, default=1, help="runs of tools that take a minute")
    parser.add_argument("--tools", nargs="+", default=["ocpplog", "orjson", "json", "duckdb", "polars", "ocpp-lens"])
    parser.add_argument("--peers", default=sys.executable, help="a Python that has the other tools")
    parser.add_argument("--folder", type=Path, default=ROOT / "target" / "bench")
    options = parser.parse_args()
    for megabytes in options.megabytes:
        log = recipe.make(options.folder / f"recipe-{megabytes}.jsonl", megabytes)
        chosen = [run for run in RUNS if run[0] in options.tools]
        results: dict[tuple[str, int], list[dict[str, Any]]] = {run: [] for run in chosen}
        counted = []
        for turn in range(options.runs):
            counted.append(newlines(log))
            for tool, threads in chosen:
                if tool == "ocpp-lens" and turn >= options.slow_runs:
                    continue
                python = sys.executable if tool == "ocpplog" else options.peers
                results[tool, threads].append(job(python, tool, log, threads))
        base = statistics.median(counted)
        ours = results.get(("ocpplog", 2)) or results[chosen[0]]
        own = statistics.median(result["seconds"] for result in ours)
        wanted = ours[0]["found"]
        print(f"{log.stat().st_size / 1e6:.0f} MB, {wanted}; newlines counted in {base:.3f} s")
        print(f"{'tool':>10} {'threads':>7} {'seconds':>8} {'ratio':>7} {'newlines':>8} {'peak MB':>8}")
        for (tool, threads), list_ in results.items():
            for result in list_:
                other = {name: value for name, value in result["found"].items() if wanted[name] != value}
                if other and tool != "ocpp-lens":
                    message = f"{tool} finds {other}, ocpplog {wanted}"
                    raise SystemExit(message)
            seconds = statistics.median(result["seconds"] for result in list_)
            peak = statistics.median(result["peak_mb"] for result in list_)
            print(
                f"{tool:>10} {threads:7} {seconds:8.2f} {seconds / own:7.1f} {seconds / base:8.1f} {peak:8.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
