"""A strict decoder of OCPP-J frames: the standard library, and nothing of ocpplog.

A frame is an array of JSON with the right number of elements. It may stand anywhere in a text, over several lines, with
its quotes escaped or doubled, or with line breaks inside its words; nothing is repaired.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator

_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_START = re.compile(r"\[\s*[2-6]\s*,\s*\"")
_ARITY = {2: {4}, 3: {3}, 4: {4, 5}, 5: {5}, 6: {4}}


def frames(data: bytes) -> Counter[tuple[int, str]]:
    """Count the frames of a log by kind and id."""
    text = _COLOURS.sub("", data.decode(errors="replace"))
    spellings = {
        text,
        text.replace('\\"', '"'),
        text.replace('\\\\"', '"').replace('\\"', '"'),
        text.replace('""', '"'),
        re.sub(r"\r?\n", "", text),
    }
    found: Counter[tuple[int, str]] = Counter()
    # Each spelling sees the frames that are written so; what two of them see is one frame.
    for spelling in spellings:
        found |= Counter(_frames(spelling))
    return found


def _frames(text: str) -> Iterator[tuple[int, str]]:
    decoder = json.JSONDecoder()
    at = 0
    while (start := _START.search(text, at)) is not None:
        at = start.start() + 1
        try:
            frame, end = decoder.raw_decode(text, start.start())
        except ValueError:
            continue
        if len(frame) in _ARITY[frame[0]] and isinstance(frame[1], str):
            at = end
            yield frame[0], frame[1]
