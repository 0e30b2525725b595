"""The catalogue of bad input, cases 34 and 81 to 102: what may be wrong with files and streams."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ocpplog
import zstandard
from bad_input import FULL, Case, call, status

LINE = status("") + b"\n"
MANY = b"".join(call("Heartbeat", "{}", f"b{number}") + b"\n" for number in range(2000))
BOMB = 10 << 30 if FULL else 64 << 20


class Endless(io.RawIOBase):
    """So many bytes of one kind, made while they are read."""

    def __init__(self, size: int, byte: bytes = b"x") -> None:
        self.left, self.byte = size, byte

    def read(self, size: int = -1) -> bytes:
        size = min(size, self.left)
        self.left -= size
        return self.byte * size


class Short(io.BytesIO):
    """Gives one to seven bytes at a time, as a network file system may."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 1, 1 + self.tell() % 7))


class Failing(io.BytesIO):
    """An input that fails when so many bytes were read."""

    def __init__(self, data: bytes, after: int) -> None:
        super().__init__(data)
        self.after = after

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() >= self.after:
            raise OSError(5, "Input/output error")
        return super().read(min(size or 1, self.after - self.tell()))


def files(**contents: bytes) -> Callable[[Path], list[Any]]:
    """Sources in memory; two underscores stand for a dot."""
    return lambda _: [(name.replace("__", "."), data) for name, data in contents.items()]


def on_disk(**contents: bytes) -> Callable[[Path], list[Any]]:
    def build(folder: Path) -> list[Any]:
        paths = []
        for name, data in contents.items():
            path = folder / name.replace("__", ".")
            path.write_bytes(data)
            paths.append(path)
        return paths

    return build


def archive(**members: bytes) -> bytes:
    """A zip with these members; a comma stands for a slash, two underscores for a dot."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def tape() -> bytes:
    """A tar with a member outside of its folder, a link and a device."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as file:
        for name in ("../../etc/x.log", "/abs.log"):
            entry = tarfile.TarInfo(name)
            data = LINE.replace(b"b1", name[-5:-4].encode())
            entry.size = len(data)
            file.addfile(entry, io.BytesIO(data))
        for kind in (tarfile.SYMTYPE, tarfile.CHRTYPE):
            entry = tarfile.TarInfo(f"odd{kind!r}.log")
            entry.type, entry.linkname = kind, "/etc/passwd"
            file.addfile(entry)
    return out.getvalue()


def locked() -> bytes:
    """A zip whose member says that it is encrypted."""
    data = bytearray(archive(**{"a.log": LINE}))
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    return bytes(data)


def wide_window() -> bytes:
    """A zstd frame with a window of a gigabyte: one raw block behind the header."""
    descriptor = bytes([0x00, (30 - 10) << 3])
    block = struct.pack("<I", (len(LINE) << 3) | 1)[:3]
    return b"\x28\xb5\x2f\xfd" + descriptor + block + LINE


def flipped(data: bytes, at: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 0xFF
    return bytes(changed)


def loop(folder: Path) -> list[Any]:
    inner = folder / "logs"
    inner.mkdir()
    (inner / "a.log").write_bytes(LINE)
    (inner / "again").symlink_to(inner)
    (inner / "parent").symlink_to(folder)
    return [inner]


def twin(folder: Path) -> list[Any]:
    inner = folder / "logs"
    inner.mkdir()
    (inner / "a.log").write_bytes(LINE)
    os.link(inner / "a.log", inner / "b.log")
    return [inner]


def unreadable(folder: Path) -> list[Any]:
    inner = folder / "logs"
    inner.mkdir()
    (inner / "a.log").write_bytes(LINE)
    (inner / "b.log").symlink_to(inner / "gone.log")
    return [inner]


def pipe(folder: Path) -> list[Any]:
    inner = folder / "logs"
    inner.mkdir()
    (inner / "a.log").write_bytes(LINE)
    os.mkfifo(inner / "b.log")
    return [inner]


def odd_names(folder: Path) -> list[Any]:
    paths = [
        Path(os.fsdecode(os.fsencode(folder) + b"/\xff.log")),
        folder / "a\nb.log",
        folder / ("x" * 251 + ".log"),
    ]
    for number, path in enumerate(paths):
        path.write_bytes(LINE.replace(b"b1", b"b%d" % number))
    return [*paths, ("in memory \udcff", LINE.replace(b"CP1", b"CP4"))]


class WhileRead:
    """A file that something happens to while it is read, once its beginning was."""

    def __init__(self, meddle: Callable[[Path], None]) -> None:
        self.meddle = meddle
        self.path: Path | None = None

    def build(self, folder: Path) -> list[Any]:
        self.path = folder / "live.log"
        # Long enough for a report on the way.
        self.path.write_bytes(MANY * 200)
        return [self.path]

    def __call__(self, done: int, total: int | None) -> None:
        if self.path and 0 < done < (total or 0):
            self.meddle(self.path)
            self.path = None


def while_read(number: int, name: str, word: str, meddle: Callable[[Path], None]) -> Case:
    file = WhileRead(meddle)
    return Case(number, name, file.build, "F", word, options={"threads": 1, "progress": file})


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(MANY)


def shrink(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(100)


def replace(path: Path) -> None:
    path.unlink()
    path.write_bytes(LINE)


def heard(log: ocpplog.Log) -> int:
    return log.messages.filter(log.messages["charge_point_id"] == "CP1").height


def whole_lines_of_all(log: ocpplog.Log) -> bool:
    """Each source is a copy of the first; those cut inside the first line have none."""
    places = range(0, len(LINE) * 2, 3)
    assert log.accounting["frames"].sum() == 1000 + sum(after >= len(LINE) for after in places)
    return log.accounting["duplicates"].sum() == sum(after >= len(LINE) for after in places) - 1


def squeezed(lines: bytes, times: int) -> bytes:
    """The same lines again and again: many GB in a few KB."""
    return zstandard.compress(lines) * times


HALF = len(gzip.compress(MANY, mtime=0)) // 2
FRAMES = zstandard.compress(MANY) + struct.pack("<II", 0x184D2A50, 4) + b"skip" + zstandard.compress(LINE)

FILES = [
    Case(34, "no_newline_at_all", lambda _: [("endless.log", Endless(BOMB))], "R", "line_too_long", messages=0),
    Case(
        81,
        "empty",
        files(empty__log=b""),
        "OK",
        messages=0,
        check=lambda log: log.accounting["status"].to_list() == ["whole", "whole"],
    ),
    Case(82, "empty_gz", files(empty__log__gz=b""), "F", "empty_compressed", messages=0),
    Case(82, "empty_zst", files(empty__log__zst=b""), "F", "empty_compressed", messages=0),
    Case(
        83,
        "truncated_gz",
        files(a__log__gz=gzip.compress(MANY, mtime=0)[:HALF]),
        "F",
        "compressed_truncated",
        check=lambda log: 500 < heard(log) < 2000,
    ),
    Case(83, "truncated_zst", files(a__log__zst=zstandard.compress(MANY)[:-20]), "F", "compressed_truncated"),
    Case(84, "checksum", files(a__log__gz=flipped(gzip.compress(MANY, mtime=0), -6)), "F", "checksum", messages=2000),
    Case(85, "members", files(a__log__gz=gzip.compress(MANY) + gzip.compress(LINE)), "OK", messages=2001),
    Case(85, "frames_and_a_skippable_one", files(a__log__zst=FRAMES), "OK", messages=2001),
    Case(86, "junk_behind", files(a__log__gz=gzip.compress(LINE) + b"junk"), "F", "trailing_garbage", messages=1),
    Case(87, "zero_padding", files(a__log__gz=gzip.compress(LINE) + bytes(4096)), "OK"),
    Case(88, "zstd_window", files(a__log__zst=wide_window()), "F", "zstd_window", messages=0),
    Case(
        89,
        "bomb",
        lambda _: [("a.log.zst", squeezed(bytes(1 << 20), 64))],
        "R",
        "line_too_long",
        messages=0,
        note="64 MiB of zeros are one line over the limit; the ratio is judged past 1 GiB",
    ),
    Case(89, "bomb_of_lines", lambda _: [("a.log.zst", squeezed(b" " * 65_535 + b"\n", 17_000))], "F", "ratio"),
    Case(
        89,
        "nested_archive",
        files(a__zip=archive(**{"inner.zip": archive(**{"a.log": LINE})})),
        "F",
        "nested_archive",
        messages=0,
    ),
    Case(90, "tar_outside_of_its_folder", files(a__tar=tape()), "F", "not_regular", messages=2),
    Case(91, "encrypted_zip", files(a__zip=locked()), "F", "encrypted", messages=0),
    Case(
        92,
        "many_members",
        files(
            a__log__gz=b"".join(
                gzip.compress(call("Heartbeat", "{}", f"b{n}") + b"\n", 1) for n in range(1_000_000 if FULL else 5_000)
            )
        ),
        "OK",
        messages=1_000_000 if FULL else 5_000,
    ),
    Case(93, "symlink_loop", loop, "F", "duplicate_of", messages=1),
    Case(93, "hard_linked_twin", twin, "F", "duplicate_of", messages=1),
    Case(94, "unreadable", unreadable, "F", "io", messages=1),
    Case(95, "fifo", pipe, "F", "not_regular", messages=1),
    Case(95, "dev_zero", lambda _: [Path("/dev/zero")], "F", "not_regular", messages=0),
    while_read(96, "grows", "grew", grow),
    while_read(97, "shrinks", "shrank", shrink),
    while_read(98, "replaced", "changed", replace),
    Case(
        99,
        "io_error_in_the_middle",
        lambda _: [("a.log", Failing(MANY, 50_000))],
        "F",
        "io",
        check=lambda log: heard(log) == MANY[:50_000].count(b"\n"),
    ),
    Case(
        99,
        "io_error_everywhere",
        lambda _: [(f"{after}.log", Failing(LINE * 2, after)) for after in range(0, len(LINE) * 2, 3)],
        "F",
        "io",
        messages=1,
        check=whole_lines_of_all,
    ),
    Case(100, "odd_names", odd_names, "OK", messages=4),
    Case(
        102,
        "short_reads",
        lambda _: [("a.log", Short(b"".join(MANY.splitlines(keepends=True)[:300])))],
        "OK",
        messages=300,
    ),
]
