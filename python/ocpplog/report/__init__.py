"""A report of a log: one HTML file that opens anywhere, ``pip install 'ocpplog[report]'``.

The file fetches nothing: pictures, script and style are inside, and a content security policy forbids the rest.
The same log gives the same bytes. `Log.report` is the short way.

Examples
--------
>>> import tempfile
>>> import ocpplog
>>> from ocpplog import report
>>> log = ocpplog.read(ocpplog.example_log())
>>> with tempfile.TemporaryDirectory() as folder:
...     facts = report.write(log, f"{folder}/report.html")
>>> facts.charge_points
8
"""

try:
    import altair as _altair  # noqa: F401, ICN001  # asked for here, so that the message below is the only one
    import jinja2 as _jinja2  # noqa: F401
    import vl_convert as _vl_convert  # noqa: F401
except ModuleNotFoundError as _missing:
    if _missing.name not in {"altair", "jinja2", "vl_convert"}:
        raise
    raise ModuleNotFoundError(
        f"the report needs {_missing.name}, which is not installed: pip install 'ocpplog[report]'", name=_missing.name
    ) from None

from ._write import Facts, Identities, Pen, check_options, write

__all__ = ["Facts", "Identities", "Pen", "check_options", "write"]
