"""The functions of ES|QL that the shared tree knows by other names or as comparisons.

Source: Elastic's "ES|QL functions and operators".
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rulescope.ir import (
    Call,
    Compare,
    ComparisonKind,
    Constant,
    Expression,
    FieldReference,
    Operation,
    PredicateExpression,
)
from rulescope.ir.functions import shared_call
from rulescope.languages.common.comparisons import any_constant
from rulescope.languages.common.operands import Operand
from rulescope.languages.common.signatures import unknown_function, wrong_count
from rulescope.languages.common.tokens import Token, TokenReader
from rulescope.languages.esql.dates import TIME_UNITS, is_time_span, time_span
from rulescope.languages.esql.signatures import FUNCTIONS
from rulescope.text import Span

_COMPARING: dict[str, ComparisonKind] = {
    "starts_with": "starts_with",
    "ends_with": "ends_with",
    "contains": "contains",
}

_READ_AS = {
    "to_dt": "to_datetime", "to_str": "to_string", "to_int": "to_integer", "to_long": "to_integer",
    "to_unsigned_long": "to_integer", "to_ul": "to_integer", "to_ulong": "to_integer", "to_dbl": "to_double",
    "to_bool": "to_boolean", "to_ver": "to_version", "to_datenanos": "to_date_nanos", "bin": "bucket",
    "log10": "log", "greatest": "max", "least": "min", "mv_append": "mvappend", "mv_zip": "mvzip",
}  # fmt: skip
"""Other spellings of ES|QL's own functions, and those that are read as a function of SPL though the two may differ in
what they give for NULL, so that they are none of `ir.functions`."""
_WRITTEN_SPAN = re.compile(r"(-?\d{1,9})\s+([A-Za-z]+)")
_GROUP_REFERENCE = re.compile(r"\\(.)|\$(\d)", re.DOTALL)
_CASTS = {
    "date": "to_datetime", "string": "to_string", "keyword": "to_string", "date_period": "to_dateperiod",
    "time_duration": "to_timeduration", "geo_point": "to_geopoint", "geo_shape": "to_geoshape",
    "cartesian_point": "to_cartesianpoint", "cartesian_shape": "to_cartesianshape",
}  # fmt: skip
"""Types whose conversion is not named `to_` and their name. Source: "ES|QL operators", Cast; "ES|QL data types"."""


def read_call(reader: TokenReader, token: Token, arguments: list[Expression], span: Span) -> Operand:
    """The call of the function that a word names; one that there is not, or with too few or too many arguments, is
    noted."""
    name = token.text.lower()
    known = FUNCTIONS.get(name)
    if known is None:
        message, hint = unknown_function(token.text, FUNCTIONS)
        reader.note("ESQ015", message, token.span, "error", hint)
    elif (problem := wrong_count(token.text, len(arguments), *known)) is not None:
        reader.note("ESQ016", problem, token.span, "error")
    return lowered_call(name, arguments, span)


def read_cast(reader: TokenReader, token: Token, value: Expression, span: Span) -> Operand:
    """A value as of the type that a word behind `::` names; one that there is not is noted."""
    name = token.text.lower()
    function = _CASTS.get(name, f"to_{name}")
    if function not in FUNCTIONS:
        reader.note("ESQ017", f"there is no type '{token.text}' that a value can be made one of", token.span, "error")
    return lowered_call(function, [value], span)


def lowered_call(name: str, arguments: list[Expression], span: Span) -> Operand:
    """A call of the function `name` (in lower case): a comparison of a field as such, else a call."""
    first = arguments[0] if arguments else None
    rest = arguments[1:]
    constants = [one for one in rest if isinstance(one, Constant) and one.value is not None]
    if isinstance(first, FieldReference) and rest and len(constants) == len(rest):
        texts = [(str(one.value), one) for one in constants]
        kind = _COMPARING.get(name)
        if kind is not None and len(texts) == 1:
            return any_constant(first.name, kind, texts, False, "unknown", "one", span)
        if name == "cidr_match":
            return any_constant(first.name, "cidr", texts, False, "unknown", "one", span)
    changed = _CHANGED.get(name)
    if changed is not None:
        return changed(arguments, span)
    if name in _READ_AS:
        return Call(_READ_AS[name], tuple(arguments), span, name)
    return shared_call("esql", name, tuple(arguments), span)


def _case(arguments: list[Expression], span: Span) -> Expression:
    # The value at the end, without a condition, is what is left where none was true.
    given = [*arguments]
    if len(given) % 2:
        given.insert(-1, Constant(True, given[-1].span))
    for place in range(0, len(given), 2):
        if isinstance(field := given[place], FieldReference):
            true = Compare(field.name, "eq", (True,), missing="unknown", quantifier="one", span=field.span)
            given[place] = PredicateExpression(true, field.span)
    return Call("case", tuple(given), span)


def _bucket(arguments: list[Expression], span: Span) -> Expression:
    """A bucket of a time span is the date at its start."""
    if len(arguments) == 2 and is_time_span(arguments[1]):
        return Call("date_trunc", (arguments[1], arguments[0]), span)
    return Call("bucket", tuple(arguments), span)


def _replace(arguments: list[Expression], span: Span) -> Expression:
    """`$1` in a replacement stands for a group, which the shared function writes `\\1`."""
    if len(arguments) == 3 and isinstance(arguments[2], Constant) and isinstance(arguments[2].value, str):
        written = arguments[2]

        def put(found: re.Match[str]) -> str:
            return f"\\{found[2]}" if found[2] is not None else _plain(found[1])

        arguments = [*arguments[:2], Constant(_GROUP_REFERENCE.sub(put, str(written.value)), written.span)]
    return Call("replace", tuple(arguments), span)


def _plain(character: str) -> str:
    return "\\\\" if character == "\\" else character


def _value_at(place: int) -> Callable[[list[Expression], Span], Expression]:
    return lambda arguments, span: Call("mvindex", (*arguments, Constant(place, span)), span)


def _log(arguments: list[Expression], span: Span) -> Expression:
    """LOG(number) is the natural logarithm; LOG(base, number) has the base first."""
    if len(arguments) == 2:
        return Call("log", (arguments[1], arguments[0]), span)
    return Call("ln", tuple(arguments), span)


def _spanning(name: str) -> Callable[[list[Expression], Span], Expression]:
    """A time span that is written as a text (`"3 days"::date_period`)."""

    def lowered(arguments: list[Expression], span: Span) -> Expression:
        written = arguments[0] if arguments else None
        if isinstance(written, Constant) and isinstance(written.value, str):
            found = _WRITTEN_SPAN.fullmatch(written.value.strip())
            if found is not None and found[2].lower() in TIME_UNITS:
                return time_span(int(found[1]), found[2], span)
        return Call(name, tuple(arguments), span)

    return lowered


def _match(arguments: list[Expression], span: Span) -> Expression:
    """A search in a field: in other languages `match` looks for a regular expression."""
    return Operation("match_text", tuple(arguments), span)


_CHANGED: dict[str, Callable[[list[Expression], Span], Expression]] = {
    "case": _case,
    "bucket": _bucket,
    "replace": _replace,
    "mv_first": _value_at(0),
    "mv_last": _value_at(-1),
    "log": _log,
    "match": _match,
    "match_phrase": _match,
    "to_dateperiod": _spanning("to_dateperiod"),
    "to_timeduration": _spanning("to_timeduration"),
}
"""Functions whose arguments are put differently in the shared tree."""
