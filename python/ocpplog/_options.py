"""The options of the reading functions, each checked once before anything is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict

from . import schemas
from ._time import micros
from .exceptions import OptionError
from .layout import Layout
from .rules import Rules

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    Instant: TypeAlias = datetime | date | str

_SIDES = ("csms", "charge_point")
_VERSIONS = ("1.2", "1.5", "1.6", "2.0", "2.0.1", "2.1")
Side: TypeAlias = Literal["auto", "csms", "charge_point"]
Version: TypeAlias = Literal["auto", "1.2", "1.5", "1.6", "2.0", "2.0.1", "2.1"]
OnError: TypeAlias = Literal["collect", "raise"]


class Options(TypedDict):
    """What every reading function of the core is told."""

    layout: str | tuple[str | None, list[tuple[str, str]]] | None
    charge_point_id: str | None
    override: bool
    timezone: str
    encoding: str
    side: str | None
    ocpp_version: str | None
    start: int | None
    end: int | None
    charge_points: list[str] | None
    threads: int | None


def reading_options(
    *,
    layout: str | Layout,
    charge_point_id: str | re.Pattern[str] | None,
    override: bool,
    timezone: str,
    encoding: str,
    side: str,
    ocpp_version: str,
    start: Instant | None,
    end: Instant | None,
    charge_points: Iterable[str] | None,
    threads: int | None,
) -> Options:
    if side not in {"auto", *_SIDES}:
        raise OptionError(f"side: {side!r} is not one of 'auto', {_listed(_SIDES)}")
    if ocpp_version not in {"auto", *_VERSIONS}:
        raise OptionError(f"ocpp_version: {ocpp_version!r} is not one of 'auto', {_listed(_VERSIONS)}")
    if threads is not None:
        check_whole(threads, "threads", least=1)
    since, until = micros(start, "start"), micros(end, "end")
    if since is not None and until is not None and since >= until:
        raise OptionError(f"start: {start} does not lie before end, {end}")
    return {
        "layout": _layout(layout),
        "charge_point_id": _identity(charge_point_id),
        "override": bool(override),
        "timezone": text_option(timezone, "timezone"),
        "encoding": text_option(encoding, "encoding"),
        "side": None if side == "auto" else side,
        "ocpp_version": None if ocpp_version == "auto" else ocpp_version,
        "start": since,
        "end": until,
        "charge_points": _texts(charge_points, "charge_points"),
        "threads": threads,
    }


def _layout(layout: object) -> str | tuple[str | None, list[tuple[str, str]]] | None:
    if isinstance(layout, Layout):
        return layout._told()  # noqa: SLF001 - the option's own class
    name = text_option(layout, "layout")
    return None if name == "auto" else name


def _listed(words: Iterable[str]) -> str:
    return ", ".join(repr(word) for word in words)


def check_whole(value: object, option: str, *, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise OptionError(f"{option}: {value!r} is not a whole number of {least} or more")


def text_option(value: object, option: str) -> str:
    if not isinstance(value, str):
        raise OptionError(f"{option}: {value!r} is not a text")
    return value


def _texts(values: Iterable[str] | None, option: str) -> list[str] | None:
    if values is None:
        return None
    if isinstance(values, str):
        return [values]
    try:
        return [text_option(value, option) for value in values]
    except TypeError:
        raise OptionError(f"{option}: {values!r} is not a list of texts") from None


def table_names(tables: Iterable[str] | None) -> list[str] | None:
    names = _texts(tables, "tables")
    known = schemas.table_names()
    for name in names or ():
        if name not in known:
            raise OptionError(f"tables: there is no table {name!r}; the tables are {', '.join(known)}")
    return names


def _identity(charge_point_id: str | re.Pattern[str] | None) -> str | None:
    if isinstance(charge_point_id, re.Pattern):
        if charge_point_id.groups == 0:
            raise OptionError("charge_point_id: the pattern needs a group that holds the identity")
        ignore_case = "(?i)" if charge_point_id.flags & re.IGNORECASE else ""
        return ignore_case + charge_point_id.pattern
    return None if charge_point_id is None else text_option(charge_point_id, "charge_point_id")


def rule_values(rules: Rules) -> dict[str, float]:
    if not isinstance(rules, Rules):
        raise OptionError(f"rules: {rules!r} is not an ocpplog.Rules")
    return rules.to_native()
