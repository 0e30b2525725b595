"""Charts as pictures inside of the page: no script, no style of their own, no request."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # what it reads was drawn by ourselves, a moment ago
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from ocpplog.plot._save import svg

if TYPE_CHECKING:
    import altair as alt

    from ocpplog.plot._save import Draw

# The colours of text and lines follow the page, light or dark; these stand for them until then.
_TEXT, _LINE = "#010203", "#010204"
_PAGE = {_TEXT: "currentColor", _LINE: "var(--line)"}
_CONFIG: dict[str, Any] = {
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelColor": _TEXT,
        "titleColor": _TEXT,
        "gridColor": _LINE,
        "domainColor": _LINE,
        "tickColor": _LINE,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "titlePadding": 8,
    },
    "legend": {
        "labelColor": _TEXT,
        "titleColor": _TEXT,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "orient": "top",
        "titleFontWeight": "normal",
        "symbolType": "square",
    },
}
_TAGS = {
    "svg",
    "g",
    "path",
    "text",
    "tspan",
    "rect",
    "line",
    "circle",
    "defs",
    "clipPath",
    "linearGradient",
    "stop",
    "title",
}
_DRAWING = {
    *("d", "x", "y", "x1", "y1", "x2", "y2", "dx", "dy", "cx", "cy", "r", "width", "height", "transform", "viewBox"),
    *(
        "fill",
        "fill-opacity",
        "stroke",
        "stroke-width",
        "stroke-opacity",
        "stroke-dasharray",
        "stroke-linecap",
        "opacity",
    ),
    *("text-anchor", "font-size", "font-weight", "offset", "stop-color", "clip-path", "id", "gradientUnits"),
    *("stroke-linejoin", "stroke-miterlimit"),
}
_MARKS = 400  # so many marks have a text of their own when the mouse rests on them


@dataclass(frozen=True)
class Picture:
    """A chart, what stands above it and what it leaves out."""

    title: str
    notes: list[str]
    svg: str


def picture(
    chart: alt.Chart,
    name: str,
    *,
    width: int,
    height: int | None = None,
    title: str | None = None,
    draw: Draw | None = None,
) -> Picture:
    """Draw a chart, by other means than usual if ``draw`` is given."""
    sized = chart.properties(width=width, **({} if height is None else {"height": height}))
    spec = sized.to_dict(validate=False)  # our own charts, and their tests validate them
    told = spec.pop("title", {})
    told = {"text": told} if isinstance(told, str) else told
    drawn = svg(spec, _CONFIG, draw)
    heading = title or str(told.get("text", ""))
    return Picture(heading, list(told.get("subtitle", [])), _clean(drawn, name, heading))


def _clean(drawn: str, name: str, heading: str) -> str:
    """Write the picture again with nothing but shapes and texts in it."""
    root = ET.fromstring(drawn)  # noqa: S314  # drawn by ourselves; a document type would not get through the tags below
    many = sum(1 for item in root.iter() if item.get("aria-roledescription") or item.get("aria-label")) > _MARKS
    kept = _kept(root, name, hints=not many)
    kept.set("role", "img")
    kept.set("aria-label", heading)
    for size in ("width", "height"):
        kept.attrib.pop(size, None)
    return ET.tostring(kept, encoding="unicode")


def _kept(item: ET.Element, name: str, *, hints: bool) -> ET.Element:
    tag = _bare(item.tag)
    kept = ET.Element(tag)
    for key, value in item.attrib.items():
        if _bare(key) in _DRAWING:
            kept.set(_bare(key), _own(_bare(key), value, name))
    kept.text = item.text
    label = item.get("aria-label")
    if hints and label and item.get("role") == "graphics-symbol":
        ET.SubElement(kept, "title").text = label
    for child in item:
        if _bare(child.tag) in _TAGS:
            inner = _kept(child, name, hints=hints)
            kept.append(inner)
    return kept


def _own(key: str, value: str, name: str) -> str:
    """Keep the names inside of a picture apart from those of the next one."""
    if key == "id":
        return f"{name}-{value}"
    if value.startswith("url(#"):
        return f"url(#{name}-{value[5:]}"
    return _PAGE.get(value.lower(), value)


@cache
def _bare(tag: str) -> str:
    return tag.rpartition("}")[2]
