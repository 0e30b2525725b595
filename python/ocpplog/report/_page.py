"""The page itself: a template, a style, a script, and the policy that allows these and nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from ocpplog.plot import status_colors

from ._figures import CLASSES

if TYPE_CHECKING:
    from ._cells import Table
    from ._svg import Picture

# What could end the script element or the line; in JSON each may be written as an escape.
_LIVE = {char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def embedded(value: Any) -> Markup:
    """Write JSON so that it can stand inside of a page."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # Half of a surrogate pair, as broken logs have it, is no text that could be encoded.
    sound = written.encode("utf-8", "replace").decode("utf-8")
    for live, escape in _LIVE.items():
        sound = sound.replace(live, escape)
    return Markup(sound)  # noqa: S704  # nothing live is left in it


def page(*, tables: dict[str, Table], pictures: dict[str, Picture], details: dict[str, Any], **told: Any) -> str:
    """Fill the template."""
    style, script = _style(), _file("report.js")
    policy = (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    written: str = _template().render(
        tables=tables,
        pictures=pictures,
        classes=CLASSES,
        sections_note=details["note"],
        policy=policy,
        style=Markup(style),  # noqa: S704  # our own file
        script=Markup(script),  # noqa: S704  # our own file
        data=embedded({"tables": {name: table.data() for name, table in tables.items()}, "details": details}),
        **told,
    )
    return written


@cache
def _template() -> jinja2.Template:
    loader = jinja2.FunctionLoader(_file)
    environment = jinja2.Environment(
        autoescape=True,
        loader=loader,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.globals["drawn"] = _drawn
    return environment.get_template("report.html.j2")


def _drawn(picture: Picture) -> Markup:
    # It was taken apart and put together again from shapes and escaped texts.
    return Markup(picture.svg)  # noqa: S704


@cache
def _style() -> str:
    colors = {**status_colors, "online": "#9DB4C8", "offline": "#5E2B97", "recorder_silent": "#D9D9D9"}
    rules = "\n".join(f".s-{name} {{ fill: {color}; background: {color}; }}" for name, color in colors.items())
    return f"{_file('report.css')}\n{rules}\n"


def _file(name: str) -> str:
    return (resources.files("ocpplog.report") / "templates" / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
