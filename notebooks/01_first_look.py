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
# # A first look
#
# A log of OCPP messages goes in; what happened comes out as Polars tables. The log used here comes with the package: five days of a made-up
# fleet of eight charge points, written the way SteVe writes its websocket log, with the usual accidents in it.

# %%
import altair as alt
import ocpplog
import polars as pl
from ocpplog import plot

alt.renderers.enable("png")  # pictures that are stored with the notebook; without this line they can be zoomed

log = ocpplog.read(ocpplog.example_log(), tables=ocpplog.schemas.table_names())
log

# %% [markdown]
# The warning above is the only way in which the reader says that something was not understood. Each such piece is a row, with file, line and reason:

# %%
log.rejects.select("source_line", "charge_point_id", "reason", "detail")

# %% [markdown]
# ## What was charged
#
# One row per transaction. `energy_method` says where the energy comes from, `quality` how far to trust the row, `flags` why.

# %%
log.transactions.select(
    "charge_point_id",
    "transaction_id",
    "start_time",
    "duration",
    "energy_wh",
    "energy_method",
    "state",
    "quality",
    "flags",
).head(5)

# %%
log.transactions.group_by(pl.col("state", "quality").cast(pl.String)).len().sort(
    "len", "state", "quality", descending=[True, False, False]
)

# %% [markdown]
# Rows that are not `good` say why. What the words mean and what to do about them is in `ocpplog.schemas.flags()`.

# %%
(
    log.transactions.filter(pl.col("quality").cast(pl.String) != "good")
    .select("quality", flag=pl.col("flags"))
    .explode("flag")
    .with_columns(pl.col("flag").str.split(":").list.first())
    .group_by("flag")
    .len()
    .join(ocpplog.schemas.flags().select("flag", "effect", "meaning"), on="flag")
    .sort("len", "flag", descending=[True, False])
)

# %% [markdown]
# ## What the connectors did
#
# The status timeline has no gaps, so the time in each status adds up. `duration` is null where start and end are told by two clocks; the times
# themselves are always there, and for a sum of hours they are near enough.

# %%
(
    log.status_intervals.group_by("charge_point_id", pl.col("status").cast(pl.String), maintain_order=True)
    .agg(hours=(pl.col("observed_until") - pl.col("start_time")).sum().dt.total_minutes() / 60)
    .pivot("status", index="charge_point_id", values="hours")
    .sort("charge_point_id")
)

# %% [markdown]
# And two days of two charge points as a picture: above the status of each connector, below its transactions.

# %%
plot.timeline(log, charge_points=["CP0001", "CP0003"], start="2026-03-03", end="2026-03-05")

# %% [markdown]
# ## How the firmware updates ended

# %%
log.firmware_updates.select(
    "charge_point_id",
    "kind",
    "requested_at",
    "last_status",
    "outcome",
    "outcome_class",
    "version_before",
    "version_after",
)

# %% [markdown]
# ## Per charge point

# %%
log.summary()

# %% [markdown]
# ## Back to the log
#
# Every row knows the lines that it comes from. `trace` shows the messages of one transaction.

# %%
longest = (
    log.transactions.drop_nulls("transaction_id").sort("duration", descending=True, nulls_last=True).row(0, named=True)
)
log.trace(longest["charge_point_id"], longest["transaction_id"]).select(
    "log_time", "message_type", "action", "payload", "source_line"
).head(8)

# %% [markdown]
# ## Does it add up?
#
# `accounting` has one row per file: every line is blank, something else, a message or rejected. `check` verifies this and more, and raises if it does not hold.

# %%
log.check()
log.accounting.select(
    "layout", "lines", "blank_lines", "other_lines", "message_lines", "rejected_lines", "frames", "messages"
)
