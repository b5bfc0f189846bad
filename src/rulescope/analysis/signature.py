"""What makes two queries the same: texts that are equal exactly when queries differ in spelling only."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

from rulescope import ir
from rulescope.analysis.collecting import SCOPES
from rulescope.analysis.comparing import comparison_key
from rulescope.analysis.event_clues import NUMBER_FIELDS, is_event_text
from rulescope.analysis.findings import typed_value
from rulescope.ir import stages
from rulescope.ir.json_form import stage_predicate, value_text

_SKIPPED = frozenset({"span", "value_spans", "written", "quoted"})
_NAMES: dict[type, tuple[str, ...]] = {}
_PLAIN = frozenset({str, int, float, bool, type(None)})


def query_signature(rule: ir.Rule) -> str:
    """A short text that rules share whose queries are the same but for spelling.

    The order of what is joined by AND or OR does not matter, and stages that keep every row are left out. Empty where
    the query could not be read whole.
    """
    if rule.status == "failed" or any(isinstance(stage, stages.Opaque) for stage in rule.expanded.stages):
        return ""
    parts = [_form(stage) for stage in rule.expanded.stages if not _keeps_all(stage)]
    return _digest(parts)


def condition_signature(rule: ir.Rule, canonical: Callable[[str], str]) -> str:
    """A short text that rules share which keep rows by the same conditions, whatever log or language they are for.

    Comparisons and terms that only choose a log or an event's number are left out, and so are macros; fields go by
    their `canonical` names, and are compared as indicators are; a list is the OR of its values. Empty where less than
    two comparisons are left: too little to be called the same.
    """
    if rule.status == "failed":
        return ""
    conditions: list[_Condition | None] = []
    for stage in rule.expanded.stages:
        # A named block is told where the condition names it.
        predicate = None if isinstance(stage, stages.Block) else stage_predicate(stage)
        if predicate is not None:
            conditions.append(_condition(predicate, canonical))
    whole = _joined("And", conditions)
    return _digest([whole.text]) if whole is not None and whole.weight >= 2 else ""


def _digest(parts: list[str]) -> str:
    return sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32] if parts else ""


def _keeps_all(stage: stages.Stage) -> bool:
    if not isinstance(stage, stages.Search):
        return False
    return stage.predicate is None or (isinstance(stage.predicate, ir.Term) and stage.predicate.text == "*")


def _form(node: object) -> str:
    """A node as text, without places, its operands in one order."""
    if type(node) in _PLAIN:
        return repr(node)
    if isinstance(node, ir.And | ir.Or):
        return f"{type(node).__name__}({';'.join(sorted(map(_form, node.operands)))})"
    if isinstance(node, ir.Binary):
        # Chains of operators lean to the left and may be thousands long: no recursion along them.
        chain = []
        while isinstance(node, ir.Binary):
            chain.append(f"{node.operator}{_form(node.right)}")
            node = node.left
        return f"Chain({_form(node)};{';'.join(reversed(chain))})"
    if isinstance(node, tuple):
        return f"({','.join(map(_form, node))})"
    names = _NAMES.get(type(node))
    if names is None:
        fields = dataclasses.fields(node) if dataclasses.is_dataclass(node) else ()
        # The text of a term is what it means; that of a stage or a macro's call is only how it was written.
        names = _NAMES[type(node)] = tuple(
            field.name
            for field in fields
            if field.name not in _SKIPPED and (field.name != "text" or isinstance(node, ir.Term))
        )
    if not names:
        return type(node).__name__ if dataclasses.is_dataclass(node) else repr(node)
    return f"{type(node).__name__}({','.join(_form(getattr(node, name)) for name in names)})"


@dataclass(frozen=True, slots=True)
class _Condition:
    """A condition as text that is the same however it is written; `operands` are those of an AND or an OR.

    `weight` is how many comparisons must hold at once at most: an OR over one field is one comparison.
    """

    text: str
    weight: int
    fields: frozenset[str] = frozenset()
    operator: str = ""
    operands: tuple[_Condition, ...] = ()


def _joined(operator: str, conditions: Iterable[_Condition | None]) -> _Condition | None:
    """Conditions under one operator: those within the same operator are its own, and none is there twice."""
    own: dict[str, _Condition] = {}
    for one in conditions:
        if one is not None:
            own.update({part.text: part for part in (one.operands if one.operator == operator else (one,))})
    operands = tuple(own[text] for text in sorted(own))
    if len(operands) < 2:
        return operands[0] if operands else None
    fields = frozenset().union(*(one.fields for one in operands))
    weight = sum(one.weight for one in operands) if operator == "And" else len(fields)
    return _Condition(
        f"{operator}({';'.join(own[text].text for text in sorted(own))})", weight, fields, operator, operands
    )


def _condition(predicate: ir.Predicate, canonical: Callable[[str], str]) -> _Condition | None:
    match predicate:
        case ir.And(operands=operands) | ir.Or(operands=operands):
            return _joined(type(predicate).__name__, (_condition(operand, canonical) for operand in operands))
        case ir.Not(operand=operand):
            inner = _condition(operand, canonical)
            return inner and _Condition(f"Not({inner.text})", inner.weight, inner.fields)
        case ir.Compare(field=field):
            if field in SCOPES or field in NUMBER_FIELDS or field.startswith("tag::"):
                return None
            return _comparison(predicate, canonical(field))
        case ir.Term(text=text, directive=directive):
            if is_event_text(text) or text.strip("*") == "":
                return None
            return _Condition(f"{directive} {text.casefold() if directive != 'CASE' else text}", 0)
        case ir.TimeBound() | ir.MacroCall():
            return None
        case ir.Test() | ir.Subsearch():
            form = _form(predicate)
            return _Condition(form, 1, frozenset({form}))


def _comparison(compare: ir.Compare, field: str) -> _Condition | None:
    """A comparison as the OR of its values', each put as indicators are compared."""
    if not compare.values:
        return _Condition(f"{field} {compare.kind}", 1, frozenset({field}))
    leaves = []
    for value in compare.values:
        kind, text = (
            typed_value(value) if compare.kind in ("eq", "in", "wildcard") else (compare.kind, value_text(value))
        )
        key = comparison_key(field, kind, text, compare.ignore_case)
        leaves.append(_Condition(" ".join(map(repr, key)), 1, frozenset({key[0]})))
    return _joined("Or", leaves)
