"""The thresholds of the rule book."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta

from .exceptions import OptionError

__all__ = ["Rules"]

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """The thresholds by which messages become rows.

    The defaults fit what real charge points do. Change one only if the log of a fleet is known to differ,
    and pass the same rules wherever results are compared.

    Attributes
    ----------
    future_tolerance : timedelta
        How far a payload time may lie in the future of the recorder's clock before it is flagged.
    late_threshold : timedelta
        From which delay on, between payload time and recorder's time, a message counts as delivered late.
    heartbeat_factor : float
        After how many heartbeat intervals of silence a charge point counts as offline, and with which factor its
        usual gaps do where no interval is known. Shorter silence cuts no status interval.
    firmware_stall : timedelta
        After how long without progress a firmware job has stalled; a boot before that belongs to it.
    firmware_verify : timedelta
        How long after ``Installed`` a boot may still prove the new version.
    upload_stall : timedelta
        After how long without progress an upload of diagnostics or a log has stalled.
    retry_window : timedelta
        How long a sent message may be repeated and still be the same message.
    energy_tolerance_wh : float
        Below which difference two ways to the energy agree, in Wh; the larger one of this and
        ``energy_tolerance_share`` counts.
    energy_tolerance_share : float
        The same as a share of the larger energy: 0.01 is one per cent.
    implausible_power_w : float
        Above which mean power, in W, the energy of a transaction is not plausible; 1.2 times the power offered
        counts as well.
    status_dedup : timedelta
        Two equal statuses no further apart than this, one by ``StatusNotification`` and one by ``NotifyEvent``, are
        one report.
    duplicate_window : timedelta
        Equal messages of two recorders no further apart than this are one message.
    duplicate_start_window : timedelta
        Starts that differ by no more than this may be one start: both are flagged.
    plug_in_window : timedelta
        How long before its start a session's plug-in may lie.
    status_after_boot : timedelta
        How long after an accepted boot the statuses may take, and the stop that tells why it booted.
    stop_status_window : timedelta
        How far a status may lie from a stop to tell its connector, and before a start to speak of its transaction.
    remote_start_window : timedelta
        How long after an accepted remote start a transaction of 1.x may begin; in ``commands`` a longer
        ``ConnectionTimeOut`` that the log shows counts instead. A remote stop has as long before it counts as
        unfulfilled.
    reset_window : timedelta
        How long after a reset its boot may come, and after ``Installed`` the boot that activates it.
    reset_cause_window : timedelta
        How long before a boot the reset may lie that explains it.
    trigger_window : timedelta
        How long after a trigger the message may come that it asked for.
    command_patience : timedelta
        How long any other accepted command may take to show its effect (remote stop, unlock, availability), and how
        long a charge point may talk on without answering before a request, also one for firmware or logs, counts as
        never delivered.
    authorization_window : timedelta
        How long after an authorisation its transaction may begin.
    boot_silence : timedelta
        From which silence before a boot on power or network are taken for its cause.
    left_censor_window : timedelta
        A first fact closer than this to the start of the log may have begun before it.

    Examples
    --------
    >>> from datetime import timedelta
    >>> import ocpplog
    >>> strict = ocpplog.Rules(late_threshold=timedelta(seconds=30))
    >>> strict.late_threshold
    datetime.timedelta(seconds=30)
    """

    future_tolerance: timedelta = timedelta(minutes=5)
    late_threshold: timedelta = timedelta(seconds=120)
    heartbeat_factor: float = 3.0
    firmware_stall: timedelta = timedelta(days=1)
    firmware_verify: timedelta = timedelta(days=1)
    upload_stall: timedelta = timedelta(days=1)
    retry_window: timedelta = timedelta(days=1)
    energy_tolerance_wh: float = 50.0
    energy_tolerance_share: float = 0.01
    implausible_power_w: float = 600_000.0
    status_dedup: timedelta = timedelta(seconds=2)
    duplicate_window: timedelta = timedelta(seconds=5)
    duplicate_start_window: timedelta = timedelta(seconds=2)
    plug_in_window: timedelta = timedelta(hours=1)
    status_after_boot: timedelta = timedelta(minutes=5)
    stop_status_window: timedelta = timedelta(minutes=1)
    remote_start_window: timedelta = timedelta(seconds=180)
    reset_window: timedelta = timedelta(minutes=15)
    reset_cause_window: timedelta = timedelta(minutes=10)
    trigger_window: timedelta = timedelta(minutes=1)
    command_patience: timedelta = timedelta(minutes=5)
    authorization_window: timedelta = timedelta(minutes=10)
    boot_silence: timedelta = timedelta(minutes=2)
    left_censor_window: timedelta = timedelta(hours=1)

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(field.default, timedelta):
                if not isinstance(value, timedelta) or value < timedelta(0):
                    raise OptionError(f"rules.{field.name}: {value!r} is not a timedelta of zero or more")
            # `not value >= 0` refuses NaN as well.
            elif isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
                raise OptionError(f"rules.{field.name}: {value!r} is not a number of zero or more")

    def to_native(self) -> dict[str, float]:
        """Give the thresholds as plain numbers: spans in microseconds.

        Returns
        -------
        dict of str to float
            One entry per field.
        """
        numbers: dict[str, float] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            numbers[field.name] = value // _MICROSECOND if isinstance(value, timedelta) else float(value)
        return numbers
