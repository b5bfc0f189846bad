"""Snowflake's functions. Facts: the pages of its SQL reference of their names."""

from __future__ import annotations

import json
import re
from math import fmod
from typing import Any

from rulescope import ir
from rulescope.engines.reference.common.moments import floor_to, moment_of_text
from rulescope.engines.reference.common.names import opened
from rulescope.engines.reference.common.patterns import like_holds, regex
from rulescope.engines.reference.common.typed import compared, rows_of
from rulescope.engines.reference.interpreter import RowCall
from rulescope.engines.reference.meaning import SNOWFLAKE
from rulescope.engines.reference.tables.functions import single_number, single_text
from rulescope.engines.reference.values import Moment, exact_number, number, number_text, text, whole_rest


@SNOWFLAKE.operation("is_null")
def is_null(call: RowCall) -> bool:
    """Whether there is no value."""
    return call.value(0) is None


@SNOWFLAKE.function("equal_null")
def same(call: RowCall) -> Any:
    """Equal, NULL being equal to NULL."""
    first, second = call.values()
    if first is None or second is None:
        return first is second
    return compared("=", first, second, call.reading, call.span)


@SNOWFLAKE.function("nullif")
def unless_equal(call: RowCall) -> Any:
    """NULL where both are equal, else the first."""
    first, second = call.values()
    return None if compared("=", first, second, call.reading, call.span) else first


@SNOWFLAKE.function("nvl2")
def by_presence(call: RowCall) -> Any:
    """The second value where the first is there, else the third."""
    return call.value(1 if call.value(0) is not None else 2)


@SNOWFLAKE.function("decode")
def decoded(call: RowCall) -> Any:
    """The value behind the first that is equal, NULL being equal to NULL; else the last, where there is one over."""
    value = call.value(0)
    for place in range(1, len(call) - 1, 2):
        wanted = call.value(place)
        if (value is None and wanted is None) or compared("=", value, wanted, call.reading, call.span):
            return call.value(place + 1)
    return None if len(call) % 2 else call.value(len(call) - 1)


@SNOWFLAKE.function("exists")
def exists(call: RowCall) -> bool:
    """Whether a query gives a row."""
    query = call.node.arguments[0]
    if not isinstance(query, ir.Subsearch):
        raise call.refuse("the reference has no reading of anything but a query")
    return bool(rows_of(query, call.row, call.reading))


@SNOWFLAKE.function("try_parse_json")
def tried_json(call: RowCall) -> Any:
    """What a text of JSON says; NULL where it is none."""
    try:
        json.loads(single_text(call, 0) or "")
    except ValueError:
        return None
    return call.value(0)


@SNOWFLAKE.function("cast")
def cast(call: RowCall) -> Any:
    """A value of another type."""
    value, kind = call.value(0), (text(call.value(1)) or "").lower()
    if value is None:
        return None
    if kind in ("varchar", "string", "text"):
        return _as_text(call, value)
    if kind in ("int", "integer", "number", "bigint", "decimal(38, 0)"):
        size = exact_number(value)
        if size is None or not float(size).is_integer():
            raise call.refuse("the reference has no reading of anything but a whole number")
        return int(size)
    if kind in ("double", "float"):
        return number(value)
    if kind in ("date", "timestamp", "timestamp_ntz"):
        at = value if isinstance(value, Moment) else moment_of_text(str(value))
        if at is None:
            raise call.refuse("the reference has no reading of what is no time")
        return floor_to(at, "day") if kind == "date" else at
    if kind == "variant":
        return value
    raise call.refuse(f"the reference has no reading of the type '{kind}'")


def _as_text(call: RowCall, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, str):
        return value
    raise call.refuse("the reference has no reading of times and lists as text")


@SNOWFLAKE.function("concat")
def together(call: RowCall) -> Any:
    """Texts as one; NULL where one is NULL."""
    parts = [single_text(call, place) for place in range(len(call))]
    return None if None in parts else "".join(part or "" for part in parts)


@SNOWFLAKE.function("like")
def is_like(call: RowCall) -> Any:
    """Whether a text matches a pattern of `%` and `_`."""
    value, pattern = single_text(call, 0), single_text(call, 1)
    if len(call) > 2:
        raise call.refuse("the reference has no reading of an escape")
    return None if value is None or pattern is None else like_holds(pattern, value)


@SNOWFLAKE.function("startswith", "endswith", "contains")
def has_part(call: RowCall) -> Any:
    """Whether a text begins with, ends in or holds another."""
    value, part = single_text(call, 0), single_text(call, 1)
    name = getattr(call.node, "function", "")
    if value is None or part is None:
        return None
    return part in value if name == "contains" else getattr(value, name)(part)


@SNOWFLAKE.function("split_part")
def one_piece(call: RowCall) -> Any:
    """One part of a text, from 1 or, negative, from the end; the empty text where there is none."""
    value, delimiter, place = single_text(call, 0), single_text(call, 1), single_number(call, 2)
    if value is None or delimiter is None or place is None:
        return None
    if not delimiter or not place:
        raise call.refuse("the reference has no reading of no delimiter, or of part 0")
    pieces = value.split(delimiter)
    index = int(place) - 1 if place > 0 else len(pieces) + int(place)
    return pieces[index] if 0 <= index < len(pieces) else ""


@SNOWFLAKE.function("substr", "substring")
def part(call: RowCall) -> Any:
    """From a place counted from 1, so many characters."""
    value, start = single_text(call, 0), single_number(call, 1)
    count = single_number(call, 2) if len(call) > 2 else None
    if value is None or start is None:
        return None
    if start <= 0 or (count is not None and count < 0):
        raise call.refuse("the reference has no reading of such places")
    begin = int(start) - 1
    return value[begin:] if count is None else value[begin : begin + int(count)]


@SNOWFLAKE.function("left", "right")
def end(call: RowCall) -> Any:
    """So many characters of a text's begin, or end."""
    value, count = single_text(call, 0), single_number(call, 1)
    if value is None or count is None:
        return None
    if count < 0:
        raise call.refuse("the reference has no reading of negative numbers")
    if getattr(call.node, "function", "") == "left":
        return value[: int(count)]
    return value[len(value) - min(int(count), len(value)) :]


@SNOWFLAKE.function("charindex")
def place_of(call: RowCall) -> Any:
    """Where the first text begins in the second, from 1; 0 where it does not."""
    part_wanted, value = single_text(call, 0), single_text(call, 1)
    if len(call) > 2:
        raise call.refuse("the reference has no reading of where to begin")
    return None if part_wanted is None or value is None else value.find(part_wanted) + 1


@SNOWFLAKE.function("replace")
def replaced(call: RowCall) -> Any:
    """Every place of a text replaced."""
    value, wanted = single_text(call, 0), single_text(call, 1)
    new = single_text(call, 2) if len(call) > 2 else ""
    if value is None or wanted is None or new is None:
        return None
    return value.replace(wanted, new) if wanted else value


@SNOWFLAKE.function("regexp_replace")
def replaced_matches(call: RowCall) -> Any:
    """Every match replaced."""
    value, pattern, new = single_text(call, 0), single_text(call, 1), single_text(call, 2) if len(call) > 2 else ""
    if len(call) > 3 or (new and "\\" in new):
        raise call.refuse("the reference has no reading of its further arguments, or of groups")
    if value is None or pattern is None or new is None:
        return None
    return regex(pattern, call.span).sub(lambda _: new, value)


@SNOWFLAKE.function("regexp_count")
def count_of_matches(call: RowCall) -> Any:
    """How many matches there are."""
    value, pattern = single_text(call, 0), single_text(call, 1)
    if len(call) > 2:
        raise call.refuse("the reference has no reading of its further arguments")
    return None if value is None or pattern is None else len(list(regex(pattern, call.span).finditer(value)))


@SNOWFLAKE.function("array_contains")
def has_element(call: RowCall) -> Any:
    """Whether a list has an element."""
    wanted, value = call.value(0), opened(call.value(1))
    return wanted in value if isinstance(value, list) and wanted is not None else None


@SNOWFLAKE.function("array_to_string")
def joined(call: RowCall) -> Any:
    """The elements as one text, a separator between them."""
    value, separator = opened(call.value(0)), single_text(call, 1)
    if not isinstance(value, list) or separator is None:
        return None
    return separator.join(_as_text(call, one) for one in value)


@SNOWFLAKE.function("get_path")
def at_a_path(call: RowCall) -> Any:
    """What a path leads to."""
    value, path = opened(call.value(0)), single_text(call, 1) or ""
    for key, index in re.findall(r"\.?([A-Za-z_]\w*)|\[(\d+)\]", path):
        if index:
            value = value[int(index)] if isinstance(value, list) and int(index) < len(value) else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value


@SNOWFLAKE.function("div0")
def divided(call: RowCall) -> Any:
    """A quotient; 0 where the divisor is 0."""
    first, second = single_number(call, 0), single_number(call, 1)
    if first is None or second is None:
        return None
    return first / second if second else 0


@SNOWFLAKE.function("mod")
def rest(call: RowCall) -> Any:
    """What a division leaves, with the sign of the dividend."""
    first, second = single_number(call, 0), single_number(call, 1)
    if first is None or second is None:
        return None
    if not second:
        raise call.refuse("the reference has no reading of a division by zero")
    if isinstance(first, int) and isinstance(second, int):
        return whole_rest(first, second)
    return fmod(first, second)


@SNOWFLAKE.function("greatest", "least")
def extreme(call: RowCall) -> Any:
    """The greatest or least value; NULL where one is NULL."""
    values = call.values()
    if None in values:
        return None
    if len({isinstance(value, str) for value in values}) > 1:
        raise call.refuse("the reference has no reading of values of two kinds")
    return max(values) if getattr(call.node, "function", "") == "greatest" else min(values)
