"""Open OCPP Trace v1.1: one JSON object per message, whatever wrote the log."""

from __future__ import annotations

import gzip
import json
import warnings
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import polars as pl

import ocpplog
from ocpplog._atomic import whole_file
from ocpplog._secrets import mask_payloads
from ocpplog.exceptions import OcpplogWarning, OptionError, OutputError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping

_SCHEMA_VERSION = "1.1"
_DIRECTIONS = {"from_charge_point": "cp-to-csms", "from_csms": "csms-to-cp"}
_NUMBERS = {"CALL": 2, "CALLRESULT": 3, "CALLERROR": 4}
# Compression needs nothing but what comes with Python; another suffix would promise what is not written.
_OTHER_COMPRESSIONS = frozenset({".zst", ".bz2", ".xz", ".lz4", ".zip"})
_ROWS = 65_536


@dataclass(frozen=True)
class Exported:
    """What became of the messages in an export.

    Attributes
    ----------
    path : pathlib.Path
        The file.
    written : int
        How many messages are in it.
    left_out : mapping of str to int
        How many messages the format cannot express, by reason: ``connection`` (the opening or the end of a
        connection), ``message_type`` (CALLRESULTERROR and SEND of OCPP 2.1), ``no_time``, ``no_direction``,
        ``no_action`` (a call without one) and ``payload_not_json``.
    """

    path: Path
    written: int
    left_out: Mapping[str, int] = field(default_factory=dict)


def open_ocpp_trace(source: Any, path: str | os.PathLike[str], *, force: bool = False) -> Exported:
    r"""Write messages as Open OCPP Trace v1.1, the neutral format of JSON lines.

    So any log that ocpplog reads can be given to whatever reads that format, ocpplog among it: the transactions,
    status intervals and firmware updates are the same again, only that they come from another file. The lines are
    in the order of time. ``payload`` is what was logged, and ``raw`` the frame put together from it; messages that
    came over SOAP have no ``raw``. Secrets are masked: passwords, keys and credentials in addresses. Identities
    stay, so the file is readable by its owner only.

    What the format cannot express is left out and counted, and one `OcpplogWarning` says so.

    Parameters
    ----------
    source : Log, polars.DataFrame, polars.LazyFrame, any Arrow stream, or what `ocpplog.read` takes
        A log that was read with its messages, a table of messages such as `ocpplog.parse` gives and
        `ocpplog.rebuild` takes, or logs to read. For logs that need options, read them first:
        ``ocpplog.read(…, tables=["messages"])``.
    path : str or path
        The file; if it ends in ``.gz`` it is compressed. It appears under this name when it is whole.
    force : bool, default False
        Replace a file of this name. A file that the messages come from is never replaced.

    Returns
    -------
    Exported
        How many messages were written, and how many left out, by reason.

    Raises
    ------
    OptionError
        If the source is a log without its messages or a table that is none of messages, or ``path`` asks for a
        compression other than gzip.
    InputError
        If a source cannot be read.
    OutputError
        If the file exists already, is one of the sources, or cannot be written. It is an ``OSError``.

    Examples
    --------
    >>> import tempfile
    >>> import ocpplog.export
    >>> line = b'2026-03-14 07:00:00+01:00 CP1: send [2,"1","Reset",{"type":"Soft"}]\n'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     done = ocpplog.export.open_ocpp_trace(line, f"{folder}/trace.jsonl")
    ...     print(done.path.read_text().replace(",", ",\n"))
    {"schemaVersion":"1.1",
    "timestamp":"2026-03-14T06:00:00.000Z",
    ...
    >>> done.written
    1
    """
    target = Path(path)
    if target.suffix.lower() in _OTHER_COMPRESSIONS:
        raise OptionError(f"path: {target.name} asks for a compression that is not written; .gz is")
    messages, notes = _messages(source)
    _refuse_source(messages, target)
    left_out: Counter[str] = Counter()
    written = 0
    with whole_file(target, force=force) as file, _opened(file, target) as out:
        for line in _lines(messages, left_out):
            out.write(line)
            written += 1
    if left_out:
        count = left_out.total()
        reasons = ", ".join(f"{reason} {number:,}" for reason, number in sorted(left_out.items()))
        notes.append(f"{count:,} of {count + written:,} messages cannot be told in this format: {reasons}")
    if notes:
        warnings.warn("; ".join(notes), OcpplogWarning, stacklevel=2)
    return Exported(target, written, dict(sorted(left_out.items())))


def _messages(source: Any) -> tuple[pl.DataFrame, list[str]]:
    """Give the messages, with the action of their calls on answers, and what there is to say about them."""
    if isinstance(source, ocpplog.Log):
        return source.messages, []
    if isinstance(source, pl.LazyFrame) or hasattr(source, "__arrow_c_stream__"):
        return ocpplog.rebuild(source, tables=["messages"]).messages, []
    # What the reading has to say goes into the one warning of the export.
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", OcpplogWarning)
        messages = ocpplog.read(source, tables=["messages"]).messages
    for warning in caught:
        if not issubclass(warning.category, OcpplogWarning):
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    return messages, [str(warning.message) for warning in caught if issubclass(warning.category, OcpplogWarning)]


def _refuse_source(messages: pl.DataFrame, target: Path) -> None:
    if not target.exists():
        return
    for name in messages["source_file"].cast(pl.String).drop_nulls().unique().to_list():
        # A member of an archive is called after the archive.
        for place in (Path(name), *Path(name).parents):
            if place.is_file() and place.samefile(target):
                raise OutputError(f"{target}: the messages come from this file; choose another name")


@contextmanager
def _opened(file: IO[bytes], target: Path) -> Iterator[IO[bytes]]:
    """Give what to write to; without a name and a time in its head, equal messages give an equal file."""
    if target.suffix.lower() != ".gz":
        yield file
        return
    with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
        yield cast("IO[bytes]", packed)


def _lines(messages: pl.DataFrame, left_out: Counter[str]) -> Iterator[bytes]:
    kind = pl.col("message_type").cast(pl.String)
    reason = (
        pl.when(kind.is_in(["OPEN", "CLOSE"]))
        .then(pl.lit("connection"))
        .when(kind.is_null() | ~kind.is_in(list(_NUMBERS)))
        .then(pl.lit("message_type"))
        .when(pl.col("log_time").is_null())
        .then(pl.lit("no_time"))
        .when(pl.col("direction").is_null())
        .then(pl.lit("no_direction"))
        .when((kind == "CALL") & pl.col("action").is_null())
        .then(pl.lit("no_action"))
    )
    rows = messages.with_columns(__reason=reason)
    for why, count in rows.drop_nulls("__reason").group_by("__reason").len().iter_rows():
        left_out[why] += count
    # Stable, so the messages of a charge point that have one time stay in their order.
    rows = rows.filter(pl.col("__reason").is_null()).sort("log_time", maintain_order=True)
    columns = [
        _timestamp().alias("timestamp"),
        pl.col("ocpp_version", "transport", "direction", "message_type", "action", "error_code").cast(pl.String),
        pl.col("charge_point_id", "message_id", "payload", "error_description").cast(pl.String),
    ]
    for part in rows.select(columns).iter_slices(_ROWS):
        masked = mask_payloads(mask_payloads(part, "payload"), "error_description")
        for row in masked.iter_rows(named=True):
            line = _line(row)
            if line is None:
                left_out["payload_not_json"] += 1
            else:
                yield line.encode() + b"\n"


def _timestamp() -> pl.Expr:
    time = pl.col("log_time")
    whole = time.dt.microsecond() % 1000 == 0
    return (
        pl.when(whole)
        .then(time.dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"))
        .otherwise(time.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ"))
    )


def _line(row: dict[str, Any]) -> str | None:
    """Give a message as a JSON object; none if its payload is no JSON."""
    payload = row["payload"]
    connector = None
    if payload is not None:
        # Line breaks stand between the parts of a JSON text only, so a space is as good.
        payload = payload.replace("\r", " ").replace("\n", " ")
        try:
            value = json.loads(payload, parse_constant=_refuse)
        except (ValueError, RecursionError):
            return None
        connector = value.get("connectorId") if isinstance(value, dict) else None
    kind = row["message_type"]
    parts = {
        "schemaVersion": _text(_SCHEMA_VERSION),
        "timestamp": _text(row["timestamp"]),
        "ocppVersion": _text(row["ocpp_version"]),
        "transport": _text(row["transport"] or "json"),
        "chargePointId": _text(row["charge_point_id"]),
        "connectorId": str(connector) if type(connector) is int and connector >= 0 else None,
        "direction": _text(_DIRECTIONS[row["direction"]]),
        "messageType": _text(kind),
        "messageId": _text(row["message_id"]),
        "action": _text(row["action"]),
        "payload": None if kind == "CALLERROR" else payload,
        "error": _error(row, payload) if kind == "CALLERROR" else None,
        "raw": _text(_frame(row, payload)) if row["transport"] != "soap" else None,
    }
    return "{" + ",".join(f'"{key}":{part}' for key, part in parts.items() if part is not None) + "}"


def _error(row: dict[str, Any], details: str | None) -> str:
    parts = {"code": _text(row["error_code"]), "description": _text(row["error_description"]), "details": details}
    return "{" + ",".join(f'"{key}":{part}' for key, part in parts.items() if part is not None) + "}"


def _frame(row: dict[str, Any], payload: str | None) -> str:
    """Put the frame together; what it ended without stays away."""
    parts = [str(_NUMBERS[row["message_type"]]), _text(row["message_id"])]
    match row["message_type"]:
        case "CALL":
            parts += [_text(row["action"]), payload]
        case "CALLRESULT":
            parts.append(payload)
        case _:
            parts += [_text(row["error_code"]), _text(row["error_description"]), payload]
    while parts[-1] is None:
        parts.pop()
    return "[" + ",".join("null" if part is None else part for part in parts) + "]"


def _text(value: str | None) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _refuse(word: str) -> None:
    raise ValueError(word)
