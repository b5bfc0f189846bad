"""Points in time as values: what a bound of a search, or a window of a rule, says.

Units are those of `Interval`, in their shortest form. Relative times have one notation, which is Splunk's (Search
Reference, "Time modifiers"): `-1d@d`. It is read here, since searches hold it and so do values that events have.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

UNITS: Final = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("w", "week", "weeks"), "w"),
    **dict.fromkeys(("mon", "month", "months"), "mon"),
    **dict.fromkeys(("q", "qtr", "qtrs", "quarter", "quarters"), "q"),
    **dict.fromkeys(("y", "yr", "yrs", "year", "years"), "y"),
    "us": "us",
    "ms": "ms",
    "cs": "cs",
    "ds": "ds",
}
"""The units of time by their names."""

_STEP = re.compile(r"\s*(?:([+-]?)(\d{0,18})([a-z]+)|@([a-z]+)([0-7]?))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shift:
    """So many units later; earlier, where the amount is negative."""

    amount: int
    unit: str


@dataclass(frozen=True, slots=True)
class Snap:
    """Back to the start of the unit. Weeks begin on Sunday, or on `weekday` days after it."""

    unit: str
    weekday: int = 0


@dataclass(frozen=True, slots=True)
class OpenTime:
    """No bound at all."""


@dataclass(frozen=True, slots=True)
class Instant:
    """A point in time, in seconds since 1970 (UTC)."""

    epoch: float


@dataclass(frozen=True, slots=True)
class LocalTime:
    """A date and time of day (`2024-05-01T12:00:00`) in the time zone of whoever searches."""

    written: str


@dataclass(frozen=True, slots=True)
class RelativeTime:
    """The time of the search, moved by steps from left to right; without steps it is now."""

    steps: tuple[Shift | Snap, ...] = ()


@dataclass(frozen=True, slots=True)
class RangeEdge:
    """The begin of the search's range of time, or its end (`last`)."""

    last: bool = False


TimeValue = OpenTime | Instant | LocalTime | RelativeTime | RangeEdge


@dataclass(frozen=True, slots=True)
class WrittenTime:
    """A point in time and how it was written (`text`, for display). `value` is None where the text is no time, or is
    none before the macro or the value of a row is put in."""

    text: str
    value: TimeValue | None


def relative_steps(text: str) -> tuple[Shift | Snap, ...] | None:
    """The steps of a relative time, such as `-24h@h`, `@w1` or `now`; None where the text is none."""
    written = text.strip()
    position = 3 if written.lower().startswith("now") else 0
    steps: list[Shift | Snap] = []
    while position < len(written):
        part = _STEP.match(written, position)
        if part is None:
            return None
        sign, amount, unit, snap, day = part.groups()
        name = UNITS.get((unit if snap is None else snap).lower())
        if name is None:
            return None
        if snap is not None:
            if day and name != "w":
                return None
            steps.append(Snap(name, int(day or 0)))
        elif sign or amount:
            steps.append(Shift(int(amount or 1) * (-1 if sign == "-" else 1), name))
        else:
            return None
        position = part.end()
    return tuple(steps)
