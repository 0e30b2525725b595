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
# # From notebook to pipeline
#
# What was tried out in a notebook runs every night on files that do not fit into memory, and its result goes to people who use other tools.

# %%
import os
import tempfile
from pathlib import Path

import duckdb
import ocpplog
import polars as pl

os.chdir(tempfile.mkdtemp())  # what this notebook writes stays out of the way
log = ocpplog.read(ocpplog.example_log(), tables=["transactions", "status_intervals", "meter_values"])

# %% [markdown]
# `tables` names what is needed; nothing else is computed. `charge_points`, `rejects`, `unmatched` and `accounting` are always there.
#
# ## Store it
#
# `write` makes one file per table and a manifest with row counts and digests. Nothing is ever seen half written.

# %%
log.write("tables")
sorted((path.name, path.stat().st_size // 1000) for path in Path("tables").iterdir())

# %% [markdown]
# `ocpplog.open` brings all of it back as a `Log`, with the same types:

# %%
ocpplog.open("tables").transactions.equals(log.transactions)

# %% [markdown]
# ## Ask lazily
#
# A Parquet file is read by any tool, and by Polars without loading it: only the columns and rows that the question needs.

# %%
question = (
    pl.scan_parquet("tables/transactions.parquet")
    .filter(pl.col("quality") == "good")
    .group_by("charge_point_id")
    .agg(charges=pl.len(), energy_kwh=(pl.col("energy_wh").sum() / 1000).round(1))
    .sort("charge_point_id")
)
question.collect()

# %%
print(question.explain())

# %% [markdown]
# ## Ask in SQL
#
# DuckDB takes Polars frames by their names, without a copy of the columns.

# %%
transactions = log.transactions
duckdb.sql("""
    select charge_point_id, count(*) as charges, round(sum(energy_wh) / 1000, 1) as energy_kwh
    from transactions
    where quality <> 'suspect'
    group by all
    order by energy_kwh desc
    limit 3
""").pl()

# %% [markdown]
# It reads the Parquet files as well, so that who has only SQL needs no Python:

# %%
duckdb.sql("""
    select status, count(*) as times, round(sum(epoch(observed_until) - epoch(start_time)) / 3600, 1) as hours
    from 'tables/status_intervals.parquet'
    where connector_id > 0
    group by all
    order by hours desc
""").pl()

# %% [markdown]
# ## Hand it to pandas
#
# Times keep their zone, spans become `timedelta64`, what is unknown stays unknown.

# %%
frame = log.transactions.select("charge_point_id", "start_time", "duration", "energy_wh", "quality").to_pandas()
frame.dtypes

# %%
frame.groupby("charge_point_id")["energy_wh"].describe().round(0).head(3)

# %% [markdown]
# And to a spreadsheet: CSV with durations in seconds and ISO times, safe to open because no cell begins a formula.

# %%
log.write("csv", format="csv")
print(Path("csv/charge_points.csv").read_text().splitlines()[0][:120])

# %% [markdown]
# ## Bigger than memory
#
# `scan_messages` and `scan_meter_values` read nothing until a question is asked, and then only what it needs: columns that nobody wants are not built,
# messages that no row comes from are dropped at once, and a sink needs the same memory for a day as for a year.

# %%
scanned = ocpplog.scan_meter_values(ocpplog.example_log())
(
    scanned.filter(pl.col("measurand") == "Power.Active.Import")
    .group_by("charge_point_id")
    .agg(readings=pl.len(), most_kw=(pl.col("value").max() / 1000).round(1))
    .sort("charge_point_id")
    .collect(engine="streaming")
)

# %%
ocpplog.scan_messages(ocpplog.example_log()).sink_parquet("messages.parquet")
pl.scan_parquet("messages.parquet").select(pl.len()).collect().item()

# %% [markdown]
# What is rebuilt needs more than one message at a time. Reading has two halves. `parse` turns files into messages and needs to know nothing but one file; `rebuild` needs all messages of one charge
# point and nothing of the others. So messages can be stored by charge point and rebuilt part by part, on one machine or on many:

# %%
messages = ocpplog.parse(ocpplog.example_log())
bucket = (pl.col("charge_point_id").hash(seed=1) % 4).alias("bucket")
for (number,), part in messages.with_columns(bucket).partition_by("bucket", as_dict=True, include_key=False).items():
    part.write_parquet(f"messages-{number}.parquet")

# %% [markdown]
# Only one thing has to be told to every part: when the recorder listened. A charge point alone cannot tell the end of the log from silence.

# %%
whole = ocpplog.Observation(messages["log_time"].min(), messages["log_time"].max())
parts = [
    ocpplog.rebuild(pl.read_parquet(path), tables=["transactions"], observation=whole).transactions
    for path in sorted(Path().glob("messages-*.parquet"))
]
order = ["charge_point_id", "start_time", "first_source_line"]
pl.concat(parts).sort(order).equals(log.transactions.sort(order))

# %% [markdown]
# ## Every night
#
# The same as a program: `examples/pipeline.py` reads what is new, stores it by day and fails loudly if too much was not understood;
# `examples/nightly.sh` does it with the command line alone.

# %%
log.accounting.select("status", "lines", "rejects", share_pct=(100 * pl.col("rejects") / pl.col("frames")).round(4))
