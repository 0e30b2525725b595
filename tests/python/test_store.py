"""What `write` stores, `open` brings back, and nothing is ever half there."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import stat

import logs
import ocpplog
import polars as pl
import pytest
from ocpplog import _store, exceptions
from ocpplog._secrets import mask_payloads

FORMATS = ["parquet", "csv", "ndjson", "ipc"]


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_stored_comes_back(tmp_path, example, format):
    folder = example.write(tmp_path / "out", format=format)
    stored = ocpplog.open(folder)
    assert list(stored.tables()) == list(example.tables())
    for name, frame in example.tables().items():
        if name == "messages":
            frame = mask_payloads(frame, "payload")  # noqa: PLW2901  # what a file holds of it
        back = stored.tables()[name]
        assert back.schema == frame.schema, name
        assert logs.plain(back).equals(logs.plain(frame)), name


@pytest.mark.parametrize("format", FORMATS)
def test_empty_tables_come_back(tmp_path, format):
    log = logs.quiet(b"")
    assert ocpplog.open(log.write(tmp_path, format=format)).transactions.schema == ocpplog.schemas.transactions


def test_the_manifest_counts_rows_and_names_digests(tmp_path):
    log = ocpplog.read(logs.text("CP1"))
    log.write(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["tables"]["transactions"]["rows"] == 2
    for entry in manifest["tables"].values():
        assert hashlib.sha256((tmp_path / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
    assert not list(tmp_path.glob(".ocpplog-*"))


def test_the_same_log_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        ocpplog.read(logs.text("CP1")).write(tmp_path / name)
    assert (tmp_path / "a" / "manifest.json").read_bytes() == (tmp_path / "b" / "manifest.json").read_bytes()


def test_nothing_is_overwritten_unless_told_to(tmp_path):
    log = ocpplog.read(logs.text("CP1"))
    log.write(tmp_path)
    before = (tmp_path / "transactions.parquet").read_bytes()
    with pytest.raises(exceptions.OutputError, match="exists already"):
        ocpplog.read(logs.text("CP2")).write(tmp_path)
    assert (tmp_path / "transactions.parquet").read_bytes() == before
    ocpplog.read(logs.text("CP2")).write(tmp_path, format="csv", force=True)
    assert not list(tmp_path.glob("*.parquet"))
    assert ocpplog.open(tmp_path).transactions["charge_point_id"].unique().to_list() == ["CP2"]


def test_a_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch):
    log = ocpplog.read(logs.text("CP1"))
    log.write(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(exceptions.OutputError, match="No space left"):
        log.write(tmp_path, force=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_what_an_interrupted_write_left_behind_is_cleared(tmp_path):
    (tmp_path / ".ocpplog-transactions.parquet").write_bytes(b"half")
    ocpplog.read(logs.text("CP1")).write(tmp_path)
    assert not list(tmp_path.glob(".ocpplog-*"))


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(exceptions.OutputError):
        ocpplog.read(logs.text("CP1")).write(tmp_path / "file" / "out")


def test_an_unknown_format(tmp_path):
    with pytest.raises(exceptions.OptionError, match="format: 'xlsx' is not one of parquet, csv, ndjson, ipc"):
        ocpplog.read(logs.text("CP1")).write(tmp_path, format="xlsx")  # type: ignore[arg-type]  # the point


def test_open_says_what_is_wrong(tmp_path):
    with pytest.raises(exceptions.MissingInputError, match=r"manifest\.json"):
        ocpplog.open(tmp_path)
    ocpplog.read(logs.text("CP1")).write(tmp_path)
    (tmp_path / "transactions.parquet").write_bytes(b"other")
    with pytest.raises(exceptions.InputError, match="not the file that"):
        ocpplog.open(tmp_path)
    (tmp_path / "transactions.parquet").unlink()
    with pytest.raises(exceptions.MissingInputError, match="transactions"):
        ocpplog.open(tmp_path)
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(exceptions.InputError, match="no manifest of ocpplog"):
        ocpplog.open(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="file modes are a matter of POSIX")
def test_files_are_for_their_owner_only(tmp_path):
    ocpplog.read(logs.text("CP1")).write(tmp_path)
    assert stat.S_IMODE((tmp_path / "transactions.parquet").stat().st_mode) == 0o600


EVIL = ["=1+2", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(A1)"]


def test_csv_disarms_formulas():
    frame = pl.DataFrame(
        {"a": [*EVIL, "fine", None, ""], "flags": [["=x", "y"]] * 10},
        schema={"a": pl.String, "flags": pl.List(pl.String)},
    )
    safe = _store.to_csv(frame, raw=False)
    assert safe["a"].to_list() == ["'" + text for text in EVIL] + ["fine", None, ""]
    assert safe["flags"].to_list() == ["'=x;y"] * 10
    assert _store.to_csv(frame, raw=True)["a"].to_list() == [*EVIL, "fine", None, ""]


def test_csv_is_plain(tmp_path):
    ocpplog.read(logs.text("CP1")).write(tmp_path, format="csv")
    with (tmp_path / "transactions.csv").open(newline="") as file:
        row = next(csv.DictReader(file))
    assert row["start_time"].endswith("Z")
    assert float(row["duration"]) > 0
    assert row["flags"] == ""
