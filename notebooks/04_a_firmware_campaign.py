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
# # A firmware campaign, from request to proof
#
# An operator asked eight charge points to update their firmware. Who did, who did not, why, and what proves it? One row of `firmware_updates` is one
# update job: from the request over the statuses to the boot that reports another version.

# %%
import altair as alt
import ocpplog
import polars as pl
from ocpplog import plot

alt.renderers.enable("png")  # pictures that are stored with the notebook; without this line they can be zoomed

pl.Config.set_tbl_rows(24)
log = ocpplog.read(ocpplog.example_log())
jobs = log.firmware_updates

# %%
jobs.select(
    "charge_point_id",
    "kind",
    "requested_at",
    "response_status",
    "last_status",
    "outcome",
    "outcome_class",
    "version_before",
    "version_after",
)

# %% [markdown]
# `kind` is `plain` for 1.6 and `signed` for the secure way of 2.x. In plain 1.6 the answer carries no status, so `response_status` is null there.
#
# ## How did the campaign go?

# %%
jobs.group_by("outcome_class", maintain_order=True).agg(
    jobs=pl.len(), outcomes=pl.col("outcome").cast(pl.String).unique().sort()
).sort("jobs", descending=True)

# %% [markdown]
# %%
plot.firmware(log, show="outcomes")

# %% [markdown]
# A charge point may be asked more than once. What counts at the end is its last job:

# %%
last = jobs.unique("charge_point_id", keep="last", maintain_order=True)
missed = last.filter(pl.col("outcome_class") != "success")
missed.select("charge_point_id", "requested_at", "last_status", "outcome", "download_attempts", "version_before")

# %% [markdown]
# What each word means is in the description of the column:

# %%
columns = ocpplog.schemas.describe().filter(pl.col("table") == "firmware_updates")
for column, meaning in columns.select("column", "meaning").iter_rows():
    if column in {"outcome", "outcome_class", "verified_at"}:
        print(f"{column}: {meaning}")

# %% [markdown]
# ## What happened, step by step?
#
# `statuses` is a list: every status that the charge point reported, by its own clock and by the recorder's.

# %%
steps = (
    jobs.select("charge_point_id", "requested_at", "statuses")
    .explode("statuses")
    .unnest("statuses")
    .drop_nulls("status")
)
steps.filter(charge_point_id="CP0003").select("status", "time", after_request=pl.col("time") - pl.col("requested_at"))

# %% [markdown]
# The first download failed and was tried again; the second one worked. How long does each step take where updates went well?

# %%
(
    steps.with_columns(lasted=pl.col("time").shift(-1).over("charge_point_id", "requested_at") - pl.col("time"))
    .drop_nulls("lasted")
    .group_by("status", maintain_order=True)
    .agg(times=pl.len(), median=pl.col("lasted").median(), longest=pl.col("lasted").max())
)

# %% [markdown]
# ## What proves that it worked?
#
# A charge point that says `Installed` has said so, no more. The proof is the next boot, with another version in it. `installed_verified` is given for
# nothing less.

# %%
proven = jobs.filter(pl.col("outcome") == "installed_verified").select(
    "charge_point_id", "last_status", "last_status_time", "version_before", "version_after", "verified_at"
)
proven

# %%
log.boots.filter(pl.col("cause") == "firmware").select(
    "charge_point_id", "time", "firmware_version", "offline_before", "source_line"
)

# %% [markdown]
# ## Which version did the fleet run, and when?

# %%
log.firmware_versions.select("charge_point_id", "firmware_version", "start_time", "end_time", "changed_by")

# %%
plot.firmware(log, show="versions")

# %%
at = pl.lit("2026-03-04").str.to_datetime(time_zone="UTC")
log.firmware_versions.filter(
    (pl.col("start_time") <= at) & ((pl.col("end_time") > at) | pl.col("end_time").is_null())
).select("charge_point_id", "firmware_version")

# %% [markdown]
# ## What did it cost?
#
# `unavailable_duration` is how long any connector was Unavailable for the job, `transactions_blocked` how many remote starts failed meanwhile. Here
# neither: the fleet updates while it goes on charging, and is away for the minute of its restart (`offline_before` above).

# %%
jobs.select(
    "charge_point_id", "outcome", "duration", "boots_during", "unavailable_duration", "transactions_blocked"
).filter(pl.col("duration").is_not_null())

# %% [markdown]
# ## Show me the lines
#
# Every job knows its first and last line. All that was said about firmware by one charge point, as it was logged:

# %%
messages = ocpplog.read(ocpplog.example_log(), tables=["messages"], charge_points=["CP0008"]).messages
messages.filter(pl.col("action").cast(pl.String).str.contains("Firmware")).select(
    "source_line", "log_time", "direction", "message_type", "action", "payload"
)

# %% [markdown]
# The charge point began, reported `Idle` without ever reporting the end, and runs the version of before: `lost`.
