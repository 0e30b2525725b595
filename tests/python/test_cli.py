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


def within(*args: object) -> subprocess.CompletedProcess[str]:
    """Run a command without a process of its own, where only its texts and its code matter."""
    done = CliRunner().invoke(app, [str(arg) for arg in args])
    return subprocess.CompletedProcess([*map(str, args)], done.exit_code, done.stdout, done.stderr)


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


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("duration > 3600", "a span (duration) was compared with a number; write a span as INTERVAL '3 hours'"),
        ("NOT (3600 < duration) OR 1 = 1", "a span (duration)"),
        ("duration BETWEEN 1 AND 2", "a span (duration)"),
        ("duration IN (1, 2)", "a span (duration)"),
        (
            "start_time > 2026-03-03",
            "a time (start_time) was compared with a number; write a time as DATE '2026-03-03'",
        ),
        ("start_time > '2026-03-03'", "a time (start_time) was compared with a text; write a time as DATE"),
        ("transaction_id = 101", "a text (transaction_id) was compared with a number; write a text as 'text'"),
        ("energy_wh > '5'", "a number (energy_wh) was compared with a text"),
        ('quality = "good"', "transactions has no good; see 'ocpplog schema transactions', and write a text as 'text'"),
        ("energy > 5", "did you mean 'energy_wh'?"),
        ("energy_wh", "must be of type `Boolean`"),
        ("transaction_id LIKE '1%' AND stop_reason::int > 5", "a condition is written as in"),
        ("start_time >= TIMESTAMP '2026-03-03 00:00:00+12:00'", "without an offset"),
    ],
)
def test_a_condition_that_would_mean_another_thing_is_refused(log, where, says):
    done = within("show", "transactions", log, "--where", where, "--quiet")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: --where: ")
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert len(done.stderr) < 250


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ("start_time >= DATE '2026-03-14'", 2),
        ("start_time > TIMESTAMP '2026-03-14 23:00:00'", 0),
        ("start_time BETWEEN DATE '2026-03-14' AND TIMESTAMP '2026-03-14 23:00:00'", 2),
        ("duration < INTERVAL '3 hours' AND stop_time - start_time < INTERVAL '3 hours'", 2),
        ("EXTRACT(year FROM start_time) = 2026", 2),
        ("state LIKE 'comp%' AND quality IN ('good', 'estimated', 'partial', 'suspect')", 2),
        ("1 = 1", 2),
        ("energy_wh > NULL", 0),
    ],
)
def test_conditions_on_times_spans_and_words_hold(log, where, count):
    assert len(rows(within("show", "transactions", log, "--where", where, "--json", "--quiet"))) == count


def test_the_help_says_how_a_time_and_a_span_are_written():
    told = " ".join(CliRunner().invoke(app, ["show", "--help"]).stdout.split())
    for example in ("INTERVAL '3 hours'", "DATE '2026-03-03'", "TIMESTAMP '2026-03-03 07:00:00'"):
        assert example in told


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


def test_a_sample_is_said_to_be_one_and_lists_are_words(log):
    told = run("inspect", log, "--quiet").stdout
    before, _, evidence = told.partition("  evidence, of a large log from a sample at its beginning:\n")
    assert before
    assert evidence.startswith("  - text: ")
    assert "ocpp_versions 1.6," in told
    assert "[" not in told.partition("charge_points\n")[2]


def test_types_are_short_where_people_read_them():
    told = run("schema", "firmware_updates").stdout
    assert max(line.index(" ", line.index("List(")) for line in told.splitlines() if "List(" in line) < 40
    assert "List(Struct)" in told
    (statuses,) = [row for row in rows(run("schema", "firmware_updates", "--json")) if row["column"] == "statuses"]
    assert "Struct({'status'" in statuses["dtype"]


def test_no_command_is_cut_in_the_help():
    told = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "80"}).stdout
    assert "..." not in told.partition("Commands:")[2]


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
            (["report", "CP1.log", "-o", "r.html", "--local-time", "Moon"], 2, "error: --local-time: 'Moon'"),
            (["report", "CP1.log", "-o", "r.html", "--identities", "all"], 2, "identities: 'all'"),
            (["report", "CP1.log", "-o", "no/r.html"], 5, "no such folder as no"),
            (["report", "CP1.log", "-o", "CP1.log"], 5, "choose another name, or overwrite with --force"),
            (["report", "CP1.log", "-o", "."], 5, "this is a folder; name a file"),
            (["report", "CP1.log", "-o", ".", "--force"], 5, "this is a folder; name a file"),
            (["report", "no.log", "-o", "r.html"], 4, "no.log"),
            (["show", "transactions", "CP1.log", "--where", "energy >"], 2, "error: --where: unable to parse"),
            (["show", "transactions", "CP1.log", "--timezone", "Moon"], 2, "error: --timezone: "),
            (["show", "transactions", "CP1.log", "--tables", "faults"], 2, "error: --tables: show builds the table"),
            (["show", "CP1.log"], 2, "the table is missing, such as transactions: ocpplog show transactions CP1.log"),
            (["show", "CP1.*"], 2, "the table is missing"),
            (["show", "boots"], 2, "the log is missing: ocpplog show boots LOG..."),
            (["show", "boot"], 2, "did you mean 'boots'?"),
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

    @pytest.mark.parametrize(
        ("args", "code", "says"),
        [
            (
                ["show", "boots", "no.log", "--columns", "vendr"],
                2,
                "--columns: boots has no vendr (did you mean 'vendor'",
            ),
            (["show", "boots", "no.log", "--where", "vendr = 'A'"], 2, "--where: boots has no vendr (did you mean"),
            (["tables", "no.log", "-o", "out", "--format", "xlsx"], 2, "--format: 'xlsx' is not one of"),
            (
                ["tables", "no.log", "-o", "taken"],
                5,
                "boots.parquet exists already; choose another folder, or overwrite",
            ),
            (["tables", "no.log", "-o", "taken", "--tables", "faults"], 4, "no.log"),
            (["tables", "no.log", "-o", "CP1.log", "--force"], 5, "CP1.log: this is a file; name a folder"),
        ],
    )
    def test_a_wrong_option_is_told_before_a_log_is_looked_for(self, tmp_path, monkeypatch, args, code, says):
        (tmp_path / "CP1.log").write_bytes(STORY)
        (tmp_path / "taken").mkdir()
        (tmp_path / "taken" / "boots.parquet").write_bytes(b"")
        monkeypatch.chdir(tmp_path)
        done = within(*args)
        assert (done.returncode, done.stdout) == (code, ""), done.stderr
        assert says in done.stderr
        assert not (tmp_path / "out").exists()

    def test_a_file_with_the_name_of_an_option_is_no_option(self, tmp_path, monkeypatch):
        (tmp_path / "CP1.log").write_bytes(STORY)
        (tmp_path / "where").write_bytes(b"")
        monkeypatch.chdir(tmp_path)
        assert within("tables", "CP1.log", "-o", "where").stderr == "error: where: this is a file; name a folder\n"

    @pytest.mark.parametrize("command", [["show", "boots"], ["inspect"], ["report"], ["tables"]])
    def test_what_ocpplog_wrote_is_no_log(self, log, tmp_path, monkeypatch, command):
        monkeypatch.chdir(tmp_path)
        assert within("tables", log, "-o", "out", "--quiet").returncode == 0
        more = [] if command[0] in {"show", "inspect"} else ["-o", "new"]
        for given in ("out", "out/boots.parquet", "out/manifest.json"):
            done = within(*command, given, *more)
            told = (
                f"error: {given!r} holds tables that ocpplog wrote, not logs; in Python ocpplog.open('out') gives them"
            )
            assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{told}\n")
        # What merely lies beside the tables is a log.
        (tmp_path / "out" / "CP1.log").write_bytes(STORY)
        assert within(*command, "out/CP1.log", *more).returncode == 0

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


def in_a_terminal(*args: object) -> list[str]:
    """Give what a terminal of 80 columns shows."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with subprocess.Popen([sys.executable, "-m", "ocpplog", *map(str, args)], stdout=theirs) as child:
        os.close(theirs)
        text = b""
        with contextlib.suppress(OSError):  # the end of a terminal, on Linux
            while piece := os.read(ours, 65536):
                text += piece
    os.close(ours)
    assert child.returncode == 0
    return text.decode().splitlines()


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals are a thing of Unix")
class TestTerminal:
    @pytest.fixture
    def shown(self, log):
        return in_a_terminal("show", "transactions", log, "--quiet")

    def test_what_matters_most_has_room(self):
        lines = in_a_terminal("demo", "--quiet")
        heads = [line.replace("│", "┆").split("┆") for line in lines if "charge_point_id" in line]
        transactions, statuses, firmware = [{cell.strip() for cell in head} for head in heads]
        assert {"charge_point_id", "start_time", "duration", "energy_wh", "quality"} <= transactions
        assert {"charge_point_id", "status", "start_time", "duration"} <= statuses
        assert {"charge_point_id", "requested_at", "outcome", "version_after"} <= firmware
        assert max(map(len, lines)) <= 80

    def test_inspect_and_schema_break_lines_between_words(self, log, monkeypatch):
        monkeypatch.chdir(log.parent)
        for args in (["inspect", log.name, "--quiet"], ["schema", "firmware_updates"], ["schema", "flags"]):
            lines = in_a_terminal(*args)
            assert max(map(len, lines)) <= 80
            piped = run(*args).stdout
            assert " ".join("\n".join(lines).split()) == " ".join(piped.split())

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
