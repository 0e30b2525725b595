"""The scripts of examples/ run as they stand, and do what they say."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import ocpplog
import polars as pl
import pytest

# Each halves the log, and a thousand lines are in both: two rotations.
CUTS = {"csms.log.1": slice(0, 16_000), "csms.log.2": slice(15_000, None)}


@pytest.fixture
def folder(tmp_path):
    lines = gzip.decompress(ocpplog.example_log().read_bytes()).splitlines(keepends=True)
    (tmp_path / "logs").mkdir()
    for name, cut in CUTS.items():
        (tmp_path / "logs" / name).write_bytes(b"".join(lines[cut]))
    return tmp_path


def run(*command: object) -> subprocess.CompletedProcess[str]:
    # The scripts are to find the command of this environment.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
        timeout=120,
        env={**os.environ, "PATH": path},
    )


class TestBatch:
    @pytest.fixture
    def done(self, root, folder):
        return run(sys.executable, root / "examples/batch.py", folder / "logs", folder / "out")

    def test_every_charge_is_in_one_of_its_files(self, done, folder, example):
        assert done.returncode == 0, done.stderr
        charges, doubtful = (
            pl.read_csv(folder / "out" / name, infer_schema_length=None) for name in ("charges.csv", "to_look_at.csv")
        )
        nothing = example.transactions.filter(pl.col("energy_wh") == 0).height
        assert charges.height + doubtful.height + nothing == example.transactions.height
        assert f"{charges.height} charges, {doubtful.height} to look at, {nothing} without energy" in done.stderr
        assert set(doubtful["quality"]) == {"estimated", "partial", "suspect"}

    def test_the_energy_is_that_of_the_log(self, done, folder, example):
        files = [pl.read_csv(path, infer_schema_length=None) for path in (folder / "out").glob("*.csv")]
        total = sum(file["energy_kwh"].sum() for file in files)
        assert total == pytest.approx(example.transactions["energy_wh"].sum() / 1000)

    def test_a_bill_has_no_digits_that_nobody_measured(self, done, folder):
        assert done.returncode == 0, done.stderr
        text = "".join(path.read_text("utf-8") for path in (folder / "out").glob("*.csv"))
        assert not re.findall(r"\d\.\d{7,}", text)

    def test_a_log_that_is_mostly_broken_fails(self, root, tmp_path):
        (tmp_path / "a.log").write_bytes(b'2026-03-14T09:00:00Z CP1 [2,"x","Heartbeat",{\n' * 9)
        assert run(sys.executable, root / "examples/batch.py", tmp_path / "a.log", tmp_path / "out").returncode == 1


def test_the_pipeline_takes_each_log_once_and_rebuilds_what_one_reading_gives(root, folder, example):
    store = folder / "store"
    first = run(sys.executable, root / "examples/pipeline.py", folder / "logs", store)
    assert first.stdout.startswith("2 new logs; 526 transactions, "), first.stderr
    assert run(sys.executable, root / "examples/pipeline.py", folder / "logs", store).stdout.startswith("0 new logs")
    stored = pl.read_parquet(store / "tables" / "transactions").sort("charge_point_id", "start_received_at")
    places = ["first_source_file", "first_source_line", "last_source_file", "last_source_line"]
    whole = example.transactions.sort("charge_point_id", "start_received_at")
    assert stored.drop(places).equals(whole.drop(places))


def test_a_log_whose_reading_was_cut_off_is_read_again(root, folder):
    (folder / "store" / "read" / "csms.log.1").mkdir(parents=True)
    done = run(sys.executable, root / "examples/pipeline.py", folder / "logs", folder / "store")
    assert done.stdout.startswith("2 new logs; 526 transactions, "), done.stderr


@pytest.mark.skipif(os.name == "nt", reason="a script for cron")
class TestNightly:
    def test_a_quiet_night_says_nothing(self, root, folder):
        done = run(root / "examples/nightly.sh", folder / "logs" / "csms.log.1", folder / "out")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        (night,) = (folder / "out").iterdir()
        assert json.loads((night / "manifest.json").read_text(encoding="utf-8"))
        assert (night / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")

    def test_a_log_that_is_missing_is_told_by_the_exit_code(self, root, folder):
        done = run(root / "examples/nightly.sh", folder / "logs" / "none.log", folder / "out")
        assert done.returncode == 4
        assert "none.log" in done.stderr


def test_they_pass_the_strictest_type_checker(root, tmp_path):
    config = {
        "typeCheckingMode": "strict",
        "include": [str(root / "examples")],
        "pythonVersion": "3.11",
    }
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(config), encoding="utf-8")
    checked = run(Path(sys.executable).parent / "basedpyright", "-p", tmp_path, "--pythonpath", sys.executable)
    assert checked.returncode == 0, checked.stdout


def test_the_types_of_everything_public_are_known(root):
    checker = Path(sys.executable).parent / "basedpyright"
    told = json.loads(run(checker, "--verifytypes", "ocpplog", "--ignoreexternal", "--outputjson").stdout)
    unknown = [
        symbol["name"]
        for symbol in told["typeCompleteness"]["symbols"]
        if symbol["isExported"] and not symbol["isTypeKnown"]
    ]
    assert not unknown
    assert told["typeCompleteness"]["completenessScore"] == 1
