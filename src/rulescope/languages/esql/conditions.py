"""Conditions and values of ES|QL.

Precedence, loosest first: OR, AND, NOT, one comparison (LIKE, RLIKE, IN, IS NULL, `:` among them), `+ -`, `* / %`,
sign, `::`. A comparison with NULL is NULL, NOT of NULL is NULL, and WHERE keeps what is true ("Working with NULL
values in ES|QL"): `missing="unknown"` in every leaf but IS NULL and IS NOT NULL.
"""

from __future__ import annotations

from rulescope import ir
from rulescope.ir import (
    Binary,
    Call,
    Compare,
    Constant,
    Expression,
    FieldReference,
    Predicate,
    PredicateExpression,
    Test,
)
from rulescope.ir.expressions import BinaryOperator
from rulescope.languages.common.patterns import compare_patterns, lucene_regex, split_wildcards
from rulescope.languages.common.tokens import Token, TokenReader
from rulescope.languages.esql.lexer import name_part, text_value
from rulescope.text import Span

Operand = Expression | Predicate

_PREDICATES = (ir.And, ir.Or, ir.Not, ir.Compare, ir.Term, ir.Test)
_KINDS: dict[str, ir.ComparisonKind] = {"==": "eq", "!=": "eq", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_SIGNS: dict[str, BinaryOperator] = {"==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_COMPARING: dict[str, ir.ComparisonKind] = {
    "starts_with": "starts_with",
    "ends_with": "ends_with",
    "contains": "contains",
}
# Functions that the shared tree knows by another name. `match` is a full-text search here, and there the name stands
# for a regular expression.
_SHARED_NAMES = {
    "length": "len", "to_lower": "lower", "to_upper": "upper", "match": "match_text", "match_phrase": "match_text",
}  # fmt: skip
_RESERVED = frozenset({"and", "or", "not", "in", "is", "like", "rlike", "by", "as", "on", "with", "metadata", "asc",
                       "desc", "nulls", "where"})  # fmt: skip
TIME_UNITS = frozenset(
    unit + plural
    for unit in ("millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year")
    for plural in ("", "s")
) | {"ms", "s", "sec", "m", "min", "h", "d", "w", "mo", "q", "y", "yr"}
"""The units of time spans, as "ES|QL time spans" lists them."""


def read_condition(reader: TokenReader) -> Predicate:
    """The condition at hand. Raises `SyntaxProblem` where it can't be read."""
    return as_predicate(_either(reader))


def read_value(reader: TokenReader) -> Expression:
    """The value at hand. Raises `SyntaxProblem` where it can't be read."""
    return as_expression(_either(reader))


def as_predicate(operand: Operand) -> Predicate:
    """The operand as a condition: a field alone is the question whether it is true."""
    match operand:
        case FieldReference(name=name, span=span):
            return Compare(name, "eq", (True,), missing="unknown", span=span, value_spans=(span,))
        case PredicateExpression(predicate=predicate):
            return predicate
    if isinstance(operand, _PREDICATES):
        return operand
    return Test(operand, operand.span)  # type: ignore[arg-type]


def as_expression(operand: Operand) -> Expression:
    """The operand as a value: a condition is true, false or NULL."""
    if isinstance(operand, Test):
        return operand.expression
    if isinstance(operand, _PREDICATES):
        return PredicateExpression(operand, operand.span)
    return operand  # type: ignore[return-value]


def _either(reader: TokenReader) -> Operand:
    operands = [_both(reader)]
    while reader.accept_word("or"):
        operands.append(_both(reader))
    if len(operands) == 1:
        return operands[0]
    predicates = tuple(map(as_predicate, operands))
    return ir.Or(predicates, predicates[0].span.union(predicates[-1].span))


def _both(reader: TokenReader) -> Operand:
    operands = [_negated(reader)]
    while reader.accept_word("and"):
        operands.append(_negated(reader))
    if len(operands) == 1:
        return operands[0]
    predicates = tuple(map(as_predicate, operands))
    return ir.And(predicates, predicates[0].span.union(predicates[-1].span))


def _negated(reader: TokenReader) -> Operand:
    signs: list[Token] = []
    while (token := reader.accept_word("not")) is not None:
        signs.append(token)
        reader.check_depth(len(signs))
    operand = _comparison(reader)
    for sign in reversed(signs):
        predicate = as_predicate(operand)
        operand = ir.Not(predicate, sign.span.union(predicate.span))
    return operand


def _comparison(reader: TokenReader) -> Operand:
    start = reader.peek().start
    left = _sum(reader)
    if reader.at(*_KINDS):
        operator = reader.take().text
        right = _sum(reader)
        return _ordered(reader, operator, left, right, Span(start, reader.last_end))
    if reader.at("=~"):
        reader.take()
        right = _sum(reader)
        span = Span(start, reader.last_end)
        if isinstance(left, FieldReference) and isinstance(right, Constant):
            return _equal(left.name, right, span, folded=True)
        return Call("equals_ignoring_case", (as_expression(left), as_expression(right)), span)
    if reader.at(":"):
        reader.take()
        right = _sum(reader)
        span = Span(start, reader.last_end)
        if isinstance(left, FieldReference) and isinstance(right, Constant) and right.value is not None:
            return _equal(left.name, right, span)
        return Call("match_operator", (as_expression(left), as_expression(right)), span)
    if reader.at_word("is"):
        return _null_test(reader, left, start)
    negated = reader.at_word("not") and reader.peek(1).text.lower() in ("in", "like", "rlike")
    if negated:
        reader.take()
    word = reader.accept_word("in", "like", "rlike")
    if word is None:
        return left
    listed = _list(reader)
    span = Span(start, reader.last_end)
    found = _looked_up(word.text.lower(), left, listed, span)
    return ir.Not(as_predicate(found), span) if negated else found


def _null_test(reader: TokenReader, left: Operand, start: int) -> Operand:
    reader.take()
    negated = reader.accept_word("not") is not None
    reader.expect_word("null", " after IS")
    span = Span(start, reader.last_end)
    if isinstance(left, FieldReference):
        return Compare(left.name, "exists" if negated else "missing", missing="false" if negated else "true", span=span)
    return Call("isnotnull" if negated else "isnull", (as_expression(left),), span)


def _equal(field: str, constant: Constant, span: Span, folded: bool = False) -> Compare:
    value = constant.value
    number = isinstance(value, int | float) and not isinstance(value, bool)
    assert value is not None
    return Compare(field, "eq", (value,), folded, "unknown", numeric=number, span=span, value_spans=(constant.span,))


def _ordered(reader: TokenReader, operator: str, left: Operand, right: Operand, span: Span) -> Operand:
    if isinstance(left, Constant) and not isinstance(right, Constant):
        left, right, operator = right, left, _MIRRORED.get(operator, operator)
    if isinstance(right, Constant) and right.value is None:
        message = f"a comparison by '{operator}' with NULL is never true"
        reader.note("ESQ012", message, span, "warning", "use IS NULL or IS NOT NULL")
    elif isinstance(right, Constant) and isinstance(left, FieldReference) and right.value is not None:
        value = right.value
        number = isinstance(value, int | float) and not isinstance(value, bool)
        found = Compare(
            left.name,
            _KINDS[operator],
            (value,),
            missing="unknown",
            numeric=number,
            span=span,
            value_spans=(right.span,),
        )
        return ir.Not(found, span) if operator == "!=" else found
    return Test(Binary(_SIGNS[operator], as_expression(left), as_expression(right), span), span)


def _list(reader: TokenReader) -> list[Expression]:
    if not reader.at("("):
        return [as_expression(_sum(reader))]
    values: list[Expression] = []
    with reader.nested():
        reader.take()
        while True:
            values.append(as_expression(_either(reader)))
            if not reader.accept(","):
                break
        reader.expect(")", " after the list")
    return values


def _looked_up(word: str, left: Operand, listed: list[Expression], span: Span) -> Operand:
    constants = [one for one in listed if isinstance(one, Constant) and one.value is not None]
    plain = len(constants) == len(listed)
    if word == "in":
        if isinstance(left, FieldReference) and plain:
            return _in(left.name, constants, span)
        return ir.InList(as_expression(left), tuple(listed), span)
    if not isinstance(left, FieldReference) or not plain:
        name = {"like": "wildcard", "rlike": "regex"}[word]
        return Call(name, (as_expression(left), *listed), span)
    if word == "like":
        pieces = [(_like_pieces(str(one.value)), one.span) for one in constants]
        return compare_patterns(left.name, pieces, False, "unknown", span)
    found: list[Predicate] = []
    for one in constants:
        pattern = lucene_regex(str(one.value))
        if pattern is None:
            found.append(Test(Call("regex", (left, one), span), span))
        else:
            found.append(Compare(left.name, "match", (pattern,), missing="unknown", span=span, value_spans=(one.span,)))
    return found[0] if len(found) == 1 else ir.Or(tuple(found), span)


def _like_pieces(text: str) -> tuple[str | ir.Any, ...]:
    r"""The pieces of a LIKE pattern: `*` and `?` are wildcards, `\*`, `\?` and `\\` plain characters."""
    pieces: list[str | ir.Any] = []

    def add(piece: str | ir.Any) -> None:
        if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
            pieces[-1] += piece
        elif piece is not ir.Any.RUN or not pieces or pieces[-1] is not ir.Any.RUN:
            pieces.append(piece)

    place = 0
    while place < len(text):
        escape = text[place : place + 2]
        if escape in ("\\*", "\\?", "\\\\"):
            add(escape[1])
            place += 2
            continue
        for piece in split_wildcards(text[place]):
            add(piece)
        place += 1
    return tuple(pieces)


def _in(field: str, constants: list[Constant], span: Span) -> Compare:
    values = tuple(one.value for one in constants if one.value is not None)
    number = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    return Compare(
        field,
        "in" if len(values) > 1 else "eq",
        values,
        missing="unknown",
        numeric=number,
        span=span,
        value_spans=tuple(one.span for one in constants),
    )


def _sum(reader: TokenReader) -> Operand:
    left = _product(reader)
    while (token := reader.accept("+", "-")) is not None:
        left = _joined(token, left, _product(reader))
    return left


def _product(reader: TokenReader) -> Operand:
    left = _signed(reader)
    while (token := reader.accept("*", "/", "%")) is not None:
        left = _joined(token, left, _signed(reader))
    return left


def _joined(token: Token, left: Operand, right: Operand) -> Expression:
    a, b = as_expression(left), as_expression(right)
    operator: BinaryOperator = token.text  # type: ignore[assignment]
    return Binary(operator, a, b, a.span.union(b.span))


def _signed(reader: TokenReader) -> Operand:
    sign = reader.accept("-", "+")
    if sign is None:
        return _cast(reader)
    with reader.nested():
        operand = _signed(reader)
    span = Span(sign.start, reader.last_end)
    if isinstance(operand, Constant) and isinstance(operand.value, int | float) and not isinstance(operand.value, bool):
        return Constant(-operand.value if sign.text == "-" else operand.value, span)
    return ir.Unary("-" if sign.text == "-" else "+", as_expression(operand), span)


def _cast(reader: TokenReader) -> Operand:
    start = reader.peek().start
    operand = _primary(reader)
    casts = 0
    while reader.accept("::"):
        casts += 1
        reader.check_depth(casts)
        token = reader.take()
        if token.kind != "word":
            return reader.fail("a type", token=token)
        operand = Call(f"to_{token.text.lower()}", (as_expression(operand),), Span(start, token.end))
    return operand


def _primary(reader: TokenReader) -> Operand:
    token = reader.peek()
    if token.kind == "number":
        reader.take()
        unit = reader.peek()
        if token.text.isdigit() and unit.kind == "word" and unit.text.lower() in TIME_UNITS:
            reader.take()
            return _time_span(token.text, unit.text, Span(token.start, unit.end))
        return Constant(number_value(token.text), token.span)
    if token.kind == "span":
        reader.take()
        digits = token.text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        return _time_span(digits, token.text[len(digits) :], token.span)
    if token.kind in ("text", "raw"):
        reader.take()
        return Constant(text_value(token), token.span)
    if token.kind == "parameter":
        reader.take()
        return Call("parameter", (Constant(token.text.lstrip("?"), token.span),), token.span)
    if reader.at("("):
        with reader.nested():
            reader.take()
            inner = _either(reader)
            reader.expect(")")
        return inner
    if reader.at("["):
        return _array(reader)
    if reader.at("{"):
        return _named_parameters(reader)
    if token.kind == "word" and token.text.lower() not in _RESERVED:
        following = reader.peek(1)
        is_call = following.kind == "sign" and following.text == "("
        if token.text.lower() in ("true", "false", "null") and following.text != ".":
            reader.take()
            return Constant({"true": True, "false": False, "null": None}[token.text.lower()], token.span)
        return read_call(reader) if is_call else read_field(reader)
    return reader.fail("a field, a value or a condition")


def _time_span(amount: str, unit: str, span: Span) -> Call:
    return Call("timespan", (Constant(number_value(amount), span), Constant(unit.lower(), span)), span)


def number_value(text: str) -> int | float:
    """A number as written: whole, or with a fraction or exponent."""
    return int(text) if text.isdigit() and len(text) <= 30 else float(text)


def _array(reader: TokenReader) -> Expression:
    start = reader.take().start
    values: list[Expression] = []
    with reader.nested():
        while not reader.at("]"):
            values.append(as_expression(_sum(reader)))
            if not reader.accept(","):
                break
        reader.expect("]")
    return Call("array", tuple(values), Span(start, reader.last_end))


def _named_parameters(reader: TokenReader) -> Expression:
    start = reader.take().start
    values: list[Expression] = []
    with reader.nested():
        while not reader.at("}"):
            key = reader.take()
            if key.kind not in ("text", "raw"):
                return reader.fail("a name in quotes", token=key)
            values.append(Constant(text_value(key), key.span))
            reader.expect(":", " after the name")
            values.append(as_expression(_sum(reader)))
            if not reader.accept(","):
                break
        reader.expect("}")
    return Call("options", tuple(values), Span(start, reader.last_end))


def read_field(reader: TokenReader) -> FieldReference:
    """A field by name: parts joined by dots, some in backticks; `*` in it where the command takes patterns."""
    start = reader.peek().start
    token = reader.peek()
    if token.kind != "word":
        return reader.fail("a field")
    reader.take()
    parts = [name_part(token)]
    while reader.at(".") and reader.peek().start == reader.last_end:
        part = reader.peek(1)
        if part.kind not in ("word", "number", "span") or part.start != reader.peek().end:
            break
        reader.take()
        reader.take()
        parts.append("." + name_part(part))
    return FieldReference("".join(parts), Span(start, reader.last_end))


def read_call(reader: TokenReader) -> Operand:
    """A function and its arguments."""
    token = reader.take()
    name = token.text.lower()
    arguments: list[Expression] = []
    with reader.nested():
        reader.expect("(")
        while not reader.at(")"):
            if reader.at("*"):
                star = reader.take()
                arguments.append(FieldReference("*", star.span))
            else:
                arguments.append(as_expression(_either(reader)))
            if not reader.accept(","):
                break
        reader.expect(")", f" after the arguments of {token.text}")
    span = Span(token.start, reader.last_end)
    return _lowered(name, arguments, span)


def _lowered(name: str, arguments: list[Expression], span: Span) -> Operand:
    """A function that is a comparison of a field as such; `case` in pairs; else as a call."""
    if name == "case":
        # The value at the end, without a condition, is what is left where none was true.
        if len(arguments) % 2:
            arguments.insert(-1, Constant(True, arguments[-1].span))
        return Call("case", tuple(arguments), span)
    first = arguments[0] if arguments else None
    rest = arguments[1:]
    constants = [one for one in rest if isinstance(one, Constant) and one.value is not None]
    if isinstance(first, FieldReference) and rest and len(constants) == len(rest):
        kind = _COMPARING.get(name)
        if kind is not None and len(constants) == 1:
            place = (constants[0].span,)
            return Compare(
                first.name, kind, (str(constants[0].value),), missing="unknown", span=span, value_spans=place
            )
        if name == "cidr_match":
            parts: list[Predicate] = [
                Compare(first.name, "cidr", (str(one.value),), missing="unknown", span=span, value_spans=(one.span,))
                for one in constants
            ]
            return parts[0] if len(parts) == 1 else ir.Or(tuple(parts), span)
    return Call(_SHARED_NAMES.get(name, name), tuple(arguments), span)
