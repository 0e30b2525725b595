"""Every notebook runs from top to bottom, and is what its source says; and a `Log` feels at home in one."""

from __future__ import annotations

import jupytext
import nbclient
import nbformat
import pytest

import notebooks

# What a front end asks the kernel when somebody presses Tab.
COMPLETION = """
from IPython.core.completer import provisionalcompleter
with provisionalcompleter():
    asked = [("log.tra", 7), ("ocpplog.schemas.firm", 20)]
    found = [name.text for ask in asked for name in get_ipython().Completer.completions(*ask)]
found
"""

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


@pytest.fixture(scope="module")
def cells():
    """What comes out of a cell that reads with a bar, one that completes names, and one that shows the log."""
    sources = [
        "import ocpplog\nlog = ocpplog.read(ocpplog.example_log().read_bytes(), progress=True)",
        COMPLETION,
        "log",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbclient.NotebookClient(notebook, timeout=120).execute()
    return [cell.outputs for cell in notebook.cells]


@pytest.mark.filterwarnings("default")
class TestFeel:
    def test_the_bar_is_one_output_that_ends_as_a_line(self, cells):
        drawn = [output["data"]["text/html"] for output in cells[0] if output.output_type == "display_data"]
        assert len(drawn) == 1
        assert drawn[0].startswith("read in ")
        assert not [output for output in cells[0] if "MB/s" in output.get("text", "")]

    def test_names_are_completed(self, cells):
        (output,) = cells[1]
        for name in ("trace", "transactions", "firmware_updates", "firmware_versions"):
            assert name in output["data"]["text/plain"]

    def test_the_log_shows_what_was_found_and_what_its_tables_are(self, cells):
        (output,) = cells[2]
        shown = output["data"]["text/html"]
        for text in ("8 (CP0001, CP0002, CP0003, …)", "2 (2 json_truncated)", "log.meter_values", "sampled value"):
            assert text in shown
