"""Colours and words that are the same in every picture."""

from __future__ import annotations

# After Okabe and Ito, "Color Universal Design" (2008): told apart with every kind of colour vision.
status_colors: dict[str, str] = {
    "available": "#56B4E9",
    "occupied_idle": "#F0E442",
    "charging": "#009E73",
    "suspended_ev": "#E69F00",
    "suspended_evse": "#CC79A7",
    "reserved": "#0072B2",
    "unavailable": "#7F7F7F",
    "faulted": "#D55E00",
    "unknown": "#D9D9D9",
}
quality_colors: dict[str, str] = {
    "good": "#0072B2",
    "estimated": "#56B4E9",
    "partial": "#E69F00",
    "suspect": "#D55E00",
}
outcome_colors: dict[str, str] = {
    "success": "#009E73",
    "failure": "#D55E00",
    "not_started": "#E69F00",
    "in_progress": "#56B4E9",
    "unknown": "#B3B3B3",
}
# A transaction lies under its connector's statuses, in a colour that no status has.
TRANSACTION = "#8C564B"
# Of everything that has no vocabulary: versions, sites.
SERIES = [
    *("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"),
    *("#F0E442", "#8C564B", "#999933", "#332288", "#44AA99", "#882255"),
]
OTHERS = "#B3B3B3"

WIDTH = 720
HEIGHT = 260
ROW = 18  # the height of a row of bars, in pixels
MARKS = 5_000  # more marks than this are no picture any more, and Altair refuses a frame with more rows


def words(name: str) -> str:
    """Give a name of the tables as a reader says it."""
    return name.replace("_", " ")
