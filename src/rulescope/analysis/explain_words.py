"""Words for predicates, expressions and lists, that sentences about stages are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rulescope import ir
from rulescope.analysis.moments import bound_text, time_words
from rulescope.ir import stages
from rulescope.ir.json_form import expression_text, value_text
from rulescope.ir.text_tests import text_test

_LONGEST = 60
_MOST_LISTED = 5
_MOST_CONDITIONS = 8
_MOST_INNER_CONDITIONS = 3
_DEEPEST = 4

_COMPARED = {
    "eq": "is", "contains": "contains", "starts_with": "starts with", "ends_with": "ends with", "wildcard": "is like",
    "match": "matches", "has": "has the term", "in": "is one of", "cidr": "is in",
    "gt": "is more than", "ge": "is at least",
    "lt": "is less than", "le": "is at most",
}  # fmt: skip
_DENIED = {
    "eq": "is not", "contains": "does not contain", "starts_with": "does not start with",
    "ends_with": "does not end with", "wildcard": "is not like", "match": "does not match",
    "has": "does not have the term", "in": "is none of", "cidr": "is not in", "gt": "is not more than",
    "ge": "is not at least", "lt": "is not less than",
    "le": "is not at most",
}  # fmt: skip
_SIGNS: dict[str, ir.ComparisonKind] = {
    "=": "eq", "!=": "eq", "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "like": "wildcard",
}  # fmt: skip
_MIRRORED: dict[ir.ComparisonKind, ir.ComparisonKind] = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le"}


def condition_words(predicate: ir.Predicate, denied: bool = False, depth: int = 0) -> str:
    """A condition as words that follow "events": "whose process matches /x/ and that contain "y""."""
    match predicate:
        case ir.And(operands=operands) | ir.Or(operands=operands):
            word = "and" if isinstance(predicate, ir.And) ^ denied else "or"
            if depth >= _DEEPEST:
                return f"that meet {len(operands)} further conditions"
            terms = [operand for operand in operands if isinstance(operand, ir.Term)]
            if len(terms) == len(operands) and len(terms) > 1:
                texts = listed([_term_words(term) for term in terms], word)
                return f"that {'lack' if denied else 'contain'} {texts}"
            return _joined(_operand_words(operands, word, denied, depth), word, depth)
        case ir.Not(operand=operand):
            return condition_words(operand, not denied, depth)
        case ir.Compare():
            return _compare_words(predicate, denied)
        case ir.Term(text="*"):
            return "of any kind"
        case ir.Term():
            return f"that {'lack' if denied else 'contain'} {_term_words(predicate)}"
        case ir.TimeBound(name=name, at=at):
            return f"{'after' if 'earliest' in name else 'before'} {at.text}"
        case ir.MacroCall(name=name):
            return _macro_words([name], "and", denied)
        case ir.Subsearch():
            return f"that {'agree with no row' if denied else 'agree with a row'} of a subsearch"
        case ir.Test(expression=expression):
            return expression_words(expression, denied, depth)


def _operand_words(operands: Sequence[ir.Predicate], word: str, denied: bool, depth: int) -> list[str]:
    """Each operand in words, macros told together where the first of them stands."""
    macros = [operand.name for operand in operands if isinstance(operand, ir.MacroCall)]
    parts: list[str] = []
    for operand in operands:
        if not isinstance(operand, ir.MacroCall):
            parts.append(condition_words(operand, denied, depth + 1))
        elif macros:
            parts.append(_macro_words(macros, word, denied))
            macros = []
    return parts


def _macro_words(names: Sequence[str], word: str, denied: bool) -> str:
    """What several macros joined by `word` say together; of denied ones, each for itself is denied."""
    if len(names) == 1 or (word == "or") ^ denied:
        return f"that {'do not meet' if denied else 'meet'} the macro {listed(names, 'or')}"
    return f"that {'do not meet all of' if denied else 'meet'} the macros {listed(names)}"


def expression_words(expression: ir.Expression, denied: bool = False, depth: int = 0) -> str:
    """An expression that is used as a condition, as words that follow "events"."""
    match expression:
        case ir.Constant(value=bool(value)):
            return "of any kind" if value ^ denied else "of no kind"
        case ir.Binary(operator="and" | "or" as operator, left=left, right=right):
            if depth >= _DEEPEST:
                return f"for which {shortened(expression_text(expression, 'plain'))} is {'not ' if denied else ''}true"
            word = "and" if (operator == "and") ^ denied else "or"
            return _joined(
                [expression_words(left, denied, depth + 1), expression_words(right, denied, depth + 1)], word, depth
            )
        case ir.Unary(operator="not", operand=operand):
            return expression_words(operand, not denied, depth)
        case ir.Binary(operator=operator, left=left, right=right) if (
            told := _time_words(operator, left, right, denied)
        ) is not None:
            return told
        case ir.Binary(operator=operator, left=left, right=right) if operator in _SIGNS:
            words = _DENIED if denied ^ (operator == "!=") else _COMPARED
            return f"whose {_operand(left)} {words[_SIGNS[operator]]} {_operand(right)}"
        case ir.InList(value=value, options=options):
            words = _DENIED if denied else _COMPARED
            return f"whose {_operand(value)} {words['in']} {listed([_operand(option) for option in options], 'or')}"
        case ir.Call(function="match", arguments=(value, ir.Constant(value=str(pattern)))):
            words = _DENIED if denied else _COMPARED
            return f"whose {_operand(value)} {words['match']} /{shortened(pattern)}/"
        case ir.Call(function="isnull" | "isnotnull" as function, arguments=(value,)):
            there = (function == "isnotnull") ^ denied
            return f"that {'have a' if there else 'have no'} {_operand(value)}"
        case ir.PredicateExpression(predicate=predicate):
            return condition_words(predicate, denied, depth)
        case ir.Call() | ir.Operation() if (test := text_test(expression)) is not None:
            compared = (_DENIED if denied else _COMPARED)[test.kind]
            others = [_operand(one, test.kind) for one in test.others]
            return f"whose {_operand(test.value)} {compared} {listed(others, 'or')}"
    return f"for which {shortened(expression_text(expression, 'plain'))} is {'not ' if denied else ''}true"


def listed(texts: Sequence[str], word: str = "and") -> str:
    """Texts as a list in a sentence, the many shortened: "a, b and c", "a, b, c, d and 7 more"."""
    shown = list(texts)
    if len(shown) > _MOST_LISTED:
        shown = [*shown[: _MOST_LISTED - 1], f"{len(texts) - _MOST_LISTED + 1} more"]
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} {word} {shown[-1]}"


def shortened(text: str) -> str:
    """Text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"


def quoted_text(text: str) -> str:
    """A text that a stage puts somewhere, in quotes."""
    return f"“{text}”" if text else "an empty text"


def _whole(text: str) -> str:
    """A value on one line, cut where it is long, with the blanks around it."""
    inner = shortened(text)
    if not inner:
        return " " * len(text)
    return f"{' ' if text[0].isspace() else ''}{inner}{' ' if text[-1].isspace() else ''}"


def field_list(items: Iterable[ir.FieldReference | ir.MacroCall]) -> str:
    """Fields as a list in a sentence; `*` is "every field"."""
    names = [
        item.name if isinstance(item, ir.FieldReference) else f"the fields of the macro {item.name}" for item in items
    ]
    return "every field" if names == ["*"] else listed(names)


def aggregate_words(aggregate: stages.Aggregate | ir.MacroCall) -> str:
    """A statistic in words: "the distinct values of user (as users)"."""
    if isinstance(aggregate, ir.MacroCall):
        return f"what the macro {aggregate.name} computes"
    argument = aggregate.argument
    if isinstance(argument, ir.Call) and argument.function == aggregate.function:
        told = _whole_call_words(argument)
        return f"{told} (as {aggregate.alias})" if aggregate.alias and aggregate.alias != told else told
    of = ""
    if isinstance(argument, ir.FieldReference):
        of = "every field" if argument.name == "*" else argument.name
    elif isinstance(argument, ir.Call) and aggregate.computed and argument.function == "if":
        of = shortened(expression_text(argument.arguments[0], "plain"))
    elif argument is not None:
        of = shortened(expression_text(argument, "plain"))
    if aggregate.function in ("count", "c"):
        counted = "events"
        if of:
            counted = f"rows where {of}" if aggregate.computed else f"values of {of}"
        text = f"the number of {counted}"
    elif aggregate.function in ("expression", "eval") and of:
        text = of
    elif aggregate.function == "sparkline":
        text = "a sparkline"
    else:
        name = _STATISTICS.get(aggregate.function, aggregate.function)
        if aggregate.parameter is not None:
            name = f"{value_text(aggregate.parameter)}th percentile"
        text = f"the {name} of {of}" if of else f"the {name}"
    alias = aggregate.alias
    return f"{text} (as {alias})" if alias and alias not in (of, "*", "count") else text


def _whole_call_words(call: ir.Call) -> str:
    """A statistic of several arguments in words: "the row with the greatest Timestamp"."""
    first, *others = [shortened(expression_text(argument, "plain")) for argument in call.arguments] or [""]
    match call.function:
        case "arg_max" | "arg_min" as function:
            most = "greatest" if function == "arg_max" else "least"
            if others in ([], ["*"]):
                return f"the row with the {most} {first}"
            return f"{listed(others)} of the row with the {most} {first}"
        case "make_set" | "make_list" | "make_bag" as function:
            what = {"make_set": "different values", "make_list": "values", "make_bag": "members"}[function]
            return f"up to {others[0]} {what} of {first}" if others else f"the {what} of {first}"
        case "make_set_if" | "make_list_if":
            what = "different values" if call.function == "make_set_if" else "values"
            return f"the {what} of {first} where {others[0] if others else ''}"
        case "take_any" | "any" | "anyif" | "take_anyif":
            return f"some row's {listed([first, *others])}"
        case "percentiles" | "percentile":
            return f"the {listed([f'{number}th' for number in others])} percentile{'s' * (len(others) > 1)} of {first}"
        case "countif" | "count_if":
            return f"the number of rows where {first}"
        case "dcountif" | "count_distinctif":
            return f"the number of distinct values of {first} where {others[0] if others else ''}"
        case "sumif" | "avgif" | "minif" | "maxif" as function:
            name = _STATISTICS[function.removesuffix("if")]
            return f"the {name} of {first} where {others[0] if others else ''}"
    return shortened(expression_text(call, "plain"))


def interval_words(interval: stages.Interval) -> str:
    """A width in words: "5 minutes", "10", "powers of 2"."""
    if interval.unit == "log":
        return f"powers of {value_text(interval.base or 10)}"
    amount = value_text(float(interval.amount))
    if not interval.unit:
        return amount
    name = _UNITS.get(interval.unit, interval.unit)
    return f"{amount} {name}" if amount == "1" else f"{amount} {name}s"


_UNITS = {
    "us": "microsecond", "ms": "millisecond", "cs": "centisecond", "ds": "decisecond", "s": "second", "m": "minute",
    "h": "hour", "d": "day", "w": "week", "mon": "month", "q": "quarter", "y": "year",
}  # fmt: skip
_STATISTICS = {
    "dc": "number of distinct values", "distinct_count": "number of distinct values",
    "estdc": "estimated number of distinct values", "values": "distinct values", "list": "values",
    "first": "first value", "last": "last value", "earliest": "earliest value", "latest": "latest value",
    "earliest_time": "time of the earliest value", "latest_time": "time of the latest value", "min": "least",
    "max": "greatest", "sum": "sum", "sumsq": "sum of squares", "avg": "average", "mean": "average",
    "median": "median", "mode": "most frequent value", "range": "range", "stdev": "standard deviation",
    "stdevp": "standard deviation", "var": "variance", "varp": "variance", "rate": "rate of change",
}  # fmt: skip


def group_names(pattern: str) -> list[str]:
    """The names of a regular expression's groups, in order."""
    names = []
    place = pattern.find("(?")
    while place >= 0:
        start = place + 2 + (pattern[place + 2 : place + 3] == "P")
        if pattern[start : start + 1] == "<" and pattern[start + 1 : start + 2] not in ("=", "!"):
            end = pattern.find(">", start)
            if end > 0:
                names.append(pattern[start + 1 : end])
        place = pattern.find("(?", place + 2)
    return names


def _compare_words(compare: ir.Compare, denied: bool) -> str:
    if compare.kind in ("exists", "missing"):
        there = (compare.kind == "exists") ^ denied
        return f"that {'have a' if there else 'have no'} {compare.field}"
    words = _DENIED if denied else _COMPARED
    if compare.kind == "eq" and compare.values == ("",):
        return f"whose {compare.field} {words['eq']} empty"
    values = [_value(value, compare.kind) for value in compare.values]
    return f"whose {compare.field} {words[compare.kind]} {listed(values, 'or')}"


_OUR_WORDS = frozenset({"and", "or", "not", "none", "is"})
"""Values that would read as words of the sentence."""


def _value(value: ir.Value, kind: str) -> str:
    text = _whole(value_text(value))
    if kind == "match":
        return f"/{text}/"
    if not text:
        return "an empty text"
    quoted = " " in text or text.lower() in _OUR_WORDS
    return f"“{text}”" if quoted and not isinstance(value, int | float) else text


def _term_words(term: ir.Term) -> str:
    text = f"“{_whole(term.text)}”"
    if term.directive == "TERM":
        return f"{text} as one token"
    return f"{text} in that case" if term.directive == "CASE" else text


def _operand(expression: ir.Expression, kind: str = "eq") -> str:
    if isinstance(expression, ir.FieldReference):
        return expression.name
    if isinstance(expression, ir.Constant):
        return _value("null" if expression.value is None else expression.value, kind)
    return shortened(bound_text(expression))


def _time_words(operator: str, left: ir.Expression, right: ir.Expression, denied: bool) -> str | None:
    kind = _SIGNS.get(operator)
    if kind is None or operator == "!=":
        return None
    return time_words(kind, left, right, denied) or time_words(_MIRRORED.get(kind, kind), right, left, denied)


def _joined(parts: Sequence[str], word: str, depth: int) -> str:
    kept = [part for part in parts if part]
    most = _MOST_INNER_CONDITIONS if depth else _MOST_CONDITIONS
    if len(kept) > most + 1:
        kept = [*kept[:most], f"that meet {len(kept) - most} more conditions"]
    text = f", {word} ".join(kept) if depth == 0 else f" {word} ".join(kept)
    return f"({text})" if depth and len(kept) > 1 else text
