"""What makes two queries the same: texts that are equal exactly when queries differ in spelling only."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from hashlib import sha256

from rulescope import ir
from rulescope.analysis.collecting import SCOPES
from rulescope.analysis.events import NUMBER_FIELDS, is_event_text
from rulescope.ir import stages as st
from rulescope.ir.json_form import stage_predicate

_SKIPPED = frozenset({"span", "value_spans", "written", "quoted"})
_NAMES: dict[type, tuple[str, ...]] = {}


def query_signature(rule: ir.Rule) -> str:
    """A short text that rules share whose queries are the same but for spelling.

    The order of what is joined by AND or OR does not matter, and stages that keep every row are left out. Empty where
    the query could not be read whole.
    """
    if rule.status == "failed" or any(isinstance(stage, st.Opaque) for stage in rule.expanded.stages):
        return ""
    parts = [_form(stage) for stage in rule.expanded.stages if not _keeps_all(stage)]
    return _digest(parts)


def condition_signature(rule: ir.Rule, canonical: Callable[[str], str]) -> str:
    """A short text that rules share which keep rows by the same conditions, whatever log they look at.

    Comparisons and terms that only choose a log or an event's number are left out, and so are macros; fields go by
    their `canonical` names. Empty where less than two comparisons are left: too little to be called the same.
    """
    if rule.status == "failed":
        return ""
    parts: list[str] = []
    weight = 0
    for stage in rule.expanded.stages:
        predicate = stage_predicate(stage)
        if predicate is None:
            continue
        form, leaves = _condition(predicate, canonical)
        if form:
            parts.append(form)
            weight += leaves
    return _digest(parts) if weight >= 2 else ""


def _digest(parts: list[str]) -> str:
    return sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32] if parts else ""


def _keeps_all(stage: st.Stage) -> bool:
    if not isinstance(stage, st.Search):
        return False
    return stage.predicate is None or (isinstance(stage.predicate, ir.Term) and stage.predicate.text == "*")


def _form(node: object) -> str:
    """A node as text, without places, its operands in one order."""
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


def _condition(predicate: ir.Predicate, canonical: Callable[[str], str]) -> tuple[str, int]:
    match predicate:
        case ir.And(operands=operands) | ir.Or(operands=operands):
            inner = [_condition(operand, canonical) for operand in operands]
            forms = sorted({form for form, _ in inner if form})
            leaves = sum(number for _, number in inner)
            if len(forms) < 2:
                return "".join(forms), leaves
            return f"{type(predicate).__name__}({';'.join(forms)})", leaves
        case ir.Not(operand=operand):
            form, leaves = _condition(operand, canonical)
            return (f"Not({form})" if form else ""), leaves
        case ir.Compare(field=field):
            if field in SCOPES or field in NUMBER_FIELDS or field.startswith("tag::"):
                return "", 0
            values = sorted(
                str(value).casefold() if predicate.ignore_case else str(value) for value in predicate.values
            )
            kind = "eq" if predicate.kind == "in" and len(values) == 1 else predicate.kind
            return f"{canonical(field)} {kind} {values!r}", 1
        case ir.Term(text=text, directive=directive):
            if is_event_text(text) or text.strip("*") == "":
                return "", 0
            return f"{directive} {text.casefold() if directive != 'CASE' else text}", 0
        case ir.TimeBound() | ir.MacroCall():
            return "", 0
        case ir.Test() | ir.Subsearch():
            return _form(predicate), 1
