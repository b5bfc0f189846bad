"""Functions of EQL and ES|QL. Facts: Elastic, "EQL function reference", "ES|QL functions and operators"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rulescope.engines.reference.common.expressions import exact_arithmetic
from rulescope.engines.reference.common.patterns import in_network
from rulescope.engines.reference.interpreter import Reading, RowCall
from rulescope.engines.reference.meaning import ELASTIC
from rulescope.engines.reference.table import RowTable
from rulescope.engines.reference.values import Quoted, Row, exact_number, only, put, text, texts_of, values_of
from rulescope.ir import stages


def _of_text(*names: str, change: Callable[[str], Any]) -> None:
    @ELASTIC.function(*names)
    def read(call: RowCall) -> Any:
        value = text(call.value(0))
        return None if value is None else change(value)


_of_text("len", change=len)
_of_text("trim", change=lambda value: Quoted(value.strip()))
_of_text("ltrim", change=lambda value: Quoted(value.lstrip()))
_of_text("rtrim", change=lambda value: Quoted(value.rstrip()))
_of_text("reverse", change=lambda value: Quoted(value[::-1]))


def _of_each_text(*names: str, change: Callable[[str], str]) -> None:
    @ELASTIC.function(*names)
    def read(call: RowCall) -> Any:
        value = call.value(0)
        found = [Quoted(change(spelt)) for spelt in texts_of(value)]
        return found or None if isinstance(value, list) else found[0] if found else None


_of_each_text("lower", change=lambda value: "".join(one.lower() for one in value))
_of_each_text("upper", change=str.upper)


def _of_texts(name: str, change: Callable[[str, str], Any]) -> None:
    @ELASTIC.function(name)
    def read(call: RowCall) -> Any:
        first, second = text(call.value(0)), text(call.value(1))
        return None if first is None or second is None else change(first, second)


_of_texts("starts_with", lambda value, part: value.startswith(part))
_of_texts("endswith", lambda value, part: value.endswith(part))
_of_texts("startswith", lambda value, part: value.startswith(part))
_of_texts("startswith~", lambda value, part: value.lower().startswith(part.lower()))
_of_texts("endswith~", lambda value, part: value.lower().endswith(part.lower()))
_of_texts("split", lambda value, delimiter: [Quoted(piece) for piece in value.split(delimiter)])


@ELASTIC.operation("array")
def listed(call: RowCall) -> Any:
    """Several values."""
    return [item for value in call.values() for item in values_of(value)] or None


@ELASTIC.operation("whole_division")
def divided(call: RowCall) -> Any:
    """A quotient, of whole numbers cut off towards 0."""
    return exact_arithmetic("//", only(call.value(0)), only(call.value(1)))


@ELASTIC.function("number")
def number_of(call: RowCall) -> Any:
    """A text as a number: in a base, 16 after `0x`, else with a fraction or not."""
    base = call.value(1)
    held = text(call.value(0))
    if base is None and not (held or "").startswith("0x"):
        return exact_number(call.value(0))
    try:
        return None if held is None else int(held, 16 if base is None else int(base))
    except ValueError:
        return None


@ELASTIC.function("concat")
def together(call: RowCall) -> Any:
    """Texts put together; NULL where one is."""
    parts = [text(value) for value in call.values()]
    return None if None in parts else Quoted("".join(part or "" for part in parts))


@ELASTIC.function("mvcount")
def count(call: RowCall) -> Any:
    """How many values; NULL of none."""
    found = values_of(call.value(0))
    return len(found) if found else None


@ELASTIC.function("mvdedup")
def each_once(call: RowCall) -> Any:
    """The values, each once."""
    return list(dict.fromkeys(values_of(call.value(0)))) or None


@ELASTIC.function("mvjoin")
def joined(call: RowCall) -> Any:
    """The values as one text."""
    found, delimiter = texts_of(call.value(0)), text(call.value(1))
    return Quoted(delimiter.join(found)) if found and delimiter is not None else None


@ELASTIC.function("cidr_match")
def is_in_a_network(call: RowCall) -> Any:
    """Whether an address is in one of the ranges."""
    address, *networks = call.values()
    spelt = text(address)
    return None if spelt is None else any(in_network(spelt, text(one) or "", call.span) for one in networks)


@ELASTIC.function("to_string")
def spelt(call: RowCall) -> Any:
    """A value as text."""
    value = call.value(0)
    if not isinstance(value, str | list):
        raise call.refuse("the reference has no reading of it for other values than texts")
    return value


@ELASTIC.function("abs")
def size(call: RowCall) -> Any:
    """Without sign."""
    value = exact_number(call.value(0))
    return None if value is None else abs(value)


@ELASTIC.command("row")
def one_row(stage: stages.Command, table: RowTable, reading: Reading) -> RowTable:
    """One row of the columns given, in order; later ones see earlier ones."""
    row: Row = {}
    for argument in stage.arguments:
        assert argument.name is not None
        value: Any = reading.value(argument.value, row)  # type: ignore[arg-type]
        if isinstance(value, bool):
            value = "true" if value else "false"
        put(row, argument.name, value)
    return RowTable([row])
