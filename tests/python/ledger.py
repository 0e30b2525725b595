"""The books of a reading, checked by other means than those that wrote them.

This is a second opinion: the standard library only, its own splitting of lines, its own decompression, and nothing
of ocpplog. It takes the bytes of the sources and the rows of the tables, and tells in words what does not add up.
The laws L1 to L7: bytes and lines, compressed sizes, files, kinds of messages, calls and answers, payloads.
"""

from __future__ import annotations

import bz2
import json
import lzma
import re
import zlib
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import zstandard

Row = dict[str, Any]

BOM = b"\xef\xbb\xbf"
# Longer lines are passed over.
LINE_LIMIT = 16 << 20
_ESCAPE = re.compile(rb"\x1b\[[0-9;:?]*.")
_WHITE = b" \t\n\x0c\r"
_FRAME_REASONS = frozenset(
    {
        "action_invalid",
        "arity",
        "control_char",
        "id_invalid",
        "id_too_long",
        "json_depth",
        "json_syntax",
        "json_truncated",
        "message_type",
        "payload_type",
    }
)
_KINDS = frozenset({"CALL", "CALLRESULT", "CALLERROR", "CALLRESULTERROR", "SEND"})
_CONNECTION = frozenset({"OPEN", "CLOSE"})
_OUTCOMES = frozenset({"result", "error", "timeout", "connection_lost", "unknown_log_end"})


@dataclass
class Plain:
    """A source without its compression."""

    data: bytes
    whole: bool = True
    compressed: bool = False


@dataclass
class Book:
    """What belongs to one source."""

    account: Row
    messages: list[Row] = field(default_factory=list)
    rejects: list[Row] = field(default_factory=list)


def verify(sources: Mapping[str, bytes], tables: Mapping[str, Sequence[Row]], *, one_line: bool = True) -> list[str]:
    """Tell every law that does not hold.

    `sources` are the bytes as they were given, by the name of `source_file`. With `one_line` every record is a line;
    without it a record may span several, and only its first line is known.
    """
    broken: list[str] = []
    names = Counter(row["source_file"] for row in tables["accounting"])
    if sorted(names.elements()) != sorted(sources):
        broken.append(f"L4: sources {sorted(sources)}, accounts {sorted(names.elements())}")
    books = {row["source_file"]: Book(row) for row in tables["accounting"]}
    for row in tables["messages"]:
        books[row["source_file"]].messages.append(row)
    for row in tables["rejects"]:
        books[row["source_file"]].rejects.append(row)
    for name, book in books.items():
        if name in sources:
            found = _source(sources[name], book, one_line=one_line)
            broken.extend(f"{name}: {law}" for law in found)
    broken.extend(_exchanges(tables))
    broken.extend(_payloads(tables))
    return broken


def unpack(data: bytes) -> Plain:
    """Take off gzip, zstd, bzip2 or xz, as far as the data goes."""
    if data.startswith(b"\x1f\x8b"):
        return _members(data, lambda: zlib.decompressobj(wbits=31))
    if data.startswith(b"BZh"):
        return _members(data, bz2.BZ2Decompressor)
    if data.startswith(b"\xfd7zXZ\0"):
        return _members(data, lzma.LZMADecompressor)
    if data[:4] == b"\x28\xb5\x2f\xfd" or (data[1:4] == b"\x2a\x4d\x18" and data[0] & 0xF0 == 0x50):
        return _members(data, lambda: zstandard.ZstdDecompressor().decompressobj())
    return Plain(data)


def _members(data: bytes, new: Any) -> Plain:
    """Member after member; what is cut, damaged or no member ends it."""
    out = bytearray()
    while data:
        decoder = new()
        try:
            out += decoder.decompress(data)
        except (OSError, EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError):
            return Plain(bytes(out), whole=False, compressed=True)
        if not decoder.eof:
            return Plain(bytes(out), whole=False, compressed=True)
        data = decoder.unused_data
    return Plain(bytes(out), compressed=True)


def lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Give each line with its offset, its newline included; a line ends at a line feed and nowhere else."""
    at = len(BOM) if data.startswith(BOM) else 0
    while at < len(data):
        found = data.find(b"\n", at)
        end = len(data) if found < 0 else found + 1
        yield at, data[at:end]
        at = end


def _source(raw: bytes, book: Book, *, one_line: bool) -> Iterator[str]:
    account = book.account
    plain = unpack(raw)
    size = account["size_bytes"]
    # L1, bytes: every one in one class.
    parts = ("blank_bytes", "other_bytes", "message_bytes", "rejected_bytes", "passed_bytes")
    if sum(account[part] for part in parts) != size:
        yield f"L1: the bytes {[account[part] for part in parts]} are not {size}"
    # L2: the file as it lies on the disk.
    if account["status"] == "whole" and account["compressed_size_bytes"] not in {None, len(raw)}:
        yield f"L2: {account['compressed_size_bytes']} compressed bytes of {len(raw)}"
    if account["status"] == "whole" and plain.compressed != (account["compressed_size_bytes"] is not None):
        yield "L2: compressed or not"
    # L4: what was not read whole says why.
    of_file = [row for row in book.rejects if row["source_line"] is None]
    if account["status"] not in {"whole", "partial", "failed", "skipped"}:
        yield f"L4: status {account['status']}"
    if account["status"] != "whole" and not of_file:
        yield f"L4: {account['status']} without a reason"
    if len(book.rejects) != account["rejects"]:
        yield f"L4: {len(book.rejects)} rejects, {account['rejects']} counted"
    yield from _frames(book)
    if account["status"] != "whole" or not plain.whole:
        return
    if size != len(plain.data):
        yield f"L1: {size} bytes, the source has {len(plain.data)}"
    yield from _lines(plain.data, book, one_line=one_line)


def _lines(data: bytes, book: Book, *, one_line: bool) -> Iterator[str]:
    """L1 and L3: every line in one class, every row on its line."""
    account = book.account
    split = list(lines(data))
    starts = [start for start, _ in split]
    with_message = {row["source_line"] for row in book.messages if row["message_type"] not in _CONNECTION}
    with_reject = {row["source_line"] for row in book.rejects if row["source_line"] is not None} - with_message
    blank = {
        number
        for number, (_, line) in enumerate(split, 1)
        if not _ESCAPE.sub(b"", line.strip(b"\r\n")).strip(_WHITE) and number not in with_message | with_reject
    }
    if account["lines"] != len(split):
        yield f"L3: {account['lines']} lines, the source has {len(split)}"
        return
    count = {"blank_lines": len(blank), "message_lines": len(with_message), "rejected_lines": len(with_reject)}
    count["other_lines"] = len(split) - sum(count.values())
    weight: Counter[str] = Counter()
    for number, (_, line) in enumerate(split, 1):
        group = "other_bytes"
        for name, numbers in (("message", with_message), ("rejected", with_reject), ("blank", blank)):
            if number in numbers:
                group = f"{name}_bytes"
        weight["passed_bytes" if len(line.rstrip(b"\n")) > LINE_LIMIT else group] += len(line)
    weight["passed_bytes"] += len(BOM) if data.startswith(BOM) else 0
    # Duplicates leave no row behind, and of a record of many lines only the first one is known.
    if one_line and not account["duplicates"]:
        for name, wanted in (count | weight).items():
            if account[name] != wanted:
                yield f"L3: {name} {account[name]}, counted {wanted}"
    elif sum(account[name] for name in count) != len(split) or account["message_lines"] < len(with_message):
        yield f"L3: lines {[(name, account[name]) for name in count]} of {len(split)}"
    for row in book.messages:
        yield from _place(row, split)
    for row in book.rejects:
        offset, number, length = row["source_offset"], row["source_line"], row["length"]
        if not 0 <= offset <= offset + length <= len(data):
            yield f"L1: a reject of {length} bytes at {offset} of {len(data)}"
        # Several on a line count on by one byte each.
        elif number is not None and not (
            starts[number - 1] <= offset < starts[number - 1] + max(len(split[number - 1][1]), 1)
        ):
            yield f"L1: a reject at {offset} is not on line {number} but on {bisect_right(starts, offset)}"


def _place(row: Row, split: list[tuple[int, bytes]]) -> Iterator[str]:
    number, offset = row["source_line"], row["source_offset"]
    if not 1 <= number <= len(split):
        yield f"L1: a message on line {number} of {len(split)}"
        return
    start, line = split[number - 1]
    if not start <= offset < start + len(line):
        yield f"L1: a message at {offset}, its line {number} begins at {start} and has {len(line)} bytes"
    known = row["message_id"]
    if known and known.isascii() and known.isalnum() and known.encode() not in _ESCAPE.sub(b"", line):
        yield f"L1: line {number} does not hold the id {known}"


def _frames(book: Book) -> Iterator[str]:
    """L5: the kinds of messages, and what frames became."""
    account = book.account
    kinds = Counter(row["message_type"] for row in book.messages)
    odd = kinds.keys() - _KINDS - _CONNECTION
    if odd:
        yield f"L5: kinds {sorted(odd)}"
    messages = sum(kinds[kind] for kind in _KINDS)
    if messages != account["messages"] - account["filtered"]:
        yield f"L5: {messages} messages, {account['messages']} counted, {account['filtered']} filtered"
    refused = sum(
        row["reason"] in _FRAME_REASONS and "record around the frame" not in row["detail"]
        for row in book.rejects
        if row["source_line"] is not None
    )
    if account["frames"] != account["messages"] + account["duplicates"] + refused:
        yield f"L5: {account['frames']} frames, {account['messages']} messages, {refused} refused"


def _exchanges(tables: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    """L6: every call has one outcome, every answer one call or a reason why not."""
    by_id: dict[tuple[str, str], list[Row]] = defaultdict(list)
    outcomes: Counter[str] = Counter()
    answers: Counter[str] = Counter()
    for row in tables["messages"]:
        kind = row["message_type"]
        if kind == "CALL":
            outcomes[row["outcome"]] += 1
        elif kind in {"CALLRESULT", "CALLERROR"}:
            lost = {"orphan_response", "duplicate_response"} & set(row["flags"])
            answers[f"{kind} {'lost' if lost else 'paired'}"] += 1
            if lost and row["action"] is not None and "orphan_response" in lost:
                yield f"L6: the orphan {row['message_id']} has an action"
        if kind in {"CALL", "CALLRESULT", "CALLERROR"}:
            by_id[row["charge_point_id"], row["message_id"]].append(row)
    if outcomes.keys() - _OUTCOMES:
        yield f"L6: outcomes {outcomes}"
    for outcome, kind in (("result", "CALLRESULT"), ("error", "CALLERROR")):
        if outcomes[outcome] != answers[f"{kind} paired"]:
            yield f"L6: {outcomes[outcome]} calls with {outcome}, {answers[f'{kind} paired']} {kind} paired"
    orphans = sum(row["kind"] in {"orphan_response", "duplicate_response"} for row in tables["unmatched"])
    if orphans != answers["CALLRESULT lost"] + answers["CALLERROR lost"]:
        yield f"L6: {orphans} answers in unmatched, {answers} by their flags"
    # A receiver that could not read an id answers under the id -1.
    unreadable = {row["charge_point_id"] for row in tables["messages"] if "id_unreadable" in row["flags"]}
    for (charge_point, number), rows in by_id.items():
        if charge_point not in unreadable:
            yield from _one_id(f"{charge_point} {number}", rows)


def _one_id(name: str, rows: list[Row]) -> Iterator[str]:
    """The second count, from the ids alone."""
    calls = [row for row in rows if row["message_type"] == "CALL"]
    answers = [row for row in rows if row["message_type"] != "CALL"]
    answered = sum(row["outcome"] in {"result", "error"} for row in calls)
    if answered > len(answers):
        yield f"L6: {name}: {answered} calls answered by {len(answers)} messages"
    lost = sum(bool({"orphan_response", "duplicate_response"} & set(row["flags"])) for row in answers)
    if answered + lost != len(answers):
        yield f"L6: {name}: {len(answers)} answers, {answered} of them to calls, {lost} lost"
    if not answers or len(calls) != 1 or len(answers) != 1:
        return
    times = [calls[0]["log_time"], answers[0]["log_time"]]
    in_order = None not in times and times[0] < times[1]
    ways = {calls[0]["direction"], answers[0]["direction"]} - {None}
    if in_order and len(ways) == 2 and not answered:
        yield f"L6: {name}: one call, one answer behind it, and they are not joined"


def _payloads(tables: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    """L7: a call is typed, or says why it is not; every payload is JSON."""
    faulty = 0
    for row in tables["messages"]:
        flags = set(row["flags"])
        if {"action_unknown", "bad_payload"} <= flags:
            yield f"L7: {row['message_id']} is of no known action and has a bad payload"
        faulty += "bad_payload" in flags and row["message_type"] in {"CALL", "SEND"}
        payload = row["payload"]
        if row["message_type"] not in {"CALL", "CALLRESULT", "SEND"} or not payload:
            continue
        try:
            value = json.loads(payload, parse_int=str, parse_float=str)
        except ValueError:
            yield f"L7: the payload of {row['message_id']} is no JSON"
        else:
            if not (value is None or isinstance(value, dict)):
                yield f"L7: the payload of {row['message_id']} is a {type(value).__name__}"
    unusable = sum(row["kind"] == "bad_payload" for row in tables["unmatched"])
    if unusable > faulty:
        yield f"L7: {unusable} bad payloads in unmatched, {faulty} flagged"
