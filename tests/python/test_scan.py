"""Lazy tables: whatever is asked of them, they are what `parse` gives."""

from __future__ import annotations

import _thread
import gzip
import io
import itertools
import subprocess
import sys
import tarfile
import threading
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import logs
import ocpplog
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ocpplog import _pushdown, _scan

DATA = Path(__file__).parents[1] / "data"
FILES = sorted(path for folder in ("layouts", "regressions") for path in (DATA / folder).rglob("*") if path.is_file())
STORY = logs.text("CP1", "CP2")
PLACE = ["source_file", "source_offset"]
OPTIONS: Any = {name: value for name, value in logs.OPTIONS.items() if name != "progress"}
c = pl.col


def scan(source: Any, table: str = "messages", *, chunk_bytes: int | None = None, **options: Any) -> pl.LazyFrame:
    """Scan with what the public function does not offer: the size of the pieces."""
    told: Any = {**OPTIONS, **options}
    return _scan.lazily(table, source, told, chunk_bytes=chunk_bytes)


def consume(items: Iterable[object]) -> None:
    for _ in items:
        pass


def rows(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows in one order, their dictionaries as texts."""
    frame = logs.plain(frame)
    return frame.sort(PLACE) if frame.height and set(PLACE) <= set(frame.columns) else frame


def assert_scans(source: Any, **options: Any) -> None:
    """Hold a scan in pieces of several sizes against `parse`."""
    expected = rows(pl.DataFrame(ocpplog._native.parse(source, chunk_bytes=None, **{**logs.OPTIONS, **options})))
    for chunk_bytes in (40, 700, None):
        found = scan(source, chunk_bytes=chunk_bytes, **options).collect()
        assert found.schema == ocpplog.schemas.messages
        logs.assert_same({"messages": expected}, {"messages": rows(found)})


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DATA)))
def test_a_scan_gives_the_rows_of_parse_in_every_layout(path):
    assert_scans([str(path)])


def test_a_scan_of_all_layouts_together_gives_the_rows_of_parse():
    assert_scans([str(DATA / "layouts")])


def local(lines: int, hours: int = 2) -> bytes:
    """A log whose stamps have no offset, two hours before the payloads' UTC."""
    out = []
    for number in range(lines):
        now = logs.BEGIN + timedelta(seconds=30 * number)
        there = (now + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S")
        body = f'{{"connectorId":1,"errorCode":"NoError","status":"Available","timestamp":"{logs.stamp(now)}"}}'
        out.append(f'{there} CP{number % 3} [2,"{number}","StatusNotification",{body}]\n')
    return "".join(out).encode()


def test_a_zone_that_only_the_payloads_tell_is_that_of_the_whole_log():
    data = local(300)
    assert_scans([("a.log", data)])
    expected = ocpplog.parse(data)["log_time"].sort()
    # The first pieces are long handed over when the payloads begin to tell.
    silent = data.replace(b'"timestamp"', b'"tinestamp"', 100)
    assert_scans([("a.log", silent)])
    assert scan([("a.log", data)], chunk_bytes=100).collect()["log_time"].sort().equals(expected)
    assert (
        scan([("a.log", data)], chunk_bytes=100, timezone="+01:00")
        .collect()["log_time"]
        .sort()
        .equals(expected + timedelta(hours=1))
    )


@pytest.mark.parametrize("zone", ["auto", "UTC", "Europe/Berlin"])
def test_stamps_without_a_year_or_a_date_are_those_of_the_whole_log(zone):
    days = local(300).replace(b"2026-03-14 ", b"")
    years = b"".join(b"Mar 14 " + line[11:] for line in local(300).splitlines(keepends=True))
    for data in (days, years):
        for silent in (0, 100):
            assert_scans([("a.log", data.replace(b'"timestamp"', b'"tinestamp"', silent))], timezone=zone)
        nothing = data.replace(b'"timestamp"', b'"tinestamp"')
        assert_scans([("a_2026-03-14.log", nothing)], timezone=zone)
        assert_scans([("a.log", nothing)], timezone=zone)


def worded(first: str, second: str, calls: int) -> bytes:
    """A log that says who sent what in its own words."""
    return "".join(
        f'2026-03-14T07:00:00Z CP1 {first} [2,"{number}","Heartbeat",{{}}]\n'
        f'2026-03-14T07:00:00Z CP1 {second} [3,"{number}",{{}}]\n'
        for number in range(calls)
    ).encode()


def test_what_sent_and_received_mean_is_settled_by_the_log_as_a_whole():
    for lead, rest in [(100, 300), (300, 100), (90, 100)]:
        data = worded("receive", "send", lead) + worded("send", "receive", rest)
        assert_scans([("a.log", data)])


def test_the_head_of_a_log_settles_what_its_words_mean_if_it_is_clear():
    answers = c("message_type") == "CALLRESULT"
    for head, told in [(12_000, "from_csms"), (90, "from_charge_point")]:
        padding = b"nothing to see here\n" * (0 if head > 100 else 60_000)
        data = worded("receive", "send", head) + padding + worded("send", "receive", 13_000)
        expected = rows(ocpplog.parse([("a.log", data)]))
        assert expected.filter(answers)["direction"][0] == told
        for chunk_bytes in (30_000, 300_000, None):
            found = scan([("a.log", data)], chunk_bytes=chunk_bytes).collect()
            logs.assert_same({"messages": expected}, {"messages": rows(found)})
            pieces = ocpplog._native.Scanner([("a.log", data)], table="messages", chunk_bytes=chunk_bytes, **OPTIONS)
            assert sum(batch.num_rows for batch in pieces.scan(["direction"], None, None)) == expected.height


def archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def test_members_of_archives_are_scanned_each_as_a_log_of_its_own():
    files = {"a.log": STORY, "b.log": local(300), "c.log": worded("receive", "send", 40), "d.log": local(200, 1)}
    assert_scans([("logs.tar.gz", archive(files))])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        for name, data in files.items():
            zipped.writestr(name, data)
    assert_scans([("logs.zip", out.getvalue())])
    assert_scans([("z.log", STORY), ("logs.zip", out.getvalue()), ("a.log", local(100))])


ENVELOPE = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns="urn://Ocpp/Cs/2012/06/"><s:Header>{}</s:Header>'
    "<s:Body>{}</s:Body></s:Envelope>"
)


def soap(exchanges: int) -> bytes:
    """Envelopes, each answer before its call; only the calls name the charge point."""
    out = []
    for number in range(exchanges):
        relates = f"<RelatesTo>m{number}</RelatesTo>"
        names = f"<chargeBoxIdentity>CP{number % 2}</chargeBoxIdentity><MessageID>m{number}</MessageID>"
        out += [ENVELOPE.format(relates, "<heartbeatResponse/>"), ENVELOPE.format(names, "<heartbeatRequest/>")]
    return "".join(f"2026-03-14T07:00:00Z {line}\n" for line in out).encode()


def test_an_envelope_gets_its_charge_point_from_a_line_behind_it():
    assert_scans([("a.log", soap(50))])
    assert set(scan([("a.log", soap(50))]).collect()["charge_point_id"]) == {"CP0", "CP1"}
    # The envelopes come when rows were handed over already.
    assert_scans([("a.log", STORY + soap(50))])
    assert_scans([("logs.tar.gz", archive({"a.log": STORY + soap(50), "b.log": STORY, "c.log": soap(9)}))])


def test_the_copies_of_a_second_logger_are_no_rows():
    line = "2026-03-14 07:00:0{}.000 DEBUG (MainThread) [{}] {}\n"
    frames = [f'[2,"{number}","Heartbeat",{{}}]' for number in range(9)]
    first = [
        line.format(at, "custom_components.ocpp", f"CP1: receive message {frame}") for at, frame in enumerate(frames)
    ]
    second = [line.format(at, "websockets.server", f"< TEXT '{frame}' [26 bytes]") for at, frame in enumerate(frames)]
    for lines in ([*second, *first], [*first, *second], [*first, *second[:4]], [*second, *first[:4]]):
        assert_scans([("a.log", "".join(lines).encode())])


def test_a_source_without_times_that_says_the_same_as_an_earlier_one_is_scanned_once():
    body = '{"connectorId":1,"errorCode":"NoError","status":"Available","timestamp":"2026-03-14T07:00:00Z"}'
    data = "".join(f'CP1 [2,"{number}","StatusNotification",{body}]\n' for number in range(60)).encode()
    beats = b"".join(b'CP1 [2,"%d","Heartbeat",{}]\n' % number for number in range(60))
    sources = [("a.log", data), ("b.log", data), ("c.log", beats), ("d.log", beats), ("e.log", STORY), ("f.log", data)]
    assert_scans(sources)
    assert set(rows(scan(sources).collect())["source_file"]) == {"a.log", "c.log", "d.log", "e.log"}
    assert_scans([("logs.tar.gz", archive(dict(sources)))])
    assert_scans([("logs.tar.gz", archive(dict(reversed(sources))))])


def test_messages_in_files_of_their_own_are_settled_folder_by_folder(tmp_path):
    for folder, hours in (("CP1", 2), ("CP2", 1)):
        (tmp_path / folder).mkdir()
        for number in range(12):
            now = logs.BEGIN + timedelta(minutes=number)
            there = (now + timedelta(hours=hours)).strftime("%Y-%m-%d_%H-%M-%S")
            name = f"{there}-0001_ocpp16-in.txt"
            body = {"connectorId": 1, "errorCode": "NoError", "status": "Available", "timestamp": logs.stamp(now)}
            frame = pl.Series([{"f": body}]).struct.json_encode()[0][5:-1]
            (tmp_path / folder / name).write_text(f'[2,"{number}","StatusNotification",{frame}]\n', encoding="utf-8")
    assert_scans([str(tmp_path)])
    assert set(scan([str(tmp_path)]).collect()["charge_point_id"]) == {"unknown:CP1", "unknown:CP2"}
    files = {
        str(path.relative_to(tmp_path)): path.read_bytes() for path in sorted(tmp_path.rglob("*.txt"), reverse=True)
    }
    assert_scans([("logs.tar.gz", archive({"x.log": STORY, **files, "y.log": STORY}))])


_TIMES = st.integers(0, 4000).map(lambda seconds: logs.BEGIN + timedelta(seconds=seconds))
_IDS = st.sampled_from(["CP1", "CP2", "CP3", "", "cp1"])
_ACTIONS = st.sampled_from(["Heartbeat", "StatusNotification", "MeterValues", "BootNotification", "nothing"])
_KINDS = st.sampled_from(["CALL", "CALLRESULT", "CALLERROR", "OPEN"])


def _compared(column: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[pl.Expr]:
    operators: list[Callable[[pl.Expr, Any], pl.Expr]] = [
        lambda left, right: left == right,
        lambda left, right: right == left,
        lambda left, right: left != right,
        lambda left, right: left.eq_missing(right),
        lambda left, right: left.is_in([right]),
        lambda left, right: ~left.is_in([right, None], nulls_equal=True),
    ]
    if column == "log_time":
        operators += [
            lambda left, right: left > right,
            lambda left, right: left >= right,
            lambda left, right: left < right,
            lambda left, right: left <= right,
            lambda left, right: pl.lit(right) < left,
            lambda left, right: left >= pl.lit(right).cast(pl.Datetime("ns", "UTC")),
            lambda left, right: left >= pl.lit(right).cast(pl.Datetime("ms", "UTC")),
        ]
    return st.builds(lambda operator, value: operator(c(column), value), st.sampled_from(operators), values)


_SIMPLE = st.one_of(
    _compared("charge_point_id", _IDS),
    _compared("log_time", _TIMES),
    _compared("action", _ACTIONS),
    _compared("message_type", _KINDS),
    st.builds(lambda words: c("action").is_in(words), st.lists(_ACTIONS, max_size=3)),
    st.builds(lambda words: c("charge_point_id").is_in(words), st.lists(_IDS, max_size=3)),
    st.builds(
        lambda low, high, closed: c("log_time").is_between(low, high, closed=closed),
        _TIMES,
        _TIMES,
        st.sampled_from(["both", "left", "right", "none"]),
    ),
    st.sampled_from(
        [
            c("action").is_null(),
            c("log_time").is_not_null(),
            c("payload").str.contains("Accepted"),
            c("charge_point_id").str.starts_with("CP"),
            c("log_time").dt.minute() > 5,
            c("flags").list.len() == 0,
            pl.lit(value=True),
        ]
    ),
)
_PREDICATES = st.recursive(
    _SIMPLE,
    lambda inner: st.one_of(
        st.builds(lambda left, right: left & right, inner, inner),
        st.builds(lambda left, right: left | right, inner, inner),
        inner.map(lambda only: ~only),
    ),
    max_leaves=5,
)
_NAMES = st.lists(st.sampled_from([*ocpplog.schemas.messages]), min_size=1, unique=True)
law = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@law
@given(
    _PREDICATES,
    _NAMES,
    st.one_of(st.none(), st.integers(0, 120)),
    st.tuples(st.sampled_from([None, 60, 500, 4000]), st.integers(1, 4)),
    st.sampled_from(["in-memory", "streaming"]),
)
def test_filter_select_and_head_of_a_scan_are_those_of_its_rows(predicate, names, count, pieces, engine):
    chunk_bytes, threads = pieces
    lazy = scan(_SOURCES, chunk_bytes=chunk_bytes, threads=threads)

    def ask(table: pl.LazyFrame, order: str) -> pl.LazyFrame:
        if order == "filter":
            table = table.filter(predicate)
        if count is not None:
            table = table.head(count)
        if order == "head":
            table = table.filter(predicate)
        return table.select(names)

    for order in ("filter", "head"):
        expected = logs.plain(ask(_ROWS.lazy(), order).collect())
        found = logs.plain(ask(lazy, order).collect(engine=engine))
        assert found.equals(expected), (order, str(predicate))


_SOURCES: Any = [
    ("a.log", STORY + b'2026-03-14T09:00:00Z CP1 [4,"x","GenericError","",{}]\nCP3 [2,"y","nothing",{}]\n'),
    ("b.log", logs.text("CP3", sessions=1)),
]
_ROWS = scan(_SOURCES).collect()


def test_the_law_above_meets_predicates_that_the_core_knows():
    now = logs.BEGIN + timedelta(minutes=5)
    micros = int(now.timestamp()) * 1_000_000
    nothing = (None, None)
    for predicate, expected in [
        (c("charge_point_id") == "CP1", (["CP1"], None, None, nothing, nothing)),
        ((c("action").is_in(["a", "b"])) & (c("payload") == "x"), (None, ["a", "b"], None, nothing, nothing)),
        ((c("action") == "a") & c("action").is_in(["a", "b"]), (None, ["a"], None, nothing, nothing)),
        (c("message_type") == "CALL", (None, None, ["CALL"], nothing, nothing)),
        (c("log_time") > now, (None, None, None, (micros + 1, None), nothing)),
        ((c("log_time") >= now) & (c("log_time") < now), (None, None, None, (micros, micros - 1), nothing)),
        (c("received_at") <= now, (None, None, None, (None, micros), nothing)),
        (c("time").is_between(now, now, closed="right"), (None, None, None, nothing, (micros + 1, micros))),
        ((c("action") == "a") | (c("action") == "b"), None),
        (c("action") != "a", None),
        (c("action") == c("charge_point_id"), None),
        (c("log_time") >= pl.lit(now).cast(pl.Datetime("ns", "UTC")), None),
    ]:
        assert _pushdown.kept(predicate) == expected, str(predicate)


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_a_plan_asks_the_scan_for_no_more_than_it_needs(engine, monkeypatch):
    asked: list[tuple[Any, ...]] = []
    scanner = ocpplog._native.Scanner

    class Watching:
        def __init__(self, *args: Any, **options: Any) -> None:
            self._inner = scanner(*args, **options)

        def scan(self, *args: Any) -> Any:
            asked.append(args)
            return self._inner.scan(*args)

    monkeypatch.setattr(ocpplog._native, "Scanner", Watching)
    lazy = ocpplog.scan_messages(STORY)
    lazy.filter(c("action") == "Heartbeat").select("log_time").collect(engine=engine)
    columns, limit, keep = asked.pop()
    assert sorted(columns) == ["action", "log_time"]
    assert limit is None
    assert keep is not None
    lazy.head(7).collect(engine=engine)
    assert asked.pop()[:2] == (None, 7)


def test_a_limit_ends_the_reading(tmp_path):
    whole = tmp_path / "whole.log"
    whole.write_bytes(STORY * 200)
    broken = tmp_path / "broken.log.gz"
    broken.write_bytes(gzip.compress(STORY * 200)[:-9])
    with pytest.warns(ocpplog.OcpplogWarning, match="compressed_truncated 1"):
        height = scan([str(broken)], chunk_bytes=1000).collect().height
    # What is wrong with the end was not met.
    with without_a_warning():
        assert scan([str(broken)], chunk_bytes=1000).head(10).collect().height == 10
    assert height > 1000


@contextmanager
def without_a_warning() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


BROKEN = STORY + b'2026-03-14T09:00:00Z CP1 [2,"x","Heartbeat",{\n2026-03-14T09:00:00Z CP1 [9,"x","Heartbeat",{}]\n'


def test_what_is_no_row_is_told_in_one_warning():
    log = logs.quiet(BROKEN)
    expected = f"{log.rejects.height} rejects: json_truncated 1, message_type 1"
    for ask in (lambda: ocpplog.scan_messages(BROKEN).collect(), lambda: ocpplog.parse(BROKEN)):
        with pytest.warns(ocpplog.OcpplogWarning, match=expected) as told:
            ask()
        assert len(told) == 1
    with without_a_warning():
        ocpplog.scan_messages(STORY).collect()
        ocpplog.parse(STORY)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DATA)))
def test_a_scan_counts_the_rejects_of_read(path):
    batches = ocpplog._native.Scanner([str(path)], table="messages", chunk_bytes=100, **OPTIONS).scan(None, None, None)
    assert sum(batch.num_rows for batch in batches) >= 0
    found = dict(batches.findings())
    rejects = logs.quiet(path).rejects["reason"].cast(pl.String).value_counts()
    expected = {
        reason: count for reason, count in rejects.iter_rows() if reason not in ("frame_quoted", "duplicate_of")
    }
    assert found == expected


def test_a_lazy_table_is_collected_any_number_of_times():
    lazy = ocpplog.scan_messages(io.BytesIO(STORY))
    first = lazy.collect()
    assert first.equals(lazy.collect())
    both = pl.concat([lazy.filter(c("action") == "Heartbeat"), lazy.filter(c("action") != "Heartbeat")]).collect()
    assert both.height == first["action"].is_not_null().sum()
    joined = lazy.join(lazy, on=PLACE).select(pl.len()).collect().item()
    assert joined == first.height


def test_columnar_files_are_scanned_row_by_row(tmp_path):
    path = tmp_path / "messages.parquet"
    messages = ocpplog.parse(STORY)
    frames = messages.select(
        "charge_point_id", "log_time", "direction", "message_type", "message_id", "action", "payload"
    )
    frames.write_parquet(path)
    expected = rows(ocpplog.parse(path))
    lazy = ocpplog.scan_messages(path)
    for _ in range(2):
        logs.assert_same({"messages": expected}, {"messages": rows(lazy.collect())})


@pytest.mark.parametrize("sink", ["parquet", "ipc", "csv"])
def test_a_scan_streams_into_a_file(sink, tmp_path):
    path = tmp_path / "out"
    lazy = scan([("<bytes>", STORY)], chunk_bytes=500)
    if sink == "csv":
        lazy.drop("flags", "response_time").sink_csv(path)
        assert pl.read_csv(path).height == ocpplog.parse(STORY).height
        return
    getattr(lazy, f"sink_{sink}")(path)
    stored = getattr(pl, f"read_{sink}")(path)
    logs.assert_same({"messages": rows(ocpplog.parse(STORY))}, {"messages": rows(stored)})


def test_options_select_rows_as_they_do_for_parse():
    start, end = logs.BEGIN + timedelta(minutes=3), logs.BEGIN + timedelta(minutes=20)
    options: dict[str, Any] = {"start": start, "end": end, "charge_points": ["CP2"]}
    for other in ({}, {"charge_point_id": "X", "override": True}, {"ocpp_version": "1.5"}):
        chosen = {**options, **other} if "override" not in other else {**other, "start": start}
        expected = rows(ocpplog.parse(STORY, **chosen))
        logs.assert_same({"messages": expected}, {"messages": rows(ocpplog.scan_messages(STORY, **chosen).collect())})
        few = ocpplog.scan_messages(STORY, **chosen).select("source_offset").collect()["source_offset"].sort()
        assert few.equals(expected["source_offset"].sort())
        assert expected.height > 0


def test_what_cannot_be_scanned_is_told_at_once(tmp_path):
    with pytest.raises(ocpplog.exceptions.MissingInputError):
        ocpplog.scan_messages(tmp_path / "none.log")
    with pytest.raises(ocpplog.exceptions.OptionError):
        ocpplog.scan_messages(STORY, layout="none such")
    with pytest.raises(ocpplog.exceptions.OptionError):
        ocpplog.scan_meter_values(STORY, timezone="Mars")
    path = tmp_path / "a.log"
    path.write_bytes(STORY)
    lazy = ocpplog.scan_messages(path)
    path.unlink()
    for engine in ("in-memory", "streaming"):
        with pytest.raises(ocpplog.exceptions.MissingInputError, match=r"a\.log"):
            lazy.collect(engine=engine)


def test_sampled_values_are_those_of_read_as_far_as_a_message_tells():
    read = rows(ocpplog.read(STORY).meter_values)
    found = ocpplog.scan_meter_values(STORY).collect()
    assert found.schema == ocpplog.schemas.meter_values
    assert found["link"].null_count() == found.height > 0
    assert set(found["transaction_id"]) == {"100", "101"}
    logs.assert_same({"m": read.drop("link")}, {"m": rows(found).drop("link")})
    half = ocpplog.scan_meter_values(STORY).filter(c("time") >= logs.BEGIN + timedelta(minutes=20)).collect()
    assert 0 < half.height < found.height
    assert half.equals(found.filter(c("time") >= logs.BEGIN + timedelta(minutes=20)))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DATA)))
def test_no_sampled_value_of_a_rebuilt_log_is_missing_in_a_scan(path):
    columns = ["charge_point_id", "source_offset", "measurand", "phase", "context", "value", "unit", "raw_value"]
    read = rows(logs.quiet(path).meter_values).select(columns)
    found = rows(scan([str(path)], "meter_values", chunk_bytes=200).collect()).select(columns)
    assert read.join(found, on=columns, how="anti", nulls_equal=True).is_empty()


def test_meter_values_are_filtered_by_every_clock():
    found = ocpplog.scan_meter_values(STORY).collect()
    for column in ("time", "received_at"):
        for moment in found[column].unique():
            for predicate in (c(column) == moment, c(column) > moment, c(column) <= moment):
                few = (
                    ocpplog.scan_meter_values(STORY).filter(predicate, c("value") > 0).select("value", "unit").collect()
                )
                assert logs.plain(few).equals(
                    logs.plain(found.filter(predicate, c("value") > 0).select("value", "unit"))
                )


def test_several_threads_read_and_scan_at_once():
    expected, found = ocpplog.parse(STORY).height, []

    def work(number: int) -> None:
        for _ in range(5):
            found.append(
                ocpplog.scan_messages(STORY).collect(engine="streaming" if number % 2 else "in-memory").height
                if number % 3
                else ocpplog.read(STORY, tables=["messages"]).messages.height
            )

    workers = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == [expected] * 40


@pytest.mark.parametrize("call", ["read(path, threads=1, progress=False)", "scan_messages(path, threads=1).collect()"])
def test_the_interpreter_goes_on_while_a_log_is_read(call, tmp_path):
    path = tmp_path / "long.log"
    path.write_bytes(STORY * 4_000)
    code = f"""
import threading, time, ocpplog
path = {str(path)!r}
ticks = 0
done = threading.Event()
def tick():
    global ticks
    while not done.is_set():
        ticks += 1
        time.sleep(0.001)
thread = threading.Thread(target=tick)
thread.start()
before = ticks
ocpplog.{call}
print(ticks - before)
done.set()
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 5


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_ctrl_c_ends_a_scan_and_the_next_one_works(engine, tmp_path):
    path = tmp_path / "long.log"
    path.write_bytes(STORY * 20_000)
    code = f"""
import os, signal, threading, time, ocpplog, polars as pl
scan = ocpplog.scan_messages({str(path)!r}, threads=1)
sent = []
def send():
    sent.append(time.monotonic())
    os.kill(os.getpid(), signal.SIGINT)
threading.Timer(0.5, send).start()
try:
    try:
        scan.select(pl.col("payload").str.len_bytes().sum()).collect(engine={engine!r})
    finally:
        time.sleep(0.2)
except KeyboardInterrupt:  # Polars raises it, and Python its own behind it
    print("stopped", time.monotonic() - sent[0])
print(scan.head(3).collect(engine={engine!r}).height)
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    if "stopped" in done.stdout:  # a fast machine is done before the signal
        assert float(done.stdout.split()[1]) < 0.2 + 0.3
    assert done.stdout.splitlines()[-1] == "3"


def test_a_file_object_that_raises_ends_a_read_with_what_it_raised():
    class Broken:
        def read(self, _size: int) -> bytes:
            raise ValueError("no such thing")

    with pytest.raises(ValueError, match="no such thing"):
        ocpplog.read(Broken())  # type: ignore[arg-type]  # all that is asked of it is read()


def test_an_interrupt_in_the_middle_of_a_batch_leaves_nothing_behind():
    batches = ocpplog._native.Scanner([("a.log", STORY * 300)], table="messages", chunk_bytes=500, **OPTIONS).scan(
        None, None, None
    )
    assert next(batches).num_rows > 0
    running = threading.active_count()
    del batches
    assert threading.active_count() == running
    timer = threading.Timer(0.05, _thread.interrupt_main)
    lazy = ocpplog.scan_messages(STORY * 50)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        consume(lazy.collect() for _ in itertools.count())
    timer.join()
    assert ocpplog.scan_messages(STORY).collect().height == ocpplog.parse(STORY).height


def test_the_times_of_a_scan_are_instants():
    first = ocpplog.scan_messages(STORY).select(c("log_time").min()).collect().item()
    assert first == datetime(2026, 3, 14, 7, 0, 30, tzinfo=UTC)
