"""Every notebook runs from top to bottom, and is what its source says."""

from __future__ import annotations

import jupytext
import nbformat
import pytest

import notebooks

each = pytest.mark.parametrize("source", notebooks.SOURCES, ids=lambda path: path.stem)


@each
@pytest.mark.filterwarnings("default")
def test_it_runs(source):
    assert notebooks.run(source).cells


@each
def test_the_stored_one_has_the_same_cells_and_no_error(source):
    stored = nbformat.read(source.with_suffix(".ipynb"), as_version=4)
    cells = [cell.source for cell in jupytext.read(source).cells]
    assert [cell.source for cell in stored.cells] == cells, "run `make notebooks`"
    outputs = [output for cell in stored.cells for output in cell.get("outputs", [])]
    assert outputs
    assert not [output for output in outputs if output.output_type == "error"]
