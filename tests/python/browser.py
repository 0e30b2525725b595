"""A headless Chromium that notes everything a page does beside showing itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


@dataclass
class Visit:
    """An open page, and what it asked for, complained of and popped up."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def open(self, path: Path) -> None:
        self.page.goto(path.resolve().as_uri())

    def texts(self, selector: str) -> list[str]:
        found: list[str] = self.page.locator(selector).all_inner_texts()
        return found


def chromium() -> str:
    """The browser of this machine; `make setup` installs Debian's where it may."""
    found = os.environ.get("OCPPLOG_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium on this machine, and it could not be installed: apt-get install chromium")
    return found


@contextmanager
def browsing() -> Iterator[Any]:
    """A browser for all pages of a module; playwright runs one at a time."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright has no build for this machine")
    with sync_api.sync_playwright() as playwright:
        # Without a sandbox, since tests run as root in containers.
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visiting(browser: Any, **options: Any) -> Iterator[Visit]:
    """A page of its own, without a history."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
    # A machine that does many things at once may take its time.
    context.set_default_timeout(120_000)
    visit = Visit(context.new_page())

    def dismiss(dialog: Any) -> None:
        visit.dialogs.append(dialog.message)
        dialog.dismiss()

    visit.page.on("request", lambda request: visit.requests.append(request.url))
    visit.page.on("console", lambda said: visit.complaints.append(f"{said.type}: {said.text}"))
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on("dialog", dismiss)
    try:
        yield visit
    finally:
        context.close()
