"""Pictures as files, without a browser and without a network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ocpplog._atomic import check_target, whole_file
from ocpplog.exceptions import OptionError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    import altair as alt

# Draws a chart of a version of Vega-Lite, with a configuration.
Draw: TypeAlias = "Callable[[dict[str, Any], str, dict[str, Any] | None], str]"
_NAME = re.compile(r'\bid="([^"]+)"')
_NAMED = re.compile(r'(\bid="|url\(#)([^")]+)')
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
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
        If the file cannot be written: it is a folder, or there is no such folder.

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
    check_target(target, force=force)
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

    spec = _sound(chart.to_dict())
    if kind == ".svg":
        return svg(spec).encode()
    version = _version(spec)
    if kind == ".pdf":
        return bytes(vl_convert.vegalite_to_pdf(spec, vl_version=version))
    return bytes(vl_convert.vegalite_to_png(spec, vl_version=version, scale=scale))


def svg(spec: dict[str, Any], config: dict[str, Any] | None = None, draw: Draw | None = None) -> str:
    """Draw a chart as SVG, perhaps by other means; the same chart gives the same text."""
    drawn = (draw or _draw)(_sound(spec), _version(spec), config)
    # The names of gradients and clips count on from one picture to the next.
    names = dict.fromkeys(_NAME.findall(drawn))
    numbers = {name: f"{name.rstrip('0123456789')}{number}" for number, name in enumerate(names)}
    return _NAMED.sub(lambda found: f"{found[1]}{numbers.get(found[2], found[2])}", drawn)


def _draw(spec: dict[str, Any], version: str, config: dict[str, Any] | None) -> str:
    import vl_convert  # noqa: PLC0415  # see above

    return str(vl_convert.vegalite_to_svg(spec, vl_version=version, config=config))


def _sound(value: Any) -> Any:
    """Replace the characters that XML cannot write: over one of them the library ends the whole process."""
    if isinstance(value, str):
        return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {name: _sound(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_sound(item) for item in value]
    return value


def _version(spec: dict[str, Any]) -> str:
    return ".".join(spec["$schema"].rpartition("/v")[2].split(".")[:2])
