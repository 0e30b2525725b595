"""What a source is made of, by other means than those that read it: the standard library, and nothing of ocpplog.

Compression and archives, lines in any letters, and how many lines a record takes.
"""

from __future__ import annotations

import bz2
import html
import io
import json
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import zstandard

BOM = b"\xef\xbb\xbf"
WIDE = {b"\xff\xfe": ("utf-16-le", b"\n\0"), b"\xfe\xff": ("utf-16-be", b"\0\n")}
_ESCAPE = re.compile(rb"\x1b\[[0-9;:?]*.")


@dataclass
class Plain:
    """A source without its compression."""

    data: bytes
    whole: bool = True
    compressed: bool = False


@dataclass
class Line:
    """A line: where it begins, how many bytes it has in the source, and what stands on it in UTF-8."""

    start: int
    size: int
    text: bytes


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


def members(data: bytes) -> list[tuple[str, bytes]] | None:
    """Give the files in an archive, or none if it is no archive; what cannot be opened has no bytes."""
    try:
        if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return _zipped(data)
        if data[257:262] == b"ustar":
            return _taped(data)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, NotImplementedError):
        return []
    return None


def _zipped(data: bytes) -> list[tuple[str, bytes]]:
    found = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            if not info.is_dir():
                try:
                    found.append((info.filename, archive.read(info)))
                except (RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error):
                    found.append((info.filename, b""))
    return found


def _taped(data: bytes) -> list[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        kept = ((info, archive.extractfile(info)) for info in archive if info.isreg())
        return [(info.name, file.read()) for info, file in kept if file]


def lines(data: bytes) -> Iterator[Line]:
    """Give each line, its newline included; a line ends at a line feed and nowhere else."""
    encoding, newline = WIDE.get(data[:2], ("utf-8", b"\n"))
    at = len(mark(data))
    while at < len(data):
        end = _newline(data, at, newline)
        raw = data[at:end]
        text = raw if encoding == "utf-8" else raw.decode(encoding, errors="replace").encode()
        yield Line(at, end - at, text)
        at = end


def _newline(data: bytes, at: int, newline: bytes) -> int:
    """Find the end of the line at `at`: behind a newline that stands where a letter does."""
    found = data.find(newline, at)
    while found >= 0 and (found - at) % len(newline):
        found = data.find(newline, found + 1)
    return len(data) if found < 0 else found + len(newline)


def mark(data: bytes) -> bytes:
    """Give the mark of the source's letters."""
    return BOM if data.startswith(BOM) else data[:2] if data[:2] in WIDE else b""


def plain(line: bytes) -> bytes:
    """Take the colours off a line."""
    return _ESCAPE.sub(b"", line)


def holds(text: bytes, number: str) -> bool:
    """Tell whether a message's id stands in a text, perhaps written as the numbers of its bytes."""
    found = re.finditer(rb"\[\s*(\d{1,3}(?:\s*,\s*\d{1,3})+)\s*\]", text)
    written = (bytes(int(digits) % 256 for digits in match[1].split(b",")) for match in found)
    return any(number.encode() in plain(some) for some in (text, *written))


def is_document(data: bytes) -> bool:
    """Tell whether a source begins with a JSON value over several lines."""
    text = data.decode(errors="replace").lstrip("\ufeff \t\r\n")
    if not text.startswith(("{", "[")):
        return False
    try:
        _, end = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return "\n" in text[:end]


def ends_on_its_line(line: bytes, number: str | None) -> bool:
    """Tell whether a whole frame with that id, or a record that holds its parts, stands on the line."""
    text = plain(line).decode(errors="replace")
    return any(_is_frame(value, number) for value in _values(text))


def _is_frame(value: Any, number: str | None) -> bool:
    if isinstance(value, dict):
        return any(_is_frame(inner, number) for inner in value.values()) or (number or "") in map(str, value.values())
    if not isinstance(value, list):
        return isinstance(value, str) and "[" in value and any(_is_frame(inner, number) for inner in _values(value))
    if len(value) > 1 and (number is None or str(value[1]) == number):
        return True
    return any(_is_frame(inner, number) for inner in value)


def _values(text: str) -> Iterator[Any]:
    """Give every JSON value that begins with a bracket in a text, also one whose quotes are escaped or doubled."""
    decoder = json.JSONDecoder(parse_int=str, parse_float=str, strict=False)
    spellings = {text, text.replace('\\"', '"'), text.replace('""', '"'), html.unescape(text)}
    for spelling in spellings:
        at = 0
        while (found := re.compile(r"[\[{]").search(spelling, at)) is not None:
            at = found.start() + 1
            try:
                value, at = decoder.raw_decode(spelling, found.start())
            except (ValueError, RecursionError):
                continue
            yield value
