"""The three stories, and what of their many columns fits on a screen."""

from __future__ import annotations

STORIES = ("transactions", "status_intervals", "firmware_updates")
# What matters most of the many columns of the three stories comes first: a narrow terminal shows no more.
SHOWN = {
    "transactions": [
        "charge_point_id",
        "start_time",
        "duration",
        "energy_wh",
        "quality",
        "transaction_id",
        "state",
        "stop_reason",
        "energy_method",
        "evse_id",
        "flags",
    ],
    "status_intervals": [
        "charge_point_id",
        "status",
        "start_time",
        "duration",
        "evse_id",
        "connector_id",
        "end_time",
        "end_reason",
        "error_code",
    ],
    "firmware_updates": [
        "charge_point_id",
        "requested_at",
        "outcome",
        "version_after",
        "version_before",
        "last_status",
        "duration",
        "kind",
        "flags",
    ],
}
