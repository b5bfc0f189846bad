"""The JSON form of predicates and stages, in the words that the command line promises, and expressions as text.

A comparison has the three promised keys and no others: what else a leaf carries (case, NULL) follows from the language
and the stage it stands in, and readers of the JSON were promised a small shape. A time bound is shown as the
comparison it is written as. Keys that would say nothing (`directive` of a plain term, `arguments` of a macro without
any) are left out.
"""

from __future__ import annotations

from typing import Any

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


def expression_text(expression: Expression, *, shared: bool = False) -> str:
    """The expression in canonical form: much as SPL writes it, but functions as their own language spells them, or by
    their names in the tree where `shared`; with brackets only where precedence needs them."""
    return _text(expression, 0, shared)


def _text(expression: Expression, binding: int, shared: bool) -> str:
    match expression:
        case FieldReference(name=name):
            plain = name and not name[0].isdigit() and all(letter in _PLAIN_NAME for letter in name)
            return name if plain else f"'{name}'"
        case Constant(value=value):
            return _constant_text(value)
        case Call(function=function, arguments=arguments, written=written):
            name = function if shared else written or function
            return f"{name}({', '.join(_text(argument, 0, shared) for argument in arguments)})"
        case Operation(name=name, arguments=arguments):
            return f"{name}({', '.join(_text(argument, 0, shared) for argument in arguments)})"
        case Binary(operator=operator):
            own = _BINDING[operator]
            return _bracketed(_chain_text(expression, own, shared), own < binding)
        case Unary(operator="not", operand=operand):
            return _bracketed(f"NOT {_text(operand, _NOT_BINDING, shared)}", binding > _NOT_BINDING)
        case Unary(operator=operator, operand=operand):
            return f"{operator}{_text(operand, _HIGHEST, shared)}"
        case InList(value=value, options=options):
            listed = ", ".join(_text(option, 0, shared) for option in options)
            return _bracketed(f"{_text(value, _BINDING['='] + 1, shared)} IN ({listed})", binding > _BINDING["="])
        case PredicateExpression(predicate=predicate):
            return f"searchmatch({quoted(predicate_text(predicate))})"
        case MacroCall():
            return _macro_text(expression)
        case Subsearch():
            return _subsearch_text(expression)


def _chain_text(expression: Expression, own: int, shared: bool) -> str:
    """A chain of operators that bind alike. They bind to the left: one on the right needs its brackets.

    Chains may be thousands long, so nothing recurses along them.
    """
    parts: list[str] = []
    while isinstance(expression, Binary) and _BINDING[expression.operator] == own:
        word = expression.operator.upper() if expression.operator.isalpha() else expression.operator
        parts.append(f" {word} {_text(expression.right, own + 1, shared)}")
        expression = expression.left
    return _text(expression, own, shared) + "".join(reversed(parts))


def predicate_text(predicate: Predicate) -> str:
    """A predicate in search syntax, on one line; for people to read (the language's own printer is exact)."""
    match predicate:
        case And(operands=operands):
            return " ".join(_operand_text(operand) for operand in operands)
        case Or(operands=operands):
            return " OR ".join(_operand_text(operand) for operand in operands)
        case Not(operand=operand):
            return f"NOT {_operand_text(operand)}"
        case Compare():
            return _compare_text(predicate)
        case Term(text=text, directive=directive):
            return f"{directive}({text})" if directive else quoted(text)
        case TimeBound(name=name, at=at):
            return f"{name}={at.text}"
        case Test(expression=expression):
            return expression_text(expression)
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


def _operand_text(operand: Predicate) -> str:
    text = predicate_text(operand)
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
