"""Logs out as Open OCPP Trace, and the same stories in again."""

from __future__ import annotations

import gzip
import json
import stat
import warnings
from pathlib import Path
from typing import Any

import logs
import ocpplog
import ocpplog.export
import polars as pl
import pytest

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
STORIES = ["transactions", "status_intervals", "firmware_updates"]
REQUIRED = {"schemaVersion", "timestamp", "transport", "direction", "messageType"}
STORY = logs.text("CP1", "CP2")


def samples() -> list[Path]:
    traces = (SAMPLES / "real").glob("051*.jsonl")
    return [*sorted((SAMPLES / "layouts").glob("*")), *sorted(traces)]


def export(source: Any, path: Path, **options: Any) -> ocpplog.export.Exported:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ocpplog.OcpplogWarning)
        return ocpplog.export.open_ocpp_trace(source, path, **options)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def assert_same_stories(one: ocpplog.Log, other: ocpplog.Log) -> None:
    # The format has no openings and closings of connections, so contact is told by frames alone on both sides.
    kinds = pl.col("message_type").cast(pl.String)
    frames = one.messages.filter(~kinds.is_in(["OPEN", "CLOSE"]))
    if frames.height < one.messages.height:
        one = ocpplog.rebuild(frames, tables=STORIES)
    logs.assert_same(
        {name: one.tables()[name] for name in STORIES},
        {name: other.tables()[name] for name in STORIES},
        provenance=False,
    )


def test_the_example_tells_the_same_stories_after_an_export(example, tmp_path):
    done = export(example, tmp_path / "trace.jsonl")
    kinds = example.messages["message_type"].cast(pl.String)
    assert dict(done.left_out) == {"connection": kinds.is_in(["OPEN", "CLOSE"]).sum()}
    assert done.written + done.left_out["connection"] == example.messages.height
    again = logs.quiet(done.path, tables=["messages", *STORIES])
    assert again.accounting["layout"].cast(pl.String).to_list() == ["open_ocpp_trace"]
    assert again.messages.height == done.written
    assert_same_stories(example, again)


@pytest.mark.skipif(not samples(), reason="the samples are not beside the checkout")
@pytest.mark.parametrize("sample", samples(), ids=lambda path: path.name)
def test_every_sample_tells_the_same_stories_after_an_export(sample, tmp_path):
    log = logs.quiet(sample, tables=["messages", *STORIES])
    done = export(log, tmp_path / "trace.jsonl")
    assert done.written + sum(done.left_out.values()) == log.messages.height
    again = logs.quiet(done.path, tables=["messages", *STORIES])
    assert again.messages.height == done.written
    if set(done.left_out) <= {"connection"}:
        assert_same_stories(log, again)


def test_every_line_has_what_the_format_requires(example, tmp_path):
    done = export(example, tmp_path / "trace.jsonl")
    found = lines(done.path)
    assert len(found) == done.written
    for line in found:
        assert line.keys() >= REQUIRED
        assert line["schemaVersion"] == "1.1"
        assert line["direction"] in {"cp-to-csms", "csms-to-cp"}
        assert line["messageType"] in {"CALL", "CALLRESULT", "CALLERROR"}
        assert "action" in line or line["messageType"] != "CALL"
        assert ("error" in line) == (line["messageType"] == "CALLERROR")
        assert "payload" not in line or json.loads(line["raw"])[-1] == line["payload"]
    assert [line["timestamp"][:23] for line in found] == sorted(line["timestamp"][:23] for line in found)


def test_a_message_is_written_as_it_was_logged(tmp_path):
    log = (
        b'2026-03-14T07:00:00.123456Z CP1 [2,"1","Authorize",{"connectorId":2,"x":1.50,"idTag":"\xc3\xa4"}]\n'
        b'2026-03-14T07:00:01Z CP1 [4,"1","NotSupported","no",{"why":"x"}]\n'
    )
    done = export(log, tmp_path / "trace.jsonl")
    text = done.path.read_text(encoding="utf-8")
    assert '"payload":{"connectorId":2,"x":1.50,"idTag":"ä"}' in text
    call, error = lines(done.path)
    assert (call["timestamp"], call["connectorId"], call["chargePointId"]) == ("2026-03-14T07:00:00.123456Z", 2, "CP1")
    assert error["error"] == {"code": "NotSupported", "description": "no", "details": {"why": "x"}}
    assert json.loads(error["raw"]) == [4, "1", "NotSupported", "no", {"why": "x"}]
    assert error["action"] == "Authorize"


def test_logs_tables_and_files_are_exported_alike(tmp_path):
    path = tmp_path / "a.log"
    path.write_bytes(STORY)
    log = logs.quiet(path, tables=["messages"])
    sources = [path, str(path), STORY, log, ocpplog.parse(path), ocpplog.parse(path).lazy(), log.messages.to_arrow()]
    written = set()
    for number, source in enumerate(sources):
        written.add(export(source, tmp_path / f"{number}.jsonl").path.read_bytes())
    assert len(written) == 1


def test_what_the_format_cannot_express_is_counted_and_told_once(tmp_path):
    log = (
        b'2026-03-14T07:00:00Z CP1 [2,"1","Heartbeat",{}]\n'
        b'CP1 [2,"2","Heartbeat",{}]\n'
        b'2026-03-14T07:00:02Z CP1 [6,"3","NotifyPeriodicEventStream",{}]\n'
        b'2026-03-14T07:00:03Z CP1 [2,"4","\n'
    )
    with pytest.warns(ocpplog.OcpplogWarning) as caught:
        done = ocpplog.export.open_ocpp_trace(log, tmp_path / "trace.jsonl")
    assert (done.written, dict(done.left_out)) == (1, {"message_type": 1, "no_time": 1})
    assert len(caught) == 1
    assert "message_type 1, no_time 1" in str(caught[0].message)
    assert "1 reject" in str(caught[0].message)
    assert caught[0].filename == __file__


def test_secrets_are_masked(tmp_path):
    log = (
        b'2026-03-14T07:00:00Z CP1: send [2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"s3cret"}]\n'
        b'2026-03-14T07:00:01Z CP1: send [2,"2","UpdateFirmware",{"location":"ftp://me:s3cret@host/f.bin"}]\n'
        b'2026-03-14T07:00:02Z CP1: receive message [4,"2","GenericError","no ftp://me:s3cret@host/f.bin",{}]\n'
    )
    done = export(log, tmp_path / "trace.jsonl")
    assert done.written == 3
    assert "s3cret" not in done.path.read_text(encoding="utf-8")
    assert stat.S_IMODE(done.path.stat().st_mode) & 0o077 == 0


def test_a_gz_is_compressed_and_always_the_same(tmp_path):
    plain = export(STORY, tmp_path / "trace.jsonl").path.read_bytes()
    first, second = (export(STORY, tmp_path / name).path.read_bytes() for name in ("a.jsonl.gz", "b.jsonl.gz"))
    assert first == second
    assert gzip.decompress(first) == plain
    with pytest.raises(ocpplog.exceptions.OptionError, match="compression"):
        export(STORY, tmp_path / "trace.jsonl.zst")


def test_a_file_is_replaced_only_by_force_and_a_source_never(tmp_path):
    path = tmp_path / "trace.jsonl"
    export(STORY, path)
    before = path.read_bytes()
    with pytest.raises(ocpplog.exceptions.OutputError, match="exists already"):
        export(STORY, path)
    with pytest.raises(ocpplog.exceptions.OutputError, match="come from this file"):
        export(path, path, force=True)
    assert path.read_bytes() == before
    export(logs.text("CP1"), path, force=True)
    assert 0 < path.stat().st_size < len(before)
    assert [entry.name for entry in tmp_path.iterdir()] == ["trace.jsonl"]


def test_nothing_is_left_behind_by_an_export_that_fails(tmp_path):
    with pytest.raises(ocpplog.exceptions.OutputError):
        export(STORY, tmp_path / "no" / "such" / "folder.jsonl")
    with pytest.raises(ocpplog.exceptions.OptionError, match="messages"):
        export(logs.quiet(STORY, tables=["boots"]), tmp_path / "trace.jsonl")
    assert list(tmp_path.iterdir()) == []
