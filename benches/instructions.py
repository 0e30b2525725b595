"""Instructions a byte of log from bytes to all tables, one thread: ``make bench-instructions``.

Seconds depend on what else the machine does, instructions do not (to 0.1 %). They are counted by callgrind on fixed
logs: the simulator's in some layouts, and the recipe of ``benches/compare.py``. Each is held against the number in
``benches/instructions.json``; more than 3 % above it fails. ``--record`` writes the numbers anew.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import recipe

ROOT = Path(__file__).resolve().parent.parent
BUILT = ROOT / "target" / "release" / "examples"
FOLDER = ROOT / "target" / "instructions"
RECORDED = ROOT / "benches" / "instructions.json"
LAYOUTS = ["json", "json-escaped", "mobilityhouse", "steve", "evcc", "bare-time", "bare"]
MEGABYTES = 20
MOST = 1.03


def simulated(layout: str) -> Path:
    """Make the simulator's log in a layout, once."""
    folder = FOLDER / layout
    if not folder.exists():
        # Frames without any words around them do not tell whose they are.
        points = "1" if layout == "bare" else "8"
        command = [str(BUILT / "fleet"), "--seed", "16", "--charge-points", points, "--megabytes", str(MEGABYTES)]
        command += ["--disturb", "0.05", "--layout", layout, "--out", str(folder)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return next(path for path in folder.iterdir() if path.name.startswith("fleet."))


def count(log: Path, reader: Path) -> float:
    """Count the instructions a byte of reading a log."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", str(reader), str(log)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if found is None:
        raise SystemExit(done.stderr)
    return int(found[1]) / log.stat().st_size


def main() -> None:
    """Count, compare and perhaps record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--reader", type=Path, default=BUILT / "read_log", help="another build of examples/read_log.rs")
    options = parser.parse_args()
    if shutil.which("valgrind") is None:
        sys.exit("valgrind is missing")
    recorded: dict[str, float] = json.loads(RECORDED.read_text()) if RECORDED.exists() else {}
    logs = {"recipe": recipe.make(FOLDER / "recipe.jsonl", MEGABYTES)}
    logs |= {layout: simulated(layout) for layout in LAYOUTS}
    counted: dict[str, float] = {}
    worse = []
    print(f"{'log':14} {'counted':>8} {'recorded':>8}")
    for name, log in logs.items():
        counted[name] = round(count(log, options.reader), 2)
        before = recorded.get(name)
        print(f"{name:14} {counted[name]:8.2f} {'' if before is None else f'{before:8.2f}'}", flush=True)
        if before is not None and counted[name] > before * MOST:
            worse.append(name)
    if options.record:
        RECORDED.write_text(json.dumps(counted, indent=2) + "\n")
    elif worse:
        sys.exit(f"over {MOST - 1:.0%} more instructions a byte than recorded: {', '.join(worse)}")


if __name__ == "__main__":
    main()
