"""``ocpplog inspect``."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

import ocpplog
from ocpplog._text import visible

from ._complete import known_tables
from ._print import records, say, say_json, say_wrapped
from ._reading import Json, Logs, Reading, reads_logs, refuse_tables


@reads_logs
def inspect_(
    logs: Logs,
    *,
    reading: Reading,
    rows: Annotated[int, typer.Option("-n", "--rows", min=0, help="How many rejects to list.")] = 10,
    as_json: Json = False,
) -> None:
    """Tell what the logs are, and on what evidence. Layouts, versions, zones, charge points, sums, first rejects."""
    refuse_tables(logs)
    # Both look at the same sources, and stdin can be read only once.
    source = [("<stdin>", sys.stdin.buffer.read()) if log == "-" else log for log in logs]
    found = ocpplog.detect(source, encoding=reading.encoding)
    log = reading.read(source, tables=known_tables(reading.tables))
    if as_json:
        parts = {
            "detected": found,
            "charge_points": log.charge_points,
            "accounting": log.accounting,
            "rejects": log.rejects.head(rows),
        }
        say_json({name: records(frame) for name, frame in parts.items()})
        return
    for line in repr(log).splitlines():
        say_wrapped(line)
    for row in found.iter_rows(named=True):
        side = f", written by the {row['side'].replace('_', ' ')}" if row["side"] else ""
        compression = row["compression"] or "plain"
        say(f"\n{visible(row['source_file'])}: {row['layout'] or 'no layout fits'} ({compression}{side})")
        say_wrapped(f"OCPP {', '.join(row['ocpp_versions']) or 'of a version that is not told'}, {_zone(row)}", 2)
        if row["evidence"]:
            say("  evidence, of a large log from a sample at its beginning:")
        for sentence in row["evidence"] or ():
            say_wrapped(f"- {visible(sentence)}", 2)
    for name in ("charge_points", "accounting"):
        say(f"\n{name}")
        for row in records(log.tables()[name]):
            say_wrapped(", ".join(f"{key} {_word(value)}" for key, value in row.items() if value not in (None, [])), 2)
    if log.rejects.height:
        say(f"\nrejects (the first {min(rows, log.rejects.height)} of {log.rejects.height:,})")
        for row in records(log.rejects.head(rows)):
            line = "" if row["source_line"] is None else f":{row['source_line']}"
            say_wrapped(f"{visible(row['source_file'])}{line}: {row['reason']}: {visible(row['detail'] or '')}", 2)


def _word(value: Any) -> str:
    """Write a value as a reader says it."""
    return visible(" and ".join(map(str, value)) if isinstance(value, list) else str(value))


def _zone(row: dict[str, Any]) -> str:
    """Say what the zone of a source is and how that is known."""
    if row["timezone_source"] is None:
        return "no stamps"
    return f"stamps in {row['timezone'] or 'more than one offset'} ({row['timezone_source']})"
