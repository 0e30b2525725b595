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
# # Transactions and energy
#
# How much was charged, how long did it take, where does each number come from, and which of them should not go into an invoice unseen?
# One row of `transactions` is one charge, whether the log holds all of it or not.

# %%
import altair as alt
import ocpplog
import polars as pl
from ocpplog import plot

alt.renderers.enable("png")  # pictures that are stored with the notebook; without this line they can be zoomed

pl.Config.set_tbl_rows(24)
log = ocpplog.read(ocpplog.example_log())
charges = log.transactions

# %% [markdown]
# ## How much energy, and how many charges, did each charge point deliver in a month?
#
# Times are UTC. A month of your own zone begins elsewhere: convert before you truncate. A charge belongs to the month in which it began.

# %%
charged = charges.filter(pl.col("energy_wh") > 0)
local_start = pl.col("start_time").dt.convert_time_zone("Europe/Berlin")
(
    charged.group_by("charge_point_id", month=local_start.dt.strftime("%Y-%m"))
    .agg(charges=pl.len(), energy_kwh=(pl.col("energy_wh").sum() / 1000).round(1))
    .sort("charge_point_id", "month")
)

# %% [markdown]
# Not every row is a charge: a start that the CSMS refused is a transaction as well, so that refusals can be counted. `summary()` keeps them apart.

# %%
log.summary().select("charge_point_id", "transactions", "failed_starts", "energy_wh", "mean_energy_wh", "mean_duration")

# %%
charges.filter(pl.col("auth_status") != "Accepted").select(
    "charge_point_id", "start_time", "auth_status", "energy_wh", "stop_reason", "first_source_line"
)

# %% [markdown]
# ## How long do charges take, and for how much of it does energy flow?
#
# `duration` is the time between start and stop, `charging_duration` the time in which energy flowed, `idle_duration` the rest. Medians say more
# than means here: one car that stays over the weekend moves a mean by an hour.

# %%
hours = pl.col("duration", "charging_duration", "idle_duration").dt.total_minutes() / 60
(
    charged.group_by("charge_point_id")
    .agg(
        hours.median().round(2).name.suffix("_p50_h"),
        duration_p90_h=(pl.col("duration").dt.total_minutes() / 60).quantile(0.9).round(2),
        mean_power_kw=(pl.col("mean_power_w").mean() / 1000).round(1),
    )
    .sort("charge_point_id")
)

# %% [markdown]
# ## When do people charge?
#
# Energy by day and hour of the start.

# %%
(
    charged.group_by(day=local_start.dt.date())
    .agg(charges=pl.len(), energy_kwh=(pl.col("energy_wh").sum() / 1000).round(1))
    .sort("day")
)

# %%
plot.energy(log, by="day", time_zone="Europe/Berlin")

# %%
by_hour = charged.group_by(hour=local_start.dt.hour()).agg(charges=pl.len()).sort("hour")
by_hour.with_columns(bar=pl.lit("#").repeat_by("charges").list.join(""))

# %% [markdown]
# ## Where does the number come from?
#
# There are up to four ways to tell the energy of one charge: the meter's readings at start and stop, its register while charging, the sum of
# intervals, the integral of the power. Each is a column of its own; `energy_wh` is the best of them and `energy_method` says which.

# %%
charges.group_by("energy_method", maintain_order=True).agg(
    charges=pl.len(),
    start_stop=pl.col("energy_wh_start_stop").count(),
    register=pl.col("energy_wh_register").count(),
    interval=pl.col("energy_wh_interval").count(),
    power=pl.col("energy_wh_power").count(),
).sort("charges", descending=True)

# %% [markdown]
# Where two ways exist they can be held against each other. The register's last reading comes up to a quarter of an hour before the stop, so it is
# lower by what flowed since. That is no contradiction, and no flag says so.

# %%
apart = pl.col("energy_wh_register") - pl.col("energy_wh_start_stop")
(
    charges.drop_nulls(["energy_wh_register", "energy_wh_start_stop"])
    .select("charge_point_id", "transaction_id", "energy_wh_start_stop", "energy_wh_register", "flags", apart_wh=apart)
    .sort(pl.col("apart_wh").abs(), descending=True)
    .head(5)
)

# %% [markdown]
# ## How does one charge look from the inside?
#
# `meter_values` has one row per sampled value, in base units (Wh, W, V, A) whatever the charge point sent.

# %%
one = charged.drop_nulls("soc_stop_pct").sort("energy_wh", descending=True).row(0, named=True)
mine = (pl.col("charge_point_id") == one["charge_point_id"]) & (pl.col("transaction_id") == one["transaction_id"])
curve = (
    log.meter_values.filter(mine, pl.col("phase").is_null())
    .with_columns(pl.col("measurand").cast(pl.String))
    .pivot("measurand", index="time", values="value", aggregate_function="first")
    .sort("time")
)
curve.head(8)

# %% [markdown]
# %%
plot.power(log, one["charge_point_id"], one["transaction_id"])

# %% [markdown]
# The same as energy per quarter of an hour, from the register alone: it is read off at every quarter, evenly between the readings around it.

# %%
readings = curve.select("time", wh="Energy.Active.Import.Register").drop_nulls()
quarters = pl.datetime_range(
    pl.lit(readings["time"].min()).dt.truncate("15m").dt.offset_by("15m"), readings["time"].max(), "15m"
)
(
    pl.concat([readings, pl.select(time=quarters, wh=pl.lit(None, dtype=pl.Float64))])
    .sort("time")
    .with_columns(pl.col("wh").interpolate_by("time"))
    .filter(pl.col("time") == pl.col("time").dt.truncate("15m"))
    .select("time", energy_wh=pl.col("wh").diff().shift(-1).round(0))
    .drop_nulls()
    .head(6)
)

# %% [markdown]
# For the whole fleet there is a function: the mean power in each quarter of an hour, which adds up to the energy of the transactions.

# %%
plot.load(log, time_zone="Europe/Berlin")

# %% [markdown]
# ## Why did charges end?
#
# `stop_reason` is the word of the charge point, `stop_class` what it amounts to, `end_source` how the end is known at all.

# %%
charges.group_by("stop_class", "stop_reason", "end_source", maintain_order=True).agg(
    charges=pl.len(), energy_kwh=(pl.col("energy_wh").sum() / 1000).round(1)
).sort("charges", descending=True)

# %% [markdown]
# ## Which of them may go into an invoice?
#
# `quality` is the worst of what a row's flags say and of what is missing: `good` stands, `estimated` has an inferred time or energy, `partial`
# misses something, `suspect` has two numbers that contradict each other.

# %%
charges.group_by("quality").agg(charges=pl.len(), energy_kwh=(pl.col("energy_wh").sum() / 1000).round(1)).with_columns(
    share_pct=(100 * pl.col("energy_kwh") / pl.col("energy_kwh").sum()).round(2)
).sort("energy_kwh", descending=True)

# %%
doubtful = charges.filter(pl.col("quality") == "suspect")
doubtful.select(
    "charge_point_id", "transaction_id", "start_time", "meter_start_wh", "meter_stop_wh", "energy_wh", "flags"
)

# %% [markdown]
# Each flag has its meaning and an advice:

# %%
(
    doubtful.select(flag=pl.col("flags").explode().str.split(":").list.first())
    .unique()
    .join(ocpplog.schemas.flags(), on="flag")
    .select("flag", "meaning", "advice")
    .sort("flag")
)

# %% [markdown]
# ## What does the log itself say about one of them?
#
# `trace` gives the messages of one transaction with file and line, so that anybody can look at the evidence.

# %%
case = doubtful.filter(pl.col("flags").list.contains("meter_reset")).row(0, named=True)
trace = log.trace(case["charge_point_id"], case["transaction_id"])
trace.filter(pl.col("message_type") == "CALL").select("source_line", "log_time", "action", "payload").tail(6)

# %% [markdown]
# The register fell in the middle of the charge: the meter was set back. What it counted between the last reading before and that moment is lost;
# `energy_wh` is what the readings support, and `suspect` says not to bill it without a look.
