"""How fast logs are read, and how much memory that takes, beside the time that counting the newlines takes.

Makes logs of 0.25, 0.5 and 1 GB with the fleet simulator (kept in target/bench), then reads each in a process of its
own, with one thread and with two. Counting the newlines of the same bytes, in memory, is what no reader can beat.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "target" / "bench"
READ = """
import sys, time, warnings, ocpplog
warnings.simplefilter("ignore")
begin = time.perf_counter()
log = ocpplog.read(sys.argv[1], threads=int(sys.argv[2]), progress=False)
print(time.perf_counter() - begin, log.accounting["messages"].sum(), log.transactions.height)
"""


def log(megabytes: int) -> Path:
    """Give a log of about this size; it is made once."""
    folder = FOLDER / str(megabytes)
    path = folder / "fleet.jsonl"
    if not path.exists():
        simulator = ROOT / "target" / "release" / "examples" / "fleet"
        size = ["--megabytes", str(megabytes), "--charge-points", "50", "--disturb", "0.05"]
        subprocess.run([simulator, *size, "--out", folder], check=True, stdout=subprocess.DEVNULL)
    return path


def read(path: Path, threads: int) -> tuple[float, float, str]:
    """Give seconds, peak memory in MB and what was found."""
    child = subprocess.Popen([sys.executable, "-c", READ, str(path), str(threads)], stdout=subprocess.PIPE, text=True)
    if child.stdout is None:
        raise RuntimeError("no output to read")
    printed = child.stdout.read()
    # `wait4` tells the peak of this child alone.
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"reading {path.name} ended with {child.returncode}")
    seconds, messages, transactions = printed.split()
    # Kilobytes on Linux, bytes on macOS.
    peak = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    return float(seconds), peak, f"{int(messages):,} messages, {int(transactions):,} transactions"


def count_newlines(path: Path) -> float:
    """Give the seconds that counting the newlines takes; `bytes.count` of one byte is memchr."""
    total = 0.0
    with path.open("rb") as file:
        while piece := file.read(64 << 20):
            begin = time.perf_counter()
            piece.count(b"\n")
            total += time.perf_counter() - begin
    return total


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, nargs="+", default=[250, 500, 1000])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    arguments = parser.parse_args()
    print(f"{'log':>9} {'what':>12} {'seconds':>9} {'MB/s':>8} {'peak MB':>9}")
    for megabytes in arguments.megabytes:
        path = log(megabytes)
        size = path.stat().st_size / 1e6
        seconds = count_newlines(path)
        print(f"{size:>6,.0f} MB {'newlines':>12} {seconds:>9.2f} {size / seconds:>8,.0f}")
        for threads in arguments.threads:
            seconds, peak, found = read(path, threads)
            name = f"{threads} thread{'s' if threads > 1 else ''}"
            print(f"{size:>6,.0f} MB {name:>12} {seconds:>9.2f} {size / seconds:>8,.0f} {peak:>9,.0f}  {found}")


if __name__ == "__main__":
    main()
