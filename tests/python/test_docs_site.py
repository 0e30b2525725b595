"""The site of the documentation is built without a warning, and needs nothing from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

import docs


class Loaded(HTMLParser):
    """Collects what a browser would fetch to show a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag in {"script", "img", "iframe", "source", "video"}:
            self.found.append(told.get("src") or "")
        elif tag == "link" and "canonical" not in (told.get("rel") or ""):
            self.found.append(told.get("href") or "")


@pytest.fixture(scope="module")
def site(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=root,
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_every_page_is_there(site):
    pages = {page.relative_to(docs.DOCS).with_suffix("") for page in docs.DOCS.rglob("*.md")}
    assert pages <= {page.relative_to(site).with_suffix("") for page in site.rglob("*.html")}


def test_nothing_is_fetched_from_elsewhere(site):
    for page in site.rglob("*.html"):
        loaded = Loaded()
        loaded.feed(page.read_text(encoding="utf-8"))
        assert not [place for place in loaded.found if re.match(r"(https?:)?//", place)], page.name
    for sheet in site.rglob("*.css"):
        assert not re.search(r"""(url\(|@import)\s*["']?(https?:)?//""", sheet.read_text(encoding="utf-8")), sheet.name


def test_everything_public_is_explained(site):
    import ocpplog

    page = (site / "api.html").read_text(encoding="utf-8")
    names = set(ocpplog.__all__) - {"__version__", "plot"}
    assert not [
        name for name in names if f'id="ocpplog.{name}"' not in page and f'id="ocpplog.exceptions.{name}"' not in page
    ]


def test_the_pages_of_the_folder_above_are_taken_over(site):
    assert "What was decided, and on what evidence." in (site / "design.html").read_text(encoding="utf-8")
