"""The command line: thin, over the public functions.

Data goes to stdout, everything else to stderr. Exit codes: 0 done, 2 usage, 3 over the reject limit, 4 input,
5 output, 70 broken equation, 130 interrupted.
"""

from __future__ import annotations

from typing import Annotated

import typer

import ocpplog

from ._demo import demo
from ._inspect import inspect_
from ._report import report
from ._schema import schema
from ._show import show
from ._tables import tables

__all__ = ["app", "main"]

app: typer.Typer = typer.Typer(
    name="ocpplog",
    help="OCPP message logs in; transactions, status timelines and firmware-update outcomes out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for _command in (report, tables, show):
    app.command()(_command)
app.command("inspect")(inspect_)
for _command in (schema, demo):
    app.command()(_command)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    if version:
        typer.echo(f"ocpplog {ocpplog.__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line."""
    app()
