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
# # Status timelines and availability
#
# What did each connector do, for how long was it down, and for how much of that time do we know it?

# %%
import altair as alt
import ocpplog
import polars as pl
from ocpplog import plot

alt.renderers.enable("png")  # pictures that are stored with the notebook; without this line they can be zoomed

pl.Config.set_tbl_rows(24)
log = ocpplog.read(ocpplog.example_log())
# Connector 0 is the charge point itself; connectors are what people plug into.
timeline = log.status_intervals.filter(pl.col("connector_id") > 0)
connector = ["charge_point_id", "evse_id", "connector_id"]

# %% [markdown]
# ## What did one connector do?
#
# One row is one stretch of time in one status. The rows of a connector follow each other without a gap and without overlap.

# %%
one = timeline.filter(charge_point_id="CP0001", connector_id=1)
one.select(
    "start_time", "end_time", "duration", "status", "status_class", "error_code", "end_reason", "knowledge"
).head(8)

# %%
# The end of each row is the start of the next one.
(one["end_time"].head(-1) == one["start_time"].tail(-1)).all()

# %%
plot.timeline(log, charge_points=["CP0001", "CP0004", "CP0008"], start="2026-03-03", end="2026-03-05")

# %% [markdown]
# ## How much time was spent in which status?
#
# `status` is the word of the charge point, and 1.6 and 2.x have different ones (`Preparing`, `Charging` and `Finishing` are all `Occupied` in 2.x).
# `status_class` is one vocabulary for both.
#
# `duration` is null where start and end are told by two different clocks (flag `mixed_clocks`): a report without a time of its own stands between two
# that have one, and a row of two seconds could come out as minus one. For sums over hours that does not matter, and leaving such rows out would: so
# the length used here is `observed_until` minus `start_time`, which every row has.

# %%
timeline.select(rows=pl.len(), without_duration=pl.col("duration").null_count())

# %%
length = pl.col("observed_until") - pl.col("start_time")
hours = length.sum().dt.total_seconds() / 3600
(
    timeline.group_by(*connector, pl.col("status_class").cast(pl.String))
    .agg(hours=hours.round(1))
    .pivot("status_class", index=connector, values="hours", sort_columns=True)
    .fill_null(0)
    .sort(connector)
)

# %% [markdown]
# ## Which connectors were down most?
#
# Down is `faulted` or `unavailable`.

# %%
down = pl.col("status_class").cast(pl.String).is_in(["faulted", "unavailable"])
(
    timeline.group_by(connector, maintain_order=True)
    .agg(
        down_h=length.filter(down).sum().dt.total_seconds() / 3600,
        outages=down.sum(),
        observed_h=hours,
    )
    .with_columns(
        pl.col("down_h", "observed_h").round(2), down_pct=(100 * pl.col("down_h") / pl.col("observed_h")).round(2)
    )
    .sort("down_h", descending=True)
    .head(5)
)

# %% [markdown]
# ## And why?
#
# `faults` has one row per reported error, with the vendor's code and, where one can be told, the common code of ChargeX (MREC).

# %%
log.faults.group_by("error_code", "mrec_code", "vendor_error_code", maintain_order=True).agg(
    faults=pl.len(),
    charge_points=pl.col("charge_point_id").n_unique(),
    longest=(pl.col("end_time") - pl.col("start_time")).max(),
).sort("faults", descending=True)

# %% [markdown]
# %%
plot.faults(log, by="charge_point")

# %% [markdown]
# A 2.x charge point reports `Faulted` without a code unless it sends NotifyEvent; such a fault has no `error_code`.
#
# ## How sure is all that?
#
# A status is what was reported last. When a charge point loses its connection nobody knows what it does: its status is `stale` from the last
# contact on, and `assumed` from the next contact until it reports again.

# %%
(
    timeline.group_by("knowledge")
    .agg(hours=hours.round(1))
    .with_columns(share_pct=(100 * pl.col("hours") / pl.col("hours").sum()).round(2))
    .sort("hours", descending=True)
)

# %% [markdown]
# When were they out of contact, and how do we know?

# %%
log.connectivity_intervals.filter(pl.col("state") == "offline").select(
    "charge_point_id", "start_time", "end_time", "duration", "evidence", "end_reason", "confidence"
)

# %% [markdown]
# ## So what is the availability?
#
# There is no single answer, because contracts differ about the time nobody knows. Three readings side by side:
#
# - **text**: what was reported last goes on until something else is reported;
# - **strict**: out of contact counts as down;
# - **known**: the time out of contact is left out of both sides.

# %%
stale = pl.col("knowledge") == "stale"
seconds = length.dt.total_seconds()
total, broken, unknown = seconds.sum(), seconds.filter(down).sum(), seconds.filter(stale & ~down).sum()
(
    timeline.group_by("charge_point_id")
    .agg(
        text_pct=100 * (1 - broken / total),
        strict_pct=100 * (1 - (broken + unknown) / total),
        known_pct=100 * (1 - broken / (total - unknown)),
    )
    .with_columns(pl.col(pl.Float64).round(3))
    .sort("strict_pct")
)

# %% [markdown]
# Wherever the three agree the number needs no footnote. Where they do not, say which one you report.
#
# ## When are the connectors taken?
#
# Ask every connector every quarter of an hour: `join_asof` finds the row that was running.

# %%
running = timeline.select("charge_point_id", "evse_id", "connector_id", "status_class", time="start_time").sort("time")
first, last = timeline["start_time"].min(), timeline["start_time"].max()
clock = pl.datetime_range(first, last, "15m", eager=True).alias("time").to_frame()
asked = timeline.select(connector).unique().join(clock, how="cross").sort("time")
seen = asked.join_asof(running, on="time", by=connector, check_sortedness=False).drop_nulls("status_class")
(
    seen.group_by(hour=pl.col("time").dt.hour())
    .agg(taken_pct=(100 * (pl.col("status_class") != "available").mean()).round(0).cast(pl.Int32))
    .sort("hour")
    .with_columns(bar=pl.lit("#").repeat_by(pl.col("taken_pct") // 4).list.join(""))
)

# %% [markdown]
# The same by weekday, as a picture. Time in which nobody knows the status is left out.

# %%
plot.heatmap(log, measure="occupied")

# %% [markdown]
# ## How long does it take until a charger is free again?
#
# After a charge the cable often stays in: 1.6 calls that `Finishing`, and it is time in which nobody else can charge.

# %%
timeline.filter(pl.col("status") == "Finishing").group_by("charge_point_id").agg(
    times=pl.len(), median=length.median(), longest=length.max()
).sort("median", descending=True)
