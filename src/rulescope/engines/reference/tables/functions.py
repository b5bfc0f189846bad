"""Functions that Kusto and Snowflake both have."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from rulescope.engines.reference.common.names import opened
from rulescope.engines.reference.common.predicates import truth
from rulescope.engines.reference.interpreter import RowCall
from rulescope.engines.reference.meaning import KUSTO, SNOWFLAKE
from rulescope.engines.reference.values import lowered, raised


def single_text(call: RowCall, index: int) -> str | None:
    """An argument as a text. Raises `Refusal` where it is something else: what becomes of that is not read here."""
    value = call.value(index)
    if value is None or isinstance(value, str):
        return value
    raise call.refuse("the reference has no reading of other values than texts")


def single_number(call: RowCall, index: int) -> Any:
    """An argument as a number. Raises `Refusal` where it is something else."""
    value = call.value(index)
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise call.refuse("the reference has no reading of other values than numbers")


def _of_text(kusto: str, snowflake: str, change: Callable[[str], Any]) -> None:
    @KUSTO.function(kusto)
    @SNOWFLAKE.function(snowflake)
    def read(call: RowCall) -> Any:
        value = single_text(call, 0)
        return None if value is None else change(value)


_of_text("tolower", "lower", lowered)
_of_text("toupper", "upper", raised)
_of_text("strlen", "length", len)
_of_text("reverse", "reverse", lambda value: value[::-1])


@KUSTO.function("iff", "iif")
@SNOWFLAKE.function("iff")
def choice(call: RowCall) -> Any:
    """One of two values; the second where the condition is not true."""
    return call.value(1 if truth(call.value(0), call.node) else 2)


@KUSTO.function("case")
@SNOWFLAKE.function("case")
def first_true(call: RowCall) -> Any:
    """The value behind the first condition that is true, else the last argument, where there is one over."""
    for place in range(0, len(call) - 1, 2):
        if truth(call.value(place), call.node):
            return call.value(place + 1)
    return call.value(len(call) - 1) if len(call) % 2 else None


@SNOWFLAKE.function("coalesce", "nvl", "ifnull")
def first_there(call: RowCall) -> Any:
    """The first value that is there."""
    return next((value for value in call.values() if value is not None), None)


@KUSTO.function("coalesce")
def first_not_empty(call: RowCall) -> Any:
    """The first value that is neither null nor the empty text."""
    values = call.values()
    found = next((value for value in values if value not in (None, "")), None)
    return "" if found is None and "" in values else found


@KUSTO.function("round")
@SNOWFLAKE.function("round")
def rounded(call: RowCall) -> Any:
    """To so many digits; a half goes away from zero."""
    value, digits = single_number(call, 0), single_number(call, 1) if len(call) > 1 else 0
    if value is None or digits is None:
        return None
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-int(digits)), rounding=ROUND_HALF_UP))


@KUSTO.function("abs")
@SNOWFLAKE.function("abs")
def without_sign(call: RowCall) -> Any:
    """Without sign."""
    value = single_number(call, 0)
    return None if value is None else abs(value)


@KUSTO.function("base64_decode_tostring")
@SNOWFLAKE.function("base64_decode_string")
def decoded(call: RowCall) -> Any:
    """The text that base64 stands for. Raises `Refusal` where it is none."""
    value = single_text(call, 0)
    try:
        return None if value is None else base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise call.refuse("the reference has no reading of what is not base64 of a text") from error


@SNOWFLAKE.function("parse_json")
def object_of(call: RowCall) -> Any:
    """The value that a text of JSON says; NULL of what is none."""
    value = call.value(0)
    if not isinstance(value, str):
        return value
    try:
        found = json.loads(value)
    except ValueError:
        return None
    if found is None:
        raise call.refuse("the reference has no reading of JSON's null")
    return found


@KUSTO.function("array_length")
@SNOWFLAKE.function("array_size")
def size(call: RowCall) -> Any:
    """How many elements a list has; null of anything else."""
    value = opened(call.value(0))
    return len(value) if isinstance(value, list) else None
