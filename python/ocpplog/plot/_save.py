"""Pictures as files, without a browser and without a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocpplog._atomic import whole_file
from ocpplog.exceptions import OptionError

if TYPE_CHECKING:
    import os

    import altair as alt

_KINDS = (".png", ".svg", ".pdf", ".html", ".json")


def save(chart: alt.TopLevelMixin, path: str | os.PathLike[str], *, scale: float = 2, force: bool = True) -> Path:
    """Store a chart as PNG, SVG, PDF, HTML or JSON, by the ending of its name.

    The file is never seen half written, and is readable by its owner only. HTML has all it needs inside.
    Nothing is fetched.

    Parameters
    ----------
    chart : altair.Chart
        Any chart of Altair's.
    path : str or path
        The file; ``.png``, ``.svg``, ``.pdf``, ``.html`` or ``.json``.
    scale : float, default 2
        How many pixels of a PNG make one of the chart.
    force : bool, default True
        Replace a file of this name.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    OptionError
        If the name has another ending.
    OutputError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import ocpplog
    >>> from ocpplog import plot
    >>> log = ocpplog.read(ocpplog.example_log())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     plot.save(plot.energy(log), f"{folder}/energy.svg").stat().st_size > 1000
    True
    """
    target = Path(path)
    kind = target.suffix.lower()
    if kind not in _KINDS:
        raise OptionError(f"path: {target.name} does not end in {', '.join(_KINDS)}")
    content = _content(chart, kind, scale)
    with whole_file(target, force=force) as file:
        file.write(content)
    return target


def _content(chart: Any, kind: str, scale: float) -> bytes:
    if kind == ".json":
        return str(chart.to_json()).encode()
    if kind == ".html":
        return str(chart.to_html(inline=True)).encode()
    import vl_convert  # noqa: PLC0415  # a big library, loaded for the first picture that is stored

    spec = chart.to_dict()
    version = ".".join(spec["$schema"].rpartition("/v")[2].split(".")[:2])
    if kind == ".svg":
        return str(vl_convert.vegalite_to_svg(spec, vl_version=version)).encode()
    if kind == ".pdf":
        return bytes(vl_convert.vegalite_to_pdf(spec, vl_version=version))
    return bytes(vl_convert.vegalite_to_png(spec, vl_version=version, scale=scale))
