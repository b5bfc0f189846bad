"""Divisions of whole numbers, which ES|QL rounds towards 0 ("ES|QL operators", Divide).

Which of the values are whole is said by the mapping of an index, and by the functions that computed them. So a
division stays a plain one where a side is known to be a fraction (a constant with a point, `::double`, an average, or
a field computed from such); any other becomes `whole_division`, which looks at the numbers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from rulescope.ir import Binary, Call, Constant, Expression, FieldReference, Operation, Stage
from rulescope.ir.stages import Aggregate, Argument, Assignment, Command, Eval, EventStats, Rename, Stats
from rulescope.ir.walk import transform, walk

_Node = TypeVar("_Node")
_FRACTIONS = frozenset({
    "to_double", "avg", "mv_avg", "perc", "perc50", "stdevp", "varp", "sqrt", "cbrt", "log", "ln", "exp",
    "pow", "signum", "hypot", "atan2", "weighted_avg",
    "st_distance", "to_radians", "to_degrees", "sin", "cos", "tan", "e", "tau", "pi",
})  # fmt: skip
_PASSING = frozenset({
    "round", "abs", "ceil", "floor", "coalesce", "case", "max", "min", "sum", "values", "mv_sum", "mv_min", "mv_max",
    "mv_median", "if", "mvindex", "mvappend", "first", "last", "mvdedup",
})  # fmt: skip
"""Functions whose result is a fraction where an argument is one."""


def with_whole_divisions(stages: list[Stage]) -> list[Stage]:
    """The stages with each division that may be one of whole numbers as `whole_division`."""
    fractions: set[str] = set()

    found: list[Stage] = []
    for stage in stages:
        if isinstance(stage, Eval | Stats | EventStats) or (isinstance(stage, Command) and stage.name == "row"):
            found.append(_assigning(stage, fractions))
            continue
        if isinstance(stage, Rename):
            fractions |= {one.target for one in stage.renamings if one.source in fractions}
        found.append(_rounded(stage, fractions))
    return found


def _rounded(node: _Node, fractions: set[str]) -> _Node:
    if not any(isinstance(one, Binary) and one.operator == "/" for one in walk(node)):
        return node

    def change(one: object) -> object:
        if isinstance(one, Binary) and one.operator == "/" and not _is_fraction(one, fractions):
            return Operation("whole_division", (one.left, one.right), one.span)
        return one

    return transform(node, change)


def _assigning(stage: Stage, fractions: set[str]) -> Stage:
    """A stage that makes fields: later assignments see earlier ones."""

    def changed(part: Assignment | Aggregate | Argument) -> Assignment | Aggregate | Argument:
        value = part.expression if isinstance(part, Assignment) else part.value if isinstance(part, Argument) else part
        name = part.target if isinstance(part, Assignment) else part.name if isinstance(part, Argument) else ""
        result = _rounded(part, fractions)
        if isinstance(part, Aggregate):
            argument = part.argument is not None and _is_fraction(part.argument, fractions)
            fraction = part.function in _FRACTIONS or (part.function in (*_PASSING, "eval") and argument)
            name = part.result_name
        else:
            fraction = _is_fraction(value, fractions)  # type: ignore[arg-type]
        (fractions.add if fraction else fractions.discard)(name or "")
        return result

    if isinstance(stage, Eval):
        return replace(stage, assignments=tuple(changed(one) for one in stage.assignments))  # type: ignore[arg-type,misc]
    if isinstance(stage, Stats | EventStats):
        return replace(stage, aggregates=tuple(changed(one) for one in stage.aggregates))  # type: ignore[arg-type,misc]
    assert isinstance(stage, Command)
    return replace(stage, arguments=tuple(changed(one) for one in stage.arguments))  # type: ignore[misc]


def _is_fraction(value: Expression, fractions: set[str]) -> bool:
    match value:
        case Constant(value=constant):
            return isinstance(constant, float)
        case FieldReference(name=name):
            return name in fractions
        case Binary(left=left, right=right):
            return _is_fraction(left, fractions) or _is_fraction(right, fractions)
        case Call(function=function, arguments=arguments):
            if function in _FRACTIONS:
                return True
            return function in _PASSING and any(_is_fraction(one, fractions) for one in arguments)
    return False
