"""The command line, run as a process."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

import logs
import ocpplog
import pytest
from ocpplog.cli import app
from typer.testing import CliRunner

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


def test_demo_writes_all_tables_and_a_report(tmp_path):
    assert run("demo", "-o", tmp_path / "out", "--quiet").returncode == 0
    assert ocpplog.open(tmp_path / "out").transactions.height > 0
    assert "Charging report" in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_demo_without_the_extra_says_how_to_get_a_report(tmp_path):
    code = "import sys; sys.modules['altair'] = None; from ocpplog.cli import main; sys.argv[1:] = sys.argv[2:]; main()"
    command = [sys.executable, "-c", code, "--", "demo", "-o", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "pip install 'ocpplog[report]'" in done.stderr
    assert (tmp_path / "out" / "manifest.json").exists()


def test_report_writes_one_file_and_tells_its_figures(log, tmp_path):
    target = tmp_path / "report.html"
    done = run("report", log, "-o", target, "--local-time", "Europe/Berlin", "--title", "March & April", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["charge_points"], told["transactions"], told["energy_wh"]) == (1, 2, 1800.0)
    assert told["size_bytes"] == target.stat().st_size
    page = target.read_text("utf-8")
    assert "<h1>March &amp; April</h1>" in page
    assert "times in Europe/Berlin" in page
    assert "CARD1" not in page
    assert f"wrote {target}" in done.stderr
    again = run("report", log, "-o", target, "--quiet")
    assert (again.returncode, again.stdout) == (5, "")
    raw = run("report", log, "-o", target, "--force", "--identities", "raw", "--quiet")
    assert (raw.returncode, raw.stdout, raw.stderr) == (0, "", "")
    assert "CARD1" in target.read_text("utf-8")


def test_report_reads_stdin(tmp_path):
    target = tmp_path / "report.html"
    assert run("report", "-", "-o", target, stdin=STORY).returncode == 0
    assert target.exists()


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
            (["show", "transaction", "CP1.log"], 2, "did you mean 'transactions'?"),
            (["show", "boots", "CP1.log", "--columns", "vendr"], 2, "did you mean 'vendor'?"),
            (["tables", "CP1.log", "-o", "out", "--tables", "boots,faluts"], 2, "did you mean 'faults'?"),
            (["schema", "flag"], 2, "did you mean 'flags'?"),
            (["report", "CP1.log", "-o", "r.html", "--local-time", "Moon"], 2, "time_zone: 'Moon'"),
            (["report", "CP1.log", "-o", "r.html", "--identities", "all"], 2, "identities: 'all'"),
            (["report", "CP1.log", "-o", "no/r.html"], 5, "no such folder"),
            (["report", "no.log", "-o", "r.html"], 4, "no.log"),
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

    def test_a_full_disk_is_an_error_of_output(self, log):
        with open("/dev/full", "w") as full:  # noqa: PTH123  # a device
            done = subprocess.run(
                [sys.executable, "-m", "ocpplog", "show", "messages", log, "--json", "--quiet"],
                stdout=full,
                stderr=subprocess.PIPE,
                check=False,
            )
        assert done.returncode == 5
        assert done.stderr == b"error: stdout: No space left on device\n"

    def test_an_interrupt_ends_with_130(self):
        command = [sys.executable, "-m", "ocpplog", "show", "transactions", "-"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdin is not None
        process.stdin.write(STORY)
        process.stdin.flush()
        # Nobody tells that it waits for more; it is asked again until it has begun to.
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(1.5)
            process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 130, told
        assert told == b"interrupted\n"

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


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("ocpplog sh", "show"),
        ("ocpplog show transac", "transactions"),
        ("ocpplog schema fla", "flags"),
        ("ocpplog tables x.log --format par", "parquet"),
        ("ocpplog tables x.log --tables boots,fau", "boots,faults"),
        ("ocpplog inspect x.log --layout libocpp_r", "libocpp_raw"),
        ("ocpplog report x.log --ident", "--identities"),
    ],
)
def test_the_shell_completes(words, completed):
    told = {"_OCPPLOG_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    done = CliRunner().invoke(app, [], env=told, prog_name="ocpplog")
    assert completed in done.stdout.split()


@pytest.mark.parametrize("command", ["report", "tables", "show", "inspect", "schema", "demo"])
def test_every_command_explains_itself_and_prints_json(command):
    done = CliRunner().invoke(app, [command, "--help"])
    assert done.exit_code == 0
    assert "--json" in done.stdout
    if command not in {"schema", "demo"}:
        for option in (
            *("--timezone", "--charge-point-id", "--layout", "--side", "--start", "--end", "--charge-points"),
            *("--tables", "--max-rejects", "--strict", "--threads", "--quiet", "--progress", "--no-progress"),
        ):
            assert option in done.stdout
