"""``ocpplog report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, cast

import typer

from ocpplog._pen import Pen

from ._print import note, say_json
from ._reading import Force, Json, Logs, Reading, reads_logs, sources


@reads_logs
def report(
    logs: Logs,
    *,
    reading: Reading,
    out: Annotated[Path, typer.Option("-o", "--out", help="The HTML file to write.")],
    title: Annotated[str | None, typer.Option(help="What stands on top; by default the period.")] = None,
    local_time: Annotated[str, typer.Option(help="The zone in which times are shown, such as Europe/Berlin.")] = "UTC",
    identities: Annotated[
        str, typer.Option(help="Tokens of drivers: pseudonym (a number each), raw, or drop.")
    ] = "pseudonym",
    made_at: Annotated[str | None, typer.Option(help="A time of making to print; by default none.")] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Write a report: one HTML file that opens without a network."""
    # What draws starts while Altair is loaded and the log is read.
    with Pen() as pen:
        # A missing extra or a wrong option is told before gigabytes are read.
        from ocpplog import report as reporting  # noqa: PLC0415  # the libraries behind it take a while to load

        reporting.check_options(out, time_zone=local_time, identities=identities, made_at=made_at, force=force)
        log = reading.read(sources(logs))
        facts = reporting.write(
            log,
            out,
            title=title,
            time_zone=local_time,
            identities=cast("Any", identities),
            made_at=made_at,
            force=force,
            pen=pen,
        )
    if not reading.quiet:
        note(f"wrote {out}, {facts.size_bytes / 1e6:,.1f} MB")
    if as_json:
        say_json(facts.as_dict())
