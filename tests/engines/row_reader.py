"""A second reading of the tree, one row after the other, without SQL: what the engine is held to by properties.

It covers the core commands only, is written from the language's documentation and not from the engine, and is slow on
purpose: nothing is shared with what it checks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from rulescope import ir
from rulescope.ir import stages as kinds

Value = str | float | bool | list[str] | None
Row = dict[str, Any]

MAJOR = set("[]<>(){}|!;,'\"*&?+ \t\r\n")
MINOR = set("/:=@.-$#%\\_")


def run(pipeline: ir.Pipeline, rows: Iterable[Row]) -> list[Row]:
    """The rows that the pipeline gives."""
    current = [dict(row) for row in rows]
    for stage in pipeline.stages:
        current = STAGES[type(stage)](stage, current)
    return current


def number(value: Value) -> float | None:
    """The number that a value is or reads as."""
    if isinstance(value, bool) or value is None or isinstance(value, list):
        return None
    if isinstance(value, (int, float)):
        return float(value)
    return float(value) if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", value) else None


def text(value: Value) -> str | None:
    """A single value as text; numbers without a needless `.0`."""
    if value is None or isinstance(value, list):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return value


def values_of(value: Value) -> list[str]:
    """All values of a field as texts; none where it is missing."""
    if value is None:
        return []
    if isinstance(value, list):
        return list(value)
    single = text(value)
    return [] if single is None else [single]


def put(row: Row, name: str, value: Value) -> None:
    """Set a field; NULL and a list of nothing remove it, a list of one is its value."""
    if isinstance(value, list):
        value = None if not value else value[0] if len(value) == 1 else value
    if value is None:
        row.pop(name, None)
    else:
        row[name] = value


# predicates: True, False, or None for unknown


def holds(predicate: ir.Predicate, row: Row) -> bool | None:
    match predicate:
        case ir.And(operands):
            found = [holds(operand, row) for operand in operands]
            return False if False in found else None if None in found else True
        case ir.Or(operands):
            found = [holds(operand, row) for operand in operands]
            return True if True in found else None if None in found else False
        case ir.Not(operand):
            inner = holds(operand, row)
            return None if inner is None else not inner
        case ir.Compare():
            return compare(predicate, row)
        case ir.Term():
            return term(predicate, row)
        case ir.Test(expression):
            return truth(evaluate(expression, row))
    raise NotImplementedError(type(predicate).__name__)


def compare(leaf: ir.Compare, row: Row) -> bool | None:
    found = values_of(row.get(leaf.field))
    if leaf.kind == "exists":
        present = bool(found)
        return {"true": True}.get(leaf.missing, False) if not present and leaf.missing == "true" else present
    if leaf.kind == "missing":
        return not found
    if not found:
        return {"true": True, "false": False, "unknown": None}[leaf.missing]
    results = [any(one(leaf, wanted, value) for wanted in leaf.values) for value in found]
    return any(results) if leaf.quantifier == "any" else all(results)


def one(leaf: ir.Compare, wanted: ir.Value, value: str) -> bool:
    fold: Callable[[str], str] = (lambda s: s.lower()) if leaf.ignore_case else (lambda s: s)
    if isinstance(wanted, ir.Glob):
        pattern = "".join(
            re.escape(fold(piece)) if isinstance(piece, str) else ".*" if piece is ir.Any.RUN else "."
            for piece in wanted.pieces
        )
        return re.fullmatch(pattern, fold(value), re.DOTALL) is not None
    spelt = text(wanted) or ""
    if leaf.numeric or not isinstance(wanted, str):
        left, right = number(value), number(wanted)
        if left is not None and right is not None:
            return {
                "eq": left == right,
                "in": left == right,
                "lt": left < right,
                "le": left <= right,
                "gt": left > right,
                "ge": left >= right,
            }[leaf.kind]
    left_text, right_text = fold(value), fold(spelt)
    match leaf.kind:
        case "eq" | "in":
            return left_text == right_text
        case "contains":
            return right_text in left_text
        case "starts_with":
            return left_text.startswith(right_text)
        case "ends_with":
            return left_text.endswith(right_text)
        case "match":
            return re.search(spelt, value) is not None
        case "lt":
            return left_text < right_text
        case "le":
            return left_text <= right_text
        case "gt":
            return left_text > right_text
        case "ge":
            return left_text >= right_text
    raise NotImplementedError(leaf.kind)


def term(leaf: ir.Term, row: Row) -> bool:
    """Token search by hand: every place where the text stands is tried, its neighbours must be breakers."""
    if not leaf.text.strip("*"):
        return True
    raw = str(row.get("_raw", ""))
    wanted = leaf.text
    if leaf.directive != "CASE":
        raw, wanted = raw.lower(), wanted.lower()
    breakers = MAJOR if leaf.directive == "TERM" else MAJOR | MINOR
    prefix = wanted.endswith("*")
    core = wanted.rstrip("*")
    at = raw.find(core)
    while at != -1:
        end = at + len(core)
        begins = at == 0 or raw[at - 1] in breakers or core[0] in breakers
        ends = prefix or end == len(raw) or raw[end] in breakers or core[-1] in breakers
        if begins and ends:
            return True
        at = raw.find(core, at + 1)
    return False


# expressions


def truth(value: Value) -> bool | None:
    return value if isinstance(value, bool) else None


def evaluate(expression: ir.Expression, row: Row) -> Value:
    match expression:
        case ir.FieldReference(name=name):
            return row.get(name)
        case ir.Constant(value=value):
            return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
        case ir.Unary(operator="not", operand=operand):
            inner = truth(evaluate(operand, row))
            return None if inner is None else not inner
        case ir.Unary(operator="-", operand=operand):
            inner_number = number(evaluate(operand, row))
            return None if inner_number is None else -inner_number
        case ir.Binary():
            return binary(expression, row)
        case ir.InList(value=value, options=options):
            subject = text(evaluate(value, row))
            return None if subject is None else any(subject == text(evaluate(option, row)) for option in options)
        case ir.Call(function=function, arguments=arguments):
            return FUNCTIONS[function](arguments, row)
    raise NotImplementedError(type(expression).__name__)


def binary(expression: ir.Binary, row: Row) -> Value:
    operator = expression.operator
    left, right = evaluate(expression.left, row), evaluate(expression.right, row)
    if operator in ("and", "or", "xor"):
        a, b = truth(left), truth(right)
        if operator == "and":
            return False if a is False or b is False else None if a is None or b is None else True
        if operator == "or":
            return True if a is True or b is True else None if a is None or b is None else False
        return None if a is None or b is None else a != b
    if left is None or right is None:
        return None
    if operator == ".":
        one_text, other_text = text(left), text(right)
        return None if one_text is None or other_text is None else one_text + other_text
    a_number, b_number = number(left), number(right)
    if operator in ("+", "-", "*", "/", "%"):
        if a_number is None or b_number is None:
            return None
        if operator in ("/", "%") and b_number == 0:
            return None
        return {
            "+": lambda: a_number + b_number,
            "-": lambda: a_number - b_number,
            "*": lambda: a_number * b_number,
            "/": lambda: a_number / b_number,
            "%": lambda: a_number - b_number * int(a_number / b_number),
        }[operator]()
    return any_holds(operator, left, right)


def any_holds(operator: str, left: Value, right: Value) -> bool:
    """A comparison holds for several values if it does for any of them."""
    for a in left if isinstance(left, list) else [left]:
        for b in right if isinstance(right, list) else [right]:
            x, y = number(a), number(b)
            typed = x is not None and y is not None and not (isinstance(a, str) and isinstance(b, str))
            first: Any = x if typed else text(a)
            second: Any = y if typed else text(b)
            if {
                "=": first == second,
                "!=": first != second,
                "<": first < second,
                "<=": first <= second,
                ">": first > second,
                ">=": first >= second,
            }[operator]:
                return True
    return False


def _text_function(change: Callable[[str], Value]) -> Callable[[Any, Row], Value]:
    def call(arguments: Any, row: Row) -> Value:
        value = text(evaluate(arguments[0], row))
        return None if value is None else change(value)

    return call


def _if(arguments: Any, row: Row) -> Value:
    return evaluate(arguments[1 if truth(evaluate(arguments[0], row)) else 2], row)


def _case(arguments: Any, row: Row) -> Value:
    for condition, value in zip(arguments[::2], arguments[1::2], strict=True):
        if truth(evaluate(condition, row)):
            return evaluate(value, row)
    return None


def _coalesce(arguments: Any, row: Row) -> Value:
    return next((found for argument in arguments if (found := evaluate(argument, row)) is not None), None)


def _match(arguments: Any, row: Row) -> Value:
    subject, pattern = text(evaluate(arguments[0], row)), text(evaluate(arguments[1], row))
    return None if subject is None or pattern is None else re.search(pattern, subject) is not None


def _mvcount(arguments: Any, row: Row) -> Value:
    found = values_of(evaluate(arguments[0], row))
    return float(len(found)) if found else None


def _mvindex(arguments: Any, row: Row) -> Value:
    found = values_of(evaluate(arguments[0], row))
    at = number(evaluate(arguments[1], row))
    if at is None or not -len(found) <= at < len(found):
        return None
    return found[int(at)]


FUNCTIONS: dict[str, Callable[[Any, Row], Value]] = {
    "if": _if,
    "case": _case,
    "coalesce": _coalesce,
    "isnull": lambda arguments, row: evaluate(arguments[0], row) is None,
    "isnotnull": lambda arguments, row: evaluate(arguments[0], row) is not None,
    "lower": _text_function(str.lower),
    "upper": _text_function(str.upper),
    "len": _text_function(lambda value: float(len(value))),
    "tonumber": _text_function(number),
    "match": _match,
    "mvcount": _mvcount,
    "mvindex": _mvindex,
}


# stages


def _filter(stage: Any, rows: list[Row]) -> list[Row]:
    return [row for row in rows if stage.predicate is None or holds(stage.predicate, row) is True]


def _eval(stage: kinds.Eval, rows: list[Row]) -> list[Row]:
    for row in rows:
        for assignment in stage.assignments:
            assert isinstance(assignment, kinds.Assignment)
            put(row, assignment.target, evaluate(assignment.expression, row))
    return rows


def _names(items: Any) -> list[str]:
    return [item.name for item in items]


def _selected(name: str, patterns: list[str]) -> bool:
    return any(re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), name) for pattern in patterns)


def _table(stage: kinds.Table, rows: list[Row]) -> list[Row]:
    patterns = _names(stage.fields)
    return [{name: value for name, value in row.items() if _selected(name, patterns)} for row in rows]


def _fields(stage: kinds.Fields, rows: list[Row]) -> list[Row]:
    patterns = _names(stage.fields)
    if stage.keep:
        patterns += ["_time", "_raw"]
        return [{name: value for name, value in row.items() if _selected(name, patterns)} for row in rows]
    return [{name: value for name, value in row.items() if not _selected(name, patterns)} for row in rows]


def _rename(stage: kinds.Rename, rows: list[Row]) -> list[Row]:
    for row in rows:
        for item in stage.renamings:
            value = row.pop(item.source, None)
            row.pop(item.target, None)
            put(row, item.target, value)
    return rows


def _head(stage: kinds.Head, rows: list[Row]) -> list[Row]:
    return rows[: stage.count]


def _tail(stage: kinds.Tail, rows: list[Row]) -> list[Row]:
    return rows[-stage.count :][::-1] if stage.count else []


def _reverse(stage: kinds.Reverse, rows: list[Row]) -> list[Row]:
    return rows[::-1]


def _key(value: Value) -> tuple[str, ...] | None:
    found = values_of(value)
    return tuple(found) if found else None


def _dedup(stage: kinds.Dedup, rows: list[Row]) -> list[Row]:
    seen: dict[Any, int] = {}
    kept = []
    for row in rows:
        key = tuple(_key(row.get(name)) for name in _names(stage.fields))
        if None in key:
            continue
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= stage.count:
            kept.append(row)
    return kept


def _fillnull(stage: kinds.FillNull, rows: list[Row]) -> list[Row]:
    for row in rows:
        for name in _names(stage.fields):
            row.setdefault(name, stage.value)
    return rows


def _mvexpand(stage: kinds.MvExpand, rows: list[Row]) -> list[Row]:
    expanded = []
    for row in rows:
        found = values_of(row.get(stage.field))
        for value in found:
            expanded.append({**row, stage.field: value} if isinstance(row[stage.field], list) else dict(row))
        if not found:
            expanded.append(row)
    return expanded


def _groups(rows: list[Row], by: list[str]) -> list[tuple[tuple[str, ...], list[Row]]]:
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        keys: list[tuple[str, ...]] = [()]
        for name in by:
            keys = [(*key, value) for key in keys for value in values_of(row.get(name))]
        for key in keys:
            # Under each value of a multivalue BY field the row has that value alone (case "by-multivalue-same-field").
            alone = {name: value for name, value in zip(by, key, strict=True) if isinstance(row[name], list)}
            groups.setdefault(key, []).append({**row, **alone})
    if not by:
        groups.setdefault((), [])
    return list(groups.items())


def _aggregate(aggregate: Any, rows: list[Row]) -> Value:
    argument = aggregate.argument
    if argument is None:
        return float(len(rows))
    if aggregate.computed:
        if aggregate.function == "count":
            return float(sum(truth(evaluate(argument, row)) is True for row in rows))
        found = [value for row in rows for value in values_of(evaluate(argument, row))]
    else:
        found = [value for row in rows for value in values_of(row.get(argument.name))]
    numbers = [value for value in map(number, found) if value is not None]
    match aggregate.function:
        case "count":
            return float(len(found))
        case "dc":
            return float(len(set(found)))
        case "values":
            return sorted(set(found))
        case "list":
            return found[:100]
        case "first":
            return found[0] if found else None
        case "last":
            return found[-1] if found else None
        case "sum":
            return sum(numbers) if numbers else None
        case "avg":
            return sum(numbers) / len(numbers) if numbers else None
        case "min" | "max":
            pick = min if aggregate.function == "min" else max
            if found and len(numbers) == len(found):
                return pick(numbers)
            return pick(found) if found else None
    raise NotImplementedError(aggregate.function)


def _rank(value: str) -> tuple[int, float, str]:
    """Where a value stands among those of a BY field: numbers by size, then texts by their characters."""
    size = number(value)
    return (1, 0.0, value) if size is None else (0, size, value)


def _stats(stage: kinds.Stats, rows: list[Row]) -> list[Row]:
    by = _names(stage.by)
    result = []
    for key, members in sorted(_groups(rows, by), key=lambda group: [_rank(value) for value in group[0]]):
        row: Row = dict(zip(by, key, strict=True))
        for aggregate in stage.aggregates:
            assert isinstance(aggregate, kinds.Aggregate)
            put(row, aggregate.result_name, _aggregate(aggregate, members))
        result.append(row)
    return result


def _eventstats(stage: kinds.EventStats, rows: list[Row]) -> list[Row]:
    by = _names(stage.by)
    groups = dict(_groups(rows, by))
    changes: list[tuple[Row, str, Value]] = []
    for row in rows:
        if any(row.get(name) is None for name in by):
            continue
        key = tuple(values_of(row[name])[0] for name in by)
        for aggregate in stage.aggregates:
            assert isinstance(aggregate, kinds.Aggregate)
            changes.append((row, aggregate.result_name, _aggregate(aggregate, groups[key])))
    for row, name, value in changes:
        put(row, name, value)
    return rows


STAGES: dict[type, Callable[[Any, list[Row]], list[Row]]] = {
    kinds.Search: _filter,
    kinds.Where: _filter,
    kinds.Regex: _filter,
    kinds.Eval: _eval,
    kinds.Table: _table,
    kinds.Fields: _fields,
    kinds.Rename: _rename,
    kinds.Head: _head,
    kinds.Tail: _tail,
    kinds.Reverse: _reverse,
    kinds.Dedup: _dedup,
    kinds.FillNull: _fillnull,
    kinds.MvExpand: _mvexpand,
    kinds.Stats: _stats,
    kinds.EventStats: _eventstats,
}
