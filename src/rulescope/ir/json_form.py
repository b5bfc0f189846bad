"""The JSON form of predicates and stages, in the words that the command line promises, and expressions as text.

A comparison has the three promised keys and no others: what else a leaf carries (case, NULL) follows from the language
and the stage it stands in, and readers of the JSON were promised a small shape. A time bound is shown as the
comparison it is written as. Keys that would say nothing (`directive` of a plain term, `arguments` of a macro without
any) are left out.
"""

from __future__ import annotations

from typing import Any, Literal

from rulescope.ir.expressions import (
    Binary,
    Call,
    Constant,
    Expression,
    FieldReference,
    InList,
    MacroCall,
    Operation,
    PredicateExpression,
    Subsearch,
    Unary,
)
from rulescope.ir.predicates import And, Compare, Not, Or, Predicate, Term, Test, TimeBound, Value
from rulescope.ir.rule import Pipeline
from rulescope.ir.stages import Sequence, SequenceStep, Stage, Where, stage_kind
from rulescope.text import Source

_PLAIN_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_BINDING = {"or": 2, "xor": 1, "and": 3, "like": 5, "=": 5, "!=": 5, "<": 5, "<=": 5, ">": 5, ">=": 5}
_BINDING |= {".": 6, "+": 6, "-": 6, "*": 7, "/": 7, "%": 7}
_NOT_BINDING = 4
_HIGHEST = 9


def value_text(value: Value) -> str:
    """A comparison's value as text: wildcards as `*` and `?`, numbers without a trailing `.0`, `true` and `false`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def predicate_json(predicate: Predicate, source: Source | None = None) -> dict[str, Any]:
    """The predicate as the promised JSON. With `source`, tests are shown verbatim, else in canonical form."""
    match predicate:
        case And(operands=operands):
            return {"and": [predicate_json(operand, source) for operand in operands]}
        case Or(operands=operands):
            return {"or": [predicate_json(operand, source) for operand in operands]}
        case Not(operand=operand):
            return {"not": predicate_json(operand, source)}
        case Compare(field=field, kind=kind, values=values):
            return {"field": field, "kind": kind, "values": [value_text(value) for value in values]}
        case Term(text=text, directive=directive):
            return {"term": text, "directive": directive} if directive else {"term": text}
        case TimeBound(name=name, at=at):
            return {"field": name, "kind": "eq", "values": [at.text]}
        case MacroCall(name=name, arguments=arguments):
            return {"macro": name, "arguments": list(arguments)} if arguments else {"macro": name}
        case Subsearch(pipeline=pipeline):
            return {"subsearch": pipeline_json(pipeline, source)}
        case Test(expression=expression, span=span):
            verbatim = source.slice(span).strip() if source is not None else ""
            return {"test": verbatim or expression_text(expression)}


def pipeline_json(pipeline: Pipeline, source: Source | None = None) -> dict[str, Any]:
    """A pipeline as `{"stages": […]}`, its stages counted from 1."""
    return {"stages": [stage_json(stage, number, source) for number, stage in enumerate(pipeline.stages, 1)]}


def stage_json(stage: Stage, number: int, source: Source | None = None) -> dict[str, Any]:
    """A stage as the promised JSON; `predicate` where it has a condition, `pipelines` where it holds subsearches."""
    form: dict[str, Any] = {"number": number, "kind": stage_kind(stage), "text": stage.text}
    predicate = stage_predicate(stage)
    if predicate is not None:
        form["predicate"] = predicate_json(predicate, source)
    pipelines = stage_pipelines(stage)
    if pipelines:
        form["pipelines"] = [pipeline_json(pipeline, source) for pipeline in pipelines]
    return form


def stage_predicate(stage: Stage) -> Predicate | None:
    """The condition that a stage keeps rows by, or None: that of `search`, `where`, `regex`, and `tstats … WHERE`."""
    found = getattr(stage, "predicate", None)
    if found is None:
        found = getattr(stage, "where", None)
        if found is not None and not isinstance(found, _PREDICATES):
            return Test(found, found.span)
    return found


def stage_pipelines(stage: Stage) -> tuple[Pipeline, ...]:
    """The pipelines that are arguments of a stage (`append`, `join`, …), not those inside its predicate."""
    found = getattr(stage, "pipelines", None)
    if found is not None:
        return tuple(found)
    if isinstance(stage, Sequence):
        return tuple(_step_pipeline(step) for step in stage.steps)
    one = getattr(stage, "pipeline", None)
    if one is not None:
        return (one,)
    return tuple(argument.value for argument in getattr(stage, "arguments", ()) if isinstance(argument.value, Pipeline))


def _step_pipeline(step: SequenceStep) -> Pipeline:
    """One event of a sequence as a search of its own, for readers of the JSON."""
    predicate = step.predicate
    words = predicate_text(predicate) if predicate is not None else "true"
    text = f"{'!' if step.missing else ''}[{step.category or 'any'} where {words}]"
    stages = () if predicate is None else (Where(predicate=predicate, text=text, span=step.span),)
    return Pipeline(stages, False, step.span)


_PREDICATES = (And, Or, Not, Compare, Term, TimeBound, Test, MacroCall, Subsearch)


_Style = Literal["written", "shared", "plain"]


def expression_text(expression: Expression, style: _Style = "written") -> str:
    """The expression in canonical form: much as SPL writes it, with brackets only where precedence needs them.

    Functions stand as their own language spells them, or, in the `shared` style, by their names in the tree. The
    `plain` style is for sentences: names without quotes, and no word that only the tree has.
    """
    return _text(expression, 0, style)


_PLAIN_OPERATIONS: dict[str, str] = {
    "has_start": "{0} starts with {1}", "has_end": "{0} ends with {1}", "has_part": "{0} contains {1}",
    "is_null": "{0} is missing", "is_true": "{0}", "is_false": "not {0}", "same": "{0} = {1}", "holds": "{0}",
    "equals_ignoring_case": "{0} = {1}", "like_pattern": "{0} LIKE {1}", "matches_regex": "{0} matches {1}",
    "match_text": "{0} = {1}", "in_rows": "{0} in {1}", "not_in_rows": "{0} not in {1}", "first_of_rows": "{0}",
    "list_of_rows": "{0}", "as_moment": "{0}", "as_number": "{0}", "datetime_text": "{0}", "timespan_text": "{0}",
    "whole_division": "{0} / {1}", "remainder": "{0} % {1}", "kept": "{0}", "member": "{0}[{1}]",
    "parameter": "{0}", "date_math": "{0}", "date_add": "{0} + {1} {2}", "time_span": "{0} {1}",
    "timespan_seconds": "{0} seconds", "ip_order": "{0}", "within_group": "{0}", "window": "{0} over a window",
    "ascending": "{0}", "descending": "{0} descending", "nulls_first": "{0}", "nulls_last": "{0}",
}  # fmt: skip
_PLAIN_CALLS = frozenset({"timespan", "datetime", "interval"})
"""Literals that the tree has as calls of one text."""


def _plain_operation(operation: Operation) -> str:
    """An operation as a sentence has it."""
    texts = [_text(argument, 0, "plain") for argument in operation.arguments]
    if operation.name == "array":
        return f"[{', '.join(texts)}]"
    pattern = _PLAIN_OPERATIONS.get(operation.name)
    if pattern is None or pattern.count("{") > len(texts):
        return f"{operation.name.replace('_', ' ')} ({', '.join(texts)})"
    if operation.name in ("parameter", "date_math", "time_span", "date_add"):
        texts = [text.strip('"') for text in texts]
    return pattern.format(*texts)


def _text(expression: Expression, binding: int, style: _Style) -> str:
    match expression:
        case FieldReference(name=name) if style == "plain":
            return name
        case FieldReference(name=name):
            plain = name and not name[0].isdigit() and all(letter in _PLAIN_NAME for letter in name)
            return name if plain else f"'{name}'"
        case Constant(value=value):
            return _constant_text(value)
        case Operation() if style == "plain":
            return _plain_operation(expression)
        case Call(function=literal, arguments=(Constant(value=str(text)),)) if style == "plain" and (
            literal in _PLAIN_CALLS
        ):
            return text
        case Call(function=function, arguments=arguments, written=written):
            name = function if style == "shared" else written or function
            return f"{name}({', '.join(_text(argument, 0, style) for argument in arguments)})"
        case Operation(name=name, arguments=arguments):
            return f"{name}({', '.join(_text(argument, 0, style) for argument in arguments)})"
        case Binary(operator=operator):
            own = _BINDING[operator]
            return _bracketed(_chain_text(expression, own, style), own < binding)
        case Unary(operator="not", operand=operand):
            return _bracketed(f"NOT {_text(operand, _NOT_BINDING, style)}", binding > _NOT_BINDING)
        case Unary(operator=operator, operand=operand):
            return f"{operator}{_text(operand, _HIGHEST, style)}"
        case InList(value=value, options=options):
            listed = ", ".join(_text(option, 0, style) for option in options)
            return _bracketed(f"{_text(value, _BINDING['='] + 1, style)} IN ({listed})", binding > _BINDING["="])
        case PredicateExpression(predicate=predicate) if style == "plain":
            return predicate_text(predicate, "plain")
        case PredicateExpression(predicate=predicate):
            return f"searchmatch({quoted(predicate_text(predicate))})"
        case MacroCall():
            return _macro_text(expression)
        case Subsearch():
            return _subsearch_text(expression)


def _chain_text(expression: Expression, own: int, style: _Style) -> str:
    """A chain of operators that bind alike. They bind to the left: one on the right needs its brackets.

    Chains may be thousands long, so nothing recurses along them.
    """
    parts: list[str] = []
    while isinstance(expression, Binary) and _BINDING[expression.operator] == own:
        word = expression.operator.upper() if expression.operator.isalpha() else expression.operator
        parts.append(f" {word} {_text(expression.right, own + 1, style)}")
        expression = expression.left
    return _text(expression, own, style) + "".join(reversed(parts))


def predicate_text(predicate: Predicate, style: _Style = "written") -> str:
    """A predicate in search syntax, on one line; for people to read (the language's own printer is exact)."""
    match predicate:
        case And(operands=operands):
            return " ".join(_operand_text(operand, style) for operand in operands)
        case Or(operands=operands):
            return " OR ".join(_operand_text(operand, style) for operand in operands)
        case Not(operand=operand):
            return f"NOT {_operand_text(operand, style)}"
        case Compare():
            return _compare_text(predicate)
        case Term(text=text, directive=directive):
            return f"{directive}({text})" if directive else quoted(text)
        case TimeBound(name=name, at=at):
            return f"{name}={at.text}"
        case Test(expression=expression):
            return expression_text(expression, style)
        case MacroCall():
            return _macro_text(predicate)
        case Subsearch():
            return _subsearch_text(predicate)


_SIGNS = {"eq": "=", "wildcard": "=", "gt": ">", "ge": ">=", "lt": "<", "le": "<=", "cidr": "="}


def _compare_text(compare: Compare) -> str:
    values = [quoted(value_text(value)) if isinstance(value, str) else value_text(value) for value in compare.values]
    bare = value_text(compare.values[0]) if compare.values else ""
    match compare.kind:
        case "exists":
            return f"{compare.field}=*"
        case "missing":
            return f"NOT {compare.field}=*"
        case "match":
            return f"match({compare.field}, {quoted(bare)})"
        case "has":
            return f"{compare.field} has {quoted(bare)}"
        case "in":
            return f"{compare.field} IN ({', '.join(values)})"
        case "contains":
            return f"{compare.field}={quoted(f'*{bare}*')}"
        case "starts_with":
            return f"{compare.field}={quoted(f'{bare}*')}"
        case "ends_with":
            return f"{compare.field}={quoted(f'*{bare}')}"
        case kind:
            return f"{compare.field}{_SIGNS[kind]}{values[0]}"


def quoted(text: str) -> str:
    """Text in double quotes, quotes inside escaped."""
    return '"' + text.replace('"', '\\"') + '"'


def _operand_text(operand: Predicate, style: _Style) -> str:
    text = predicate_text(operand, style)
    return f"({text})" if isinstance(operand, And | Or) else text


def _constant_text(value: str | int | float | bool | None) -> str:
    if value is None:
        return "null()"
    if isinstance(value, bool):
        return "true()" if value else "false()"
    return quoted(value) if isinstance(value, str) else value_text(value)


def _macro_text(macro: MacroCall) -> str:
    return f"`{macro.text or macro.name}`"


def _subsearch_text(subsearch: Subsearch) -> str:
    stages = " | ".join(stage.text.strip() or stage_kind(stage) for stage in subsearch.pipeline.stages)
    return f"[ {stages} ]"


def _bracketed(text: str, needed: bool) -> str:
    return f"({text})" if needed else text
