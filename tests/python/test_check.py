"""`Log.check()` holds on every log there is, and finds what was tampered with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import logs
import ocpplog
import polars as pl
import pytest
from ocpplog._conserve import conserve
from ocpplog.exceptions import InternalError

DATA = Path(__file__).parents[1] / "data"
STORIES = sorted(path for path in (DATA / "stories").glob("*/log.*"))
OTHERS = sorted(path for name in ("layouts", "regressions") for path in (DATA / name).rglob("*") if path.is_file())
TABLES = list(ocpplog.schemas.table_names())
Tables = dict[str, pl.DataFrame]


@pytest.mark.parametrize("path", [*STORIES, *OTHERS], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_log_of_the_tests_keeps_all_equations(path):
    log = logs.quiet(path, tables=TABLES)  # it checks
    if path in STORIES:
        # Without the messages less can be told, but nothing else must hold.
        conserve({name: frame for name, frame in log.tables().items() if name != "messages"}, whole=True)


def story(name: str) -> Tables:
    """All tables of a story."""
    path = next((DATA / "stories" / name).glob("log.*"))
    return logs.quiet(path, tables=TABLES).tables()


def without(table: str, count: int = 1) -> Callable[[Tables], Tables]:
    """Lose the last rows of a table, and their count."""

    def tamper(tables: Tables) -> Tables:
        assert tables[table].height >= count
        lost = tables[table].tail(count)["charge_point_id"].value_counts(name="lost")
        told = tables["charge_points"]
        if table in told.columns:
            told = told.join(lost, on="charge_point_id", how="left").with_columns(
                pl.col(table) - pl.col("lost").fill_null(0).cast(pl.Int64)
            )
        return {
            **tables,
            table: tables[table].head(-count),
            "charge_points": told.select(tables["charge_points"].columns),
        }

    return tamper


def change(table: str, **columns: pl.Expr) -> Callable[[Tables], Tables]:
    """Change columns of a table."""
    return lambda tables: {
        **tables,
        table: tables[table].with_columns(
            **{name: value.cast(tables[table].schema[name]) for name, value in columns.items()}
        ),
    }


TAMPERED = {
    # R1, R2
    "a start that is lost": ("plain_16", without("transactions"), "every StartTransaction must be a row"),
    "a repeated start that is lost": ("retry_new_id", without("unmatched"), "every StartTransaction must be a row"),
    "a stop that is lost": ("stop_only", without("transactions"), "every StopTransaction must end a row"),
    "a stop of no row": ("orphan_stop_beside_normal", without("transactions"), "every St.*Transaction must"),
    "a placeholder stop that is lost": ("two_connectors_minus_one", without("unmatched"), "every StopTransaction must"),
    "a stop without id that is lost": ("stop_without_id", without("unmatched"), "every StopTransaction must"),
    # R3
    "two ends": ("open_at_log_end", change("transactions", end_source=pl.lit("stop")), "must have one end"),
    "no end": ("plain_16", change("transactions", state=pl.lit(None)), "must have one end"),
    "a stop that nobody sent": (
        "plain_16",
        change("transactions", stop_attempts=pl.lit(0)),
        "a stop must be in the log",
    ),
    "a start that nobody sent": ("stop_only", change("transactions", start_attempts=pl.lit(1)), "a start must be"),
    # R4
    "a sample that is lost": ("plain_16", without("meter_values"), "transactions must count their values"),
    "a sample without a link": ("plain_16", change("meter_values", link=pl.lit("none")), "must count their values"),
    # R5
    "a number that is missing": (
        "plain_201",
        change("transactions", seq_missing_count=pl.lit(1)),
        "missing numbers must be those",
    ),
    "an event of no row": ("plain_201", without("transactions"), "every TransactionEvent must belong to a row"),
    # R6
    "states that nobody reported": (
        "status_repeated",
        change("status_intervals", confirmations=pl.col("confirmations") + 1),
        "states must be those that were reported",
    ),
    "an overlap": (
        "status_repeated",
        change("status_intervals", end_time=pl.col("end_time") + timedelta(seconds=1)),
        "must not overlap",
    ),
    # R7
    "an outcome of another class": (
        "firmware_verified",
        change("firmware_updates", outcome_class=pl.lit("failure")),
        "a job must have one outcome",
    ),
    "a last status that was not told": (
        "firmware_verified",
        change("firmware_updates", last_status=pl.lit("Idle")),
        "the last status must be",
    ),
    "a job that nobody began": (
        "firmware_verified",
        lambda tables: {
            **change("charge_points", firmware_updates=pl.lit(2))(tables),
            "firmware_updates": pl.concat([tables["firmware_updates"]] * 2),
        },
        "every request must have a job",
    ),
    "statuses in two jobs": (
        "firmware_verified",
        change("firmware_updates", statuses=pl.col("statuses").list.concat(pl.col("statuses"))),
        "a status must be in one job only",
    ),
    # R8
    "a row of another line": (
        "plain_16",
        change("boots", source_line=pl.col("source_line") + 1),
        "must name a message",
    ),
    "an authorisation that is lost": ("authorization_outcomes", without("authorizations"), "every Authorize must be"),
    "a boot that is lost": ("plain_16", without("boots"), "every BootNotification must be a row"),
    "a count of other rows": ("plain_16", change("charge_points", boots=pl.lit(7)), "boots must count the rows"),
    # R9
    "an energy out of nothing": ("plain_16", change("transactions", energy_wh=pl.lit(5.0)), "must be their difference"),
    "an energy without a method": (
        "plain_16",
        change("transactions", energy_method=pl.lit("none")),
        "an energy must say its method",
    ),
    "an energy of another column": (
        "energy_of_intervals",
        change("transactions", energy_wh_interval=pl.lit(5.0)),
        "energy by interval must be",
    ),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_what_is_tampered_with_is_found(name):
    told, tamper, rule = TAMPERED[name]
    tables = story(told)
    ocpplog.Log(tables).check()
    with pytest.raises(InternalError, match=rule):
        ocpplog.Log(tamper(tables)).check()


@pytest.mark.parametrize(
    ("told", "table"),
    [
        ("plain_16", "transactions"),
        ("stop_without_id", "unmatched"),
        ("plain_16", "boots"),
        ("plain_201", "transactions"),
    ],
)
def test_a_lost_row_is_found_without_the_messages_too(told, table):
    tables = without(table)(story(told))
    tables.pop("messages")
    with pytest.raises(InternalError, match="every"):
        ocpplog.Log(tables).check()


def test_rows_that_a_window_left_out_are_not_missed(tmp_path):
    # The start was sent before the window and logged in it.
    log = logs.quiet(logs.text("CP1"), tables=TABLES, start=logs.BEGIN + timedelta(minutes=40))
    log.check()
    log.write(tmp_path / "stored")
    ocpplog.open(tmp_path / "stored").check()
    tables = log.tables()
    assert tables["transactions"].height < 2
    with pytest.raises(InternalError):
        ocpplog.Log(without("transactions")(tables)).check()


def test_a_stored_log_is_checked_like_a_fresh_one(tmp_path):
    log = logs.quiet(logs.text("CP1", "CP2"), tables=TABLES)
    for kind in ("parquet", "csv", "ndjson", "ipc"):
        log.write(tmp_path / kind, format=kind)
        stored = ocpplog.open(tmp_path / kind)
        stored.check()
        with pytest.raises(InternalError, match="StartTransaction"):
            ocpplog.Log(without("transactions")(stored.tables())).check()
