"""Builds what is published, and tries it as a user would; `make wheel` and `make wheel-test` call it.

The same commit gives the same bytes: every time in the archives is that of the commit, and no path of the machine is in
the module. The test builds once more, from the unpacked source distribution in another folder, and compares.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
OUT = ROOT / "target" / "wheels"
LIMIT = 8_000_000  # bytes of a wheel
TRIAL = """
import importlib.util
import ocpplog
assert not [name for name in ("numpy", "pandas", "pyarrow", "altair") if importlib.util.find_spec(name)]
log = ocpplog.read(ocpplog.example_log())
log.check()
assert log.transactions["energy_wh"].sum() > 0
print(repr(log).splitlines()[0])
"""


def source_distribution(out: Path, root: Path = ROOT) -> Path:
    """Build the source distribution."""
    _maturin(root, "sdist", "--out", out)
    (built,) = out.glob("*.tar.gz")
    return built


def wheel(out: Path, root: Path = ROOT, target: Path = ROOT / "target" / "published") -> Path:
    """Build the wheel with the profile of published ones, which takes minutes."""
    arguments = ("build", "--profile", "dist", "--locked", "--out", out)
    _maturin(root, *arguments, target=target, CARGO_TARGET_DIR=str(target))
    (built,) = out.glob("*.whl")
    return built


def build() -> None:
    """Build both into `target/wheels`."""
    shutil.rmtree(OUT, ignore_errors=True)
    for built in (source_distribution(OUT), wheel(OUT)):
        sys.stdout.write(f"{_digest(built)}  {built.name}  {built.stat().st_size:,} bytes\n")


def test() -> None:
    """Build once more elsewhere, compare, and try the wheel in an empty environment."""
    (source,) = OUT.glob("*.tar.gz")
    (first,) = OUT.glob("*.whl")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        (unpacked,) = folder.glob("ocpplog-*")
        second = wheel(folder / "wheels", unpacked, folder / "target")
        _ensure(_digest(second) == _digest(first), f"{second.name} built from the sources has other bytes")
        _ensure(first.stat().st_size < LIMIT, f"{first.name} has {first.stat().st_size:,} bytes")
        with zipfile.ZipFile(first) as archive:
            names = archive.namelist()
        _ensure("-cp311-abi3-" in first.name, f"{first.name} is no wheel for every Python from 3.11 on")
        for part in ("ocpplog/py.typed", "ocpplog/_native.pyi", "ocpplog/data/example.log.gz", "/licenses/LICENSE"):
            _ensure(any(entry.endswith(part) for entry in names), f"{first.name} lacks {part}")
        _try_out(first, folder / "venv")
    sys.stdout.write("the wheel is the same from either folder and works beside Polars and typer alone\n")


def _try_out(built: Path, venv: Path) -> None:
    """Install the wheel into an empty environment and use it there."""
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    binaries = venv / ("Scripts" if os.name == "nt" else "bin")
    python = binaries / "python"
    pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", str(built)], check=True)  # with Polars and typer, which are all that it declares
    # -I: neither this folder nor the variables of this environment are to help.
    subprocess.run([str(python), "-I", "-W", "ignore", "-c", TRIAL], check=True, cwd=venv)
    subprocess.run([str(binaries / "ocpplog"), "demo"], check=True, cwd=venv, stdout=subprocess.DEVNULL)


def _maturin(root: Path, *arguments: object, target: Path = ROOT / "target", **variables: str) -> None:
    """Run maturin so that the same sources give the same bytes."""
    cargo = os.environ.get("CARGO_HOME") or str(Path.home() / ".cargo")
    # Build scripts write sources into the target folder. It may lie in the root: of two that fit the last one counts.
    names = ((cargo, "cargo"), (root, "ocpplog"), (target, "target"))
    flags = " ".join(f"--remap-path-prefix={path}={name}" for path, name in names)
    subprocess.run(
        [sys.executable, "-m", "maturin", *map(str, arguments)],
        cwd=root,
        check=True,
        env={**os.environ, "SOURCE_DATE_EPOCH": _epoch(), "RUSTFLAGS": flags, **variables},
    )


def _epoch() -> str:
    """Give the time of the commit, in seconds."""
    told = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, check=True, capture_output=True, text=True)
    return told.stdout.strip()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _ensure(holds: bool, otherwise: str) -> None:  # noqa: FBT001  # what is asked for is the condition
    if not holds:
        sys.exit(otherwise)


if __name__ == "__main__":
    {"build": build, "test": test}[sys.argv[1]]()
