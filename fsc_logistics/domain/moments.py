"""Local times to moments and back, on days that have 23 or 25 hours too."""

from datetime import UTC, datetime, timedelta, tzinfo


class MissingMoment(ValueError):
    """The clock was put forward over that time; it never was."""


class AmbiguousMoment(ValueError):
    """The clock was put back over that time; it was twice."""


def to_utc(local: datetime, zone: tzinfo) -> datetime:
    """Return the moment the clocks of `zone` showed `local`.

    Raises:
        MissingMoment, AmbiguousMoment: with the two readings there are.

    >>> from zoneinfo import ZoneInfo
    >>> to_utc(datetime(2026, 8, 1, 14, 30), ZoneInfo("Europe/Copenhagen")).isoformat()
    '2026-08-01T12:30:00+00:00'
    """
    early = local.replace(tzinfo=zone, fold=0)
    late = local.replace(tzinfo=zone, fold=1)
    if early.utcoffset() == late.utcoffset():
        return early.astimezone(UTC)
    readings = f"{early.isoformat()} or {late.isoformat()}"
    first, second = early.astimezone(UTC), late.astimezone(UTC)
    if first < second:
        raise AmbiguousMoment(
            f"'{local.isoformat()}' was twice that night: say {readings}."
        )
    raise MissingMoment(
        f"'{local.isoformat()}' did not exist that night: say"
        f" {_real(second, zone)} or {_real(first, zone)}."
    )


def _real(moment: datetime, zone: tzinfo) -> str:
    """Return the moment as the clocks of `zone` really showed it."""
    return (moment + timedelta(0)).astimezone(zone).isoformat()
