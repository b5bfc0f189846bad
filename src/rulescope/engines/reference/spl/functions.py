"""Conditions, NULL and tests. Facts: Search Reference, "Comparison and conditional functions", "Informational
functions"."""

from __future__ import annotations

import json
from typing import Any

from rulescope.engines.reference.common.expressions import either, equal
from rulescope.engines.reference.common.patterns import in_network, like_holds, regex
from rulescope.engines.reference.common.predicates import condition_of, truth
from rulescope.engines.reference.interpreter import RowCall
from rulescope.engines.reference.meaning import ELASTIC, SPL
from rulescope.engines.reference.values import Quoted, number, text, values_of


@SPL.function("if")
@ELASTIC.function("if")
def choice(call: RowCall) -> Any:
    """`if(condition, then, else)`; NULL is not true."""
    return call.value(1 if condition_of(call.value(0), call.node, call.reading) else 2)


@SPL.function("case")
@ELASTIC.function("case")
def first_true(call: RowCall) -> Any:
    """The value behind the first true condition, else NULL."""
    if len(call) % 2:
        raise call.refuse("conditions and values must come in pairs")
    places = range(0, len(call), 2)
    held = (place for place in places if condition_of(call.value(place), call.node, call.reading))
    return next((call.value(place + 1) for place in held), None)


@SPL.function("validate")
def first_false(call: RowCall) -> Any:
    """The value behind the first condition that is not true."""
    places = range(0, len(call) - 1, 2)
    return next((call.value(place + 1) for place in places if not truth(call.value(place), call.node)), None)


@SPL.function("coalesce", "ifnull")
@ELASTIC.function("coalesce")
def first_there(call: RowCall) -> Any:
    """The first value that is there."""
    return next((value for value in call.values() if value is not None), None)


@SPL.function("nullif")
def unless_equal(call: RowCall) -> Any:
    """NULL where both are equal, else the first."""
    first, second = call.values()
    return None if equal("=", first, second, call.reading) else first


@SPL.function("null")
def nothing(call: RowCall) -> Any:
    """No value."""
    return None


@SPL.function("true")
def yes(call: RowCall) -> bool:
    """True."""
    return True


@SPL.function("false")
def no(call: RowCall) -> bool:
    """False."""
    return False


@SPL.function("isnull")
@ELASTIC.function("isnull")
def is_missing(call: RowCall) -> bool:
    """Whether there is no value."""
    return call.value(0) is None


@SPL.function("isnotnull")
@ELASTIC.function("isnotnull")
def is_there(call: RowCall) -> bool:
    """Whether there is a value."""
    return call.value(0) is not None


@SPL.function("in")
def is_one_of(call: RowCall) -> bool | None:
    """Whether the first equals one of the others."""
    first, *others = call.values()
    return either(equal("=", first, other, call.reading) for other in others)


@SPL.function("like")
def is_like(call: RowCall) -> bool | None:
    """Whether a text matches a pattern of `%` and `_`."""
    pattern = text(call.value(1))
    found = [
        like_holds(pattern, spelt)
        for one in values_of(call.value(0))
        if pattern is not None and (spelt := text(one)) is not None
    ]
    return any(found) if found else None


@SPL.function("match")
def matches(call: RowCall) -> bool | None:
    """Whether a PCRE is found anywhere in a text, or in any of several values."""
    pattern = text(call.value(1))
    if pattern is None:
        return None
    compiled = regex(pattern, call.span)
    found = [compiled.search(spelt) is not None for one in values_of(call.value(0)) if (spelt := text(one)) is not None]
    return any(found) if found else None


@SPL.function("cidrmatch")
def is_in_network(call: RowCall) -> bool | None:
    """Whether an address (the second) is in a range (the first)."""
    network, addresses = text(call.value(0)), values_of(call.value(1))
    if network is None or not addresses:
        return None
    return any(in_network(text(address) or "", network, call.span) for address in addresses)


@SPL.function("json_valid")
def is_json(call: RowCall) -> bool:
    """Whether a value is a text of JSON."""
    try:
        json.loads(text(call.value(0)) or "")
    except ValueError:
        return False
    return True


@SPL.function("isnum")
def is_number(call: RowCall) -> bool:
    """Whether a value is a number."""
    value = call.value(0)
    return not isinstance(value, Quoted) and number(value) is not None


@SPL.function("isstr")
def is_text(call: RowCall) -> bool:
    """Whether a value is text and no number."""
    value = call.value(0)
    if value is None or isinstance(value, bool | int | float):
        return False
    return isinstance(value, Quoted) or number(value) is None


@SPL.function("isint")
def is_whole(call: RowCall) -> bool:
    """Whether a value is a whole number."""
    value = call.value(0)
    size = None if isinstance(value, Quoted) else number(value)
    if size is None:
        return False
    return size.is_integer() if isinstance(value, float) else "." not in value and "e" not in value.lower()


@SPL.function("typeof")
def kind_of(call: RowCall) -> Any:
    """What a value is."""
    value = call.value(0)
    if value is None:
        return Quoted("Invalid")
    if isinstance(value, bool):
        return Quoted("Bool")
    if isinstance(value, list) and len(value) > 1:
        return Quoted("Multivalue")
    return Quoted("Number" if not isinstance(value, Quoted) and number(value) is not None else "String")
