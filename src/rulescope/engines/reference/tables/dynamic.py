"""Kusto's functions of lists and objects. Facts: the pages of its reference of their names."""

from __future__ import annotations

from typing import Any

from rulescope import ir
from rulescope.engines.reference.common.names import opened
from rulescope.engines.reference.interpreter import Reading, RowCall
from rulescope.engines.reference.meaning import KUSTO
from rulescope.engines.reference.table import RowTable
from rulescope.engines.reference.tables.times import duration_text, moment_text
from rulescope.engines.reference.values import Duration, Moment, Row
from rulescope.errors import Refusal
from rulescope.ir import stages


def in_json(value: Any) -> Any:
    """Times are texts in a dynamic value."""
    if isinstance(value, Moment):
        return moment_text(value)
    return duration_text(value) if isinstance(value, Duration) else value


def same(left: Any, right: Any) -> bool:
    """Whether two values are the same, a truth value being no number."""
    return bool(left == right) and isinstance(left, bool) is isinstance(right, bool)


def once(values: list[Any]) -> list[Any]:
    """The values, each once."""
    found: list[Any] = []
    for value in values:
        if not any(same(value, other) for other in found):
            found.append(value)
    return found


def _list(call: RowCall, place: int) -> list[Any]:
    value = opened(call.value(place))
    if not isinstance(value, list):
        raise call.refuse("the reference has no reading of what is no list")
    return value


def _object(call: RowCall, place: int) -> dict[str, Any]:
    value = opened(call.value(place))
    if not isinstance(value, dict):
        raise call.refuse("the reference has no reading of what is no object")
    return value


@KUSTO.function("array_concat", "set_union", "set_intersect", "set_difference")
def put_together(call: RowCall) -> list[Any]:
    """Lists in one: all elements, each once, those of all lists, or those of the first alone."""
    first, *others = (_list(call, place) for place in range(len(call)))
    assert isinstance(call.node, ir.Call)
    match call.node.function:
        case "array_concat":
            return [one for items in (first, *others) for one in items]
        case "set_union":
            return once([one for items in (first, *others) for one in items])
    every = call.node.function == "set_intersect"
    return once([one for one in first if _is_kept(one, others, every)])


def _is_kept(one: Any, others: list[list[Any]], every: bool) -> bool:
    held = [any(same(one, other) for other in items) for items in others]
    return all(held) if every else not any(held)


@KUSTO.function("array_slice")
def part_of_list(call: RowCall) -> list[Any]:
    """From one place to another; negative ones count from the end."""
    items = _list(call, 0)
    first, last = (place if place >= 0 else len(items) + place for place in (call.value(1), call.value(2)))
    return items[max(first, 0) : max(last + 1, 0)]


@KUSTO.function("array_reverse")
def turned_round(call: RowCall) -> list[Any]:
    """From the last to the first."""
    return _list(call, 0)[::-1]


@KUSTO.function("array_sort_asc", "array_sort_desc")
def in_order(call: RowCall) -> list[Any]:
    """In order; of one kind only."""
    items = _list(call, 0)
    if len(call) > 1:
        raise call.refuse("the reference has no reading of lists that are ordered together")
    if len({type(one) for one in items}) > 1 or any(isinstance(one, list | dict) or one is None for one in items):
        raise call.refuse("the reference has no reading of an order of such values")
    assert isinstance(call.node, ir.Call)
    return sorted(items, reverse=call.node.function == "array_sort_desc")


@KUSTO.function("array_sum")
def sum_of_list(call: RowCall) -> Any:
    """The sum of numbers."""
    return float(sum(_list(call, 0)))


@KUSTO.function("array_index_of")
def place_in_list(call: RowCall) -> int:
    """Where a value is first, from 0; -1 where it is not."""
    if len(call) > 2:
        raise call.refuse("the reference has no reading of where to begin")
    wanted = call.value(1)
    return next((place for place, one in enumerate(_list(call, 0)) if same(one, wanted)), -1)


@KUSTO.function("repeat")
def repeated(call: RowCall) -> list[Any]:
    """One value so many times."""
    return [in_json(call.value(0))] * call.value(1)


@KUSTO.function("zip")
def side_by_side(call: RowCall) -> list[Any]:
    """What stands in each place of several lists."""
    lists = [_list(call, place) for place in range(len(call))]
    longest = max(map(len, lists))
    return [[items[place] if place < len(items) else None for items in lists] for place in range(longest)]


@KUSTO.function("range")
def values_between(call: RowCall) -> list[Any]:
    """Values between two ends, a step apart; usually 1, of times and spans an hour."""
    first, last = call.value(0), call.value(1)
    spans = isinstance(first, Moment | Duration)
    step = call.value(2) if len(call) > 2 else Duration(3600) if spans else 1
    begin, end, width = (one.seconds if isinstance(one, Moment | Duration) else one for one in (first, last, step))
    found: list[Any] = []
    while (begin <= end if width > 0 else begin >= end) and width:
        found.append(in_json(type(first)(begin)) if spans else begin)
        begin += width
    return found


@KUSTO.function("bag_keys")
def keys(call: RowCall) -> list[str]:
    """The keys of an object."""
    return list(_object(call, 0))


@KUSTO.function("bag_merge")
def merged(call: RowCall) -> dict[str, Any]:
    """Objects in one; the first has the say."""
    found: dict[str, Any] = {}
    for place in range(len(call)):
        found = {**found, **{key: value for key, value in _object(call, place).items() if key not in found}}
    return found


@KUSTO.function("bag_has_key")
def has_key(call: RowCall) -> bool:
    """Whether an object has a key, or something at a path."""
    value: Any = _object(call, 0)
    key = str(call.value(1))
    for step in key.removeprefix("$.").split(".") if key.startswith("$") else [key]:
        if not isinstance(value, dict) or step not in value:
            return False
        value = value[step]
    return True


@KUSTO.function("bag_remove_keys")
def without_keys(call: RowCall) -> dict[str, Any]:
    """An object without some keys."""
    out = _list(call, 1)
    if any(str(key).startswith("$") for key in out):
        raise call.refuse("the reference has no reading of a path")
    return {key: value for key, value in _object(call, 0).items() if key not in out}


@KUSTO.function("pack_all")
def packed(call: RowCall) -> dict[str, Any]:
    """All columns of the row; with `true`, those that are neither null nor empty."""
    only_held = len(call) > 0 and call.value(0) is True
    columns = {name: in_json(call.row.get(name)) for name in call.reading.columns}
    return {name: value for name, value in columns.items() if not only_held or value not in (None, "")}


@KUSTO.function("gettype")
def type_of(call: RowCall) -> str:
    """The name of the type of a value."""
    names: dict[type, str] = {
        str: "string",
        bool: "bool",
        int: "long",
        float: "real",
        Moment: "datetime",
        Duration: "timespan",
    }
    names |= {list: "array", dict: "dictionary", type(None): "null"}
    return next(name for kind, name in names.items() if isinstance(call.value(0), kind))


@KUSTO.command("mv-expand")
def expanded_together(stage: stages.Command, table: RowTable, reading: Reading) -> RowTable:
    """Several columns expanded side by side, what one has less of than another being null."""
    given = [(one.name, one.value) for one in stage.arguments]
    names = [value.name for name, value in given if name is None and isinstance(value, ir.FieldReference)]
    options = {name: value for name, value in given if isinstance(value, str)}
    if any(name == "limit" for name, _ in given):
        raise Refusal("the reference has no reading of a limit there", span=stage.span, code="RUN035")
    pairs = "array" in (options.get("kind"), options.get("bagexpansion"))
    rows: list[Row] = []
    for row in table.rows:
        lists = {name: _elements(row.get(name), pairs) for name in names}
        for place in range(max(map(len, lists.values()))):
            held = {name: items[place] if place < len(items) else None for name, items in lists.items()}
            numbered = {"with_itemindex": place} if "with_itemindex" in options else {}
            made = {**row, **held, **{options[name]: value for name, value in numbered.items()}}
            rows.append({name: value for name, value in made.items() if value is not None})
    found = table.with_rows(rows)
    found.columns |= dict.fromkeys(names, "dynamic")
    if "with_itemindex" in options:
        found.columns[options["with_itemindex"]] = "long"
    return found


def _elements(value: Any, pairs: bool) -> list[Any]:
    held = opened(value)
    if isinstance(held, dict):
        return [[key, one] if pairs else {key: one} for key, one in held.items()]
    return held if isinstance(held, list) else [held]


@KUSTO.function("bag_set_key")
def with_key(call: RowCall) -> dict[str, Any]:
    """An object with a key set."""
    if str(call.value(1)).startswith("$"):
        raise call.refuse("the reference has no reading of a path")
    return {**_object(call, 0), call.value(1): in_json(call.value(2))}


@KUSTO.function("bag_zip")
def zipped(call: RowCall) -> dict[str, Any]:
    """An object of keys and values."""
    keys, values = _list(call, 0), _list(call, 1)
    if len(keys) != len(values) or not all(isinstance(key, str) for key in keys):
        raise call.refuse("the reference has no reading of such keys and values")
    return dict(zip(keys, values, strict=True))
