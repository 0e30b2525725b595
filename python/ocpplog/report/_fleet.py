"""The fleet: charge points, connectors, faults, firmware, contact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from ocpplog._text import plural
from ocpplog.plot._faults import code
from ocpplog.plot._firmware import campaigns

from . import _cells as cells
from ._cells import Column, Table
from ._figures import CLASSES, availability, built, charges, connectors, contact, period, total

if TYPE_CHECKING:
    from ocpplog import Log
    from ocpplog.plot._frame import Clock

    from ._identities import Persons

ROWS = 4_000  # more charge points or connectors than this are not listed
_WORDS = 1_000  # nor more codes, versions, files or actions


def headline(log: Log, persons: Persons) -> list[tuple[str, str, str]]:
    """Give the figures that come first: name, value, and a word about it."""
    summary, rows = log.summary(), connectors(log)
    transactions = charges(built(log, "transactions"))
    count = int(summary["transactions"].sum())
    energy = float(summary["energy_wh"].sum())
    good, failed = int(summary["quality_good"].sum()), int(summary["failed_starts"].sum())
    known, operative = float(rows["known"].sum()), float(rows["operative"].sum())
    told = period(log)
    faults = built(log, "faults")
    days = [] if told is None else [f"{(told[1] - told[0]).total_seconds() / 86_400:,.1f} days"]
    with_energy = transactions["energy_wh"].drop_nulls()
    mean = f"{with_energy.mean() / 1000:,.1f} kWh a charge" if with_energy.len() else ""  # type: ignore[operator]  # a mean of floats
    return [
        ("Charge points", f"{summary.height:,}", ", ".join([plural(rows.height, "connector"), *days])),
        ("Charges", f"{count:,}", f"{plural(persons.count, 'token')}, {plural(failed, 'failed start')}"),
        ("Energy", _energy(energy), mean),
        ("Charging time", cells.span(total(summary, "charging_duration")), "over all connectors"),
        (
            "Operative",
            cells.share(operative / known) if known else cells.NOTHING,
            f"of {known:,.0f} connector hours whose status is known",
        ),
        ("Faults", f"{faults.height:,}", f"at {plural(faults['charge_point_id'].n_unique(), 'charge point')}"),
        (
            "Quality good",
            cells.share(good / count) if count else cells.NOTHING,
            "of the charges: nothing inferred, no contradiction",
        ),
    ]


def _energy(energy_wh: float) -> str:
    for unit, size in (("GWh", 1e9), ("MWh", 1e6)):
        if energy_wh >= size:
            return f"{energy_wh / size:,.2f} {unit}"
    return f"{energy_wh / 1e3:,.1f} kWh"


def fleet(log: Log, places: dict[str | None, int]) -> Table:
    """List the charge points."""
    told = log.charge_points.select("charge_point_id", "vendor", "model", "ocpp_versions")
    rows = log.summary()
    for more in (told, availability(connectors(log)), contact(log).select("charge_point_id", "share")):
        rows = rows.join(more, on="charge_point_id", how="left", maintain_order="left", nulls_equal=True)
    shown = rows.head(ROWS)
    good = [good / count if count else None for good, count in shown.select("quality_good", "transactions").iter_rows()]
    models = [" ".join(part for part in row if part) for row in shown.select("vendor", "model").iter_rows()]
    return Table(
        "fleet",
        [
            cells.charge_points(shown["charge_point_id"].to_list(), places),
            cells.texts("vendor and model", models),
            cells.texts("OCPP", shown["ocpp_versions"].list.join(", ")),
            cells.texts("firmware", shown["firmware_version"]),
            cells.numbers("charges", shown["transactions"]),
            cells.numbers("energy (kWh)", shown["energy_wh"], cells.kwh),
            cells.spans("charging time", shown["charging_duration"]),
            cells.numbers("kWh a charge", shown["mean_energy_wh"], cells.kwh),
            cells.spans("mean duration", shown["mean_duration"]),
            cells.numbers("failed starts", shown["failed_starts"]),
            cells.numbers("faults", shown["faults"]),
            cells.numbers("operative", shown["availability"], cells.share, "share of the known connector time"),
            cells.numbers("in contact", shown["share"], cells.share),
            cells.numbers("quality good", good, cells.share),
        ],
        caption="Charge points",
        note=cells.capped(rows.height, ROWS, "charge point"),
    )


def statuses(log: Log, places: dict[str | None, int]) -> Table:
    """List the connectors and how their time was spent."""
    rows = connectors(log)
    shown = rows.head(ROWS)
    shares = [_split(row) for row in shown.select(CLASSES).iter_rows()]
    percent = {name: [row[place] / 1000 if sum(row) else None for row in shares] for place, name in enumerate(CLASSES)}
    return Table(
        "statuses",
        [
            cells.charge_points(shown["charge_point_id"].to_list(), places),
            cells.texts(
                "connector", [connector_name(*row) for row in shown.select("evse_id", "connector_id").iter_rows()]
            ),
            Column("time by status", shares, "split", [row[2] for row in shares]),
            cells.numbers("operative", shown["availability"], cells.share, "not unavailable or faulted, of known time"),
            *(
                cells.numbers(name.replace("_", " "), percent[name], cells.share)
                for name in CLASSES
                if name != "unknown" and any(percent[name])
            ),
            cells.numbers("known (h)", shown["known"], _one_digit, "hours in which the status is known"),
            cells.numbers("not known (h)", shown["stale"], _one_digit, "hours out of contact or of unknown status"),
        ],
        caption="Connectors",
        note=cells.capped(rows.height, ROWS, "connector"),
    )


def _one_digit(value: float | None) -> str:
    return cells.number(value, 1)


def _split(hours: tuple[float, ...]) -> list[int]:
    """Give each class its thousandths of the whole."""
    whole = sum(hours)
    return [round(1000 * part / whole) for part in hours] if whole > 0 else [0] * len(hours)


def connector_name(evse: int | None, connector: int | None) -> str:
    """Name a connector as the charge point does."""
    if evse is None and connector is None:
        return "?"
    if evse is None or connector is None or evse == connector:
        return str(connector if evse is None else evse)
    return f"{evse}.{connector}"


def faults(log: Log, clock: Clock, persons: Persons) -> Table:
    """Rank the faults."""
    spent = (pl.col("end_time") - pl.col("start_time")).dt.total_microseconds()
    rows = (
        built(log, "faults")
        .with_columns(code=code(), __spent=spent, __first=clock.local("start_time").dt.strftime("%Y-%m-%d %H:%M"))
        .sort("start_time", maintain_order=True)
        .group_by("code", maintain_order=True)
        .agg(
            pl.col("mrec_code").cast(pl.String).drop_nulls().first(),
            n=pl.len(),
            charge_points=pl.col("charge_point_id").n_unique(),
            connectors=pl.struct("charge_point_id", "evse_id", "connector_id").n_unique(),
            hours=pl.col("__spent").sum() / 3.6e9,
            longest=pl.col("__spent").max() / 3.6e9,
            open=pl.col("end_time").null_count(),
            first=pl.col("__first").first(),
            last=pl.col("__first").last(),
            info=pl.col("info").drop_nulls().first(),
        )
        .sort(["n", "code"], descending=[True, False])
    )
    shown = rows.head(_WORDS)
    return Table(
        "faults",
        [
            cells.texts("code", shown["code"]),
            cells.texts("MREC", shown["mrec_code"]),
            cells.numbers("faults", shown["n"]),
            cells.numbers("charge points", shown["charge_points"]),
            cells.numbers("connectors", shown["connectors"]),
            cells.numbers("hours until over", shown["hours"], _one_digit),
            cells.numbers("longest (h)", shown["longest"], _one_digit),
            cells.numbers("not over", shown["open"]),
            cells.times("first", shown["first"]),
            cells.times("last", shown["last"]),
            cells.texts("first text", [persons.free_text(info) for info in shown["info"]]),
        ],
        caption="Faults by code",
        order=2,
        note=cells.capped(rows.height, _WORDS, "code"),
    )


def versions(log: Log) -> Table:
    """Count charge points by vendor, model and firmware version."""
    rows = (
        log.charge_points.group_by("vendor", "model", "firmware_version")
        .agg(n=pl.len())
        .sort(["n", "vendor", "model", "firmware_version"], descending=[True, False, False, False])
    )
    shown = rows.head(_WORDS)
    return Table(
        "versions",
        [
            cells.texts("vendor", shown["vendor"]),
            cells.texts("model", shown["model"]),
            cells.texts("firmware at the end of the log", shown["firmware_version"]),
            cells.numbers("charge points", shown["n"]),
        ],
        caption="Firmware versions",
        page=10,
        order=3,
        note=cells.capped(rows.height, _WORDS, "version"),
    )


def updates(log: Log) -> Table:
    """Count the update jobs by file and outcome."""
    rows = campaigns(built(log, "firmware_updates")).sort(
        ["jobs", "file", "outcome_class"], descending=[True, False, False]
    )
    shown = rows.head(_WORDS)
    return Table(
        "updates",
        [
            cells.texts("file", shown["file"]),
            cells.texts("outcome", [(word or "").replace("_", " ") for word in shown["outcome_class"]]),
            cells.texts("in detail", [(words or "").replace("_", " ") for words in shown["outcomes"]]),
            cells.numbers("jobs", shown["jobs"]),
            cells.numbers("charge points", shown["charge_points"]),
        ],
        caption="Firmware updates by file",
        page=10,
        order=3,
        note=cells.capped(rows.height, _WORDS, "file and outcome"),
    )


def contacts(log: Log, places: dict[str | None, int]) -> Table:
    """List when charge points were in contact."""
    rows = contact(log)
    shown = rows.head(ROWS)
    return Table(
        "contacts",
        [
            cells.charge_points(shown["charge_point_id"].to_list(), places),
            cells.numbers("in contact", shown["share"], cells.share, "of the time online or offline"),
            cells.spans("online", shown["online"]),
            cells.spans("offline", shown["offline"]),
            cells.numbers("times offline", shown["spells"]),
            cells.spans("longest", shown["longest"]),
            cells.spans("recorder silent", shown["unknown"], "nobody was heard then"),
        ],
        caption="Contact with charge points",
        note=cells.capped(rows.height, ROWS, "charge point"),
    )


def calls(log: Log) -> Table:
    """Sum up the calls by direction and action."""
    from ocpplog.plot._latency import times  # noqa: PLC0415  # its neighbours draw

    rows = times(built(log, "call_statistics"))

    def ms(value: Any) -> str:
        return cells.number(value, 0 if value is not None and value >= 10 else 1)  # noqa: PLR2004

    shown = rows.head(_WORDS)
    return Table(
        "calls",
        [
            cells.texts("action", shown["action"]),
            cells.texts("called by", [word.replace("from_", "").replace("_", " ") for word in shown["direction"]]),
            cells.numbers("calls", shown["calls"]),
            cells.numbers("answered", shown["answered"]),
            cells.numbers("refused", shown["errors"]),
            cells.numbers("not answered", shown["unanswered"]),
            cells.numbers("p50 (ms)", shown["p50_ms"], ms, "median over the charge points"),
            cells.numbers("p95 (ms)", shown["p95_ms"], ms, "median over the charge points"),
            cells.texts("slowest charge point", shown["slowest"]),
            cells.numbers("its p95 (ms)", shown["slowest_p95_ms"], ms),
        ],
        caption="Calls and answers",
        page=10,
        order=2,
        note=cells.capped(rows.height, _WORDS, "action"),
    )
