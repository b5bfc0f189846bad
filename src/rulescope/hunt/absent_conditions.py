"""What conditions and values come to where no row has a field that they read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Literal

from rulescope import ir
from rulescope.analysis.expression_parts import chain_operands
from rulescope.hunt.row_fields import AbsentField, RowFields
from rulescope.ir.walk import walk
from rulescope.text import Span

Truth = Literal["true", "false", "unknown"] | None
"""What a condition is for every row; None where that differs, or can't be told."""

_FORESEEING = frozenset(
    {
        "if", "iif", "case", "validate", "nullif", "mvappend", "mv_append", "json_object", "json_array", "typeof",
        "printf", "max", "min", "greatest", "least", "concat_ws", "isnull", "is_null", "has_empty_data", "has_key",
        "searchmatch", "mvzip", "null",
    }
)  # fmt: skip
"""Functions that have a value where an argument has none, by the names that languages have for them."""


class Weight(IntEnum):
    """What hangs on a field that is read: nothing, since something else can stand for it; what is shown; which rows
    there are."""

    SPARE = 0
    SHOWS = 1
    DECIDES = 2


@dataclass(frozen=True, slots=True)
class FieldUse:
    """An absent field where it is read. `excludes`: it stands under a NOT, which is then true of every row."""

    field: AbsentField
    weight: Weight = Weight.DECIDES
    excludes: bool = False


Uses = list[FieldUse]


class AbsenceReader:
    """Reads the conditions and values of a stage over rows whose fields are known; `subsearch` is told of each search
    inside them."""

    def __init__(self, stage: ir.Stage, rows: RowFields, subsearch: Callable[[ir.Pipeline], object]) -> None:
        self._stage = stage
        self._rows = rows
        self._subsearch = subsearch
        self._possible: dict[int, int] = {}

    def condition(self, predicate: ir.Predicate) -> Uses:
        """The absent fields that the condition reads."""
        if self._is_settled(predicate):
            return []
        return self._truth(predicate, self._rows.kinds, False)[1]

    def value(self, expression: ir.Expression) -> tuple[bool, Uses]:
        """Whether the expression has a value in no row, and the absent fields that it reads."""
        return self._value(expression, False)

    def _is_settled(self, predicate: ir.Predicate) -> bool:
        """Whether no field of the condition can be absent, as most have none: then its parts need no look."""
        waiting: list[ir.Predicate] = [predicate]
        while waiting:
            match waiting.pop():
                case ir.Compare(name):
                    if not self._rows.is_sure(name):
                        return False
                case ir.And(operands) | ir.Or(operands):
                    waiting += operands
                case ir.Not(operand):
                    waiting.append(operand)
                case ir.Test(expression):
                    if not all(self._is_sure(node) for node in walk(expression)):
                        return False
                case ir.Subsearch():
                    return False
        return True

    def _is_sure(self, node: object) -> bool:
        match node:
            case ir.FieldReference(name) | ir.Compare(name):
                return self._rows.is_sure(name)
        return not isinstance(node, ir.Subsearch)

    def _kinds(self, predicate: ir.Predicate, kinds: int) -> int:
        """Those of the kinds of which some event may meet the condition, by its log and kind alone."""
        if self._rows.moved:
            return kinds
        return kinds & self._rows.known.possible(predicate, self._possible)

    def _truth(self, predicate: ir.Predicate, kinds: int, negated: bool) -> tuple[Truth, Uses]:
        """What the condition is for all rows, and its absent fields. `negated`: it stands under a NOT."""
        within = self._kinds(predicate, kinds)
        if kinds and not within:
            return "false", []
        match predicate:
            case ir.And(operands):
                return self._all([self._truth(one, within, negated) for one in operands])
            case ir.Or(operands):
                return self._any([self._truth(one, within, negated) for one in operands], negated)
            case ir.Not(operand):
                truth, uses = self._truth(operand, kinds, not negated)
                return _turned(truth), uses
            case ir.Compare():
                return self._compare(predicate, within, negated)
            case ir.Test(expression):
                return self._test(expression, within, negated)
            case ir.Subsearch(pipeline):
                self._subsearch(pipeline)
        return None, []

    @staticmethod
    def _all(parts: list[tuple[Truth, Uses]]) -> tuple[Truth, Uses]:
        truths = {truth for truth, _ in parts}
        truth: Truth = None
        if truths & {"false", "unknown"}:
            truth = "false" if "false" in truths else "unknown"
        elif truths == {"true"}:
            truth = "true"
        return truth, [use for _, uses in parts for use in uses]

    @staticmethod
    def _any(parts: list[tuple[Truth, Uses]], negated: bool) -> tuple[Truth, Uses]:
        truths = {truth for truth, _ in parts}
        uses = [use for _, found in parts for use in found]
        if "true" in truths:
            return "true", uses
        if None not in truths:
            return ("unknown" if "unknown" in truths else "false"), uses
        # Another alternative can hold; but what one of several exclusions can't exclude stays in.
        return None, uses if negated else _spare(uses)

    def _compare(self, leaf: ir.Compare, kinds: int, negated: bool) -> tuple[Truth, Uses]:
        roots = self._rows.absent(leaf.field, leaf.span, kinds)
        if not roots:
            return None, []
        foreseen = leaf.kind == "missing" or self._is_optional(leaf.span)
        truth: Truth = "true" if leaf.kind == "missing" else leaf.missing
        return truth, [FieldUse(root, _weight(root, foreseen), negated and truth == "false") for root in roots]

    def _is_optional(self, span: Span) -> bool:
        """Whether its author says that events may lack the field: EQL has a question mark before such a name."""
        place = span.start - self._stage.span.start
        return self._stage.text[place : place + 1] == "?"

    def _test(self, expression: ir.Expression, kinds: int, negated: bool) -> tuple[Truth, Uses]:
        match expression:
            case ir.Binary("and" | "or" as operator):
                tests = [ir.Test(one, one.span) for one in chain_operands(expression, (operator,))]
                parts = [self._truth(one, kinds, negated) for one in tests]
                return self._all(parts) if operator == "and" else self._any(parts, negated)
            case ir.Unary("not", operand):
                truth, uses = self._test(operand, kinds, not negated)
                return _turned(truth), uses
            case ir.PredicateExpression(predicate):
                return self._truth(predicate, kinds, negated)
            case ir.Call("isnotnull", (argument,)):
                absent, uses = self._value(argument, negated)
                return ("false" if absent else None), [replace(use, excludes=negated) for use in uses]
            case ir.Call("isnull" | "is_null", (argument,)):
                absent, uses = self._value(argument, negated)
                return ("true" if absent else None), [
                    replace(use, weight=_weight(use.field, foreseen=True)) for use in uses
                ]
        absent, uses = self._value(expression, negated)
        return ("unknown" if absent else None), uses

    def _value(self, expression: ir.Expression, negated: bool) -> tuple[bool, Uses]:
        match expression:
            case ir.FieldReference(name, span):
                roots = self._rows.absent(name, span)
                return bool(roots), [FieldUse(root, _weight(root, self._is_optional(span))) for root in roots]
            case ir.Subsearch(pipeline):
                self._subsearch(pipeline)
                return False, []
            case ir.PredicateExpression() | ir.Binary("and" | "or") | ir.Unary("not"):
                truth, uses = self._test(expression, self._rows.kinds, negated)
                return truth == "unknown", uses
            case ir.Call("coalesce" | "ifnull" | "nvl", arguments):
                parts = [self._value(one, negated) for one in arguments]
                uses = [use for _, found in parts for use in found]
                absent = bool(parts) and all(one for one, _ in parts)
                return absent, uses if absent else _spare(uses)
            case ir.Call(function, arguments) | ir.Operation(function, arguments):
                parts = [self._value(one, negated) for one in arguments]
                uses = [use for _, found in parts for use in found]
                foreseen = function in _FORESEEING
                return not foreseen and any(one for one, _ in parts), _spare(uses) if foreseen else uses
        parts = [self._value(one, negated) for one in _parts(expression)]
        return any(one for one, _ in parts), [use for _, found in parts for use in found]


def _parts(expression: ir.Expression) -> Iterable[ir.Expression]:
    match expression:
        case ir.Binary(operator):
            return chain_operands(expression, (operator,))
        case ir.Unary(operand=operand):
            return (operand,)
        case ir.InList(value):
            return (value,)
    return ()


def _turned(truth: Truth) -> Truth:
    if truth == "true":
        return "false"
    return "true" if truth == "false" else truth


def _weight(field: AbsentField, foreseen: bool) -> Weight:
    """What hangs on a field that a condition is read of. `foreseen`: it asks whether events have it. That they may lack
    it is then no surprise; but what the search itself took away it asks in vain."""
    return Weight.SPARE if foreseen and not field.after else Weight.DECIDES


def _spare(uses: Uses) -> Uses:
    """The same where something else can stand for what is absent; where the search itself took it away, it always
    does."""
    return [replace(use, weight=min(use.weight, Weight.SHOWS if use.field.after else Weight.SPARE)) for use in uses]


__all__ = ["AbsenceReader", "FieldUse", "Uses", "Weight"]
