"""Lists of columns as operators take them: names, computed columns with and without a name, options before them."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TypeVar

from rulescope.ir import Call, Constant, Expression, FieldReference, Operation
from rulescope.ir.stages import Assignment, Interval, Stage
from rulescope.ir.walk import walk
from rulescope.languages.common.operands import Operand, as_expression
from rulescope.languages.kusto.lexer import text_value
from rulescope.languages.kusto.scope import QueryReader
from rulescope.languages.kusto.values import read_operand, read_quoted_name
from rulescope.text import Span

TYPES = frozenset({
    "bool", "boolean", "date", "datetime", "decimal", "double", "dynamic", "float", "guid", "int", "int16", "int32",
    "int64", "int8", "long", "real", "string", "time", "timespan", "uint", "uint16", "uint32", "uint64", "uint8",
    "ulong", "uniqueid", "uuid",
})  # fmt: skip
"""The types of columns and parameters."""

_KEEPING_NAME = frozenset({
    "bin", "bin_at", "floor", "ceiling", "tostring", "toint", "tolong", "todouble", "toreal", "tobool", "todatetime",
    "totimespan", "toguid", "todecimal", "tolower", "toupper", "startofday", "endofday", "startofweek", "startofmonth",
    "startofyear", "trim", "round", "parse_json", "todynamic", "abs",
})  # fmt: skip
_SEVERAL_COLUMNS = {
    "series_stats": ("min", "min_idx", "max", "max_idx", "avg", "stdev", "variance"),
    "series_fit_line": ("rsquare", "slope", "variance", "rvariance", "interception", "line_fit"),
}
"""Functions that give several columns, with the ends of the columns' names."""
_UNITS = {
    "d": "d", "day": "d", "h": "h", "hr": "h", "hour": "h", "m": "m", "min": "m", "minute": "m", "s": "s", "sec": "s",
    "second": "s", "ms": "ms", "milli": "ms", "millisecond": "ms", "micro": "us", "microsecond": "us",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """`name = value`, or a value alone (`names` is empty then); a bracketed list of names gives several."""

    names: tuple[str, ...]
    value: Operand
    span: Span

    @property
    def expression(self) -> Expression:
        """The value as an expression."""
        return as_expression(self.value)


def read_options(reader: QueryReader, **known_values: tuple[str, ...]) -> dict[str, str]:
    """The options at hand, by lower-case name: hints, which change nothing that is found, and those of the operator,
    each with the values that it may have (none: any). Any other is left to be found wrong."""
    found: dict[str, str] = {}
    while True:
        token = reader.peek()
        following = reader.peek(1)
        name = token.text.lower()
        known = name in known_values or name.startswith("hint.")
        if token.kind != "word" or not known or following.kind != "sign" or following.text != "=":
            return found
        reader.take()
        reader.take()
        value = reader.take()
        if value.kind not in ("word", "text", "number", "span"):
            reader.fail(f"a value of {name}", token=value)
        found[name] = text_value(reader, value) if value.kind == "text" else value.text
        allowed = known_values.get(name, ())
        if allowed and found[name].lower() not in allowed:
            reader.fail(f"{name}={' or '.join(allowed)}", token=value)


def read_type(reader: QueryReader) -> str:
    """The name of a type, in lower case."""
    token = reader.take()
    if token.kind != "word" or token.text.lower() not in TYPES:
        reader.fail("a type", token=token)
    return token.text.lower()


def at_name_before(reader: QueryReader, sign: str) -> bool:
    """Whether a name (plain, or in brackets and quotes) and then `sign` are at hand."""
    if reader.peek().kind in ("word", "number"):
        token = reader.peek(1)
    elif reader.at("[") and reader.peek(1).kind == "text" and reader.peek(2).text == "]":
        token = reader.peek(3)
    else:
        return False
    return token.kind == "sign" and token.text == sign


def read_name(reader: QueryReader, wildcards: bool = False) -> str:
    """The name at hand, with `*` in it where `wildcards`; paths keep their dots."""
    if reader.at("[") and reader.peek(1).kind == "text":
        return read_quoted_name(reader)
    parts: list[str] = []
    end = reader.peek().start
    while reader.peek().start == end:
        if reader.peek().kind == "word" or (parts and reader.peek().kind in ("number", "span")):
            pass
        elif not (wildcards and reader.at("*")) and not (parts and reader.at(".")):
            break
        token = reader.take()
        parts.append(token.text)
        end = token.end
    return "".join(parts) or reader.fail("a name")


def read_item(reader: QueryReader) -> Item:
    """`name = value`, `(a, b) = value`, or a value."""
    start = reader.peek().start
    names: list[str] = []
    if at_name_before(reader, "="):
        names.append(read_name(reader))
        reader.expect("=")
    elif reader.at("("):
        closing = reader.matching(reader.index)
        following = reader.tokens[min(closing + 1, len(reader.tokens) - 1)]
        if following.kind == "sign" and following.text == "=":
            reader.take()
            while not reader.at(")"):
                names.append(read_name(reader))
                if not reader.accept_comma():
                    break
            reader.expect(")")
            reader.expect("=")
    value = read_operand(reader)
    return Item(tuple(names), value, Span(start, reader.last_end))


def read_items(reader: QueryReader, *ends: str) -> list[Item]:
    """Items with commas between them, up to the end of the operator or one of the words `ends`."""
    found: list[Item] = []
    while not reader.at_end() and not reader.at_word(*ends):
        found += _columns_apart(reader, read_item(reader))
        if not comma(reader, *ends):
            break
    return found


def _columns_apart(reader: QueryReader, item: Item) -> list[Item]:
    """The item, or, where its function gives several columns, one for each of them: under the names that are given,
    and then under its own ("series_stats()", "series_fit_line()", "array_sort_asc()")."""
    call = item.value
    if not isinstance(call, Call) or not call.arguments or len(item.names) > 1:
        return [item]
    if call.function in _SEVERAL_COLUMNS:
        name = default_name(call.arguments[0], 1)
        own = [f"{call.function}_{name}_{part}" for part in _SEVERAL_COLUMNS[call.function]]
    elif call.function in ("array_sort_asc", "array_sort_desc"):
        lists = [one for one in call.arguments if not (isinstance(one, Constant) and isinstance(one.value, bool))]
        own = [f"{reader.text[one.span.start : one.span.end]}_sorted" for one in lists]
        if len(own) == 1:
            return [item]
    else:
        return [item]
    names = [*item.names, *own[len(item.names) :]]
    return [
        Item((name,), Operation("member", (call, Constant(place)), item.span), item.span)
        for place, name in enumerate(names)
    ]


def comma(reader: QueryReader, *ends: str) -> bool:
    """Take a comma; one with nothing behind it is noted."""
    token = reader.accept(",")
    if token is None:
        return False
    if reader.at_end() or reader.at_word(*ends):
        reader.note("KUS016", "nothing follows this comma", token.span, "error", "leave the comma out")
        return False
    return True


def default_name(value: Operand, number: int) -> str:
    """The column that a value without a name goes into."""
    if isinstance(value, FieldReference):
        return value.name.replace(".", "_").replace("['", "_").replace("']", "").replace("[", "_").replace("]", "")
    if isinstance(value, Call) and value.arguments and value.function in _KEEPING_NAME:
        return default_name(value.arguments[0], number)
    return f"Column{number}"


def columns_of(items: Sequence[Item]) -> list[tuple[str, Expression | None]]:
    """Each item's column, and the value that it is given; None where the column is there already. Values that have no
    name of their own are numbered among themselves: the first is `Column1`, wherever it stands."""
    found: list[tuple[str, Expression | None]] = []
    unnamed = 1
    for item in items:
        made_up = f"Column{unnamed}"
        name = item.names[0] if item.names else default_name(item.value, unnamed)
        unnamed += not item.names and name == made_up
        value = item.expression
        found.append((name, None if isinstance(value, FieldReference) and value.name == name else value))
    return found


def assignments(pairs: Sequence[tuple[str, Expression, Span]]) -> tuple[Assignment, ...]:
    """Columns computed together, in an order in which none reads what another has written already."""
    reads = [_read_by(value) for _, value, _ in pairs]
    writers: dict[str, list[int]] = {}
    for place, (name, _, _) in enumerate(pairs):
        writers.setdefault(name, []).append(place)
    readers = Counter(name for names in reads for name in names if name in writers)
    # How many others read the column that this one writes.
    waited = [readers[name] - (name in reads[place]) for place, (name, _, _) in enumerate(pairs)]
    free = [place for place, count in enumerate(waited) if not count]
    done: set[int] = set()
    found: list[Assignment] = []
    last: list[Assignment] = []
    for first in range(len(pairs)):
        while free or first not in done:
            place = heappop(free) if free else first
            if place in done:
                continue
            done.add(place)
            name, value, span = pairs[place]
            if waited[place]:
                # They read one another in a circle: one of them is kept aside until all are computed.
                found.append(Assignment(f"{name}_computed", value, span))
                last.append(Assignment(name, FieldReference(f"{name}_computed"), span))
            else:
                found.append(Assignment(name, value, span))
            for other in (other for name in reads[place] for other in writers.get(name, ()) if other != place):
                waited[other] -= 1
                if not waited[other] and other not in done:
                    heappush(free, other)
    return (*found, *last)


def _read_by(value: Expression) -> frozenset[str]:
    names = [node.name for node in walk(value) if isinstance(node, FieldReference)]
    names += [field for node in walk(value) if (field := getattr(node, "field", None)) and isinstance(field, str)]
    return frozenset([*names, *(name.partition(".")[0].partition("[")[0] for name in names)])


def interval_of(value: Expression) -> Interval | None:
    """A width as an interval: a constant span of time, or a number; else None."""
    if isinstance(value, Constant) and isinstance(value.value, int | float) and not isinstance(value.value, bool):
        return Interval(str(value.value), float(value.value), span=value.span)
    if not (isinstance(value, Call) and value.function == "timespan" and isinstance(value.arguments[0], Constant)):
        return None
    text = str(value.arguments[0].value)
    digits = len(text) - len(text.lstrip("0123456789."))
    unit = _UNITS.get(text[digits:].lower()) or _UNITS.get(text[digits:].lower().removesuffix("s"))
    try:
        amount = float(text[:digits])
    except ValueError:
        return None
    return Interval(text, amount, unit, span=value.span) if unit else None


Kind = TypeVar("Kind", bound=Stage)


def at_place(reader: QueryReader, stage: Kind, start: int, end: int | None = None) -> Kind:
    """The stage with its text and place; one that has them keeps them."""
    if stage.text:
        return stage
    stop = reader.last_end if end is None else end
    return dataclasses.replace(stage, text=reader.text[start:stop], span=Span(start, stop))
