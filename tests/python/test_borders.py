"""What a module may use, and what importing the package costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import ocpplog
import pytest

PACKAGE = Path(ocpplog.__file__).parent
# They stand on the public API, so that everybody's own tools can do what they do.
FACES = [
    path
    for name in ("cli", "plot", "kpi", "report", "export", "spark.py")
    for path in [PACKAGE / name]
    if path.exists()
]


def imports(path: Path) -> set[str]:
    """The full names of all modules and names that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module or ''}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("face", FACES, ids=lambda path: path.name)
def test_the_faces_do_not_touch_the_native_module(face):
    for path in [face] if face.is_file() else face.rglob("*.py"):
        assert not [name for name in imports(path) if "_native" in name], path


def test_nothing_is_printed_by_the_library():
    for path in PACKAGE.rglob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        assert not [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"], path


def test_the_package_names_only_what_is_public():
    source = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    assert all(isinstance(node, (ast.Expr, ast.Import, ast.ImportFrom, ast.Assign)) for node in source.body)
    assert sorted(ocpplog.__all__, key=str.lower) == sorted(set(ocpplog.__all__), key=str.lower)
    assert all(hasattr(ocpplog, name) for name in ocpplog.__all__)


def test_the_import_loads_polars_and_no_other_table_library():
    code = """
import os, sys, threading
import polars
before = dict(os.environ)
known = set(sys.modules)
threads = threading.active_count()
import ocpplog
new = {name.partition(".")[0] for name in set(sys.modules) - known}
print(sorted(new & {"pyarrow", "pandas", "numpy", "typer", "click", "rich", "altair", "pyspark", "IPython", "tqdm"}))
print(sorted(name for name in new if name not in sys.stdlib_module_names))
print(dict(os.environ) == before, threading.active_count() == threads)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "['ocpplog']", "True True"]


def test_every_public_thing_is_documented():
    for name in ocpplog.__all__:
        item = getattr(ocpplog, name)
        assert name == "__version__" or item.__doc__, name
        if isinstance(item, type):
            assert not [
                member
                for member, value in vars(item).items()
                if not member.startswith("_") and isinstance(value, property) and not value.__doc__
            ]
