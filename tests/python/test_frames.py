"""Tables of the core as Polars frames: with their words, or with Polars' numbers for them."""

from __future__ import annotations

import subprocess
import sys
import warnings

import ocpplog
import polars as pl
import pytest
from ocpplog import _frames
from polars.expr.categorical import ExprCatNameSpace
from polars.testing import assert_frame_equal

NUMBERS = """
import sys
import ocpplog, polars as pl
from ocpplog import _frames
_frames._MANY_ROWS = 1
log = ocpplog.read(ocpplog.example_log(), threads=int(sys.argv[1]))
for name, table in log.tables().items():
    words = [column.to_physical().to_list() for column in table if column.dtype == pl.Categorical]
    print(name, words)
"""


def tables(threads: int | None = None) -> dict[str, pl.DataFrame]:
    return ocpplog.read(ocpplog.example_log(), threads=threads).tables()


@pytest.fixture
def plain() -> dict[str, pl.DataFrame]:
    """The tables as Polars takes them over when nobody helps."""
    return tables(1)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether numbers were given for words, for each table that has any."""
    given: list[bool] = []
    are_words = _frames._are_words

    def told(numbers: pl.Series, words: pl.Series) -> bool:
        found = are_words(numbers, words)
        given.extend([found] if len(words) else [])
        return found

    monkeypatch.setattr(_frames, "_MANY_ROWS", 1)
    monkeypatch.setattr(_frames, "_are_words", told)
    return given


def test_tables_whose_words_came_as_numbers_are_the_same(plain: dict[str, pl.DataFrame], asked: list[bool]) -> None:
    for threads in (1, 2, 3, 64, None):
        for name, table in tables(threads).items():
            assert_frame_equal(table, plain[name])
            assert table.n_chunks() == plain[name].n_chunks()
    # Older versions of Polars take words only.
    assert asked
    assert set(asked) == {hasattr(ExprCatNameSpace, "to")}


def test_the_messages_of_parse_are_the_same(asked: list[bool]) -> None:
    parsed = ocpplog.parse(ocpplog.example_log())
    assert asked == [hasattr(ExprCatNameSpace, "to")]
    _frames._MANY_ROWS = parsed.height + 1
    assert_frame_equal(parsed, ocpplog.parse(ocpplog.example_log()))
    assert parsed.schema == ocpplog.schemas.messages


def test_where_polars_takes_no_numbers_it_gets_the_words(
    plain: dict[str, pl.DataFrame], asked: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(ExprCatNameSpace, "to", raising=False)
    for name, table in tables().items():
        assert_frame_equal(table, plain[name])
    assert asked
    assert not any(asked)


@pytest.mark.skipif(not hasattr(ExprCatNameSpace, "to"), reason="this version of Polars takes no numbers")
def test_where_polars_takes_numbers_for_other_words_it_gets_the_words(
    plain: dict[str, pl.DataFrame], asked: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(space: ExprCatNameSpace, dtype: pl.DataType) -> pl.Expr:
        del space, dtype
        return pl.lit("another word", dtype=pl.Categorical)

    monkeypatch.setattr(ExprCatNameSpace, "to", wrong)
    for name, table in tables().items():
        assert_frame_equal(table, plain[name])
    assert asked
    assert not any(asked)


def test_who_is_warned_of_unstable_functions_is_not_warned_of_those(
    plain: dict[str, pl.DataFrame], asked: list[bool]
) -> None:
    with pl.Config(), warnings.catch_warnings():
        pl.Config.warn_unstable(True)
        warnings.simplefilter("error", pl.exceptions.UnstableWarning)
        found = tables()
    for name, table in found.items():
        assert_frame_equal(table, plain[name])
    assert asked
    assert not any(asked)


def test_the_numbers_behind_words_do_not_hang_on_threads() -> None:
    def numbers(threads: int) -> str:
        command = [sys.executable, "-c", NUMBERS, str(threads)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    alone = numbers(1)
    assert "meter_values" in alone
    assert all(numbers(threads) == alone for threads in (2, 8, 8))


@pytest.mark.parametrize("samples", [4, 40])
def test_a_log_with_many_samples_is_read_whole_with_any_number_of_threads(samples: int) -> None:
    places = range(samples)
    sample = ",".join(f'{{"value":"{place}","measurand":"Voltage","phase":"L{place % 3 + 1}"}}' for place in places)
    line = (
        '{{"timestamp":"2026-03-01T{:02}:{:02}:{:02}Z","station":"CP{}","direction":"in","message":[2,"{}","MeterValues",'
        '{{"connectorId":1,"meterValue":[{{"timestamp":"2026-03-01T{:02}:{:02}:{:02}Z","sampledValue":[{}]}}]}}]}}\n'
    )
    count = _frames._MANY_ROWS // samples + 1
    log = ""
    for at in range(count):
        time = (at // 3600, at // 60 % 60, at % 60)
        log += line.format(*time, at % 7, at, *time, sample)
    one, four = (ocpplog.read(("a.jsonl", log.encode()), threads=threads).meter_values for threads in (1, 4))
    assert one.height == count * samples >= _frames._MANY_ROWS
    # Many messages are rebuilt in several batches, whose words are numbered one by one.
    assert one.n_chunks() == (2 if samples == 4 else 1)
    assert_frame_equal(one, four)
    phases = four.group_by(pl.col("phase").cast(pl.String)).len().sort("phase")
    expected = [(f"L{phase + 1}", count * len(places[phase::3])) for phase in range(3)]
    assert phases.rows() == expected
