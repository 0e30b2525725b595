"""The equations of the rebuild: every message is used by a row, is in ``unmatched``, or is a repetition.

They are R1 to R9 of the project's list. All hold charge point by charge point, so a filter by charge point breaks
none of them; a filter by time does, since it looks at each row's own time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from .exceptions import InternalError

if TYPE_CHECKING:
    from collections.abc import Mapping

_ID = "charge_point_id"
_RETRIES = {"StartTransaction": "the same start once more", "StopTransaction": "the same stop once more"}
_END_SOURCES = {
    "completed": ["stop"],
    "stop_only": ["stop"],
    "closed_implicit": ["next_start", "status", "status_unavailable", "tx_status"],
    "open": ["log_end"],
}
_OUTCOMES = {
    "success": [
        "installed_verified",
        "installed_inferred",
        "installed_unverified",
        "installed_version_unchanged",
        "published",
    ],
    "failure": [
        "download_failed",
        "installation_failed",
        "invalid_signature",
        "verification_failed",
        "invalid_checksum",
        "publish_failed",
        "lost",
    ],
    "not_started": ["rejected", "invalid_certificate", "revoked_certificate", "call_error", "not_delivered"],
    "in_progress": ["in_progress"],
    "unknown": ["stalled", "no_status", "superseded"],
}
_UPDATES = ["UpdateFirmware", "SignedUpdateFirmware", "PublishFirmware"]
_UPDATE_STATUSES = [
    "FirmwareStatusNotification",
    "SignedFirmwareStatusNotification",
    "PublishFirmwareStatusNotification",
]
# One row for each of these messages, resent ones too.
_ONE_EACH = {"authorizations": "Authorize", "boots": "BootNotification"}
_PLACES = ["source_file", "source_line", "source_offset"]


def conserve(tables: Mapping[str, pl.DataFrame], *, whole: bool) -> None:
    """Raise `InternalError` for the first equation that does not hold.

    ``whole`` says that no row was left out for its time.
    """
    if "transactions" in tables:
        ends(tables["transactions"])
    if "firmware_updates" in tables:
        outcomes(tables["firmware_updates"])
    if "charge_points" in tables:
        heights(tables)
    if not whole:
        return
    if "unmatched" in tables and {"messages", "call_statistics"} & tables.keys():
        _requests(_Book(tables), tables)
    if {"meter_values", "transactions"} <= tables.keys():
        samples(tables["meter_values"], tables["transactions"])
    if "messages" in tables:
        sources(tables)
    if {"messages", "transactions"} <= tables.keys():
        numbers(tables["messages"], tables["transactions"])


def _requests(book: _Book, tables: Mapping[str, pl.DataFrame]) -> None:
    for table, action in _ONE_EACH.items():
        if table in tables:
            one_each(book, action, table, tables[table])
    if "transactions" in tables:
        rows = tables["transactions"]
        for hold, action in ((starts, "StartTransaction"), (stops, "StopTransaction"), (events, "TransactionEvent")):
            if rows.height or book.sends(action):
                hold(book, rows)
    if "status_intervals" in tables:
        reports(book, tables["status_intervals"])
    if "firmware_updates" in tables and (tables["firmware_updates"].height or book.sends(*_UPDATES, *_UPDATE_STATUSES)):
        updates(book, tables["firmware_updates"])


def broken(table: str, rule: str, rows: pl.DataFrame) -> None:
    """Raise if there are rows, and show the first."""
    if rows.height:
        example = ", ".join(f"{name} {value}" for name, value in rows.row(0, named=True).items())
        raise InternalError(f"{table}: {rule} (please report it); {rows.height} rows, the first: {example}")


class _Book:
    """How many requests of each action a charge point has, and how many of them fit nothing."""

    def __init__(self, tables: Mapping[str, pl.DataFrame]) -> None:
        self.unmatched = tables["unmatched"].select(_ID, pl.col("kind").cast(pl.String), "detail")
        # A SEND is no call and not in the statistics: without the messages the counts are the least there was.
        self.exact = "messages" in tables
        action = pl.col("action").cast(pl.String)
        if self.exact:
            kind = pl.col("message_type").cast(pl.String)
            asked = tables["messages"].filter(kind.is_in(["CALL", "SEND"]))
            self.requests = asked.group_by(_ID, action).agg(count=pl.len().cast(pl.Int64))
        else:
            self.requests = tables["call_statistics"].group_by(_ID, action).agg(count=pl.col("calls").sum())

        self.actions = set(self.requests["action"])

    def sends(self, *actions: str) -> bool:
        """Tell whether anybody sent one of these."""
        return not self.actions.isdisjoint(actions)

    def told(self, *actions: str) -> pl.DataFrame:
        """Count the requests of these actions, and of them those whose payload could not be used."""
        told = self.requests.filter(pl.col("action").is_in(actions)).group_by(_ID).agg(pl.col("count").sum())
        detail = pl.col("detail").str.strip_suffix(" lacks what it cannot do without")
        bad = self.unmatched.filter((pl.col("kind") == "bad_payload") & detail.is_in(actions))
        return _beside(told, bad=bad)

    def fits_nothing(self, *kinds: str) -> pl.DataFrame:
        """List what is unmatched for these reasons."""
        return self.unmatched.filter(pl.col("kind").is_in(kinds))

    def retries(self, action: str) -> pl.DataFrame:
        """List the repetitions of a start or a stop."""
        return self.unmatched.filter((pl.col("kind") == "retry_of") & (pl.col("detail") == _RETRIES[action]))

    def without(self, counts: pl.DataFrame, *actions: str) -> pl.DataFrame:
        """Leave out the charge points that sent any of these."""
        sent = self.requests.filter(pl.col("action").is_in(actions) & (pl.col("count") > 0))
        return counts.join(sent, on=_ID, how="anti", nulls_equal=True)


def _beside(counts: pl.DataFrame, **more: pl.DataFrame) -> pl.DataFrame:
    """Put counts of rows by charge point beside those that are there; no row is zero."""
    for name, rows in more.items():
        if rows.is_empty():
            counts = counts.with_columns(pl.lit(0, pl.Int64).alias(name))
            continue
        # Rows stand by charge point: runs of equal ids are counted without a look-up for each of millions of rows.
        runs = rows.select(pl.col(_ID).rle()).unnest(_ID)
        counted = runs.group_by(pl.col("value").alias(_ID)).agg(pl.col("len").sum().cast(pl.Int64).alias(name))
        counts = counts.join(counted, on=_ID, how="full", coalesce=True, nulls_equal=True)
    return counts.with_columns(pl.exclude(_ID).fill_null(0))


def starts(book: _Book, transactions: pl.DataFrame) -> None:
    """R1: a StartTransaction begins a row, repeats one (`retry_of`), or cannot be used (`bad_payload`)."""
    begun = transactions.filter(pl.col("start_attempts") > 0)
    counts = _beside(book.told("StartTransaction"), rows=begun, retries=book.retries("StartTransaction"))
    counts = book.without(counts, "TransactionEvent")
    left = pl.col("count") - pl.col("rows") - pl.col("retries") - pl.col("bad")
    off = left != 0 if book.exact else left > 0
    broken("transactions", "every StartTransaction must be a row or unmatched", counts.filter(off))


def stops(book: _Book, transactions: pl.DataFrame) -> None:
    """R2: a StopTransaction ends a row, contradicts its stop (`conflicting_stop`), or is in `unmatched`."""
    ended = transactions.filter(pl.col("stop_attempts") > 0)
    counts = _beside(
        book.told("StopTransaction"),
        rows=ended,
        conflicting=ended.filter(pl.col("flags").list.contains("conflicting_stop")),
        retries=book.retries("StopTransaction"),
        unmatched=book.fits_nothing("no_transaction_id", "placeholder_stop"),
    )
    counts = book.without(counts, "TransactionEvent")
    left = pl.col("count") - pl.sum_horizontal("rows", "retries", "unmatched", "bad")
    # How many stops contradict the one that counts is not told: one at least.
    off = (left > 0) & (pl.col("conflicting") == 0)
    if book.exact:
        off |= left < pl.col("conflicting")
    broken("transactions", "every StopTransaction must end a row or be unmatched", counts.filter(off))


def ends(transactions: pl.DataFrame) -> None:
    """R3: every transaction has exactly one end state, and what shows it."""
    state, source = pl.col("state").cast(pl.String), pl.col("end_source").cast(pl.String)
    shown = [_ID, "transaction_id", "state", "end_source", "start_attempts", "stop_attempts"]
    fits = pl.any_horizontal(*[(state == name) & source.is_in(sources) for name, sources in _END_SOURCES.items()])
    off = transactions.filter(~fits.fill_null(value=False)).select(shown)
    broken("transactions", "a transaction must have one end", off)
    sent = pl.col("stop_attempts") > 0
    off = transactions.filter(sent != state.is_in(["completed", "stop_only"]))
    broken("transactions", "a stop must be in the log where one is told, and nowhere else", off.select(shown))
    begun = pl.col("start_attempts") > 0
    off = transactions.filter(((state == "completed") & ~begun) | ((state == "stop_only") & begun))
    broken("transactions", "a start must be in the log where one is told", off.select(shown))


def samples(meter_values: pl.DataFrame, transactions: pl.DataFrame) -> None:
    """R4: the sampled values that belong to a transaction are those that the transactions count."""
    told = transactions.group_by(_ID).agg(count=pl.col("meter_value_count").sum().cast(pl.Int64))
    values = meter_values.select(_ID, "transaction_id", linked=pl.col("link").cast(pl.String) != "none")
    counts = _beside(told, rows=values.filter("linked"))
    broken("meter_values", "transactions must count their values", counts.filter(pl.col("count") != pl.col("rows")))
    named = values.filter(~pl.col("linked") & pl.col("transaction_id").is_not_null())
    broken("meter_values", "a value without a link belongs to no transaction", named.drop("linked"))


def events(book: _Book, transactions: pl.DataFrame) -> None:
    """R5: where TransactionEvents can be used there are transactions, and no more of them than events."""
    counts = _beside(book.told("TransactionEvent"), rows=transactions)
    counts = book.without(counts, "StartTransaction", "StopTransaction")
    usable, rows = pl.col("count") - pl.col("bad"), pl.col("rows")
    off = (usable > 0) & (rows == 0)
    if book.exact:
        off |= rows > usable
    broken("transactions", "every TransactionEvent must belong to a row or be unmatched", counts.filter(off))


def numbers(messages: pl.DataFrame, transactions: pl.DataFrame) -> None:
    """R5: of the numbers from a transaction's first event to its last, those that are not there are missing."""
    flags, kind = pl.col("flags"), pl.col("message_type").cast(pl.String)
    asked = messages.filter((pl.col("action").cast(pl.String) == "TransactionEvent") & kind.is_in(["CALL", "SEND"]))
    asked = asked.filter(~flags.list.contains("bad_payload"))
    # What is signed or spelled in an unusual way is left to the core, which reads it.
    unusual = flags.list.set_intersection(pl.lit(["duplicate_key", "signed_payload"])).list.len() > 0
    payload = pl.col("payload")
    seen = asked.select(
        _ID,
        transaction_id=pl.coalesce(
            payload.str.json_path_match("$.transactionInfo.transactionId"),
            payload.str.json_path_match("$.transactionData.id"),
        ),
        number=payload.str.json_path_match("$.seqNo").cast(pl.Int64, strict=False),
        unusual=unusual | payload.str.contains(r"\\") | ~payload.str.contains(r'"seqNo"\s*:\s*\d{1,9}\s*[,}]'),
    )
    span = pl.col("number").max() - pl.col("number").min() + 1 - pl.col("number").n_unique()
    by_id = seen.group_by(_ID, "transaction_id").agg(
        expected=span, clear=~pl.col("unusual").any() & pl.col("number").is_not_null().all()
    )
    # An id that was used twice has two series of numbers.
    once = pl.len().over(_ID, "transaction_id") == 1
    told = transactions.filter(once & pl.col("seq_missing_count").is_not_null())
    both = told.join(by_id.filter("clear"), on=[_ID, "transaction_id"], how="inner")
    shown = [_ID, "transaction_id", "seq_missing_count", "expected"]
    off = both.filter(pl.col("expected") != pl.col("seq_missing_count")).select(shown)
    broken("transactions", "missing numbers must be those that no event has", off)
    lost = by_id.filter("clear").join(transactions, on=[_ID, "transaction_id"], how="anti")
    broken("transactions", "every TransactionEvent must belong to a row", lost)


def reports(book: _Book, intervals: pl.DataFrame) -> None:
    """R6: a StatusNotification begins a state, confirms one, or is `bad_payload`; two of one time leave one state.

    That the rows of a connector sum up to its window, without overlap, is checked with the timeline.
    """
    # Silence cuts a state into rows; each state has one row that ends otherwise.
    state = pl.col("end_reason").cast(pl.String).is_in(["next_status", "log_end"])
    told = intervals.group_by(_ID).agg(
        states=state.sum().cast(pl.Int64), confirmations=pl.col("confirmations").sum().cast(pl.Int64)
    )
    counts = book.told("StatusNotification").join(told, on=_ID, how="full", coalesce=True, nulls_equal=True)
    counts = book.without(counts.with_columns(pl.exclude(_ID).fill_null(0)), "NotifyEvent")
    usable, used = pl.col("count") - pl.col("bad"), pl.col("states") + pl.col("confirmations")
    off = (usable > 0) & (pl.col("states") == 0)
    if book.exact:
        off |= used > usable
    broken("status_intervals", "states must be those that were reported", counts.filter(off))


def outcomes(jobs: pl.DataFrame) -> None:
    """R7: every firmware job has one outcome, of one class."""
    outcome, told = pl.col("outcome").cast(pl.String), pl.col("outcome_class").cast(pl.String)
    fits = pl.any_horizontal(*[(told == name) & outcome.is_in(words) for name, words in _OUTCOMES.items()])
    shown = [_ID, "request_id", "outcome", "outcome_class"]
    broken(
        "firmware_updates",
        "a job must have one outcome",
        jobs.filter(~fits.fill_null(value=False)).select(shown),
    )
    last = pl.col("statuses").list.last().struct.field("status")
    off = jobs.filter(last.ne_missing(pl.col("last_status").cast(pl.String)))
    broken("firmware_updates", "the last status must be the last of the statuses", off.select(shown))


def updates(book: _Book, jobs: pl.DataFrame) -> None:
    """R7: a request begins a job or repeats one, and no status is in two jobs."""
    asked = pl.col("source").cast(pl.String) == "csms"
    counts = _beside(book.told(*_UPDATES), rows=jobs.filter(asked))
    usable, rows = pl.col("count") - pl.col("bad"), pl.col("rows")
    off = (usable > 0) & (rows == 0)
    if book.exact:
        off |= rows > usable
    broken("firmware_updates", "every request must have a job", counts.filter(off))
    if not book.exact:
        return
    told = jobs.group_by(_ID).agg(statuses=pl.col("statuses").list.len().sum().cast(pl.Int64))
    counts = book.told(*_UPDATE_STATUSES).join(told, on=_ID, how="full", coalesce=True, nulls_equal=True)
    counts = counts.with_columns(pl.exclude(_ID).fill_null(0))
    more = counts.filter(pl.col("statuses") > pl.col("count") - pl.col("bad"))
    broken("firmware_updates", "a status must be in one job only", more)
    idle = jobs.filter(~asked & (pl.col("statuses").list.len() == 0))
    broken("firmware_updates", "a job without a request must have a status", idle.select(_ID, "outcome"))


def one_each(book: _Book, action: str, table: str, rows: pl.DataFrame) -> None:
    """R8: every Authorize is a row of `authorizations`, every BootNotification one of `boots`."""
    counts = _beside(book.told(action), rows=rows)
    left = pl.col("count") - pl.col("bad") - pl.col("rows")
    broken(table, f"every {action} must be a row", counts.filter(left != 0 if book.exact else left > 0))


def sources(tables: Mapping[str, pl.DataFrame]) -> None:
    """R8: what names a place in a source names that of a message, and a message stands in one place."""
    messages = tables["messages"].select(_ID, *[pl.col(name).cast(pl.String) for name in _PLACES])
    if messages["source_file"].null_count() or messages["source_offset"].null_count():
        return  # rebuilt from messages that do not say where they come from
    twice = messages.group_by(_PLACES).len().filter(pl.col("len") > 1)
    broken("messages", "a place must be that of one message", twice)
    lines = messages.select(_ID, "source_file", "source_line").unique()
    for name, frame in tables.items():
        if frame.is_empty() or name in {"messages", "rejects", "accounting"}:
            continue
        for key in (_PLACES, _PLACES[:2], ["first_source_file", "first_source_line"]):
            if set(key) <= set(frame.columns):
                place = frame.select(_ID, *[pl.col(column).cast(pl.String) for column in key])
                place = place.rename({column: column.removeprefix("first_") for column in key})
                known = messages if len(key) == len(_PLACES) else lines
                lost = place.join(known, on=place.columns, how="anti", nulls_equal=True)
                broken(name, "a row must name a message", lost)
                break


def heights(tables: Mapping[str, pl.DataFrame]) -> None:
    """R8: the counts of a charge point are those of its rows."""
    told = tables["charge_points"]
    for name, frame in tables.items():
        if name in told.columns and name != "messages" and (frame.height or told[name].sum()):
            counts = _beside(told.select(_ID, count=pl.col(name)), rows=frame)
            off = counts.filter(pl.col("count") != pl.col("rows"))
            broken("charge_points", f"{name} must count the rows of that table", off)
