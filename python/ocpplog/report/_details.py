"""What the section of each charge point shows, as compact data for the script of the page."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from ocpplog.plot._faults import code

from . import _cells as cells
from ._fleet import connector_name
from ._reading import base
from ._strips import WORDS, days, strips, ticks

if TYPE_CHECKING:
    from ocpplog import Log

    from ._strips import Ground

# All sections together stay small enough to open at once, whatever the size of the fleet.
_SECTIONS, _TRANSACTIONS, _OTHERS = 2_000, 16_000, 8_000


def chosen(log: Log) -> dict[str | None, int]:
    """Give the charge points that have a section, and its place."""
    names = log.charge_points["charge_point_id"].head(_SECTIONS).to_list()
    return {name: place for place, name in enumerate(names)}


def details(ground: Ground) -> dict[str, Any]:
    """Collect the data of all sections."""
    found: list[dict[str, Any]] = [{} for _ in ground.places]
    sections = max(1, len(found))
    others = max(4, min(50, _OTHERS // sections))
    scale = strips(ground, found)
    _energy(ground, found)
    _transactions(ground, found, max(8, min(200, _TRANSACTIONS // sections)))
    _faults(ground, found, others)
    _updates(ground, found, others)
    _facts(ground, found)
    return {
        "charge_points": found,
        "note": cells.capped(ground.log.charge_points.height, _SECTIONS, "charge point"),
        "words": [word.replace("_", " ") for word in WORDS],
        "classes": [word.replace(" ", "_") for word in WORDS],
        "ticks": ticks(ground, scale),
        "stretches": scale.count,
        "step": _length(scale.step),
        "days": days(ground),
        "transactions": _heads(ground),
    }


_HEADS = [
    "begin",
    "connector",
    "duration",
    "energy (kWh)",
    "peak (kW)",
    "token",
    "ended by",
    "quality",
    "transaction",
    "stands at",
]


def _heads(ground: Ground) -> list[str]:
    return [head for head in _HEADS if head != "token" or ground.identities != "drop"]


def _length(step: timedelta) -> str:
    minutes = step // timedelta(minutes=1)
    return f"{minutes} minutes" if minutes % 60 else f"{minutes // 60} h"


def _facts(ground: Ground, found: list[dict[str, Any]]) -> None:
    seen = ground.log.charge_points.with_columns(
        ground.shown(pl.col(name)).alias(name) for name in ("first_seen", "last_seen")
    )
    for row in seen.iter_rows(named=True):
        place = ground.places.get(row["charge_point_id"])
        if place is None:
            continue
        model = " ".join(part for part in (row["vendor"], row["model"]) if part)
        found[place]["name"] = "unknown" if row["charge_point_id"] is None else cells.text(row["charge_point_id"])
        found[place]["facts"] = [
            ["vendor and model", cells.text(model)],
            ["firmware", cells.text(row["firmware_version"])],
            ["OCPP", cells.text(", ".join(row["ocpp_versions"] or ()))],
            ["seen", f"{cells.text(row['first_seen'])} to {cells.text(row['last_seen'])}"],
            ["messages", cells.number(row["messages"])],
            ["boots", cells.number(row["boots"])],
        ]


def _energy(ground: Ground, found: list[dict[str, Any]]) -> None:
    """Sum up the energy of each charge point per local day."""
    places = {day: place for place, day in enumerate(days(ground))}
    day = ground.clock.local(pl.coalesce("start_time", "stop_time")).dt.strftime("%Y-%m-%d")
    rows = (
        ground.rows("transactions")
        .with_columns(day=day)
        .filter(pl.col("energy_wh") > 0, pl.col("day").is_in(list(places)))
        .group_by("place", "day")
        .agg(energy=(pl.col("energy_wh").sum() / 1000).round(1))
        .sort("place", "day")
    )
    for place, name, energy in rows.iter_rows():
        found[place].setdefault("energy", []).append([places[name], energy])


def _transactions(ground: Ground, found: list[dict[str, Any]], each: int) -> None:
    # Rows become Python objects below: of seventy columns only these are needed.
    every = ground.rows("transactions").select(
        *("place", "start_time", "stop_time", "evse_id", "connector_id", "duration", "energy_wh", "peak_power_w"),
        *("id_tag", "stop_reason", "end_source", "quality", "transaction_id", "first_source_file", "first_source_line"),
    )
    for place, count in every.group_by("place").len().iter_rows():
        found[place]["transaction_count"] = count
    rows = (
        every.group_by("place", maintain_order=True)
        .tail(each)
        .with_columns(
            __begin=ground.shown(pl.coalesce("start_time", "stop_time")),
            __end=pl.coalesce(pl.col("stop_reason", "end_source").cast(pl.String).replace("", None)),
        )
    )
    # Column by column: a log of a gigabyte has thousands of these rows, and a few values that most of them share.
    written = {
        "begin": cells.each(rows["__begin"], cells.text),
        "connector": [connector_name(*row) for row in rows.select("evse_id", "connector_id").iter_rows()],
        "duration": cells.each(rows["duration"], cells.span),
        "energy (kWh)": cells.each(rows["energy_wh"], cells.kwh),
        "peak (kW)": cells.each(rows["peak_power_w"], cells.kwh),
        "token": cells.each(rows["id_tag"], ground.persons.token),
        "ended by": cells.each(rows["__end"], cells.text),
        "quality": cells.each(rows["quality"], cells.text),
        "transaction": cells.each(rows["transaction_id"], cells.text),
        "stands at": [
            f"{file}:{line}"
            for file, line in zip(
                cells.each(rows["first_source_file"], base), rows["first_source_line"].to_list(), strict=True
            )
        ],
    }
    heads = _heads(ground)
    for place, *row in zip(rows["place"].to_list(), *(written[head] for head in heads), strict=True):
        found[place].setdefault("transactions", []).append(row)


def _faults(ground: Ground, found: list[dict[str, Any]], each: int) -> None:
    every = ground.rows("faults")
    for place, count in every.group_by("place").len().iter_rows():
        found[place]["fault_count"] = count
    rows = (
        every.group_by("place", maintain_order=True)
        .tail(each)
        .with_columns(code=code(), __begin=ground.shown(pl.col("start_time")))
    )
    for row in rows.iter_rows(named=True):
        length = None if row["end_time"] is None else row["end_time"] - row["start_time"]
        found[row["place"]].setdefault("faults", []).append(
            [
                cells.text(row["__begin"]),
                connector_name(row["evse_id"], row["connector_id"]),
                cells.text(row["code"]),
                "not over" if length is None else cells.span(length),
                ground.persons.free_text(row["info"]),
                f"{base(row['source_file'])}:{row['source_line']}",
            ]
        )


def _updates(ground: Ground, found: list[dict[str, Any]], each: int) -> None:
    begin = ground.shown(pl.coalesce("requested_at", "first_status_time"))
    rows = ground.rows("firmware_updates").group_by("place", maintain_order=True).tail(each)
    for row in rows.with_columns(__begin=begin).iter_rows(named=True):
        found[row["place"]].setdefault("updates", []).append(
            [
                cells.text(row["__begin"]),
                cells.text((row["outcome"] or "").replace("_", " ")),
                cells.span(row["duration"]),
                f"{cells.text(row['version_before'])} → {cells.text(row['version_after'])}",
                f"{base(row['first_source_file'])}:{row['first_source_line']}",
            ]
        )
