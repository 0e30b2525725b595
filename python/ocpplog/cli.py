"""The command line: thin, over the public functions.

Data goes to stdout, everything else to stderr. Exit codes: 0 done, 2 usage, 3 over the reject limit, 4 input,
5 output, 70 broken equation, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import json
import os
import sys
import warnings
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import polars as pl
import typer

import ocpplog
from ocpplog import exceptions
from ocpplog._text import plural, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_STORIES = ("transactions", "status_intervals", "firmware_updates")
# What fits on a screen of the many columns of the three stories.
_SHOWN = {
    "transactions": [
        "charge_point_id",
        "evse_id",
        "transaction_id",
        "start_time",
        "duration",
        "energy_wh",
        "energy_method",
        "state",
        "stop_reason",
        "quality",
        "flags",
    ],
    "status_intervals": [
        "charge_point_id",
        "evse_id",
        "connector_id",
        "start_time",
        "end_time",
        "duration",
        "status",
        "error_code",
        "end_reason",
    ],
    "firmware_updates": [
        "charge_point_id",
        "kind",
        "requested_at",
        "last_status",
        "outcome",
        "duration",
        "version_before",
        "version_after",
        "flags",
    ],
}

_CODES: list[tuple[type[Exception], int]] = [
    (exceptions.OptionError, 2),
    (exceptions.TooManyRejectsError, 3),
    (exceptions.OutputError, 5),
    (exceptions.InternalError, 70),
]

app: typer.Typer = typer.Typer(
    name="ocpplog",
    help="OCPP message logs in; transactions, status timelines and firmware-update outcomes out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


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
    layout: Annotated[str, typer.Option(help="How the log is written; 'ocpplog schema layouts' lists the names.")] = (
        "auto"
    )
    side: Annotated[str, typer.Option(help="Who wrote the log: auto, csms or charge_point.")] = "auto"
    start: Annotated[
        str | None, typer.Option(help="Keep rows that end after this ISO time (UTC if it has no offset).")
    ] = None
    end: Annotated[str | None, typer.Option(help="Keep rows that start before this ISO time.")] = None
    charge_points: Annotated[str | None, typer.Option(help="Keep only these charge points, with commas between.")] = (
        None
    )
    tables: Annotated[str | None, typer.Option(help="Build only these tables, with commas between.")] = None
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
        chosen = tables if tables is not None else _split(self.tables)
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
                charge_points=_split(self.charge_points),
                threads=self.threads,
                on_error="raise" if self.strict else "collect",
                max_rejects=self.max_rejects,
                progress=False if self.quiet else self.progress,
            )
        log.check()
        if not self.quiet:
            _note(_in_short(log))
        return log


def _guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Turn what can go wrong into one line on stderr and an exit code."""

    @functools.wraps(command)
    def guarded(**given: Any) -> None:
        try:
            command(**given)
            sys.stdout.flush()
        except exceptions.OcpplogError as error:
            _note(f"error: {error}")
            raise typer.Exit(next((code for kind, code in _CODES if isinstance(error, kind)), 4)) from None
        except KeyboardInterrupt:
            _note("interrupted")
            raise typer.Exit(130) from None
        except BrokenPipeError:
            # The reader of our output has seen enough, as in `| head`. Python would complain once more at exit.
            _drop_stdout()

    return guarded


def _reading(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `Reading`, without writing them down in each."""
    guarded = _guarded(command)

    def wrapped(**given: Any) -> None:
        shared = {field.name: given.pop(field.name) for field in fields(Reading)}
        guarded(reading=Reading(**shared), **given)

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


Logs = Annotated[
    list[str],
    typer.Argument(metavar="LOG...", help="Files, folders, globs, or - for stdin.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    if version:
        typer.echo(f"ocpplog {ocpplog.__version__}")
        raise typer.Exit


@app.command()
@_reading
def show(
    table: Annotated[str, typer.Argument(help="The table to print, such as transactions.")],
    logs: Logs,
    *,
    reading: Reading,
    where: Annotated[str | None, typer.Option(help="An SQL condition on the rows, such as 'energy_wh > 1000'.")] = None,
    columns: Annotated[str | None, typer.Option(help="Print only these columns, with commas between.")] = None,
    rows: Annotated[int, typer.Option("-n", "--rows", min=0, help="How many rows at most.")] = 20,
    as_json: Json = False,
) -> None:
    """Print the rows of one table: the columns that matter most, or those you name; as JSON all of them."""
    _known(table)
    frame = reading.read(_sources(logs), tables=[table]).tables()[table]
    if where is not None:
        try:
            frame = frame.filter(pl.sql_expr(where))
        except pl.exceptions.PolarsError as error:
            raise exceptions.OptionError(f"where: {error}") from None
    wanted = _split(columns) if columns is not None or as_json else _SHOWN.get(table)
    if wanted is not None:
        missing = [column for column in wanted if column not in frame.columns]
        if missing:
            raise exceptions.OptionError(f"columns: {table} has no {', '.join(missing)}; see 'ocpplog schema {table}'")
        frame = frame.select(wanted)
    if as_json:
        _print_json_lines(frame.head(rows))
    else:
        _print_table(frame, rows)


@app.command()
@_reading
def tables(
    logs: Logs,
    *,
    reading: Reading,
    out: Annotated[Path, typer.Option("-o", "--out", help="The folder to write to.")],
    format: Annotated[str, typer.Option("--format", help="parquet, csv, ndjson or ipc.")] = "parquet",  # noqa: A002
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="CSV: do not disarm cells that look like formulas.")] = False,
    as_json: Json = False,
) -> None:
    """Write all tables into a folder, with a manifest."""
    log = reading.read(_sources(logs))
    _write(log, out, format=format, force=force, raw=raw, quiet=reading.quiet)
    if as_json:
        typer.echo((out / "manifest.json").read_text(encoding="utf-8"), nl=False)


@app.command("inspect")
@_reading
def inspect_(
    logs: Logs,
    *,
    reading: Reading,
    rows: Annotated[int, typer.Option("-n", "--rows", min=0, help="How many rejects to list.")] = 10,
    as_json: Json = False,
) -> None:
    """Tell what the logs are: layouts, versions and zones with the evidence, charge points, sums, first rejects."""
    # Both look at the same sources, and stdin can be read only once.
    source = [("<stdin>", sys.stdin.buffer.read()) if log == "-" else log for log in logs]
    found = ocpplog.detect(source, encoding=reading.encoding)
    log = reading.read(source, tables=_split(reading.tables))
    if as_json:
        parts = {
            "detected": found,
            "charge_points": log.charge_points,
            "accounting": log.accounting,
            "rejects": log.rejects.head(rows),
        }
        _print(json.dumps({name: _records(frame) for name, frame in parts.items()}, ensure_ascii=False, indent=2))
        return
    _print(repr(log))
    for row in found.iter_rows(named=True):
        side = f", written by the {row['side'].replace('_', ' ')}" if row["side"] else ""
        compression = row["compression"] or "plain"
        _print(f"\n{_one_line(row['source_file'])}: {row['layout'] or 'no layout fits'} ({compression}{side})")
        _print(f"  OCPP {', '.join(row['ocpp_versions']) or 'of a version that is not told'}, {_zone(row)}")
        for sentence in row["evidence"] or ():
            _print(f"  - {_one_line(sentence)}")
    for name in ("charge_points", "accounting"):
        _print(f"\n{name}")
        for row in _records(log.tables()[name]):
            _print(
                "  "
                + ", ".join(f"{key} {_one_line(str(value))}" for key, value in row.items() if value not in (None, []))
            )
    if log.rejects.height:
        _print(f"\nrejects (the first {min(rows, log.rejects.height)} of {log.rejects.height:,})")
        for row in _records(log.rejects.head(rows)):
            line = "" if row["source_line"] is None else f":{row['source_line']}"
            _print(f"  {_one_line(row['source_file'])}{line}: {row['reason']}: {_one_line(row['detail'] or '')}")


@app.command()
@_guarded
def schema(
    table: Annotated[
        str | None, typer.Argument(help="A table, or flags, reasons or layouts; by default all tables.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the columns of the tables, or the words they use."""
    lists = {
        "flags": ocpplog.schemas.flags,
        "reasons": ocpplog.schemas.reasons,
        "layouts": ocpplog.schemas.layouts,
    }
    if table in lists:
        frame = lists[table]()
    else:
        if table is not None:
            _known(table)
        frame = ocpplog.schemas.describe(table)
    if as_json:
        _print_json_lines(frame)
        return
    # What makes a line too long for a terminal stands in the JSON and in docs/.
    frame = frame.select(pl.exclude("null", "source", "tables", "advice"))
    # One row per line with the columns aligned; the last one may be long and is not cut.
    widths = [max(map(len, [name, *frame[name]])) for name in frame.columns[:-1]]
    for row in [frame.columns, *frame.iter_rows()]:
        _print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip())


@app.command()
@_guarded
def demo(
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write all tables into this folder, too.")] = None,
    rows: Annotated[int, typer.Option("-n", "--rows", min=0, help="How many rows of each table.")] = 8,
    force: Annotated[bool, typer.Option("--force", help="Replace what is in the folder.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No summary, no warnings.")] = False,
    as_json: Json = False,
) -> None:
    """Rebuild the three stories of the log that comes with ocpplog, and print them."""
    log = Reading(quiet=quiet).read(ocpplog.example_log())
    if as_json:
        stories = {name: _records(log.tables()[name].head(rows)) for name in _STORIES}
        _print(json.dumps(stories, ensure_ascii=False, indent=2))
    else:
        for name in _STORIES:
            _print(name)
            _print_table(log.tables()[name].select(_SHOWN[name]), rows)
            _print("")
    if out is not None:
        _write(log, out, format="parquet", force=force, raw=False, quiet=quiet)


def main() -> None:
    """Run the command line."""
    app()


def _drop_stdout() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print(text: str) -> None:
    """Print data; what a log could do to the terminal is made visible."""
    sys.stdout.write(visible(text, keep="\n") + "\n")


def _note(text: str) -> None:
    sys.stderr.write(visible(text, keep="\n") + "\n")


def _one_line(text: str) -> str:
    return visible(text)


@contextlib.contextmanager
def _telling(*, quiet: bool) -> Iterator[None]:
    """Print the library's warnings as plain lines, once the work is done."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        if not quiet:
            _note(f"warning: {warning.message}")


def _zone(row: dict[str, Any]) -> str:
    """Say what the zone of a source is and how that is known."""
    if row["timezone_source"] is None:
        return "no stamps"
    return f"stamps in {row['timezone'] or 'more than one offset'} ({row['timezone_source']})"


def _sources(logs: list[str]) -> Any:
    return [("<stdin>", sys.stdin.buffer) if log == "-" else log for log in logs]


def _split(words: str | None) -> list[str] | None:
    return None if words is None else [word.strip() for word in words.split(",") if word.strip()]


def _known(table: str) -> None:
    names = ocpplog.schemas.table_names()
    if table not in names:
        raise exceptions.OptionError(f"there is no table {table!r}; the tables are {', '.join(names)}")


def _write(log: ocpplog.Log, out: Path, *, format: str, force: bool, raw: bool, quiet: bool) -> None:  # noqa: A002
    log.write(out, format=cast("Any", format), force=force, raw=raw)
    if not quiet:
        _note(f"wrote {plural(len(log.tables()), 'table')} to {out}")


def _in_short(log: ocpplog.Log) -> str:
    told = log.accounting
    counts = [plural(told.height, "source"), plural(int(told["messages"].sum()), "message")]
    counts.append(plural(log.charge_points.height, "charge point"))
    counts += [plural(log.rejects.height, "reject"), f"{log.unmatched.height:,} unmatched"]
    return ", ".join(counts)


def _print_table(frame: pl.DataFrame, rows: int) -> None:
    width = max(80, _terminal_width())
    with pl.Config(
        tbl_rows=-1,
        tbl_cols=-1,
        tbl_width_chars=width,
        tbl_hide_column_data_types=True,
        tbl_hide_dataframe_shape=True,
    ):
        _print(str(frame.head(rows)))
    if frame.height > rows:
        _print(f"… {frame.height - rows:,} more of {plural(frame.height, 'row')}")


def _terminal_width() -> int:
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):
        return 200


def _print_json_lines(frame: pl.DataFrame) -> None:
    for row in _records(frame):
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


def _records(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Give rows as plain values: instants as ISO texts with Z, spans in seconds."""
    return [{name: _value(value) for name, value in row.items()} for row in frame.iter_rows(named=True)]


def _value(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value / timedelta(seconds=1)
    if isinstance(value, list):
        return [_value(item) for item in value]
    if isinstance(value, dict):
        return {name: _value(item) for name, item in value.items()}
    if hasattr(value, "isoformat"):
        return value.isoformat().replace("+00:00", "Z")
    return value
