"""Kusto's functions of numbers and truth values. Facts: the pages of its reference of their names."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from rulescope.engines.reference.interpreter import RowCall
from rulescope.engines.reference.meaning import KUSTO
from rulescope.engines.reference.tables.functions import single_number
from rulescope.engines.reference.values import Moment, number, wrapped


def _of_number(name: str, change: Callable[[float], float]) -> None:
    """A function of a double; null where it has no value there."""

    @KUSTO.function(name)
    def read(call: RowCall) -> Any:
        value = single_number(call, 0)
        try:
            found = None if value is None else change(float(value))
        except (ValueError, ZeroDivisionError, OverflowError):
            return None
        return found if found is None or math.isfinite(found) else None


_of_number("sqrt", math.sqrt)
_of_number("exp", math.exp)
_of_number("exp2", lambda value: 2.0**value)
_of_number("exp10", lambda value: 10.0**value)
_of_number("log", math.log)
_of_number("log2", math.log2)
_of_number("log10", math.log10)
_of_number("sin", math.sin)
_of_number("cos", math.cos)
_of_number("tan", math.tan)
_of_number("atan", math.atan)
_of_number("radians", math.radians)
_of_number("degrees", math.degrees)
_of_number("ceiling", math.ceil)


@KUSTO.function("pi")
def pi(call: RowCall) -> float:
    """The number."""
    return math.pi


@KUSTO.function("pow")
def power(call: RowCall) -> Any:
    """One number to the power of another; null where that is no number."""
    base, exponent = single_number(call, 0), single_number(call, 1)
    if base is None or exponent is None:
        return None
    try:
        found = float(base) ** float(exponent)
    except (ZeroDivisionError, OverflowError):
        return None
    return None if isinstance(found, complex) else found


@KUSTO.function("sign")
def sign(call: RowCall) -> Any:
    """1, 0 or -1."""
    value = single_number(call, 0)
    return None if value is None else (value > 0) - (value < 0)


@KUSTO.function("max_of", "min_of")
def extreme(call: RowCall) -> Any:
    """The greatest or least of several numbers. Raises `Refusal` where one is null, of which nothing is said."""
    values = [single_number(call, place) for place in range(len(call))]
    if None in values:
        raise call.refuse("the reference has no reading of null among numbers")
    return (max if getattr(call.node, "function", "") == "max_of" else min)(values)


def _of_bits(name: str, change: Callable[[int, int], int]) -> None:
    @KUSTO.function(name)
    def read(call: RowCall) -> Any:
        left, right = single_number(call, 0), single_number(call, 1)
        if left is None or right is None:
            return None
        if not isinstance(left, int) or not isinstance(right, int):
            raise call.refuse("the reference has no reading of bits of doubles")
        return None if "shift" in name and right < 0 else wrapped(change(left, right))


_of_bits("binary_and", lambda left, right: left & right)
_of_bits("binary_or", lambda left, right: left | right)
_of_bits("binary_xor", lambda left, right: left ^ right)
_of_bits("binary_shift_left", lambda left, right: left << right % 64)
_of_bits("binary_shift_right", lambda left, right: left >> right % 64)


@KUSTO.function("todouble", "toreal")
def real(call: RowCall) -> Any:
    """A double out of a number or a text; null where it is none."""
    value = call.value(0)
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, Moment):
        raise call.refuse("the reference has no reading of times as numbers")
    return number(value.strip() if isinstance(value, str) else value)


@KUSTO.function("tobool", "toboolean")
def truth_value(call: RowCall) -> Any:
    """A truth value out of a number, or of a text that says one; null where it is none."""
    value = call.value(0)
    if isinstance(value, str):
        found = {"true": True, "false": False}.get(value.lower())
        size = number(value)
        return found if size is None else size != 0
    return None if value is None else bool(value)


@KUSTO.function("isinf", "isfinite")
def is_finite(call: RowCall) -> bool:
    """What kind of a double a number is; null is of none. No double here is other than finite."""
    return single_number(call, 0) is not None and getattr(call.node, "function", "") == "isfinite"


@KUSTO.function("isnotnull", "notnull")
def is_not_null(call: RowCall) -> bool:
    """Whether there is a value."""
    return call.value(0) is not None


@KUSTO.function("tohex")
def hexadecimal(call: RowCall) -> Any:
    """A whole number in hexadecimal, a negative one as 64 bits."""
    value = single_number(call, 0)
    if not isinstance(value, int) or len(call) > 1:
        raise call.refuse("the reference has no reading of such a number, or of a width")
    return f"{value % 2**64:x}"
