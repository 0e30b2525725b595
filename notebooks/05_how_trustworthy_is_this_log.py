# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # How trustworthy is this log?
#
# Before the numbers go anywhere: was everything read, was it understood, whose clock is wrong, is anything in it twice?

# %%
import gzip

import altair as alt
import ocpplog
import polars as pl
from ocpplog import plot

alt.renderers.enable("png")  # pictures that are stored with the notebook; without this line they can be zoomed

pl.Config.set_tbl_rows(24)
log = ocpplog.read(ocpplog.example_log())

# %% [markdown]
# ## Was everything read?
#
# `accounting` has one row per source. Every line and every byte is in exactly one class, and the sums must be those of the file.

# %%
account = log.accounting.row(0, named=True)
lines = {name: account[name] for name in ("blank_lines", "other_lines", "message_lines", "rejected_lines")}
lines, sum(lines.values()) == account["lines"]

# %%
size = {
    name: account[name] for name in ("blank_bytes", "other_bytes", "message_bytes", "rejected_bytes", "passed_bytes")
}
size, sum(size.values()) == account["size_bytes"]

# %% [markdown]
# `check()` verifies these sums and much more, such as that every start and stop in the log is used by a row or accounted for. It raises if something
# does not hold; that would be a defect of ocpplog.

# %%
log.check()

# %% [markdown]
# ## What was not understood?
#
# A line of the class *other* has no OCPP in it (here: SteVe's notes about connections). What looks like OCPP but cannot be read is a reject:

# %%
log.rejects.select("source_line", "reason", "detail", "charge_point_id", "text")

# %%
reasons = ocpplog.schemas.reasons()
reasons.filter(pl.col("reason").is_in(log.rejects["reason"].cast(pl.String).to_list()))

# %% [markdown]
# As a share of all frames:

# %%
log.accounting.select(
    "frames",
    "rejects",
    not_understood_pct=(100 * pl.col("rejects") / pl.col("frames")).round(4),
    rejected_bytes="rejected_bytes",
)

# %% [markdown]
# And what was understood but fits nothing, such as an answer whose question is missing, is in `unmatched`. The two answers here belong to the two
# rejected calls above: one cut line leaves two traces.

# %%
log.unmatched.select("charge_point_id", "kind", "time", "detail", "source_line")

# %% [markdown]
# ## What is doubtful?
#
# Each row of a table may carry flags. Counted over all tables, with what they mean and what to do about them:

# %%
flags = pl.concat(
    frame.select(table=pl.lit(name), flag=pl.col("flags").explode().str.split(":").list.first()).drop_nulls()
    for name, frame in log.tables().items()
    if "flags" in frame.columns
)
(
    flags.group_by("table", "flag")
    .len("rows")
    .join(ocpplog.schemas.flags().select("flag", "meaning", "advice"), on="flag")
    .sort("rows", "table", "flag", descending=[True, False, False])
    .head(12)
)

# %% [markdown]
# How much of the energy hangs on it? An upper and a lower end that anybody can follow:

# %%
energy = pl.col("energy_wh").sum() / 1000
log.transactions.select(
    all_kwh=energy.round(1),
    good_only_kwh=(pl.col("energy_wh").filter(pl.col("quality") == "good").sum() / 1000).round(1),
    suspect_kwh=(pl.col("energy_wh").filter(pl.col("quality") == "suspect").sum() / 1000).round(1),
)

# %% [markdown]
# ## Whose clock is wrong?
#
# A transaction's start has two times: what the charge point's clock said, and when the recorder wrote it down. Where the log is live they are
# fractions of a second apart. A start that arrives hours later is no wrong clock but a charge point that was offline: `delivered_late`.

# %%
ahead = log.transactions.drop_nulls(["start_time", "start_received_at"]).with_columns(
    ahead=pl.col("start_time") - pl.col("start_received_at")
)
ahead.group_by("charge_point_id", "delivered_late").agg(
    starts=pl.len(), median=pl.col("ahead").median(), least=pl.col("ahead").min(), most=pl.col("ahead").max()
).sort("charge_point_id", "delivered_late")

# %%
clock_flags = ["clock_future", "clock_unset", "tz_suspect", "mixed_clocks"]
strange = log.transactions.filter(pl.col("flags").list.eval(pl.element().is_in(clock_flags)).list.any())
strange.select("charge_point_id", "start_time", "start_received_at", "start_time_source", "stop_time_source", "flags")

# %% [markdown]
# Two stories. The clock of CP0008 is two hours ahead now and then: exactly whole hours, so local time was called UTC (`tz_suspect`). CP0002 began two
# charges right after a power failure, before its clock was set (`clock_unset`): the recorder's time stands in for the start, the stop is told by the
# charge point's clock, and two clocks are not mixed, so there is no duration.
#
# By the recorder's clock alone:

# %%
strange.select(
    "charge_point_id",
    "transaction_id",
    "duration",
    by_arrival=pl.col("stop_received_at") - pl.col("start_received_at"),
    quality="quality",
)

# %% [markdown]
# Where both ends shift alike the duration stands. Where the clock was put right in the middle of a charge it is two hours off, one way or the other:
# `suspect` is there for a reason.
#
# ## Is the log complete?
#
# Holes leave traces: transactions without their start or end, boots, time out of contact.

# %%
log.transactions.group_by("state", maintain_order=True).agg(transactions=pl.len()).sort("transactions", descending=True)

# %%
log.connectivity_intervals.group_by("state", maintain_order=True).agg(
    times=pl.len(), total=pl.col("duration").sum(), longest=pl.col("duration").max()
)

# %% [markdown]
# `open` at the very end of the log is normal: those cars were still charging. `stop_only` at its beginning is normal too. In the middle neither is:

# %%
begin, end = log.charge_points["first_seen"].min(), log.charge_points["last_seen"].max()
day = pl.duration(days=1)
log.transactions.filter(
    ((pl.col("state") == "open") & (pl.col("start_time") < pl.lit(end) - day))
    | ((pl.col("state") == "stop_only") & (pl.col("stop_time") > pl.lit(begin) + day))
).select("charge_point_id", "state", "start_time", "stop_time", "first_source_line", "flags")

# %% [markdown]
# A charge point that answers slowly is about to be lost. The bars go from the median to the 95th percentile.

# %%
plot.latency(log)

# %% [markdown]
# ## Is anything in it twice?
#
# Rotated logs overlap, and the same log is copied into two folders. Cut the example in two so that a thousand lines are in both halves:

# %%
text = gzip.decompress(ocpplog.example_log().read_bytes()).splitlines(keepends=True)
halves = [("csms.log.1", b"".join(text[:16_000])), ("csms.log.2", b"".join(text[15_000:]))]
twice = ocpplog.read(halves)
twice.accounting.select("source_file", "lines", "frames", "messages", "duplicates")

# %% [markdown]
# The messages that are in both count once, and the tables are those of the whole log:

# %%
places = ["first_source_file", "first_source_line", "last_source_file", "last_source_line"]
twice.transactions.drop(places).equals(log.transactions.drop(places))
