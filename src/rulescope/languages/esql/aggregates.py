"""What STATS computes, and by what it groups."""

from __future__ import annotations

from rulescope.ir import Binary, Call, Constant, Expression, FieldReference, Predicate, PredicateExpression
from rulescope.ir.stages import Aggregate, Assignment
from rulescope.ir.walk import transform, walk
from rulescope.languages.common.tokens import TokenReader
from rulescope.languages.esql.conditions import read_condition, read_value
from rulescope.languages.esql.values import read_field
from rulescope.text import Span

_CANONICAL = {
    "count": "count", "count_distinct": "dc", "values": "values", "min": "min", "max": "max", "sum": "sum",
    "avg": "avg", "median": "perc", "percentile": "perc", "std_dev": "stdevp", "variance": "varp",
    "first": "first", "last": "last",
}  # fmt: skip
"""Functions of ES|QL ("Aggregation functions") and the shared word for each. STD_DEV is the population's, the median of
an even number of values lies between the two in the middle."""

_TIME_FIELDS = ("@timestamp",)


def read_aggregates(reader: TokenReader) -> tuple[Aggregate, ...]:
    """The list of results, up to BY or the end of the command."""
    found: list[Aggregate] = []
    if _at_end(reader) or reader.at_word("by"):
        return ()
    while True:
        found.append(_aggregate(reader))
        if not reader.accept_comma():
            return tuple(found)


def refuse_aggregates(reader: TokenReader, node: object) -> None:
    """Notes each aggregate function in a value or condition of one row ("ES|QL aggregation functions": STATS alone has
    them)."""
    for one in walk(node):
        if isinstance(one, Call) and (name := one.written or one.function) in _CANONICAL:
            message = f"{name.upper()} is over groups of rows, which STATS and INLINE STATS make"
            reader.note("ESQ019", message, one.span, "error")


def _at_end(reader: TokenReader) -> bool:
    return reader.peek().kind == "end" or reader.at("|", ")", ";")


def _aggregate(reader: TokenReader) -> Aggregate:
    start = reader.peek().start
    alias = _alias(reader)
    value_start = reader.peek().start
    value = transform(read_value(reader), _weighted)
    written = reader.text[value_start : reader.last_end]
    condition = read_condition(reader) if reader.accept_word("where") else None
    return _lowered(value, alias, condition, written, Span(start, reader.last_end))


def _weighted(node: object) -> object:
    """`WEIGHTED_AVG(number, weight)` as the sums that it is computed of."""
    if not isinstance(node, Call) or node.function != "weighted_avg" or len(node.arguments) != 2:
        return node
    number, weight = node.arguments
    total = Call("sum", (Binary("*", number, weight, node.span),), node.span)
    return Binary("/", Call("to_double", (total,), node.span), Call("sum", (weight,), node.span), node.span)


def _alias(reader: TokenReader) -> str | None:
    """The name before `=`, if there is one."""
    index = reader.index
    if reader.peek().kind == "word":
        name = read_field(reader).name
        if reader.accept("="):
            return name
    reader.index = index
    return None


def _lowered(value: Expression, alias: str | None, condition: Predicate | None, written: str, span: Span) -> Aggregate:
    if not isinstance(value, Call) or value.function not in _CANONICAL:
        return _over_aggregates(value, alias, condition, written, span)
    function = _CANONICAL[value.function]
    arguments = value.arguments
    first = arguments[0] if arguments else None
    if isinstance(first, FieldReference) and first.name == "*":
        first = None
    parameter: float | None = None
    if value.function == "median":
        parameter = 50.0
    elif function == "perc" and len(arguments) == 2 and isinstance(arguments[1], Constant):
        number = arguments[1].value
        parameter = float(number) if isinstance(number, int | float) else None
    elif function in ("first", "last") and len(arguments) == 2:
        if isinstance(arguments[1], FieldReference) and arguments[1].name in _TIME_FIELDS:
            function = "earliest" if function == "first" else "latest"
        else:
            return Aggregate("expression", value, alias, computed=True, written=written, span=span)
    if condition is not None:
        counted = first if first is not None else Constant(1, span)
        return Aggregate(function, _where(condition, counted), alias, parameter, True, written=written, span=span)
    computed = first is not None and not isinstance(first, FieldReference)
    return Aggregate(function, first, alias, parameter, computed, written=written, span=span)


def _over_aggregates(
    value: Expression, alias: str | None, condition: Predicate | None, written: str, span: Span
) -> Aggregate:
    """An expression over aggregates (`max(a) - min(b)`), each by its shared name; one with a function that has none
    (`top`) stays as it is, for engines to refuse."""

    def shared(node: object) -> object:
        if not isinstance(node, Call) or node.function not in _CANONICAL or len(node.arguments) > 1:
            return node
        function = "perc50" if node.function == "median" else _CANONICAL[node.function]
        arguments = tuple(one for one in node.arguments if not isinstance(one, FieldReference) or one.name != "*")
        if condition is not None:
            arguments = tuple(_where(condition, one) for one in arguments or (Constant(1, node.span),))
        return Call(function, arguments, node.span)

    argument = transform(value, shared)
    function = "expression" if argument == value and not _has_aggregate(value) else "eval"
    return Aggregate(function, argument, alias, computed=True, written=written, span=span)


def _has_aggregate(value: Expression) -> bool:
    return any(isinstance(node, Call) and node.function in _CANONICAL for node in walk(value))


def _where(condition: Predicate, value: Expression) -> Expression:
    """The value where the condition holds, else NULL, which no aggregate counts."""
    test = PredicateExpression(condition, condition.span)
    return Call("if", (test, value, Constant(None, condition.span)), condition.span)


def read_groups(reader: TokenReader) -> tuple[tuple[FieldReference, ...], tuple[Assignment, ...]]:
    """The fields after BY, and those of them that are computed first."""
    fields: list[FieldReference] = []
    computed: list[Assignment] = []
    while True:
        start = reader.peek().start
        alias = _alias(reader)
        value_start = reader.peek().start
        value = read_value(reader)
        span = Span(start, reader.last_end)
        if isinstance(value, FieldReference) and alias in (None, value.name):
            fields.append(value)
        else:
            name = alias if alias is not None else reader.text[value_start : reader.last_end]
            fields.append(FieldReference(name, span))
            computed.append(Assignment(name, value, span))
        if not reader.accept_comma():
            return tuple(fields), tuple(computed)
