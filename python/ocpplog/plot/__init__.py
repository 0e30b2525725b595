"""Pictures of a log, drawn with Altair: ``pip install 'ocpplog[plot]'``.

Each function takes the `Log`, or the table that it draws, and returns one plain ``altair.Chart``: layer it,
put it beside another one, give it another size with ``.properties(width=…)``. What a chart leaves out or
assumes stands in its subtitle, and ``chart.data`` is the frame of figures behind it. A status, a quality and
an outcome have the same colour everywhere; the colours are told apart by colour-blind readers, too.

Examples
--------
>>> import ocpplog
>>> from ocpplog import plot
>>> log = ocpplog.read(ocpplog.example_log())
>>> plot.energy(log).data["energy_kwh"].sum() > 0
True
"""

try:
    import altair as _altair  # noqa: F401, ICN001  # asked for here, so that the message below is the only one
except ModuleNotFoundError as _missing:
    if _missing.name != "altair":
        raise
    raise ModuleNotFoundError(
        "the pictures need Altair, which is not installed: pip install 'ocpplog[plot]'", name="altair"
    ) from None

from ._energy import energy
from ._faults import faults
from ._firmware import firmware
from ._heatmap import heatmap
from ._latency import latency
from ._load import load
from ._power import power
from ._save import save
from ._theme import outcome_colors, quality_colors, status_colors
from ._timeline import timeline

__all__ = [
    "energy",
    "faults",
    "firmware",
    "heatmap",
    "latency",
    "load",
    "outcome_colors",
    "power",
    "quality_colors",
    "save",
    "status_colors",
    "timeline",
]
