"""Kusto's functions. Facts: the pages of its reference of their names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from rulescope import ir
from rulescope.engines.reference.common.names import opened
from rulescope.engines.reference.common.patterns import has_words, in_network, regex
from rulescope.engines.reference.common.typed import rows_of
from rulescope.engines.reference.interpreter import RowCall
from rulescope.engines.reference.meaning import KUSTO
from rulescope.engines.reference.tables.dynamic import in_json
from rulescope.engines.reference.tables.functions import single_text
from rulescope.engines.reference.tables.times import duration_text, moment_text
from rulescope.engines.reference.values import Duration, Moment, number_text, wrapped

_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


@KUSTO.function("tostring")
def spelt(call: RowCall) -> str:
    """A value as text; null gives the empty text."""
    return text_of(call.value(0))


def text_of(value: Any) -> str:
    """A value as `tostring()` has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Moment):
        return moment_text(value)
    if isinstance(value, Duration):
        return duration_text(value)
    if isinstance(value, int | float):
        return number_text(value)
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@KUSTO.function("strcat")
def together(call: RowCall) -> str:
    """Values as one text."""
    return "".join(map(text_of, call.values()))


@KUSTO.function("toint")
def small(call: RowCall) -> Any:
    """A whole number of 32 bits; null where there is none."""
    value = whole(call)
    return value if value is not None and -(2**31) <= value < 2**31 else None


@KUSTO.function("tolong")
def whole(call: RowCall) -> Any:
    """A whole number out of a text, which may be hexadecimal; null where it is none."""
    value = call.value(0)
    if isinstance(value, bool | int) or value is None:
        return None if value is None else int(value)
    if isinstance(value, float):
        return int(value)
    written = str(value)
    if re.fullmatch(r"[+-]?\d+", written):
        return int(written) if wrapped(int(written)) == int(written) else None
    if re.fullmatch(r"0[xX][0-9a-fA-F]+", written):
        return int(written, 16)
    if re.fullmatch(r"[+-]?[\d.eE+-]+", written):
        raise call.refuse("the reference has no reading of a number with a fraction")
    return None


@KUSTO.function("isnull")
def is_null(call: RowCall) -> bool:
    """Whether there is no value; a text always has one."""
    return call.value(0) is None


@KUSTO.function("isempty")
def is_empty(call: RowCall) -> bool:
    """Whether a value is null or the empty text."""
    return call.value(0) in (None, "")


@KUSTO.function("isnotempty")
def is_not_empty(call: RowCall) -> bool:
    """The contrary."""
    return call.value(0) not in (None, "")


@KUSTO.function("not")
def contrary(call: RowCall) -> Any:
    """The contrary of a truth value."""
    value = call.value(0)
    return None if value is None else not value


def _of_part(name: str, test: Callable[[str, str], bool], fold: bool) -> None:
    @KUSTO.function(name)
    def read(call: RowCall) -> Any:
        value, part = single_text(call, 0), single_text(call, 1)
        if value is None or part is None:
            return None
        return test(value.lower(), part.lower()) if fold else test(value, part)


for _name, _test in (("startswith", str.startswith), ("endswith", str.endswith), ("contains", str.__contains__)):
    _of_part(_name, _test, True)
    _of_part(f"{_name}_cs", _test, False)
_of_part("has", has_words, True)
_of_part("has_cs", has_words, False)


@KUSTO.function("has_any", "has_all")
def has_terms(call: RowCall) -> Any:
    """Whether a text has one, or all, of the terms of a list or of a query's first column."""
    value, terms = single_text(call, 0), call.node.arguments[1:]
    wanted: list[Any] = []
    for one in terms:
        found = (
            rows_of(one, call.row, call.reading) if isinstance(one, ir.Subsearch) else call.reading.value(one, call.row)
        )
        wanted += found if isinstance(found, list) else [found]
    if value is None or not all(isinstance(one, str) for one in wanted):
        raise call.refuse("the reference has no reading of other values than texts")
    test = any if isinstance(call.node, ir.Call) and call.node.function == "has_any" else all
    return test(has_words(value.lower(), one.lower()) for one in wanted)


@KUSTO.function("pack_array")
def listed(call: RowCall) -> Any:
    """A list."""
    return [in_json(value) for value in call.values()]


@KUSTO.function("bag_pack", "pack")
def bag(call: RowCall) -> Any:
    """An object of keys and values."""
    values = call.values()
    return dict(zip(values[::2], map(in_json, values[1::2]), strict=True))


@KUSTO.operation("member")
def element(call: RowCall) -> Any:
    """An element of a list, counted from 0 or, negative, from the end; or a member of an object."""
    value, key = opened(call.value(0)), call.value(1)
    if isinstance(value, list) and isinstance(key, int):
        return value[key] if -len(value) <= key < len(value) else None
    return value.get(key) if isinstance(value, dict) else None


@KUSTO.function("split")
def pieces(call: RowCall) -> Any:
    """The parts of a text."""
    value, delimiter = single_text(call, 0), single_text(call, 1)
    if len(call) > 2 or not delimiter:
        raise call.refuse("the reference has no reading of one part, or of no delimiter")
    return None if value is None else value.split(delimiter)


@KUSTO.function("extract")
def group(call: RowCall) -> Any:
    """A group of the first match; the empty text where there is none."""
    pattern, place, value = single_text(call, 0), call.value(1), single_text(call, 2)
    if len(call) > 3 or pattern is None or value is None:
        raise call.refuse("the reference has no reading of a type")
    found = regex(pattern, call.span).search(value)
    return "" if found is None else found.group(place) or ""


@KUSTO.function("replace_string")
def replaced(call: RowCall) -> Any:
    """Every place of a text replaced."""
    value, part, new = (single_text(call, place) or "" for place in range(3))
    return value.replace(part, new) if part else value


@KUSTO.function("replace_regex")
def replaced_matches(call: RowCall) -> Any:
    """Every match of a regular expression replaced; `\\1` is a group."""
    value, pattern, new = (single_text(call, place) or "" for place in range(3))

    def filled(found: Any) -> str:
        return re.sub(r"\\(\d)", lambda one: found.group(int(one.group(1))) or "", new)

    return regex(pattern, call.span).sub(filled, value)


@KUSTO.function("substring")
def part(call: RowCall) -> Any:
    """From a place counted from 0, negative from the end, so many characters."""
    value, start = single_text(call, 0) or "", call.value(1)
    count = call.value(2) if len(call) > 2 else None
    if not isinstance(start, int) or (count is not None and (not isinstance(count, int) or count < 0)):
        raise call.refuse("the reference has no reading of such places")
    begin = start if start >= 0 else max(len(value) + start, 0)
    return value[begin:] if count is None else value[begin : begin + count]


@KUSTO.function("indexof")
def place_of(call: RowCall) -> Any:
    """Where a text begins in another, from 0; -1 where it does not."""
    if len(call) > 2:
        raise call.refuse("the reference has no reading of where to begin")
    return (single_text(call, 0) or "").find(single_text(call, 1) or "")


@KUSTO.function("ipv4_is_in_range")
def is_in_range(call: RowCall) -> Any:
    """Whether an address is in a range; null where it is no address."""
    value, network = single_text(call, 0) or "", single_text(call, 1) or ""
    return in_network(value, network, call.span) if in_network(value, "0.0.0.0/0", call.span) else None


@KUSTO.function("parse_json", "todynamic")
def parsed(call: RowCall) -> Any:
    """The value that a text of JSON says; a text that is none is itself."""
    value = call.value(0)
    if not isinstance(value, str) or not value:
        return value or None
    try:
        return json.loads(value)
    except ValueError:
        return value


@KUSTO.function("ipv4_is_private")
def is_private(call: RowCall) -> Any:
    """Whether an address is in a private range; null where it is no address."""
    value = (single_text(call, 0) or "").partition("/")[0]
    if not in_network(value, "0.0.0.0/0", call.span):
        return None
    return any(in_network(value, network, call.span) for network in _PRIVATE)
