"""Functions of ES|QL. Facts: Elastic, "ES|QL functions and operators": string, math, conversion and multivalue
functions. A function of one value is NULL on several."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from rulescope.engines.reference.common.moments import moment_of_text
from rulescope.engines.reference.common.patterns import regex
from rulescope.engines.reference.interpreter import RowCall
from rulescope.engines.reference.meaning import ESQL
from rulescope.engines.reference.values import (
    Quoted,
    exact_number,
    number,
    only,
    text,
    texts_of,
    values_of,
    wrapped,
)


def _single(call: RowCall, place: int) -> str | None:
    value = call.value(place)
    if isinstance(value, bool | float):
        raise call.refuse("the reference has no reading of other values than texts")
    return text(value)


def _count(call: RowCall, place: int) -> int | None:
    size = number(call.value(place))
    return None if size is None else int(size)


@ESQL.function("substring")
def part(call: RowCall) -> Any:
    """From a position on, counted from 1 or from the end; 0 is the first character, too."""
    value, start = _single(call, 0), _count(call, 1)
    count = _count(call, 2) if len(call) > 2 else None
    if value is None or start is None or (len(call) > 2 and (count is None or count < 0)):
        return None
    begin = max(len(value) + start, 0) if start < 0 else max(start - 1, 0)
    return Quoted(value[begin:] if count is None else value[begin : begin + count])


@ESQL.function("left", "right")
def end(call: RowCall) -> Any:
    """The first or last characters."""
    value, count = _single(call, 0), _count(call, 1)
    if value is None or count is None:
        return None
    count = max(count, 0)
    return Quoted(value[:count] if getattr(call.node, "function", "") == "left" else value[len(value) - count :])


@ESQL.function("replace")
def replaced(call: RowCall) -> Any:
    """Every match of a regular expression replaced."""
    value, pattern, new = (_single(call, place) for place in range(3))
    if value is None or pattern is None or new is None:
        return None
    if "$" in new or "\\" in new:
        raise call.refuse("the reference has no reading of groups in it")
    return Quoted(regex(pattern, call.span).sub(new, value))


@ESQL.function("locate")
def place_of(call: RowCall) -> Any:
    """Where a text stands in another, counted from 1; 0 where it does not."""
    value, wanted = _single(call, 0), _single(call, 1)
    if len(call) > 2:
        raise call.refuse("the reference has no reading of where to begin")
    return None if value is None or wanted is None else value.find(wanted) + 1


@ESQL.function("contains", "ends_with")
def has_part(call: RowCall) -> Any:
    """Whether a text holds another, or ends in it."""
    value, wanted = _single(call, 0), _single(call, 1)
    if value is None or wanted is None:
        return None
    return value.endswith(wanted) if getattr(call.node, "function", "") == "ends_with" else wanted in value


@ESQL.function("repeat", "space")
def repeated(call: RowCall) -> Any:
    """A text so many times; `space` is blanks."""
    value, count = (_single(call, 0), _count(call, 1)) if len(call) > 1 else (" ", _count(call, 0))
    if value is None or count is None:
        return None
    if count < 0:
        raise call.refuse("the reference has no reading of a negative count")
    return Quoted(value * count)


@ESQL.function("byte_length", "bit_length")
def size_in_bytes(call: RowCall) -> Any:
    """How many bytes of UTF-8, or how many bits."""
    value = _single(call, 0)
    bits = 8 if getattr(call.node, "function", "") == "bit_length" else 1
    return None if value is None else len(value.encode()) * bits


@ESQL.function("md5", "sha1", "sha256", "hash")
def digest(call: RowCall) -> Any:
    """The digest in hexadecimal."""
    name = getattr(call.node, "function", "")
    kind, value = (_single(call, 0), _single(call, 1)) if name == "hash" else (name, _single(call, 0))
    if value is None or kind is None:
        return None
    return Quoted(hashlib.new(kind.replace("-", ""), value.encode()).hexdigest())


@ESQL.function("to_base64")
def encoded(call: RowCall) -> Any:
    """A text in base64."""
    value = _single(call, 0)
    return None if value is None else Quoted(base64.b64encode(value.encode()).decode())


# Numbers


def _of_number(name: str, change: Callable[[float], float]) -> None:
    """A function of a double; NULL where it has no value there."""

    @ESQL.function(name)
    def read(call: RowCall) -> Any:
        value = number(call.value(0))
        try:
            found = None if value is None else change(value)
        except (ValueError, OverflowError):
            return None
        return found if found is None or math.isfinite(found) else None


_of_number("sqrt", math.sqrt)
_of_number("cbrt", lambda value: math.copysign(abs(value) ** (1 / 3), value))
_of_number("exp", math.exp)
_of_number("signum", lambda value: float((value > 0) - (value < 0)))


@ESQL.function("e", "tau", "pi")
def constant(call: RowCall) -> float:
    """A constant of mathematics."""
    return float(getattr(math, getattr(call.node, "function", "")))


@ESQL.function("floor", "ceil")
def whole(call: RowCall) -> Any:
    """The next whole number below or above; a whole one is itself."""
    value = exact_number(call.value(0))
    if value is None or isinstance(value, int):
        return value
    return float(getattr(math, getattr(call.node, "function", ""))(value))


@ESQL.function("round")
def rounded(call: RowCall) -> Any:
    """To so many digits; a half goes away from zero."""
    value, digits = exact_number(call.value(0)), _count(call, 1) if len(call) > 1 else 0
    if value is None or digits is None:
        return None
    if isinstance(value, int) and digits >= 0:
        return value
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP))


@ESQL.function("pow")
def power(call: RowCall) -> Any:
    """One number to the power of another, as a double; NULL where that is no number."""
    base, exponent = number(call.value(0)), number(call.value(1))
    if base is None or exponent is None:
        return None
    try:
        found = base**exponent
    except (ZeroDivisionError, OverflowError):
        return None
    return None if isinstance(found, complex) else found


@ESQL.function("to_double")
def double(call: RowCall) -> Any:
    """Each value as a double; those that are none are left out."""
    value = call.value(0)
    if isinstance(value, bool):
        return float(value)
    found = [size for one in values_of(value) if (size := number(one)) is not None]
    return (found if isinstance(value, list) else found[0]) if found else None


@ESQL.function("to_integer")
def long(call: RowCall) -> Any:
    """Each value as a whole number, rounded; those that are none are left out."""
    value = call.value(0)
    if isinstance(value, bool):
        return int(value)
    found = []
    for one in values_of(value):
        size = exact_number(one)
        if size is None and isinstance(one, str) and moment_of_text(one) is not None:
            raise call.refuse("the reference has no reading of times as numbers")
        if size is not None:
            written = int(Decimal(repr(size)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
            found += [written] if wrapped(written) == written else []
    return (found if isinstance(value, list) else found[0]) if found else None


@ESQL.function("to_boolean")
def truth_value(call: RowCall) -> Any:
    """Whether a text says true."""
    value = call.value(0)
    if isinstance(value, bool | None):
        return value
    if not isinstance(value, str):
        raise call.refuse("the reference has no reading of it for other values than texts")
    return value.lower() == "true"


@ESQL.function("to_datetime")
def instant(call: RowCall) -> Any:
    """A text of ISO 8601 as a point of time."""
    value = only(call.value(0))
    if not isinstance(value, str | None) or number(value) is not None:
        raise call.refuse("the reference has no reading of it for other values than texts")
    return None if value is None else moment_of_text(value)


# Several values


@ESQL.function("mv_min", "mv_max")
def extreme(call: RowCall) -> Any:
    """The greatest or least of all values."""
    name = getattr(call.node, "function", "")
    found = [one for value in call.values() for one in values_of(value)]
    sizes = [exact_number(one) for one in found]
    choose = max if name == "mv_max" else min
    if found and any(size is not None for size in sizes):
        if None in sizes or any(isinstance(one, Quoted) for one in found):
            raise call.refuse("the reference has no reading of numbers among texts")
        return choose(size for size in sizes if size is not None)
    return choose((text(one) or "" for one in found), default=None)


@ESQL.function("mv_contains")
def holds_all(call: RowCall) -> bool:
    """Whether the first has all values of the second."""
    held = texts_of(call.value(0))
    return all(one in held for one in texts_of(call.value(1)))


@ESQL.function("mvindex")
def some(call: RowCall) -> Any:
    """The values from one position to another, both included, counted from 0 or, negative, from the end."""
    found, first, last = values_of(call.value(0)), call.value(1), call.value(2) if len(call) > 2 else call.value(1)
    if not found or not isinstance(first, int) or not isinstance(last, int) or first < 0 or last < first:
        raise call.refuse("the reference has no reading of such places")
    return found[first : last + 1] or None


@ESQL.function("mv_sort")
def sorted_values(call: RowCall) -> Any:
    """The values in order: numbers by size, others by their characters."""
    found = values_of(call.value(0))
    down = len(call) > 1 and (text(call.value(1)) or "").lower() == "desc"
    sizes = [exact_number(one) for one in found]
    if any(size is not None for size in sizes):
        raise call.refuse("the reference has no reading of an order of numbers")
    return sorted(found, reverse=down) or None
