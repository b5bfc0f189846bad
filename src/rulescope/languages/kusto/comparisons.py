"""Kusto's comparisons as leaves that carry their meaning.

A text can't be null in Kusto: a column without value holds the empty text, so a comparison of texts is true or false
(`missing` is `true` only for what the empty text satisfies). Of numbers, times and truth values `==` with null is
false and `!=` true, while `< <= > >=` give null. Source: "Null values" and "String operators" of the language's
reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from rulescope import ir
from rulescope.ir import Binary, Call, Compare, Constant, Expression, FieldReference, InList, Operation, Predicate, Test
from rulescope.ir.expressions import PredicateExpression
from rulescope.ir.predicates import And, Missing, Not, Or
from rulescope.languages.common.comparisons import compare_values, field_first
from rulescope.languages.common.operands import PREDICATES, Operand, as_expression, is_number
from rulescope.text import Span

ProblemNote = Callable[[str, str, Span], None]
"""Takes a code, a message and a place."""


class TextOperator(NamedTuple):
    """A comparison of texts: its kind, and whether it regards case."""

    kind: str
    ignore_case: bool = True


TEXT_OPERATORS: Final[dict[str, TextOperator]] = {
    "=~": TextOperator("eq"),
    "has": TextOperator("has"),
    "has_cs": TextOperator("has", False),
    "hasprefix": TextOperator("term_prefix"),
    "hasprefix_cs": TextOperator("term_prefix", False),
    "hassuffix": TextOperator("term_suffix"),
    "hassuffix_cs": TextOperator("term_suffix", False),
    "contains": TextOperator("contains"),
    "contains_cs": TextOperator("contains", False),
    "containscs": TextOperator("contains", False),
    "startswith": TextOperator("starts_with"),
    "startswith_cs": TextOperator("starts_with", False),
    "endswith": TextOperator("ends_with"),
    "endswith_cs": TextOperator("ends_with", False),
    "matches regex": TextOperator("match", False),
    ":": TextOperator("has"),
}
"""Operators on texts, without the `!` that some take. Operators with `_cs` regard case."""

ADDRESS_RANGES: Final[frozenset[str]] = frozenset(
    {"ipv4_is_in_range", "ipv4_is_in_any_range", "ipv6_is_in_range", "ipv6_is_in_any_range"}
)
"""Functions that ask whether an address is in one of some blocks."""

LIST_OPERATORS: Final[frozenset[str]] = frozenset({"in", "in~", "has_any", "has_all"})
"""Operators with a list in brackets on the right."""

_OPERATIONS: dict[str, ir.OperationName] = {"=~": "equals_ignoring_case", "matches regex": "matches_regex"}
"""Operators that no word is; the others are calls by their word."""
_ORDER: dict[str, ir.ComparisonKind] = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_SAME_VALUE = frozenset({"tostring", "toguid"})
_SAME_PARTS = frozenset({"parse_json", "todynamic"})
_TERMS = {"has": "{0}", "term_prefix": "{0}*", "term_suffix": "*{0}", "contains": "*{0}*"}
_FOLDS: dict[str, Callable[[str], str]] = {"tolower": str.lower, "toupper": str.upper}


def as_predicate(operand: Operand) -> Predicate:
    """The operand as a condition: a column alone is the question whether it is true, and null where it is null."""
    match operand:
        case FieldReference(name=name, span=span):
            return Compare(name, "eq", (True,), False, "unknown", span=span, value_spans=(span,))
        case PredicateExpression(predicate=predicate):
            return predicate
    if isinstance(operand, PREDICATES):
        return operand
    return Test(operand, operand.span)  # type: ignore[arg-type]


def compare_order(operator: str, left: Operand, right: Operand, span: Span) -> Predicate:
    """`== != <> < <= > >=`: whole values, with case."""
    operator, left, right = field_first("!=" if operator == "<>" else operator, left, right)
    negated = operator == "!="
    if isinstance(right, Constant) and isinstance(right.value, bool) and isinstance(left, PREDICATES):
        # `(x has "a") == false`
        return left if right.value is not negated else Not(left, span)
    field = _field(left)
    if field is None or not isinstance(right, Constant) or right.value is None:
        return compare_values(operator, left, right, span)
    name, fold = field
    value = right.value
    if name == "*":
        return Test(Operation("any_column", (Constant(operator), right), span), span)
    number = is_number(value)
    if operator in _ORDER:
        if fold is not None:
            return compare_values(operator, left, right, span)
        # The empty text comes before every other.
        empty = operator[0] == "<" if value != "" else operator[-1] == "="
        missing: Missing = "unknown" if number else "true" if empty else "false"
        found = Compare(name, _ORDER[operator], (value,), False, missing, number, span=span, value_spans=(right.span,))
        return _written_of(left, found)
    if fold is not None and (not isinstance(value, str) or fold(value) != value):
        return compare_values(operator, left, right, span)
    missing = "true" if value == "" else "false"
    found = Compare(name, "eq", (value,), fold is not None, missing, number, span=span, value_spans=(right.span,))
    found = _written_of(left, found)
    return Not(found, span) if negated else found


def _written_of(operand: Operand, leaf: Compare) -> Compare:
    """The leaf, with whether it was written of the column itself, whose kind then has to be that of the value."""
    return leaf if isinstance(operand, FieldReference) else replace(leaf, as_text=True)


def compare_text(operator: str, left: Operand, right: Operand, span: Span, note: ProblemNote) -> Predicate:
    """An operator on texts, such as `has` or `!contains_cs`."""
    negated = operator[0] == "!"
    name = operator.removeprefix("!") if operator != "!~" else "=~"
    found = _text_leaf(name, left, right, span, note)
    return Not(found, span) if negated else found


def _text_leaf(name: str, left: Operand, right: Operand, span: Span, note: ProblemNote) -> Predicate:
    kind, ignore_case = TEXT_OPERATORS[name]
    if isinstance(left, Constant) and isinstance(right, FieldReference) and kind == "eq":
        left, right = right, left
    field = _field(left, parts=kind not in ("eq", "starts_with", "ends_with"))
    if field is None or not isinstance(right, Constant) or right.value is None:
        return Test(_operated(name, as_expression(left), as_expression(right), span), span)
    text = right.value if isinstance(right.value, str) else str(right.value).lower()
    column, fold = field
    if fold is not None and kind != "match" and fold(text) != text and not ignore_case:
        note("KUS012", f"the column's text is folded, '{text[:60]}' is not: this is never true", span)
        return Test(_operated(name, as_expression(left), right, span), span)
    if fold is not None and kind == "match":
        return Test(_operated(name, as_expression(left), right, span), span)
    if column == "*":
        return _any_column(kind, text, ignore_case, right, span)
    found = text_compare(column, kind, text, ignore_case or fold is not None, span, right.span)
    return replace(found, as_text=True) if kind == "eq" else found


def _operated(name: str, left: Expression, right: Expression, span: Span) -> Call | Operation:
    """An operator on texts between values that are no plain column and constant."""
    operation = _OPERATIONS.get(name)
    return Call(name, (left, right), span) if operation is None else Operation(operation, (left, right), span)


def text_compare(column: str, kind: str, text: str, ignore_case: bool, span: Span, place: Span) -> Compare:
    """The leaf for one text; `kind` is a comparison's, or `term_prefix` or `term_suffix`."""
    missing: Missing = "true" if text == "" and kind != "has" else "false"
    if kind in ("term_prefix", "term_suffix"):
        kind, text = "match", _term_edge(text, kind)
    return Compare(column, kind, (text,), ignore_case, missing, span=span, value_spans=(place,))  # type: ignore[arg-type]


def _term_edge(text: str, kind: str) -> str:
    """The start (or end) of a term as a regular expression: no letter or digit stands before (behind) it."""
    written = re.escape(text)
    if kind == "term_prefix":
        return f"(?:^|[^\\p{{L}}\\p{{N}}]){written}" if text[:1].isalnum() else written
    return f"{written}(?:$|[^\\p{{L}}\\p{{N}}])" if text[-1:].isalnum() else written


def _any_column(kind: str, text: str, ignore_case: bool, right: Constant, span: Span) -> Predicate:
    """`* has "x"`: any column. What a term can't say is an operation `any_column`."""
    directive: ir.Directive | None = None if ignore_case else "CASE"
    if "*" not in text and kind in _TERMS:
        return ir.Term(_TERMS[kind].format(text), directive, quoted=True, span=span)
    name = kind if ignore_case or kind == "match" else f"{kind}_cs"
    return Test(Operation("any_column", (Constant(name), right), span), span)


def compare_list(operator: str, left: Operand, values: Sequence[Operand], span: Span, note: ProblemNote) -> Predicate:
    """`in`, `in~`, `has_any`, `has_all` and their negations."""
    found = _list_leaf(operator.removeprefix("!"), left, values, span, note)
    return Not(found, span) if operator[0] == "!" else found


def _list_leaf(name: str, left: Operand, values: Sequence[Operand], span: Span, note: ProblemNote) -> Predicate:
    flat = list(_flattened(values))
    constants = [one for one in flat if isinstance(one, Constant)]
    field = _field(left, parts=name in ("has_any", "has_all"))
    if field is None or len(constants) < len(flat) or field[0] == "*":
        if name in ("has_any", "has_all") and field is not None and len(constants) == len(flat):
            parts = tuple(compare_text("has", left, one, span, note) for one in constants)
            return _joined(name, parts, span)
        options = tuple(as_expression(one) for one in flat)
        if field is not None and field[0] == "*":
            return Test(Operation("any_column", (Constant(name), *options), span), span)
        if name == "in":
            return Test(InList(as_expression(left), options, span), span)
        return Test(Call(name, (as_expression(left), *options), span), span)
    column, fold = field
    if name in ("has_any", "has_all"):
        leaves = tuple(
            text_compare(column, "has", _shown(one.value), True, span, one.span)
            for one in constants
            if one.value is not None
        )
        return _joined(name, leaves, span)
    kept = [one for one in constants if one.value is not None]
    if fold is not None:
        kept = [one for one in kept if name == "in~" or (isinstance(one.value, str) and fold(one.value) == one.value)]
    listed = tuple(one.value for one in kept if one.value is not None)
    if not listed:
        return Test(Constant(False, span), span)
    number = all(map(is_number, listed))
    missing: Missing = "true" if "" in listed else "false"
    folded = name == "in~" or fold is not None
    kind: ir.ComparisonKind = "in" if len(listed) > 1 else "eq"
    places = tuple(one.span for one in kept)
    found = Compare(column, kind, listed, folded, missing, number, span=span, value_spans=places)
    return _written_of(left, found)


def _joined(name: str, leaves: Sequence[Predicate], span: Span) -> Predicate:
    if not leaves:
        # None of nothing is there; all of nothing is.
        return Test(Constant(name == "has_all", span), span)
    if len(leaves) == 1:
        return leaves[0]
    return Or(tuple(leaves), span) if name == "has_any" else And(tuple(leaves), span)


def compare_between(left: Operand, low: Operand, high: Operand, negated: bool, span: Span) -> Predicate:
    """`between (low .. high)`: both ends belong to it."""
    if _is_timespan(high) and not isinstance(low, Constant) and not _is_timespan(low):
        # A span of time as the upper end is counted from the lower one, which is a time then.
        high = Binary("+", as_expression(low), as_expression(high), span)
    both = And((compare_order(">=", left, low, span), compare_order("<=", left, high, span)), span)
    return Not(both, span) if negated else both


def _is_timespan(operand: Operand) -> bool:
    return isinstance(operand, Call) and operand.function == "timespan"


def compare_address(column: Expression, blocks: Sequence[Expression], span: Span) -> Predicate | None:
    """`ipv4_is_in_range` and its like, of a column and constant blocks; None for anything else.

    What reads as no address gives null. Source: "ipv4_is_in_range()", "ipv4_is_in_any_range()".
    """
    flat = _flattened(blocks)
    ranges = [one for one in flat if isinstance(one, Constant) and isinstance(one.value, str)]
    if not isinstance(column, FieldReference) or not ranges or len(ranges) < len(flat):
        return None
    leaves = tuple(
        Compare(column.name, "cidr", (str(one.value),), False, "unknown", span=span, value_spans=(one.span,))
        for one in ranges
    )
    return leaves[0] if len(leaves) == 1 else Or(leaves, span)


def presence(name: str, operand: Operand, span: Span) -> Predicate | None:
    """`isempty`, `isnull` and their opposites of a column; None for anything else."""
    if not isinstance(operand, FieldReference):
        field = _field(operand, parts=True)
        if field is None or field[1] is not None:
            return None
        operand = FieldReference(field[0], span)
    match name:
        case "isnull":
            return Compare(operand.name, "missing", missing="true", span=span)
        case "isnotnull" | "notnull":
            return Compare(operand.name, "exists", span=span)
        case "isempty":
            return Compare(operand.name, "eq", ("",), missing="true", span=span, as_text=True)
    return Not(Compare(operand.name, "eq", ("",), missing="true", span=span, as_text=True), span)


def _field(operand: Operand, *, parts: bool = False) -> tuple[str, Callable[[str], str] | None] | None:
    """The column that a value is, and how its text is folded; None where it is none.

    `tostring` leaves the value what it is, as far as a comparison of texts can see, and so does `parse_json` where
    `parts` of the text are looked for: as a whole, a JSON string loses its quotes.
    """
    same = _SAME_VALUE | _SAME_PARTS if parts else _SAME_VALUE
    fold: Callable[[str], str] | None = None
    while isinstance(operand, Call) and len(operand.arguments) == 1:
        if operand.function in _FOLDS:
            fold = fold or _FOLDS[operand.function]
        elif operand.function not in same:
            return None
        operand = operand.arguments[0]
    return (operand.name, fold) if isinstance(operand, FieldReference) else None


def _flattened(values: Sequence[Operand]) -> list[Operand]:
    found: list[Operand] = []
    waiting = list(reversed(values))
    while waiting:
        one = waiting.pop()
        if isinstance(one, Call) and one.function == "pack_array":
            waiting.extend(reversed(one.arguments))
        else:
            found.append(one)
    return found


def _shown(value: object) -> str:
    return value if isinstance(value, str) else str(value).lower()
