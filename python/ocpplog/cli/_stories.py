"""The three stories, and what of their many columns fits on a screen."""

from __future__ import annotations

STORIES = ("transactions", "status_intervals", "firmware_updates")
# What fits on a screen of the many columns of the three stories.
SHOWN = {
    "transactions": [
        "charge_point_id",
        "evse_id",
        "transaction_id",
        "start_time",
        "duration",
        "energy_wh",
        "energy_method",
        "state",
        "stop_reason",
        "quality",
        "flags",
    ],
    "status_intervals": [
        "charge_point_id",
        "evse_id",
        "connector_id",
        "start_time",
        "end_time",
        "duration",
        "status",
        "error_code",
        "end_reason",
    ],
    "firmware_updates": [
        "charge_point_id",
        "kind",
        "requested_at",
        "last_status",
        "outcome",
        "duration",
        "version_before",
        "version_after",
        "flags",
    ],
}
