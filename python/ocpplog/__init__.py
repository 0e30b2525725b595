"""OCPP message logs in; transactions, status timelines and firmware-update outcomes out, as Polars DataFrames.

>>> import ocpplog
>>> log = ocpplog.read(ocpplog.example_log())
>>> log.transactions.height > 0
True
"""

from . import exceptions, schemas
from ._native import __version__
from ._scan import scan_messages, scan_meter_values
from .exceptions import OcpplogError, OcpplogWarning
from .io import detect, example_log, open, parse, read, rebuild
from .layout import Layout
from .log import Log
from .observation import Observation
from .rules import Rules

__all__ = [
    "Layout",
    "Log",
    "Observation",
    "OcpplogError",
    "OcpplogWarning",
    "Rules",
    "__version__",
    "detect",
    "example_log",
    "exceptions",
    "open",
    "parse",
    "read",
    "rebuild",
    "scan_messages",
    "scan_meter_values",
    "schemas",
]
