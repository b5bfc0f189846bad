"""Functions of several values. Facts: Search Reference, "Multivalue eval functions"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rulescope import ir
from rulescope.engines.reference.common.patterns import regex
from rulescope.engines.reference.common.predicates import truth
from rulescope.engines.reference.interpreter import RowCall
from rulescope.engines.reference.meaning import SPL
from rulescope.engines.reference.values import Quoted, number, text, texts_of
from rulescope.ir.walk import walk


def _over_all(name: str, change: Callable[[list[str]], list[str]]) -> None:
    @SPL.function(name)
    def read(call: RowCall) -> Any:
        return change([item for value in call.values() for item in texts_of(value)]) or None


_over_all("mvappend", lambda found: found)
_over_all("mvdedup", lambda found: list(dict.fromkeys(found)))
_over_all("mvsort", sorted)
_over_all("mvreverse", lambda found: found[::-1])


@SPL.function("mvcount")
def count(call: RowCall) -> float | None:
    """How many values; NULL where there are none."""
    found = texts_of(call.value(0))
    return float(len(found)) if found else None


@SPL.function("mvindex")
def at(call: RowCall) -> Any:
    """The value at a position from 0, or those from one to another, both included; negative ones count from the end."""
    found = texts_of(call.value(0))
    first = number(call.value(1))
    last = number(call.value(2)) if len(call) > 2 else first
    if first is None or last is None:
        return None
    begin, end = (int(place) + (len(found) if place < 0 else 0) for place in (first, last))
    if begin < 0 or (end >= len(found) and len(call) == 2):
        return None if len(call) == 2 else found[0 : end + 1] or None
    return found[begin : end + 1] or None


@SPL.function("mvjoin")
def together(call: RowCall) -> Any:
    """The values as one text, a delimiter between them."""
    found, delimiter = texts_of(call.value(0)), text(call.value(1))
    return Quoted(delimiter.join(found)) if found and delimiter is not None else None


@SPL.function("split")
def pieces(call: RowCall) -> Any:
    """The parts of a text; without a delimiter its characters."""
    value, delimiter = text(call.value(0)), text(call.value(1))
    if not value or delimiter is None:
        return None
    return value.split(delimiter) if delimiter else list(value)


@SPL.function("mvfind")
def place(call: RowCall) -> Any:
    """The position of the first value that a PCRE is found in."""
    pattern = text(call.value(1))
    if pattern is None:
        return None
    compiled = regex(pattern, call.span)
    found = (float(index) for index, value in enumerate(texts_of(call.value(0))) if compiled.search(value))
    return next(found, None)


def _field(call: RowCall, node: Any) -> str:
    """The one field that an expression is about."""
    names = _names(node)
    if len(names) != 1:
        raise call.refuse("it must be about one field")
    return names.pop()


def _names(node: Any) -> set[str]:
    """The fields that an expression reads."""
    names = {one.name for one in walk(node) if isinstance(one, ir.FieldReference)}
    return names | {one.field for one in walk(node) if isinstance(one, ir.Compare)}


@SPL.function("mvfilter")
def filtered(call: RowCall) -> Any:
    """The values for which a condition on the field holds."""
    name = _field(call, call.node.arguments[0])
    found = texts_of(call.row.get(name))
    return [value for value in found if truth(call.value(0, {**call.row, name: value}), call.node)] or None


@SPL.function("mvmap")
def mapped(call: RowCall) -> Any:
    """What an expression makes of each value."""
    subject, body = (_names(argument) for argument in call.node.arguments[:2])
    each = subject & body
    if len(each) > 1:
        raise call.refuse("it must be about one field")
    found = [call.value(1, {**call.row, **dict.fromkeys(each, value)}) for value in texts_of(call.value(0))]
    return [spelt for value in found for spelt in texts_of(value)] or None


@SPL.function("mvzip")
def pairs(call: RowCall) -> Any:
    """First value with first value and so on, a comma or another delimiter between them."""
    first, second = texts_of(call.value(0)), texts_of(call.value(1))
    delimiter = text(call.value(2)) if len(call) > 2 else ","
    return [f"{one}{delimiter}{other}" for one, other in zip(first, second, strict=False)] or None


@SPL.function("mvrange")
def numbers_between(call: RowCall) -> Any:
    """The numbers from one to below another, by a step of 1 or as it says."""
    first, last = number(call.value(0)), number(call.value(1))
    step = number(call.value(2)) if len(call) > 2 else 1.0
    if first is None or last is None or step is None or step <= 0:
        raise call.refuse("the reference has no reading of steps of time, or backwards")
    found = []
    while first < last:
        found.append(first)
        first += step
    return found or None
