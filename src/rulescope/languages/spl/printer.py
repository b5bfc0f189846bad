"""A pipeline as canonical SPL: one space between words, options spelled out, stages joined by ` | `.

Reading the text again gives an equal pipeline (`parse(print(x)) = x`); spans and verbatim texts aside.
"""

from __future__ import annotations

import re

from rulescope.ir.expressions import (
    Binary,
    Call,
    Constant,
    Expression,
    FieldReference,
    Hole,
    InList,
    MacroCall,
    Operation,
    PredicateExpression,
    Subsearch,
    Unary,
)
from rulescope.ir.predicates import And, Any, Compare, Glob, Not, Or, Predicate, Term, Test, TimeBound, Value
from rulescope.ir.rule import Pipeline
from rulescope.ir.stages import (
    Aggregate,
    Assignment,
    Command,
    Eval,
    FieldItem,
    Interval,
    Lookup,
    MacroStage,
    Opaque,
    SortKey,
    Stage,
    TStats,
    stage_kind,
)

_BARE_FIELD = re.compile(r"[A-Za-z_*{}][\w.:*{}@$#-]*")
_BARE_WORD = re.compile(r"[^\s,|\[\]()\"'`=<>!\\]+")
_EVAL_NAME = re.compile(r"[A-Za-z_$](?:[\w:$]|\{\})*")
_RESERVED = frozenset(
    {"and", "or", "xor", "not", "in", "like", "as", "by", "over", "where", "output", "outputnew", "with"}
)
_PRECEDENCE = {"xor": 1, "or": 2, "and": 3, "=": 5, "!=": 5, "<": 5, "<=": 5, ">": 5, ">=": 5, "like": 5,
               "+": 6, "-": 6, ".": 6, "*": 7, "/": 7, "%": 7}  # fmt: skip
_NOT_BINDING = 4
_IN_BINDING = 5
_UNARY_BINDING = 8
_SEARCH_SIGN = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}


def render_pipeline(pipeline: Pipeline) -> str:
    """The pipeline as SPL. A stage that could not be read is printed as it was written."""
    return pipeline_text(pipeline)


def pipeline_text(pipeline: Pipeline, *, inner: bool = False) -> str:
    """The pipeline as SPL; `inner` for one in brackets."""
    texts = [stage_text(stage) for stage in pipeline.stages]
    lead = "| " if pipeline.generating else ""
    return lead + " | ".join(texts)


def stage_text(stage: Stage) -> str:
    """One stage as SPL, without a pipe."""
    from rulescope.languages.spl.commands import find_command

    if isinstance(stage, Opaque):
        return stage.text
    if isinstance(stage, MacroStage):
        rest = "".join(f" {call.text}" for _, call in stage.macro_arguments if isinstance(call, MacroCall))
        return f"`{stage.macro.text}`{rest}"
    name = stage.name if isinstance(stage, Command) else _COMMAND_OF.get(stage_kind(stage), stage_kind(stage))
    if name == "top" and getattr(stage, "rare", False):
        name = "rare"
    command = find_command(name)
    if command is None:
        return stage.text
    text = command.render(stage)
    macros = "".join(_macro_argument(option, call) for option, call in stage.macro_arguments)
    if isinstance(stage, TStats) or (isinstance(stage, Lookup) and not stage.name):
        # Behind BY a macro would be a field, and behind a lookup's key it would not be the lookup's name.
        return text[: len(name)] + macros + text[len(name) :]
    if isinstance(stage, Eval) and stage.assignments and macros:
        return f"{text},{macros}"
    return text + macros


def _macro_argument(option: str, call: MacroCall | Subsearch) -> str:
    text = expression_text(call)
    if not option:
        return f" {text}"
    return f" FROM {text}" if option == "from" else f" {option}={text}"


_COMMAND_OF = {"bucket": "bin"}


def quote(text: str) -> str:
    r"""The text in double quotes, `"` and the backslashes before it or before a backslash escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def word_text(text: str) -> str:
    """A value: bare where it can stand so, else in quotes."""
    return text if _BARE_WORD.fullmatch(text) and text.lower() not in _RESERVED else quote(text)


def field_text(field: FieldItem | str) -> str:
    """A field's name in a list: bare where it can stand so, else in quotes; a macro as its call."""
    if isinstance(field, MacroCall):
        return f"`{field.text}`"
    name = field if isinstance(field, str) else field.name
    if name[:1] == "`" == name[-1:]:
        return name
    return name if _BARE_FIELD.fullmatch(name) and name.lower() not in _RESERVED else quote(name)


def fields_text(fields: tuple[FieldItem, ...]) -> str:
    """A field list, separated by commas."""
    return ", ".join(field_text(field) for field in fields)


def flag(value: bool) -> str:
    """`true` or `false`."""
    return "true" if value else "false"


def number_text(value: int | float) -> str:
    """A number without a needless `.0`."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


def interval_text(interval: Interval) -> str:
    """A width as it was written."""
    return word_text(interval.text)


def sort_key_text(key: SortKey) -> str:
    """A key of `sort`."""
    name = field_text(key.field)
    if key.comparison != "auto":
        name = f"{key.comparison}({name})"
    return ("-" if key.descending else "") + name


def assignment_text(assignment: Assignment | MacroCall) -> str:
    """`target = expression`."""
    if isinstance(assignment, MacroCall):
        return f"`{assignment.text}`"
    target = assignment.target
    if not (_BARE_FIELD.fullmatch(target) and "*" not in target and "-" not in target):
        target = quote(target)
    return f"{target}={expression_text(assignment.expression)}"


def aggregate_text(aggregate: Aggregate | MacroCall) -> str:
    """`function(argument) AS alias`."""
    if isinstance(aggregate, MacroCall):
        return f"`{aggregate.text}`"
    name = aggregate.function
    if aggregate.parameter is not None:
        name += number_text(aggregate.parameter)
    if aggregate.inner is not None:
        inside = aggregate_text(aggregate.inner)
        if aggregate.interval is not None:
            inside += f", {interval_text(aggregate.interval)}"
        text = f"{name}({inside})"
    elif aggregate.argument is None:
        text = name if aggregate.function in ("count", "sparkline") else f"{name}()"
    elif aggregate.function == "eval":
        text = f"eval({expression_text(aggregate.argument)})"
    elif aggregate.computed:
        text = f"{name}(eval({expression_text(aggregate.argument)}))"
    elif isinstance(aggregate.argument, (FieldReference, MacroCall)):
        text = f"{name}({field_text(aggregate.argument)})"
    else:
        text = f"{name}({expression_text(aggregate.argument)})"
    return text if aggregate.alias is None else f"{text} AS {field_text(aggregate.alias)}"


def by_text(fields: tuple[FieldItem, ...]) -> str:
    """` BY a, b`, or nothing."""
    return f" BY {fields_text(fields)}" if fields else ""


# expressions


def expression_text(expression: Expression, binding: int = 0) -> str:
    """An eval expression; in brackets where it binds less tightly than `binding`."""
    match expression:
        case Hole(name=name):
            return name
        case FieldReference(name=name):
            if _EVAL_NAME.fullmatch(name) and name.lower() not in _RESERVED:
                return name
            return f"'{name}'"
        case Constant(value=int() | float() as value, written=written) if written:
            return f"-{written}" if value < 0 else written
        case Constant(value=value):
            return _constant(value)
        case Call(function=function, arguments=arguments) | Operation(name=function, arguments=arguments):
            return f"{function}({', '.join(expression_text(argument) for argument in arguments)})"
        case Binary(operator=operator, left=left, right=right):
            level = _PRECEDENCE[operator]
            word = operator.upper() if operator.isalpha() else operator
            text = f"{expression_text(left, level)} {word} {expression_text(right, level + 1)}"
            return f"({text})" if level < binding else text
        case Unary(operator="not", operand=operand):
            text = f"NOT {expression_text(operand, _NOT_BINDING)}"
            return f"({text})" if binding > _NOT_BINDING else text
        case Unary(operator=operator, operand=operand):
            inner = expression_text(operand, _UNARY_BINDING)
            text = f"{operator}({inner})" if inner[:1] in "+-0123456789." else f"{operator}{inner}"
            return f"({text})" if binding > _UNARY_BINDING else text
        case InList(value=value, options=options):
            return f"in({', '.join(expression_text(item) for item in (value, *options))})"
        case PredicateExpression(predicate=predicate):
            return f"searchmatch({quote(predicate_text(predicate))})"
        case MacroCall(text=text):
            return f"`{text}`"
        case Subsearch(pipeline=pipeline):
            return f"[{pipeline_text(pipeline, inner=True)}]"


def _constant(value: str | int | float | bool | None) -> str:
    if value is None:
        return "null()"
    if isinstance(value, bool):
        return "true()" if value else "false()"
    if isinstance(value, str):
        return quote(value)
    return number_text(value)


# predicates of search


def predicate_text(predicate: Predicate, binding: int = 0) -> str:
    """A predicate in search syntax: OR (2) binds tighter than AND (1), NOT (3) tighter than both."""
    match predicate:
        case And(operands=operands):
            # OR binds tighter, but not everybody knows: it is bracketed.
            text = " ".join(predicate_text(operand, 3) for operand in operands)
            return f"({text})" if binding > 1 or len(operands) < 2 else text
        case Or(operands=operands):
            text = " OR ".join(predicate_text(operand, 3) for operand in operands)
            return f"({text})" if binding > 2 or len(operands) < 2 else text
        case Not(operand=Compare(missing="true") as compare):
            return _compare_text(compare, "!=")
        case Not(operand=operand):
            return f"NOT {predicate_text(operand, 3)}"
        case Compare():
            return _compare_text(predicate, "=")
        case Term(text=text, directive=None, quoted=quoted):
            if not quoted and _BARE_TERM.fullmatch(text) and text not in ("AND", "OR", "NOT"):
                return text.replace("\\", "\\\\")
            return quote(text)
        case Term(text=text, directive=directive, quoted=quoted):
            return f"{directive}({quote(text) if quoted else text.replace(chr(92), chr(92) * 2)})"
        case TimeBound(name=name, at=at):
            return f"{name}={at.text if at.text.startswith('`') else word_text(at.text)}"
        case Test(expression=Binary(operator=operator, left=FieldReference(name=name), right=right)):
            return f"{_search_field(name)}{operator}{expression_text(right)}"
        case Test(expression=expression):
            return expression_text(expression)
        case MacroCall(text=text):
            return f"`{text}`"
        case Subsearch(pipeline=pipeline):
            return f"[{pipeline_text(pipeline, inner=True)}]"


_BARE_TERM = re.compile(r"[^\s\"()\[\]|`,=<>!]+")
_SEARCH_FIELD = re.compile(r"[^\s\"()\[\]|`,=<>!']+")


def _search_field(name: str) -> str:
    return name if _SEARCH_FIELD.fullmatch(name) and name not in ("AND", "OR", "NOT") else quote(name)


def _compare_text(compare: Compare, sign: str) -> str:
    name = _search_field(compare.field)
    kind = compare.kind
    if kind == "exists":
        return f"{name}{sign}*"
    if kind == "in":
        values = ", ".join(_search_value(value, compare.ignore_case) for value in compare.values)
        return f"{name} IN ({values})"
    value = compare.values[0]
    if kind in _SEARCH_SIGN:
        return f"{name}{_SEARCH_SIGN[kind]}{_search_value(value, True)}"
    text = str(value)
    if kind == "starts_with":
        text += "*"
    elif kind == "ends_with":
        text = "*" + text
    elif kind == "contains":
        text = f"*{text}*"
    return f"{name}{sign}{_search_value(text, compare.ignore_case)}"


def _search_value(value: Value, ignore_case: bool) -> str:
    text = str(value)
    if not ignore_case:
        return f"CASE({quote(text) if not _BARE_WORD.fullmatch(text) else text})"
    return quote(text)


# conditions of where


def condition_text(predicate: Predicate, binding: int = 0) -> str:
    """A predicate in the syntax of `where`."""
    match predicate:
        case And(operands=operands):
            text = " AND ".join(condition_text(operand, 4) for operand in operands)
            return f"({text})" if binding > 3 else text
        case Or(operands=operands):
            text = " OR ".join(condition_text(operand, 3) for operand in operands)
            return f"({text})" if binding > 2 else text
        case Not(operand=Compare(kind="eq", quantifier="all") as compare):
            text = f"{_where_field(compare.field)} != {_where_value(compare.values[0])}"
            return f"({text})" if binding > 5 else text
        case Not(operand=operand):
            text = f"NOT {condition_text(operand, 4)}"
            return f"({text})" if binding > 4 else text
        case Compare():
            return _where_compare(predicate)
        case Test(expression=expression):
            return expression_text(expression, binding)
        case MacroCall(text=text):
            return f"`{text}`"
        case Subsearch(pipeline=pipeline):
            return f"[{pipeline_text(pipeline, inner=True)}]"
        case Term() | TimeBound():
            return f"searchmatch({quote(predicate_text(predicate))})"


def _where_field(name: str) -> str:
    return expression_text(FieldReference(name))


def _where_value(value: Value) -> str:
    return _constant(value) if not isinstance(value, Glob) else quote(str(value))


def _where_compare(compare: Compare) -> str:
    if compare.ignore_case:
        return f"searchmatch({quote(predicate_text(compare))})"
    name = _where_field(compare.field)
    match compare.kind:
        case "exists":
            return f"isnotnull({name})"
        case "missing":
            return f"isnull({name})"
        case "in":
            return f"in({', '.join([name, *(_where_value(value) for value in compare.values)])})"
        case "match":
            return f"match({name}, {_where_value(compare.values[0])})"
        case "cidr":
            return f"cidrmatch({_where_value(compare.values[0])}, {name})"
        case "eq":
            return f"{name} = {_where_value(compare.values[0])}"
        case "gt" | "ge" | "lt" | "le":
            return f"{name} {_SEARCH_SIGN[compare.kind]} {_where_value(compare.values[0])}"
        case "starts_with":
            return f"like({name}, {quote(str(compare.values[0]) + '%')})"
        case "ends_with":
            return f"like({name}, {quote('%' + str(compare.values[0]))})"
        case "contains":
            return f"like({name}, {quote('%' + str(compare.values[0]) + '%')})"
        case "wildcard":
            value = compare.values[0]
            pieces = value.pieces if isinstance(value, Glob) else (value,)
            pattern = "".join("%" if piece is Any.RUN else "_" if piece is Any.ONE else str(piece) for piece in pieces)
            return f"like({name}, {quote(pattern)})"
        case "has":
            # SPL has no term match on a field; the regular expression says the same.
            return f"match({name}, {quote('(?<![0-9A-Za-z])' + re.escape(str(compare.values[0])) + '(?![0-9A-Za-z])')})"
