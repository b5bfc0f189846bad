"""Text to epoch seconds. Times without a zone are taken as UTC, which is Rulescope's default."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|[+-]\d\d:?\d\d)?",
)
_SYSLOG = re.compile(r"(?:<\d{1,3}>)?([A-Z][a-z]{2})\s+(\d{1,2}) (\d\d:\d\d:\d\d)")
_APACHE = re.compile(r"\[?(\d{1,2})/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})")
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}),? (\d{1,2}):(\d\d):(\d\d)(?:\.(\d+))?(?: ([AP])M)?")
_SLASHES = re.compile(r"(\d{4})/(\d\d)/(\d\d) (\d\d):(\d\d):(\d\d)")
_AUDIT = re.compile(r"msg=audit\((\d{9,11}(?:\.\d{1,9})?):")
_EPOCH = re.compile(r"\d{9,10}(?:\.\d{1,9})?(?=[\s,|]|$)")
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}


@lru_cache(maxsize=4096)
def _minute(year: int, month: int, day: int, hour: int, minute: int) -> float | None:
    """Epoch seconds of a minute; events come in clusters, so the few distinct minutes are remembered."""
    try:
        return datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _zone_seconds(zone: str | None) -> int:
    if not zone or zone in ("Z", "UTC"):
        return 0
    digits = zone[1:].replace(":", "")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -seconds if zone[0] == "-" else seconds


def _assemble(
    year: int, month: int, day: int, hour: int, minute: int, second: int, fraction: str | None, zone: str | None
) -> float | None:
    start = _minute(year, month, day, hour, minute)
    if start is None or second > 60:
        return None
    seconds = start + second - _zone_seconds(zone)
    # float("12.345") rounds once; adding 0.345 to the epoch would show in the last digit.
    return float(f"{int(seconds)}.{fraction}") if fraction and seconds >= 0 else seconds


def parse_iso(text: str) -> float | None:
    """Epoch seconds of text that starts with an ISO 8601 date and time, or None. The fraction is kept to 9 digits."""
    found = _ISO.match(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    return _assemble(int(year), int(month), int(day), int(hour), int(minute), int(second), fraction, zone)


def parse_time(value: object) -> float | None:
    """Epoch seconds of a number (seconds, or milli-, micro- or nanoseconds by size) or of a text in a known layout."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return _scaled(float(value))
    if not isinstance(value, str):
        return None
    found = parse_iso(value)
    if found is not None:
        return found
    try:
        return _scaled(float(value))
    except ValueError:
        return find_time(value)


def _scaled(number: float) -> float | None:
    if not 0 <= number < 1e20:
        return None
    for limit, scale in ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6)):
        if number < limit:
            return number / scale
    return number / 1e9


def find_time(line: str, *, default_year: int | None = None) -> float | None:
    """Epoch seconds of the timestamp at the start of a raw text line, or of an audit record; None where there is none.

    `default_year` stands in where the layout (syslog) has no year.
    """
    head = line[:160].lstrip()
    if (found := _ISO.match(head)) is not None:
        return parse_iso(head)
    if (found := _AUDIT.search(head)) is not None or (found := _EPOCH.match(head)) is not None:
        return float(found.group(found.lastindex or 0))
    if (found := _AMERICAN.match(head)) is not None:
        month, day, year, hour, minute, second, fraction, half = found.groups()
        hours = int(hour) % 12 + (12 if half == "P" else 0) if half else int(hour)
        return _assemble(int(year), int(month), int(day), hours, int(minute), int(second), fraction, None)
    if (found := _SLASHES.match(head)) is not None:
        year, month, day, hour, minute, second = found.groups()
        return _assemble(int(year), int(month), int(day), int(hour), int(minute), int(second), None, None)
    if (found := _SYSLOG.match(head)) is not None and found.group(1) in _MONTHS:
        name, day, clock = found.groups()
        hour, minute, second = clock.split(":")
        year = default_year or datetime.now(UTC).year
        return _assemble(int(year), _MONTHS[name], int(day), int(hour), int(minute), int(second), None, None)
    if (found := _APACHE.search(head)) is not None and found.group(2) in _MONTHS:
        day, name, year, hour, minute, second, zone = found.groups()
        return _assemble(int(year), _MONTHS[name], int(day), int(hour), int(minute), int(second), None, zone)
    if (found := _ISO.search(head)) is not None:
        return parse_iso(head[found.start() :])
    return None


def begins_with_time(line: str) -> bool:
    """Whether a raw text line starts with a timestamp (so that lines without one continue the event before)."""
    head = line[:64]
    return any(pattern.match(head) for pattern in (_ISO, _AMERICAN, _SLASHES, _SYSLOG, _APACHE, _EPOCH))


def iso_text(seconds: float) -> str | float:
    """Epoch seconds as ISO 8601 text in UTC: a date where it is midnight, else no more of a second than there is, to
    the microsecond. A time beyond the years 1 to 9999 stays a number."""
    try:
        moment = datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds)
    except OverflowError:
        return seconds
    if moment.time() == time():
        return moment.date().isoformat()
    text = moment.replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if "." in text else text) + "Z"
