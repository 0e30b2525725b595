"""Objects in a store, asked for over the wire: a real server process answers."""

from __future__ import annotations

import gzip
import io
import os
import socket
import subprocess
import sys
import time
import zipfile

import ocpplog
import pytest

pytest.importorskip("obstore")
pytest.importorskip("moto")

LINES = [f'2026-03-14T07:00:0{n}Z CP{n} << [2,"{n}","Heartbeat",{{}}]\n'.encode() for n in range(4)]
PATCH = "import moto.server; moto.server.main(['-H', '127.0.0.1', '-p', '{port}'])"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def bucket():
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-c", PATCH.format(port=port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    told = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")]:
            patch.delenv(name)
        for name, value in told.items():
            patch.setenv(name, value)
        try:
            for _ in range(150):
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            fill(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(10)


def fill(port):
    import urllib.request

    from obstore.store import S3Store

    made = urllib.request.Request(f"http://127.0.0.1:{port}/logs", method="PUT")
    urllib.request.urlopen(made).close()  # noqa: S310
    store = S3Store("logs")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.log", LINES[3])
    import obstore

    for key, data in {
        "plain/a.log": LINES[0],
        "day/1/a.log.gz": gzip.compress(LINES[1]),
        "day/2/b.log.gz": gzip.compress(LINES[2]),
        "day/2/.hidden.gz": gzip.compress(LINES[0]),
        "packed/c.zip": packed.getvalue(),
        "odd [1].log": LINES[0],
    }.items():
        obstore.put(store, key, data)
    public = urllib.request.Request(f"http://127.0.0.1:{port}/logs/web.log", data=LINES[0], method="PUT")
    public.add_header("Content-Type", "text/plain")
    public.add_header("x-amz-acl", "public-read")
    urllib.request.urlopen(public).close()  # noqa: S310


def files(log):
    return log.accounting.filter(log.accounting["frames"] > 0)["source_file"].cast(str).to_list()


def test_an_object_a_glob_and_a_prefix_are_read(bucket):
    assert files(ocpplog.read("s3://logs/plain/a.log")) == ["s3://logs/plain/a.log"]
    both = ["s3://logs/day/1/a.log.gz", "s3://logs/day/2/b.log.gz"]
    for url in ("s3://logs/day/**/*.gz", "s3://logs/day/*/*.gz", "s3://logs/day/", "s3://logs/day", "s3://logs/day/**"):
        assert files(ocpplog.read(url)) == both, url
    assert files(ocpplog.read("s3://logs/day/*/b*")) == both[1:]
    assert files(ocpplog.read("s3://logs/odd [1].log")) == ["s3://logs/odd [1].log"]
    assert ocpplog.detect("s3://logs/day/1/a.log.gz")["compression"].to_list() == ["gzip"]


def test_archives_and_messages_are_read_again_from_the_store(bucket):
    log = ocpplog.read(["s3://logs/packed/c.zip", "s3://logs/plain/a.log"])
    assert files(log) == ["s3://logs/packed/c.zip/inner.log", "s3://logs/plain/a.log"]
    assert log._messages_of is not None
    assert log._messages_of("CP3").height == 1
    assert log._messages_of("CP3").height == 1


def test_a_web_address_is_read(bucket):
    log = ocpplog.read(f"{bucket}/logs/web.log")
    assert log.rejects.is_empty(), log.rejects["detail"].to_list()
    assert log.charge_points["charge_point_id"].cast(str).to_list() == ["CP0"]


def test_what_is_not_there_is_a_missing_input(bucket):
    for url in ("s3://logs/nothing.log", "s3://logs/day/*.txt", "s3://logs/nowhere/", f"{bucket}/logs/nothing"):
        with pytest.raises(ocpplog.exceptions.MissingInputError, match=r"no such object|matches nothing"):
            ocpplog.read(url)
    with pytest.raises(ocpplog.exceptions.InputError, match="nobucket"):
        ocpplog.read("s3://nobucket/a.log")


def test_without_the_library_the_way_to_get_it_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(ocpplog.exceptions.OptionError, match=r"ocpplog\[cloud\]"):
        ocpplog.read("s3://logs/a.log")
