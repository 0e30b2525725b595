"""Runs the notebooks and stores them with their outputs, beside their sources; `make notebooks` calls it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import jupytext
import nbclient
import nbformat

FOLDER = Path(__file__).parents[2] / "notebooks"
SOURCES = sorted(FOLDER.glob("*.py"))


def run(source: Path) -> Any:
    """Run a notebook from top to bottom and give it with its outputs."""
    notebook = jupytext.read(source)
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(FOLDER)}}).execute()
    return notebook


def store(source: Path) -> None:
    """Write the notebook with its outputs, without what changes from run to run or tells of this machine."""
    notebook = run(source)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            # A warning on stderr begins with the path of a temporary file.
            if output.get("name") == "stderr":
                output["text"] = (
                    "\n".join(line.partition(": ")[2] or line for line in output["text"].splitlines()[:1]) + "\n"
                )
    notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"]}
    nbformat.write(notebook, source.with_suffix(".ipynb"))


if __name__ == "__main__":
    for path in SOURCES:
        store(path)
        sys.stdout.write(f"{path.stem} is done\n")
