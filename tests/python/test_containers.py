"""Compressions, archives and encodings, as users hand them over. They change nothing but where rows come from."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import resource
import subprocess
import sys
import tarfile
import threading
import zipfile
from pathlib import Path

import ocpplog
import polars as pl
import pytest
import zstandard
from logs import assert_same, text

DAY = text("CP1", "CP2")


def tar_of(members, mode="w"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zip_of(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def containers():
    half = len(DAY) // 2
    yield "gzip", gzip.compress(DAY)
    yield "gzip of two members", gzip.compress(DAY[:half]) + gzip.compress(DAY[half:])
    yield "zstd", zstandard.compress(DAY)
    yield "zstd of two frames", zstandard.compress(DAY[:half]) + zstandard.compress(DAY[half:])
    yield "bzip2", bz2.compress(DAY)
    yield "xz", lzma.compress(DAY)
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2):
        yield f"zip {method}", zip_of({"logs/a.log": DAY}, method)
    yield "gzip in zip", zip_of({"logs/a.log.gz": gzip.compress(DAY)})
    for mode in ("w", "w:gz", "w:bz2", "w:xz"):
        yield f"tar {mode}", tar_of({"logs/a.log": DAY}, mode)
    yield "tar zstd", zstandard.compress(tar_of({"logs/a.log": DAY}))
    yield "zstd in tar", tar_of({"logs/a.log.zst": zstandard.compress(DAY)})
    yield "utf-16", DAY.decode().encode("utf-16")


def words(frame, column):
    return frame[column].cast(pl.String).to_list()


@pytest.mark.parametrize(("name", "data"), [pytest.param(*pair, id=pair[0]) for pair in containers()])
def test_a_container_changes_nothing_but_where_rows_come_from(tmp_path, name, data):
    tables = ocpplog.schemas.table_names()
    expected = ocpplog.read(("a.log", DAY), tables=tables)
    path = tmp_path / "a.log.x"
    path.write_bytes(data)
    for source in (("a.log.x", data), path, io.BytesIO(data)):
        log = ocpplog.read(source, tables=tables)
        log.check()
        assert_same(expected.tables(), log.tables(), provenance=False)
        assert log.messages["source_line"].equals(expected.messages["source_line"]), name


def test_members_are_named_by_their_archive_and_in_natural_order():
    members = {"b/log.10": DAY, "b/log.2": DAY, "a.txt": b"hello\n"}
    for data, name in ((zip_of(members), "x.zip"), (tar_of(members, "w:gz"), "x.tar.gz")):
        told = ocpplog.read((name, data)).accounting
        assert words(told, "source_file") == [name, f"{name}/a.txt", f"{name}/b/log.2", f"{name}/b/log.10"]
        assert told["status"].cast(pl.String).to_list() == ["whole"] * 4
        assert told["compressed_size_bytes"][0] == len(data)
        assert words(ocpplog.detect((name, data)), "source_file") == words(told, "source_file")[1:]


def test_a_transaction_of_a_member_can_be_traced(tmp_path):
    path = tmp_path / "x.zip"
    path.write_bytes(zip_of({"logs/a.log.gz": gzip.compress(DAY)}))
    log = ocpplog.read(path)
    first = log.transactions.row(0, named=True)
    traced = log.trace(first["charge_point_id"], first["transaction_id"])
    assert traced.height > 0
    assert set(words(traced, "source_file")) == {f"{path}/logs/a.log.gz"}


def test_an_archive_with_members_is_no_source_without_messages(recwarn):
    ocpplog.read(("x.zip", zip_of({"a.log": DAY})))
    assert not [item for item in recwarn if "no OCPP message" in str(item.message)]


def test_encodings_are_told_or_found():
    line = '2026-03-14T07:00:00Z CP1 << [2,"1","DataTransfer",{"vendorId":"Säule"}]\n'
    for encoding, named in (("latin-1", "windows-1252"), ("cp1252", "windows-1252"), ("utf-16-le", "utf-16le")):
        log = ocpplog.read(line.encode(encoding) * 3, encoding=encoding, tables=["messages"])
        assert log.messages["payload"].str.contains("Säule").all()
        assert words(log.accounting, "encoding") == [named]
        width = len(line.encode(encoding))
        assert log.messages["source_offset"].to_list() == [0, width, 2 * width]
        assert ocpplog.detect(line.encode(encoding), encoding=encoding).height == 1
    marked = ocpplog.parse(line.encode("utf-16") + "\n".join(["x"] * 3).encode("utf-16-le"), encoding="latin-1")
    assert (marked["source_offset"][0], marked.height) == (2, 1)
    suspected = ocpplog.read(line.encode("utf-16-le"))
    assert words(suspected.rejects, "reason") == ["encoding_suspected"]
    assert "utf-16-le" in suspected.rejects["detail"][0]
    for wrong in ("klingon", ""):
        with pytest.raises(ocpplog.exceptions.OptionError, match="utf-16-le"):
            ocpplog.read(b"", encoding=wrong)


def test_the_command_line_takes_an_encoding(tmp_path):
    path = tmp_path / "a.log"
    path.write_bytes(DAY.decode().encode("utf-16-be"))
    call = [sys.executable, "-m", "ocpplog", "show", "charge_points", str(path), "--json", "--encoding", "utf-16-be"]
    done = subprocess.run(call, capture_output=True, check=True)
    assert done.stdout.count(b"\n") > 0


def test_files_joined_with_their_marks_are_read():
    line = b'2026-03-14T07:00:00Z CP1 << [2,"1","Heartbeat",{}]\n'
    messages = ocpplog.parse(b"\xef\xbb\xbf" + line + b"\xef\xbb\xbf" + line)
    assert messages["source_offset"].to_list() == [3, len(line) + 6]
    assert messages["log_time"].null_count() == 0


def test_twins_are_read_once_and_told(tmp_path):
    (tmp_path / "a.log").write_bytes(DAY)
    (tmp_path / "b.log").symlink_to(tmp_path / "a.log")
    os.link(tmp_path / "a.log", tmp_path / "c.log")
    log = ocpplog.read(tmp_path, on_error="raise", max_rejects=0)
    assert words(log.accounting, "status") == ["whole", "skipped", "skipped"]
    assert words(log.rejects, "reason") == ["duplicate_of"] * 2
    assert log.rejects["detail"][0] == f"the same file as {tmp_path}/a.log"
    log.check()


def test_a_pipe_in_a_folder_is_refused_and_one_that_is_open_is_read(tmp_path):
    (tmp_path / "a.log").write_bytes(DAY)
    os.mkfifo(tmp_path / "pipe")
    log = ocpplog.read(tmp_path)
    assert words(log.rejects, "reason") == ["not_regular"]
    assert words(ocpplog.read("/dev/zero").rejects, "reason") == ["not_regular"]
    assert words(ocpplog.read("/proc/self/status").rejects, "reason") == ["not_regular"]
    reading, writing = os.pipe()
    packed = zip_of({"a.log": DAY})

    def feed():
        with os.fdopen(writing, "wb") as end:
            end.write(packed)

    thread = threading.Thread(target=feed)
    thread.start()
    with os.fdopen(reading, "rb") as end:
        assert ocpplog.read(("stdin", end)).transactions.height > 0
    thread.join()


def test_many_files_and_members_need_few_open_files(tmp_path):
    line = b'2026-03-14T07:00:00Z CP1 << [2,"%d","Heartbeat",{}]\n'
    for number in range(500):
        (tmp_path / f"{number}.log").write_bytes(line % number)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = len(list(Path("/proc/self/fd").iterdir()))
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 32, limits[1]))
    try:
        log = ocpplog.read(tmp_path, tables=["messages"])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert (log.messages.height, log.rejects.height) == (500, 0)
    packed = tar_of({f"{number}.log": line % number for number in range(3000)}, "w:gz")
    assert ocpplog.parse(packed).height == 3000
