"""Functions of numbers. Facts: Search Reference, "Mathematical functions", "Trig and Hyperbolic functions"."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from rulescope.engines.reference.interpreter import RowCall
from rulescope.engines.reference.meaning import SPL
from rulescope.engines.reference.values import number


def _of_number(*names: str, change: Callable[[float], float | None]) -> None:
    @SPL.function(*names)
    def read(call: RowCall) -> Any:
        value = number(call.value(0))
        if value is None:
            return None
        try:
            return change(value)
        except (ValueError, OverflowError):
            return None


_of_number("abs", change=abs)
_of_number("floor", change=lambda value: float(math.floor(value)))
_of_number("ceil", "ceiling", change=lambda value: float(math.ceil(value)))
_of_number("sqrt", change=math.sqrt)
_of_number("exp", change=math.exp)
_of_number("ln", change=math.log)
_of_number("exact", change=float)
for _name in ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"):
    _of_number(_name, change=getattr(math, _name))


@SPL.function("pi")
def pi(call: RowCall) -> float:
    """The number pi, to eleven digits."""
    return 3.14159265358


@SPL.function("pow")
def power(call: RowCall) -> float | None:
    """A number to the power of another."""
    first, second = number(call.value(0)), number(call.value(1))
    try:
        return None if first is None or second is None else math.pow(first, second)
    except (ValueError, OverflowError):
        return None


@SPL.function("round")
def rounded(call: RowCall) -> float | None:
    """Rounded to a number of decimal places, a half away from zero."""
    value, places = number(call.value(0)), number(call.value(1)) if len(call) > 1 else 0.0
    if value is None or places is None:
        return None
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-int(places)), rounding=ROUND_HALF_UP))


@SPL.function("now")
def now(call: RowCall) -> float:
    """When the search was started."""
    return float(int(call.reading.options.now))
