"""Charges for billing, out of a folder of logs: what stands goes into one file, what wants a look into another.

    python examples/batch.py logs/ out/ --time-zone Europe/Berlin

Ends with exit code 1 if more than one frame in a thousand was not understood: then the numbers are not for billing.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import ocpplog
import polars as pl

LIMIT = 0.001  # of the frames may be rejects


def main() -> int:
    """Read the logs, write two files, and say on stderr what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", help="a file, a folder, or a glob such as 'logs/**/*.gz'")
    parser.add_argument("out", type=Path, help="the folder to write to")
    parser.add_argument("--time-zone", default="UTC", help="whose months are counted, such as Europe/Berlin")
    options = parser.parse_args()

    log = ocpplog.read(options.logs, tables=["transactions"])
    log.check()
    start = pl.col("start_time").dt.convert_time_zone(options.time_zone)
    transactions = log.transactions.with_columns(month=start.dt.strftime("%Y-%m"))
    # A start that was refused, or a cable plugged in for nothing. Energy that is not known is null, and no zero.
    nothing = transactions.filter(pl.col("energy_wh") == 0)
    charges = transactions.filter((pl.col("energy_wh") != 0).fill_null(value=True))
    # To the milliwatt-hour: a division by 1000 leaves digits behind that nobody measured.
    energy_kwh = (pl.col("energy_wh") / 1000).round(6)
    stands = (pl.col("quality").cast(pl.String) == "good") & pl.col("energy_wh").is_not_null()

    options.out.mkdir(parents=True, exist_ok=True)
    invoice = charges.filter(stands).select(
        "charge_point_id",
        "transaction_id",
        "id_tag",
        "month",
        "start_time",
        "stop_time",
        minutes=pl.col("duration").dt.total_minutes(),
        energy_kwh=energy_kwh,
    )
    invoice.write_csv(options.out / "charges.csv")
    doubtful = charges.filter(~stands).select(
        "charge_point_id",
        "transaction_id",
        "month",
        "start_time",
        "quality",
        pl.col("flags").list.join(";"),
        "first_source_file",
        "first_source_line",
        energy_kwh=energy_kwh,
    )
    doubtful.write_csv(options.out / "to_look_at.csv")

    frames, rejects = int(log.accounting["frames"].sum()), log.rejects.height
    sys.stderr.write(
        f"{invoice.height} charges, {doubtful.height} to look at, {nothing.height} without energy; "
        f"{rejects} of {frames} frames were not understood\n"
    )
    return int(rejects > LIMIT * frames)


if __name__ == "__main__":
    sys.exit(main())
