"""A log for comparisons: JSON lines of OCPP 1.6, heavy in meter values, as large as asked and the same each time.

2,000 charge points (if no other number is asked for) with one connector each; on average a frame every 15 ms; of the
charge points that charge, most frames are MeterValues with eight sampled values (register, currents and voltages of
three phases, power), or, in another mix, hardly any.
"""

# ruff: noqa: S311 - dice, no secrets

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from pathlib import Path

CHARGE_POINTS = 2_000
# How likely one that is idle starts, and one that charges stops, or does one of these or sends its meter.
METERS = (0.15, 0.08, 0.85)
STATUSES = (0.9, 0.8, 0.82)
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


class Recipe:
    """Writes frames until there are enough bytes."""

    def __init__(self, out: TextIO, seed: int, charge_points: int, mix: tuple[float, float, float]) -> None:
        self.charge_points = charge_points
        self.mix = mix
        self.out = out
        self.dice = random.Random(seed)
        self.time = BEGIN
        self.written = 0
        self.ids = 0
        self.transactions = 1_000
        self.running: dict[int, int] = {}
        self.registers = [self.dice.randint(0, 10**7) for _ in range(charge_points)]

    @property
    def stamp(self) -> str:
        """The time, as logs write it."""
        return self.time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{self.time.microsecond // 1000:03d}Z"

    def line(self, number: int, direction: str, frame: list[Any]) -> None:
        """Write one frame."""
        record = {"timestamp": self.stamp, "charge_point_id": f"CP{number:05d}", "direction": direction}
        text = json.dumps(record | {"message": frame}, separators=(",", ":")) + "\n"
        self.out.write(text)
        self.written += len(text)

    def exchange(self, number: int, action: str, payload: dict[str, Any], answer: dict[str, Any]) -> None:
        """Write a call and its answer."""
        self.ids += 1
        name = f"{self.ids * 2_654_435_761 % 2**32:08x}-7f3a-4c1e-9b2d-{self.ids:012x}"
        self.line(number, "in", [2, name, action, payload])
        self.line(number, "out", [3, name, answer])

    def samples(self, number: int) -> list[dict[str, str]]:
        """Eight sampled values."""
        register = {"value": str(self.registers[number]), "context": "Sample.Periodic", "format": "Raw"}
        register |= {"measurand": "Energy.Active.Import.Register", "location": "Outlet", "unit": "Wh"}

        def sample(value: float, measurand: str, unit: str, phase: str | None = None) -> dict[str, str]:
            words = {"value": f"{value:.1f}", "context": "Sample.Periodic", "measurand": measurand}
            return words | ({"phase": phase} if phase else {}) | {"unit": unit}

        values = [register]
        for phase in ("L1", "L2", "L3"):
            values.append(sample(self.dice.uniform(0, 32), "Current.Import", "A", phase))
            values.append(sample(self.dice.uniform(225, 240), "Voltage", "V", f"{phase}-N"))
        values.append(sample(self.dice.uniform(0, 22_000), "Power.Active.Import", "W"))
        return values

    def step(self) -> None:
        """Let one charge point do something."""
        self.time += timedelta(milliseconds=self.dice.randint(1, 60))
        number, chance = self.dice.randrange(self.charge_points), self.dice.random()
        start_below, stop_below, meter_below = self.mix
        transaction = self.running.get(number)
        accepted = {"idTagInfo": {"status": "Accepted"}}
        if transaction is None and chance < start_below:
            status = {"connectorId": 1, "errorCode": "NoError", "status": "Preparing", "timestamp": self.stamp}
            self.exchange(number, "StatusNotification", status, {})
            self.transactions += 1
            start = {"connectorId": 1, "idTag": f"TAG{self.dice.randint(0, 99_999):06d}"}
            start |= {"meterStart": self.registers[number], "timestamp": self.stamp}
            self.exchange(number, "StartTransaction", start, accepted | {"transactionId": self.transactions})
            self.running[number] = self.transactions
        elif transaction is not None and chance < stop_below:
            stop = {"transactionId": transaction, "meterStop": self.registers[number], "timestamp": self.stamp}
            self.exchange(number, "StopTransaction", stop | {"reason": "EVDisconnected"}, accepted)
            del self.running[number]
        elif transaction is not None and chance < meter_below:
            self.registers[number] += self.dice.randint(50, 400)
            value = {"timestamp": self.stamp, "sampledValue": self.samples(number)}
            meter = {"connectorId": 1, "transactionId": transaction, "meterValue": [value]}
            self.exchange(number, "MeterValues", meter, {})
        else:
            self.exchange(number, "Heartbeat", {}, {"currentTime": self.stamp})


def make(
    path: Path,
    megabytes: float,
    seed: int = 7,
    charge_points: int = CHARGE_POINTS,
    mix: tuple[float, float, float] = METERS,
) -> Path:
    """Make the log, once."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("w", buffering=1 << 20) as out:
            recipe = Recipe(out, seed, charge_points, mix)
            while recipe.written < megabytes * 1e6:
                recipe.step()
        part.replace(path)
    return path
