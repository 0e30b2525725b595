"""The parts of README.md that are made from the package itself.

`make readme` writes them; a test compares. Each part stands between two comments, such as `<!-- layouts:begin -->`
and `<!-- layouts:end -->`. Every block of Python is run, and what it prints stands between the next two comments
`<!-- output:begin -->` and `<!-- output:end -->`, if there are such before the next block.
"""

from __future__ import annotations

import ast
import contextlib
import io
import re
import sys
import warnings
from pathlib import Path
from typing import Any

import ocpplog
import polars as pl

README = Path(__file__).parents[2] / "README.md"
BLOCKS = r"```python\n(?P<code>.*?)```|<!-- output:begin -->\n.*?<!-- output:end -->"


def layouts() -> str:
    """Make the table of the logs that are read."""
    rows = [
        f"| `{name}` | {_cell(writer)} | `{_code(example)}` |"
        for name, writer, example in ocpplog.schemas.layouts().iter_rows()
    ]
    return "\n".join(["| layout | what writes it | a line of it |", "|---|---|---|", *rows])


def run(code: str, names: dict[str, Any]) -> str:
    """Run a block as a notebook does: a last line that is an expression is shown. Give what it prints."""
    tree = ast.parse(code)
    shown = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), pl.Config(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ocpplog.OcpplogWarning)
        pl.Config.restore_defaults()
        exec(compile(tree, str(README), "exec"), names)  # noqa: S102  # our own text
        if isinstance(shown, ast.Expr):
            value = eval(compile(ast.Expression(shown.value), str(README), "eval"), names)  # noqa: S307  # see above
            if value is not None:
                sys.stdout.write(f"{value}\n")
    return printed.getvalue().rstrip()


def outputs(text: str) -> str:
    """Run all blocks from top to bottom, one after the other as a reader would, and put behind each what it prints."""
    names: dict[str, Any] = {}
    printed = ""

    def anew(found: re.Match[str]) -> str:
        nonlocal printed
        if found["code"] is not None:
            printed = run(found["code"], names)
            return found[0]
        return f"<!-- output:begin -->\n```text\n{printed}\n```\n<!-- output:end -->"

    return re.sub(BLOCKS, anew, text, flags=re.DOTALL)


def fresh(text: str) -> str:
    """Give the README with its parts made anew."""
    begin, end = "<!-- layouts:begin -->\n", "<!-- layouts:end -->"
    head, found, rest = text.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise ValueError("the README has no place for layouts")
    return outputs(head + begin + layouts() + "\n" + end + tail)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _code(text: str) -> str:
    """Make a line fit into a table: one line, not too long, no bar that would end the cell."""
    line = text.replace("\n", " ").replace("`", "'").replace("|", "\\|")
    return line if len(line) <= 110 else line[:109] + "…"  # what a screen shows


if __name__ == "__main__":
    old = README.read_text(encoding="utf-8")
    README.write_text(fresh(old), encoding="utf-8")
    sys.stdout.write("README.md is as it was\n" if fresh(old) == old else "README.md is written again\n")
