"""Laws that hold for any input, sought to be broken by random ones."""

from __future__ import annotations

import gzip
import itertools
import random
from collections.abc import Callable
from datetime import timedelta

import logs
import ocpplog
import polars as pl
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

TABLES = [name for name in ocpplog.schemas.table_names() if name not in logs.OF_FILES]

# Lines that do not belong, and lines that are broken.
_NOISE = st.sampled_from(
    [
        b"2026-03-14T07:30:00Z INFO nothing to see here\n",
        b"\n",
        b'2026-03-14T07:31:00Z CP1 [2,"cut","Heartbeat",{\n',
        b'2026-03-14T07:32:00Z CP2 [3,"never asked",{}]\n',
        b'2026-03-14T07:33:00Z CP1 [2,"h","Heartbeat",{}] and [3,"h",{}] on one line\n',
        b"\xff\xfe not utf-8\n",
    ]
)


@st.composite
def noisy_logs(draw: st.DrawFn) -> bytes:
    """A log of one to three charge points, with lines lost and lines added."""
    count = draw(st.integers(1, 3))
    lines = logs.text(*[f"CP{number}" for number in range(1, count + 1)], sessions=draw(st.integers(0, 3))).splitlines(
        keepends=True
    )
    lost = draw(st.sets(st.integers(0, max(len(lines) - 1, 0)), max_size=6))
    kept = [line for number, line in enumerate(lines) if number not in lost]
    # Each noise once: equal lines are one message if they come from two sources, and two if from one.
    for place, noise in draw(
        st.lists(st.tuples(st.integers(0, len(kept)), _NOISE), max_size=4, unique_by=lambda pair: pair[1])
    ):
        kept.insert(place, noise)
    return b"".join(kept)


law = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@law
@given(noisy_logs(), st.integers(1, 4000), st.randoms(use_true_random=False))
def test_read_is_rebuild_of_parse_for_any_pieces_and_any_order_of_rows(
    data: bytes, chunk_bytes: int, chance: random.Random
) -> None:
    whole = logs.read([("a.log", data)], tables=TABLES)
    messages = logs.parse([("a.log", data)], chunk_bytes=chunk_bytes)
    order = list(range(messages.height))
    chance.shuffle(order)
    rebuilt = ocpplog.rebuild(messages[order], tables=TABLES).tables()
    logs.assert_same({name: whole[name] for name in TABLES}, {name: rebuilt[name] for name in TABLES})


@law
@given(noisy_logs(), st.integers(1, 4000), st.integers(1, 8))
def test_threads_and_pieces_change_nothing(data: bytes, chunk_bytes: int, threads: int) -> None:
    names = [*TABLES, *logs.OF_FILES]
    whole = logs.read([("a.log", data)], tables=names, threads=1)
    logs.assert_same(whole, logs.read([("a.log", data)], tables=names, chunk_bytes=chunk_bytes, threads=threads))


@law
@given(noisy_logs(), st.lists(st.integers(0, 400), max_size=4), st.randoms(use_true_random=False))
def test_splitting_order_names_and_compression_change_nothing_but_provenance(
    data: bytes, cuts: list[int], chance: random.Random
) -> None:
    # The law speaks of records that carry their own time, so lines without one stay out.
    lines = [line for line in data.splitlines(keepends=True) if line.startswith(b"2026-")]
    whole = logs.read([("a.log", b"".join(lines))], tables=TABLES)
    borders = [0, *sorted(min(cut, len(lines)) for cut in cuts), len(lines)]
    parts = [b"".join(lines[start:end]) for start, end in itertools.pairwise(borders)]
    names = [f"{number}.log" for number in range(len(parts))]
    chance.shuffle(names)
    pack: list[Callable[[bytes], bytes]] = [bytes, gzip.compress, zstandard.compress]
    sources = [(name, chance.choice(pack)(part)) for name, part in zip(names, parts, strict=True)]
    logs.assert_same(whole, logs.read(sources, tables=TABLES), provenance=False)


@law
@given(noisy_logs(), st.integers(1, 4000))
def test_the_equations_hold(data: bytes, chunk_bytes: int) -> None:
    names = [*TABLES, *logs.OF_FILES]
    ocpplog.Log(logs.read([("a.log", data)], tables=names, chunk_bytes=chunk_bytes)).check()


@law
@given(noisy_logs())
def test_another_charge_point_changes_nothing_of_the_others(data: bytes) -> None:
    # At a fixed observation; that of the whole is a fact about all charge points.
    window = ocpplog.Observation(logs.BEGIN - timedelta(days=1), logs.BEGIN + timedelta(days=1))
    stranger = b"".join(line.encode() + b"\n" for line in logs.day("ZZ", 1))
    # The others' rows, wherever the two logs lie.
    alone = ocpplog.rebuild(logs.parse([("a.log", data)]), tables=TABLES, observation=window).tables()
    crowd = ocpplog.rebuild(
        logs.parse([("a.log", data), ("b.log", stranger)]), tables=TABLES, observation=window
    ).tables()
    others = {
        name: frame.filter(pl.col("charge_point_id").ne_missing("ZZ"))
        for name, frame in crowd.items()
        if name in TABLES
    }
    logs.assert_same({name: alone[name] for name in TABLES}, others, provenance=False)


def test_the_bundled_log_is_read_equal_by_both_ways(example: ocpplog.Log) -> None:
    messages = ocpplog.parse(ocpplog.example_log()).sample(fraction=1, shuffle=True, seed=7)
    rebuilt = ocpplog.rebuild(messages, tables=TABLES).tables()
    logs.assert_same({name: example.tables()[name] for name in TABLES}, {name: rebuilt[name] for name in TABLES})
