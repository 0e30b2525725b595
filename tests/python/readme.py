"""The parts of README.md and of the guides in docs/ that are made from the package itself.

`make readme` writes them; a test compares. Every block of Python or bash is run, from top to bottom, in a folder of its
own in which `logs/csms.log.gz` is the bundled log. What a block prints stands between the next two comments
`<!-- output:begin -->` and `<!-- output:end -->`, if there are such before the next block. The table of layouts stands
between `<!-- layouts:begin -->` and `<!-- layouts:end -->`.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import ocpplog
import polars as pl

README = Path(__file__).parents[2] / "README.md"
DOCS = README.parent / "docs"
# The others are made by docs.py, or are one file of the folder above.
PAGES = [README, *sorted(page for page in DOCS.rglob("*.md") if "```" in page.read_text(encoding="utf-8"))]
BLOCKS = r"```(?P<kind>python|bash)\n(?P<code>.*?)```|<!-- output:begin -->\n.*?<!-- output:end -->"


def layouts() -> str:
    """Make the table of the logs that are read."""
    rows = [
        f"| `{name}` | {_cell(writer)} | `{_code(example)}` |"
        for name, writer, example in ocpplog.schemas.layouts().iter_rows()
    ]
    return "\n".join(["| layout | what writes it | a line of it |", "|---|---|---|", *rows])


def run(code: str, names: dict[str, Any]) -> str:
    """Run a block of Python as a notebook does: a last line that is an expression is shown. Give what it prints."""
    tree = ast.parse(code)
    shown = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), pl.Config(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ocpplog.OcpplogWarning)
        pl.Config.restore_defaults()
        exec(compile(tree, "<page>", "exec"), names)  # noqa: S102  # our own text
        if isinstance(shown, ast.Expr):
            value = eval(compile(ast.Expression(shown.value), "<page>", "eval"), names)  # noqa: S307  # see above
            if value is not None:
                sys.stdout.write(f"{value}\n")
    return printed.getvalue().rstrip()


def shell(code: str) -> str:
    """Run a block of commands, with the command of this environment, and give what it prints."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", code],
        check=True,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        timeout=120,
        env={**os.environ, "PATH": path, "COLUMNS": "100", "PYTHONWARNINGS": "ignore"},
    )
    return done.stdout.rstrip()


def outputs(text: str) -> str:
    """Run all blocks from top to bottom, one after the other as a reader would, and put behind each what it prints."""
    names: dict[str, Any] = {}
    printed = ""

    def anew(found: re.Match[str]) -> str:
        nonlocal printed
        if found["code"] is not None:
            printed = shell(found["code"]) if found["kind"] == "bash" else run(found["code"], names)
            return found[0]
        return f"<!-- output:begin -->\n```text\n{printed}\n```\n<!-- output:end -->"

    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("logs").mkdir()
        shutil.copy(ocpplog.example_log(), "logs/csms.log.gz")
        return re.sub(BLOCKS, anew, text, flags=re.DOTALL)


def fresh(text: str) -> str:
    """Give a page with its parts made anew."""
    begin, end = "<!-- layouts:begin -->\n", "<!-- layouts:end -->"
    head, found, rest = text.partition(begin)
    if found:
        tail = rest.partition(end)[2]
        text = head + begin + layouts() + "\n" + end + tail
    return outputs(text)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _code(text: str) -> str:
    """Make a line fit into a table: one line, not too long, no bar that would end the cell."""
    line = text.replace("\n", " ").replace("`", "'").replace("|", "\\|")
    return line if len(line) <= 110 else line[:109] + "…"  # what a screen shows


if __name__ == "__main__":
    for page in PAGES:
        old = page.read_text(encoding="utf-8")
        new = fresh(old)
        page.write_text(new, encoding="utf-8")
        sys.stdout.write(f"{page.name} is {'as it was' if new == old else 'written again'}\n")
