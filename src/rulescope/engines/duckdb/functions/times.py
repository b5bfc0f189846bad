"""Times to text and back by Splunk's format codes (Search Reference, "Common time format variables")."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from rulescope.engines.duckdb.functions.registry import Bound, GivenUp, python_function
from rulescope.engines.sql.times import relative_time, shift, zone
from rulescope.engines.sql.values import number_text
from rulescope.ir.times import UNITS

_CODE = re.compile(r"%(?:([1-9])?([NQ])|(:{0,3})z|(Ez|E?[A-Za-z%+]))")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_COMPOSITE = {
    "F": "%Y-%m-%d",
    "T": "%H:%M:%S",
    "D": "%m/%d/%y",
    "R": "%H:%M",
    "r": "%I:%M:%S %p",
    "X": "%H:%M:%S",
    "x": "%m/%d/%Y",
    "c": "%a %b %e %H:%M:%S %Y",
    "+": "%a %b %e %H:%M:%S %Z %Y",
    "h": "%b",
}


def moment_of(epoch: float, time_zone: tzinfo) -> datetime | None:
    """The instant in a time zone; None where the calendar does not reach."""
    try:
        return (_EPOCH + timedelta(microseconds=round(epoch * 1e6))).astimezone(time_zone)
    except (OverflowError, ValueError):
        return None


@python_function("spl_strftime", "DOUBLE", "VARCHAR", "VARCHAR", returns="VARCHAR")
def strftime(epoch: float, pattern: str, time_zone: str) -> str | None:
    """The time as text."""
    moment = moment_of(epoch, zone(time_zone))
    if moment is None:
        return None
    return _format(moment, epoch, pattern)


def _format(moment: datetime, epoch: float, pattern: str) -> str:
    return _CODE.sub(lambda found: _piece(found, moment, epoch), pattern)


def _by_system(code: str) -> Callable[[datetime], str]:
    return lambda at: at.strftime(f"%{code}")


_PIECES: dict[str, Callable[[datetime], str]] = {
    "Y": lambda at: f"{at.year:04d}",
    "y": lambda at: f"{at.year % 100:02d}",
    "C": lambda at: f"{at.year // 100:02d}",
    "m": lambda at: f"{at.month:02d}",
    "B": lambda at: _MONTHS[at.month - 1],
    "b": lambda at: _MONTHS[at.month - 1][:3],
    "d": lambda at: f"{at.day:02d}",
    "e": lambda at: f"{at.day:2d}",
    "j": lambda at: f"{at.timetuple().tm_yday:03d}",
    "A": lambda at: _DAYS[at.isoweekday() % 7],
    "a": lambda at: _DAYS[at.isoweekday() % 7][:3],
    "w": lambda at: str(at.isoweekday() % 7),
    "u": lambda at: str(at.isoweekday()),
    "H": lambda at: f"{at.hour:02d}",
    "k": lambda at: f"{at.hour:2d}",
    "I": lambda at: f"{at.hour % 12 or 12:02d}",
    "l": lambda at: f"{at.hour % 12 or 12:2d}",
    "M": lambda at: f"{at.minute:02d}",
    "S": lambda at: f"{at.second:02d}",
    "f": lambda at: f"{at.microsecond:06d}",
    "p": lambda at: "AM" if at.hour < 12 else "PM",
    "Z": lambda at: at.tzname() or "",
    **{code: _by_system(code) for code in "UWVGg"},
    "n": lambda at: "\n",
    "t": lambda at: "\t",
    "%": lambda at: "%",
}
"""What a letter after `%` stands for (Search Reference, "Date and time format variables")."""


def _piece(found: re.Match[str], moment: datetime, epoch: float) -> str:
    digits, fraction, colons, code = found.groups()
    if fraction is not None:
        count = int(digits or (9 if fraction == "N" else 3))
        return f"{moment.microsecond:06d}000"[:count]
    if code is None:
        return _offset(moment, len(colons))
    if code == "Ez":
        # Splunk's own: minutes from UTC.
        return f"{int((moment.utcoffset() or timedelta()).total_seconds()) // 60:+d}"
    code = code[-1]
    if code in _COMPOSITE:
        return _format(moment, epoch, _COMPOSITE[code])
    if code == "s":
        return str(int(epoch // 1))
    written = _PIECES.get(code)
    return written(moment) if written is not None else found.group()


def _offset(moment: datetime, colons: int) -> str:
    offset = moment.utcoffset() or timedelta()
    seconds = int(offset.total_seconds())
    sign = "-" if seconds < 0 else "+"
    hours, rest = divmod(abs(seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    if colons == 0:
        return f"{sign}{hours:02d}{minutes:02d}"
    if colons == 1:
        return f"{sign}{hours:02d}:{minutes:02d}"
    if colons == 2:
        return f"{sign}{hours:02d}:{minutes:02d}:{seconds:02d}"
    return f"{sign}{hours:02d}" + (f":{minutes:02d}" if minutes else "")


_PATTERNS = {
    "Y": r"(?P<Y>\d{4})", "y": r"(?P<y>\d{2})", "m": r"(?P<m>\d{1,2})", "d": r"(?P<d>\d{1,2})",
    "e": r"\s?(?P<d>\d{1,2})", "H": r"(?P<H>\d{1,2})", "k": r"\s?(?P<H>\d{1,2})", "I": r"(?P<I>\d{1,2})",
    "l": r"\s?(?P<I>\d{1,2})", "M": r"(?P<M>\d{1,2})", "S": r"(?P<S>\d{1,2})", "p": r"(?P<p>[AaPp]\.?[Mm]\.?)",
    "s": r"(?P<s>-?\d+(?:\.\d+)?)", "f": r"(?P<f>\d{1,9})", "j": r"(?P<j>\d{1,3})",
    "B": r"(?P<B>[A-Za-z]+)", "b": r"(?P<B>[A-Za-z]+)", "A": r"[A-Za-z]+", "a": r"[A-Za-z]+",
    "Z": r"(?P<Z>[A-Za-z][A-Za-z_/+-]*|[+-]\d{2}:?\d{2})", "w": r"\d", "u": r"\d", "U": r"\d{1,2}", "W": r"\d{1,2}",
    "n": r"\s+", "t": r"\s+", "%": "%",
}  # fmt: skip
_FIRST_YEAR = 1971
_ZONE_OFFSETS = {
    "UTC": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "CET": 1, "CEST": 2,
}  # fmt: skip


@lru_cache(maxsize=256)
def _reader(pattern: str) -> re.Pattern[str] | None:
    """The format as a regular expression; None where it uses a code twice or one we can't read."""
    pattern = re.sub(r"%([%A-Za-z+])", lambda code: _COMPOSITE.get(code.group(1), code.group()), pattern)
    out, position = [r"\s*"], 0
    for found in _CODE.finditer(pattern):
        out.append(_literal(pattern[position : found.start()]))
        position = found.end()
        digits, fraction, colons, code = found.groups()
        if fraction is not None:
            out.append(rf"(?P<f>\d{{1,{digits or 9}}})")
        elif colons is not None and code is None:
            out.append(r"(?P<z>[+-]\d{2}:?\d{2}(?::?\d{2})?|Z)")
        elif code in _PATTERNS:
            out.append(_PATTERNS[code])
        elif code == "Ez":
            out.append(r"(?P<minutes>[+-]?\d{1,4})")
        else:
            return None
    out.append(_literal(pattern[position:]))
    try:
        return re.compile("".join(out))
    except re.error:
        return None


def _literal(text: str) -> str:
    return re.sub(r"(?:\\ |\s)+", r"\\s+", re.escape(text)) if text else ""


@python_function("spl_strptime", "VARCHAR", "VARCHAR", "VARCHAR", "DOUBLE", returns="DOUBLE")
def strptime(text: str, pattern: str, time_zone: str, now: float) -> float | None:
    """The time that a text says; NULL for a date without a day, or before 1971.

    Without a date it is that of `now`, without a year the year of `now`, without a clock midnight.
    """
    reader = _reader(pattern)
    found = reader.match(text) if reader else None
    if not found:
        return None
    parts = {name: value for name, value in found.groupdict().items() if value is not None}
    if "s" in parts:
        return float(parts["s"]) + _fraction(parts)
    place = _zone_of(parts, zone(time_zone))
    today = moment_of(now, place) if place is not None else None
    if place is None or today is None:
        return None
    try:
        return _assembled(parts, place, today)
    except (ValueError, OverflowError, KeyError):
        return None


def _fraction(parts: dict[str, str]) -> float:
    return float(f"0.{parts['f']}") if "f" in parts else 0.0


def _assembled(parts: dict[str, str], place: tzinfo, today: datetime) -> float:
    year = today.year
    if "Y" in parts:
        year = int(parts["Y"])
    elif "y" in parts:
        short = int(parts["y"])
        year = short + (2000 if short < 69 else 1900)
    dated = any(part in parts for part in "YymdBj")
    if (dated and not {"d", "j"} & parts.keys()) or year < _FIRST_YEAR:
        raise ValueError("a date needs its day, and begins in 1971")
    month, day = (1, 1) if dated else (today.month, today.day)
    if "m" in parts:
        month = int(parts["m"])
    if "B" in parts:
        month = _month(parts["B"])
    if "d" in parts:
        day = int(parts["d"])
    hour = int(parts.get("H", parts.get("I", "0")))
    if "p" in parts and "H" not in parts:
        hour = hour % 12 + (12 if parts["p"][0] in "pP" else 0)
    second = int(parts.get("S", "0"))
    moment = datetime(year, month, day, hour, int(parts.get("M", "0")), min(second, 59), tzinfo=place)
    if "j" in parts and "d" not in parts:
        moment = moment.replace(month=1, day=1) + timedelta(days=int(parts["j"]) - 1)
    return moment.timestamp() + _fraction(parts)


def _month(name: str) -> int:
    for number, month in enumerate(_MONTHS, 1):
        if name.lower() in {month.lower(), month[:3].lower()}:
            return number
    raise ValueError(name)


def _zone_of(parts: dict[str, str], default: tzinfo) -> tzinfo | None:
    if "minutes" in parts:
        return timezone(timedelta(minutes=int(parts["minutes"])))
    written = parts.get("z") or parts.get("Z")
    if written is None:
        return default
    signed = re.fullmatch(r"([+-])(\d{2}):?(\d{2})(?::?(\d{2}))?", written)
    if signed:
        sign, hours, minutes, seconds = signed.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds or 0))
        return timezone(-offset if sign == "-" else offset)
    if written.upper() in _ZONE_OFFSETS:
        return timezone(timedelta(hours=_ZONE_OFFSETS[written.upper()]))
    return None


@python_function("spl_relative_time", "DOUBLE", "VARCHAR", "VARCHAR", returns="DOUBLE")
def moved(epoch: float, modifier: str, time_zone: str) -> float | None:
    """The time moved by a modifier."""
    return relative_time(epoch, modifier, time_zone)


_SPAN = re.compile(r"(\d+)\s*([a-zA-Z]+)")
_MAX_RANGE = 1_000_000
_TOO_LONG = Bound(f"mvrange makes at most {_MAX_RANGE:,} values, and none where more are asked for")


@python_function("spl_mvrange_span", "DOUBLE", "DOUBLE", "VARCHAR", "VARCHAR", returns="VARCHAR[]")
def mvrange_span(start: float, end: float, step: str, time_zone: str) -> list[str] | None:
    """The times from `start` up to `end` (left out), a span such as `7d` apart; days and longer by the calendar."""
    found = _SPAN.fullmatch(step.strip())
    unit = UNITS.get(found.group(2).lower()) if found else None
    moment = moment_of(start, zone(time_zone))
    if found is None or unit is None or moment is None:
        return None
    count = int(found.group(1))
    values: list[str] = []
    try:
        while (value := shift(moment, unit, count * len(values)).timestamp()) < end:
            values.append(number_text(value))
            if not count:
                return None
            if len(values) > _MAX_RANGE:
                raise GivenUp(_TOO_LONG, f"{start}-{end}-{step}", None)
    except (OverflowError, ValueError):
        return None
    return values or None


@python_function("spl_mvrange", "DOUBLE", "DOUBLE", "DOUBLE", returns="VARCHAR[]")
def mvrange(start: float, end: float, step: float) -> list[str] | None:
    """The numbers from `start` up to `end`, as text."""
    if step == 0:
        return None
    if (end - start) / step > _MAX_RANGE:
        raise GivenUp(_TOO_LONG, f"{start}-{end}-{step}", None)
    values = []
    index = 0
    while (value := start + index * step) < end if step > 0 else (value := start + index * step) > end:
        values.append(number_text(value))
        index += 1
    return values or None
