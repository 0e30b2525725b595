"""The books of a reading, checked by other means than those that wrote them.

This is a second opinion: the standard library only, its own splitting of lines, its own decompression, and nothing
of ocpplog. It takes the bytes of the sources and the rows of the tables, and tells in words what does not add up.
The laws L1 to L7: bytes and lines, compressed sizes, files, kinds of messages, calls and answers, payloads.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger_bytes import BOM, Line, ends_on_its_line, holds, is_document, lines, mark, members, plain, unpack

Row = dict[str, Any]

CLASSES = ("blank", "other", "message", "rejected")
# Longer lines are passed over.
LINE_LIMIT = 16 << 20
_WHITE = b" \t\n\x0c\r"
_FRAME_REASONS = frozenset(
    {
        "action_invalid",
        "arity",
        "control_char",
        "frame_escaped",
        "frame_quoted",
        "frame_repr",
        "id_invalid",
        "id_too_long",
        "json_depth",
        "json_syntax",
        "json_truncated",
        "message_type",
        "payload_type",
        "xml_depth",
        "xml_dtd",
        "xml_syntax",
        "xml_truncated",
    }
)
_KINDS = frozenset({"CALL", "CALLRESULT", "CALLERROR", "CALLRESULTERROR", "SEND"})
_CONNECTION = frozenset({"OPEN", "CLOSE"})
_OUTCOMES = frozenset({"result", "error", "timeout", "connection_lost", "unknown_log_end"})


@dataclass
class Book:
    """What belongs to one source."""

    account: Row
    messages: list[Row] = field(default_factory=list)
    rejects: list[Row] = field(default_factory=list)


@dataclass
class Record:
    """Lines that belong together: the first one, and how many they are at least and at most."""

    number: int
    messages: list[Row]
    least: int
    most: int


def verify(sources: Mapping[str, bytes], tables: Mapping[str, Sequence[Row]]) -> list[str]:
    """Tell every law that does not hold.

    `sources` are the bytes as they were given, by the name of `source_file`; the members of archives are found here.
    """
    broken: list[str] = []
    accounts = Counter(row["source_file"] for row in tables["accounting"])
    if len(accounts) != accounts.total():
        broken.append(f"L4: accounts {sorted(accounts.elements())}")
    known = dict(sources)
    for name, data in sources.items():
        found = members(unpack(data).data)
        if found is not None:
            del known[name]
            inside = {account for account in accounts if account.startswith(f"{name}/")}
            # What is no file in it may have an account that says so.
            if len(inside) < len(found):
                broken.append(f"L4: {name} has {len(found)} members, accounts {sorted(inside)}")
            # The name of a member may be shown in another way; then only its count is known.
            known |= {f"{name}/{member}": inner for member, inner in found if f"{name}/{member}" in inside}
            accounts -= Counter(inside | {name})
    if accounts.keys() != known.keys() & accounts.keys() or accounts.keys() < sources.keys() & known.keys():
        broken.append(f"L4: sources {sorted(known)}, accounts {sorted(accounts)}")
    books = {row["source_file"]: Book(row) for row in tables["accounting"]}
    for row in tables["messages"]:
        books[row["source_file"]].messages.append(row)
    for row in tables["rejects"]:
        books[row["source_file"]].rejects.append(row)
    for name, book in books.items():
        broken.extend(f"{name}: {law}" for law in _account(book))
        if name in known:
            broken.extend(f"{name}: {law}" for law in _source(known[name], book, member=name not in sources))
    broken.extend(_exchanges(tables))
    broken.extend(_payloads(tables))
    return broken


def _account(book: Book) -> Iterator[str]:
    account = book.account
    # L1, bytes: every one in one class.
    if sum(account[part] for part in (*(f"{name}_bytes" for name in CLASSES), "passed_bytes")) != account["size_bytes"]:
        yield f"L1: the bytes of the classes are not {account['size_bytes']}"
    # L3, lines likewise.
    if sum(account[f"{name}_lines"] for name in CLASSES) != account["lines"]:
        yield f"L3: the lines of the classes are not {account['lines']}"
    # L4: what was not read whole says why.
    if account["status"] not in {"whole", "partial", "failed", "skipped"}:
        yield f"L4: status {account['status']}"
    if account["status"] != "whole" and all(row["source_line"] is not None for row in book.rejects):
        yield f"L4: {account['status']} without a reason"
    if len(book.rejects) != account["rejects"]:
        yield f"L4: {len(book.rejects)} rejects, {account['rejects']} counted"
    yield from _frames(book)


def _source(raw: bytes, book: Book, *, member: bool) -> Iterator[str]:
    account = book.account
    plain = unpack(raw)
    if account["status"] != "whole" or not plain.whole:
        return
    # L2: the file as it lies on the disk; a member of an archive is compressed by that.
    compressed = account["compressed_size_bytes"]
    if not member and compressed != (len(raw) if plain.compressed else None):
        yield f"L2: {compressed} compressed bytes of {len(raw)}"
    if account["size_bytes"] != len(plain.data):
        yield f"L1: {account['size_bytes']} bytes, the source has {len(plain.data)}"
    yield from _lines(plain.data, book)


def _lines(data: bytes, book: Book) -> Iterator[str]:
    """L1 and L3: every line in one class, every row on its line."""
    split = list(lines(data))
    if book.account["lines"] != len(split):
        yield f"L3: {book.account['lines']} lines, the source has {len(split)}"
        return
    records = list(_records(book, split))
    yield from _classes(data, book, split, records)
    for record in records:
        for row in record.messages:
            yield from _place(row, record, split)
    starts = [line.start for line in split]
    for row in book.rejects:
        offset, number, length = row["source_offset"], row["source_line"], row["length"]
        if not 0 <= offset <= offset + length <= len(data):
            yield f"L1: a reject of {length} bytes at {offset} of {len(data)}"
        # Several on a line count on by one byte each.
        elif number is not None and not _on(split, number, offset):
            yield f"L1: a reject at {offset} is not on line {number} but on {bisect_right(starts, offset)}"


def _records(book: Book, split: list[Line]) -> Iterator[Record]:
    """Give what begins on each line: the record of a message or reject, and how many lines it has at least and at most.

    A frame that ends on its line has that line. Any other record ends before the next one begins.
    """
    messages: dict[int, list[Row]] = defaultdict(list)
    rejects: dict[int, list[Row]] = defaultdict(list)
    for row in book.messages:
        if row["message_type"] not in _CONNECTION:
            messages[row["source_line"]].append(row)
    for row in book.rejects:
        if row["source_line"] is not None:
            rejects[row["source_line"]].append(row)
    begins = sorted(messages.keys() | rejects.keys())
    for number, following in zip(begins, [*begins[1:], len(split) + 1], strict=False):
        room = max(following - number, 1)
        line = split[number - 1] if 1 <= number <= len(split) else Line(0, 0, b"")
        here = messages.get(number, [])
        if here:
            whole = all(ends_on_its_line(line.text, row["message_id"]) for row in here)
            yield Record(number, here, 1, 1 if whole else room)
        else:
            # What was refused goes on behind its line, or stands on none of it.
            several = any("\n" in row["text"] or not holds(line.text, row["text"][:16]) for row in rejects[number])
            # A line that only quotes a frame has no frame of its own.
            least = min(int(row["reason"] != "frame_quoted") for row in rejects[number])
            yield Record(number, here, least, room if several else 1)


def _classes(data: bytes, book: Book, split: list[Line], records: list[Record]) -> Iterator[str]:
    """L3: lines and bytes of each class lie between what is sure and what is possible."""
    account = book.account
    passed = len(mark(data)) + sum(line.size for line in split if _is_passed(line))
    if account["passed_bytes"] != passed:
        yield f"L3: passed_bytes {account['passed_bytes']}, counted {passed}"
    sure: dict[str, set[int]] = {name: set() for name in CLASSES}
    possible: dict[str, set[int]] = {name: set() for name in CLASSES}
    for record in records:
        name = "message" if record.messages else "rejected"
        sure[name] |= set(range(record.number, record.number + record.least))
        possible[name] |= set(range(record.number, record.number + record.most))
    taken = sure["message"] | sure["rejected"]
    perhaps = possible["message"] | possible["rejected"]
    for number, line in enumerate(split, 1):
        name = "other" if plain_text(line.text) else "blank"
        if number not in taken:
            possible[name].add(number)
        if number not in perhaps:
            sure[name].add(number)
    if account["duplicates"] or is_document(data):
        # A copy leaves no row behind, wherever it stands; the value of a document begins before its first record.
        for name in ("message", "rejected"):
            possible[name] |= set(range(1, len(split) + 1))
        sure["other"], sure["blank"] = set(), set()
    for name in CLASSES:
        low, high = len(sure[name]), len(possible[name])
        if not low <= account[f"{name}_lines"] <= high:
            yield f"L3: {name}_lines {account[f'{name}_lines']}, counted {low} to {high}"
        low, high = (
            sum(split[number - 1].size for number in numbers if not _is_passed(split[number - 1]))
            for numbers in (sure[name], possible[name])
        )
        if not low <= account[f"{name}_bytes"] <= high:
            yield f"L3: {name}_bytes {account[f'{name}_bytes']}, counted {low} to {high}"


def plain_text(line: bytes) -> bytes:
    return plain(line.strip(b"\r\n")).removeprefix(BOM).strip(_WHITE)


def _is_passed(line: Line) -> bool:
    return len(line.text.rstrip(b"\n")) > LINE_LIMIT


def _on(split: list[Line], number: int, offset: int) -> bool:
    line = split[number - 1] if 1 <= number <= len(split) else Line(0, 0, b"")
    return line.start <= offset < line.start + max(line.size, 1)


def _place(row: Row, record: Record, split: list[Line]) -> Iterator[str]:
    number, offset = row["source_line"], row["source_offset"]
    if not _on(split, number, offset):
        yield f"L1: a message at {offset} does not stand on line {number} of {len(split)}"
        return
    known = row["message_id"]
    text = b"".join(line.text.strip(b"\r\n") for line in split[number - 1 : number - 1 + record.most])
    # An envelope without an id has that of its exchange, or of its request.
    told = row["transport"] == "json" and known and known.isascii() and known.isalnum()
    if told and not holds(text, known):
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
    refused = sum(row["reason"] in _FRAME_REASONS for row in book.rejects if row["source_line"] is not None)
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
