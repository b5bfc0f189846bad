"""The values of rows: what they are as text, as numbers, as several.

A log's value is a `str` that counts as a number where it reads as one. `Quoted` is text that a rule wrote in quotes, or
that a text function made: it stays text, until it is stored in a field. Numbers are `float`s (whole numbers of typed
columns `int`s), truth values `bool`s, several values a list. Languages over tables also have `Moment`s, `Duration`s,
and objects (`dict`). A missing value is None, and a row has no entry for it.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]
"""A row: its fields that have a value."""

_RELATIONS = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
LAST_EXACT = 2**53
"""From here on several whole numbers share one double."""
_WHOLE = re.compile(r"[+-]?[0-9]{1,38}")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


class Quoted(str):
    """Text that stays text, whatever it reads as."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A point in time, in seconds since 1970."""

    seconds: float


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A span of time in seconds."""

    seconds: float


def number(value: Any) -> float | None:
    """The number that a single value is or reads as; None where it is none."""
    single = only(value)
    if isinstance(single, bool) or single is None:
        return None
    if isinstance(single, int | float):
        return float(single)
    if isinstance(single, Moment | Duration):
        return single.seconds
    return float(single) if isinstance(single, str) and _NUMBER.fullmatch(single) else None


def numbers(left: Any, right: Any, exact: bool) -> tuple[float, float] | None:
    """Both values as numbers, if they are; `exact`: two whole ones with all of their digits, unless computed."""
    one, other = number(left), number(right)
    if one is None or other is None:
        return None
    wholes = (_whole(only(left)), _whole(only(right)))
    return (wholes[0], wholes[1]) if exact and wholes[0] is not None and wholes[1] is not None else (one, other)


def exact_number(value: Any) -> float | None:
    """The number that a single value is or reads as, a whole one with all of its digits."""
    return number(value) if (whole := _whole(only(value))) is None else whole


def exact_text(value: float) -> float | str:
    """A number as a field holds it: a whole one that is no double of its own as its digits."""
    return str(value) if isinstance(value, int) and abs(value) >= LAST_EXACT else float(value)


def _whole(value: Any) -> int | None:
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number_text(value: float) -> str:
    """A number as it prints: whole ones without a point, others to 15 digits."""
    if isinstance(value, int):
        return str(value)
    return str(int(value)) if float(value).is_integer() and abs(value) <= 2**53 else f"{value:.15g}"


def text(value: Any) -> str | None:
    """A single value as text; several values have none."""
    single = only(value)
    if isinstance(single, bool):
        return "True" if single else "False"
    if isinstance(single, int | float):
        return number_text(single)
    if isinstance(single, Moment | Duration):
        return number_text(single.seconds)
    return single if isinstance(single, str) else None


def lowered(written: str) -> str:
    """In small letters, one for each: where a language does not say how letters that become several are written."""
    return "".join(letter.lower()[0] for letter in written)


def raised(written: str) -> str:
    """In capital letters, one for each."""
    found = ((letter, letter.upper()) for letter in written)
    return "".join("\u1e9e" if letter == "ß" else new if len(new) == 1 else letter for letter, new in found)


def only(value: Any) -> Any:
    """The value, or that of a list with one; None for several."""
    if isinstance(value, list):
        return value[0] if len(value) == 1 else None
    return value


def values_of(value: Any) -> list[Any]:
    """All values, one by one; none where it is missing."""
    if value is None:
        return []
    return [item for item in value if item is not None] if isinstance(value, list) else [value]


def texts_of(value: Any) -> list[str]:
    """All values as texts."""
    return [spelt for item in values_of(value) if (spelt := text(item)) is not None]


def wrapped(value: int) -> int:
    """A whole number of 64 bits: one beyond them begins again at the other end."""
    return (value + 2**63) % 2**64 - 2**63


def whole_rest(left: int, right: int) -> int:
    """What a division of whole numbers leaves, with the sign of the dividend."""
    return left % abs(right) - (abs(right) if left < 0 and left % abs(right) else 0)


def in_relation(relation: str, left: Any, right: Any) -> bool:
    """Whether two values of one kind are as `=`, `!=`, `<`, `<=`, `>` or `>=` says."""
    return bool(_RELATIONS[relation](left, right))


def put(row: Row, name: str, value: Any) -> None:
    """Sets a field: nothing removes it, a list of one is its value, quotes are forgotten."""
    if isinstance(value, list):
        kept = [_stored(item) for item in value if item is not None]
        value = None if not kept else kept[0] if len(kept) == 1 else kept
    if value is None:
        row.pop(name, None)
    else:
        row[name] = _stored(value)


def _stored(value: Any) -> Any:
    return str(value) if isinstance(value, Quoted) else value
