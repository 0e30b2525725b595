"""What an analyst writes today to get the same numbers from the same log, one function for each tool.

``python benches/peers.py TOOL LOG THREADS`` does the job and prints a line of JSON: seconds (once the tool is loaded),
peak memory, and what it found: frames, transactions (starts joined with their answers and their stops), reports of
status, sampled values, and the energy of all transactions that stopped. ocpp-lens tells frames and sessions only.
"""

# ruff: noqa: C901, PLC0415, PLR2004 - a script as one writes it; each tool is loaded for its own job only
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Found = dict[str, float]
# What was read, to be held against the equations when the time is taken.
READ: list[Any] = []


def ocpplog_(path: str, threads: int) -> Found:
    """Read everything: all tables but messages."""
    import ocpplog
    import polars as pl

    log = ocpplog.read(path, threads=threads, progress=False)
    READ.append(log)
    calls = log.call_statistics.filter(pl.col("action") == "StatusNotification")
    return {
        "frames": float(log.accounting["messages"].sum()),
        "transactions": log.transactions.height,
        "statuses": float(calls["calls"].sum()),
        "values": log.meter_values.height,
        "energy_wh": float(log.transactions["energy_wh_start_stop"].sum()),
    }


def script(path: str, loads: Callable[[bytes], Any]) -> Found:
    """Loop over the lines."""
    asked: dict[tuple[str, str], dict[str, Any]] = {}
    started: dict[tuple[str, int], dict[str, Any]] = {}
    statuses: list[tuple[Any, ...]] = []
    values: list[tuple[Any, ...]] = []
    frames, energy = 0, 0.0
    with open(path, "rb") as lines:  # noqa: PTH123 - as a script would
        for line in lines:
            record = loads(line)
            frame = record["message"]
            charge_point = record["charge_point_id"]
            frames += 1
            if frame[0] == 3:
                start = asked.pop((charge_point, frame[1]), None)
                if start is not None:
                    started[charge_point, frame[2]["transactionId"]] = start
                continue
            action, payload = frame[2], frame[3]
            if action == "MeterValues":
                transaction = payload.get("transactionId")
                for value in payload["meterValue"]:
                    when = value["timestamp"]
                    for sample in value["sampledValue"]:
                        words = (sample.get("measurand"), sample.get("phase"), sample.get("unit"))
                        values.append((charge_point, transaction, when, *words, float(sample["value"])))
            elif action == "StartTransaction":
                asked[charge_point, frame[1]] = payload
            elif action == "StopTransaction":
                start = started.get((charge_point, payload["transactionId"]))
                if start is not None:
                    start["stop"] = payload
                    energy += payload["meterStop"] - start["meterStart"]
            elif action == "StatusNotification":
                statuses.append((charge_point, payload["connectorId"], payload["status"], record["timestamp"]))
    found = {"transactions": len(started), "statuses": len(statuses), "values": len(values)}
    return found | {"frames": frames, "energy_wh": energy}


def orjson_(path: str, _threads: int) -> Found:
    """Loop with orjson."""
    import orjson

    return script(path, orjson.loads)


def json_(path: str, _threads: int) -> Found:
    """Loop with the standard library."""
    return script(path, json.loads)


def duckdb_(path: str, threads: int) -> Found:
    """SQL over JSON."""
    import duckdb

    base = duckdb.connect()
    base.execute(f"set threads = {threads}")
    columns = "{timestamp: 'TIMESTAMPTZ', charge_point_id: 'VARCHAR', message: 'JSON'}"
    base.execute(f"create table lines as from read_ndjson('{path}', columns = {columns})")
    base.execute("""
        create table frames as
        select "timestamp" as time, charge_point_id, message->>0 as kind, message->>1 as id,
               case message->>0 when '2' then message->>2 end as action,
               case message->>0 when '2' then message->3 else message->2 end as payload
        from lines;
        create table transactions as
        select starts.charge_point_id, answers.payload->>'transactionId' as transaction_id,
               starts.payload->>'idTag' as id_tag,
               starts.payload->>'timestamp' as start_time, stops.payload->>'timestamp' as stop_time,
               (stops.payload->>'meterStop')::double - (starts.payload->>'meterStart')::double as energy_wh
        from (from frames where action = 'StartTransaction') as starts
        join (from frames where kind = '3') as answers
          on answers.charge_point_id = starts.charge_point_id and answers.id = starts.id
        left join (from frames where action = 'StopTransaction') as stops
          on stops.charge_point_id = starts.charge_point_id
         and stops.payload->>'transactionId' = answers.payload->>'transactionId';
        create table statuses as
        select charge_point_id, payload->>'connectorId' as connector_id, payload->>'status' as status,
               time as start_time,
               lead(time) over (partition by charge_point_id, payload->>'connectorId' order by time) as end_time
        from frames where action = 'StatusNotification';
        create table samples as
        select charge_point_id, payload->>'transactionId' as transaction_id, meter->>'timestamp' as time,
               sample->>'measurand' as measurand, sample->>'phase' as phase, sample->>'unit' as unit,
               (sample->>'value')::double as value
        from (select charge_point_id, payload, unnest(cast(payload->'meterValue' as json[])) as meter
              from frames where action = 'MeterValues'),
             unnest(cast(meter->'sampledValue' as json[])) as each(sample);
    """)

    def one(query: str) -> float:
        row = base.execute(query).fetchone()
        return float(row[0]) if row else 0.0

    tables = {"frames": "frames", "transactions": "transactions", "statuses": "statuses", "values": "samples"}
    found = {name: one(f"select count(*) from {table}") for name, table in tables.items()}  # noqa: S608
    return found | {"energy_wh": one("select sum(energy_wh) from transactions")}


def polars_(path: str, _threads: int) -> Found:
    """Polars with JSON paths: the message is an array of mixed types, which no JSON reader of it takes."""
    import polars as pl

    def path_of(name: str) -> pl.Expr:
        return pl.col("line").str.json_path_match(name)

    lines = pl.scan_csv(path, has_header=False, separator="\x01", quote_char=None, new_columns=["line"])
    frames = lines.select(
        charge_point_id=path_of("$.charge_point_id"),
        time=path_of("$.timestamp"),
        kind=path_of("$.message[0]"),
        id=path_of("$.message[1]"),
        third=path_of("$.message[2]"),
        payload=path_of("$.message[3]"),
    ).collect()
    calls = frames.filter(pl.col("kind") == "2")

    def of(action: str, fields: dict[str, Any]) -> pl.DataFrame:
        chosen = calls.filter(pl.col("third") == action).select("charge_point_id", "time", "id", "payload")
        return chosen.with_columns(pl.col("payload").str.json_decode(pl.Struct(fields))).unnest("payload")

    starts = of("StartTransaction", {"connectorId": pl.Int64, "idTag": pl.String, "meterStart": pl.Int64})
    stops = of("StopTransaction", {"transactionId": pl.Int64, "meterStop": pl.Int64, "reason": pl.String})
    answers = frames.filter(pl.col("kind") == "3").join(starts, on=["charge_point_id", "id"], how="semi")
    number = pl.col("third").str.json_path_match("$.transactionId").cast(pl.Int64)
    joined = starts.join(answers.select("charge_point_id", "id", transactionId=number), on=["charge_point_id", "id"])
    joined = joined.join(stops, on=["charge_point_id", "transactionId"], how="left", suffix="_stop")
    statuses = of("StatusNotification", {"connectorId": pl.Int64, "status": pl.String})
    statuses = statuses.with_columns(end_time=pl.col("time").shift(-1).over("charge_point_id", "connectorId"))
    sample = pl.Struct(dict.fromkeys(("value", "measurand", "phase", "unit", "context"), pl.String))
    value = pl.Struct({"timestamp": pl.String, "sampledValue": pl.List(sample)})
    meters = of("MeterValues", {"transactionId": pl.Int64, "meterValue": pl.List(value)}).select(
        "charge_point_id", "transactionId", "meterValue"
    )
    flat = meters.explode("meterValue").unnest("meterValue").explode("sampledValue").unnest("sampledValue")
    flat = flat.with_columns(pl.col("value").cast(pl.Float64))
    energy = (joined["meterStop"] - joined["meterStart"]).sum()
    found = {"frames": frames.height, "transactions": joined.height, "statuses": statuses.height}
    return found | {"values": flat.height, "energy_wh": float(energy)}


def ocpp_lens_(path: str, _threads: int) -> Found:
    """ocpp-lens, which has sessions and no meter values."""
    from ocpp_lens import OCPPAnalyzer, OCPPLogParser

    messages = OCPPLogParser().parse_file(path)
    return {"frames": len(messages), "transactions": OCPPAnalyzer().analyze(messages).total_sessions}


TOOLS = {
    "ocpplog": ocpplog_,
    "orjson": orjson_,
    "json": json_,
    "duckdb": duckdb_,
    "polars": polars_,
    "ocpp-lens": ocpp_lens_,
}


def main() -> None:
    """Do one job and tell what it took."""
    tool, path, threads = sys.argv[1:]
    importlib.import_module(tool.replace("-", "_"))
    started = time.perf_counter()
    found = TOOLS[tool](path, int(threads))
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for log in READ:
        log.check()
    sys.stdout.write(json.dumps({"seconds": seconds, "peak_mb": peak, "found": found}) + "\n")


if __name__ == "__main__":
    main()
