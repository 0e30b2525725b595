"""What was read, in the formats that other tools take."""

from ._open_ocpp_trace import Exported, open_ocpp_trace

__all__ = ["Exported", "open_ocpp_trace"]
