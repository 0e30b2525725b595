"""The parts of README.md that are made from the package itself.

`make readme` writes them; a test compares. Each part stands between two comments, such as `<!-- layouts:begin -->`
and `<!-- layouts:end -->`.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
import warnings
from pathlib import Path

import ocpplog
import polars as pl

README = Path(__file__).parents[2] / "README.md"


def layouts() -> str:
    """Make the table of the logs that are read."""
    rows = [
        f"| `{name}` | {_cell(writer)} | `{_code(example)}` |"
        for name, writer, example in ocpplog.schemas.layouts().iter_rows()
    ]
    return "\n".join(["| layout | what writes it | a line of it |", "|---|---|---|", *rows])


def output(text: str) -> str:
    """Run the example of the README and give what it prints."""
    code = re.search(r"<!-- example:begin -->\n```python\n(.*?)```", text, re.DOTALL)
    if code is None:
        raise ValueError("the README has no example")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), pl.Config(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ocpplog.OcpplogWarning)
        pl.Config.restore_defaults()
        exec(compile(code[1], str(README), "exec"), {})  # noqa: S102  # our own text
    return f"```text\n{printed.getvalue().rstrip()}\n```"


def fresh(text: str) -> str:
    """Give the README with its parts made anew."""
    for name, part in {"layouts": layouts(), "output": output(text)}.items():
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        head, found, rest = text.partition(begin)
        _, closed, tail = rest.partition(end)
        if not found or not closed:
            raise ValueError(f"the README has no place for {name}")
        text = head + begin + part + "\n" + end + tail
    return text


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
