"""Speed and memory on logs of growing size, side by side in one run: ``make bench``.

For each size and number of threads the medians of several runs, each in a process of its own: seconds, bytes per
second, peak memory, and the ratio to counting the newlines of the same file (``examples/newlines.rs``, memchr).
The runs take turns, so that a slow minute of the machine hits all of them.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILT = ROOT / "target" / "release" / "examples"

READER = """
import json, resource, sys, time
import ocpplog
started = time.perf_counter()
log = ocpplog.read(sys.argv[1], threads=int(sys.argv[2]), progress=False)
seconds = time.perf_counter() - started
log.check()
rows = {name: table.height for name, table in log.tables().items()}
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": seconds, "peak_mb": peak, "rows": rows}))
"""


def make(folder: Path, megabytes: int) -> Path:
    """Make a log of about this size with the fleet simulator, once."""
    target = folder / f"fleet-{megabytes}"
    log = target / "fleet.jsonl"
    if not log.exists():
        command = [str(BUILT / "fleet"), "--seed", "5", "--charge-points", "300", "--megabytes", str(megabytes)]
        subprocess.run([*command, "--disturb", "0.02", "--out", str(target)], check=True, stdout=subprocess.DEVNULL)
    return log


def read(log: Path, threads: int) -> dict[str, float]:
    """Read a log in a process of its own."""
    done = subprocess.run([sys.executable, "-c", READER, log, str(threads)], check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def newlines(log: Path) -> float:
    """Count the newlines of a log in a process of its own."""
    started = time.perf_counter()
    subprocess.run([BUILT / "newlines", log], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, nargs="+", default=[250, 500, 1000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=ROOT / "target" / "bench")
    options = parser.parse_args()
    head = f"{'log':>8} {'threads':>7} {'seconds':>8} {'MB/s':>7} {'peak MB':>8} {'peak/log':>8}"
    print(f"{head} {'newlines s':>10} {'ratio':>6}")
    for megabytes in options.megabytes:
        log = make(options.folder, megabytes)
        size = log.stat().st_size / 1e6
        newlines(log)
        counted: list[float] = []
        results: dict[int, list[dict[str, float]]] = {1: [], 2: []}
        for _ in range(options.runs):
            counted.append(newlines(log))
            for threads, list_ in results.items():
                list_.append(read(log, threads))
        base = statistics.median(counted)
        for threads, list_ in results.items():
            seconds = statistics.median(result["seconds"] for result in list_)
            peak = statistics.median(result["peak_mb"] for result in list_)
            share = peak * 1.048576 / size
            print(
                f"{size:6.0f}MB {threads:7} {seconds:8.2f} {size / seconds:7.0f} {peak:8.0f} {share:8.2f} "
                f"{base:10.3f} {seconds / base:6.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
