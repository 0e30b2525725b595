"""What must hold of every result, checked on the tables themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from . import schemas
from ._conserve import broken, conserve
from .exceptions import InternalError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Of sources, not of charge points: their order is that of the sources.
_BY_SOURCE = frozenset({"rejects", "accounting"})
# Those whose number has a column of its own.
_METHODS = ("start_stop", "register", "interval", "power")
_SAME_ENERGY = 1e-6  # Wh; both numbers are sums and differences of the same logged ones


def check(tables: Mapping[str, pl.DataFrame], *, whole: bool = True) -> None:
    """Raise `InternalError` for the first equation that does not hold.

    ``whole`` says that no row was left out for its time; what counts all rows is checked only then.
    """
    for name, frame in tables.items():
        _schema(name, frame)
        _spans(name, frame)
        if name not in _BY_SOURCE:
            _order(name, frame)
    checks: dict[str, Callable[[pl.DataFrame], None]] = {
        "accounting": _sources,
        "call_statistics": _calls,
        "configuration": _history,
        "charging_profiles": _profiles,
        "connectivity_intervals": _contact,
        "messages": _kinds,
        "status_intervals": _timeline,
        "transactions": _energy,
    }
    for name, hold in checks.items():
        if name in tables:
            hold(tables[name])
    if {"accounting", "rejects"} <= tables.keys():
        _rejects(tables["accounting"], tables["rejects"])
    if {"accounting", "messages"} <= tables.keys():
        _messages(tables["accounting"], tables["messages"])
    if {"accounting", "call_statistics", "messages"} <= tables.keys():
        _counted(tables["accounting"], tables["call_statistics"], tables["messages"])
    if {"accounting", "messages", "unmatched"} <= tables.keys():
        _exchanges(tables["accounting"], tables["messages"], tables["unmatched"])
    conserve(tables, whole=whole)


def _schema(name: str, frame: pl.DataFrame) -> None:
    wanted: pl.Schema = getattr(schemas, name)
    if frame.schema != wanted:
        different = [column for column in {**frame.schema, **wanted} if frame.schema.get(column) != wanted.get(column)]
        raise InternalError(f"{name}: the columns {different} are not those of the schema (please report it)")
    if "flags" in frame.columns:
        broken(name, "flags must not be null", frame.filter(pl.col("flags").is_null()).select("flags"))


def _spans(name: str, frame: pl.DataFrame) -> None:
    for column, dtype in frame.schema.items():
        # An offset from UTC is no span of time; west of Greenwich it is negative.
        if isinstance(dtype, pl.Duration) and column != "utc_offset":
            broken(
                name,
                f"{column} must not be negative",
                frame.filter(pl.col(column) < pl.duration()).select(column),
            )


def _order(name: str, frame: pl.DataFrame) -> None:
    """Rows stand by charge point, then by the first time column, nulls first."""
    rule = "rows must stand in the order of the contract"
    # Runs of equal ids are few where rows are millions.
    runs = frame.select(id=pl.col("charge_point_id").cast(pl.String).rle()).unnest("id").rename({"value": "id"})
    beside = runs.select("id", before_id=pl.col("id").shift(1)).slice(1)
    broken(name, rule, beside.filter(pl.col("id").is_null() | (pl.col("id") < pl.col("before_id"))))
    times = [column for column, dtype in frame.schema.items() if isinstance(dtype, pl.Datetime)]
    if not times:
        return
    time, before = pl.col(times[0]), pl.col(times[0]).shift(1)
    back = (time.is_null() & before.is_not_null()) | (time < before)
    places = frame.select(pl.arg_where(back.fill_null(value=False)).alias("row"))
    inside = places.filter(~pl.col("row").is_in(runs["len"].cum_sum().implode()))["row"]
    broken(name, rule, frame[inside].select("charge_point_id", times[0]))


def _sources(accounting: pl.DataFrame) -> None:
    _bytes(accounting)
    _lines(accounting)


def _bytes(accounting: pl.DataFrame) -> None:
    shown = ["blank_bytes", "other_bytes", "message_bytes", "rejected_bytes", "passed_bytes"]
    off = accounting.filter(pl.col("size_bytes") != pl.sum_horizontal(shown))
    broken("accounting", "bytes must add up", off.select("source_file", "size_bytes", *shown))
    below = accounting.filter(pl.any_horizontal(pl.col(shown) < 0))
    broken("accounting", "bytes must not be negative", below.select("source_file", *shown))


def _lines(accounting: pl.DataFrame) -> None:
    parts = pl.sum_horizontal("blank_lines", "other_lines", "message_lines", "rejected_lines")
    shown = ["source_file", "lines", "blank_lines", "other_lines", "message_lines", "rejected_lines"]
    broken("accounting", "lines must add up", accounting.filter(pl.col("lines") != parts).select(shown))
    frames, messages, rejects = pl.col("frames"), pl.col("messages") + pl.col("duplicates"), pl.col("rejects")
    # Rejects are of frames, of lines and of whole files, so they only bound what is left.
    off = (frames < messages) | (frames > messages + rejects)
    shown = ["source_file", "frames", "messages", "duplicates", "rejects"]
    broken("accounting", "frames must be messages, duplicates and rejects", accounting.filter(off).select(shown))


def _rejects(accounting: pl.DataFrame, rejects: pl.DataFrame) -> None:
    if accounting.is_empty():
        return  # rebuilt from messages: their rows are no sources
    counted = rejects.group_by(pl.col("source_file").cast(pl.String)).len("rows")
    told = accounting.select(pl.col("source_file").cast(pl.String), "rejects")
    both = told.join(counted, on="source_file", how="full", coalesce=True).with_columns(
        pl.col("rows", "rejects").fill_null(0)
    )
    broken(
        "accounting",
        "rejects must count the rows of rejects",
        both.filter(pl.col("rows") != pl.col("rejects")),
    )

    size = accounting.select(pl.col("source_file").cast(pl.String), "size_bytes", "lines", "status")
    spans = rejects.with_columns(pl.col("source_file").cast(pl.String)).join(size, on="source_file", how="left")
    outside = (pl.col("source_offset") + pl.col("length") > pl.col("size_bytes")) | (
        pl.col("source_line") > pl.col("lines")
    )
    shown = ["source_file", "source_line", "source_offset", "length", "size_bytes", "lines"]
    broken("rejects", "a reject must lie inside its source", spans.filter(outside).select(shown))
    said = spans.filter(pl.col("source_line").is_null()).select("source_file")
    silent = size.filter(pl.col("status") != "whole").join(said, on="source_file", how="anti")
    broken("accounting", "a source that was not read whole must say why", silent.select("source_file", "status"))


def _kinds(messages: pl.DataFrame) -> None:
    """Check that a call has one outcome, and nothing else has one."""
    kind, outcome = pl.col("message_type").cast(pl.String), pl.col("outcome").cast(pl.String)
    known = ["CALL", "CALLRESULT", "CALLERROR", "CALLRESULTERROR", "SEND", "OPEN", "CLOSE"]
    shown = ["charge_point_id", "message_type", "message_id", "outcome"]
    broken("messages", "a message must be of a known kind", messages.filter(~kind.is_in(known)).select(shown))
    answerless = (~kind.is_in(["CALL", "SEND"]) & outcome.is_not_null()) | (
        (kind == "SEND") & (outcome != "not_applicable")
    )
    broken("messages", "only a call has an outcome", messages.filter(answerless).select(shown))
    typed_twice = pl.col("flags").list.contains("action_unknown") & pl.col("flags").list.contains("bad_payload")
    broken("messages", "a payload of no known action is not read", messages.filter(typed_twice).select(shown))


def _exchanges(accounting: pl.DataFrame, messages: pl.DataFrame, unmatched: pl.DataFrame) -> None:
    """Check that calls with an answer are as many as answers with a call, counted from both ends."""
    if accounting.is_empty() or accounting["filtered"].sum():
        return  # of a pair, one message may have been filtered out
    kind, outcome = pl.col("message_type").cast(pl.String), pl.col("outcome").cast(pl.String)
    lost = pl.col("flags").list.set_intersection(pl.lit(["duplicate_response", "orphan_response"])).list.len() > 0
    for answer, word in (("CALLRESULT", "result"), ("CALLERROR", "error")):
        called = messages.filter((kind == "CALL") & (outcome == word)).height
        paired = messages.filter((kind == answer) & ~lost).height
        if called != paired:
            raise InternalError(
                f"messages: {called} calls with the outcome {word}, but {paired} {answer} are paired (please report it)"
            )
    unpaired = unmatched.filter(pl.col("kind").cast(pl.String).is_in(["duplicate_response", "orphan_response"])).height
    told = messages.filter(kind.is_in(["CALLRESULT", "CALLERROR"]) & lost).height
    if unpaired != told:
        raise InternalError(f"unmatched: {unpaired} answers without a call, but {told} are flagged (please report it)")


_OUTCOMES = {
    "results": "result",
    "errors": "error",
    "timeouts": "timeout",
    "lost": "connection_lost",
    "censored": "unknown_log_end",
}


def _calls(statistics: pl.DataFrame) -> None:
    """Check that every call of an action has one outcome."""
    shown = ["charge_point_id", "direction", "action", "calls", *_OUTCOMES]
    off = statistics.filter(pl.col("calls") != pl.sum_horizontal(*_OUTCOMES))
    broken("call_statistics", "outcomes must add up to the calls", off.select(shown))
    more = statistics.filter(pl.col("retries") > pl.col("calls"))
    broken("call_statistics", "retries must be calls", more.select(*shown, "retries"))
    falling = statistics.filter(pl.col("response_time_p50") > pl.col("response_time_p95"))
    broken("call_statistics", "percentiles must rise", falling.select(shown))
    keys = ["charge_point_id", "direction", "action"]
    twice = statistics.group_by(keys).len().filter(pl.col("len") > 1)
    broken("call_statistics", "an action must stand once", twice.select(keys))


def _counted(accounting: pl.DataFrame, statistics: pl.DataFrame, messages: pl.DataFrame) -> None:
    """Check the statistics against the messages that they count."""
    if accounting["filtered"].sum():
        return  # messages were filtered by time, statistics are of all of them
    keys = ["charge_point_id", "direction", "action"]
    as_text = [pl.col(key).cast(pl.String) for key in keys]
    outcome = pl.col("outcome").cast(pl.String)
    counted = (
        messages.filter(pl.col("message_type").cast(pl.String) == "CALL")
        .group_by(as_text)
        .agg(
            pl.len().cast(pl.Int64).alias("calls"),
            *[(outcome == word).sum().cast(pl.Int64).alias(name) for name, word in _OUTCOMES.items()],
            (pl.col("attempt") > 1).sum().cast(pl.Int64).alias("retries"),
        )
    )
    told = statistics.select(*as_text, "calls", *_OUTCOMES, "retries")
    once = pl.col("len") == 1
    different = pl.concat([told, counted]).group_by(pl.all()).len().filter(once).select(pl.exclude("len"))
    broken("call_statistics", "counts must be those of the messages", different)


def _history(configuration: pl.DataFrame) -> None:
    """Check that of one setting no two values are in force at once, and that refused ones never are."""
    shown = ["charge_point_id", "component", "variable", "attribute", "time", "end_time"]
    backwards = configuration.filter(pl.col("end_time") < pl.col("time"))
    broken("configuration", "a value must not end before it was logged", backwards.select(shown))
    status = pl.col("response_status").cast(pl.String).str.to_lowercase()
    holds = (pl.col("source").cast(pl.String) != "set") & status.is_null() | status.is_in(
        ["accepted", "rebootrequired"]
    )
    refused = configuration.filter(~holds.fill_null(value=False) & pl.col("end_time").is_not_null())
    broken("configuration", "only a value that held can end", refused.select(*shown, "response_status"))


def _profiles(profiles: pl.DataFrame) -> None:
    shown = ["charge_point_id", "profile_id", "requested_at", "end_time", "end_reason", "lowest_limit", "highest_limit"]
    backwards = profiles.filter(pl.col("end_time") < pl.col("requested_at"))
    broken("charging_profiles", "a profile must not end before it was sent", backwards.select(shown))
    crossed = profiles.filter(pl.col("lowest_limit") > pl.col("highest_limit"))
    broken("charging_profiles", "the lowest limit must not be above the highest", crossed.select(shown))
    silent = profiles.filter(pl.col("end_time").is_not_null() & pl.col("end_reason").is_null())
    broken("charging_profiles", "an end must have a reason", silent.select(shown))


def _messages(accounting: pl.DataFrame, messages: pl.DataFrame) -> None:
    if accounting.is_empty():
        return  # rebuilt from messages: there were no files to account for
    inside = messages.select(pl.col("source_file").cast(pl.String), "source_line", "source_offset").join(
        accounting.select(pl.col("source_file").cast(pl.String), "lines", "size_bytes"), on="source_file", how="left"
    )
    outside = inside.filter(
        (pl.col("source_line") > pl.col("lines")) | (pl.col("source_offset") >= pl.col("size_bytes"))
    )
    broken("messages", "a message must lie inside its source", outside)
    rows = messages.filter(~pl.col("message_type").cast(pl.String).is_in(["OPEN", "CLOSE"])).height
    told = accounting.select(pl.col("messages").sum() - pl.col("filtered").sum()).item()
    if rows != told:
        raise InternalError(f"messages: {rows} rows, but accounting counts {told} (please report it)")


def _contact(intervals: pl.DataFrame) -> None:
    """Check that the contact of a charge point is told once for every moment, from first to last."""
    following = intervals.with_columns(next_start=pl.col("start_time").shift(-1).over("charge_point_id"))
    shown = ["charge_point_id", "start_time", "end_time", "next_start"]
    last = pl.col("next_start").is_null()
    apart = ~last & pl.col("end_time").ne_missing(pl.col("next_start"))
    broken(
        "connectivity_intervals", "contact must be told without gap and overlap", following.filter(apart).select(shown)
    )
    span = (pl.col("end_time") - pl.col("start_time")).ne_missing(pl.col("duration"))
    broken(
        "connectivity_intervals",
        "a duration must be that from start to end",
        following.filter(~last & span).select(shown),
    )


def _timeline(intervals: pl.DataFrame) -> None:
    connector = ["charge_point_id", "evse_id", "connector_id"]
    # Where two clocks meet, or a clock was put right, the rows say so and may cross by what the clocks differ.
    crossing = pl.lit(["mixed_clocks", "negative_duration", "out_of_order"])
    one_clock = pl.col("flags").list.set_intersection(crossing).list.len() == 0
    following = intervals.with_columns(next_start=pl.col("start_time").shift(-1).over(connector))
    shown = [*connector, "start_time", "end_time", "next_start"]
    broken(
        "status_intervals",
        "intervals of a connector must not overlap",
        following.filter(one_clock & (pl.col("end_time") > pl.col("next_start"))).select(shown),
    )
    backwards = intervals.filter(one_clock & (pl.col("end_time") < pl.col("start_time")))
    broken("status_intervals", "an interval must not end before it starts", backwards.select(shown[:-1]))
    gaps = one_clock & (pl.col("end_time") < pl.col("next_start"))
    broken("status_intervals", "a timeline must not have gaps", following.filter(gaps).select(shown))
    # Stale rows stand for the time without contact, so what all rows sum up to is the whole window.
    whole = (
        intervals.group_by(connector, maintain_order=True)
        .agg(
            sound=one_clock.all() & pl.col("duration").is_not_null().all(),
            told=pl.col("duration").sum(),
            window=pl.coalesce("end_time", "observed_until").last() - pl.col("start_time").first(),
        )
        .filter(pl.col("sound") & (pl.col("told") != pl.col("window")))
    )
    broken("status_intervals", "the intervals of a connector must sum up to its window", whole)


def _energy(transactions: pl.DataFrame) -> None:
    """R9: no energy is invented. It is the first of the ways that gave one, and says which."""
    shown = [
        "charge_point_id",
        "transaction_id",
        "energy_method",
        "energy_wh",
        "meter_start_wh",
        "meter_stop_wh",
    ]
    method, energy = pl.col("energy_method").cast(pl.String), pl.col("energy_wh")
    difference = pl.col("meter_stop_wh") - pl.col("meter_start_wh")
    invented = (method == "start_stop") & (((energy - difference).abs() > _SAME_ENERGY).fill_null(value=True))
    broken(
        "transactions",
        "energy by start and stop must be their difference",
        transactions.filter(invented).select(shown),
    )
    unexplained = energy.is_not_null() != (method.is_not_null() & (method != "none"))
    broken("transactions", "an energy must say its method", transactions.filter(unexplained).select(shown))
    for name in _METHODS:
        told = f"energy_wh_{name}"
        other = transactions.filter((method == name) & energy.ne_missing(pl.col(told)))
        broken("transactions", f"energy by {name} must be {told}", other.select(*shown, told))
    # The register of import less export may fall (2.0.1 Energy.Active.Net).
    negative = (energy < 0) & (method != "net")
    broken("transactions", "energy must not be negative", transactions.filter(negative).select(shown))
