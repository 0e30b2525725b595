"""When the energy of a transaction flowed, as far as its readings tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from ocpplog._text import plural

TRANSACTION_COLUMNS = ["charge_point_id", "transaction_id", "start_time", "stop_time", "energy_wh", "meter_start_wh"]
REGISTER_COLUMNS = ["charge_point_id", "transaction_id", "time", "measurand", "phase", "location", "value"]
# What the readings may differ from the energy before they are not believed, as in the tables' own comparison.
_TOLERANCE_WH, _TOLERANCE = 50.0, 0.01
# What would last longer has a wrong year at one end.
_LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Flow:
    """Energy in spans of time; the spans of a transaction add up to its ``energy_wh``."""

    spans: pl.DataFrame
    """``charge_point_id``, ``start``, ``end``, ``energy_wh``; transaction by transaction, in order of time."""
    even: int
    """Transactions whose energy is spread evenly, since no readings tell when it flowed."""
    left_out: int
    """Transactions with energy whose times are not known, or cannot be: the end before the start, or years later."""
    left_out_wh: float
    """Their energy."""

    def notes(self) -> list[str]:
        """Say what was assumed and left out."""
        notes = []
        if self.even:
            notes.append(f"{plural(self.even, 'transaction')} without usable readings: energy spread evenly over time.")
        if self.left_out:
            left = f"{self.left_out_wh / 1000:,.1f} kWh of {plural(self.left_out, 'transaction')}"
            notes.append(f"Left out, since start or end is not known or cannot be: {left}.")
        return notes


def flow(transactions: pl.DataFrame, meter_values: pl.DataFrame | None) -> Flow:
    """Lay the energy of transactions into time.

    Between two readings of the register energy flows evenly. What lies before the first and behind the last
    reading is what the meters of start and stop leave for it. Readings that fall, or climb by more than the
    transaction's energy, are not used: then the energy is spread over the time in which it flowed.
    """
    energetic = transactions.filter(pl.col("energy_wh") > 0).with_row_index("__key")
    optional = [name for name in ("first_charging_time", "last_charging_time") if name in energetic.columns]
    begin, end = (
        pl.coalesce("start_time", *[name for name in optional if name.startswith("first")]),
        pl.coalesce("stop_time", *[name for name in optional if name.startswith("last")]),
    )
    told = energetic.select(
        "__key",
        "charge_point_id",
        "transaction_id",
        "energy_wh",
        "meter_start_wh",
        __begin=begin,
        __end=end,
        __from=pl.coalesce(*[name for name in optional if name.startswith("first")], begin),
        __to=pl.coalesce(*[name for name in optional if name.startswith("last")], end),
    )
    length = pl.col("__end") - pl.col("__begin")
    whole = length.is_between(timedelta(0), _LONGEST).fill_null(value=False)
    timed, rest = told.filter(whole), told.filter(~whole)
    measured = _measured(timed, meter_values)
    uneven = measured["__key"].unique()
    even = timed.filter(~pl.col("__key").is_in(uneven.implode()))
    # The time of charging may be told by another clock; it counts only inside the transaction.
    inside = (
        (pl.col("__from") >= pl.col("__begin"))
        & (pl.col("__to") <= pl.col("__end"))
        & (pl.col("__to") > pl.col("__from"))
    )
    spread = even.select(
        "__key",
        "charge_point_id",
        start=pl.when(inside).then("__from").otherwise("__begin"),
        end=pl.when(inside).then("__to").otherwise("__end"),
        energy_wh="energy_wh",
    )
    spans = pl.concat([measured.select("__key", "charge_point_id", "start", "end", "energy_wh"), spread])
    return Flow(
        spans=spans.sort("__key", "start", "end", "energy_wh").drop("__key"),
        even=even.height,
        left_out=rest.height,
        left_out_wh=float(rest["energy_wh"].sum()),
    )


def registers(meter_values: pl.DataFrame) -> pl.DataFrame:
    """Pick the readings of the energy register of transactions."""
    location = pl.col("location")
    return meter_values.filter(
        pl.col("measurand") == "Energy.Active.Import.Register",
        pl.col("phase").is_null(),
        location.is_null() | (location == "Outlet"),
        pl.col("value").is_finite(),
        pl.col("transaction_id").is_not_null(),
        pl.col("time").is_not_null(),
    )


def _measured(timed: pl.DataFrame, meter_values: pl.DataFrame | None) -> pl.DataFrame:
    """Lay out the transactions whose readings tell when energy flowed."""
    spans = {"__key": timed.schema["__key"], "charge_point_id": pl.String(), "start": pl.Datetime("us", "UTC")}
    empty = pl.DataFrame(schema={**spans, "end": pl.Datetime("us", "UTC"), "energy_wh": pl.Float64()})
    if meter_values is None or meter_values.is_empty() or timed.is_empty():
        return empty
    readings = (
        registers(meter_values.select(REGISTER_COLUMNS))
        .select("charge_point_id", "transaction_id", "time", "value")
        .join(timed, on=["charge_point_id", "transaction_id"], how="inner")
        .filter(pl.col("time").is_between("__begin", "__end"))
        .select("__key", "time", "value")
        .sort("__key", "time", "value")
    )
    same = pl.col("__key") == pl.col("__key").shift(1)
    readings = (
        # Of several readings at one time the register was at the highest last.
        readings.filter(
            pl.col("__key").ne_missing(pl.col("__key").shift(-1)) | (pl.col("time") != pl.col("time").shift(-1))
        ).with_columns(
            step=pl.when(same).then(pl.col("value").diff()), before=pl.when(same).then(pl.col("time").shift(1))
        )
    )
    sums = (
        readings.group_by("__key", maintain_order=True)
        .agg(
            lowest=pl.col("step").min().fill_null(0.0),
            first=pl.col("value").first(),
            first_time=pl.col("time").first(),
            last_time=pl.col("time").last(),
            climbed=pl.col("value").last() - pl.col("value").first(),
        )
        .join(timed.drop("transaction_id"), on="__key", how="left", maintain_order="left")
    )
    allowed = pl.max_horizontal(pl.lit(_TOLERANCE_WH), pl.col("energy_wh") * _TOLERANCE)
    rest = pl.col("energy_wh") - pl.col("climbed")
    # A register that counts from the start of the session begins with what flowed before its first reading.
    by_meter, by_session = pl.col("first") - pl.col("meter_start_wh"), pl.col("first")
    fits = (by_meter >= -allowed) & (by_meter <= rest + allowed)
    head = (
        pl.when(fits)
        .then(by_meter)
        .when((by_session <= rest + allowed) & (by_session >= 0))
        .then(by_session)
        .when(pl.col("meter_start_wh").is_null() & (rest.abs() <= allowed))
        .then(0.0)
    )
    usable = (
        sums.with_columns(rest=rest, head=head)
        .filter(
            pl.col("head").is_not_null(),
            pl.col("lowest") >= 0,
            pl.col("rest") >= -allowed,
            # A single reading that says nothing of its own is no shape.
            (pl.col("climbed") > 0) | (pl.col("first_time") > pl.col("__begin")),
        )
        # Registers count in steps; where they climb by a little more than the energy, the energy holds.
        .with_columns(scale=pl.min_horizontal(1.0, pl.col("energy_wh") / pl.col("climbed")))
        .with_columns(rest=pl.max_horizontal("rest", 0.0))
        .with_columns(head=pl.min_horizontal(pl.max_horizontal("head", 0.0), "rest"))
    )
    between = readings.join(usable.select("__key", "charge_point_id", "scale"), on="__key", how="inner").filter(
        pl.col("step") > 0
    )
    parts = [
        usable.select("__key", "charge_point_id", start="__begin", end="first_time", energy_wh="head"),
        between.select(
            "__key", "charge_point_id", start="before", end="time", energy_wh=pl.col("step") * pl.col("scale")
        ),
        usable.select(
            "__key", "charge_point_id", start="last_time", end="__end", energy_wh=pl.col("rest") - pl.col("head")
        ),
    ]
    return pl.concat(parts).filter(pl.col("energy_wh") > 0)
