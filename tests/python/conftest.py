"""What the tests share."""

from __future__ import annotations

from pathlib import Path

import logs
import ocpplog
import pytest


@pytest.fixture(scope="session")
def example() -> ocpplog.Log:
    """The bundled log, with its messages."""
    return logs.quiet(ocpplog.example_log(), tables=list(ocpplog.schemas.table_names()))


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return Path(__file__).parents[2]
