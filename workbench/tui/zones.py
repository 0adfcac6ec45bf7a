"""Displayed time zones: instants are UTC everywhere else, and a screen always says which zone it shows."""

from __future__ import annotations

import datetime as dt

from workbench import clock
from workbench.errors import WorkbenchError


class UnknownZoneError(WorkbenchError):
    """The text names no time zone."""


class Zone:
    """A time zone that instants are shown in.

    Attributes:
        name: What the screens call it: ``UTC``, ``Europe/Berlin``, ``+02:00``.
    """

    def __init__(self, name: str, info: dt.tzinfo) -> None:
        self.name = name
        self._info = info
        self._is_utc = info is dt.UTC

    def offset(self, micros: int) -> int:
        """Return the distance to UTC in microseconds at an instant; 0 outside the years 1 to 9999."""
        if self._is_utc:
            return 0
        try:
            moved = clock.to_datetime(micros).astimezone(self._info).utcoffset()
        except (OverflowError, ValueError):
            return 0
        return int(moved.total_seconds()) * clock.SECOND if moved else 0

    def text(self, micros: int, digits: int = 0) -> str:
        """Write an instant as ``2023-07-10 11:42:18`` in this zone, with ``digits`` fractional digits, truncated."""
        try:
            shown = clock.rfc3339(micros + self.offset(micros), digits)
        except OverflowError:
            return f"{micros} us"
        return shown[:-1].replace("T", " ")

    def offset_text(self, micros: int) -> str:
        """Write the distance to UTC at an instant as ``+02:00``."""
        minutes = self.offset(micros) // (60 * clock.SECOND)
        sign = "-" if minutes < 0 else "+"
        return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"

    def instant(self, local: dt.datetime) -> int:
        """Convert a wall-clock reading of this zone to an instant, microseconds UTC.

        A reading that occurs twice (clocks set back) gives the earlier instant.
        """
        return clock.to_micros(local.replace(tzinfo=self._info, fold=0))


UTC = Zone("UTC", dt.UTC)

_NAMES_OF_UTC = {"UTC", "UCT", "Zulu", "Universal", "Etc/UTC", "Etc/UCT", "Etc/Zulu", "Etc/Universal"}
"""What machines that keep UTC call it (``backward`` file of the IANA time zone database)."""


def local_zone() -> Zone:
    """Return the zone of this machine, or UTC if the machine names none."""
    from pendulum.tz.local_timezone import get_local_timezone

    try:
        info = get_local_timezone()
    except (RuntimeError, OSError, ValueError):
        return UTC
    name = str(getattr(info, "name", info))
    return UTC if name in _NAMES_OF_UTC else Zone(name, info)


def named_zone(name: str) -> Zone:
    """Return the zone that a person typed: an IANA name (any case) or an offset such as ``+02:00``.

    Raises:
        UnknownZoneError: If there is no such zone.
    """
    from pendulum.tz import timezones
    from pendulum.tz.timezone import Timezone

    wanted = name.strip()
    if wanted.upper() in ("", "UTC", "Z"):
        return UTC
    if wanted.lower() == "local":
        return local_zone()
    if wanted[0] in "+-":
        return _fixed(wanted)
    known = {zone.lower(): zone for zone in timezones()}
    found = known.get(wanted.lower())
    if found is None:
        raise UnknownZoneError(
            f"{wanted!r} is not a known time zone",
            "give an IANA name such as Europe/Berlin, or an offset such as +02:00",
        )
    return UTC if found in _NAMES_OF_UTC else Zone(found, Timezone(found))


def _fixed(text: str) -> Zone:
    digits = text[1:].replace(":", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) in (1, 2, 4)):
        raise UnknownZoneError(f"{text!r} is not an offset", "write it as +02:00")
    hours, minutes = (int(digits[:2]), int(digits[2:])) if len(digits) == 4 else (int(digits), 0)
    if hours > 23 or minutes > 59:
        raise UnknownZoneError(f"{text!r} is not an offset", "write it as +02:00")
    distance = dt.timedelta(hours=hours, minutes=minutes) * (-1 if text[0] == "-" else 1)
    return Zone(f"{text[0]}{hours:02}:{minutes:02}", dt.timezone(distance)) if distance else UTC
