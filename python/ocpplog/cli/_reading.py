"""The options that every command shares which reads logs."""

from __future__ import annotations

import contextlib
import inspect
import sys
import warnings
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

import ocpplog
from ocpplog import exceptions
from ocpplog._store import is_written

from ._complete import complete_layout, complete_tables, known_tables, split
from ._guard import guarded
from ._print import in_short, note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Logs = Annotated[
    list[str],
    typer.Argument(metavar="LOG...", help="Files, folders, globs, or - for stdin.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there.")]


@dataclass(frozen=True)
class Reading:
    """The options of every command that reads logs; the metadata are what `--help` shows."""

    timezone: Annotated[
        str, typer.Option(help="Zone of stamps without an offset: auto, UTC, +01:00, Europe/Berlin.")
    ] = "auto"
    encoding: Annotated[
        str, typer.Option(help="Text encoding where no mark (BOM) tells it: utf-8, utf-16-le, latin-1, cp1252.")
    ] = "utf-8"
    charge_point_id: Annotated[
        str | None,
        typer.Option(help="Identity where the log has none, or a pattern with a group over the file name."),
    ] = None
    layout: Annotated[
        str,
        typer.Option(
            help="How the log is written; 'ocpplog schema layouts' lists the names.", autocompletion=complete_layout
        ),
    ] = "auto"
    side: Annotated[str, typer.Option(help="Who wrote the log: auto, csms or charge_point.")] = "auto"
    start: Annotated[
        str | None, typer.Option(help="Keep rows that end after this ISO time (UTC if it has no offset).")
    ] = None
    end: Annotated[str | None, typer.Option(help="Keep rows that start before this ISO time.")] = None
    charge_points: Annotated[str | None, typer.Option(help="Keep only these charge points, with commas between.")] = (
        None
    )
    tables: Annotated[
        str | None,
        typer.Option(help="Build only these tables, with commas between.", autocompletion=complete_tables),
    ] = None
    max_rejects: Annotated[int | None, typer.Option(help="Fail with exit code 3 if there are more rejects.")] = None
    strict: Annotated[bool, typer.Option("--strict", help="Fail with exit code 4 at the first reject.")] = False
    threads: Annotated[int | None, typer.Option(help="How many threads work; by default one per core.")] = None
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No summary, no warnings, no progress.")] = False
    progress: Annotated[
        bool | None,
        typer.Option("--progress/--no-progress", help="A bar on stderr; by default in a terminal if it takes long."),
    ] = None

    def read(self, source: Any, *, tables: list[str] | None = None) -> ocpplog.Log:
        """Read the logs as the options say, check the result, and sum it up on stderr."""
        chosen = tables if tables is not None else known_tables(self.tables)
        with _telling(quiet=self.quiet):
            log = ocpplog.read(
                source,
                tables=chosen,
                layout=self.layout,
                charge_point_id=self.charge_point_id,
                timezone=self.timezone,
                encoding=self.encoding,
                side=cast("Any", self.side),
                start=self.start,
                end=self.end,
                charge_points=split(self.charge_points),
                threads=self.threads,
                on_error="raise" if self.strict else "collect",
                max_rejects=self.max_rejects,
                progress=False if self.quiet else self.progress,
            )
        log.check()
        if not self.quiet:
            note(in_short(log))
        return log


def reads_logs(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `Reading`, without writing them down in each."""
    safe = guarded(command)

    def wrapped(**given: Any) -> None:
        shared = {field.name: given.pop(field.name) for field in fields(Reading)}
        safe(reading=Reading(**shared), **given)

    own = [item for item in inspect.signature(command, eval_str=True).parameters.values() if item.name != "reading"]
    annotations = inspect.get_annotations(Reading, eval_str=True)
    shared = [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=annotations[field.name],
        )
        for field in fields(Reading)
        if field.name not in {item.name for item in own}
    ]
    own = [item.replace(kind=inspect.Parameter.KEYWORD_ONLY) for item in own]
    wrapped.__name__, wrapped.__doc__ = command.__name__, command.__doc__
    wrapped.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]  # functions may have one
    wrapped.__annotations__ = {item.name: item.annotation for item in [*own, *shared]}
    return wrapped


def sources(logs: list[str]) -> Any:
    """Give what `ocpplog.read` takes for the arguments of a command."""
    refuse_tables(logs)
    return [("<stdin>", sys.stdin.buffer) if log == "-" else log for log in logs]


def refuse_tables(logs: list[str]) -> None:
    """Refuse what ocpplog itself wrote: as a log it is nothing."""
    for log in logs:
        if is_written(Path(log)):
            folder = log if Path(log).is_dir() else str(Path(log).parent)
            raise exceptions.OptionError(
                f"{log!r} holds tables that ocpplog wrote, not logs; in Python ocpplog.open({folder!r}) gives them"
            )


@contextlib.contextmanager
def _telling(*, quiet: bool) -> Iterator[None]:
    """Print the library's warnings as plain lines, once the work is done."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        if not quiet:
            note(f"warning: {warning.message}")
