"""What the README and the guides show is what happens."""

from __future__ import annotations

import re

import ocpplog
import pytest
import readme


def words(text: str) -> list[str]:
    return sorted(re.findall(r"[^\s─│┆═╞╡┌┐└┘┬┴╪]+", text))


@pytest.mark.parametrize("page", readme.PAGES, ids=lambda page: page.name)
def test_every_block_runs_and_prints_what_the_page_shows(page):
    text = page.read_text(encoding="utf-8")
    # Polars draws a frame a little differently from version to version, so the words are compared.
    assert words(readme.fresh(text)) == words(text), "run `make readme`"


def test_every_guide_is_run():
    assert {page.name for page in (readme.DOCS / "guides").iterdir()} <= {page.name for page in readme.PAGES}


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "DESIGN.md", "CHANGELOG.md"])
def test_every_link_leads_somewhere(root, page):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", (root / page).read_text(encoding="utf-8"))
    assert not [link for link in links if not (root / link).exists()]


def test_the_example_has_at_most_ten_lines():
    text = readme.README.read_text(encoding="utf-8")
    example = re.search(r"<!-- example:begin -->\n```python\n(.*?)```", text, re.DOTALL)
    assert example is not None
    assert len(example[1].splitlines()) <= 10


def test_every_table_is_named():
    text = readme.README.read_text(encoding="utf-8")
    for name in ocpplog.schemas.table_names():
        assert f"| `{name}` |" in text, name


def test_every_target_of_the_makefile_is_explained(root):
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))


def test_no_path_of_a_machine_is_in_the_project(root):
    patterns = [
        "*.md",
        "*.toml",
        "Makefile",
        ".ci/*",
        "python/**/*.py",
        "tests/python/*.py",
        "notebooks/*",
        "benches/*",
    ]
    files = [path for pattern in patterns for path in root.glob(pattern) if path.is_file()]
    assert not [path for path in files if re.search("/(?:home|root|work)/[a-z]", path.read_text(encoding="utf-8"))]
