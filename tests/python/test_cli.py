"""The command line, run as a process."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from typing import Any

import logs
import ocpplog
import pytest

STORY = logs.text("CP1")
BROKEN = STORY + b'2026-03-14T09:00:00Z CP1 [2,"x","Heartbeat",{\n'


def run(*args: object, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "ocpplog", *map(str, args)], input=stdin, capture_output=True, check=False, timeout=120
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "CP1.log"
    path.write_bytes(STORY)
    return path


def test_demo_prints_the_three_tables():
    done = run("demo")
    assert done.returncode == 0, done.stderr
    for name in ("transactions", "status_intervals", "firmware_updates"):
        assert name in done.stdout
    assert "messages" in done.stderr


def test_demo_writes_all_tables(tmp_path):
    assert run("demo", "-o", tmp_path / "out", "--quiet").returncode == 0
    assert ocpplog.open(tmp_path / "out").transactions.height > 0


def test_show_prints_rows(log):
    done = run("show", "transactions", log)
    assert done.returncode == 0, done.stderr
    assert "900.0" in done.stdout
    assert "1 source, " in done.stderr


def test_show_filters_and_prints_json(log):
    found = rows(run("show", "transactions", log, "--where", "transaction_id = '101'", "--json", "--quiet"))
    assert [row["energy_wh"] for row in found] == [900.0]
    assert found[0]["start_time"].endswith("Z")


def test_show_limits_rows(log):
    assert len(rows(run("show", "messages", log, "-n", 3, "--json"))) == 3


def test_stdin_is_a_log():
    assert len(rows(run("show", "transactions", "-", "--json", stdin=STORY))) == 2
    assert "<stdin>" in run("inspect", "-", stdin=STORY).stdout


def test_the_options_reach_the_reader(log):
    options = [
        "--charge-points",
        "CP2",
        "--timezone",
        "UTC",
        "--threads",
        "1",
        "--no-progress",
        "--start",
        "2026-03-14",
        "--side",
        "csms",
    ]
    assert rows(run("show", "transactions", log, "--json", *options)) == []


def test_tables_writes_a_manifest(log, tmp_path):
    done = run("tables", log, "-o", tmp_path / "out", "--format", "csv", "--tables", "transactions,boots", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["tables"]["transactions"]["rows"] == 2
    assert (tmp_path / "out" / "boots.csv").exists()


def test_inspect_tells_what_a_log_is(tmp_path):
    path = tmp_path / "broken.log"
    path.write_bytes(BROKEN)
    done = run("inspect", path)
    assert done.returncode == 0, done.stderr
    last = len(BROKEN.splitlines())
    for text in ("broken.log", "text", "CP1", f"broken.log:{last}: json_truncated"):
        assert text in done.stdout
    parts = json.loads(run("inspect", path, "--json").stdout)
    assert parts["accounting"][0]["rejected_lines"] == 1


def test_schema_prints_columns_and_words():
    assert "energy_wh" in run("schema", "transactions").stdout
    assert "clock_unset" in run("schema", "flags").stdout
    assert {row["table"] for row in rows(run("schema", "--json"))} == set(ocpplog.schemas.table_names())


def test_the_version():
    assert run("--version").stdout == f"ocpplog {ocpplog.__version__}\n"


class TestExitCodes:
    @pytest.mark.parametrize(
        ("args", "code", "says"),
        [
            (["nonsense"], 2, "nonsense"),
            (["show", "chargers", "CP1.log"], 2, "no table 'chargers'"),
            (["show", "transactions", "CP1.log", "--where", "energy >"], 2, "where"),
            (["show", "transactions", "CP1.log", "--timezone", "Moon"], 2, "Moon"),
            (["show", "transactions", "CP1.log", "--max-rejects", "0"], 3, "at most 0"),
            (["show", "transactions", "CP1.log", "--strict"], 4, "json_truncated"),
            (["show", "transactions", "no.log"], 4, "no.log"),
            (["tables", "CP1.log", "-o", "CP1.log"], 5, "CP1.log"),
        ],
    )
    def test_an_error_is_one_line_and_its_code(self, tmp_path, monkeypatch, args, code, says):
        (tmp_path / "CP1.log").write_bytes(BROKEN)
        monkeypatch.chdir(tmp_path)
        done = run(*args)
        assert done.returncode == code, done.stderr
        assert says in done.stderr
        assert "Traceback" not in done.stderr
        assert not done.stdout

    def test_a_closed_pipe_is_no_error(self, log):
        show = f"{sys.executable} -m ocpplog show messages {log} -n 1000 --json --quiet"
        command = f"{show} | head -n 1; exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", command], capture_output=True, check=False, timeout=60)  # whichever bash
        assert done.returncode == 0, done.stderr
        assert not done.stderr

    def test_quiet_is_quiet(self, tmp_path):
        path = tmp_path / "broken.log"
        path.write_bytes(BROKEN)
        assert not run("show", "transactions", path, "--quiet").stderr
        assert "warning: 1 reject: json_truncated 1" in run("show", "transactions", path).stderr


def test_a_log_cannot_command_the_terminal(tmp_path):
    path = tmp_path / "evil.log"
    path.write_bytes(STORY.replace(b"EVDisconnected", b"\\u001b[2J\\u202e").replace(b"CARD1", b"\\u001b]0;x\\u0007"))
    for args in (["show", "transactions", path, "--quiet"], ["show", "messages", path, "--quiet"], ["inspect", path]):
        done = run(*args)
        assert done.returncode == 0, done.stderr
        assert not set(done.stdout + done.stderr) & {"\x1b", "\x07", "\u202e"}


def test_the_environment_does_not_matter(log):
    environment = {**os.environ, "TZ": "Asia/Tokyo", "LC_ALL": "C", "POLARS_FMT_MAX_ROWS": "1"}
    command = [sys.executable, "-m", "ocpplog", "show", "transactions", str(log), "--json", "--quiet"]
    plain = subprocess.run(command, capture_output=True, check=True)
    assert subprocess.run(command, capture_output=True, check=True, env=environment).stdout == plain.stdout


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals are a thing of Unix")
class TestTerminal:
    @pytest.fixture
    def shown(self, log):
        """Give what a terminal of 80 columns shows of the transactions."""
        import fcntl
        import pty
        import struct
        import termios

        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        command = [sys.executable, "-m", "ocpplog", "show", "transactions", str(log), "--quiet"]
        with subprocess.Popen(command, stdout=theirs) as child:
            os.close(theirs)
            text = b""
            with contextlib.suppress(OSError):  # the end of a terminal, on Linux
                while piece := os.read(ours, 65536):
                    text += piece
        os.close(ours)
        assert child.returncode == 0
        return text.decode().splitlines()

    def test_no_line_is_wider_than_the_terminal_and_no_word_is_cut(self, shown):
        table = [line for line in shown if line.startswith(("┌", "│", "╞", "└"))]
        assert table
        assert max(map(len, table)) <= 80
        assert "charge_point_id" in shown[1]

    def test_the_columns_that_have_no_room_are_named(self, shown):
        (told,) = [line for line in shown if line.startswith("… no room for ")]
        assert told.endswith("flags")

    def test_a_pipe_gets_every_column_and_digit(self, log):
        done = run("show", "transactions", log, "--quiet")
        assert "energy_method" in done.stdout
        assert "no room" not in done.stdout
