"""Date math of Elasticsearch, in which rules write their windows: `now-9m`, `now-1d/d`, `2024-05-01||-1d`.

Source: Elasticsearch's reference, "Common options", Date math. Weeks begin on Monday there.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from rulescope.ir.times import Instant, RelativeTime, Shift, Snap, WrittenTime

_UNITS: Final = {"y": "y", "M": "mon", "w": "w", "d": "d", "h": "h", "H": "h", "m": "m", "s": "s"}
_STEP: Final = re.compile(r"([+-])(\d{1,9})([yMwdhHms])|/([yMwdhHms])")
_MATH: Final = re.compile(rf"(now|[^|]+(?:\|\|)?)((?:{_STEP.pattern})*)")


def read_date_math(text: str) -> WrittenTime | None:
    """The time that a text says; None where it is none. A date that is moved has no value: it is known, not read."""
    found = _MATH.fullmatch(text.strip())
    if found is None:
        return None
    anchor, math = found[1], found[2]
    if anchor == "now":
        return WrittenTime(text, RelativeTime(tuple(_step(one) for one in _STEP.finditer(math))))
    try:
        date = datetime.fromisoformat(anchor.removesuffix("||"))
    except ValueError:
        return None
    return WrittenTime(text, None if math else Instant((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()))


def _step(found: re.Match[str]) -> Shift | Snap:
    sign, amount, unit, rounded = found.groups()
    if rounded is not None:
        return Snap(_UNITS[rounded], 1 if rounded == "w" else 0)
    return Shift(int(f"{sign}{amount}"), _UNITS[unit])
